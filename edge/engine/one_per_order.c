/*
 * The policy "one_per_order": of all promotions that pass, each by itself on the list amounts, the one that
 * gives most. docs/engine.md, "One promotion an order".
 */
#include "engine_work.h"

/* Verdicts stand by promotion, that is by id. */
static bool better(const struct work *w, const struct verdict *v, const struct verdict *best)
{
	const struct promotion *all = w->catalog->promotions;

	if (!best || v->alone.minor != best->alone.minor)
		return !best || v->alone.minor > best->alone.minor;
	return all[v->promotion].priority < all[best->promotion].priority;
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
	else if (better(w, v, *best))
		*best = v;
	return ERR_OK;
}

static void outrank_others(struct work *w, const struct verdict *best)
{
	for (uint32_t i = 0; i < w->judged_count; i++) {
		struct verdict *v = &w->judged[i];

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

	for (uint32_t i = 0; i < w->judged_count; i++) {
		enum err e = w->judged[i].reason ? ERR_OK : weigh(w, &w->judged[i], &best);

		if (e)
			return e;
	}
	if (!best)
		return ERR_OK;
	outrank_others(w, best);
	w->applied[w->applied_count++] = (uint32_t)(best - w->judged);
	return give_all(w, best);
}
