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

static unsigned round_of(const struct promotion *p)
{
	return p->stackable ? rounds[p->gives[0].kind] : 0;
}

/* Turns start out by promotion, that is by id, and the sort is stable. */
static bool turn_before(const void *of, uint32_t a, uint32_t b)
{
	const struct work *w = of;
	const struct promotion *x = &w->catalog->promotions[w->judged[a].promotion];
	const struct promotion *y = &w->catalog->promotions[w->judged[b].promotion];

	if (round_of(x) != round_of(y))
		return round_of(x) < round_of(y);
	return x->priority < y->priority;
}

/* winner: the promotion that does not stack and was applied, CATALOG_NONE before there is one. */
static enum err take_turn(struct work *w, uint32_t turn, uint32_t *winner)
{
	struct verdict *v = &w->judged[turn];
	const struct promotion *p = &w->catalog->promotions[v->promotion];
	enum err e;

	v->reason = eligible_with_goods(w, p, v);
	if (v->reason)
		return ERR_OK;
	if (!p->stackable && *winner != CATALOG_NONE) {
		v->reason = REASON_OUTRANKED;
		v->by = *winner;
		return ERR_OK;
	}
	e = give_all(w, v);
	if (e)
		return e;
	if (!v->amount.minor) {
		v->reason = REASON_WORTH_ZERO;
		return ERR_OK;
	}
	w->applied[w->applied_count++] = turn;
	if (!p->stackable)
		*winner = v->promotion;
	return ERR_OK;
}

enum err precedence_apply(struct work *w)
{
	uint32_t winner = CATALOG_NONE;

	sort_indices(w->turns, w->spare, w->turn_count, turn_before, w);
	for (uint32_t i = 0; i < w->turn_count; i++) {
		enum err e = take_turn(w, w->turns[i], &winner);

		if (e)
			return e;
	}
	return ERR_OK;
}
