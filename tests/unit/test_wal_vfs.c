/*
 * Commits in one write: what others see, what a long commit and one that was taken back leave, and errors.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "faulty_disk.h"
#include "scratch.h"
#include "wal_vfs.h"

static struct scratch scratch;
static struct faulty_disk disk;
static struct wal_vfs *vfs;
static char path[SCRATCH_PATH_MAX];
static sqlite3 *db;

static void run(const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

/* A table of 3,000-byte rows: a page each. */
static int set_up(void **state)
{
	(void)state;
	scratch_new(&scratch);
	faulty_disk_new(&disk);
	memcpy(path, scratch_path(&scratch, "some.db"), sizeof(path));
	assert_int_equal(wal_vfs_new("faulty", &vfs), ERR_OK);
	assert_int_equal(
		sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, wal_vfs_name(vfs)),
		SQLITE_OK);
	run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;"
	    "CREATE TABLE t (id INTEGER PRIMARY KEY, b BLOB)");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	sqlite3_close(db);
	wal_vfs_free(vfs);
	faulty_disk_free(&disk);
	scratch_free(&scratch);
	return 0;
}

static void put_rows(int n)
{
	char sql[160];

	snprintf(sql, sizeof(sql),
		 "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d)"
		 "INSERT INTO t (b) SELECT zeroblob(3000) FROM c",
		 n);
	run(sql);
}

static int64_t rows(void)
{
	return scratch_number(path, "SELECT count(*) FROM t");
}

/* Asked of the writer itself, in its transaction. */
static int64_t own_number(const char *sql)
{
	sqlite3_stmt *s;
	int64_t n;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

/* The disk loses its power after so many writes and syncs: 2 are one write and its sync. */
static void a_commit_is_one_write_and_a_sync(void **state)
{
	(void)state;
	put_rows(10);
	disk.power = 2;
	put_rows(20); /* some 20 pages, below what is put together */
	disk.power = -1;
	assert_int_equal(rows(), 30);
}

static void others_see_a_commit_at_once(void **state)
{
	(void)state;
	for (int64_t i = 1; i <= 50; i++) {
		put_rows(1);
		assert_int_equal(rows(), i);
	}
	run("BEGIN");
	put_rows(5);
	assert_int_equal(rows(), 50);
	run("COMMIT");
	assert_int_equal(rows(), 55);
}

/* With a cache of ten pages a transaction writes, reads and rewrites its frames before it ends. */
static void what_does_not_fit_into_the_cache(void **state)
{
	(void)state;
	run("PRAGMA cache_size = 10");
	put_rows(300);
	run("BEGIN; UPDATE t SET b = randomblob(2900)");
	assert_int_equal(own_number("SELECT sum(length(b)) FROM (SELECT b FROM t ORDER BY id DESC)"),
			 300 * 2900);
	run("ROLLBACK; BEGIN; UPDATE t SET b = randomblob(3000); DELETE FROM t WHERE id % 3 = 0;"
	    "UPDATE t SET b = zeroblob(2500); ROLLBACK");
	assert_int_equal(scratch_number(path, "SELECT sum(length(b)) FROM t"), 300 * 3000);
	run("BEGIN; UPDATE t SET b = randomblob(3000); DELETE FROM t WHERE id % 3 = 0; COMMIT");
	put_rows(1);
	assert_int_equal(rows(), 201);
	run("PRAGMA wal_checkpoint(TRUNCATE)");
	put_rows(1);
	assert_int_equal(rows(), 202);
	assert_int_equal(scratch_number(path, "SELECT count(*) FROM pragma_integrity_check WHERE "
					      "integrity_check = 'ok'"),
			 1);
}

/* It fails as a write does, and what comes after it is in order. */
static void a_full_disk_is_told_by_the_commit(void **state)
{
	(void)state;
	put_rows(10);
	disk.room = 5000;
	assert_int_equal(sqlite3_exec(db, "INSERT INTO t (b) VALUES (zeroblob(20000))", NULL, NULL, NULL),
			 SQLITE_FULL);
	disk.room = -1;
	assert_int_equal(rows(), 10);
	put_rows(10);
	assert_int_equal(rows(), 20);
}

static void a_failed_sync_is_a_failed_sync(void **state)
{
	(void)state;
	put_rows(1);
	disk.spare_syncs = 0;
	disk.fail_syncs = 1;
	sqlite3_extended_result_codes(db, 1);
	assert_int_equal(sqlite3_exec(db, "INSERT INTO t (b) VALUES (zeroblob(3000))", NULL, NULL, NULL),
			 SQLITE_IOERR_FSYNC);
	assert_int_equal(rows(), 1);
}

static void above_none_that_there_is(void **state)
{
	struct wal_vfs *none;

	(void)state;
	assert_int_equal(wal_vfs_new("nothing", &none), ERR_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_commit_is_one_write_and_a_sync), TEST(others_see_a_commit_at_once),
		TEST(what_does_not_fit_into_the_cache), TEST(a_full_disk_is_told_by_the_commit),
		TEST(a_failed_sync_is_a_failed_sync),	TEST(above_none_that_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
