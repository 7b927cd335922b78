/*
 * Categories: sorted by id, each with its way to the top.
 */
#include "builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct raw_category {
	struct record_category record;
	uint32_t line;
};

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct raw_category *)a)->record.id,
		      ((const struct raw_category *)b)->record.id);
}

static enum err find_parent(struct builder *b, const struct raw_category *raw, uint32_t *out, struct why *why)
{
	const struct intern *keys = &b->kept[RECORD_CATEGORY].keys;

	*out = CATALOG_NONE;
	if (!raw->record.parent)
		return ERR_OK;
	uint32_t id = intern_find(keys, raw->record.parent);
	if (id != CATALOG_NONE)
		*out = keys->values[id];
	if (*out != CATALOG_NONE)
		return ERR_OK;
	fail(why, ERR_NOT_FOUND, "parent: there is no category '%s'", raw->record.parent);
	return builder_blame(why, ERR_NOT_FOUND, raw->line, RECORD_CATEGORY, raw->record.id);
}

/* "a > b > c > a", cut when it does not fit. */
static enum err refuse_cycle(const struct category *all, uint32_t start, const struct raw_category *raw,
			     struct why *why)
{
	char names[200];
	size_t used = 0;
	uint32_t at = start;

	do {
		int n = snprintf(names + used, sizeof(names) - used, "%s > ", all[at].id);
		used += (size_t)n;
		at = all[at].parent;
	} while (at != start && used < sizeof(names));
	fail(why, ERR_INVALID, "parent: the categories form a circle: %s%s", names,
	     used < sizeof(names) ? all[start].id : "...");
	return builder_blame(why, ERR_INVALID, raw->line, RECORD_CATEGORY, raw->record.id);
}

/* Steps to the top, itself included; 0 when there is no top. */
static uint32_t height(const struct category *all, uint32_t count, uint32_t at)
{
	uint32_t steps = 0;

	for (; at != CATALOG_NONE; at = all[at].parent) {
		if (++steps > count)
			return 0;
	}
	return steps;
}

/* A way that never ends may lead into the circle from outside: the category blamed is one on it. */
static uint32_t on_circle(const struct category *all, uint32_t count, uint32_t at)
{
	for (uint32_t i = 0; i < count; i++)
		at = all[at].parent;
	return at;
}

static enum err climb(struct builder *b, struct category *all, uint32_t count, const struct raw_category *raw,
		      struct why *why)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t steps = height(all, count, i);
		if (steps == 0) {
			uint32_t start = on_circle(all, count, i);
			return refuse_cycle(all, start, &raw[start], why);
		}
		uint32_t *up = arena_get(&b->made->base->arena, steps * sizeof(*up));
		if (!up)
			return builder_no_memory(why);
		all[i].up = (struct ids){.at = up, .count = steps};
		for (uint32_t at = i; at != CATALOG_NONE; at = all[at].parent)
			*up++ = at;
	}
	return ERR_OK;
}

static enum err decode_all(struct builder *b, struct raw_category *raw, struct why *why)
{
	struct kept_list *kept = &b->kept[RECORD_CATEGORY];

	for (uint32_t i = 0; i < kept->count; i++) {
		struct record record;
		enum err e =
			builder_decode(&kept->at[i], RECORD_CATEGORY, &b->made->base->arena, &record, why);
		if (e)
			return e;
		raw[i] = (struct raw_category){.record = record.as.category, .line = kept->at[i].line};
	}
	qsort(raw, kept->count, sizeof(*raw), by_id);
	for (uint32_t i = 0; i < kept->count; i++)
		kept->keys.values[intern_find(&kept->keys, raw[i].record.id)] = i;
	return ERR_OK;
}

enum err builder_make_categories(struct builder *b, struct why *why)
{
	uint32_t count = b->kept[RECORD_CATEGORY].count;
	struct category *all = arena_get(&b->made->base->arena, (count + 1) * sizeof(*all));
	struct raw_category *raw = arena_get(&b->arena, (count + 1) * sizeof(*raw));

	if (!all || !raw)
		return builder_no_memory(why);
	enum err e = decode_all(b, raw, why);
	for (uint32_t i = 0; i < count && !e; i++) {
		const struct record_category *r = &raw[i].record;
		all[i] = (struct category){
			.id = r->id,
			.name = r->name ? r->name : r->id,
			.margin_floor = {AMOUNT_NONE},
		};
		e = find_parent(b, &raw[i], &all[i].parent, why);
	}
	if (!e)
		e = climb(b, all, count, raw, why);
	b->categories = all;
	b->made->catalog.categories = all;
	b->made->catalog.category_count = count;
	return e;
}
