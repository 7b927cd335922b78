/*
 * List prices: which lists are usable, which of them counts, and the price for the volume in the cart.
 * docs/engine.md, "List price".
 */
#include "engine_work.h"

/* What is known of a price list in this context; each is asked at most once. 0 is unknown. */
enum usable { USABLE_UNKNOWN, USABLE_YES, USABLE_NO };

static bool list_admits(const struct catalog *c, const struct now *now, const struct price_list *l)
{
	return ids_admit_any(&l->segments, &now->context->segments) &&
	       ids_admit(&l->channels, now->context->channel) &&
	       ids_meet(c, &l->stores, &l->zones, now->context->store) && now_started(now, &l->window) &&
	       !now_ended(now, &l->window);
}

static bool list_usable(const struct work *w, uint32_t list)
{
	if (w->usable[list] == USABLE_UNKNOWN)
		w->usable[list] =
			list_admits(w->catalog, &w->now, &w->catalog->lists[list]) ? USABLE_YES : USABLE_NO;
	return w->usable[list] == USABLE_YES;
}

enum err engine_list_price(const struct catalog *c, const struct engine_context *x, uint32_t item,
			   struct money *price, uint32_t *list)
{
	const struct price_row *rows = catalog_prices(c, item);
	struct now now;

	now_read(&now, x);
	for (unsigned i = 0; i < catalog_item(c, item)->prices; i++) {
		if (!list_admits(c, &now, &c->lists[rows[i].list]))
			continue;
		*price = rows[i].price;
		*list = rows[i].list;
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

/* Of the article, on all lines that are not priced by a label: what decides must not depend on how the pieces
 * were scanned. Cannot overflow: 1,024 lines of ENGINE_QUANTITY_MAX. */
static struct qty volume_of(const struct engine_cart *cart, uint32_t item)
{
	struct qty all = {0};

	for (uint32_t i = 0; i < cart->count; i++)
		if (cart->lines[i].item == item && cart->lines[i].given.minor == AMOUNT_NONE)
			all.micro += cart->lines[i].quantity.micro;
	return all;
}

static void break_price(const struct price_break *at, uint32_t count, struct qty volume, struct unit_price *p)
{
	for (uint32_t i = 0; i < count && at[i].from.micro <= volume.micro; i++) {
		p->base = at[i].price;
		p->volume = at[i].from;
	}
}

static enum err grid_price(const struct work *w, const struct price_list *l, struct qty volume,
			   struct unit_price *p)
{
	struct rate off = {0};
	struct money less;
	enum err e;

	for (uint32_t i = 0; i < l->grid_count && l->grid[i].from.micro <= volume.micro; i++) {
		off = l->grid[i].off;
		p->volume = l->grid[i].from;
	}
	e = money_times_rate(p->base, off, w->catalog->settings.rounding, &less);
	return e ? e : money_sub(p->base, less, &p->base);
}

/* The price that a row has for the volume in the cart; all else of *p is as without one. */
static enum err row_price(const struct work *w, uint32_t item, const struct price_row *row,
			  struct unit_price *p)
{
	const struct price_list *list = &w->catalog->lists[row->list];

	p->base = row->price;
	p->list = row->list;
	if (row->breaks)
		break_price(catalog_page(w->catalog, item)->breaks + row->first_break, row->breaks,
			    volume_of(w->cart, item), p);
	else if (list->grid_count)
		return grid_price(w, list, volume_of(w->cart, item), p);
	return ERR_OK;
}

/* Rows stand by rank, so an equal price leaves what is there. */
static void keep_lower(struct unit_price *lowest, const struct unit_price *p)
{
	if (lowest->list == CATALOG_NONE || p->base.minor < lowest->base.minor)
		*lowest = *p;
}

enum err price_of_best(const struct work *w, const struct engine_line *line, struct unit_price *list,
		       struct unit_price *tier)
{
	const struct price_row *rows = catalog_prices(w->catalog, line->item);

	for (unsigned i = 0; i < catalog_item(w->catalog, line->item)->prices; i++) {
		struct unit_price p = {.override = CATALOG_NONE, .step = list->step};
		enum err e;

		if (!list_usable(w, rows[i].list))
			continue;
		e = row_price(w, line->item, &rows[i], &p);
		if (e)
			return e;
		keep_lower(w->catalog->lists[rows[i].list].segments.count ? tier : list, &p);
	}
	return ERR_OK;
}

enum err price_of_rank(const struct work *w, const struct engine_line *line, struct unit_price *list)
{
	const struct item_page *page = catalog_page(w->catalog, line->item);
	const struct item *article = &page->items[line->item & (ITEM_PAGE_ITEMS - 1)];
	const struct price_row shelf = {.list = (uint16_t)article->shelf,
					.price = {(int64_t)(article->shelf >> SHELF_LIST_BITS)}};

	if (article->shelf && list_usable(w, shelf.list))
		return row_price(w, line->item, &shelf, list);
	for (unsigned i = article->shelf != 0; i < article->prices; i++) {
		const struct price_row *row = &page->prices[article->first_price + i];

		if (list_usable(w, row->list))
			return row_price(w, line->item, row, list);
	}
	return ERR_OK;
}
