/*
 * The price of a line: the label's, or the first usable list's, at most the locked one; times the quantity.
 * docs/engine.md, "Price of a line".
 */
#include "engine_work.h"

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

/* What was shown before holds: docs/engine.md, "Price lock". */
static void apply_lock(const struct engine_line *line, struct line_result *out)
{
	if (line->locked.minor == AMOUNT_NONE || line->locked.minor >= out->unit_price.minor)
		return;
	out->unit_price = line->locked;
	out->price_list = CATALOG_NONE;
}

/* Sold by the piece: a whole number of them, and a list amount without a division. */
static bool by_piece(const struct catalog *c, const struct engine_line *line)
{
	return line->given.minor != AMOUNT_NONE || catalog_item(c, line->item)->unit == UNIT_EACH;
}

static bool valid(const struct catalog *c, const struct engine_line *line)
{
	if (line->item >= c->item_count || line->quantity.micro <= 0 ||
	    line->quantity.micro > ENGINE_QUANTITY_MAX * QTY_ONE.micro)
		return false;
	return !by_piece(c, line) || line->quantity.micro % QTY_ONE.micro == 0;
}

static enum err multiply(const struct catalog *c, const struct engine_line *line, struct money unit_price,
			 struct money *out)
{
	if (!by_piece(c, line))
		return money_times_qty(unit_price, line->quantity, c->settings.rounding, out);
	if (__builtin_mul_overflow(unit_price.minor, line->quantity.micro / QTY_ONE.micro, &out->minor))
		return ERR_RANGE;
	return ERR_OK;
}

enum err price_line(const struct work *w, uint32_t i, struct line_result *out)
{
	const struct engine_line *line = &w->cart->lines[i];
	enum err e;

	if (!valid(w->catalog, line))
		return ERR_INVALID;
	e = find_unit_price(w, line, out);
	if (e)
		return e;
	apply_lock(line, out);
	if (out->unit_price.minor < 0)
		return ERR_INVALID;
	e = multiply(w->catalog, line, out->unit_price, &out->list);
	if (e)
		return e;
	out->net = out->list;
	out->tax = MONEY_ZERO;
	out->first_discount = out->discounts = 0;
	return ERR_OK;
}

/*
 * A cart's articles lie anywhere in a large catalog. Asking for all of them before using the first lets the
 * memory work on them side by side, which halves the time of an evaluation.
 */
static void fetch_articles(const struct work *w)
{
	const struct catalog *c = w->catalog;

	for (uint32_t i = 0; i < w->cart->count; i++)
		if (w->cart->lines[i].item < c->item_count)
			__builtin_prefetch(catalog_item(c, w->cart->lines[i].item));
	for (uint32_t i = 0; i < w->cart->count; i++) {
		uint32_t item = w->cart->lines[i].item;

		if (item >= c->item_count)
			continue;
		__builtin_prefetch(catalog_prices(c, item));
		__builtin_prefetch(catalog_sku(c, item));
		if (item < c->touch[TERM_ITEM].ids)
			__builtin_prefetch(&c->touch[TERM_ITEM].first[item]);
	}
}

enum err price_lines(struct work *w, uint32_t *bad_line)
{
	fetch_articles(w);
	for (uint32_t i = 0; i < w->cart->count; i++) {
		enum err e = price_line(w, i, &w->base.lines[i]);

		if (e) {
			*bad_line = i;
			return e;
		}
	}
	return ERR_OK;
}
