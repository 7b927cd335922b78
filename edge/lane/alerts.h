/*
 * Margin alerts: an article that was sold close to its margin floor, or below it, is told once a day to
 * whoever listens for events (docs/events.md) and to the audit. How close is the book's to say.
 *
 * And markdowns: the audit has each at which something was sold, with its reason, once a day for each
 * article, rule and amount. So it has all that took effect, however often, and none that nobody paid.
 */
#ifndef TILL_ALERTS_H
#define TILL_ALERTS_H

#include "lane.h"

#define ALERTS_KNOWN 1024 /* articles of which it is remembered in memory; the ledger knows the rest */

/* What was told lately: hashes of article, kind and day. */
struct alerts {
	uint64_t known[ALERTS_KNOWN];
};

struct cart;

/* After a sale is durable and answered. An alert that the ledger cannot take is logged, and told at the next
 * sale. */
void alerts_after_sale(struct lane *l, const struct cart *c, const char *order);

#endif
