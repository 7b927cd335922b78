/*
 * Buy more, save more. Tiers: the highest one reached holds for everything. Steps: each tier holds for what
 * lies between it and the next, so that the first pieces keep their price and only further ones are cheaper.
 */
#include "engine_work.h"

static int64_t pieces_of(const struct work *w)
{
	int64_t pieces = 0;

	for (uint32_t k = 0; k < w->selected.count; k++)
		pieces += w->goods[w->selected.goods[k]].pieces;
	return pieces;
}

/* How far the tier is reached, in the steps that its `from` is in, too. */
static bool reached(const struct work *w, const struct give *g, int64_t from)
{
	switch (g->tier_kind) {
	case TIER_QUANTITY:
		return pieces_of(w) >= from;
	case TIER_AMOUNT:
		if (w->catalog->settings.threshold == THRESHOLD_RUNNING)
			return sum_of_running(w).minor >= from;
		return sum_of_lists(w).minor >= from;
	case TIER_MEASURE:
		return goods_measure(w, g->unit, 0, w->selected.count) >= measure_from(g->unit, from);
	}
	return false;
}

static void take_nothing(struct work *w)
{
	for (uint32_t k = 0; k < w->selected.count; k++)
		w->part[k] = MONEY_ZERO;
}

/* The give as it is with that tier's value. */
static struct give at_tier(const struct give *g, const struct tier *t)
{
	struct give at = *g;

	at.rate = t->rate;
	at.amount = t->amount;
	return at;
}

enum err give_tiers(struct work *w, const struct promotion *p, const struct give *g)
{
	static give_fn *const offs[] = {
		[OFF_RATE] = give_goods_percent,
		[OFF_AMOUNT] = give_goods_amount,
		[OFF_TO_PRICE] = give_goods_price,
	};
	uint32_t tier = g->tier_count;
	struct give at;

	while (tier > 0 && !reached(w, g, g->tiers[tier - 1].from))
		tier--;
	if (!tier) {
		take_nothing(w);
		return ERR_OK;
	}
	at = at_tier(g, &g->tiers[tier - 1]);
	return offs[g->off](w, p, &at);
}

/* Of the amount, what lies above each tier and not above the next, at its rate; each rounded. */
static enum err steps_by_amount(struct work *w, const struct promotion *p, const struct give *g)
{
	struct money base, running = percents_weigh(w, p, &base), sum = MONEY_ZERO;

	for (uint32_t i = 0; i < g->tier_count && base.minor > g->tiers[i].from; i++) {
		bool last = i + 1 == g->tier_count || base.minor < g->tiers[i + 1].from;
		struct money between = {(last ? base.minor : g->tiers[i + 1].from) - g->tiers[i].from};

		sum.minor += rate_at_most(w, between, g->tiers[i].rate, between).minor;
	}
	return give_rated(w, money_cmp(sum, running) < 0 ? sum : running);
}

/* Where a walk along the pieces is: the next piece's number, from 1, and the tier it is in, from 1; 0: in
 * none. */
struct walk {
	int64_t piece;
	uint32_t tier;
};

/* Pieces up to the next tier, at most n. */
static int64_t to_next_tier(const struct give *g, struct walk *at, int64_t n)
{
	while (at->tier < g->tier_count && at->piece >= g->tiers[at->tier].from)
		at->tier++;
	if (at->tier == g->tier_count || g->tiers[at->tier].from - at->piece > n)
		return n;
	return g->tiers[at->tier].from - at->piece;
}

static void step_run(struct work *w, const struct promotion *p, const struct give *g, const struct run *run,
		     struct walk *at)
{
	for (int64_t left = run->pieces, n; left > 0; left -= n, at->piece += n) {
		struct give step;
		int64_t off, most = units_left(w, p);

		n = to_next_tier(g, at, left);
		if (!at->tier)
			continue;
		step = at_tier(g, &g->tiers[at->tier - 1]);
		off = piece_off(w, &step, run->value);
		most = most < n ? most : n;
		w->wanted.minor += off * most;
		w->part[run->part].minor += (off < run->room ? off : run->room) * most;
		w->units += off ? most : 0;
	}
}

static enum err steps_by_piece(struct work *w, const struct promotion *p, const struct give *g)
{
	struct pool pool = pool_of_selected(w, 1);
	struct walk at = {.piece = 1};

	for (uint32_t i = 0; i < pool.runs; i++)
		step_run(w, p, g, &w->runs[w->run_order[i]], &at);
	return ERR_OK;
}

enum err give_steps(struct work *w, const struct promotion *p, const struct give *g)
{
	return g->tier_kind == TIER_AMOUNT ? steps_by_amount(w, p, g) : steps_by_piece(w, p, g);
}
