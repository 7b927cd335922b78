/*
 * The loader: snapshots when the catalog changes, look-ups, and a file that is missing, replaced or damaged.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db_lock.h"
#include "loader.h"
#include "scratch.h"

#define BOOK "{\"type\":\"book\",\"id\":\"shop\",\"currency\":\"EUR\"}\n"
#define ITEM "{\"type\":\"item\",\"sku\":\"101\",\"name\":\"Milk\"}\n"
#define PEOPLE                                                                       \
	"{\"type\":\"promotion\",\"id\":\"half\",\"name\":\"Half\",\"coupon\":true," \
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"50\"}]}\n"                   \
	"{\"type\":\"coupon\",\"code\":\"SAVE\",\"promotion\":\"half\"}\n"           \
	"{\"type\":\"customer\",\"id\":\"c1\",\"name\":\"Ada\",\"segments\":[\"gold\"]}\n"

static struct scratch scratch;
static char path[SCRATCH_PATH_MAX];
static struct loop *loop;
static struct loader *loader;

/* What was told. */
static struct {
	int snapshots, troubles, answers;
	uint64_t version;
	uint32_t items;
	const uint32_t *index; /* of SKUs: shared by snapshots that were made by a change */
	struct snapshot *kept; /* so that no other comes to its place in memory */
	struct why why;
	enum err result;
	char text[64]; /* promotion of the coupon, name of the customer */
} told;

static void snapshot_came(struct snapshot *s, const struct why *why, void *arg)
{
	(void)arg;
	if (!s) {
		told.troubles++;
		told.why = *why;
		return;
	}
	told.snapshots++;
	told.version = snapshot_catalog(s)->version;
	told.items = snapshot_catalog(s)->item_count;
	told.index = snapshot_catalog(s)->sku_slots;
	snapshot_unref(told.kept);
	told.kept = s;
}

static void coupon_came(enum err e, const struct record_coupon *coupon, void *arg)
{
	(void)arg;
	told.answers++;
	told.result = e;
	snprintf(told.text, sizeof(told.text), "%s", coupon ? coupon->promotion : "");
}

static void customer_came(enum err e, const struct found_customer *customer, void *arg)
{
	(void)arg;
	told.answers++;
	told.result = e;
	snprintf(told.text, sizeof(told.text), "%s", customer ? customer->record.name : "");
}

static int set_up(void **state)
{
	(void)state;
	memset(&told, 0, sizeof(told));
	scratch_new(&scratch);
	memcpy(path, scratch_path(&scratch, "catalog.db"), sizeof(path));
	assert_int_equal(loop_new(&clock_system, &loop), ERR_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (loader)
		loader_stop(loader);
	loader = NULL;
	snapshot_unref(told.kept);
	loop_free(loop);
	scratch_free(&scratch);
	return 0;
}

static void import(const char *text)
{
	const char *book = scratch_path(&scratch, "book.jsonl");
	struct why why = {0};
	uint64_t version;

	scratch_write(book, text);
	if (catalog_import(path, book, NULL, NULL, NULL, &version, NULL, &why))
		fail_msg("%s", why.text);
}

static void start(void)
{
	assert_int_equal(loader_start(loop, path, snapshot_came, NULL, &loader), ERR_OK);
}

static void wait_for(const int *what, int n)
{
	for (int turns = 0; *what < n; turns++) {
		if (turns == 500)
			fail_msg("waited in vain: %d of %d (%s)", *what, n, told.why.text);
		loop_turn(loop, 20);
	}
}

static void a_snapshot_at_start_and_after_an_import(void **state)
{
	(void)state;
	import(BOOK ITEM);
	start();
	wait_for(&told.snapshots, 1);
	assert_int_equal(told.version, 1);
	assert_int_equal(told.items, 1);
	import(BOOK);
	loader_refresh(loader);
	wait_for(&told.snapshots, 2);
	assert_int_equal(told.version, 2);
	assert_int_equal(told.items, 0);
	assert_int_equal(told.troubles, 0);
}

static void import_change(unsigned n)
{
	const char *file = scratch_path(&scratch, "changes.jsonl");
	struct why why = {0};
	uint64_t version;
	char text[128];

	snprintf(text, sizeof(text), "{\"type\":\"item\",\"sku\":\"101\",\"name\":\"Milk %u\"}\n", n);
	scratch_write(file, text);
	if (catalog_import_changes(path, file, NULL, NULL, NULL, &version, NULL, &why))
		fail_msg("%s", why.text);
}

static void a_change_is_put_into_the_snapshot(void **state)
{
	const uint32_t *index;

	(void)state;
	import(BOOK ITEM);
	start();
	wait_for(&told.snapshots, 1);
	index = told.index;
	import_change(1);
	loader_refresh(loader);
	wait_for(&told.snapshots, 2);
	assert_int_equal(told.version, 2);
	assert_ptr_equal(told.index, index);
	assert_string_equal(catalog_name(snapshot_catalog(told.kept), 0), "Milk 1");
	import(BOOK ITEM); /* the whole again */
	loader_refresh(loader);
	wait_for(&told.snapshots, 3);
	assert_ptr_not_equal(told.index, index);
}

/* Snapshots keep their distance, however often somebody rings, and the last one has everything. */
static void a_feed_is_taken_in_gulps(void **state)
{
	enum { CHANGES = 100, REST_MS = 50 };

	(void)state;
	import(BOOK ITEM);
	start();
	wait_for(&told.snapshots, 1);
	int64_t began = clock_monotonic_us(&clock_system) / 1000;
	for (unsigned i = 1; i <= CHANGES; i++) {
		import_change(i);
		loader_refresh(loader);
		loop_turn(loop, 0);
	}
	for (int turns = 0; told.version < 1 + CHANGES && turns < 500; turns++)
		loop_turn(loop, 20);
	int64_t passed_ms = clock_monotonic_us(&clock_system) / 1000 - began;
	assert_int_equal(told.version, 1 + CHANGES);
	assert_string_equal(catalog_name(snapshot_catalog(told.kept), 0), "Milk 100");
	assert_true(told.snapshots <= 2 + passed_ms / REST_MS);
}

/* Nobody rings: it looks each second. */
static void an_import_is_seen_without_a_doorbell(void **state)
{
	(void)state;
	import(BOOK);
	start();
	wait_for(&told.snapshots, 1);
	import(BOOK ITEM);
	wait_for(&told.snapshots, 2);
	assert_int_equal(told.version, 2);
}

static void no_book_yet(void **state)
{
	(void)state;
	start();
	wait_for(&told.troubles, 1);
	assert_non_null(strstr(told.why.text, "no price book yet: run tillctl import"));
	assert_int_equal(loader_find_coupon(loader, "SAVE", coupon_came, NULL), ERR_OK);
	wait_for(&told.answers, 1);
	assert_int_equal(told.result, ERR_STATE);
	loader_refresh(loader); /* who asks is told again */
	wait_for(&told.troubles, 2);
	import(BOOK ITEM);
	wait_for(&told.snapshots, 1);
	assert_int_equal(told.items, 1);
	assert_int_equal(told.troubles, 2);
}

static void people_are_looked_up(void **state)
{
	static const struct {
		const char *key;
		bool coupon;
		enum err expect;
		const char *text;
	} cases[] = {
		{"SAVE", true, ERR_OK, "half"},
		{"c1", false, ERR_OK, "Ada"},
		{"SPEND", true, ERR_NOT_FOUND, ""},
		{"c2", false, ERR_NOT_FOUND, ""},
	};

	(void)state;
	import(BOOK PEOPLE);
	start();
	wait_for(&told.snapshots, 1);
	for (int i = 0; i < (int)COUNT(cases); i++) {
		enum err e = cases[i].coupon
				     ? loader_find_coupon(loader, cases[i].key, coupon_came, NULL)
				     : loader_find_customer(loader, cases[i].key, customer_came, NULL);

		assert_int_equal(e, ERR_OK);
		wait_for(&told.answers, i + 1);
		assert_int_equal(told.result, cases[i].expect);
		assert_string_equal(told.text, cases[i].text);
	}
}

/* The loop does not turn, so nothing is answered. */
static void the_queue_has_a_bound_and_a_stop_answers_it(void **state)
{
	(void)state;
	import(BOOK PEOPLE);
	start();
	for (int i = 0; i < LOADER_QUEUE_MAX; i++)
		assert_int_equal(loader_find_coupon(loader, "SAVE", coupon_came, NULL), ERR_OK);
	assert_int_equal(loader_find_coupon(loader, "SAVE", coupon_came, NULL), ERR_LIMIT);
	loader_stop(loader);
	loader = NULL;
	assert_int_equal(told.answers, LOADER_QUEUE_MAX);
	assert_int_equal(told.result, ERR_CLOSED);
}

static void move_away(void)
{
	static const char *const ends[] = {"", "-wal", "-shm"};

	for (size_t i = 0; i < COUNT(ends); i++) {
		char from[SCRATCH_PATH_MAX + 8], to[SCRATCH_PATH_MAX + 8];

		snprintf(from, sizeof(from), "%s%s", path, ends[i]);
		snprintf(to, sizeof(to), "%s.old%s", path, ends[i]);
		assert_int_equal(rename(from, to), 0);
	}
}

/* As the way out of a damaged catalog says; the new file starts at version 1 again. */
static void a_file_moved_away_and_imported_again(void **state)
{
	(void)state;
	import(BOOK ITEM);
	start();
	wait_for(&told.snapshots, 1);
	move_away();
	loader_refresh(loader);
	wait_for(&told.troubles, 1);
	assert_non_null(strstr(told.why.text, "no price book yet"));
	import(BOOK);
	loader_refresh(loader);
	wait_for(&told.snapshots, 2);
	assert_int_equal(told.version, 1);
	assert_int_equal(told.items, 0);
}

/* The file that an older version left, by the migration it had then. */
static void put_old_catalog(void)
{
	static char text[8192];
	FILE *f = fopen("../data/catalog-1.sql", "re");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	assert_true(n > 0 && feof(f));
	text[n] = '\0';
	fclose(f);
	scratch_sql(path, text);
}

static void an_older_versions_catalog_is_brought_up_to_date(void **state)
{
	(void)state;
	put_old_catalog();
	start();
	wait_for(&told.snapshots, 1);
	assert_int_equal(told.version, 1);
	assert_int_equal(told.items, 1);
	assert_int_equal(told.troubles, 0);
	assert_int_equal(scratch_number(path, "PRAGMA user_version"), 4);
	assert_int_equal(loader_find_coupon(loader, "TENOFF", coupon_came, NULL), ERR_OK);
	wait_for(&told.answers, 1);
	assert_string_equal(told.text, "ten");
	import(BOOK ITEM); /* nobody holds the writer's lock any more */
	loader_refresh(loader);
	wait_for(&told.snapshots, 2);
	assert_int_equal(told.version, 2);
}

/* Another has the lock, an import say: it is left to that one. */
static void a_catalog_that_another_writes_is_left_to_it(void **state)
{
	struct why why = {0};
	int lock = -1;

	(void)state;
	put_old_catalog();
	assert_int_equal(db_lock(path, &lock, &why), ERR_OK);
	start();
	wait_for(&told.troubles, 1);
	assert_non_null(strstr(told.why.text, "of version 1, not yet 4"));
	assert_int_equal(scratch_number(path, "PRAGMA user_version"), 1);
	db_unlock(lock);
	loader_refresh(loader);
	wait_for(&told.snapshots, 1);
	assert_int_equal(told.items, 1);
}

static void what_keeps_an_old_catalog_old_is_told(void **state)
{
	const char *lock = scratch_path(&scratch, "catalog.db.lock");

	(void)state;
	put_old_catalog();
	assert_int_equal(mkdir(lock, 0700), 0);
	start();
	wait_for(&told.troubles, 1);
	assert_non_null(strstr(told.why.text, "an older version's catalog cannot be brought up to date: "));
	assert_non_null(strstr(told.why.text, "catalog.db.lock: Is a directory"));
	assert_int_equal(rmdir(lock), 0);
	loader_refresh(loader);
	wait_for(&told.snapshots, 1);
}

static void a_damaged_catalog_is_told_and_recovered_from(void **state)
{
	(void)state;
	import(BOOK ITEM);
	scratch_sql(path, "UPDATE record SET body = x'ff' WHERE kind = 4");
	start();
	wait_for(&told.troubles, 1);
	assert_non_null(strstr(told.why.text, "move it away and import again"));
	import(BOOK ITEM);
	loader_refresh(loader);
	wait_for(&told.snapshots, 1);
	assert_int_equal(told.version, 2);
}

static void a_file_that_is_no_database(void **state)
{
	char text[2000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	scratch_write(path, text);
	start();
	wait_for(&told.troubles, 1);
	assert_non_null(strstr(told.why.text, "move it away and import again"));
	assert_int_equal(unlink(path), 0);
	import(BOOK);
	loader_refresh(loader);
	wait_for(&told.snapshots, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_change_is_put_into_the_snapshot, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_feed_is_taken_in_gulps, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_snapshot_at_start_and_after_an_import, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_import_is_seen_without_a_doorbell, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_book_yet, set_up, tear_down),
		cmocka_unit_test_setup_teardown(people_are_looked_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_queue_has_a_bound_and_a_stop_answers_it, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_file_moved_away_and_imported_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_older_versions_catalog_is_brought_up_to_date, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_catalog_that_another_writes_is_left_to_it, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_keeps_an_old_catalog_old_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_catalog_is_told_and_recovered_from, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_is_no_database, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
