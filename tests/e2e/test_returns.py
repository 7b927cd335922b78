"""Returns and voids as a cashier meets them. What they come to is worked by hand in tests/golden/returns."""

import json
import pathlib
import threading

from box import wait_for
from test_replay import change


def sell(till, order, **lines):
    for sku, quantity in lines.items():
        till.do("scan", lane="1", sku=sku, quantity=str(quantity))
    return till.do("tender", lane="1", order=order)


def test_from_the_command_line(box):
    till = box.subscriber("1")
    sell(till, "A-1", BAR=3, PEN=1)  # 3 x 1.00, one of two free, and 2.49: 4.49
    shown = box.tillctl("return", "A-1", "2", "--preview", "--lane", "1").stdout
    assert "a preview: nothing was done" in shown and "Would pay out 2.49 EUR" in shown
    done = box.tillctl("return", "A-1", "2", "--id", "R-1", "--cashier", "ann", "--reason", "broken", "--lane", "1").stdout
    assert "Return R-1 of order A-1" in done and "Pay out 2.49 EUR" in done and "2.00 of the payment is left" in done
    told = till.event("returned")
    assert (told["lane"], told["order"], told["return_id"], told["refund"], told["lines"][0]["sku"]) == ("1", "A-1", "R-1", "2.49", "PEN")
    again = box.tillctl("return", "A-1", "2", "--id", "R-1", "--lane", "1").stdout
    assert again.startswith("This was done before; nothing is paid out again.") and "Pay out 2.49 EUR" in again
    box.tillctl("return", "A-1", "--line", "1", "--quantity", "1", "--lane", "1")  # 2 kept, one of them free: 1.00
    whole = json.loads(box.tillctl("return", "A-1", "--json", "--lane", "1").stdout)
    assert whole["refund"] == "1.00" and whole["left"] == "0.00" and whole["return_id"] == "A-1/3"
    deeds = [json.loads(line) for line in box.tillctl("audit", "show", "--json", "--order", "A-1").stdout.splitlines()]
    assert [d["what"] for d in deeds][1] == "return R-1 of order A-1 at lane 1: 2.49 EUR paid out; broken"
    assert [d["kind"] for d in deeds] == ["sale", "return", "return", "return"] and deeds[1]["who"] == "ann"
    table = box.tillctl("ledger", "show").stdout
    assert "-2.49 EUR" in table and "-1.00 EUR" in table
    assert "4 decisions taken again" in box.tillctl("replay", "A-1").stdout
    assert box.tillctl("audit", "verify", check=False).returncode == 0


def test_a_void(box):
    till = box.subscriber("1")
    sell(till, "A-1", PEN=2)
    assert "Void A-1/void of order A-1" in box.tillctl("void-order", "A-1", "--lane", "1").stdout
    assert till.event("returned")["kind"] == "void"
    assert "This was done before" in box.tillctl("void-order", "A-1", "--lane", "2").stdout
    refused = box.tillctl("return", "A-1", "--lane", "1", check=False)
    assert refused.returncode == 1 and "not_returnable: order 'A-1' was voided" in refused.stderr


def test_what_is_refused(box):
    till = box.subscriber("1")
    sell(till, "A-1", PEN=2)
    sell(till, "A-2", PEN=2)
    till.do("return", lane="1", order="A-2", return_id="R-1")
    for code, members in [
            ("unknown_order", {"order": "A-9"}),
            ("unknown_line", {"order": "A-1", "lines": [{"line": 2}]}),
            ("return_invalid", {"order": "A-1", "lines": [{"line": 1, "quantity": "0.5"}]}),
            ("return_invalid", {"order": "A-1", "lines": [{"line": 1, "quantity": "0"}]}),
            ("not_returnable", {"order": "A-1", "lines": [{"line": 1, "quantity": 3}]}),
            ("not_returnable", {"order": "A-1", "lines": [{"line": 1, "quantity": 1}, {"line": 1, "quantity": 2}]}),
            ("return_invalid", {"order": "A-1", "return_id": "R-1"}),  # that of another order
            ("return_invalid", {"order": "A-1", "return_id": "x" * 101}),
            ("return_invalid", {"order": ""}),
            ("tender_invalid", {"order": "A-1", "method": "Cash!"}),
            ("bad_request", {"order": "A-1", "lines": []}),
            ("bad_request", {"order": "A-1", "lines": [{"quantity": 1}]}),
            ("bad_request", {"order": "A-1", "lines": [{"line": 1, "quantity": "one"}]}),
            ("bad_request", {"order": "A-1", "lines": [{"line": 1, "sku": "PEN"}]})]:
        assert till.refused("return", lane="1", **members) == code, members
    assert till.do("return", lane="1", order="A-1")["refund"] == "4.98"


def test_two_lanes_take_the_same_goods_back(box):
    """Ten pieces, and forty cashiers who each take one back: ten get it, and what is paid out is what was paid."""
    till = box.client()
    sell(till, "A-1", PEN=10)
    answers = []

    def ask(lane):
        mine = box.client()
        for _ in range(10):
            answers.append(mine.ask("return", lane=lane, order="A-1", lines=[{"line": 1}]))
        mine.close()

    threads = [threading.Thread(target=ask, args=(lane,)) for lane in "1212"]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(a["ok"] for a in answers) == [False] * 30 + [True] * 10
    assert sum(round(float(a["refund"]) * 100) for a in answers if a["ok"]) == 2490
    assert {a["error"]["code"] for a in answers if not a["ok"]} == {"not_returnable"}


def test_what_was_answered_outlives_a_crash(box):
    till = box.client()
    sell(till, "A-1", PEN=2)
    first = till.do("return", lane="1", order="A-1", lines=[{"line": 1}], return_id="R-1")
    box.kill()
    till = box.start().client()
    again = till.do("return", lane="2", order="A-1", lines=[{"line": 1}], return_id="R-1")
    assert again["repeated"] and (again["refund"], again["sequence"]) == (first["refund"], first["sequence"])
    assert till.do("return", lane="2", order="A-1")["refund"] == "2.49"
    assert till.refused("return", lane="2", order="A-1") == "not_returnable"
    box.tillctl("audit", "verify")


def test_a_use_is_free_again(bare_box):
    """One use in all: the next cart has it only after the order that had it is cancelled; and a coupon's code the same way."""
    bare_box.write_book([*[json.loads(line) for line in open(bare_box.book, encoding="utf-8")],
                         {"type": "promotion", "id": "ONCE", "name": "Once", "gives": [{"kind": "amount", "amount": "1.00"}], "limits": {"uses": 1}}])
    bare_box.tillctl("import", bare_box.book)
    till = bare_box.start().client()
    wait_for(lambda: till.do("price", lane="1", sku="PEN")["price"], what="price")
    assert sell(till, "A-1", PEN=1)["total"] == "1.49"
    assert sell(till, "A-2", PEN=1)["total"] == "2.49"
    assert till.do("void_order", lane="1", order="A-1")["promotions"] == [{"promotion": "ONCE", "text": "Once", "amount": "1.00", "uses": 1}]
    assert sell(till, "A-3", PEN=1)["total"] == "1.49"
    assert sell(till, "A-4", PEN=1)["total"] == "2.49"
    for order in ("A-2", "A-4"):  # that had no use: nothing is free
        till.do("return", lane="1", order=order)
    assert sell(till, "A-5", PEN=1)["total"] == "2.49"
    bare_box.kill()  # and after a start from the ledger
    till = bare_box.start().client()
    assert sell(till, "A-6", PEN=1)["total"] == "2.49"
    till.do("return", lane="1", order="A-3")
    assert sell(till, "A-7", PEN=1)["total"] == "1.49"
    bare_box.tillctl("audit", "verify")
    bare_box.tillctl("replay", "--all")


def test_a_changed_return_is_found(box):
    till = box.client()
    sell(till, "A-1", PEN=2)
    till.do("return", lane="1", order="A-1", lines=[{"line": 1}])
    box.stop()
    change(pathlib.Path(box.databases), 4, lambda r: True, lambda r: r.__setitem__(9, r[9] + 1))
    done = box.tillctl("replay", "--all", check=False)
    assert done.returncode == 1 and "refund is 250 minor units in the ledger, and 249" in done.stderr
    assert "flipped" in box.tillctl("audit", "verify", "--json", check=False).stdout
