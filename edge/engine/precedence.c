/*
 * The policy "precedence": of the promotions that do not stack one wins and goes first; then those that
 * stack, by the kind of what they give. docs/engine.md, "Precedence".
 */
#include "engine_work.h"

enum { NOT_STACKING, UNITS, PERCENTS, AMOUNTS };

static const uint8_t rounds[] = {
	[GIVE_UNITS] = UNITS,
	[GIVE_PERCENT] = PERCENTS,
	[GIVE_AMOUNT] = AMOUNTS,
};

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
		t->round = p->stackable ? rounds[p->gives[0].kind] : 0;
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
