/*
 * The policy "precedence": of the promotions that do not stack one wins and goes first; then those that
 * stack, by the kind of what they give. docs/engine.md, "Precedence".
 */
#include "engine_work.h"

enum { NOT_STACKING, UNITS, PERCENTS, AMOUNTS, REWARDS };

static const uint8_t rounds[GIVE_KINDS] = {
	[GIVE_UNITS] = UNITS,	 [GIVE_PRICE] = UNITS,	  [GIVE_PICKED] = UNITS,
	[GIVE_SETS] = UNITS,	 [GIVE_STEPS] = UNITS,	  [GIVE_PERCENT] = PERCENTS,
	[GIVE_TIERS] = PERCENTS, [GIVE_AMOUNT] = AMOUNTS, [GIVE_SHIPPING] = REWARDS,
	[GIVE_GIFT] = REWARDS,	 [GIVE_POINTS] = REWARDS, [GIVE_CASHBACK] = REWARDS,
	[GIVE_CREDIT] = REWARDS,
};

/* Of tiers what they give decides, and steps by amount are a rate. */
static uint32_t round_of(const struct give *g)
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
		rewards |= rounds[p->gives[i].kind] == REWARDS;
	return rewards;
}

/* The best deal shares out pieces, and rewards are not about pieces: they come when that is settled. */
static uint32_t turn_round(const struct work *w, const struct promotion *p)
{
	bool later = w->catalog->settings.policy == POLICY_BEST_DEAL && gives_rewards(p);

	return p->stackable || later ? round_of(&p->gives[0]) : NOT_STACKING;
}

/* Turns start out by promotion, that is by id, and the sort is stable. */
static bool turn_before(const void *of, uint32_t a, uint32_t b)
{
	const struct turn *x = (const struct turn *)of + a, *y = (const struct turn *)of + b;

	if (x->round != y->round)
		return x->round < y->round;
	return x->key != y->key ? x->key < y->key : x->priority < y->priority;
}

void precedence_order(struct work *w)
{
	for (uint32_t i = 0; i < w->turn_count; i++) {
		struct turn *t = &w->turns[i];
		const struct promotion *p = &w->catalog->promotions[w->judged[t->judged].promotion];

		t->priority = p->priority;
		t->round = turn_round(w, p);
		t->key = t->round == PERCENTS ? percents_key(w, p) : 0;
		t->best[0] = t->best[1] = CATALOG_NONE;
		w->turn_order[i] = i;
	}
	sort_indices(w->turn_order, w->spare, w->turn_count, turn_before, w->turns);
}

/* It may be that others' per cents took its place. */
static enum err nothing_given(struct work *w, struct verdict *v)
{
	uint32_t holder = v->reason == REASON_WORTH_ZERO ? percents_holder(w, v->promotion) : CATALOG_NONE;

	return holder == CATALOG_NONE ? ERR_OK : outrank(w, v, holder);
}

static enum err take_turn(struct work *w, struct turn *t)
{
	struct verdict *v = &w->judged[t->judged];
	enum err e;

	v->reason = eligible_with_goods(w, v);
	if (v->reason)
		return ERR_OK;
	e = exclusive_judge(w, t, v);
	if (e || v->reason)
		return e;
	e = give_all(w, v);
	if (e)
		return e;
	if (v->reason)
		return nothing_given(w, v);
	w->applied[w->applied_count++] = t->judged;
	return ERR_OK;
}

uint32_t precedence_alone(const struct work *w)
{
	uint32_t n = 0;

	while (n < w->turn_count && w->turns[w->turn_order[n]].round == NOT_STACKING)
		n++;
	return n;
}

enum err precedence_take(struct work *w, uint32_t first)
{
	uint32_t round = NOT_STACKING;

	percents_begin(w);
	for (uint32_t i = first; i < w->turn_count; i++) {
		struct turn *t = &w->turns[w->turn_order[i]];
		enum err e;

		if (t->round == PERCENTS && round < PERCENTS)
			percents_begin(w);
		round = t->round;
		e = take_turn(w, t);
		if (e)
			return e;
	}
	return ERR_OK;
}

enum err precedence_apply(struct work *w)
{
	precedence_order(w);
	return precedence_take(w, 0);
}
