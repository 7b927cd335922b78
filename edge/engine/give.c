/*
 * What promotions give: one function a kind, carried out in the order the promotion lists them, each on what
 * the one before left, down to what the margin guard allows, and cut together to the promotion's maximum and
 * what is left of its budget. docs/engine.md, "What promotions give" and "Margin guard".
 */
#include "engine_work.h"

#include <string.h>

static enum rounding percent_rounding(const struct settings *s)
{
	static const enum rounding of[] = {
		[PERCENT_DISCOUNT_HALF_UP] = ROUND_HALF_AWAY,
		[PERCENT_PRICE_HALF_UP] = ROUND_HALF_DOWN,
		[PERCENT_HALF_EVEN] = ROUND_HALF_EVEN,
		[PERCENT_DOWN] = ROUND_DOWN,
	};

	return s->percent == PERCENT_AS_BOOK ? s->rounding : of[s->percent];
}

struct money rate_at_most(const struct work *w, struct money base, struct rate rate, struct money limit)
{
	struct money out;

	if (money_times_rate(base, rate, percent_rounding(&w->catalog->settings), &out) ||
	    out.minor > limit.minor)
		return limit; /* what overflows is above any limit */
	return out;
}

enum err give_spread(struct work *w, struct money amount, const struct money *caps)
{
	if (w->selected.count == 1) {
		w->part[0] = amount;
		return ERR_OK;
	}
	return money_share(w->catalog->settings.remainder, amount, w->weight, caps, w->selected.count,
			   w->scratch, w->part);
}

static struct money smaller(struct money a, struct money b)
{
	return money_cmp(a, b) < 0 ? a : b;
}

/* Those that are not here are rewards: give_rewards.c. */
static give_fn *const kinds[GIVE_KINDS] = {
	[GIVE_PERCENT] = give_goods_percent, [GIVE_AMOUNT] = give_goods_amount, [GIVE_UNITS] = give_units,
	[GIVE_PRICE] = give_goods_price,     [GIVE_PICKED] = give_picked,	[GIVE_SETS] = give_sets,
	[GIVE_TIERS] = give_tiers,	     [GIVE_STEPS] = give_steps,
};

/* Cuts the parts to what is left of the promotion's maximum; *amount becomes their sum. */
static enum err cut(struct work *w, struct money left, struct money *amount)
{
	*amount = MONEY_ZERO;
	for (uint32_t k = 0; k < w->selected.count; k++)
		amount->minor += w->part[k].minor;
	if (left.minor == AMOUNT_NONE || amount->minor <= left.minor)
		return ERR_OK;
	*amount = left;
	memcpy(w->weight, w->part, w->selected.count * sizeof(*w->weight));
	return give_spread(w, left, w->weight);
}

static void take_off(struct work *w)
{
	for (uint32_t k = 0; k < w->selected.count; k++) {
		uint32_t i = w->selected.goods[k];

		if (!w->part[k].minor)
			continue;
		w->goods[i].running.minor -= w->part[k].minor;
		w->goods[i].taken.minor += w->part[k].minor;
		w->taken[i / 64] |= UINT64_C(1) << (i % 64);
	}
}

struct money give_left(const struct work *w, const struct verdict *v)
{
	struct money left = w->most;

	if (left.minor != AMOUNT_NONE)
		left.minor -= v->amount.minor + v->extra.minor;
	return left;
}

static enum err give_one(struct work *w, const struct promotion *p, const struct give *g, struct verdict *v)
{
	struct money left = give_left(w, v), amount = MONEY_ZERO;
	enum err e;

	if (!select_goods(w, v->promotion, &g->on)->count)
		return ERR_OK;
	w->wanted = MONEY_ZERO;
	e = kinds[g->kind](w, p, g);
	if (!e)
		e = cut(w, left, &amount);
	if (e)
		return e;
	if (left.minor != AMOUNT_NONE)
		w->wanted = smaller(w->wanted, left);
	v->cut.minor += w->wanted.minor - amount.minor;
	if (!amount.minor)
		return ERR_OK;
	take_off(w);
	v->amount.minor += amount.minor;
	return ERR_OK;
}

/* The least of the maximum and, if it may be given in part, the budget. */
static struct money most_of(const struct work *w, const struct promotion *p, uint32_t promotion)
{
	struct money budget;

	if (!p->budget.minor || w->catalog->settings.overrun == OVERRUN_REJECT)
		return p->max_discount;
	budget = gate_budget_left(w, promotion);
	return p->max_discount.minor == AMOUNT_NONE ? budget : smaller(budget, p->max_discount);
}

static enum err give_each(struct work *w, const struct promotion *p, struct verdict *v)
{
	w->groups = w->units = 0;
	w->most = most_of(w, p, v->promotion);
	for (uint32_t i = 0; i < p->give_count; i++) {
		const struct give *g = &p->gives[i];
		enum err e = kinds[g->kind] ? give_one(w, p, g, v) : give_reward(w, v, i);

		if (e)
			return e;
	}
	v->times = w->groups;
	return ERR_OK;
}

/* Takes back the rewards that give_each has left for that verdict. */
static void drop_rewards(struct work *w, const struct verdict *v)
{
	for (uint32_t i = 0; i < v->rewards; i++) {
		const struct reward *r = &w->rewards[--w->reward_count];

		if (r->kind == REWARD_SHIPPING)
			w->shipping.minor += r->amount.minor;
	}
}

/* As goods are before the first promotion: what others did to them is kept aside. */
static void forget_others(struct work *w)
{
	for (uint32_t i = 0; i < w->good_count; i++) {
		struct good *g = &w->goods[i];

		w->kept[i] = (struct kept_good){g->running, g->before_percents, g->percent_by};
		g->running = g->before_percents = g->list;
		g->percent_by = CATALOG_NONE;
	}
}

static void remember_others(struct work *w)
{
	for (uint32_t i = 0; i < w->good_count; i++) {
		w->goods[i].running = w->kept[i].running;
		w->goods[i].before_percents = w->kept[i].before_percents;
		w->goods[i].percent_by = w->kept[i].percent_by;
	}
}

/* What a promotion that wants all or nothing would give alone, on list amounts; *v is not its verdict. */
static enum err try_alone(struct work *w, const struct promotion *p, struct verdict *v)
{
	struct money shipping = w->shipping;
	enum err e;

	forget_others(w);
	w->shipping = w->cart->context.shipping.amount;
	e = give_each(w, p, v);
	drop_rewards(w, v);
	w->shipping = shipping;
	goods_put_back(w);
	remember_others(w);
	return e;
}

static bool blocked_alone(struct work *w, const struct promotion *p, struct verdict *v, enum err *e)
{
	struct verdict alone = {.promotion = v->promotion};

	*e = try_alone(w, p, &alone);
	if (*e || !alone.cut.minor)
		return false;
	v->reason = REASON_MARGIN_BLOCKED;
	v->cut = alone.cut;
	v->allowed = alone.amount;
	return true;
}

/* It would give more than is left of its budget, and the book wants all or nothing then. */
static bool overruns(const struct work *w, const struct promotion *p, const struct verdict *v)
{
	return p->budget.minor && w->catalog->settings.overrun == OVERRUN_REJECT &&
	       v->amount.minor + v->extra.minor > gate_budget_left(w, v->promotion).minor;
}

static void reject(struct work *w, struct verdict *v)
{
	goods_put_back(w);
	drop_rewards(w, v);
	*v = (struct verdict){.promotion = v->promotion, .reason = REASON_BUDGET_SPENT, .by = v->by};
}

/* With the promotion's own floor in force. */
static enum err give_guarded(struct work *w, const struct promotion *p, struct verdict *v)
{
	enum err e = ERR_OK;

	if (p->on_breach == BREACH_BLOCK && (blocked_alone(w, p, v, &e) || e))
		return e;
	e = give_each(w, p, v);
	if (e)
		return e;
	if (overruns(w, p, v))
		reject(w, v);
	else if (!v->amount.minor && !v->rewards)
		v->reason = v->cut.minor ? REASON_MARGIN_BLOCKED : REASON_WORTH_ZERO;
	return ERR_OK;
}

enum err give_carry_out(struct work *w, struct verdict *v)
{
	const struct promotion *p = &w->catalog->promotions[v->promotion];
	enum err e;

	guard_raise(w, p);
	e = give_guarded(w, p, v);
	guard_restore(w, p);
	return e;
}

enum err give_trial(struct work *w, struct verdict *v)
{
	enum err e = give_carry_out(w, v);

	goods_put_back(w);
	drop_rewards(w, v);
	return e;
}

enum err give_all(struct work *w, struct verdict *v)
{
	enum err e = give_carry_out(w, v);

	if (e || v->reason)
		return e;
	if (!v->times)
		v->times = 1;
	percents_take(w, v->promotion);
	return goods_share_discount(w, v->promotion);
}
