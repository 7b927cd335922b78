/*
 * Which changes of prices wait for a second person. See judge.h; costs and rates: judge_cost.c.
 *
 * A change is measured against the last approved price, so that small steps add up.
 */
#include "judge.h"

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

bool judge_same_price(const struct record_price *a, const struct record_price *b)
{
	struct held same = {0};

	measure(a, b, &same);
	return same.change.ppm == 0;
}

/* What is the same of every one. */
static void begin(enum record_type t, struct held *out)
{
	*out = (struct held){.of = t,
			     .before = MONEY_NONE,
			     .after = MONEY_NONE,
			     .rate_before = {AMOUNT_NONE},
			     .rate_after = {AMOUNT_NONE},
			     .from = {AMOUNT_NONE},
			     .approved = MONEY_NONE,
			     .change = {AMOUNT_NONE},
			     .floor = MONEY_NONE,
			     .usual = MONEY_NONE};
}

bool judge_price(const struct catalog *next, const struct judge_price *p, struct rate limit, struct held *out)
{
	struct money least = least_of(p->now);

	begin(RECORD_PRICE, out);
	out->sku = p->now->sku;
	out->list = p->now->list;
	out->before = p->before ? p->before->price : MONEY_NONE;
	out->after = p->now->price;
	out->floor = lowest_legal(next, p->now);
	if (p->approved)
		measure(p->approved, p->now, out);
	if (out->floor.minor != AMOUNT_NONE && least.minor < out->floor.minor) {
		out->cause = HELD_FLOOR;
		out->needs = HELD_CFO;
		out->after = least;
		return true;
	}
	return p->approved && price_change_is_large(out->change, limit);
}

/* One article, for one kind of customer in one place. What is worse than what `out` has takes its place. */
static void judge_one(const struct catalog *c, const struct engine_context *x, uint32_t item,
		      struct money price, struct held *out)
{
	struct money listed, floor;
	struct rate least, change = {0};
	uint32_t list;
	bool below;

	if (engine_list_price(c, x, item, &listed, &list))
		listed = MONEY_NONE;
	else
		change = price_change(listed, price);
	if (engine_lowest_price(c, x, item, &least, &floor))
		floor = MONEY_NONE;
	below = floor.minor != AMOUNT_NONE && price.minor < floor.minor;
	if (below == (out->cause == HELD_FLOOR) ? !is_further(change, out->change) : !below)
		return;
	out->sku = catalog_sku(c, item);
	out->before = out->approved = listed;
	out->change = change;
	out->floor = floor;
	out->cause = below ? HELD_FLOOR : HELD_CHANGE;
	out->needs = below ? HELD_CFO : HELD_MANAGER;
}

static uint32_t named(const struct names *names, const struct list *texts, size_t i)
{
	return texts->count ? catalog_id(names, ((const char *const *)texts->at)[i]) : CATALOG_NONE;
}

/* For everybody that it is for; of no segment: for those who come in without a name. */
static void judge_item(const struct catalog *c, const struct record_override *o,
		       const struct engine_context *place, uint32_t item, struct held *out)
{
	struct engine_context x = *place;
	uint32_t id;

	if (o->segments.count == 0) {
		x.segments = c->guests;
		judge_one(c, &x, item, o->price, out);
	}
	for (size_t i = 0; i < o->segments.count; i++) {
		id = named(&c->segments, &o->segments, i);
		x.segments = (struct ids){.at = &id, .count = 1};
		judge_one(c, &x, item, o->price, out);
	}
}

static const struct price_rule *rule_of(const struct catalog *c, const char *id)
{
	for (uint32_t i = 0; i < c->rule_count; i++)
		if (c->rules[i].kind == RULE_OVERRIDE && strcmp(c->rules[i].id, id) == 0)
			return &c->rules[i];
	return NULL;
}

static void judge_place(const struct catalog *c, const struct record_override *o,
			const struct price_rule *rule, const struct engine_context *x, struct held *out)
{
	uint32_t item;

	if (o->sku) {
		if (!catalog_find_sku(c, o->sku, &item))
			judge_item(c, o, x, item, out);
		return;
	}
	for (item = 0; item < c->item_count; item++)
		if (engine_selects(c, &rule->on, item))
			judge_item(c, o, x, item, out);
}

bool judge_override(const struct catalog *next, const struct record_override *o, int64_t now_s,
		    struct rate limit, struct held *out)
{
	const struct price_rule *rule = rule_of(next, o->id);
	struct engine_context x = {.now_s = now_s, .channel = named(&next->channels, &o->channels, 0)};
	size_t stores = o->stores.count ? o->stores.count : 1;

	begin(RECORD_OVERRIDE, out);
	out->sku = o->sku;
	out->override = o->id;
	out->after = o->price;
	out->change.ppm = 0;
	for (size_t i = 0; i < stores && rule; i++) {
		x.store = named(&next->stores, &o->stores, i);
		judge_place(next, o, rule, &x, out);
	}
	return out->cause == HELD_FLOOR || price_change_is_large(out->change, limit);
}
