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

EXPONENTS = {"EUR": 2, "JPY": 0, "KWD": 3}
MICRO = 10**6


def decimal(text, places):
    """An exact decimal ("12.34", or an integer) as an integer of its last place."""
    text = str(text)
    sign = -1 if text.startswith("-") else 1
    whole, _, fraction = text.lstrip("-").partition(".")
    assert len(fraction.rstrip("0")) <= places, text
    return sign * int(whole + fraction.ljust(places, "0")[:places])


def rounded(numerator, denominator, how):
    """numerator / denominator to an integer, half away from zero or half to even; both at least 0."""
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    if twice > denominator or (twice == denominator and (how == "half_away" or quotient % 2 == 1)):
        quotient += 1
    return quotient


def allocate(total, weights, caps):
    """Largest remainder under caps, as the page's three steps say."""
    assert 0 <= total <= sum(caps)
    shares = [None] * len(weights)
    while True:
        open_parts = [i for i, s in enumerate(shares) if s is None]
        left = total - sum(s for s in shares if s is not None)
        weight = {i: weights[i] for i in open_parts}
        if sum(weight.values()) == 0:
            weight = {i: 1 for i in open_parts}
        if not open_parts:
            return shares
        whole = sum(weight.values())
        above = [i for i in open_parts if left * weight[i] > caps[i] * whole]
        if above:
            for i in above:
                shares[i] = caps[i]
            continue
        trial = {i: left * weight[i] // whole for i in open_parts}
        spare = left - sum(trial.values())
        for i in sorted(open_parts, key=lambda i: (-(left * weight[i] % whole), i))[:spare]:
            trial[i] += 1
        for i in open_parts:
            shares[i] = trial[i]
        return shares


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
        self.threshold = head.get("threshold", "original")
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
        self.lists = sorted(self.by.get("price_list", []), key=lambda p: (-p.get("rank", 0), p["id"].encode()))
        self.prices = {(p["list"], p["sku"]): decimal(p["price"], self.exponent) for p in self.by.get("price", [])}

    def money(self, text):
        return decimal(text, self.exponent)

    def way_up(self, sku):
        found, category = [], self.items[sku].get("category")
        while category:
            found.append(category)
            category = self.parents[category]
        return found

    def categories_of(self, sku):
        return set(self.way_up(sku))


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
            self.segments |= set(book.customers[cart["customer"]].get("segments", []))
        self.coupons = {book.coupons[code]["promotion"] for code in cart.get("coupons", [])}

    def before(self, text):
        seconds, local = instant(text, False)
        return (self.local if local else self.utc) < seconds

    def after(self, text):
        seconds, local = instant(text, True)
        return (self.local if local else self.utc) > seconds


def usable_list(price_list, x):
    if price_list.get("segments") and not x.segments & set(price_list["segments"]):
        return False
    if price_list.get("channels") and x.channel not in price_list["channels"]:
        return False
    if price_list.get("stores") and x.store not in price_list["stores"]:
        return False
    return not ("from" in price_list and x.before(price_list["from"]) or "to" in price_list and x.after(price_list["to"]))


class Good:
    """Lines that promotions see as one."""

    def __init__(self, sku, unit, pieces, amount, quantity, line):
        self.sku, self.unit, self.pieces, self.list, self.quantity = sku, unit, pieces, amount, quantity
        self.lines = [line]
        self.running = amount
        self.labelled = False
        self.floor = None
        self.unit_least = self.least = 0  # unguarded

    def room(self):
        return max(0, self.running - self.least)

    def key(self):
        return (self.sku.encode(), self.unit, self.list, self.quantity, self.lines[0])


def price(book, x, sku):
    for price_list in book.lists:
        if usable_list(price_list, x) and (price_list["id"], sku) in book.prices:
            return book.prices[price_list["id"], sku]
    raise KeyError(sku)


def make_goods(book, cart, x):
    merged, goods, lines = {}, [], []
    for n, line in enumerate(cart["lines"]):
        sku = line["sku"]
        quantity = decimal(line.get("quantity", "1"), 6)
        labelled = "price" in line
        unit = book.money(line["price"]) if labelled else price(book, x, sku)
        if "locked" in line:
            unit = min(unit, book.money(line["locked"]))
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
            continue
        good = Good(sku, unit, pieces, amount, quantity, n)
        good.labelled = book.money(line["price"]) if labelled else None
        if by_piece and not labelled:
            merged[sku, unit] = good
        goods.append(good)
    for good in goods:
        guard(book, x, good, floor_of(book, x, good.sku))
    return sorted(goods, key=Good.key), lines


ENDLESS = 10**30  # no amount is legal


def floor_of(book, x, sku):
    """The floor of an article for this customer, or None: unguarded."""
    if not book.guarded or "cost" not in book.items[sku]:
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


def guard(book, x, good, floor):
    """Sets the good's lowest amounts by that floor."""
    good.floor = floor
    if floor is None:
        return
    item = book.items[good.sku]
    burden = book.money(item["cost"]) + book.money(item.get("logistics", "0"))
    if book.tax == "inclusive":
        burden += book.tax_amounts.get(item.get("tax"), 0)
    if not good.pieces:
        good.least = lowest(book, good.sku, floor, upwards(Fraction(burden * good.quantity, MICRO)))
        return
    good.unit_least = lowest(book, good.sku, floor, burden)
    if good.labelled is not None and item.get("unit", "each") != "each":
        try:
            listed = price(book, x, good.sku)
        except KeyError:
            listed = 0
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


def selects(book, selector, sku):
    if any(selector.get(f) for f in FIELDS) and not matches(book, selector, sku):
        return False
    return not matches(book, selector.get("except", {}), sku)


def give_selector(promotion, give):
    if "select" in give:
        return give["select"]
    needs = promotion.get("needs", [])
    return needs[0].get("select", {}) if needs else {}


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
    return None


def lacking(book, promotion, goods):
    """(reason, how much) of the first need that is not met, or None; and nothing_selected."""
    for need in promotion.get("needs", []):
        chosen = [g for g in goods if selects(book, need.get("select", {}), g.sku)]
        if "quantity" in need:
            short = int(need["quantity"]) - sum(g.pieces for g in chosen)
            if short > 0:
                return "needs_quantity", short
        else:
            have = sum(g.list if book.threshold == "original" else g.running for g in chosen)
            short = book.money(need["amount"]) - have
            if short > 0:
                return "needs_amount", short
    if not any(selects(book, give_selector(promotion, v), g.sku) for v in promotion["gives"] for g in goods):
        return "nothing_selected", 0
    return None


def piece_values(good):
    each, extra = divmod(good.running, good.pieces)
    return [each + 1] * extra + [each] * (good.pieces - extra)


def give_units(book, promotion, give, chosen):
    """What comes off each good, and what would if there were no guard."""
    pieces = [(value, index) for index, g in enumerate(chosen) if g.pieces for value in piece_values(g)]
    pieces.sort(key=lambda p: (-p[0], p[1]))
    buy, get = give["buy"], give["get"]
    groups = len(pieces) // (buy + get)
    times = promotion.get("limits", {}).get("times")
    if times is not None:
        groups = min(groups, times)
    off, wanted = [0] * len(chosen), 0
    for k in range(groups):
        group = pieces[k * (buy + get) : (k + 1) * (buy + get)]
        rooms = [max(0, value - chosen[index].unit_least) for value, index in group]
        want = [0] * buy + [rounded(value * decimal(give["percent"], 4), MICRO, book.rounding) for value, _ in group[buy:]]
        gives = [min(w, room) for w, room in zip(want, rooms)]
        for i, room in enumerate(rooms):  # dearest first
            gives[i] += min(sum(want) - sum(gives), room - gives[i])
        for (_, index), amount in zip(group, gives):
            off[index] += amount
        wanted += sum(want)
    return off, wanted


def give_amounts(book, promotion, give, goods, room):
    """What one give takes off each good, and what the guard cut; room is what max_discount leaves, or None."""
    chosen = [g for g in goods if selects(book, give_selector(promotion, give), g.sku)]
    running, rooms = [g.running for g in chosen], [g.room() for g in chosen]
    if give["kind"] == "percent":
        base = running if promotion.get("stacking", {}).get("base", "running") == "running" else [g.list for g in chosen]
        total = min(rounded(sum(base) * decimal(give["percent"], 4), MICRO, book.rounding), sum(running))
        wanted = total
        off = [min(part, r) for part, r in zip(allocate(total, running, running), rooms)]
    elif give["kind"] == "units":
        off, wanted = give_units(book, promotion, give, chosen)
    elif give.get("per", "once") == "unit":
        off = [min(book.money(give["amount"]) * g.pieces, g.running) for g in chosen]
        wanted = sum(off)
        off = [min(part, r) for part, r in zip(off, rooms)]
    else:
        wanted = min(book.money(give["amount"]), sum(running))
        off = allocate(min(wanted, sum(rooms)), running, rooms)
    if room is not None:
        wanted = min(wanted, room)
        if sum(off) > room:
            off = allocate(room, off, off)
    return list(zip(chosen, off)), wanted - sum(off)


def carry_out(book, x, promotion, goods):
    """Applies a promotion to the goods' running amounts; returns what it took off each, and what was cut."""
    own = promotion.get("margin", {})
    raised = [(g, g.floor) for g in goods if g.floor is not None and g.floor < decimal(own.get("floor", "0"), 4)]
    for good, _ in raised:
        guard(book, x, good, decimal(own["floor"], 4))
    taken, cut = None, 0
    if own.get("on_breach") == "block":
        before = [g.running for g in goods]
        for good in goods:
            good.running = good.list
        alone, cut = give_all(book, promotion, goods)
        for good, running in zip(goods, before):
            good.running = running
        taken = {} if cut else None
    if taken is None:
        taken, cut = give_all(book, promotion, goods)
        alone = {}
    for good, floor in raised:
        guard(book, x, good, floor)
    return taken, cut, sum(alone.values())


def give_all(book, promotion, goods):
    cap = promotion.get("limits", {}).get("max_discount")
    cap = None if cap is None else book.money(cap)
    taken, all_cut = {}, 0
    for give in promotion["gives"]:
        room = None if cap is None else cap - sum(taken.values())
        amounts, cut = give_amounts(book, promotion, give, goods, room)
        all_cut += cut
        for good, amount in amounts:
            good.running -= amount
            taken[id(good)] = taken.get(id(good), 0) + amount
    return taken, all_cut


def share_to_lines(goods, taken, lines, promotion_id):
    for good in goods:
        amount = taken.get(id(good), 0)
        if not amount:
            continue
        running = [lines[n]["list"] - sum(a for _, a in lines[n]["discounts"]) for n in good.lines]
        caps = running
        if len(good.lines) > 1:
            caps = [r - good.unit_least * lines[n]["pieces"] for n, r in zip(good.lines, running)]
        for n, part in zip(good.lines, allocate(amount, running, caps)):
            if part:
                lines[n]["discounts"].append((promotion_id, part))


def priority(p):
    return (p.get("stacking", {}).get("priority", 100), p["id"].encode())


def stackable(p):
    return p.get("stacking", {}).get("stackable", True)


class Sale:
    """A cart being evaluated; a policy has its promotions take their turns."""

    def __init__(self, book, cart):
        self.book, self.x = book, Context(book, cart)
        self.goods, self.lines = make_goods(book, cart, self.x)
        self.applied, self.rejected = [], {}

    def able(self):
        """Promotions that pass what needs no goods; the others are rejected."""
        def touches(p):
            selectors = [n.get("select", {}) for n in p.get("needs", [])] + [give_selector(p, v) for v in p["gives"]]
            return any(selects(self.book, s, g.sku) for s in selectors for g in self.goods)

        able = []
        for p in self.book.promotions:
            if not touches(p) and p["id"] not in self.x.coupons:
                continue
            reason = barred(self.book, p, self.x)
            if reason:
                self.rejected[p["id"]] = (reason, 0)
            else:
                able.append(p)
        return able

    def turn(self, p):
        """Applies it, if it may and gives something."""
        short = lacking(self.book, p, self.goods)
        if short:
            self.rejected[p["id"]] = short
            return False
        taken, cut, allowed = carry_out(self.book, self.x, p, self.goods)
        if not sum(taken.values()):
            self.rejected[p["id"]] = ("margin_blocked", cut, allowed) if cut else ("worth_zero", 0)
            return False
        share_to_lines(self.goods, taken, self.lines, p["id"])
        self.applied.append((p["id"], sum(taken.values()), cut))
        return True


def by_rounds(promotions):
    """Those that stack, in the order of their turns."""
    rounds = ("units", "percent", "amount")
    return sorted(promotions, key=lambda p: (rounds.index(p["gives"][0]["kind"]), priority(p)))


def precedence(sale, able):
    won = None
    for p in sorted([p for p in able if not stackable(p)], key=priority):
        if won is None:
            won = p if sale.turn(p) else None
        else:
            sale.rejected[p["id"]] = lacking(sale.book, p, sale.goods) or ("outranked", 0)
    for p in by_rounds([p for p in able if stackable(p)]):
        sale.turn(p)


def evaluate(book, cart):
    """Lines, totals, applied [(id, amount, cut)] in order, and rejected {id: (reason, what is told with it)}."""
    sale = Sale(book, cart)
    policies = {"precedence": precedence, "one_per_order": deal.one_per_order, "best_deal": deal.best_deal}
    policies[book.by["book"][0].get("policy", "precedence")](sale, sale.able())
    return finish(book, sale.goods, sale.lines, sale.applied, sale.rejected)


def finish(book, goods, lines, applied, rejected):
    for line in lines:
        line["net"] = line["list"] - sum(a for _, a in line["discounts"])
        line["tax"] = 0
        del line["pieces"]
    for good in goods:
        nets = [lines[n]["net"] for n in good.lines]
        net = sum(nets)
        rate = book.taxes.get(book.items[good.sku].get("tax"), 0)
        tax = 0
        if book.items[good.sku].get("tax") in book.tax_amounts and book.tax != "none":
            tax = rounded(book.tax_amounts[book.items[good.sku]["tax"]] * good.quantity, MICRO, book.rounding)
            tax = min(tax, net) if book.tax == "inclusive" else tax
        elif book.tax == "inclusive":
            tax = rounded(net * rate, MICRO + rate, book.rounding)
        elif book.tax == "exclusive":
            tax = rounded(net * rate, MICRO, book.rounding)
        for n, part in zip(good.lines, allocate(tax, nets, [tax] * len(nets))):
            lines[n]["tax"] = part
    totals = {
        "list": sum(line["list"] for line in lines),
        "discount": sum(amount for _, amount, _ in applied),
        "net": sum(line["net"] for line in lines),
        "tax": sum(line["tax"] for line in lines),
    }
    totals["total"] = totals["net"] + (totals["tax"] if book.tax == "exclusive" else 0)
    return {"lines": lines, "totals": totals, "applied": applied, "rejected": rejected}


def read_book(path):
    with open(path, encoding="utf-8") as f:
        return Book([json.loads(line) for line in f if line.strip()])
