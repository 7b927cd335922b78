/*
 * The ledger on a disk that fills up, fails to sync, or loses its power: what was answered is there, what was
 * not is refused with a reason, and selling goes on by itself where it can.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "faulty_disk.h"
#include "ledger.h"
#include "sales.h"
#include "scratch.h"

#define MIB	   ((uint64_t)1 << 20)
#define ORDERS_MAX 4000

static struct scratch scratch;
static struct faulty_disk disk;
static struct clock_manual now;
static char path[SCRATCH_PATH_MAX];

static int set_up(void **state)
{
	(void)state;
	scratch_new(&scratch);
	memcpy(path, scratch_path(&scratch, "ledger.db"), sizeof(path));
	faulty_disk_new(&disk);
	clock_manual_init(&now, 1795255200000);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	faulty_disk_free(&disk);
	scratch_free(&scratch);
	return 0;
}

static struct ledger *open_ledger(void)
{
	struct ledger *l;
	struct why why = {0};

	if (ledger_open_on(&disk.disk, path, "box-1", &now.clock, &l, &why))
		fail_msg("%s", why.text);
	return l;
}

static enum err sell(struct ledger *l, const char *order, struct why *why)
{
	struct ledger_position at;
	struct sale_kit kit;
	enum err e = ledger_begin(l, why);

	if (e)
		return e;
	sale_kit_make(&kit, order, 2, 0);
	e = ledger_append_sale(l, &kit.ledger, &at, why);
	sale_kit_free(&kit);
	if (e == ERR_EXISTS) {
		ledger_rollback(l);
		return e;
	}
	return ledger_commit(l, why);
}

static void must_sell(struct ledger *l, const char *order)
{
	struct why why = {0};

	if (sell(l, order, &why))
		fail_msg("%s: %s", order, why.text);
}

static void must_tend(struct ledger *l)
{
	struct why why = {0};

	if (ledger_tend(l, true, &why))
		fail_msg("%s", why.text);
}

static struct ledger_verdict verify(void)
{
	struct ledger_reader *r;
	struct ledger_verdict verdict;
	struct why why = {0};

	assert_int_equal(ledger_reader_open(path, &r, &why), ERR_OK);
	if (ledger_verify(r, &verdict, &why))
		fail_msg("%s", why.text);
	ledger_reader_close(r);
	return verdict;
}

static bool is_sold(struct ledger *l, const char *order)
{
	struct ledger_position at;
	struct event_sale sale;
	struct arena a = ARENA_EMPTY;
	struct why why;
	enum err e = ledger_find_order(l, order, &a, &sale, &at, &why);

	arena_free(&a);
	assert_true(e == ERR_OK || e == ERR_NOT_FOUND);
	return e == ERR_OK;
}

/* Size and free space of the disk in MiB, and what that is: low below 200 MiB or a tenth, critical at a fifth
 * of it. */
static const struct {
	uint64_t size, free;
	enum ledger_space space;
} spaces[] = {
	{100000, 300, SPACE_AMPLE}, {100000, 200, SPACE_AMPLE},	  {100000, 199, SPACE_LOW},
	{100000, 40, SPACE_LOW},    {100000, 39, SPACE_CRITICAL}, {1000, 100, SPACE_AMPLE},
	{1000, 99, SPACE_LOW},	    {1000, 20, SPACE_LOW},	  {1000, 19, SPACE_CRITICAL},
	{1000, 0, SPACE_CRITICAL},
};

static void a_full_disk_is_announced(void **state)
{
	struct ledger *l = open_ledger();

	(void)state;
	for (size_t i = 0; i < COUNT(spaces); i++) {
		const struct ledger_health *h = ledger_health(l);

		disk.says = (struct disk_space){spaces[i].size * MIB, spaces[i].free * MIB};
		must_tend(l);
		if (h->space != spaces[i].space)
			fail_msg("%zu: %s", i, ledger_space_name(h->space));
		assert_int_equal(h->free_bytes, spaces[i].free * MIB);
		assert_int_equal(h->disk.text[0] != '\0', spaces[i].space != SPACE_AMPLE);
		if (h->space != SPACE_AMPLE)
			assert_non_null(strstr(h->disk.text, "free some space"));
	}
	ledger_close(l);
}

/* The reserve is given up once; then sales are refused, and go on when there is room. */
static void a_full_disk_is_survived(void **state)
{
	struct ledger *l = open_ledger();
	struct why why = {0};
	char order[32];
	int sold = 0;

	(void)state;
	disk.says = (struct disk_space){1000 * MIB, 0};
	disk.room = 0;
	while (sell(l, "one too many", &why) == ERR_OK)
		fail_msg("there was no room for it");
	assert_non_null(strstr(why.text, "the disk is full"));
	assert_true(ledger_release_reserve(l));
	do
		snprintf(order, sizeof(order), "%d", sold++);
	while (sell(l, order, &why) == ERR_OK);
	assert_true(sold > 100);
	assert_false(ledger_release_reserve(l));
	must_tend(l);
	assert_int_equal(ledger_health(l)->space, SPACE_FULL);
	assert_non_null(strstr(ledger_health(l)->disk.text, "the disk is full"));
	assert_int_equal(sell(l, order, &why), ERR_LIMIT);

	disk.room = -1;
	must_sell(l, order);
	disk.says.free = 900 * MIB;
	must_tend(l);
	assert_int_equal(ledger_health(l)->space, SPACE_AMPLE);
	assert_string_equal(ledger_health(l)->disk.text, "");
	for (int i = 0; i < sold; i++) {
		snprintf(order, sizeof(order), "%d", i);
		assert_true(is_sold(l, order));
	}
	assert_false(is_sold(l, "one too many"));
	ledger_close(l);
	verify();
}

/* A shop opens on a full disk: the reserve is there for that too. */
static void a_start_uses_the_reserve(void **state)
{
	struct ledger *l = open_ledger();

	(void)state;
	ledger_close(l);
	disk.room = 0;
	disk.says = (struct disk_space){1000 * MIB, 0};
	l = open_ledger();
	assert_int_equal(ledger_segment(l), 2);
	ledger_close(l);
}

/*
 * The system shows what a failed sync was about until the power goes, the disk never got it. The next start
 * must not chain to it before it is written anew.
 */
static void a_failed_sync_is_not_built_upon(void **state)
{
	uint64_t seed = seed_start("sync");
	struct ledger *l;
	struct why why = {0};

	(void)state;
	disk.remembers = true;
	l = open_ledger();
	must_sell(l, "before");
	disk.fail_syncs = 1;
	assert_int_equal(sell(l, "at", &why), ERR_IO);
	ledger_abandon(l);
	ledger_close(l);

	l = open_ledger();
	must_sell(l, "after");
	disk.power = 0;
	assert_int_equal(sell(l, "never", &why), ERR_IO);
	ledger_abandon(l);
	ledger_close(l);
	faulty_disk_restart(&disk, &seed);

	l = open_ledger();
	assert_true(is_sold(l, "before"));
	assert_true(is_sold(l, "after"));
	assert_false(ledger_health(l)->restored.is);
	ledger_close(l);
	verify();
}

/* The commit's, and the mark's a second later: neither a checkpoint nor a WAL that begins anew each time. */
static void a_lone_sale_costs_two_syncs(void **state)
{
	struct ledger *l = open_ledger();

	(void)state;
	must_sell(l, "first"); /* the WAL begins */
	must_tend(l);
	for (int i = 0; i < 5; i++) {
		int before = disk.syncs;
		char order[32];

		snprintf(order, sizeof(order), "%d", i);
		must_sell(l, order);
		assert_int_equal(disk.syncs, before + 1);
		must_tend(l);
		assert_int_equal(disk.syncs, before + 2);
	}
	ledger_close(l);
	verify();
}

/* SQLite alone would try again, and take a success for one. */
static void a_failed_sync_of_a_checkpoint_is_final(void **state)
{
	uint64_t seed = seed_start("checkpoint");
	struct ledger *l;
	struct why why = {0};

	(void)state;
	disk.remembers = true;
	l = open_ledger();
	for (int i = 0; i < 150;
	     i++) { /* 2 pages each, and more: above the 256 that an idle ledger waits for */
		char order[32];

		snprintf(order, sizeof(order), "%d", i);
		must_sell(l, order);
	}
	disk.spare_syncs = 1; /* of the WAL */
	disk.fail_syncs = 1;  /* of the file */
	assert_int_equal(ledger_tend(l, true, &why), ERR_IO);
	ledger_abandon(l);
	ledger_close(l);
	faulty_disk_restart(&disk, &seed);
	l = open_ledger();
	assert_true(is_sold(l, "0"));
	assert_true(is_sold(l, "149"));
	ledger_close(l);
	verify();
}

/* Orders by number: those answered are there after each power cut, once; the mark is never ahead. */
struct history {
	uint64_t seed;
	int next;
	bool answered[ORDERS_MAX];
};

static enum err sell_group(struct history *h, struct ledger *l)
{
	int first = h->next, count = 1 + (int)(seed_next(&h->seed) % 4);
	enum err e = ledger_begin(l, NULL);

	for (int i = first; i < first + count && !e; i++) {
		struct ledger_position at;
		struct sale_kit kit;
		char order[32];

		snprintf(order, sizeof(order), "%d", i);
		sale_kit_make(&kit, order, 1 + (size_t)i % 3, (unsigned)i % 50);
		e = ledger_append_sale(l, &kit.ledger, &at, NULL);
		sale_kit_free(&kit);
	}
	if (!e)
		e = ledger_commit(l, NULL);
	h->next += count;
	for (int i = first; i < h->next && !e; i++)
		h->answered[i] = true;
	return e;
}

static void expect_answered(const struct history *h, struct ledger *l)
{
	for (int i = 0; i < h->next; i++) {
		char order[32];

		snprintf(order, sizeof(order), "%d", i);
		if (h->answered[i] && !is_sold(l, order))
			fail_msg("order %d of %d is lost", i, h->next);
	}
}

static void sell_until_dark(struct history *h)
{
	struct ledger *l = NULL;
	enum err e;

	disk.power = (int64_t)(seed_next(&h->seed) % 150);
	e = ledger_open_on(&disk.disk, path, "box-1", &now.clock, &l, NULL);
	while (!e && h->next < ORDERS_MAX - 4) {
		e = sell_group(h, l);
		if (!e && seed_next(&h->seed) % 8 == 0)
			e = ledger_tend(l, true, NULL);
		clock_manual_advance_ms(&now, (int64_t)(seed_next(&h->seed) % 400));
		if (!e)
			e = ledger_tend(l, false, NULL);
	}
	if (l) {
		ledger_abandon(l);
		ledger_close(l);
	}
	faulty_disk_restart(&disk, &h->seed);
}

static void power_cuts_lose_nothing_that_was_answered(void **state)
{
	static struct history h;

	(void)state;
	h.seed = seed_start("power");
	disk.remembers = true;
	for (int round = 0; round < 60; round++) {
		struct ledger *l;

		sell_until_dark(&h);
		l = open_ledger();
		if (ledger_health(l)->restored.is)
			fail_msg("round %d: %s", round, ledger_health(l)->loss.text);
		expect_answered(&h, l);
		ledger_close(l);
		verify();
	}
	assert_true(h.next > 60);
	assert_int_equal(scratch_number(path, "SELECT count(*) - count(DISTINCT order_key) FROM sale"), 0);
}

/* A reader that stays in a transaction: the WAL grows, is announced, and shrinks when it has gone. */
static void a_hanging_reader_is_announced(void **state)
{
	struct ledger *l = open_ledger();
	const struct ledger_health *h = ledger_health(l);
	sqlite3 *reader;

	(void)state;
	assert_int_equal(sqlite3_open_v2(path, &reader, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM event", NULL, NULL, NULL),
			 SQLITE_OK);
	for (int i = 0; h->wal_bytes <= (int64_t)(20 * MIB); i++) {
		char order[32];

		snprintf(order, sizeof(order), "%d", i);
		must_sell(l, order);
		clock_manual_advance_ms(&now, 50);
		assert_int_equal(ledger_tend(l, false, NULL), ERR_OK);
	}
	assert_non_null(strstr(h->wal.text, "ledger.db-wal: a program that reads an old state"));
	must_tend(l);
	assert_true(h->wal_bytes > (int64_t)(20 * MIB));
	sqlite3_close(reader);
	must_tend(l);
	assert_int_equal(h->wal_bytes, 0);
	assert_string_equal(h->wal.text, "");
	ledger_close(l);
	verify();
}

static void changed_permissions_are_announced(void **state)
{
	struct ledger *l = open_ledger();

	(void)state;
	assert_int_equal(chmod(path, 0600), 0);
	must_sell(l, "a");
	must_tend(l);
	assert_non_null(strstr(ledger_health(l)->files.text, "chmod 0664"));
	assert_int_equal(chmod(path, 0664), 0);
	must_tend(l);
	assert_string_equal(ledger_health(l)->files.text, "");
	ledger_close(l);
}

/* What would be written to a file that nobody finds again is refused. */
static void a_moved_ledger_takes_no_sales(void **state)
{
	struct ledger *l = open_ledger();
	const char *elsewhere = scratch_path(&scratch, "elsewhere.db");
	struct why why = {0};

	(void)state;
	must_sell(l, "a");
	assert_int_equal(rename(path, elsewhere), 0);
	assert_int_equal(sell(l, "b", &why), ERR_STATE);
	assert_non_null(strstr(why.text, "moved or deleted"));
	must_tend(l);
	assert_non_null(strstr(ledger_health(l)->files.text, "put it back"));
	assert_int_equal(rename(elsewhere, path), 0);
	must_sell(l, "b");
	ledger_close(l);
	verify();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_full_disk_is_announced, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_disk_is_survived, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_start_uses_the_reserve, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_failed_sync_is_not_built_upon, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_lone_sale_costs_two_syncs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_failed_sync_of_a_checkpoint_is_final, set_up, tear_down),
		cmocka_unit_test_setup_teardown(power_cuts_lose_nothing_that_was_answered, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_hanging_reader_is_announced, set_up, tear_down),
		cmocka_unit_test_setup_teardown(changed_permissions_are_announced, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_moved_ledger_takes_no_sales, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
