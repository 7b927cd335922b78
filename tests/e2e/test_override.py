"""Prices set by hand, as people set them: roles, a second person, an emergency, the audit, a restart, a reload."""

import getpass
import json
import os
import pathlib

from box import wait_for
from jsonschema import Draft202012Validator
from test_tillctl import DONE, FAILED, USAGE

SCHEMAS = pathlib.Path(os.environ["TILL_SRC"]) / "docs" / "schemas" / "events"
PEN = "4006381333931"  # 2.49
ROLES = """
[roles]
supervisor = ann
pricing_manager = bob, bea
cfo = carla
speak_for_others = {user}
"""


def staffed(box, text=ROLES):
    with open(box.config, encoding="utf-8") as f:
        plain = f.read().split("\n[roles]")[0]
    box.write_config(plain + text.format(user=getpass.getuser()))
    box.tillctl("reload")
    return box


def override(box, *words, by, check=True):
    return box.tillctl("override", *words, "--reason", "dented", "--by", by, check=check)


def checked(event):
    """An event's payload, which is as its schema says."""
    Draft202012Validator(json.loads((SCHEMAS / f"{event['event']}.json").read_text(encoding="utf-8"))).validate(event["payload"])
    return event["payload"]


def pen_costs(box, price):
    """New carts have it; a price lock of the lane would be in the way, so another lane each."""
    wait_for(lambda: json.loads(box.tillctl("price", PEN, "--lane", "2", "--json").stdout)["price"], lambda p: p == price, price)


def test_a_price_is_set_approved_and_ended(box):
    staffed(box)
    # 2.49 to 2.12 is 14.9 % off: it counts. To 2.11, 15.3 %: it waits, and counts once another person says so.
    assert "counts until" in override(box, "set", "PEN", "--price", "2.12", "--minutes", "60", by="ann").stdout
    pen_costs(box, "2.12")
    waits = json.loads(box.tillctl("override", "set", "PEN", "--price", "2.11", "--to", "2027-01-31", "--reason", "x", "--by", "bob", "--json").stdout)
    assert (waits["state"], waits["needs"], waits["before"]) == ("pending", "manager", "2.49")
    own = box.tillctl("approve", waits["id"], "--reason", "mine", "--by", "bob", check=False)
    assert own.returncode == FAILED and "second person" in own.stderr
    assert "counts until 2027-01-31" in box.tillctl("approve", waits["id"], "--reason", "fine", "--by", "bea").stdout
    pen_costs(box, "2.11")
    box.stop()
    box.start()
    listed = json.loads(box.tillctl("override", "list", "--json").stdout)["overrides"]
    assert [(o["price"], o.get("approved_by")) for o in listed] == [("2.12", None), ("2.11", "bea")]
    assert override(box, "end", waits["id"], by="ann").stdout.endswith("does not count any more\n")
    deeds = [json.loads(line) for line in box.tillctl("audit", "show", "--json").stdout.splitlines()]
    assert [(d["kind"], d["who"]) for d in deeds if d["kind"] != "start"] == [
        ("override", "ann"), ("override", "bob"), ("approval", "bea"), ("approval", "ann")]
    assert "2.11 EUR, before 2.49, by bob as pricing-manager" in deeds[2]["what"] and deeds[2]["what"].endswith("x; waits for a pricing manager")
    assert json.loads(box.tillctl("audit", "verify", "--json").stdout)["ok"]


def test_a_sale_keeps_what_decided_it(box):
    staffed(box)
    override(box, "set", "PEN", "--price", "2.20", "--minutes", "60", by="ann")
    pen_costs(box, "2.20")
    till, listener = box.client(), box.client()
    listener.do("subscribe", lane="1", events=True)
    till.do("scan", lane="2", code=PEN)
    sale = till.do("tender", lane="2", order="o-1")
    assert sale["total"] == "2.20"
    used = checked(listener.event("OverrideUsed"))
    assert used == {"overrideId": "box-1@1-1", "productId": "PEN", "orderId": "o-1", "laneId": "2", "quantity": "1", "unitPrice": "2.20", "netAmount": "2.20"}
    assert box.tillctl("replay", "o-1").returncode == DONE
    kept = json.loads(box.tillctl("ledger", "show", "--order", "o-1", "--json").stdout)
    assert kept["sale"]["lines"][0]["override"] == "box-1@1-1"
    deeds = [json.loads(line) for line in box.tillctl("audit", "show", "--order", "o-1", "--json").stdout.splitlines()]
    assert deeds[0]["what"] == "sale o-1 at lane 2: 2.20 EUR; PEN at the price set by box-1@1-1"


def test_who_listens_hears_who_has_to_decide(box):
    staffed(box)
    listener = box.client()
    listener.do("subscribe", lane="1", events=True)
    one = json.loads(box.tillctl("override", "set", "PEN", "--price", "2.11", "--minutes", "60", "--reason", "dented", "--by", "ann", "--json").stdout)
    asked = checked(listener.event("ApprovalRequested"))
    assert asked.pop("expiresAt") == one["decide_until"]
    assert asked == {"approvalId": one["id"], "subject": "override", "productId": "PEN", "oldValue": "2.49", "newValue": "2.11", "changePct": one["change"],
                     "why": "15.2 % below the last approved 2.49", "needs": "manager", "requestedBy": "ann", "reason": "dented"}
    box.tillctl("approve", one["id"], "--reason", "fine", "--by", "bob")
    granted = checked(listener.event("ApprovalGranted"))
    assert (granted["decidedBy"], granted["decisionReason"], granted["requestedBy"]) == ("bob", "fine", "ann")
    assert checked(listener.event("PriceChanged"))["newPrice"] == "2.11"


def test_who_may_not(box):
    nobody = box.tillctl("override", "set", "PEN", "--price", "2.40", "--minutes", "60", "--reason", "x", check=False)
    assert nobody.returncode == FAILED and "neither supervisor" in nobody.stderr
    for_ann = override(box, "set", "PEN", "--price", "2.40", "--minutes", "60", by="ann", check=False)
    assert for_ann.returncode == FAILED and "may not speak for ann" in for_ann.stderr
    staffed(box, f"\n[roles]\nsupervisor = {'n' * 64}\nspeak_for_others = {{user}}\n")
    for name, say in [("n" * 65, "64 bytes at most"), ("n" * 63, "neither supervisor")]:  # neither is the one of 64
        done = override(box, "set", "PEN", "--price", "2.40", "--minutes", "60", by=name, check=False)
        assert done.returncode == FAILED and say in done.stderr
    staffed(box)
    override(box, "set", "PEN", "--price", "2.40", "--minutes", "60", by="ann")
    staffed(box, "\n[roles]\nsupervisor = zoe\nspeak_for_others = {user}\n")
    refused = override(box, "set", "PEN", "--price", "2.30", "--minutes", "60", by="ann", check=False)
    assert refused.returncode == FAILED and "ann is neither" in refused.stderr


def test_what_makes_no_sense(box):
    staffed(box)
    for words, say in [
        (["PEN", "--price", "2.40"], "needs --price, --reason, and one of"),
        (["PEN", "--price", "2.40", "--minutes", "60", "--to", "2027-01-01"], "one of --to and --minutes"),
    ]:
        done = override(box, "set", *words, by="ann", check=False)
        assert done.returncode == USAGE and say in done.stderr, done
    for words, say in [
        (["PEN", "--price", "x", "--minutes", "60"], "price: must be an amount"),
        (["PEN", "--price", "2.40", "--to", "tomorrow"], "'tomorrow' is no time such as"),
        (["PEN", "--price", "2.40", "--to", "2001-01-01"], "its end is not in the future"),
        (["PEN", "--price", "2.40", "--to", "2999-01-01"], "at most a year from now"),
        (["NONE", "--price", "2.40", "--minutes", "60"], "NONE is not an article"),
    ]:
        done = override(box, "set", *words, by="ann", check=False)
        assert done.returncode == FAILED and say in done.stderr, done
    assert box.tillctl("override", "list").stdout == "No price is set by hand, and none waits.\n"
