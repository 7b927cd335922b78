/*
 * The catalog that a builder makes: look-ups, order, closure of categories, touch indexes, and what it
 * refuses.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "small_book.h"

#define BOOK		"{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\"}"
#define LIST		"{\"type\":\"price_list\",\"id\":\"l\"}"
#define ITEM		"{\"type\":\"item\",\"sku\":\"A\",\"name\":\"A\"}"
#define PRICE_OF(sku)	"{\"type\":\"price\",\"list\":\"l\",\"sku\":\"" sku "\",\"price\":\"1\"}"
#define PRICE		PRICE_OF("A")
#define CHILD(a, b)	"{\"type\":\"category\",\"id\":\"" a "\",\"parent\":\"" b "\"}"
#define PERCENT		"\"kind\":\"percent\",\"percent\":\"5\""
#define PROMOTION(rest) "{\"type\":\"promotion\",\"id\":\"p\",\"name\":\"P\"," rest "}"

static int set_up(void **state)
{
	*state = small_snapshot();
	return 0;
}

static int tear_down(void **state)
{
	snapshot_unref(*state);
	return 0;
}

static uint32_t item_of(const struct catalog *c, const char *sku)
{
	uint32_t item = CATALOG_NONE;

	assert_int_equal(catalog_find_sku(c, sku, &item), ERR_OK);
	return item;
}

static void test_items_stand_by_sku(void **state)
{
	static const char *const skus[] = {"BRIE", "INK", "MILK", "PEN"};
	const struct catalog *c = snapshot_catalog(*state);
	uint32_t item;

	assert_int_equal(c->item_count, COUNT(skus));
	for (uint32_t i = 0; i < COUNT(skus); i++) {
		assert_string_equal(catalog_sku(c, i), skus[i]);
		assert_int_equal(item_of(c, skus[i]), i);
	}
	assert_string_equal(catalog_name(c, 0), "Brie");
	assert_int_equal(catalog_find_sku(c, "brie", &item), ERR_NOT_FOUND);
	assert_int_equal(c->version, 7);
}

/* Rows: a GTIN as a number, the SKUs under it. */
static void test_gtins(void **state)
{
	static const struct {
		uint64_t gtin;
		const char *skus[2];
	} rows[] = {
		{4006381333931, {"BRIE"}},  {5901234123457, {"MILK"}},
		{36000291452, {"MILK"}},    /* written as a GTIN-12 with its leading zero */
		{96385074, {"INK", "PEN"}}, /* a GTIN-8 on one, the same with zeros before it on the other */
		{4006381333930, {NULL}},    {0, {NULL}},
	};
	const struct catalog *c = snapshot_catalog(*state);

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t found[2], count;
		enum err e = catalog_find_gtin(c, rows[i].gtin, found, 2, &count);
		assert_int_equal(count, (rows[i].skus[0] != NULL) + (rows[i].skus[1] != NULL));
		assert_int_equal(e, count == 0 ? ERR_NOT_FOUND : count == 1 ? ERR_OK : ERR_AMBIGUOUS);
		for (uint32_t k = 0; k < count; k++)
			assert_string_equal(catalog_sku(c, found[k]), rows[i].skus[k]);
	}
}

static void test_settings(void **state)
{
	const struct settings *s = &snapshot_catalog(*state)->settings;

	assert_string_equal(s->id, "small");
	assert_string_equal(s->currency, "EUR");
	assert_int_equal(s->exponent, 2);
	assert_int_equal(s->semantics, 1);
	assert_int_equal(s->tax, TAX_INCLUSIVE);
	assert_int_equal(s->rounding, ROUND_HALF_AWAY);
	assert_string_equal(s->zone, "Europe/Berlin");
}

/* Highest rank first, equal ranks by id; the rows of an article in the same order. */
static void test_lists_and_prices(void **state)
{
	static const char *const lists[] = {"app", "members", "base"};
	static const int64_t milk[] = {110, 90, 100};
	const struct catalog *c = snapshot_catalog(*state);
	const struct item *item = catalog_item(c, item_of(c, "MILK"));
	const struct price_row *rows = catalog_page(c, item_of(c, "MILK"))->prices + item->first_price;

	assert_int_equal(c->list_count, 3);
	assert_int_equal(item->prices, 3);
	for (uint32_t i = 0; i < 3; i++) {
		assert_string_equal(c->lists[i].id, lists[i]);
		assert_int_equal(rows[i].list, i);
		assert_int_equal(rows[i].price.minor, milk[i]);
	}
	assert_int_equal(catalog_item(c, item_of(c, "INK"))->prices, 0);
	assert_int_equal(c->lists[1].segments.count, 1);
	assert_string_equal(c->segments.at[c->lists[1].segments.at[0]], "member");
	assert_int_equal(c->lists[2].window.from.seconds, AMOUNT_NONE);
}

static void test_item_fields(void **state)
{
	const struct catalog *c = snapshot_catalog(*state);
	uint32_t at = item_of(c, "PEN");
	const struct item *pen = catalog_item(c, at), *brie = catalog_item(c, item_of(c, "BRIE"));

	assert_string_equal(c->categories[pen->category].id, "office");
	assert_string_equal(c->brands.at[pen->brand], "ink");
	assert_int_equal(pen->supplier, CATALOG_NONE);
	assert_string_equal(c->taxes[pen->tax].id, "vat");
	assert_int_equal(c->taxes[pen->tax].rate.ppm, 190000);
	assert_int_equal(pen->tags, 2);
	assert_string_equal(c->tags.at[catalog_page(c, at)->tags[pen->first_tag]], "blue");
	assert_string_equal(c->tags.at[catalog_page(c, at)->tags[pen->first_tag + 1]], "gift");
	assert_int_equal(pen->cost.minor, AMOUNT_NONE);
	assert_int_equal(brie->unit, UNIT_KG);
	assert_int_equal(brie->cost.minor, 500);
	/* no tax named: a tax of nothing */
	assert_int_equal(c->taxes[catalog_item(c, item_of(c, "INK"))->tax].rate.ppm, 0);
}

static void test_categories_know_their_way_up(void **state)
{
	static const char *const way[] = {"cheese", "dairy", "food"};
	const struct catalog *c = snapshot_catalog(*state);
	const struct category *cheese = &c->categories[catalog_item(c, item_of(c, "BRIE"))->category];

	assert_string_equal(cheese->name, "Cheese");
	assert_int_equal(cheese->up.count, COUNT(way));
	for (uint32_t i = 0; i < COUNT(way); i++)
		assert_string_equal(c->categories[cheese->up.at[i]].id, way[i]);
	assert_int_equal(c->categories[cheese->up.at[2]].parent, CATALOG_NONE);
	assert_string_equal(c->categories[cheese->up.at[2]].name, "food"); /* no name: the id */
}

static uint32_t category_of(const struct catalog *c, const char *id)
{
	for (uint32_t i = 0; i < c->category_count; i++) {
		if (strcmp(c->categories[i].id, id) == 0)
			return i;
	}
	return CATALOG_NONE;
}

/* Rows: a term, and the promotion that it touches, if any. */
static void test_touch(void **state)
{
	const struct catalog *c = snapshot_catalog(*state);
	const struct {
		enum term_kind kind;
		uint32_t id;
		const char *touched;
	} rows[] = {
		{TERM_ITEM, item_of(c, "MILK"), "milk-2-for-1"}, /* need and give of one promotion: once */
		{TERM_ITEM, item_of(c, "PEN"), NULL},
		{TERM_CATEGORY, category_of(c, "dairy"), "dairy-10"},
		{TERM_CATEGORY, category_of(c, "cheese"), "dairy-10"}, /* below dairy */
		{TERM_CATEGORY, category_of(c, "food"), NULL},	       /* above it */
		{TERM_CATEGORY, category_of(c, "office"), NULL},
		{TERM_BRAND, catalog_id(&c->brands, "ink"), "save"},
		{TERM_BRAND, catalog_id(&c->brands, "cow"), NULL},
		{TERM_TAG, catalog_id(&c->tags, "blue"), "save"},
		{TERM_SUPPLIER, catalog_id(&c->suppliers, "none"), "save"}, /* a name that no article has */
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct term_index *t = &c->touch[rows[i].kind];
		uint32_t want = rows[i].touched ? 1 : 0;
		assert_true(rows[i].id < t->ids);
		assert_int_equal(t->first[rows[i].id + 1] - t->first[rows[i].id], want);
		if (want)
			assert_string_equal(c->promotions[t->promotions[t->first[rows[i].id]]].id,
					    rows[i].touched);
	}
	assert_int_equal(c->touch_all.count, 1);
	assert_string_equal(c->promotions[c->touch_all.at[0]].id, "members-50");
}

/* One of its selectors has no terms, so it touches everything, and still stands under the term of the other.
 */
static void test_touch_all_and_some(void **state)
{
	static const char *const lines[] = {BOOK, ITEM,
					    PROMOTION("\"needs\":[{\"quantity\":1}],\"gives\":[{" PERCENT
						      ",\"select\":{\"skus\":[\"A\"]}}]"),
					    NULL};
	struct snapshot *s;
	struct why why;

	(void)state;
	assert_int_equal(book_of(lines, &s, &why), ERR_OK);
	const struct catalog *c = snapshot_catalog(s);
	assert_int_equal(c->touch_all.count, 1);
	assert_int_equal(c->touch[TERM_ITEM].ids, 1);
	assert_int_equal(c->touch[TERM_ITEM].first[1], 1);
	snapshot_unref(s);
}

static void test_promotions_are_compiled(void **state)
{
	const struct catalog *c = snapshot_catalog(*state);
	const struct promotion *p = &c->promotions[catalog_promotion(c, "milk-2-for-1")];
	const struct promotion *dairy = &c->promotions[catalog_promotion(c, "dairy-10")];

	assert_int_equal(c->promotion_count, 4);
	for (uint32_t i = 1; i < c->promotion_count; i++)
		assert_true(strcmp(c->promotions[i - 1].id, c->promotions[i].id) < 0);
	/* a give without a selector has that of the first need; units without a per cent are free */
	assert_ptr_equal(p->gives[0].on.include, p->needs[0].of.include);
	assert_int_equal(p->gives[0].on.includes, 1);
	assert_int_equal(p->gives[0].rate.ppm, 1000000);
	assert_int_equal(p->needs[0].kind, NEED_QUANTITY);
	assert_int_equal(p->needs[0].least, 2);
	assert_string_equal(p->text, "Milk"); /* no text: the name */
	assert_int_equal(p->status, PROMOTION_ACTIVE);
	assert_true(p->stackable);
	assert_int_equal(p->priority, 100);
	assert_int_equal(p->times, AMOUNT_NONE);
	assert_int_equal(p->max_discount.minor, AMOUNT_NONE);
	/* 2026-12-31T23:59:59 on the store's clock */
	assert_true(dairy->window.to.local);
	assert_int_equal(dairy->window.to.seconds, 1798761599);
	assert_int_equal(dairy->gives[0].on.excludes, 1);
}

static void test_people(void **state)
{
	const struct record_coupon *coupon;
	const struct record_customer *customer;

	assert_int_equal(snapshot_find_coupon(*state, "SAVE", &coupon), ERR_OK);
	assert_string_equal(coupon->promotion, "save");
	assert_int_equal(snapshot_find_coupon(*state, "save", &coupon), ERR_NOT_FOUND);
	assert_int_equal(snapshot_find_customer(*state, "17", &customer), ERR_OK);
	assert_string_equal(customer->name, "Ada");
	assert_int_equal(customer->segments.count, 2);
	assert_int_equal(snapshot_find_customer(*state, "18", &customer), ERR_NOT_FOUND);
}

#define FLOOR(id, scope, margin) "{\"type\":\"floor\",\"id\":\"" id "\"," scope ",\"margin\":\"" margin "\"}"
#define VAT(rate)		 "{\"type\":\"tax\",\"id\":\"vat\",\"rate\":\"" rate "\"}"
#define TAXED			 "{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\",\"tax\":\"inclusive\"}"

/* Books that are refused as a whole: lines from 1, and the reason. */
static const struct {
	const char *lines[6];
	const char *reason;
} refused[] = {
	{{ITEM}, "the first record of a price book is the 'book' itself"},
	{{BOOK, BOOK}, "a price book has one record of type 'book'; the first is on line 1"},
	{{BOOK, ITEM, ITEM}, "sku: 'A' is there twice; the first is on line 2"},
	{{BOOK, LIST, LIST}, "price_list 'l' is there twice; the first is on line 2"},
	{{BOOK, ITEM, PRICE}, "line 3: list: there is no price list 'l'"},
	{{BOOK, LIST, PRICE}, "line 3: sku: there is no article 'A'"},
	{{BOOK, LIST, PRICE_OF("C"), PRICE_OF("A"), PRICE_OF("B")}, "line 3: sku: there is no article 'C'"},
	{{BOOK, PRICE, LIST, ITEM, PRICE}, "line 5: 'A' has a price in list 'l' already, on line 2"},
	{{BOOK, "{\"type\":\"item\",\"sku\":\"A\",\"name\":\"A\",\"category\":\"x\"}"},
	 "line 2: category: there is no category 'x'"},
	{{BOOK, "{\"type\":\"item\",\"sku\":\"A\",\"name\":\"A\",\"tax\":\"x\"}"},
	 "line 2: tax: there is no tax 'x'"},
	{{BOOK, CHILD("a", "b")}, "line 2: parent: there is no category 'b'"},
	{{BOOK, CHILD("a", "b"), CHILD("b", "c"), CHILD("c", "b")},
	 "line 3: parent: the categories form a circle: b > c > b"},
	{{BOOK, PROMOTION("\"gives\":[{" PERCENT ",\"select\":{\"skus\":[\"A\"]}}]")},
	 "line 2: gives[0].select.skus: there is no article 'A'"},
	{{BOOK, ITEM,
	  PROMOTION("\"needs\":[{\"quantity\":1,\"select\":{\"except\":{\"categories\":[\"x\"]}}}],\"gives\":"
		    "[{" PERCENT "}]")},
	 "line 3: needs[0].select.except.categories: there is no category 'x'"},
	{{BOOK, "{\"type\":\"coupon\",\"code\":\"C\",\"promotion\":\"p\"}"},
	 "line 2: promotion: there is no promotion 'p'"},
	{{BOOK, "{\"type\":\"coupon\",\"code\":\"C\",\"promotion\":\"p\"}",
	  PROMOTION("\"gives\":[{" PERCENT "}]")},
	 "line 2: promotion: 'p' does not ask for a coupon; give it \"coupon\": true"},
	{{BOOK, FLOOR("f", "\"category\":\"x\"", "30")}, "line 2: category: there is no category 'x'"},
	{{BOOK, FLOOR("f", "\"segment\":\"s\"", "30"), FLOOR("e", "\"segment\":\"s\"", "20")},
	 "line 2: category: floor 'e' is for the same category and segment"},
	{{TAXED, VAT("90"), FLOOR("f", "\"segment\":\"s\"", "60")},
	 "line 3: margin: with tax 'vat' in the price, too little of it is left for the cost"},
	{{"{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\",\"tax\":\"inclusive\",\"margin\":{"
	  "\"floor\":\"90\"}}",
	  VAT("19")},
	 "line 1: margin.floor: with tax 'vat' in the price, too little of it is left for the cost"},
	{{TAXED, VAT("19"), PROMOTION("\"margin\":{\"floor\":\"85\"},\"gives\":[{" PERCENT "}]")},
	 "line 3: margin.floor: with tax 'vat' in the price, too little of it is left for the cost"},
};

static void test_refused_books(void **state)
{
	bool all = true;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct snapshot *s = NULL;
		struct why why;
		enum err e = book_of(refused[i].lines, &s, &why);
		if (e && strcmp(why.text, refused[i].reason) == 0)
			continue;
		print_error("row %zu\n  expected: %s\n  found:    %s\n", i, refused[i].reason,
			    e ? why.text : "no error");
		all = false;
		if (!e)
			snapshot_unref(s);
	}
	assert_true(all);
}

/* Records without a line (from a database) are named by type and key. */
static void test_blame_without_lines(void **state)
{
	const struct record book = {.type = RECORD_BOOK,
				    .as.book = {.id = "b", .currency = "EUR", .semantics = 1}};
	const struct record price = {.type = RECORD_PRICE, .as.price = {.list = "l", .sku = "A"}};
	struct builder *b;
	struct snapshot *s;
	struct why why;

	(void)state;
	assert_int_equal(builder_new(false, &b), ERR_OK);
	assert_int_equal(builder_add(b, &book, 0, &why), ERR_OK);
	assert_int_equal(builder_add(b, &price, 0, &why), ERR_OK);
	assert_int_equal(builder_finish(b, 1, &s, &why), ERR_NOT_FOUND);
	assert_string_equal(why.text, "price 'A': sku: there is no article 'A'");
	builder_free(b);
}

/* Records may come in any order but the book: all of the small book's, backwards, make the same catalog. */
static void test_any_order(void **state)
{
	const struct catalog *c = snapshot_catalog(*state), *d;
	const char *lines[64] = {small_book[0]};
	struct snapshot *s;
	struct why why;
	size_t n = 0;

	while (small_book[n])
		n++;
	for (size_t i = 1; i < n; i++)
		lines[i] = small_book[n - i];
	assert_int_equal(book_of(lines, &s, &why), ERR_OK);
	d = snapshot_catalog(s);
	assert_int_equal(d->item_count, c->item_count);
	for (uint32_t i = 0; i < c->item_count; i++) {
		assert_string_equal(catalog_sku(d, i), catalog_sku(c, i));
		assert_int_equal(catalog_item(d, i)->category, catalog_item(c, i)->category);
		assert_int_equal(catalog_item(d, i)->prices, catalog_item(c, i)->prices);
	}
	for (uint32_t i = 0; i < c->promotion_count; i++)
		assert_string_equal(d->promotions[i].id, c->promotions[i].id);
	snapshot_unref(s);
}

/* More than one page, in an order that is not theirs, SKUs that differ behind their 12th byte. */
static void test_many_items(void **state)
{
	enum { ITEMS = 1000 };
	const struct record book = {.type = RECORD_BOOK,
				    .as.book = {.id = "b", .currency = "EUR", .semantics = 1}};
	struct builder *b;
	struct snapshot *s;
	struct why why;
	char sku[32];

	(void)state;
	assert_int_equal(builder_new(false, &b), ERR_OK);
	assert_int_equal(builder_add(b, &book, 1, &why), ERR_OK);
	for (unsigned i = 0; i < ITEMS; i++) {
		struct record item = {.type = RECORD_ITEM,
				      .as.item = {.sku = sku,
						  .name = sku,
						  .cost = MONEY_NONE,
						  .logistics = MONEY_NONE,
						  .cost_in_review = MONEY_NONE}};
		snprintf(sku, sizeof(sku), "ARTICLE-0000-%09u", i * 7 % ITEMS);
		assert_int_equal(builder_add(b, &item, i + 2, &why), ERR_OK);
	}
	assert_int_equal(builder_finish(b, 1, &s, &why), ERR_OK);
	builder_free(b);
	const struct catalog *c = snapshot_catalog(s);
	assert_int_equal(c->page_count, 4);
	for (uint32_t i = 0; i < ITEMS; i++) {
		snprintf(sku, sizeof(sku), "ARTICLE-0000-%09u", i);
		assert_string_equal(catalog_sku(c, i), sku);
		assert_int_equal(item_of(c, sku), i);
	}
	assert_true(snapshot_bytes(s) > ITEMS * sizeof(struct item));
	snapshot_unref(snapshot_ref(s)); /* two references, one left */
	assert_string_equal(catalog_sku(c, 0), "ARTICLE-0000-000000000");
	snapshot_unref(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_items_stand_by_sku, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_gtins, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_settings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_lists_and_prices, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_item_fields, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_categories_know_their_way_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_touch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_promotions_are_compiled, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_people, set_up, tear_down),
		cmocka_unit_test(test_touch_all_and_some),
		cmocka_unit_test(test_refused_books),
		cmocka_unit_test(test_blame_without_lines),
		cmocka_unit_test_setup_teardown(test_any_order, set_up, tear_down),
		cmocka_unit_test(test_many_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
