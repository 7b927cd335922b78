/*
 * Gives on goods as a whole: a rate off, an amount off, a price for a unit. A limit of units makes each of
 * them something that is given on pieces. docs/engine.md, "What promotions give".
 */
#include "engine_work.h"

struct money sum_of_running(const struct work *w)
{
	struct money sum = MONEY_ZERO;

	for (uint32_t k = 0; k < w->selected.count; k++)
		sum.minor += w->goods[w->selected.goods[k]].running.minor;
	return sum;
}

struct money sum_of_lists(const struct work *w)
{
	struct money sum = MONEY_ZERO;

	for (uint32_t k = 0; k < w->selected.count; k++)
		sum.minor += w->goods[w->selected.goods[k]].list.minor;
	return sum;
}

/* Running amounts of the selected goods to w->weight; returns their sum. */
static struct money weigh_running(struct work *w)
{
	for (uint32_t k = 0; k < w->selected.count; k++)
		w->weight[k] = w->goods[w->selected.goods[k]].running;
	return sum_of_running(w);
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

static struct money smaller(struct money a, struct money b)
{
	return money_cmp(a, b) < 0 ? a : b;
}

enum err give_rated(struct work *w, struct money amount)
{
	enum err e = give_spread(w, amount, w->weight);

	w->wanted = amount;
	for (uint32_t k = 0; k < w->selected.count && !e; k++)
		w->part[k] = smaller(w->part[k], good_room(&w->goods[w->selected.goods[k]]));
	return e;
}

static enum err give_limited(struct work *w, const struct promotion *p, const struct give *g,
			     enum give_off off)
{
	struct give piece = *g;

	piece.off = off;
	piece.per = PER_UNIT;
	piece.order = p->first;
	piece.count = p->units;
	return give_picked(w, p, &piece);
}

enum err give_goods_percent(struct work *w, const struct promotion *p, const struct give *g)
{
	struct money base, running;

	if (p->units)
		return give_limited(w, p, g, OFF_RATE);
	running = percents_weigh(w, p, &base);
	return give_rated(w, rate_at_most(w, base, g->rate, running));
}

static enum err give_amount_once(struct work *w, const struct give *g)
{
	w->wanted = smaller(g->amount, weigh_running(w));
	return give_spread(w, smaller(w->wanted, rooms(w)), w->part);
}

/* For all units of a good: its pieces, or what it measures. What overflows is above any amount. */
static int64_t times_units(const struct work *w, const struct good *good, struct money each)
{
	struct money measured;
	int64_t all;

	if (good->pieces)
		return __builtin_mul_overflow(each.minor, good->pieces, &all) ? INT64_MAX : all;
	if (money_times_qty(each, good->quantity, w->catalog->settings.rounding, &measured))
		return INT64_MAX;
	return measured.minor;
}

struct money give_on_units(const struct work *w, const struct good *good, struct money each,
			   struct money limit)
{
	int64_t all = times_units(w, good, each);

	return (struct money){all < limit.minor ? all : limit.minor};
}

static void take_at_most_room(struct work *w, uint32_t k, int64_t off)
{
	const struct good *good = &w->goods[w->selected.goods[k]];
	struct money most = smaller((struct money){off > 0 ? off : 0}, good->running);

	w->wanted.minor += most.minor;
	w->part[k] = smaller(most, good_room(good));
}

enum err give_goods_amount(struct work *w, const struct promotion *p, const struct give *g)
{
	if (g->per == PER_ONCE)
		return give_amount_once(w, g);
	if (g->per == PER_UNIT && p->units)
		return give_limited(w, p, g, OFF_AMOUNT);
	for (uint32_t k = 0; k < w->selected.count; k++) {
		const struct good *good = &w->goods[w->selected.goods[k]];

		take_at_most_room(w, k,
				  g->per == PER_UNIT ? times_units(w, good, g->amount) : g->amount.minor);
	}
	return ERR_OK;
}

enum err give_goods_price(struct work *w, const struct promotion *p, const struct give *g)
{
	if (p->units)
		return give_limited(w, p, g, OFF_TO_PRICE);
	for (uint32_t k = 0; k < w->selected.count; k++) {
		const struct good *good = &w->goods[w->selected.goods[k]];

		take_at_most_room(w, k, good->running.minor - times_units(w, good, g->amount));
	}
	return ERR_OK;
}
