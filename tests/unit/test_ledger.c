/*
 * The ledger as a store: appending, orders and bodies once, segments, reopening, extracts.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "ledger.h"
#include "sales.h"
#include "scratch.h"

static struct scratch scratch;
static char path[SCRATCH_PATH_MAX];
static struct clock_manual clock_now;

static int set_up(void **state)
{
	(void)state;
	scratch_new(&scratch);
	memcpy(path, scratch_path(&scratch, "ledger.db"), sizeof(path));
	clock_manual_init(&clock_now, 1795255200000);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_free(&scratch);
	return 0;
}

static struct ledger *open_ledger(void)
{
	struct ledger *l = NULL;
	struct why why = {0};

	if (ledger_open(path, "box-1", &clock_now.clock, &l, &why))
		fail_msg("%s", why.text);
	return l;
}

static enum err append(struct ledger *l, const char *order, size_t lines, unsigned article,
		       struct ledger_position *at)
{
	struct sale_kit k;
	struct why why = {0};
	enum err e;

	sale_kit_make(&k, order, lines, article);
	e = ledger_append_sale(l, &k.ledger, at, &why);
	sale_kit_free(&k);
	return e;
}

/* In a transaction of its own. */
static enum err append_alone(struct ledger *l, const char *order, size_t lines, unsigned article,
			     struct ledger_position *at)
{
	struct why why = {0};
	enum err e;

	assert_int_equal(ledger_begin(l, &why), ERR_OK);
	e = append(l, order, lines, article, at);
	assert_int_equal(ledger_commit(l, &why), ERR_OK);
	return e;
}

static int64_t count(const char *sql)
{
	return scratch_number(path, sql);
}

static void expect_verified(int64_t expect)
{
	struct ledger_reader *r;
	struct why why = {0};
	struct ledger_verdict verdict;

	assert_int_equal(ledger_reader_open(path, &r, &why), ERR_OK);
	if (ledger_verify(r, &verdict, &why))
		fail_msg("%s", why.text);
	assert_int_equal(verdict.events, expect);
	ledger_reader_close(r);
}

/* The extract of an order is that of a sale made with those arguments, byte for byte. */
static void expect_extract(struct ledger *l, const char *order, size_t lines, unsigned article)
{
	struct ledger_reader *r;
	struct ledger_position at;
	struct event_sale sale;
	struct extract out = {0};
	struct sale_kit k;
	struct why why = {0};

	sale_kit_make(&k, order, lines, article);
	assert_int_equal(ledger_find_order(l, order, &k.arena, &sale, &at, &why), ERR_OK);
	assert_int_equal(ledger_reader_open(path, &r, &why), ERR_OK);
	if (ledger_reader_extract(r, &sale, &k.arena, &out, &why))
		fail_msg("%s", why.text);
	assert_int_equal(out.count, k.ledger.body_count);
	for (size_t i = 0; i < out.count; i++) {
		assert_int_equal(out.bodies[i].type, k.ledger.bodies[i].type);
		assert_int_equal(out.bodies[i].length, k.ledger.bodies[i].length);
		assert_memory_equal(out.bodies[i].cbor, k.ledger.bodies[i].cbor, out.bodies[i].length);
		assert_memory_equal(out.bodies[i].hash, k.ledger.bodies[i].hash, BODY_HASH_SIZE);
	}
	ledger_reader_close(r);
	sale_kit_free(&k);
}

static void a_sale_is_appended_with_its_bodies(void **state)
{
	struct ledger *l = open_ledger();
	struct ledger_position at;

	(void)state;
	assert_int_equal(ledger_segment(l), 1);
	assert_int_equal(append_alone(l, "o-1", 2, 0, &at), ERR_OK);
	/* start, then book, tax, list, two items, promotion, then the sale; prices have no events */
	assert_int_equal(at.segment, 1);
	assert_int_equal(at.sequence, 8);
	assert_int_equal(count("SELECT count(*) FROM event"), 8);
	assert_int_equal(count("SELECT count(*) FROM body"), 6);
	ledger_close(l);
	expect_verified(8);
}

static void bodies_are_written_once(void **state)
{
	struct ledger *l = open_ledger();
	struct ledger_position at;

	(void)state;
	assert_int_equal(append_alone(l, "o-1", 2, 0, &at), ERR_OK);
	assert_int_equal(append_alone(l, "o-2", 2, 0, &at), ERR_OK);
	assert_int_equal(at.sequence, 9);
	assert_int_equal(append_alone(l, "o-3", 2, 1, &at), ERR_OK); /* one article more */
	assert_int_equal(at.sequence, 11);
	ledger_close(l);
	l = open_ledger();
	assert_int_equal(append_alone(l, "o-4", 3, 0, &at), ERR_OK); /* known from the file */
	assert_int_equal(at.segment, 2);
	assert_int_equal(at.sequence, 2);
	ledger_close(l);
	expect_verified(13);
}

static void an_order_is_taken_once(void **state)
{
	struct ledger *l = open_ledger();
	struct ledger_position first, again;
	struct event_sale found;
	struct arena a = ARENA_EMPTY;
	struct why why = {0};

	(void)state;
	assert_int_equal(append_alone(l, "o-1", 2, 0, &first), ERR_OK);
	assert_int_equal(append_alone(l, "o-1", 5, 9, &again), ERR_EXISTS);
	assert_memory_equal(&first, &again, sizeof(first));
	ledger_close(l);

	l = open_ledger();
	memset(&again, 0, sizeof(again));
	assert_int_equal(append_alone(l, "o-1", 5, 9, &again), ERR_EXISTS);
	assert_memory_equal(&first, &again, sizeof(first));
	assert_int_equal(ledger_find_order(l, "o-1", &a, &found, &again, &why), ERR_OK);
	assert_int_equal(found.lines.count, 2);
	assert_int_equal(ledger_find_order(l, "o-2", &a, &found, &again, &why), ERR_NOT_FOUND);
	assert_int_equal(count("SELECT count(*) FROM sale"), 1);
	ledger_close(l);
	arena_free(&a);
}

/* What a reader finds of an order: the sequence of its event; 0: nothing. */
static void expect_found(const char *order, int64_t sequence)
{
	struct event_envelope envelope = {0};
	struct arena a = ARENA_EMPTY;
	struct ledger_event event;
	struct ledger_reader *r;
	struct why why = {0};

	assert_int_equal(ledger_reader_open(path, &r, &why), ERR_OK);
	if (sequence == 0) {
		assert_int_equal(ledger_reader_order(r, order, &event, &why), ERR_NOT_FOUND);
	} else {
		assert_int_equal(ledger_reader_order(r, order, &event, &why), ERR_OK);
		assert_int_equal(event_decode(event.bytes, event.length, &a, &envelope, &why), ERR_OK);
		assert_int_equal(envelope.kind, EVENT_SALE);
	}
	assert_int_equal(envelope.sequence, sequence);
	ledger_reader_close(r);
	arena_free(&a);
}

/* Two orders whose keys are the same: made so in the table, since nobody can find such a pair. */
static void orders_that_share_a_key_are_told_apart(void **state)
{
	struct ledger *l = open_ledger();
	struct ledger_position first, second, at;
	struct why why = {0};
	struct event_sale found;
	struct arena a = ARENA_EMPTY;

	(void)state;
	assert_int_equal(append_alone(l, "o-1", 1, 0, &first), ERR_OK);
	assert_int_equal(append_alone(l, "o-2", 1, 0, &second), ERR_OK);
	ledger_close(l);
	scratch_sql(path,
		    "UPDATE sale SET order_key = (SELECT order_key FROM sale ORDER BY event DESC LIMIT 1)");
	l = open_ledger();
	assert_int_equal(ledger_find_order(l, "o-2", &a, &found, &at, &why), ERR_OK); /* behind o-1 */
	assert_string_equal(found.order, "o-2");
	assert_memory_equal(&at, &second, sizeof(at));
	assert_int_equal(ledger_find_order(l, "o-1", &a, &found, &at, &why), ERR_NOT_FOUND);
	assert_int_equal(append_alone(l, "o-3", 1, 0, &at), ERR_OK);
	ledger_close(l);
	arena_free(&a);
	expect_found("o-2", second.sequence); /* by a reader, too */
	expect_found("o-3", at.sequence);
	expect_found("o-1", 0);
	expect_found("o-4", 0);
}

static void a_rollback_forgets_all_it_learnt(void **state)
{
	struct ledger *l = open_ledger();
	struct ledger_position at;
	struct why why = {0};

	(void)state;
	assert_int_equal(append_alone(l, "o-1", 1, 0, &at), ERR_OK);
	assert_int_equal(ledger_begin(l, &why), ERR_OK);
	for (unsigned i = 0; i < 100; i++) {
		char order[16];

		snprintf(order, sizeof(order), "x-%u", i);
		assert_int_equal(append(l, order, 3, 10 * i, &at), ERR_OK);
	}
	assert_int_equal(append(l, "x-5", 3, 0, &at), ERR_EXISTS); /* also within a transaction */
	ledger_rollback(l);
	assert_int_equal(append_alone(l, "x-5", 2, 50, &at), ERR_OK);
	assert_int_equal(at.sequence, 10); /* start, 5 bodies, o-1, two bodies for its new articles, x-5 */
	expect_extract(l, "x-5", 2, 50);
	assert_int_equal(append_alone(l, "o-1", 1, 0, &at), ERR_EXISTS);
	ledger_close(l);
	expect_verified(10);
}

static void segments_chain(void **state)
{
	struct ledger_position at;

	(void)state;
	for (int boot = 1; boot <= 4; boot++) {
		struct ledger *l = open_ledger();

		assert_int_equal(ledger_segment(l), boot);
		if (boot % 2)
			assert_int_equal(append_alone(l, boot == 1 ? "o-1" : "o-3", 1, 0, &at), ERR_OK);
		ledger_close(l);
	}
	assert_int_equal(count("SELECT count(*) FROM segment"), 4);
	expect_verified(4 + 5 + 2); /* starts, bodies of o-1, sales */
}

static void a_sale_that_could_not_be_read_is_not_written(void **state)
{
	struct ledger *l = open_ledger();
	struct ledger_position at;
	struct why why = {0};
	struct sale_kit k;

	(void)state;
	sale_kit_make(&k, "o-1", 2, 0);
	k.sale.lane = NULL;
	assert_int_equal(ledger_begin(l, &why), ERR_OK);
	assert_int_equal(ledger_append_sale(l, &k.ledger, &at, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "lane"));
	assert_int_equal(ledger_commit(l, &why), ERR_OK); /* nothing was spoilt */
	assert_int_equal(count("SELECT count(*) FROM event"), 1);
	sale_kit_free(&k);
	ledger_close(l);
}

static void a_ledger_of_another_box_is_refused(void **state)
{
	struct ledger *l = open_ledger();
	struct why why = {0};

	(void)state;
	ledger_close(l);
	assert_int_equal(ledger_open(path, "box-2", &clock_now.clock, &l, &why), ERR_STATE);
	assert_non_null(strstr(why.text, "of box 'box-1', not 'box-2'"));
}

static void one_program_at_a_time(void **state)
{
	struct ledger *l = open_ledger(), *second;
	struct why why = {0};

	(void)state;
	assert_int_equal(ledger_open(path, "box-1", &clock_now.clock, &second, &why), ERR_BUSY);
	ledger_close(l);
}

/* What a broken disk did to the end; the ledger must not be continued from there. */
static const struct {
	const char *sql, *words;
} damages[] = {
	{"UPDATE event SET bytes = substr(bytes, 1, length(bytes) - 1) || x'00' WHERE id = 7",
	 "event 7 is not what was written; restore it from a backup"},
	{"DELETE FROM event WHERE id = 6", "event 6 is missing; restore it from a backup"},
	{"UPDATE event SET bytes = (SELECT bytes FROM event WHERE id = 5) WHERE id = 6",
	 "event 7 does not continue"},
	{"DELETE FROM body WHERE number = 2", "body 2 is missing or damaged; restore it from a backup"},
	{"DROP TABLE sale", "restore it from a backup"},
};

static void a_damaged_end_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(damages); i++) {
		struct ledger_position at;
		struct why why = {0};
		struct ledger *l;

		if (i > 0) {
			tear_down(NULL);
			set_up(NULL);
		}
		l = open_ledger();
		assert_int_equal(append_alone(l, "o-1", 1, 0, &at), ERR_OK);
		ledger_close(l);
		scratch_sql(path, damages[i].sql);
		assert_int_equal(ledger_open(path, "box-1", &clock_now.clock, &l, &why), ERR_CORRUPT);
		if (!strstr(why.text, damages[i].words))
			fail_msg("no '%s' in: %s", damages[i].words, why.text);
	}
}

static void an_extract_comes_back_as_it_went(void **state)
{
	struct ledger *l = open_ledger();
	struct ledger_position at;

	(void)state;
	assert_int_equal(append_alone(l, "o-1", 4, 0, &at), ERR_OK);
	assert_int_equal(append_alone(l, "o-2", 4, 2, &at), ERR_OK);
	expect_extract(l, "o-1", 4, 0);
	expect_extract(l, "o-2", 4, 2);
	ledger_close(l);
}

/* A price record with a field of later (key 9), and one of an article that is on no line, are kept whole. */
static void a_price_that_says_more_is_kept_whole(void **state)
{
	static const uint8_t later[] = {0xa4, 1,   0x61, 'r', 2,    0x65, '1', '0',
					'0',  '0', '0',	 3,   0x18, 99,	  9,   1};
	static const uint8_t elsewhere[] = {0xa3, 1, 0x61, 'r', 2, 0x61, 'x', 3, 5};
	struct body bodies[2] = {{RECORD_PRICE, later, sizeof(later), {1}},
				 {RECORD_PRICE, elsewhere, sizeof(elsewhere), {2}}};
	struct ledger *l = open_ledger();
	struct ledger_reader *r;
	struct ledger_position at;
	struct event_sale sale;
	struct extract out = {0};
	struct sale_kit k;
	struct why why = {0};

	(void)state;
	sale_kit_make(&k, "o-1", 1, 0);
	k.ledger.bodies = bodies;
	k.ledger.body_count = 2;
	assert_int_equal(ledger_begin(l, &why), ERR_OK);
	if (ledger_append_sale(l, &k.ledger, &at, &why))
		fail_msg("%s", why.text);
	assert_int_equal(ledger_commit(l, &why), ERR_OK);
	assert_int_equal(ledger_find_order(l, "o-1", &k.arena, &sale, &at, &why), ERR_OK);
	assert_int_equal(ledger_reader_open(path, &r, &why), ERR_OK);
	assert_int_equal(ledger_reader_extract(r, &sale, &k.arena, &out, &why), ERR_OK);
	assert_int_equal(out.count, 2);
	assert_int_equal(out.bodies[0].length, sizeof(later));
	assert_memory_equal(out.bodies[0].cbor, later, sizeof(later));
	assert_int_equal(out.bodies[1].length, sizeof(elsewhere));
	assert_memory_equal(out.bodies[1].cbor, elsewhere, sizeof(elsewhere));
	ledger_reader_close(r);
	ledger_close(l);
	sale_kit_free(&k);
}

/* 8 lines, whose bodies are known: a year of 20,000 sales a day has to fit 8 GiB, 1,176 bytes each. */
static void a_sale_of_eight_lines_is_small(void **state)
{
	struct ledger *l = open_ledger();
	struct ledger_position at;
	int64_t bytes;

	(void)state;
	assert_int_equal(append_alone(l, "2026-11-21/1/0001", 8, 0, &at), ERR_OK);
	assert_int_equal(append_alone(l, "2026-11-21/1/0002", 8, 0, &at), ERR_OK);
	bytes = count("SELECT length(bytes) FROM event ORDER BY id DESC LIMIT 1");
	print_message("a sale of 8 lines: %lld bytes\n", (long long)bytes);
	assert_in_range((uintmax_t)bytes, 200, 512);
	ledger_close(l);
}

/* Whoever checks a damaged ledger walks over the gap: every event that is there, once, and then the end. */
static void a_reader_walks_over_a_gap(void **state)
{
	struct ledger *l = open_ledger();
	struct ledger_position at;
	struct ledger_reader *r;
	struct ledger_event event;
	struct why why = {0};
	int64_t all, id = 0;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(append_alone(l, (const char[]){(char)('a' + i), 0}, 1, i, &at), ERR_OK);
	ledger_close(l);
	all = count("SELECT count(*) FROM event");
	scratch_sql(path, "DELETE FROM event WHERE id = 3");
	assert_int_equal(ledger_reader_open(path, &r, &why), ERR_OK);
	for (int64_t expect = 1; expect <= all; expect++) {
		if (expect == 3)
			continue;
		assert_int_equal(ledger_reader_next(r, id, &event, &why), ERR_OK);
		assert_int_equal(event.id, expect);
		id = event.id;
	}
	assert_int_equal(ledger_reader_next(r, id, &event, &why), ERR_NOT_FOUND);
	ledger_reader_close(r);
}

/* Rows wait in memory for each other, LEDGER_BATCH_ROWS (512) of them at most. */
static void a_transaction_of_any_length_is_written_whole(void **state)
{
	struct ledger *l = open_ledger();
	struct ledger_position at, first;
	struct event_sale sale;
	struct arena a = ARENA_EMPTY;
	struct why why = {0};
	char order[16];

	(void)state;
	assert_int_equal(ledger_begin(l, &why), ERR_OK);
	for (int i = 0; i < 1100; i++) {
		snprintf(order, sizeof(order), "o-%d", i);
		assert_int_equal(append(l, order, 1, 0, &at), ERR_OK);
	}
	/* What waits is found, as what is in the tables. Before o-0 stand the start and its five bodies. */
	for (int i = 0; i < 1100; i += 1099) {
		snprintf(order, sizeof(order), "o-%d", i);
		assert_int_equal(append(l, order, 1, 0, &first), ERR_EXISTS);
		assert_int_equal(first.sequence, 7 + i);
		assert_int_equal(ledger_find_order(l, order, &a, &sale, &first, &why), ERR_OK);
		assert_string_equal(sale.order, order);
	}
	assert_int_equal(append(l, "last", 1, 0, &at), ERR_OK);
	assert_int_equal(ledger_commit(l, &why), ERR_OK);
	ledger_close(l);
	arena_free(&a);
	assert_int_equal(count("SELECT count(*) FROM sale"), 1101);
	expect_verified(6 + 1101);
}

/* What waited when a transaction was taken back is in no later one. */
static void a_rollback_forgets_what_waits(void **state)
{
	struct ledger *l = open_ledger();
	struct ledger_position at;
	struct why why = {0};

	(void)state;
	assert_int_equal(ledger_begin(l, &why), ERR_OK);
	assert_int_equal(append(l, "gone", 1, 0, &at), ERR_OK);
	ledger_rollback(l);
	assert_int_equal(append_alone(l, "o-1", 1, 0, &at), ERR_OK);
	assert_int_equal(at.sequence, 7);
	ledger_close(l);
	expect_verified(7);
}

/* A row that stands where the next should go is damage, and nothing that a job could take for its order. */
static void a_row_in_the_way_is_damage(void **state)
{
	struct ledger *l = open_ledger();
	struct ledger_position at;
	struct why why = {0};

	(void)state;
	assert_int_equal(append_alone(l, "o-1", 1, 0, &at), ERR_OK);
	scratch_sql(path, "INSERT INTO event VALUES (8, x'00', 0)");
	assert_int_equal(ledger_begin(l, &why), ERR_OK);
	assert_int_equal(append(l, "o-2", 1, 0, &at), ERR_OK);
	assert_int_equal(ledger_commit(l, &why), ERR_CORRUPT);
	assert_non_null(strstr(why.text, "what comes behind event 7 is there already"));
	ledger_close(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_reader_walks_over_a_gap, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_sale_is_appended_with_its_bodies, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bodies_are_written_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_order_is_taken_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(orders_that_share_a_key_are_told_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_rollback_forgets_all_it_learnt, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_transaction_of_any_length_is_written_whole, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_rollback_forgets_what_waits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_row_in_the_way_is_damage, set_up, tear_down),
		cmocka_unit_test_setup_teardown(segments_chain, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_sale_that_could_not_be_read_is_not_written, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_ledger_of_another_box_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_program_at_a_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_end_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_extract_comes_back_as_it_went, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_price_that_says_more_is_kept_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_sale_of_eight_lines_is_small, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
