/*
 * What promotions give: one function a kind, carried out in the order the promotion lists them, each on what
 * the one before left, and cut together to the promotion's maximum. docs/engine.md, "What promotions give".
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

static struct money sum_of_lists(const struct work *w)
{
	struct money sum = MONEY_ZERO;

	for (uint32_t k = 0; k < w->selected.count; k++)
		sum.minor += w->goods[w->selected.goods[k]].list.minor;
	return sum;
}

/* An amount to w->part, by the weights, none above its own. */
static enum err spread(struct work *w, struct money amount)
{
	if (w->selected.count == 1) {
		w->part[0] = amount;
		return ERR_OK;
	}
	return money_allocate(amount, w->weight, w->weight, w->selected.count, w->scratch, w->part);
}

static enum err give_percent(struct work *w, const struct promotion *p, const struct give *g)
{
	struct money running = weigh_running(w);
	struct money base = p->base == BASE_LIST ? sum_of_lists(w) : running;

	return spread(w, rate_at_most(w, base, g->rate, running));
}

static enum err give_amount_once(struct work *w, const struct give *g)
{
	struct money running = weigh_running(w);

	return spread(w, money_cmp(g->amount, running) < 0 ? g->amount : running);
}

static enum err give_amount_per_unit(struct work *w, const struct give *g)
{
	for (uint32_t k = 0; k < w->selected.count; k++) {
		const struct good *good = &w->goods[w->selected.goods[k]];
		int64_t off;

		if (__builtin_mul_overflow(g->amount.minor, good->pieces, &off) || off > good->running.minor)
			off = good->running.minor;
		w->part[k].minor = off;
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
	return spread(w, left);
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
	e = kinds[g->kind](w, p, g);
	if (!e)
		e = cut(w, left, &amount);
	if (e || !amount.minor)
		return e;
	take_off(w);
	v->amount.minor += amount.minor;
	v->times += w->groups;
	return ERR_OK;
}

enum err give_all(struct work *w, struct verdict *v)
{
	const struct promotion *p = &w->catalog->promotions[v->promotion];

	for (uint32_t i = 0; i < p->give_count; i++) {
		enum err e = give_one(w, p, &p->gives[i], v);

		if (e)
			return e;
	}
	if (!v->amount.minor)
		return ERR_OK;
	if (!v->times)
		v->times = 1;
	return goods_share_discount(w, v->promotion);
}
