/*
 * Subscriptions by records: what it costs a customer to take a plan or to go to another one, and the
 * customer's record once that is done. docs/engine.md, "Subscriptions".
 */
#ifndef TILL_SUBSCRIBE_H
#define TILL_SUBSCRIBE_H

#include "records.h"
#include "subscription.h"

/* Which plan runs on a day, and since when; plan NULL: none. */
struct subscribed {
	const char *plan;
	struct stamp from, to; /* as the record has them; may be AMOUNT_NONE */
	int64_t months;	       /* AMOUNT_NONE: not known */
	struct money paid;
};

/* A day of the store's civil clock, and the offset of its zone then. */
struct store_day {
	int32_t day; /* since 1970-01-01 */
	int32_t utc_offset_s;
};

void subscribed_on(const struct record_customer *c, const struct store_day *today, struct subscribed *out);

/*
 * The month of the plan that runs, and the basket credit that it brought; `plan` is the record of the plan.
 * ERR_STATE: it is not known when the period began.
 */
struct credit_month {
	int32_t first, last;
	struct money granted;
};
enum err subscribed_credit(const struct record_customer *c, const struct record_plan *plan,
			   const struct store_day *today, struct credit_month *out,
			   struct why *why) MUST_CHECK;

struct subscribe_ask {
	const struct record_customer *customer;
	const struct record_plan *from; /* that runs; NULL: none does */
	const struct record_plan *to;
	int64_t months;	    /* 0: not said */
	struct money spent; /* of the month's basket credit */
	struct store_day today;
	enum rounding rounding;
};

/* ERR_STATE: there is no way from that plan to the other, or not with these months; why says which. */
enum err subscribe_quote(const struct subscribe_ask *ask, struct arena *a, enum plan_change *change,
			 struct plan_quote *out, struct why *why) MUST_CHECK;

/* The customer as it is once that quote was accepted. In the arena, but for what the ask points to. */
enum err subscribe_change(const struct subscribe_ask *ask, const struct plan_quote *quote, struct arena *a,
			  struct record_customer *out) MUST_CHECK;

#endif
