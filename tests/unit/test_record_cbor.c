/*
 * Records as CBOR: by hand, cut off, over-deep, damaged, and in buffers that are too small.
 */
#include "record_thing.h"

#include <stdio.h>
#include <string.h>

/* {1: "N", 2: -5, 3: 240, 5: false, 6: 2, 7: [0, false], 11: {1: "M"}, 30: [{1: "A", 2: 1}], 200: ["x"]} */
static const uint8_t some_cbor[] = {0xA9, 1,	0x61, 'N',  2,	  0x24, 3,    0x18, 240,  5,	0xF4, 6,
				    2,	  7,	0x82, 0,    0xF4, 11,	0xA1, 1,    0x61, 'M',	0x18, 30,
				    0x81, 0xA2, 1,    0x61, 'A',  2,	1,    0x18, 200,  0x81, 0x61, 'x'};

static void cbor_is_as_worked_by_hand(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
		thing_from_json(
			f,
			"{\"name\":\"N\",\"count\":-5,\"price\":\"2.4\",\"active\":false,\"colour\":\"blue\","
			"\"from\":\"1970-01-01T00:00:00Z\",\"main\":{\"sku\":\"M\",\"quantity\":1},"
			"\"needs\":[{\"sku\":\"A\",\"quantity\":\"0.000001\"}],\"tags\":[\"x\"]}",
			NULL),
		ERR_OK);
	thing_to_cbor(f);
	assert_int_equal(buf_length(&f->out), sizeof(some_cbor));
	assert_memory_equal(buf_front(&f->out), some_cbor, sizeof(some_cbor));
}

static void cbor_there_and_back(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[512];
	size_t n;

	assert_int_equal(thing_from_json(f, THING_FULL, NULL), ERR_OK);
	thing_to_cbor(f);
	n = buf_length(&f->out);
	memcpy(bytes, buf_front(&f->out), n);
	assert_int_equal(cbor_check(bytes, n), ERR_OK);
	memset(&f->thing, 0xEE, sizeof(f->thing));
	assert_int_equal(thing_from_cbor(f, bytes, n), ERR_OK);
	assert_string_equal(thing_to_json(f), THING_FULL);
}

/* A buffer that the record just fills takes it; one byte less, and what was in it stays alone. */
static void fill_to_bound(struct fixture *f, const char *json)
{
	struct cborw w;
	struct buf b;
	size_t n;

	assert_int_equal(thing_from_json(f, json, NULL), ERR_OK);
	thing_to_cbor(f);
	n = buf_length(&f->out);
	for (size_t room = 0; room <= n; room++) {
		buf_init(&b, room + 3);
		assert_true(buf_add(&b, "abc", 3));
		cborw_begin(&w, &b);
		record_to_cbor(&thing_schema, &f->thing, &w);
		assert_int_equal(cborw_end(&w), room < n ? ERR_LIMIT : ERR_OK);
		assert_int_equal(buf_length(&b), room < n ? 3 : 3 + n);
		assert_memory_equal(buf_front(&b), "abc", 3);
		if (room == n)
			assert_memory_equal(buf_front(&b) + 3, buf_front(&f->out), n);
		buf_free(&b);
	}
}

static void a_buffer_is_filled_to_its_bound(void **state)
{
	fill_to_bound(*state, THING_FULL);
	fill_to_bound(*state, "{\"name\":\"x\"}");
	fill_to_bound(*state, "{\"name\":\"x\",\"count\":7}");
}

/* Fields 1 to 24 with a zero each: b8 18 (a map of 24), then keys below 24 in a byte, and 18 18. */
static void a_map_of_many_has_a_longer_head(void **state)
{
	static const int64_t zeros[24];
	struct field fields[24];
	const struct schema s = {"many", sizeof(zeros), fields, 24, "Many."};
	struct cborw w;
	struct buf b;

	(void)state;
	for (uint8_t i = 0; i < 24; i++)
		/* cppcheck-suppress unreadVariable ; the schema points to them */
		fields[i] = (struct field){
			.key = i + 1, .name = "n", .kind = FIELD_INT, .offset = i * sizeof(zeros[0])};
	buf_init(&b, 64);
	cborw_begin(&w, &b);
	record_to_cbor(&s, zeros, &w);
	assert_int_equal(cborw_end(&w), ERR_OK);
	assert_int_equal(buf_length(&b), 2 + 23 * 2 + 3);
	assert_memory_equal(buf_front(&b), "\xb8\x18\x01\x00\x02\x00", 6);
	assert_memory_equal(buf_front(&b) + 46, "\x17\x00\x18\x18\x00", 5);
	buf_free(&b);
}

static void every_cut_of_cbor_is_refused(void **state)
{
	struct fixture *f = *state;

	for (size_t n = 0; n < sizeof(some_cbor); n++)
		assert_int_equal(thing_from_cbor(f, some_cbor, n), ERR_INVALID);
	assert_int_equal(thing_from_cbor(f, some_cbor, sizeof(some_cbor)), ERR_OK);
}

#define BYTES(literal) literal, sizeof(literal) - 1

static void cbor_judged(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *why; /* NULL: fine */
	} rows[] = {
		{BYTES("\xA1\x01\x60"), NULL},
		{BYTES("\xA3\x00\x01\x01\x60\x0C\x81\xA0"),
		 NULL},					   /* keys 0 and 12 are unknown: passed over */
		{BYTES("\xA2\x01\x60\x18\xFF\xF6"), NULL}, /* 255, behind the last */
		{BYTES("\xA2\x01\x60\x1B\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xF6"),
		 NULL}, /* the largest there is */
		{BYTES("\xA2\x01\x60\x20\xF6"), "key -1 does not ascend"},
		{BYTES("\xA0"), "name: is required and missing"},
		{BYTES("\xA1\x02\x00"), "name: is required and missing"},
		{BYTES("\x80"), "a map in deterministic CBOR is expected"},
		{BYTES("\xA1\x01\x00"), "name: text in deterministic CBOR is expected"},
		{BYTES("\xA1\x01\x78\x00"), "name: text in deterministic CBOR is expected"},
		{BYTES("\xA2\x01\x60\x02\x18\x65"), "count: '101' is above the most, 100"},
		{BYTES("\xA2\x01\x60\x02\x25"), "count: '-6' is below the least, -5"},
		{BYTES("\xA2\x01\x60\x06\x03"), "colour: '3' is above the most, 2"},
		{BYTES("\xA2\x01\x60\x05\x01"), "active: a truth value in deterministic CBOR is expected"},
		{BYTES("\xA2\x01\x60\x07\x81\x00"), "from: a time is an array of two"},
		{BYTES("\xA2\x01\x60\x0A\x40"), "hash: 0 bytes are fewer than the least, 1"},
		{BYTES("\xA2\x01\x60\x0B\xA0"), "main.sku: is required and missing"},
		{BYTES("\xA2\x01\x60\x18\x1E\x81\xA2\x01\x61\x41\x02\x00"),
		 "needs[0].quantity: '0' is below the least, 0.000001"},
		{BYTES("\xA2\x01\x60\x18\x1E\x84\xA0\xA0\xA0\xA0"),
		 "needs: 4 items are more than the most, 3"},
		{BYTES("\xA2\x01\x60\x18\xC8\x82\x60\x00"),
		 "tags[1]: text in deterministic CBOR is expected"},
		{BYTES("\xA2\x01\x60\x18\xC9\x82\x00\x19\x01\x2C"), NULL}, /* 201: [0, 300] */
		{BYTES("\xA2\x01\x60\x18\xC9\x82\x00\x20"), "counts[1]: '-1' is below the least, 0"},
		{BYTES("\xA2\x01\x60\x18\xC9\x81\x60"),
		 "counts[0]: an integer in deterministic CBOR is expected"},
		{BYTES("\xA2\x01\x60\x18\xC9\x84\x00\x00\x00\x00"),
		 "counts: 4 items are more than the most, 3"},
		{BYTES("\xA2\x01\x60\x18\xC9\x00"), "counts: an array in deterministic CBOR is expected"},
		{BYTES("\xA2\x01\x60\x18\xCA\x84\x62\x66\x72\x60\x62\x66\x73\x60"), NULL}, /* 202: fr, fs */
		{BYTES("\xA2\x01\x60\x18\xCA\x84\x62\x66\x73\x60\x62\x66\x72\x60"),
		 "labels: key 'fr' does not ascend"},
		{BYTES("\xA2\x01\x60\x18\xCA\x84\x62\x66\x72\x60\x62\x66\x72\x60"),
		 "labels: key 'fr' does not ascend"},
		{BYTES("\xA2\x01\x60\x18\xCA\x80"), "labels: 0 items are fewer than the least, 1"},
		{BYTES("\xA2\x01\x60\x18\xCA\x88\x00\x00\x00\x00\x00\x00\x00\x00"),
		 "labels: 4 items are more than the most, 3"},
		{BYTES("\xA2\x01\x60\x18\xCA\x82\x60\x60"),
		 "labels: a name here is 1 to 64 letters, digits and hyphens"},
		{BYTES("\xA2\x01\x60\x18\xCA\x82\x61\x00\x60"),
		 "labels: text in deterministic CBOR is expected"},
		{BYTES("\xA2\x01\x60\x18\xCA\x82\x00\x60"), "labels: text in deterministic CBOR is expected"},
		{BYTES("\xA2\x01\x60\x18\xCA\x82\x61\x61\x00"),
		 "labels: text in deterministic CBOR is expected"},
		{BYTES("\xA2\x01\x60\x18\xCA\xA0"), "labels: an array in deterministic CBOR is expected"},
		{BYTES("\xA2\x01\x60\x18\xCA\x81\x60"), "labels: a text for each key is expected"},
		{BYTES("\xA2\x02\x00\x01\x60"), "name: is required and missing"},
		{BYTES("\xA2\x01\x60\x01\x60"), "key 1 does not ascend"},
		{BYTES("\xA3\x01\x60\x0D\x00\x0C\x00"), "key 12 does not ascend"},
		{BYTES("\xA2\x01\x60\x0C\x18\x00"), "key 12: no deterministic CBOR"},
		{BYTES("\xA2\x01\x60\x61\x61\x00"), "an integer in deterministic CBOR is expected"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		enum err e = thing_from_cbor(f, rows[i].bytes, rows[i].n);

		assert_int_equal(e, rows[i].why ? ERR_INVALID : ERR_OK);
		assert_string_equal(f->why.text, rows[i].why ? rows[i].why : "");
	}
}

struct chain {
	const struct chain *next;
};

static const struct schema chain_schema;
static const struct field chain_fields[] = {
	{.key = 1,
	 .name = "next",
	 .kind = FIELD_STRUCT,
	 .offset = offsetof(struct chain, next),
	 .of = &chain_schema},
};
static const struct schema chain_schema = {"chain", sizeof(struct chain), chain_fields, 1, NULL};

/* A record in a record ... RECORD_DEPTH_MAX of them are fine. */
static void depth_has_a_bound(void **state)
{
	struct fixture *f = *state;

	for (int depth = RECORD_DEPTH_MAX; depth <= RECORD_DEPTH_MAX + 1; depth++) {
		enum err expected = depth > RECORD_DEPTH_MAX ? ERR_INVALID : ERR_OK;
		char text[256] = "", bytes[32];
		struct chain chain;
		struct cborr r;
		json_t *json;
		size_t n = 0;

		for (int i = 1; i < depth; i++) {
			text_add(text, sizeof(text), "{\"next\":");
			bytes[n++] = '\xA1';
			bytes[n++] = '\x01';
		}
		text_add(text, sizeof(text), "{}");
		bytes[n++] = '\xA0';
		for (int i = 1; i < depth; i++)
			text_add(text, sizeof(text), "}");
		json = json_loads(text, 0, NULL);
		assert_int_equal(
			record_from_json(&chain_schema, json, NULL, &thing_euro, &f->arena, &chain, &f->why),
			expected);
		r = cborr_over(bytes, n);
		assert_int_equal(record_from_cbor(&chain_schema, &r, &f->arena, &chain, &f->why), expected);
		json_decref(json);
	}
	assert_non_null(strstr(f->why.text, "next.next: nested deeper than 8"));
}

/* What this version does not know counts against the depth of CBOR from the outermost map on. */
static void unknown_values_have_the_depth_of_all(void **state)
{
	struct fixture *f = *state;

	for (int depth = CBOR_DEPTH_MAX; depth <= CBOR_DEPTH_MAX + 1; depth++) {
		uint8_t bytes[CBOR_DEPTH_MAX + 8];
		struct chain chain;
		struct cborr r;
		size_t n = 0;

		for (int i = 0; i < 3; i++) { /* three maps, of {1: the next} */
			bytes[n++] = 0xA1;
			bytes[n++] = i < 2 ? 0x01 : 0x09;
		}
		for (int i = 4; i <= depth; i++) /* the third's key 9: arrays of one in arrays of one */
			bytes[n++] = 0x81;
		bytes[n++] = 0;
		r = cborr_over(bytes, n);
		assert_int_equal(record_from_cbor(&chain_schema, &r, &f->arena, &chain, &f->why),
				 depth > CBOR_DEPTH_MAX ? ERR_INVALID : ERR_OK);
		assert_int_equal(cbor_check(bytes, n), depth > CBOR_DEPTH_MAX ? ERR_LIMIT : ERR_OK);
	}
}

/* A record that does not fit is refused with the words of the reader that would not take what is written. */
static void what_does_not_fit(void **state)
{
	static const struct need few = {"A", {0}}, four[4] = {{"A", {1}}, {"B", {1}}, {"C", {1}}, {"D", {1}}};
	static const struct need pair[2] = {{"A", {1}}, {"123456789", {1}}};
	static const int64_t numbers[] = {1, -1};
	static char long_text[RECORD_TEXT_MAX + 2];
	static const char *const tags[] = {"x", long_text};
	struct thing bad[] = {
		{.name = NULL},
		{.name = long_text},
		{.name = "x", .count = 101},
		{.name = "x", .price = {-1}},
		{.name = "x", .colour = 3},
		{.name = "x", .opens = 86401},
		{.name = "x", .hash = {(const uint8_t *)"12345", 5}},
		{.name = "x", .main_need = &few},
		{.name = "x", .needs = {four, 4}},
		{.name = "x", .needs = {pair, 2}},
		{.name = "x", .tags = {tags, 2}},
		{.name = "x", .counts = {numbers, 2}},
	};
	struct fixture *f = *state;

	memset(long_text, 'x', RECORD_TEXT_MAX + 1);
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct why why = {0};

		f->thing = bad[i];
		assert_int_equal(thing_put(f, &why), ERR_INVALID);
		thing_to_cbor(f);
		assert_int_equal(thing_from_cbor(f, buf_front(&f->out), buf_length(&f->out)), ERR_INVALID);
		assert_string_equal(why.text, f->why.text);
	}
	assert_int_equal(thing_from_json(f, THING_FULL, NULL), ERR_OK);
	assert_int_equal(thing_put(f, &f->why), ERR_OK);
}

/* Random CBOR must be refused or read, within bounds; what is read is written as something that reads the
 * same. */
static void damaged_cbor_does_no_harm(void **state)
{
	struct fixture *f = *state;
	uint64_t s = seed_start("record");

	for (int round = 0; round < 100000; round++) {
		uint8_t bytes[sizeof(some_cbor)];
		struct cborr r = cborr_over(bytes, sizeof(bytes));

		memcpy(bytes, some_cbor, sizeof(bytes));
		for (uint64_t i = seed_next(&s) % 3 + 1; i > 0; i--)
			bytes[seed_next(&s) % sizeof(bytes)] = (uint8_t)seed_next(&s);
		if (!record_from_cbor(&thing_schema, &r, &f->arena, &f->thing, &f->why)) {
			assert_int_equal(thing_put(f, &f->why), ERR_OK);
			thing_to_cbor(f);
			assert_int_equal(cbor_check(buf_front(&f->out), buf_length(&f->out)), ERR_OK);
		}
		arena_reset(&f->arena);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, thing_set_up, thing_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(cbor_is_as_worked_by_hand),
		TEST(cbor_there_and_back),
		TEST(a_buffer_is_filled_to_its_bound),
		TEST(a_map_of_many_has_a_longer_head),
		TEST(every_cut_of_cbor_is_refused),
		TEST(what_does_not_fit),
		TEST(cbor_judged),
		TEST(depth_has_a_bound),
		TEST(unknown_values_have_the_depth_of_all),
		TEST(damaged_cbor_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
