/*
 * Prices of an import that move too far, or fall below the floor. See catalog_hold.h.
 *
 * A change is measured against the last approved price, so that small steps add up: it is kept from the first
 * step that needed nobody until somebody approves one, or the price is back where it was.
 */
#include "catalog_hold.h"

#include <string.h>

#include "engine.h"

/* What a unit costs from so many on. */
static struct money unit_price(const struct record_price *p, struct qty quantity)
{
	const struct record_break *breaks = p->breaks.at;
	struct money price = p->price;

	for (size_t i = 0; i < p->breaks.count && breaks[i].from.micro <= quantity.micro; i++)
		price = breaks[i].price;
	return price;
}

static bool is_further(struct rate a, struct rate b)
{
	if (a.ppm == AMOUNT_NONE || b.ppm == AMOUNT_NONE)
		return a.ppm == AMOUNT_NONE && b.ppm != AMOUNT_NONE;
	return (a.ppm < 0 ? -a.ppm : a.ppm) > (b.ppm < 0 ? -b.ppm : b.ppm);
}

static void measure_at(struct qty quantity, const struct record_price *approved,
		       const struct record_price *now, struct held *out)
{
	struct money was = unit_price(approved, quantity), is = unit_price(now, quantity);
	struct rate change = price_change(was, is);

	if (!is_further(change, out->change))
		return;
	out->change = change;
	out->approved = was;
	out->after = is;
	out->from = quantity;
}

/* Where it moves furthest: a price is constant between the breaks of both. */
static void measure(const struct record_price *approved, const struct record_price *now, struct held *out)
{
	const struct record_price *both[] = {approved, now};

	out->change = (struct rate){0};
	measure_at((struct qty){0}, approved, now, out);
	for (size_t i = 0; i < 2; i++) {
		const struct record_break *breaks = both[i]->breaks.at;

		for (size_t k = 0; k < both[i]->breaks.count; k++)
			measure_at(breaks[k].from, approved, now, out);
	}
	if (out->from.micro == 0)
		out->from.micro = AMOUNT_NONE;
}

static struct money least_of(const struct record_price *p)
{
	const struct record_break *breaks = p->breaks.at;
	struct money least = p->price;

	for (size_t i = 0; i < p->breaks.count; i++)
		if (breaks[i].price.minor < least.minor)
			least = breaks[i].price;
	return least;
}

/* For whom that list is: of several segments the one whose floor lets most. MONEY_NONE: unguarded. */
static struct money lowest_legal(const struct catalog *c, const struct record_price *p)
{
	struct engine_context x = {.store = CATALOG_NONE, .channel = CATALOG_NONE};
	struct money least = MONEY_NONE, price;
	struct rate floor;
	uint32_t item, list = 0;

	while (list < c->list_count && strcmp(c->lists[list].id, p->list) != 0)
		list++;
	if (list == c->list_count || catalog_find_sku(c, p->sku, &item))
		return MONEY_NONE;
	if (c->lists[list].segments.count == 0)
		return engine_lowest_price(c, &x, item, &floor, &price) ? MONEY_NONE : price;
	for (uint32_t i = 0; i < c->lists[list].segments.count; i++) {
		x.segments = (struct ids){.at = c->lists[list].segments.at + i, .count = 1};
		if (engine_lowest_price(c, &x, item, &floor, &price))
			return MONEY_NONE;
		if (least.minor == AMOUNT_NONE || price.minor < least.minor)
			least = price;
	}
	return least;
}

static enum err read_floor(struct holding *h, const struct record_price *p, struct money *out,
			   struct why *why)
{
	enum err e = h->snapshot ? ERR_OK : catalog_store_build(h->store, false, &h->snapshot, why);

	if (!e)
		*out = lowest_legal(snapshot_catalog(h->snapshot), p);
	return e;
}

/* What it is measured by; *is_new: neither approved nor in force, so by nothing. */
static enum err read_approved(struct holding *h, const char *key, const struct became *b, struct record *out,
			      bool *is_new, struct why *why)
{
	enum err e = approved_of(h->store, key, b->arena, out, why);

	*is_new = e == ERR_NOT_FOUND && !b->before;
	if (e != ERR_NOT_FOUND)
		return e;
	if (b->before)
		*out = *b->before;
	return ERR_OK;
}

/* It counts. What was approved last is kept while it differs. */
static enum err let_through(struct holding *h, const char *key, const struct became *b,
			    const struct record *approved, struct why *why)
{
	bool had;
	enum err e = hold_let_go(h, RECORD_PRICE, key, &had, why);
	struct held same = {0};

	if (e || !approved)
		return e;
	if (b->after)
		measure(&approved->as.price, &b->after->as.price, &same);
	if (b->after && same.change.ppm == 0)
		return approved_drop(h->store, key, why);
	return approved_put(h->store, key, approved, why);
}

static enum err judge(struct holding *h, const struct record_price *now, const struct record *approved,
		      struct held *out, bool *held, struct why *why)
{
	enum err e = read_floor(h, now, &out->floor, why);
	struct money least = least_of(now);

	out->after = now->price;
	if (approved)
		measure(&approved->as.price, now, out);
	*held = true;
	if (e || (out->floor.minor != AMOUNT_NONE && least.minor < out->floor.minor)) {
		out->cause = HELD_FLOOR;
		out->needs = HELD_CFO;
		out->after = least;
		return e;
	}
	*held = approved && price_change_is_large(out->change, h->rules->change);
	return ERR_OK;
}

enum err hold_price(const char *key, const struct became *b, void *arg, struct why *why)
{
	struct holding *h = arg;
	const struct record_price *now = b->after ? &b->after->as.price : NULL;
	struct held what = {.of = RECORD_PRICE,
			    .before = b->before ? b->before->as.price.price : MONEY_NONE,
			    .rate_before = {AMOUNT_NONE},
			    .rate_after = {AMOUNT_NONE},
			    .from = {AMOUNT_NONE},
			    .approved = MONEY_NONE,
			    .change = {AMOUNT_NONE},
			    .usual = MONEY_NONE};
	struct record approved;
	bool is_new, held = false, waits;
	enum err e = read_approved(h, key, b, &approved, &is_new, why);

	if (!e && now)
		e = judge(h, now, is_new ? NULL : &approved, &what, &held, why);
	if (e)
		return e;
	if (!held)
		return let_through(h, key, b, is_new ? NULL : &approved, why);
	what.sku = now->sku;
	what.list = now->list;
	return hold_keep(h, key, b->after, &what, &waits, why);
}
