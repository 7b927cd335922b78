"""`tillctl evaluate` as a user and a program see it: without a daemon, and by its schemas."""

import json
import os
import subprocess

import jsonschema
import pytest

from box import BOOK, TILLCTL

SCHEMAS = os.path.join(os.environ["TILL_SRC"], "docs", "schemas")
CART = {"now": "2026-11-21T10:00:00Z", "coupons": ["TENOFF"], "lines": [{"sku": "PEN", "quantity": "4"}, {"gtin": "4000417025005"}]}


def schema(name):
    with open(os.path.join(SCHEMAS, name + ".json"), encoding="utf-8") as f:
        return json.load(f)


@pytest.fixture
def files(tmp_path):
    book, cart = tmp_path / "book.jsonl", tmp_path / "cart.json"
    book.write_text("".join(json.dumps(line) + "\n" for line in BOOK))
    cart.write_text(json.dumps(CART, indent=2))
    return book, cart


def evaluate(*words, **more):
    return subprocess.run([TILLCTL, "evaluate", *words], capture_output=True, text=True, timeout=30, **more)


def test_output_keeps_to_its_schema(files):
    done = evaluate("--book", files[0], "--cart", files[1], "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    jsonschema.validate(CART, schema("cart"))
    jsonschema.validate(found, schema("evaluation"))
    # 4 * 2.49 + 1.00 = 10.96; 10 % is 1.096, so 1.10 off: 9.86
    assert found["totals"]["list"] == "10.96" and found["totals"]["total"] == "9.86"
    assert [(a["promotion"], a["amount"]) for a in found["applied"]] == [("SAVE10", "1.10")]
    near = next(v for v in found["rejected"] if v["promotion"] == "BOGO")
    assert (near["reason"], near["lacking"], near["needs"]) == ("needs_quantity", "1", "quantity")


@pytest.mark.parametrize("record", BOOK, ids=lambda r: f"{r['type']}-{list(r.values())[1]}")
def test_every_record_keeps_to_its_schema(record):
    jsonschema.validate(record, schema(record["type"]))


def test_a_schema_refuses_what_the_program_refuses():
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"type": "price", "list": "base", "sku": "PEN", "price": "2,49"}, schema("price"))


def test_now_from_the_command_line(files):
    cart = {k: v for k, v in CART.items() if k != "now"}
    files[1].write_text(json.dumps(cart))
    done = evaluate("--book", files[0], "--cart", files[1], "--now", "2026-11-21T10:00:00Z", "--json")
    assert json.loads(done.stdout)["now"] == "2026-11-21T10:00:00Z"


@pytest.mark.parametrize("line,words", [
    ({"sku": "NOPE"}, ["lines[0]", "NOPE"]), ({"gtin": "4006381333948"}, ["lines[0]", "4006381333948"]),
    ({"sku": "PEN", "quantity": "0.5"}, ["lines[0]"]), ({"sku": "PEN", "quantity": "-1"}, ["quantity"]),
    ({"sku": "FREE"}, ["lines[0]", "price"]), ({"sku": "PEN", "colour": 1}, ["colour"])])
def test_a_bad_cart_names_what_is_wrong(files, line, words):
    files[1].write_text(json.dumps({"now": "2026-11-21T10:00:00Z", "lines": [line]}))
    done = evaluate("--book", files[0], "--cart", files[1], "--json")
    assert done.returncode == 1
    for word in words:
        assert word in done.stderr, done.stderr


def test_wrong_use_is_exit_2():
    assert evaluate().returncode == 2
