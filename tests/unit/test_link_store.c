/*
 * link.db: marks that outlive the program, grants once. And what the link asks of the other stores: where an
 * event of a segment is, and changes of a catalog one by one.
 */
#include "unit.h"

#include <string.h>

#include "catalog_store.h"
#include "ledger.h"
#include "link_store.h"
#include "sales.h"
#include "scratch.h"

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

static void marks_stay(void **state)
{
	struct link_marks m = {.acked = 7,
			       .acked_segment = 2,
			       .acked_sequence = 3,
			       .cursor = "c9",
			       .version = 12,
			       .current_ms = 1000,
			       .floor_ms = 5000},
			  got;
	struct link_store *s, *second;
	struct why why;

	(void)state;
	assert_int_equal(link_store_open(scratch_path(&scratch, "link.db"), true, &s, &why), ERR_OK);
	assert_int_equal(link_store_open(scratch_path(&scratch, "link.db"), true, &second, &why), ERR_BUSY);
	assert_int_equal(link_store_write(s, &m, &why), ERR_OK);
	m.floor_ms = 4000; /* time never goes below its floor, whatever is asked for */
	assert_int_equal(link_store_write(s, &m, &why), ERR_OK);
	link_store_close(s);
	assert_int_equal(link_store_open(scratch_path(&scratch, "link.db"), false, &s, &why), ERR_OK);
	assert_int_equal(link_store_read(s, &got, &why), ERR_OK);
	assert_int_equal(got.acked, 7);
	assert_int_equal(got.acked_sequence, 3);
	assert_string_equal(got.cursor, "c9");
	assert_int_equal(got.version, 12);
	assert_int_equal(got.floor_ms, 5000);
	link_store_close(s);
}

static void grants_once(void **state)
{
	struct link_grant g = {"summer", NULL, 1, 1, 50, AMOUNT_NONE};
	struct link_store *s;
	struct why why;
	int64_t count;
	bool fresh;

	(void)state;
	assert_int_equal(link_store_open(scratch_path(&scratch, "link.db"), true, &s, &why), ERR_OK);
	assert_int_equal(link_store_grant(s, &g, &fresh, &why), ERR_OK);
	assert_true(fresh);
	assert_int_equal(link_store_grant(s, &g, &fresh, &why), ERR_OK);
	assert_false(fresh);
	g.number = 2;
	assert_int_equal(link_store_grant(s, &g, &fresh, &why), ERR_OK);
	assert_true(fresh);
	assert_int_equal(link_store_grants(s, &count, &why), ERR_OK);
	assert_int_equal(count, 2);
	link_store_close(s);
}

static void sell(struct ledger *l, const char *order)
{
	struct ledger_position at;
	struct sale_kit kit;
	struct why why;

	sale_kit_make(&kit, order, 2, 1);
	assert_int_equal(ledger_begin(l, &why), ERR_OK);
	assert_int_equal(ledger_append_sale(l, &kit.ledger, &at, &why), ERR_OK);
	assert_int_equal(ledger_commit(l, &why), ERR_OK);
	sale_kit_free(&kit);
}

/* Every event is found by its segment and sequence, also one that was read before; others are not there. */
static void places_of_events(void **state)
{
	struct ledger_reader *r;
	struct ledger_event event;
	struct event_envelope envelope;
	struct arena a = ARENA_EMPTY;
	struct ledger *l;
	struct why why;
	int64_t id, newest;

	(void)state;
	for (int boot = 0; boot < 2; boot++) {
		assert_int_equal(
			ledger_open(scratch_path(&scratch, "ledger.db"), "box-7", &clock_system, &l, &why),
			ERR_OK);
		sell(l, boot ? "o2" : "o1");
		sell(l, boot ? "o4" : "o3");
		ledger_close(l);
	}
	assert_int_equal(ledger_reader_open(scratch_path(&scratch, "ledger.db"), &r, &why), ERR_OK);
	assert_int_equal(ledger_reader_newest(r, &event, &why), ERR_OK);
	newest = event.id;
	for (int64_t i = newest; i > 0; i--) { /* backwards: none is the next one */
		arena_reset(&a);
		assert_int_equal(ledger_reader_next(r, i - 1, &event, &why), ERR_OK);
		assert_int_equal(event.id, i);
		assert_int_equal(event_decode(event.bytes, event.length, &a, &envelope, &why), ERR_OK);
		assert_int_equal(ledger_reader_locate(r, envelope.segment, envelope.sequence, &id, &why),
				 ERR_OK);
		assert_int_equal(id, i);
	}
	assert_int_equal(ledger_reader_locate(r, 0, 0, &id, &why), ERR_OK);
	assert_int_equal(id, 0);
	assert_int_equal(ledger_reader_locate(r, 9, 1, &id, &why), ERR_NOT_FOUND);
	assert_int_equal(ledger_reader_locate(r, 2, 999, &id, &why), ERR_NOT_FOUND);
	assert_int_equal(ledger_reader_locate(r, 1, newest, &id, &why),
			 ERR_NOT_FOUND); /* it is segment 2's */
	ledger_reader_close(r);
	arena_free(&a);
}

static struct change line(const char *text, struct arena *a)
{
	struct change c;
	struct why why;

	if (change_parse_line(text, strlen(text), 2, a, &c, &why) != ERR_OK)
		fail_msg("%s", why.text);
	return c;
}

static void take(struct catalog_edit *e, const char *text, struct arena *a)
{
	struct change c = line(text, a);
	struct why why;

	if (catalog_edit_take(e, &c, &why) != ERR_OK)
		fail_msg("%s", why.text);
}

static void changes_one_by_one(void **state)
{
	static const char book[] = "{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\"}";
	static const char list[] = "{\"type\":\"price_list\",\"id\":\"base\"}";
	static const char item[] = "{\"type\":\"item\",\"sku\":\"PEN\",\"name\":\"Pen\"}";
	static const char price[] =
		"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"PEN\",\"price\":\"1.50\"}";
	static const char stray[] =
		"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"GONE\",\"price\":\"1.50\"}";
	static const char cheaper[] =
		"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"PEN\",\"price\":\"1.20\"}";
	struct catalog_store *s;
	struct catalog_edit *e;
	struct arena a = ARENA_EMPTY;
	struct record found;
	struct why why;
	uint64_t version;

	(void)state;
	assert_int_equal(catalog_store_open_writer(scratch_path(&scratch, "catalog.db"), &s, &why), ERR_OK);
	assert_int_equal(catalog_edit_begin(s, false, 0, &e, &why),
			 ERR_NOT_FOUND); /* nothing to change yet */
	assert_int_equal(catalog_edit_begin(s, true, 40, &e, &why), ERR_OK);
	take(e, book, &a);
	take(e, list, &a);
	take(e, item, &a);
	take(e, price, &a);
	assert_int_equal(catalog_edit_commit(e, &version, NULL, &why), ERR_OK);
	assert_int_equal(version, 40);
	assert_int_equal(catalog_edit_begin(s, false, 41, &e, &why), ERR_OK);
	take(e, cheaper, &a);
	take(e, stray, &a); /* of an article that there is not: none of it counts */
	assert_int_equal(catalog_edit_commit(e, &version, NULL, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "GONE"));
	assert_int_equal(catalog_store_find(s, RECORD_PRICE, "base\x1fPEN", &a, &found, &why), ERR_OK);
	assert_int_equal(found.as.price.price.minor, 150);
	assert_int_equal(catalog_edit_begin(s, false, 41, &e, &why), ERR_OK);
	take(e, cheaper, &a);
	assert_int_equal(catalog_edit_commit(e, &version, NULL, &why), ERR_OK);
	assert_int_equal(version, 41);
	assert_int_equal(catalog_store_find(s, RECORD_PRICE, "base\x1fPEN", &a, &found, &why), ERR_OK);
	assert_int_equal(found.as.price.price.minor, 120);
	assert_int_equal(catalog_edit_begin(s, true, 42, &e, &why), ERR_OK); /* half a catalog is none */
	take(e, stray, &a);
	assert_int_not_equal(catalog_edit_commit(e, &version, NULL, &why), ERR_OK);
	assert_int_equal(catalog_store_version(s, &version, &why), ERR_OK);
	assert_int_equal(version, 41);
	catalog_store_close(s);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(marks_stay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(grants_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(places_of_events, set_up, tear_down),
		cmocka_unit_test_setup_teardown(changes_one_by_one, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
