"""tillctl audit: who did what, and the proof that it stands as it was written."""

import json
import sqlite3

from test_tillctl import DONE, FAILED, USAGE, on_terminal


def sell(box, till, order, cashier, coupon=None):
    box.scanners[0].scan("4006381333931")
    till.event("line")
    if coupon:
        till.do("coupon", lane="1", code=coupon)
    return till.do("tender", lane="1", method="cash", order=order, cashier=cashier)


def rows(box, *more):
    return [json.loads(line) for line in box.tillctl("audit", "show", "--json", *more).stdout.splitlines()]


def change(box, sql):
    db = sqlite3.connect(box.state + "/ledger.db")
    db.executescript(sql)
    db.close()


def test_who_did_what(box):
    till = box.subscriber("1")
    sell(box, till, "o-1", "ann")
    sell(box, till, "o-2", "bob", coupon="TENOFF")
    deeds = rows(box)
    assert [(d["kind"], d["who"], d["order"]) for d in deeds[1:]] == [("sale", "ann", "o-1"), ("sale", "bob", "o-2")]
    assert deeds[0]["kind"] == "start" and deeds[0]["who"].startswith("tilld ")
    assert deeds[1]["what"] == "sale o-1 at lane 1: 2.49 EUR"
    assert deeds[2]["what"] == "sale o-2 at lane 1: 2.24 EUR; 0.25 off by SAVE10 (coupon TENOFF)"
    assert [d["order"] for d in rows(box, "--who", "bob")] == ["o-2"]
    assert [d["order"] for d in rows(box, "--order", "o-1")] == ["o-1"]
    assert rows(box, "--who", "eve") == []
    table = box.tillctl("audit", "show", "--last", "1").stdout
    assert "bob" in table and deeds[2]["hash"][:8] in table and "ann" not in table


def test_what_was_done_is_told_whole_on_a_narrow_screen(box):
    box.client().do("scan", lane="1", sku="PEN")
    box.client().do("coupon", lane="1", code="TENOFF")
    box.client().do("tender", lane="1", order="o-1", cashier="ann")
    shown = on_terminal(80, ["--config", box.config, "audit", "show"])
    assert all(len(line) <= 80 for line in shown.splitlines()) and "…" not in shown
    assert "sale o-1 at lane 1: 2.24 EUR; 0.25 off by SAVE10 (coupon TENOFF)" in " ".join(shown.split())
    assert box.tillctl("audit", "show", "--who", "eve").stdout == "Nothing like that is in the ledger.\n"


def test_coupons_and_grants_are_told(box):
    lines = [json.loads(line) for line in open(box.book, encoding="utf-8")]
    for line in lines:
        if line["type"] == "promotion" and line["id"] == "SAVE10":
            line["limits"] = {"uses": 3, "budget": "20.00"}
    box.write_book(lines)
    box.tillctl("import", box.book)
    box.tillctl("coupon", "reserve", "TENOFF", "--token", "app-7", "--minutes", "60", "--by", "ann")
    box.tillctl("coupon", "expire", "TENOFF", "--by", "bob")
    deeds = {d["kind"]: d for d in rows(box)}
    assert deeds["grant"]["what"] == "grant 1 of SAVE10; uses: 3; budget: 20.00 EUR; by the box to itself, of the promotion's limits"
    reserved = rows(box, "--who", "ann")[0]
    assert reserved["what"].startswith("coupon TENOFF: reserved, token app-7, until 2")
    assert rows(box, "--who", "bob")[0]["what"] == "coupon TENOFF: ended by hand"


def test_what_was_changed_is_named(box):
    till = box.subscriber("1")
    sell(box, till, "o-1", "ann")
    sell(box, till, "o-2", "ann")
    sound = json.loads(box.tillctl("audit", "verify", "--json").stdout)
    assert sound["ok"] and sound["box"] == "box-1"
    assert sound["anchor"] == f"1/{sound['sequence']}:{rows(box)[-1]['hash']}"
    sell(box, till, "o-3", "ann")
    assert box.tillctl("audit", "verify", "--anchor", sound["anchor"]).returncode == DONE
    box.stop()

    forged = sound["anchor"][:-1] + ("0" if sound["anchor"][-1] != "0" else "1")
    found = box.tillctl("audit", "verify", "--anchor", forged, check=False)
    assert found.returncode == FAILED and "events were written anew" in found.stderr
    found = box.tillctl("audit", "verify", "--anchor", "yesterday", check=False)
    assert found.returncode == USAGE and "SEGMENT/SEQUENCE:HASH" in found.stderr

    last = sound["events"]  # the event of o-2
    change(box, f"UPDATE event SET bytes = CAST(replace(bytes, 'o-2', 'o-9') AS BLOB) WHERE id = {last}")
    found = box.tillctl("audit", "verify", "--json", check=False)
    told = json.loads(found.stdout)
    assert found.returncode == FAILED and told["ok"] is False
    assert (told["fault"], told["event"], told["events"]) == ("flipped", last, last - 1)
    assert f"event {last}: its bytes are not what was written" in told["error"]["message"]
    change(box, f"DELETE FROM event WHERE id = {last}")
    assert json.loads(box.tillctl("audit", "verify", "--json", check=False).stdout)["fault"] == "removed"
