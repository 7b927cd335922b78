/*
 * Margin floors: sorted for the engine's bisection, and what goes for a category whatever the customer
 * resolved down its tree. Floors that no price could meet are refused here, where the taxes are known.
 */
#include "builder.h"

#include <stdlib.h>
#include <string.h>

#define LEAST_LEFT 10000 /* 1 % of the price for cost, after margin and tax */

/* In millionths of the price: what margin and tax leave for the cost. */
static int64_t left_of_price(struct rate floor, struct rate tax)
{
	return RATE_ONE.ppm - floor.ppm - tax.ppm * RATE_ONE.ppm / (RATE_ONE.ppm + tax.ppm);
}

enum err builder_check_floor(const struct catalog *c, struct rate floor, struct why *why)
{
	for (uint32_t i = 1; i < c->tax_count && c->settings.tax == TAX_INCLUSIVE; i++) {
		const struct tax *tax = &c->taxes[i];

		if (tax->rate.ppm != AMOUNT_NONE && left_of_price(floor, tax->rate) < LEAST_LEFT)
			return fail(why, ERR_INVALID,
				    "with tax '%s' in the price, too little of it is left for the cost",
				    tax->id);
	}
	return ERR_OK;
}

static enum err check_default(struct builder *b, struct why *why)
{
	const struct catalog *c = &b->made->catalog;

	if (b->partial || !c->settings.guard || !builder_check_floor(c, c->settings.margin_floor, why))
		return ERR_OK;
	why_prefix(why, "margin.floor: ");
	return builder_blame(why, ERR_INVALID, b->kept[RECORD_BOOK].at[0].line, RECORD_BOOK, "book");
}

static enum err find_scope(const struct builder *b, const struct record_floor *r, struct margin_floor *out,
			   struct why *why)
{
	const struct catalog *c = &b->made->catalog;

	out->segment = r->segment ? find_name(&c->segments, r->segment) : CATALOG_NONE;
	out->category = r->category ? find_category(c, r->category) : CATALOG_NONE;
	if (r->category && out->category == CATALOG_NONE)
		return fail(why, ERR_NOT_FOUND, "category: there is no category '%s'", r->category);
	return ERR_OK;
}

static enum err make_floor(struct builder *b, const struct kept *k, struct margin_floor *out, struct why *why)
{
	struct record record;
	const struct record_floor *r = &record.as.floor;
	enum err e = builder_decode(k, RECORD_FLOOR, &b->made->base->arena, &record, why);

	if (e)
		return e;
	*out = (struct margin_floor){.id = r->id, .margin = r->margin};
	e = find_scope(b, r, out, why);
	if (!e && !b->partial) {
		e = builder_check_floor(&b->made->catalog, r->margin, why);
		if (e)
			why_prefix(why, "margin: ");
	}
	return e ? builder_blame(why, e, k->line, RECORD_FLOOR, r->id) : ERR_OK;
}

static int by_scope(const void *a, const void *b)
{
	const struct margin_floor *x = a, *y = b;

	if (x->segment != y->segment)
		return x->segment < y->segment ? -1 : 1;
	if (x->category != y->category)
		return x->category < y->category ? -1 : 1;
	return strcmp(x->id, y->id);
}

/* Sorted, those of one scope stand side by side. */
static enum err refuse_same(struct builder *b, const struct margin_floor *all, uint32_t count,
			    struct why *why)
{
	const struct kept_list *kept = &b->kept[RECORD_FLOOR];

	for (uint32_t i = 1; i < count; i++) {
		const struct margin_floor *x = &all[i - 1], *y = &all[i];
		uint32_t at;

		if (x->segment != y->segment || x->category != y->category)
			continue;
		at = kept->keys.values[intern_find(&kept->keys, y->id)];
		fail(why, ERR_EXISTS, "category: floor '%s' is for the same category and segment", x->id);
		return builder_blame(why, ERR_EXISTS, kept->at[at].line, RECORD_FLOOR, y->id);
	}
	return ERR_OK;
}

static void resolve(struct category *categories, uint32_t count, const struct margin_floor *all,
		    uint32_t floors)
{
	for (uint32_t i = 0; i < floors; i++) {
		if (all[i].segment == CATALOG_NONE && all[i].category != CATALOG_NONE)
			categories[all[i].category].margin_floor = all[i].margin;
	}
	/* An ancestor that took over its own ancestor's has the one that a descendant of it wants, too. */
	for (uint32_t i = 0; i < count; i++) {
		const struct ids *up = &categories[i].up;
		for (uint32_t k = 1; k < up->count && categories[i].margin_floor.ppm == AMOUNT_NONE; k++)
			categories[i].margin_floor = categories[up->at[k]].margin_floor;
	}
}

enum err builder_make_floors(struct builder *b, struct why *why)
{
	struct catalog *c = &b->made->catalog;
	const struct kept_list *kept = &b->kept[RECORD_FLOOR];
	struct margin_floor *all = arena_get(&b->made->base->arena, (kept->count + 1) * sizeof(*all));
	enum err e;

	if (!all)
		return builder_no_memory(why);
	e = check_default(b, why);
	for (uint32_t i = 0; i < kept->count && !e; i++)
		e = make_floor(b, &kept->at[i], &all[i], why);
	if (e)
		return e;
	qsort(all, kept->count, sizeof(*all), by_scope);
	resolve(b->categories, c->category_count, all, kept->count);
	c->margin_floors = all;
	c->margin_floor_count = kept->count;
	return refuse_same(b, all, kept->count, why);
}
