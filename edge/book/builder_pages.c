/*
 * Articles in their places: sorted by SKU, each page with its prices, tags and text.
 */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

/* Eight bytes of an SKU as a number that sorts as they do: nearly all comparisons end there. */
struct sort_key {
	uint64_t head;
	uint32_t raw;
};

/* SKUs often begin alike ("SKU-000123"): the eight bytes are taken from behind what all have in common. */
struct sorting {
	const struct builder *b;
	size_t common;
};

/* Work in progress: raw articles by place, and their price rows by place. */
struct layout {
	uint32_t *order; /* place to raw article */
	uint32_t *first; /* place to its first in rows; one more at the end */
	struct price_row *rows;
	uint16_t *filled;	/* how many rows it has, by place: perhaps fewer than there is room for */
	struct signal *signals; /* of the page at hand */
	struct page_item *page; /* ITEM_PAGE_ITEMS of them: the page at hand */
};

static const char *sku_of(const struct builder *b, uint32_t raw)
{
	return b->skus.names[b->items[raw].sku];
}

static uint64_t head_of(const char *text)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < 8; i++) {
		value = value << 8 | (unsigned char)*text;
		text += *text != '\0';
	}
	return value;
}

static int by_sku(const void *a, const void *b, void *arg)
{
	const struct sort_key *x = a, *y = b;
	const struct sorting *s = arg;

	if (x->head != y->head)
		return x->head < y->head ? -1 : 1;
	return strcmp(sku_of(s->b, x->raw) + s->common, sku_of(s->b, y->raw) + s->common);
}

/* Databases give articles in order: then their names' numbers say so. */
static bool is_sorted(const struct builder *b)
{
	if (b->item_count > 0 && !intern_ascends(&b->skus))
		return false;
	for (uint32_t i = 1; i < b->item_count; i++) {
		if (b->items[i - 1].sku > b->items[i].sku)
			return false;
	}
	return true;
}

static size_t common_length(const struct builder *b)
{
	const char *first = sku_of(b, 0);
	size_t common = strlen(first);

	for (uint32_t i = 1; i < b->item_count; i++) {
		size_t n = 0;
		const char *sku = sku_of(b, i);
		while (n < common && sku[n] == first[n])
			n++;
		common = n;
	}
	return common;
}

static bool sort_by_sku(const struct builder *b, uint32_t *order)
{
	struct sorting s = {.b = b, .common = common_length(b)};
	struct sort_key *keys = calloc(b->item_count, sizeof(*keys));

	if (!keys)
		return false;
	for (uint32_t i = 0; i < b->item_count; i++)
		keys[i] = (struct sort_key){.head = head_of(sku_of(b, i) + s.common), .raw = i};
	qsort_r(keys, b->item_count, sizeof(*keys), by_sku, &s);
	for (uint32_t i = 0; i < b->item_count; i++)
		order[i] = keys[i].raw;
	free(keys);
	return true;
}

static enum err sort_items(struct builder *b, struct layout *l, struct why *why)
{
	l->order = arena_get(&b->arena, (b->item_count + 1) * sizeof(*l->order));
	if (!l->order)
		return builder_no_memory(why);
	for (uint32_t i = 0; i < b->item_count; i++)
		l->order[i] = i;
	if (!is_sorted(b) && !sort_by_sku(b, l->order))
		return builder_no_memory(why);
	for (uint32_t i = 0; i < b->item_count; i++)
		b->skus.values[b->items[l->order[i]].sku] = i;
	return ERR_OK;
}

static enum err blame_price(const struct builder *b, const struct raw_price *p, enum err e, struct why *why)
{
	return builder_blame(why, e, p->line, RECORD_PRICE, b->skus.names[p->sku]);
}

/* A price is not said where it is made of a cost; a catalog has those that were made, without a line. */
static bool is_made(const struct builder *b, const struct raw_price *p)
{
	for (uint32_t i = 0; p->line > 0 && !p->derived && i < b->markup_count; i++) {
		if (b->markups[i].list == p->list)
			return true;
	}
	return false;
}

/* Makes the row's list its place, and counts rows an article. */
static enum err resolve_prices(struct builder *b, struct layout *l, struct why *why)
{
	const struct intern *lists = &b->kept[RECORD_PRICE_LIST].keys;

	for (uint32_t i = 0; i < b->price_count; i++) {
		struct raw_price *p = &b->prices[i];
		uint32_t item = b->skus.values[p->sku];

		if (item == CATALOG_NONE) {
			fail(why, ERR_NOT_FOUND, "sku: there is no article '%s'", b->skus.names[p->sku]);
			return blame_price(b, p, ERR_NOT_FOUND, why);
		}
		if (lists->values[p->list] == CATALOG_NONE) {
			fail(why, ERR_NOT_FOUND, "list: there is no price list '%s'", lists->names[p->list]);
			return blame_price(b, p, ERR_NOT_FOUND, why);
		}
		if (is_made(b, p)) {
			fail(why, ERR_INVALID,
			     "list: '%s' has a markup: its prices are made of landed costs; leave this one "
			     "out",
			     lists->names[p->list]);
			return blame_price(b, p, ERR_INVALID, why);
		}
		l->first[item + 1]++;
	}
	for (uint32_t i = 0; i < b->item_count; i++)
		l->first[i + 1] += l->first[i];
	return ERR_OK;
}

static enum err same_price(const struct builder *b, const struct raw_price *p, struct why *why)
{
	const char *list = b->kept[RECORD_PRICE_LIST].keys.names[p->list];

	for (const struct raw_price *first = b->prices; first < p; first++) {
		if (first->sku == p->sku && first->list == p->list && first->line > 0) {
			fail(why, ERR_EXISTS, "'%s' has a price in list '%s' already, on line %u",
			     b->skus.names[p->sku], list, first->line);
			return blame_price(b, p, ERR_EXISTS, why);
		}
	}
	fail(why, ERR_EXISTS, "'%s' has two prices in list '%s'", b->skus.names[p->sku], list);
	return blame_price(b, p, ERR_EXISTS, why);
}

static bool has_row(const struct price_row *rows, uint32_t count, uint32_t list)
{
	for (uint32_t i = 0; i < count; i++) {
		if (rows[i].list == list)
			return true;
	}
	return false;
}

/* Rows of an article by place of their list: inserted, since they are few. */
static enum err sort_prices(struct builder *b, struct layout *l, struct why *why)
{
	const uint32_t *places = b->kept[RECORD_PRICE_LIST].keys.values;

	l->filled = arena_get(&b->arena, (b->item_count + 1) * sizeof(*l->filled));
	if (!l->filled)
		return builder_no_memory(why);
	for (uint32_t i = 0; i < b->price_count; i++) {
		const struct raw_price *p = &b->prices[i];
		uint32_t item = b->skus.values[p->sku], list = places[p->list];
		struct price_row *rows = l->rows + l->first[item];
		uint32_t at = l->filled[item];

		if (p->derived && has_row(rows, at, list))
			continue;
		while (at > 0 && rows[at - 1].list > list) {
			rows[at] = rows[at - 1];
			at--;
		}
		if (at > 0 && rows[at - 1].list == list)
			return same_price(b, p, why);
		rows[at] = (struct price_row){.list = (uint16_t)list,
					      .breaks = p->breaks,
					      .first_break = p->first_break,
					      .price = p->price};
		if (++l->filled[item] == UINT16_MAX)
			return fail(why, ERR_LIMIT, "'%s' is in more than %d price lists",
				    b->skus.names[p->sku], UINT16_MAX - 1);
	}
	return ERR_OK;
}

static enum err lay_out(struct builder *b, struct layout *l, struct why *why)
{
	enum err e = builder_check_prices(b, why); /* before articles get their places */

	if (!e)
		e = sort_items(b, l, why);
	if (e)
		return e;
	l->first = arena_get(&b->arena, (b->item_count + 1) * sizeof(*l->first));
	l->rows = arena_get(&b->arena, (b->price_count + 1) * sizeof(*l->rows));
	if (!l->first || !l->rows)
		return builder_no_memory(why);
	e = resolve_prices(b, l, why);
	if (!e)
		e = sort_prices(b, l, why);
	free(b->prices); /* now in rows, and pages want the room */
	b->prices = NULL;
	return e;
}

/* The place of a name that an article speaks of, such as its category. */
static enum err refer(const struct builder *b, const struct raw_item *raw, enum record_type t,
		      const char *field, uint32_t id, uint32_t *out, struct why *why)
{
	const struct intern *keys = &b->kept[t].keys;

	if (id == CATALOG_NONE)
		return ERR_OK;
	*out = keys->values[id];
	if (*out != CATALOG_NONE)
		return ERR_OK;
	fail(why, ERR_NOT_FOUND, "%s: there is no %s '%s'", field, record_schema(t)->name, keys->names[id]);
	return builder_blame(why, ERR_NOT_FOUND, raw->line, RECORD_ITEM, b->skus.names[raw->sku]);
}

static uint32_t value_of(const struct intern *t, uint32_t id)
{
	return id == CATALOG_NONE ? CATALOG_NONE : t->values[id];
}

static enum err read_item(struct builder *b, const struct layout *l, uint32_t place, struct page_item *out,
			  struct why *why)
{
	const struct raw_item *raw = &b->items[l->order[place]];
	uint32_t category = CATALOG_NONE, tax = 0;
	enum err e = refer(b, raw, RECORD_CATEGORY, "category", raw->category, &category, why);

	if (!e)
		e = refer(b, raw, RECORD_TAX, "tax", raw->tax, &tax, why);
	if (e)
		return e;
	b->made->catalog.fixed_items |= raw->fixed;
	*out = (struct page_item){
		.sku = b->skus.names[raw->sku],
		.name = raw->name,
		.prices = l->rows + l->first[place],
		.breaks = b->breaks.at,
		.tags = raw->tags ? b->item_tags.at + raw->first_tag : NULL,
	};
	out->item = (struct item){
		.category = category,
		.brand = value_of(&b->brands, raw->brand),
		.supplier = value_of(&b->suppliers, raw->supplier),
		.tags = raw->tags,
		.prices = l->filled[place],
		.tax = (uint16_t)tax,
		.unit = raw->unit,
		.fixed = raw->fixed,
		.gtins = raw->gtins,
		.reviewed = raw->in_review.minor != AMOUNT_NONE,
		.cost = record_item_burden(raw->cost, raw->in_review),
		.logistics = raw->logistics,
	};
	return ERR_OK;
}

/* What is known of it besides, and what it costs when it is imported. */
static enum err read_known(struct builder *b, const struct layout *l, uint32_t place, struct signal *signal,
			   struct page_item *out, struct why *why)
{
	const struct raw_item *raw = &b->items[l->order[place]];
	struct record signals, landed;
	struct landed costs;
	enum err e = builder_find_kept(b, RECORD_SIGNAL, out->sku, &signals, why);

	if (e && e != ERR_NOT_FOUND)
		return e;
	if (signal_make(e ? NULL : &signals.as.signal, raw->least, raw->most, signal))
		out->signal = signal;
	e = builder_find_kept(b, RECORD_LANDED_COST, out->sku, &landed, why);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	e = landed_cost(&landed.as.landed_cost, &b->made->rates, &b->made->catalog.settings, &costs, why);
	out->item.cost = record_item_burden(costs.landed, raw->in_review);
	out->item.landed = true;
	out->item.exchange = builder_exchange(b, landed.as.landed_cost.currency);
	return e;
}

static enum err make_page(struct builder *b, const struct layout *l, uint32_t from,
			  const struct item_page **out, struct why *why)
{
	uint32_t count = 0;
	enum err e = ERR_OK;

	for (; count < ITEM_PAGE_ITEMS && from + count < b->item_count && !e; count++) {
		e = read_item(b, l, from + count, &l->page[count], why);
		if (!e)
			e = read_known(b, l, from + count, &l->signals[count], &l->page[count], why);
	}
	if (e)
		return e;
	*out = page_new(l->page, count);
	return *out ? ERR_OK : builder_no_memory(why);
}

/* Names of tags were numbered as they came; from here on they are those of the catalog. */
static void settle_tags(struct builder *b)
{
	for (uint32_t i = 0; i < b->item_tags.count; i++)
		b->item_tags.at[i] = b->tags.values[b->item_tags.at[i]];
}

enum err builder_make_items(struct builder *b, struct why *why)
{
	struct catalog *c = &b->made->catalog;
	uint32_t count = (b->item_count + ITEM_PAGE_ITEMS - 1) / ITEM_PAGE_ITEMS;
	struct layout l = {.page = arena_get(&b->arena, ITEM_PAGE_ITEMS * sizeof(*l.page)),
			   .signals = arena_get(&b->arena, ITEM_PAGE_ITEMS * sizeof(*l.signals))};

	b->made->pages = calloc(count + 1, sizeof(const struct item_page *));
	if (!b->made->pages || !l.page || !l.signals)
		return builder_no_memory(why);
	c->pages = b->made->pages;
	c->page_count = count;
	c->item_count = b->item_count;
	enum err e = lay_out(b, &l, why);
	settle_tags(b);
	for (uint32_t i = 0; i < count && !e; i++)
		e = make_page(b, &l, i * ITEM_PAGE_ITEMS, &b->made->pages[i], why);
	return e;
}
