/*
 * What a cart has to hold: pieces, amounts, weight, or nothing of a kind. docs/engine.md, "Needs".
 */
#include "engine_work.h"

/* What is had and what is wanted, in the same steps. */
struct held {
	int64_t have, least;
};

/* Sums over the selected goods from `from` to the end, or to the next article. */
struct stretch {
	uint32_t from, to;
};

static struct held pieces_of(const struct work *w, const struct need *n, struct stretch s)
{
	struct held held = {.least = n->least};

	for (uint32_t k = s.from; k < s.to; k++)
		held.have += w->goods[w->selected.goods[k]].pieces;
	return held;
}

static bool looks_at_running(const struct work *w, const struct need *n)
{
	if (n->threshold == NEED_AS_BOOK)
		return w->catalog->settings.threshold == THRESHOLD_RUNNING;
	return n->threshold == NEED_RUNNING;
}

static enum threshold_tax tax_wanted(const struct work *w, const struct need *n)
{
	return n->tax == NEED_TAX_AS_BOOK ? w->catalog->settings.threshold_tax
					  : (enum threshold_tax)(n->tax - NEED_TAX_AS_PRICED);
}

/* An amount that overflows with its tax is more than any need. */
static int64_t with_tax(const struct work *w, const struct good *g, struct money amount,
			enum threshold_tax wanted)
{
	enum tax_mode mode = w->catalog->settings.tax;
	struct money tax, sum;

	if (wanted == THRESHOLD_BEFORE_TAX && mode == TAX_INCLUSIVE)
		return goods_tax(w->catalog, g, amount, &tax) ? amount.minor : amount.minor - tax.minor;
	if (wanted == THRESHOLD_AFTER_TAX && mode == TAX_EXCLUSIVE)
		return goods_tax(w->catalog, g, amount, &tax) || money_add(amount, tax, &sum) ? INT64_MAX
											      : sum.minor;
	return amount.minor;
}

/* Amounts as they are priced: their sum is known to fit. */
static int64_t sum_of(const struct work *w, struct stretch s, bool running)
{
	int64_t sum = 0;

	for (uint32_t k = s.from; k < s.to; k++) {
		const struct good *g = &w->goods[w->selected.goods[k]];

		sum += running ? g->running.minor : g->list.minor;
	}
	return sum;
}

static struct held amount_of(const struct work *w, const struct need *n, struct stretch s)
{
	bool running = looks_at_running(w, n);
	enum threshold_tax tax = tax_wanted(w, n);
	struct held held = {.least = n->least};

	if (tax == THRESHOLD_AS_PRICED) {
		held.have = sum_of(w, s, running);
		return held;
	}
	for (uint32_t k = s.from; k < s.to; k++) {
		const struct good *g = &w->goods[w->selected.goods[k]];
		int64_t amount = with_tax(w, g, running ? g->running : g->list, tax);

		if (__builtin_add_overflow(held.have, amount, &held.have))
			held.have = INT64_MAX;
	}
	return held;
}

static int64_t measure_steps(const int64_t sums[UNIT_COUNT])
{
	int64_t pounds;

	if (muldiv(sums[UNIT_LB], 45359237, 100000, ROUND_DOWN, &pounds))
		return INT64_MAX; /* a cart cannot hold that much */
	return sums[UNIT_KG] * 1000 + sums[UNIT_G] + pounds;
}

/* Weights of all units add up, in millionths of a gram; volumes and lengths are of one unit each. */
static bool is_weight(uint8_t unit)
{
	return unit == UNIT_KG || unit == UNIT_G || unit == UNIT_LB;
}

int64_t goods_measure(const struct work *w, uint8_t unit, uint32_t from, uint32_t to)
{
	int64_t sums[UNIT_COUNT] = {0};

	for (uint32_t k = from; k < to; k++) {
		const struct good *g = &w->goods[w->selected.goods[k]];

		if (!g->pieces)
			sums[g->article->unit] += g->quantity.micro;
	}
	return is_weight(unit) ? measure_steps(sums) : sums[unit];
}

int64_t measure_from(uint8_t unit, int64_t micro)
{
	int64_t sums[UNIT_COUNT] = {0};

	sums[unit] = micro;
	return is_weight(unit) ? measure_steps(sums) : micro;
}

static struct held measure_of(const struct work *w, const struct need *n, struct stretch s)
{
	return (struct held){.have = goods_measure(w, n->unit, s.from, s.to),
			     .least = measure_from(n->unit, n->least)};
}

/* Steps back to millionths of the unit, rounded up. */
static int64_t measure_lacking(const struct need *n, int64_t steps)
{
	int64_t micro = steps;

	if (n->unit == UNIT_KG)
		return (steps + 999) / 1000;
	if (n->unit == UNIT_LB && muldiv(steps, 100000, 45359237, ROUND_UP, &micro))
		return steps;
	return micro;
}

static const struct measure {
	struct held (*of)(const struct work *w, const struct need *n, struct stretch s);
	enum reason otherwise;
} measures[] = {
	[NEED_QUANTITY] = {pieces_of, REASON_NEEDS_QUANTITY},
	[NEED_AMOUNT] = {amount_of, REASON_NEEDS_AMOUNT},
	[NEED_MEASURE] = {measure_of, REASON_NEEDS_MEASURE},
};

/* The article that comes nearest; its goods stand side by side. */
static struct held best_article(const struct work *w, const struct need *n)
{
	struct held best = measures[n->kind].of(w, n, (struct stretch){0, 0});

	for (uint32_t from = 0, to; from < w->selected.count; from = to) {
		uint32_t item = w->goods[w->selected.goods[from]].item;
		struct held held;

		for (to = from + 1; to < w->selected.count && w->goods[w->selected.goods[to]].item == item;)
			to++;
		held = measures[n->kind].of(w, n, (struct stretch){from, to});
		if (held.have > best.have)
			best = held;
	}
	return best;
}

enum reason need_check(struct work *w, struct verdict *v, uint32_t index)
{
	const struct need *n = &w->catalog->promotions[v->promotion].needs[index];
	uint32_t count = select_goods(w, v->promotion, &n->of)->count;
	struct held held;

	if (n->none)
		return count ? REASON_NEEDS_NONE : REASON_APPLIED;
	held = n->alone ? best_article(w, n) : measures[n->kind].of(w, n, (struct stretch){0, count});
	if (held.have >= held.least + n->above)
		return REASON_APPLIED;
	v->need = index;
	v->lacking = held.least + n->above - held.have;
	if (n->kind == NEED_MEASURE)
		v->lacking = measure_lacking(n, v->lacking);
	return measures[n->kind].otherwise;
}
