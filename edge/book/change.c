/*
 * A later version of a snapshot, made from it and what changed. Pages without a change are shared, and so is
 * all that articles and prices refer to; promotions are compiled anew, if one of them changed. What would
 * move an index of articles is left to a whole build.
 */
#include <stdlib.h>
#include <string.h>

#include "builder.h"
#include "gtin.h"

#define BODY_MAX (4U << 20) /* CBOR of one record, as for the builder */

/* A change of an article or its prices, found its place. */
struct edit {
	uint32_t item;
	uint32_t order; /* among the changes */
	const struct change *change;
};

/* A promotion of the new version. */
struct kept_promotion {
	const char *id;
	struct kept kept; /* body NULL: taken away */
};

struct changing {
	const struct catalog *old;
	struct snapshot *made;
	struct arena arena; /* working memory */
	struct edit *edits;
	uint32_t edit_count;
	struct kept_promotion *promotions; /* NULL: none of them changed */
	uint32_t promotion_count;
	struct page_item *page; /* ITEM_PAGE_ITEMS of them: the page at hand */
	struct why *why;
};

static enum err rebuild(struct changing *g, const char *what, const char *name)
{
	return fail(g->why, ERR_STATE, "%s '%s' needs a whole build", what, name);
}

static bool has_gtin(const struct catalog *c, uint64_t gtin, uint32_t item)
{
	for (uint32_t i = catalog_hash_gtin(gtin) & c->gtin_mask; c->gtin_slots[i].gtin;
	     i = (i + 1) & c->gtin_mask) {
		if (c->gtin_slots[i].gtin == gtin && c->gtin_slots[i].item == item)
			return true;
	}
	return false;
}

/* The same codes as before, none of them twice (record_check): then the index stays as it is. */
static bool same_gtins(struct changing *g, const struct list *gtins, uint32_t item)
{
	const char *const *at = gtins->at;

	if (gtins->count != catalog_item(g->old, item)->gtins)
		return false;
	for (size_t i = 0; i < gtins->count; i++) {
		uint64_t gtin;
		if (gtin_parse(at[i], &gtin, g->why) || !has_gtin(g->old, gtin, item))
			return false;
	}
	return true;
}

/* A name that may be absent; false: the catalog does not speak of it. */
static bool refer(const struct names *names, const char *name, uint32_t *out)
{
	*out = name ? find_name(names, name) : CATALOG_NONE;
	return !name || *out != CATALOG_NONE;
}

static enum err read_tags(struct changing *g, const struct list *tags, struct page_item *out)
{
	uint32_t *ids = arena_get(&g->arena, tags->count * sizeof(*ids));

	if (!ids)
		return builder_no_memory(g->why);
	for (size_t i = 0; i < tags->count; i++) {
		const char *tag = ((const char *const *)tags->at)[i];
		if (!refer(&g->old->tags, tag, &ids[i]))
			return rebuild(g, "the new tag", tag);
	}
	out->tags = ids;
	out->item.tags = (uint16_t)tags->count;
	return ERR_OK;
}

static enum err put_item(struct changing *g, const struct record_item *r, uint32_t item,
			 struct page_item *out)
{
	const struct catalog *c = g->old;
	uint32_t category = r->category ? find_category(c, r->category) : CATALOG_NONE;
	uint32_t tax = r->tax ? find_tax(c, r->tax) : 0;

	if (!same_gtins(g, &r->gtins, item))
		return rebuild(g, "another code of article", r->sku);
	if ((r->discountable == 0) != catalog_item(c, item)->fixed) /* every give may have to know */
		return rebuild(g, "another 'discountable' of article", r->sku);
	if ((r->category && category == CATALOG_NONE) || tax == CATALOG_NONE ||
	    !refer(&c->brands, r->brand, &out->item.brand) ||
	    !refer(&c->suppliers, r->supplier, &out->item.supplier))
		return rebuild(g, "a new name on article", r->sku);
	out->name = r->name;
	out->item.category = category;
	out->item.tax = (uint16_t)tax;
	out->item.unit = (uint8_t)r->unit;
	out->item.cost = r->cost;
	out->item.logistics = r->logistics;
	return read_tags(g, &r->tags, out);
}

/* Rows with one put in, replaced or taken out; they stand by the place of their list. */
static enum err edit_prices(struct changing *g, const struct change *change, struct page_item *out)
{
	const struct record_price *r = &change->record.as.price;
	uint32_t list = find_list(g->old, r->list), at = 0, count = out->item.prices;
	struct price_row *rows;

	if (list == CATALOG_NONE)
		return change->removed ? ERR_OK : rebuild(g, "the price list", r->list);
	if (count == UINT16_MAX)
		return rebuild(g, "one more price of article", r->sku);
	rows = arena_get(&g->arena, (count + 1u) * sizeof(*rows));
	if (!rows)
		return builder_no_memory(g->why);
	while (at < count && out->prices[at].list < list)
		at++;
	uint32_t behind = at < count && out->prices[at].list == list ? at + 1 : at;
	memcpy(rows, out->prices, at * sizeof(*rows));
	uint32_t next = at;
	if (!change->removed)
		rows[next++] = (struct price_row){.list = list, .price = r->price};
	memcpy(rows + next, out->prices + behind, (count - behind) * sizeof(*rows));
	out->prices = rows;
	out->item.prices = (uint16_t)(next + count - behind);
	return ERR_OK;
}

static int by_place(const void *a, const void *b)
{
	const struct edit *x = a, *y = b;

	if (x->item != y->item)
		return x->item < y->item ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* Takes the edits of one page, and returns how many they were. */
static uint32_t same_page(const struct changing *g, uint32_t from)
{
	uint32_t to = from;

	while (to < g->edit_count &&
	       g->edits[to].item / ITEM_PAGE_ITEMS == g->edits[from].item / ITEM_PAGE_ITEMS)
		to++;
	return to - from;
}

static enum err edit_page(struct changing *g, const struct edit *edits, uint32_t count)
{
	const struct item_page **slot = &g->made->pages[edits->item / ITEM_PAGE_ITEMS], *page = *slot;
	enum err e = ERR_OK;

	page_read(page, g->page);
	for (uint32_t i = 0; i < count && !e; i++) {
		struct page_item *at = &g->page[edits[i].item % ITEM_PAGE_ITEMS];
		if (edits[i].change->record.type == RECORD_PRICE)
			e = edit_prices(g, edits[i].change, at);
		else
			e = put_item(g, &edits[i].change->record.as.item, edits[i].item, at);
	}
	if (e)
		return e;
	*slot = page_new(g->page, page->count);
	if (!*slot) {
		*slot = page;
		return builder_no_memory(g->why);
	}
	page_unref(page);
	return ERR_OK;
}

static enum err edit_pages(struct changing *g)
{
	enum err e = ERR_OK;

	if (g->edit_count == 0)
		return ERR_OK;
	g->page = arena_get(&g->arena, ITEM_PAGE_ITEMS * sizeof(*g->page));
	if (!g->page)
		return builder_no_memory(g->why);
	qsort(g->edits, g->edit_count, sizeof(*g->edits), by_place);
	for (uint32_t i = 0, n; i < g->edit_count && !e; i += n) {
		n = same_page(g, i);
		e = edit_page(g, g->edits + i, n);
	}
	return e;
}

/* The promotions as they are, with room for as many more as there are changes. */
static bool open_promotions(struct changing *g, size_t changes)
{
	uint32_t count = g->old->promotion_count;

	if (g->promotions)
		return true;
	g->promotions = arena_get(&g->arena, (count + changes) * sizeof(*g->promotions));
	if (!g->promotions)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		const struct promotion *p = &g->old->promotions[i];
		uint8_t *body = arena_get(&g->arena, p->body_length);
		if (!body)
			return false;
		memcpy(body, p->body, p->body_length);
		g->promotions[i] = (struct kept_promotion){p->id, {.body = body, .length = p->body_length}};
	}
	g->promotion_count = count;
	return true;
}

/* Those of the old version stand by id; what came since is behind them. */
static uint32_t find_promotion(const struct changing *g, const char *id)
{
	uint32_t at = catalog_promotion(g->old, id);

	for (uint32_t i = g->old->promotion_count; at == CATALOG_NONE && i < g->promotion_count; i++) {
		if (strcmp(g->promotions[i].id, id) == 0)
			at = i;
	}
	return at;
}

static enum err encode(struct changing *g, const struct record *r, struct kept *out)
{
	struct buf encoded;
	enum err e;

	buf_init(&encoded, BODY_MAX);
	e = record_encode(r, &encoded);
	out->length = buf_length(&encoded);
	out->body = e ? NULL : arena_get(&g->arena, out->length);
	if (out->body)
		memcpy(out->body, buf_front(&encoded), out->length);
	buf_free(&encoded);
	return out->body ? ERR_OK : builder_no_memory(g->why);
}

static enum err edit_promotion(struct changing *g, const struct change *change, size_t changes)
{
	const char *id = change->record.as.promotion.id;
	uint32_t at;

	if (!open_promotions(g, changes))
		return builder_no_memory(g->why);
	at = find_promotion(g, id);
	if (change->removed) {
		if (at != CATALOG_NONE)
			g->promotions[at].kept.body = NULL;
		return ERR_OK;
	}
	if (at == CATALOG_NONE) {
		at = g->promotion_count++;
		g->promotions[at].id = id;
	}
	return encode(g, &change->record, &g->promotions[at].kept);
}

static enum err edit_item(struct changing *g, const struct change *change, uint32_t order)
{
	bool price = change->record.type == RECORD_PRICE;
	const char *sku = price ? change->record.as.price.sku : change->record.as.item.sku;
	uint32_t item;

	if (catalog_find_sku(g->old, sku, &item))
		return change->removed ? ERR_OK : rebuild(g, "the new article", sku);
	if (change->removed && !price)
		return rebuild(g, "taking away article", sku);
	g->edits[g->edit_count++] = (struct edit){.item = item, .order = order, .change = change};
	return ERR_OK;
}

static enum err sort_out(struct changing *g, const struct change *changes, size_t count)
{
	enum err e = ERR_OK;

	g->edits = arena_get(&g->arena, (count + 1) * sizeof(*g->edits));
	if (!g->edits)
		return builder_no_memory(g->why);
	for (size_t i = 0; i < count && !e; i++) {
		switch (changes[i].record.type) {
		case RECORD_ITEM:
		case RECORD_PRICE:
			e = edit_item(g, &changes[i], (uint32_t)i);
			break;
		case RECORD_PROMOTION:
			e = edit_promotion(g, &changes[i], count);
			break;
		case RECORD_COUPON:
		case RECORD_CUSTOMER: /* in the database */
			break;
		case RECORD_BOOK:
		case RECORD_TAX:
		case RECORD_CATEGORY:
		case RECORD_PRICE_LIST:
		case RECORD_FLOOR:
			e = rebuild(g, "a change of", record_schema(changes[i].record.type)->name);
			break;
		}
	}
	return e;
}

static enum err make_promotions(struct changing *g, struct part *old)
{
	struct kept *kept;
	struct arena *arena;
	uint32_t count = 0;
	enum err e;

	if (!g->promotions) {
		g->made->promotions = part_ref(old);
		return ERR_OK;
	}
	g->made->promotions = part_new();
	kept = arena_get(&g->arena, (g->promotion_count + 1) * sizeof(*kept));
	if (!kept || !g->made->promotions)
		return builder_no_memory(g->why);
	for (uint32_t i = 0; i < g->promotion_count; i++) {
		if (g->promotions[i].kept.body)
			kept[count++] = g->promotions[i].kept;
	}
	arena = &g->made->promotions->arena;
	e = promotions_make(&g->made->catalog, kept, count, false, arena, g->why);
	return e ? e : touch_make(&g->made->catalog, arena, g->why);
}

/* Everything of base's, as a snapshot of its own, but for the promotions. */
static enum err open_snapshot(struct changing *g, const struct snapshot *base, uint64_t version)
{
	const struct item_page **pages =
		calloc(base->catalog.page_count + 1u, sizeof(const struct item_page *));

	g->made = calloc(1, sizeof(*g->made));
	if (!g->made || !pages) {
		free(pages);
		return builder_no_memory(g->why);
	}
	atomic_init(&g->made->references, 1);
	for (uint32_t i = 0; i < base->catalog.page_count; i++)
		pages[i] = page_ref(base->pages[i]);
	g->made->catalog = base->catalog;
	g->made->catalog.version = version;
	g->made->catalog.pages = pages;
	g->made->pages = pages;
	g->made->base = part_ref(base->base);
	return ERR_OK;
}

enum err snapshot_change(struct snapshot *base, const struct change *changes, size_t count, uint64_t version,
			 struct snapshot **out, struct why *why)
{
	struct changing g = {.old = &base->catalog, .why = why};
	enum err e = open_snapshot(&g, base, version);

	if (!e)
		e = sort_out(&g, changes, count);
	if (!e)
		e = edit_pages(&g);
	if (!e)
		e = make_promotions(&g, base->promotions);
	arena_free(&g.arena);
	if (!e) {
		*out = g.made;
		return ERR_OK;
	}
	snapshot_unref(g.made);
	return e == ERR_MEMORY ? e : ERR_STATE;
}
