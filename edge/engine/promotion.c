/*
 * What follows from a promotion's terms, for whoever builds a catalog: worked out once, so that evaluations
 * need not. docs/engine.md, "Precedence".
 */
#include "engine_work.h"

static const uint8_t rounds[GIVE_KINDS] = {
	[GIVE_UNITS] = ROUND_UNITS,    [GIVE_PRICE] = ROUND_UNITS,    [GIVE_PICKED] = ROUND_UNITS,
	[GIVE_SETS] = ROUND_UNITS,     [GIVE_STEPS] = ROUND_UNITS,    [GIVE_PERCENT] = ROUND_PERCENTS,
	[GIVE_TIERS] = ROUND_PERCENTS, [GIVE_AMOUNT] = ROUND_AMOUNTS, [GIVE_SHIPPING] = ROUND_REWARDS,
	[GIVE_GIFT] = ROUND_REWARDS,   [GIVE_POINTS] = ROUND_REWARDS, [GIVE_CASHBACK] = ROUND_REWARDS,
	[GIVE_CREDIT] = ROUND_REWARDS,
};

/* Of tiers what they give decides, and steps by amount are a rate. */
static uint8_t round_of(const struct give *g)
{
	if (g->kind == GIVE_TIERS && g->off == OFF_AMOUNT)
		return rounds[GIVE_AMOUNT];
	if (g->kind == GIVE_TIERS && g->off == OFF_TO_PRICE)
		return rounds[GIVE_PRICE];
	if (g->kind == GIVE_STEPS && g->tier_kind == TIER_AMOUNT)
		return rounds[GIVE_PERCENT];
	return rounds[g->kind];
}

static bool gives_rewards(const struct promotion *p)
{
	bool rewards = false;

	for (uint32_t i = 0; i < p->give_count; i++)
		rewards |= rounds[p->gives[i].kind] == ROUND_REWARDS;
	return rewards;
}

/* The best deal shares out pieces, and rewards are not about pieces: they come when that is settled. */
static uint8_t turn_round(const struct settings *s, const struct promotion *p)
{
	bool later = s->policy == POLICY_BEST_DEAL && gives_rewards(p);

	return p->stackable || later ? round_of(&p->gives[0]) : ROUND_ALONE;
}

struct rate promotion_rate(const struct promotion *p)
{
	const struct give *g = &p->gives[0];

	return g->tier_count ? g->tiers[g->tier_count - 1].rate : g->rate;
}

struct ordering {
	const struct settings *settings;
	const struct promotion *all;
};

/* Within the round of per cents the highest first, where it is to be the only one. */
static int64_t key_of(const struct ordering *o, const struct promotion *p)
{
	bool highest =
		p->round == ROUND_PERCENTS && p->stackable && o->settings->percents == PERCENTS_BEST_ONLY;

	return highest ? -promotion_rate(p).ppm : 0;
}

/* They start out by id, and the sort is stable. */
static bool turn_before(const void *of, uint32_t a, uint32_t b)
{
	const struct ordering *o = of;
	const struct promotion *x = &o->all[a], *y = &o->all[b];

	if (x->round != y->round)
		return x->round < y->round;
	if (key_of(o, x) != key_of(o, y))
		return key_of(o, x) < key_of(o, y);
	return x->priority < y->priority;
}

void promotions_order(const struct settings *s, struct promotion *all, uint32_t count, uint32_t *order,
		      uint32_t *spare)
{
	const struct ordering o = {s, all};

	for (uint32_t i = 0; i < count; i++) {
		all[i].round = turn_round(s, &all[i]);
		order[i] = i;
	}
	sort_indices(order, spare, count, turn_before, &o);
	for (uint32_t i = 0; i < count; i++)
		all[order[i]].turn = i;
}

bool selector_same(const struct selector *a, const struct selector *b)
{
	return a->include == b->include && a->exclude == b->exclude && a->includes == b->includes &&
	       a->excludes == b->excludes && a->filters == b->filters &&
	       (!(a->filters & FILTER_PRICE) ||
		(a->price_from.minor == b->price_from.minor && a->price_to.minor == b->price_to.minor));
}

static bool is_open(const struct promotion *p)
{
	return p->status == PROMOTION_ACTIVE && !p->sure_clock && !p->weekdays && !p->hours_count &&
	       !p->coupon && p->window.from.seconds == AMOUNT_NONE && p->window.to.seconds == AMOUNT_NONE &&
	       !p->segments.count && !p->channels.count && !p->stores.count;
}

static bool narrows(const struct promotion *p)
{
	bool any = false;

	for (uint32_t i = 0; i < p->need_count; i++)
		any |= selector_narrows(&p->needs[i].of);
	for (uint32_t i = 0; i < p->give_count; i++) {
		any |= selector_narrows(&p->gives[i].on);
		for (uint32_t k = 0; k < p->gives[i].part_count; k++)
			any |= selector_narrows(&p->gives[i].parts[k].of);
	}
	return any;
}

/* A give without a selector of its own shares the terms of a need. */
static bool sole(const struct promotion *p)
{
	const struct selector *s = &p->gives[0].on;
	bool same = true;

	for (uint32_t i = 0; i < p->need_count; i++)
		same &= selector_same(&p->needs[i].of, s);
	for (uint32_t i = 0; i < p->give_count; i++)
		same &= selector_same(&p->gives[i].on, s) && !p->gives[i].part_count;
	return same;
}

static bool gives_anew(const struct give *g)
{
	bool every = !g->on.includes;

	for (uint32_t i = 0; i < g->part_count; i++)
		every |= !g->parts[i].of.includes;
	return every;
}

/* It is about every article, or about more than goods. */
static bool anew(const struct promotion *p)
{
	bool any = p->gated || gives_rewards(p);

	for (uint32_t i = 0; i < p->need_count; i++)
		any |= !p->needs[i].of.includes;
	for (uint32_t i = 0; i < p->give_count; i++)
		any |= gives_anew(&p->gives[i]);
	return any;
}

void promotion_settle(struct promotion *p)
{
	p->gated = p->customers.count || p->plans.count || p->orders.from || p->orders.to ||
		   p->orders.every || p->uses || p->customer_uses || p->budget.minor;
	p->open = is_open(p);
	p->narrows = narrows(p);
	p->sole = sole(p);
	p->anew = anew(p);
}
