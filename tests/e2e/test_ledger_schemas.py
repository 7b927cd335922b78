"""Every event that a ledger holds is as its schema says: a box does everything that it writes events of."""

import json
import os
import pathlib

from box import BOOK
from jsonschema import Draft202012Validator
from test_held import bring, price, say, staffed

FOLDER = pathlib.Path(os.environ["TILL_SRC"]) / "docs" / "schemas"
LIMITED = [{**BOOK[0], "margin": {"floor": "20"}}] + BOOK[1:] + [
    {"type": "item", "sku": "TEA", "name": "Tea", "tax": "food", "cost": "6.00"},
    {"type": "price", "list": "base", "sku": "TEA", "price": "8.10"},
    {"type": "promotion", "id": "LAST", "name": "A pen for less", "limits": {"uses": 5, "customer_uses": 2},
     "gives": [{"kind": "amount", "amount": "0.10", "select": {"skus": ["PEN"]}}]},
    {"type": "coupon", "code": "SINGLE", "promotion": "SAVE10", "uses": 1},
]
WRITTEN = {"start", "body", "sale", "return", "void", "coupon", "grant", "override", "approval", "alert"}


def schema(name):
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def closed(one):
    """Whether no object in it takes members that it does not name: a new one has to be described."""
    for part in one.values() if isinstance(one, dict) else one if isinstance(one, list) else ():
        if isinstance(part, (dict, list)) and not closed(part):
            return False
    return not (isinstance(one, dict) and "properties" in one and isinstance(one["properties"], dict)
                and isinstance(one.get("type"), str) and one.get("additionalProperties") is not False)


def check_record(body):
    """A record is kept without its type, which is its name."""
    (name,) = set(body) - {"number"}
    Draft202012Validator(schema(name)).validate({"type": name, **body[name]})


def check_all(box):
    """How many of each kind there are."""
    validators = {kind: Draft202012Validator(schema(f"ledger/{kind}")) for kind in WRITTEN}
    found = dict.fromkeys(WRITTEN, 0)
    for line in box.tillctl("ledger", "show", "--all", "--last", "10000", "--json").stdout.splitlines():
        event = json.loads(line)
        event.pop("id", None)
        validators[event["kind"]].validate(event)
        if event["kind"] == "body":
            check_record(event["body"])
        found[event["kind"]] += 1
    return found


def test_every_kind(bare_box):
    box = bare_box
    box.write_book(LIMITED)
    box.tillctl("import", box.book)
    box.start()
    staffed(box)
    till = box.client()
    for order, skus, coupon in ("o-1", ["PEN", "BAR"], "SINGLE"), ("o-2", ["TEA"], None), ("o-3", ["PEN"], "TENOFF"):
        for sku in skus:
            till.do("scan", lane="1", sku=sku)
        if coupon:
            till.do("coupon", lane="1", code=coupon)
        till.do("tender", lane="1", order=order, cashier="ann")
    till.do("code", code="TENOFF", action="reserve", by="ann")
    till.do("return", lane="1", order="o-1", lines=[{"line": 2}], reason="stale")
    till.do("void_order", lane="1", order="o-3")
    for amount, verb in ("2.11", "approve"), ("1.50", "reject"):
        asked = json.loads(box.tillctl("override", "set", "PEN", "--price", amount, "--minutes", "60", "--reason", "dented", "--by", "ann",
                                       "--json").stdout)
        box.tillctl(verb, asked["id"], "--reason", "seen", "--by", "bob")
    one, = bring(box, price("BAR", "1.40"))
    say(box, "approve", one, "bob")
    till.do("scan", lane="2", sku="PEN")
    till.do("tender", lane="2", order="o-4")
    found = check_all(box)
    assert all(found.values()), found


def test_schemas_are_closed():
    for kind in WRITTEN - {"body"}:
        assert closed(schema(f"ledger/{kind}")), kind
