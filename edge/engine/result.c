/*
 * The result: tax on what is left, totals, discounts by line, verdicts with the applied first.
 */
#include "engine_work.h"

/* So much a unit; prices that contain it contain no more than themselves. */
static enum err tax_by_amount(const struct catalog *c, const struct good *g, struct money amount,
			      struct money *out)
{
	enum err e =
		money_times_qty(c->taxes[g->article->tax].amount, g->quantity, c->settings.rounding, out);

	if (!e && c->settings.tax == TAX_INCLUSIVE && money_cmp(*out, amount) > 0)
		*out = amount;
	return e;
}

/* In inclusive prices, or on top of exclusive ones. */
static enum err tax_by_rate(const struct catalog *c, int64_t amount, struct rate rate, int64_t *out)
{
	int64_t of = c->settings.tax == TAX_INCLUSIVE ? RATE_ONE.ppm + rate.ppm : RATE_ONE.ppm;

	return muldiv(amount, rate.ppm, of, c->settings.rounding, out);
}

/* Each piece by itself: what does not divide makes the first of them dearer by one minor unit. */
static enum err tax_by_piece(const struct catalog *c, const struct good *g, int64_t amount, struct rate rate,
			     int64_t *out)
{
	int64_t value = amount / g->pieces, dearer = amount % g->pieces, each, more;

	if (tax_by_rate(c, value, rate, &each) || tax_by_rate(c, value + 1, rate, &more) ||
	    __builtin_mul_overflow(each, g->pieces - dearer, &each) ||
	    __builtin_mul_overflow(more, dearer, &more))
		return ERR_RANGE;
	return __builtin_add_overflow(each, more, out) ? ERR_RANGE : ERR_OK;
}

enum err goods_tax(const struct catalog *c, const struct good *g, struct money amount, struct money *out)
{
	struct rate rate;

	*out = MONEY_ZERO;
	if (c->settings.tax == TAX_NONE)
		return ERR_OK;
	rate = c->taxes[g->article->tax].rate;
	if (rate.ppm == AMOUNT_NONE)
		return tax_by_amount(c, g, amount, out);
	if (c->settings.tax_per == TAX_PER_UNIT && g->pieces > 1)
		return tax_by_piece(c, g, amount.minor, rate, &out->minor);
	return tax_by_rate(c, amount.minor, rate, &out->minor);
}

/* A base that is kept knows it, if promotions left of the good what they left before. */
static enum err tax_of(struct work *w, uint32_t good, struct money *tax)
{
	struct good *kept = &w->base.goods[good];
	struct money running = w->goods[good].running;
	enum err e;

	*tax = kept->tax;
	if (kept->taxed.minor == running.minor)
		return ERR_OK;
	e = goods_tax(w->catalog, &w->goods[good], running, tax);
	kept->taxed = e ? MONEY_NONE : running;
	kept->tax = *tax;
	return e;
}

static enum err write_taxes(struct work *w, struct money *sum)
{
	*sum = MONEY_ZERO;
	for (uint32_t i = 0; i < w->good_count; i++) {
		struct money tax;
		enum err e = tax_of(w, i, &tax);

		if (!e)
			e = money_add(*sum, tax, sum);
		if (!e)
			e = goods_finish(w, &w->goods[i], tax);
		if (e)
			return e;
	}
	return ERR_OK;
}

static enum err write_totals(struct work *w, struct totals *t)
{
	bool added = w->catalog->settings.tax == TAX_EXCLUSIVE;
	enum err e = write_taxes(w, &t->tax);

	if (e)
		return e;
	t->list = w->base.list;
	t->net = MONEY_ZERO; /* the sum fits: goods_gather has seen to it */
	for (uint32_t i = 0; i < w->good_count; i++)
		t->net.minor += w->goods[i].running.minor;
	t->discount.minor = t->list.minor - t->net.minor;
	t->shipping = w->cart->context.shipping.method ? w->cart->context.shipping.amount : MONEY_ZERO;
	t->shipping_discount.minor = t->shipping.minor - w->shipping.minor;
	e = money_add(t->net, added ? t->tax : MONEY_ZERO, &t->total);
	return e ? e : money_add(t->total, w->shipping, &t->total);
}

/* Counting sort by line; within a line the order of application stays. */
static void write_discounts(struct work *w)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < w->cart->count; i++) {
		w->lines[i].first_discount = at;
		at += w->lines[i].discounts;
		w->lines[i].discounts = 0;
	}
	for (uint32_t i = 0; i < w->given_count; i++) {
		struct line_result *line = &w->lines[w->given[i].line];

		w->discounts[line->first_discount + line->discounts++] = w->given[i];
	}
}

static void write_verdicts(struct work *w)
{
	uint32_t at = 0;

	for (; at < w->applied_count; at++)
		w->verdicts[at] = w->judged[w->applied[at]];
	for (uint32_t i = 0; i < w->judged_count; i++)
		if (w->judged[i].reason)
			w->verdicts[at++] = w->judged[i];
}

static struct money worth_of(const struct verdict *v)
{
	return v->reason ? v->alone : v->amount;
}

/* The largest amount first; of equal ones what was applied, then as the verdicts stand. */
static bool ranks_before(const void *of, uint32_t a, uint32_t b)
{
	const struct verdict *x = (const struct verdict *)of + a, *y = (const struct verdict *)of + b;
	int order = money_cmp(worth_of(x), worth_of(y));

	return order ? order > 0 : !x->reason && y->reason;
}

static void write_ranks(struct work *w)
{
	for (uint32_t i = 0; i < w->judged_count; i++)
		w->ranked[i] = i;
	sort_indices(w->ranked, w->spare, w->judged_count, ranks_before, w->verdicts);
}

enum err result_write(struct work *w, struct engine_result *out)
{
	struct totals totals;
	enum err e = write_totals(w, &totals);

	if (e)
		return e;
	write_discounts(w);
	write_verdicts(w);
	if (w->cart->context.ranked)
		write_ranks(w);
	*out = (struct engine_result){
		.lines = w->lines,
		.discounts = w->discounts,
		.steps = w->steps,
		.verdicts = w->verdicts,
		.ranked = w->cart->context.ranked ? w->ranked : NULL,
		.line_count = w->cart->count,
		.discount_count = w->given_count,
		.verdict_count = w->judged_count,
		.applied_count = w->applied_count,
		.rewards = w->rewards,
		.reward_count = w->reward_count,
		.ships = w->cart->context.shipping.method != NULL,
		.totals = totals,
		.optimal = !w->gap.minor,
		.gap = w->gap,
		.states = w->states,
	};
	return ERR_OK;
}
