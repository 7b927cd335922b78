/*
 * Headquarters' log: places and order, what is durable together, groups of consumers, commits that jobs
 * share, a full disk, a failed sync, and a power cut.
 */
#include "unit.h"

#include <semaphore.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "event_log.h"
#include "faulty_disk.h"
#include "log_row.h"
#include "scratch.h"

static struct scratch scratch;
static char path[SCRATCH_PATH_MAX];
static struct faulty_disk disk;
static struct loop *loop;
static struct event_log *elog;
static struct log_reader *reader;
static int failures, answers;

static void failed(void *arg)
{
	(void)arg;
	failures++;
}

static void start(void)
{
	struct why why = {""};

	if (event_log_open(&disk.disk, path, &clock_system, loop, failed, NULL, &elog, &why))
		fail_msg("%s", why.text);
	if (log_reader_open(path, &reader, &why))
		fail_msg("%s", why.text);
}

static void stop(void)
{
	log_reader_close(reader);
	event_log_close(elog);
	reader = NULL;
	elog = NULL;
}

static int set_up(void **state)
{
	(void)state;
	scratch_new(&scratch);
	memcpy(path, scratch_path(&scratch, "log.db"), sizeof(path));
	faulty_disk_new(&disk);
	assert_int_equal(loop_new(&clock_system, &loop), ERR_OK);
	failures = answers = 0;
	start();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	stop();
	loop_free(loop);
	faulty_disk_free(&disk);
	scratch_free(&scratch);
	return 0;
}

static struct log_entry entry(enum log_topic topic, const char *key, const char *text)
{
	return (struct log_entry){.topic = topic, .key = key, .value = {(const uint8_t *)text, strlen(text)}};
}

static enum err append(struct log_entry *entries, size_t n, struct why *why)
{
	struct log_job job = {.entries = entries, .count = n};

	return event_log_append(elog, &job, why);
}

static void append_one(enum log_topic topic, const char *key, const char *text)
{
	struct log_entry e = entry(topic, key, text);
	struct why why = {""};

	if (append(&e, 1, &why))
		fail_msg("%s", why.text);
}

struct seen {
	char text[256];
	int64_t last;
	size_t count;
	size_t stop_after;
};

static enum err see(const struct log_record *r, void *arg, struct why *why)
{
	struct seen *s = arg;
	size_t n = strlen(s->text);

	(void)why;
	if (s->stop_after && s->count == s->stop_after)
		return ERR_CLOSED;
	assert_true(s->count == 0 || r->offset > s->last);
	snprintf(s->text + n, sizeof(s->text) - n, "%s=%.*s ", r->key, (int)r->value.length,
		 (const char *)r->value.at);
	s->last = r->offset;
	s->count++;
	return ERR_OK;
}

static struct seen read_all(enum log_topic topic, unsigned partition, int64_t from, int64_t *next)
{
	struct seen s = {.last = -1};
	struct why why = {""};
	struct log_position at = {topic, partition, from};

	if (log_read(reader, at, 1000, see, &s, next, &why))
		fail_msg("%s", why.text);
	return s;
}

static void records_are_read_in_order(void **state)
{
	unsigned p = log_partition_of(TOPIC_SALES_EVENTS, "box-1");
	struct seen s;
	int64_t next;

	(void)state;
	assert_true(p < log_topics[TOPIC_SALES_EVENTS].partitions);
	append_one(TOPIC_SALES_EVENTS, "box-1", "a");
	append_one(TOPIC_BOXES, "box-1", "elsewhere");
	append_one(TOPIC_SALES_EVENTS, "box-1", "b");
	s = read_all(TOPIC_SALES_EVENTS, p, 0, &next);
	assert_string_equal(s.text, "box-1=a box-1=b ");
	assert_int_equal(next, 2);
	s = read_all(TOPIC_SALES_EVENTS, p, 1, &next);
	assert_string_equal(s.text, "box-1=b ");
	s = read_all(TOPIC_SALES_EVENTS, p, 2, &next);
	assert_int_equal(s.count, 0);
	assert_int_equal(next, 2);
}

/* Reading stops where the reader says so, and goes on from there. */
static void a_reader_may_stop(void **state)
{
	struct seen s = {.last = -1, .stop_after = 1};
	struct log_position at = {TOPIC_BOXES, 0, 0};
	int64_t next;

	(void)state;
	append_one(TOPIC_BOXES, "a", "1");
	append_one(TOPIC_BOXES, "b", "2");
	assert_int_equal(log_read(reader, at, 1000, see, &s, &next, NULL), ERR_OK);
	assert_int_equal(next, 1);
	assert_string_equal(read_all(TOPIC_BOXES, 0, next, &next).text, "b=2 ");
	assert_int_equal(next, 2);
}

static void offsets_go_on_after_a_restart(void **state)
{
	int64_t end;

	(void)state;
	append_one(TOPIC_BOXES, "a", "1");
	append_one(TOPIC_LEASES, "a", "other");
	stop();
	start();
	append_one(TOPIC_BOXES, "b", "2");
	assert_int_equal(log_end(reader, TOPIC_BOXES, 0, &end, NULL), ERR_OK);
	assert_int_equal(end, 2);
	assert_string_equal(read_all(TOPIC_BOXES, 0, 0, &end).text, "a=1 b=2 ");
}

/* What a consumer made, and how far it had come then, are one step. */
static void positions_go_with_what_was_made(void **state)
{
	struct log_entry made = entry(TOPIC_SALE_LINES, "sku", "x");
	struct log_position at = {TOPIC_SALES_EVENTS, 3, 17}, asked = {TOPIC_SALES_EVENTS, 3, 0};
	struct log_job job = {
		.entries = &made, .count = 1, .group = "lines", .positions = &at, .position_count = 1};

	(void)state;
	assert_int_equal(log_committed(reader, "lines", &asked, NULL), ERR_OK);
	assert_int_equal(asked.next, 0);
	disk.room = 0;
	assert_int_equal(event_log_append(elog, &job, NULL), ERR_LIMIT);
	assert_int_equal(log_committed(reader, "lines", &asked, NULL), ERR_OK);
	assert_int_equal(asked.next, 0);
	disk.room = -1;
	assert_int_equal(event_log_append(elog, &job, NULL), ERR_OK);
	assert_int_equal(log_committed(reader, "lines", &asked, NULL), ERR_OK);
	assert_int_equal(asked.next, 17);
	assert_int_equal(made.offset, 0); /* the one that failed took none */
	asked.partition = 4;
	assert_int_equal(log_committed(reader, "lines", &asked, NULL), ERR_OK);
	assert_int_equal(asked.next, 0);
}

static sem_t first_sync, go_on;
static bool held;

static void hold_first(void *arg)
{
	(void)arg;
	if (held)
		return;
	held = true;
	sem_post(&first_sync);
	sem_wait(&go_on);
}

static void done(struct log_job *job)
{
	assert_int_equal(job->result, ERR_OK);
	assert_int_equal(job->entries->offset, answers); /* in order of submission */
	answers++;
}

/* While one commit is under way, a hundred jobs come; they share the next one, and its sync. */
static void jobs_that_wait_share_a_commit(void **state)
{
	static struct log_job jobs[101];
	static struct log_entry entries[101];
	struct log_counts counts;

	(void)state;
	sem_init(&first_sync, 0, 0);
	sem_init(&go_on, 0, 0);
	held = false;
	disk.before_sync = hold_first;
	for (size_t i = 0; i < COUNT(jobs); i++) {
		entries[i] = entry(TOPIC_BOXES, "k", "v");
		jobs[i] = (struct log_job){.entries = &entries[i], .count = 1, .done = done};
		assert_int_equal(event_log_submit(elog, &jobs[i]), ERR_OK);
		if (i == 0)
			sem_wait(&first_sync);
	}
	sem_post(&go_on);
	while (answers < (int)COUNT(jobs))
		loop_turn(loop, -1);
	event_log_counts(elog, &counts);
	assert_int_equal(counts.commits, 2);
	assert_int_equal(counts.records, COUNT(jobs));
	disk.before_sync = NULL;
	sem_destroy(&first_sync);
	sem_destroy(&go_on);
}

/* The owner of the loop hears of it once; nothing is taken any more. */
static void a_failed_sync_is_the_end(void **state)
{
	struct log_entry e = entry(TOPIC_BOXES, "k", "v");
	struct why why = {""};

	(void)state;
	append_one(TOPIC_BOXES, "k", "v");
	disk.spare_syncs = 0;
	disk.fail_syncs = 1;
	assert_int_equal(append(&e, 1, &why), ERR_IO);
	while (failures == 0)
		loop_turn(loop, -1);
	assert_int_equal(append(&e, 1, &why), ERR_IO);
	loop_turn(loop, 0);
	assert_int_equal(failures, 1);
}

static void a_full_disk_is_not(void **state)
{
	struct log_entry e = entry(TOPIC_BOXES, "k", "v");
	struct why why = {""};
	int64_t next;

	(void)state;
	append_one(TOPIC_BOXES, "a", "1");
	disk.room = 0;
	assert_int_equal(append(&e, 1, &why), ERR_LIMIT);
	assert_non_null(strstr(why.text, "full"));
	disk.room = -1;
	append_one(TOPIC_BOXES, "b", "2");
	assert_string_equal(read_all(TOPIC_BOXES, 0, 0, &next).text, "a=1 b=2 ");
	assert_int_equal(failures, 0);
}

/* Acknowledged is durable: whatever the power cut leaves of the rest, the first records are there. */
static void what_was_answered_survives_a_power_cut(void **state)
{
	uint64_t seed = seed_start("test_event_log");
	struct log_entry e = entry(TOPIC_BOXES, "k", "v");
	int64_t durable = 0, next;

	(void)state;
	stop();
	faulty_disk_free(&disk);
	faulty_disk_new(&disk);
	disk.remembers = true;
	scratch_free(&scratch);
	scratch_new(&scratch);
	memcpy(path, scratch_path(&scratch, "log.db"), sizeof(path));
	for (int round = 0; round < 20; round++) {
		start();
		disk.power = (int64_t)(seed_next(&seed) % 60);
		while (append(&e, 1, NULL) == ERR_OK)
			durable++;
		stop();
		faulty_disk_restart(&disk, &seed);
		start();
		assert_int_equal(log_end(reader, TOPIC_BOXES, 0, &next, NULL), ERR_OK);
		assert_true(next >= durable);
		durable = next;
		stop();
	}
	start();
}

static int64_t rows_of(const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *row;
	int64_t n;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	n = sqlite3_column_int64(row, 0);
	sqlite3_finalize(row);
	sqlite3_close(db);
	return n;
}

/*
 * A thousand small records of one commit lie in one row, a larger one ends it; reading may begin and stop
 * within a row.
 */
static void records_of_a_commit_share_rows(void **state)
{
	enum { SMALL = 1000 };
	static struct log_entry all[SMALL + 2];
	static char large[LOG_ROW_BYTES];
	struct log_position at = {TOPIC_BOXES, 0, 998};
	struct seen s = {.last = -1};
	struct why why = {""};
	int64_t next;

	(void)state;
	memset(large, 'x', sizeof(large) - 1);
	for (size_t i = 0; i < SMALL; i++)
		all[i] = entry(TOPIC_BOXES, i % 2 ? "odd" : "even", i % 3 ? "v" : "");
	all[SMALL] = entry(TOPIC_BOXES, "large", large);
	all[SMALL + 1] = entry(TOPIC_BOXES, "last", "w");
	append_one(TOPIC_BOXES, "first", "u");
	assert_int_equal(append(all, SMALL + 2, &why), ERR_OK);
	assert_int_equal(all[SMALL + 1].offset, SMALL + 2);
	assert_int_equal(rows_of("SELECT count(*) FROM record"), 3);
	assert_int_equal(rows_of("SELECT sum(count) FROM record"), SMALL + 3);
	assert_int_equal(log_end(reader, TOPIC_BOXES, 0, &next, NULL), ERR_OK);
	assert_int_equal(next, SMALL + 3);

	/* 998 is all[997], 1000 is all[999] */
	assert_int_equal(log_read(reader, at, 3, see, &s, &next, &why), ERR_OK);
	assert_string_equal(s.text, "odd=v even=v odd= ");
	assert_int_equal(next, 1001);
	s = (struct seen){.last = -1, .stop_after = 1};
	assert_int_equal(log_read(reader, at, 3, see, &s, &next, &why), ERR_OK);
	assert_int_equal(next, 999);
	assert_string_equal(read_all(TOPIC_BOXES, 0, SMALL + 2, &next).text, "last=w ");
	assert_int_equal(next, SMALL + 3);
}

/* A row that the disk changed is told, with the way out, and is no crash. */
static void a_row_that_cannot_be_read(void **state)
{
	struct log_position at = {TOPIC_BOXES, 0, 0};
	struct seen s = {.last = -1};
	struct why why = {""};
	int64_t next;

	(void)state;
	append_one(TOPIC_BOXES, "a", "1");
	append_one(TOPIC_BOXES, "b", "2");
	stop();
	assert_int_equal(rows_of("UPDATE record SET value = x'4162ff' WHERE id & 1 RETURNING id & 1"), 1);
	start();
	assert_int_equal(log_read(reader, at, 9, see, &s, &next, &why), ERR_CORRUPT);
	assert_string_equal(s.text, "a=1 ");
	assert_int_equal(next, 1);
	assert_non_null(strstr(why.text, "record 1 of boxes 0 cannot be read; restore it from a backup"));
}

static void topics_by_name(void **state)
{
	enum log_topic t;
	struct why why = {""};

	(void)state;
	for (int i = 0; i < LOG_TOPICS; i++) {
		assert_int_equal(log_topic_named(log_topics[i].name, &t, &why), ERR_OK);
		assert_int_equal(t, i);
		assert_true(log_topics[i].partitions >= 1 && log_topics[i].partitions <= LOG_PARTITIONS_MAX);
	}
	assert_int_equal(log_topic_named("sale_event", &t, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "did you mean 'sale"));
}

/* FNV-1a of "a" is af63dc4c8601ec8c (draft-eastlake-fnv): folded, af63dc4c ^ 8601ec8c = ..c0, a multiple
 * of 8. */
static void a_key_has_its_partition(void **state)
{
	(void)state;
	assert_int_equal(log_partition_of(TOPIC_SALES_EVENTS, "a"), (0xaf63dc4c8601ec8c ^ 0xaf63dc4c) % 8);
	assert_int_equal(log_partition_of(TOPIC_BOXES, "anything"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(records_are_read_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reader_may_stop, set_up, tear_down),
		cmocka_unit_test_setup_teardown(records_of_a_commit_share_rows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_row_that_cannot_be_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(offsets_go_on_after_a_restart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(positions_go_with_what_was_made, set_up, tear_down),
		cmocka_unit_test_setup_teardown(jobs_that_wait_share_a_commit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_failed_sync_is_the_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_disk_is_not, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_answered_survives_a_power_cut, set_up, tear_down),
		cmocka_unit_test(topics_by_name),
		cmocka_unit_test(a_key_has_its_partition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
