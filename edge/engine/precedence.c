/*
 * The policy "precedence": of the promotions that do not stack the first that gives something wins and goes
 * first; then those that stack, by the kind of what they give. docs/engine.md, "Precedence".
 */
#include "engine_work.h"

static const uint8_t rounds[] = {
	[GIVE_UNITS] = 1,
	[GIVE_PERCENT] = 2,
	[GIVE_AMOUNT] = 3,
};

/* Turns start out by promotion, that is by id, and the sort is stable. */
static bool turn_before(const void *of, uint32_t a, uint32_t b)
{
	const struct turn *x = (const struct turn *)of + a, *y = (const struct turn *)of + b;

	return x->round != y->round ? x->round < y->round : x->priority < y->priority;
}

static void order_turns(struct work *w)
{
	for (uint32_t i = 0; i < w->turn_count; i++) {
		struct turn *t = &w->turns[i];
		const struct promotion *p = &w->catalog->promotions[w->judged[t->judged].promotion];

		t->priority = p->priority;
		t->round = p->stackable ? rounds[p->gives[0].kind] : 0;
		w->turn_order[i] = i;
	}
	sort_indices(w->turn_order, w->spare, w->turn_count, turn_before, w->turns);
}

/* winner: the promotion that does not stack and was applied, CATALOG_NONE before there is one. */
static enum err take_turn(struct work *w, uint32_t judged, uint32_t *winner)
{
	struct verdict *v = &w->judged[judged];
	const struct promotion *p = &w->catalog->promotions[v->promotion];
	enum err e;

	v->reason = eligible_with_goods(w, v);
	if (v->reason)
		return ERR_OK;
	if (!p->stackable && *winner != CATALOG_NONE) {
		v->reason = REASON_OUTRANKED;
		v->by = *winner;
		return ERR_OK;
	}
	e = give_all(w, v);
	if (e || v->reason)
		return e;
	w->applied[w->applied_count++] = judged;
	if (!p->stackable)
		*winner = v->promotion;
	return ERR_OK;
}

enum err precedence_apply(struct work *w)
{
	uint32_t winner = CATALOG_NONE;

	order_turns(w);
	for (uint32_t i = 0; i < w->turn_count; i++) {
		enum err e = take_turn(w, w->turns[w->turn_order[i]].judged, &winner);

		if (e)
			return e;
	}
	return ERR_OK;
}
