"""Thousands of random carts through `tillctl evaluate` must agree with the oracle, to the cent and the reason,
and no permutation of a cart's lines may change a total or an article's discount.

The seed is printed; TILL_SEED repeats a run, TILL_BOOKS sets how many shops there are (40 carts each).
"""

import json
import os
import random
import subprocess
import time
from collections import Counter

import oracle
import shop

BIN = os.path.join(os.environ["TILL_BIN"], "bin")
TILLCTL, EXTRACT_SAME, MEMO_SAME = (os.path.join(BIN, name) for name in ("tillctl", "extract_same", "memo_same"))
SEED = int(os.environ.get("TILL_SEED", time.time_ns() % 10**9))
BOOKS = int(os.environ.get("TILL_BOOKS", 100))
CARTS = 40


def permuted(r, cart):
    lines = cart["lines"][:]
    r.shuffle(lines)
    return {**cart, "lines": lines}


def write_files(tmp_path, book_lines, carts):
    files = tmp_path / "book.jsonl", tmp_path / "carts.jsonl"
    for file, objects in zip(files, (book_lines, carts)):
        file.write_text("".join(json.dumps(o) + "\n" for o in objects))
    return files


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_engine(tmp_path, book_lines, carts):
    book, cart_file = write_files(tmp_path, book_lines, carts)
    found = run(TILLCTL, "evaluate", "--book", book, "--cart", cart_file, "--json")
    return [json.loads(line) for line in found.splitlines()]


def as_ours(book, got):
    """The engine's answer in the oracle's form."""
    m = book.money
    return {
        "lines": [{"unit": m(n["unit_price"]), "list": m(n["list"]), "net": m(n["net"]), "tax": m(n["tax"]),
                   "discounts": [(d["promotion"], m(d["amount"])) for d in n["discounts"]]} for n in got["lines"]],
        "totals": {k: m(got["totals"].get(k, "0")) for k in ("list", "discount", "net", "tax", "shipping", "shipping_discount", "total")},
        "applied": [(a["promotion"], m(a["amount"]), m(a.get("cut", "0"))) for a in got["applied"]],
        "rejected": {v["promotion"]: (v["reason"], *told(book, v)) for v in got["rejected"]},
        "rewards": [(w["promotion"], w["kind"], m(w.get("amount", "0")), int(w.get("count", 0)), w.get("sku")) for w in got.get("rewards", [])],
    }


def told(book, verdict):
    """What comes with the reason: what is lacking, or what the margin guard cut and would have allowed."""
    if verdict["reason"] == "margin_blocked":
        return book.money(verdict["cut"]), book.money(verdict["allowed"])
    if "lacking" not in verdict:
        return (0,)
    places = {"quantity": 0, "amount": book.exponent}.get(verdict["needs"], 6)
    return (oracle.decimal(verdict["lacking"], places),)


def origins_of(line):
    """What the price of a line came from: lists, overrides, volumes and the kinds of rules that moved it."""
    yield from (member for member in ("price_list", "override", "volume") if member in line)
    yield from (step.get("kind", step["by"]) for step in line.get("steps", []))


ORIGINS = ["price_list", "override", "volume", "surge", "overstock", "stock", "demand", "competitor", "season", "age", "expiry",
           "bounds", "margin", "lock"]


def by_sku(cart, result):
    """What each article at one unit price cost, and what each promotion took off it, all its lines together."""
    sums = {}
    for line, found in zip(cart["lines"], result["lines"]):
        entry = sums.setdefault((line["sku"], found["unit"]), {"net": 0, "tax": 0})
        entry["net"] += found["net"]
        entry["tax"] += found["tax"]
        for promotion, amount in found["discounts"]:
            entry[promotion] = entry.get(promotion, 0) + amount
    return sums


def test_random_carts_agree_with_the_oracle(tmp_path):
    print(f"seed {SEED}")
    r = random.Random(SEED)
    applied = rejected = cut = blocked = 0
    origins = Counter()
    for _ in range(BOOKS):
        lines = shop.book(r)
        book = oracle.Book(lines)
        carts = [shop.cart(r, lines) for _ in range(CARTS)]
        again = [permuted(r, cart) for cart in carts]
        found = run_engine(tmp_path, lines, carts + again)
        assert len(found) == 2 * CARTS
        for cart, other, got, got_other in zip(carts, again, found[:CARTS], found[CARTS:]):
            want, ours, theirs = oracle.evaluate(book, cart), as_ours(book, got), as_ours(book, got_other)
            where = f"seed {SEED}, cart {json.dumps(cart)}\nbook:\n" + "\n".join(map(json.dumps, lines))
            assert ours == want, where
            assert theirs["totals"] == ours["totals"], where
            assert theirs["applied"] == ours["applied"] and theirs["rewards"] == ours["rewards"], where
            assert by_sku(other, theirs) == by_sku(cart, ours), where
            origins.update(origin for line in got["lines"] for origin in origins_of(line))
            applied += len(want["applied"])
            rejected += len(want["rejected"])
            cut += sum(1 for _, _, amount in want["applied"] if amount)
            blocked += sum(1 for reason, *_ in want["rejected"].values() if reason == "margin_blocked")
    # A generator whose promotions never apply, or always do, would prove nothing.
    assert applied > BOOKS * CARTS / 4 and rejected > BOOKS * CARTS / 4
    print(dict(origins))
    assert BOOKS < 50 or all(origins[o] for o in ORIGINS), origins
    assert cut > BOOKS * CARTS / 20 and blocked > BOOKS * CARTS / 100


def test_an_extract_gives_the_same_bytes_as_its_catalog(tmp_path):
    print(f"seed {SEED}")
    r = random.Random(SEED + 1)
    for _ in range(BOOKS // 2):
        lines = shop.book(r)
        carts = [shop.cart(r, lines) for _ in range(CARTS)]
        # Each cart twice: as the lane evaluates it, and with every promotion judged.
        assert int(run(EXTRACT_SAME, *write_files(tmp_path, lines, carts))) == 2 * CARTS


def test_a_memo_changes_no_byte(tmp_path):
    print(f"seed {SEED}")
    r = random.Random(SEED + 2)
    for _ in range(BOOKS // 5):
        lines = shop.book(r)
        carts = [shop.cart(r, lines) for _ in range(CARTS)]
        assert int(run(MEMO_SAME, *write_files(tmp_path, lines, carts), str(r.getrandbits(32)))) == CARTS
