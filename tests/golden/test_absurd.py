"""Books that no shop could mean: each is refused by line, field and reason, as a whole book and as a file of changes.

A row: what is absurd, the records behind the sound book's (objects, or text for what is no record), and the reason
with the path of its field. The line is that of the last record, if the row says nothing else; FIRST rows replace the
sound book's first line. `changes` tells what a file of changes with the same records is answered, where that is
another reason; SAME: the same; None: there it is no mistake, since the last of several lines on one record counts.
"""

import json
import os
import subprocess

import pytest

TILLCTL = os.path.join(os.environ["TILL_BIN"], "bin", "tillctl")
SAME = object()

SOUND = [
    {"type": "book", "id": "shop", "currency": "EUR", "tax": "inclusive", "zone": "Europe/Berlin"},
    {"type": "tax", "id": "vat", "rate": "19"},
    {"type": "tax", "id": "deposit", "amount": "0.25"},
    {"type": "category", "id": "food"},
    {"type": "category", "id": "dairy", "parent": "food"},
    {"type": "price_list", "id": "base"},
    {"type": "item", "sku": "MILK", "name": "Milk", "category": "dairy", "brand": "alm", "tags": ["fresh"], "supplier": "farm", "tax": "vat",
     "cost": "0.50"},
    {"type": "item", "sku": "PEN", "name": "Pen"},
    {"type": "item", "sku": "BRIE", "name": "Brie", "category": "dairy", "unit": "kg"},
    {"type": "item", "sku": "CAN", "name": "Can", "tax": "deposit"},
    {"type": "price", "list": "base", "sku": "MILK", "price": "1.19"},
    {"type": "price", "list": "base", "sku": "CAN", "price": "0.99"},
    {"type": "promotion", "id": "half", "name": "Half", "coupon": True, "gives": [{"kind": "percent", "percent": "50"}]},
    {"type": "promotion", "id": "open", "name": "Open", "gives": [{"kind": "percent", "percent": "5"}]},
    {"type": "coupon", "code": "SAVE", "promotion": "half"},
    {"type": "floor", "id": "dairy", "category": "dairy", "margin": "25"},
    {"type": "customer", "id": "c1", "segments": ["gold"]},
]
TENTH = [{"kind": "percent", "percent": "10"}]


def promotion(**members):
    return {"type": "promotion", "id": "p", "name": "P", "gives": TENTH, **members}


def give(**members):
    return promotion(gives=[members])


def need(**members):
    return promotion(needs=[members])


def price(amount, sku="MILK", **members):
    return {"type": "price", "list": "base", "sku": sku, "price": amount, **members}


ROWS = [
    # numbers beyond all sense
    ("percent below zero", [give(kind="percent", percent="-5")], "gives[0].percent: '-5' is below the least, 0.0001"),
    ("101 %", [give(kind="percent", percent="101")], "gives[0].percent: '101' is above the most, 100"),
    ("nothing off", [give(kind="percent", percent="0")], "gives[0].percent: '0' is below the least, 0.0001"),
    ("2^63 %", [give(kind="percent", percent="9223372036854775808")], "gives[0].percent: '9223372036854775808' is too large"),
    ("a fraction of a per cent too fine", [give(kind="percent", percent="0.00001")],
     "gives[0].percent: '0.00001' is no decimal with at most 4 decimals, such as \"2.5\""),
    ("a price below zero", [price("-1.00", "PEN")], "price: '-1' is below the least, 0"),
    ("2^63 cents", [price("92233720368547758.08", "PEN")], "price: '92233720368547758.08' is too large"),
    ("more than all money", [price("10000000000000.01", "PEN")], "price: '10000000000000.01' is above the most, 10000000000000"),
    ("no number", [price("NaN", "PEN")], "price: 'NaN' is no decimal with at most 2 decimals, such as \"2.5\""),
    ("half a cent", [price("0.995", "PEN")], "price: '0.995' is no decimal with at most 2 decimals, such as \"2.5\""),
    ("a binary fraction", [price(0.1, "PEN")], "price: write \"0.1\" in quotes: prices are exact"),
    ("no price", [price(None, "PEN")], "price: a decimal in quotes or an integer is expected, this is null (leave it out instead)"),
    ("an amount of nothing", [give(kind="amount", amount="0")], "gives[0].amount: '0' is below the least, 0.01"),
    ("an amount to be paid on top", [give(kind="amount", amount="-2")], "gives[0].amount: '-2' is below the least, 0.01"),
    ("a bound of nothing", [promotion(limits={"max_discount": "0"})], "limits.max_discount: '0' is below the least, 0.01"),
    ("zero times", [give(kind="units", buy=1, get=1) | {"limits": {"times": 0}}], "limits.times: '0' is below the least, 1"),
    ("buy nothing", [give(kind="units", buy=0, get=1)], "gives[0].buy: '0' is below the least, 1"),
    ("get nothing", [give(kind="units", buy=1, get=0)], "gives[0].get: '0' is below the least, 1"),
    ("buy 2^31", [give(kind="units", buy=2**31, get=1)], "gives[0].buy: '2147483648' is above the most, 1000"),
    ("2^63 pieces", ['{"type":"promotion","id":"p","name":"P","needs":[{"quantity":9223372036854775808}],"gives":[{"kind":"percent","percent":"5"}]}'],
     "not JSON: too big integer near '9223372036854775808' (column 80)"),
    ("half a piece", [need(quantity=1.5)], "needs[0].quantity: an integer is expected, this is a number with a fraction"),
    ("less than nothing is needed", [need(amount="-1")], "needs[0].amount: '-1' is below the least, 0.01"),
    ("a rank beyond all others", [{"type": "price_list", "id": "l", "rank": 2**62}], "rank: '4611686018427387904' is above the most, 1000000"),
    ("a priority below all", [promotion(stacking={"priority": -1})], "stacking.priority: '-1' is below the least, 0"),
    ("a cost that is paid to the shop", [{"type": "item", "sku": "X", "name": "X", "cost": "-1"}], "cost: '-1' is below the least, 0"),
    ("a tax of 101 %", [{"type": "tax", "id": "t", "rate": "101"}], "rate: '101' is above the most, 100"),
    ("a tax below zero", [{"type": "tax", "id": "t", "rate": "-1"}], "rate: '-1' is below the least, 0"),
    ("a tax of both sorts", [{"type": "tax", "id": "t", "rate": "7", "amount": "1"}], "amount: a tax has a rate or an amount, not both"),
    ("a tax that exceeds its price", [price("0.20", "CAN")], "price: is below tax 'deposit', which is 0.25 of it"),
    ("an article put under a tax above its price", [{"type": "item", "sku": "PEN", "name": "Pen", "tax": "deposit"}, price("0.10", "PEN")], None,
     "price: is below tax 'deposit', which is 0.25 of it"),
    ("a floor of 100 %", [{"type": "floor", "id": "f", "segment": "s", "margin": "100"}], "margin: '100' is above the most, 99"),
    ("a floor below zero", [{"type": "floor", "id": "f", "segment": "s", "margin": "-1"}], "margin: '-1' is below the least, 0"),
    ("a floor for nobody", [{"type": "floor", "id": "f", "margin": "30"}],
     "category: missing; a floor is for a category, a segment or both (that of all is margin.floor of the 'book')"),
    ("a floor that tax leaves no room for", [{"type": "floor", "id": "f", "segment": "s", "margin": "84"}],
     "margin: with tax 'vat' in the price, too little of it is left for the cost"),
    ("a promotion's floor that tax leaves no room for", [promotion(margin={"floor": "84"})],
     "margin.floor: with tax 'vat' in the price, too little of it is left for the cost"),
    ("two floors for one thing", [{"type": "floor", "id": "g", "category": "dairy", "margin": "40"}],
     "category: floor 'dairy' is for the same category and segment"),
    # times that never come
    ("a window in reverse", [promotion(when={"from": "2026-12-02", "to": "2026-12-01"})], "when.to: is before from"),
    ("a list's window in reverse", [{"type": "price_list", "id": "l", "from": "2026-12-02", "to": "2026-12-01"}], "to: is before from"),
    ("a coupon's window in reverse", [{"type": "coupon", "code": "C", "promotion": "half", "from": "2027-01-01", "to": "2026-12-31"}],
     "to: is before from"),
    ("hours of no length", [promotion(when={"hours": [{"from": "10:00", "to": "10:00"}]})], "when.hours[0].to: is the same as from"),
    ("the 25th hour", [promotion(when={"hours": [{"from": "10:00", "to": "25:00"}]})],
     "when.hours[0].to: '25:00' is no time of day: write \"HH:MM\" or \"HH:MM:SS\""),
    ("30 February", [promotion(when={"from": "2026-02-30"})],
     "when.from: '2026-02-30' is no time: write \"2026-11-21T10:00:00\", with Z or +01:00 behind it for an instant"),
    ("a weekday of no week", [promotion(when={"weekdays": ["moonday"]})],
     "when.weekdays[0]: 'moonday' is none of mon, tue, wed, thu, fri, sat, sun"),
    ("a weekday twice", [promotion(when={"weekdays": ["mon", "tue", "mon"]})], "when.weekdays[2]: 'mon' is there twice"),
    ("weekdays outside the window", [promotion(when={"from": "2026-11-21", "to": "2026-11-22", "weekdays": ["mon", "fri"]})],
     "when.weekdays: none of them is between from and to"),
    # what is not there
    ("a price of no article", [price("1.00", "GHOST")], "sku: there is no article 'GHOST'", "sku: there is no item 'GHOST'"),
    ("a price in no list", [{"type": "price", "list": "l", "sku": "PEN", "price": "1"}], "list: there is no price list 'l'",
     "list: there is no price_list 'l'"),
    ("a need of no article", [need(quantity=1, select={"skus": ["PEN", "GHOST"]})], "needs[0].select.skus: there is no article 'GHOST'",
     "needs[0].select.skus: there is no item 'GHOST'"),
    ("a give on no article", [give(kind="percent", percent="5", select={"skus": ["GHOST"]})], "gives[0].select.skus: there is no article 'GHOST'",
     "gives[0].select.skus: there is no item 'GHOST'"),
    ("an exception of no category", [give(kind="percent", percent="5", select={"except": {"categories": ["ghost"]}})],
     "gives[0].select.except.categories: there is no category 'ghost'", "gives[0].select.categories: there is no category 'ghost'"),
    ("an article of no category", [{"type": "item", "sku": "X", "name": "X", "category": "ghost"}], "category: there is no category 'ghost'"),
    ("an article of no tax", [{"type": "item", "sku": "X", "name": "X", "tax": "ghost"}], "tax: there is no tax 'ghost'"),
    ("a coupon of no promotion", [{"type": "coupon", "code": "C", "promotion": "ghost"}], "promotion: there is no promotion 'ghost'"),
    ("a coupon that unlocks nothing", [{"type": "coupon", "code": "C", "promotion": "open"}],
     "promotion: 'open' does not ask for a coupon; give it \"coupon\": true"),
    ("a floor of no category", [{"type": "floor", "id": "f", "category": "ghost", "margin": "30"}], "category: there is no category 'ghost'"),
    # circles
    ("a category above itself", [{"type": "category", "id": "a", "parent": "a"}], "parent: 'a' cannot be its own parent"),
    ("categories in a circle", [{"type": "category", "id": "b", "parent": "a"}, {"type": "category", "id": "a", "parent": "b"}],
     "parent: the categories form a circle: a > b > a"),
    # contradictions
    ("a promotion that excludes what it needs", [need(quantity=1, select={"skus": ["MILK"], "except": {"skus": ["MILK"]}})],
     "needs[0].select.except: takes away all that is selected"),
    ("the exception is above what is selected", [give(kind="percent", percent="5", select={"categories": ["dairy"], "except": {"categories": ["food"]}})],
     "gives[0].select.except: takes away all that is selected"),
    ("articles, a brand and a tag but for themselves",
     [need(quantity=2, select={"skus": ["PEN", "MILK"], "brands": ["alm"], "tags": ["fresh"],
                               "except": {"skus": ["MILK", "PEN"], "brands": ["alm"], "tags": ["fresh"]}})],
     "needs[0].select.except: takes away all that is selected"),
    ("a brand but for itself", [give(kind="percent", percent="5", select={"brands": ["alm"], "except": {"brands": ["alm"]}})],
     "gives[0].select.except: takes away all that is selected"),
    ("a part of a set but for itself",
     [give(kind="percent", target="sets", percent="5", sets=[
         {"quantity": 1, "select": {"brands": ["alm"]}, "rewarded": True},
         {"quantity": 1, "select": {"tags": ["fresh"], "except": {"tags": ["fresh"]}}}])],
     "gives[0].sets[1].select.except: takes away all that is selected"),
    ("what one gets but for itself",
     [give(kind="percent", target="groups", buy=1, get=1, percent="100", got={"skus": ["PEN"], "except": {"skus": ["PEN"]}})],
     "gives[0].got.except: takes away all that is selected"),
    ("pieces of what has none", [need(quantity=2, select={"skus": ["BRIE"]})], "needs[0].quantity: counts pieces, and all that is selected is sold by measure"),
    ("a need of two sorts", [need(quantity=1, amount="1")], "needs[0].amount: a need has one of quantity, amount, measure and none, not several"),
    ("a need of nothing", [need(select={"skus": ["MILK"]})], "needs[0].quantity: missing; a need has a quantity, an amount, a measure or \"none\": true"),
    ("a promotion that gives nothing", [promotion(gives=[])], "gives: 0 items are fewer than the least, 1"),
    ("a per cent with an amount", [give(kind="percent", percent="5", amount="1")], "gives[0].amount: means nothing in a give of kind 'percent'; leave it out"),
    ("an amount that is called a per cent", [give(kind="percent", amount="1")], "gives[0].percent: missing; a give of kind 'percent' needs it"),
    ("a selector of an empty list, which would mean everything", [give(kind="percent", percent="5", select={"skus": []})],
     "gives[0].select.skus: 0 items are fewer than the least, 1"),
    ("a bound on groups without groups", [promotion(limits={"times": 3})], "limits.times: counts groups, and no give makes any"),
    ("orders in reverse", [promotion(who={"orders": {"from": 5, "to": 2}})], "who.orders.to: is before from"),
    ("orders of no number", [promotion(who={"orders": {}})], "who.orders: says nothing; give it from, to or every"),
    ("the zeroth order", [promotion(who={"orders": {"to": 0}})], "who.orders.to: '0' is below the least, 1"),
    ("a promotion for no use", [promotion(limits={"uses": 0})], "limits.uses: '0' is below the least, 1"),
    ("a budget of nothing", [promotion(limits={"budget": "0"})], "limits.budget: '0' is below the least, 0.01"),
    ("which pieces, of no number", [promotion(limits={"first": "dearest"})], "limits.first: means nothing without units; leave it out"),
    ("prices in reverse", [need(quantity=1, select={"price_from": "9", "price_to": "5"})], "needs[0].select.price_to: is below price_from"),
    ("what must not be there, twice of it", [need(none=True, quantity=2)],
     "needs[0].amount: a need has one of quantity, amount, measure and none, not several"),
    ("a tier of 101 %", [give(kind="percent", tiers=[{"from_quantity": 1, "percent": "101"}])],
     "gives[0].tiers[0].percent: '101' is above the most, 100"),
    ("tiers that go down", [give(kind="percent", tiers=[{"from_quantity": 6, "percent": "20"}, {"from_quantity": 3, "percent": "10"}])],
     "gives[0].tiers[1].from_quantity: is not above the tier before it"),
    ("tiers of two sorts", [give(kind="percent", tiers=[{"from_quantity": 3, "percent": "10"}, {"from_amount": "9", "percent": "20"}])],
     "gives[0].tiers[1].from_amount: the tiers before it have from_quantity"),
    ("every zeroth piece", [give(kind="percent", target="nth", count=0, percent="50")], "gives[0].count: '0' is below the least, 1"),
    ("a set of no parts", [give(kind="price", target="sets", price="5", sets=[])], "gives[0].sets: 0 items are fewer than the least, 1"),
    ("a set in which nothing is rewarded", [give(kind="price", target="sets", price="5", sets=[{"quantity": 1, "rewarded": False}])],
     "gives[0].sets: no part of them is rewarded"),
    ("a gift that is not there", [give(kind="gift", sku="GHOST")], "gives[0].sku: there is no article 'GHOST'", "gives[0].sku: there is no item 'GHOST'"),
    ("points below zero", [give(kind="points", points=-1)], "gives[0].points: '-1' is below the least, 1"),
    ("cashback of 101 %", [give(kind="cashback", percent="101")], "gives[0].percent: '101' is above the most, 100"),
    ("a price below zero for all", [give(kind="price", price="-1")], "gives[0].price: '-1' is below the least, 0"),
    ("the same promotion twice", [promotion(), promotion()], "promotion 'p' is there twice; the first is on line 18", None),
    ("the same article twice", [{"type": "item", "sku": "PEN", "name": "Pencil"}], "sku: 'PEN' is there twice; the first is on line 8", None),
    ("two prices of one article in a list", [price("2.00")], "'MILK' has a price in list 'base' already, on line 11", None),
    ("one code twice on an article", [{"type": "item", "sku": "X", "name": "X", "gtins": ["4006381333931", "04006381333931"]}],
     "gtins[1]: '04006381333931' is there twice"),
    ("a code with a wrong check digit", [{"type": "item", "sku": "X", "name": "X", "gtins": ["4006381333932"]}],
     "gtins[0]: '4006381333932' has a wrong check digit: it should end in 1"),
    # two currencies
    ("a second currency", [{"type": "book", "id": "shop", "currency": "USD"}],
     "type: a price book has one record of type 'book'",
     "currency: the catalog is in EUR, and all its amounts would change their meaning; import a whole book in USD"),
    ("a price in another currency", [price("1.00", "PEN", currency="USD")], "currency: unknown name"),
    ("an amount with its currency", [price("1.00 USD", "PEN")], "price: '1.00 USD' is no decimal with at most 2 decimals, such as \"2.5\""),
    # what is no record
    ("no JSON", ["price,MILK,1.19"], "not JSON: '[' or '{' expected near 'price' (column 5)"),
    ("a member twice", ['{"type":"price","list":"base","sku":"PEN","price":"1","price":"2"}'], "not JSON: duplicate object key near '\"price\"' (column 61)"),
    ("a member that nobody knows", [promotion(discount="5")], "discount: unknown name"),
    ("a type that nobody knows", [{"type": "warehouse", "id": "w"}], None, None),
    ("a text in no language", [promotion(texts={"klingon!": "x"})], "texts.klingon!: a name here is 1 to 64 letters, digits and hyphens"),
    ("an empty text", [promotion(texts={"fr": ""})], "texts.fr: is empty"),
    ("a name that drives a terminal", [promotion(text="\x1b[2J")], "text: has a control character"),
]

FIRST = [
    ("a currency of no country", {"currency": "EUX"}, "currency: 'EUX' is not an ISO 4217 code, such as EUR"),
    ("a zone that leaves its folder", {"zone": "../etc/passwd"}, "zone: '../etc/passwd' is not an IANA zone name, such as Europe/Berlin"),
    ("a later version's meaning", {"semantics": 2}, "semantics: the book wants version 2 and this tilld knows 1: upgrade tilld first"),
    ("a floor of 100 %", {"margin": {"floor": "100"}}, "margin.floor: '100' is above the most, 99"),
    ("a floor that tax leaves no room for", {"margin": {"floor": "84"}},
     "margin.floor: with tax 'vat' in the price, too little of it is left for the cost"),
    ("a language of nobody", {"language": "x"}, "language: 1 characters are fewer than the least, 2"),
    ("a policy that nobody knows", {"policy": "best_of_all"}, "policy: 'best_of_all' is not one of precedence, one_per_order, best_deal"),
]


def write(path, records):
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records), encoding="utf-8")
    return path


def tillctl(*arguments):
    done = subprocess.run([TILLCTL, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr.strip().removeprefix("tillctl: ").removesuffix("; nothing was changed")


def refused(path, line, reason, found):
    code, said = found
    assert code != 0, f"accepted; expected: {reason}"
    assert said == f"{path}:{line}: {reason}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_book(row, tmp_path):
    _, records, reason, *_ = row
    book = write(tmp_path / "book.jsonl", SOUND + records)
    cart = write(tmp_path / "cart.json", [{"lines": []}])
    if reason:
        refused(book, len(SOUND) + len(records), reason, tillctl("evaluate", "--book", book, "--cart", cart))


@pytest.mark.parametrize("row", FIRST, ids=lambda row: row[0])
def test_first(row, tmp_path):
    _, members, reason = row
    book = write(tmp_path / "book.jsonl", [SOUND[0] | members, *SOUND[1:]])
    cart = write(tmp_path / "cart.json", [{"lines": []}])
    refused(book, 1, reason, tillctl("evaluate", "--book", book, "--cart", cart))


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    assert tillctl("import", write(folder / "sound.jsonl", SOUND), "--state-dir", folder) == (0, "")
    return folder


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_changes(row, tmp_path, state):
    _, records, reason, *changes = row
    reason = changes[0] if changes else reason
    if not reason:
        pytest.skip("no mistake in a file of changes")
    path = write(tmp_path / "changes.jsonl", records)
    refused(path, len(records), reason, tillctl("import", "--changes", path, "--state-dir", state))


@pytest.mark.parametrize("row", FIRST, ids=lambda row: row[0])
def test_first_as_change(row, tmp_path, state):
    _, members, reason = row
    path = write(tmp_path / "changes.jsonl", [SOUND[0] | members])
    refused(path, 1, reason, tillctl("import", "--changes", path, "--state-dir", state))


def test_what_is_wrong_elsewhere(tmp_path, state):
    """A change that makes a record absurd which is not in the file: it is that one which is named."""
    path = write(tmp_path / "changes.jsonl", [{"type": "tax", "id": "deposit", "amount": "2.00"}])
    assert tillctl("import", "--changes", path, "--state-dir", state) == (
        1, f"{path}: with these changes, price 'CAN': price: is below tax 'deposit', which is 2.00 of it")


def test_sound(tmp_path, state):
    """The book that all rows add to is accepted, so that it is the row that is refused; and no refusal left a trace."""
    cart = write(tmp_path / "cart.json", [{"lines": [{"sku": "MILK"}]}])
    assert tillctl("evaluate", "--book", write(tmp_path / "book.jsonl", SOUND), "--cart", cart)[0] == 0
    assert tillctl("import", "--changes", write(tmp_path / "none.jsonl", SOUND), "--state-dir", state) == (0, "")
