"""tillctl whatif: sold carts by another price book."""

import json
import xml.etree.ElementTree as ET

import pytest

BOOK = [
    {"type": "book", "id": "corner", "currency": "EUR", "tax": "inclusive"},
    {"type": "tax", "id": "high", "rate": "19"},
    {"type": "price_list", "id": "base"},
    {"type": "item", "sku": "A", "name": "A", "tax": "high", "cost": "4.00"},
    {"type": "item", "sku": "B", "name": "B", "cost": "0.50"},
    {"type": "item", "sku": "C", "name": "C"},
    {"type": "price", "list": "base", "sku": "A", "price": "11.90"},
    {"type": "price", "list": "base", "sku": "B", "price": "2.00"},
    {"type": "price", "list": "base", "sku": "C", "price": "3.00"},
    {"type": "promotion", "id": "one-off", "name": "1.00 off", "needs": [{"select": {"skus": ["A"]}, "quantity": 1}], "gives": [{"kind": "amount", "amount": "1.00", "select": {"skus": ["B"]}}]},
]
CARTS = [{"A": 1, "B": 1}, {"B": 2}, {"C": 1}, {"A": 2}]


@pytest.fixture
def sold(bare_box):
    bare_box.write_book(BOOK)
    bare_box.tillctl("import", bare_box.book)
    till = bare_box.start().client()
    for n, cart in enumerate(CARTS):
        for sku, quantity in cart.items():
            till.do("scan", lane="1", sku=sku, quantity=quantity)
        till.do("tender", lane="1", order=f"o-{n}")
    till.close()
    return bare_box


def whatif(box, book, *words, check=True):
    box.write_book(book)
    return box.tillctl("whatif", "--book", box.book, *words, check=check)


def changed(**prices):
    return [{**r, "price": prices[r["sku"]]} if r["type"] == "price" and r["sku"] in prices else r for r in BOOK]


def without(*skus):
    return [r for r in BOOK if r.get("sku") not in skus]


def test_the_same_book_changes_nothing(sold):
    found = json.loads(whatif(sold, BOOK, "--json").stdout)
    # 11.90 + 2.00 - 1.00, 4.00, 3.00, 23.80: 43.70. Tax in 11.90 is 1.90, so 3 x 10.00 + 1.00 + 4.00 + 3.00 = 38.00.
    # Margin of A and B: 30.00 + 5.00 - 3 x 4.00 - 3 x 0.50 = 21.50; C has no cost.
    side = {"paid": "43.70", "revenue": "38.00", "margin": "21.50", "costed": "35.00", "savings": "1.00"}
    assert found["before"] == side and found["after"] == side
    assert (found["carts"], found["cheaper"], found["dearer"], found["left_out"]) == (4, 0, 0, 0)
    assert found["promotions"] == [{"promotion": "one-off", "before": {"carts": 1, "amount": "1.00"}, "after": {"carts": 1, "amount": "1.00"}, "changed": 0}]


def test_prices_and_promotions_of_tomorrow(sold):
    tomorrow = [r for r in changed(B="2.50") if r.get("id") != "one-off"] + [
        {"type": "promotion", "id": "half", "name": "Half", "gives": [{"kind": "percent", "percent": "50", "select": {"skus": ["A"]}}]}]
    found = json.loads(whatif(sold, tomorrow, "--json").stdout)
    # A at 5.95: 5.95 + 2.50, 5.00, 3.00, 11.90 = 28.35; the margin floor of 30 % allows it: 4 / (1 - 0.3 - 0.19/1.19) = 7.41, so A is cut to 7.41.
    # 7.41 + 2.50, 5.00, 3.00, 14.82 = 32.73
    assert found["after"]["paid"] == "32.73"
    assert (found["cheaper"], found["dearer"]) == (2, 1)
    by = {p["promotion"]: p for p in found["promotions"]}
    assert by["one-off"] == {"promotion": "one-off", "before": {"carts": 1, "amount": "1.00"}, "after": {"carts": 0, "amount": "0.00"}, "changed": 1}
    assert by["half"] == {"promotion": "half", "before": {"carts": 0, "amount": "0.00"}, "after": {"carts": 2, "amount": "13.47"}, "changed": 2}
    table = whatif(sold, tomorrow).stdout
    assert "4 carts: 2 would be cheaper, 1 dearer" in table and "Margin is of articles with a known cost: 92 % of the revenue" in table


def test_what_the_book_lacks_is_told(sold):
    found = json.loads(whatif(sold, without("B")[:-1], "--json").stdout)
    assert (found["carts"], found["left_out"]) == (2, 2) and found["missing"] == [{"sku": "B", "carts": 2, "why": "unknown"}]
    assert found["before"]["paid"] == found["after"]["paid"] == "26.80"
    unpriced = [r for r in BOOK if r["type"] != "price" or r["sku"] != "C"]
    text = whatif(sold, unpriced).stdout
    assert "Carts left out, since the book cannot price them: 1" in text and "has no price" in text


def test_moments(sold):
    later = [{**r, "when": {"from": "2999-01-01"}} if r.get("id") == "one-off" else r for r in BOOK]
    assert json.loads(whatif(sold, later, "--json").stdout)["after"]["savings"] == "0.00"
    assert json.loads(whatif(sold, BOOK, "--json", "--since", "2999-01-01").stdout)["carts"] == 0
    soon = [{**r, "when": {"from": "2036-01-01"}} if r.get("id") == "one-off" else r for r in BOOK]
    assert json.loads(whatif(sold, soon, "--json", "--shift", "3660").stdout)["after"]["savings"] == "1.00"


def test_the_picture(sold):
    whatif(sold, changed(A="9.90"), "--svg", sold.state + "/w.svg")
    root = ET.parse(sold.state + "/w.svg").getroot()
    texts = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "43.70" in texts and "37.70" in texts and "one-off" in texts  # 3 x 2.00 less
    assert texts[0] == "4 carts: 2 cheaper, 0 dearer"


@pytest.mark.parametrize("words,code,text", [
    (["--book", "none.jsonl"], 1, "none.jsonl"),
    ([], 2, "needs --book FILE"),
    (["--book", "{book}", "--shift", "soon"], 2, "--shift: 'soon' is no number of days"),
    (["--book", "{book}", "--svg", "/no/such/folder/w.svg"], 1, "/no/such/folder/w.svg: No such file"),
])
def test_what_is_asked_wrongly(sold, words, code, text):
    done = sold.tillctl("whatif", *[w.format(book=sold.book) for w in words], check=False)
    assert done.returncode == code and text in done.stderr


def test_another_currency_is_refused(sold):
    done = whatif(sold, [{**BOOK[0], "currency": "USD"}, *BOOK[1:]], check=False)
    assert done.returncode == 1 and "it is of EUR, and the book of USD" in done.stderr
