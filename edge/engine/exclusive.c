/*
 * Promotions that exclude one another: those that do not stack, and those of one group. Which of them applies
 * is the book's setting "exclusive"; docs/engine.md, "Groups".
 */
#include "engine_work.h"

enum { NOT_STACKING, GROUP, SETS };

static bool shares_set(const struct promotion *a, const struct promotion *b, unsigned set)
{
	if (set == NOT_STACKING)
		return !a->stackable && !b->stackable;
	return a->group && a->group == b->group;
}

static const struct promotion *promotion_of(const struct work *w, const struct turn *t)
{
	return &w->catalog->promotions[w->judged[t->judged].promotion];
}

enum err outrank(struct work *w, struct verdict *v, uint32_t by)
{
	struct verdict trial = {.promotion = v->promotion};
	enum err e = w->cart->context.ranked ? give_trial(w, &trial) : ERR_OK;

	v->reason = REASON_OUTRANKED;
	v->by = by;
	v->alone = verdict_worth(&trial);
	return e;
}

/* The applied promotion that excludes p; CATALOG_NONE if none does. */
static uint32_t excluded_by(const struct work *w, const struct promotion *p)
{
	bool same = w->catalog->settings.exclusive == EXCLUSIVE_SAME_PRIORITY;

	for (uint32_t i = 0; i < w->applied_count; i++) {
		uint32_t promotion = w->judged[w->applied[i]].promotion;
		const struct promotion *other = &w->catalog->promotions[promotion];

		if (same && other->priority != p->priority)
			continue;
		if (shares_set(p, other, NOT_STACKING) || shares_set(p, other, GROUP))
			return promotion;
	}
	return CATALOG_NONE;
}

/*
 * The member of a set that gives most by itself, as amounts stand at the turn of the first of them; equal
 * ones by turn. Those of the set that had their turn before are applied or out for another reason.
 */
static enum err find_best(struct work *w, const struct turn *first, unsigned set, uint32_t *best)
{
	struct money most = MONEY_ZERO;

	*best = w->judged[first->judged].promotion;
	for (uint32_t i = 0; i < w->turn_count; i++) {
		const struct turn *t = &w->turns[i];
		struct verdict v = w->judged[t->judged];
		enum err e;

		if (!shares_set(promotion_of(w, first), promotion_of(w, t), set) || v.reason ||
		    eligible_with_goods(w, &v))
			continue;
		e = give_trial(w, &v);
		if (e)
			return e;
		if (money_cmp(verdict_worth(&v), most) <= 0)
			continue;
		most = verdict_worth(&v);
		*best = v.promotion;
	}
	return ERR_OK;
}

static enum err settle_set(struct work *w, const struct turn *first, unsigned set)
{
	uint32_t best;
	enum err e = find_best(w, first, set, &best);

	for (uint32_t i = 0; i < w->turn_count && !e; i++)
		if (shares_set(promotion_of(w, first), promotion_of(w, &w->turns[i]), set))
			w->turns[i].best[set] = best;
	return e;
}

static enum err judge_best(struct work *w, struct turn *t, struct verdict *v)
{
	const struct promotion *p = promotion_of(w, t);

	for (unsigned set = 0; set < SETS; set++) {
		enum err e = ERR_OK;

		if (!shares_set(p, p, set))
			continue;
		if (t->best[set] == CATALOG_NONE)
			e = settle_set(w, t, set);
		if (!e && t->best[set] != v->promotion)
			return outrank(w, v, t->best[set]);
		if (e)
			return e;
	}
	return ERR_OK;
}

enum err exclusive_judge(struct work *w, struct turn *t, struct verdict *v)
{
	const struct promotion *p = promotion_of(w, t);
	uint32_t by = excluded_by(w, p);

	if (by != CATALOG_NONE)
		return outrank(w, v, by);
	if (w->catalog->settings.exclusive == EXCLUSIVE_BEST_TOTAL)
		return judge_best(w, t, v);
	return ERR_OK;
}
