/*
 * Articles, prices and signals of a later version: pages with a change are read, edited and made anew.
 */
#include <stdlib.h>
#include <string.h>

#include "change_parts.h"
#include "gtin.h"

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
			return change_rebuild(g, "the new tag", tag);
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
		return change_rebuild(g, "another code of article", r->sku);
	if ((r->discountable == 0) != catalog_item(c, item)->fixed) /* every give may have to know */
		return change_rebuild(g, "another 'discountable' of article", r->sku);
	if (out->item.landed && (out->item.reviewed || r->cost_in_review.minor != AMOUNT_NONE))
		return change_rebuild(g, "the review of the landed cost of", r->sku);
	if ((r->category && category == CATALOG_NONE) || tax == CATALOG_NONE ||
	    !refer(&c->brands, r->brand, &out->item.brand) ||
	    !refer(&c->suppliers, r->supplier, &out->item.supplier))
		return change_rebuild(g, "a new name on article", r->sku);
	out->name = r->name;
	out->item.category = category;
	out->item.tax = (uint16_t)tax;
	out->item.unit = (uint8_t)r->unit;
	if (!out->item.landed)
		out->item.cost = record_item_burden(r->cost, r->cost_in_review);
	out->item.reviewed = r->cost_in_review.minor != AMOUNT_NONE;
	out->item.logistics = r->logistics;
	return read_tags(g, &r->tags, out);
}

/* The breaks of an article's rows in memory of their own, with room for more behind them. */
static struct price_break *copy_breaks(struct changing *g, struct page_item *out, size_t more, uint32_t *used)
{
	size_t count = more;
	struct price_break *breaks;
	struct price_row *rows = arena_get(&g->arena, (out->item.prices + 1u) * sizeof(*rows));

	for (uint16_t i = 0; i < out->item.prices; i++)
		count += out->prices[i].breaks;
	breaks = arena_get(&g->arena, (count + 1) * sizeof(*breaks));
	if (!breaks || !rows)
		return NULL;
	*used = 0;
	for (uint16_t i = 0; i < out->item.prices; i++) {
		const struct price_row *from = &out->prices[i];

		rows[i] = *from;
		rows[i].first_break = *used;
		for (uint16_t k = 0; k < from->breaks; k++)
			breaks[(*used)++] = out->breaks[from->first_break + k];
	}
	out->prices = rows;
	out->breaks = breaks;
	return breaks;
}

/* The row of a price record; its breaks go behind those of the article. */
static enum err make_row(struct changing *g, const struct record_price *r, uint32_t list,
			 struct page_item *out, struct price_row *row)
{
	const struct record_break *from = r->breaks.at;
	struct price_break *breaks;
	uint32_t used;

	*row = (struct price_row){.list = (uint16_t)list, .price = r->price};
	if (r->breaks.count == 0)
		return ERR_OK;
	breaks = copy_breaks(g, out, r->breaks.count, &used);
	if (!breaks)
		return builder_no_memory(g->why);
	row->first_break = used;
	row->breaks = (uint16_t)r->breaks.count;
	for (size_t i = 0; i < r->breaks.count; i++)
		breaks[used + i] = (struct price_break){.from = from[i].from, .price = from[i].price};
	return ERR_OK;
}

/* Rows with one put in, replaced or taken out; they stand by the place of their list. */
static enum err edit_prices(struct changing *g, const struct change *change, struct page_item *out)
{
	const struct record_price *r = &change->record.as.price;
	uint32_t list = find_list(g->old, r->list), at = 0, count = out->item.prices;
	struct price_row *rows, row;
	enum err e;

	if (list == CATALOG_NONE)
		return change->removed ? ERR_OK : change_rebuild(g, "the price list", r->list);
	if (count == UINT16_MAX)
		return change_rebuild(g, "one more price of article", r->sku);
	e = change->removed ? ERR_OK : make_row(g, r, list, out, &row);
	rows = e ? NULL : arena_get(&g->arena, (count + 1u) * sizeof(*rows));
	if (!rows)
		return builder_no_memory(g->why);
	while (at < count && out->prices[at].list < list)
		at++;
	uint32_t behind = at < count && out->prices[at].list == list ? at + 1 : at;
	memcpy(rows, out->prices, at * sizeof(*rows));
	uint32_t next = at;
	if (!change->removed)
		rows[next++] = row;
	memcpy(rows + next, out->prices + behind, (count - behind) * sizeof(*rows));
	out->prices = rows;
	out->item.prices = (uint16_t)(next + count - behind);
	return ERR_OK;
}

/* The bounds are the article's, the rest the signal's: each is kept when the other changes. */
static enum err set_signal(struct changing *g, struct page_item *out, struct signal with)
{
	struct signal *signal = arena_get(&g->arena, sizeof(*signal));

	if (!signal)
		return builder_no_memory(g->why);
	*signal = with;
	out->signal = signal;
	return ERR_OK;
}

static enum err edit_signal(struct changing *g, const struct change *change, struct page_item *out)
{
	struct money least = out->signal ? out->signal->least : MONEY_NONE;
	struct money most = out->signal ? out->signal->most : MONEY_NONE;
	struct signal signal;

	if (signal_make(change->removed ? NULL : &change->record.as.signal, least, most, &signal))
		return set_signal(g, out, signal);
	out->signal = NULL;
	return ERR_OK;
}

static enum err edit_bounds(struct changing *g, const struct record_item *r, struct page_item *out)
{
	struct signal signal;

	if (!out->signal) {
		if (!signal_make(NULL, r->least, r->most, &signal))
			return ERR_OK;
		return set_signal(g, out, signal);
	}
	signal = *out->signal;
	signal.least = r->least;
	signal.most = r->most;
	return set_signal(g, out, signal);
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

static enum err edit_article(struct changing *g, const struct edit *edit, struct page_item *at)
{
	const struct record *r = &edit->change->record;
	enum err e;

	if (r->type == RECORD_PRICE)
		return edit_prices(g, edit->change, at);
	if (r->type == RECORD_SIGNAL)
		return edit_signal(g, edit->change, at);
	e = put_item(g, &r->as.item, edit->item, at);
	return e ? e : edit_bounds(g, &r->as.item, at);
}

static enum err edit_page(struct changing *g, const struct edit *edits, uint32_t count)
{
	const struct item_page **slot = &g->made->pages[edits->item / ITEM_PAGE_ITEMS], *page = *slot;
	enum err e = ERR_OK;

	page_read(page, g->page);
	for (uint32_t i = 0; i < count && !e; i++)
		e = edit_article(g, &edits[i], &g->page[edits[i].item % ITEM_PAGE_ITEMS]);
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

enum err change_edit_pages(struct changing *g)
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
