/*
 * carts.db: the journal of carts that are open or put aside, so that they come back after a crash with the
 * prices they had. tilld is its only writer and reader. It is comfort: what was paid is in the ledger, and
 * nothing here is waited for with an fsync (synchronous=NORMAL).
 *
 * A cart is one row, replaced on every change. The records its prices were made of (extract.h) stand beside
 * it, each once for all carts, by their hash; those that no cart needs any more are swept out now and then.
 */
#ifndef TILL_CART_STORE_H
#define TILL_CART_STORE_H

#include "event.h"
#include "extract.h"
#include "record.h"

struct kept_line {
	const char *sku;
	struct qty quantity;
	struct money given, locked; /* as in struct engine_line */
	int64_t expires;
};

struct kept_coupon {
	const char *code, *promotion;
	int64_t uses;	   /* orders it is good for; 0: any number */
	const char *token; /* that it was reserved with, or NULL */
};

/* A cart as it is kept: all that its prices depend on, by name. */
struct kept_cart {
	const char *id;
	const char *lane; /* where it is, or was put aside */
	int64_t opened_s; /* UTC: the `now` its prices are of */
	int64_t utc_offset_s;
	int64_t clock_uncertain; /* 1: nobody vouched for opened_s */
	int64_t suspended_s;	 /* UTC; 0: it is open */
	int64_t catalog;	 /* version it is priced with */
	const char *store, *channel;
	const char *customer, *customer_name;
	const char *plan;     /* the customer's subscription, NULL: none */
	struct list segments; /* texts: the customer's */
	struct list coupons;  /* struct kept_coupon */
	struct list lines;    /* struct kept_line */
	struct list counters; /* struct sale_counter: of the promotions judged */
	int64_t order_number; /* of the customer's; 0: not known */
	struct money credit;  /* basket credit of the customer's month, and its last day, since 1970 */
	int64_t credit_to;    /* 0: none */
	struct bytes result;  /* SHA-256 of evaluation_to_cbor: what it must cost again */
	struct list bodies;   /* struct kept_body, in the extract's order; cart_store_put fills it in */
};

struct kept_body {
	int64_t number; /* in the table of bodies */
};

extern const struct schema kept_cart_schema;

struct cart_store;

/*
 * Opens or creates it. A damaged one, or one of a newer version, is moved to PATH.aside (in the place of an
 * older one there), which is logged, and an empty one takes its place.
 */
enum err cart_store_open(const char *path, struct cart_store **out, struct why *why) MUST_CHECK;
void cart_store_close(struct cart_store *s); /* NULL is fine */

/* Puts the file aside as cart_store_open does, the store being closed. */
enum err cart_store_put_aside(const char *path, struct why *why) MUST_CHECK;

/*
 * Hands out every cart with its extract, valid during the call. fn answers ERR_OK: the cart stays;
 * ERR_EXISTS: it was paid, its row goes; anything else: it cannot be brought back. Such a row, like one that
 * cannot be read, goes to the table `damaged`, which is logged with fn's why. Outside of a transaction.
 */
typedef enum err cart_store_fn(const struct kept_cart *cart, const struct extract *e, void *arg,
			       struct why *why);
enum err cart_store_each(struct cart_store *s, cart_store_fn *fn, void *arg, struct why *why) MUST_CHECK;

/* The mark: up to which event of the ledger every sale's cart is known to be gone from here. */
enum err cart_store_mark(struct cart_store *s, int64_t *event, struct why *why) MUST_CHECK;

/*
 * Changes: begin, any number of them, then commit, or rollback after a failure. ERR_LIMIT is a full disk, or
 * a cart larger than CART_STORE_BYTES_MAX. drop of a cart that is not there is fine; drop_all empties the
 * table of carts.
 */
#define CART_STORE_BYTES_MAX (1 << 20)
enum err cart_store_begin(struct cart_store *s, struct why *why) MUST_CHECK;
enum err cart_store_put(struct cart_store *s, const struct kept_cart *cart, const struct extract *e,
			struct why *why) MUST_CHECK;
enum err cart_store_drop(struct cart_store *s, const char *id, struct why *why) MUST_CHECK;
enum err cart_store_set_mark(struct cart_store *s, int64_t event, struct why *why) MUST_CHECK;
enum err cart_store_commit(struct cart_store *s, struct why *why) MUST_CHECK;
void cart_store_rollback(struct cart_store *s);

/* False: the file was moved or deleted, so what is written comes back to nobody. */
bool cart_store_in_place(const struct cart_store *s);

/* Makes what was committed outlive a power cut: two fsyncs. */
void cart_store_checkpoint(struct cart_store *s);

#endif
