/*
 * The events of prices that people set at a box: what was asked for, and what others said of it. Kinds
 * EVENT_OVERRIDE and EVENT_APPROVAL; docs/storage.md lists the keys, docs/operations.md tells how they are
 * used.
 */
#ifndef TILL_EVENT_OVERRIDE_H
#define TILL_EVENT_OVERRIDE_H

#include "event.h"

/* What a change needs before it counts. */
enum approval_need {
	NEEDS_NOTHING, /* small enough: it counts at once */
	NEEDS_MANAGER, /* a pricing manager or the cfo, and not who asked */
	NEEDS_CFO,     /* below the margin floor: the cfo, and not who asked */
	NEEDS_REVIEW,  /* an emergency: it counts at once, and a manager looks at it afterwards */
};

struct event_override {
	const char *id; /* "box-1@3-7": box, segment and number */
	const char *sku;
	const char *currency;
	struct money price;	/* of one unit */
	struct money before;	/* the last approved price, which the change is measured by */
	struct rate change;	/* of before, below 0 for a lower price; AMOUNT_NONE: before was 0 */
	struct money floor;	/* lowest legal price of a unit; AMOUNT_NONE: the article is unguarded */
	int64_t from_s, to_s;	/* UTC, both inclusive */
	int64_t decide_until_s; /* what nobody has approved by then is void; 0: it needs no approval */
	int64_t needs;		/* enum approval_need */
	const char *by, *role, *reason;
};

/* Expired: nobody decided in time, or its own time is over; the box says so, not a person. */
enum approval_verdict { VERDICT_APPROVED, VERDICT_REJECTED, VERDICT_ENDED, VERDICT_EXPIRED };

struct event_approval {
	const char *id;	 /* of the override, or of what an import held (book/held.h) */
	const char *sku; /* of an exchange rate: the currency */
	int64_t verdict; /* enum approval_verdict */
	const char *by, *role, *reason;

	/* Of what an import held: the catalog forgets it, so it is said here. subject NULL: an override. */
	const char *subject, *list, *currency;
	struct money before, after; /* MONEY_NONE: none, or a rate */
	struct qty rate_before, rate_after;
	const char *asked_by, *why; /* who imported it, and why it had to wait */
};

extern const struct schema event_override_schema, event_approval_schema;

/* "manager", "cfo", ... and "approved", ...: as JSON has them. */
const char *approval_need_name(int64_t need);
const char *approval_verdict_name(int64_t verdict);

enum err event_override_decode(struct bytes body, struct arena *a, struct event_override *out,
			       struct why *why) MUST_CHECK;
enum err event_approval_decode(struct bytes body, struct arena *a, struct event_approval *out,
			       struct why *why) MUST_CHECK;

#endif
