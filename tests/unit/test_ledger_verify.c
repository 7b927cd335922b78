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

static enum err audit(const struct ledger_watch *watch, struct ledger_verdict *verdict, struct why *why)
{
	struct ledger_reader *r;
	enum err e;

	assert_int_equal(ledger_reader_open(path, &r, why), ERR_OK);
	e = ledger_audit(r, watch, verdict, why);
	ledger_reader_close(r);
	return e;
}

static enum err verify(struct ledger_verdict *verdict, struct why *why)
{
	static const struct ledger_watch nobody = {0};

	return audit(&nobody, verdict, why);
}

static void a_sound_ledger_holds(void **state)
{
	struct ledger_verdict verdict;
	struct why why = {0};

	(void)state;
	if (verify(&verdict, &why))
		fail_msg("%s", why.text);
	assert_int_equal(verdict.events, EVENTS);
	assert_int_equal(verdict.fault, FAULT_NONE);
}

#define SWAP(a, b)                                                                         \
	"CREATE TEMP TABLE x AS SELECT * FROM event WHERE id IN (" #a ", " #b ");"         \
	"UPDATE event SET (bytes, digest) = (SELECT bytes, digest FROM x WHERE x.id = " #b \
	") WHERE id = " #a ";"                                                             \
	"UPDATE event SET (bytes, digest) = (SELECT bytes, digest FROM x WHERE x.id = " #a \
	") WHERE id = " #b ";"

/* What was done, how many events still hold, which one does not, what became of it, and what the reason says.
 */
static const struct {
	const char *sql;
	int64_t hold, id;
	enum ledger_fault fault;
	const char *words;
} cases[] = {
	{"DELETE FROM event WHERE id = 1", 0, 1, FAULT_REMOVED, "event 1: it is missing"},
	{"DELETE FROM event WHERE id = 5", 4, 5, FAULT_REMOVED, "event 5: it is missing"},
	{"DELETE FROM event WHERE id IN (5, 6, 7)", 4, 5, FAULT_REMOVED,
	 "event 5: it is missing, and all others up to event 7"},
	{"DELETE FROM event WHERE id = 12", 11, 12, FAULT_CUT,
	 "event 12: it is missing, though other tables speak of it"},
	{"DELETE FROM event WHERE id = 9; UPDATE event SET id = id - 1 WHERE id > 9", 8, 9, FAULT_REMOVED,
	 "event 9: what was between 1/8 and 2/2 is missing before it"},
	{"DELETE FROM event WHERE id = 8; UPDATE event SET id = id - 1 WHERE id > 8", 7, 8, FAULT_REMOVED,
	 "event 8: what was between 1/7 and 2/1 is missing before it"},
	{"DELETE FROM event WHERE id = 3; UPDATE event SET id = id - 1 WHERE id > 3", 2, 3, FAULT_REMOVED,
	 "event 3: what was between 1/2 and 1/4 is missing before it"},
	{"DELETE FROM event WHERE id = 1; UPDATE event SET id = id - 1 WHERE id > 1", 0, 1, FAULT_REMOVED,
	 "event 1: what was between 0/0 and 1/2 is missing before it"},
	{SWAP(7, 8), 6, 7, FAULT_REORDERED, "event 7: it stands in another place: it is event 8 now"},
	{SWAP(11, 12), 10, 11, FAULT_REORDERED, "event 11: it stands in another place: it is event 12 now"},
	{SWAP(8, 9), 7, 8, FAULT_REORDERED, "event 8: it stands in another place: it is event 9 now"},
	{SWAP(2, 12), 1, 2, FAULT_REORDERED, "event 2: it stands in another place: it is event 12 now"},
	{"UPDATE event SET id = 99 WHERE id = 4", 3, 4, FAULT_REORDERED,
	 "event 4: it stands in another place: it is event 99 now"},
	{"UPDATE event SET digest = digest + 1 WHERE id = 3", 2, 3, FAULT_FLIPPED,
	 "event 3: its bytes are not what was written"},
	{"UPDATE event SET (bytes, digest) = (SELECT bytes, digest FROM event WHERE id = 7) WHERE id = 8", 7,
	 8, FAULT_REPEATED, "event 8: it is 1/7, which was there already"},
	{"DELETE FROM sale WHERE event = 8", 7, 8, FAULT_TABLE,
	 "event 8: the table of sales does not have its order"},
	{"UPDATE sale SET order_key = order_key + 1 WHERE event = 8", 7, 8, FAULT_TABLE,
	 "event 8: the table of sales"},
	{"INSERT INTO sale (event, order_key) VALUES (100, 1)", 12, 13, FAULT_CUT, "event 13: it is missing"},
	{"UPDATE body SET event = 2 WHERE number = 3", 3, 4, FAULT_TABLE,
	 "event 4: the table of bodies does not have it"},
	{"UPDATE body SET hash = zeroblob(16) WHERE number = 3", 3, 4, FAULT_TABLE,
	 "event 4: the table of bodies has another hash for it"},
	{"DELETE FROM event WHERE id = 12; DELETE FROM sale WHERE event = 12", 11, 12, FAULT_CUT,
	 "event 12: it is missing: ledger.head names event 12 (2/4) as the newest"},
	{"DELETE FROM event WHERE id > 8; DELETE FROM sale WHERE event > 8; DELETE FROM body WHERE event > 8;"
	 "DELETE FROM segment WHERE first_id > 8",
	 8, 9, FAULT_CUT, "event 9: it is missing: ledger.head names event 12 (2/4) as the newest"},
	{"DELETE FROM segment WHERE segment = 2", 8, 9, FAULT_TABLE,
	 "event 9: the table of segments does not have it"},
};

static void each_change_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct ledger_verdict verdict;
		struct why why = {0};

		if (i > 0) {
			tear_down(NULL);
			make_ledger(NULL);
		}
		scratch_sql(path, cases[i].sql);
		assert_int_equal(verify(&verdict, &why), ERR_CORRUPT);
		if (!strstr(why.text, cases[i].words))
			fail_msg("%s\nno '%s' in: %s", cases[i].sql, cases[i].words, why.text);
		if (verdict.fault != cases[i].fault)
			fail_msg("%s\nis '%s'", cases[i].sql, ledger_fault_name(verdict.fault));
		assert_int_equal(verdict.events, cases[i].hold);
		assert_int_equal(verdict.fault_id, cases[i].id);
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
		struct ledger_verdict verdict;
		struct why why = {0};
		int64_t length;

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
		assert_int_equal(verify(&verdict, &why), ERR_CORRUPT);
		assert_int_equal(verdict.events, id - 1);
		assert_int_equal(verdict.fault_id, id);
		assert_int_equal(verdict.fault, FAULT_FLIPPED);
		if (!strstr(why.text, place))
			fail_msg("event %d: %s", id, why.text);
	}
}

/* The stored digest of an event as it is now: what somebody adjusts who knows how it is made. */
static void adjust_digest(int id)
{
	struct ledger_reader *r;
	struct ledger_event event;
	struct digest hash;
	struct why why;
	char sql[120];

	assert_int_equal(ledger_reader_open(path, &r, &why), ERR_OK);
	assert_int_equal(ledger_reader_next(r, id - 1, &event, &why), ERR_OK);
	event_hash(event.bytes, event.length, &hash);
	ledger_reader_close(r);
	snprintf(sql, sizeof(sql), "UPDATE event SET digest = %lld WHERE id = %d",
		 (long long)event_check(&hash), id);
	scratch_sql(path, sql);
}

/* The last byte of an event is in the list of what it refers to, or in its body: it stays an event. */
static void an_adjusted_digest_does_not_help(void **state)
{
	(void)state;
	for (int id = 1; id <= EVENTS; id++) {
		struct ledger_verdict verdict;
		char sql[100], place[32];
		struct why why = {0};

		if (id > 1) {
			tear_down(NULL);
			make_ledger(NULL);
		}
		snprintf(sql, sizeof(sql), "SELECT length(bytes) FROM event WHERE id = %d", id);
		if (!overwrite(id, scratch_number(path, sql), 0x01))
			continue;
		adjust_digest(id);
		snprintf(place, sizeof(place), "event %d: ", id);
		assert_int_equal(verify(&verdict, &why), ERR_CORRUPT);
		assert_int_equal(verdict.fault_id, id);
		assert_int_equal(verdict.events, id - 1);
		if (!strstr(why.text, place))
			fail_msg("event %d: %s", id, why.text);
	}
}

/* What was written down of the ledger when it ended with the event of that id. */
static struct ledger_position position_of(int64_t id)
{
	struct ledger_position at = {0};
	struct event_envelope envelope;
	struct arena a = ARENA_EMPTY;
	struct ledger_reader *r;
	struct ledger_event event;
	struct why why;

	assert_int_equal(ledger_reader_open(path, &r, &why), ERR_OK);
	assert_int_equal(ledger_reader_next(r, id - 1, &event, &why), ERR_OK);
	assert_int_equal(event_decode(event.bytes, event.length, &a, &envelope, &why), ERR_OK);
	at.segment = envelope.segment;
	at.sequence = envelope.sequence;
	event_hash(event.bytes, event.length, &at.hash);
	arena_free(&a);
	ledger_reader_close(r);
	return at;
}

static enum err audit_with(const struct ledger_position *anchor, struct ledger_verdict *verdict,
			   struct why *why)
{
	const struct ledger_watch watch = {.anchor = anchor};

	return audit(&watch, verdict, why);
}

static void an_anchor_has_to_be_met(void **state)
{
	const struct ledger_position kept = position_of(8), later = {.segment = 3, .sequence = 8};
	struct ledger_position another = kept;
	struct ledger_verdict verdict;
	struct why why = {0};

	(void)state;
	assert_int_equal(audit_with(&kept, &verdict, &why), ERR_OK);
	another.hash.bytes[31] ^= 1;
	assert_int_equal(audit_with(&another, &verdict, &why), ERR_CORRUPT);
	assert_int_equal(verdict.fault, FAULT_REWRITTEN);
	assert_int_equal(verdict.fault_id, 8);
	assert_int_equal(audit_with(&later, &verdict, &why), ERR_CORRUPT);
	assert_int_equal(verdict.fault, FAULT_CUT);
	assert_int_equal(verdict.fault_id, 13);
	assert_non_null(strstr(why.text, "there is no event 3/8, which the anchor names"));
}

/* Event 13 starts a segment and is noted at once; 14 is durable, and the program is gone before its mark. */
static void a_kill_before_the_mark_is_told(void **state)
{
	struct clock_manual now;
	struct ledger_position at;
	struct ledger *l = NULL;
	struct ledger_verdict verdict;
	struct sale_kit k;
	struct why why = {0};

	(void)state;
	clock_manual_init(&now, 1795255200000);
	assert_int_equal(ledger_open(path, "box-1", &now.clock, &l, &why), ERR_OK);
	sale_kit_make(&k, "o-5", 1, 0);
	assert_int_equal(ledger_begin(l, &why), ERR_OK);
	assert_int_equal(ledger_append_sale(l, &k.ledger, &at, &why), ERR_OK);
	assert_int_equal(ledger_commit(l, &why), ERR_OK);
	ledger_abandon(l); /* closes without a mark */
	ledger_close(l);
	sale_kit_free(&k);
	assert_int_equal(verify(&verdict, &why), ERR_OK);
	assert_int_equal(verdict.events, 14);
	assert_int_equal(verdict.unmarked, 1);
	assert_int_equal(verdict.losses, 0);
	assert_int_equal(ledger_open(path, "box-1", &now.clock, &l, &why), ERR_OK); /* 15 */
	ledger_close(l);
	assert_int_equal(verify(&verdict, &why), ERR_OK);
	assert_int_equal(verdict.events, 15);
	assert_int_equal(verdict.unmarked, 0);
	assert_int_equal(verdict.losses, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_sound_ledger_holds, make_ledger, tear_down),
		cmocka_unit_test_setup_teardown(each_change_is_named, make_ledger, tear_down),
		cmocka_unit_test_setup_teardown(a_flipped_byte_is_found_anywhere, make_ledger, tear_down),
		cmocka_unit_test_setup_teardown(an_adjusted_digest_does_not_help, make_ledger, tear_down),
		cmocka_unit_test_setup_teardown(a_kill_before_the_mark_is_told, make_ledger, tear_down),
		cmocka_unit_test_setup_teardown(an_anchor_has_to_be_met, make_ledger, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
