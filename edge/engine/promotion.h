/*
 * A promotion as the engine reads it: who, where and when; what it needs; what it gives; its limits; how it
 * stacks. docs/engine.md says what each means. Names are ids of the catalog's dictionaries.
 */
#ifndef TILL_PROMOTION_H
#define TILL_PROMOTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "money.h"

/* A list of small numbers. */
struct ids {
	const uint32_t *at;
	uint32_t count;
};

/* A point in time: an instant, or a second of the store's civil clock. seconds AMOUNT_NONE: open. */
struct moment {
	int64_t seconds;
	bool local;
};

/* From and to, both inclusive. */
struct window {
	struct moment from, to;
};

/* Seconds of the day, both inclusive; from above to passes midnight and belongs to the day it starts on. */
struct hours {
	int32_t from, to;
};

enum term_kind { TERM_ITEM, TERM_CATEGORY, TERM_BRAND, TERM_TAG, TERM_SUPPLIER };
#define TERM_KINDS 5

struct term {
	enum term_kind kind;
	uint32_t id; /* article index, or id of the dictionary; a category means its descendants too */
};

/* Texts in ascending order, once each. */
struct names {
	const char *const *at;
	uint32_t count;
};

/* What a selector asks of a good besides its terms; bits of selector.filters. */
enum selector_filter {
	FILTER_PRICE = 1,   /* its unit price is in [price_from, price_to] */
	FILTER_SALE = 2,    /* it is on sale: its price is of a list that says so */
	FILTER_NO_SALE = 4, /* it is not */
	FILTER_DISCOUNTABLE = 8,
};

/* Articles: those of any include term (none: every article) but those of an exclude term. */
struct selector {
	const struct term *include, *exclude;
	uint32_t includes, excludes;
	unsigned filters;		   /* of enum selector_filter */
	struct money price_from, price_to; /* inclusive */
};

/* It may not mean all that its include terms do. */
static inline bool selector_narrows(const struct selector *s)
{
	return s->excludes || s->filters;
}

enum need_kind {
	NEED_QUANTITY, /* pieces */
	NEED_AMOUNT,   /* minor units */
	NEED_MEASURE,  /* what is weighed or measured: of one dimension, in need_measure's steps */
};

enum need_threshold { NEED_AS_BOOK, NEED_ORIGINAL, NEED_RUNNING };
enum need_tax { NEED_TAX_AS_BOOK, NEED_TAX_AS_PRICED, NEED_TAX_BEFORE, NEED_TAX_AFTER };

struct need {
	struct selector of;
	enum need_kind kind;
	int64_t least; /* pieces, minor units, or millionths of `unit` */
	uint8_t unit;  /* enum unit of NEED_MEASURE */
	bool above;    /* more than `least`, not just as much */
	bool none;     /* the cart holds nothing that `of` selects; the kind and least mean nothing */
	bool alone;    /* one article by itself has to reach it */
	enum need_threshold threshold;
	enum need_tax tax;
};

/* What a give is about, and how: one function each (give.c and its neighbours). */
enum give_kind {
	GIVE_PERCENT,  /* rate off the base of what `on` selects */
	GIVE_AMOUNT,   /* amount off what `on` selects: see amount_per */
	GIVE_UNITS,    /* of every buy + get pieces, the get cheapest at rate off: 1 + 1 at 100 % is BOGO */
	GIVE_PRICE,    /* every unit of what `on` selects at `amount` */
	GIVE_PICKED,   /* `off` on the count cheapest or dearest pieces */
	GIVE_SETS,     /* `off` on complete sets of `parts` */
	GIVE_TIERS,    /* `off`, its value that of the highest tier reached */
	GIVE_STEPS,    /* `off`, each tier's on what lies between it and the next one */
	GIVE_SHIPPING, /* `off` on the shipping, if its method is one of `methods` */
	GIVE_GIFT,     /* count pieces of `sku`, to be handed out */
	GIVE_POINTS,   /* count points, or so many for every `amount` of what `on` selects */
	GIVE_CASHBACK, /* OFF_RATE or OFF_AMOUNT: paid back later */
	GIVE_CREDIT,   /* the same, as a credit for another basket */
};
#define GIVE_KINDS 13

/* What is done to pieces, tiers or the shipping. */
enum give_off {
	OFF_RATE,     /* rate off */
	OFF_AMOUNT,   /* amount off: each piece (PER_UNIT), or what is rewarded as a whole */
	OFF_TO_PRICE, /* each piece at amount (PER_UNIT), or the whole set at it */
};

enum amount_per { PER_ONCE, PER_UNIT, PER_LINE };

/* Which pieces of several come first. */
enum piece_order { CHEAPEST_FIRST, DEAREST_FIRST };

/* Pieces that a set is made of. */
struct set_part {
	struct selector of;
	int64_t count;
	enum piece_order order;
	bool rewarded;
};

enum tier_kind { TIER_QUANTITY, TIER_AMOUNT, TIER_MEASURE };

struct tier {
	int64_t from; /* pieces, minor units or millionths of give.unit; ascending */
	struct rate rate;
	struct money amount;
};

struct give {
	enum give_kind kind;
	struct selector
		on; /* as resolved by the builder: its own, else that of the first need, else every article */
	struct rate rate;
	struct money amount;
	enum amount_per per;
	int64_t buy, get; /* pieces */
	enum give_off off;
	enum piece_order order;	      /* GIVE_UNITS: which of a group get the reward; GIVE_PICKED: which */
	int64_t count;		      /* pieces, gifts or points */
	const struct set_part *parts; /* GIVE_SETS */
	uint32_t part_count;
	const struct tier *tiers; /* GIVE_TIERS, GIVE_STEPS */
	uint32_t tier_count;
	enum tier_kind tier_kind;
	uint8_t unit;	      /* enum unit of TIER_MEASURE */
	struct names methods; /* GIVE_SHIPPING; empty: any */
	const char *sku;      /* GIVE_GIFT */
	bool order_wide;      /* of the whole order, as its writer says: `on` is everything */
};

enum promotion_status {
	PROMOTION_DRAFT,
	PROMOTION_ACTIVE,
	PROMOTION_PAUSED,
	PROMOTION_EXHAUSTED,
	PROMOTION_EXPIRED
};
enum promotion_base { BASE_RUNNING, BASE_LIST };

/*
 * What becomes of a promotion that would go below the floor: it is cut to it, does not apply at all, or goes
 * as far below as what it sells more makes up for.
 */
enum on_breach { BREACH_REDUCE, BREACH_BLOCK, BREACH_COMPENSATE };

/* Which orders of a customer: the first is number 1. */
struct order_numbers {
	int64_t from, to, every; /* both inclusive; 0: open. every 5: the 5th, 10th ... */
};

/* What the customer reads of it, in a language: a tag as in RFC 5646, such as "fr" or "pt-BR". */
struct label {
	const char *language, *text;
	const char *shown; /* as promotion.shown */
	size_t shown_length;
};

/* What every candidate is asked comes first, then what those are that apply to goods: so most promotions cost
 * one or two cache lines. */
struct promotion {
	enum promotion_status status;
	uint8_t weekdays; /* bit 0 Monday to bit 6 Sunday; 0: every day */
	bool coupon;	  /* only with a coupon of its own in the cart */
	bool stackable;
	bool open, gated, narrows, sole, anew; /* promotion_settle */
	bool sure_clock;		       /* not while the clock is uncertain */
	uint8_t round;			       /* promotions_order, as is turn */
	uint32_t turn;			       /* its place among all, in the order of precedence */
	uint32_t need_count, give_count;       /* at least one give */
	uint32_t group; /* of its group at most one applies; 0: none, else a number of no meaning */
	const struct need *needs;
	const struct give *gives;
	struct money max_discount; /* an order; MONEY_NONE: no limit */
	struct money budget;	   /* that it may give in all; 0: no limit */
	struct rate margin_floor;  /* its own, where it is higher than that of the goods; 0: none */
	enum on_breach on_breach;
	enum promotion_base base;
	int64_t units;		/* pieces it rewards in an order, at most; 0: no limit */
	int64_t times;		/* groups an order (GIVE_UNITS); AMOUNT_NONE: no limit */
	int64_t priority;	/* lower goes first, whatever sense the book's numbers have */
	enum piece_order first; /* which pieces it rewards, if not all */
	uint32_t hours_count;	/* 0: all day */
	const struct hours *hours;
	struct window window;
	struct ids segments, channels, stores; /* empty: all */
	int64_t uplift;		       /* BREACH_COMPENSATE: pieces sold for one without it, in millionths */
	struct rate hard_floor;	       /* BREACH_COMPENSATE: the margin that it leaves all the same */
	struct names customers, plans; /* of the customer; empty: all */
	struct order_numbers orders;
	int64_t uses, customer_uses; /* orders it may apply to, in all and of one customer; 0: no limit */
	const char *id, *name;
	const char *group_name; /* NULL: in none */
	const char *text; /* for the customer, in the book's language if it speaks that; falls back to name */
	const char *shown; /* id and text as members of a JSON object, ready to be sent */
	size_t shown_length;
	const struct label *labels; /* the same in languages, by tag */
	uint32_t label_count;
	const uint8_t *body; /* its record in CBOR, as published: what the ledger keeps by hash */
	size_t body_length;
};

/*
 * promotion.c: what follows from the rest of it, once that is all there, so that no evaluation has to find
 * out. open: it is active, always and everywhere, for everyone, without a coupon. gated: who or limits ask
 * for more than every promotion is asked. narrows: a selector means less than the index of terms says, so it
 * may touch nothing after all. sole: all that it speaks of is one selector, so that what touches it is what
 * include means. anew: what it does may change with any change of the cart (past.h).
 */
void promotion_settle(struct promotion *p);

/*
 * The order of precedence among count promotions, which stand by id; spare and order have room for them.
 * docs/engine.md, "Precedence".
 */
struct settings;
void promotions_order(const struct settings *s, struct promotion *all, uint32_t count, uint32_t *order,
		      uint32_t *spare);

/* In the order of precedence. Of the best deal's, promotions that do not stack but give rewards are among
 * those that stack. */
enum promotion_round { ROUND_ALONE, ROUND_UNITS, ROUND_PERCENTS, ROUND_AMOUNTS, ROUND_REWARDS };

/* The rate of its first give: of tiers the last, which is the highest that may be reached. */
struct rate promotion_rate(const struct promotion *p);

/* Two selectors mean the same, as far as they show it. */
bool selector_same(const struct selector *a, const struct selector *b);

#endif
