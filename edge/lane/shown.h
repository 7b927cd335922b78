/*
 * The price lock: what a lane has shown of late, so that a shopper does not pay more than the lowest price
 * shown there for an article in the last minutes. docs/engine.md, "Price lock". Private to edge/lane.
 */
#ifndef TILL_SHOWN_H
#define TILL_SHOWN_H

#include "engine.h"

#define SHOWN_MAX 256 /* prices that a lane remembers; one more takes the place of the oldest */

struct shown_price {
	uint64_t sku; /* its hash */
	int64_t at_s; /* UTC */
	struct money price;
};

struct shown {
	struct shown_price at[SHOWN_MAX];
	uint32_t count;
};

/* The lowest price of the article that was shown since; MONEY_NONE: none was. */
struct money shown_lowest(const struct shown *s, const char *sku, int64_t since_s);

/*
 * Notes the price of that line if it is everybody's: not that of a label, of a tier, of a volume or of a unit
 * near its expiry; nor one that a lock made, for what was noted is not to hold for ever by being shown again.
 */
void shown_note(struct shown *s, const struct catalog *c, const struct engine_line *line,
		const struct engine_result *r, uint32_t i, int64_t now_s);

#endif
