/*
 * What a lane has shown of late. See shown.h.
 */
#include "shown.h"

/* FNV-1a of 64 bits: a catalog's numbers may change between two scans, and its texts go. */
static uint64_t hash_of(const char *sku)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *sku; sku++)
		hash = (hash ^ (unsigned char)*sku) * UINT64_C(0x100000001b3);
	return hash;
}

struct money shown_lowest(const struct shown *s, const char *sku, int64_t since_s)
{
	struct money lowest = MONEY_NONE;
	uint64_t hash = hash_of(sku);

	for (uint32_t i = 0; i < s->count; i++) {
		const struct shown_price *p = &s->at[i];

		if (p->sku == hash && p->at_s >= since_s &&
		    (lowest.minor == AMOUNT_NONE || p->price.minor < lowest.minor))
			lowest = p->price;
	}
	return lowest;
}

/* The same price shown again, or the place to write it: a new one, or that of the oldest. */
static struct shown_price *place_for(struct shown *s, uint64_t sku, struct money price)
{
	struct shown_price *oldest = &s->at[0];

	for (uint32_t i = 0; i < s->count; i++) {
		struct shown_price *p = &s->at[i];

		if (p->sku == sku && p->price.minor == price.minor)
			return p;
		if (p->at_s < oldest->at_s)
			oldest = p;
	}
	return s->count < SHOWN_MAX ? &s->at[s->count++] : oldest;
}

static bool is_for_some(const struct catalog *c, uint32_t rule)
{
	const struct rule_scope *scope = c->rules[rule].scope;

	return c->rules[rule].kind == RULE_EXPIRY || (scope && scope->segments.count);
}

/* Everybody's price. False: it is somebody's, or one that was noted when it was shown first. */
static bool common_price(const struct catalog *c, const struct engine_line *line,
			 const struct engine_result *r, uint32_t i, struct money *price)
{
	const struct line_result *of = &r->lines[i];

	if (line->given.minor != AMOUNT_NONE || of->volume.micro || of->locked ||
	    (of->price_list != CATALOG_NONE && c->lists[of->price_list].segments.count) ||
	    (of->override != CATALOG_NONE && is_for_some(c, of->override)))
		return false;
	*price = of->base;
	for (uint32_t k = 0; k < of->steps; k++) {
		const struct price_step *step = &r->steps[of->first_step + k];

		if (step->kind == STEP_RULE && is_for_some(c, step->rule))
			return false;
		price->minor += step->amount.minor;
	}
	return true;
}

void shown_note(struct shown *s, const struct catalog *c, const struct engine_line *line,
		const struct engine_result *r, uint32_t i, int64_t now_s)
{
	struct money price;

	if (!common_price(c, line, r, i, &price))
		return;
	uint64_t sku = hash_of(catalog_sku(c, line->item));
	*place_for(s, sku, price) = (struct shown_price){.sku = sku, .at_s = now_s, .price = price};
}
