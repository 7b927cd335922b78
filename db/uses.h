/*
 * Uses: how often promotions and coupons were used, by whom, and what they gave; what this box may still
 * spend of limits and budgets. A fold of the ledger: what sales, returns, grants and coupon events add up to,
 * kept in memory by whoever decides (the lanes, on the loop's thread; the check of the ledger, on its own).
 *
 * Five kinds of things are counted, each by its key:
 *
 *	promotion		orders that it was applied to, what it gave, what was granted
 *	customer		orders
 *	promotion and customer	orders, of promotions that have a limit a customer
 *	coupon			orders, and its state
 *	customer and month	basket credit that was spent, and not given back
 *
 * Beside what the ledger says an entry has what open carts hold of it: `held`. That is the lanes' own, no
 * event says it, and it is not written down. An entry stays where it is until uses_free.
 */
#ifndef TILL_USES_H
#define TILL_USES_H

#include "event.h"
#include "event_limit.h"

enum use_kind { USE_PROMOTION = 1, USE_CUSTOMER, USE_BY_CUSTOMER, USE_COUPON, USE_CREDIT };

struct use {
	enum use_kind kind;
	int64_t uses;	     /* orders, less those that were cancelled; USE_CREDIT: minor units spent */
	int64_t held;	     /* by open carts; USE_CREDIT: by tenders on their way to the disk */
	const char *key;     /* id or code */
	const char *by;	     /* USE_BY_CUSTOMER: the customer; USE_CREDIT: the month; else NULL */
	uint64_t hash;	     /* the fold's, as the rest */
	struct use *next;    /* in its bucket */
	struct use *changed; /* the next that changed since uses_clean */
	bool is_changed;
};

struct promotion_use {
	struct use use;
	struct money amount, held_amount; /* given: discounts, shipping, cashback and credit */
	int64_t incarnation, grant;	  /* newest grant; 0: none yet */
	int64_t granted_uses;		  /* in all */
	struct money granted_amount;
};

#define USE_TEXT_MAX 64 /* bytes of a token or an order that are kept */

struct coupon_use {
	struct use use;
	int64_t returned;	      /* how often it was given back */
	bool expired;		      /* by hand, whatever its dates say */
	bool claimed;		      /* an open cart has the token; as `held`, no event says it */
	int64_t until_ms;	      /* the token holds one use until then; 0: there is none */
	char token[USE_TEXT_MAX + 1]; /* of who reserved it; "": nobody */
	char order[USE_TEXT_MAX + 1]; /* that it was redeemed in last */
};

struct uses;
struct uses *uses_new(void); /* NULL: memory is short */
void uses_free(struct uses *u);

/* The entry, or NULL: nothing of that kind was counted yet. by: of USE_BY_CUSTOMER and USE_CREDIT, else NULL.
 */
struct use *uses_find(const struct uses *u, enum use_kind kind, const char *key, const char *by);

/* The same; it is made if there is none. NULL: memory is short. */
struct use *uses_get(struct uses *u, enum use_kind kind, const char *key, const char *by);

/* Of these kinds alone. */
struct promotion_use *uses_promotion(struct uses *u, const char *id);
struct coupon_use *uses_coupon(struct uses *u, const char *code);

/*
 * The basket credit of a customer's month, which its last day says: days since 1970. The same two ways. A
 * month is an entry of its own, so sales and returns may come in any order, and one month never pays for
 * another's.
 */
struct use *uses_find_credit(const struct uses *u, const char *customer, int64_t credit_to);
struct use *uses_credit(struct uses *u, const char *customer, int64_t credit_to);

/* One after the other, in no order that means anything; NULL begins, and NULL is the end. */
struct use *uses_next(const struct uses *u, const struct use *after);

/*
 * Makes the entries that a sale counts in, so that uses_take_sale cannot fail once it is durable. ERR_MEMORY.
 */
enum err uses_expect_sale(struct uses *u, const struct event_sale *s) MUST_CHECK;

/* The sale is durable. Each counts once: the caller takes every event once, in order. ERR_MEMORY. */
enum err uses_take_sale(struct uses *u, const struct event_sale *s) MUST_CHECK;

/*
 * What of a promotion's use flows back when goods are returned or an order is cancelled. The event that says
 * it (return, void) carries it, so that it can be folded without the sale; uses_back_of fills it in from the
 * sale. A book that keeps a cancelled order's use (docs/pricebook.md) has uses 0 there.
 */
struct use_back {
	const char *promotion;
	int64_t uses;	     /* 1: the order's use is free again; 0: it stays used */
	struct money amount; /* that the budget gets back */
	const char *coupon;  /* code that unlocked it, or NULL: with its use it is free again, too */
	int64_t counted;     /* 1: it counted for the customer */
};
extern const struct schema use_back_schema;

/* All that the sale's promotion `at` used: what a cancelled order gives back. */
struct use_back uses_back_of(const struct event_sale *s, size_t at);

/* Takes one of them back; customer is the sale's, or NULL. */
enum err uses_take_back(struct uses *u, const char *customer, const struct use_back *back) MUST_CHECK;

/* The order as a whole was cancelled: it is none of the customer's (NULL: nobody's) orders any more. */
enum err uses_take_void(struct uses *u, const char *customer) MUST_CHECK;

/* What a return or void gives back. ERR_MEMORY. */
struct event_return;
enum err uses_take_return(struct uses *u, const struct event_return *r) MUST_CHECK;

/* A grant counts once: one whose number is not above the newest of its incarnation changes nothing. */
enum err uses_take_grant(struct uses *u, const struct event_grant *g) MUST_CHECK;
enum err uses_take_coupon(struct uses *u, const struct event_coupon *event) MUST_CHECK;

/* Whatever event it is; what says nothing of uses is passed over. Text of it goes into the arena. */
enum err uses_take_event(struct uses *u, const struct event_envelope *event, struct arena *a,
			 struct why *why) MUST_CHECK;

/* The entries that changed since uses_clean, the last first; NULL: none. */
struct use *uses_changed(const struct uses *u);
void uses_clean(struct uses *u);
void uses_touch(struct uses *u, struct use *use); /* it changed */

/* What the token of a coupon holds at that moment: 1 or 0. */
int64_t coupon_token_held(const struct coupon_use *c, int64_t now_ms);

/* Whether both say the same, held apart: the first entry that differs, of either; NULL: none does. */
const struct use *uses_differ(const struct uses *a, const struct uses *b);

#endif
