/*
 * What a lane has shown of late. See shown.h. Prices are found by a hash of the article's SKU, in chains, and
 * stand in a row by age, so that a scan looks at a few of them and not at all.
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

	for (uint16_t i = s->bucket[hash % SHOWN_MAX]; i; i = s->at[i].next) {
		const struct shown_price *p = &s->at[i];

		if (p->sku == hash && p->at_s >= since_s &&
		    (lowest.minor == AMOUNT_NONE || p->price.minor < lowest.minor))
			lowest = p->price;
	}
	return lowest;
}

/* Where that price stands; 0: it is not there. */
static uint16_t find(const struct shown *s, uint64_t sku, struct money price)
{
	uint16_t i = s->bucket[sku % SHOWN_MAX];

	while (i && (s->at[i].sku != sku || s->at[i].price.minor != price.minor))
		i = s->at[i].next;
	return i;
}

/* Out of the row by age. */
static void leave_row(struct shown *s, uint16_t i)
{
	const struct shown_price *p = &s->at[i];

	*(p->older ? &s->at[p->older].newer : &s->oldest) = p->newer;
	*(p->newer ? &s->at[p->newer].older : &s->newest) = p->older;
}

static void join_row(struct shown *s, uint16_t i)
{
	s->at[i].older = s->newest;
	s->at[i].newer = 0;
	*(s->newest ? &s->at[s->newest].newer : &s->oldest) = i;
	s->newest = i;
}

/* The place of the oldest, which is forgotten. */
static uint16_t take_oldest(struct shown *s)
{
	uint16_t i = s->oldest, *at = &s->bucket[s->at[i].sku % SHOWN_MAX];

	while (*at != i)
		at = &s->at[*at].next;
	*at = s->at[i].next;
	leave_row(s, i);
	return i;
}

void shown_put(struct shown *s, const char *sku, struct money price, int64_t now_s)
{
	uint64_t hash = hash_of(sku);
	uint16_t i = find(s, hash, price), *first = &s->bucket[hash % SHOWN_MAX];

	if (i) {
		leave_row(s, i);
	} else {
		i = s->count < SHOWN_MAX ? (uint16_t)++s->count : take_oldest(s);
		s->at[i] = (struct shown_price){.sku = hash, .price = price, .next = *first};
		*first = i;
	}
	s->at[i].at_s = now_s;
	join_row(s, i);
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

	if (common_price(c, line, r, i, &price))
		shown_put(s, catalog_sku(c, line->item), price, now_s);
}
