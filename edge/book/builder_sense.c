/*
 * Records that are right field by field, and that no shop can mean: selectors whose exceptions leave nothing,
 * pieces of what is measured, prices below the tax they contain. A file of changes is checked for the same
 * (db/catalog_change.c), so that a catalog never comes to hold what a book may not.
 */
#include "builder.h"
#include "sense.h"

static bool excepts(const struct catalog *c, const struct selector *s, const struct term *t)
{
	const struct ids self = {&t->id, 1};
	const struct ids *up = t->kind == TERM_CATEGORY ? &c->categories[t->id].up : &self;

	for (uint32_t i = 0; i < s->excludes; i++)
		for (uint32_t k = 0; s->exclude[i].kind == t->kind && k < up->count; k++)
			if (s->exclude[i].id == up->at[k])
				return true;
	return false;
}

/* Term by term: which articles have a term changes with the articles, and is nobody's mistake. */
static enum err check_selector(const struct catalog *c, const struct selector *s, const char *member,
			       struct why *why)
{
	for (uint32_t i = 0; i < s->includes; i++)
		if (!excepts(c, s, &s->include[i]))
			return ERR_OK;
	if (s->includes == 0)
		return ERR_OK;
	return fail(why, ERR_INVALID, "%s.except: takes away all that is selected", member);
}

enum err need_without_pieces(struct why *why)
{
	return fail(why, ERR_INVALID, "quantity: counts pieces, and all that is selected is sold by measure");
}

static bool has_pieces(const struct catalog *c, const struct selector *s)
{
	for (uint32_t i = 0; i < s->includes; i++)
		if (s->include[i].kind != TERM_ITEM || catalog_item(c, s->include[i].id)->unit == UNIT_EACH)
			return true;
	return s->includes == 0;
}

static enum err check_need(const struct catalog *c, const struct need *n, struct why *why)
{
	enum err e = check_selector(c, &n->of, "select", why);

	if (e || n->none || n->kind != NEED_QUANTITY || has_pieces(c, &n->of))
		return e;
	return need_without_pieces(why);
}

/* "got" is a set of two parts as well, and the only one that buys. */
static enum err check_give(const struct catalog *c, const struct give *g, struct why *why)
{
	bool sets = g->part_count > 0 && g->buy <= 0;
	enum err e = ERR_OK;

	for (uint32_t i = 0; sets && i < g->part_count && !e; i++) {
		e = check_selector(c, &g->parts[i].of, "select", why);
		if (e)
			why_prefix(why, "sets[%u].", i);
	}
	if (sets)
		return e;
	e = check_selector(c, &g->on, "select", why);
	return !e && g->part_count > 0 ? check_selector(c, &g->parts[1].of, "got", why) : e;
}

enum err promotion_check_sense(const struct catalog *c, const struct promotion *p, struct why *why)
{
	enum err e = ERR_OK;

	for (uint32_t i = 0; i < p->need_count && !e; i++) {
		e = check_need(c, &p->needs[i], why);
		if (e)
			why_prefix(why, "needs[%u].", i);
	}
	for (uint32_t i = 0; i < p->give_count && !e; i++) {
		e = check_give(c, &p->gives[i], why);
		if (e)
			why_prefix(why, "gives[%u].", i);
	}
	return e;
}

enum err price_check_tax(const struct record_price *price, const struct record_tax *tax, unsigned exponent,
			 struct why *why)
{
	char amount[DECIMAL_TEXT_MAX];

	if (tax->rate.ppm != AMOUNT_NONE || price->price.minor == 0 ||
	    price->price.minor >= tax->amount.minor)
		return ERR_OK;
	decimal_format(tax->amount.minor, exponent, exponent, amount);
	return fail(why, ERR_INVALID, "price: is below tax '%s', which is %s of it", tax->id, amount);
}

/* Of the articles as they came: none has its place yet. NULL: untaxed, or something else is wrong. */
static const struct tax *tax_of(const struct builder *b, const struct raw_price *price)
{
	uint32_t item = b->skus.values[price->sku], tax = CATALOG_NONE;

	if (item != CATALOG_NONE && b->items[item].tax != CATALOG_NONE)
		tax = b->kept[RECORD_TAX].keys.values[b->items[item].tax];
	return tax == CATALOG_NONE ? NULL : &b->made->catalog.taxes[tax];
}

enum err builder_check_prices(const struct builder *b, struct why *why)
{
	const struct settings *settings = &b->made->catalog.settings;
	enum err e = ERR_OK;

	for (uint32_t i = 0; i < b->price_count && !e && settings->tax == TAX_INCLUSIVE && !b->partial; i++) {
		const struct raw_price *p = &b->prices[i];
		const struct tax *tax = tax_of(b, p);
		const struct record_price price = {.price = p->price};

		if (!tax || tax->rate.ppm != AMOUNT_NONE || p->derived)
			continue;
		e = price_check_tax(&price, &(struct record_tax){tax->id, tax->rate, tax->amount},
				    settings->exponent, why);
		if (e)
			e = builder_blame(why, e, p->line, RECORD_PRICE, b->skus.names[p->sku]);
	}
	return e;
}
