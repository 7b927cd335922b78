/*
 * The chain's check: whatever is done to the tables behind the ledger's back is found, and named.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "ledger.h"
#include "sales.h"
#include "scratch.h"

#define EVENTS 12 /* see make_ledger */

static struct scratch scratch;
static char path[SCRATCH_PATH_MAX];

/* 1 start; 2-6 bodies; 7 sale; 8 sale; 9 start; 10 body; 11 sale; 12 sale */
static int make_ledger(void **state)
{
	static const char *const orders[] = {"o-1", "o-2", "o-3", "o-4"};
	struct clock_manual now;
	struct ledger *l = NULL;
	struct why why = {0};

	(void)state;
	scratch_new(&scratch);
	memcpy(path, scratch_path(&scratch, "ledger.db"), sizeof(path));
	clock_manual_init(&now, 1795255200000);
	for (unsigned i = 0; i < COUNT(orders); i++) {
		struct ledger_position at;
		struct sale_kit k;

		if (i % 2 == 0 && ledger_open(path, "box-1", &now.clock, &l, &why))
			fail_msg("%s", why.text);
		sale_kit_make(&k, orders[i], 1, i / 2);
		assert_int_equal(ledger_begin(l, &why), ERR_OK);
		assert_int_equal(ledger_append_sale(l, &k.ledger, &at, &why), ERR_OK);
		assert_int_equal(ledger_commit(l, &why), ERR_OK);
		sale_kit_free(&k);
		if (i % 2 == 1)
			ledger_close(l);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_free(&scratch);
	return 0;
}

static enum err verify(int64_t *events, struct why *why)
{
	struct ledger_verdict verdict;
	struct ledger_reader *r;
	enum err e;

	assert_int_equal(ledger_reader_open(path, &r, why), ERR_OK);
	e = ledger_verify(r, &verdict, why);
	*events = verdict.events;
	ledger_reader_close(r);
	return e;
}

static void a_sound_ledger_holds(void **state)
{
	struct why why = {0};
	int64_t events = 0;

	(void)state;
	if (verify(&events, &why))
		fail_msg("%s", why.text);
	assert_int_equal(events, EVENTS);
}

#define SWAP(a, b)                                                                         \
	"CREATE TEMP TABLE x AS SELECT * FROM event WHERE id IN (" #a ", " #b ");"         \
	"UPDATE event SET (bytes, digest) = (SELECT bytes, digest FROM x WHERE x.id = " #b \
	") WHERE id = " #a ";"                                                             \
	"UPDATE event SET (bytes, digest) = (SELECT bytes, digest FROM x WHERE x.id = " #a \
	") WHERE id = " #b ";"

/* What was done, how many events still hold, and what the reason says. */
static const struct {
	const char *sql;
	int64_t hold;
	const char *words;
} cases[] = {
	{"DELETE FROM event WHERE id = 1", 0, "event 1: it is missing"},
	{"DELETE FROM event WHERE id = 5", 4, "event 5: it is missing"},
	{"DELETE FROM event WHERE id = 12", 11, "event 12: it is missing, though other tables speak of it"},
	{"DELETE FROM event WHERE id = 9; UPDATE event SET id = id - 1 WHERE id > 9", 8,
	 "event 9: it does not continue"},
	{SWAP(7, 8), 6, "event 7: it does not continue the event before it"},
	{SWAP(11, 12), 10, "event 11: it does not continue the event before it"},
	{"UPDATE event SET digest = digest + 1 WHERE id = 3", 2,
	 "event 3: its bytes are not what was written"},
	{"UPDATE event SET (bytes, digest) = (SELECT bytes, digest FROM event WHERE id = 7) WHERE id = 8", 7,
	 "event 8: it does not continue"},
	{"DELETE FROM sale WHERE event = 8", 7, "event 8: the table of sales does not have its order"},
	{"UPDATE sale SET order_key = order_key + 1 WHERE event = 8", 7, "event 8: the table of sales"},
	{"INSERT INTO sale (event, order_key) VALUES (100, 1)", 12, "event 13: it is missing"},
	{"UPDATE body SET event = 2 WHERE number = 3", 3, "event 4: the table of bodies does not have it"},
	{"UPDATE body SET hash = zeroblob(16) WHERE number = 3", 3,
	 "event 4: the table of bodies has another hash for it"},
	{"DELETE FROM event WHERE id = 12; DELETE FROM sale WHERE event = 12", 11,
	 "event 12: it is missing: ledger.head names event 12 (2/4) as the newest"},
	{"DELETE FROM event WHERE id > 8; DELETE FROM sale WHERE event > 8; DELETE FROM body WHERE event > 8;"
	 "DELETE FROM segment WHERE first_id > 8",
	 8, "event 9: it is missing: ledger.head names event 12 (2/4) as the newest"},
	{"DELETE FROM segment WHERE segment = 2", 8, "event 9: the table of segments does not have it"},
};

static void each_change_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct why why = {0};
		int64_t events = 0;

		if (i > 0) {
			tear_down(NULL);
			make_ledger(NULL);
		}
		scratch_sql(path, cases[i].sql);
		assert_int_equal(verify(&events, &why), ERR_CORRUPT);
		if (!strstr(why.text, cases[i].words))
			fail_msg("%s\nno '%s' in: %s", cases[i].sql, cases[i].words, why.text);
		assert_int_equal(events, cases[i].hold);
	}
}

/* Writes byte `at` of an event over; its digest stays. False if it was that byte already. */
static bool overwrite(int id, long long at, unsigned byte)
{
	char sql[300];
	int64_t before;

	snprintf(sql, sizeof(sql), "SELECT substr(bytes, %lld, 1) = x'%02x' FROM event WHERE id = %d", at,
		 byte, id);
	before = scratch_number(path, sql);
	snprintf(sql, sizeof(sql),
		 "UPDATE event SET bytes = CAST(substr(bytes, 1, %lld) || x'%02x' || substr(bytes, %lld) AS "
		 "BLOB) "
		 "WHERE id = %d",
		 at - 1, byte, at + 1, id);
	scratch_sql(path, sql);
	return before == 0;
}

/* A byte of each event, anywhere, also of the newest that nothing chains to. */
static void a_flipped_byte_is_found_anywhere(void **state)
{
	uint64_t seed = seed_start("flip");

	(void)state;
	for (int id = 1; id <= EVENTS; id++) {
		char sql[100], place[64];
		struct why why = {0};
		int64_t length, events = 0;

		if (id > 1) {
			tear_down(NULL);
			make_ledger(NULL);
		}
		snprintf(sql, sizeof(sql), "SELECT length(bytes) FROM event WHERE id = %d", id);
		length = scratch_number(path, sql);
		if (!overwrite(id, 1 + (long long)(seed_next(&seed) % (uint64_t)length),
			       seed_next(&seed) & 0xff))
			continue;
		snprintf(place, sizeof(place), "event %d: its bytes are not", id);
		assert_int_equal(verify(&events, &why), ERR_CORRUPT);
		assert_int_equal(events, id - 1);
		if (!strstr(why.text, place))
			fail_msg("event %d: %s", id, why.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_sound_ledger_holds, make_ledger, tear_down),
		cmocka_unit_test_setup_teardown(each_change_is_named, make_ledger, tear_down),
		cmocka_unit_test_setup_teardown(a_flipped_byte_is_found_anywhere, make_ledger, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
