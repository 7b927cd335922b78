/*
 * Gives on pieces: groups of buy and get, the cheapest or dearest few, and complete sets of several parts.
 * Each says what a set takes of the pool; pieces.c does the rest.
 */
#include "engine_work.h"

#include <string.h>

/* Groups and sets that the promotion may still reward. */
static int64_t times_left(const struct work *w, const struct promotion *p)
{
	return p->times == AMOUNT_NONE ? INT64_MAX : p->times - w->groups;
}

static enum err form(struct work *w, struct pool pool, const struct promotion *p, const struct give *g,
		     const struct taking *parts, uint32_t count)
{
	const struct sets sets = {.parts = parts, .count = count, .times = times_left(w, p)};
	enum err e;

	w->formed = 0;
	e = pool_form_sets(w, pool, p, g, &sets);
	w->groups += w->formed;
	return e;
}

/* Groups are cut from the dearest down, so a group's first pieces are its dearest. */
enum err give_units(struct work *w, const struct promotion *p, const struct give *g)
{
	const struct taking buy = {.of = 1, .count = g->buy, .order = DEAREST_FIRST};
	const struct taking get = {.of = 1, .count = g->get, .order = DEAREST_FIRST, .rewarded = true};
	bool dearest = g->order == DEAREST_FIRST;
	const struct taking parts[] = {dearest ? get : buy, dearest ? buy : get};
	struct give each = *g;
	struct pool pool = pool_of_selected(w, 1);

	if (g->buy < 0 || g->get <= 0)
		return ERR_OK;
	if (g->off == OFF_RATE)
		each.per = PER_UNIT;
	return form(w, pool, p, &each, parts, 2);
}

/* One set of as many as there are, which counts as no group. What is free already is passed over. */
enum err give_picked(struct work *w, const struct promotion *p, const struct give *g)
{
	struct pool pool = pool_of_selected(w, 1);
	struct taking part = {.of = 1, .count = g->count, .order = g->order, .rewarded = true};
	const struct sets sets = {.parts = &part, .count = 1, .only = true};
	int64_t left = units_left(w, p);

	pool_drop_worthless(w, &pool);
	if (part.count > pool.pieces)
		part.count = pool.pieces;
	if (part.count > left)
		part.count = left;
	return part.count > 0 ? pool_form_sets(w, pool, p, g, &sets) : ERR_OK;
}

/* Goods of any part become the selection, and each knows the parts that may take it. */
static void select_parts(struct work *w, uint32_t promotion, const struct give *g)
{
	memset(w->parts_of, 0, w->good_count);
	for (uint32_t i = 0; i < g->part_count && i < SET_PARTS_MAX; i++) {
		const struct selection *s = select_goods(w, promotion, &g->parts[i].of);

		for (uint32_t k = 0; k < s->count; k++)
			w->parts_of[s->goods[k]] |= (uint8_t)(1U << i);
	}
	w->selected.of = NULL;
	w->selected.count = 0;
	for (uint32_t i = 0; i < w->good_count; i++)
		if (w->parts_of[i])
			w->selected.goods[w->selected.count++] = i;
}

enum err give_sets(struct work *w, const struct promotion *p, const struct give *g)
{
	struct taking parts[SET_PARTS_MAX];
	uint32_t count = g->part_count < SET_PARTS_MAX ? g->part_count : SET_PARTS_MAX;

	select_parts(w, (uint32_t)(p - w->catalog->promotions), g);
	for (uint32_t i = 0; i < count; i++)
		parts[i] = (struct taking){.of = (uint8_t)(1U << i),
					   .count = g->parts[i].count,
					   .order = g->parts[i].order,
					   .rewarded = g->parts[i].rewarded};
	return form(w, pool_of_selected(w, 0), p, g, parts, count);
}
