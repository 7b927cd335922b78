/*
 * What the parts of the builder share. Private to edge/book.
 *
 * Articles and prices are many, so they are taken apart as they come: names become numbers, the rest goes
 * into arrays. Every other record is kept as CBOR and taken up again at the end, when all names are known.
 */
#ifndef TILL_BUILDER_H
#define TILL_BUILDER_H

#include <stdatomic.h>

#include "buf.h"
#include "intern.h"
#include "landed.h"
#include "names.h"
#include "page.h"
#include "snapshot.h"

/* Memory that snapshots share: made at once, freed with the last of them. */
struct part {
	atomic_uint references;
	struct arena arena;
};

struct part *part_new(void); /* one reference; NULL: memory is short */
struct part *part_ref(struct part *p);
void part_unref(struct part *p); /* NULL is fine */

/* A catalog, and references to the memory that it lies in. */
struct snapshot {
	struct catalog catalog;
	atomic_uint references;
	struct part *base;		     /* all that is in neither of the two below; the people, too */
	struct part *promotions;	     /* they, and what they touch */
	struct part *rules;		     /* pricing rules and overrides, and what they touch */
	struct rates rates;		     /* in base */
	const struct item_page **pages;	     /* catalog.pages; each of them is counted (page.h) */
	const struct record_coupon *coupons; /* sorted by code */
	const struct record_customer *customers; /* sorted by id */
	size_t coupon_count, customer_count;
};

/* A record as it came. */
struct kept {
	uint8_t *body;
	size_t length;
	uint32_t line;
};

struct kept_list {
	struct kept *at;
	uint32_t count, size;
	struct intern keys; /* value: index into at */
};

/* An article before its place is known. Names are numbers of the builder's tables. */
struct raw_item {
	const char *name;
	struct money cost, logistics, in_review;
	uint32_t sku, line;
	struct money least, most;
	uint32_t category, brand, supplier, tax;
	uint32_t first_tag, first_gtin; /* into the builder's tags, gtins */
	uint16_t tags;
	uint8_t gtins, unit;
	bool fixed;
};

struct raw_price {
	uint32_t list, sku, line;
	struct money price;
	uint32_t first_break; /* into the builder's breaks */
	uint16_t breaks;
	bool derived; /* from a landed cost: gives way to one that is there */
};

struct raw_breaks {
	struct price_break *at;
	uint32_t count, size;
};

/* A cost-plus list. */
struct raw_markup {
	uint32_t list; /* number among the kept lists */
	struct rate markup;
	bool fob; /* of the FOB amount alone */
};

/* Numbers in a growing array. */
struct raw_ids {
	uint32_t *at;
	uint32_t count, size;
};

struct raw_gtins {
	uint64_t *at;
	uint32_t count, size;
};

struct builder {
	bool keep_people;
	bool partial; /* an extract: what is missing was of no consequence, so promotions may speak of it */
	struct arena arena; /* working memory, gone in the end */
	struct buf encoded; /* of the record at hand */
	struct kept_list kept[RECORD_TYPES];
	struct intern skus; /* value: raw item, then its place in the catalog */
	struct intern brands, tags, suppliers, segments, channels, stores,
		zones; /* value, in the end: id in the catalog */
	struct raw_item *items;
	struct raw_price *prices;
	uint32_t item_count, item_size, price_count, price_size;
	struct raw_ids item_tags;
	struct raw_gtins item_gtins;
	struct raw_breaks breaks;
	struct raw_markup *markups; /* in the arena */
	uint32_t markup_count;
	struct exchange *exchanges;  /* the catalog's, once they are made */
	struct snapshot *made;	     /* while finishing */
	struct category *categories; /* made's, while their floors are not known */
};

/* For extracts: names of articles and categories that are not among the records are not an error. */
enum err builder_new_partial(struct builder **out) MUST_CHECK;

/* Takes an article or a price apart. builder_items.c */
enum err builder_add_item(struct builder *b, const struct record_item *r, uint32_t line,
			  struct why *why) MUST_CHECK;
enum err builder_add_price(struct builder *b, const struct record_price *r, uint32_t line,
			   struct why *why) MUST_CHECK;

/* What no price and no promotion may be, though its fields are right: see there. builder_sense.c */
enum err builder_check_prices(const struct builder *b, struct why *why) MUST_CHECK;
enum err promotion_check_sense(const struct catalog *c, const struct promotion *p,
			       struct why *why) MUST_CHECK;

/* The parts of builder_finish, in their order: each fills its part of the catalog. */
enum err builder_make_settings(struct builder *b, struct why *why) MUST_CHECK;	 /* builder_parts.c */
enum err builder_make_names(struct builder *b, struct why *why) MUST_CHECK;	 /* builder_parts.c */
enum err builder_make_taxes(struct builder *b, struct why *why) MUST_CHECK;	 /* builder_parts.c */
enum err builder_make_categories(struct builder *b, struct why *why) MUST_CHECK; /* builder_categories.c */
enum err builder_make_floors(struct builder *b, struct why *why) MUST_CHECK;	 /* builder_floors.c */
enum err builder_make_zones(struct builder *b, struct why *why) MUST_CHECK;	 /* builder_zones.c */
enum err builder_make_lists(struct builder *b, struct why *why) MUST_CHECK;	 /* builder_lists.c */
/* 1 + the place of that currency's exchange rate, which is then used; 0: it has none. */
uint8_t builder_exchange(struct builder *b, const char *currency);
enum err builder_make_costs(struct builder *b, struct why *why) MUST_CHECK;	 /* builder_costs.c */
enum err builder_make_items(struct builder *b, struct why *why) MUST_CHECK;	 /* builder_pages.c */
enum err builder_make_slots(struct builder *b, struct why *why) MUST_CHECK;	 /* builder_index.c */
enum err builder_make_promotions(struct builder *b, struct why *why) MUST_CHECK; /* builder.c */
enum err builder_make_rules(struct builder *b, struct why *why) MUST_CHECK;	 /* builder.c */
enum err builder_check_plans(struct builder *b, struct why *why) MUST_CHECK;	 /* builder_people.c */
enum err builder_make_people(struct builder *b, struct why *why) MUST_CHECK;	 /* builder_people.c */

/*
 * Compiles promotions, and the index of what they touch, in a catalog that has everything else. All that they
 * point to is in the arena. partial: as builder_new_partial.
 */
enum err promotions_make(struct catalog *c, const struct kept *from, uint32_t count, bool partial,
			 struct arena *a, struct why *why) MUST_CHECK; /* builder_promotions.c */
enum err touch_make(struct catalog *c, struct arena *a, struct why *why) MUST_CHECK; /* builder_touch.c */

/* The same for pricing rules and overrides. builder_rules.c, builder_touch.c */
struct kept_rules {
	const struct kept *rules, *overrides;
	uint32_t rule_count, override_count;
};
enum err rules_make(struct catalog *c, const struct kept_rules *from, bool partial, struct arena *a,
		    struct why *why) MUST_CHECK;
enum err touch_make_rules(struct catalog *c, struct arena *a, struct why *why) MUST_CHECK;

/* Signals and bounds as the engine has them; false: the article has neither. builder_costs.c */
bool signal_make(const struct record_signal *r, struct money least, struct money most, struct signal *out);

/* The record of an article among those kept; ERR_NOT_FOUND. Its text is in the builder's arena. */
enum err builder_find_kept(struct builder *b, enum record_type t, const char *key, struct record *out,
			   struct why *why) MUST_CHECK;

/* The kept record again, its text in the arena. It passed its checks, so only memory can be wrong. */
enum err builder_decode(const struct kept *k, enum record_type t, struct arena *a, struct record *out,
			struct why *why) MUST_CHECK;

/*
 * An error of the record that came from that line: "line 12: ", or its type and key if the line is not known
 * ("promotion 'bogo': "), before the reason that is in why.
 */
enum err builder_blame(struct why *why, enum err e, uint32_t line, enum record_type t, const char *key);

enum err builder_no_memory(struct why *why);

/* A copy in the catalog's memory; NULL stays NULL, or memory is short. */
const char *builder_text(struct builder *b, const char *text);

/*
 * A price exists that leaves this margin with any tax of the catalog. ERR_INVALID: with that tax there is
 * none. builder_floors.c
 */
enum err builder_check_floor(const struct catalog *c, struct rate floor, struct why *why) MUST_CHECK;

struct window builder_window(struct stamp from, struct stamp to);

#endif
