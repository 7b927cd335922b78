"""Files of changes into a catalog that lanes are working with."""

import json
import os

FAILED = 1


def change(box, *lines, **more):
    file = os.path.join(box.state, "changes.jsonl")
    with open(file, "w", encoding="utf-8") as f:
        f.writelines(json.dumps(line) + "\n" for line in lines)
    return box.tillctl("import", "--changes", file, "--json", **more)


def price(sku, amount):
    return {"type": "price", "list": "base", "sku": sku, "price": amount}


def total(client, lane):
    return client.do("cart", lane=lane)["totals"]["total"]


def test_a_price_changes_for_new_carts(box):
    client = box.client()
    client.do("scan", lane="1", sku="PEN")
    done = json.loads(change(box, price("PEN", "1.99"), price("BAR", "1.00")).stdout)
    assert done["ok"] and done["in_force"] and done["version"] == 2
    assert done["put"]["price"] == 1 and done["unchanged"] == 1
    client.do("scan", lane="1", sku="PEN")
    client.do("scan", lane="2", sku="PEN")
    assert (total(client, "1"), total(client, "2")) == ("4.98", "1.99")


def test_a_promotion_and_a_new_article(box):
    client = box.client()
    change(box, {"type": "remove", "of": "promotion", "key": {"id": "BOGO"}}, price("TEA", "3.00"),
           {"type": "item", "sku": "TEA", "name": "Tea", "gtins": ["5010029000023"], "tax": "food"})
    client.do("scan", lane="1", sku="BAR", quantity="2")
    client.do("scan", lane="1", code="5010029000023")
    assert total(client, "1") == "5.00"


def test_all_or_nothing(box):
    client = box.client()
    done = change(box, price("PEN", "1.99"), price("CAR", "1.99"), check=False)
    assert done.returncode == FAILED and "changes.jsonl:2: sku: there is no item 'CAR'" in done.stderr
    client.do("scan", lane="1", sku="PEN")
    assert total(client, "1") == "2.49"


def test_a_cart_that_was_put_aside_is_never_dearer(box):
    client = box.client()
    client.do("scan", lane="1", sku="PEN")
    cart = client.do("suspend", lane="1")["cart"]
    change(box, price("PEN", "9.99"))
    client.do("resume", lane="2", cart=cart)
    assert total(client, "2") == "2.49"
    client.do("scan", lane="2", sku="PEN")
    assert total(client, "2") == "12.48"
    client.do("tender", lane="2", tenders=[{"method": "cash"}])
    shown = json.loads(box.tillctl("ledger", "show", "--last", "1", "--json").stdout.splitlines()[-1])
    assert "2.49" in json.dumps(shown)
