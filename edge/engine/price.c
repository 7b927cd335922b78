/*
 * The price of a line: the label's, or the list's or a person's as pricing rules move it, at most the locked
 * one; times the quantity. docs/engine.md, "Price of a line".
 */
#include "engine_work.h"

/* What was shown before holds: docs/engine.md, "Price lock". */
static bool apply_lock(const struct engine_line *line, struct unit_price *p)
{
	if (line->locked.minor == AMOUNT_NONE || line->locked.minor >= p->price.minor)
		return false;
	price_step(p, STEP_LOCK, CATALOG_NONE, (struct money){line->locked.minor - p->price.minor});
	p->price = line->locked;
	p->list = CATALOG_NONE;
	return true;
}

/* A person's price takes the place of the lists'. */
static void override(const struct work *w, uint32_t rule, struct unit_price *p)
{
	if (rule == CATALOG_NONE)
		return;
	p->base = w->catalog->rules[rule].by.price;
	p->list = CATALOG_NONE;
	p->override = rule;
	p->volume = (struct qty){0};
}

/* What everybody pays, rules included. ERR_NOT_FOUND: neither a list nor a person says. */
static enum err shelf_price(const struct work *w, const struct engine_line *line, struct unit_price *p)
{
	uint32_t found[RULE_KINDS];

	p->price = p->base;
	if (!w->catalog->rule_count)
		return p->list == CATALOG_NONE ? ERR_NOT_FOUND : ERR_OK;
	rules_find(w, line->item, p->list, found);
	override(w, found[RULE_OVERRIDE], p);
	p->price = p->base;
	if (p->list == CATALOG_NONE && p->override == CATALOG_NONE)
		return ERR_NOT_FOUND;
	return rules_apply(w, line, found, p);
}

/* The lower of the shelf's price and the tier's; no rule moves the latter. */
static enum err best_price(const struct work *w, const struct engine_line *line, struct unit_price *p)
{
	struct unit_price tier = PRICE_UNKNOWN;
	enum err e = price_of_best(w, line, p, &tier);

	if (!e)
		e = shelf_price(w, line, p);
	if (tier.list == CATALOG_NONE || (e && e != ERR_NOT_FOUND))
		return e;
	if (e || tier.base.minor < p->price.minor) {
		tier.step = p->step;
		*p = tier;
		p->price = tier.base;
	}
	return ERR_OK;
}

static enum err choose_price(const struct work *w, const struct engine_line *line, struct unit_price *p)
{
	enum err e;

	if (w->catalog->settings.prices == PRICES_BEST)
		return best_price(w, line, p);
	e = price_of_rank(w, line, p);
	return e ? e : shelf_price(w, line, p);
}

static enum err find_unit_price(const struct work *w, uint32_t i, struct line_result *out)
{
	const struct engine_line *line = &w->cart->lines[i];
	struct unit_price p = PRICE_UNKNOWN;
	enum err e = ERR_OK;

	p.step = w->base.steps + (size_t)i * PRICE_STEPS_MAX;
	if (line->given.minor == AMOUNT_NONE)
		e = choose_price(w, line, &p);
	else
		p.base = p.price = line->given;
	out->locked = !e && apply_lock(line, &p);
	out->unit_price = p.price;
	out->base = p.base;
	out->price_list = p.list;
	out->override = p.override;
	out->volume = p.volume;
	out->first_step = i * PRICE_STEPS_MAX;
	out->steps = p.steps;
	return e;
}

/* Sold by the piece it is a whole number of them, and its list amount needs no division. *pieces: 0 of what
 * is weighed or measured. */
static bool valid(const struct catalog *c, const struct engine_line *line, int64_t *pieces)
{
	*pieces = 0;
	if (line->item >= c->item_count || line->quantity.micro <= 0 ||
	    line->quantity.micro > ENGINE_QUANTITY_MAX * QTY_ONE.micro)
		return false;
	if (line->given.minor == AMOUNT_NONE && catalog_item(c, line->item)->unit != UNIT_EACH)
		return true;
	*pieces = line->quantity.micro / QTY_ONE.micro;
	return *pieces * QTY_ONE.micro == line->quantity.micro;
}

static enum err multiply(const struct work *w, const struct engine_line *line, int64_t pieces,
			 struct line_result *out)
{
	if (!pieces)
		return money_times_qty(out->unit_price, line->quantity, w->catalog->settings.rounding,
				       &out->list);
	return __builtin_mul_overflow(out->unit_price.minor, pieces, &out->list.minor) ? ERR_RANGE : ERR_OK;
}

enum err price_line(const struct work *w, uint32_t i, struct line_result *out)
{
	const struct engine_line *line = &w->cart->lines[i];
	int64_t pieces;
	enum err e;

	if (!valid(w->catalog, line, &pieces))
		return ERR_INVALID;
	if (line->expires && w->now.day > line->expires)
		return ERR_STATE;
	e = find_unit_price(w, i, out);
	if (e)
		return e;
	if (out->unit_price.minor < 0)
		return ERR_INVALID;
	e = multiply(w, line, pieces, out);
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
void price_fetch(const struct catalog *c, const struct engine_cart *cart)
{
	for (uint32_t i = 0; i < cart->count; i++) {
		if (cart->lines[i].item >= c->item_count)
			continue;
		__builtin_prefetch(catalog_item(c, cart->lines[i].item));
		if (cart->lines[i].item < c->touch[TERM_ITEM].ids)
			__builtin_prefetch(&c->touch[TERM_ITEM].first[cart->lines[i].item]);
	}
}

/* And what articles point to. */
static void fetch_prices(const struct work *w)
{
	const struct catalog *c = w->catalog;

	for (uint32_t i = 0; i < w->cart->count; i++) {
		uint32_t item = w->cart->lines[i].item;

		if (item >= c->item_count)
			continue;
		if (catalog_item(c, item)->prices > 1 || !catalog_item(c, item)->shelf)
			__builtin_prefetch(catalog_prices(c, item));
		__builtin_prefetch(catalog_tags(c, item));
		if (item < c->rule_touch[TERM_ITEM].ids)
			__builtin_prefetch(&c->rule_touch[TERM_ITEM].first[item]);
	}
}

enum err price_lines(struct work *w, uint32_t *bad_line)
{
	fetch_prices(w);
	for (uint32_t i = 0; i < w->cart->count; i++) {
		enum err e = price_line(w, i, &w->base.lines[i]);

		if (e) {
			*bad_line = i;
			return e;
		}
	}
	return ERR_OK;
}
