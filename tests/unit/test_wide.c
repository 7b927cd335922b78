/*
 * 128-bit arithmetic: products and quotients worked by hand, then the law n = q * d + r on random numbers.
 */
#include "unit.h"

#include "wide.h"

#define MAX UINT64_MAX
#define TOP (UINT64_C(1) << 63)

static void products(void **state)
{
	static const struct {
		uint64_t a, b, hi, lo;
	} rows[] = {
		{0, MAX, 0, 0},
		{1, MAX, 0, MAX},
		{2, TOP, 1, 0},
		{MAX, MAX, MAX - 1, 1},			      /* (2^64-1)^2 = 2^128 - 2^65 + 1 */
		{UINT64_C(1) << 32, UINT64_C(1) << 32, 1, 0}, /* 2^32 * 2^32 */
		{UINT64_C(0xFFFFFFFF), UINT64_C(0xFFFFFFFF), 0, UINT64_C(0xFFFFFFFE00000001)},
		{UINT64_C(0x1FFFFFFFF), UINT64_C(0x1FFFFFFFF), 3,
		 UINT64_C(0xFFFFFFFC00000001)}, /* (2^33-1)^2 */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct wide w = wide_mul(rows[i].a, rows[i].b);

		assert_true(w.hi == rows[i].hi && w.lo == rows[i].lo);
	}
}

static void comparison(void **state)
{
	(void)state;
	assert_int_equal(wide_cmp((struct wide){1, 0}, (struct wide){0, MAX}), 1);
	assert_int_equal(wide_cmp((struct wide){0, 1}, (struct wide){0, 2}), -1);
	assert_int_equal(wide_cmp((struct wide){7, 9}, (struct wide){7, 9}), 0);
}

static void quotients(void **state)
{
	static const struct {
		struct wide n;
		uint64_t d, quotient, remainder;
	} rows[] = {
		{{0, 100}, 7, 14, 2},
		{{1, 0}, 2, TOP, 0}, /* 2^64 / 2 */
		{{1, 0}, 3, UINT64_C(0x5555555555555555), 1},
		{{MAX - 1, MAX}, MAX, MAX, MAX - 1}, /* largest quotient: (2^64-1)^2 + 2^64-2 */
		{{TOP - 1, MAX}, TOP, MAX, TOP - 1},
		{{TOP, 0}, MAX, TOP, TOP}, /* 2^127 = 2^63 (2^64-1) + 2^63 */
		{{0, MAX}, 1, MAX, 0},
		{{0, 0}, MAX, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t remainder, quotient = wide_div(rows[i].n, rows[i].d, &remainder);

		assert_true(quotient == rows[i].quotient && remainder == rows[i].remainder);
	}
}

/* n is made from a known q, d, r of every size, with runs of ones and zeros that upset the guess. */
static void division_undoes_multiplication(void **state)
{
	uint64_t s = seed_start("wide");

	(void)state;
	for (int i = 0; i < 500000; i++) {
		uint64_t d = (seed_next(&s) >> (seed_next(&s) % 64)) | 1;
		uint64_t q = seed_next(&s) >> (seed_next(&s) % 64);
		uint64_t r, remainder;
		struct wide n;

		if (i & 1)
			d |= MAX << (seed_next(&s) % 64);
		if (i & 2)
			q |= MAX >> (seed_next(&s) % 64);
		r = i & 4 ? d - 1 : seed_next(&s) % d;
		n = wide_mul(q, d);
		n.hi += n.lo + r < r;
		n.lo += r;
		assert_true(wide_div(n, d, &remainder) == q);
		assert_true(remainder == r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(products),
		cmocka_unit_test(comparison),
		cmocka_unit_test(quotients),
		cmocka_unit_test(division_undoes_multiplication),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
