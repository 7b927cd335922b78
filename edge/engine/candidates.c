/*
 * Which promotions to judge. The catalog's index names those that a good's terms touch; each is marked in a
 * bitmap, which drops duplicates and gives them back in canonical order. A promotion that touches nothing
 * costs one bit. For each the goods are remembered in a bitmap too, so that its selectors are
 * asked about those alone.
 */
#include "past.h"

#include <string.h>

#define WORD_BITS 64

/* In base.checked: not checked yet; and, beside the reason, that its selectors exclude something.
 * CHECKED_ANEW is promotion.anew. */
#define UNCHECKED 0xFF
#define NARROWS	  0x80
#define NO_REASON (NARROWS | CHECKED_ANEW)

/* A first mark finds whatever the room held before, and no goods are known yet. */
static void mark_first(struct work *w, uint32_t promotion, uint64_t bit)
{
	w->base.touched[promotion / WORD_BITS] |= bit;
	w->base.checked[promotion] = UNCHECKED;
	__builtin_prefetch(&w->catalog->promotions[promotion]);
	__builtin_prefetch(&w->catalog->promotions[promotion].margin_floor);
	for (size_t i = 0; i < w->base.words; i++)
		select_touching(w, promotion)[i] = 0;
}

static inline void mark(struct work *w, uint32_t promotion)
{
	uint64_t bit = UINT64_C(1) << (promotion % WORD_BITS);

	if (!(w->base.touched[promotion / WORD_BITS] & bit))
		mark_first(w, promotion, bit);
}

static inline void mark_touched(struct work *w, enum term_kind kind, uint32_t id, uint32_t good)
{
	const struct term_index *index = &w->catalog->touch[kind];
	uint32_t at, end;

	if (id >= index->ids) /* CATALOG_NONE too */
		return;
	for (at = index->first[id], end = index->first[id + 1]; at < end; at++) {
		mark(w, index->promotions[at]);
		select_touching(w, index->promotions[at])[good / WORD_BITS] |= UINT64_C(1)
									       << (good % WORD_BITS);
	}
}

static void mark_touched_by(struct work *w, uint32_t good)
{
	const struct good *g = &w->base.goods[good];

	mark_touched(w, TERM_ITEM, g->item, good);
	mark_touched(w, TERM_CATEGORY, g->article->category, good);
	mark_touched(w, TERM_BRAND, g->article->brand, good);
	mark_touched(w, TERM_SUPPLIER, g->article->supplier, good);
	for (uint32_t i = 0; i < g->article->tags; i++)
		mark_touched(w, TERM_TAG, g->tags[i], good);
}

/* Of those that name the article itself, which lie anywhere in a large index. */
static void fetch_touched_by(const struct work *w, uint32_t item)
{
	const struct term_index *index = &w->catalog->touch[TERM_ITEM];

	if (item < index->ids)
		__builtin_prefetch(&index->promotions[index->first[item]]);
}

static void mark_all(struct work *w, const struct ids *promotions)
{
	for (uint32_t i = 0; i < promotions->count; i++)
		mark(w, promotions->at[i]);
}

static enum err mark_coupons(struct work *w)
{
	const struct ids *coupons = &w->cart->context.coupons;

	for (uint32_t i = 0; i < coupons->count; i++) {
		if (coupons->at[i] >= w->catalog->promotion_count)
			return ERR_INVALID;
		mark(w, coupons->at[i]);
	}
	return ERR_OK;
}

enum err candidates_collect(struct work *w)
{
	const struct catalog *c = w->catalog;
	uint32_t words = (c->promotion_count + WORD_BITS - 1) / WORD_BITS;

	if (words)
		memset(w->base.touched, 0, words * sizeof(*w->base.touched));
	for (uint32_t i = 0; i < w->base.good_count; i++)
		fetch_touched_by(w, w->base.goods[i].item);
	for (uint32_t i = 0; i < w->base.good_count; i++)
		mark_touched_by(w, i);
	if (w->base.good_count)
		mark_all(w, &c->touch_all);
	if (w->cart->context.every_reason)
		for (uint32_t i = 0; i < c->promotion_count; i++)
			mark(w, i);
	return mark_coupons(w);
}

typedef void touched_fn(struct work *w, uint32_t promotion, uint32_t good);

static void for_touched(struct work *w, touched_fn *fn, uint32_t good)
{
	uint32_t words = (w->catalog->promotion_count + WORD_BITS - 1) / WORD_BITS;

	for (uint32_t i = 0; i < words; i++)
		for (uint64_t left = w->base.touched[i]; left; left &= left - 1)
			fn(w, i * WORD_BITS + (uint32_t)__builtin_ctzll(left), good);
}

/* A good was put before others: the bits of those move up by one. */
static void make_place(struct work *w, uint32_t promotion, uint32_t good)
{
	uint64_t *touching = select_touching(w, promotion);
	uint64_t below = (UINT64_C(1) << (good % WORD_BITS)) - 1, moved, carry;
	uint64_t *at = &touching[good / WORD_BITS];

	if (w->base.words == 1) {
		*at = (*at & below) | (*at & ~below) << 1;
		return;
	}
	carry = *at >> (WORD_BITS - 1);
	*at = (*at & below) | (*at & ~below) << 1;
	while (++at < touching + w->base.words) {
		moved = *at << 1 | carry;
		carry = *at >> (WORD_BITS - 1);
		*at = moved;
	}
}

void candidates_add(struct work *w, uint32_t good)
{
	for_touched(w, make_place, good);
	mark_touched_by(w, good);
}

/* Context alone decides it, so it is asked once for as long as the base is kept. */
static void check(struct work *w, uint32_t promotion)
{
	const struct promotion *p = &w->catalog->promotions[promotion];
	enum reason reason = p->open ? REASON_APPLIED : eligible_in_context(w, promotion);

	w->base.checked[promotion] =
		(uint8_t)((unsigned)reason | (p->narrows ? NARROWS : 0) | (p->anew ? CHECKED_ANEW : 0));
}

/* The index knows include terms alone: a promotion that excludes or filters may touch nothing after all. */
static bool concerned(struct work *w, uint32_t promotion)
{
	return !(w->base.checked[promotion] & NARROWS) || w->cart->context.every_reason ||
	       ids_hold(&w->cart->context.coupons, promotion) || select_touches(w, promotion);
}

bool candidate_concerned(struct work *w, uint32_t promotion, enum reason *reason)
{
	const struct promotion *p = &w->catalog->promotions[promotion];

	if (w->base.checked[promotion] == UNCHECKED)
		check(w, promotion);
	if (!concerned(w, promotion))
		return false;
	*reason = (enum reason)(w->base.checked[promotion] & ~NO_REASON);
	if (!*reason && p->gated)
		*reason = gate_check(w, promotion);
	return true;
}

static void judge(struct work *w, uint32_t promotion, uint32_t unused)
{
	const struct promotion *p = &w->catalog->promotions[promotion];
	enum reason reason;

	(void)unused;
	if (!candidate_concerned(w, promotion, &reason))
		return;
	if (!reason) {
		__builtin_prefetch(p->gives);
		__builtin_prefetch(&p->gives->amount);
		__builtin_prefetch(p->needs);
		w->turn_bits[p->turn / WORD_BITS] |= UINT64_C(1) << (p->turn % WORD_BITS);
		w->judged_by_turn[p->turn] = w->judged_count;
		w->turn_count++;
	}
	w->judged[w->judged_count++] = (struct verdict){
		.promotion = promotion,
		.reason = reason,
		.by = CATALOG_NONE,
	};
}

void candidates_judge(struct work *w)
{
	uint32_t words = (w->catalog->promotion_count + WORD_BITS - 1) / WORD_BITS;

	w->repeats = w->repeats && past_judge(w);
	if (w->repeats)
		return;
	if (words)
		memset(w->turn_bits, 0, words * sizeof(*w->turn_bits));
	for_touched(w, judge, 0);
}
