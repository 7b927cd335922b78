/*
 * Why a promotion was applied or not: a stable code for programs, a sentence for people.
 */
#ifndef TILL_REASON_H
#define TILL_REASON_H

enum reason {
	REASON_APPLIED,
	REASON_NOT_ACTIVE,	/* draft, paused, exhausted or expired */
	REASON_CLOCK_UNCERTAIN, /* it wants to be sure of the time, and context.clock_uncertain */
	REASON_NOT_STARTED,
	REASON_ENDED,
	REASON_OUTSIDE_HOURS, /* weekday or time of day */
	REASON_WRONG_STORE,
	REASON_WRONG_CHANNEL,
	REASON_WRONG_SEGMENT,
	REASON_COUPON_MISSING,
	REASON_WRONG_CUSTOMER,
	REASON_WRONG_PLAN,
	REASON_WRONG_ORDER, /* not one of those orders of the customer */
	REASON_USES_SPENT,
	REASON_BUDGET_SPENT, /* or not enough of it left */
	REASON_CUSTOMER_LIMIT,
	REASON_NEEDS_QUANTITY,	 /* verdict.lacking pieces are missing */
	REASON_NEEDS_AMOUNT,	 /* verdict.lacking minor units are missing */
	REASON_NEEDS_MEASURE,	 /* verdict.lacking millionths of the need's unit are missing */
	REASON_NEEDS_NONE,	 /* the cart holds what it must not */
	REASON_NOTHING_SELECTED, /* no line that it could give anything on */
	REASON_OUTRANKED,	 /* another one that does not stack went first: verdict.by */
	REASON_WORTH_ZERO,	 /* it would give nothing, so it is not used up */
	REASON_MARGIN_BLOCKED,	 /* the margin guard lets it give nothing, or it wants all or nothing */
};
#define REASON_COUNT 24

/* "needs_quantity": for JSON, stable. */
const char *reason_code(enum reason r);

/* "needs {lacking} more of {articles}": for people, once its facts are put in. */
const char *reason_sentence(enum reason r);

#endif
