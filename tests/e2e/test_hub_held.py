"""What headquarters publishes and somebody else has to approve first: the commands that people use, with a hub and
without; that its log alone gives the same state; and that a box gets what is in force."""

import getpass
import json

import pytest

from box import BOOK
from test_held import by_hand, item, price
from test_hub import Hub, write_book
from test_override import PEN

ME = getpass.getuser()
ROLES = f"""
[roles]
pricing_manager = bob, bea
cfo = carla
speak_for_others = {ME}
"""


@pytest.fixture(name="hub")
def hub_fixture(tmp_path):
    hub = Hub(tmp_path)
    with open(hub.config, "a", encoding="utf-8") as f:
        f.write(ROLES)
    hub.folder = tmp_path
    hub.start()
    hub.end()
    assert hub.json("publish", write_book(tmp_path), "--by", "ann")[0] == {"ok": True, "version": 1, "records": len(BOOK), "changed": True}
    yield hub
    if hub.process:
        hub.end()
    assert hub.json("state", "verify")[0]["ok"], "the log alone says all of it"


def bring(hub, *records, by="ann", words=()):
    """Changes; what of them waits or was rejected before."""
    path = hub.folder / "changes.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    said = hub.json("publish", "--changes", str(path), "--by", by, "--note", "week 48", *words)[0]
    return said.get("held", 0), said.get("rejected", 0)


def held(hub):
    return hub.json("held", "list")


def say(hub, verb, one, by):
    code, out, err = hub.run(verb, one["id"], "--reason", "as agreed", "--by", by)
    return code, out + err


def newest(hub, sku):
    """What was said of an article last."""
    return max((line["value"] for line in hub.json("log", "tail", "product_events", "--all") if line["key"] == sku), key=lambda v: v["publication"])


def test_a_price_waits_while_the_rest_goes_out(hub):
    # 2.49 to 2.86 is 14.9 % more, to 2.87 15.3 %
    assert bring(hub, price("PEN", "2.87"), price("BAR", "1.10")) == (1, 0)
    one, = held(hub)
    assert one.pop("asked") < one.pop("until")
    assert one == {"id": one["id"], "of": "price", "sku": "PEN", "list": "base", "currency": "EUR", "before": "2.49", "after": "2.87", "approved": "2.49",
                   "change": one["change"], "cause": "change", "needs": "manager", "state": "pending", "by": "ann", "login": ME, "reason": "week 48",
                   "why": "15.2 % above the last approved 2.49"}
    shown = hub.run("held", "list")[1]
    assert "price of PEN in list base: 2.49, would be 2.87: 15.2 % above the last approved 2.49" in shown
    assert "published by ann (week 48); it takes a pricing manager or the cfo" in shown
    assert bring(hub, price("PEN", "2.87")) == (1, 0), "the same is the same one"
    assert [h["id"] for h in held(hub)] == [one["id"]]
    for who, words in ("ann", "ann has published it"), (ME, f"{ME} has published it"), ("zoe", "zoe is of no role here: it takes"):
        code, text = say(hub, "approve", one, who)
        assert code == 1 and words in text
    assert say(hub, "approve", one, "bob") == (0, f"{one['id']}: approved by bob; in force with version 3\n")
    assert held(hub) == [] and hub.run("held", "list")[1] == "Nothing that was published waits.\n"
    assert "nothing of that id waits" in say(hub, "approve", one, "bob")[1]
    told = hub.json("log", "tail", "publications", "--all")[-1]["value"]
    assert (told["decided"], told["who"], told["role"], told["note"], told.get("rejected")) == (one["id"], "bob", "pricing-manager", "as agreed", None)


def test_small_steps_add_up(hub):
    assert bring(hub, price("PEN", "2.74")) == (0, 0)  # 10 %
    assert bring(hub, price("PEN", "3.01")) == (1, 0)  # 10 % more, but 20.9 % above 2.49
    one, = held(hub)
    assert (one["approved"], one["before"]) == ("2.49", "2.74")
    assert say(hub, "approve", one, "bea")[0] == 0
    assert bring(hub, price("PEN", "3.30")) == (0, 0)  # 9.6 % above what bea approved
    assert bring(hub, price("PEN", "3.01")) == (0, 0)  # and back
    assert bring(hub, price("PEN", "2.50")) == (1, 0)
    assert bring(hub, price("PEN", "3.01")) == (0, 0) and held(hub) == [], "who takes it back does not wait"
    assert bring(hub, {"type": "remove", "of": "price", "key": {"list": "base", "sku": "PEN"}}) == (0, 0)
    assert bring(hub, price("PEN", "1.00")) == (1, 0), "a price that went is what it is measured by"


def test_below_the_floor_is_the_cfos(hub):
    # 7 % VAT within, 30 % floor: 1.50 / (1 - 0.3 - 7/107) = 2.3636, so 2.37
    assert bring(hub, item("PEN", "Pen", PEN, cost="1.50")) == (0, 0)
    assert bring(hub, price("PEN", "2.36")) == (1, 0)
    one, = held(hub)
    assert (one["cause"], one["needs"], one["floor"]) == ("floor", "cfo", "2.37")
    code, text = say(hub, "approve", one, "bob")
    assert code == 1 and "bob is pricing-manager: it takes the cfo" in text
    assert say(hub, "approve", one, "carla")[0] == 0


def test_a_cost_that_leaves_its_history(hub):
    for cost in "1.00", "1.05", "0.98", "1.02":
        assert bring(hub, item("PEN", "Pen", PEN, cost=cost)) == (0, 0), cost
    # 0.98, 1.00, 1.02, 1.05: median 1.01; 3.5 x 5 % of it is 0.17
    assert bring(hub, item("PEN", "Pen", PEN, cost="1.18")) == (0, 0)
    assert bring(hub, item("PEN", "Blue pen", PEN, cost="1.40")) == (1, 0)
    one, = held(hub)
    assert (one["of"], one["before"], one["after"], one["usual"], one["cause"]) == ("cost", "1.18", "1.40", "1.02", "anomaly")
    sent = newest(hub, "PEN")
    assert (sent["record"]["name"], sent["record"]["cost"], sent["record"]["cost_in_review"]) == ("Blue pen", "1.18", "1.40")
    assert sent["held"]["id"] == one["id"]
    assert say(hub, "reject", one, "bob")[0] == 0
    assert [(h["state"], h["decided_by"]) for h in held(hub)] == [("rejected", "bob")]
    assert "cost_in_review" not in newest(hub, "PEN")["record"]
    assert bring(hub, item("PEN", "Blue pen", PEN, cost="1.40")) == (0, 1), "it is not asked once more"
    assert say(hub, "approve", one, "bob")[0] == 1
    assert bring(hub, item("PEN", "Blue pen", PEN, cost="1.50")) == (1, 0)
    say(hub, "approve", held(hub)[0], "bea")
    assert newest(hub, "PEN")["record"]["cost"] == "1.50"


def test_a_landed_cost_a_rate_and_a_price_set_by_hand(hub):
    landed = {"type": "landed_cost", "sku": "PEN", "fob": "1.00", "currency": "USD"}
    usd = {"type": "exchange_rate", "currency": "USD", "rate": "0.90"}
    assert bring(hub, usd, landed) == (0, 0)
    assert bring(hub, {**usd, "rate": "9.0"}, {**landed, "fob": "1.30"}, by_hand("2.11", sku="BAR")) == (3, 0)
    found = {h["of"]: h for h in held(hub)}
    assert (found["exchange_rate"]["rate_before"], found["exchange_rate"]["rate_after"]) == ("0.9", "9")
    assert (found["landed_cost"]["before"], found["landed_cost"]["after"]) == ("0.90", "1.17")  # by the rate that stays
    assert (found["override"]["sku"], found["override"]["before"], found["override"]["change"]) == ("BAR", "1.00", "111")
    assert newest(hub, "PEN")["record"]["cost_in_review"] == "1.17"
    for one in found.values():
        assert say(hub, "approve", one, "bob")[0] == 0
    assert held(hub) == []
    assert "cost_in_review" not in newest(hub, "PEN")["record"]


def test_a_whole_book_and_one_for_a_store(hub, tmp_path):
    dear = [price("PEN", "5.00") if line.get("sku") == "PEN" and line["type"] == "price" else line for line in BOOK]
    code, out, err = hub.run("publish", write_book(tmp_path, dear), "--by", "ann")
    assert (code, out) == (0, "version 1 as before\nkept aside until somebody else approves it: 1; see tillhub held list\n"), err
    code, out, err = hub.run("publish", write_book(tmp_path, BOOK), "--by", "ann")
    assert code == 0 and held(hub) == [], "a book that takes it back"
    hub.run("publish", write_book(tmp_path, dear), "--by", "ann")
    assert len(held(hub)) == 1
    # a store's own book is measured by what it had of the chain; what waits stays so
    code, out, err = hub.run("publish", write_book(tmp_path, dear), "--store", "S1", "--by", "ann")
    assert code == 0 and [h.get("store") for h in held(hub)] == [None, "S1"], err
    code, out = say(hub, "approve", held(hub)[1], "bob")
    assert code == 0 and [h.get("store") for h in held(hub)] == [None]


def test_an_exception_of_two_stores(hub):
    assert bring(hub, price("PEN", "2.40"), words=("--store", "S1", "--store", "S2")) == (0, 0)
    assert bring(hub, price("PEN", "2.11"), words=("--store", "S1", "--store", "S2")) == (1, 0)  # 15.3 % below 2.49, the chain's
    found = held(hub)
    assert [(h["store"], h["approved"]) for h in found] == [("S1", "2.49"), ("S2", "2.49")] and len({h["id"] for h in found}) == 1
    assert say(hub, "approve", found[0], "bob")[0] == 0
    assert held(hub) == []


def test_who_is_asked_by_a_running_hub(hub):
    """The hub sees who is at the other end of its socket; nobody may pass for somebody else."""
    with open(hub.config, encoding="utf-8") as f:
        text = f.read()
    with open(hub.config, "w", encoding="utf-8") as f:
        f.write(text.replace(f"speak_for_others = {ME}", "speak_for_others = till"))
    hub.start()
    path = hub.folder / "changes.jsonl"
    path.write_text(json.dumps(price("PEN", "2.87")), encoding="utf-8")
    code, _, err = hub.run("publish", "--changes", str(path), "--by", "bob")
    assert code == 1 and f"{ME} may not speak for bob" in err
    assert hub.json("publish", "--changes", str(path))[0]["held"] == 1
    one, = held(hub)
    assert (one["by"], one["login"], one["reason"]) == (ME, ME, "published")
    code, text = hub.run("approve", one["id"], "--reason", "x")[::2]
    assert code == 1 and "it takes a second person" in text
    assert hub.run("approve", one["id"])[0] == 2


def test_without_roles_nothing_waits(hub):
    with open(hub.config, encoding="utf-8") as f:
        text = f.read()
    with open(hub.config, "w", encoding="utf-8") as f:
        f.write(text.split("[roles]")[0] + f"[roles]\nspeak_for_others = {ME}\n")
    assert bring(hub, price("PEN", "9.99")) == (0, 0)
