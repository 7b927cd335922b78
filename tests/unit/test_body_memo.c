/*
 * The memo of bodies says of every body what body_hash says, however often and in whatever order it is asked.
 */
#include "unit.h"

#include <string.h>

#include "body_memo.h"

#define LONGEST 2000
#define BODIES	20000 /* several for each of its places */

static void assert_same(struct body_memo *m, enum record_type t, const void *bytes, size_t n)
{
	uint8_t expected[BODY_HASH_SIZE], hash[BODY_HASH_SIZE];

	body_hash(t, bytes, n, expected);
	for (int i = 0; i < 2; i++) { /* when it is new, and when it is known */
		memset(hash, 0, sizeof(hash));
		body_memo_hash(m, t, bytes, n, hash);
		assert_memory_equal(hash, expected, BODY_HASH_SIZE);
	}
}

/* Every length, with the last byte changed in between, so that only comparing it tells the two apart. */
static void test_lengths(void **state)
{
	struct body_memo *m = body_memo_new();
	uint8_t bytes[LONGEST];

	(void)state;
	assert_non_null(m);
	memset(bytes, 0x5a, sizeof(bytes));
	for (size_t n = 0; n < LONGEST; n++) {
		assert_same(m, RECORD_ITEM, bytes, n);
		if (n == 0)
			continue;
		bytes[n - 1] ^= 1;
		assert_same(m, RECORD_ITEM, bytes, n);
		bytes[n - 1] ^= 1;
		assert_same(m, RECORD_ITEM, bytes, n);
	}
	body_memo_free(m);
}

static void test_types(void **state)
{
	struct body_memo *m = body_memo_new();

	(void)state;
	assert_non_null(m);
	for (int i = 0; i < 3; i++) {
		assert_same(m, RECORD_ITEM, "abc", 3);
		assert_same(m, RECORD_TAX, "abc", 3);
	}
	body_memo_free(m);
}

static void test_more_bodies_than_places(void **state)
{
	struct body_memo *m = body_memo_new();

	(void)state;
	assert_non_null(m);
	for (uint32_t i = 0; i < 2 * BODIES; i++) {
		uint32_t body = i % BODIES * 2654435761U;

		assert_same(m, RECORD_PROMOTION, &body, sizeof(body));
	}
	body_memo_free(m);
}

static void test_without_memory(void **state)
{
	(void)state;
	assert_same(NULL, RECORD_ITEM, "abc", 3);
	body_memo_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_more_bodies_than_places),
		cmocka_unit_test(test_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
