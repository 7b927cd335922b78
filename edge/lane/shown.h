/*
 * The price lock: what a lane has shown of late, so that a shopper does not pay more than the lowest price
 * shown there for an article in the last minutes. docs/engine.md, "Price lock". Private to edge/lane.
 */
#ifndef TILL_SHOWN_H
#define TILL_SHOWN_H

#include "engine.h"

#define SHOWN_MAX 256 /* prices that a lane remembers; one more takes the place of the oldest */

/* Places are counted from 1; 0 is none. A zeroed struct shown is empty. */
struct shown_price {
	uint64_t sku; /* its hash */
	int64_t at_s; /* UTC */
	struct money price;
	uint16_t next;	       /* of the same bucket */
	uint16_t older, newer; /* by when it was shown last */
};

struct shown {
	struct shown_price at[SHOWN_MAX + 1];
	uint16_t bucket[SHOWN_MAX]; /* the first of those whose hash ends so */
	uint16_t oldest, newest;
	uint32_t count;
};

/* The lowest price of the article that was shown since; MONEY_NONE: none was. */
struct money shown_lowest(const struct shown *s, const char *sku, int64_t since_s);

/* Notes that a price was shown. */
void shown_put(struct shown *s, const char *sku, struct money price, int64_t now_s);

/*
 * Notes the price of that line if it is everybody's: not that of a label, of a tier, of a volume or of a unit
 * near its expiry; nor one that a lock made, for what was noted is not to hold for ever by being shown again.
 */
void shown_note(struct shown *s, const struct catalog *c, const struct engine_line *line,
		const struct engine_result *r, uint32_t i, int64_t now_s);

#endif
