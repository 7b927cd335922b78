/*
 * Articles and prices as they come: names become numbers, the rest goes into arrays.
 */
#include <string.h>

#include "builder.h"
#include "gtin.h"

/* Adds a name that may be absent; false when memory is short. */
static bool number(struct builder *b, struct intern *t, const char *name, uint32_t *out)
{
	*out = CATALOG_NONE;
	if (!name)
		return true;
	*out = intern_add(t, &b->arena, name);
	return *out != CATALOG_NONE;
}

static bool add_tags(struct builder *b, const struct list *tags)
{
	struct raw_ids *ids = &b->item_tags;
	const char *const *at = tags->at;

	for (size_t i = 0; i < tags->count; i++) {
		if (!array_room(&ids->at, &ids->size, ids->count, sizeof(*ids->at)) ||
		    !number(b, &b->tags, at[i], &ids->at[ids->count]))
			return false;
		ids->count++;
	}
	return true;
}

static enum err add_gtins(struct builder *b, const struct list *gtins, struct why *why)
{
	struct raw_gtins *all = &b->item_gtins;
	const char *const *at = gtins->at;

	for (size_t i = 0; i < gtins->count; i++) {
		if (!array_room(&all->at, &all->size, all->count, sizeof(*all->at)))
			return builder_no_memory(why);
		enum err e = gtin_parse(at[i], &all->at[all->count], why);
		if (e) {
			why_prefix(why, "gtins[%zu]: ", i);
			return e;
		}
		all->count++;
	}
	return ERR_OK;
}

static bool add_names(struct builder *b, const struct record_item *r, struct raw_item *out)
{
	return number(b, &b->kept[RECORD_CATEGORY].keys, r->category, &out->category) &&
	       number(b, &b->kept[RECORD_TAX].keys, r->tax, &out->tax) &&
	       number(b, &b->brands, r->brand, &out->brand) &&
	       number(b, &b->suppliers, r->supplier, &out->supplier) && add_tags(b, &r->tags);
}

static enum err twice(const struct builder *b, const struct record_item *r, uint32_t item, struct why *why)
{
	if (b->items[item].line == 0)
		return fail(why, ERR_EXISTS, "sku: '%s' is there twice", r->sku);
	return fail(why, ERR_EXISTS, "sku: '%s' is there twice; the first is on line %u", r->sku,
		    b->items[item].line);
}

enum err builder_add_item(struct builder *b, const struct record_item *r, uint32_t line, struct why *why)
{
	struct raw_item item = {
		.cost = r->cost,
		.logistics = r->logistics,
		.in_review = r->cost_in_review,
		.least = r->least,
		.most = r->most,
		.line = line,
		.first_tag = b->item_tags.count,
		.first_gtin = b->item_gtins.count,
		.tags = (uint16_t)r->tags.count, /* the tables bound them */
		.gtins = (uint8_t)r->gtins.count,
		.unit = (uint8_t)r->unit,
		.fixed = r->discountable == 0,
	};

	if (!number(b, &b->skus, r->sku, &item.sku))
		return builder_no_memory(why);
	if (b->skus.values[item.sku] != CATALOG_NONE)
		return twice(b, r, b->skus.values[item.sku], why);
	enum err e = add_gtins(b, &r->gtins, why);
	if (e)
		return e;
	item.name = arena_text(&b->arena, r->name, strlen(r->name));
	if (!item.name || !add_names(b, r, &item) ||
	    !array_room(&b->items, &b->item_size, b->item_count, sizeof(item)))
		return builder_no_memory(why);
	b->skus.values[item.sku] = b->item_count;
	b->items[b->item_count++] = item;
	return ERR_OK;
}

static bool add_breaks(struct builder *b, const struct list *breaks)
{
	const struct record_break *at = breaks->at;

	for (size_t i = 0; i < breaks->count; i++) {
		if (!array_room(&b->breaks.at, &b->breaks.size, b->breaks.count, sizeof(*b->breaks.at)))
			return false;
		b->breaks.at[b->breaks.count++] =
			(struct price_break){.from = at[i].from, .price = at[i].price};
	}
	return true;
}

enum err builder_add_price(struct builder *b, const struct record_price *r, uint32_t line, struct why *why)
{
	struct raw_price price = {
		.line = line,
		.price = r->price,
		.first_break = b->breaks.count,
		.breaks = (uint16_t)r->breaks.count, /* the tables bound them */
	};

	if (!number(b, &b->kept[RECORD_PRICE_LIST].keys, r->list, &price.list) ||
	    !number(b, &b->skus, r->sku, &price.sku) || !add_breaks(b, &r->breaks) ||
	    !array_room(&b->prices, &b->price_size, b->price_count, sizeof(price)))
		return builder_no_memory(why);
	b->prices[b->price_count++] = price;
	return ERR_OK;
}
