"""The policies one_per_order and best_deal for the oracle, from docs/engine.md alone.

The best deal is found by trying every choice there is (`every_choice`), so carts have to be small; for larger ones `all_states`
finds how much the best choice takes off, and nothing else, by remembering everything that could ever matter.
"""

import itertools
from collections import Counter

import oracle


class TooMany(Exception):
    """More choices or states than the test has time for."""


def of_priority(book, promotion):
    number = promotion.get("stacking", {}).get("priority", 100)
    return -number if book.by["book"][0].get("priority") == "higher_first" else number


def by_turn(book, promotions):
    return sorted(promotions, key=lambda p: (of_priority(book, p), p["id"].encode()))


def excludes(book, one, other):
    """Whether these two, of one group, exclude each other."""
    group = one.get("stacking", {}).get("group")
    if not group or group != other.get("stacking", {}).get("group"):
        return False
    same = book.by["book"][0].get("exclusive") == "same_priority"
    return not same or of_priority(book, one) == of_priority(book, other)


def alone(book, x, promotion, goods):
    """Why it gives nothing to the goods as they are, or None; and its turn. Nothing is changed."""
    before, shipping = [g.running for g in goods], x.shipping_left
    why, turn = oracle.carry_out(book, x, promotion, goods)
    x.shipping_left = shipping
    for good, running in zip(goods, before):
        good.running = running
    return why, turn


def one_per_order(sale, able):
    most, best = 0, None
    for p in by_turn(sale.book, able):
        why, turn = oracle.lacking(sale.book, p, sale.goods), None
        if not why:
            why, turn = alone(sale.book, sale.x, p, sale.goods)
        if why:
            sale.rejected[p["id"]] = why
            continue
        sale.rejected[p["id"]] = ("outranked", 0)
        worth = sum(turn.taken.values()) + turn.extra
        if best is None or worth > most:
            most, best = worth, p
    if best:
        del sale.rejected[best["id"]]
        sale.turn(best)


def piece_value(good):
    return good.list // good.pieces if good.pieces else good.list


def count(good):
    return good.pieces or 1


class Deal:
    """A promotion that does not stack, in the form in which it takes pieces."""

    def __init__(self, book, x, promotion, goods):
        self.book, self.promotion, self.goods = book, promotion, goods
        self.give = promotion["gives"][0]
        self.times = promotion.get("limits", {}).get("times", 1 if book.settings["repeats"] == "once" else None)
        self.buy, self.get = self.group_of()
        self.priority = of_priority(book, promotion)
        self.form = self.form_of()
        self.on = [i for i, g in enumerate(goods) if self.takes(g)]
        self.rooms = self.rooms_of(x)
        self.memo = {}
        self.roomy = self.form == "groups" and all(self.percent(piece_value(goods[i])) <= self.rooms[i] for i in self.on)
        if self.form == "whole":
            _, turn = alone(book, x, promotion, goods)
            self.parts = {i: turn.taken.get(id(goods[i]), 0) for i in self.on}
            self.cut = turn.cut

    def group_of(self):
        if self.give.get("target") == "nth":
            return self.give["count"] - 1, 1
        return self.give.get("buy"), self.give.get("get")

    def form_of(self):
        give, limits = self.give, self.promotion.get("limits", {})
        if len(self.promotion["gives"]) > 1 or set(limits) & {"max_discount", "budget", "units"} or set(give) & {"tiers", "got"}:
            return "whole"
        if give["kind"] == "units" or give["kind"] == "percent" and give.get("target") in ("groups", "nth"):
            free = "cheapest" if give.get("target") == "nth" else give.get("free", self.book.settings["free_unit"])
            return "groups" if free == "cheapest" else "whole"
        on_goods = give.get("target", "goods") in ("goods", "order")
        each = give["kind"] == "amount" and give.get("per", self.book.settings["fixed_amount"]) == "unit"
        return "single" if on_goods and (give["kind"] == "percent" or each) else "whole"

    def takes(self, good):
        if self.form == "groups" and not good.pieces:
            return False
        return any(oracle.gives_on(self.book, self.promotion, v, good) for v in self.promotion["gives"])

    def rooms_of(self, x):
        """Of a piece of each good, by the promotion's own floor where that is higher."""
        own = oracle.decimal(self.promotion.get("margin", {}).get("floor", "0"), 4)
        rooms = []
        for good in self.goods:
            was = good.floor
            if was is not None and was < own:
                oracle.guard(self.book, x, good, own)
            least = good.unit_least if good.pieces else good.least
            rooms.append(max(0, piece_value(good) - least))
            if good.floor != was:
                oracle.guard(self.book, x, good, was)
        return rooms

    def percent(self, amount):
        return oracle.off_value(self.book, {"percent": self.give.get("percent", "100")}, amount)

    def single(self, i, pieces):
        """What so many pieces of a good get, and what is cut."""
        good = self.goods[i]
        if self.give["kind"] == "percent":
            wants = self.percent(piece_value(good) * pieces)
        else:
            amount = self.book.money(self.give["amount"])
            wants = min(amount if good.pieces else self.book.times(amount, good.quantity), piece_value(good)) * pieces
        gives = min(wants, self.rooms[i] * pieces)
        return gives, wants - gives

    def size(self):
        return self.buy + self.get

    def possible(self, joined):
        total = sum(joined.values())
        return total % self.size() == 0 and (self.times is None or total // self.size() <= self.times)

    def groups(self, joined):
        """{good: pieces} in groups, dearest first: what comes off each good, and what is cut."""
        line = sorted(((piece_value(self.goods[i]), i) for i, n in joined.items() for _ in range(n)), key=lambda p: (-p[0], p[1]))
        off, cut = Counter(), 0
        for k in range(0, len(line), self.size()):
            group = line[k : k + self.size()]
            wants = [0] * self.buy + [self.percent(value) for value, _ in group[self.buy :]]
            gives = [min(w, self.rooms[i]) for w, (_, i) in zip(wants, group)]
            for n, (_, i) in enumerate(group):
                gives[n] += min(sum(wants) - sum(gives), self.rooms[i] - gives[n])
            for (_, i), amount in zip(group, gives):
                off[i] += amount
            cut += sum(wants) - sum(gives)
        return off, cut

    def outcome(self, joined):
        """{good: pieces} to what comes off each, and what is cut."""
        key = tuple(sorted(joined.items()))
        if key not in self.memo:
            if self.form == "groups":
                self.memo[key] = self.groups(joined)
            elif self.form == "whole":
                self.memo[key] = (self.parts, self.cut)
            else:
                each = {i: self.single(i, n) for i, n in joined.items()}
                self.memo[key] = ({i: gives for i, (gives, _) in each.items()}, sum(cut for _, cut in each.values()))
        return self.memo[key]

    def by_itself(self):
        """What it would give alone, and what it would without the guard."""
        joined = {i: count(self.goods[i]) for i in self.on}
        if self.form == "groups":
            line = sorted((i for i in self.on for _ in range(self.goods[i].pieces)), key=lambda i: (-piece_value(self.goods[i]), i))
            groups = len(line) // self.size()
            joined = Counter(line[: (groups if self.times is None else min(groups, self.times)) * self.size()])
        off, cut = self.outcome(joined)
        return sum(off.values()), sum(off.values()) + cut

    def hopeless(self):
        gives, wants = self.by_itself()
        if not wants:
            return ("worth_zero", 0)
        room = sum(self.rooms[i] for i in self.on)
        if not room or (self.form != "groups" and not gives):
            return ("margin_blocked", wants, 0)
        return None


def deals_of(sale, able):
    """Deals in order of precedence; the others are rejected."""
    deals = []
    for p in by_turn(sale.book, [p for p in able if not oracle.stackable(p)]):
        reason = oracle.lacking(sale.book, p, sale.goods)
        budget = "budget" in p.get("limits", {}) and sale.book.settings["budget_overrun"] == "reject"
        if not reason and (budget or p.get("margin", {}).get("on_breach") == "block"):
            why, _ = alone(sale.book, sale.x, p, sale.goods)
            reason = why if why and why[0] != "worth_zero" else None
        if not reason:
            deal = Deal(sale.book, sale.x, p, sale.goods)
            reason = deal.hopeless()
        if reason:
            sale.rejected[p["id"]] = reason
        else:
            deals.append(deal)
    return deals


def dearest_first(goods):
    return sorted(range(len(goods)), key=lambda i: (-piece_value(goods[i]), i))


def sets_of_wholes(deals):
    """Every set of wholes no two of which have a good in common, as {good: deal}."""
    wholes = [k for k, d in enumerate(deals) if d.form == "whole"]
    for n in range(len(wholes) + 1):
        for some in itertools.combinations(wholes, n):
            taken = [i for k in some for i in deals[k].on]
            if len(taken) == len(set(taken)):
                yield {i: k for k in some for i in deals[k].on}


def shares(total, parts):
    """Every way to give up to `total` pieces to so many takers."""
    if not parts:
        yield ()
        return
    for n in range(total + 1):
        for rest in shares(total - n, parts - 1):
            yield (n, *rest)


def ways_of_good(deals, i, good):
    """{deal: pieces} for each way to divide a good that is in no whole."""
    groups = [k for k, d in enumerate(deals) if d.form == "groups" and i in d.on]
    singles = [k for k, d in enumerate(deals) if d.form == "single" and i in d.on]
    for share in shares(count(good), len(groups)):
        joined = {k: n for k, n in zip(groups, share) if n}
        left = count(good) - sum(share)
        yield joined
        if left:
            for k in singles:
                yield {**joined, k: left}


def asked(deals, i, way):
    """A way as the page goes through it: wholes, groups, and who gets the single pieces."""
    forms = [[k for k, d in enumerate(deals) if d.form == form and i in d.on] for form in ("whole", "groups", "single")]
    answers = [way.get(k, 0) for k in forms[0] + forms[1]]
    return answers + [next((n + 1 for n, k in enumerate(forms[2]) if k in way), 0)]


def judge(deals, order, ways):
    """How good a choice is, the smaller the better, or None if it is none; and what each deal has of each good."""
    joined = {}
    for i, way in zip(order, ways):
        for k, n in way.items():
            joined.setdefault(k, {})[i] = n
    for a, b in itertools.combinations(joined, 2):
        if excludes(deals[a].book, deals[a].promotion, deals[b].promotion):
            return None, joined
    if any(deals[k].form == "groups" and not deals[k].possible(j) for k, j in joined.items()):
        return None, joined
    value = sum(sum(deals[k].outcome(j)[0].values()) for k, j in joined.items())
    pairs = sum(len(j) for j in joined.values())
    priorities = sum(len(j) * deals[k].priority for k, j in joined.items())
    return (-value, pairs, priorities), joined


def every_choice(deals, goods, most):
    """{deal: {good: pieces}} of the best choice, and how many were tried."""
    order = dearest_first(goods)
    best, chosen, tried = None, {}, 0
    for wholes in sets_of_wholes(deals):
        options = [[{wholes[i]: count(goods[i])}] if i in wholes else list(ways_of_good(deals, i, goods[i])) for i in order]
        for ways in itertools.product(*options):
            tried += 1
            if tried > most:
                raise TooMany
            key, joined = judge(deals, order, ways)
            if key is None or best is not None and key > best[:3]:
                continue
            key = (*key, [asked(deals, i, way) for i, way in zip(order, ways)])
            if best is None or key < best:
                best, chosen = key, joined
    return chosen, tried


def best_deal(sale, able, most=20000):
    deals = deals_of(sale, able)
    chosen, sale.tried = every_choice(deals, sale.goods, most)
    for k, deal in enumerate(deals):
        name = deal.promotion["id"]
        if k not in chosen:
            rivals = [d for j, d in enumerate(deals) if j in chosen and (
                set(chosen[j]) & set(deal.on) or excludes(sale.book, deal.promotion, d.promotion))]
            sale.rejected[name] = ("outranked", 0) if rivals else ("margin_blocked", deal.by_itself()[1], 0)
            continue
        off, cut = deal.outcome(chosen[k])
        taken = {id(sale.goods[i]): amount for i, amount in off.items()}
        for i, amount in off.items():
            sale.goods[i].running -= amount
        oracle.share_to_lines(sale.book, sale.goods, taken, sale.lines, name)
        sale.applied.append((name, sum(off.values()), cut))
    members = [deal.promotion for k, deal in enumerate(deals) if k in chosen]
    oracle.take_turns(sale, oracle.by_rounds([p for p in able if oracle.stackable(p)]), members)


class Progress:
    """Of a group promotion in all_states: pieces in the group under way, what they want, what they have room for, groups done. If every
    piece has room for its reward, it is given as the piece joins."""

    @staticmethod
    def join(deal, state, i, pieces):
        """The state after so many pieces of good i, and what the groups that are full now give."""
        at, wants, room, done = state
        gives = 0
        reward = deal.percent(piece_value(deal.goods[i]))
        for _ in range(pieces):
            got = reward if at >= deal.buy else 0
            if deal.roomy:
                gives += got
            else:
                room, wants = room + deal.rooms[i], wants + got
            at += 1
            if at == deal.size():
                gives += min(wants, room)
                at, wants, room, done = 0, 0, 0, done + (deal.times is not None)
        return (at, wants, room, done), gives


def divide(deals, i, good, groups, state):
    """(state, gives) for each way to divide a good among group deals, and the rest to the best single one."""
    singles = [d for d in deals if d.form == "single" and i in d.on]
    for share in shares(count(good) if groups else 0, len(groups)):
        then, gives = dict(state), 0
        for k, n in zip(groups, share):
            if n:
                then[k], more = Progress.join(deals[k], then.get(k, (0, 0, 0, 0)), i, n)
                gives += more
        left = count(good) - sum(share)
        gives += max([d.single(i, left)[0] for d in singles if left], default=0)
        if all(deals[k].times is None or s == "in" or s[3] <= deals[k].times for k, s in then.items()):
            yield then, gives


def joins_of(deals, i, good, seen, state):
    """(state, gives) for each thing that may happen to a good; `seen` are the goods that came before."""
    inside = [k for k, s in state.items() if s == "in" and i in deals[k].on]
    if inside:
        if len(inside) == 1:
            yield state, 0
        return
    for k, d in enumerate(deals):
        if d.form == "whole" and i in d.on and not seen & set(d.on):
            yield {**state, k: "in"}, sum(d.parts.values())
    groups = [k for k, d in enumerate(deals) if d.form == "groups" and i in d.on]
    yield from divide(deals, i, good, groups, state)


def all_states(deals, goods, most):
    """How much the best choice takes off. Exclusive groups of promotions are beyond it."""
    order, seen = dearest_first(goods), set()
    states = {(): 0}
    for n, i in enumerate(order):
        after = set(order[n + 1 :])
        then = {}
        for key, value in states.items():
            for state, gives in joins_of(deals, i, goods[i], seen, dict(key)):
                left = {}
                for k, s in state.items():
                    if after & set(deals[k].on):
                        left[k] = s
                    elif s != "in" and s[0]:
                        break
                else:
                    new = tuple(sorted((k, s) for k, s in left.items() if s != (0, 0, 0, 0)))
                    then[new] = max(then.get(new, 0), value + gives)
        if len(then) > most:
            raise TooMany
        states = then
        seen.add(i)
    return max(states.values())
