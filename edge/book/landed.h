/*
 * What imported articles cost, and the prices that cost-plus lists make of it. docs/engine.md, "Cost plus".
 */
#ifndef TILL_LANDED_H
#define TILL_LANDED_H

#include "catalog.h"
#include "records.h"

/* What other currencies are worth in the book's. */
struct rates {
	const struct record_exchange_rate *at;
	size_t count;
};

struct landed {
	struct money fob, landed; /* of one unit, in the book's currency */
};

/* ERR_NOT_FOUND: there is no rate of its currency; ERR_RANGE. why names the field. */
enum err landed_cost(const struct record_landed_cost *r, const struct rates *rates, const struct settings *s,
		     struct landed *out, struct why *why) MUST_CHECK;

/*
 * Whether that rate is more than a day old, or nobody says how old it is, so that costs which are reckoned
 * with it may be wrong. offset: seconds east of UTC of the store's clock.
 */
#define EXCHANGE_FRESH_S 86400
bool exchange_is_stale(const struct exchange *x, int64_t now_s, int32_t offset_s);
int64_t exchange_at_s(const struct exchange *x, int32_t offset_s); /* UTC; AMOUNT_NONE: nobody says */

/* An amount plus its mark-up. */
enum err landed_price(struct money cost, struct rate markup, enum rounding how, struct money *out) MUST_CHECK;

#endif
