/*
 * Limits: what promotions of a catalog may still be used, what a cart is told of that, and what it holds.
 *
 * What is left of a promotion is what was granted to this box, less what the ledger says was spent, less what
 * open carts hold. A cart holds what its evaluation gave: from then on no other cart is promised that, and
 * the tender spends it. It lets go when it is priced again, paid, voided, or put aside for too long. All of
 * that is on the loop's thread, so whoever is priced first has the last use. Private to this folder.
 */
#ifndef TILL_LIMITS_H
#define TILL_LIMITS_H

#include "engine.h"
#include "uses.h"

struct cart;
struct basket;
struct customer;
struct shop;

/* A promotion of a catalog that has a limit beyond one order, or in this order's number. */
struct limited {
	uint32_t promotion; /* index into the catalog's */
	bool uses, budget, customer;
	struct promotion_use *use;
};

/* All of a catalog, ascending. Shared by the carts that are pinned to it. */
struct limits {
	uint32_t refs, count;
	struct uses *fold;
	struct limited at[];
};

/* NULL: memory is short. */
struct limits *limits_new(struct uses *fold, const struct catalog *c);
struct limits *limits_ref(struct limits *l);
void limits_unref(struct limits *l); /* NULL is fine */

/* What a cart holds of a promotion. */
struct hold {
	int64_t uses; /* 1 or 0 */
	struct money amount;
	struct use *mine; /* the customer's entry, if that is held, too */
};

/* A promotion with a limit a customer, for the customer of a basket. */
struct mine {
	struct use *use;   /* NULL: a guest's, or it has no such limit */
	int64_t elsewhere; /* uses at other boxes, as headquarters told */
};

/* Gives a new cart the limits of its catalog, and room for what they are about. False: memory is short. */
bool limits_attach(struct cart *c, struct limits *l);
void limits_detach(struct cart *c); /* lets go of all it holds, too */

/* The customer of a basket is another one. False: memory is short. */
bool limits_take_customer(struct cart *c, struct basket *b);

/* Copies what another basket of the cart knows of its customer. */
void limits_same_customer(const struct cart *c, const struct basket *from, struct basket *to);

/* Tells a basket what is left for its cart: by what it holds itself more than for any other. */
void limits_fill(const struct cart *c, struct basket *b);

/* The cart was priced: unless it is loose, it holds what its result gave; what it held before is free. */
void limits_hold(struct cart *c);
void limits_let_go(struct cart *c);

bool limits_any_held(const struct cart *c);

/* Whether all that the cart holds is there to be had; a cart that came back may hold too much. */
bool limits_suffice(const struct cart *c);

/*
 * What the result of a basket depended on: counters of the promotions that were judged, ascending; at most
 * b->result.verdict_count of them are written.
 */
uint32_t limits_judged(const struct cart *c, const struct basket *b, struct counter *out);

/* The entry of the cart's limits about that promotion, or NULL. */
const struct limited *limits_find(const struct limits *l, uint32_t promotion);

#endif
