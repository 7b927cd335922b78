/*
 * The records of a price book: what HQ or a shopkeeper writes, one JSON object a line, and what catalog.db,
 * the change feed and a decision's extract carry as CBOR. docs/pricebook.md explains each with examples;
 * docs/schemas/ has a JSON Schema for each, made from the tables in records.c.
 */
#ifndef TILL_RECORDS_H
#define TILL_RECORDS_H

#include <stdint.h>

#include "money.h"
#include "record.h"

enum record_type {
	RECORD_BOOK, /* the first line: currency and rules of the whole */
	RECORD_TAX,
	RECORD_CATEGORY,
	RECORD_PRICE_LIST,
	RECORD_ITEM,
	RECORD_PRICE,
	RECORD_PROMOTION,
	RECORD_COUPON,
	RECORD_CUSTOMER,
	RECORD_FLOOR,
	RECORD_ZONE,
	RECORD_SIGNAL,
	RECORD_PRICE_RULE,
	RECORD_OVERRIDE,
	RECORD_EXCHANGE_RATE,
	RECORD_LANDED_COST,
	RECORD_PLAN,
#ifdef TILL_NEXT /* tests/skew: what this version does not know */
	RECORD_MEMO,
#endif
};
#ifdef TILL_NEXT
#define RECORD_TYPES 18
#else
#define RECORD_TYPES 17
#endif

#define MARGIN_ALERT_DEFAULT 20000  /* 2 percentage points above the floor */
#define MARGIN_FLOOR_DEFAULT 300000 /* of a book that says none: 30 % */

struct record_guard {
	int64_t guard; /* on, off */
	struct rate floor;
	struct rate alert; /* default 2 percentage points */
};

struct record_book {
	const char *id;
	const char *currency;
	int64_t semantics;	  /* of ENGINE_SEMANTICS; a line that leaves it out gets the current one */
	int64_t rounding;	  /* half_away, half_even */
	int64_t tax;		  /* none, inclusive, exclusive */
	int64_t policy;		  /* precedence, one_per_order, best_deal */
	int64_t threshold;	  /* original, running */
	const char *zone;	  /* default UTC */
	int64_t priority;	  /* lower_first, higher_first */
	int64_t exclusive;	  /* beats_all, same_priority, best_total */
	int64_t percents;	  /* sequential, parallel, additive, best_only */
	int64_t remainder;	  /* largest, last_line, carry */
	int64_t percent_rounding; /* as_rounding, discount_half_up, price_half_up, half_even, down */
	int64_t fixed_amount;	  /* once, unit, line */
	int64_t free_unit;	  /* cheapest, dearest */
	int64_t units_first;	  /* cheapest, dearest; default dearest */
	int64_t repeats;	  /* all, once */
	int64_t threshold_tax;	  /* as_priced, before, after */
	int64_t budget_overrun;	  /* part, reject */
	int64_t tax_per;	  /* line, unit */
	int64_t cancelled_use;	  /* freed, kept */
	const struct record_guard *margin;
	int64_t prices;	     /* rank, best */
	struct qty position; /* default 1.2: own price over the competitor's, where that is not known */
	const char *language;
	int64_t price_history; /* days that the catalog keeps its events; default 730 */
};

struct record_tax {
	const char *id;
	struct rate rate; /* one of the two */
	struct money amount;
};

struct record_category {
	const char *id, *name, *parent;
};

struct record_price_list {
	const char *id;
	int64_t rank;
	struct list segments, channels, stores; /* texts */
	struct stamp from, to;
	int64_t sale;	    /* default false */
	struct list zones;  /* texts */
	struct list grid;   /* struct record_grid_step */
	struct rate markup; /* on what its articles cost, instead of prices; ppm AMOUNT_NONE: it has prices */
	int64_t basis;	    /* of the markup: landed, fob */
};

struct record_grid_step {
	struct qty from;
	struct rate percent;
};

struct record_item {
	const char *sku, *name;
	struct list gtins, tags; /* texts */
	const char *category, *brand, *supplier, *tax;
	int64_t unit;
	struct money cost, logistics;
	int64_t discountable;	  /* default true */
	struct money least, most; /* bounds of what pricing rules do */
	struct money cost_in_review;
#ifdef TILL_NEXT
	int64_t memo;
#endif
};

/* What the margin guard reckons with: the higher of what it costs and what may be so. AMOUNT_NONE: unknown.
 */
struct money record_item_burden(struct money cost, struct money in_review);

struct record_break {
	struct qty from;
	struct money price;
};

struct record_price {
	const char *list, *sku;
	struct money price;
	struct list breaks; /* struct record_break */
};

struct record_terms {
	struct list skus, categories, brands, tags, suppliers; /* texts */
};

struct record_selector {
	struct list skus, categories, brands, tags, suppliers; /* texts */
	const struct record_terms *except;
	struct money price_from, price_to;
	int64_t on_sale;      /* AMOUNT_NONE: either */
	int64_t discountable; /* 1, or AMOUNT_NONE */
};

struct record_need {
	const struct record_selector *select;
	int64_t quantity; /* pieces; one of quantity, amount, measure and none */
	struct money amount;
	struct qty measure;
	int64_t unit; /* kg, g, lb, l, m */
	int64_t none, above;
	int64_t per;	   /* cart, article */
	int64_t threshold; /* original, running */
	int64_t tax;	   /* as_priced, before, after */
};

struct record_set_part {
	const struct record_selector *select;
	int64_t quantity;
	int64_t rewarded; /* default true */
};

struct record_tier {
	int64_t from_quantity; /* one of the three */
	struct money from_amount;
	struct qty from_measure;
	struct rate percent; /* one of the three */
	struct money amount, price;
};

struct record_give {
	int64_t kind; /* percent, amount, units, price, shipping, gift, points, cashback, credit */
	const struct record_selector *select;
	struct rate percent;
	struct money amount;
	int64_t per; /* once, unit, line */
	int64_t buy, get;
	int64_t target; /* goods, order, groups, nth, cheapest, dearest, sets */
	struct money price;
	int64_t count;
	const struct record_selector *got;
	int64_t free;	     /* cheapest, dearest */
	struct list sets;    /* struct record_set_part */
	struct list tiers;   /* struct record_tier */
	int64_t spread;	     /* whole, steps */
	int64_t unit;	     /* of from_measure */
	struct list methods; /* texts */
	const char *sku;
	int64_t points;
	struct money every;
};

/* Of an initialiser: what a give on goods or the order leaves out, but for its own value and per. */
#define RECORD_GIVE_REST                                                                      \
	.buy = AMOUNT_NONE, .get = AMOUNT_NONE, .price = {AMOUNT_NONE}, .count = AMOUNT_NONE, \
	.free = AMOUNT_NONE, .unit = AMOUNT_NONE, .points = AMOUNT_NONE, .every = {AMOUNT_NONE}

struct record_hours {
	int64_t from, to; /* seconds of the day */
};

struct record_when {
	struct stamp from, to;
	struct list weekdays;	 /* texts: mon to sun */
	struct list hours;	 /* struct record_hours */
	int64_t uncertain_clock; /* allow, deny */
};

struct record_orders {
	int64_t from, to, every;
};

struct record_who {
	struct list segments, customers, plans; /* texts */
	const struct record_orders *orders;
};

struct record_where {
	struct list channels, stores; /* texts */
};

struct record_limits {
	int64_t times;
	struct money max_discount;
	int64_t units;
	int64_t first; /* cheapest, dearest */
	int64_t uses, customer_uses;
	struct money budget;
};

struct record_stacking {
	int64_t stackable; /* default true */
	int64_t priority;  /* default 100 */
	int64_t base;	   /* running, list */
	const char *group; /* NULL: none */
};

struct record_margin {
	struct rate floor;
	int64_t on_breach; /* reduce, block, compensate */
	struct qty uplift;
	struct rate hard_floor;
};

struct record_promotion {
	const char *id, *name, *text;
	int64_t status; /* default active */
	int64_t coupon;
	const struct record_when *when;
	const struct record_who *who;
	const struct record_where *where;
	struct list needs; /* struct record_need */
	struct list gives; /* struct record_give */
	const struct record_limits *limits;
	const struct record_stacking *stacking;
	const struct record_margin *margin;
	struct list texts; /* struct keyed_text, by language */
};

struct record_zone {
	const char *id, *name;
	struct list stores; /* texts */
};

struct record_signal {
	const char *sku;
	struct qty stock, sold, expected; /* units; units a day */
	struct stamp received, until, at;
	int64_t views, carts, purchases;
	struct money competitor;
};

struct record_rule_step {
	struct qty below, above; /* one of the three, as the kind wants it */
	int64_t days;
	struct rate percent;
};

struct record_rule_days {
	const char *from, *to; /* "MM-DD" */
};

struct record_price_rule {
	const char *id, *name;
	int64_t kind; /* as enum rule_kind from RULE_SURGE on */
	const struct record_selector *select;
	struct stamp from, to;
	struct list segments, channels, stores, zones, lists; /* texts */
	int64_t priority;				      /* default 100 */
	int64_t origin;					      /* hq, box */
	int64_t status;					      /* active, paused */
	struct rate up, down;
	struct list steps; /* struct record_rule_step */
	struct rate percent;
	const struct record_rule_days *days;
	struct money k;
	int64_t view, cart, purchase;
	int64_t half_life; /* hours */
	struct rate target;
	struct qty beta, gamma, position;
	int64_t t_days;
	struct rate least;
};

struct record_override {
	const char *id, *sku; /* one of sku and select */
	const struct record_selector *select;
	struct money price;
	const char *role, *reason, *by;
	struct stamp from, to;
	struct list segments, channels, stores, zones; /* texts */
	int64_t hold;				       /* default true */
	int64_t status;				       /* active, pending, rejected */
	const char *approved_by;
};

struct record_exchange_rate {
	const char *currency;
	struct qty rate; /* of the book's currency for one of this one */
	struct stamp at;
};

struct record_cost_component {
	const char *name;
	struct money amount; /* one of the two */
	struct rate percent; /* of the FOB amount */
};

struct record_landed_cost {
	const char *sku;
	struct qty fob;		/* of one unit, in ... */
	const char *currency;	/* ... this one; NULL: the book's */
	struct list components; /* struct record_cost_component */
	struct stamp from;
};

struct record_duration {
	int64_t months;
	struct rate percent; /* off the fee */
};

struct record_plan {
	const char *id, *name;
	int64_t level;			  /* more is higher */
	struct money fee, credit;	  /* a month */
	struct list perks;		  /* texts */
	struct list durations;		  /* struct record_duration */
	struct list upgrades, downgrades; /* texts: ids of plans */
	int64_t upgrade;		  /* prorated, full, at_end */
	int64_t downgrade;		  /* at_end, prorated */
};

struct record_coupon {
	const char *code, *promotion;
	struct stamp from, to;
	int64_t uses; /* orders it is good for; AMOUNT_NONE: any number */
};

struct record_customer {
	const char *id, *name;
	struct list segments; /* texts */
	const char *plan;     /* a subscription: the customer is in the segment of that name, too */
	struct stamp plan_from, plan_to;
	int64_t plan_months; /* paid for at once */
	struct money plan_paid;
	struct money credit; /* basket credit until ... */
	struct stamp credit_to;
	const struct record_next_plan *next;
};

/* The plan that follows. */
struct record_next_plan {
	const char *plan;
	struct stamp from, to;
	int64_t months;
	struct money paid;
};

struct record_floor {
	const char *id;
	const char *category, *segment; /* one of the two, or both */
	struct rate margin;
};

/* Any of them, as read from a line or a row. */
#ifdef TILL_NEXT
struct record_memo {
	const char *id, *text;
};
#endif

union record_any {
	struct record_book book;
	struct record_tax tax;
	struct record_category category;
	struct record_price_list price_list;
	struct record_item item;
	struct record_price price;
	struct record_promotion promotion;
	struct record_coupon coupon;
	struct record_customer customer;
	struct record_floor floor;
	struct record_zone zone;
	struct record_signal signal;
	struct record_price_rule price_rule;
	struct record_override override;
	struct record_exchange_rate exchange_rate;
	struct record_landed_cost landed_cost;
	struct record_plan plan;
#ifdef TILL_NEXT
	struct record_memo memo;
#endif
};

struct record {
	enum record_type type;
	union record_any as;
};

/* A record to be put in its place, or the one of that key to be taken away. */
struct change {
	bool removed;
	struct record record; /* removed: only what its key is made of */
};

/* Table of each type's fields; its name is the line's "type". */
const struct schema *record_schema(enum record_type t);
enum err record_type_named(const char *name, enum record_type *out) MUST_CHECK;

/* Decimals of a checked book's currency: what FIELD_MONEY needs to know. */
unsigned book_exponent(const struct record_book *b);

/*
 * Key of a record within its type, such as the SKU, or "list\x1fsku" of a price; unique in a book ("book" for
 * the book itself). Text in the arena, NULL if memory is short.
 */
const char *record_key(const struct record *r, struct arena *a);

/* Sets the text that a record is called by: id, SKU, code or currency (a price has its list besides). */
void record_set_name(struct record *r, const char *name);

/* The record of that key, with nothing but what the key is made of; text in the arena. ERR_INVALID: it is no
 * key of that type. */
enum err record_of_key(enum record_type t, const char *key, struct arena *a, struct record *out,
		       struct why *why) MUST_CHECK;

/*
 * Checks that need more than one field: exactly one of quantity and amount, a window that does not end
 * before it begins, percent up to 100, GTIN check digits, known weekdays, a currency that exists. why names
 * the field.
 */
enum err record_check(const struct record *r, struct why *why) MUST_CHECK;

/* Its two parts: the rules of the type, and, for any schema, that no text, however deep, has a control
 * character. */
enum err record_check_rules(const struct record *r, struct why *why) MUST_CHECK;
enum err record_check_texts(const struct schema *s, const void *in, struct why *why) MUST_CHECK;

/* The plan that is paid for at that moment; NULL: none. */
const char *customer_plan(const struct record_customer *r, int64_t now_s, int32_t utc_offset_s);

/* Names of enum unit, enum policy and enum promotion_status, as records and results write them. */
extern const char *const record_units[];
extern const char *const record_policies[];
extern const char *const record_statuses[];

/* "mon" to "sun"; and which of them a text is, 7 if none. */
extern const char *const record_weekdays[];
unsigned record_weekday(const char *name);

/* Names of rule kinds: by enum rule_kind, the override's first. */
const char *record_rule_kind(unsigned kind);

/* One line of a book: type, fields, checks. exponent is that of the book's currency; ignored for the book
 * itself. */
enum err record_parse_line(const char *line, size_t n, unsigned exponent, struct arena *a, struct record *out,
			   struct why *why) MUST_CHECK;

/* The same of the line's JSON. */
enum err record_parse_object(const json_t *object, unsigned exponent, struct arena *a, struct record *out,
			     struct why *why) MUST_CHECK;

/*
 * One line of a file of changes: a record to be put, or {"type": "remove", "of": "price", "key": {...}}. The
 * table of the latter is remove_schema.
 */
enum err change_parse_line(const char *line, size_t n, unsigned exponent, struct arena *a, struct change *out,
			   struct why *why) MUST_CHECK;
extern const struct schema remove_schema;

/*
 * The record as deterministic CBOR, without its type: what is stored, sent and hashed; and back, through
 * record_check. Text goes into the arena, so the bytes may go.
 */
enum err record_encode(const struct record *r, struct buf *out) MUST_CHECK;
enum err record_decode(enum record_type t, const void *cbor, size_t n, struct arena *a, struct record *out,
		       struct why *why) MUST_CHECK;

#endif
