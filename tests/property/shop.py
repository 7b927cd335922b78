"""Random shops and carts that are small enough for the slow oracle and mean enough for the engine.

Prices with odd cents, amounts of nothing and of too much, windows that begin or end on the very second of
the cart, hours over midnight, promotions that overlap, carts with the same article on several lines.
"""

import datetime

SKUS = ["A1", "A10", "A2", "B1", "B2", "C1", "C2", "W1", "W2", "Z9"]
CATEGORIES = [{"id": "food"}, {"id": "sweets", "parent": "food"}, {"id": "choc", "parent": "sweets"}, {"id": "tools"}]
BRANDS, TAGS, SUPPLIERS = ["acme", "best"], ["new", "bio", "sale"], ["s1", "s2"]
SEGMENTS, CHANNELS, STORES = ["member", "staff"], ["store", "app"], ["S1", "S2"]
NOW = datetime.datetime(2026, 10, 25, 0, 59, 30)  # UTC: thirty seconds before Berlin leaves summer time


def text(minor, exponent):
    if exponent == 0:
        return str(minor)
    return f"{minor // 10**exponent}.{minor % 10**exponent:0{exponent}d}"


def some(r, values, most=2):
    return r.sample(values, r.randint(1, min(most, len(values))))


def selector(r):
    s = {}
    if r.random() < 0.8:
        field, values = r.choice(
            [("skus", SKUS), ("skus", SKUS), ("categories", ["food", "sweets", "choc", "tools"]), ("brands", BRANDS),
             ("tags", TAGS), ("suppliers", SUPPLIERS)])
        s[field] = some(r, values, 4)
    if r.random() < 0.2:
        field, values = r.choice([("skus", SKUS), ("tags", TAGS), ("categories", ["choc", "tools"])])
        s["except"] = {field: some(r, values)}
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


def give(r, e):
    kind = r.choice(["percent", "percent", "amount", "amount", "units"])
    g = {"kind": kind}
    if kind == "percent":
        g["percent"] = r.choice(["10", "25", "33.3333", "50", "0.01", "100", "12.5"])
    elif kind == "amount":
        g["amount"] = text(r.choice([1, 50, 99, 100, 333, 1000, 100000]), e)
        if r.random() < 0.4:
            g["per"] = "unit"
    else:
        g.update(buy=r.randint(1, 3), get=r.randint(1, 2), percent=r.choice(["100", "50", "30"]))
    if r.random() < 0.5:
        g["select"] = selector(r)
    return g


def promotion(r, n, e):
    p = {"type": "promotion", "id": f"P{n}", "name": f"promotion {n}", "gives": [give(r, e)]}
    if r.random() < 0.15:
        p["gives"].append(give(r, e))
    if r.random() < 0.5:
        p["needs"] = []
        for _ in range(r.choice([1, 1, 2])):
            need = {"select": selector(r)} if r.random() < 0.8 else {}
            if r.random() < 0.5:
                need["quantity"] = r.randint(1, 4)
            else:
                need["amount"] = text(r.choice([1, 500, 1000, 2500, 5000]), e)
            p["needs"].append(need)
    if r.random() < 0.1:
        p["status"] = r.choice(["draft", "paused", "exhausted", "expired"])
    if r.random() < 0.4:
        p["when"] = when(r)
    if r.random() < 0.15:
        p["who"] = {"segments": some(r, SEGMENTS)}
    if r.random() < 0.15:
        p["where"] = r.choice([{"channels": some(r, CHANNELS)}, {"stores": some(r, STORES)}])
    if r.random() < 0.2:
        p["coupon"] = True
    limits = {}
    if r.random() < 0.2:
        limits["max_discount"] = text(r.choice([1, 77, 200, 1000]), e)
    if r.random() < 0.2:
        limits["times"] = r.randint(1, 3)
    if limits:
        p["limits"] = limits
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
    lines += [{"type": "tax", "id": "full", "rate": "19"}, {"type": "tax", "id": "low", "rate": "7"}]
    lines.append({"type": "tax", "id": "duty", "amount": text(r.choice([0, 1, 25, 150]), e)})
    lines += [{"type": "category", "name": c["id"], **c} for c in CATEGORIES]
    lines.append({"type": "price_list", "id": "base", "rank": 0})
    lines.append({"type": "price_list", "id": "club", "rank": 5, "segments": ["member"]})
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


def cart(r, lines):
    at = NOW + datetime.timedelta(seconds=r.choice([0, 0, 29, 30, 31, -1, 1, 3600, r.randint(-90000, 90000)]))
    c = {"now": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "store": r.choice(STORES), "channel": r.choice(CHANNELS)}
    if r.random() < 0.5:
        c["customer"] = r.choice(["ann", "bob"])
    codes = [line["code"] for line in lines if line["type"] == "coupon"]
    if codes and r.random() < 0.6:
        c["coupons"] = some(r, codes)
    exponent = {"EUR": 2, "JPY": 0, "KWD": 3}[lines[0]["currency"]]
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
