/*
 * Price lists, sorted as the engine looks at them: highest rank first, then by id.
 */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

#define LISTS_MAX 65535 /* struct price_row counts them in 16 bits */

static int by_rank(const void *a, const void *b)
{
	const struct price_list *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank > y->rank ? -1 : 1;
	return strcmp(x->id, y->id);
}

static enum err make_scope(struct builder *b, const struct record_price_list *r, struct price_list *out,
			   struct why *why)
{
	const struct catalog *c = &b->made->catalog;
	struct arena *a = &b->made->base->arena;
	enum err e = find_ids(&c->segments, &r->segments, a, &out->segments, why);

	if (!e)
		e = find_ids(&c->channels, &r->channels, a, &out->channels, why);
	if (!e)
		e = find_ids(&c->stores, &r->stores, a, &out->stores, why);
	return e ? e : find_ids(&c->zones, &r->zones, a, &out->zones, why);
}

static enum err make_grid(struct builder *b, const struct record_price_list *r, struct price_list *out,
			  struct why *why)
{
	const struct record_grid_step *from = r->grid.at;
	struct grid_step *grid = arena_get(&b->made->base->arena, (r->grid.count + 1) * sizeof(*grid));

	if (!grid)
		return builder_no_memory(why);
	for (size_t i = 0; i < r->grid.count; i++)
		grid[i] = (struct grid_step){.from = from[i].from, .off = from[i].percent};
	out->grid = grid;
	out->grid_count = (uint32_t)r->grid.count;
	return ERR_OK;
}

static enum err make_list(struct builder *b, uint32_t number, struct price_list *out, struct why *why)
{
	struct record record;
	const struct record_price_list *r = &record.as.price_list;
	enum err e = builder_decode(&b->kept[RECORD_PRICE_LIST].at[number], RECORD_PRICE_LIST, &b->arena,
				    &record, why);

	if (e)
		return e;
	*out = (struct price_list){
		.id = builder_text(b, r->id),
		.rank = r->rank,
		.window = builder_window(r->from, r->to),
		.sale = r->sale == 1,
	};
	if (!out->id)
		return builder_no_memory(why);
	if (r->markup.ppm != AMOUNT_NONE)
		b->markups[b->markup_count++] = (struct raw_markup){
			.list = intern_find(&b->kept[RECORD_PRICE_LIST].keys, r->id),
			.markup = r->markup,
			.fob = r->basis == 1,
		};
	e = make_scope(b, r, out, why);
	return e ? e : make_grid(b, r, out, why);
}

enum err builder_make_lists(struct builder *b, struct why *why)
{
	struct kept_list *kept = &b->kept[RECORD_PRICE_LIST];
	struct price_list *lists = arena_get(&b->made->base->arena, (kept->count + 1) * sizeof(*lists));

	b->markups = arena_get(&b->arena, (kept->count + 1) * sizeof(*b->markups));
	if (kept->count > LISTS_MAX)
		return fail(why, ERR_LIMIT, "more than %d price lists", LISTS_MAX);
	if (!lists || !b->markups)
		return builder_no_memory(why);
	for (uint32_t i = 0; i < kept->count; i++) {
		enum err e = make_list(b, i, &lists[i], why);
		if (e)
			return e;
	}
	qsort(lists, kept->count, sizeof(*lists), by_rank);
	for (uint32_t i = 0; i < kept->count; i++)
		kept->keys.values[intern_find(&kept->keys, lists[i].id)] = i;
	b->made->catalog.lists = lists;
	b->made->catalog.list_count = kept->count;
	return ERR_OK;
}
