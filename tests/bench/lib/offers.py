"""Promotions of every type of docs/promotions.md, for make_book --all: OFFERS are functions of the promotion's number, the
number of articles and a random generator, and give what makes the promotion that kind.

Selectors are as narrow as those of a real shop: a category, brand, tag or supplier, or a few articles. Every type has the
same share; of amounts from a threshold one in ten is on the whole cart, and of those one applies (they are of a group).
"""

import itertools

LEAVES = 1000  # categories that articles are in, ten below each of the upper ones
BRANDS = 2000
TAGS = 100
SUPPLIERS = 500


def sku(number):
    return f"A{number:06d}"


def category(rnd):
    return {"categories": [f"C{rnd.randrange(LEAVES)}"]}


def brand(rnd):
    return {"brands": [f"B{rnd.randrange(BRANDS)}"]}


def tag(rnd):
    return {"tags": [f"T{rnd.randrange(TAGS)}"]}


def supplier(rnd):
    return {"suppliers": [f"S{rnd.randrange(SUPPLIERS)}"]}


def articles(rnd, count, number):
    return {"skus": [sku(rnd.randrange(count)) for _ in range(number)]}


def percent(rnd, select, *values):
    return {"kind": "percent", "select": select, "percent": str(rnd.choice(values or (5, 10, 15)))}


def percent_off_article(n, count, rnd):
    return {"gives": [percent(rnd, articles(rnd, count, 1), 10, 20, 30)]}


def percent_off_category(n, count, rnd):
    return {"gives": [percent(rnd, {**category(rnd), "except": tag(rnd)})]}


def amount_on_each(n, count, rnd):
    return {"gives": [{"kind": "amount", "amount": "0.20", "per": "unit", "select": brand(rnd)}]}


def amount_from_threshold(n, count, rnd):
    if n // len(OFFERS) % 10 == 0:
        return {"needs": [{"amount": f"{60 + n % 97}.00"}], "gives": [{"kind": "amount", "amount": "5.00"}], "stacking": {"group": "basket"}}
    return {"needs": [{"select": category(rnd), "amount": "6.00"}], "gives": [{"kind": "amount", "amount": "1.00"}]}


def second_free(n, count, rnd):
    return {"gives": [{"kind": "units", "buy": 1, "get": 1, "select": brand(rnd)}], "limits": {"times": 3}}


def three_for_two(n, count, rnd):
    return {"gives": [{"kind": "units", "buy": 2, "get": 1, "select": articles(rnd, count, 20)}]}


def second_at_half_price(n, count, rnd):
    return {"gives": [{"kind": "percent", "target": "nth", "count": 2, "percent": "50", "select": category(rnd)}]}


def percent_from_quantity(n, count, rnd):
    return {"needs": [{"select": brand(rnd), "quantity": 2}], "gives": [{"kind": "percent", "percent": "20"}]}


def happy_hour(n, count, rnd):
    hour = rnd.randrange(20)
    return {"when": {"weekdays": ["mon", "wed", "fri", "sat"], "hours": [{"from": f"{hour:02d}:00", "to": f"{hour + 3:02d}:59:59"}]},
            "gives": [percent(rnd, brand(rnd), 20, 30)]}


def flash_sale(n, count, rnd):
    return {"when": {"from": f"2026-11-20T{rnd.randrange(10, 20)}:00", "to": "2026-11-20T22:00"}, "limits": {"max_discount": "6.00"},
            "gives": [percent(rnd, category(rnd), 30)]}


def for_members(n, count, rnd):
    return {"who": {"segments": ["member"]}, "gives": [percent(rnd, category(rnd), 3)]}


def personal(n, count, rnd):
    return {"who": {"customers": ["952000000017"]}, "limits": {"customer_uses": 5}, "gives": [percent(rnd, brand(rnd), 10)]}


def with_coupon(n, count, rnd):
    return {"coupon": True, "limits": {"uses": 10000}, "gives": [percent(rnd, supplier(rnd), 10)]}


def in_the_app(n, count, rnd):
    return {"where": {"channels": ["app"]}, "gives": [{"kind": "amount", "amount": "1.00", "select": category(rnd)}]}


def alone(n, count, rnd):
    return {"gives": [{"kind": "amount", "amount": "1.00", "select": category(rnd)}], "stacking": {"stackable": False, "priority": 10 + n % 50}}


def price_of_article(n, count, rnd):
    return {"gives": [{"kind": "price", "price": "0.99", "select": articles(rnd, count, 5)}]}


def three_for_a_price(n, count, rnd):
    return {"gives": [{"kind": "price", "target": "sets", "price": "3.00", "sets": [{"select": articles(rnd, count, 20), "quantity": 3}]}]}


def bundle(n, count, rnd):
    parts = [{"select": select, "quantity": 1} for select in (category(rnd), brand(rnd))]
    return {"gives": [{"kind": "price", "target": "sets", "price": "2.50", "sets": parts}]}


def another_cheaper(n, count, rnd):
    return {"gives": [{"kind": "amount", "target": "groups", "select": category(rnd), "buy": 1, "get": 1, "got": brand(rnd), "amount": "0.50"}]}


def cheapest_free(n, count, rnd):
    return {"needs": [{"select": category(rnd), "quantity": 3}], "gives": [{"kind": "percent", "target": "cheapest", "count": 1, "percent": "100"}]}


def more_is_cheaper(n, count, rnd):
    return {"gives": [{"kind": "percent", "select": brand(rnd), "tiers": [{"from_quantity": 2, "percent": "5"}, {"from_quantity": 4, "percent": "12"}]}]}


def additional_at_a_price(n, count, rnd):
    return {"gives": [{"kind": "price", "spread": "steps", "select": articles(rnd, count, 10), "tiers": [{"from_quantity": 3, "price": "0.79"}]}]}


def spend_more(n, count, rnd):
    return {"gives": [{"kind": "percent", "spread": "steps", "select": category(rnd),
                       "tiers": [{"from_amount": "5.00", "percent": "5"}, {"from_amount": "10.00", "percent": "10"}]}]}


def by_weight(n, count, rnd):
    return {"needs": [{"select": category(rnd), "measure": "0.5"}], "gives": [{"kind": "amount", "amount": "1.00", "per": "unit"}]}


def first_order(n, count, rnd):
    return {"who": {"orders": {"to": 1}}, "limits": {"units": 2}, "gives": [percent(rnd, brand(rnd), 10)]}


def of_full_prices(n, count, rnd):
    return {"gives": [percent(rnd, {**category(rnd), "price_from": "5.00", "on_sale": False}, 10)], "limits": {"budget": "50000.00"}}


def clearance(n, count, rnd):
    return {"gives": [percent(rnd, {**category(rnd), **tag(rnd)}, 25)], "margin": {"floor": "0.5", "on_breach": "block"}}


def free_shipping(n, count, rnd):
    return {"needs": [{"select": supplier(rnd), "amount": "10.00"}], "gives": [{"kind": "shipping", "methods": ["parcel"]}]}


def gift(n, count, rnd):
    return {"needs": [{"select": brand(rnd), "quantity": 2}], "gives": [{"kind": "gift", "sku": sku(rnd.randrange(count))}]}


def points(n, count, rnd):
    return {"gives": [{"kind": "points", "points": 5, "every": "1.00", "select": brand(rnd)}]}


def cashback(n, count, rnd):
    return {"gives": [{"kind": "cashback", "percent": "2", "select": category(rnd)}]}


def credit(n, count, rnd):
    return {"needs": [{"select": supplier(rnd), "amount": "8.00"}], "gives": [{"kind": "credit", "amount": "1.00"}]}


OFFERS = (amount_from_threshold, percent_off_category, second_free, three_for_two, percent_off_article, amount_on_each,
          second_at_half_price, percent_from_quantity, alone, with_coupon,
          happy_hour, flash_sale, for_members, personal, in_the_app, price_of_article, three_for_a_price, bundle, another_cheaper,
          cheapest_free, more_is_cheaper, additional_at_a_price, spend_more, by_weight, first_order, of_full_prices, clearance,
          free_shipping, gift, points, cashback, credit)


def competes(promotion):
    """A shop with the policy best_deal lets those that are on goods compete for them; coupons, the order and rewards come on top."""
    goods = all(g["kind"] in ("percent", "amount", "price", "units") for g in promotion["gives"])
    return goods and not promotion.get("coupon") and any("select" in part for part in promotion.get("needs", []) + promotion["gives"])


def wide(count, rnd):
    """Mix and match over half of the departments, each of them over other ones."""
    for n, (buy, off) in zip(range(count), itertools.cycle(((2, "100"), (1, "50"), (3, "100")))):
        departments = sorted(rnd.sample(range(LEAVES // 10), LEAVES // 20))
        yield {"type": "promotion", "id": f"W{n}", "name": f"Mix and match {n}", "text": f"Mix and match {n}",
               "stacking": {"stackable": False, "priority": 50},
               "gives": [{"kind": "units", "buy": buy, "get": 1, "percent": off, "select": {"categories": [f"U{d}" for d in departments]}}]}


def rules(count, rnd):
    """One pricing rule an article, of all kinds, and the signals that they follow."""
    kinds = (("surge", {"steps": [{"above": "1.5", "percent": "10"}]}), ("overstock", {"steps": [{"above": "30", "percent": "15"}]}),
             ("stock", {"steps": [{"below": "10", "percent": "5"}]}), ("demand", {"up": "50"}),
             ("competitor", {"target": "98", "up": "0", "down": "5"}), ("season", {"percent": "-5", "days": {"from": "11-15", "to": "01-06"}}),
             ("age", {"least": "60"}), ("expiry", {"steps": [{"days": 1, "percent": "50"}, {"days": 3, "percent": "30"}]}))
    for n in range(count):
        kind, members = kinds[n % len(kinds)]
        yield {"type": "price_rule", "id": f"R{n:06d}", "kind": kind, "select": {"skus": [sku(n)]}, **members}
        yield {"type": "signal", "sku": sku(n), "stock": str(rnd.randrange(200)), "sold": str(rnd.randrange(1, 20)),
               "expected": str(rnd.randrange(1, 12)), "views": rnd.randrange(500), "carts": rnd.randrange(50), "purchases": rnd.randrange(20), "at": "2026-11-20T12:00:00Z",
               "competitor": f"{rnd.randrange(1, 20)}.49", "received": f"2026-11-{rnd.randrange(1, 20):02d}",
               "until": f"2026-11-{rnd.randrange(20, 30):02d}"}
