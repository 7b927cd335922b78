/*
 * Promotions that do again what they did before. A promotion looks at goods that it selects, at what earlier
 * ones have left of them, and, if it is exclusive, at which others apply. So where none of that is new it
 * gives the same to the same lines. Goods are "changed" as soon as anything about them may be new: first the
 * one whose line was scanned, then those of which a promotion takes something else than before.
 *
 * It is never wrong to carry a promotion out anew; so is done with all that looks at more than goods: the
 * order, the shipping, uses and budgets.
 */
#include "past.h"

#include <string.h>

static bool has_bit(const uint64_t *bits, uint32_t i)
{
	return bits[i / 64] >> (i % 64) & 1;
}

static void change(struct work *w, uint32_t line)
{
	uint32_t good = w->good_of[line];

	w->changed[good / 64] |= UINT64_C(1) << (good % 64);
}

static const struct promotion *promotion_of(const struct work *w, uint32_t judged)
{
	return &w->catalog->promotions[w->judged[judged].promotion];
}

static bool exclusive(const struct promotion *p)
{
	return !p->stackable || p->group;
}

void past_begin(struct work *w, uint32_t good)
{
	const uint32_t *order = w->base.order;

	memset(w->changed, 0, w->base.words * sizeof(*w->changed));
	if (good != CATALOG_NONE)
		w->changed[good / 64] |= UINT64_C(1) << (good % 64);
	for (uint32_t i = 0; i < w->base.good_count; i++)
		for (uint32_t k = 0; k < w->base.goods[i].lines; k++)
			w->good_of[order[w->base.goods[i].first + k]] = i;
}

static inline bool concerns(const struct work *w, uint32_t promotion)
{
	const uint64_t *touching = w->base.touching + promotion * w->base.words;
	uint64_t both = touching[0] & w->changed[0];

	for (size_t i = 1; i < w->base.words; i++)
		both |= touching[i] & w->changed[i];
	return both || (w->base.checked[promotion] & CHECKED_ANEW);
}

/* Turns stand by promotion.turn. */
static void insert_turn(struct past *past, uint32_t judged, uint32_t place)
{
	uint32_t at = past->turn_count++;

	for (; at > 0 && past->turns[at - 1].place > place; at--)
		past->turns[at] = past->turns[at - 1];
	past->turns[at] =
		(struct turn){.judged = judged, .place = place, .best = {CATALOG_NONE, CATALOG_NONE}};
}

static void insert(struct past *past, uint32_t at, uint32_t promotion, enum reason reason, uint32_t place)
{
	uint32_t behind = past->judged_count++ - at;

	memmove(&past->judged[at + 1], &past->judged[at], behind * sizeof(past->judged[0]));
	memmove(&past->deeds[at + 1], &past->deeds[at], behind * sizeof(past->deeds[0]));
	past->judged[at] = (struct verdict){.promotion = promotion, .reason = reason, .by = CATALOG_NONE};
	past->deeds[at] = (struct deed){.first = CATALOG_NONE, .turn = !reason};
	for (uint32_t i = 0; i < past->turn_count; i++)
		past->turns[i].judged += past->turns[i].judged >= at;
	if (!reason)
		insert_turn(past, at, place);
}

/* A promotion that the change concerns stands at that place of those judged, or belongs there. False: it does
 * no longer, or had a turn and has none now. */
static bool meet(struct work *w, uint32_t promotion, uint32_t at)
{
	const struct promotion *p = &w->catalog->promotions[promotion];
	struct past *past = w->past;
	bool judged = at < past->judged_count && past->judged[at].promotion == promotion;
	enum reason reason = REASON_APPLIED;
	bool concerned = candidate_concerned(w, promotion, &reason);

	if (judged) {
		if (reason)
			past->judged[at].reason = reason; /* another one than before, maybe */
		return concerned && past->deeds[at].turn == !reason;
	}
	if (!concerned)
		return true;
	if (past->judged_count == PAST_VERDICTS)
		return false;
	insert(past, at, promotion, reason, p->turn);
	return true;
}

bool past_judge(struct work *w)
{
	uint32_t words = (w->catalog->promotion_count + 63) / 64, at = 0;
	struct past *past = w->past;

	for (uint32_t i = 0; i < words; i++) {
		for (uint64_t left = w->base.touched[i]; left; left &= left - 1) {
			uint32_t promotion = i * 64 + (uint32_t)__builtin_ctzll(left);

			if (!concerns(w, promotion))
				continue;
			while (at < past->judged_count && past->judged[at].promotion < promotion)
				at++;
			if (!meet(w, promotion, at))
				return false;
		}
	}
	w->unchanged = 0;
	for (uint32_t i = 0; i < past->turn_count; i++)
		w->unchanged +=
			!(w->base.checked[past->judged[past->turns[i].judged].promotion] & CHECKED_ANEW);
	w->judged = past->judged;
	w->turns = past->turns;
	w->judged_count = past->judged_count;
	w->turn_count = past->turn_count;
	return true;
}

/* Lines and goods as it left them. */
static void repeat_given(struct work *w, const struct deed *d)
{
	const struct discount *given = &w->past->given[d->first];

	for (uint32_t i = 0; i < d->count; i++) {
		struct line_result *line = &w->lines[given[i].line];

		w->given[w->given_count++] = given[i];
		w->goods[w->good_of[given[i].line]].running.minor -= given[i].amount.minor;
		line->net.minor -= given[i].amount.minor;
		line->discounts++;
	}
}

bool past_repeat(struct work *w, uint32_t judged, bool *applied)
{
	struct verdict *v = &w->judged[judged];
	struct deed *d = &w->past->deeds[judged];
	bool known = d->first != CATALOG_NONE;

	w->unchanged -= !(w->base.checked[v->promotion] & CHECKED_ANEW);
	*applied = known && !v->reason;
	if (known && !concerns(w, v->promotion) && d->count <= w->given_max - w->given_count &&
	    !(w->others && exclusive(promotion_of(w, judged)))) {
		uint32_t first = w->given_count;

		if (v->reason)
			return true;
		repeat_given(w, d);
		d->first = first;
		w->applied[w->applied_count++] = judged;
		return true;
	}
	*v = (struct verdict){.promotion = v->promotion, .by = CATALOG_NONE};
	return false;
}

static bool same(const struct discount *a, const struct discount *b)
{
	return a->line == b->line && a->amount.minor == b->amount.minor;
}

/* Goods of which lines got something else are changed. Both stand in the same order, and what lines of
 * changed goods get now may stand in between. */
static void compare_lines(struct work *w, const struct discount *then, uint32_t before,
			  const struct discount *now, uint32_t after)
{
	uint32_t i = 0, k = 0;

	while (i < before && k < after) {
		if (same(&then[i], &now[k])) {
			i++;
			k++;
		} else if (has_bit(w->changed, w->good_of[now[k].line])) {
			k++;
		} else {
			change(w, then[i++].line);
		}
	}
	for (; i < before; i++)
		change(w, then[i].line);
	for (; k < after; k++)
		change(w, now[k].line);
}

void past_compare(struct work *w, uint32_t judged, bool applied, uint32_t given_before)
{
	struct deed *d = &w->past->deeds[judged];
	uint32_t count = w->given_count - given_before;

	if (applied != !w->judged[judged].reason)
		w->others |= exclusive(promotion_of(w, judged));
	if ((applied || count) && w->unchanged)
		compare_lines(w, &w->past->given[applied ? d->first : 0], applied ? d->count : 0,
			      &w->given[given_before], count);
	d->first = given_before;
	d->count = count;
}

/* As they were made from scratch. Discounts stand by promotion, in the order of application. */
static void keep_verdicts(struct work *w)
{
	struct past *past = w->past;
	uint32_t at = 0;

	for (uint32_t i = 0; i < w->judged_count; i++)
		past->deeds[i] = (struct deed){0};
	for (uint32_t i = 0; i < w->turn_count; i++)
		past->deeds[w->turns[i].judged].turn = true;
	for (uint32_t i = 0; i < w->applied_count; i++) {
		struct deed *d = &past->deeds[w->applied[i]];

		d->first = at;
		while (at < w->given_count && w->given[at].promotion == w->judged[w->applied[i]].promotion)
			at++;
		d->count = at - d->first;
	}
	if (w->judged_count)
		memcpy(past->judged, w->judged, w->judged_count * sizeof(*w->judged));
	if (w->turn_count)
		memcpy(past->turns, w->turns, w->turn_count * sizeof(*w->turns));
	past->judged_count = w->judged_count;
	past->turn_count = w->turn_count;
}

void past_keep(struct work *w)
{
	struct past *past = w->past;

	if (w->judged_count > PAST_VERDICTS || w->given_count > PAST_GIVEN)
		return;
	if (!w->repeats)
		keep_verdicts(w);
	if (w->given_count)
		memcpy(past->given, w->given, w->given_count * sizeof(*w->given));
	past->holds = true;
}
