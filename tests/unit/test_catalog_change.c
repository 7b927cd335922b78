/*
 * Files of changes into catalog.db, and the log of changes that readers follow.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog_store.h"
#include "scratch.h"

/* clang-format off */
#define BOOK \
	"{\"type\":\"book\",\"id\":\"shop\",\"currency\":\"EUR\"}\n" \
	"{\"type\":\"tax\",\"id\":\"vat\",\"rate\":\"19\"}\n" \
	"{\"type\":\"category\",\"id\":\"food\"}\n" \
	"{\"type\":\"category\",\"id\":\"dairy\",\"parent\":\"food\"}\n" \
	"{\"type\":\"price_list\",\"id\":\"base\"}\n" \
	"{\"type\":\"price_list\",\"id\":\"club\",\"rank\":5}\n" \
	"{\"type\":\"item\",\"sku\":\"MILK\",\"name\":\"Milk\",\"category\":\"dairy\",\"tax\":\"vat\"}\n" \
	"{\"type\":\"item\",\"sku\":\"PEN\",\"name\":\"Pen\"}\n" \
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"MILK\",\"price\":\"1.19\"}\n" \
	"{\"type\":\"promotion\",\"id\":\"half\",\"name\":\"Half\",\"coupon\":true,\"gives\":[{\"kind\":\"percent\",\"percent\":\"50\"}]}\n" \
	"{\"type\":\"coupon\",\"code\":\"SAVE\",\"promotion\":\"half\"}\n" \
	"{\"type\":\"customer\",\"id\":\"c1\",\"segments\":[\"gold\"]}\n"
#define PRICE(list, sku, price) "{\"type\":\"price\",\"list\":\"" list "\",\"sku\":\"" sku "\",\"price\":\"" price "\"}\n"
#define REMOVE(of, key) "{\"type\":\"remove\",\"of\":\"" of "\",\"key\":{" key "}}\n"
#define PROMOTION(coupon, select) \
	"{\"type\":\"promotion\",\"id\":\"half\",\"name\":\"Half\",\"coupon\":" coupon ",\"gives\":[{\"kind\":\"percent\",\"percent\":\"40\"" select "}]}\n"
/* clang-format on */

static struct scratch scratch;
static char path[SCRATCH_PATH_MAX];

static int set_up(void **state)
{
	const char *book;
	struct why why = {0};
	uint64_t version;

	(void)state;
	scratch_new(&scratch);
	memcpy(path, scratch_path(&scratch, "catalog.db"), sizeof(path));
	book = scratch_path(&scratch, "book.jsonl");
	scratch_write(book, BOOK);
	if (catalog_import(path, book, NULL, NULL, NULL, &version, NULL, &why))
		fail_msg("%s", why.text);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_free(&scratch);
	return 0;
}

static enum err change(const char *text, uint64_t *version, struct catalog_changed *counts, struct why *why)
{
	const char *file = scratch_path(&scratch, "changes.jsonl");

	scratch_write(file, text);
	return catalog_import_changes(path, file, NULL, NULL, NULL, version, counts, why);
}

static void must_change(const char *text, uint64_t version)
{
	struct why why = {0};
	uint64_t got = 0;

	if (change(text, &got, NULL, &why))
		fail_msg("%s: %s", text, why.text);
	assert_int_equal(got, version);
}

static struct catalog_store *reader(void)
{
	struct catalog_store *s = NULL;
	struct why why = {0};

	if (catalog_store_open_reader(path, &s, &why))
		fail_msg("%s", why.text);
	return s;
}

static struct snapshot *load(void)
{
	struct catalog_store *s = reader();
	struct snapshot *snapshot = NULL;
	struct why why = {0};

	if (catalog_store_load(s, &snapshot, &why))
		fail_msg("%s", why.text);
	catalog_store_close(s);
	return snapshot;
}

/* The price of an article in the list of lowest rank; AMOUNT_NONE: it has none, or there is no such article.
 */
static int64_t price_of(const struct snapshot *s, const char *sku)
{
	const struct catalog *c = snapshot_catalog(s);
	uint32_t item;

	if (catalog_find_sku(c, sku, &item) || catalog_item(c, item)->prices == 0)
		return AMOUNT_NONE;
	return catalog_prices(c, item)[catalog_item(c, item)->prices - 1].price.minor;
}

static void changes_that_hold(void **state)
{
	static const struct {
		const char *text;
		const char *sku;
		int64_t price; /* of that article, afterwards */
		uint32_t items, promotions;
	} rows[] = {
		{"", "MILK", 119, 2, 1},
		{PRICE("base", "MILK", "0.99"), "MILK", 99, 2, 1},
		{"{\"type\":\"book\",\"id\":\"shop\",\"currency\":\"EUR\"}\n\n" PRICE("base", "PEN", "2"),
		 "PEN", 200, 2, 1},
		{REMOVE("price", "\"list\":\"base\",\"sku\":\"MILK\""), "MILK", AMOUNT_NONE, 2, 1},
		/* in any order: the price before its article, which takes a new list */
		{PRICE("new", "TEA", "3.50") "{\"type\":\"item\",\"sku\":\"TEA\",\"name\":\"Tea\"}\n"
					     "{\"type\":\"price_list\",\"id\":\"new\"}\n",
		 "TEA", 350, 3, 1},
		/* the last line counts */
		{PRICE("base", "PEN", "3") PRICE("base", "PEN", "4"), "PEN", 400, 2, 1},
		{PRICE("base", "PEN", "3") REMOVE("price", "\"list\":\"base\",\"sku\":\"PEN\""), "PEN",
		 AMOUNT_NONE, 2, 1},
		/* put and gone again: nothing refers to what is not there */
		{PRICE("base", "CAR", "3") REMOVE("price", "\"list\":\"base\",\"sku\":\"CAR\""), "PEN",
		 AMOUNT_NONE, 2, 1},
		{REMOVE("item", "\"sku\":\"PEN\""), "PEN", AMOUNT_NONE, 1, 1},
		{REMOVE("item", "\"sku\":\"CAR\""), "PEN", AMOUNT_NONE, 2, 1},
		{REMOVE("coupon", "\"code\":\"SAVE\"") REMOVE("promotion", "\"id\":\"half\""), "MILK", 119, 2,
		 0},
		{REMOVE("coupon", "\"code\":\"SAVE\"") PROMOTION("false", ""), "MILK", 119, 2, 1},
		{REMOVE("customer", "\"id\":\"c1\""), "MILK", 119, 2, 1},
		{REMOVE("price_list", "\"id\":\"club\""), "MILK", 119, 2, 1},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct why why = {0};
		uint64_t version;

		if (change(rows[i].text, &version, NULL, &why))
			fail_msg("row %zu: %s", i, why.text);
		struct snapshot *s = load();
		assert_int_equal(price_of(s, rows[i].sku), rows[i].price);
		assert_int_equal(snapshot_catalog(s)->item_count, rows[i].items);
		assert_int_equal(snapshot_catalog(s)->promotion_count, rows[i].promotions);
		snapshot_unref(s);
		tear_down(state);
		set_up(state);
	}
}

/* What would not be a catalog, and what the reason names; a good line before it is not taken either. */
static const struct {
	const char *text;
	enum err expect;
	const char *words[3];
} bad[] = {
	{PRICE("base", "CAR", "1"), ERR_NOT_FOUND, {"changes.jsonl:2", "sku", "item 'CAR'"}},
	{PRICE("sale", "PEN", "1"), ERR_NOT_FOUND, {"changes.jsonl:2", "list", "price_list 'sale'"}},
	{PRICE("base", "PEN", "0.999"), ERR_INVALID, {"changes.jsonl:2", "price"}},
	{"{\"type\":\"item\",\"sku\":\"T\",\"name\":\"T\",\"category\":\"x\"}\n",
	 ERR_NOT_FOUND,
	 {"category 'x'"}},
	{"{\"type\":\"item\",\"sku\":\"T\",\"name\":\"T\",\"tax\":\"x\"}\n", ERR_NOT_FOUND, {"tax 'x'"}},
	{PROMOTION("true", ",\"select\":{\"skus\":[\"CAR\"]}"),
	 ERR_NOT_FOUND,
	 {"gives[0].select.skus", "CAR"}},
	{PROMOTION("true", ",\"select\":{\"except\":{\"categories\":[\"x\"]}}"), ERR_NOT_FOUND, {"'x'"}},
	{PROMOTION("false", ""), ERR_INVALID, {"SAVE", "does not ask for a coupon"}},
	{"{\"type\":\"coupon\",\"code\":\"N\",\"promotion\":\"none\"}\n",
	 ERR_NOT_FOUND,
	 {"promotion 'none'"}},
	{REMOVE("item", "\"sku\":\"MILK\""), ERR_NOT_FOUND, {"changes.jsonl:1", "item 'MILK'"}},
	{REMOVE("price_list", "\"id\":\"base\""), ERR_NOT_FOUND, {"changes.jsonl:1", "price_list 'base'"}},
	{REMOVE("tax", "\"id\":\"vat\""), ERR_NOT_FOUND, {"with these changes", "item 'MILK'", "tax 'vat'"}},
	{REMOVE("category", "\"id\":\"food\""), ERR_NOT_FOUND, {"category 'food'"}},
	{REMOVE("promotion", "\"id\":\"half\""), ERR_NOT_FOUND, {"promotion 'half'"}},
	{"{\"type\":\"category\",\"id\":\"food\",\"parent\":\"dairy\"}\n", ERR_INVALID, {"circle"}},
	{"{\"type\":\"book\",\"id\":\"shop\",\"currency\":\"EUR\"}\n",
	 ERR_STATE,
	 {"changes.jsonl:2", "first"}},
	{REMOVE("book", "\"id\":\"shop\""), ERR_INVALID, {"changes.jsonl:2", "of"}},
	{REMOVE("price", "\"sku\":\"MILK\""), ERR_INVALID, {"key.list: missing"}},
	{REMOVE("item", "\"sku\":\"PEN\",\"id\":\"PEN\""), ERR_INVALID, {"key.id"}},
	{REMOVE("item", "\"skuu\":\"PEN\""), ERR_INVALID, {"did you mean 'sku'"}},
	{"{\"type\":\"remove\",\"of\":\"item\"}\n", ERR_INVALID, {"key"}},
	{"{\"type\":\"itme\"}\n", ERR_INVALID, {"did you mean 'item'"}},
};

static void changes_that_do_not_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct why why = {0};
		uint64_t version;
		char text[1024];

		snprintf(text, sizeof(text), PRICE("base", "MILK", "0.50") "%s", bad[i].text);
		enum err e = change(text, &version, NULL, &why);
		if (e != bad[i].expect)
			fail_msg("row %zu: %s: %s", i, err_name(e), why.text);
		for (size_t w = 0; w < COUNT(bad[i].words) && bad[i].words[w]; w++)
			if (!strstr(why.text, bad[i].words[w]))
				fail_msg("row %zu: no '%s' in: %s", i, bad[i].words[w], why.text);
	}
	struct snapshot *s = load();
	assert_int_equal(price_of(s, "MILK"), 119);
	assert_int_equal(snapshot_catalog(s)->version, 1);
	snapshot_unref(s);
}

static void another_currency_is_refused(void **state)
{
	struct why why = {0};
	uint64_t version;

	(void)state;
	assert_int_equal(
		change("{\"type\":\"book\",\"id\":\"shop\",\"currency\":\"JPY\"}\n", &version, NULL, &why),
		ERR_INVALID);
	assert_non_null(strstr(why.text, "changes.jsonl:1: currency: the catalog is in EUR"));
}

static void nothing_to_change(void **state)
{
	const char *file = scratch_path(&scratch, "empty.jsonl");
	char other[SCRATCH_PATH_MAX];
	struct why why = {0};
	uint64_t version;

	(void)state;
	scratch_write(file, "");
	memcpy(other, scratch_path(&scratch, "other.db"), sizeof(other));
	assert_int_equal(catalog_import_changes(other, file, NULL, NULL, NULL, &version, NULL, &why),
			 ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "run tillctl import BOOK"));
}

static void what_is_so_already_is_no_change(void **state)
{
	struct catalog_changed counts;
	struct why why = {0};
	uint64_t version = 0;

	(void)state;
	must_change(PRICE("base", "MILK", "1.19") REMOVE("item", "\"sku\":\"CAR\""), 1);
	assert_int_equal(change(PRICE("base", "MILK", "1.19") PRICE("base", "PEN", "2") REMOVE(
					"customer", "\"id\":\"c1\"") REMOVE("customer", "\"id\":\"c2\""),
				&version, &counts, &why),
			 ERR_OK);
	assert_int_equal(version, 2);
	assert_int_equal(counts.put[RECORD_PRICE], 1);
	assert_int_equal(counts.removed[RECORD_CUSTOMER], 1);
	assert_int_equal(counts.unchanged, 2);
}

static void a_reader_follows(void **state)
{
	struct snapshot *first = load(), *s = NULL;
	struct catalog_store *store = reader();
	struct why why = {0};

	(void)state;
	must_change(PRICE("base", "MILK", "0.99"), 2);
	must_change(PRICE("base", "PEN", "2") PROMOTION("true", ""), 3);
	must_change(PRICE("base", "MILK", "0.89") REMOVE("price", "\"list\":\"base\",\"sku\":\"PEN\""), 4);
	if (catalog_store_follow(store, first, &s, &why))
		fail_msg("%s", why.text);
	assert_int_equal(snapshot_catalog(s)->version, 4);
	assert_int_equal(price_of(s, "MILK"), 89);
	assert_int_equal(price_of(s, "PEN"), AMOUNT_NONE);
	assert_int_equal(snapshot_catalog(s)->promotions[0].gives[0].rate.ppm, 400000);
	assert_int_equal(price_of(first, "MILK"), 119);
	assert_ptr_equal(snapshot_catalog(s)->sku_slots, snapshot_catalog(first)->sku_slots);
	snapshot_unref(s);
	/* A new article is not for a change, and neither is a whole book. */
	must_change("{\"type\":\"item\",\"sku\":\"TEA\",\"name\":\"Tea\"}\n", 5);
	assert_int_equal(catalog_store_follow(store, first, &s, &why), ERR_STATE);
	assert_non_null(strstr(why.text, "TEA"));
	snapshot_unref(first);
	catalog_store_close(store);
}

static void a_whole_book_begins_a_new_log(void **state)
{
	struct snapshot *first = load(), *s = NULL;
	struct catalog_store *store = reader();
	struct why why = {0};
	uint64_t version;

	(void)state;
	assert_int_equal(catalog_import(path, scratch_path(&scratch, "book.jsonl"), NULL, NULL, NULL,
					&version, NULL, &why),
			 ERR_OK);
	assert_int_equal(catalog_store_follow(store, first, &s, &why), ERR_STATE);
	snapshot_unref(first);
	first = load();
	must_change(PRICE("base", "MILK", "0.99"), 3);
	assert_int_equal(catalog_store_follow(store, first, &s, &why), ERR_OK);
	assert_int_equal(price_of(s, "MILK"), 99);
	snapshot_unref(s);
	snapshot_unref(first);
	catalog_store_close(store);
}

/* CATALOG_CHANGES_MAX prices, one way and the other: more than the log of one version holds. */
static void the_log_is_bounded(void **state)
{
	enum { MORE = CATALOG_CHANGES_MAX + 2 };
	const size_t each = strlen(PRICE("base", "MILK", "1.00"));
	char *text = malloc(MORE * each + 1);
	struct snapshot *first = load(), *s = NULL;
	struct catalog_store *store = reader();
	struct why why = {0};

	(void)state;
	assert_non_null(text);
	must_change(PRICE("base", "PEN", "2"), 2);
	for (size_t i = 0; i < MORE; i++)
		memcpy(text + i * each, i % 2 ? PRICE("base", "MILK", "1.01") : PRICE("base", "MILK", "1.00"),
		       each + 1);
	must_change(text, 3);
	assert_int_equal(catalog_store_follow(store, first, &s, &why), ERR_STATE);
	assert_non_null(strstr(why.text, "log of changes"));
	snapshot_unref(first);
	first = load();
	assert_int_equal(price_of(first, "MILK"), 101);
	must_change(PRICE("base", "PEN", "3"), 4);
	assert_int_equal(catalog_store_follow(store, first, &s, &why), ERR_OK);
	assert_int_equal(price_of(s, "PEN"), 300);
	snapshot_unref(s);
	snapshot_unref(first);
	catalog_store_close(store);
	free(text);
}

/* A catalog of the first release, whose log cannot know what changed before. */
static void an_older_catalog_is_taken_over(void **state)
{
	struct catalog_store *store;
	struct snapshot *first, *s;
	struct why why = {0};

	(void)state;
	scratch_sql(path, "DROP TABLE held; DROP TABLE approved; DROP TABLE shop_event; DROP TABLE change; "
			  "ALTER TABLE meta DROP COLUMN changes_after;"
			  "UPDATE meta SET version = 7; PRAGMA user_version = 1");
	must_change(PRICE("base", "MILK", "0.99"), 8);
	must_change(PRICE("base", "MILK", "0.98"), 9);
	store = reader();
	first = load();
	assert_int_equal(price_of(first, "MILK"), 98);
	assert_int_equal(catalog_store_follow(store, first, &s, &why), ERR_OK);
	snapshot_unref(s);
	snapshot_unref(first);
	catalog_store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(changes_that_hold, set_up, tear_down),
		cmocka_unit_test_setup_teardown(changes_that_do_not_hold, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_currency_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_to_change, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_so_already_is_no_change, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reader_follows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_whole_book_begins_a_new_log, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_log_is_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_older_catalog_is_taken_over, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
