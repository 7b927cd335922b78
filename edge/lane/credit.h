/*
 * Basket credit at the lane: what the month of a customer's plan brought, how much of it is left, and paying
 * with it. What was spent is in the fold of uses (uses.h), by customer and month. Private to this folder.
 */
#ifndef TILL_CREDIT_H
#define TILL_CREDIT_H

#include "lane.h"
#include "loader.h"
#include "uses.h"

struct cart;
struct customer;

/* What the plan that runs when the cart was opened brought to its month; credit_to stays 0 if that is none.
 */
void credit_of(const struct found_customer *found, const struct cart *c, struct customer *who);

/* What is not spent, and not on its way to the disk. */
struct money credit_left(const struct uses *u, const struct customer *who);

/* A tender of it, until the sale is durable or failed. */
struct credit_claim {
	struct use *use; /* NULL: none */
	struct money amount;
	bool held;
};

/*
 * Copies n tenders, and gives the one of basket credit among them its amount: without one it pays as much of
 * what the others leave as there is. Refuses what the customer does not have. n is CART_TENDERS_MAX at most.
 */
bool credit_settle(const struct lane *l, const struct cart *c, const struct tender *from, size_t n,
		   struct tender *to, struct credit_claim *out, struct answer *a);

/* From now on no other tender is promised that; and it is over, whatever came of it. */
void credit_hold(struct credit_claim *c);
void credit_let_go(struct credit_claim *c);

#endif
