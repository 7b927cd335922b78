"""Events of prices, promotions, costs and subscriptions: the history that catalog.db keeps."""

import getpass
import json
import os
import pathlib
import sqlite3

import pytest
from box import BOOK, wait_for
from jsonschema import Draft202012Validator

SCHEMAS = pathlib.Path(os.environ["TILL_SRC"]) / "docs" / "schemas" / "events"
HALF = {"type": "promotion", "id": "half", "name": "Half", "text": "Half price", "who": {"segments": ["gold"]}, "when": {"to": "2035-12-31"},
        "gives": [{"kind": "percent", "percent": "50"}]}
MORE = [
    {"type": "tax", "id": "vat", "rate": "25"},
    {"type": "exchange_rate", "currency": "USD", "rate": "2"},
    {"type": "price_list", "id": "plus", "rank": -1, "markup": "50"},
    {"type": "item", "sku": "RUM", "name": "Rum", "category": "choc"},
    {"type": "landed_cost", "sku": "RUM", "fob": "10.00", "currency": "USD", "components": [{"name": "freight", "percent": "10"}, {"name": "customs", "amount": "3.00"}]},
    {"type": "item", "sku": "MUG", "name": "Mug", "tax": "vat", "cost": "5.00", "logistics": "1.00"},
    {"type": "price", "list": "base", "sku": "MUG", "price": "10.00"},
    {"type": "plan", "id": "basic", "level": 1, "fee": "60.00", "upgrades": ["vip"]},
    {"type": "plan", "id": "vip", "level": 3, "fee": "180.00", "downgrades": ["basic"]},
    {"type": "customer", "id": "bea", "plan": "basic", "plan_from": "2020-01-01"},
]
SET = {"type": "price", "list": "base", "sku": "MUG", "price": "12.50"}


@pytest.fixture
def shop(bare_box):
    bare_box.write_book(BOOK + MORE)
    bare_box.tillctl("import", bare_box.book)
    return bare_box


def change(box, *lines, words=()):
    file = os.path.join(box.state, "changes.jsonl")
    with open(file, "w", encoding="utf-8") as f:
        f.writelines(json.dumps(line) + "\n" for line in lines)
    return box.tillctl("import", "--changes", file, "--by", "j.doe", "--reason", "week 48", *words)


def events(box, *words):
    found = [json.loads(line) for line in box.tillctl("events", *words, "--json", "--last", "1000").stdout.splitlines()]
    for event in found:
        schema = json.loads((SCHEMAS / f"{event['event']}.json").read_text(encoding="utf-8"))
        Draft202012Validator(schema).validate(event["payload"])
        assert set(event["payload"]) <= set(schema["properties"])
    return found


def payloads(box, *words):
    return [(e["event"], e["payload"]) for e in events(box, *words)]


def test_the_first_import_is_no_change(shop):
    assert events(shop) == []
    shop.tillctl("import", shop.book)
    assert events(shop) == [], "nothing changed"


def test_a_price(shop):
    """Tax of 25 % within: 10.00 holds 2.00, 12.50 holds 2.50. Margins (10 - 2 - 6) / 10 = 20 %, (12.5 - 2.5 - 6) / 12.5 = 32 %."""
    change(shop, SET)
    (event,) = events(shop)
    assert (event["topic"], event["version"], event["currency"], event["list"]) == ("price_updates", 2, "EUR", "base")
    payload = event["payload"]
    assert payload.pop("effectiveDate") == event["at"]
    assert payload == {"productId": "MUG", "oldPrice": "10.00", "newPrice": "12.50", "changeReason": "week 48", "userId": "j.doe", "marginImpact": "12"}
    change(shop, SET)
    assert len(events(shop)) == 1, "the same again is no change"
    shown = shop.tillctl("price", "history", "MUG").stdout
    assert "10.00" in shown and "12.50" in shown and "j.doe" in shown and "week 48" in shown
    assert shop.tillctl("price", "history", "PEN").stdout == "Nothing is known to have changed.\n"


def test_a_price_that_comes_and_one_that_goes(shop):
    change(shop, {"type": "price", "list": "base", "sku": "FREE", "price": "1.00"}, {"type": "remove", "of": "price", "key": {"list": "base", "sku": "PEN"}})
    found = {p["productId"]: (p.get("oldPrice"), p.get("newPrice"), p.get("marginImpact")) for _, p in payloads(shop)}
    assert found == {"FREE": (None, "1.00", None), "PEN": ("2.49", None, None)}


def test_volume_breaks(shop):
    """From 10 on 9.00, which was 10.00; then from 10 on 8.50, from 20 on 8.00, which was 9.00; then none: back to 10.00."""
    ten, twenty = {"from": "10", "price": "9.00"}, {"from": "20", "price": "8.00"}
    plain = {**SET, "price": "10.00"}

    def told(line):
        before = len(events(shop))
        change(shop, line)
        return [(p.get("fromQuantity"), p["oldPrice"], p["newPrice"], p["marginImpact"]) for _, p in payloads(shop)[before:]]

    # margin (10 - 2 - 6) / 10 = 20 %, (9 - 1.8 - 6) / 9 = 13.3333 %, (8.5 - 1.7 - 6) / 8.5 = 9.4118 %, (8 - 1.6 - 6) / 8 = 5 %
    assert told({**plain, "breaks": [ten]}) == [("10", "10.00", "9.00", "-6.6667")]
    assert told({**plain, "breaks": [{**ten, "price": "8.50"}, twenty]}) == [("10", "9.00", "8.50", "-3.9215"), ("20", "9.00", "8.00", "-8.3333")]
    assert told(plain) == [("10", "8.50", "10.00", "10.5882"), ("20", "8.00", "10.00", "15")]
    assert "base, from 20" in shop.tillctl("price", "history", "MUG").stdout


def test_prices_set_by_hand(shop):
    """The list asks 10.00, margin 20 %; by hand 9.00 (13.3333 %), then 12.50 (32 %)."""
    hand = {"type": "override", "id": "mug-1", "sku": "MUG", "price": "9.00", "role": "pricing-manager", "by": "ann", "reason": "dented", "to": "2035-12-31"}
    change(shop, {**hand, "status": "pending"})
    assert events(shop) == [], "it does not count yet"
    change(shop, {**hand, "approved_by": "bob"})
    change(shop, {**hand, "approved_by": "bob", "price": "12.50", "reason": "not so dented"})
    change(shop, {"type": "remove", "of": "override", "key": {"id": "mug-1"}})
    found = events(shop, "PriceChanged", "--of", "MUG")
    assert [(p["oldPrice"], p["newPrice"], p["overrideId"], p["userId"], p["changeReason"], p["marginImpact"]) for p in (e["payload"] for e in found)] == [
        ("10.00", "9.00", "mug-1", "ann", "dented", "-6.6667"), ("9.00", "12.50", "mug-1", "ann", "not so dented", "18.6667"),
        ("12.50", "10.00", "mug-1", "j.doe", "week 48", "-12")]
    assert all("list" not in e for e in found)
    assert "by hand, mug-1" in shop.tillctl("price", "history", "MUG").stdout


def age(box, days):
    """Makes all events older by so many days."""
    with sqlite3.connect(os.path.join(box.state, "catalog.db")) as db:
        db.execute("UPDATE shop_event SET at_s = at_s - 86400 * ?", (days,))


def test_prices_set_by_hand_that_ended_by_themselves(shop):
    """Nobody listened. Of two, one was prolonged before it ended, and then taken away; the other one's last moment is told, once."""
    hand = {"type": "override", "sku": "MUG", "price": "9.00", "role": "cfo", "by": "ann", "reason": "dented"}
    change(shop, {**hand, "id": "short", "to": "2026-01-10T18:00:00Z"}, {**hand, "id": "long", "to": "2026-01-12T18:00:00Z"})
    change(shop, {**hand, "id": "long", "to": "2035-01-12T18:00:00Z", "price": "8.00"})
    change(shop, {"type": "remove", "of": "override", "key": {"id": "long"}})
    with sqlite3.connect(os.path.join(shop.state, "catalog.db")) as db:
        db.execute("UPDATE shop_event SET at_s = 1767258000 + id")  # 2026-01-01T09:00:00Z, before either was over
    found = [e for e in events(shop, "PriceChanged", "--of", "MUG") if e["payload"]["overrideId"] == "short"]
    assert [(e["payload"].get("newPrice"), e["payload"].get("effectiveUntil")) for e in found] == [("9.00", "2026-01-10T18:00:00Z"), (None, None)]
    assert (found[1]["at"], found[1]["payload"]["oldPrice"], found[1]["payload"]["changeReason"]) == ("2026-01-10T18:00:01Z", "9.00", "its time is over")
    assert len(events(shop, "PriceChanged", "--of", "MUG")) == 2 + 1 + 1 + 1
    assert "its time is over" in shop.tillctl("price", "history", "MUG").stdout


def test_prices_set_by_hand_for_several(shop):
    change(shop, {"type": "override", "id": "pens", "select": {"skus": ["PEN", "MUG"]}, "price": "1.00", "role": "cfo", "by": "ann", "reason": "out", "to": "2035-12-31"})
    assert {p["productId"]: (p["oldPrice"], p["newPrice"]) for _, p in payloads(shop)} == {"MUG": ("10.00", "1.00"), "PEN": ("2.49", "1.00")}


def test_there_and_back_in_one_file_is_nothing(shop):
    change(shop, SET, {**SET, "price": "10.00"})
    assert events(shop) == []


def test_refused_changes_leave_no_trace(shop):
    change_file = os.path.join(shop.state, "bad.jsonl")
    pathlib.Path(change_file).write_text(json.dumps(SET) + "\n" + json.dumps({**SET, "sku": "NONE"}) + "\n", encoding="utf-8")
    assert shop.tillctl("import", "--changes", change_file, check=False).returncode == 1
    assert events(shop) == []


def test_a_whole_book_tells_what_it_changes(shop):
    shop.write_book([SET if r.get("sku") == "MUG" and r["type"] == "price" else r for r in BOOK + MORE] + [HALF])
    shop.tillctl("import", shop.book, "--by", "ann")
    found = payloads(shop)
    assert sorted(name for name, _ in found) == ["PriceChanged", "PromotionActivated"]
    assert dict(found)["PriceChanged"]["userId"] == "ann" and dict(found)["PriceChanged"]["changeReason"].startswith("import of ")


def test_promotions_live_and_end(shop):
    change(shop, HALF)
    change(shop, {**HALF, "gives": [{"kind": "amount", "amount": "5.00"}]})
    change(shop, {**HALF, "status": "paused"})
    change(shop, {**HALF, "status": "draft"})
    change(shop, HALF)
    change(shop, {"type": "remove", "of": "promotion", "key": {"id": "half"}})
    found = payloads(shop, "--of", "half")
    assert [(name, p["discount"]) for name, p in found] == [
        ("PromotionActivated", "50 %"), ("PromotionUpdated", "5.00"), ("PromotionEnded", "5.00"), ("PromotionActivated", "50 %"), ("PromotionEnded", "50 %")]
    assert found[0][1] == {"promotionId": "half", "name": "Half", "type": "percent", "discount": "50 %", "segments": ["gold"],
                           "endDate": "2035-12-31T23:59:59", "terms": "Half price", "tbiCard": True}


def test_rules_and_the_articles_they_move(shop):
    rule = {"type": "price_rule", "id": "last", "kind": "stock", "steps": [{"below": "10", "percent": "5"}], "up": "10"}
    change(shop, {**rule, "select": {"categories": ["choc"], "skus": ["PEN"], "except": {"skus": ["BAR"]}}})
    change(shop, {**rule, "status": "paused"})
    change(shop, rule)
    found = [p for _, p in payloads(shop, "PriceRuleActivated")]
    assert [p["affectedProductIds"] for p in found] == [["PEN", "RUM"], []]
    assert found[0]["ruleId"] == "last" and found[0]["ruleType"] == "stock"


def test_import_costs(shop):
    """10.00 USD at 2 is 20.00, freight 2.00, customs 3.00: 25.00. At 2.2: 22.00 + 2.20 + 3.00 = 27.20; x 1.5: 37.50, 40.80."""
    change(shop, {"type": "exchange_rate", "currency": "USD", "rate": "2.2"})
    found = dict(payloads(shop))
    cost = found["ImportCostUpdated"]
    assert (cost["productId"], cost["previousCost"], cost["newCost"]) == ("RUM", "25.00", "27.20")
    assert cost["costComponents"] == [{"name": "fob", "amount": "22.00"}, {"name": "freight", "amount": "2.20"}, {"name": "customs", "amount": "3.00"}]
    assert (found["PriceChanged"]["oldPrice"], found["PriceChanged"]["newPrice"]) == ("37.50", "40.80")


def test_subscriptions(shop):
    shop.tillctl("plan", "change", "bea", "vip", "--by", "carla")
    shop.tillctl("plan", "change", "bea", "basic", "--by", "carla")
    change(shop, {"type": "remove", "of": "customer", "key": {"id": "bea"}})
    found = [(name, p.get("fromPlan"), p.get("toPlan"), p["userId"]) for name, p in payloads(shop, "--of", "bea")]
    assert found == [("SubscriptionUpgraded", "basic", "vip", "carla"), ("SubscriptionChanged", "vip", "basic", "carla"), ("SubscriptionChanged", "vip", None, "j.doe")]


def test_a_grid(shop):
    """Ten at 5 % off, then ten at 8 % and fifty at 20 %, then none: what a unit costs changes without any price doing so."""
    base = next(r for r in BOOK if r["type"] == "price_list")
    steps = [[], [{"from": "10", "percent": "5"}], [{"from": "10", "percent": "8"}, {"from": "50", "percent": "20"}], []]
    for grid in steps[1:]:
        change(shop, {**base, "grid": grid})
    change(shop, {**base, "rank": 7})  # is no change of the grid
    told = [[{"fromQuantity": s["from"], "discountPct": s["percent"]} for s in grid] for grid in steps]
    found = events(shop, "PriceGridChanged", "--of", base["id"])
    assert [(e["payload"]["oldGrid"], e["payload"]["newGrid"]) for e in found] == list(zip(told, told[1:]))
    assert all((e["list"], e["topic"]) == (base["id"], "price_updates") for e in found)
    assert "10: 5 % to 10: 8 %, 50: 20 %" in shop.tillctl("events").stdout
    assert all((e["payload"]["changeReason"], e["payload"]["userId"]) == ("week 48", "j.doe") for e in found)


def test_segments_of_a_customer(shop):
    bea = next(r for r in MORE if r.get("id") == "bea")
    for segments in (["retail", "staff"], ["staff", "retail"], ["wholesale"]):  # the second is the first
        change(shop, {**bea, "segments": segments})
    change(shop, bea)
    assert "staff, retail to wholesale" in shop.tillctl("events").stdout
    found = [p for name, p in payloads(shop, "CustomerSegmentsChanged")]
    assert [(p["oldSegments"], p["newSegments"]) for p in found] == [([], ["retail", "staff"]), (["staff", "retail"], ["wholesale"]), (["wholesale"], [])]
    assert all((p["customerId"], p["userId"]) == ("bea", "j.doe") for p in found)


def test_history_is_kept_as_long_as_the_book_says(shop):
    change(shop, SET)
    age(shop, 7)
    change(shop, {**SET, "price": "13.00"})
    age(shop, 3)
    assert [p["newPrice"] for _, p in payloads(shop)] == ["12.50", "13.00"]
    change(shop, {**BOOK[0], "price_history": 5}, {**SET, "price": "14.00"})
    assert [p["newPrice"] for _, p in payloads(shop)] == ["13.00", "14.00"]


def test_events_that_nobody_knows(shop):
    done = shop.tillctl("events", "PriceChange", check=False)
    assert done.returncode == 2 and "did you mean 'PriceChanged'" in done.stderr
    assert shop.tillctl("events", "--last", "0", check=False).returncode == 2
    assert shop.tillctl("import", shop.book, "--by", "", check=False).returncode == 2


def subscribe(box):
    client = box.client()
    client.do("subscribe", lane="1", events=True)
    return client


def test_a_change_is_told_as_it_happens(shop):
    shop.start()
    listener, other = subscribe(shop), shop.client()
    other.do("subscribe", lane="1")
    change(shop, SET, HALF)
    price = listener.event("PriceChanged")
    assert price["payload"]["newPrice"] == "12.50" and price["topic"] == "price_updates"
    assert listener.event("PromotionActivated")["payload"]["promotionId"] == "half"
    other.do("version")
    assert {e["event"] for e in other.events} <= {"catalog"}, "whoever did not ask hears nothing of it"


def test_prices_as_they_are_calculated(shop):
    """Last of 8: +5 % on 10.00 is 10.50, old stock at most 20 % off: 8.40. Its lowest legal price is 6.00 / (1 - 0.3 - 0.2) = 12.00, so back to 10.00."""
    change(shop, {"type": "signal", "sku": "MUG", "stock": "8", "received": "2020-01-01"},
           {"type": "price_rule", "id": "last", "kind": "stock", "steps": [{"below": "10", "percent": "5"}], "up": "10", "select": {"skus": ["MUG"]}},
           {"type": "price_rule", "id": "ageing", "kind": "age", "least": "80", "select": {"skus": ["MUG"]}})
    shop.start()
    listener, client = subscribe(shop), shop.client()
    client.do("customer", lane="1", customer="bea")
    client.do("scan", lane="1", sku="MUG")
    found = listener.event("PriceCalculated")["payload"]
    assert (found["productId"], found["calculatedPrice"], found["basePrice"], found["appliedRules"]) == ("MUG", "10.00", "10.00", ["last", "ageing"])
    assert found["customerSegment"] == "basic" and found["calculationContext"]["plan"] == "basic"
    validate("PriceCalculated", found)


def test_a_price_that_the_lane_has_shown_is_locked(shop):
    """The mug was shown at 10.00, so it is not 12.50 to the one who saw it; the event says that this is why."""
    shop.start()
    listener, client = subscribe(shop), shop.client()
    client.do("scan", lane="1", sku="MUG")
    assert "locked" not in listener.event("PriceCalculated")["payload"]["calculationContext"]
    client.do("void", lane="1", cart=True)
    change(shop, SET)
    listener.event("PriceChanged")
    wait_for(lambda: client.do("status")["catalog"]["version"], lambda v: v == 2, "catalog")
    assert client.do("scan", lane="1", sku="MUG")["unit_price"] == "10.00"
    found = listener.event("PriceCalculated")["payload"]
    assert (found["calculatedPrice"], found["calculationContext"]["locked"]) == ("10.00", True)
    validate("PriceCalculated", found)


def test_a_price_set_at_the_box(shop):
    """2.49 to 2.25 is 9.6 %, which needs nobody. It ends, and the list's counts again; the history says both."""
    with open(shop.config, encoding="utf-8") as f:
        plain = f.read()
    shop.write_config(plain + f"\n[roles]\nsupervisor = ann\nspeak_for_others = {getpass.getuser()}\n")
    shop.start()
    listener = subscribe(shop)
    made = json.loads(shop.tillctl("override", "set", "PEN", "--price", "2.25", "--minutes", "60", "--reason", "dented", "--by", "ann", "--json").stdout)
    began = listener.event("PriceChanged")["payload"]
    shop.tillctl("override", "end", made["id"], "--reason", "sold", "--by", "ann")
    over = listener.event("PriceChanged")["payload"]
    for payload in began, over:
        validate("PriceChanged", payload)
        assert payload["overrideId"] == made["id"] and payload["userId"] == "ann"
    assert (began["oldPrice"], began["newPrice"], began["changeReason"]) == ("2.49", "2.25", "dented")
    assert (over["oldPrice"], over["newPrice"], over["changeReason"]) == ("2.25", "2.49", "sold")
    change(shop, {"type": "price", "list": "base", "sku": "PEN", "price": "2.99"})
    told = [(p.get("oldPrice"), p.get("newPrice")) for _, p in payloads(shop, "--of", "PEN")]
    assert told == [("2.49", "2.25"), ("2.25", None), ("2.49", "2.99")]
    assert shop.tillctl("price", "history", "PEN").stdout.count("by hand") == 2
    newest = shop.tillctl("price", "history", "PEN", "--last", "2").stdout  # of the box and of the catalog together
    assert len(newest.splitlines()) == 3 and newest.count("by hand") == 1
    own = json.loads(shop.tillctl("events", "--of", "PEN", "--json").stdout.splitlines()[0])
    assert "version" not in own  # of no catalog


def test_a_markdown_is_told_once(shop):
    """2.49 x 0.8 = 1.992; PEN has no cost, so no margin to keep."""
    change(shop, {"type": "signal", "sku": "PEN", "stock": "8", "received": "2020-01-01"},
           {"type": "price_rule", "id": "ageing", "kind": "age", "least": "80", "select": {"skus": ["PEN"]}})
    shop.start()
    listener, client = subscribe(shop), shop.client()
    for _ in range(3):
        client.do("scan", lane="1", sku="PEN")
    found = listener.event("MarkdownTriggered")["payload"]
    assert (found["productId"], found["oldPrice"], found["newPrice"], found["ruleId"], found["ruleType"]) == ("PEN", "2.49", "1.99", "ageing", "age")
    validate("MarkdownTriggered", found)
    listener.do("version")
    assert [e["event"] for e in listener.events].count("MarkdownTriggered") == 0


def test_markdowns_are_in_the_ledger_once_a_day(shop):
    """Old enough for the least that the rule leaves: 80 % of 2.49 is 1.99, 50 % is another amount. What was scanned and not paid took no effect."""
    aged = {"type": "signal", "sku": "PEN", "stock": "8", "received": "2020-01-01"}
    rule = {"type": "price_rule", "id": "ageing", "kind": "age", "select": {"skus": ["PEN"]}}
    change(shop, aged, {**rule, "least": "80"})

    def sold(*orders):
        shop.start()
        client = shop.client()
        client.do("scan", lane="1", sku="PEN")
        client.do("void", lane="1", cart=True)
        for order in orders:
            client.do("scan", lane="1", sku="PEN")
            client.do("scan", lane="1", sku="MUG")
            client.do("tender", lane="1", order=order)
        shop.stop()  # what waits is written
        deeds = [json.loads(line) for line in shop.tillctl("audit", "show", "--json").stdout.splitlines()]
        return [(d["order"], d["what"]) for d in deeds if d["kind"] == "price"]

    first = ("o-1", "MarkdownTriggered: PEN sold at 1.99 instead of 2.49 EUR, by rule ageing: aging stock: D(t,d,p)")
    assert sold("o-1", "o-2") == [first]
    assert sold("o-3") == [first], "another process remembers by the ledger"
    change(shop, {**rule, "least": "50"})
    assert [order for order, _ in sold("o-4", "o-5")] == ["o-1", "o-4"], "by another amount it is another markdown"


def validate(name, payload):
    Draft202012Validator(json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))).validate(payload)


# Margins. A floor of 30 %: TEA may not go below 6.00 / 0.7 = 8.5714, so 8.58; LOSS below 9.00 / 0.7, so 12.86.
TIGHT = [
    {"type": "book", "id": "corner", "currency": "EUR", "margin": {"floor": "30", "alert": "2"}},
    {"type": "price_list", "id": "base", "rank": 0},
    {"type": "item", "sku": "TEA", "name": "Tea", "cost": "6.00"},
    {"type": "item", "sku": "LOSS", "name": "Loss leader", "cost": "9.00"},
    {"type": "item", "sku": "OPEN", "name": "Cost unknown"},
    {"type": "price", "list": "base", "sku": "TEA", "price": "10.00"},
    {"type": "price", "list": "base", "sku": "LOSS", "price": "10.00"},
    {"type": "price", "list": "base", "sku": "OPEN", "price": "10.00"},
    {"type": "promotion", "id": "tenth", "name": "10 %", "coupon": True, "gives": [{"kind": "percent", "percent": "10", "select": {"skus": ["TEA"]}}]},
    {"type": "promotion", "id": "more", "name": "13 %", "coupon": True, "gives": [{"kind": "percent", "percent": "13", "select": {"skus": ["TEA"]}}]},
    {"type": "coupon", "code": "TENTH", "promotion": "tenth"},
    {"type": "coupon", "code": "MORE", "promotion": "more"},
    {"type": "customer", "id": "bea", "segments": ["gold", "staff"]},
]


def test_margins_close_to_the_floor_are_told_once_a_day(bare_box):
    bare_box.write_book(TIGHT)
    bare_box.tillctl("import", bare_box.book)
    bare_box.start()
    till, listener = bare_box.client(), bare_box.client()
    listener.do("subscribe", lane="1", events=True)

    def sell(order, *skus, coupon=None, customer=None):
        for sku in skus:
            till.do("scan", lane="1", sku=sku)
        if coupon:
            till.do("coupon", lane="1", code=coupon)
        if customer:
            till.do("customer", lane="1", customer=customer)
        return till.do("tender", lane="1", order=order)

    sell("o-1", "TEA", "OPEN")  # 10.00 leaves 40 %: nothing to tell
    sell("o-2", "TEA", coupon="TENTH")  # 9.00 leaves 33.3 %, more than 2 points above 30
    sell("o-3", "TEA", coupon="MORE", customer="bea")  # 8.70 leaves 2.70 / 8.70 = 31.0344 %
    sell("o-4", "TEA", coupon="MORE")  # the same, on the same day
    sell("o-5", "LOSS")  # 10.00 leaves 10 %
    told = [listener.event("MarginAlert"), listener.event("MarginViolationDetected")]
    for event in told:
        schema = json.loads((SCHEMAS / f"{event['event']}.json").read_text(encoding="utf-8"))
        Draft202012Validator(schema).validate(event["payload"])
    assert told[0]["topic"] == "alerts"
    assert told[0]["payload"] == {"productId": "TEA", "currentPrice": "8.70", "floorPrice": "8.58", "marginPct": "31.0344", "floorPct": "30",
                                  "segment": "gold,staff", "promotionId": "more"}
    assert told[1]["payload"] == {"productId": "LOSS", "currentPrice": "10.00", "floorPrice": "12.86", "marginPct": "10", "floorPct": "30", "segment": "guest"}
    assert not [e for e in listener.events if e["event"].startswith("Margin")]
    bare_box.stop()  # what waits is written
    deeds = [json.loads(line) for line in bare_box.tillctl("audit", "show", "--json").stdout.splitlines()]
    assert [(d["order"], d["what"]) for d in deeds if d["kind"] == "alert"] == [
        ("o-3", "MarginAlert: TEA sold at 8.70 EUR, lowest legal price 8.58; promotion more"),
        ("o-5", "MarginViolationDetected: LOSS sold at 10.00 EUR, lowest legal price 12.86")]
    bare_box.start()  # another process remembers by the ledger
    till = bare_box.client()
    sell("o-6", "LOSS")
    bare_box.stop()
    deeds = [json.loads(line) for line in bare_box.tillctl("audit", "show", "--json").stdout.splitlines()]
    assert [d["order"] for d in deeds if d["kind"] == "alert"] == ["o-3", "o-5"]
