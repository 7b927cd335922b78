/*
 * Messages of the link: bytes worked out by hand, what is refused, and the names of boxes and stores.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "records.h"
#include "wire.h"

static uint8_t hash[DIGEST_SIZE];

static struct buf encoded(const struct schema *s, const void *message)
{
	struct why why = {""};
	struct buf out;

	buf_init(&out, WIRE_MESSAGE_MAX);
	if (wire_encode(s, message, &out, &why) != ERR_OK)
		fail_msg("%s", why.text);
	assert_int_equal(cbor_check(buf_front(&out), buf_length(&out)), ERR_OK);
	return out;
}

/*
 * By RFC 8949: a5 map of 5; 01 01 v; (verdict accepted is the default, left out); 03 02 segment;
 * 04 19 0201 sequence 513; 05 5820 and 32 bytes; 06 01 parked.
 */
static void an_ack_in_bytes(void **state)
{
	static const uint8_t head[] = {0xa5, 1, 1, 3, 2, 4, 0x19, 0x02, 0x01, 5, 0x58, 0x20};
	static const uint8_t tail[] = {6, 1};
	struct wire_ack ack;
	struct buf b;

	(void)state;
	wire_init(&wire_ack_schema, &ack);
	ack.segment = 2;
	ack.sequence = 513;
	ack.hash = (struct bytes){hash, sizeof(hash)};
	ack.parked = 1;
	b = encoded(&wire_ack_schema, &ack);
	assert_int_equal(buf_length(&b), sizeof(head) + DIGEST_SIZE + sizeof(tail));
	assert_memory_equal(buf_front(&b), head, sizeof(head));
	assert_memory_equal(buf_front(&b) + sizeof(head) + DIGEST_SIZE, tail, sizeof(tail));
	buf_free(&b);
}

/* a2 map of 2; 01 01; 02 46 and six bytes: two empty maps ... whatever: the batch does not look inside. */
static void a_batch_in_bytes(void **state)
{
	static const uint8_t want[] = {0xa2, 1, 1, 2, 0x43, 0xa0, 0xa0, 0xa0};
	struct wire_batch batch;
	struct buf b;

	(void)state;
	wire_init(&wire_batch_schema, &batch);
	batch.events = (struct bytes){want + 5, 3};
	b = encoded(&wire_batch_schema, &batch);
	assert_int_equal(buf_length(&b), sizeof(want));
	assert_memory_equal(buf_front(&b), want, sizeof(want));
	buf_free(&b);
}

/* A price that is put, of version 7: its type is the default and left out; and a promotion that goes. */
static void a_feed_and_back(void **state)
{
	static const uint8_t record[] = {0xa1, 1, 0x61, 'x'};
	const struct wire_change changes[] = {
		{.type = RECORD_PRICE, .record = {record, sizeof(record)}, .version = 7},
		{.type = RECORD_PROMOTION, .key = "bogo", .version = 8},
	};
	struct arena a = ARENA_EMPTY;
	struct wire_feed feed, back;
	struct why why = {""};
	struct buf b;

	(void)state;
	wire_init(&wire_feed_schema, &feed);
	feed.version = 8;
	feed.cursor = "8";
	feed.more = 1;
	feed.changes = (struct list){changes, COUNT(changes)};
	b = encoded(&wire_feed_schema, &feed);
	if (wire_decode(&wire_feed_schema, buf_front(&b), buf_length(&b), &a, &back, &why))
		fail_msg("%s", why.text);
	const struct wire_change *got = back.changes.at;
	assert_int_equal(back.version, 8);
	assert_string_equal(back.cursor, "8");
	assert_int_equal(back.more, 1);
	assert_int_equal(back.snapshot, 0);
	assert_int_equal(back.changes.count, 2);
	assert_int_equal(got[0].type, RECORD_PRICE);
	assert_int_equal(got[0].record.length, sizeof(record));
	assert_null(got[0].key);
	assert_int_equal(got[1].type, RECORD_PROMOTION);
	assert_string_equal(got[1].key, "bogo");
	assert_null(got[1].record.at);
	arena_free(&a);
	buf_free(&b);
}

struct refusal {
	const char *what;
	const struct schema *s;
	size_t n;
	const uint8_t bytes[16];
	enum err e;
	const char *words;
};

static void what_is_refused(void **state)
{
	static const struct refusal cases[] = {
		{"newer", &wire_latest_schema, 5, {0xa2, 1, 2, 2, 0}, ERR_NEWER, "latest: of version 2"},
		{"no version", &wire_latest_schema, 3, {0xa1, 2, 0}, ERR_INVALID, "latest: v"},
		{"bytes behind",
		 &wire_latest_schema,
		 6,
		 {0xa2, 1, 1, 2, 0, 0},
		 ERR_INVALID,
		 "behind its end"},
		{"nothing", &wire_latest_schema, 0, {0}, ERR_INVALID, "latest: "},
		{"not a map", &wire_batch_schema, 1, {0x01}, ERR_INVALID, "batch: "},
		{"no events", &wire_batch_schema, 5, {0xa2, 1, 1, 2, 0x40}, ERR_INVALID, "events"},
		{"long head", &wire_latest_schema, 6, {0xa2, 1, 1, 2, 0x18, 1}, ERR_INVALID, "latest: "},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct refusal *c = &cases[i];
		struct arena a = ARENA_EMPTY;
		union {
			struct wire_latest latest;
			struct wire_batch batch;
		} out;
		struct why why = {""};
		enum err e = wire_decode(c->s, c->bytes, c->n, &a, &out, &why);

		if (e != c->e || !strstr(why.text, c->words))
			fail_msg("%s: %s, '%s'", c->what, err_name(e), why.text);
		arena_free(&a);
	}
}

/* A later version of this program adds key 9; this one passes over it. */
static void unknown_keys_pass(void **state)
{
	static const uint8_t bytes[] = {0xa3, 1, 1, 2, 5, 9, 0x61, 'n'};
	struct arena a = ARENA_EMPTY;
	struct wire_latest latest;

	(void)state;
	assert_int_equal(wire_decode(&wire_latest_schema, bytes, sizeof(bytes), &a, &latest, NULL), ERR_OK);
	assert_int_equal(latest.version, 5);
	arena_free(&a);
}

/* The largest batch with what is around it is a message still. */
static void sizes_fit(void **state)
{
	static uint8_t events[WIRE_EVENTS_MAX];
	struct wire_batch batch;
	struct buf b;

	(void)state;
	wire_init(&wire_batch_schema, &batch);
	batch.events = (struct bytes){events, sizeof(events)};
	b = encoded(&wire_batch_schema, &batch);
	assert_true(buf_length(&b) <= WIRE_MESSAGE_MAX);
	buf_free(&b);
}

static void names(void **state)
{
	static const struct {
		const char *name;
		bool ok;
	} cases[] = {{"box-1", true}, {"S.04_b", true}, {"", false},	{".", false},	      {"..", false},
		     {"a/b", false},  {"-x", false},	{"a b", false}, {"b\xc3\xb6x", false}};
	char longest[WIRE_NAME_MAX + 2];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(wire_name_ok(cases[i].name), cases[i].ok);
	memset(longest, 'a', sizeof(longest));
	longest[WIRE_NAME_MAX + 1] = '\0';
	assert_false(wire_name_ok(longest));
	longest[WIRE_NAME_MAX] = '\0';
	assert_true(wire_name_ok(longest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ack_in_bytes),
		cmocka_unit_test(a_batch_in_bytes),
		cmocka_unit_test(a_feed_and_back),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(unknown_keys_pass),
		cmocka_unit_test(sizes_fit),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
