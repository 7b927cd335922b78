/*
 * Subscriptions: what a period of a plan costs, and what going from one plan to another does. Pure, as the
 * engine is: terms, period and day in, amounts and days out. docs/engine.md, "Subscriptions".
 *
 * Days are those of the civil clock, counted from 1970-01-01; a period's last day is paid for.
 */
#ifndef TILL_SUBSCRIPTION_H
#define TILL_SUBSCRIPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "money.h"

#define PLAN_NO_END	INT32_MAX /* of a period that goes on month by month */
#define PLAN_MONTHS_MAX 120

/* When somebody who goes to another plan gets it. The plan that is left says so. */
enum plan_switch {
	PLAN_PRORATED, /* at once: the difference for the days that are left */
	PLAN_FULL,     /* at once: the whole difference */
	PLAN_AT_END,   /* with the period that follows */
};

struct plan_duration {
	int32_t months;
	struct rate percent; /* off the fees of that many months paid at once */
};

struct plan_terms {
	struct money fee, credit;	       /* of a month */
	const struct plan_duration *durations; /* by rising months */
	uint32_t duration_count;
	enum plan_switch upgrade, downgrade;
};

/* What months of it cost: their fees, and what the longest duration that they reach takes off. */
enum err plan_price(const struct plan_terms *t, int32_t months, enum rounding r, struct money *fees,
		    struct money *discount) MUST_CHECK;

/* So many months later: the same day of the month, or the last one of a month that is too short. */
int32_t plan_months_later(int32_t day, int32_t months);

/* The month of a period, begun on that day, in which today is; today is not before it. */
void plan_month(int32_t from, int32_t today, int32_t *first, int32_t *last);

enum plan_change { PLAN_NEW, PLAN_RENEWAL, PLAN_UPGRADE, PLAN_DOWNGRADE };

struct plan_ask {
	enum plan_change change;
	const struct plan_terms *from, *to; /* from: NULL of a new one */
	int32_t today;

	/* The period that runs, of a change. */
	int32_t period_from, period_to; /* PLAN_NO_END: the month that runs is the period */
	int32_t period_months;
	struct money paid;	     /* for it; MONEY_NONE: what it costs */
	struct money granted, spent; /* basket credit of the month that runs */
	struct money ahead; /* paid already for a period that follows, which this one takes the place of */

	int32_t months; /* to be paid at once; 0: as many as the period that runs, else one */
	enum rounding rounding;
};

struct plan_quote {
	bool at_once;	  /* the period that runs goes on with the new plan; else one that follows begins */
	int32_t from, to; /* the days that the new plan is for */
	int32_t months;
	struct money fees, discount;	/* of all those months */
	int32_t days, left;		/* at once: of the period, and from today to its end */
	struct money due, refund;	/* one of the two is 0 */
	struct money credit;		/* basket credit of the month that then runs */
	int32_t credit_from, credit_to; /* that month */
};

/* ERR_RANGE: amounts overflow; ERR_INVALID: months with a change that keeps the period. */
enum err plan_quote(const struct plan_ask *ask, struct plan_quote *out) MUST_CHECK;

#endif
