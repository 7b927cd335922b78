/*
 * A catalog laid out by hand, so that the engine's tests need the engine alone: articles, lists, taxes,
 * categories and promotions go in one after another, mini_finish makes the indexes. Brands, tags, suppliers,
 * segments, stores and channels are bare numbers below MINI_IDS.
 *
 * Below that, words for rows of tests, and results as text to compare with.
 */
#ifndef TILL_MINI_CATALOG_H
#define TILL_MINI_CATALOG_H

#include "engine.h"
#include "unit.h"

#define MINI_IDS   64
#define MINI_SMALL 16 /* lists, taxes, categories */

struct mini {
	struct catalog catalog;
	struct item *items;
	struct price_row *prices;
	uint32_t *tags;
	char *text;
	size_t price_count, tag_count, text_size;
	struct price_list lists[MINI_SMALL];
	struct tax taxes[MINI_SMALL];
	struct category categories[MINI_SMALL];
	uint32_t ups[MINI_SMALL][MINI_SMALL];
	struct margin_floor floors[MINI_SMALL];
	struct promotion *promotions;
	struct gtin_slot *gtins;
	uint32_t gtin_count;
	struct signal signals[MINI_SMALL];
	uint16_t signal_count;
	struct price_rule rules[MINI_SMALL];
	uint32_t all_rules[MINI_SMALL];
	void *room; /* of the last evaluation */
};

/* Starts with EUR, no tax, one list 0 for everyone, tax 0 at 0 %. */
struct mini *mini_new(void);
void mini_free(struct mini *m);

/*
 * An article at a price in list 0 (AMOUNT_NONE: no price), by the piece, without category, brand and
 * supplier. What it returns may be changed until the next call; the two below add to the article made last.
 */
struct item *mini_item(struct mini *m, const char *sku, int64_t price);
void mini_price(struct mini *m, uint32_t list, int64_t price);

/* Three articles at 10.00, 20.00 and 100.00, in that order: the shop of tests that need no more. */
struct mini *mini_round_prices(void);
void mini_tag(struct mini *m, uint32_t tag);

/* What is known of the article made last, by now nothing. */
struct signal *mini_signal(struct mini *m);

/* In the order in which they count; they look at every article, whatever `on` says. */
void mini_rule(struct mini *m, const struct price_rule *r);

/* Lists by falling rank, 0 too if it is not to stay first; parent CATALOG_NONE at the top. */
struct price_list *mini_list(struct mini *m, const char *id);
uint32_t mini_tax(struct mini *m, int64_t ppm);
uint32_t mini_category(struct mini *m, uint32_t parent);

/* Margin floors by segment and category; those without a segment are resolved by mini_finish. */
void mini_floor(struct mini *m, uint32_t segment, uint32_t category, int64_t ppm);
void mini_gtin(struct mini *m, uint64_t gtin, uint32_t item);

/* In order of id, as a catalog has them. What it points to is not copied. */
void mini_promotion(struct mini *m, const struct promotion *p);

const struct catalog *mini_finish(struct mini *m);

/* Evaluates in a room of exactly the size asked for, filled with junk; the result lives until the next one.
 */
enum err mini_evaluate(struct mini *m, const struct engine_cart *cart, struct engine_result *out,
		       uint32_t *bad_line);

/* Rows are initialisers, so that tables of them are constant. */
#define ROW(...)            \
	{                   \
		__VA_ARGS__ \
	}
#define LIST(type, ...)	  ((const type[])ROW(__VA_ARGS__))
#define LENGTH(type, ...) (sizeof(LIST(type, __VA_ARGS__)) / sizeof(type))

#define OPEN		 ROW(.from.seconds = AMOUNT_NONE, .to.seconds = AMOUNT_NONE)
#define IDS(...)	 ROW(LIST(uint32_t, __VA_ARGS__), LENGTH(uint32_t, __VA_ARGS__))
#define TERM(kind_, id_) ROW(.kind = TERM_##kind_, .id = (id_))
#define ONLY(...)	 ROW(.include = LIST(struct term, __VA_ARGS__), .includes = LENGTH(struct term, __VA_ARGS__))
#define ALL		 ROW(.include = NULL)
#define NEEDS(...)	 .needs = LIST(struct need, __VA_ARGS__), .need_count = LENGTH(struct need, __VA_ARGS__)
#define GIVES(...)	 .gives = LIST(struct give, __VA_ARGS__), .give_count = LENGTH(struct give, __VA_ARGS__)

#define PERCENT(n)		  (INT64_C(10000) * (n)) /* in parts per million */
#define PERCENT_OFF(percent, ...) ROW(.kind = GIVE_PERCENT, .rate.ppm = PERCENT(percent), .on = __VA_ARGS__)
#define AMOUNT_OFF(off, ...)	  ROW(.kind = GIVE_AMOUNT, .amount.minor = (off), .on = __VA_ARGS__)
#define EACH_OFF(off, ...)	  ROW(.kind = GIVE_AMOUNT, .per = PER_UNIT, .amount.minor = (off), .on = __VA_ARGS__)
#define UNITS_OFF(buy_, get_, percent, ...) \
	ROW(.kind = GIVE_UNITS, .buy = (buy_), .get = (get_), .rate.ppm = PERCENT(percent), .on = __VA_ARGS__)

/* An active promotion that stacks, without conditions; further members override. */
#pragma GCC diagnostic ignored "-Woverride-init"
#define PROMOTION(id_, ...)                                                                           \
	ROW(.id = id_, .name = id_, .status = PROMOTION_ACTIVE, .window = OPEN, .times = AMOUNT_NONE, \
	    .max_discount.minor = AMOUNT_NONE, .stackable = true, .priority = 100, __VA_ARGS__)

/* Lines: pieces or a measured quantity at the list's price, at a label's, and with a price seen before. */
#define LINE(item_, quantity_, given_, locked_)                                      \
	ROW(.item = (item_), .quantity.micro = (quantity_), .given.minor = (given_), \
	    .locked.minor = (locked_))
#define PIECES(item_, n)	 LINE(item_, INT64_C(1000000) * (n), AMOUNT_NONE, AMOUNT_NONE)
#define MEASURED(item_, micro_)	 LINE(item_, micro_, AMOUNT_NONE, AMOUNT_NONE)
#define PRICED(item_, n, given_) LINE(item_, INT64_C(1000000) * (n), given_, AMOUNT_NONE)
#define LOCKED(item_, n, seen)	 LINE(item_, INT64_C(1000000) * (n), AMOUNT_NONE, seen)

/* Lines up to the first without a quantity. */
uint32_t lines_count(const struct engine_line *lines, uint32_t most);

#define TEXT_MAX 1024

/* "1000 250": the lines' nets, in scan order. */
const char *nets_text(const struct engine_result *r, char out[TEXT_MAX]);

/*
 * Verdicts in order: "bogo=1500x2" applied, what it gave and how often; "many=needs_quantity-1@0" what is
 * lacking of which need; "ten=outranked<bogo" by whom; "old=ended" otherwise. "!" and what the margin guard
 * cut follow, and "/" and what it would have allowed.
 */
const char *verdicts_text(const struct catalog *c, const struct engine_result *r, char out[TEXT_MAX]);

/* What must be true of any result: sums of lines, discounts and verdicts agree, nothing is below zero. */
void assert_adds_up(const struct catalog *c, const struct engine_cart *cart, const struct engine_result *r);

#endif
