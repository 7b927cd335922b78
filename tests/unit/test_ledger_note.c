/*
 * Notes of the ledger: appended once under an id, found by what they are about, learnt anew at open, and part
 * of the chain as everything else.
 */
#include "unit.h"

#include <string.h>

#include "ledger.h"
#include "ledger_note.h"
#include "sales.h"
#include "scratch.h"

static struct scratch scratch;
static char path[SCRATCH_PATH_MAX];
static struct clock_manual clock_now;
static struct ledger *ledger;

static void open_ledger(void)
{
	struct why why = {0};

	if (ledger_open(path, "box-1", &clock_now.clock, &ledger, &why))
		fail_msg("%s", why.text);
}

static int set_up(void **state)
{
	(void)state;
	scratch_new(&scratch);
	memcpy(path, scratch_path(&scratch, "ledger.db"), sizeof(path));
	clock_manual_init(&clock_now, 1795255200000);
	open_ledger();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	ledger_close(ledger);
	scratch_free(&scratch);
	return 0;
}

static void reopen(void)
{
	ledger_close(ledger);
	open_ledger();
}

/* A note whose body is the one byte `says`: CBOR of a small number. In a transaction of its own. */
static enum err say(enum event_kind kind, const char *about, const char *once, uint8_t says,
		    int64_t *sequence)
{
	const struct ledger_note note = {.kind = kind, .body = {&says, 1}, .about = about, .once = once};
	struct ledger_position at = {0};
	struct why why = {0};
	enum err e;

	assert_int_equal(ledger_begin(ledger, &why), ERR_OK);
	e = ledger_append_note(ledger, &note, &at, &why);
	assert_int_equal(ledger_commit(ledger, &why), ERR_OK);
	*sequence = at.sequence;
	return e;
}

static uint8_t found(enum event_kind kind, const char *once)
{
	struct arena a = ARENA_EMPTY;
	struct event_envelope event;
	struct ledger_position at;
	struct why why = {0};
	uint8_t said = 0;

	if (ledger_find_note(ledger, kind, once, &a, &event, &at, &why) == ERR_OK)
		said = event.body.at[0];
	arena_free(&a);
	return said;
}

/* The start of the segment is 1/1, so the first note is 1/2. */
static void a_note_is_appended_once(void **state)
{
	int64_t at;

	(void)state;
	assert_int_equal(say(EVENT_RETURN, "A-1", "r-1", 5, &at), ERR_OK);
	assert_int_equal(at, 2);
	assert_int_equal(say(EVENT_RETURN, "A-1", "r-1", 6, &at), ERR_EXISTS);
	assert_int_equal(at, 2);
	assert_int_equal(found(EVENT_RETURN, "r-1"), 5);
	assert_int_equal(say(EVENT_RETURN, "A-1", "r-2", 7, &at), ERR_OK);
	assert_int_equal(at, 3);
}

static void ids_are_of_a_kind(void **state)
{
	int64_t at;

	(void)state;
	assert_int_equal(say(EVENT_RETURN, "A-1", "same", 1, &at), ERR_OK);
	assert_int_equal(say(EVENT_VOID, "A-1", "same", 2, &at), ERR_OK);
	assert_int_equal(found(EVENT_RETURN, "same"), 1);
	assert_int_equal(found(EVENT_VOID, "same"), 2);
	assert_int_equal(found(EVENT_COUPON, "same"), 0);
}

static void without_an_id_it_may_be_said_again(void **state)
{
	int64_t at;

	(void)state;
	assert_int_equal(say(EVENT_ALERT, "TEA", NULL, 1, &at), ERR_OK);
	assert_int_equal(say(EVENT_ALERT, "TEA", NULL, 1, &at), ERR_OK);
	assert_int_equal(at, 3);
}

static void ids_are_known_after_a_restart(void **state)
{
	int64_t at;

	(void)state;
	assert_int_equal(say(EVENT_COUPON, "C-1", "redeem-1", 9, &at), ERR_OK);
	reopen();
	assert_int_equal(say(EVENT_COUPON, "C-1", "redeem-1", 8, &at), ERR_EXISTS);
	assert_int_equal(at, 2);
	assert_int_equal(found(EVENT_COUPON, "redeem-1"), 9);
}

static void what_was_rolled_back_was_not_said(void **state)
{
	const uint8_t says = 3;
	const struct ledger_note note = {
		.kind = EVENT_VOID, .body = {&says, 1}, .about = "A-1", .once = "A-1"};
	struct ledger_position at;
	struct why why = {0};
	int64_t sequence;

	(void)state;
	assert_int_equal(ledger_begin(ledger, &why), ERR_OK);
	assert_int_equal(ledger_append_note(ledger, &note, &at, &why), ERR_OK);
	ledger_rollback(ledger);
	assert_int_equal(found(EVENT_VOID, "A-1"), 0);
	assert_int_equal(say(EVENT_VOID, "A-1", "A-1", 4, &sequence), ERR_OK);
	assert_int_equal(sequence, 2);
}

struct told {
	int64_t ids[8];
	uint8_t said[8];
	size_t count;
};

static enum err tell(int64_t id, const struct event_envelope *event, void *arg, struct why *why)
{
	struct told *t = arg;

	(void)why;
	t->ids[t->count] = id;
	t->said[t->count++] = event->body.at[0];
	return ERR_OK;
}

static void all_are_told_in_order(void **state)
{
	struct told t = {.count = 0};
	struct why why = {0};
	int64_t at;

	(void)state;
	assert_int_equal(say(EVENT_GRANT, "HAPPY", "HAPPY/1", 1, &at), ERR_OK);
	assert_int_equal(say(EVENT_COUPON, "C-1", NULL, 2, &at), ERR_OK);
	reopen(); /* its start is event 4 */
	assert_int_equal(say(EVENT_GRANT, "HAPPY", "HAPPY/2", 3, &at), ERR_OK);
	assert_int_equal(ledger_each_note(ledger, tell, &t, &why), ERR_OK);
	assert_int_equal(t.count, 3);
	assert_memory_equal(t.said, ((uint8_t[]){1, 2, 3}), 3);
	assert_memory_equal(t.ids, ((int64_t[]){2, 3, 5}), 3 * sizeof(int64_t));
}

static void a_reader_finds_what_is_about_a_thing(void **state)
{
	struct ledger_reader *r;
	struct ledger_event event;
	struct why why = {0};
	int64_t at, id = 0;

	(void)state;
	assert_int_equal(say(EVENT_RETURN, "A-1", "r-1", 1, &at), ERR_OK);
	assert_int_equal(say(EVENT_RETURN, "B-1", "r-2", 2, &at), ERR_OK);
	assert_int_equal(say(EVENT_VOID, "A-1", "A-1", 3, &at), ERR_OK);
	assert_int_equal(ledger_reader_open(path, &r, &why), ERR_OK);
	assert_int_equal(ledger_reader_note(r, "A-1", &id, &event, &why), ERR_OK);
	assert_int_equal(event.id, 2);
	assert_int_equal(ledger_reader_note(r, "A-1", &id, &event, &why), ERR_OK);
	assert_int_equal(event.id, 4);
	assert_int_equal(ledger_reader_note(r, "A-1", &id, &event, &why), ERR_NOT_FOUND);
	ledger_reader_close(r);
}

static enum ledger_fault fault(void)
{
	struct ledger_reader *r;
	struct ledger_verdict verdict;
	struct why why = {0};

	assert_int_equal(ledger_reader_open(path, &r, &why), ERR_OK);
	(void)!ledger_verify(r, &verdict, &why);
	ledger_reader_close(r);
	return verdict.fault;
}

static void the_table_is_held_against_the_chain(void **state)
{
	int64_t at;

	(void)state;
	assert_int_equal(say(EVENT_OVERRIDE, "TEA", "o-1", 1, &at), ERR_OK);
	assert_int_equal(say(EVENT_APPROVAL, "TEA", NULL, 2, &at), ERR_OK);
	assert_int_equal(fault(), FAULT_NONE);
	scratch_sql(path, "DELETE FROM note WHERE event = 3");
	assert_int_equal(fault(), FAULT_TABLE);
	scratch_sql(path, "INSERT INTO note VALUES (3, 8, 0, 0)"); /* of another kind */
	assert_int_equal(fault(), FAULT_TABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_note_is_appended_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(ids_are_of_a_kind, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_an_id_it_may_be_said_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(ids_are_known_after_a_restart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_rolled_back_was_not_said, set_up, tear_down),
		cmocka_unit_test_setup_teardown(all_are_told_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reader_finds_what_is_about_a_thing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_table_is_held_against_the_chain, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
