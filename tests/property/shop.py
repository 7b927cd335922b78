"""Random shops and carts that are small enough for the slow oracle and mean enough for the engine.

Prices with odd cents, amounts of nothing and of too much, windows that begin or end on the very second of
the cart, hours over midnight, promotions that overlap, carts with the same article on several lines.
"""

import datetime

SKUS = ["A1", "A10", "A2", "B1", "B2", "C1", "C2", "W1", "W2", "Z9"]
CATEGORIES = [{"id": "food"}, {"id": "sweets", "parent": "food"}, {"id": "choc", "parent": "sweets"}, {"id": "tools"}]
BRANDS, TAGS, SUPPLIERS = ["acme", "best"], ["new", "bio", "sale"], ["s1", "s2"]
SEGMENTS, CHANNELS, STORES = ["member", "staff", "premium", "guest"], ["store", "app"], ["S1", "S2"]
ZONES = [{"id": "north", "stores": ["S1"]}, {"id": "coast", "stores": ["S1", "S2"]}, {"id": "far", "stores": ["S9"]}]
PLANS, METHODS = ["basic", "vip", "premium"], ["parcel", "courier"]
SETTINGS = {
    "remainder": ["largest", "last_line", "carry"], "percent_rounding": ["discount_half_up", "price_half_up", "half_even", "down"],
    "fixed_amount": ["once", "unit", "line"], "free_unit": ["cheapest", "dearest"], "units_first": ["cheapest", "dearest"],
    "repeats": ["all", "once"], "threshold_tax": ["as_priced", "before", "after"], "budget_overrun": ["part", "reject"], "tax_per": ["line", "unit"],
}
NOW = datetime.datetime(2026, 10, 25, 0, 59, 30)  # UTC: thirty seconds before Berlin leaves summer time


def text(minor, exponent):
    if exponent == 0:
        return str(minor)
    return f"{minor // 10**exponent}.{minor % 10**exponent:0{exponent}d}"


def some(r, values, most=2):
    return r.sample(values, r.randint(1, min(most, len(values))))


def terms(r):
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


def selector(r, e):
    s = terms(r)
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
        w["uncertain_clock"] = r.choice(["allow", "deny"])
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


def excepted(field, name, x):
    """A term of a selector that its exceptions take away, as a whole."""
    ups = {c["id"]: c.get("parent") for c in CATEGORIES}
    while name is not None:
        if name in x.get(field, []):
            return True
        name = ups.get(name) if field == "categories" else None
    return False


def mend(p):
    """Takes away what contradicts itself, since such a book is refused (tests/golden/test_absurd.py)."""
    parts = [part for g in p["gives"] for part in g.get("sets", [])]
    gots = [{"select": g["got"]} for g in p["gives"] if "got" in g]
    for part in p.get("needs", []) + p["gives"] + parts + gots:
        s = part.get("select", {})
        terms = [(f, name) for f in ("skus", "categories", "brands", "tags", "suppliers") for name in s.get(f, [])]
        if terms and all(excepted(f, name, s.get("except", {})) for f, name in terms):
            del s["except"]
        if part in p.get("needs", []) and "quantity" in part and terms and all(f == "skus" and name.startswith("W") for f, name in terms):
            del s["skus"]
    if not any(g["kind"] == "units" or g.get("target") in ("groups", "nth", "sets") for g in p["gives"]):
        p.get("limits", {}).pop("times", None)
    if {"from", "to", "weekdays"} <= set(p.get("when", {})):
        del p["when"]["weekdays"]
    return p


def floors(r):
    scopes = [(s, c) for s in SEGMENTS + [None] for c in ["food", "sweets", "choc", "tools", None] if s or c]
    return [
        {"type": "floor", "id": f"F{n}", **({"segment": s} if s else {}), **({"category": c} if c else {}),
         "margin": r.choice(["0", "5", "15", "25", "40", "70"])}
        for n, (s, c) in enumerate(r.sample(scopes, r.randint(0, 5)))
    ]


def scope(r):
    """Members that say for whom, where and when, mostly none."""
    s = {}
    if r.random() < 0.2:
        s["from"] = moment(r, False)
    if r.random() < 0.15:
        s["segments"] = some(r, SEGMENTS)
    if r.random() < 0.1:
        s["channels"] = some(r, CHANNELS)
    if r.random() < 0.1:
        s["stores"] = some(r, STORES)
    if r.random() < 0.15:
        s["zones"] = some(r, [z["id"] for z in ZONES])
    return s


def quantities(r, most, n):
    return sorted(r.sample(range(1, most), n))


def signal(r, sku, e):
    s = {"type": "signal", "sku": sku}
    for name, values in {"stock": ["0", "4.5", "9", "10", "200"], "sold": ["0", "6", "12", "18.000001", "36"],
                         "expected": ["0", "0.5", "12", "24"]}.items():
        if r.random() < 0.7:
            s[name] = r.choice(values)
    for name in ("views", "carts", "purchases"):
        if r.random() < 0.6:
            s[name] = r.choice([0, 1, 7, 24, 1000, 10**7])
    at = NOW - datetime.timedelta(seconds=r.randint(0, 300000))
    if r.random() < 0.7:
        s["at"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    if r.random() < 0.7:
        s["received"] = (NOW - datetime.timedelta(days=r.choice([0, 1, 20, 45, 100, 5000]))).strftime(r.choice(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]))
    if r.random() < 0.5:
        s["until"] = (NOW + datetime.timedelta(days=r.randint(0, 4))).strftime(r.choice(["%Y-%m-%d", "%Y-%m-%dT23:30:00Z"]))
    if r.random() < 0.5:
        s["competitor"] = text(r.choice([0, 1, 99, 700, r.randint(1, 9999)]), e)
    return s


def price_rule(r, n, e):
    kind = r.choice(["surge", "overstock", "stock", "demand", "competitor", "season", "age", "expiry"])
    p = {"type": "price_rule", "id": f"R{n}", "kind": kind, **scope(r)}
    percents = ["1", "5", "12.5", "33.3333", "80"]
    if r.random() < 0.7:
        p["select"] = terms(r)
    if kind in ("surge", "overstock"):
        p["steps"] = [{"above": str(at / 4), "percent": r.choice(percents)} for at in quantities(r, 20, r.randint(1, 3))]
    elif kind == "stock":
        p["steps"] = [{"below": str(at), "percent": r.choice(percents + ["-7.5"])} for at in quantities(r, 50, r.randint(1, 3))]
    elif kind == "expiry":
        p["steps"] = [{"days": at - 1, "percent": r.choice(percents)} for at in quantities(r, 7, r.randint(1, 3))]
    elif kind == "season":
        p["days"] = dict(zip(("from", "to"), r.sample(["10-01", "10-25", "10-26", "02-29", "12-31"], 2)))
        p["percent"] = r.choice(percents + ["-20"])
    elif kind == "demand":
        p["up"] = r.choice(["5", "50", "1000"])
        p.update(r.choice([{}, {"k": text(r.randint(1, 999), e)}, {"view": 2, "cart": 0, "half_life": 1}]))
    elif kind == "competitor":
        p.update(target=r.choice(["90", "100", "105.5"]), up=r.choice(["0", "10"]), down=r.choice(["0", "10", "100"]))
    else:
        p["least"] = r.choice(["0", "40", "80"])
        p.update(r.choice([{}, {}, {"beta": "0.123456", "gamma": "1"}, {"t_days": 7, "position": "1.5"}, {"position": "0.9"}]))
    if kind in ("surge", "overstock", "stock", "season") and r.random() < 0.4:
        p[r.choice(["up", "down"])] = r.choice(["3", "10"])
    if r.random() < 0.3:
        p["priority"] = r.randint(99, 101)
    if r.random() < 0.3:
        p["origin"] = "box"
    if r.random() < 0.1:
        p["status"] = "paused"
    if r.random() < 0.2:
        p["lists"] = some(r, ["base", "club", "app"])
    return p


def override(r, n, e):
    o = {"type": "override", "id": f"O{n}", "price": text(r.choice([0, 99, 500, r.randint(1, 5000)]), e), "role": "manager",
         "by": "eve", "reason": "as agreed", "to": "2026-12-31", **scope(r)}
    if r.random() < 0.6:
        o["sku"] = r.choice(SKUS)
    else:
        o["select"] = terms(r)
    if r.random() < 0.4:
        o["hold"] = False
    if r.random() < 0.15:
        o["status"] = r.choice(["pending", "rejected"])
    return o


def landed_costs(r, e):
    """Lists that are made of costs, and the costs."""
    if r.random() < 0.5:
        return
    yield {"type": "price_list", "id": "plus", "rank": r.choice([-1, 7]), "markup": r.choice(["0", "33.3333", "60"]), **scope(r)}
    yield {"type": "price_list", "id": "fob", "rank": 9, "markup": "45", "basis": "fob", "segments": ["staff"]}
    yield {"type": "exchange_rate", "currency": "USD", "rate": r.choice(["2.02", "0.918273", "150"])}
    for sku in some(r, SKUS, 4):
        cost = {"type": "landed_cost", "sku": sku, "fob": r.choice(["0", "1.115", "20.00", "3.999999"])}
        if r.random() < 0.7:
            cost["currency"] = "USD"
        if r.random() < 0.7:
            cost["components"] = [{"name": "freight", "percent": "15.5"}, {"name": "customs", "amount": text(r.randint(0, 200), e)}]
        yield cost


def prices(r, e):
    """Rules, overrides, signals and costs; half of the books have none of them."""
    if r.random() < 0.5:
        return
    yield from landed_costs(r, e)
    yield from (signal(r, sku, e) for sku in SKUS if r.random() < 0.8)
    yield from (price_rule(r, n, e) for n in range(r.randint(2, 12)))
    yield from (override(r, n, e) for n in range(r.choice([0, 0, 1, 3])))


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
    if r.random() < 0.3:
        lines[0]["prices"] = "best"
    if r.random() < 0.2:
        lines[0]["position"] = r.choice(["1", "0.8", "2.5"])
    lines += [{"type": "tax", "id": "full", "rate": "19"}, {"type": "tax", "id": "low", "rate": "7"}]
    duty = r.choice([0, 1, 25, 150])
    lines.append({"type": "tax", "id": "duty", "amount": text(duty, e)})
    lines += [{"type": "category", "name": c["id"], **c} for c in CATEGORIES]
    lines += [{"type": "zone", **z} for z in ZONES]
    lines.append({"type": "price_list", "id": "base", "rank": 0})
    lines.append({"type": "price_list", "id": "club", "rank": 5, "segments": ["member"], "sale": r.random() < 0.5})
    lines.append({"type": "price_list", "id": "premium", "rank": 5, "segments": ["premium", "staff"],
                  "grid": [{"from": "3", "percent": "5"}, {"from": "6", "percent": "12.5"}]})
    lines.append({"type": "price_list", "id": "north", "rank": r.choice([-1, 6]), "zones": ["north", "far"]})
    lines.append({"type": "plan", "id": "premium", "level": 2, "fee": text(90, e)})
    lines.append({"type": "price_list", "id": "app", "rank": 5, "channels": ["app"], "from": moment(r, False)})
    lines += floors(r)
    for sku in SKUS:
        item = {"type": "item", "sku": sku, "name": f"article {sku}", "tax": r.choice(["full", "full", "low", "low", "duty"])}
        if r.random() < 0.6:
            item["cost"] = text(r.choice([0, 1, 50, 99, 333, 700, r.randint(1, 3000)]), e)
            if r.random() < 0.3:
                item["logistics"] = text(r.randint(0, 99), e)
        if r.random() < 0.2:
            item["least"] = text(r.randint(0, 900), e)
        if r.random() < 0.2:
            item["most"] = text(r.randint(900, 3000), e)
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
        for name in ["base"] + [n for n in ("club", "app", "premium", "north") if r.random() < 0.3]:
            cents = r.choice([0, 1, 2, 3, 99, 100, 333, 999, 1000, 1999, 2390, r.randint(1, 9999)])
            if lines[0]["tax"] == "inclusive" and item["tax"] == "duty" and cents > 0:
                cents = max(cents, duty)
            price = {"type": "price", "list": name, "sku": sku, "price": text(cents, e)}
            if r.random() < 0.2:
                price["breaks"] = [{"from": str(n), "price": text(r.randint(0, cents), e)} for n in quantities(r, 9, 2)]
            lines.append(price)
    lines += prices(r, e)
    promotions = [mend(promotion(r, n, e)) for n in range(r.randint(1, 9))]
    lines += promotions
    lines += [{"type": "coupon", "code": f"CODE{p['id']}", "promotion": p["id"]} for p in promotions if p.get("coupon")]
    lines += [{"type": "customer", "id": "ann", "segments": ["member"]}, {"type": "customer", "id": "bob"}]
    lines.append({"type": "customer", "id": "pat", "plan": "premium", "plan_from": moment(r, False), "plan_months": 1,
                  "plan_to": "2026-10-26"})
    return lines


EXPONENT = {"EUR": 2, "JPY": 0, "KWD": 3}


def context(r, lines, e):
    """What headquarters may know of the customer and of what is left of limits."""
    x = {}
    if r.random() < 0.5:
        x["plan"] = r.choice(PLANS + ["other"])
    if r.random() < 0.6:
        x["order_number"] = r.choice([1, 2, 3, 5, 10])
    if r.random() < 0.3:
        x["clock_uncertain"] = r.random() < 0.7
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
        c["customer"] = r.choice(["ann", "bob", "pat"])
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
        if r.random() < 0.1:
            line["expires"] = (at + datetime.timedelta(days=r.randint(1, 5))).strftime("%Y-%m-%d")
        c["lines"].append(line)
    return c
