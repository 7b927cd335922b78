"""Subscriptions on a box: what a plan brings at the lane, and what stays of it when the box starts anew."""

import json

import pytest
from box import BOOK, wait_for

VIP_ONLY = {"type": "promotion", "id": "vip-pens", "name": "Pens for VIPs", "who": {"plans": ["vip"]},
            "needs": [{"select": {"skus": ["PEN"]}, "quantity": 1}], "gives": [{"kind": "percent", "percent": "50"}]}
PLANS = [
    {"type": "plan", "id": "basic", "name": "Basic", "level": 1, "fee": "60.00", "credit": "60.00", "upgrades": ["vip"]},
    {"type": "plan", "id": "vip", "name": "VIP", "level": 3, "fee": "180.00", "credit": "200.00", "downgrades": ["basic"]},
    {"type": "customer", "id": "bea", "plan": "basic", "plan_from": "2020-01-01"},
    {"type": "customer", "id": "cyd", "plan": "vip", "plan_from": "2020-01-01"},
    {"type": "customer", "id": "dan", "plan": "vip", "plan_from": "2020-01-01", "plan_to": "2020-01-31"},
]


@pytest.fixture
def plan_box(bare_box):
    bare_box.write_book(BOOK + PLANS + [VIP_ONLY])
    bare_box.tillctl("import", bare_box.book)
    return bare_box.start()


def total(client, lane):
    return client.do("cart", lane=lane)["totals"]["total"]


def test_a_promotion_for_a_plan_is_for_its_subscribers(plan_box):
    """2.49, half of it 1.245, which is 1.25 off: 1.24 for the VIP alone, while it is paid for."""
    client = plan_box.client()
    client.do("scan", lane="1", sku="PEN")
    for customer, expected in ("bea", "2.49"), ("cyd", "1.24"), ("dan", "2.49"), ("cyd", "1.24"), ("", "2.49"):
        client.do("customer", lane="1", customer=customer)
        assert total(client, "1") == expected, customer


def test_the_plan_outlives_a_restart_and_is_sold(plan_box):
    client = plan_box.client()
    client.do("scan", lane="1", sku="PEN")
    client.do("customer", lane="1", customer="cyd")
    client.do("scan", lane="2", sku="PEN")
    client.do("customer", lane="2", customer="cyd")
    aside = client.do("suspend", lane="2")["cart"]
    assert plan_box.stop() == 0
    plan_box.start()
    client = plan_box.client()
    wait_for(lambda: client.do("status")["catalog"], what="catalog")
    client.do("resume", lane="2", cart=aside)
    assert (total(client, "1"), total(client, "2")) == ("1.24", "1.24")
    client.do("tender", lane="1", order="o-1")
    sale = json.loads(plan_box.tillctl("ledger", "show", "--order", "o-1", "--json").stdout)["sale"]
    assert sale["plan"] == "vip" and sale["total"] == "1.24"


def test_a_change_of_plans_at_the_box(plan_box):
    """Bea has Basic month by month; VIP at once makes her pens half as dear. Way back: with the month that follows."""
    client = plan_box.client()
    offer = json.loads(plan_box.tillctl("plan", "quote", "bea", "vip", "--json").stdout)
    assert offer["change"] == "upgrade" and offer["when"] == "at_once" and 0 < float(offer["due"]) <= 120
    client.do("scan", lane="1", sku="PEN")
    client.do("customer", lane="1", customer="bea")
    assert total(client, "1") == "2.49"
    done = json.loads(plan_box.tillctl("plan", "change", "bea", "vip", "--json").stdout)
    assert done["due"] == offer["due"]
    client.do("customer", lane="1", customer="bea")
    assert total(client, "1") == "1.24"
    back = json.loads(plan_box.tillctl("plan", "change", "bea", "basic", "--json").stdout)
    assert back["when"] == "next_period" and back["due"] == "60.00"
    shown = json.loads(plan_box.tillctl("plan", "show", "bea", "--json").stdout)
    assert shown["plan"] == "vip" and shown["customer"]["next"]["plan"] == "basic"
    assert plan_box.tillctl("plan", "change", "bea", "gold", check=False).returncode == 1
