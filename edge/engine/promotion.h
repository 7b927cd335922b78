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

/* Articles: those of any include term (none: every article) but those of an exclude term. */
struct selector {
	const struct term *include, *exclude;
	uint32_t includes, excludes;
};

enum need_kind { NEED_QUANTITY, NEED_AMOUNT };

struct need {
	struct selector of;
	enum need_kind kind;
	int64_t least; /* pieces, or minor units */
};

enum give_kind {
	GIVE_PERCENT, /* rate off the base of what `on` selects */
	GIVE_AMOUNT,  /* amount off: once over all that `on` selects, or a piece */
	GIVE_UNITS,   /* of every buy + get pieces, the get cheapest at rate off: 1 + 1 at 100 % is BOGO */
};

enum amount_per { PER_ONCE, PER_UNIT };

struct give {
	enum give_kind kind;
	struct selector
		on; /* as resolved by the builder: its own, else that of the first need, else every article */
	struct rate rate;
	struct money amount;
	enum amount_per per;
	int64_t buy, get; /* pieces */
};

enum promotion_status {
	PROMOTION_DRAFT,
	PROMOTION_ACTIVE,
	PROMOTION_PAUSED,
	PROMOTION_EXHAUSTED,
	PROMOTION_EXPIRED
};
enum promotion_base { BASE_RUNNING, BASE_LIST };

/* What becomes of a promotion that would go below the floor: it is cut to it, or does not apply at all. */
enum on_breach { BREACH_REDUCE, BREACH_BLOCK };

/* What every candidate is asked comes first, so that most promotions cost two or three cache lines. */
struct promotion {
	enum promotion_status status;
	uint8_t weekdays; /* bit 0 Monday to bit 6 Sunday; 0: every day */
	bool coupon;	  /* only with a coupon of its own in the cart */
	bool stackable;
	struct window window;
	const struct hours *hours;
	uint32_t hours_count;		       /* 0: all day */
	uint32_t need_count, give_count;       /* at least one give */
	struct ids segments, channels, stores; /* empty: all */
	const struct need *needs;
	const struct give *gives;
	int64_t priority; /* lower goes first, whatever sense the book's numbers have */
	uint32_t group;	  /* of its group at most one applies; 0: none, else a number of no meaning */
	int64_t times;	  /* groups an order (GIVE_UNITS); AMOUNT_NONE: no limit */
	struct money max_discount; /* an order; MONEY_NONE: no limit */
	enum promotion_base base;
	struct rate margin_floor; /* its own, where it is higher than that of the goods; 0: none */
	enum on_breach on_breach;
	const char *id, *name;
	const char *group_name; /* NULL: in none */
	const char *text;	/* for the customer; falls back to name */
	const char *shown;	/* id and text as members of a JSON object, ready to be sent */
	size_t shown_length;
	const uint8_t *body; /* its record in CBOR, as published: what the ledger keeps by hash */
	size_t body_length;
};

#endif
