/*
 * A decision of the ledger, taken again: the cart of a sale put before a catalog once more, that of its own
 * extract (replay, returns) or another one (what-if).
 *
 * A sale says what was in the cart and in its context by name, so it can be read against any catalog; against
 * its own extract the engine gives the very bytes that it gave when the sale was made.
 */
#ifndef TILL_DECISION_H
#define TILL_DECISION_H

#include "event.h"
#include "extract.h"

/* Memory that one evaluation after another uses. Zeroed it is empty. */
struct decision_room {
	void *at;
	size_t size;
};
void decision_room_free(struct decision_room *r);

/*
 * The sale's cart in the catalog's numbers, in the arena. ERR_NOT_FOUND: the catalog lacks an article;
 * *missing is the first line of one. A coupon's promotion, segment, store or channel that the catalog does
 * not speak of decides nothing there and is passed over.
 */
enum err decision_cart(const struct event_sale *sale, const struct catalog *c, struct arena *a,
		       struct engine_cart *out, size_t *missing) MUST_CHECK;

/* What the cart costs; the result lies in the room. why says which article cannot be priced. */
enum err decision_evaluate(const struct catalog *c, const struct engine_cart *cart, struct decision_room *r,
			   struct engine_result *out, struct why *why) MUST_CHECK;

/*
 * Opens the extract of a sale, for as long as the caller holds the snapshot. ERR_NEWER: the sale is of
 * semantics that this program does not know.
 */
enum err decision_open(const struct event_sale *sale, const struct extract *e, struct snapshot **out,
		       struct why *why) MUST_CHECK;

/* SHA-256 of the evaluation as CBOR: what a sale keeps of it. */
enum err decision_hash(const struct catalog *c, const struct engine_result *r, struct digest *out) MUST_CHECK;

/* Where a decision differs from what is stored of it: "lines[2].net", "2.49", "2.39". */
struct decision_difference {
	char at[96], stored[96], computed[96];
};

/*
 * Compares an evaluation with the sale, field by field as the sale has them, then the hash of it all. True:
 * the same bytes. Lines count from 1, as people count them.
 */
bool decision_matches(const struct event_sale *sale, const struct catalog *c, const struct engine_result *r,
		      struct decision_difference *out);

#endif
