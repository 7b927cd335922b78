/*
 * The event of something that somebody has to look at: kind EVENT_ALERT. docs/storage.md lists the keys.
 */
#ifndef TILL_EVENT_ALERT_H
#define TILL_EVENT_ALERT_H

#include "event.h"
#include "shop_event.h"

struct event_alert {
	const char *name; /* of the event as other systems know it: "MarginAlert" */
	const char *currency;
	const char *sku;
	struct money price, floor_price; /* of one unit */
	struct rate margin, floor;
	const char *segment, *promotion; /* promotion NULL: none */
	const char *order;
};

extern const struct schema event_alert_schema;

enum err event_alert_decode(struct bytes body, struct arena *a, struct event_alert *out,
			    struct why *why) MUST_CHECK;

#endif
