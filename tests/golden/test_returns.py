"""Golden cases of returns and voids: the files in returns/, each case a sale on a real tilld and what comes back of it, step by step.

What is expected was worked out by hand from docs/returns.md; `why` shows the sum. A case has `goods`, `records` and `book` as those of
test_golden.py, a `cart` (SKU and quantity), perhaps `customer`, `coupons` and `tenders`, the `total` that is paid, and `steps`:

    {"back": {"SKU": 1}, ...}     a return of that much, or of "all"; `preview`, `gifts_kept`, `return_id` and `method` as the verb has them
    {"void": true, ...}           the order is cancelled
    {"exchange": {"SKU": 1}, "cart": {"SKU": 1}, ...}  that much comes back (or "all") for a cart of those, as order o-2 or `new_order`, the rest by `tenders`;
                                  `again`: once more by the same ids. `of`: an order other than o-1, with the cart that it had
    {"tender": true, ...}         the order is tendered again
    {"import": {"goods": ...}}    another price book is put in force

All other members are what the answer holds; or `refused`, the code of the refusal. After the steps the ledger's chain holds and every
decision of it, returns among them, can be taken again.
"""

import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))

from box import Box, wait_for  # noqa: E402
from test_golden import book_of, contains  # noqa: E402

HERE = pathlib.Path(__file__).parent / "returns"
GIVEN = {"preview", "gifts_kept", "return_id", "method"}
GIVEN_EXCHANGE = {"preview", "gifts_kept", "return_id", "tenders"}
DOING = {"back", "void", "tender", "import", "refused", "exchange", "cart", "new_order", "again", "of", "tenders"} | GIVEN


def cases():
    for path in sorted(HERE.glob("*.json")):
        rule = json.loads(path.read_text(encoding="utf-8"))
        for i, case in enumerate(rule["cases"]):
            yield pytest.param(rule, case, id=f"{path.stem}-{i + 1}")


@pytest.fixture
def box(tmp_path):
    made = Box(tmp_path)
    yield made
    made.close()


def put_in_force(box, till, book):
    before = till.do("status")["catalog"]["version"]
    box.write_book(book)
    box.tillctl("import", box.book)
    wait_for(lambda: till.do("status")["catalog"]["version"] > before, what="catalog")


def sell(till, case):
    if "customer" in case:
        till.do("customer", lane="1", customer=case["customer"])
    for sku, quantity in case["cart"].items():
        till.do("scan", lane="1", sku=sku, quantity=str(quantity))
    for code in case.get("coupons", ()):
        till.do("coupon", lane="1", code=code)
    return till.do("tender", lane="1", order="o-1", tenders=case.get("tenders", [{"method": "cash"}]))


def members(case, step):
    """What is asked: the lines by their place in the cart."""
    found = {name: step[name] for name in GIVEN if name in step}
    if "back" in step and step["back"] != "all":
        found["lines"] = lines_of(case, step, step["back"])
    return {"lane": "1", "order": step.get("of", {}).get("order", "o-1"), **found}


def lines_of(case, step, back):
    places = list(step.get("of", case)["cart"])
    return [{"line": places.index(sku) + 1, "quantity": str(n)} for sku, n in back.items()]


def exchange(till, case, step):
    for sku, quantity in () if step.get("again") else step.get("cart", {}).items():
        till.do("scan", lane="1", sku=sku, quantity=str(quantity))
    asked = {name: step[name] for name in GIVEN_EXCHANGE if name in step}
    if step["exchange"] != "all":
        asked["lines"] = lines_of(case, step, step["exchange"])
    answer = till.ask("exchange", lane="1", order="o-1", new_order=step.get("new_order", "o-2"), **asked)
    if step.get("cart") and (step.get("preview") or not answer["ok"]):
        till.do("void", lane="1", cart=True)
    return answer


def take(box, till, rule, case, step):
    if "import" in step:
        put_in_force(box, till, book_of({}, step["import"]))
        return
    verb = "tender" if "tender" in step else "void_order" if "void" in step else "return"
    answer = exchange(till, case, step) if "exchange" in step else till.ask(verb, **members(case, step))
    if "refused" in step:
        assert not answer["ok"] and answer["error"]["code"] == step["refused"], answer
        return
    assert answer["ok"], answer
    contains(answer, {name: value for name, value in step.items() if name not in DOING}, "answer")


@pytest.mark.parametrize("rule,case", cases())
def test_returns(box, rule, case):
    box.write_book(book_of(rule, case))
    box.tillctl("import", box.book)
    till = box.start().client()
    assert sell(till, case)["total"] == case["total"]
    for step in case["steps"]:
        take(box, till, rule, case, step)
    box.tillctl("audit", "verify")
    box.tillctl("replay", "--all")
