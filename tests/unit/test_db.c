/*
 * Opening databases: creation, migration, the writer's lock, and what is refused.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db.h"
#include "scratch.h"

enum { STMT_PUT, STMT_SUM, STMT_COUNT };

static const char *const statements[STMT_COUNT] = {
	[STMT_PUT] = "INSERT INTO t (n) VALUES (?)",
	[STMT_SUM] = "SELECT coalesce(sum(n), 0) FROM t",
};

static const struct db_migration first_only[] = {{1, "0001.sql", "CREATE TABLE t (n INTEGER)"},
						 {0, NULL, NULL}};
static const struct db_migration both[] = {
	{1, "0001.sql", "CREATE TABLE t (n INTEGER)"},
	{2, "0002.sql", "ALTER TABLE t ADD COLUMN m INTEGER; INSERT INTO t (n) VALUES (40)"},
	{0, NULL, NULL}};
static const struct db_migration broken[] = {
	{1, "0001.sql", "CREATE TABLE t (n INTEGER)"},
	{2, "0002.sql", "INSERT INTO t (n) VALUES (1); INSERT INTO nowhere VALUES (1)"},
	{0, NULL, NULL}};

#define KIND(table)                                                                            \
	{                                                                                      \
		.what = "book of numbers", .way_out = "count again", .application_id = 0x1234, \
		.migrations = (table), .statements = statements, .statement_count = STMT_COUNT \
	}
static const struct db_kind kind_1 = KIND(first_only), kind_2 = KIND(both), kind_broken = KIND(broken);

static struct scratch scratch;

static int set_up(void **state)
{
	(void)state;
	scratch_new(&scratch);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_free(&scratch);
	return 0;
}

static void put(struct db *db, int64_t n)
{
	sqlite3_stmt *s = db_statement(db, STMT_PUT);
	struct why why;

	db_bind_int(s, 1, n);
	assert_int_equal(db_run(db, s, &why), ERR_OK);
}

static int64_t sum(struct db *db)
{
	struct why why;
	int64_t n = -1;

	assert_int_equal(db_number(db, db_statement(db, STMT_SUM), &n, &why), ERR_OK);
	return n;
}

static void must_open(const char *path, const struct db_kind *kind, enum db_mode mode, struct db *db)
{
	struct why why = {0};

	if (db_open(path, kind, mode, db, &why))
		fail_msg("%s: %s", path, why.text);
}

static void refused(const char *path, const struct db_kind *kind, enum db_mode mode, enum err expect,
		    const char *words)
{
	struct why why = {0};
	struct db db;
	enum err e = db_open(path, kind, mode, &db, &why);

	if (e != expect || !strstr(why.text, words))
		fail_msg("expected %s ...%s..., got %s: %s", err_name(expect), words, err_name(e), why.text);
}

static void a_writer_creates_and_a_reader_reads(void **state)
{
	const char *path = scratch_path(&scratch, "a.db");
	struct db writer, reader;
	struct stat st;
	struct why why;

	(void)state;
	must_open(path, &kind_1, DB_WRITER_FULL, &writer);
	must_open(path, &kind_1, DB_READER, &reader);
	put(&writer, 5);
	assert_int_equal(sum(&reader), 5);

	assert_int_equal(db_begin(&writer, &why), ERR_OK);
	put(&writer, 7);
	assert_int_equal(sum(&reader), 5);
	db_rollback(&writer);
	assert_int_equal(sum(&writer), 5);

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0664);
	db_close(&reader);
	db_close(&writer);
	assert_int_equal(access(scratch_path(&scratch, "a.db-wal"), F_OK),
			 0); /* kept for readers of other users */
	assert_int_equal(scratch_number(path, "PRAGMA user_version"), 1);
	assert_int_equal(scratch_number(path, "PRAGMA application_id"), 0x1234);
}

static void a_reader_cannot_write(void **state)
{
	const char *path = scratch_path(&scratch, "a.db");
	struct db writer, reader;
	struct why why = {0};

	(void)state;
	must_open(path, &kind_1, DB_WRITER_NORMAL, &writer);
	must_open(path, &kind_1, DB_READER, &reader);
	assert_int_equal(db_run(&reader, db_statement(&reader, STMT_PUT), &why), ERR_DENIED);
	db_close(&reader);
	db_close(&writer);
}

static void an_old_file_is_migrated_by_its_writer(void **state)
{
	const char *path = scratch_path(&scratch, "a.db");
	struct db db;

	(void)state;
	must_open(path, &kind_1, DB_WRITER_FULL, &db);
	put(&db, 2);
	db_close(&db);
	refused(path, &kind_2, DB_READER, ERR_STATE, "tilld brings it up to date when it starts");
	must_open(path, &kind_2, DB_WRITER_FULL, &db);
	assert_int_equal(sum(&db), 42);
	db_close(&db);
	must_open(path, &kind_2, DB_WRITER_FULL, &db); /* not migrated again */
	assert_int_equal(sum(&db), 42);
	db_close(&db);
}

static void a_failed_migration_leaves_the_file_as_it_was(void **state)
{
	const char *path = scratch_path(&scratch, "a.db");
	struct db db;

	(void)state;
	must_open(path, &kind_1, DB_WRITER_FULL, &db);
	db_close(&db);
	refused(path, &kind_broken, DB_WRITER_FULL, ERR_CORRUPT, "0002.sql");
	must_open(path, &kind_1, DB_WRITER_FULL, &db);
	assert_int_equal(sum(&db), 0);
	db_close(&db);
}

static void one_writer_at_a_time(void **state)
{
	const char *path = scratch_path(&scratch, "a.db");
	char pid[32];
	struct db db;

	(void)state;
	snprintf(pid, sizeof(pid), "process %d", (int)getpid());
	must_open(path, &kind_1, DB_WRITER_FULL, &db);
	refused(path, &kind_1, DB_WRITER_FULL, ERR_BUSY, pid);
	db_close(&db);
	must_open(path, &kind_1, DB_WRITER_FULL, &db);
	db_close(&db);
}

/* What a file may be instead; expect and words for a writer and a reader alike. */
static const struct {
	const char *what;
	const char *sql;  /* makes the file, or */
	const char *text; /* its content */
	enum err expect;
	const char *words;
} others[] = {
	{"newer", "PRAGMA application_id = 0x1234; PRAGMA user_version = 2; CREATE TABLE t (n INTEGER)", NULL,
	 ERR_NEWER, "version 2, this program knows up to 1; update the program, or count again"},
	{"another kind",
	 "PRAGMA application_id = 0x1235; PRAGMA user_version = 1; CREATE TABLE t (n INTEGER)", NULL,
	 ERR_CORRUPT, "not a book of numbers of tilld (application id 00001235, not 00001234); count again"},
	{"somebody's own", "CREATE TABLE t (n INTEGER)", NULL, ERR_CORRUPT, "not a book of numbers"},
	{"no database", NULL,
	 "This is a letter to my aunt, and it is longer than a hundred bytes, since the header of a "
	 "database is of that size.\n",
	 ERR_CORRUPT, "count again"},
	{"tables missing", "PRAGMA application_id = 0x1234; PRAGMA user_version = 1", NULL, ERR_CORRUPT,
	 "count again"},
};

static void other_files_are_refused_and_left_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		const char *path = scratch_path(&scratch, others[i].what);
		int64_t before = 0;

		if (others[i].sql)
			scratch_sql(path, others[i].sql);
		else
			scratch_write(path, others[i].text);
		if (others[i].sql)
			before = scratch_number(path, "PRAGMA user_version");
		refused(path, &kind_1, DB_WRITER_FULL, others[i].expect, others[i].words);
		refused(path, &kind_1, DB_READER, others[i].expect, others[i].words);
		if (others[i].sql)
			assert_int_equal(scratch_number(path, "PRAGMA user_version"), before);
	}
}

static void a_damaged_page_is_found(void **state)
{
	const char *path = scratch_path(&scratch, "a.db");
	struct db db;
	FILE *f;

	(void)state;
	must_open(path, &kind_1, DB_WRITER_FULL, &db);
	db_close(&db);
	scratch_sql(path, "PRAGMA wal_checkpoint(TRUNCATE)");
	f = fopen(path, "r+");
	assert_non_null(f);
	assert_int_equal(fseek(f, 100, SEEK_SET), 0); /* the schema's page, behind the header */
	assert_int_equal(fwrite("nonsense", 1, 8, f), 8);
	assert_int_equal(fclose(f), 0);
	refused(path, &kind_1, DB_WRITER_FULL, ERR_CORRUPT, "count again");
}

static void missing_and_unusable_paths(void **state)
{
	char longest[DB_PATH_MAX + 1];

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	refused(scratch_path(&scratch, "none.db"), &kind_1, DB_READER, ERR_NOT_FOUND,
		"there is no book of numbers yet");
	refused(scratch_path(&scratch, "no/folder.db"), &kind_1, DB_WRITER_FULL, ERR_IO,
		"its folder is not there: make it");
	refused(longest, &kind_1, DB_WRITER_FULL, ERR_LIMIT, "at most 255 bytes");
	refused(scratch.dir, &kind_1, DB_READER, ERR_IO, "opening");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_writer_creates_and_a_reader_reads, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reader_cannot_write, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_old_file_is_migrated_by_its_writer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_failed_migration_leaves_the_file_as_it_was, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(one_writer_at_a_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(other_files_are_refused_and_left_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_page_is_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(missing_and_unusable_paths, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
