/*
 * The margin guard: the lowest amount that a good may be sold for, so that
 *
 *	amount - cost - logistics - tax in it >= floor x amount
 *
 * still holds. Solved for the amount, not searched for; what does not come out even is rounded up. What is
 * known before the first promotion is known for all of them: a good's room is what it costs above that.
 * docs/engine.md, "Margin guard".
 */
#include "engine_work.h"

static int64_t known(struct money m)
{
	return m.minor == AMOUNT_NONE ? 0 : m.minor;
}

static bool tax_within(const struct catalog *c)
{
	return c->settings.tax == TAX_INCLUSIVE;
}

/* What the price of one unit has to cover besides the margin and a rate of tax. */
static int64_t burden(const struct catalog *c, const struct item *article)
{
	const struct tax *tax = &c->taxes[article->tax];
	int64_t sum;

	if (__builtin_add_overflow(article->cost.minor, known(article->logistics), &sum))
		return AMOUNT_MAX;
	if (tax_within(c) && tax->rate.ppm == AMOUNT_NONE &&
	    __builtin_add_overflow(sum, tax->amount.minor, &sum))
		return AMOUNT_MAX;
	return sum;
}

/*
 * a - tax in a - floor x a >= burden. With a rate r of the price before tax, the tax in a is a r / (1 + r):
 * in parts per million a (10^6 (10^6 - floor) - floor r) >= burden 10^6 (10^6 + r).
 */
static int64_t lowest(const struct catalog *c, const struct item *article, struct rate floor, int64_t sum)
{
	const struct tax *tax = &c->taxes[article->tax];
	int64_t one = RATE_ONE.ppm, above = one, below = one - floor.ppm, out;

	if (tax_within(c) && tax->rate.ppm > 0) {
		above = one * (one + tax->rate.ppm);
		below = one * below - floor.ppm * tax->rate.ppm;
	}
	if (sum == 0)
		return 0;
	if (below <= 0 || sum == AMOUNT_MAX || muldiv(sum, above, below, ROUND_UP, &out))
		return AMOUNT_MAX;
	return out;
}

/* A label's price of what is sold by weight stands for the weight: price by list price. */
static int64_t lowest_label(const struct work *w, const struct good *g, int64_t unit)
{
	struct money given = w->cart->lines[w->base.order[g->first]].given, price;
	uint32_t list;
	int64_t out;

	if (engine_list_price(w->catalog, &w->cart->context, g->item, &price, &list) || price.minor <= 0)
		return 0;
	if (unit == AMOUNT_MAX || muldiv(given.minor, unit, price.minor, ROUND_UP, &out))
		return AMOUNT_MAX;
	return out;
}

static int64_t lowest_measured(const struct work *w, const struct good *g, int64_t sum)
{
	if (muldiv(sum, g->quantity.micro, QTY_ONE.micro, ROUND_UP, &sum))
		return AMOUNT_MAX;
	return lowest(w->catalog, g->article, g->floor, sum);
}

/* By g->floor. */
static void set_least(const struct work *w, struct good *g)
{
	int64_t sum = burden(w->catalog, g->article);

	g->unit_least = MONEY_ZERO;
	if (!g->pieces) {
		g->least.minor = lowest_measured(w, g, sum);
		return;
	}
	g->unit_least.minor = lowest(w->catalog, g->article, g->floor, sum);
	if (g->priced && g->article->unit != UNIT_EACH)
		g->unit_least.minor = lowest_label(w, g, g->unit_least.minor);
	if (__builtin_mul_overflow(g->unit_least.minor, g->pieces, &g->least.minor))
		g->least.minor = AMOUNT_MAX;
}

static bool guarded(const struct catalog *c, const struct item *article)
{
	return c->settings.guard && article->cost.minor != AMOUNT_NONE;
}

void guard_good(const struct work *w, struct good *g)
{
	g->floor.ppm = AMOUNT_NONE;
	if (!guarded(w->catalog, g->article))
		return;
	g->floor = floor_of(w, g->article);
	set_least(w, g);
}

int64_t guard_unit(const struct work *w, uint32_t item)
{
	const struct item *article = catalog_item(w->catalog, item);

	if (!guarded(w->catalog, article))
		return 0;
	return lowest(w->catalog, article, floor_of(w, article), burden(w->catalog, article));
}

/*
 * Volume compensates: a unit's profit is what its price leaves after tax and burden. A promotion that sells
 * `uplift` times as many makes more in all where profit x uplift > profit at the list price p:
 *
 *	amount > p / uplift + gross burden x (1 - 1 / uplift)
 *
 * AMOUNT_MAX: nothing is earned without it, so there is nothing to make up for.
 */
static int64_t compensating(const struct catalog *c, const struct item *article, int64_t price, int64_t sum,
			    int64_t uplift)
{
	int64_t gross = lowest(c, article, (struct rate){0}, sum), even, rest;

	if (gross == AMOUNT_MAX || price <= gross ||
	    muldiv(price, QTY_ONE.micro, uplift, ROUND_DOWN, &even) ||
	    muldiv(gross, uplift - QTY_ONE.micro, uplift, ROUND_UP, &rest))
		return AMOUNT_MAX;
	return even + rest + 1;
}

static int64_t higher_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Lets a good go below its floor as far as that promotion may; goods with a label price stay as they are. */
static void lower_least(const struct work *w, const struct promotion *p, struct good *g)
{
	int64_t sum = burden(w->catalog, g->article), price = g->unit_price.minor, least;

	if (g->priced)
		return;
	if (!g->pieces) {
		price = g->list.minor;
		if (muldiv(sum, g->quantity.micro, QTY_ONE.micro, ROUND_UP, &sum))
			return;
	}
	least = higher_of(lowest(w->catalog, g->article, p->hard_floor, sum),
			  compensating(w->catalog, g->article, price, sum, p->uplift));
	if (least >= (g->pieces ? g->unit_least.minor : g->least.minor))
		return;
	g->least.minor = least;
	if (!g->pieces)
		return;
	g->unit_least.minor = least;
	if (__builtin_mul_overflow(least, g->pieces, &g->least.minor))
		g->least.minor = AMOUNT_MAX;
}

struct money guard_compensated(const struct work *w, const struct promotion *p, const struct good *g)
{
	struct good lowered = *g;

	if (p->on_breach != BREACH_COMPENSATE || g->floor.ppm == AMOUNT_NONE)
		return MONEY_NONE;
	lower_least(w, p, &lowered);
	return lowered.unit_least;
}

static void set_floor(const struct work *w, const struct promotion *p, struct good *g, bool its_own)
{
	bool lowers = p->on_breach == BREACH_COMPENSATE;
	struct rate floor = g->floor;

	if (floor.ppm == AMOUNT_NONE || (floor.ppm >= p->margin_floor.ppm && !lowers))
		return;
	if (its_own && floor.ppm < p->margin_floor.ppm)
		g->floor = p->margin_floor;
	set_least(w, g);
	g->floor = floor;
	if (its_own && lowers)
		lower_least(w, p, g);
}

/* Goods whose floor the promotion raises, to its own, or lets go below it; set again, by theirs. Others than
 * those that touch it are not looked at, unless it is about every article. */
void guard_set_floors(struct work *w, const struct promotion *p, bool its_own)
{
	const uint64_t *touching = select_touching(w, (uint32_t)(p - w->catalog->promotions));

	if (p->anew) {
		for (uint32_t i = 0; i < w->good_count; i++)
			set_floor(w, p, &w->goods[i], its_own);
		return;
	}
	for (uint32_t i = 0; i < w->good_words; i++)
		for (uint64_t left = touching[i]; left; left &= left - 1)
			set_floor(w, p, &w->goods[i * 64 + (uint32_t)__builtin_ctzll(left)], its_own);
}

enum err engine_lowest_price(const struct catalog *c, const struct engine_context *x, uint32_t item,
			     struct rate *floor, struct money *price)
{
	const struct item *article = catalog_item(c, item);
	const struct engine_cart cart = {.context = *x};
	struct work w = {.catalog = c, .cart = &cart};

	if (!guarded(c, article))
		return ERR_NOT_FOUND;
	floors_read(&w);
	*floor = floor_of(&w, article);
	price->minor = lowest(c, article, *floor, burden(c, article));
	return ERR_OK;
}

/* The part of an amount that a rate of tax takes; an amount of tax is among the burden. */
static enum err tax_in(const struct catalog *c, const struct item *article, struct money amount,
		       struct money *tax)
{
	int64_t rate = c->taxes[article->tax].rate.ppm;

	*tax = MONEY_ZERO;
	if (!tax_within(c) || rate == AMOUNT_NONE)
		return ERR_OK;
	return muldiv(amount.minor, rate, RATE_ONE.ppm + rate, ROUND_HALF_AWAY, &tax->minor);
}

/* What so much of an article at that amount leaves after cost, logistics and tax. */
static enum err profit(const struct catalog *c, const struct item *article, struct qty quantity,
		       struct money amount, struct money *left)
{
	struct money cost, tax = MONEY_ZERO;
	enum err e = money_times_qty((struct money){burden(c, article)}, quantity, ROUND_HALF_AWAY, &cost);

	if (!e)
		e = tax_in(c, article, amount, &tax);
	if (!e)
		e = money_sub(amount, cost, left);
	return e ? e : money_sub(*left, tax, left);
}

enum err engine_margin(const struct catalog *c, uint32_t item, struct qty quantity, struct money amount,
		       struct rate *margin)
{
	const struct item *article = catalog_item(c, item);
	struct money left;
	enum err e;

	if (article->cost.minor == AMOUNT_NONE)
		return ERR_NOT_FOUND;
	if (amount.minor <= 0)
		return ERR_RANGE;
	e = profit(c, article, quantity, amount, &left);
	return e ? e : muldiv(left.minor, RATE_ONE.ppm, amount.minor, ROUND_DOWN, &margin->ppm);
}

/* What the promotion took off that line. */
static struct money taken_off(const struct engine_result *r, const struct line_result *line,
			      uint32_t promotion)
{
	struct money sum = MONEY_ZERO;

	for (uint32_t i = 0; i < line->discounts; i++) {
		const struct discount *d = &r->discounts[line->first_discount + i];

		if (d->promotion == promotion)
			sum.minor += d->amount.minor;
	}
	return sum;
}

enum err engine_compensation(const struct catalog *c, const struct engine_cart *cart,
			     const struct engine_result *r, uint32_t promotion, struct money *without,
			     struct money *with)
{
	const struct promotion *p = &c->promotions[promotion];
	struct money one = MONEY_ZERO;
	bool below = false;
	enum err e = ERR_OK;

	*without = MONEY_ZERO;
	for (uint32_t i = 0; p->on_breach == BREACH_COMPENSATE && i < r->line_count && !e; i++) {
		const struct line_result *line = &r->lines[i];
		const struct item *article = catalog_item(c, cart->lines[i].item);
		struct money taken = taken_off(r, line, promotion), before, after = MONEY_ZERO;

		if (!taken.minor || line->net.minor >= line->least.minor)
			continue;
		below = true;
		before.minor = line->net.minor + taken.minor;
		e = profit(c, article, cart->lines[i].quantity, before, &before);
		if (!e)
			e = profit(c, article, cart->lines[i].quantity, line->net, &after);
		if (!e)
			e = money_add(*without, before, without);
		if (!e)
			e = money_add(one, after, &one);
	}
	if (!e && !below)
		return ERR_NOT_FOUND;
	return e ? e : money_times_qty(one, (struct qty){p->uplift}, ROUND_HALF_AWAY, with);
}
