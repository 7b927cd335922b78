/*
 * The engine's sorts, against the C library's: lengths around their stretches and beyond, with many equal
 * ones, in order, in reverse and at random. Indices keep the order of equal ones.
 */
#include "engine_work.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#define MOST 200

static const uint32_t lengths[] = {0,  1,  2,  7,  8,  9,  15, 16, 17,	23, 24,
				   25, 31, 47, 48, 49, 72, 96, 97, 145, 200};

/* What stands at a place: in order, in reverse, by chance, and of three values. */
static uint64_t value_at(unsigned how, uint32_t i)
{
	uint64_t mixed = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

	return how == 0 ? i : how == 1 ? MOST - i : how == 2 ? mixed >> 40 : mixed >> 62;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void test_numbers(void **state)
{
	(void)state;
	for (size_t k = 0; k < COUNT(lengths); k++) {
		for (unsigned how = 0; how < 4; how++) {
			uint32_t n = lengths[k];
			uint64_t at[2 * MOST + 1], want[MOST + 1];

			memset(at, 0xa5, sizeof(at));
			memset(want, 0, sizeof(want));
			for (uint32_t i = 0; i < n; i++)
				at[i] = want[i] = value_at(how, i);
			qsort(want, n, sizeof(*want), compare);
			sort_numbers(at, n);
			assert_memory_equal(at, want, n * sizeof(*want));
		}
	}
}

static bool less(const void *of, uint32_t a, uint32_t b)
{
	const uint64_t *values = of;

	return values[a] < values[b];
}

static void test_indices(void **state)
{
	(void)state;
	for (size_t k = 0; k < COUNT(lengths); k++) {
		for (unsigned how = 0; how < 4; how++) {
			uint32_t n = lengths[k], at[MOST + 1], spare[MOST + 1];
			uint64_t values[MOST + 1];

			for (uint32_t i = 0; i < n; i++) {
				values[i] = value_at(how, i);
				at[i] = i;
			}
			sort_indices(at, spare, n, less, values);
			for (uint32_t i = 1; i < n; i++)
				assert_true(values[at[i - 1]] < values[at[i]] ||
					    (values[at[i - 1]] == values[at[i]] && at[i - 1] < at[i]));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_indices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
