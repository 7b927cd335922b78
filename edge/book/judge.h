/*
 * Which changes of a catalog wait for a second person: a price or a price set by hand that moves too far or
 * falls below its margin floor, a cost or an exchange rate that leaves its own history. The rules alone, for
 * whoever keeps catalogs: imports of a box (db/catalog_hold.h) and what headquarters publishes (sync/hub).
 * What was approved last, what was in force, and who asks are theirs to know.
 *
 * Each fills in what held.h says of it but for ids, people and times. False: it needs nobody.
 */
#ifndef TILL_JUDGE_H
#define TILL_JUDGE_H

#include "catalog.h"
#include "held.h"

struct judge_price {
	const struct record_price *before; /* in force; NULL: none */
	const struct record_price
		*approved; /* what it is measured by; NULL: nothing, only the floor counts */
	const struct record_price *now;
};

/* next: the catalog as it would be, for the floor. limit: what may move without a second person. */
bool judge_price(const struct catalog *next, const struct judge_price *p, struct rate limit,
		 struct held *out);

/* Whether the two ask the same at every quantity. */
bool judge_same_price(const struct record_price *a, const struct record_price *b);

/*
 * A price set by hand, an active one, against what lists ask of the same customers in the same places: of
 * several articles the one that it moves furthest, or takes below its floor. next has it, and the lists'
 * prices that are in force.
 */
bool judge_override(const struct catalog *next, const struct record_override *o, int64_t now_s,
		    struct rate limit, struct held *out);

#define JUDGE_HISTORY_MAX 64 /* the newest; older ones say little of what it costs now */

/* What something has cost, oldest first; count may be 0: before is all that is known. */
struct judge_history {
	int64_t at[JUDGE_HISTORY_MAX + 2];
	size_t count;
};

/* MONEY_NONE: it was or is not known, and needs nobody. h is used up. */
bool judge_cost(struct judge_history *h, enum record_type t, const char *sku, struct money before,
		struct money after, struct held *out);

/* Of a rate nothing but the one in force is known. */
bool judge_rate(const char *currency, struct qty before, struct qty after, struct held *out);

#endif
