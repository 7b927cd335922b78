/*
 * Records of the feed as the box takes them: what it does not know is left out, and a rule that says what it
 * does not know is inactive.
 */
#include "unit.h"

#include <string.h>

#include "feed.h"

#define KEY_OF_LATER 0x18, 200 /* above all keys there are */

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena = ARENA_EMPTY;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct change change_of(const char *json)
{
	struct change c;
	struct why why;

	if (change_parse_line(json, strlen(json), 2, &arena, &c, &why))
		fail_msg("%s", why.text);
	return c;
}

/* Encodes it; `more`: with one member behind the last, in the record itself or in its last map of maps. */
static size_t encode(const struct record *r, bool more, uint8_t out[1000])
{
	static const uint8_t later[] = {KEY_OF_LATER, 1};
	struct buf buf;
	size_t n;

	buf_init(&buf, 900);
	assert_int_equal(record_encode(r, &buf), ERR_OK);
	n = buf_length(&buf);
	memcpy(out, buf_front(&buf), n);
	buf_free(&buf);
	if (!more)
		return n;
	assert_in_range(out[0], 0xa0, 0xb6); /* a map of few pairs: one more fits its head */
	out[0]++;
	memcpy(out + n, later, sizeof(later));
	return n + sizeof(later);
}

static const struct {
	const char *json;
	bool more, strange;
} rows[] = {
	{"{\"type\":\"promotion\",\"id\":\"p\",\"name\":\"P\",\"gives\":[{\"kind\":\"percent\",\"percent\":"
	 "\"10\"}]}",
	 false, false},
	{"{\"type\":\"promotion\",\"id\":\"p\",\"name\":\"P\",\"gives\":[{\"kind\":\"percent\",\"percent\":"
	 "\"10\"}]}",
	 true, true},
	{"{\"type\":\"price_rule\",\"id\":\"p\",\"kind\":\"stock\",\"steps\":[{\"below\":\"10\",\"percent\":"
	 "\"5\"}]}",
	 false, false},
	{"{\"type\":\"price_rule\",\"id\":\"p\",\"kind\":\"stock\",\"steps\":[{\"below\":\"10\",\"percent\":"
	 "\"5\"}]}",
	 true, true},
	/* goods are sold whatever is said of them besides */
	{"{\"type\":\"item\",\"sku\":\"PEN\",\"name\":\"Pen\"}", true, false},
};

static int64_t status_of(const struct record *r)
{
	return r->type == RECORD_PROMOTION ? r->as.promotion.status : r->as.price_rule.status;
}

static void rules_that_say_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct change given = change_of(rows[i].json), taken;
		struct wire_change wire = {.type = given.record.type, .version = 7};
		struct why why = {""};
		uint8_t bytes[1000];
		bool strange;

		wire.record.length = encode(&given.record, rows[i].more, bytes);
		wire.record.at = bytes;
		if (feed_change(&wire, &arena, &taken, &strange, &why))
			fail_msg("row %zu: %s", i, why.text);
		assert_int_equal(strange, rows[i].strange);
		assert_false(taken.removed);
		if (given.record.type != RECORD_ITEM)
			assert_int_equal(status_of(&taken.record) != status_of(&given.record),
					 rows[i].strange);
		assert_int_equal(strstr(why.text, "'p'") != NULL, rows[i].strange);
	}
}

static void types_of_later(void **state)
{
	static const uint8_t empty[] = {0xa0};
	struct wire_change wire = {.type = RECORD_TYPES, .key = "k", .record = {empty, sizeof(empty)}};
	struct change c;
	struct why why;
	bool strange;

	(void)state;
	assert_int_equal(feed_change(&wire, &arena, &c, &strange, &why), ERR_NEWER);
	wire.record = (struct bytes){NULL, 0};
	assert_int_equal(feed_change(&wire, &arena, &c, &strange, &why), ERR_NEWER);
	wire.type = RECORD_PROMOTION;
	assert_int_equal(feed_change(&wire, &arena, &c, &strange, &why), ERR_OK);
	assert_true(c.removed);
	wire.key = NULL;
	assert_int_equal(feed_change(&wire, &arena, &c, &strange, &why), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rules_that_say_more, set_up, tear_down),
		cmocka_unit_test_setup_teardown(types_of_later, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
