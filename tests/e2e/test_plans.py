"""Subscriptions on a box: what a plan brings at the lane, and what stays of it when the box starts anew."""

import json

import pytest
from box import BOOK, wait_for

VIP_ONLY = {"type": "promotion", "id": "vip-pens", "name": "Pens for VIPs", "who": {"plans": ["vip"]},
            "needs": [{"select": {"skus": ["PEN"]}, "quantity": 1}], "gives": [{"kind": "percent", "percent": "50"}]}
PLANS = [
    {"type": "plan", "id": "basic", "name": "Basic", "level": 1, "fee": "60.00", "credit": "60.00", "upgrades": ["vip"]},
    {"type": "plan", "id": "vip", "name": "VIP", "level": 3, "fee": "180.00", "credit": "200.00", "downgrades": ["basic"]},
    {"type": "plan", "id": "plus", "level": 2, "fee": "90.00", "credit": "95.00", "downgrades": ["basic"], "downgrade": "prorated"},
    {"type": "customer", "id": "eve", "plan": "plus", "plan_from": "2020-01-01"},
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


def credit(client, lane="1"):
    return client.do("cart", lane=lane).get("credit")


def buy(client, order, pens, tenders, lane="1", customer="bea"):
    """Pens at 2.49 each."""
    client.do("scan", lane=lane, sku="PEN", quantity=str(pens))
    client.do("customer", lane=lane, customer=customer)
    return client.ask("tender", lane=lane, order=order, tenders=tenders)


def test_no_change_before_what_is_paid_for(plan_box):
    done = plan_box.tillctl("plan", "change", "bea", "vip", "--at", "2019-12-31", check=False)
    assert done.returncode == 1 and "has plan 'basic' from 2020-01-01 on: not before that day" in done.stderr
    assert json.loads(plan_box.tillctl("plan", "show", "bea", "--json").stdout)["plan"] == "basic"


def test_basket_credit_pays_once(plan_box):
    """Basic brings 60.00 a month. 10 pens are 24.90: 35.10 are left; 20 more are 49.80, of which 14.70 are paid in cash."""
    client = plan_box.client()
    first = buy(client, "o-1", 10, [{"method": "basket-credit"}])
    assert first["tenders"] == [{"method": "basket-credit", "amount": "24.90"}] and first["credit_left"] == "35.10"
    assert buy(client, "o-1", 10, [{"method": "basket-credit"}])["repeated"]  # the same order once more spends nothing
    assert credit(client)["left"] == "35.10"
    client.do("void", lane="1", cart=True)
    second = buy(client, "o-2", 20, [{"method": "basket-credit"}, {"method": "cash"}])
    assert [t["amount"] for t in second["tenders"]] == ["35.10", "14.70"] and second["credit_left"] == "0.00"
    short = buy(client, "o-3", 1, [{"method": "basket-credit"}])
    assert not short["ok"] and short["error"]["code"] == "tender_invalid" and "0.00 EUR of basket credit" in short["error"]["text"]
    shown = json.loads(plan_box.tillctl("plan", "show", "bea", "--json").stdout)
    assert (shown["credit"], shown["credit_spent"], shown["credit_left"]) == ("60.00", "60.00", "0.00")


def test_basket_credit_flows_back_and_outlives_a_restart(plan_box):
    client = plan_box.client()
    buy(client, "o-1", 10, [{"method": "basket-credit"}])
    client.do("return", lane="1", order="o-1", lines=[{"line": 1, "quantity": "2"}])  # 4.98 come back
    client.do("scan", lane="1", sku="PEN")
    client.do("customer", lane="1", customer="bea")
    assert credit(client) == {"granted": "60.00", "left": "40.08", "to": credit(client)["to"]}
    assert plan_box.stop() == 0
    client = plan_box.start().client()
    assert credit(client)["left"] == "40.08"  # the cart came back, and the ledger was read
    client.do("tender", lane="1", order="o-2", tenders=[{"method": "basket-credit", "amount": "2.49"}])
    client.do("void_order", lane="1", order="o-2")
    assert plan_box.tillctl("plan", "show", "bea").stdout.count("19.92 spent, 40.08 left") == 1
    plan_box.tillctl("audit", "verify")
    plan_box.tillctl("replay", "--all")


@pytest.mark.parametrize("customer,tenders,says", [
    ("", [{"method": "basket-credit"}], "the cart has none"),
    ("dan", [{"method": "basket-credit"}], "no plan that brings basket credit"),
    ("bea", [{"method": "basket-credit", "amount": "60.01"}], "60.00 EUR of basket credit are left until"),
    ("bea", [{"method": "basket-credit", "amount": "1.00"}, {"method": "basket-credit"}], "twice"),
    ("bea", [{"method": "basket-credit", "amount": "3.00"}], "only cash gives change"),
])
def test_basket_credit_is_refused(plan_box, customer, tenders, says):
    client = plan_box.client()
    answer = buy(client, "o-1", 1, tenders, customer=customer)
    assert not answer["ok"] and answer["error"]["code"] == "tender_invalid" and says in answer["error"]["text"]
    if customer == "bea":
        assert credit(client)["left"] == "60.00"
    client.do("tender", lane="1", order="o-1")


def test_what_was_spent_is_due_where_a_plan_goes_down(plan_box):
    """All 95.00 of Plus are spent: what Basic has less for the days left, one at least, is to be paid. --spent says otherwise."""
    client = plan_box.client()
    buy(client, "o-1", 40, [{"method": "basket-credit"}, {"method": "cash"}], customer="eve")  # 99.60
    assert credit(client)["left"] == "0.00"

    def quote(*more):
        return json.loads(plan_box.tillctl("plan", "quote", "eve", "basic", "--json", *more).stdout)

    assert quote() == quote("--spent", "95.00") != quote("--spent", "0.00")


def test_guests_are_those_without_a_segment(bare_box):
    """At the lane as in the file: 2.49 less 10 % is 2.24. A sale to a guest is decided the same way again, after a restart too."""
    hello = {"type": "promotion", "id": "hello", "name": "Welcome", "who": {"segments": ["guest"]}, "needs": [{"select": {"skus": ["PEN"]}, "quantity": 1}],
             "gives": [{"kind": "percent", "percent": "10"}]}
    bare_box.write_book(BOOK + PLANS + [hello, {"type": "customer", "id": "tom"}, {"type": "customer", "id": "ida", "segments": ["press"]}])
    bare_box.tillctl("import", bare_box.book)
    client = bare_box.start().client()
    client.do("scan", lane="1", sku="PEN")
    for customer, expected in ("", "2.24"), ("tom", "2.24"), ("ida", "2.49"), ("cyd", "2.49"), ("tom", "2.24"):
        client.do("customer", lane="1", customer=customer)
        assert total(client, "1") == expected, customer
    assert bare_box.stop() == 0
    client = bare_box.start().client()
    assert total(client, "1") == "2.24"
    client.do("tender", lane="1", order="o-1")
    client.do("scan", lane="1", sku="PEN")
    client.do("tender", lane="1", order="o-2")
    bare_box.tillctl("replay", "--all")
