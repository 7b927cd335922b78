/*
 * Carts and results as JSON: the input and output of `tillctl evaluate`, and the shape in which the control
 * socket shows a lane. docs/cart.md describes both; docs/schemas/cart.json and evaluation.json define them.
 */
#ifndef TILL_CART_JSON_H
#define TILL_CART_JSON_H

#include "engine.h"
#include "jsonw.h"
#include "record.h"
#include "snapshot.h"

/* A cart as somebody writes it: names, not ids. Read with record_from_json and cart_schema. */
struct cart_line_record {
	const char *sku; /* one of sku and gtin */
	const char *gtin;
	struct qty quantity;  /* default 1 */
	struct money price;   /* of one piece, from its label; MONEY_NONE: from the price list */
	struct money locked;  /* most that one unit costs; MONEY_NONE: no limit */
	struct stamp expires; /* last day it may be sold */
};

struct cart_counter_record {
	const char *promotion;
	int64_t uses_left;
	struct money budget_left;
	int64_t customer_uses; /* default 0 */
};

struct cart_context_record {
	const char *plan;
	int64_t order_number;
	int64_t clock_uncertain; /* default false */
	struct list counters;	 /* struct cart_counter_record */
};

struct cart_shipping_record {
	const char *method;
	struct money amount;
};

struct cart_record {
	const char *id;
	const char *store, *channel; /* default channel "store" */
	const char *customer;	     /* id in the book */
	struct list segments;	     /* texts, besides the customer's own */
	struct list coupons;	     /* texts: codes */
	struct stamp now;	     /* default: the caller's */
	const char *zone;	     /* default: the book's; only in evaluate */
	const char *language;	     /* default: the book's */
	struct list lines;	     /* struct cart_line_record */
	const struct cart_shipping_record *shipping;
	const struct cart_context_record *context;
};

extern const struct schema cart_schema;

/*
 * A cart made ready for the engine, against a snapshot that holds its people: arrays in the arena. Unknown
 * articles, customers and coupons are errors that name the line ("lines[2].gtin: ..."). default_now_s is
 * used if the cart names none. Calls zone_use when it has to.
 */
enum err cart_resolve(const struct snapshot *s, const struct cart_record *in, int64_t default_now_s,
		      struct arena *a, struct engine_cart *out, struct why *why) MUST_CHECK;

/*
 * Writes an evaluation's members into the open object of w: currency, now, policy, semantics, lines (line,
 * sku, name, quantity, unit, expires, unit_price, its origin, list, net, tax, discounts [{promotion,
 * amount}], margin_violation), totals, applied (promotion, name, text, amount, cut, times, ends), rejected
 * (promotion, name, label, reason, text, facts, lacking, needs, by, cut, allowed), rewards (promotion, and
 * what reward_to_json writes). Lines count from 1. language: of what customers read; NULL: the book's.
 */
void evaluation_to_json(const struct catalog *c, const struct engine_cart *cart,
			const struct engine_result *r, const char *language, struct jsonw *w);

/* Members of the open object: lacking and needs of a near miss; nothing if v is none. */
void lacking_to_json(const struct catalog *c, const struct verdict *v, struct jsonw *w);

/* "gift"; and the members kind, and amount or count, of a gift its sku and name. */
const char *reward_name(enum reward_kind kind);
void reward_to_json(const struct catalog *c, const struct reward *r, struct jsonw *w);

/*
 * Where a unit price is from, as members of the open object: base; price_list, volume and override, as far as
 * there are; steps [{by, rule, kind, amount}] that lead from base to the unit price, if there are any.
 */
void price_origin_to_json(const struct catalog *c, const struct engine_result *r,
			  const struct line_result *line, struct jsonw *w);

/*
 * The last second (UTC) of what runs now: the end of its window, of the hours it is in, or of its last
 * weekday in a row, whichever is first. AMOUNT_NONE: no end.
 */
int64_t promotion_ends_s(const struct promotion *p, const struct engine_context *x);

/* The JSON Schema of evaluation_to_json's output, with the member "cart" that evaluate adds, as one value. */
void evaluation_schema(struct jsonw *w);

/* The same as deterministic CBOR: what a decision stores and replay compares byte by byte. */
enum err evaluation_to_cbor(const struct catalog *c, const struct engine_result *r,
			    struct buf *out) MUST_CHECK;

#endif
