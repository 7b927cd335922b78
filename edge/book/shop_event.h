/*
 * Events of prices, promotions and subscriptions, as other systems read them: what changed, from what to
 * what, by whom and why. docs/events.md lists them; docs/schemas/events/ has a JSON Schema of each payload.
 *
 * catalog.db keeps those that a change of the catalog makes, as CBOR; the daemon tells its subscribers these
 * and what happens at its lanes.
 */
#ifndef TILL_SHOP_EVENT_H
#define TILL_SHOP_EVENT_H

#include "records.h"

/* A number is never used again: it stands in catalog.db. */
enum shop_event_type {
	SHOP_PRICE_CHANGED = 1,
	SHOP_PRICE_CALCULATED,
	SHOP_PRICE_RULE_ACTIVATED,
	SHOP_PROMOTION_ACTIVATED,
	SHOP_PROMOTION_UPDATED,
	SHOP_PROMOTION_ENDED,
	SHOP_MARKDOWN_TRIGGERED,
	SHOP_IMPORT_COST_UPDATED,
	SHOP_SUBSCRIPTION_UPGRADED,
	SHOP_SUBSCRIPTION_CHANGED,
	SHOP_MARGIN_ALERT,
	SHOP_MARGIN_VIOLATION,
	SHOP_COST_ANOMALY,
	SHOP_APPROVAL_REQUESTED,
	SHOP_APPROVAL_GRANTED,
	SHOP_APPROVAL_REFUSED,
	SHOP_RATE_STALE,
	SHOP_APPROVAL_EXPIRED,
	SHOP_OVERRIDE_USED,
	SHOP_PRICE_GRID_CHANGED,
	SHOP_CUSTOMER_SEGMENTS_CHANGED,
};
#define SHOP_EVENT_TYPES 22 /* one more than the last */

#define AFFECTED_MAX 1000 /* articles that a rule's event names */

struct price_changed {
	const char *product;
	struct money before, after; /* MONEY_NONE: it was not, or is no longer in that list */
	struct stamp effective;
	const char *reason, *user;
	struct rate
		margin_impact; /* margin after less margin before; ppm AMOUNT_NONE: the cost is not known */
	const char *override;  /* a price set by hand, in place of the lists'; NULL: a list's */
	struct qty from;       /* from so much in the cart on: a volume break; micro AMOUNT_NONE: of one */
	struct stamp until;    /* the last moment of one set by hand; seconds AMOUNT_NONE: it has none */
};

struct price_context {
	const char *store, *channel, *lane, *cart, *customer, *plan;
	struct stamp at;
	struct qty quantity;
	const char *list, *override;
	int64_t locked; /* the price lock made it lower */
};

struct price_calculated {
	const char *product;
	struct money price, base;
	struct list rules; /* texts */
	const char *segment;
	const struct price_context *context;
};

struct rule_activated {
	const char *rule, *kind;
	struct stamp from, to;
	struct list products; /* texts, AFFECTED_MAX at most */
};

/* Of all three. */
struct promotion_event {
	const char *promotion, *name, *type, *discount;
	struct list segments; /* texts */
	struct stamp start, end;
	const char *terms;
	int64_t card;
};

struct markdown_triggered {
	const char *product;
	struct money before, after;
	const char *rule, *kind, *justification;
};

struct cost_component {
	const char *name;
	struct money amount;
};

struct import_cost_updated {
	const char *product;
	struct money before, after;
	struct list components; /* struct cost_component */
	struct stamp effective;
};

/* Of both. */
struct subscription_event {
	const char *customer, *from, *to;
	struct stamp effective;
	const char *user;
};

struct price_grid_changed {
	const char *list;
	struct list before, after; /* struct record_grid_step; none: it had or has no grid */
	struct list segments;	   /* texts */
	struct stamp effective;
	const char *reason, *user;
};

struct segments_changed {
	const char *customer;
	struct list before, after; /* texts */
	struct stamp effective;
	const char *reason, *user;
};

/* Of both. */
struct margin_event {
	const char *product;
	struct money price, floor_price; /* of one unit: what it was sold at, and the lowest legal price */
	struct rate margin, floor;	 /* what the price leaves, and what it should */
	const char *segment;
	const char *promotion; /* the last that was applied to it; NULL: none */
};

struct cost_anomaly {
	const char *product, *currency; /* product NULL: an exchange rate, of currency */
	struct money before, after, usual;
	struct qty rate_before, rate_after;
	struct rate change;   /* of what is usual */
	const char *approval; /* id of what waits */
};

/* Of all four. */
struct approval_event {
	const char *approval, *subject, *product, *list, *currency;
	struct money before, after;
	struct qty rate_before, rate_after;
	struct rate change;
	const char *why, *needs; /* why it waits, and for whom */
	const char *requested_by, *reason;
	struct stamp until;
	const char *decided_by, *decision; /* NULL: nobody has */
};

struct override_used {
	const char *override, *product, *order, *lane;
	struct qty quantity;
	struct money price, net; /* of one unit, and of the line after all that was taken off it */
};

struct rate_stale {
	const char *currency;
	struct stamp at;
};

struct shop_event {
	enum shop_event_type type;
	int64_t at_s;	  /* when it happened */
	int64_t version;  /* of the catalog that brought it */
	const char *key;  /* SKU, or id of the promotion, rule or customer */
	const char *list; /* SHOP_PRICE_CHANGED, SHOP_PRICE_GRID_CHANGED: the price list; else NULL */
	union {
		struct price_changed price_changed;
		struct price_calculated price_calculated;
		struct rule_activated rule_activated;
		struct promotion_event promotion;
		struct markdown_triggered markdown;
		struct import_cost_updated import_cost;
		struct subscription_event subscription;
		struct price_grid_changed grid;
		struct segments_changed segments;
		struct margin_event margin;
		struct cost_anomaly anomaly;
		struct approval_event approval;
		struct override_used used;
		struct rate_stale rate;
	} as;
};

/* Table of a type's payload, whose name is the event's: "PriceChanged". */
const struct schema *shop_event_schema(enum shop_event_type t);
const char *shop_event_topic(enum shop_event_type t);
enum err shop_event_named(const char *name, enum shop_event_type *out) MUST_CHECK;

/* Members of the open object: event, topic, at, version, currency, list and payload. */
void shop_event_to_json(const struct shop_event *e, const char *currency, struct jsonw *w);

/* What a promotion's record says. Text in the arena or the record's. */
enum err promotion_event_of(const struct record_promotion *p, unsigned exponent, struct arena *a,
			    struct promotion_event *out) MUST_CHECK;

#endif
