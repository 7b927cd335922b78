"""Golden cases: one file a rule in this folder, each case a cart and what docs/engine.md says it costs.

What is expected was worked out by hand; `why` shows the sum. A file:

    {"rule": "what it is about",
     "book": {"tax": "inclusive"},                            members of the book record besides the usual
     "goods": {"TV": {"price": "500.00", "cost": "320.00"}},  or just the price; other members go to the item record
     "records": [{"type": "promotion", ...}],                 further records of the price book
     "cases": [{"why": "25 % of 500.00 is 125.00",
                "cart": {"TV": 1},                            or a cart record (docs/cart.md), known by its "lines"
                "with": {"coupons": ["SAVE"]},                members of the cart besides the lines
                "records": [...],                             records of this case alone
                "expect": {"total": "375.00",
                           "net": {"TV": "375.00"},           of all lines of the SKU together
                           "unit_price": {"TV": "500.00"},
                           "applied": {"sale": "125.00"},     all of them, with what each gave
                           "rejected": {"other": "outranked"},  at least these, with the reason
                           "evaluation": {...},               members of the evaluation itself, as far as they are named
                           "error": "text"}}]}                in place of all others: the book or the cart is refused

A case may ask for a quote in place of a cart: "quote": {"customer": "ada", "plan": "vip", "at": "2026-11-16"}, besides "months" and
"spent", expects members of docs/schemas/plan_quote.json as "quote", or an "error".

Every case is evaluated in several orders of scanning, which must not change what any article costs.
"""

import json
import os
import pathlib
import random
import subprocess
from collections import Counter
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator

TILLCTL = os.path.join(os.environ["TILL_BIN"], "bin", "tillctl")
HERE = pathlib.Path(__file__).parent
EXPECTED = {"total", "net", "unit_price", "applied", "rejected", "evaluation", "error"}
ORDERS = 4
SCHEMA = Draft202012Validator(json.loads((HERE.parent.parent / "docs" / "schemas" / "plan_quote.json").read_text(encoding="utf-8")))


def cases():
    for path in sorted(HERE.glob("*.json")):
        rule = json.loads(path.read_text(encoding="utf-8"))
        assert rule["cases"], path
        for i, case in enumerate(rule["cases"]):
            yield pytest.param(rule, case, id=f"{path.stem}-{i + 1}")


def book_of(rule, case):
    yield {"type": "book", "id": "golden", "currency": "EUR", "zone": "Europe/Berlin", **rule.get("book", {}), **case.get("book", {})}
    yield {"type": "price_list", "id": "base"}
    for sku, item in {**rule.get("goods", {}), **case.get("goods", {})}.items():
        item = dict(item) if isinstance(item, dict) else {"price": item}
        price = item.pop("price", None)
        yield {"type": "item", "sku": sku, "name": sku, **item}
        if price is not None:
            yield {"type": "price", "list": "base", "sku": sku, "price": price}
    yield from rule.get("records", [])
    yield from case.get("records", [])


def cart_of(case):
    cart = case["cart"]
    if "lines" not in cart:
        cart = {"lines": [{"sku": sku, "quantity": str(n)} for sku, n in cart.items()]}
    return {"now": "2026-11-21T12:00:00Z", **cart, **case.get("with", {})}


def write_book(folder, book):
    (folder / "book.jsonl").write_text("".join(json.dumps(r) + "\n" for r in book), encoding="utf-8")


def check_quote(rule, case, folder):
    ask, expect = dict(case["quote"]), case["expect"]
    write_book(folder, book_of(rule, case))
    words = ["plan", "quote", ask.pop("customer"), ask.pop("plan"), "--book", folder / "book.jsonl", "--json"]
    words += [f"--{name}={value}" for name, value in ask.items()]
    done = subprocess.run([TILLCTL, *words], capture_output=True, text=True, timeout=60, check=False)
    if "error" in expect:
        assert done.returncode == 1 and expect["error"] in done.stderr, done.stderr
        return
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.pop("ok")
    SCHEMA.validate(found)
    contains(found, expect["quote"], "quote")


def evaluate(folder, book, carts):
    write_book(folder, book)
    (folder / "carts.jsonl").write_text("".join(json.dumps(c) + "\n" for c in carts), encoding="utf-8")
    return subprocess.run(
        [TILLCTL, "evaluate", "--book", folder / "book.jsonl", "--cart", folder / "carts.jsonl", "--json", "--every-reason"],
        capture_output=True, text=True, timeout=60, check=False)


def orders(cart):
    """The cart as it is, with every piece scanned apart, and in other orders of its lines."""
    yield cart
    apart = [{**line, "quantity": "1"} for line in cart["lines"]
             for _ in range(int(line.get("quantity", "1")) if str(line.get("quantity", "1")).isdigit() else 0)]
    whole = [line for line in cart["lines"] if not str(line.get("quantity", "1")).isdigit()]
    if len(apart) + len(whole) <= 256:
        yield {**cart, "lines": apart + whole}
    rng = random.Random(1)
    for _ in range(ORDERS):
        yield {**cart, "lines": rng.sample(cart["lines"], len(cart["lines"]))}


def amounts(found, member):
    sums = Counter()
    for line in found["lines"]:
        sums[line["sku"]] += Decimal(line[member])
    return sums


def contains(found, expected, at):
    """expected is a part of found: objects as far as they are named, lists and values whole; null is not there."""
    if isinstance(expected, dict):
        for name, value in expected.items():
            if value is None:
                assert name not in found, f"{at}.{name} is there: {found[name]!r}"
                continue
            assert name in found, f"{at}.{name} is missing"
            contains(found[name], value, f"{at}.{name}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), f"{at} has {len(found)} elements: {found}"
        for i, (f, e) in enumerate(zip(found, expected)):
            contains(f, e, f"{at}[{i}]")
    else:
        assert found == expected, f"{at} is {found!r}, not {expected!r}"


def check(found, expect):
    assert set(expect) <= EXPECTED and expect, expect
    if "total" in expect:
        assert found["totals"]["total"] == expect["total"]
    for sku, net in expect.get("net", {}).items():
        assert amounts(found, "net")[sku] == Decimal(net), sku
    for sku, price in expect.get("unit_price", {}).items():
        assert {line["unit_price"] for line in found["lines"] if line["sku"] == sku} == {price}, sku
    if "applied" in expect:
        assert {a["promotion"]: a["amount"] for a in found["applied"]} == expect["applied"]
    reasons = {r["promotion"]: r["reason"] for r in found["rejected"]}
    for promotion, reason in expect.get("rejected", {}).items():
        assert reasons.get(promotion) == reason, f"{promotion}: {reasons}"
    contains(found, expect.get("evaluation", {}), "evaluation")


def check_sums(found):
    """What holds for every evaluation: the parts add up, and nothing is below zero."""
    totals = {k: Decimal(v) for k, v in found["totals"].items()}
    for line in found["lines"]:
        assert Decimal(line["net"]) == Decimal(line["list"]) - sum(Decimal(d["amount"]) for d in line["discounts"]) >= 0
    assert totals["net"] == sum(amounts(found, "net").values()) == totals["list"] - totals["discount"]
    assert totals["discount"] == sum(Decimal(a["amount"]) for a in found["applied"])


@pytest.mark.parametrize("rule,case", cases())
def test_golden(rule, case, tmp_path):
    expect = case["expect"]
    if "quote" in case:
        check_quote(rule, case, tmp_path)
        return
    carts = list(orders(cart_of(case)))
    done = evaluate(tmp_path, book_of(rule, case), carts)
    if "error" in expect:
        assert done.returncode == 1 and expect["error"] in done.stderr, done.stderr
        return
    assert done.returncode == 0, done.stderr
    results = [json.loads(line) for line in done.stdout.splitlines()]
    check(results[0], expect)
    for found in results:
        check_sums(found)
        assert amounts(found, "net") == amounts(results[0], "net")
        assert found["totals"] == results[0]["totals"]
        assert found["applied"] == results[0]["applied"]
