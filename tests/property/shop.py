"""Random shops and carts that are small enough for the slow oracle and mean enough for the engine.

Prices with odd cents, amounts of nothing and of too much, windows that begin or end on the very second of
the cart, hours over midnight, promotions that overlap, carts with the same article on several lines.
"""

import datetime

SKUS = ["A1", "A10", "A2", "B1", "B2", "C1", "C2", "W1", "W2", "Z9"]
CATEGORIES = [{"id": "food"}, {"id": "sweets", "parent": "food"}, {"id": "choc", "parent": "sweets"}, {"id": "tools"}]
BRANDS, TAGS, SUPPLIERS = ["acme", "best"], ["new", "bio", "sale"], ["s1", "s2"]
SEGMENTS, CHANNELS, STORES = ["member", "staff"], ["store", "app"], ["S1", "S2"]
PLANS, METHODS = ["basic", "vip"], ["parcel", "courier"]
SETTINGS = {
    "remainder": ["largest", "last_line", "carry"], "percent_rounding": ["discount_half_up", "price_half_up", "half_even", "down"],
    "fixed_amount": ["once", "unit", "line"], "free_unit": ["cheapest", "dearest"], "units_first": ["cheapest", "dearest"],
    "repeats": ["all", "once"], "threshold_tax": ["as_priced", "before", "after"], "budget_overrun": ["part", "reject"],
}
NOW = datetime.datetime(2026, 10, 25, 0, 59, 30)  # UTC: thirty seconds before Berlin leaves summer time


def text(minor, exponent):
    if exponent == 0:
        return str(minor)
    return f"{minor // 10**exponent}.{minor % 10**exponent:0{exponent}d}"


def some(r, values, most=2):
    return r.sample(values, r.randint(1, min(most, len(values))))


def selector(r, e):
    s = {}
    if r.random() < 0.8:
        field, values = r.choice(
            [("skus", SKUS), ("skus", SKUS), ("categories", ["food", "sweets", "choc", "tools"]), ("brands", BRANDS),
             ("tags", TAGS), ("suppliers", SUPPLIERS)])
        s[field] = some(r, values, 4)
    if r.random() < 0.2:
        field, values = r.choice([("skus", SKUS), ("tags", TAGS), ("categories", ["choc", "tools"])])
        s["except"] = {field: some(r, values)}
    if r.random() < 0.1:
        low, high = sorted(r.sample([0, 1, 99, 100, 333, 999, 2000, 5000], 2))
        s.update({"price_from": text(low, e)} if r.random() < 0.7 else {}, **{"price_to": text(high, e)} if r.random() < 0.5 else {})
    if r.random() < 0.1:
        s["on_sale"] = r.random() < 0.5
    if r.random() < 0.05:
        s["discountable"] = True
    return s


def moment(r, end):
    """A time about NOW, in one of the ways to write one."""
    at = NOW + datetime.timedelta(seconds=r.choice([0, 1, -1, 30, -30, 3600, -3600, 86400, -86400]) * (1 if end else -1))
    how = r.randint(0, 3)
    if how == 0:
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")
    if how == 1:
        return at.strftime("%Y-%m-%dT%H:%M:%S")
    return at.strftime("%Y-%m-%dT%H:%M") if how == 2 else at.strftime("%Y-%m-%d")


def when(r):
    w = {}
    if r.random() < 0.4:
        w["from"] = moment(r, False)
    if r.random() < 0.4:
        w["to"] = moment(r, True)
    if "from" in w and "to" in w and w["from"][:10] >= w["to"][:10]:
        del w["from"]
    if r.random() < 0.2:
        w["weekdays"] = some(r, ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], 6)
    if r.random() < 0.2:
        w["hours"] = [{"from": f"{r.randint(0, 23):02d}:00", "to": f"{r.randint(0, 23):02d}:59:59"} for _ in range(2)]
    return w


def value(r, e, kind):
    """The member that says how much a percent, amount or price gives."""
    if kind == "percent":
        return {"percent": r.choice(["10", "25", "33.3333", "50", "0.01", "100", "12.5"])}
    if kind == "amount":
        return {"amount": text(r.choice([1, 50, 99, 100, 333, 1000, 100000]), e)}
    return {"price": text(r.choice([0, 1, 50, 99, 300, 999, 1500]), e)}


def tiers(r, e, kind, spread):
    by = r.choice(["from_quantity", "from_amount"] if spread == "whole" or kind == "percent" else ["from_quantity"])
    if spread == "whole" and r.random() < 0.2:
        by = "from_measure"
    starts = {"from_quantity": [1, 2, 3, 5, 8], "from_amount": [1, 99, 1000, 2500, 5000], "from_measure": [125, 333, 500, 1000, 2500]}[by]
    found = [{by: {"from_quantity": n, "from_amount": text(n, e), "from_measure": text(n, 3)}[by], **value(r, e, kind)}
             for n in sorted(r.sample(starts, r.randint(1, 3)))]
    return {"tiers": found, **({"unit": r.choice(["kg", "g", "lb", "l"])} if by == "from_measure" and r.random() < 0.5 else {})}


def give_on_goods(r, e, kind):
    g = {"kind": kind, "target": r.choice(["goods", "goods", "order"])}
    if r.random() < 0.3:
        g["spread"] = r.choice(["whole", "steps"])
        g.update(tiers(r, e, kind, g["spread"]))
    else:
        g.update(value(r, e, kind))
    if kind == "amount" and r.random() < 0.5:
        g["per"] = "unit" if g.get("spread") == "steps" else r.choice(["once", "unit", "line"])
    return g


def give_on_pieces(r, e, kind):
    g = {"kind": kind, "target": r.choice(["groups", "groups", "nth", "cheapest", "dearest", "sets", "sets"]), **value(r, e, kind)}
    if g["target"] == "groups":
        g.update(buy=r.randint(1, 3), get=r.randint(1, 2))
        if r.random() < 0.5:
            g["got"] = selector(r, e)
        if r.random() < 0.4:
            g["free"] = r.choice(["cheapest", "dearest"])
    elif g["target"] == "sets":
        g["sets"] = [{"quantity": r.randint(1, 2), **({"select": selector(r, e)} if r.random() < 0.8 else {}), "rewarded": r.random() < 0.7}
                     for _ in range(r.randint(1, 3))]
        r.choice(g["sets"])["rewarded"] = True
    else:
        g["count"] = r.randint(2, 4)
    if kind == "amount" and r.random() < 0.4 or kind == "price" and g["target"] == "sets" and r.random() < 0.4:
        g["per"] = r.choice(["once", "unit"])
    return g


def give_reward(r, e):
    kind = r.choice(["shipping", "gift", "points", "cashback", "credit"])
    if kind == "gift":
        return {"kind": kind, "sku": r.choice(SKUS), **({"count": r.randint(1, 3)} if r.random() < 0.5 else {})}
    if kind == "points":
        return {"kind": kind, "points": r.randint(1, 50), **({"every": text(r.choice([1, 100, 999]), e)} if r.random() < 0.6 else {})}
    if kind == "shipping":
        how = {} if r.random() < 0.4 else value(r, e, r.choice(["percent", "amount", "price"]))
        return {"kind": kind, **how, **({"methods": some(r, METHODS)} if r.random() < 0.5 else {})}
    return {"kind": kind, **value(r, e, r.choice(["percent", "amount"]))}


def give(r, e):
    kind = r.choice(["percent", "percent", "amount", "amount", "price", "units", "pieces", "pieces", "pieces", "reward"])
    if kind == "pieces":
        g = give_on_pieces(r, e, r.choice(["percent", "amount", "price"]))
    elif kind == "reward":
        g = give_reward(r, e)
    elif kind == "units":
        g = {"kind": kind, "buy": r.randint(1, 3), "get": r.randint(1, 2), "percent": r.choice(["100", "50", "30"])}
    else:
        g = give_on_goods(r, e, kind)
    if r.random() < 0.5 and g.get("target") not in ("order", "sets") and g["kind"] not in ("shipping", "gift"):
        g["select"] = selector(r, e)
    return g


def need(r, e):
    n = {"select": selector(r, e)} if r.random() < 0.8 else {}
    how = r.random()
    if how < 0.05:
        return {**n, "none": True}
    if how < 0.4:
        n["quantity"] = r.randint(1, 4)
    elif how < 0.85:
        n["amount"] = text(r.choice([1, 500, 1000, 2500, 5000]), e)
        if r.random() < 0.2:
            n["threshold"] = r.choice(["original", "running"])
        if r.random() < 0.2:
            n["tax"] = r.choice(["as_priced", "before", "after"])
    else:
        n["measure"] = r.choice(["0.125", "0.333", "1", "2", "700"])
        if r.random() < 0.6:
            n["unit"] = r.choice(["kg", "g", "lb", "l"])
    if r.random() < 0.15:
        n["above"] = True
    if r.random() < 0.15:
        n["per"] = "article"
    return n


def who(r):
    w = {}
    if r.random() < 0.6:
        w["segments"] = some(r, SEGMENTS)
    if r.random() < 0.2:
        w["customers"] = some(r, ["ann", "bob", "eve"])
    if r.random() < 0.2:
        w["plans"] = some(r, PLANS)
    if r.random() < 0.2 or not w:
        w["orders"] = r.choice([{"to": 1}, {"from": 2}, {"every": 5}, {"from": 3, "to": 9, "every": 2}])
    return w


def limits(r, e):
    found = {}
    if r.random() < 0.2:
        found["max_discount"] = text(r.choice([1, 77, 200, 1000]), e)
    if r.random() < 0.2:
        found["times"] = r.randint(1, 3)
    if r.random() < 0.15:
        found["units"] = r.randint(1, 4)
        if r.random() < 0.5:
            found["first"] = r.choice(["dearest", "cheapest"])
    if r.random() < 0.1:
        found["uses"] = r.randint(1, 100)
    if r.random() < 0.1:
        found["customer_uses"] = r.randint(1, 3)
    if r.random() < 0.1:
        found["budget"] = text(r.choice([1, 77, 500, 100000]), e)
    return found


def promotion(r, n, e):
    p = {"type": "promotion", "id": f"P{n}", "name": f"promotion {n}", "gives": [give(r, e)]}
    if r.random() < 0.2:
        p["gives"].append(give(r, e))
    if r.random() < 0.5:
        p["needs"] = [need(r, e) for _ in range(r.choice([1, 1, 2]))]
    if r.random() < 0.1:
        p["status"] = r.choice(["draft", "paused", "exhausted", "expired"])
    if r.random() < 0.4:
        p["when"] = when(r)
    if r.random() < 0.2:
        p["who"] = who(r)
    if r.random() < 0.15:
        p["where"] = r.choice([{"channels": some(r, CHANNELS)}, {"stores": some(r, STORES)}])
    if r.random() < 0.2:
        p["coupon"] = True
    bounds = limits(r, e)
    if bounds:
        p["limits"] = bounds
    if r.random() < 0.2:
        p["margin"] = {"floor": r.choice(["0", "35", "50"])} if r.random() < 0.7 else {}
        if r.random() < 0.6 or not p["margin"]:
            p["margin"]["on_breach"] = r.choice(["block", "block", "reduce"])
    if r.random() < 0.6:
        p["stacking"] = {"stackable": r.random() < 0.5, "priority": r.randint(0, 3), "base": r.choice(["running", "list"])}
    return p


def floors(r):
    scopes = [(s, c) for s in SEGMENTS + [None] for c in ["food", "sweets", "choc", "tools", None] if s or c]
    return [
        {"type": "floor", "id": f"F{n}", **({"segment": s} if s else {}), **({"category": c} if c else {}),
         "margin": r.choice(["0", "5", "15", "25", "40", "70"])}
        for n, (s, c) in enumerate(r.sample(scopes, r.randint(0, 5)))
    ]


def book(r):
    currency, e = r.choice([("EUR", 2), ("EUR", 2), ("JPY", 0), ("KWD", 3)])
    lines = [{
        "type": "book", "id": "random", "currency": currency, "zone": "Europe/Berlin",
        "tax": r.choice(["none", "inclusive", "exclusive"]), "rounding": r.choice(["half_away", "half_even"]),
        "threshold": r.choice(["original", "running"]),
    }]
    if r.random() < 0.5:
        lines[0]["margin"] = {"guard": r.choice(["on", "on", "on", "off"]), "floor": r.choice(["0", "10", "30", "33.3333", "60"])}
    lines[0].update({name: r.choice(values) for name, values in SETTINGS.items() if r.random() < 0.25})
    lines += [{"type": "tax", "id": "full", "rate": "19"}, {"type": "tax", "id": "low", "rate": "7"}]
    lines.append({"type": "tax", "id": "duty", "amount": text(r.choice([0, 1, 25, 150]), e)})
    lines += [{"type": "category", "name": c["id"], **c} for c in CATEGORIES]
    lines.append({"type": "price_list", "id": "base", "rank": 0})
    lines.append({"type": "price_list", "id": "club", "rank": 5, "segments": ["member"], "sale": r.random() < 0.5})
    lines.append({"type": "price_list", "id": "app", "rank": 5, "channels": ["app"], "from": moment(r, False)})
    lines += floors(r)
    for sku in SKUS:
        item = {"type": "item", "sku": sku, "name": f"article {sku}", "tax": r.choice(["full", "full", "low", "low", "duty"])}
        if r.random() < 0.6:
            item["cost"] = text(r.choice([0, 1, 50, 99, 333, 700, r.randint(1, 3000)]), e)
            if r.random() < 0.3:
                item["logistics"] = text(r.randint(0, 99), e)
        item["unit"] = r.choice(["kg", "l", "lb"]) if sku.startswith("W") else "each"
        item["category"] = r.choice(["food", "sweets", "choc", "tools"])
        if r.random() < 0.1:
            item["discountable"] = False
        if r.random() < 0.7:
            item["brand"] = r.choice(BRANDS)
        if r.random() < 0.5:
            item["tags"] = some(r, TAGS)
        if r.random() < 0.5:
            item["supplier"] = r.choice(SUPPLIERS)
        lines.append(item)
        for name in ["base"] + [n for n in ("club", "app") if r.random() < 0.3]:
            cents = r.choice([0, 1, 2, 3, 99, 100, 333, 999, 1000, 1999, 2390, r.randint(1, 9999)])
            lines.append({"type": "price", "list": name, "sku": sku, "price": text(cents, e)})
    promotions = [promotion(r, n, e) for n in range(r.randint(1, 9))]
    lines += promotions
    lines += [{"type": "coupon", "code": f"CODE{p['id']}", "promotion": p["id"]} for p in promotions if p.get("coupon")]
    lines += [{"type": "customer", "id": "ann", "segments": ["member"]}, {"type": "customer", "id": "bob"}]
    return lines


EXPONENT = {"EUR": 2, "JPY": 0, "KWD": 3}


def context(r, lines, e):
    """What headquarters may know of the customer and of what is left of limits."""
    x = {}
    if r.random() < 0.5:
        x["plan"] = r.choice(PLANS + ["other"])
    if r.random() < 0.6:
        x["order_number"] = r.choice([1, 2, 3, 5, 10])
    x["counters"] = []
    for p in (line for line in lines if line["type"] == "promotion" and r.random() < 0.5):
        counter = {"promotion": p["id"]}
        if r.random() < 0.5:
            counter["uses_left"] = r.randint(0, 2)
        if r.random() < 0.5:
            counter["budget_left"] = text(r.choice([0, 1, 50, 500]), e)
        if r.random() < 0.5:
            counter["customer_uses"] = r.randint(0, 3)
        x["counters"].append(counter)
    return x


def cart(r, lines):
    at = NOW + datetime.timedelta(seconds=r.choice([0, 0, 29, 30, 31, -1, 1, 3600, r.randint(-90000, 90000)]))
    c = {"now": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "store": r.choice(STORES), "channel": r.choice(CHANNELS)}
    if r.random() < 0.5:
        c["customer"] = r.choice(["ann", "bob"])
    codes = [line["code"] for line in lines if line["type"] == "coupon"]
    if codes and r.random() < 0.6:
        c["coupons"] = some(r, codes)
    exponent = EXPONENT[lines[0]["currency"]]
    if r.random() < 0.5:
        c["shipping"] = {"method": r.choice(METHODS + ["bike"]), "amount": text(r.choice([0, 1, 490, 999]), exponent)}
    if r.random() < 0.6:
        c["context"] = context(r, lines, exponent)
    c["lines"] = []
    for _ in range(r.randint(1, 8)):
        line = {"sku": r.choice(SKUS)}
        if r.random() < 0.1:
            line["price"] = text(r.randint(1, 2000), exponent)
        elif line["sku"].startswith("W"):
            line["quantity"] = r.choice(["0.333", "1", "0.000001", "2.5", "0.125"])
        elif r.random() < 0.4:
            line["quantity"] = str(r.randint(1, 6))
        if r.random() < 0.15:
            line["locked"] = text(r.choice([0, 1, 99, 300, r.randint(1, 3000)]), exponent)
        c["lines"].append(line)
    return c
