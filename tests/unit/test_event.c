/*
 * Ledger events: encoding and back, JSON for people, size.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "event.h"
#include "sales.h"

static const uint8_t zeros[DIGEST_SIZE];

/* The envelope of a body, with what a test does not care about. */
static struct buf envelope_with(int64_t kind, const void *body, size_t n, struct list bodies)
{
	struct event_envelope e = {
		.version = EVENT_VERSION,
		.box = "box-1",
		.segment = 2,
		.sequence = 3,
		.kind = kind,
		.at_ms = 1795255200000, /* 2026-11-21T10:00:00Z */
		.previous = {zeros, sizeof(zeros)},
		.body = {body, n},
		.bodies = bodies,
	};
	struct buf out;

	buf_init(&out, 1 << 16);
	assert_int_equal(event_encode(&e, &out), ERR_OK);
	return out;
}

static struct buf envelope_of(int64_t kind, const void *body, size_t n)
{
	return envelope_with(kind, body, n, (struct list){0});
}

/*
 * Worked by hand (RFC 8949): a8 map of 8; 01 01; 02 65 box-1; 03 02; 04 03; 05 01; 06 1b and 8 bytes;
 * 07 5820 and 32 zeros; 08 45 and the body: a1 03 62 "ab", a map with the program alone.
 */
static void an_envelope_in_bytes(void **state)
{
	static const uint8_t head[] = {0xa8, 1, 1, 2, 0x65, 'b',  'o',	'x',  '-',  '1',  3,	2,    4,
				       3,    5, 1, 6, 0x1b, 0x00, 0x00, 0x01, 0xa1, 0xfd, 0x8c, 0x69, 0x00};
	static const uint8_t body[] = {0xa1, 3, 0x62, 'a', 'b'};
	static const uint8_t tail[] = {8, 0x45, 0xa1, 3, 0x62, 'a', 'b'};
	struct buf b = envelope_of(EVENT_START, body, sizeof(body));

	(void)state;
	assert_int_equal(buf_length(&b), 26 + 3 + 32 + 7);
	assert_memory_equal(buf_front(&b), head, sizeof(head));
	assert_memory_equal(buf_front(&b) + buf_length(&b) - sizeof(tail), tail, sizeof(tail));
	assert_int_equal(cbor_check(buf_front(&b), buf_length(&b)), ERR_OK);
	buf_free(&b);
}

/* Unrolled as it is, an envelope is what its table makes of it. */
static void an_envelope_is_as_its_table_says(void **state)
{
	static const int64_t few[] = {1, 23, 24, 255, 256, 65535, 65536, INT64_MAX};
	static const int64_t numbers[] = {0, 7, 300, 70000, INT64_MAX};
	static const uint8_t body[300] = {0xa0};
	struct buf made, table;
	struct cborw w;

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(few) * COUNT(numbers); i++) {
		const struct event_envelope e = {
			.version = 1,
			.box = i % 3 ? "b" : "a box whose name is longer than 23 bytes",
			.segment = few[i % COUNT(few)],
			.sequence = few[(i / 3) % COUNT(few)],
			.kind = EVENT_SALE + (int64_t)(i % 30),
			.at_ms = i % 2 ? few[i % COUNT(few)] : -few[i % COUNT(few)],
			.previous = {zeros, sizeof(zeros)},
			.body = {body, 1 + i % sizeof(body)},
			.bodies = {numbers, i % (COUNT(numbers) + 1)},
		};

		buf_init(&made, 1 << 10);
		buf_init(&table, 1 << 10);
		assert_int_equal(event_encode(&e, &made), ERR_OK);
		cborw_begin(&w, &table);
		record_to_cbor(&event_envelope_schema, &e, &w);
		assert_int_equal(cborw_end(&w), ERR_OK);
		assert_int_equal(buf_length(&made), buf_length(&table));
		assert_memory_equal(buf_front(&made), buf_front(&table), buf_length(&made));
		buf_free(&made);
		buf_free(&table);
	}
}

static struct buf encode_sale(struct sale_kit *k)
{
	struct buf out;

	buf_init(&out, 1 << 16);
	assert_int_equal(event_sale_encode(&k->sale, &k->arena, &out, NULL), ERR_OK);
	return out;
}

static void a_sale_comes_back_as_it_went(void **state)
{
	struct sale_kit k;
	struct event_sale s;
	const struct sale_line *lines;
	const struct sale_promotion *promotions;
	const struct sale_tender *tenders;
	struct why why = {0};
	struct buf b;

	(void)state;
	sale_kit_make(&k, "order-1", 3, 0);
	b = encode_sale(&k);
	if (event_sale_decode((struct bytes){buf_front(&b), buf_length(&b)}, &k.arena, &s, &why))
		fail_msg("%s", why.text);
	assert_string_equal(s.order, "order-1");
	assert_string_equal(s.store, "s12");
	assert_null(s.customer);
	assert_int_equal(s.opened_ms, 1795255200000);
	assert_int_equal(s.list.minor, 747);
	assert_int_equal(s.discount.minor, 25);
	assert_int_equal(s.change.minor, 5000 - 722);
	assert_int_equal(s.lines.count, 3);
	lines = s.lines.at;
	assert_string_equal(lines[2].sku, "10002");
	assert_int_equal(lines[2].quantity.micro, 1000000);
	assert_int_equal(lines[2].given.minor, AMOUNT_NONE);
	assert_int_equal(lines[2].list.minor, 249); /* put back: not written */
	assert_int_equal(lines[2].net.minor, 249);
	assert_int_equal(lines[0].list.minor, 249);
	assert_int_equal(lines[0].net.minor, 224);
	assert_int_equal(lines[0].discounts.count, 1);
	promotions = s.promotions.at;
	assert_int_equal(s.promotions.count, 1);
	assert_string_equal(promotions[0].id, "tenth");
	assert_int_equal(promotions[0].times, 1);
	tenders = s.tenders.at;
	assert_string_equal(tenders[0].method, "cash");
	assert_int_equal(tenders[0].amount.minor, 5000);
	assert_int_equal(s.result.length, DIGEST_SIZE);
	buf_free(&b);
	sale_kit_free(&k);
}

static char *json_of(const struct buf *event)
{
	static char text[8192];
	struct buf out;
	struct jsonw w;
	struct why why = {0};

	buf_init(&out, sizeof(text));
	jsonw_begin(&w, &out);
	if (event_to_json(buf_front(event), buf_length(event), &w, &why))
		fail_msg("%s", why.text);
	assert_int_equal(jsonw_end(&w), ERR_OK);
	memcpy(text, buf_front(&out), buf_length(&out));
	text[buf_length(&out)] = '\0';
	buf_free(&out);
	return text;
}

static void expect_words(const char *text, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strstr(text, words[i]))
			fail_msg("no %s in %s", words[i], text);
}

static void a_sale_as_json(void **state)
{
	static const char *const words[] = {
		"{\"box\":\"box-1\",\"segment\":2,\"sequence\":3,\"kind\":\"sale\"",
		"\"at\":\"2026-11-21T10:00:00Z\"",
		"\"previous\":\"0000000000000000000000000000000000000000000000000000000000000000\"",
		"\"sale\":{\"order\":\"order-1\",\"lane\":\"1\"",
		"\"unit_price\":\"2.49\"",
		"\"net\":\"2.24\"",
		"\"tenders\":[{\"method\":\"cash\",\"amount\":\"50.00\"}]",
		"\"total\":\"2.24\"",
		"\"change\":\"47.76\"",
	};
	struct sale_kit k;
	struct buf body, event;

	(void)state;
	sale_kit_make(&k, "order-1", 1, 0);
	body = encode_sale(&k);
	event = envelope_of(EVENT_SALE, buf_front(&body), buf_length(&body));
	expect_words(json_of(&event), words, COUNT(words));
	buf_free(&body);
	buf_free(&event);
	sale_kit_free(&k);
}

/* The record of a body stands under its type, money in its currency; one of a type of later as its bytes. */
static void a_body_as_json(void **state)
{
	static const char *const known[] = {"\"kind\":\"body\"",
					    "\"body\":{\"number\":5,\"item\":{\"sku\":\"10000\"",
					    "\"cost\":\"1.10\""};
	static const char *const later[] = {"\"body\":{\"number\":5,\"type\":200,\"cbor\":\"a"};
	struct sale_kit k;
	const struct body *item;

	(void)state;
	sale_kit_make(&k, "order-1", 1, 0);
	item = &k.ledger.bodies[3];
	for (int round = 0; round < 2; round++) {
		struct event_body b = {
			5, round ? 200 : (int64_t)item->type, {item->cbor, item->length}, "EUR"};
		struct buf body, event;
		struct cborw w;

		buf_init(&body, 4096);
		cborw_begin(&w, &body);
		record_to_cbor(&event_body_schema, &b, &w);
		assert_int_equal(cborw_end(&w), ERR_OK);
		event = envelope_of(EVENT_BODY, buf_front(&body), buf_length(&body));
		expect_words(json_of(&event), round ? later : known, round ? COUNT(later) : COUNT(known));
		buf_free(&body);
		buf_free(&event);
	}
	sale_kit_free(&k);
}

static void an_event_of_a_later_kind_as_json(void **state)
{
	static const char *const words[] = {"\"kind\":77", "\"body\":\"a0\""};
	static const uint8_t empty_map[] = {0xa0};
	struct buf event = envelope_of(77, empty_map, sizeof(empty_map));

	(void)state;
	assert_null(event_kind_name(77));
	expect_words(json_of(&event), words, COUNT(words));
	buf_free(&event);
}

static void damaged_events_are_refused(void **state)
{
	static const uint8_t body[] = {0xa1, 3, 0x62, 'a', 'b'};
	struct arena a = ARENA_EMPTY;
	struct event_envelope e;
	struct why why;
	struct buf b = envelope_of(EVENT_START, body, sizeof(body));
	uint8_t *form;

	(void)state;
	for (size_t n = 0; n < buf_length(&b); n++) /* cut anywhere */
		assert_int_equal(event_decode(buf_front(&b), n, &a, &e, &why), ERR_INVALID);
	assert_int_equal(event_decode(buf_front(&b), buf_length(&b), &a, &e, &why), ERR_OK);
	assert_true(buf_add(&b, "", 1)); /* something behind it */
	assert_int_equal(event_decode(buf_front(&b), buf_length(&b), &a, &e, &why), ERR_INVALID);
	form = buf_front(&b) + 2;
	*form = 2; /* a later one */
	assert_int_equal(event_decode(buf_front(&b), buf_length(&b) - 1, &a, &e, &why), ERR_NEWER);
	buf_free(&b);
	arena_free(&a);
}

/* Bytes that are no event have their own SHA-256. FIPS 180-4's example: SHA-256("abc") starts with ba7816bf
 * 8f01cfea. */
static void hash_and_check(void **state)
{
	struct digest d;

	(void)state;
	event_hash("abc", 3, &d);
	assert_int_equal(d.bytes[0], 0xba);
	assert_true((uint64_t)event_check(&d) == UINT64_C(0xba7816bf8f01cfea));
}

/*
 * SHA-256 over the envelope's bytes with the body's own SHA-256 in the body's place; worked with another
 * program's SHA-256. The second event refers to bodies 1 and 300, which stand behind the body: 09 82 01 19
 * 012c.
 */
/* Made in one go an event has the same bytes and the same hash, whatever stands before it in the buffer. */
static void made_again(const struct buf *event, const struct digest *of_body, const struct digest *hash)
{
	struct event_envelope e;
	struct arena arena = ARENA_EMPTY;
	struct digest made;
	struct buf out;

	buf_init(&out, 1 << 17);
	assert_true(buf_add(&out, "before", 6));
	assert_int_equal(event_decode(buf_front(event), buf_length(event), &arena, &e, NULL), ERR_OK);
	assert_int_equal(event_make(&e, of_body, &out, &made), ERR_OK);
	assert_int_equal(buf_length(&out), 6 + buf_length(event));
	assert_memory_equal(buf_front(&out) + 6, buf_front(event), buf_length(event));
	assert_memory_equal(made.bytes, hash->bytes, DIGEST_SIZE);
	buf_free(&out);
	arena_free(&arena);
}

static void the_hash_of_an_event(void **state)
{
	static const int64_t numbers[] = {1, 300};
	static const uint8_t body[] = {0xa1, 3, 0x62, 'a', 'b'};
	static const uint8_t tail[] = {9, 0x82, 1, 0x19, 1, 0x2c};
	static const struct {
		size_t bodies;
		uint64_t check;
	} rows[] = {
		{0, UINT64_C(0x5b690eef697d2cef)},
		{2, UINT64_C(0x7dfa68310831ce35)},
	};
	struct digest whole, by, of_body;

	(void)state;
	digest_of(body, sizeof(body), &of_body);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf b = envelope_with(EVENT_START, body, sizeof(body),
					     (struct list){numbers, rows[i].bodies});

		event_hash(buf_front(&b), buf_length(&b), &whole);
		event_hash_by(buf_front(&b), buf_length(&b), &of_body, &by);
		made_again(&b, i % 2 ? &of_body : NULL, &whole);
		assert_true((uint64_t)event_check(&whole) == rows[i].check);
		assert_memory_equal(whole.bytes, by.bytes, DIGEST_SIZE);
		if (rows[i].bodies)
			assert_memory_equal(buf_front(&b) + buf_length(&b) - sizeof(tail), tail,
					    sizeof(tail));
		buf_free(&b);
	}
}

/* Where the envelope's head takes two bytes, these are no event's bytes, found or not. */
static void the_hash_of_an_event_that_was_taken_apart(void **state)
{
	static const uint8_t body[] = {0xa1, 3, 0x62, 'a', 'b'};
	uint8_t many[4 + 4 + sizeof(body) + (size_t)2 * 22] = {0xb8, 24, 1, 1, 8, 0x45}, *at;
	struct buf b = envelope_with(EVENT_START, body, sizeof(body), (struct list){NULL, 0});
	const uint8_t *found = memmem(buf_front(&b), buf_length(&b), body, sizeof(body));
	struct digest whole, by, plain;

	(void)state;
	event_hash(buf_front(&b), buf_length(&b), &whole);
	event_hash_found(buf_front(&b), buf_length(&b), (struct bytes){found, sizeof(body)}, &by);
	assert_memory_equal(whole.bytes, by.bytes, DIGEST_SIZE);
	buf_free(&b);

	memcpy(many + 6, body, sizeof(body));
	at = many + 6 + sizeof(body);
	for (uint8_t key = 9; key < 24; key++) {
		*at++ = key;
		*at++ = 0;
	}
	event_hash(many, (size_t)(at - many), &whole);
	digest_of(many, (size_t)(at - many), &plain);
	event_hash_found(many, (size_t)(at - many), (struct bytes){many + 6, sizeof(body)}, &by);
	assert_memory_equal(whole.bytes, plain.bytes, DIGEST_SIZE);
	assert_memory_equal(whole.bytes, by.bytes, DIGEST_SIZE);
}

/* Each bit of an event counts, wherever it stands. */
static void a_changed_event_has_another_hash(void **state)
{
	static const int64_t numbers[] = {1, 300};
	static const uint8_t body[] = {0xa1, 3, 0x62, 'a', 'b'};
	struct buf event = envelope_with(EVENT_START, body, sizeof(body), (struct list){numbers, 2});
	uint8_t *bytes = buf_front(&event);
	struct digest was, is;

	(void)state;
	event_hash(bytes, buf_length(&event), &was);
	for (size_t bit = 0; bit < 8 * buf_length(&event); bit++) {
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		event_hash(bytes, buf_length(&event), &is);
		assert_memory_not_equal(is.bytes, was.bytes, DIGEST_SIZE);
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	buf_free(&event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_envelope_in_bytes),
		cmocka_unit_test(an_envelope_is_as_its_table_says),
		cmocka_unit_test(a_sale_comes_back_as_it_went),
		cmocka_unit_test(a_sale_as_json),
		cmocka_unit_test(a_body_as_json),
		cmocka_unit_test(an_event_of_a_later_kind_as_json),
		cmocka_unit_test(damaged_events_are_refused),
		cmocka_unit_test(hash_and_check),
		cmocka_unit_test(the_hash_of_an_event),
		cmocka_unit_test(the_hash_of_an_event_that_was_taken_apart),
		cmocka_unit_test(a_changed_event_has_another_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
