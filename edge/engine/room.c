/*
 * The room of an evaluation: every array it needs, one behind the other in memory of the caller's. Measuring
 * and laying out are the same walk, so that they cannot differ.
 */
#include "best.h"

#include <stdalign.h>

struct walk {
	unsigned char *room; /* NULL: only measure */
	size_t size, used;
	bool overflow;
};

/*
 * Bytes behind each list. None; a mutation run leaves some, so that a step past a list's end does not find
 * the next one there.
 */
#ifndef ROOM_GAP
#define ROOM_GAP 0
#endif

static void *take(struct walk *k, size_t count, size_t size)
{
	size_t bytes, end, at = k->used;

	if (__builtin_mul_overflow(count, size, &bytes) ||
	    __builtin_add_overflow(bytes, alignof(max_align_t) - 1 + ROOM_GAP, &bytes) ||
	    __builtin_add_overflow(at, bytes & ~(alignof(max_align_t) - 1), &end) || end > k->size) {
		k->overflow = true;
		return NULL;
	}
	k->used = end;
	return k->room ? k->room + at : NULL;
}

/* A line gets a share of a promotion once, so the bound shrinks with few promotions. */
static uint32_t discounts_of(uint32_t lines, uint32_t promotions)
{
	uint64_t all = (uint64_t)lines * promotions;

	return all < ENGINE_DISCOUNTS_MAX(lines) ? (uint32_t)all : ENGINE_DISCOUNTS_MAX(lines);
}

static void lay_base(struct base *b, struct walk *k, size_t n, size_t p)
{
	b->words = (n + 63) / 64;
	b->lines = take(k, n, sizeof(*b->lines));
	b->steps = take(k, n * PRICE_STEPS_MAX, sizeof(*b->steps));
	b->goods = take(k, n, sizeof(*b->goods));
	b->order = take(k, n, sizeof(*b->order));
	b->touched = take(k, (p + 63) / 64, sizeof(*b->touched));
	b->touching = take(k, p, b->words * sizeof(*b->touching));
	b->checked = take(k, p, sizeof(*b->checked));
}

static void lay_goods(struct work *w, struct walk *k, size_t n)
{
	w->lines = take(k, n, sizeof(*w->lines));
	w->goods = take(k, n, sizeof(*w->goods));
	w->aside = take(k, n, sizeof(*w->aside));
	w->numbers = take(k, 2 * n, sizeof(*w->numbers));
	w->heads = take(k, n, sizeof(*w->heads));
	w->weight = take(k, 2 * n, sizeof(*w->weight));
	w->cap = take(k, 2 * n, sizeof(*w->cap));
	w->share = take(k, 2 * n, sizeof(*w->share));
	w->part = take(k, n, sizeof(*w->part));
	w->kept = take(k, n, sizeof(*w->kept));
	w->taken = take(k, w->good_words, sizeof(*w->taken));
	w->scratch = take(k, 2 * n, sizeof(*w->scratch));
	w->selected.goods = take(k, n, sizeof(*w->selected.goods));
	w->runs = take(k, 2 * n, sizeof(*w->runs));
	w->run_order = take(k, 2 * n, sizeof(*w->run_order));
	w->in_set = take(k, 2 * n, sizeof(*w->in_set));
	w->parts_of = take(k, n, sizeof(*w->parts_of));
	w->changed = take(k, w->good_words, sizeof(*w->changed));
	w->good_of = take(k, n, sizeof(*w->good_of));
}

static void lay_promotions(struct work *w, struct walk *k, size_t p)
{
	w->judged = take(k, p, sizeof(*w->judged));
	w->turns = take(k, p, sizeof(*w->turns));
	w->turn_bits = take(k, (p + 63) / 64, sizeof(*w->turn_bits));
	w->judged_by_turn = take(k, p, sizeof(*w->judged_by_turn));
	w->applied = take(k, p, sizeof(*w->applied));
	w->verdicts = take(k, p, sizeof(*w->verdicts));
	w->ranked = take(k, p, sizeof(*w->ranked));
}

/* Of the policy best_deal alone: most of it is touched by carts that need it only. */
static void lay_best(struct work *w, struct walk *k, size_t n, size_t p)
{
	struct best *b = take(k, 1, sizeof(*b)), measured = {0};

	w->best = b;
	b = b ? b : &measured;
	b->edge_max = (uint32_t)BEST_EDGES(n);
	b->deals = take(k, p, sizeof(*b->deals));
	b->piles = take(k, 2 * n, sizeof(*b->piles));
	b->unsorted = take(k, 2 * n, sizeof(*b->unsorted));
	b->by_value = take(k, 2 * n, sizeof(*b->by_value));
	b->numbers = take(k, 4 * n, sizeof(*b->numbers));
	b->places = take(k, n, sizeof(*b->places));
	b->chosen = take(k, (2 * n + 63) / 64, sizeof(*b->chosen));
	b->edges = take(k, b->edge_max, sizeof(*b->edges));
	b->by_pile = take(k, b->edge_max, sizeof(*b->by_pile));
	b->cell_max = b->edge_max * (size_t)4;
	b->cells = take(k, b->cell_max, sizeof(*b->cells));
	b->open = take(k, p, sizeof(*b->open));
	b->now = take(k, BEST_STATES, sizeof(*b->now));
	b->then = take(k, BEST_STATES, sizeof(*b->then));
	b->slots = take(k, BEST_SLOTS, sizeof(*b->slots));
	b->scores = take(k, 2 * BEST_STATES, sizeof(*b->scores));
	b->nodes = take(k, BEST_NODES, sizeof(*b->nodes));
}

static bool too_many(const struct catalog *c, uint32_t lines)
{
	return lines > ENGINE_LINES_MAX || c->promotion_count > UINT32_MAX - 64;
}

size_t base_lay(struct base *b, const struct catalog *c, uint32_t lines, void *memory)
{
	struct walk k = {.room = memory, .size = SIZE_MAX};

	if (too_many(c, lines))
		return SIZE_MAX;
	lay_base(b, &k, lines, c->promotion_count);
	return k.overflow ? SIZE_MAX : k.used;
}

size_t room_lay(struct work *w, const struct catalog *c, uint32_t lines, void *room, size_t size)
{
	struct walk k = {.room = room, .size = size};
	size_t n = lines, p = c->promotion_count;

	if (too_many(c, lines))
		return SIZE_MAX;
	w->good_words = (lines + 63) / 64;
	w->given_max = discounts_of(lines, c->promotion_count);
	lay_base(&w->base, &k, n, p);
	lay_goods(w, &k, n);
	lay_promotions(w, &k, p);
	if (c->settings.policy == POLICY_BEST_DEAL && p)
		lay_best(w, &k, n, p);
	w->usable = take(&k, c->list_count, sizeof(*w->usable));
	w->steps = take(&k, n * PRICE_STEPS_MAX, sizeof(*w->steps));
	w->spare = take(&k, 2 * n > p ? 2 * n : p, sizeof(*w->spare));
	w->given = take(&k, w->given_max, sizeof(*w->given));
	w->discounts = take(&k, w->given_max, sizeof(*w->discounts));
	w->rewards = take(&k, p ? ENGINE_REWARDS_MAX : 0, sizeof(*w->rewards));
	return k.overflow ? SIZE_MAX : k.used;
}

size_t engine_room_size(const struct catalog *c, uint32_t lines)
{
	struct work measured = {.catalog = c};

	return room_lay(&measured, c, lines, NULL, SIZE_MAX);
}
