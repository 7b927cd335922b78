/*
 * Goods that came back, as the ledger keeps it: events of kind 4 (return) and 5 (void: a whole order
 * cancelled after it was paid). Notes about the order, with the return's id (ledger_note.h); docs/storage.md
 * lists all keys, docs/returns.md says what the amounts mean.
 */
#ifndef TILL_EVENT_RETURN_H
#define TILL_EVENT_RETURN_H

#include "event.h"

struct return_line {
	int64_t line;	     /* index into the sale's lines */
	struct qty quantity; /* that came back; 0: none of it, but what is kept costs something else now */
	struct money net;    /* of what is kept of it, as the engine prices it */
	const char *sku;     /* of the sale's line: who reads only this event has not got the sale */
	struct money back;   /* net of it before, less net; below 0 where what is kept became dearer */
};

/* What a promotion of the sale no longer gives. */
struct return_promotion {
	const char *id;
	struct money amount; /* discounts, and the rewards below that are money */
	int64_t uses;	    /* 1: it applies to nothing that is kept, so its use of the order is free again */
	int64_t times;	    /* groups it no longer rewards */
	const char *coupon; /* with a use: the code that is free again, or NULL */
	int64_t counted;    /* 1: the use counted for the customer (sale_promotion.counted) */
};

/* What a promotion gave besides, and is to be taken back. */
struct return_reward {
	const char *promotion;
	const char *kind; /* as in struct sale_reward */
	struct money amount;
	int64_t count;
	const char *sku; /* of a gift */
	int64_t kept;	 /* 1: a gift that the customer did not hand back, as the cashier declared */
};

struct event_return {
	const char *id; /* unique among the events of its kind: a repeat gets the first answer */
	const char *order;
	int64_t number; /* of the order's returns, from 1 */
	const char *lane, *cashier, *reason;
	const char *customer; /* of the sale */
	const char *store;    /* of the sale */
	const char *currency;
	struct list lines; /* struct return_line, ascending */
	struct money refund;
	struct money tax;   /* contained in refund; may be below 0 where what is kept became dearer */
	struct money left;  /* paid and not refunded by now: what is kept has cost that */
	struct money price; /* of what is kept, by the engine; above left where a refund would be below 0 */
	struct list promotions; /* struct return_promotion */
	struct list rewards;	/* struct return_reward */
	struct list tenders;	/* struct sale_tender: how refund was paid out */
	struct bytes result;	/* SHA-256 of the evaluation of what is kept; at NULL: nothing is */
	const char *exchange;	/* order that was paid with it in the same moment, or NULL */
	int64_t whole;		/* 1: nothing is kept, so the order is none of the customer's any more */
	int64_t credit_to;	/* of the sale, where tenders give basket credit back; else 0 */
};

extern const struct schema event_return_schema, event_void_schema; /* the same fields */

/* The body of an event of either kind. */
enum err event_return_decode(struct bytes body, struct arena *a, struct event_return *out,
			     struct why *why) MUST_CHECK;

#endif
