"""What imports hold until somebody else has looked at it: real files, the commands that people use, a real tilld."""

import getpass
import json

from box import BOOK, wait_for
from test_override import PEN, ROLES
from test_tillctl import DONE, FAILED, USAGE

ME = getpass.getuser()


def price(sku, amount, **more):
    return {"type": "price", "list": "base", "sku": sku, "price": amount, **more}


def item(sku, name, code, **more):
    return {"type": "item", "sku": sku, "name": name, "gtins": [code], "tax": "food", **more}


def staffed(box, text=ROLES):
    with open(box.config, encoding="utf-8") as f:
        plain = f.read()
    box.write_config(plain + text.format(user=ME))
    box.tillctl("reload")


def bring(box, *records, by="ann", check=True):
    """A file of changes, imported as people do."""
    path = f"{box.state}/changes.jsonl"
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(json.dumps(r) + "\n" for r in records)
    done = box.tillctl("import", "--changes", path, "--by", by, "--reason", "week 48", "--json", check=check)
    return json.loads(done.stdout)["held"] if check else done


def held(box):
    return json.loads(box.tillctl("held", "list", "--json").stdout)["held"]


def say(box, verb, one, by, check=True):
    return box.tillctl(verb, one["id"], "--reason", "as agreed", "--by", by, check=check)


def costs(box, sku, price, lane):
    """Another lane each time it rises: what a lane has shown, nobody pays more than."""
    wait_for(lambda: json.loads(box.tillctl("price", "--sku", sku, "--lane", lane, "--json").stdout)["price"], lambda p: p == price, price)


def test_what_waits_already_is_told_again(box):
    staffed(box)
    one, = bring(box, price("PEN", "2.87"))
    again = box.tillctl("import", "--changes", f"{box.state}/changes.jsonl", "--by", "ann")
    assert "waiting or rejected, so not in force: 1" in again.stdout or one["id"] in again.stdout
    say(box, "approve", one, "bob")
    shown = box.tillctl("events", "ApprovalGranted").stdout
    assert f"price 2.49 to 2.87, by bob ({one['id']})" in shown


def test_a_price_waits_while_the_rest_goes_in(box):
    staffed(box)
    # 2.49 to 2.86 is 14.9 % more, to 2.87 15.3 %
    one, = bring(box, price("PEN", "2.87"), price("BAR", "1.10"))
    assert (one["of"], one["sku"], one["list"], one["before"], one["after"], one["needs"], one["cause"]) == (
        "price", "PEN", "base", "2.49", "2.87", "manager", "change")
    assert one["why"] == "15.2 % above the last approved 2.49" and one["by"] == "ann" and one["login"] == ME
    costs(box, "PEN", "2.49", "2")
    costs(box, "BAR", "1.10", "2")
    own = say(box, "approve", one, "ann", check=False)
    assert own.returncode == FAILED and "second person" in own.stderr
    for nobody in "zoe", ME:
        refused = say(box, "approve", one, nobody, check=False)
        assert refused.returncode == FAILED, nobody
    done = say(box, "approve", one, "bob")
    assert "approved by bob; in force with catalog version" in done.stdout
    costs(box, "PEN", "2.87", "1")
    assert held(box) == []
    deeds = [json.loads(line) for line in box.tillctl("audit", "show", "--json").stdout.splitlines()]
    assert deeds[-1]["who"] == "bob" and deeds[-1]["kind"] == "approval"
    assert deeds[-1]["what"] == ("price of PEN in list base from 2.49 to 2.87, imported by ann (15.2 % above the last approved 2.49), "
                                 f"approved by bob as pricing-manager ({one['id']}): as agreed")
    told = [json.loads(line) for line in box.tillctl("events", "--json").stdout.splitlines()]
    assert [(e["event"], e["payload"].get("decidedBy")) for e in told if e["event"].startswith("Approval")] == [
        ("ApprovalRequested", None), ("ApprovalGranted", "bob")]
    assert [(e["payload"]["productId"], e["payload"]["newPrice"], e["payload"]["userId"]) for e in told if e["event"] == "PriceChanged"] == [
        ("BAR", "1.10", "ann"), ("PEN", "2.87", "bob")]


def test_small_steps_add_up(box):
    staffed(box)
    assert bring(box, price("PEN", "2.74")) == []  # 10 %
    one, = bring(box, price("PEN", "3.01"))  # 10 % more, but 20.9 % above 2.49
    assert one["approved"] == "2.49" and one["before"] == "2.74"
    assert say(box, "approve", one, "bea").returncode == DONE
    assert bring(box, price("PEN", "3.30")) == []  # 9.6 % above what bea approved
    assert bring(box, price("PEN", "3.01")) == []  # and back
    assert len(bring(box, price("PEN", "2.50"))) == 1


def test_taken_away_and_put_back_is_a_change(box):
    staffed(box)
    bring(box, {"type": "remove", "of": "price", "key": {"list": "base", "sku": "PEN"}})
    one, = bring(box, price("PEN", "1.00"))
    assert one["approved"] == "2.49" and "before" not in one


def test_a_break_is_a_price(box):
    staffed(box)
    one, = bring(box, price("PEN", "2.49", breaks=[{"from": "10", "price": "1.99"}]))  # 20.1 % less from ten on
    assert (one["from"], one["approved"], one["after"]) == ("10", "2.49", "1.99")
    assert "10" in box.tillctl("held", "show", one["id"]).stdout


def test_below_the_floor_is_the_cfos(box):
    staffed(box)
    # 7 % VAT within, 30 % floor: 1.50 / (1 - 0.3 - 7/107) = 2.3636, so 2.37
    assert bring(box, item("PEN", "Pen", PEN, cost="1.50")) == []
    one, = bring(box, price("PEN", "2.36"))  # 5.2 % less
    assert (one["cause"], one["needs"], one["floor"], one["why"]) == ("floor", "cfo", "2.37", "below the lowest legal price 2.37")
    refused = say(box, "approve", one, "bob", check=False)
    assert refused.returncode == FAILED and "bob is pricing-manager: it takes the cfo" in refused.stderr
    assert say(box, "approve", one, "carla").returncode == DONE
    costs(box, "PEN", "2.36", "1")


def by_hand(price, **more):
    return {"type": "override", "id": "dent", "price": price, "role": "supervisor", "reason": "dented", "by": "ann", "to": "2035-12-31", **more}


def test_a_price_set_by_hand_in_a_book(box):
    """The same rules: 2.49 to 2.12 is 14.9 % off, to 2.11 15.3 %, whoever the book says has approved it."""
    staffed(box)
    assert bring(box, by_hand("2.12", sku="PEN")) == []
    costs(box, "PEN", "2.12", "2")
    one, = bring(box, by_hand("2.11", sku="PEN", approved_by="zoe"))
    assert (one["of"], one["sku"], one["override"], one["before"], one["after"], one["needs"], one["why"]) == (
        "override", "PEN", "dent", "2.49", "2.11", "manager", "15.2 % below the last approved 2.49")
    assert "Override    dent" in box.tillctl("held", "show", one["id"]).stdout
    costs(box, "PEN", "2.12", "2")  # what was in force stays so
    assert say(box, "approve", one, "ann", check=False).returncode == FAILED
    say(box, "approve", one, "bob")
    costs(box, "PEN", "2.11", "1")
    assert held(box) == []
    assert bring(box, by_hand("1.00", sku="PEN", status="pending")) == [], "it does not count"


def test_a_price_set_by_hand_of_many_articles(box):
    """Of what it is for, the article that it moves furthest; one that goes below its floor before all others."""
    staffed(box)
    # BAR costs 1.00, TWIN1 1.00, TWIN2 2.00: 0.90 is 10 %, 10 % and 55 % off
    one, = bring(box, by_hand("0.90", select={"skus": ["BAR", "TWIN2", "TWIN1"]}))
    assert (one["sku"], one["change"], one["cause"], one["needs"]) == ("TWIN2", "-55", "change", "manager")
    say(box, "reject", one, "bob")
    # 0.60 / (1 - 0.3 - 7/107) = 0.9455: 0.95 is the least for TWIN1
    bring(box, item("TWIN1", "Twin one", "96385074", cost="0.60"))
    one, = bring(box, by_hand("0.91", select={"skus": ["BAR", "TWIN2", "TWIN1"]}))
    assert (one["sku"], one["cause"], one["needs"], one["floor"]) == ("TWIN1", "floor", "cfo", "0.95")


def test_a_price_that_is_new_in_its_list(box):
    """Nothing that it could be measured by but the floor: 1.50 / (1 - 0.3 - 7/107) = 2.3636."""
    staffed(box)
    bring(box, {"type": "price_list", "id": "club", "rank": 9}, item("PEN", "Pen", PEN, cost="1.50"))
    assert bring(box, {**price("BAR", "0.10"), "list": "club"}) == [], "a cost of BAR is not known"
    one, = bring(box, {**price("PEN", "2.36"), "list": "club"})
    assert (one["cause"], one["list"]) == ("floor", "club") and "before" not in one and "approved" not in one
    assert bring(box, {**price("PEN", "2.37"), "list": "club"}) == []


def test_a_cost_that_leaves_its_history(box):
    staffed(box, ROLES)
    bring(box, item("PEN", "Pen", PEN, cost="1.00"),
          {"type": "promotion", "id": "HALF", "name": "Half", "gives": [{"kind": "percent", "percent": "50", "select": {"skus": ["PEN"]}}]})
    for cost in "1.05", "0.98", "1.02":
        assert bring(box, item("PEN", "Pen", PEN, cost=cost)) == [], cost
    # 0.98, 1.00, 1.02, 1.05: median 1.01, distances 3, 1, 1, 4, their median 2: 3.5 x 1.4826 x 0.02 is 0.10; 3.5 x 5 % is 0.17
    assert bring(box, item("PEN", "Pen", PEN, cost="1.18")) == []  # 0.17 off
    one, = bring(box, item("PEN", "Blue pen", PEN, cost="1.40"))
    assert (one["of"], one["before"], one["after"], one["cause"], one["needs"]) == ("cost", "1.18", "1.40", "anomaly", "manager")
    assert one["usual"] == "1.02" and one["why"] == "37.2 % above the usual 1.02"
    # what else the record says is in force, and the discount is capped by the higher cost: 1.40 / (1 - 0.3 - 7/107) = 2.2060, so 2.21
    till = box.client()
    line = wait_for(lambda: till.do("scan", lane="2", code=PEN), lambda a: a["name"] == "Blue pen")
    assert line["totals"]["total"] == "2.21"
    till.do("void", lane="2", cart=True)
    events = [json.loads(e) for e in box.tillctl("events", "CostAnomalyDetected", "--json").stdout.splitlines()]
    assert [(e["payload"]["productId"], e["payload"]["previousCost"], e["payload"]["newCost"]) for e in events] == [("PEN", "1.18", "1.40")]
    assert say(box, "reject", one, "bob").stdout.endswith("what was in force stays so\n")
    # 1.18 again: 1.18 / 0.634579 = 1.8595; and the same file does not ask once more
    assert wait_for(lambda: till.do("scan", lane="1", code=PEN))["totals"]["total"] == "1.86"
    assert [h["state"] for h in bring(box, item("PEN", "Pen", PEN, cost="1.40"))] == ["rejected"]
    assert bring(box, item("PEN", "Pen", PEN, cost="1.19")) == [] and held(box) == []


def test_a_landed_cost_and_a_rate(box):
    staffed(box)
    landed = {"type": "landed_cost", "sku": "PEN", "fob": "1.00", "currency": "USD"}
    usd = {"type": "exchange_rate", "currency": "USD", "rate": "0.90"}
    plus = {"type": "price_list", "id": "plus", "rank": 5, "markup": "100"}
    assert bring(box, usd, landed, plus) == []
    costs(box, "PEN", "1.80", "2")  # 0.90 x 2
    rate, = bring(box, {**usd, "rate": "9.0"})  # a slip of the point
    assert (rate["of"], rate["currency"], rate["rate_before"], rate["rate_after"]) == ("exchange_rate", "USD", "0.9", "9")
    cost, = bring(box, {**landed, "fob": "1.30"})
    assert (cost["of"], cost["before"], cost["after"]) == ("landed_cost", "0.90", "1.17")
    costs(box, "PEN", "1.80", "2")
    say(box, "approve", cost, "bob")
    costs(box, "PEN", "2.34", "1")  # 1.17 x 2: what follows from a cost is approved with it
    say(box, "reject", rate, "bob")
    assert [h["state"] for h in held(box)] == ["rejected"]
    assert bring(box, {**usd, "rate": "0.95"}) == []


def test_a_whole_book(box):
    staffed(box)
    box.write_book([price("PEN", "5.00") if line.get("sku") == "PEN" and line["type"] == "price" else line for line in BOOK])
    done = box.tillctl("import", box.book, "--by", "ann")
    assert "Kept aside until somebody else approves it, so not in force yet: 1" in done.stdout
    assert "price PEN in base: 2.49, would be 5.00: 100.8 % above the last approved 2.49; for a pricing manager or the cfo" in done.stdout
    first, = held(box)
    box.tillctl("import", box.book, "--by", "ann")  # the same again does not ask again
    assert [h["id"] for h in held(box)] == [first["id"]]
    box.write_book(BOOK)
    box.tillctl("import", box.book, "--by", "ann")  # and one that takes it back
    assert held(box) == []
    assert box.tillctl("held", "list").stdout == "Nothing of any import waits.\n"
    gone = say(box, "approve", first, "bob", check=False)
    assert gone.returncode == FAILED and "nothing of that id waits" in gone.stderr


def test_nobody_in_time(box):
    staffed(box, ROLES + "patience = 1min\nchange = 0\n")
    one, = bring(box, price("PEN", "2.50"))
    minute = [json.loads(box.tillctl("held", "list", "--json").stdout)["held"][0][k] for k in ("asked", "until")]
    assert minute[0][:10] == minute[1][:10] or minute[0] < minute[1]
    assert "Until" in box.tillctl("held", "show", one["id"]).stdout
    assert box.tillctl("held", "show", "import-x", check=False).returncode == FAILED
    assert box.tillctl("held", "look", check=False).returncode == USAGE


def test_without_roles_nothing_waits(box):
    assert bring(box, price("PEN", "9.99")) == []
    costs(box, "PEN", "9.99", "1")
