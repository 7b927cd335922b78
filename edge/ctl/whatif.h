/*
 * What if carts that were sold were priced by another book: sums over them as they were and as they would be.
 *
 * Each cart is taken by itself, at its own moment, perhaps some days later. Its price locks are left out:
 * other prices would have been shown. What is left of limits is what was left for that cart.
 */
#ifndef TILL_WHATIF_H
#define TILL_WHATIF_H

#include "decision.h"
#include "ledger.h"

/* What carts come to. Amounts without tax but for paid. */
struct whatif_side {
	struct money paid;    /* by customers, with tax and shipping */
	struct money savings; /* off list prices by promotions */
	struct money revenue; /* net of tax */
	struct money costed;  /* of that, of articles whose cost is known */
	struct money margin;  /* costed, less their cost and logistics */
};

struct whatif_promotion {
	char *id;
	int64_t carts[2];	/* it applies to: as it was, as it would be */
	struct money amount[2]; /* off, and rewards that are money */
	int64_t changed;	/* carts in which it gives another amount */
};

/* An article that carts had and that cannot be priced now. */
struct whatif_missing {
	char *sku;
	int64_t carts;
	bool unpriced; /* it is there, without a price in those carts' context */
};

struct whatif {
	const struct catalog *catalog; /* the other book */
	int64_t shift_s;	       /* later than they were */
	struct decision_room rooms[2];

	int64_t carts, cheaper, dearer,
		left_out;		     /* left out: they cannot be priced, and count nowhere else */
	struct whatif_side sides[2];	     /* as they were, as they would be */
	struct whatif_promotion *promotions; /* by id */
	size_t promotion_count, promotion_size;
	struct whatif_missing *missing; /* by SKU */
	size_t missing_count, missing_size;
};

/* Zeroed but for catalog and shift it is ready. */
void whatif_free(struct whatif *w);

/* Takes one sale in; its extract tells what its goods cost then. ERR_INVALID: another currency than the
 * book's. */
enum err whatif_take(struct whatif *w, const struct event_sale *sale, const struct extract *extract,
		     struct arena *a, struct why *why) MUST_CHECK;

#endif
