"""Prices of lines, the part of the oracle that is about docs/engine.md, "Price of a line".

Lists, breaks, grids and cost-plus lists; overrides; pricing rules; markdowns. Like oracle.py it is written from the
page alone: plain integers and fractions, no code of the engine's.
"""

import datetime
import math
from fractions import Fraction

MICRO = 10**6
DAY = 86400
ADJUSTING = ["surge", "overstock", "stock", "demand", "competitor", "season"]


def decimal(text, places):
    """An exact decimal ("12.34", or an integer) as an integer of its last place."""
    text = str(text)
    sign = -1 if text.startswith("-") else 1
    whole, _, fraction = text.lstrip("-").partition(".")
    assert len(fraction.rstrip("0")) <= places, text
    return sign * int(whole + fraction.ljust(places, "0")[:places])


def rounded(numerator, denominator, how):
    """numerator / denominator to an integer."""
    if numerator < 0:
        return -rounded(-numerator, denominator, how)
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    half = {"half_away": True, "half_even": quotient % 2 == 1, "half_down": False, "down": False}[how]
    if how != "down" and twice > denominator or twice == denominator and half:
        quotient += 1
    return quotient


def instant(text, end):
    """(seconds, local) of a written time; an inclusive end means the last second of what is written."""
    zone = text.endswith("Z") or "+" in text
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    extra = 0
    if end:
        clock = text.partition("T")[2].rstrip("Z").partition("+")[0]
        extra = 86399 if not clock else 59 if clock.count(":") == 1 else 0
    if zone:
        return int(moment.timestamp()) + extra, False
    return int(moment.replace(tzinfo=datetime.timezone.utc).timestamp()) + extra, True


class Pricing:
    """What a book says of prices, in dictionaries by key. book: exponent, rounding and lines by type are there."""

    def __init__(self, book):
        head = book.by["book"][0]
        self.rounding = book.rounding
        self.exponent = book.exponent
        self.best = head.get("prices", "rank") == "best"
        self.position = decimal(head.get("position", "1.2"), 6)
        self.zones = {z["id"]: z["stores"] for z in book.by.get("zone", [])}
        self.signals = {s["sku"]: s for s in book.by.get("signal", [])}
        self.lists = sorted(book.by.get("price_list", []), key=lambda p: (-p.get("rank", 0), p["id"].encode()))
        self.rows = {(p["list"], p["sku"]): p for p in book.by.get("price", [])}
        self.prices = {key: self.money(p["price"]) for key, p in self.rows.items()}
        self.costs = {i["sku"]: self.money(i["cost"]) for i in book.by["item"] if "cost" in i}
        self.bounds = {i["sku"]: [self.money(i[m]) if m in i else None for m in ("least", "most")] for i in book.by["item"]}
        sign = -1 if head.get("priority") == "higher_first" else 1
        self.rules = sorted(
            book.by.get("price_rule", []),
            key=lambda r: (r.get("origin", "hq") == "box", sign * r.get("priority", 100), r["id"].encode()))
        self.overrides = sorted(book.by.get("override", []), key=self.turn_of_override)
        self.land_costs(book)

    def money(self, text):
        return decimal(text, self.exponent)

    def share(self, amount, percent):
        """So many per cent of an amount, rounded once."""
        return rounded(amount * decimal(percent, 4), MICRO, self.rounding)

    @staticmethod
    def turn_of_override(o):
        began = instant(o["from"], False)[0] if "from" in o else -(10**30)
        return ("sku" not in o, -began, o["id"].encode())

    def land_costs(self, book):
        rates = {r["currency"]: Fraction(str(r["rate"])) for r in book.by.get("exchange_rate", [])}
        for cost in book.by.get("landed_cost", []):
            rate = rates.get(cost.get("currency"), Fraction(1))
            exact = Fraction(str(cost["fob"])) * rate * 10**self.exponent
            fob = rounded(exact.numerator, exact.denominator, self.rounding)
            landed = fob
            for c in cost.get("components", []):
                landed += self.money(c["amount"]) if "amount" in c else self.share(fob, c["percent"])
            self.costs[cost["sku"]] = landed
            for price_list in self.lists:
                if "markup" in price_list:
                    base = fob if price_list.get("basis") == "fob" else landed
                    price = rounded(base * (MICRO + decimal(price_list["markup"], 4)), MICRO, self.rounding)
                    self.prices[price_list["id"], cost["sku"]] = price


def in_place(pricing, x, of):
    places = list(of.get("stores", []))
    for zone in of.get("zones", []):
        places += pricing.zones[zone]
    return x.store in places or not (of.get("stores") or of.get("zones"))


def met(pricing, x, of):
    """Segments, channels, places and window of a list, rule or override."""
    if of.get("segments") and not x.segments & set(of["segments"]):
        return False
    if of.get("channels") and x.channel not in of["channels"]:
        return False
    return in_place(pricing, x, of) and not ("from" in of and x.before(of["from"]) or "to" in of and x.after(of["to"]))


def price_of_row(pricing, price_list, sku, volume):
    price, row = pricing.prices[price_list["id"], sku], pricing.rows.get((price_list["id"], sku), {})
    if row.get("breaks"):
        reached = [b for b in row["breaks"] if decimal(b["from"], 6) <= volume]
        return pricing.money(reached[-1]["price"]) if reached else price
    reached = [g for g in price_list.get("grid", []) if decimal(g["from"], 6) <= volume]
    return price - pricing.share(price, reached[-1]["percent"]) if reached else price


def list_prices(pricing, x, sku, volume):
    """The list price and the tier price, each with its list; None: there is none."""
    usable = [p for p in pricing.lists if met(pricing, x, p) and (p["id"], sku) in pricing.prices]
    priced = [(price_of_row(pricing, p, sku, volume), n, p) for n, p in enumerate(usable)]
    if not pricing.best:
        return (priced[0][0], priced[0][2]) if priced else None, None
    shelf = min((p for p in priced if not p[2].get("segments")), key=lambda p: p[:2], default=None)
    tier = min((p for p in priced if p[2].get("segments")), key=lambda p: p[:2], default=None)
    return (shelf[0], shelf[2]) if shelf else None, (tier[0], tier[2]) if tier else None


def first_rank_price(pricing, x, sku):
    """The price of the first usable list, without volume and rules; 0: there is none."""
    for p in pricing.lists:
        if met(pricing, x, p) and (p["id"], sku) in pricing.prices:
            return pricing.prices[p["id"], sku]
    return 0


def usable_rule(pricing, x, rules, kind, sku, list_id, selects):
    for r in rules:
        if kind and r["kind"] != kind or r.get("status", "active") != "active" or not met(pricing, x, r):
            continue
        if r.get("lists") and list_id not in r["lists"]:
            continue
        if sku == r["sku"] if "sku" in r else selects(r.get("select", {}), sku):
            return r
    return None


def seconds_since(x, text):
    seconds, local = instant(text, False)
    return max(0, (x.local if local else x.utc) - seconds)


def ratio(signal, a, b):
    """In millionths, rounded down; None: not known."""
    if a not in signal or b not in signal or decimal(signal[b], 6) == 0:
        return None
    return decimal(signal[a], 6) * MICRO // decimal(signal[b], 6)


def highest_step(rule, value):
    """The per cent of the highest step that a value reaches."""
    reached = [s for s in rule["steps"] if value is not None and decimal(s["above"], 6) <= value]
    return reached[-1]["percent"] if reached else "0"


def demand_of(rule, signal, x):
    product = [min(MICRO, signal.get(n, 0) * rule.get(w, default))
               for n, w, default in (("views", "view", 1), ("carts", "cart", 3), ("purchases", "purchase", 5))]
    demand = min(MICRO, sum(product)) * MICRO
    half_life = rule.get("half_life", 24) * 3600
    age = seconds_since(x, signal["at"]) if "at" in signal else 0
    for _ in range(min(age // half_life, 64)):
        demand //= 2
    return demand - demand * (age % half_life) // (2 * half_life)


def in_season(rule, x):
    day = datetime.datetime.fromtimestamp(x.local, datetime.timezone.utc).strftime("%m-%d")
    start, end = rule["days"]["from"], rule["days"]["to"]
    return start <= day <= end if start <= end else day >= start or day <= end


def adjustment(pricing, x, rule, signal, base):
    """What a rule adds to the base, before its own bounds."""
    kind = rule["kind"]
    if kind == "surge":
        return pricing.share(base, highest_step(rule, ratio(signal, "sold", "expected")))
    if kind == "overstock":
        return -pricing.share(base, highest_step(rule, ratio(signal, "stock", "expected")))
    if kind == "stock":
        below = [s for s in rule["steps"] if "stock" in signal and decimal(signal["stock"], 6) < decimal(s["below"], 6)]
        return pricing.share(base, below[0]["percent"]) if below else 0
    if kind == "demand":
        root = math.isqrt(demand_of(rule, signal, x) * MICRO)
        return pricing.money(rule.get("k", "5")) * root // MICRO if signal else 0
    if kind == "competitor":
        return pricing.share(pricing.money(signal["competitor"]), rule["target"]) - base if "competitor" in signal else 0
    return pricing.share(base, rule["percent"]) if in_season(rule, x) else 0


def bounded(pricing, rule, base, amount):
    if "up" in rule:
        amount = min(amount, pricing.share(base, rule["up"]))
    return max(amount, -pricing.share(base, rule["down"]) if "down" in rule else -base)


def within(bounds, base, price):
    least, most = bounds
    if least is not None and price < min(least, base):
        price = min(least, base)
    if most is not None and price > max(most, base):
        price = max(most, base)
    return max(price, 0)


def markdown_index(rule, days, d, p):
    """D(t,d,p) in millionths, each term rounded half away from zero."""
    beta, gamma, t_days = decimal(rule.get("beta", "0.4"), 6), decimal(rule.get("gamma", "0.5"), 6), rule.get("t_days", 45)
    away = gamma * (MICRO - p)
    return (MICRO - rounded(beta * (MICRO - d), MICRO, "half_away") + rounded(away * (MICRO - d), MICRO**2, "half_away")
            + rounded(away * days, MICRO * t_days, "half_away"))


def marked_by_age(pricing, x, rule, signal, price):
    """What the rule takes off."""
    if "received" not in signal:
        return 0
    days = min(seconds_since(x, signal["received"]) // DAY, 3650)
    d = MICRO
    if ratio(signal, "sold", "expected") is not None:
        d = min(MICRO, rounded(decimal(signal["sold"], 6) * MICRO, decimal(signal["expected"], 6), "half_away"))
    p = decimal(rule["position"], 6) if "position" in rule else pricing.position
    if "competitor" in signal and pricing.money(signal["competitor"]):
        p = rounded(price * MICRO, pricing.money(signal["competitor"]), "half_away")
    index = min(MICRO, markdown_index(rule, days, d, min(p, 9 * MICRO)))
    index = max(index, decimal(rule["least"], 4))
    return price - rounded(price * index, MICRO, pricing.rounding)


def marked_by_expiry(pricing, x, rule, signal, expires, price):
    today = x.local // DAY
    if expires:
        days = instant(expires, False)[0] // DAY - today
    elif "until" in signal:
        seconds, local = instant(signal["until"], True)
        days = (seconds if local else seconds + x.local - x.utc) // DAY - today
    else:
        return 0
    steps = [s for s in rule["steps"] if days <= s["days"]]
    return pricing.share(price, steps[0]["percent"]) if steps else 0


def moved(pricing, x, sku, expires, base, rules, lowest):
    """The base as rules and markdowns move it; rules: the one that counts, by kind."""
    if not rules:
        return base
    signal, price = pricing.signals.get(sku, {}), base
    for kind in ADJUSTING:
        if kind in rules:
            price += bounded(pricing, rules[kind], base, adjustment(pricing, x, rules[kind], signal, base))
    price = within(pricing.bounds[sku], base, price)
    off = 0
    if "age" in rules:
        off = marked_by_age(pricing, x, rules["age"], signal, price)
    if "expiry" in rules:
        off = max(off, marked_by_expiry(pricing, x, rules["expiry"], signal, expires, price))
    price = within(pricing.bounds[sku], base, price - off)
    return max(price, min(lowest(sku), base))


def unit_price(pricing, x, line, volume, selects, lowest):
    """
    The unit price of a line without a label's, and whether a sale list made it. selects(selector, sku), and
    lowest(sku), the lowest legal price of a unit, are the other half of the oracle's.
    """
    sku = line["sku"]
    shelf, tier = list_prices(pricing, x, sku, volume)
    list_id = shelf[1]["id"] if shelf else None
    override = usable_rule(pricing, x, pricing.overrides, None, sku, None, selects)
    rules = {k: usable_rule(pricing, x, pricing.rules, k, sku, list_id, selects) for k in ADJUSTING + ["age", "expiry"]}
    rules = {k: r for k, r in rules.items() if r}
    if override:
        shelf = pricing.money(override["price"]), {}
        if override.get("hold", True):
            rules = {k: r for k, r in rules.items() if k == "expiry"}
    if shelf:
        shelf = moved(pricing, x, sku, line.get("expires"), shelf[0], rules, lowest), shelf[1]
    if not shelf and not tier:
        raise KeyError(sku)
    price, of = min((p for p in (shelf, tier) if p), key=lambda p: p[0])
    return price, of.get("sale", False)
