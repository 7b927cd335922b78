/*
 * Appending a return to the ledger: the sale is found with what came back of it before, the refund is worked
 * out on its extract, and the event is appended, all in one transaction of the worker's thread. So two lanes
 * that take the same goods back at the same moment get one refund.
 */
#ifndef TILL_LEDGER_RETURN_H
#define TILL_LEDGER_RETURN_H

#include "ledger.h"
#include "refund.h"

#define RETURN_ID_MAX 100 /* bytes of a return's id */

struct ledger_return {
	enum event_kind
		kind; /* EVENT_RETURN, or EVENT_VOID: the whole order, of which nothing came back yet */
	const char *order;
	const char *id; /* NULL: one is made of the order and the return's number */
	const char *lane, *cashier, *reason;
	const char *exchange;	    /* order that is paid with it in the same transaction, or NULL */
	struct refund_wish wish;    /* of EVENT_VOID only the method and gifts_kept count */
	bool preview;		    /* works it out and appends nothing */
	const struct money *expect; /* NULL, or the refund that was shown before: another one is refused */

	int64_t expect_number; /* with expect: the return's number then */

	/* The answer, in the job's arena. */
	struct event_return done;
	struct event_sale sale;
	struct ledger_position position; /* of the return, where a sale follows it */
	bool refused;			 /* the failure is about what was asked, not about the ledger */
};

/*
 * ERR_EXISTS: a return of that id was appended before, for the same order; done is that one. When refused:
 * ERR_NOT_FOUND no such order; ERR_RANGE no such line; ERR_INVALID a quantity that is none, or an id that
 * another order's return has; ERR_LIMIT nothing, or less than that, is left to come back; ERR_STATE: it was
 * voided, or has returns and cannot be voided any more, or the refund is not the expected one.
 */
enum err ledger_append_return(struct ledger *l, struct ledger_return *r, struct arena *a,
			      struct ledger_position *position, struct why *why) MUST_CHECK;

#endif
