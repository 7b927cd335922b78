/*
 * The policy "one_per_order": of all promotions that pass, each by itself on the list amounts, the one that
 * gives most. docs/engine.md, "One promotion an order".
 */
#include "engine_work.h"

static bool turn_before(const void *of, uint32_t a, uint32_t b)
{
	return ((const struct turn *)of)[a].priority < ((const struct turn *)of)[b].priority;
}

static void order_turns(struct work *w)
{
	for (uint32_t i = 0; i < w->turn_count; i++) {
		struct turn *t = &w->turns[i];

		t->priority = w->catalog->promotions[w->judged[t->judged].promotion].priority;
		w->turn_order[i] = i;
	}
	sort_indices(w->turn_order, w->spare, w->turn_count, turn_before, w->turns);
}

/* What it gives by itself, to v->alone; best becomes it if that is more than any before. */
static enum err weigh(struct work *w, struct verdict *v, struct verdict **best)
{
	struct verdict trial;
	enum err e;

	v->reason = eligible_with_goods(w, v);
	if (v->reason)
		return ERR_OK;
	trial = *v;
	e = give_trial(w, &trial);
	if (e)
		return e;
	v->alone = verdict_worth(&trial);
	if (trial.reason)
		*v = trial;
	else if (!*best || money_cmp(v->alone, (*best)->alone) > 0)
		*best = v;
	return ERR_OK;
}

static void outrank_others(struct work *w, const struct verdict *best)
{
	for (uint32_t i = 0; i < w->turn_count; i++) {
		struct verdict *v = &w->judged[w->turns[i].judged];

		if (v != best && !v->reason) {
			v->reason = REASON_OUTRANKED;
			v->by = best->promotion;
		}
		if (v == best || !w->cart->context.ranked)
			v->alone = MONEY_ZERO;
	}
}

enum err one_per_order_apply(struct work *w)
{
	struct verdict *best = NULL;

	order_turns(w);
	for (uint32_t i = 0; i < w->turn_count; i++) {
		enum err e = weigh(w, &w->judged[w->turns[w->turn_order[i]].judged], &best);

		if (e)
			return e;
	}
	if (!best)
		return ERR_OK;
	outrank_others(w, best);
	w->applied[w->applied_count++] = (uint32_t)(best - w->judged);
	return give_all(w, best);
}
