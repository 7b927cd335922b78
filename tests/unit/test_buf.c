/*
 * The byte queue against a plain array, and its bound.
 */
#include "unit.h"

#include <string.h>

#include "buf.h"

static void what_goes_in_comes_out(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_int_equal(buf_length(&b), 0);
	assert_null(buf_front(&b));
	assert_true(buf_add(&b, "milk", 4));
	assert_true(buf_add(&b, "", 0));
	assert_true(buf_add(&b, "bread", 5));
	assert_int_equal(buf_length(&b), 9);
	assert_memory_equal(buf_front(&b), "milkbread", 9);
	buf_take(&b, 4);
	assert_memory_equal(buf_front(&b), "bread", 5);
	buf_cut(&b, 2);
	assert_int_equal(buf_length(&b), 2);
	assert_memory_equal(buf_front(&b), "br", 2);
	buf_free(&b);
	assert_int_equal(b.max, 1000);
}

static void the_bound_holds_and_nothing_is_added_by_halves(void **state)
{
	char bytes[1000] = {0};
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_true(buf_add(&b, bytes, 999));
	assert_false(buf_add(&b, bytes, 2));
	assert_int_equal(buf_length(&b), 999);
	assert_true(buf_add(&b, bytes, 1));
	assert_null(buf_room(&b, 1));
	assert_null(buf_room(&b, SIZE_MAX));
	buf_take(&b, 300);
	assert_non_null(buf_room(&b, 300)); /* what was taken is room again */
	assert_true(b.size <= 1000);
	buf_free(&b);
}

static void room_is_written_in_place(void **state)
{
	struct buf b;
	uint8_t *room;

	(void)state;
	buf_init(&b, 100000);
	room = buf_room(&b, 5000);
	assert_non_null(room);
	memset(room, 7, 5000);
	buf_grow(&b, 4999);
	assert_int_equal(buf_length(&b), 4999);
	buf_take(&b, 4999);
	assert_int_equal(b.start, 0); /* empty: starts again at the front */
	buf_free(&b);
}

#define BOUND 3000

static void any_mix_agrees_with_a_plain_array(void **state)
{
	uint64_t s = seed_start("buf");
	uint8_t model[BOUND];
	size_t length = 0;
	struct buf b;

	(void)state;
	buf_init(&b, BOUND);
	for (int i = 0; i < 20000; i++) {
		size_t n = seed_next(&s) % 700, taken = seed_next(&s) % (length + 1);
		uint8_t piece[700];

		memset(piece, (int)(seed_next(&s) & 0xFF), sizeof(piece));
		assert_int_equal(buf_add(&b, piece, n), length + n <= BOUND);
		if (length + n <= BOUND) {
			memcpy(model + length, piece, n);
			length += n;
		}
		if (i % 3) {
			taken = taken < length ? taken : length;
			buf_take(&b, taken);
			length -= taken;
			memmove(model, model + taken, length);
		}
		assert_int_equal(buf_length(&b), length);
		if (length)
			assert_memory_equal(buf_front(&b), model, length);
	}
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(the_bound_holds_and_nothing_is_added_by_halves),
		cmocka_unit_test(room_is_written_in_place),
		cmocka_unit_test(any_mix_agrees_with_a_plain_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
