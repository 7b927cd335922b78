/*
 * The price of a line: the label's, or the first usable list's, times the quantity. docs/engine.md, "Price of
 * a line".
 */
#include "engine_work.h"

#include <string.h>

/* What is known of a price list in this context; each is asked at most once. */
enum usable { USABLE_UNKNOWN, USABLE_YES, USABLE_NO };

static bool list_admits(const struct now *now, const struct price_list *l)
{
	return ids_admit_any(&l->segments, &now->context->segments) &&
	       ids_admit(&l->channels, now->context->channel) && ids_admit(&l->stores, now->context->store) &&
	       now_started(now, &l->window) && !now_ended(now, &l->window);
}

static bool list_usable(const struct work *w, uint32_t list)
{
	if (w->usable[list] == USABLE_UNKNOWN)
		w->usable[list] = list_admits(&w->now, &w->catalog->lists[list]) ? USABLE_YES : USABLE_NO;
	return w->usable[list] == USABLE_YES;
}

enum err engine_list_price(const struct catalog *c, const struct engine_context *x, uint32_t item,
			   struct money *price, uint32_t *list)
{
	const struct price_row *rows = catalog_prices(c, item);
	struct now now;

	now_read(&now, x);
	for (unsigned i = 0; i < catalog_item(c, item)->prices; i++) {
		if (!list_admits(&now, &c->lists[rows[i].list]))
			continue;
		*price = rows[i].price;
		*list = rows[i].list;
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

static enum err find_unit_price(const struct work *w, const struct engine_line *line, struct line_result *out)
{
	const struct price_row *rows = catalog_prices(w->catalog, line->item);

	out->unit_price = line->given;
	out->price_list = CATALOG_NONE;
	if (line->given.minor != AMOUNT_NONE)
		return ERR_OK;
	for (unsigned i = 0; i < catalog_item(w->catalog, line->item)->prices; i++) {
		if (!list_usable(w, rows[i].list))
			continue;
		out->unit_price = rows[i].price;
		out->price_list = rows[i].list;
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

static bool valid(const struct catalog *c, const struct engine_line *line)
{
	bool pieces;

	if (line->item >= c->item_count || line->quantity.micro <= 0 ||
	    line->quantity.micro > ENGINE_QUANTITY_MAX * QTY_ONE.micro)
		return false;
	pieces = line->given.minor != AMOUNT_NONE || catalog_item(c, line->item)->unit == UNIT_EACH;
	return !pieces || line->quantity.micro % QTY_ONE.micro == 0;
}

static enum err price_line(const struct work *w, const struct engine_line *line, struct line_result *out)
{
	enum err e;

	if (!valid(w->catalog, line))
		return ERR_INVALID;
	e = find_unit_price(w, line, out);
	if (e)
		return e;
	if (out->unit_price.minor < 0)
		return ERR_INVALID;
	e = money_times_qty(out->unit_price, line->quantity, w->catalog->settings.rounding, &out->list);
	if (e)
		return e;
	out->net = out->list;
	out->tax = MONEY_ZERO;
	out->first_discount = out->discounts = 0;
	return ERR_OK;
}

enum err price_lines(struct work *w, uint32_t *bad_line)
{
	if (w->catalog->list_count)
		memset(w->usable, USABLE_UNKNOWN, w->catalog->list_count);
	for (uint32_t i = 0; i < w->cart->count; i++) {
		enum err e = price_line(w, &w->cart->lines[i], &w->lines[i]);

		if (e) {
			*bad_line = i;
			return e;
		}
	}
	return ERR_OK;
}
