/*
 * The catalog as the engine reads it: immutable, indexed, without pointers to anything that moves.
 *
 * Somebody else builds one (book/snapshot.h) and keeps it alive while a cart is pinned to it. Articles
 * live in pages of 256, so that a changed price costs a page and not the whole, and stand in them by SKU, so
 * that an index is a canonical order; everything that promotions,
 * lists and customers speak of by name (categories, brands, tags, segments, stores ...) is a small number
 * here, given by the dictionaries below.
 */
#ifndef TILL_CATALOG_H
#define TILL_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "money.h"
#include "price_rule.h"
#include "promotion.h"

#define CATALOG_NONE  UINT32_MAX
#define CATALOG_GUEST "guest"

enum unit { UNIT_EACH, UNIT_KG, UNIT_G, UNIT_LB, UNIT_L, UNIT_M };
#define UNIT_COUNT 6
enum tax_mode { TAX_NONE, TAX_INCLUSIVE, TAX_EXCLUSIVE };
enum policy { POLICY_PRECEDENCE, POLICY_ONE_PER_ORDER, POLICY_BEST_DEAL };

/* Which one of those that exclude one another is applied. */
enum exclusive {
	EXCLUSIVE_BEATS_ALL,	 /* the first that gives something; the others are out */
	EXCLUSIVE_SAME_PRIORITY, /* it, but only those of its own priority are out */
	EXCLUSIVE_BEST_TOTAL,	 /* the one that gives most */
};

/* What each of several per cents is taken of. */
enum percents {
	PERCENTS_SEQUENTIAL, /* what those before it left */
	PERCENTS_PARALLEL,   /* the list amounts */
	PERCENTS_ADDITIVE,   /* the amounts before the first of them */
	PERCENTS_BEST_ONLY,  /* an article gets the highest of them alone */
};
enum threshold { THRESHOLD_ORIGINAL, THRESHOLD_RUNNING };
enum threshold_tax { THRESHOLD_AS_PRICED, THRESHOLD_BEFORE_TAX, THRESHOLD_AFTER_TAX };
enum percent_rounding {
	PERCENT_AS_BOOK, /* settings.rounding of the discount */
	PERCENT_DISCOUNT_HALF_UP,
	PERCENT_PRICE_HALF_UP, /* that is, the discount half down */
	PERCENT_HALF_EVEN,
	PERCENT_DOWN
};
enum repeats { REPEATS_ALL, REPEATS_ONCE };
enum overrun { OVERRUN_PART, OVERRUN_REJECT };
enum prices { PRICES_RANK, PRICES_BEST };
enum tax_per { TAX_PER_LINE, TAX_PER_UNIT };
enum cancelled_use { CANCELLED_FREED, CANCELLED_KEPT };

/* What the book as a whole says. */
struct settings {
	const char *id;
	char currency[4];  /* ISO 4217 */
	uint8_t exponent;  /* its decimals */
	uint8_t semantics; /* engine semantics the book was written for: ENGINE_SEMANTICS or lower */
	enum rounding rounding;
	enum tax_mode tax;
	enum policy policy;
	enum threshold threshold; /* minimum amounts look at the list price or at what is left of it */
	bool guard;		  /* no discount below the lowest legal price (guard.c) */
	struct rate margin_floor; /* of goods that no row of margin_floors is about */
	struct rate
		margin_alert; /* so little above its floor a margin is told; the engine has no use for it */
	bool higher_first;    /* how the book writes priorities; promotions have them lower first */
	enum exclusive exclusive;
	enum percents percents;		  /* of promotions that stack */
	enum threshold_tax threshold_tax; /* with what tax */
	enum remainder remainder;	  /* of every amount that is shared */
	enum percent_rounding percent;
	/* Of gives that do not say so themselves; the builder has put them into those. */
	enum amount_per fixed_amount;
	enum piece_order free_unit, units_first;
	enum repeats repeats;
	enum overrun overrun; /* a budget that does not suffice is given in part, or not at all */
	enum tax_per tax_per; /* a rate is rounded once for a good, or for each of its pieces */
	enum cancelled_use
		cancelled;    /* what returns make of a promotion's use; the engine has no use for it */
	enum prices prices;   /* which of several lists gives the price */
	struct rate position; /* own price over the competitor's, where that is not known: markdowns */
	const char *zone;     /* IANA name, for evaluation away from a store */
	const char *language; /* of the customers' texts, if nobody asks for another; NULL: of none */
};

/* A price of an article in a list. Rows of an article are sorted by their list's place (see price_list). */
struct price_row {
	uint16_t list;	      /* index into lists */
	uint16_t breaks;      /* how many volume breaks it has ... */
	uint32_t first_break; /* ... in the page's breaks */
	struct money price;   /* of one unit */
};

/* From so much of the article in the cart a unit costs this. By rising quantity. */
struct price_break {
	struct qty from;
	struct money price;
};

/*
 * What is known of an article besides: signals that rules look at, and the bounds within which they may move
 * its price. Numbers are AMOUNT_NONE when not known.
 */
struct signal {
	struct qty stock;	       /* units on hand */
	struct qty sold, expected;     /* units a day: observed, and as planned */
	struct moment received, until; /* when the stock came in, and the last moment it keeps */
	struct moment counted;	       /* when the three below were counted */
	int64_t views, carts, purchases;
	struct money competitor;
	struct money least, most; /* of a unit */
};

/* Offsets and firsts are into the arrays of the article's page. */
struct item {
	uint32_t sku, name;		    /* text */
	uint32_t category, brand, supplier; /* ids or CATALOG_NONE */
	uint32_t first_tag, first_price;
	uint16_t tags, prices;
	uint16_t tax;		      /* index into taxes */
	uint8_t unit;		      /* enum unit */
	uint8_t gtins;		      /* how many it has in gtin_slots */
	bool fixed : 1;		      /* no promotion takes anything off it: FILTER_DISCOUNTABLE */
	bool landed : 1;	      /* cost is that of a landed cost */
	bool reviewed : 1;	      /* and of one that waits for review, if that is higher */
	uint8_t exchange;	      /* 1 + index of the exchange rate that it is reckoned with; 0: none */
	uint16_t signal;	      /* 1 + index into the page's signals; 0: nothing is known */
	struct money cost, logistics; /* of one unit; MONEY_NONE when unknown */
	uint64_t shelf;		      /* its first price and that one's list: item_shelf; 0: see its rows */
};
_Static_assert(sizeof(struct item) == 64, "an article has a cache line of its own: pages begin at one");

#define SHELF_LIST_BITS 16

/* Most articles have one price for everybody: beside the article it costs no look at its rows. 0: it has
 * breaks, or is out of all reason. */
static inline uint64_t item_shelf(const struct price_row *row)
{
	if (row->breaks || row->price.minor < 0 || row->price.minor >> (63 - SHELF_LIST_BITS))
		return 0;
	return (uint64_t)row->price.minor << SHELF_LIST_BITS | row->list;
}

#define ITEM_PAGE_BITS	8
#define ITEM_PAGE_ITEMS (1U << ITEM_PAGE_BITS)

struct item_page {
	const struct item *items;
	const struct price_row *prices;
	const struct price_break *breaks;
	const struct signal *signals;
	const uint32_t *tags;
	const char *text;
	uint32_t count;
};

/* What another currency is worth, as far as others want to know: costs are reckoned with it already. */
struct exchange {
	const char *currency;
	struct moment at; /* seconds AMOUNT_NONE: nobody says */
	bool used;	  /* some landed cost is of it */
};
#define EXCHANGES_MAX 255

/* From so much of an article in the cart it costs that part less: for all articles of a list without breaks
 * of their own. */
struct grid_step {
	struct qty from;
	struct rate off;
};

/*
 * A price list. Lists are sorted: highest rank first, then by id, so the first usable row of an article is
 * its price. Empty lists of segments, channels and stores mean everyone, everywhere.
 */
struct price_list {
	const char *id;
	int64_t rank;
	struct ids segments, channels, stores, zones;
	struct window window;
	bool sale;		      /* what it prices is on sale, as selectors ask */
	const struct grid_step *grid; /* by rising quantity */
	uint32_t grid_count;
};

struct tax {
	const char *id;
	struct rate rate;    /* AMOUNT_NONE: an amount instead */
	struct money amount; /* of one unit */
};

/* The least margin for customers of a segment, articles of a category, or both. */
struct margin_floor {
	uint32_t segment, category; /* CATALOG_NONE: whichever */
	struct rate margin;
	const char *id;
};

/* Categories form trees. up lists the category itself and then its ancestors. */
struct category {
	const char *id, *name;
	uint32_t parent; /* CATALOG_NONE at the top */
	struct ids up;
	struct rate margin_floor; /* of the nearest of up with a row for every segment; AMOUNT_NONE: none */
};

struct gtin_slot {
	uint64_t gtin; /* 0: free */
	uint32_t item;
};

/* Which promotions a term touches: promotions[first[id]] to promotions[first[id + 1] - 1], ascending. */
struct term_index {
	const uint32_t *first;
	const uint32_t *promotions;
	uint32_t ids;
};

struct catalog {
	uint64_t version;
	struct settings settings;
	const struct item_page *const *pages;
	uint32_t page_count, item_count;
	bool fixed_items; /* some article is fixed: then every give has FILTER_DISCOUNTABLE */
	const struct gtin_slot
		*gtin_slots; /* open addressing, linear; several slots when several articles share a GTIN */
	const uint32_t *sku_slots;    /* article index or CATALOG_NONE, open addressing, linear */
	uint32_t gtin_mask, sku_mask; /* slots - 1; slots a power of two, at most 4/5 full */
	const struct price_list *lists;
	uint32_t list_count;
	const struct tax *taxes;
	uint32_t tax_count;
	const struct exchange *exchanges; /* by currency */
	uint32_t exchange_count;
	const struct category *categories;
	uint32_t category_count;
	const struct margin_floor *margin_floors; /* sorted by segment, then category */
	uint32_t margin_floor_count;
	struct names brands, tags, suppliers, segments, channels, stores, zones;
	struct ids guests;	    /* the segment of who has none, CATALOG_GUEST, if the book speaks of it */
	const struct ids *zones_of; /* the zones that a store is in, one a store; NULL: there are no zones */
	const struct promotion *promotions; /* sorted by id: an index is a canonical order */
	uint32_t promotion_count;
	struct term_index touch[TERM_KINDS]; /* categories already include what their ancestors touch */
	struct ids touch_all;		     /* promotions that every article may touch */
	const struct price_rule *rules;	     /* sorted: see price_rule.h */
	uint32_t rule_count;
	struct term_index rule_touch[TERM_KINDS]; /* the same for rules */
	struct ids rule_touch_all;
};

static inline const struct item_page *catalog_page(const struct catalog *c, uint32_t item)
{
	return c->pages[item >> ITEM_PAGE_BITS];
}

static inline const struct item *catalog_item(const struct catalog *c, uint32_t item)
{
	return &catalog_page(c, item)->items[item & (ITEM_PAGE_ITEMS - 1)];
}

/* NULL: nothing is known. */
static inline const struct signal *catalog_signal(const struct catalog *c, uint32_t item)
{
	const struct item *article = catalog_item(c, item);

	return article->signal ? &catalog_page(c, item)->signals[article->signal - 1] : NULL;
}

/* Price rows and tags of an article, as many as item->prices and item->tags say; NULL if none. */
static inline const struct price_row *catalog_prices(const struct catalog *c, uint32_t item)
{
	const struct item *article = catalog_item(c, item);

	return article->prices ? catalog_page(c, item)->prices + article->first_price : NULL;
}

static inline const uint32_t *catalog_tags(const struct catalog *c, uint32_t item)
{
	const struct item *article = catalog_item(c, item);

	return article->tags ? catalog_page(c, item)->tags + article->first_tag : NULL;
}

const char *catalog_sku(const struct catalog *c, uint32_t item);
const char *catalog_name(const struct catalog *c, uint32_t item);

/*
 * Articles under a GTIN-14: ERR_NOT_FOUND, or ERR_AMBIGUOUS when it is more than one; *count then says how
 * many, and the first `size` of them, by ascending SKU, are in items[].
 */
enum err catalog_find_gtin(const struct catalog *c, uint64_t gtin, uint32_t *items, uint32_t size,
			   uint32_t *count) MUST_CHECK;

enum err catalog_find_sku(const struct catalog *c, const char *sku, uint32_t *item) MUST_CHECK;

/* The id of a name in one of the dictionaries, in any order; CATALOG_NONE if the book does not speak of it.
 */
uint32_t catalog_id(const struct names *names, const char *name);

/* Index by promotion id; CATALOG_NONE if there is none. */
uint32_t catalog_promotion(const struct catalog *c, const char *id);

/* Hashes that both the builder and the look-ups use. */
uint32_t catalog_hash_gtin(uint64_t gtin);
uint32_t catalog_hash_text(const char *text);

#endif
