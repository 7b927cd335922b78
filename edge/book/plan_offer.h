/*
 * A quote for a subscription as programs and people read it: docs/schemas/plan_quote.json.
 */
#ifndef TILL_PLAN_OFFER_H
#define TILL_PLAN_OFFER_H

#include "subscribe.h"

struct plan_offer {
	const char *customer;
	int64_t change;			 /* enum plan_change */
	const char *from_plan, *to_plan; /* from_plan NULL: none runs */
	int64_t when;			 /* 0 at once, 1 with the period that follows */
	const char *from, *to;		 /* days, as all texts below */
	int64_t months;
	const char *currency;
	struct money fees, discount;
	int64_t days, left; /* AMOUNT_NONE: a whole period */
	struct money due, refund, credit;
	const char *credit_from, *credit_to;
	struct list perks; /* texts */
};

extern const struct schema plan_offer_schema;

/* Text in the arena. */
enum err plan_offer_fill(const struct subscribe_ask *ask, enum plan_change change, const struct plan_quote *q,
			 const char *currency, struct arena *a, struct plan_offer *out) MUST_CHECK;

const char *plan_offer_change(const struct plan_offer *o); /* "upgrade" */

/* "2026-11-30"; NULL: memory is short. */
const char *plan_day_text(int32_t day, struct arena *a);

#endif
