/*
 * Extracts: evaluating a cart against the extract of its evaluation gives the same bytes, and so does opening
 * the extract from its bodies alone. The shop is that of small_book.h.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "cart_json.h"
#include "digest.h"
#include "extract.h"
#include "small_book.h"

#define NOON 1792576800 /* 2026-10-21T10:00:00Z */

/* A cart evaluated against a catalog: the result as CBOR. */
struct evaluated {
	void *room;
	struct engine_result result;
	struct buf cbor;
};

static void evaluate(const struct catalog *c, const struct engine_cart *cart, struct evaluated *out)
{
	size_t size = engine_room_size(c, cart->count);
	uint32_t bad_line;

	out->room = malloc(size);
	assert_non_null(out->room);
	assert_int_equal(engine_evaluate(c, cart, out->room, size, &out->result, &bad_line), ERR_OK);
	buf_init(&out->cbor, 1 << 20);
	assert_int_equal(evaluation_to_cbor(c, &out->result, &out->cbor), ERR_OK);
	assert_int_equal(cbor_check(buf_front(&out->cbor), buf_length(&out->cbor)), ERR_OK);
}

static void evaluated_free(struct evaluated *e)
{
	free(e->room);
	buf_free(&e->cbor);
}

static void resolve(const struct snapshot *s, const char *json, struct arena *a, struct engine_cart *out)
{
	const struct record_context context = {.exponent = 2};
	struct cart_record record;
	struct why why;
	json_t *object = json_loads(json, 0, NULL);

	assert_non_null(object);
	assert_int_equal(record_from_json(&cart_schema, object, NULL, &context, a, &record, &why), ERR_OK);
	json_decref(object);
	if (cart_resolve(s, &record, NOON, a, out, &why))
		fail_msg("%s: %s", json, why.text);
}

/* Carts, and what is special about their extracts. */
static const struct {
	const char *what, *json;
} carts[] = {
	{"a weighed article",
	 "{\"lines\":[{\"sku\":\"MILK\",\"quantity\":3},{\"sku\":\"BRIE\",\"quantity\":\"0.5\"}]}"},
	{"promotions on articles and categories not in it", "{\"lines\":[{\"sku\":\"PEN\"}]}"},
	{"another list wins", "{\"customer\":\"17\",\"lines\":[{\"sku\":\"MILK\",\"quantity\":9}]}"},
	{"an article twice",
	 "{\"channel\":\"app\",\"lines\":[{\"sku\":\"MILK\"},{\"sku\":\"MILK\"},{\"sku\":\"PEN\"}]}"},
	{"a coupon", "{\"coupons\":[\"SAVE\"],\"lines\":[{\"sku\":\"PEN\",\"quantity\":4}]}"},
	{"a coupon that touches nothing", "{\"coupons\":[\"SAVE\"],\"lines\":[{\"sku\":\"MILK\"}]}"},
	{"no price row, no tax", "{\"lines\":[{\"sku\":\"INK\",\"price\":\"3.00\"}]}"},
	{"names nobody speaks of", "{\"store\":\"9\",\"channel\":\"moon\",\"lines\":[{\"sku\":\"MILK\"}]}"},
	{"nothing", "{\"lines\":[]}"},
};

static void check_same(const struct snapshot *s, const char *json, bool every_reason)
{
	const struct catalog *c = snapshot_catalog(s);
	struct arena arena = ARENA_EMPTY;
	struct evaluated first, again;
	struct engine_cart cart, moved;
	struct extract extract;
	struct snapshot *opened;
	struct why why;

	resolve(s, json, &arena, &cart);
	cart.context.every_reason = every_reason;
	evaluate(c, &cart, &first);
	assert_int_equal(extract_take(c, &cart, &first.result, NULL, &arena, &extract), ERR_OK);
	if (extract_open(&extract, &opened, &why))
		fail_msg("%s: %s", json, why.text);
	assert_int_equal(extract_cart(c, &cart, snapshot_catalog(opened), &arena, &moved), ERR_OK);
	evaluate(snapshot_catalog(opened), &moved, &again);
	assert_int_equal(buf_length(&again.cbor), buf_length(&first.cbor));
	assert_memory_equal(buf_front(&again.cbor), buf_front(&first.cbor), buf_length(&first.cbor));
	evaluated_free(&first);
	evaluated_free(&again);
	snapshot_unref(opened);
	arena_free(&arena);
}

static void test_same_bytes(void **state)
{
	struct snapshot *s = small_snapshot();

	(void)state;
	for (size_t i = 0; i < COUNT(carts); i++) {
		print_message("%s\n", carts[i].what);
		check_same(s, carts[i].json, false);
		check_same(s, carts[i].json, true);
	}
	snapshot_unref(s);
}

/* An extract of an extract is the same extract: nothing is lost or added on the way. */
static void test_extract_of_extract(void **state)
{
	struct snapshot *s = small_snapshot(), *opened;
	struct arena arena = ARENA_EMPTY;
	struct evaluated first, again;
	struct engine_cart cart, moved;
	struct extract one, two;
	struct why why;

	(void)state;
	resolve(s, carts[0].json, &arena, &cart);
	evaluate(snapshot_catalog(s), &cart, &first);
	assert_int_equal(extract_take(snapshot_catalog(s), &cart, &first.result, NULL, &arena, &one), ERR_OK);
	assert_int_equal(extract_open(&one, &opened, &why), ERR_OK);
	assert_int_equal(extract_cart(snapshot_catalog(s), &cart, snapshot_catalog(opened), &arena, &moved),
			 ERR_OK);
	evaluate(snapshot_catalog(opened), &moved, &again);
	assert_int_equal(extract_take(snapshot_catalog(opened), &moved, &again.result, NULL, &arena, &two),
			 ERR_OK);
	assert_int_equal(two.count, one.count);
	for (size_t i = 0; i < one.count; i++) {
		assert_int_equal(two.bodies[i].type, one.bodies[i].type);
		assert_memory_equal(two.bodies[i].hash, one.bodies[i].hash, BODY_HASH_SIZE);
	}
	evaluated_free(&first);
	evaluated_free(&again);
	snapshot_unref(opened);
	snapshot_unref(s);
	arena_free(&arena);
}

/*
 * What the first cart's extract holds, in order: the book, the tax, the categories up from cheese, the three
 * lists (by id, as milk is in all), brie and milk, their rows by list and SKU, and the promotions that touch
 * them.
 */
static const struct {
	enum record_type type;
	const char *key;
} held[] = {
	{RECORD_BOOK, "book"},
	{RECORD_TAX, "vat"},
	{RECORD_CATEGORY, "cheese"},
	{RECORD_CATEGORY, "dairy"},
	{RECORD_CATEGORY, "food"},
	{RECORD_PRICE_LIST, "app"},
	{RECORD_PRICE_LIST, "base"},
	{RECORD_PRICE_LIST, "members"},
	{RECORD_ITEM, "BRIE"},
	{RECORD_ITEM, "MILK"},
	{RECORD_PRICE, "app\x1fMILK"},
	{RECORD_PRICE, "base\x1f"
		       "BRIE"},
	{RECORD_PRICE, "base\x1fMILK"},
	{RECORD_PRICE, "members\x1fMILK"},
	{RECORD_PROMOTION, "dairy-10"},
	{RECORD_PROMOTION, "members-50"},
	{RECORD_PROMOTION, "milk-2-for-1"},
};

static void test_bodies(void **state)
{
	struct snapshot *s = small_snapshot();
	struct arena arena = ARENA_EMPTY;
	struct evaluated first;
	struct engine_cart cart;
	struct extract extract;
	struct why why;

	(void)state;
	resolve(s, carts[0].json, &arena, &cart);
	evaluate(snapshot_catalog(s), &cart, &first);
	assert_int_equal(extract_take(snapshot_catalog(s), &cart, &first.result, NULL, &arena, &extract),
			 ERR_OK);
	assert_int_equal(extract.count, COUNT(held));
	for (size_t i = 0; i < COUNT(held); i++) {
		const struct body *body = &extract.bodies[i];
		struct record record;
		assert_int_equal(body->type, held[i].type);
		assert_int_equal(record_decode(body->type, body->cbor, body->length, &arena, &record, &why),
				 ERR_OK);
		assert_string_equal(record_key(&record, &arena), held[i].key);
	}
	evaluated_free(&first);
	snapshot_unref(s);
	arena_free(&arena);
}

/* The first 16 bytes of SHA-256(type, SHA-256(bytes)), so the same bytes of another type have another name.
 */
static void test_body_hash(void **state)
{
	uint8_t tax[BODY_HASH_SIZE], item[BODY_HASH_SIZE], typed[1 + DIGEST_SIZE] = {RECORD_TAX};
	struct digest inner, outer;

	(void)state;
	body_hash(RECORD_TAX, "abc", 3, tax);
	body_hash(RECORD_ITEM, "abc", 3, item);
	digest_of("abc", 3, &inner);
	memcpy(typed + 1, inner.bytes, DIGEST_SIZE);
	digest_of(typed, sizeof(typed), &outer);
	assert_memory_equal(tax, outer.bytes, BODY_HASH_SIZE);
	assert_memory_not_equal(tax, item, BODY_HASH_SIZE);
}

/* Stored bytes that are not what was written are an error, never a catalog. */
static void test_broken_bodies(void **state)
{
	static const uint8_t junk[] = {0xa1, 0x01};
	const struct body bodies[] = {{.type = RECORD_BOOK, .cbor = junk, .length = sizeof(junk)}};
	const struct extract broken = {.bodies = bodies, .count = 1}, empty = {0};
	struct snapshot *s;
	struct why why;

	(void)state;
	assert_int_not_equal(extract_open(&broken, &s, &why), ERR_OK);
	assert_int_equal(strncmp(why.text, "body 0: ", 8), 0);
	assert_int_equal(extract_open(&empty, &s, &why), ERR_STATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_bytes),    cmocka_unit_test(test_extract_of_extract),
		cmocka_unit_test(test_bodies),	      cmocka_unit_test(test_body_hash),
		cmocka_unit_test(test_broken_bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
