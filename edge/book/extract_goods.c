/*
 * The articles of an extract: with the lists that have prices of them, these prices, and their signals.
 */
#include <stdlib.h>
#include <string.h>

#include "extract_parts.h"

static struct stamp stamp_of(struct moment m)
{
	return (struct stamp){.seconds = m.seconds, .local = m.local};
}

static enum err take_list(struct taking *t, const struct price_list *l)
{
	const struct catalog *c = t->catalog;
	struct record r = {
		.type = RECORD_PRICE_LIST,
		.as.price_list = {.id = l->id,
				  .rank = l->rank,
				  .from = stamp_of(l->window.from),
				  .to = stamp_of(l->window.to),
				  .sale = l->sale,
				  .markup = {AMOUNT_NONE}}, /* its prices are there */
	};
	struct record_grid_step *grid = arena_get(t->arena, (l->grid_count + 1) * sizeof(*grid));

	for (uint32_t i = 0; grid && i < l->grid_count; i++)
		grid[i] = (struct record_grid_step){.from = l->grid[i].from, .percent = l->grid[i].off};
	r.as.price_list.grid = (struct list){.at = grid, .count = l->grid_count};

	if (!grid || !extract_texts(t, &c->zones, &l->zones, &r.as.price_list.zones) ||
	    !extract_texts(t, &c->segments, &l->segments, &r.as.price_list.segments) ||
	    !extract_texts(t, &c->channels, &l->channels, &r.as.price_list.channels) ||
	    !extract_texts(t, &c->stores, &l->stores, &r.as.price_list.stores))
		return ERR_MEMORY;
	return extract_add(t, &r);
}

static enum err take_item(struct taking *t, uint32_t item)
{
	const struct catalog *c = t->catalog;
	const struct item *i = catalog_item(c, item);
	const struct ids tags = {.at = catalog_page(c, item)->tags + i->first_tag, .count = i->tags};
	const struct signal *signal = catalog_signal(c, item);
	struct record r = {
		.type = RECORD_ITEM,
		.as.item = {.sku = catalog_sku(c, item),
			    .name = catalog_name(c, item),
			    .category = i->category == CATALOG_NONE ? NULL : c->categories[i->category].id,
			    .brand = extract_name(&c->brands, i->brand),
			    .supplier = extract_name(&c->suppliers, i->supplier),
			    .tax = i->tax ? c->taxes[i->tax].id : NULL,
			    .unit = i->unit,
			    .cost = i->cost,
			    .logistics = i->logistics,
			    .discountable = !i->fixed,
			    .least = signal ? signal->least : MONEY_NONE,
			    .most = signal ? signal->most : MONEY_NONE,
			    .cost_in_review = MONEY_NONE}, /* the cost is what it was reckoned with */
	};

	return extract_texts(t, &c->tags, &tags, &r.as.item.tags) ? extract_add(t, &r) : ERR_MEMORY;
}

/* The row of that list, or NULL. */
static const struct price_row *find_row(const struct catalog *c, uint32_t item, uint32_t list)
{
	const struct item *i = catalog_item(c, item);
	const struct price_row *rows = catalog_page(c, item)->prices + i->first_price;

	for (uint32_t k = 0; k < i->prices; k++) {
		if (rows[k].list == list)
			return &rows[k];
	}
	return NULL;
}

/* False: no memory. */
static bool breaks_of(struct taking *t, uint32_t item, const struct price_row *row, struct list *out)
{
	const struct price_break *from = catalog_page(t->catalog, item)->breaks + row->first_break;
	struct record_break *breaks = row->breaks ? arena_get(t->arena, row->breaks * sizeof(*breaks)) : NULL;

	if (row->breaks && !breaks)
		return false;
	for (uint16_t i = 0; i < row->breaks; i++)
		breaks[i] = (struct record_break){.from = from[i].from, .price = from[i].price};
	*out = (struct list){.at = breaks, .count = row->breaks};
	return true;
}

static enum err take_prices(struct taking *t, uint32_t list)
{
	enum err e = ERR_OK;

	for (uint32_t i = 0; i < t->item_count && !e; i++) {
		const struct price_row *row = find_row(t->catalog, t->items[i], list);
		struct record r = {.type = RECORD_PRICE};
		if (!row)
			continue;
		r.as.price = (struct record_price){.list = t->catalog->lists[list].id,
						   .sku = catalog_sku(t->catalog, t->items[i]),
						   .price = row->price};
		e = breaks_of(t, t->items[i], row, &r.as.price.breaks) ? extract_add(t, &r) : ERR_MEMORY;
	}
	return e;
}

static int by_list_id(const void *a, const void *b, void *taking)
{
	const struct price_list *lists = ((const struct taking *)taking)->catalog->lists;

	return strcmp(lists[*(const uint32_t *)a].id, lists[*(const uint32_t *)b].id);
}

/* Lists and their rows, and the articles between them, as the order of types wants it. */
enum err extract_priced(struct taking *t)
{
	const struct catalog *c = t->catalog;
	uint32_t *order = arena_get(t->arena, (c->list_count + 1) * sizeof(*order)), lists = 0;
	enum err e = order ? ERR_OK : ERR_MEMORY;

	for (uint32_t i = 0; i < c->list_count && !e; i++) {
		if (t->lists[i])
			order[lists++] = i;
	}
	if (!e)
		qsort_r(order, lists, sizeof(*order), by_list_id, t);
	for (uint32_t i = 0; i < lists && !e; i++)
		e = take_list(t, &c->lists[order[i]]);
	for (uint32_t i = 0; i < t->item_count && !e; i++)
		e = take_item(t, t->items[i]);
	for (uint32_t i = 0; i < lists && !e; i++)
		e = take_prices(t, order[i]);
	return e;
}

/* Of articles that no rule moves, signals are of no consequence. */
enum err extract_signals(struct taking *t)
{
	const struct catalog *c = t->catalog;
	enum err e = ERR_OK;

	for (uint32_t i = 0; i < t->item_count && !e; i++) {
		const struct signal *s = catalog_signal(c, t->items[i]);
		struct record r = {.type = RECORD_SIGNAL};

		if (!s || !engine_rules_of(c, t->items[i], NULL, 0))
			continue;
		r.as.signal = (struct record_signal){
			.sku = catalog_sku(c, t->items[i]),
			.stock = s->stock,
			.sold = s->sold,
			.expected = s->expected,
			.received = stamp_of(s->received),
			.until = stamp_of(s->until),
			.at = stamp_of(s->counted),
			.views = s->views,
			.carts = s->carts,
			.purchases = s->purchases,
			.competitor = s->competitor,
		};
		e = extract_add(t, &r);
	}
	return e;
}
