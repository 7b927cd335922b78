/*
 * Articles in their places: sorted by SKU, in pages that hold all that an article needs (its prices, tags and
 * text). A page is one piece of memory, so that a later catalog can share it with this one.
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

/* Databases give articles in order; sorting again would cost more than looking. */
static bool is_sorted(const struct builder *b)
{
	for (uint32_t i = 1; i < b->item_count; i++) {
		if (strcmp(sku_of(b, i - 1), sku_of(b, i)) > 0)
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

/* Rows of an article by place of their list: inserted, since they are few. */
static enum err sort_prices(struct builder *b, struct layout *l, struct why *why)
{
	const uint32_t *places = b->kept[RECORD_PRICE_LIST].keys.values;
	uint16_t *filled = arena_get(&b->arena, (b->item_count + 1) * sizeof(*filled));

	if (!filled)
		return builder_no_memory(why);
	for (uint32_t i = 0; i < b->price_count; i++) {
		const struct raw_price *p = &b->prices[i];
		uint32_t item = b->skus.values[p->sku], list = places[p->list];
		struct price_row *rows = l->rows + l->first[item];
		uint32_t at = filled[item];

		while (at > 0 && rows[at - 1].list > list) {
			rows[at] = rows[at - 1];
			at--;
		}
		if (at > 0 && rows[at - 1].list == list)
			return same_price(b, p, why);
		rows[at] = (struct price_row){.list = list, .price = p->price};
		if (++filled[item] == UINT16_MAX)
			return fail(why, ERR_LIMIT, "'%s' is in more than %d price lists",
				    b->skus.names[p->sku], UINT16_MAX - 1);
	}
	return ERR_OK;
}

static enum err lay_out(struct builder *b, struct layout *l, struct why *why)
{
	enum err e = sort_items(b, l, why);

	if (e)
		return e;
	l->first = arena_get(&b->arena, (b->item_count + 1) * sizeof(*l->first));
	l->rows = arena_get(&b->arena, (b->price_count + 1) * sizeof(*l->rows));
	if (!l->first || !l->rows)
		return builder_no_memory(why);
	e = resolve_prices(b, l, why);
	return e ? e : sort_prices(b, l, why);
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

/* A page being filled. */
struct page_pen {
	struct item *items;
	struct price_row *prices;
	uint32_t *tags;
	char *text;
	uint32_t item, price, tag, used; /* next of each */
};

static uint32_t write_text(struct page_pen *pen, const char *text)
{
	uint32_t at = pen->used;
	size_t n = strlen(text) + 1;

	memcpy(pen->text + at, text, n);
	pen->used += (uint32_t)n;
	return at;
}

static enum err write_item(struct builder *b, const struct layout *l, uint32_t place, struct page_pen *pen,
			   struct why *why)
{
	const struct raw_item *raw = &b->items[l->order[place]];
	uint32_t prices = l->first[place + 1] - l->first[place], category = CATALOG_NONE, tax = 0;
	enum err e = refer(b, raw, RECORD_CATEGORY, "category", raw->category, &category, why);

	if (!e)
		e = refer(b, raw, RECORD_TAX, "tax", raw->tax, &tax, why);
	if (e)
		return e;
	pen->items[pen->item++] = (struct item){
		.sku = write_text(pen, b->skus.names[raw->sku]),
		.name = write_text(pen, raw->name),
		.category = category,
		.brand = value_of(&b->brands, raw->brand),
		.supplier = value_of(&b->suppliers, raw->supplier),
		.first_tag = pen->tag,
		.first_price = pen->price,
		.tags = raw->tags,
		.prices = (uint16_t)prices,
		.tax = (uint16_t)tax,
		.unit = raw->unit,
		.cost = raw->cost,
		.logistics = raw->logistics,
	};
	if (prices > 0)
		memcpy(pen->prices + pen->price, l->rows + l->first[place], prices * sizeof(*l->rows));
	pen->price += prices;
	for (uint32_t i = 0; i < raw->tags; i++)
		pen->tags[pen->tag++] = b->tags.values[b->item_tags.at[raw->first_tag + i]];
	return ERR_OK;
}

/* Items, prices, tags and text of a page, one behind the other; widest alignment first. */
static bool open_page(struct builder *b, const struct layout *l, uint32_t from, uint32_t to,
		      struct page_pen *pen)
{
	size_t items = (to - from) * sizeof(struct item);
	size_t prices = (l->first[to] - l->first[from]) * sizeof(struct price_row);
	size_t tags = 0, text = 0;

	for (uint32_t i = from; i < to; i++) {
		const struct raw_item *raw = &b->items[l->order[i]];
		tags += raw->tags * sizeof(uint32_t);
		text += strlen(b->skus.names[raw->sku]) + strlen(raw->name) + 2;
	}
	char *page = arena_get(&b->made->arena, items + prices + tags + text);
	if (!page)
		return false;
	*pen = (struct page_pen){
		.items = (void *)page,
		.prices = (void *)(page + items),
		.tags = (void *)(page + items + prices),
		.text = page + items + prices + tags,
	};
	return true;
}

static enum err make_page(struct builder *b, const struct layout *l, uint32_t from, struct item_page *out,
			  struct why *why)
{
	uint32_t to = b->item_count - from > ITEM_PAGE_ITEMS ? from + ITEM_PAGE_ITEMS : b->item_count;
	struct page_pen pen;
	enum err e = ERR_OK;

	if (!open_page(b, l, from, to, &pen))
		return builder_no_memory(why);
	for (uint32_t i = from; i < to && !e; i++)
		e = write_item(b, l, i, &pen, why);
	*out = (struct item_page){.items = pen.items,
				  .prices = pen.prices,
				  .tags = pen.tags,
				  .text = pen.text,
				  .count = to - from};
	return e;
}

enum err builder_make_items(struct builder *b, struct why *why)
{
	struct catalog *c = &b->made->catalog;
	uint32_t count = (b->item_count + ITEM_PAGE_ITEMS - 1) / ITEM_PAGE_ITEMS;
	struct item_page *pages = arena_get(&b->made->arena, (count + 1) * sizeof(*pages));
	const struct item_page **table = arena_get(&b->made->arena, (count + 1) * sizeof(*table));
	struct layout l = {0};

	if (!pages || !table)
		return builder_no_memory(why);
	enum err e = lay_out(b, &l, why);
	for (uint32_t i = 0; i < count && !e; i++) {
		e = make_page(b, &l, i * ITEM_PAGE_ITEMS, &pages[i], why);
		table[i] = &pages[i];
	}
	c->pages = table;
	c->page_count = count;
	c->item_count = b->item_count;
	return e;
}
