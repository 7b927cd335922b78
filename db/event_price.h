/*
 * The event of a price that came to be another by itself: kind EVENT_PRICE. Now it is a markdown at which
 * something was sold. docs/storage.md lists the keys.
 */
#ifndef TILL_EVENT_PRICE_H
#define TILL_EVENT_PRICE_H

#include "event.h"

struct event_price {
	const char *name; /* of the event as other systems know it: "MarkdownTriggered" */
	const char *currency;
	const char *sku;
	struct money before, after; /* of one unit, without the rule and with it */
	const char *rule, *rule_kind;
	const char *why;
	const char *order;
};

extern const struct schema event_price_schema;

enum err event_price_decode(struct bytes body, struct arena *a, struct event_price *out,
			    struct why *why) MUST_CHECK;

#endif
