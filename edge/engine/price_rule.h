/*
 * Rules that move an article's price: overrides by people, and the kinds that follow signals. docs/engine.md,
 * "Price of a line", says what each means; names are ids of the catalog's dictionaries.
 */
#ifndef TILL_PRICE_RULE_H
#define TILL_PRICE_RULE_H

#include "promotion.h"

/* In the order in which they are carried out. */
enum rule_kind {
	RULE_OVERRIDE,	 /* a person's price instead of the list's */
	RULE_SURGE,	 /* more while it sells faster than expected */
	RULE_OVERSTOCK,	 /* less while the stock lasts too long */
	RULE_STOCK,	 /* by how much is left */
	RULE_DEMAND,	 /* base + k * root of the weighted demand */
	RULE_COMPETITOR, /* towards a part of the competitor's price */
	RULE_SEASON,	 /* on certain days of the year */
	RULE_AGE,	 /* markdown D(t,d,p) */
	RULE_EXPIRY,	 /* markdown by the days that are left */
};
#define RULE_KINDS 9

/* A threshold, and what is added (or by a markdown taken off) from there: a part of the price. */
struct rule_step {
	int64_t at; /* millionths: units left, index, days of cover; RULE_EXPIRY: days */
	struct rate rate;
};

struct rule_demand {
	struct money k;
	int64_t view, cart, purchase; /* weights */
	int64_t half_life_s;
};

struct rule_age {
	struct rate beta, gamma, least;
	struct rate position; /* without a competitor's price; ppm AMOUNT_NONE: the book's */
	int64_t days;	      /* T */
};

/* Days of the year as month * 100 + day, both inclusive; from above to passes the new year. */
struct rule_season {
	uint16_t from, to;
	struct rate rate;
};

/* Whom, where and when. Empty lists mean all. */
struct rule_scope {
	struct window window;
	struct ids segments, channels, stores, zones;
	struct ids lists; /* price lists whose prices it moves */
};

/*
 * What is asked first comes first. Rules are sorted so that of each kind the first usable one is the one that
 * counts: by kind, headquarters' before the box's own, priority, id; overrides those of one article first,
 * then the one that began last, then by id.
 */
struct price_rule {
	uint8_t kind;	/* enum rule_kind */
	bool box;	/* the box's own: only where headquarters has none */
	bool hold;	/* RULE_OVERRIDE: no rule moves it but the markdown near expiry */
	bool off;	/* paused, or not approved yet */
	uint32_t steps; /* in step */
	const struct rule_step *step;
	const struct rule_scope *scope; /* NULL: always, everywhere, for everyone */
	struct selector on;
	struct rate up, down; /* most that it adds and takes off, of the price; ppm AMOUNT_NONE: no bound */
	union {
		struct money price; /* RULE_OVERRIDE */
		struct rate target; /* RULE_COMPETITOR: of the competitor's price */
		struct rule_season season;
		const struct rule_demand *demand;
		const struct rule_age *age;
	} by;
	int64_t priority;
	const char *id, *name;
	const uint8_t *body; /* its record in CBOR */
	uint32_t body_length;
};

#endif
