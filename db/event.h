/*
 * Ledger events: what happened at this box, as deterministic CBOR, each chained to the one before.
 *
 * The envelope is the same for every kind. Its encoding is what is stored and sent; the next event's
 * `previous` is its hash (event_hash). A segment is a boot: its first event names the previous segment's last
 * sequence and hash, in `previous` and in the body of a `start` event. Sequences have no gaps within a
 * segment.
 *
 * A sale refers to the records of its extract by small numbers: each is an event of its own, once, the first
 * time a sale needs it. Price rows change often and stand in the sale. docs/storage.md lists all keys.
 */
#ifndef TILL_EVENT_H
#define TILL_EVENT_H

#include "digest.h"
#include "record.h"
#include "records.h"

enum event_kind {
	EVENT_START = 1, /* a segment begins: struct event_start */
	EVENT_BODY = 2,	 /* a record's CBOR, the first time a decision refers to it: struct event_body */
	EVENT_SALE = 3,	 /* a cart was paid: struct event_sale */
	/* Notes (ledger_note.h). */
	EVENT_RETURN = 4,	 /* goods came back */
	EVENT_VOID = 5,		 /* a paid order was cancelled as a whole */
	EVENT_COUPON = 6,	 /* a code changed hands */
	EVENT_GRANT = 7,	 /* uses or budget of a promotion that this box may spend */
	EVENT_OVERRIDE = 8,	 /* a price that a person set here */
	EVENT_APPROVAL = 9,	 /* what became of a change that has to be approved */
	EVENT_ALERT = 10,	 /* what somebody has to look at */
	EVENT_PRICE = 11,	 /* a price came to be another by itself: a markdown */
	EVENT_SUBSCRIPTION = 12, /* a customer's plan began, changed or ended */
#ifdef TILL_NEXT
	EVENT_MEMO = 99, /* what a later version knows: behind each start */
#endif
};

#define EVENT_VERSION 1

struct event_envelope {
	int64_t version; /* EVENT_VERSION */
	const char *box;
	int64_t segment, sequence; /* from 1 */
	int64_t kind;
	int64_t at_ms;	       /* UTC by the box's clock: information, never truth */
	struct bytes previous; /* hash of the event before; 32 zero bytes at the very first */
	struct bytes body;     /* CBOR of the kind's struct */
	struct list bodies;    /* int64_t: numbers of the EVENT_BODYs that it refers to */
};

struct event_start {
	int64_t previous_segment, previous_sequence; /* 0, 0 at the very first */
	const char *program;			     /* "tilld 0.1.0" */
	int64_t restored; /* 1: events after the previous ones are lost: cut off, or newer than a backup */
	int64_t lost_segment,
		lost_sequence; /* the newest of the lost, as ledger.head had it; 0, 0: unknown */
};

struct event_body {
	int64_t number; /* from 1, no gaps over the whole ledger: what sales call it by */
	int64_t type;	/* enum record_type */
	struct bytes cbor;
	const char *currency; /* that its money is of: for people */
};

struct sale_discount {
	int64_t promotion; /* index into the sale's promotions */
	struct money amount;
};

struct sale_line {
	const char *sku;
	struct qty quantity;
	struct money given;  /* label price, or MONEY_NONE */
	struct money locked; /* most that one unit may cost, or MONEY_NONE */
	int64_t expires;     /* last day it may be sold: days since 1970; 0: its code does not say */
	struct money unit_price, list, net, tax;
	struct list discounts; /* struct sale_discount */
	const char *override;  /* id of the price set by hand that it was sold at; NULL: none */
};

struct sale_promotion {
	const char *id;
	struct money amount;
	int64_t times;
	const char *coupon; /* the code that unlocked it, or NULL */
	int64_t counted;    /* 1: it has a limit a customer, so it is counted for this one */
	int64_t grant;	    /* newest grant of it when it was spent; 0: it has no limit of uses or budget */
	const char *token;  /* that the code was reserved with, or NULL */
};

/* What was left of a promotion's limits when the cart was decided: struct counter, by name. */
struct sale_counter {
	const char *promotion;
	int64_t uses_left; /* AMOUNT_NONE: as much as the promotion says */
	struct money budget_left;
	int64_t customer_uses;
};

/* What a promotion gave that is no discount: see engine.h, struct reward. */
struct sale_reward {
	int64_t promotion; /* index into the sale's promotions */
	const char *kind;  /* "shipping", "gift", "points", "cashback" or "credit" */
	struct money amount;
	int64_t count;
	const char *sku; /* of a gift, else NULL */
};

/* A code that was in the cart and unlocked nothing that applied: no promotion of the sale names it. */
struct sale_coupon {
	const char *code;
	const char *promotion; /* id of what it would have unlocked */
};

#define TENDER_BASKET_CREDIT "basket-credit" /* the method that spends the basket credit of a plan */

struct sale_tender {
	const char *method; /* "cash", "card", ... */
	struct money amount;
};

struct event_sale {
	const char *order; /* unique: a repeated tender of it gets the first answer */
	const char *lane, *store, *channel, *customer, *cashier;
	const char *currency;
	int64_t opened_ms; /* UTC: the `now` its prices are of */
	int64_t utc_offset_s;
	int64_t catalog; /* version it was decided with */
	int64_t semantics;
	struct list segments;	/* texts: the customer's */
	struct list lines;	/* struct sale_line */
	struct list promotions; /* struct sale_promotion, in order of application */
	struct list tenders;	/* struct sale_tender */
	struct money list, discount, net, tax, total, change;
	struct bytes result; /* SHA-256 of evaluation_to_cbor: what a replay must reproduce */

	/* The extract: the ledger fills these in from ledger_sale.bodies; callers leave them empty. */
	struct list bodies;	 /* int64_t, in the extract's order: the envelope's, by event_sale_of */
	struct list price_lists; /* texts: ids of the lists that `prices` are in */
	struct list prices;	 /* struct sale_price, in the extract's order */

	const char *cart;	 /* id of the cart, if that is not the order's */
	struct list rewards;	 /* struct sale_reward, in order of application */
	const char *plan;	 /* the customer's subscription when the cart opened; NULL: none */
	struct list coupons;	 /* struct sale_coupon */
	struct list counters;	 /* struct sale_counter: of those judged, by their place in the catalog */
	int64_t order_number;	 /* of the customer's orders, the first is 1; 0: not known */
	int64_t clock_uncertain; /* 1: nobody vouched for opened_ms */
	int64_t credit_to;	 /* a tender is basket credit: of the month that ends that day, since 1970 */
#ifdef TILL_NEXT
	int64_t memo;
#endif
};

/* A price record, by the line and list it speaks of; or whole, if it says more than these three can. */
struct sale_price {
	int64_t line; /* index of the first line of that article */
	int64_t list; /* index into price_lists */
	struct money price;
	struct bytes cbor;
};

extern const struct schema sale_counter_schema;
extern const struct schema event_envelope_schema, event_start_schema, event_body_schema, event_sale_schema;

/* "sale"; NULL for a kind of a newer version. */
const char *event_kind_name(int64_t kind);

/* The whole event, and back. Text goes into the arena, byte strings point into the encoding. */
enum err event_encode(const struct event_envelope *e, struct buf *out) MUST_CHECK;
enum err event_decode(const void *event, size_t n, struct arena *a, struct event_envelope *out,
		      struct why *why) MUST_CHECK;

/*
 * The body of a sale, and back. Amounts of a line that say nothing new are left out: list when it is
 * unit_price, net when it is list. decode puts them back. encode refuses what decode would refuse, for the
 * same reason: what cannot be read is not written. ERR_LIMIT: there is no room in out.
 */
enum err event_sale_encode(const struct event_sale *s, struct arena *a, struct buf *out,
			   struct why *why) MUST_CHECK;
enum err event_sale_decode(struct bytes body, struct arena *a, struct event_sale *out,
			   struct why *why) MUST_CHECK;

/* The sale in an envelope, with its bodies. */
enum err event_sale_of(const struct event_envelope *e, struct arena *a, struct event_sale *out,
		       struct why *why) MUST_CHECK;

/* One event for people: envelope and body as JSON; a kind not known here shows its body in hexadecimal. */
enum err event_to_json(const void *event, size_t n, struct jsonw *w, struct why *why) MUST_CHECK;

/*
 * JSON Schemas of what event_to_json writes, one a kind: "ledger/sale" and so on, NULL at the end. Writes one
 * as one value; ERR_NOT_FOUND: it is no name.
 */
extern const char *const event_schema_names[];
enum err event_schema_write(const char *name, struct jsonw *w) MUST_CHECK;

/*
 * The hash of an encoded event: SHA-256 of its bytes, in which the content of the body (key 8) is replaced by
 * the body's own SHA-256. So the larger part can be hashed before the event's place in the chain is known.
 * Bytes that are no event have their SHA-256.
 */
void event_hash(const void *event, size_t n, struct digest *out);

/* The same when the body's SHA-256 is known: hash. */
void event_hash_by(const void *event, size_t n, const struct digest *hash, struct digest *out);

/* The same when its body's content, body, was found already: a pointer into the event. */
void event_hash_found(const void *event, size_t n, struct bytes body, struct digest *out);

/* Encodes an event, and hashes it while it is known where its body is. body_hash: the body's, or NULL. */
enum err event_make(const struct event_envelope *e, const struct digest *body_hash, struct buf *out,
		    struct digest *hash) MUST_CHECK;

/* Its first 8 bytes, big endian: stored beside an event, since nothing chains to the newest one yet. */
int64_t event_check(const struct digest *hash);

#endif
