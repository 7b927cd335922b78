/*
 * catalog.db: a price book imported, and read back as a snapshot and as people.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "catalog_store.h"
#include "scratch.h"

#define BOOK "{\"type\":\"book\",\"id\":\"shop\",\"currency\":\"EUR\"}\n"
#define REST                                                                             \
	"{\"type\":\"price_list\",\"id\":\"regular\"}\n"                                 \
	"{\"type\":\"item\",\"sku\":\"101\",\"name\":\"Milk\"}\n"                        \
	"{\"type\":\"item\",\"sku\":\"102\",\"name\":\"Bread\"}\n"                       \
	"{\"type\":\"price\",\"list\":\"regular\",\"sku\":\"101\",\"price\":\"1.19\"}\n" \
	"{\"type\":\"promotion\",\"id\":\"half\",\"name\":\"Half\",\"coupon\":true,"     \
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"50\"}]}\n"                       \
	"{\"type\":\"coupon\",\"code\":\"SAVE\",\"promotion\":\"half\"}\n"               \
	"{\"type\":\"customer\",\"id\":\"c1\",\"name\":\"Ada\",\"segments\":[\"gold\"]}\n"

static struct scratch scratch;
static char path[SCRATCH_PATH_MAX];

static int set_up(void **state)
{
	(void)state;
	scratch_new(&scratch);
	memcpy(path, scratch_path(&scratch, "catalog.db"), sizeof(path));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_free(&scratch);
	return 0;
}

/* Imports a book with that text. */
static enum err import(const char *text, uint64_t *version, uint64_t counts[RECORD_TYPES], struct why *why)
{
	const char *book = scratch_path(&scratch, "book.jsonl");

	scratch_write(book, text);
	return catalog_import(path, book, NULL, NULL, NULL, version, counts, why);
}

static void must_import(const char *text, uint64_t version)
{
	struct why why = {0};
	uint64_t got = 0;

	if (import(text, &got, NULL, &why))
		fail_msg("%s", why.text);
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

static uint32_t items_of(struct catalog_store *s, uint64_t *version)
{
	struct snapshot *snapshot = NULL;
	struct why why = {0};
	uint32_t items;

	if (catalog_store_load(s, &snapshot, &why))
		fail_msg("%s", why.text);
	items = snapshot_catalog(snapshot)->item_count;
	*version = snapshot_catalog(snapshot)->version;
	snapshot_unref(snapshot);
	return items;
}

static void a_book_is_imported_and_loaded(void **state)
{
	static const uint64_t expect[RECORD_TYPES] = {
		[RECORD_BOOK] = 1,	[RECORD_PRICE_LIST] = 1, [RECORD_ITEM] = 2,	[RECORD_PRICE] = 1,
		[RECORD_PROMOTION] = 1, [RECORD_COUPON] = 1,	 [RECORD_CUSTOMER] = 1,
	};
	uint64_t version = 0, counts[RECORD_TYPES];
	struct catalog_store *s;
	struct why why = {0};

	(void)state;
	if (import(BOOK REST, &version, counts, &why))
		fail_msg("%s", why.text);
	assert_int_equal(version, 1);
	assert_memory_equal(counts, expect, sizeof(expect));
	s = reader();
	version = 0;
	assert_int_equal(items_of(s, &version), 2);
	assert_int_equal(version, 1);
	catalog_store_close(s);
}

static void people_are_found_by_key(void **state)
{
	struct arena a = ARENA_EMPTY;
	struct record_coupon coupon;
	struct record_customer customer;
	struct catalog_store *s;
	struct why why = {0};

	(void)state;
	must_import(BOOK REST, 1);
	s = reader();
	assert_int_equal(catalog_store_coupon(s, "SAVE", &a, &coupon, &why), ERR_OK);
	assert_string_equal(coupon.promotion, "half");
	assert_int_equal(catalog_store_customer(s, "c1", &a, &customer, &why), ERR_OK);
	assert_string_equal(customer.name, "Ada");
	assert_int_equal(customer.segments.count, 1);
	assert_string_equal(((const char *const *)customer.segments.at)[0], "gold");
	assert_int_equal(catalog_store_coupon(s, "c1", &a, &coupon, &why), ERR_NOT_FOUND);
	assert_int_equal(catalog_store_customer(s, "SAVE", &a, &customer, &why), ERR_NOT_FOUND);
	catalog_store_close(s);
	arena_free(&a);
}

static void an_import_replaces_all_and_raises_the_version(void **state)
{
	struct catalog_store *s;
	uint64_t version = 0;
	bool changed = false;
	struct why why = {0};

	(void)state;
	must_import(BOOK REST, 1);
	s = reader();
	assert_int_equal(catalog_store_changed(s, &changed, &why), ERR_OK);
	assert_true(changed); /* the first time */
	assert_int_equal(catalog_store_changed(s, &changed, &why), ERR_OK);
	assert_false(changed);
	must_import(BOOK "{\"type\":\"item\",\"sku\":\"999\",\"name\":\"Tea\"}\n", 2);
	assert_int_equal(catalog_store_changed(s, &changed, &why), ERR_OK);
	assert_true(changed);
	assert_int_equal(items_of(s, &version), 1);
	assert_int_equal(version, 2);
	catalog_store_close(s);
}

/* Books with one bad line, and what the reason must name. */
static const struct {
	const char *text;
	enum err expect;
	const char *words[3];
} bad[] = {
	{BOOK REST "{\"type\":\"item\",\"sku\":\"103\"}\n", ERR_INVALID, {"book.jsonl:9", "name"}},
	{BOOK REST "{\"type\":\"price\",\"list\":\"regular\",\"sku\":\"777\",\"price\":\"1\"}\n",
	 ERR_NOT_FOUND,
	 {"book.jsonl", "9", "777"}},
	{BOOK REST "{\"type\":\"item\",\"sku\":\"101\",\"name\":\"Again\"}\n", ERR_EXISTS, {"9", "101"}},
	{BOOK REST "not json\n", ERR_INVALID, {"book.jsonl:9"}},
	{REST, ERR_STATE, {"book.jsonl:1"}},
};

static void a_bad_line_changes_nothing(void **state)
{
	struct catalog_store *s;
	uint64_t version;

	(void)state;
	must_import(BOOK REST, 1);
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct why why = {0};
		enum err e = import(bad[i].text, &version, NULL, &why);

		assert_int_equal(e, bad[i].expect);
		for (size_t w = 0; w < COUNT(bad[i].words) && bad[i].words[w]; w++)
			if (!strstr(why.text, bad[i].words[w]))
				fail_msg("row %zu: no '%s' in: %s", i, bad[i].words[w], why.text);
	}
	s = reader();
	version = 0;
	assert_int_equal(items_of(s, &version), 2);
	assert_int_equal(version, 1);
	catalog_store_close(s);
}

static void a_second_writer_is_refused(void **state)
{
	struct catalog_store *first, *second;
	struct why why = {0};

	(void)state;
	assert_int_equal(catalog_store_open_writer(path, &first, &why), ERR_OK);
	assert_int_equal(catalog_store_open_writer(path, &second, &why), ERR_BUSY);
	assert_non_null(strstr(why.text, "process "));
	catalog_store_close(first);
}

static void a_reader_keeps_its_view_while_a_writer_works(void **state)
{
	struct catalog_store *s, *writer;
	struct why why = {0};
	uint64_t version = 0;

	(void)state;
	must_import(BOOK REST, 1);
	s = reader();
	assert_int_equal(catalog_store_open_writer(path, &writer, &why), ERR_OK);
	assert_int_equal(catalog_store_begin(writer, true, &why), ERR_OK);
	assert_int_equal(items_of(s, &version), 2);
	catalog_store_rollback(writer);
	assert_int_equal(items_of(s, &version), 2);
	catalog_store_close(writer);
	catalog_store_close(s);
}

static void nothing_imported_yet(void **state)
{
	struct catalog_store *s;
	struct snapshot *snapshot;
	struct why why = {0};

	(void)state;
	assert_int_equal(catalog_store_open_reader(path, &s, &why), ERR_NOT_FOUND);
	assert_int_equal(catalog_store_open_writer(path, &s, &why), ERR_OK);
	catalog_store_close(s);
	s = reader();
	assert_int_equal(catalog_store_load(s, &snapshot, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "run tillctl import"));
	catalog_store_close(s);
}

/* Rows were checked before they were written, and are checked again: disks forget, and people have shells. */
static void a_damaged_record_is_reported(void **state)
{
	static const struct {
		const char *sql, *reason;
	} rows[] = {
		{"UPDATE record SET body = x'a1' WHERE kind = 4 AND key = '102'", "an integer"},
		{"UPDATE record SET body = x'a1016131' WHERE kind = 4 AND key = '102'", "name: is required"},
		{"UPDATE record SET body = x'a20163313032026107' WHERE kind = 4 AND key = '102'",
		 "name: has a control character"}, /* 1: "102", 2: BEL */
		{"UPDATE record SET body = x'a201633130320261ff' WHERE kind = 4 AND key = '102'",
		 "name: text in deterministic CBOR"},
		{"UPDATE record SET body = x'a301633130320261620381683430303633383133' "
		 "WHERE kind = 4 AND key = '102'",
		 "gtins[0]: '40063813' has a wrong check digit: it should end in 2"},
		{"UPDATE record SET body = (SELECT body FROM record WHERE kind = 4 AND key = '101') "
		 "WHERE kind = 4 AND key = '102'",
		 "sku: '101' is there twice"},
		{"DELETE FROM record WHERE kind = 4 AND key = '101'", "there is no article '101'"},
		{"INSERT INTO record SELECT 77, key, version, body FROM record WHERE kind = 3",
		 "a record of unknown kind 77"},
	};
	struct catalog_store *s;
	struct snapshot *snapshot;
	struct why why;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		must_import(BOOK REST, i + 1);
		scratch_sql(path, rows[i].sql);
		s = reader();
		if (catalog_store_load(s, &snapshot, &why) != ERR_CORRUPT ||
		    !strstr(why.text, rows[i].reason) || !strstr(why.text, "move it away and import again"))
			fail_msg("row %zu: %s", i, why.text);
		catalog_store_close(s);
	}
}

/* Articles 100000 and up, named A: more than the rows that are read ahead. */
#define MANY 5000
static const char many_items[] =
	"INSERT INTO record WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4999) "
	"SELECT 4, 100000 + i, 1, CAST(x'a20166' || (100000 + i) || x'026141' AS BLOB) FROM n;";

/* Rows are read on another thread: what goes wrong early, late or in between is told, and nothing waits on.
 */
static void many_rows(void **state)
{
	static const struct {
		const char *sql, *reason;
	} rows[] = {
		{"UPDATE record SET body = x'a1' WHERE key = '100000'", "an integer"},
		{"UPDATE record SET body = x'a1' WHERE key = '102500'", "an integer"},
		{"UPDATE record SET body = x'a1' WHERE key = '104999'", "an integer"},
		{"UPDATE record SET body = zeroblob(2000000) WHERE key = '102500'",
		 "a record of 2000000 bytes"},
		{"DELETE FROM record WHERE kind = 0", "the first record of a price book is the 'book'"},
		{"DELETE FROM record WHERE key = '101'", "there is no article '101'"},
	};
	struct catalog_store *s;
	struct snapshot *snapshot;
	uint64_t version;
	struct why why;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		must_import(BOOK REST, i + 1);
		scratch_sql(path, many_items);
		s = reader();
		assert_int_equal(items_of(s, &version), MANY + 2);
		scratch_sql(path, rows[i].sql);
		if (catalog_store_load(s, &snapshot, &why) != ERR_CORRUPT ||
		    !strstr(why.text, rows[i].reason))
			fail_msg("row %zu: %s", i, why.text);
		catalog_store_close(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_book_is_imported_and_loaded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(people_are_found_by_key, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_import_replaces_all_and_raises_the_version, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_bad_line_changes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_second_writer_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reader_keeps_its_view_while_a_writer_works, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(nothing_imported_yet, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_record_is_reported, set_up, tear_down),
		cmocka_unit_test_setup_teardown(many_rows, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
