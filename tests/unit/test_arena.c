/*
 * The arena: alignment, zeroed memory, reuse after a reset. AddressSanitizer watches the bounds.
 */
#include "unit.h"

#include <stdalign.h>
#include <string.h>

#include "arena.h"

static void pieces_are_aligned_zeroed_and_apart(void **state)
{
	struct arena a = ARENA_EMPTY;
	unsigned char *last = NULL;

	(void)state;
	for (size_t round = 0; round < 2; round++) { /* the second round gets memory that was written to */
		for (size_t size = 1; size < 2000; size += 7) {
			unsigned char *p = arena_get(&a, size);

			assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
			for (size_t i = 0; i < size; i++)
				assert_int_equal(p[i], 0);
			memset(p, 0xAA, size);
			if (last)
				assert_int_equal(last[0], 0xAA);
			last = p;
		}
		arena_reset(&a);
		last = NULL;
		assert_int_equal(a.used, 0);
	}
	arena_free(&a);
}

static void one_large_piece(void **state)
{
	struct arena a = ARENA_EMPTY;
	char *p = arena_get(&a, 5 << 20);

	(void)state;
	assert_non_null(p);
	p[(5 << 20) - 1] = 'x';
	assert_true(a.used >= 5 << 20);
	arena_free(&a);
	assert_null(a.block);
}

static void a_reset_arena_serves_the_same_round_again_without_growing(void **state)
{
	struct arena a = ARENA_EMPTY;
	const void *block;

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_non_null(arena_get(&a, 1000));
	arena_reset(&a);
	block = a.block;
	assert_non_null(block);
	assert_non_null(arena_get(&a, 30000));
	assert_ptr_equal(a.block, block);
	arena_free(&a);
}

static void text_is_copied_with_its_end(void **state)
{
	struct arena a = ARENA_EMPTY;
	char source[] = "milk 1 l";
	const char *copy = arena_text(&a, source, 4);

	(void)state;
	memset(source, 's', sizeof(source));
	assert_string_equal(copy, "milk");
	assert_string_equal(arena_text(&a, NULL, 0), "");
	arena_free(&a);
}

static void impossible_sizes_are_refused(void **state)
{
	struct arena a = ARENA_EMPTY;

	(void)state;
	assert_null(arena_get(&a, SIZE_MAX));
	assert_null(arena_get(&a, SIZE_MAX - 64));
	assert_null(arena_text(&a, "x", SIZE_MAX));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_aligned_zeroed_and_apart),
		cmocka_unit_test(one_large_piece),
		cmocka_unit_test(a_reset_arena_serves_the_same_round_again_without_growing),
		cmocka_unit_test(text_is_copied_with_its_end),
		cmocka_unit_test(impossible_sizes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
