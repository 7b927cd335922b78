"""A second engine, written from docs/engine.md alone: slow, plain, exact.

It reads the same price books and carts as `tillctl evaluate` and says what must come out. It shares no
code, no data structure and no language with the engine, so that the two can only agree by both doing
what the page says. Amounts are Python integers of minor units; shares are compared as exact integers.
"""

import datetime
import json
import zoneinfo
from fractions import Fraction

import deal
from oracle_price import MICRO, Pricing, decimal, first_rank_price, instant, rounded, unit_price

EXPONENTS = {"EUR": 2, "JPY": 0, "KWD": 3}


def settle_largest(total, weight, caps):
    whole = sum(weight.values())
    shares = {i: total * w // whole for i, w in weight.items()}
    spare = total - sum(shares.values())
    for i in sorted(weight, key=lambda i: (-(total * weight[i] % whole), i))[:spare]:
        shares[i] += 1
    return shares


def settle_last_line(total, weight, caps):
    whole = sum(weight.values())
    shares = {i: total * w // whole for i, w in weight.items()}
    for i in sorted(weight, reverse=True):
        shares[i] += min(total - sum(shares.values()), caps[i] - shares[i])
    return shares


def settle_carry(total, weight, caps):
    whole, upto, shares, given = sum(weight.values()), 0, {}, 0
    for i in sorted(weight):
        upto += weight[i]
        shares[i] = total * upto // whole - given
        given += shares[i]
    return shares


SETTLE = {"largest": settle_largest, "last_line": settle_last_line, "carry": settle_carry}


def allocate(total, weights, caps, remainder):
    """Shares under caps, as the page's steps say."""
    assert 0 <= total <= sum(caps)
    shares = [None] * len(weights)
    while True:
        open_parts = [i for i, s in enumerate(shares) if s is None]
        left = total - sum(s for s in shares if s is not None)
        weight = {i: weights[i] for i in open_parts if weights[i]}
        if not weight:
            weight = {i: 1 for i in open_parts}
        if not open_parts:
            return shares
        whole = sum(weight.values())
        above = [i for i, w in weight.items() if left * w > caps[i] * whole]
        for i in above:
            shares[i] = caps[i]
        if above:
            continue
        for i, share in SETTLE[remainder](left, weight, caps).items():
            shares[i] = share
        return [s or 0 for s in shares]


# Settings of the book and what they are if it does not say.
SETTINGS = {
    "threshold": "original", "threshold_tax": "as_priced", "remainder": "largest", "percent_rounding": "as_rounding", "fixed_amount": "once",
    "free_unit": "cheapest", "units_first": "dearest", "repeats": "all", "budget_overrun": "part", "tax_per": "line",
}


class Book:
    """A price book as its lines say it, in dictionaries by key."""

    def __init__(self, lines):
        self.by = {}
        for line in lines:
            self.by.setdefault(line["type"], []).append(line)
        head = self.by["book"][0]
        self.exponent = EXPONENTS[head["currency"]]
        self.rounding = head.get("rounding", "half_away")
        self.tax = head.get("tax", "none")
        self.settings = {name: head.get(name, default) for name, default in SETTINGS.items()}
        how = self.settings["percent_rounding"]
        self.percent_rounding = {"as_rounding": self.rounding, "discount_half_up": "half_away", "price_half_up": "half_down"}.get(how, how)
        self.zone = zoneinfo.ZoneInfo(head.get("zone", "UTC"))
        self.items = {i["sku"]: i for i in self.by["item"]}
        self.taxes = {t["id"]: decimal(t["rate"], 4) for t in self.by.get("tax", []) if "rate" in t}
        self.tax_amounts = {t["id"]: decimal(t["amount"], self.exponent) for t in self.by.get("tax", []) if "amount" in t}
        self.guarded = head.get("margin", {}).get("guard", "on") == "on"
        self.floor = decimal(head.get("margin", {}).get("floor", "30"), 4)
        self.floors = {(f.get("segment"), f.get("category")): decimal(f["margin"], 4) for f in self.by.get("floor", [])}
        self.parents = {c["id"]: c.get("parent") for c in self.by.get("category", [])}
        self.coupons = {c["code"]: c for c in self.by.get("coupon", [])}
        self.customers = {c["id"]: c for c in self.by.get("customer", [])}
        self.promotions = sorted(self.by.get("promotion", []), key=lambda p: p["id"].encode())
        self.pricing = Pricing(self)

    def money(self, text):
        return decimal(text, self.exponent)

    def share(self, total, weights, caps):
        return allocate(total, weights, caps, self.settings["remainder"])

    def times(self, amount, quantity):
        """An amount a unit times a quantity in millionths."""
        return rounded(amount * quantity, MICRO, self.rounding)

    def way_up(self, sku):
        found, category = [], self.items[sku].get("category")
        while category:
            found.append(category)
            category = self.parents[category]
        return found

    def categories_of(self, sku):
        return set(self.way_up(sku))


class Context:
    """Instant, place and person of a cart."""

    def __init__(self, book, cart):
        self.utc, _ = instant(cart["now"], False)
        zone = zoneinfo.ZoneInfo(cart["zone"]) if "zone" in cart else book.zone
        here = datetime.datetime.fromtimestamp(self.utc, zone)
        self.local = self.utc + int(here.utcoffset().total_seconds())
        self.store = cart.get("store")
        self.channel = cart.get("channel", "store")
        self.segments = set(cart.get("segments", []))
        if cart.get("customer"):
            customer = book.customers[cart["customer"]]
            self.segments |= set(customer.get("segments", [])) | self.plan_of(customer)
        self.segments = self.segments or {"guest"}
        self.coupons = {book.coupons[code]["promotion"] for code in cart.get("coupons", [])}
        known = cart.get("context", {})
        self.customer = cart.get("customer")
        paid = self.plan_of(book.customers[cart["customer"]]) if cart.get("customer") else set()
        self.plan, self.order_number = known.get("plan", *paid), known.get("order_number")
        self.clock_uncertain = known.get("clock_uncertain", False)
        self.counters = {c["promotion"]: c for c in known.get("counters", [])}
        self.method = cart.get("shipping", {}).get("method")
        self.shipping = book.money(cart.get("shipping", {}).get("amount", "0"))
        self.shipping_left = self.shipping

    def plan_of(self, customer):
        """The plan that is paid for, as a segment."""
        early = "plan_from" in customer and self.before(customer["plan_from"])
        over = "plan_to" in customer and self.after(customer["plan_to"])
        return {customer["plan"]} if "plan" in customer and not early and not over else set()

    def before(self, text):
        seconds, local = instant(text, False)
        return (self.local if local else self.utc) < seconds

    def after(self, text):
        seconds, local = instant(text, True)
        return (self.local if local else self.utc) > seconds


class Good:
    """Lines that promotions see as one."""

    def __init__(self, sku, unit, pieces, amount, quantity, line):
        self.sku, self.unit, self.pieces, self.list, self.quantity = sku, unit, pieces, amount, quantity
        self.lines = [line]
        self.running = amount
        self.labelled = False
        self.on_sale = False
        self.floor = None
        self.unit_least = self.least = 0  # unguarded

    def room(self):
        return max(0, self.running - self.least)

    def key(self):
        return (self.sku.encode(), self.unit, self.list, self.quantity, self.lines[0])


def volume_of(cart, sku):
    return sum(decimal(line.get("quantity", "1"), 6) for line in cart["lines"] if line["sku"] == sku and "price" not in line)


def shelf_price(book, x, cart, line):
    def lowest_of(sku):
        floor = floor_of(book, x, sku)
        return 0 if floor is None else lowest(book, sku, floor, burden_of(book, sku))

    return unit_price(book.pricing, x, line, volume_of(cart, line["sku"]), lambda s, sku: means(book, s, sku), lowest_of)


def make_goods(book, cart, x):
    merged, goods, lines = {}, [], []
    for n, line in enumerate(cart["lines"]):
        sku = line["sku"]
        quantity = decimal(line.get("quantity", "1"), 6)
        labelled = "price" in line
        unit, on_sale = (book.money(line["price"]), False) if labelled else shelf_price(book, x, cart, line)
        if "locked" in line and book.money(line["locked"]) < unit:
            unit, on_sale = book.money(line["locked"]), False
        by_piece = labelled or book.items[sku].get("unit", "each") == "each"
        amount = rounded(unit * quantity, MICRO, book.rounding)
        pieces = quantity // MICRO if by_piece else 0
        lines.append({"unit": unit, "list": amount, "discounts": [], "pieces": pieces})
        if by_piece and not labelled and (sku, unit) in merged:
            good = merged[sku, unit]
            good.pieces += pieces
            good.quantity += quantity
            good.list += amount
            good.running += amount
            good.lines.append(n)
            good.on_sale |= on_sale
            continue
        good = Good(sku, unit, pieces, amount, quantity, n)
        good.labelled = book.money(line["price"]) if labelled else None
        good.on_sale = on_sale
        if by_piece and not labelled:
            merged[sku, unit] = good
        goods.append(good)
    for good in goods:
        guard(book, x, good, floor_of(book, x, good.sku))
    return sorted(goods, key=Good.key), lines


ENDLESS = 10**30  # no amount is legal


def floor_of(book, x, sku):
    """The floor of an article for this customer, or None: unguarded."""
    if not book.guarded or sku not in book.pricing.costs:
        return None
    way = book.way_up(sku)
    for category in way:
        both = [book.floors[s, category] for s in x.segments if (s, category) in book.floors]
        if both:
            return min(both)
    alone = [book.floors[None, c] for c in way if (None, c) in book.floors][:1]
    of_segments = [book.floors[s, None] for s in x.segments if (s, None) in book.floors]
    return max(alone + ([min(of_segments)] if of_segments else []), default=book.floor)


def upwards(fraction):
    return -(-fraction.numerator // fraction.denominator)


def lowest(book, sku, floor, burden):
    """The lowest legal amount for what has that burden."""
    rate = book.taxes.get(book.items[sku].get("tax"), 0) if book.tax == "inclusive" else 0
    divisor = 1 - Fraction(floor, MICRO) - Fraction(rate, MICRO) / (1 + Fraction(rate, MICRO))
    if burden == 0:
        return 0
    return upwards(burden / divisor) if divisor > 0 else ENDLESS


def burden_of(book, sku):
    """What the price of one unit has to cover besides the margin and a rate of tax."""
    item = book.items[sku]
    within = book.tax_amounts.get(item.get("tax"), 0) if book.tax == "inclusive" else 0
    return book.pricing.costs[sku] + book.money(item.get("logistics", "0")) + within


def guard(book, x, good, floor):
    """Sets the good's lowest amounts by that floor."""
    good.floor = floor
    if floor is None:
        return
    item = book.items[good.sku]
    burden = burden_of(book, good.sku)
    if not good.pieces:
        good.least = lowest(book, good.sku, floor, upwards(Fraction(burden * good.quantity, MICRO)))
        return
    good.unit_least = lowest(book, good.sku, floor, burden)
    if good.labelled is not None and item.get("unit", "each") != "each":
        listed = first_rank_price(book.pricing, x, good.sku)
        good.unit_least = upwards(Fraction(good.labelled * good.unit_least, listed)) if listed else 0
    good.least = good.unit_least * good.pieces


FIELDS = ("skus", "categories", "brands", "tags", "suppliers")


def matches(book, terms, sku):
    item = book.items[sku]
    return (
        sku in terms.get("skus", [])
        or bool(book.categories_of(sku) & set(terms.get("categories", [])))
        or item.get("brand") in terms.get("brands", [])
        or bool(set(item.get("tags", [])) & set(terms.get("tags", [])))
        or item.get("supplier") in terms.get("suppliers", [])
    )


def means(book, selector, sku):
    """The terms of a selector, whatever the price."""
    if any(selector.get(f) for f in FIELDS) and not matches(book, selector, sku):
        return False
    return not matches(book, selector.get("except", {}), sku)


def selects(book, selector, good):
    if not means(book, selector, good.sku):
        return False
    if "price_from" in selector and good.unit < book.money(selector["price_from"]):
        return False
    if "price_to" in selector and good.unit > book.money(selector["price_to"]):
        return False
    if "on_sale" in selector and good.on_sale != selector["on_sale"]:
        return False
    return not selector.get("discountable") or discountable(book, good)


def discountable(book, good):
    return book.items[good.sku].get("discountable", True)


def usual(promotion):
    """What a give or a part of a set selects that does not say it."""
    needs = promotion.get("needs", [])
    return needs[0].get("select", {}) if needs else {}


def parts_of(promotion, give):
    """The parts of a set as (selector, pieces, rewarded, which pieces first); a give on groups with `got` is one, too."""
    if "got" in give:
        return [(give.get("select", usual(promotion)), give["buy"], False, "dearest"),
                (give["got"], give["get"], True, give.get("free", "dearest"))]
    return [(part.get("select", usual(promotion)), part["quantity"], part.get("rewarded", True), "dearest") for part in give.get("sets", [])]


def chosen_by(book, promotion, give, goods):
    """The goods that a give selects: of a set those of its first part."""
    if parts_of(promotion, give):
        selector, _, rewarded, _ = parts_of(promotion, give)[0]
    else:
        selector, rewarded = {} if give.get("target") == "order" else give.get("select", usual(promotion)), True
    return [g for g in goods if selects(book, selector, g) and (not rewarded or discountable(book, g))]


def gives_on(book, promotion, give, good):
    """The good is one that the give, or a part of its sets, selects."""
    parts = parts_of(promotion, give)
    if not parts:
        return bool(chosen_by(book, promotion, give, [good]))
    return any(selects(book, s, good) and (not rewarded or discountable(book, good)) for s, _, rewarded, _ in parts)


def seconds_of_day(text):
    parts = [int(p) for p in text.split(":")] + [0]
    return parts[0] * 3600 + parts[1] * 60 + parts[2]


DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def in_hours(when, local):
    """Weekday and hours: an interval that passes midnight belongs to the day it began on."""
    day, second = divmod(local, 86400)
    days = when.get("weekdays") or DAYS

    def listed(offset):
        return DAYS[(day + offset + 3) % 7] in days  # 1970-01-01 was a Thursday

    if not when.get("hours"):
        return listed(0)
    for h in when["hours"]:
        start, end = seconds_of_day(h["from"]), seconds_of_day(h["to"])
        if start <= end:
            if listed(0) and start <= second <= end:
                return True
        elif listed(0) and second >= start or listed(-1) and second <= end:
            return True
    return False


def barred(book, promotion, x):
    """The first check of the page's table, up to coupons, that fails; or None."""
    when, where = promotion.get("when", {}), promotion.get("where", {})
    if promotion.get("status", "active") != "active":
        return "not_active"
    if x.clock_uncertain and when.get("uncertain_clock") == "deny":
        return "clock_uncertain"
    if "from" in when and x.before(when["from"]):
        return "not_started"
    if "to" in when and x.after(when["to"]):
        return "ended"
    if not in_hours(when, x.local):
        return "outside_hours"
    if where.get("stores") and x.store not in where["stores"]:
        return "wrong_store"
    if where.get("channels") and x.channel not in where["channels"]:
        return "wrong_channel"
    segments = promotion.get("who", {}).get("segments")
    if segments and not x.segments & set(segments):
        return "wrong_segment"
    if promotion.get("coupon") and promotion["id"] not in x.coupons:
        return "coupon_missing"
    return barred_by_customer(promotion, x) or spent(book, promotion, x)


def barred_by_customer(promotion, x):
    who = promotion.get("who", {})
    if who.get("customers") and x.customer not in who["customers"]:
        return "wrong_customer"
    if who.get("plans") and x.plan not in who["plans"]:
        return "wrong_plan"
    orders, number = who.get("orders"), x.order_number
    if orders and (number is None or number < orders.get("from", 1) or number > orders.get("to", number) or number % orders.get("every", 1)):
        return "wrong_order"
    return None


def budget_left(book, promotion, x):
    """None: it has no budget."""
    limits = promotion.get("limits", {})
    if "budget" not in limits:
        return None
    return max(0, book.money(x.counters.get(promotion["id"], {}).get("budget_left", limits["budget"])))


def spent(book, promotion, x):
    limits, counter = promotion.get("limits", {}), x.counters.get(promotion["id"], {})
    if "uses" in limits and counter.get("uses_left", 1) <= 0:
        return "uses_spent"
    if budget_left(book, promotion, x) == 0:
        return "budget_spent"
    if "customer_uses" in limits and counter.get("customer_uses", 0) >= limits["customer_uses"]:
        return "customer_limit"
    return None


GRAMS = {"kg": Fraction(1000), "g": Fraction(1), "lb": Fraction(45359237, 100000)}


def measured(book, goods, unit):
    """What is weighed or measured, in millionths of a gram or of the unit."""
    sums = {}
    for good in goods:
        if not good.pieces:
            own = book.items[good.sku]["unit"]
            sums[own] = sums.get(own, 0) + good.quantity
    if unit not in GRAMS:
        return sums.get(unit, 0)
    return sum(int(sums.get(u, 0) * grams) for u, grams in GRAMS.items())


def measure_of(quantity, unit):
    return int(quantity * GRAMS.get(unit, 1))


def tax_of(book, good, amount):
    """The tax in an amount of a good (inclusive) or on top of it (exclusive)."""
    tax = book.items[good.sku].get("tax")
    if book.tax == "none":
        return 0
    if tax in book.tax_amounts:
        fixed = book.times(book.tax_amounts[tax], good.quantity)
        return min(fixed, amount) if book.tax == "inclusive" else fixed
    rate = book.taxes.get(tax, 0)
    parts = [amount]
    if book.settings["tax_per"] == "unit" and good.pieces:
        parts = [amount // good.pieces + (i < amount % good.pieces) for i in range(good.pieces)]
    return sum(rounded(part * rate, MICRO + rate if book.tax == "inclusive" else MICRO, book.rounding) for part in parts)


def amount_for_need(book, need, good):
    amount = good.list if need.get("threshold", book.settings["threshold"]) == "original" else good.running
    how = need.get("tax", book.settings["threshold_tax"])
    if how == "before" and book.tax == "inclusive":
        return amount - tax_of(book, good, amount)
    if how == "after" and book.tax == "exclusive":
        return amount + tax_of(book, good, amount)
    return amount


def short_of(book, need, goods):
    """What these goods lack of the need, in its own steps; 0 or less: nothing."""
    above = need.get("above", False)
    if "quantity" in need:
        return need["quantity"] + above - sum(g.pieces for g in goods)
    if "amount" in need:
        return book.money(need["amount"]) + above - sum(amount_for_need(book, need, g) for g in goods)
    unit = need.get("unit", "kg")
    return measure_of(decimal(need["measure"], 6), unit) + above - measured(book, goods, unit)


def lacking(book, promotion, goods):
    """(reason, how much) of the first need that is not met, or None; and nothing_selected."""
    for need in promotion.get("needs", []):
        chosen = [g for g in goods if selects(book, need.get("select", {}), g)]
        if need.get("none"):
            if chosen:
                return "needs_none", 0
            continue
        alone = need.get("per", "cart") == "article"
        groups = [[g for g in chosen if g.sku == sku] for sku in {g.sku for g in chosen}] if alone else [chosen]
        short = min((short_of(book, need, group) for group in groups), default=short_of(book, need, []))
        if short > 0 and "measure" in need:
            return "needs_measure", upwards(Fraction(short) / GRAMS.get(need.get("unit", "kg"), 1))
        if short > 0:
            return "needs_quantity" if "quantity" in need else "needs_amount", short
    if not any(chosen_by(book, promotion, give, goods) for give in promotion["gives"]):
        return "nothing_selected", 0
    return None


class Turn:
    """A promotion being carried out: what it has given so far, over all its gives."""

    def __init__(self, book, x, promotion, goods):
        self.book, self.x, self.promotion, self.goods = book, x, promotion, goods
        limits = promotion.get("limits", {})
        self.groups = self.units = 0  # rewarded
        self.times = limits.get("times", 1 if book.settings["repeats"] == "once" else None)
        self.most_units = limits.get("units")
        self.first = limits.get("first", book.settings["units_first"])
        self.most = book.money(limits["max_discount"]) if "max_discount" in limits else None
        budget = budget_left(book, promotion, x)
        if budget is not None and book.settings["budget_overrun"] == "part":
            self.most = budget if self.most is None else min(self.most, budget)
        self.taken, self.cut, self.rewards, self.extra = {}, 0, [], 0

    def left(self):
        return None if self.most is None else self.most - sum(self.taken.values()) - self.extra

    def units_left(self):
        return 10**30 if self.most_units is None else self.most_units - self.units


class Piece:
    """One piece of a good, with what it is worth and how much of that may come off."""

    def __init__(self, good, value):
        self.good, self.value, self.room = good, value, max(0, value - good.unit_least)
        self.rewarded, self.off = False, 0


def pieces_of(goods):
    """Dearest first, equal ones in the order of goods; a good's first pieces are the dearer ones."""
    pieces = []
    for good in goods:
        if good.pieces:
            each, extra = divmod(good.running, good.pieces)
            pieces += [Piece(good, each + (n < extra)) for n in range(good.pieces)]
    return sorted(pieces, key=lambda p: -p.value)


def off_value(book, give, value):
    """What a give takes off something of that value."""
    if "amount" in give:
        return min(book.money(give["amount"]), value)
    if "price" in give:
        return max(0, value - book.money(give["price"]))
    return min(rounded(value * decimal(give.get("percent", "100"), 4), MICRO, book.percent_rounding), value)


def reward_set(turn, give, taken, once):
    """Sets what comes off each piece of a set; returns what was promised."""
    book, rewarded = turn.book, [p for p in taken if p.rewarded]
    if once:
        promised = off_value(book, give, sum(p.value for p in rewarded))
        alike = {}
        for p in rewarded:
            alike.setdefault((-p.value, turn.goods.index(p.good)), []).append(p)
        runs = [alike[k] for k in sorted(alike)]
        caps = [sum(p.room for p in run) for run in runs]
        for run, share in zip(runs, book.share(min(promised, sum(caps)), [sum(p.value for p in run) for run in runs], caps)):
            for p in run:
                p.off = min(p.room, share)
                share -= p.off
    else:
        promised = 0
        for p in rewarded:
            off = off_value(book, give, p.value)
            promised += off
            p.off = min(off, p.room)
    refused = promised - sum(p.off for p in taken)
    for p in sorted(taken, key=lambda p: (-p.value, turn.goods.index(p.good))):  # dearest first
        more = min(refused, p.room - p.off)
        p.off += more
        refused -= more
    return promised


def form_sets(turn, give, parts, once, single=False):
    """Parts: (pieces they may take, how many, rewarded, which first). Returns what comes off each good, and what was promised."""
    off, wanted, used = {}, 0, set()
    while single or turn.times is None or turn.groups < turn.times:
        taken = []
        for pieces, count, rewarded, order in parts:
            free = [p for p in pieces if p not in used and p not in taken]
            if len(free) < count:
                return off, wanted
            part = free[:count] if order == "dearest" else free[len(free) - count :]
            for p in part:
                p.rewarded = rewarded
            taken += part
        rewarded = sum(p.rewarded for p in taken)
        if rewarded > turn.units_left():
            return off, wanted
        promised = reward_set(turn, give, taken, once)
        if promised:
            turn.groups += not single
            turn.units += rewarded
        wanted += promised
        for p in taken:
            off[id(p.good)] = off.get(id(p.good), 0) + p.off
        used.update(taken)
        if single:
            break
    return off, wanted


def give_pieces(turn, give, chosen, target):
    """The targets that are pieces."""
    book, pieces = turn.book, pieces_of(chosen)
    once = give.get("per", "once" if target == "sets" else "unit") == "once" and "percent" not in give
    if target in ("cheapest", "dearest"):
        pieces = [p for p in pieces if p.value]
        count = min(give["count"], len(pieces), turn.units_left())
        return form_sets(turn, give, [(pieces, count, True, target)], once, single=True) if count else ({}, 0)
    if target == "nth":
        return form_sets(turn, give, [(pieces, give["count"] - 1, False, "dearest"), (pieces, 1, True, "dearest")], once)
    if target == "groups" and "got" not in give:
        bought, got = (pieces, give["buy"], False, "dearest"), (pieces, give["get"], True, "dearest")
        dearest = give.get("free", book.settings["free_unit"]) == "dearest"
        return form_sets(turn, give, [got, bought] if dearest else [bought, got], once)
    parts, every = parts_of(turn.promotion, give), []
    of = [[g for g in turn.goods if selects(book, s, g) and (not rewarded or discountable(book, g))] for s, _, rewarded, _ in parts]
    every = pieces_of([g for g in turn.goods if any(g in goods for goods in of)])
    return form_sets(turn, give, [([p for p in every if p.good in goods], n, rewarded, order) for goods, (_, n, rewarded, order) in zip(of, parts)], once)


def percent_base(turn, chosen):
    return sum(g.running if turn.promotion.get("stacking", {}).get("base", "running") == "running" else g.list for g in chosen)


def give_rated(turn, chosen, total):
    """A rate is promised good by good: what one has no room for, others do not make up for."""
    running = [g.running for g in chosen]
    shares = turn.book.share(total, running, running)
    return {id(g): min(share, g.room()) for g, share in zip(chosen, shares)}, total


def give_goods(turn, give, chosen):
    """A percent, an amount or a price on the selected goods or the order."""
    book, units = turn.book, lambda g: g.pieces * MICRO or g.quantity
    per = give.get("per", book.settings["fixed_amount"]) if "amount" in give else "unit"
    if turn.most_units is not None and per == "unit":
        return give_pieces(turn, {**give, "count": turn.most_units, "per": "unit"}, chosen, turn.first)
    if "percent" in give:
        total = rounded(percent_base(turn, chosen) * decimal(give["percent"], 4), MICRO, book.percent_rounding)
        return give_rated(turn, chosen, min(total, sum(g.running for g in chosen)))
    if "price" in give:
        off = [max(0, g.running - book.times(book.money(give["price"]), units(g))) for g in chosen]
    elif per == "once":
        wanted, rooms = min(book.money(give["amount"]), sum(g.running for g in chosen)), [g.room() for g in chosen]
        shares = book.share(min(wanted, sum(rooms)), [g.running for g in chosen], rooms)
        return {id(g): share for g, share in zip(chosen, shares)}, wanted
    else:
        off = [book.times(book.money(give["amount"]), units(g)) if per == "unit" else book.money(give["amount"]) for g in chosen]
        off = [min(o, g.running) for o, g in zip(off, chosen)]
    return {id(g): min(o, g.room()) for o, g in zip(off, chosen)}, sum(off)


def at_tier(give, tier):
    values = {name: tier[name] for name in ("percent", "amount", "price") if name in tier}
    return {**{k: v for k, v in give.items() if k != "tiers"}, **values}


def tier_from(book, give, tier):
    """How far a tier is from, and the member that says so."""
    if "from_quantity" in tier:
        return "quantity", tier["from_quantity"]
    if "from_amount" in tier:
        return "amount", book.money(tier["from_amount"])
    return "measure", measure_of(decimal(tier["from_measure"], 6), give.get("unit", "kg"))


def give_tiers(turn, give, chosen):
    book = turn.book
    have = {
        "quantity": sum(g.pieces for g in chosen),
        "amount": sum(g.list if book.settings["threshold"] == "original" else g.running for g in chosen),
        "measure": measured(book, chosen, give.get("unit", "kg")),
    }
    reached = None
    for tier in give["tiers"]:
        by, start = tier_from(book, give, tier)
        if have[by] >= start:
            reached = tier
    return ({}, 0) if reached is None else give_goods(turn, at_tier(give, reached), chosen)


def give_steps(turn, give, chosen):
    book = turn.book
    by = tier_from(book, give, give["tiers"][0])[0]
    starts = [tier_from(book, give, tier)[1] for tier in give["tiers"]]
    ends = starts[1:] + [10**30]
    if by == "amount":
        base, total = percent_base(turn, chosen), 0
        for tier, start, end in zip(give["tiers"], starts, ends):
            total += off_value(book, tier, max(0, min(base, end) - start))
        return give_rated(turn, chosen, min(total, sum(g.running for g in chosen)))
    off, wanted = {}, 0
    for number, piece in enumerate(pieces_of(chosen), 1):
        for tier, start, end in zip(give["tiers"], starts, ends):
            promised = off_value(book, tier, piece.value) if start <= number < end and turn.units_left() > 0 else 0
            turn.units += promised > 0
            wanted += promised
            off[id(piece.good)] = off.get(id(piece.good), 0) + min(promised, piece.room)
    return off, wanted


def give_amounts(turn, give):
    """What one give takes off each good, and what the guard cut."""
    chosen = chosen_by(turn.book, turn.promotion, give, turn.goods)
    left, target = turn.left(), "groups" if give["kind"] == "units" else give.get("target", "goods")
    if not chosen:
        return {}, 0
    if give.get("spread") == "steps":
        off, wanted = give_steps(turn, give, chosen)
    elif "tiers" in give:
        off, wanted = give_tiers(turn, give, chosen)
    elif target in ("goods", "order"):
        off, wanted = give_goods(turn, give, chosen)
    else:
        off, wanted = give_pieces(turn, give, chosen, target)
    off = [off.get(id(g), 0) for g in turn.goods]
    if left is not None:
        wanted = min(wanted, left)
        if sum(off) > left:
            off = turn.book.share(left, off, off)
    return {id(g): o for g, o in zip(turn.goods, off)}, wanted - sum(off)


def reward(turn, give):
    """(kind, amount, count, sku) of what is no discount, or None if it is worth nothing."""
    book, kind, left = turn.book, give["kind"], turn.left()
    chosen = chosen_by(book, turn.promotion, give, turn.goods)
    running, amount, count = sum(g.running for g in chosen), 0, 0
    if not chosen:
        return None
    if kind == "gift":
        count = give.get("count", 1)
    elif kind == "points":
        count = give["points"] * (running // book.money(give["every"]) if "every" in give else 1)
    elif kind == "shipping":
        if turn.x.method is not None and turn.x.method in give.get("methods", [turn.x.method]):
            amount = off_value(book, give, turn.x.shipping_left)
    else:
        amount = book.money(give["amount"]) if "amount" in give else off_value(book, give, running)
    amount = amount if left is None else min(amount, left)
    if kind == "shipping":
        turn.x.shipping_left -= amount
    turn.extra += amount
    return (kind, amount, count, give.get("sku")) if amount or count else None


def give_all(book, x, promotion, goods):
    turn = Turn(book, x, promotion, goods)
    for give in promotion["gives"]:
        if give["kind"] in REWARDS:
            got = reward(turn, give)
            if got:
                turn.rewards.append(got)
            continue
        amounts, cut = give_amounts(turn, give)
        turn.cut += cut
        for good in goods:
            good.running -= amounts.get(id(good), 0)
            turn.taken[id(good)] = turn.taken.get(id(good), 0) + amounts.get(id(good), 0)
    return turn


def try_alone(book, x, promotion, goods):
    """The same on list amounts, as if no other promotion were there; changes nothing."""
    before, shipping = [g.running for g in goods], x.shipping_left
    x.shipping_left = x.shipping
    for good in goods:
        good.running = good.list
    turn = give_all(book, x, promotion, goods)
    x.shipping_left = shipping
    for good, running in zip(goods, before):
        good.running = running
    return turn


def carry_out(book, x, promotion, goods):
    """Applies a promotion to the goods' running amounts. Returns why not, or None; and its turn."""
    own = promotion.get("margin", {})
    raised = [(g, g.floor) for g in goods if g.floor is not None and g.floor < decimal(own.get("floor", "0"), 4)]
    for good, _ in raised:
        guard(book, x, good, decimal(own["floor"], 4))
    turn = try_alone(book, x, promotion, goods) if own.get("on_breach") == "block" else None
    if turn and turn.cut:
        why = ("margin_blocked", turn.cut, sum(turn.taken.values()))
    else:
        shipping = x.shipping_left
        turn = give_all(book, x, promotion, goods)
        why = why_not(book, x, promotion, turn)
        if why:
            x.shipping_left = shipping
            for good in goods:
                good.running += turn.taken.get(id(good), 0)
    for good, floor in raised:
        guard(book, x, good, floor)
    return why, turn


def why_not(book, x, promotion, turn):
    given, budget = sum(turn.taken.values()), budget_left(book, promotion, x)
    if budget is not None and book.settings["budget_overrun"] == "reject" and given + turn.extra > budget:
        return "budget_spent", 0
    if given or turn.rewards:
        return None
    return ("margin_blocked", turn.cut, 0) if turn.cut else ("worth_zero", 0)


def share_to_lines(book, goods, taken, lines, promotion_id):
    for good in goods:
        amount = taken.get(id(good), 0)
        if not amount:
            continue
        running = [lines[n]["list"] - sum(a for _, a in lines[n]["discounts"]) for n in good.lines]
        caps = running
        if len(good.lines) > 1:
            caps = [r - good.unit_least * lines[n]["pieces"] for n, r in zip(good.lines, running)]
        for n, part in zip(good.lines, book.share(amount, running, caps)):
            if part:
                lines[n]["discounts"].append((promotion_id, part))


def priority(p):
    return (p.get("stacking", {}).get("priority", 100), p["id"].encode())


def stackable(p):
    return p.get("stacking", {}).get("stackable", True)


REWARDS = ("shipping", "gift", "points", "cashback", "credit")
ON_PIECES = ("groups", "nth", "cheapest", "dearest", "sets")


def round_of(give):
    """In which round of those that stack a promotion is that gives this first: on pieces, percent, amount, rewards."""
    kind = give["kind"]
    if kind in REWARDS:
        return 3
    if kind in ("units", "price") or give.get("target") in ON_PIECES or give.get("spread") == "steps" and "from_quantity" in give["tiers"][0]:
        return 0
    return 1 if kind == "percent" else 2


class Sale:
    """A cart being evaluated; a policy has its promotions take their turns."""

    def __init__(self, book, cart):
        self.book, self.x = book, Context(book, cart)
        self.goods, self.lines = make_goods(book, cart, self.x)
        self.applied, self.rejected, self.rewards = [], {}, []

    def touched(self, p):
        selectors = [n.get("select", {}) for n in p.get("needs", [])]
        return any(selects(self.book, s, g) for s in selectors for g in self.goods) or any(
            gives_on(self.book, p, v, g) for v in p["gives"] for g in self.goods)

    def able(self):
        """Promotions that pass what needs no goods; the others are rejected."""
        able = []
        for p in self.book.promotions:
            if not self.touched(p) and p["id"] not in self.x.coupons:
                continue
            reason = barred(self.book, p, self.x)
            if reason:
                self.rejected[p["id"]] = (reason, 0)
            else:
                able.append(p)
        return able

    def turn(self, p):
        """Applies it, if it may and gives something."""
        why, done = lacking(self.book, p, self.goods), None
        if not why:
            why, done = carry_out(self.book, self.x, p, self.goods)
        if why:
            self.rejected[p["id"]] = why
            return False
        share_to_lines(self.book, self.goods, done.taken, self.lines, p["id"])
        self.applied.append((p["id"], sum(done.taken.values()), done.cut))
        self.rewards += [(p["id"], *r) for r in done.rewards]
        return True


def by_rounds(promotions):
    """Those that stack, in the order of their turns."""
    return sorted(promotions, key=lambda p: (round_of(p["gives"][0]), priority(p)))


def take_turns(sale, promotions, members):
    """Each in turn, unless one of its group is among the members, those that are applied."""
    for p in promotions:
        short = lacking(sale.book, p, sale.goods)
        if short or not any(deal.excludes(sale.book, p, other) for other in members):
            members += [p] if sale.turn(p) else []
        else:
            sale.rejected[p["id"]] = ("outranked", 0)


def precedence(sale, able):
    won = None
    for p in sorted([p for p in able if not stackable(p)], key=priority):
        if won is None:
            won = p if sale.turn(p) else None
        else:
            sale.rejected[p["id"]] = lacking(sale.book, p, sale.goods) or ("outranked", 0)
    take_turns(sale, by_rounds([p for p in able if stackable(p)]), [won] if won else [])


def evaluate(book, cart):
    """Lines, totals, applied [(id, amount, cut)] in order, rewards, and rejected {id: (reason, what is told with it)}."""
    sale = Sale(book, cart)
    policies = {"precedence": precedence, "one_per_order": deal.one_per_order, "best_deal": deal.best_deal}
    policies[book.by["book"][0].get("policy", "precedence")](sale, sale.able())
    return {**finish(book, sale.x, sale.goods, sale.lines, sale.applied), "rejected": sale.rejected, "rewards": sale.rewards}


def finish(book, x, goods, lines, applied):
    for line in lines:
        line["net"] = line["list"] - sum(a for _, a in line["discounts"])
        line["tax"] = 0
        del line["pieces"]
    for good in goods:
        nets = [lines[n]["net"] for n in good.lines]
        tax = tax_of(book, good, sum(nets))
        for n, part in zip(good.lines, book.share(tax, nets, [tax] * len(nets))):
            lines[n]["tax"] = part
    totals = {
        "list": sum(line["list"] for line in lines),
        "discount": sum(amount for _, amount, _ in applied),
        "net": sum(line["net"] for line in lines),
        "tax": sum(line["tax"] for line in lines),
        "shipping": x.shipping,
        "shipping_discount": x.shipping - x.shipping_left,
    }
    totals["total"] = totals["net"] + (totals["tax"] if book.tax == "exclusive" else 0) + x.shipping_left
    return {"lines": lines, "totals": totals, "applied": applied}


def read_book(path):
    with open(path, encoding="utf-8") as f:
        return Book([json.loads(line) for line in f if line.strip()])
