/*
 * The table of promotions, the largest of the record types: who, where and when; needs, gives, limits and
 * stacking. docs/promotions.md shows each kind of give at work.
 */
#include "engine.h"
#include "fields.h"
#include "records.h"
#include "records_parts.h"

const char *const record_give_names[] = {"percent", "amount", "units",	  "price",  "shipping",
					 "gift",    "points", "cashback", "credit", NULL};
const char *const record_target_names[] = {"goods",    "order",	  "groups", "nth",
					   "cheapest", "dearest", "sets",   NULL};
const char *const record_per_names[] = {"once", "unit", "line", NULL};
const char *const record_order_names[] = {"cheapest", "dearest", NULL}; /* enum piece_order */
const char *const record_threshold_names[] = {"original", "running", NULL};
const char *const record_threshold_tax_names[] = {"as_priced", "before", "after", NULL};
const char *const record_statuses[] = {"draft", "active", "paused", "exhausted", "expired", NULL};
static const char *const base_names[] = {"running", "list", NULL};
static const char *const breach_names[] = {"reduce", "block", "compensate", NULL};
static const char *const need_per_names[] = {"cart", "article", NULL};
static const char *const clock_names[] = {"allow", "deny", NULL};
static const char *const spread_names[] = {"whole", "steps", NULL};
static const char *const measure_names[] = {"kg", "g", "lb", "l", "m", NULL};

#define TERM_FIELDS(owner)                                                                      \
	FIELD(1, owner, skus, TEXTS(10000), .text = "These articles."),                         \
		FIELD(2, owner, categories, TEXTS(1000),                                        \
		      .text = "Articles of these categories and of those below them."),         \
		FIELD(3, owner, brands, TEXTS(1000), .text = "Articles of these brands."),      \
		FIELD(4, owner, tags, TEXTS(1000), .text = "Articles with one of these tags."), \
		FIELD(5, owner, suppliers, TEXTS(1000), .text = "Articles of these suppliers.")

static const struct field terms_fields[] = {TERM_FIELDS(record_terms)};
static const struct schema terms_schema =
	SCHEMA("terms", record_terms, terms_fields, "Articles: those that any of the terms names.");

static const struct field selector_fields[] = {
	TERM_FIELDS(record_selector),
	FIELD(6, record_selector, except, STRUCT(terms_schema), .text = "But not these."),
	FIELD(7, record_selector, price_from, MONEY_FROM(0), .text = "And a unit price of at least this."),
	FIELD(8, record_selector, price_to, MONEY_FROM(0), .text = "And a unit price of at most this."),
	FIELD(9, record_selector, on_sale, .kind = FIELD_BOOL,
	      .text = "And on sale, or not: priced by a list that says it is a sale; either if absent."),
	FIELD(10, record_selector, discountable, .kind = FIELD_BOOL,
	      .text = "true: and such that promotions may take something off it. Gives select no others "
		      "anyway."),
};
const struct schema record_selector_schema = SCHEMA(
	"selector", record_selector, selector_fields,
	"Articles: those that any of the terms names, or all if there are none, but for the exceptions.");

static const struct field need_fields[] = {
	FIELD(1, record_need, select, STRUCT(record_selector_schema),
	      .text = "Articles that count; all if absent."),
	FIELD(2, record_need, quantity, FIELD_OF(INT, 1, 1000000),
	      .text = "Least number of pieces of them; one of quantity, amount, measure and none."),
	FIELD(3, record_need, amount, MONEY_FROM(1), .text = "Least amount of them."),
	FIELD(4, record_need, measure, FIELD_OF(QTY, 1, 1000000000000),
	      .text = "Least weight, volume or length of what is weighed or measured of them, in unit."),
	FIELD(5, record_need, unit, .kind = FIELD_ENUM, .names = measure_names,
	      .text = "Unit of measure; kg if absent. Weights in any unit add up; volumes and lengths do "
		      "not."),
	FIELD(6, record_need, none, .kind = FIELD_BOOL, .text = "true: the cart holds none of them."),
	FIELD(7, record_need, above, .kind = FIELD_BOOL, .has_default = true, .absent = 0,
	      .text = "Whether there must be more than that, not just as much."),
	FIELD(8, record_need, per, ENUM(need_per_names, 0),
	      .text = "Whether they count together, or one article has to reach it alone."),
	FIELD(9, record_need, threshold, .kind = FIELD_ENUM, .names = record_threshold_names,
	      .text = "Whether an amount is of the list or of what earlier promotions left; as the book if "
		      "absent."),
	FIELD(10, record_need, tax, .kind = FIELD_ENUM, .names = record_threshold_tax_names,
	      .text = "Whether an amount is as the prices are, before tax or after it; as the book if "
		      "absent."),
};
static const struct schema need_schema =
	SCHEMA("need", record_need, need_fields,
	       "What the cart must hold: so many pieces, so much money's worth, so much by weight; or none.");

static const struct field set_part_fields[] = {
	FIELD(1, record_set_part, select, STRUCT(record_selector_schema),
	      .text = "Articles of this part; those of the first need if absent, all if there is no need."),
	FIELD(2, record_set_part, quantity, FIELD_OF(INT, 1, 1000), .required = true,
	      .text = "Pieces of them in a set."),
	FIELD(3, record_set_part, rewarded, .kind = FIELD_BOOL, .has_default = true, .absent = 1,
	      .text = "Whether the reward falls on them."),
};
static const struct schema set_part_schema =
	SCHEMA("set part", record_set_part, set_part_fields, "Pieces that a set is made of.");

static const struct field tier_fields[] = {
	FIELD(1, record_tier, from_quantity, FIELD_OF(INT, 1, 1000000),
	      .text = "It holds from so many pieces on; one of the three, the same in all tiers of a give."),
	FIELD(2, record_tier, from_amount, MONEY_FROM(1), .text = "It holds from this amount on."),
	FIELD(3, record_tier, from_measure, FIELD_OF(QTY, 1, 1000000000000),
	      .text = "It holds from so much on, by weight, volume or length in the give's unit."),
	FIELD(4, record_tier, percent, FIELD_OF(PERCENT, 1, 1000000), .text = "Rate off, of kind percent."),
	FIELD(5, record_tier, amount, MONEY_FROM(1), .text = "Money off, of kind amount."),
	FIELD(6, record_tier, price, MONEY_FROM(0), .text = "Price of a unit, of kind price."),
};
static const struct schema tier_schema =
	SCHEMA("tier", record_tier, tier_fields, "A step of buy more, save more.");

static const struct field give_fields[] = {
	FIELD(1, record_give, kind, .kind = FIELD_ENUM, .names = record_give_names, .required = true,
	      .text = "percent: a rate off; amount: money off; price: at a price; units: of every buy + get "
		      "pieces, get at a rate off; shipping, gift, points, cashback, credit: no discount of "
		      "goods."),
	FIELD(2, record_give, select, STRUCT(record_selector_schema),
	      .text = "Articles that get it; those of the first need if absent, all if there is no need."),
	FIELD(3, record_give, percent, FIELD_OF(PERCENT, 1, 1000000),
	      .text = "Rate off, above 0 and up to 100; 100 if absent in units and shipping."),
	FIELD(4, record_give, amount, MONEY_FROM(1), .text = "Money off."),
	FIELD(5, record_give, per, .kind = FIELD_ENUM, .names = record_per_names,
	      .text = "Whether the amount is given once over all selected articles, on each unit or on each "
		      "line; as "
		      "the book's fixed_amount if absent."),
	FIELD(6, record_give, buy, FIELD_OF(INT, 1, 1000), .text = "Pieces paid in full in a group."),
	FIELD(7, record_give, get, FIELD_OF(INT, 1, 1000), .text = "Pieces rewarded in a group."),
	FIELD(8, record_give, target, ENUM(record_target_names, 0),
	      .text = "What a percent, amount or price is given on: the selected goods, the whole order, "
		      "groups of buy "
		      "+ get pieces, every nth piece, the cheapest or the dearest pieces, or complete sets."),
	FIELD(9, record_give, price, MONEY_FROM(0), .text = "Price of a unit, or of a set."),
	FIELD(10, record_give, count, FIELD_OF(INT, 1, 1000000),
	      .text = "Which piece (nth), how many pieces (cheapest, dearest), how many gifts (gift; 1 if "
		      "absent)."),
	FIELD(11, record_give, got, STRUCT(record_selector_schema),
	      .text = "Articles of which the rewarded pieces of a group are; the same as those bought if "
		      "absent."),
	FIELD(12, record_give, free, .kind = FIELD_ENUM, .names = record_order_names,
	      .text = "Which pieces of a group are rewarded: as the book's free_unit if absent; with got, "
		      "the dearest of "
		      "those."),
	FIELD(13, record_give, sets, .kind = FIELD_LIST, .of = &set_part_schema, .min = 1, .max = 8,
	      .text = "The parts of a complete set."),
	FIELD(14, record_give, tiers, .kind = FIELD_LIST, .of = &tier_schema, .min = 1, .max = 16,
	      .text = "Buy more, save more: instead of one percent, amount or price; in ascending order."),
	FIELD(15, record_give, spread, ENUM(spread_names, 0),
	      .text = "Whether the highest tier reached holds for everything, or each for what lies between "
		      "it and "
		      "the next."),
	FIELD(16, record_give, unit, .kind = FIELD_ENUM, .names = measure_names,
	      .text = "Unit of from_measure; kg if absent."),
	FIELD(17, record_give, methods, TEXTS(100), .text = "Shipping methods; any if absent."),
	FIELD(18, record_give, sku, ID, .text = "The article handed out as a gift."),
	FIELD(19, record_give, points, FIELD_OF(INT, 1, 1000000000), .text = "Points given."),
	FIELD(20, record_give, every, MONEY_FROM(1),
	      .text = "The points are given for every such amount of what is selected; once if absent."),
};
static const struct schema give_schema = SCHEMA("give", record_give, give_fields, "What the customer gets.");

static const struct field hours_fields[] = {
	FIELD(1, record_hours, from, FIELD_OF(DURATION, 0, 86399), .required = true,
	      .text = "First second, such as 16:00."),
	FIELD(2, record_hours, to, FIELD_OF(DURATION, 1, 86400), .required = true,
	      .text = "Last second; before from, the hours pass midnight and belong to the day they begin "
		      "on."),
};
static const struct schema hours_schema =
	SCHEMA("hours", record_hours, hours_fields, "Hours of the day on the store's clock.");

static const struct field when_fields[] = {
	FIELD(1, record_when, from, .kind = FIELD_TIME,
	      .text = "First moment; without a zone it is read on each store's own clock."),
	FIELD(2, record_when, to, .kind = FIELD_TIME_END,
	      .text = "Last moment; a day means its last second, a minute its last second."),
	FIELD(3, record_when, weekdays, TEXTS(7),
	      .text = "Some of mon, tue, wed, thu, fri, sat, sun; every day if absent."),
	FIELD(4, record_when, hours, .kind = FIELD_LIST, .of = &hours_schema, .min = 1, .max = 24,
	      .text = "Hours of the day, any of them; all day if absent."),
	FIELD(5, record_when, uncertain_clock, ENUM(clock_names, 0),
	      .text = "Whether it applies while the box cannot be sure of its clock, or waits until it is."),
};
static const struct schema when_schema = SCHEMA("when", record_when, when_fields, "When a promotion runs.");

static const struct field orders_fields[] = {
	FIELD(1, record_orders, from, FIELD_OF(INT, 1, 1000000000),
	      .text = "From this order of the customer on."),
	FIELD(2, record_orders, to, FIELD_OF(INT, 1, 1000000000),
	      .text = "Up to this one; 1: the first order alone."),
	FIELD(3, record_orders, every, FIELD_OF(INT, 2, 1000000),
	      .text = "Every so many: 5 is the 5th, 10th ..."),
};
static const struct schema orders_schema =
	SCHEMA("orders", record_orders, orders_fields, "Which orders of a customer; the first is number 1.");

static const struct field who_fields[] = {
	FIELD(1, record_who, segments, TEXTS(1000), .text = "The customer is in one of these segments."),
	FIELD(2, record_who, customers, TEXTS(10000), .text = "The customer is one of these."),
	FIELD(3, record_who, plans, TEXTS(100), .text = "The customer has one of these subscriptions."),
	FIELD(4, record_who, orders, STRUCT(orders_schema),
	      .text = "It is one of these orders of the customer."),
};
static const struct schema who_schema = SCHEMA("who", record_who, who_fields, "Whom a promotion is for.");

static const struct field where_fields[] = {
	FIELD(1, record_where, channels, TEXTS(100), .text = "The sale is on one of these channels."),
	FIELD(2, record_where, stores, TEXTS(10000), .text = "The sale is in one of these stores."),
};
static const struct schema where_schema =
	SCHEMA("where", record_where, where_fields, "Where a promotion runs.");

static const struct field limits_fields[] = {
	FIELD(1, record_limits, times, FIELD_OF(INT, 1, 1000000),
	      .text = "Groups and sets rewarded in one order, at most."),
	FIELD(2, record_limits, max_discount, MONEY_FROM(1), .text = "Discount in one order, at most."),
	FIELD(3, record_limits, units, FIELD_OF(INT, 1, 1000000),
	      .text = "Pieces that get a reward in one order, at most."),
	FIELD(4, record_limits, first, .kind = FIELD_ENUM, .names = record_order_names,
	      .text = "Which pieces come first under units; as the book's units_first if absent."),
	FIELD(5, record_limits, uses, FIELD_OF(INT, 1, 1000000000), .text = "Orders it applies to, in all."),
	FIELD(6, record_limits, customer_uses, FIELD_OF(INT, 1, 1000000),
	      .text = "Orders of one customer it applies to."),
	FIELD(7, record_limits, budget, MONEY_FROM(1), .text = "What it gives off in all orders together."),
};
static const struct schema limits_schema =
	SCHEMA("limits", record_limits, limits_fields, "Bounds of a promotion.");

static const struct field stacking_fields[] = {
	FIELD(1, record_stacking, stackable, .kind = FIELD_BOOL, .has_default = true, .absent = 1,
	      .text = "Whether it adds to others; of those that do not, only the first applies."),
	FIELD(2, record_stacking, priority, FIELD_OF(INT, 0, 1000000), .has_default = true, .absent = 100,
	      .text = "Lower goes first, unless the book says higher_first; equal ones go by id."),
	FIELD(3, record_stacking, base, ENUM(base_names, 0),
	      .text = "Whether a per cent is taken of what earlier promotions left, or of the list amount."),
	FIELD(4, record_stacking, group, ID, .text = "Of the promotions of one group at most one applies."),
};
static const struct schema stacking_schema =
	SCHEMA("stacking", record_stacking, stacking_fields, "How a promotion meets others.");

static const struct field margin_fields[] = {
	FIELD(1, record_margin, floor, FIELD_OF(PERCENT, 0, RECORD_FLOOR_MOST),
	      .text = "Least margin in per cent that this promotion leaves, where it is above that of the "
		      "articles."),
	FIELD(2, record_margin, on_breach, ENUM(breach_names, 0),
	      .text = "Whether a promotion that would go below the least margin is cut to it, does not "
		      "apply, "
		      "or may "
		      "go as far below as the pieces it sells more make up for."),
	FIELD(3, record_margin, uplift, FIELD_OF(QTY, 1000001, 1000000000),
	      .text = "Kind compensate: so many times as many pieces are sold with the promotion as "
		      "without."),
	FIELD(4, record_margin, hard_floor, FIELD_OF(PERCENT, 0, RECORD_FLOOR_MOST),
	      .text = "Kind compensate: the margin that it leaves in any case; 0 if absent."),
};
static const struct schema margin_schema =
	SCHEMA("margin", record_margin, margin_fields, "What a promotion leaves of the margin.");

const struct field record_promotion_fields[RECORD_PROMOTION_FIELDS] = {
	FIELD(1, record_promotion, id, ID, .required = true, .text = "Name of the promotion in this book."),
	FIELD(2, record_promotion, name, NAME, .required = true, .text = "What staff call it."),
	FIELD(3, record_promotion, text, NAME, .text = "What the customer reads; the name if absent."),
	FIELD(4, record_promotion, status, ENUM(record_statuses, 1),
	      .text = "Only an active promotion applies."),
	FIELD(5, record_promotion, coupon, .kind = FIELD_BOOL, .has_default = true, .absent = 0,
	      .text = "Whether it applies only with a coupon of its own in the cart."),
	FIELD(6, record_promotion, when, STRUCT(when_schema), .text = "When it runs; always if absent."),
	FIELD(7, record_promotion, who, STRUCT(who_schema), .text = "Whom it is for; everyone if absent."),
	FIELD(8, record_promotion, where, STRUCT(where_schema),
	      .text = "Where it runs; everywhere if absent."),
	FIELD(9, record_promotion, needs, .kind = FIELD_LIST, .of = &need_schema, .max = 16,
	      .text = "What the cart must hold, all of it."),
	FIELD(10, record_promotion, gives, .kind = FIELD_LIST, .of = &give_schema, .required = true, .min = 1,
	      .max = 16, .text = "What it gives, one after the other."),
	FIELD(11, record_promotion, limits, STRUCT(limits_schema),
	      .text = "Bounds in one order and in all; none if absent."),
	FIELD(12, record_promotion, stacking, STRUCT(stacking_schema),
	      .text = "How it meets other promotions."),
	FIELD(13, record_promotion, margin, STRUCT(margin_schema),
	      .text = "What it leaves of the margin; as the book says, cut to the floor, if absent."),
	FIELD(20, record_promotion, texts, .kind = FIELD_WORDS, .min = 1, .max = 64,
	      .text = "The text for the customer in languages, by tag: {\"fr\": \"...\", \"pt-BR\": "
		      "\"...\"}."),
};
