/*
 * A sale made of an evaluation, as a lane makes it, without lane or ledger: for tests of what is worked out
 * from sales.
 */
#ifndef TILL_SOLD_H
#define TILL_SOLD_H

#include "decision.h"
#include "event.h"

/*
 * Order "o-1", paid exactly in cash. Every coupon that the context has unlocked has the code "C-" and its
 * promotion's id. In the arena, and in the catalog.
 */
void sold_make(const struct catalog *c, const struct engine_cart *cart, const struct engine_result *r,
	       struct arena *a, struct event_sale *out);

#endif
