/*
 * What promotions give: one function a kind, carried out in the order the promotion lists them, each on what
 * the one before left, down to what the margin guard allows, and cut together to the promotion's maximum.
 * docs/engine.md, "What promotions give" and "Margin guard".
 */
#include "engine_work.h"

#include <string.h>

struct money rate_at_most(const struct work *w, struct money base, struct rate rate, struct money limit)
{
	struct money out;

	if (money_times_rate(base, rate, w->catalog->settings.rounding, &out) || out.minor > limit.minor)
		return limit; /* what overflows is above any limit */
	return out;
}

/* Running amounts of the selected goods to w->weight; returns their sum. */
static struct money weigh_running(struct work *w)
{
	struct money sum = MONEY_ZERO;

	for (uint32_t k = 0; k < w->selected.count; k++) {
		w->weight[k] = w->goods[w->selected.goods[k]].running;
		sum.minor += w->weight[k].minor;
	}
	return sum;
}

/* Rooms of the selected goods to w->part; returns their sum. */
static struct money rooms(struct work *w)
{
	struct money sum = MONEY_ZERO;

	for (uint32_t k = 0; k < w->selected.count; k++) {
		w->part[k] = good_room(&w->goods[w->selected.goods[k]]);
		sum.minor += w->part[k].minor;
	}
	return sum;
}

/* An amount to w->part, by the weights, none above its cap (caps may be w->part). */
static enum err spread(struct work *w, struct money amount, const struct money *caps)
{
	if (w->selected.count == 1) {
		w->part[0] = amount;
		return ERR_OK;
	}
	return money_allocate(amount, w->weight, caps, w->selected.count, w->scratch, w->part);
}

static struct money smaller(struct money a, struct money b)
{
	return money_cmp(a, b) < 0 ? a : b;
}

/* A rate is promised article by article: what one has no room for, others do not make up for. */
static enum err give_percent(struct work *w, const struct promotion *p, const struct give *g)
{
	struct money base, running = percents_weigh(w, p, &base);
	enum err e;

	w->wanted = rate_at_most(w, base, g->rate, running);
	e = spread(w, w->wanted, w->weight);
	for (uint32_t k = 0; k < w->selected.count && !e; k++)
		w->part[k] = smaller(w->part[k], good_room(&w->goods[w->selected.goods[k]]));
	return e;
}

static enum err give_amount_once(struct work *w, const struct give *g)
{
	w->wanted = smaller(g->amount, weigh_running(w));
	return spread(w, smaller(w->wanted, rooms(w)), w->part);
}

static enum err give_amount_per_unit(struct work *w, const struct give *g)
{
	for (uint32_t k = 0; k < w->selected.count; k++) {
		const struct good *good = &w->goods[w->selected.goods[k]];
		struct money off;

		if (__builtin_mul_overflow(g->amount.minor, good->pieces, &off.minor))
			off = good->running;
		off = smaller(off, good->running);
		w->wanted.minor += off.minor;
		w->part[k] = smaller(off, good_room(good));
	}
	return ERR_OK;
}

static enum err give_amount(struct work *w, const struct promotion *p, const struct give *g)
{
	(void)p;
	return g->per == PER_UNIT ? give_amount_per_unit(w, g) : give_amount_once(w, g);
}

static give_fn *const kinds[] = {
	[GIVE_PERCENT] = give_percent,
	[GIVE_AMOUNT] = give_amount,
	[GIVE_UNITS] = give_units,
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
	return spread(w, left, w->weight);
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

static enum err give_one(struct work *w, const struct promotion *p, const struct give *g, struct verdict *v)
{
	struct money left = p->max_discount, amount = MONEY_ZERO;
	enum err e;

	if (!select_goods(w, v->promotion, &g->on)->count)
		return ERR_OK;
	if (left.minor != AMOUNT_NONE)
		left.minor -= v->amount.minor;
	w->groups = 0;
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
	v->times += w->groups;
	return ERR_OK;
}

static enum err give_each(struct work *w, const struct promotion *p, struct verdict *v)
{
	for (uint32_t i = 0; i < p->give_count; i++) {
		enum err e = give_one(w, p, &p->gives[i], v);

		if (e)
			return e;
	}
	return ERR_OK;
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
	enum err e;

	forget_others(w);
	e = give_each(w, p, v);
	goods_put_back(w);
	remember_others(w);
	return e;
}

static bool blocked_alone(struct work *w, const struct promotion *p, struct verdict *v, enum err *e)
{
	struct verdict alone = {.promotion = v->promotion};

	if (p->on_breach != BREACH_BLOCK)
		return false;
	*e = try_alone(w, p, &alone);
	if (*e || !alone.cut.minor)
		return false;
	v->reason = REASON_MARGIN_BLOCKED;
	v->cut = alone.cut;
	v->allowed = alone.amount;
	return true;
}

/* With the promotion's own floor in force. */
static enum err give_guarded(struct work *w, const struct promotion *p, struct verdict *v)
{
	enum err e = ERR_OK;

	if (blocked_alone(w, p, v, &e) || e)
		return e;
	e = give_each(w, p, v);
	if (!e && !v->amount.minor)
		v->reason = v->cut.minor ? REASON_MARGIN_BLOCKED : REASON_WORTH_ZERO;
	return e;
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
