/*
 * The price book's record types as tables, one a type, and what is done with any of them: naming, keys, CBOR.
 *
 * Each field's text ends up in the JSON Schemas and in the answers of `tillctl schema`, so it is written for
 * the person who writes the book. CBOR keys are for ever: see the rules of change in base/record.h.
 */
#include "records.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "cbor.h"
#include "engine.h"
#include "fields.h"
#include "records_parts.h"

static const char *const rounding_names[] = {"half_away", "half_even", NULL};
static const char *const tax_mode_names[] = {"none", "inclusive", "exclusive", NULL};
const char *const record_policies[] = {"precedence", "one_per_order", "best_deal", NULL};
static const char *const priority_names[] = {"lower_first", "higher_first", NULL};
static const char *const exclusive_names[] = {"beats_all", "same_priority", "best_total", NULL};
static const char *const percents_names[] = {"sequential", "parallel", "additive", "best_only", NULL};
static const char *const prices_names[] = {"rank", "best", NULL};
static const char *const basis_names[] = {"landed", "fob", NULL};
const char *const record_units[] = {"each", "kg", "g", "lb", "l", "m", NULL};
const char *const record_weekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};
static const char *const guard_names[] = {"on", "off", NULL};
static const char *const remainder_names[] = {"largest", "last_line", "carry", NULL};
static const char *const percent_names[] = {
	"as_rounding", "discount_half_up", "price_half_up", "half_even", "down", NULL};
static const char *const repeats_names[] = {"all", "once", NULL};
static const char *const overrun_names[] = {"part", "reject", NULL};
static const char *const tax_per_names[] = {"line", "unit", NULL};
static const char *const cancelled_names[] = {"freed", "kept", NULL};

static const struct field guard_fields[] = {
	FIELD(1, record_guard, guard, ENUM(guard_names, 0),
	      .text = "Whether discounts stop at the lowest price that leaves the least margin."),
	FIELD(2, record_guard, floor, FIELD_OF(PERCENT, 0, RECORD_FLOOR_MOST), .has_default = true,
	      .absent = MARGIN_FLOOR_DEFAULT,
	      .text = "Least margin in per cent of the price, where no record of type floor says another."),
	FIELD(3, record_guard, alert, FIELD_OF(PERCENT, 0, 1000000), .has_default = true,
	      .absent = MARGIN_ALERT_DEFAULT,
	      .text = "Percentage points above the least margin from which on sales are told as close to "
		      "it."),
};
static const struct schema guard_schema = SCHEMA("guard", record_guard, guard_fields, "The margin guard.");

static const struct field book_fields[] = {
	FIELD(1, record_book, id, ID, .required = true,
	      .text = "Name of the book, such as that of the chain."),
	FIELD(2, record_book, currency, FIELD_OF(TEXT, 3, 3), .required = true,
	      .text = "ISO 4217 code of the one currency of all amounts; it gives their number of decimals."),
	FIELD(3, record_book, semantics, FIELD_OF(INT, 1, 255),
	      .text = "Version of the engine's semantics the book was written for; the current one if "
		      "absent."),
	FIELD(4, record_book, rounding, ENUM(rounding_names, ROUND_HALF_AWAY),
	      .text = "How half a minor unit is rounded: away from zero, or to the even neighbour."),
	FIELD(5, record_book, tax, ENUM(tax_mode_names, 0),
	      .text = "Whether prices contain taxes, taxes come on top of them, or there are none."),
	FIELD(6, record_book, policy, ENUM(record_policies, 0),
	      .text = "Which promotions that meet on a cart apply: precedence, one after the other; "
		      "one_per_order, "
		      "the best alone; best_deal, the choice that gives most."),
	FIELD(7, record_book, threshold, ENUM(record_threshold_names, 0),
	      .text = "Whether needed amounts look at list amounts or at what earlier promotions left of "
		      "them."),
	FIELD(8, record_book, zone, FIELD_OF(TEXT, 1, 64),
	      .text = "IANA time zone for evaluation away from a store, such as Europe/Berlin; UTC if "
		      "absent."),
	FIELD(9, record_book, margin, STRUCT(guard_schema),
	      .text = "How far discounts may go; on, at a least margin of 30 %, if absent."),
	FIELD(13, record_book, prices, ENUM(prices_names, 0),
	      .text = "Of several lists that hold, the one of highest rank gives the price, or the best for "
		      "the customer."),
	FIELD(14, record_book, position, FIELD_OF(QTY, 0, 9000000), .has_default = true, .absent = 1200000,
	      .text = "Price position for markdowns of articles without a competitor's price: own price over "
		      "the competitor's; 1.2 if absent."),
	FIELD(20, record_book, priority, ENUM(priority_names, 0),
	      .text = "Which priority goes first: the lower number or the higher."),
	FIELD(21, record_book, exclusive, ENUM(exclusive_names, 0),
	      .text = "Of promotions that exclude one another: the first beats all; it beats those of its "
		      "own "
		      "priority; or the one that gives most is applied."),
	FIELD(22, record_book, percents, ENUM(percents_names, 0),
	      .text = "What each of several per cents is taken of: what those before it left (sequential), "
		      "the "
		      "list amount (parallel), the amount before the first of them (additive); or an article "
		      "gets the highest alone (best_only)."),
	FIELD(30, record_book, remainder, ENUM(remainder_names, REMAINDER_LARGEST),
	      .text = "Who gets the minor units that are left when an amount is shared: the largest "
		      "remainders, "
		      "the last line, or each line what has added up so far."),
	FIELD(31, record_book, percent_rounding, ENUM(percent_names, PERCENT_AS_BOOK),
	      .text = "How a per cent off is rounded: as the book's rounding says, half a minor unit for the "
		      "customer, half a minor unit for the shop, half to even, or down."),
	FIELD(32, record_book, fixed_amount, ENUM(record_per_names, PER_ONCE),
	      .text = "What an amount off that does not say so is given on: once, each unit or each line."),
	FIELD(33, record_book, free_unit, ENUM(record_order_names, CHEAPEST_FIRST),
	      .text = "Which pieces of a group get the reward if the give does not say so."),
	FIELD(34, record_book, units_first, ENUM(record_order_names, DEAREST_FIRST),
	      .text = "Which pieces come first under a limit of units that does not say so."),
	FIELD(35, record_book, repeats, ENUM(repeats_names, REPEATS_ALL),
	      .text = "Whether groups and sets without limits.times are rewarded as often as there are, or "
		      "once."),
	FIELD(36, record_book, threshold_tax, ENUM(record_threshold_tax_names, THRESHOLD_AS_PRICED),
	      .text = "Whether needed amounts are as the prices are, before tax or after it."),
	FIELD(37, record_book, budget_overrun, ENUM(overrun_names, OVERRUN_PART),
	      .text = "Whether a promotion whose budget does not suffice gives what is left, or nothing."),
	FIELD(38, record_book, tax_per, ENUM(tax_per_names, TAX_PER_LINE),
	      .text = "Whether a tax is rounded once for the pieces of an article at one price, or for "
		      "each."),
	FIELD(39, record_book, cancelled_use, ENUM(cancelled_names, CANCELLED_FREED),
	      .text = "Whether a return or void frees the use of a promotion that gives nothing any more, or "
		      "it "
		      "stays used."),
	FIELD(50, record_book, language, LANGUAGE,
	      .text = "Language of the texts for customers, such as fr or pt-BR, where none is asked for."),
	FIELD(60, record_book, price_history, FIELD_OF(INT, 0, 36500), .has_default = true, .absent = 730,
	      .text = "Days for which the history of prices, promotions and subscriptions is kept."),
};

static const struct field tax_fields[] = {
	FIELD(1, record_tax, id, ID, .required = true, .text = "Name of the tax, such as vat19."),
	FIELD(2, record_tax, rate, FIELD_OF(PERCENT, 0, 1000000),
	      .text = "Rate in per cent of the price before tax, 0 for exempt goods; either this or amount."),
	FIELD(3, record_tax, amount, MONEY_FROM(0),
	      .text = "Tax on one unit, whatever its price; either this or rate."),
};

static const struct field category_fields[] = {
	FIELD(1, record_category, id, ID, .required = true, .text = "Name of the category in this book."),
	FIELD(2, record_category, name, NAME, .text = "What people call it; the id if absent."),
	FIELD(3, record_category, parent, ID, .text = "The category above; absent at the top of a tree."),
};

static const struct field grid_fields[] = {
	FIELD(1, record_grid_step, from, FIELD_OF(QTY, 1, INT64_C(1000000000000)), .required = true,
	      .text = "From so many units of one article in the cart."),
	FIELD(2, record_grid_step, percent, FIELD_OF(PERCENT, 1, 1000000), .required = true,
	      .text = "Per cent off its price in the list."),
};
static const struct schema grid_schema =
	SCHEMA("grid_step", record_grid_step, grid_fields, "A step of a volume grid.");

static const struct field price_list_fields[] = {
	FIELD(1, record_price_list, id, ID, .required = true, .text = "Name of the list."),
	FIELD(2, record_price_list, rank, FIELD_OF(INT, -1000000, 1000000), .has_default = true, .absent = 0,
	      .text = "The list of highest rank that is usable and has the article gives its price."),
	FIELD(3, record_price_list, segments, TEXTS(1000),
	      .text = "Customer segments the list is for; everyone if absent."),
	FIELD(4, record_price_list, channels, TEXTS(100), .text = "Channels the list is for; all if absent."),
	FIELD(5, record_price_list, stores, TEXTS(10000), .text = "Stores the list is for; all if absent."),
	FIELD(6, record_price_list, from, .kind = FIELD_TIME, .text = "First moment of the list."),
	FIELD(7, record_price_list, to, .kind = FIELD_TIME_END,
	      .text = "Last moment of the list; a day means its last second."),
	FIELD(8, record_price_list, sale, .kind = FIELD_BOOL, .has_default = true, .absent = 0,
	      .text = "Whether what it prices counts as on sale."),
	FIELD(9, record_price_list, zones, TEXTS(1000),
	      .text = "Zones the list is for, besides the stores; all stores if neither is there."),
	FIELD(10, record_price_list, grid, .kind = FIELD_LIST, .of = &grid_schema, .max = 32,
	      .text = "Volume grid: per cent off every price of the list from so many units of an article, "
		      "by "
		      "rising quantity; an article with breaks of its own is not in it."),
	FIELD(11, record_price_list, markup, FIELD_OF(PERCENT, 0, 100000000),
	      .text = "Makes it a cost-plus list: its prices are the articles' costs plus that much."),
	FIELD(12, record_price_list, basis, ENUM(basis_names, 0),
	      .text = "What a cost-plus list adds to: the landed cost, or the FOB amount alone."),
};

static const struct field item_fields[] = {
	FIELD(1, record_item, sku, ID, .required = true, .text = "The article's number in the chain."),
	FIELD(2, record_item, name, NAME, .required = true,
	      .text = "What the display and the receipt call it."),
	FIELD(3, record_item, gtins, TEXTS(64),
	      .text = "GTIN-8, -12, -13 or -14 codes on its packages, with their check digits."),
	FIELD(4, record_item, tags, TEXTS(256), .text = "Free words that promotions may select by."),
	FIELD(5, record_item, category, ID, .text = "Its category."),
	FIELD(6, record_item, brand, ID, .text = "Its brand."),
	FIELD(7, record_item, supplier, ID, .text = "Who supplies it."),
	FIELD(8, record_item, tax, ID, .text = "Its tax; untaxed if absent."),
	FIELD(9, record_item, unit, ENUM(record_units, 0),
	      .text = "What prices and quantities of it count: pieces, or a unit of weight, volume or "
		      "length."),
	FIELD(10, record_item, cost, MONEY_FROM(0), .text = "What one unit costs to buy."),
	FIELD(11, record_item, logistics, MONEY_FROM(0),
	      .text = "What bringing one unit to the shelf costs."),
	FIELD(12, record_item, discountable, .kind = FIELD_BOOL, .has_default = true, .absent = 1,
	      .text = "Whether promotions may take anything off it."),
	FIELD(13, record_item, least, MONEY_FROM(0),
	      .text = "Pricing rules do not move the price of one unit below this."),
	FIELD(14, record_item, most, MONEY_FROM(0),
	      .text = "Pricing rules do not move the price of one unit above this."),
	FIELD(15, record_item, cost_in_review, MONEY_FROM(0),
	      .text = "A cost that waits for somebody's review: until then the margin guard reckons with the "
		      "higher of the two."),
#ifdef TILL_NEXT
	FIELD(30, record_item, memo, FIELD_OF(INT, 0, 9), .has_default = true, .absent = 0,
	      .text = "A number."),
#endif
};

static const struct field break_fields[] = {
	FIELD(1, record_break, from, FIELD_OF(QTY, 1, INT64_C(1000000000000)), .required = true,
	      .text = "From so many units of the article in the cart."),
	FIELD(2, record_break, price, MONEY_FROM(0), .required = true, .text = "Price of one unit then."),
};
static const struct schema break_schema =
	SCHEMA("break", record_break, break_fields, "A volume break of a price.");

static const struct field price_fields[] = {
	FIELD(1, record_price, list, ID, .required = true, .text = "The price list."),
	FIELD(2, record_price, sku, ID, .required = true, .text = "The article."),
	FIELD(3, record_price, price, MONEY_FROM(0), .required = true,
	      .text = "Price of one unit of it in that list."),
	FIELD(4, record_price, breaks, .kind = FIELD_LIST, .of = &break_schema, .max = 32,
	      .text = "Other prices from so many units, by rising quantity."),
};

static const struct field coupon_fields[] = {
	FIELD(1, record_coupon, code, ID, .required = true, .text = "The code on the coupon."),
	FIELD(2, record_coupon, promotion, ID, .required = true, .text = "The promotion that it unlocks."),
	FIELD(3, record_coupon, from, .kind = FIELD_TIME, .text = "First moment of the coupon."),
	FIELD(4, record_coupon, to, .kind = FIELD_TIME_END,
	      .text = "Last moment of the coupon; a day means its last second."),
	FIELD(5, record_coupon, uses, FIELD_OF(INT, 1, 1000000000),
	      .text = "Orders that the code is good for, in all; any number if absent."),
};

static const struct field next_plan_fields[] = {
	FIELD(1, record_next_plan, plan, ID, .required = true, .text = "Its plan."),
	FIELD(2, record_next_plan, from, .kind = FIELD_TIME, .required = true, .text = "When it begins."),
	FIELD(3, record_next_plan, to, .kind = FIELD_TIME_END, .text = "Its last moment; no end if absent."),
	FIELD(4, record_next_plan, months, FIELD_OF(INT, 1, 120), .text = "Months paid for at once."),
	FIELD(5, record_next_plan, paid, MONEY_FROM(0), .required = true,
	      .text = "What was paid for it: who goes to yet another plan gets it back."),
};
static const struct schema next_plan_schema =
	SCHEMA("next_plan", record_next_plan, next_plan_fields, "The period of a subscription that follows.");

static const struct field customer_fields[] = {
	FIELD(1, record_customer, id, ID, .required = true, .text = "Number of the customer or of the card."),
	FIELD(2, record_customer, name, NAME, .text = "What staff may call the customer."),
	FIELD(3, record_customer, segments, TEXTS(256), .text = "Segments the customer is in."),
	FIELD(4, record_customer, plan, ID,
	      .text = "Plan that the customer subscribes to, who is then in the segment of that name, too."),
	FIELD(5, record_customer, plan_from, .kind = FIELD_TIME,
	      .text = "When the paid period of the plan began."),
	FIELD(6, record_customer, plan_to, .kind = FIELD_TIME_END,
	      .text = "Last moment of the paid period; after it the plan does not count. No end if absent."),
	FIELD(7, record_customer, plan_months, FIELD_OF(INT, 1, 120),
	      .text = "Months paid for at once: says which duration discount was given."),
	FIELD(8, record_customer, plan_paid, MONEY_FROM(0),
	      .text = "What was paid for the period; what its months cost if absent."),
	FIELD(9, record_customer, credit, MONEY_FROM(0),
	      .text = "Basket credit of the month of the plan that ends with credit_to; the plan's if "
		      "absent."),
	FIELD(10, record_customer, credit_to, .kind = FIELD_TIME_END, .text = "Last day of that month."),
	FIELD(11, record_customer, next, STRUCT(next_plan_schema),
	      .text = "The period that follows, which is paid for already."),
};

static const struct field floor_fields[] = {
	FIELD(1, record_floor, id, ID, .required = true, .text = "Name of the row."),
	FIELD(2, record_floor, category, ID,
	      .text = "Articles of this category and of those below it; all if absent."),
	FIELD(3, record_floor, segment, ID, .text = "Customers of this segment; all if absent."),
	FIELD(4, record_floor, margin, FIELD_OF(PERCENT, 0, RECORD_FLOOR_MOST), .required = true,
	      .text = "Least margin in per cent of the price."),
};

static const struct schema schemas[RECORD_ZONE] = {
	[RECORD_BOOK] = SCHEMA("book", record_book, book_fields,
			       "The first line of a price book: its currency and the rules of the whole."),
	[RECORD_TAX] = SCHEMA("tax", record_tax, tax_fields, "A tax: a rate, or an amount a unit."),
	[RECORD_CATEGORY] = SCHEMA("category", record_category, category_fields, "A category of articles."),
	[RECORD_PRICE_LIST] = SCHEMA("price_list", record_price_list, price_list_fields,
				     "A price list: for whom, where and when."),
	[RECORD_ITEM] = SCHEMA("item", record_item, item_fields, "An article."),
	[RECORD_PRICE] = SCHEMA("price", record_price, price_fields, "The price of an article in a list."),
	[RECORD_PROMOTION] = {.name = "promotion",
			      .size = sizeof(struct record_promotion),
			      .fields = record_promotion_fields,
			      .count = RECORD_PROMOTION_FIELDS,
			      .text = "A promotion."},
	[RECORD_COUPON] = SCHEMA("coupon", record_coupon, coupon_fields, "A coupon code."),
	[RECORD_CUSTOMER] = SCHEMA("customer", record_customer, customer_fields, "A customer."),
	[RECORD_FLOOR] = SCHEMA("floor", record_floor, floor_fields,
				"The least margin for a category, a segment, or both."),
};

/* Those of prices have their tables in records_price.c, in the order of the types. */
const struct schema *record_schema(enum record_type t)
{
	return t < RECORD_ZONE ? &schemas[t] : &record_price_schemas[t - RECORD_ZONE];
}

enum err record_type_named(const char *name, enum record_type *out)
{
	for (unsigned t = 0; t < RECORD_TYPES; t++) {
		if (strcmp(record_schema((enum record_type)t)->name, name) == 0) {
			*out = (enum record_type)t;
			return ERR_OK;
		}
	}
	return ERR_NOT_FOUND;
}

unsigned record_weekday(const char *name)
{
	unsigned day = 0;

	while (day < 7 && strcmp(record_weekdays[day], name) != 0)
		day++;
	return day;
}

struct money record_item_burden(struct money cost, struct money in_review)
{
	return cost.minor > in_review.minor ? cost : in_review; /* AMOUNT_NONE is below any */
}

unsigned book_exponent(const struct record_book *b)
{
	unsigned exponent = 0;
	enum err e = currency_exponent(b->currency, &exponent);

	assert(!e); /* record_check has seen it */
	return exponent;
}

static const char *price_key(const struct record_price *p, struct arena *a)
{
	size_t list = strlen(p->list), sku = strlen(p->sku);
	char *key = arena_get(a, list + sku + 2);

	if (key)
		snprintf(key, list + sku + 2, "%s\x1f%s", p->list, p->sku);
	return key;
}

/* The text of each type that is its key; a price has its list besides, and of books there is one. */
static const size_t key_at[RECORD_TYPES] = {
	[RECORD_BOOK] = offsetof(union record_any, book.id),
	[RECORD_TAX] = offsetof(union record_any, tax.id),
	[RECORD_CATEGORY] = offsetof(union record_any, category.id),
	[RECORD_PRICE_LIST] = offsetof(union record_any, price_list.id),
	[RECORD_ITEM] = offsetof(union record_any, item.sku),
	[RECORD_PRICE] = offsetof(union record_any, price.sku),
	[RECORD_PROMOTION] = offsetof(union record_any, promotion.id),
	[RECORD_COUPON] = offsetof(union record_any, coupon.code),
	[RECORD_CUSTOMER] = offsetof(union record_any, customer.id),
	[RECORD_FLOOR] = offsetof(union record_any, floor.id),
	[RECORD_ZONE] = offsetof(union record_any, zone.id),
	[RECORD_SIGNAL] = offsetof(union record_any, signal.sku),
	[RECORD_PRICE_RULE] = offsetof(union record_any, price_rule.id),
	[RECORD_OVERRIDE] = offsetof(union record_any, override.id),
	[RECORD_EXCHANGE_RATE] = offsetof(union record_any, exchange_rate.currency),
	[RECORD_LANDED_COST] = offsetof(union record_any, landed_cost.sku),
	[RECORD_PLAN] = offsetof(union record_any, plan.id),
#ifdef TILL_NEXT
	[RECORD_MEMO] = offsetof(union record_any, memo.id),
#endif
};

const char *record_key(const struct record *r, struct arena *a)
{
	const char *key = *(const char *const *)((const char *)&r->as + key_at[r->type]);

	if (r->type == RECORD_PRICE)
		return price_key(&r->as.price, a);
	if (r->type == RECORD_BOOK)
		key = "book";
	return arena_text(a, key, strlen(key));
}

void record_set_name(struct record *r, const char *name)
{
	*(const char **)((char *)&r->as + key_at[r->type]) = name;
}

static enum err price_of_key(const char *key, struct arena *a, struct record_price *out, struct why *why)
{
	const char *end = strchr(key, '\x1f');

	if (!end)
		return fail(why, ERR_INVALID, "'%s' is no key of a price", key);
	out->list = arena_text(a, key, (size_t)(end - key));
	out->sku = arena_text(a, end + 1, strlen(end + 1));
	return out->list && out->sku ? ERR_OK : fail(why, ERR_MEMORY, "out of memory");
}

enum err record_of_key(enum record_type t, const char *key, struct arena *a, struct record *out,
		       struct why *why)
{
	const char *copy;

	*out = (struct record){.type = t};
	if (t == RECORD_PRICE)
		return price_of_key(key, a, &out->as.price, why);
	copy = arena_text(a, key, strlen(key));
	if (!copy)
		return fail(why, ERR_MEMORY, "out of memory");
	record_set_name(out, copy);
	return ERR_OK;
}

enum err record_encode(const struct record *r, struct buf *out)
{
	struct cborw w;

	cborw_begin(&w, out);
	record_to_cbor(record_schema(r->type), &r->as, &w);
	return cborw_end(&w);
}

enum err record_decode(enum record_type t, const void *cbor, size_t n, struct arena *a, struct record *out,
		       struct why *why)
{
	struct cborr in = cborr_over(cbor, n);
	bool plain = false;

	memset(out, 0, sizeof(*out));
	out->type = t;
	enum err e = record_from_cbor_plain(record_schema(t), &in, a, &out->as, &plain, why);
	if (e)
		return e;
	if (in.at != in.end)
		return fail(why, ERR_INVALID, "%zu bytes follow the record", (size_t)(in.end - in.at));
	return plain ? record_check_rules(out, why) : record_check(out, why);
}
