/*
 * The ledger's thread: many jobs, group commits, order of the answers, duplicates, failure, the end.
 */
#include "unit.h"

#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#include "faulty_disk.h"
#include "ledger.h"
#include "sales.h"
#include "scratch.h"

#define LANES	  8
#define LANE_JOBS 100
#define JOBS	  (LANES * LANE_JOBS)

struct test_job {
	struct ledger_job job;
	struct sale_kit kit;
	int answered; /* 0: not yet; else which answer it was, from 1 */
};

static struct scratch scratch;
static char path[SCRATCH_PATH_MAX];
static struct faulty_disk disk;
static struct loop *loop;
static struct ledger_worker *worker;
static struct test_job jobs[LEDGER_QUEUE_MAX + 1];
static int answers, failures;

static void done(struct ledger_job *job)
{
	((struct test_job *)job->arg)->answered = ++answers;
}

static void failed(void *arg)
{
	(void)arg;
	failures++;
}

static void start(void)
{
	struct ledger *l;
	struct why why = {0};

	if (ledger_open_on(&disk.disk, path, "box-1", &clock_system, &l, &why))
		fail_msg("%s", why.text);
	assert_int_equal(ledger_worker_start(loop, l, failed, NULL, &worker), ERR_OK);
}

static int set_up(void **state)
{
	(void)state;
	scratch_new(&scratch);
	memcpy(path, scratch_path(&scratch, "ledger.db"), sizeof(path));
	faulty_disk_new(&disk);
	memset(jobs, 0, sizeof(jobs));
	answers = failures = 0;
	assert_int_equal(loop_new(&clock_system, &loop), ERR_OK);
	start();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	if (worker)
		ledger_worker_stop(worker);
	worker = NULL;
	loop_free(loop);
	for (size_t i = 0; i < COUNT(jobs); i++) {
		sale_kit_free(&jobs[i].kit);
		arena_free(&jobs[i].job.arena);
	}
	faulty_disk_free(&disk);
	scratch_free(&scratch);
	return 0;
}

static enum err submit(struct test_job *j, const char *order)
{
	sale_kit_make(&j->kit, order, 2, 0);
	j->job.sale = j->kit.ledger;
	j->job.done = done;
	j->job.arg = j;
	return ledger_worker_submit(worker, &j->job);
}

static void wait_for(int n)
{
	for (int turns = 0; answers < n; turns++) {
		if (turns == 1000)
			fail_msg("%d answers of %d", answers, n);
		loop_turn(loop, 10);
	}
}

static void expect_verified(void)
{
	struct ledger_reader *r;
	struct why why = {0};
	struct ledger_verdict verdict;

	assert_int_equal(ledger_reader_open(path, &r, &why), ERR_OK);
	if (ledger_verify(r, &verdict, &why))
		fail_msg("%s", why.text);
	ledger_reader_close(r);
}

/* A disk so slow that the whole queue fills up while the first group waits for its sync. */
static void wait_for_gate(void *arg)
{
	sem_t *gate = arg;

	sem_wait(gate);
	sem_post(gate);
}

static void jobs_are_grouped_and_answered_in_order(void **state)
{
	sem_t gate;
	struct ledger_counts c;
	int64_t sequence = 0;

	(void)state;
	sem_init(&gate, 0, 0);
	disk.arg = &gate;
	disk.before_sync = wait_for_gate;
	for (int i = 0; i < JOBS; i++) {
		char order[32];

		snprintf(order, sizeof(order), "lane-%d/%d", i % LANES, i / LANES);
		assert_int_equal(submit(&jobs[i], order), ERR_OK);
	}
	sem_post(&gate);
	wait_for(JOBS);
	for (int i = 0; i < JOBS; i++) {
		assert_int_equal(jobs[i].job.result, ERR_OK);
		assert_int_equal(jobs[i].answered, i + 1);
		assert_true(jobs[i].job.position.sequence > sequence);
		sequence = jobs[i].job.position.sequence;
	}
	ledger_worker_counts(worker, &c);
	assert_int_equal(c.sales, JOBS);
	assert_int_equal(c.events, JOBS + 6); /* and the bodies */
	assert_int_equal(c.all_events, JOBS + 7);
	assert_int_equal(c.queued, 0);
	assert_int_equal(c.head.sequence, sequence);
	assert_memory_equal(c.head.hash.bytes, jobs[JOBS - 1].job.position.hash.bytes, DIGEST_SIZE);
	/* the group that waited, and all others as large as they may be */
	assert_in_range(c.commits, 4, 1 + (JOBS - 1 + LEDGER_GROUP_MAX - 1) / LEDGER_GROUP_MAX);
	ledger_worker_stop(worker);
	worker = NULL;
	sem_destroy(&gate);
	expect_verified();
}

/* The same order from two lanes, in one group or in two: one is written, the other gets the first. */
static void the_same_order_gets_the_first_answer(void **state)
{
	(void)state;
	assert_int_equal(submit(&jobs[0], "warm"), ERR_OK);
	for (int i = 1; i <= 4; i++)
		assert_int_equal(submit(&jobs[i], "same"), ERR_OK);
	wait_for(5);
	assert_int_equal(submit(&jobs[5], "same"), ERR_OK);
	wait_for(6);
	assert_int_equal(jobs[1].job.result, ERR_OK);
	for (int i = 2; i <= 5; i++) {
		assert_int_equal(jobs[i].job.result, ERR_EXISTS);
		assert_memory_equal(&jobs[i].job.position, &jobs[1].job.position,
				    sizeof(struct ledger_position));
		assert_string_equal(jobs[i].job.first.order, "same");
		assert_int_equal(jobs[i].job.first.lines.count, 2);
	}
	expect_verified();
}

static void a_sale_that_cannot_be_read_again_is_refused(void **state)
{
	(void)state;
	sale_kit_make(&jobs[0].kit, "b", 1, 0);
	jobs[0].kit.sale.currency = "EURO";
	jobs[0].job = (struct ledger_job){.sale = jobs[0].kit.ledger, .done = done, .arg = &jobs[0]};
	assert_int_equal(ledger_worker_submit(worker, &jobs[0].job), ERR_INVALID);
	assert_non_null(strstr(jobs[0].job.why.text, "currency"));
	assert_int_equal(submit(&jobs[1], "c"), ERR_OK);
	wait_for(1);
	assert_int_equal(jobs[0].answered, 0);
	assert_int_equal(jobs[1].job.result, ERR_OK);
}

/* find: an order is looked for among those of the same group, too. */
static void an_order_is_looked_for(void **state)
{
	(void)state;
	assert_int_equal(submit(&jobs[0], "a"), ERR_OK);
	for (int i = 1; i <= 2; i++) {
		jobs[i].job = (struct ledger_job){.find = i == 1 ? "a" : "b", .done = done, .arg = &jobs[i]};
		assert_int_equal(ledger_worker_submit(worker, &jobs[i].job), ERR_OK);
	}
	wait_for(3);
	assert_int_equal(jobs[1].job.result, ERR_EXISTS);
	assert_string_equal(jobs[1].job.first.order, "a");
	assert_memory_equal(&jobs[1].job.position, &jobs[0].job.position, sizeof(struct ledger_position));
	assert_int_equal(jobs[2].job.result, ERR_NOT_FOUND);
	assert_int_equal(scratch_number(path, "SELECT count(*) FROM sale"), 1);
}

/* The loop does not turn, so nothing is answered, however fast the thread is. */
static void the_queue_has_a_bound(void **state)
{
	(void)state;
	for (int i = 0; i < LEDGER_QUEUE_MAX; i++) {
		char order[32];

		snprintf(order, sizeof(order), "%d", i);
		assert_int_equal(submit(&jobs[i], order), ERR_OK);
	}
	assert_int_equal(submit(&jobs[LEDGER_QUEUE_MAX], "one more"), ERR_LIMIT);
	wait_for(LEDGER_QUEUE_MAX);
	sale_kit_free(&jobs[LEDGER_QUEUE_MAX].kit);
	arena_free(&jobs[LEDGER_QUEUE_MAX].job.arena);
	assert_int_equal(submit(&jobs[LEDGER_QUEUE_MAX], "one more"), ERR_OK);
	wait_for(LEDGER_QUEUE_MAX + 1);
}

static void a_stop_finishes_what_is_queued(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++) {
		char order[32];

		snprintf(order, sizeof(order), "%d", i);
		assert_int_equal(submit(&jobs[i], order), ERR_OK);
	}
	ledger_worker_stop(worker);
	worker = NULL;
	assert_int_equal(answers, 50);
	for (int i = 0; i < 50; i++)
		assert_int_equal(jobs[i].job.result, ERR_OK);
	assert_int_equal(scratch_number(path, "SELECT count(*) FROM sale"), 50);
	expect_verified();
}

/* A table that is gone is no full disk: the ledger's state is unknown, and the program must end. */
static void a_failed_write_ends_it(void **state)
{
	(void)state;
	assert_int_equal(submit(&jobs[0], "before"), ERR_OK);
	wait_for(1);
	scratch_sql(path, "DROP TABLE sale");
	assert_int_equal(submit(&jobs[1], "after"), ERR_OK);
	wait_for(2);
	assert_int_equal(jobs[1].job.result, ERR_CORRUPT);
	assert_string_not_equal(jobs[1].job.why.text, "");
	assert_int_equal(failures, 1);
	assert_int_equal(submit(&jobs[2], "later"), ERR_IO);
	loop_turn(loop, 0);
	assert_int_equal(failures, 1);
}

/* A full disk: what is under way gets through by the reserve, the rest is refused, and it goes on with room.
 */
static void a_full_disk_is_survived(void **state)
{
	struct ledger_counts c;
	struct why why;
	int refused = 0;
	sem_t gate;

	(void)state;
	disk.says = (struct disk_space){(uint64_t)1 << 30, 0};
	disk.room = 0;
	sem_init(&gate, 0, 0); /* large groups: a thousand small ones would write more than the reserve has */
	disk.arg = &gate;
	disk.before_sync = wait_for_gate;
	for (int i = 0; i < LEDGER_QUEUE_MAX; i++) {
		char order[32];

		snprintf(order, sizeof(order), "%d", i);
		assert_int_equal(submit(&jobs[i], order), ERR_OK);
	}
	sem_post(&gate);
	wait_for(LEDGER_QUEUE_MAX);
	for (int i = 0; i < LEDGER_QUEUE_MAX; i++)
		assert_int_equal(jobs[i].job.result, ERR_OK); /* some 0.5 MiB: the reserve has 8 */
	pthread_mutex_lock(&disk.lock);
	disk.room = 0;
	pthread_mutex_unlock(&disk.lock);
	for (int i = 0; i < LEDGER_QUEUE_MAX && refused == 0; i++) {
		char order[32];

		sale_kit_free(&jobs[i].kit);
		arena_free(&jobs[i].job.arena);
		memset(&jobs[i], 0, sizeof(jobs[i]));
		snprintf(order, sizeof(order), "again %d", i);
		assert_int_equal(submit(&jobs[i], order), ERR_OK);
		wait_for(LEDGER_QUEUE_MAX + i + 1);
		refused = jobs[i].job.result == ERR_LIMIT ? i + 1 : 0;
	}
	assert_true(refused > 0);
	assert_non_null(strstr(jobs[refused - 1].job.why.text, "the disk is full: free some space"));
	for (int turns = 0; !ledger_worker_disk_warning(worker, &why); turns++) {
		assert_true(turns < 1000);
		loop_turn(loop, 10);
	}
	assert_int_equal(failures, 0);

	pthread_mutex_lock(&disk.lock);
	disk.room = -1;
	pthread_mutex_unlock(&disk.lock);
	answers = 0;
	assert_int_equal(submit(&jobs[LEDGER_QUEUE_MAX], "there is room again"), ERR_OK);
	wait_for(1);
	assert_int_equal(jobs[LEDGER_QUEUE_MAX].job.result, ERR_OK);
	ledger_worker_counts(worker, &c);
	assert_int_equal(c.sales, LEDGER_QUEUE_MAX + refused);
	ledger_worker_stop(worker);
	worker = NULL;
	sem_destroy(&gate);
	expect_verified();
}

/* The program must end, and says why: what was submitted after the failed sync is not written either. */
static void a_failed_sync_ends_it(void **state)
{
	(void)state;
	assert_int_equal(submit(&jobs[0], "before"), ERR_OK);
	wait_for(1);
	pthread_mutex_lock(&disk.lock);
	disk.fail_syncs = 1;
	pthread_mutex_unlock(&disk.lock);
	assert_int_equal(submit(&jobs[1], "at"), ERR_OK);
	wait_for(2);
	assert_int_equal(jobs[1].job.result, ERR_IO);
	assert_non_null(strstr(jobs[1].job.why.text, "committing: a sync failed"));
	assert_int_equal(failures, 1);
	assert_int_equal(submit(&jobs[2], "after"), ERR_IO);
}

/* Somebody else's transaction on the file: the group fails, the next one is written. */
static void a_locked_file_is_survived(void **state)
{
	sqlite3 *db;

	(void)state;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(submit(&jobs[0], "a"), ERR_OK);
	wait_for(1);
	assert_int_equal(jobs[0].job.result, ERR_BUSY);
	assert_int_equal(failures, 0);
	assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_int_equal(submit(&jobs[1], "a"), ERR_OK);
	wait_for(2);
	assert_int_equal(jobs[1].job.result, ERR_OK);
	expect_verified();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(jobs_are_grouped_and_answered_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_same_order_gets_the_first_answer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_sale_that_cannot_be_read_again_is_refused, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_order_is_looked_for, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_queue_has_a_bound, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_stop_finishes_what_is_queued, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_failed_write_ends_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_disk_is_survived, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_failed_sync_ends_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_locked_file_is_survived, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
