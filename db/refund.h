/*
 * What goes back when goods come back: refund = paid - price of what is kept (docs/returns.md).
 *
 * The price of what is kept is the engine's, on the extract of the sale, with the sale's own context: never
 * the catalog of today. It is never above what is left of the payment, so that no refund is below zero, and
 * it is nothing when nothing is kept, so that all of it comes to all that was paid. Promotions with limits
 * beyond the order, and those with coupons, take part only as far as the order still holds them: a return
 * frees uses, budget and codes, and never takes any.
 *
 * It is a fold: the sale, then each return in its order, then the next return can be worked out. No I/O.
 */
#ifndef TILL_REFUND_H
#define TILL_REFUND_H

#include "decision.h"
#include "event_return.h"

#define REFUND_TENDERS_MAX 16 /* ways to pay that a sale has */

/* A promotion of the sale, as far as the order still has it. */
struct refund_promotion {
	const char *id, *coupon;
	struct money amount; /* discounts and rewards that are money */
	int64_t times;
	int64_t counted;
	bool held; /* its use was not given back */
};

struct refund_line {
	struct qty kept;
	struct money net;
};

struct refund_reward {
	const char *promotion, *kind, *sku;
	struct money amount;
	int64_t count;
};

struct refund_tender {
	const char *method;
	struct money left; /* paid that way and not paid back */
};

struct refund_state {
	const struct event_sale *sale;
	struct refund_line *lines; /* as the sale's */
	struct refund_promotion *promotions;
	struct refund_reward *rewards;
	size_t reward_count; /* of one promotion and kind there is one */
	struct refund_tender tenders[REFUND_TENDERS_MAX];
	size_t tender_count;
	struct money left, tax; /* of the payment, and the tax in it */
	int64_t returns;	/* so far */
	bool voided;
};

/* The sale as it was paid; in the arena, which holds the sale too. */
enum err refund_begin(struct refund_state *s, const struct event_sale *sale, struct arena *a,
		      struct why *why) MUST_CHECK;

/* A return of the sale, after those before it. ERR_CORRUPT: it gives back what was not there. */
enum err refund_fold(struct refund_state *s, const struct event_return *r, bool is_void,
		     struct why *why) MUST_CHECK;

/* Something of it is kept. */
bool refund_keeps(const struct refund_state *s);

struct refund_wish {
	const struct return_line *lines; /* net is not looked at; line counts from 0 */
	size_t count;			 /* 0: all that is kept */
	const char *method; /* pay all of it out that way; NULL: as it was paid, the last way first. Either
			     * way what basket credit paid goes back to it before anything else */
	bool gifts_kept;    /* the customer does not hand gifts back that are due */
};

/*
 * Works the next return out, in the arena: lines, amounts, promotions, rewards, tenders and result of out;
 * the rest of out is the caller's. ERR_RANGE: the sale has no such line; ERR_INVALID: a quantity that is
 * none; ERR_LIMIT: more than is kept of a line, or nothing is kept at all. why says which.
 */
enum err refund_work_out(const struct refund_state *s, const struct refund_wish *wish,
			 const struct catalog *c, struct decision_room *room, struct arena *a,
			 struct event_return *out, struct why *why) MUST_CHECK;

#endif
