/*
 * The engine: a cart, a catalog and a context in; prices, discounts and reasons out. docs/engine.md is its
 * specification; the box and headquarters run this same code.
 *
 * It is a pure function: no allocation, no clock, no I/O, no floating point. The caller supplies the memory
 * (a "room") and gets a result that lives in it. Same input, same bytes out, for ever: ENGINE_SEMANTICS is
 * raised when a meaning changes, and the old one is kept.
 */
#ifndef TILL_ENGINE_H
#define TILL_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog.h"
#include "err.h"
#include "money.h"
#include "reason.h"

#ifdef TILL_NEXT /* tests/skew */
#define ENGINE_SEMANTICS 2
#else
#define ENGINE_SEMANTICS 1
#endif
#define ENGINE_LINES_MAX    1024    /* lines of a cart */
#define ENGINE_COUPONS_MAX  16	    /* coupons of a cart */
#define ENGINE_QUANTITY_MAX 1000000 /* units of a line */
#define ENGINE_DISCOUNTS_MAX(lines) \
	(1024 + 16 * (lines)) /* shares of promotions that the lines of a cart get, in all */

#define ENGINE_REWARDS_MAX 256 /* of a cart */

/* One line as it was scanned. */
struct engine_line {
	uint32_t item;
	struct qty quantity; /* more than 0; whole for what is sold by the piece and for priced pieces */
	struct money given;  /* price of one piece read from its label, or MONEY_NONE */
	struct money
		locked;	 /* the unit price is never above it: what was shown before; MONEY_NONE: not locked */
	int32_t expires; /* last day it may be sold, from its code: days since 1970-01-01; 0: not known */
};

/*
 * What is left of a promotion's limits, as headquarters last told. AMOUNT_NONE: not known, so as much as the
 * promotion itself says.
 */
struct counter {
	uint32_t promotion;
	int64_t uses_left;
	struct money budget_left;
	int64_t customer_uses; /* by this customer so far; 0: none, or not known */
};

/* Sending the goods. */
struct shipping {
	const char *method; /* NULL: nothing is sent */
	struct money amount;
};

/* Everything outside cart and catalog that a price depends on. */
struct engine_context {
	int64_t now_s;		     /* UTC, fixed when the cart opened */
	int32_t utc_offset_s;	     /* of the store's zone at that instant */
	bool clock_uncertain;	     /* nobody vouches for now_s */
	uint32_t store, channel;     /* ids; CATALOG_NONE: unknown to the book */
	struct ids segments;	     /* of the customer; of who has none, the catalog's guests */
	struct ids coupons;	     /* promotions that a valid coupon in the cart unlocks */
	bool every_reason;	     /* also judge promotions that no line could touch */
	bool ranked;		     /* also rank what was judged, with what the outranked would have given */
	const char *customer, *plan; /* id, and subscription; NULL: none */
	int64_t order_number;	     /* of the customer, the first is 1; 0: not known */
	const struct counter *counters; /* ascending by promotion, once each */
	uint32_t counter_count;
	struct shipping shipping;
};

struct engine_cart {
	const struct engine_line *lines;
	uint32_t count;
	struct engine_context context;
};

/* Part of a promotion's discount that a line got. */
struct discount {
	uint32_t line;	    /* index into the cart's lines */
	uint32_t promotion; /* index into the catalog's promotions */
	struct money amount;
};

enum reward_kind {
	REWARD_SHIPPING, /* amount off the shipping */
	REWARD_GIFT,	 /* count pieces of promotions[promotion].gives[give].sku */
	REWARD_POINTS,	 /* count of them */
	REWARD_CASHBACK, /* amount */
	REWARD_CREDIT	 /* amount */
};

/* What a promotion gives that is no discount of a line. */
struct reward {
	uint32_t promotion, give; /* its place among those of the promotion */
	enum reward_kind kind;
	struct money amount;
	int64_t count;
};

/* What moved the price of a unit. */
enum step_kind {
	STEP_RULE,   /* a pricing rule */
	STEP_BOUNDS, /* what rules added up to, brought back to the article's bounds */
	STEP_MARGIN, /* ... and to the lowest legal price */
	STEP_LOCK,   /* the price lock */
};
struct price_step {
	enum step_kind kind;
	uint32_t rule; /* STEP_RULE: index into the catalog's rules */
	struct money amount;
};

struct line_result {
	struct money unit_price;	    /* of one unit: base plus its steps */
	struct money base;		    /* the list's, the override's, or the price given */
	struct money list;		    /* unit price times quantity */
	struct money net;		    /* list minus the line's discounts */
	struct money tax;		    /* in net (inclusive) or on top of it (exclusive) */
	uint32_t first_discount, discounts; /* into result->discounts, in the order of application */
	struct money least;  /* the margin guard's: no discount goes below it. 0: unguarded. Above list: the
				price itself breaches the floor, by which nothing may be taken off */
	struct rate floor;   /* the margin that least comes from; AMOUNT_NONE: unguarded */
	uint32_t price_list; /* where unit_price is from; CATALOG_NONE if given or overridden, or if the lock
				made it lower */
	uint32_t override;   /* rule that base is from; CATALOG_NONE: none */
	struct qty volume;   /* the volume break that the list's price is of; 0: none */
	uint32_t first_step, steps; /* into result->steps */
	bool locked;		    /* the lock made it lower */
};

/* What became of a promotion. */
struct verdict {
	uint32_t promotion;
	enum reason reason;   /* REASON_APPLIED, or why not */
	struct money amount;  /* what it gave in all */
	struct money cut;     /* what it would have given besides, had the margin guard let it */
	struct money allowed; /* REASON_MARGIN_BLOCKED: what the guard would have let it give; else 0 */
	int64_t times;	      /* groups or sets rewarded, else 1; 0 when not applied */
	uint32_t rewards;     /* how many of the result's are its */
	struct money extra;   /* what those are worth in money: shipping, cashback and credit */
	int64_t lacking;      /* near miss: what the need below still wants, in its least's unit; else 0 */
	uint32_t need;	      /* index of that need */
	uint32_t by;	      /* REASON_OUTRANKED: the promotion that won; else CATALOG_NONE */
	struct money alone;   /* REASON_OUTRANKED, if ranked: what it would have given at its turn; else 0 */
};

struct totals {
	struct money list, discount, net, tax, total; /* total is what the customer pays */
	struct money shipping, shipping_discount;     /* total contains their difference */
};

struct engine_result {
	const struct line_result *lines;  /* one a line of the cart, same order */
	const struct discount *discounts; /* sorted by line, then order of application */
	const struct price_step *steps;	  /* by line */
	const struct verdict
		*verdicts; /* first the applied, in order of application; then the others, by promotion */
	const uint32_t *ranked; /* indices into verdicts, the largest amount first; NULL unless asked for */
	const struct reward *rewards; /* in order of application */
	uint32_t line_count, discount_count, verdict_count, applied_count, reward_count;
	bool ships;	  /* the cart has shipping, so the totals say something of it */
	bool optimal;	  /* best_deal: no other choice gives more; true for the other policies */
	struct money gap; /* not optimal: another choice may give more, but by no more than this */
	uint32_t states;  /* best_deal: steps of choices that were looked at, what the answer has cost */
	struct totals totals;
};

/* Bytes of room for a cart of up to that many lines against that catalog. SIZE_MAX: more than memory can be.
 */
size_t engine_room_size(const struct catalog *c, uint32_t lines);

/*
 * Evaluates. room is aligned for any type (as from malloc), room_size at least engine_room_size(c, lines).
 * The result points into room and at nothing else; it is valid until the room is used again.
 *
 * ERR_NOT_FOUND: an article has no price in this context; ERR_STATE: it has expired; ERR_INVALID: a quantity,
 * price, article or coupon out of its range; ERR_LIMIT: too many lines, coupons or discounts, or too little
 * room; ERR_RANGE: amounts overflow. On failure out is left alone and *bad_line says which line, CATALOG_NONE
 * if it is none's fault.
 */
enum err engine_evaluate(const struct catalog *c, const struct engine_cart *cart, void *room,
			 size_t room_size, struct engine_result *out, uint32_t *bad_line) MUST_CHECK;

/*
 * A memo keeps, from one evaluation of a cart to the next, what the next one needs not do again. With it a
 * cart that got one more line, or another quantity on one, is evaluated in less than half the time; the
 * result is the same, byte for byte, and any other change is evaluated from scratch. It belongs to one
 * catalog: it must not be used after that is gone. engine_memo_make makes an empty one in memory of
 * engine_memo_size(c, lines) bytes (SIZE_MAX: more than memory can be), aligned for any type; there is
 * nothing to free. Carts of more lines do not profit.
 */
struct engine_memo;
size_t engine_memo_size(const struct catalog *c, uint32_t lines);
struct engine_memo *engine_memo_make(void *memory, const struct catalog *c, uint32_t lines);

/* engine_evaluate with a memo, or with NULL. */
enum err engine_evaluate_next(const struct catalog *c, const struct engine_cart *cart,
			      struct engine_memo *memo, void *room, size_t room_size,
			      struct engine_result *out, uint32_t *bad_line) MUST_CHECK;

/*
 * The list price of one unit in that context, of the usable list of highest rank, without breaks and rules.
 * ERR_NOT_FOUND: no usable list has one.
 */
enum err engine_list_price(const struct catalog *c, const struct engine_context *x, uint32_t item,
			   struct money *price, uint32_t *list) MUST_CHECK;

/*
 * The margin floor for an article in that context, and the lowest legal price of one unit by it; AMOUNT_MAX
 * if no price is. ERR_NOT_FOUND: the article is unguarded, since its cost is unknown or the guard is off.
 */
#define AMOUNT_MAX INT64_MAX
enum err engine_lowest_price(const struct catalog *c, const struct engine_context *x, uint32_t item,
			     struct rate *floor, struct money *price) MUST_CHECK;

/*
 * The margin of so much of an article at that amount: what is left of it after cost, logistics and the tax in
 * it, rounded down. ERR_NOT_FOUND: its cost is unknown; ERR_RANGE: the amount is 0, or the margin is beyond
 * any number.
 */
enum err engine_margin(const struct catalog *c, uint32_t item, struct qty quantity, struct money amount,
		       struct rate *margin) MUST_CHECK;

/*
 * What a promotion made of goods that it took below their floor, since it sells more of them: the profit of
 * these lines without it, and with it times its uplift. ERR_NOT_FOUND: it took none below.
 */
enum err engine_compensation(const struct catalog *c, const struct engine_cart *cart,
			     const struct engine_result *r, uint32_t promotion, struct money *without,
			     struct money *with) MUST_CHECK;

/* Which rules may move an article's price, in ascending order, usable or not; at most `size` of them are
 * written, and how many there are is returned. */
uint32_t engine_rules_of(const struct catalog *c, uint32_t item, uint32_t *rules, uint32_t size);

/* D(t,d,p) in parts per million, before it is bounded; all but days are parts per million. docs/engine.md,
 * "Markdown". */
enum err engine_markdown(const struct rule_age *by, int64_t days, struct rate demand, struct rate position,
			 struct rate *out) MUST_CHECK;

/* Active, and its time has come: window, weekdays and hours. A rule: not paused, and within its window. */
bool engine_promotion_runs(const struct promotion *p, const struct engine_context *x);
bool engine_rule_runs(const struct price_rule *r, const struct engine_context *x);

/* The article is one of those the selector means. */
bool engine_selects(const struct catalog *c, const struct selector *s, uint32_t item);

#endif
