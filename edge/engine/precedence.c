/*
 * The policy "precedence": of the promotions that do not stack one wins and goes first; then those that
 * stack, by the kind of what they give. docs/engine.md, "Precedence".
 */
#include "past.h"

void precedence_order(struct work *w)
{
	uint32_t words = (w->catalog->promotion_count + 63) / 64, n = 0;

	for (uint32_t i = 0; i < words; i++)
		for (uint64_t left = w->turn_bits[i]; left; left &= left - 1) {
			uint32_t place = i * 64 + (uint32_t)__builtin_ctzll(left);

			w->turns[n++] = (struct turn){.judged = w->judged_by_turn[place],
						      .place = place,
						      .best = {CATALOG_NONE, CATALOG_NONE}};
		}
}

static uint8_t round_of(const struct work *w, const struct turn *t)
{
	return w->catalog->promotions[w->judged[t->judged].promotion].round;
}

/* It may be that others' per cents took its place. */
static enum err nothing_given(struct work *w, struct verdict *v)
{
	uint32_t holder = v->reason == REASON_WORTH_ZERO ? percents_holder(w, v->promotion) : CATALOG_NONE;

	return holder == CATALOG_NONE ? ERR_OK : outrank(w, v, holder);
}

static enum err carry_out(struct work *w, struct turn *t)
{
	struct verdict *v = &w->judged[t->judged];
	const struct promotion *p = &w->catalog->promotions[v->promotion];
	enum err e = ERR_OK;

	v->reason = eligible_with_goods(w, v);
	if (v->reason)
		return ERR_OK;
	if (!p->stackable || p->group)
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

static enum err take_turn(struct work *w, struct turn *t)
{
	uint32_t given = w->given_count;
	bool applied;
	enum err e;

	if (!w->repeats)
		return carry_out(w, t);
	if (past_repeat(w, t->judged, &applied))
		return ERR_OK;
	e = carry_out(w, t);
	if (!e)
		past_compare(w, t->judged, applied, given);
	return e;
}

uint32_t precedence_alone(const struct work *w)
{
	uint32_t n = 0;

	while (n < w->turn_count && round_of(w, &w->turns[n]) == ROUND_ALONE)
		n++;
	return n;
}

enum err precedence_take(struct work *w, uint32_t first)
{
	uint8_t before = ROUND_ALONE;

	percents_begin(w);
	for (uint32_t i = first; i < w->turn_count; i++) {
		struct turn *t = &w->turns[i];
		uint8_t round = round_of(w, t);
		enum err e;

		if (round == ROUND_PERCENTS && before < ROUND_PERCENTS)
			percents_begin(w);
		before = round;
		e = take_turn(w, t);
		if (e)
			return e;
	}
	return ERR_OK;
}

enum err precedence_apply(struct work *w)
{
	if (!w->repeats)
		precedence_order(w);
	return precedence_take(w, 0);
}
