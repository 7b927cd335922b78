/*
 * Codes of coupons in carts: whether one may be used, who has it, and giving it back. A code that is good for
 * so many orders is held by each cart that it was handed in to, from that moment on; a token that it was
 * reserved with holds one of its uses, too, until a cart takes the code with that token. Private to this
 * folder.
 */
#ifndef TILL_COUPONS_H
#define TILL_COUPONS_H

#include "lane.h"
#include "uses.h"

struct cart;

/* What a cart knows of a code besides the promotion it unlocks. */
struct coupon_claim {
	struct coupon_use *use;
	int64_t uses;	   /* orders it is good for; 0: any number */
	const char *token; /* that it was reserved with, in the cart's arena; NULL: none */
};

/* How many more carts may take the code at that moment; INT64_MAX: any number. */
int64_t coupon_free(const struct coupon_use *use, int64_t uses, const char *token, int64_t now_ms);

/* Whether a cart may take the code; else refuses, and says why not and who has it. */
bool coupon_may_be_taken(const struct shop *s, const struct coupon_use *use, int64_t uses, const char *token,
			 struct answer *a);

/* A cart that has the code; NULL: none has. */
const struct cart *coupon_holder(const struct shop *s, const struct coupon_use *use);

/* The cart holds the codes of what it is now; it gives back what it held. */
void coupons_hold(struct cart *c);
void coupons_let_go(struct cart *c);

/*
 * Of a cart that held nothing for a while, or that came back: takes out the codes that are not to be had any
 * more. True: some were; the cart has to be priced anew.
 */
bool coupons_drop_gone(struct cart *c, int64_t now_ms);

/* "unused", "reserved", "redeemed", "returned", "expired"; over: its dates say that it is over. */
const char *coupon_state(const struct coupon_use *use, int64_t uses, bool over, int64_t now_ms);

#endif
