/*
 * Money: results worked by hand, edges of 64 bits, and for allocation a plain reference that hands out
 * one unit at a time.
 */
#include "unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "money.h"

#define MAX INT64_MAX

static struct money m(int64_t minor)
{
	return (struct money){minor};
}

static void sums(void **state)
{
	static const struct {
		int64_t a, b;
		enum err add, sub;
		int64_t sum, difference;
	} rows[] = {
		/* a, b, errors of a + b and a - b, results */
		{250, 199, ERR_OK, ERR_OK, 449, 51},
		{-5, 5, ERR_OK, ERR_OK, 0, -10},
		{MAX, 1, ERR_RANGE, ERR_OK, 0, MAX - 1},
		{-MAX, 1, ERR_OK, ERR_RANGE, -MAX + 1, 0}, /* -MAX - 1 would be AMOUNT_NONE */
		{-MAX, -MAX, ERR_RANGE, ERR_OK, 0, 0},
		{AMOUNT_NONE, 1, ERR_RANGE, ERR_RANGE, 0, 0},
		{1, AMOUNT_NONE, ERR_RANGE, ERR_RANGE, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct money out = m(77);

		assert_int_equal(money_add(m(rows[i].a), m(rows[i].b), &out), rows[i].add);
		assert_int_equal(out.minor, rows[i].add ? 77 : rows[i].sum);
		out = m(77);
		assert_int_equal(money_sub(m(rows[i].a), m(rows[i].b), &out), rows[i].sub);
		assert_int_equal(out.minor, rows[i].sub ? 77 : rows[i].difference);
	}
}

static void comparison(void **state)
{
	(void)state;
	assert_int_equal(money_cmp(m(1), m(2)), -1);
	assert_int_equal(money_cmp(m(2), m(1)), 1);
	assert_int_equal(money_cmp(m(-2), m(-2)), 0);
	assert_int_equal(money_cmp(m(-MAX), m(MAX)), -1);
}

/* a * b / c in each of the four roundings. */
static void muldiv_rounds_once(void **state)
{
	static const struct {
		int64_t a, b, c;
		int64_t away, even, down, up;
	} rows[] = {
		/*  a   b   c  away even down up */
		{1, 1, 2, 1, 0, 0, 1},
		{3, 1, 2, 2, 2, 1, 2},
		{5, 1, 2, 3, 2, 2, 3},
		{-1, 1, 2, -1, 0, 0, -1},
		{-5, 1, 2, -3, -2, -2, -3},
		{5, -1, 2, -3, -2, -2, -3},
		{5, 1, -2, -3, -2, -2, -3},
		{-5, 1, -2, 3, 2, 2, 3},
		{1, 1, 3, 0, 0, 0, 1},
		{2, 1, 3, 1, 1, 0, 1},
		{6, 1, 3, 2, 2, 2, 2},
		{0, 5, 3, 0, 0, 0, 0},
		{MAX, MAX, MAX, MAX, MAX, MAX, MAX},
		{MAX, 2, 4, 4611686018427387904, 4611686018427387904, 4611686018427387903,
		 4611686018427387904},
		{INT64_MIN, 1, 2, -4611686018427387904, -4611686018427387904, -4611686018427387904,
		 -4611686018427387904},
		{MAX, 1, INT64_MIN, -1, -1, 0, -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const int64_t expected[] = {
			[ROUND_HALF_AWAY] = rows[i].away,
			[ROUND_HALF_EVEN] = rows[i].even,
			[ROUND_DOWN] = rows[i].down,
			[ROUND_UP] = rows[i].up,
		};

		for (enum rounding r = ROUND_HALF_AWAY; r <= ROUND_UP; r++) {
			int64_t out;

			assert_int_equal(muldiv(rows[i].a, rows[i].b, rows[i].c, r, &out), ERR_OK);
			assert_int_equal(out, expected[r]);
		}
	}
}

static void muldiv_out_of_range(void **state)
{
	int64_t out = 77;

	(void)state;
	assert_int_equal(muldiv(MAX, 2, 1, ROUND_DOWN, &out), ERR_RANGE);
	assert_int_equal(muldiv(MAX, MAX, 1, ROUND_DOWN, &out), ERR_RANGE);
	assert_int_equal(muldiv(INT64_MIN, 1, 1, ROUND_DOWN, &out), ERR_RANGE); /* AMOUNT_NONE is no result */
	assert_int_equal(muldiv(INT64_MIN, -1, 1, ROUND_DOWN, &out), ERR_RANGE);
	/* (2^63-1) * 3 / 3 fits; half a unit more, (2^64-1) / 2, fits rounded down only. */
	assert_int_equal(muldiv(MAX, 3, 3, ROUND_UP, &out), ERR_OK);
	out = 77;
	assert_int_equal(muldiv(6148914691236517205, 3, 2, ROUND_HALF_AWAY, &out), ERR_RANGE);
	assert_int_equal(out, 77);
	assert_int_equal(muldiv(6148914691236517205, 3, 2, ROUND_DOWN, &out), ERR_OK);
	assert_true(out == MAX);
}

static void products(void **state)
{
	struct money out;

	(void)state;
	/* 3 x 2.50; 0.355 kg at 19.90 = 7.0645; 1.5 l at 0.99 = 1.485 */
	assert_int_equal(money_times_qty(m(250), (struct qty){3000000}, ROUND_HALF_AWAY, &out), ERR_OK);
	assert_int_equal(out.minor, 750);
	assert_int_equal(money_times_qty(m(1990), (struct qty){355000}, ROUND_HALF_AWAY, &out), ERR_OK);
	assert_int_equal(out.minor, 706);
	assert_int_equal(money_times_qty(m(99), (struct qty){1500000}, ROUND_HALF_AWAY, &out), ERR_OK);
	assert_int_equal(out.minor, 149);
	assert_int_equal(money_times_qty(m(99), (struct qty){1500000}, ROUND_HALF_EVEN, &out), ERR_OK);
	assert_int_equal(out.minor, 148);
	/* 25 % of 9.99 = 2.4975 */
	assert_int_equal(money_times_rate(m(999), (struct rate){250000}, ROUND_HALF_AWAY, &out), ERR_OK);
	assert_int_equal(out.minor, 250);
	assert_int_equal(money_times_rate(m(999), (struct rate){250000}, ROUND_DOWN, &out), ERR_OK);
	assert_int_equal(out.minor, 249);
	assert_int_equal(money_times_qty(MONEY_NONE, QTY_ONE, ROUND_DOWN, &out), ERR_RANGE);
	assert_int_equal(money_times_rate(m(1), (struct rate){AMOUNT_NONE}, ROUND_DOWN, &out), ERR_RANGE);
	assert_int_equal(money_times_qty(m(MAX), (struct qty){1000001}, ROUND_DOWN, &out), ERR_RANGE);
}

static void cash_rounding(void **state)
{
	static const struct {
		int64_t amount, step, away, up;
	} rows[] = {
		{1002, 5, 1000, 1005},	{1003, 5, 1005, 1005},	{-1003, 5, -1005, -1005},
		{1005, 10, 1010, 1010}, {1004, 10, 1000, 1010}, {7, 1, 7, 7},
		{0, 5, 0, 0},
	};
	struct money out;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(money_round_to(m(rows[i].amount), rows[i].step, ROUND_HALF_AWAY, &out),
				 ERR_OK);
		assert_int_equal(out.minor, rows[i].away);
		assert_int_equal(money_round_to(m(rows[i].amount), rows[i].step, ROUND_UP, &out), ERR_OK);
		assert_int_equal(out.minor, rows[i].up);
	}
	assert_int_equal(money_round_to(m(MAX), 10, ROUND_UP, &out), ERR_RANGE);
	assert_int_equal(money_round_to(MONEY_NONE, 10, ROUND_UP, &out), ERR_RANGE);
}

#define PARTS 4

static void allocations(void **state)
{
	static const struct {
		const char *what;
		int64_t total;
		size_t n;
		int64_t weight[PARTS], cap[PARTS];
		enum err err;
		int64_t out[PARTS];
	} rows[] = {
		{"even", 100, 2, {50, 50}, {50, 50}, ERR_OK, {50, 50}},
		{"tie goes to the lower index", 100, 3, {1, 1, 1}, {99, 99, 99}, ERR_OK, {34, 33, 33}},
		/* 10 over 3.33/3.33/3.34: shares 3.33, 3.33, 3.34: the third has the largest remainder */
		{"largest remainder", 10, 3, {333, 333, 334}, {333, 333, 334}, ERR_OK, {3, 3, 4}},
		/* shares 1.5, 2.5, 6: a tie, the lower index gets it */
		{"tie of halves", 10, 3, {3, 5, 12}, {99, 99, 99}, ERR_OK, {2, 2, 6}},
		{"hundred per cent", 999, 3, {333, 333, 333}, {333, 333, 333}, ERR_OK, {333, 333, 333}},
		/* shares 5, 5 by weight; the first takes only 2 */
		{"a cap sends on", 10, 2, {1, 1}, {2, 9}, ERR_OK, {2, 8}},
		/* shares 4,4,4: first takes 1, then 11 over two: 5.5 each, the third capped at 5 */
		{"caps in cascade", 12, 3, {1, 1, 1}, {1, 9, 5}, ERR_OK, {1, 6, 5}},
		{"exactly full", 12, 3, {9, 1, 1}, {2, 3, 7}, ERR_OK, {2, 3, 7}},
		{"over the caps", 13, 3, {9, 1, 1}, {2, 3, 7}, ERR_LIMIT, {0}},
		{"weight 0 gets nothing", 5, 3, {0, 1, 0}, {5, 5, 5}, ERR_OK, {0, 5, 0}},
		{"unless the others are full", 9, 3, {0, 1, 0}, {5, 5, 5}, ERR_OK, {2, 5, 2}},
		{"no weight at all", 5, 2, {0, 0}, {5, 5}, ERR_OK, {3, 2}},
		{"nothing to share", 0, 2, {1, 2}, {5, 5}, ERR_OK, {0, 0}},
		{"no parts", 0, 0, {0}, {0}, ERR_OK, {0}},
		{"no parts, some total", 1, 0, {0}, {0}, ERR_LIMIT, {0}},
		{"negative total", -1, 1, {1}, {1}, ERR_INVALID, {0}},
		{"negative weight", 1, 2, {1, -1}, {1, 1}, ERR_INVALID, {0}},
		{"negative cap", 1, 2, {1, 1}, {1, -1}, ERR_INVALID, {0}},
		{"weights overflow", 1, 2, {MAX, 1}, {1, 1}, ERR_RANGE, {0}},
		{"huge", MAX, 2, {MAX / 2, MAX / 2}, {MAX, MAX}, ERR_OK, {MAX / 2 + 1, MAX / 2}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct money weight[PARTS], cap[PARTS], out[PARTS];
		struct share_scratch scratch[PARTS];

		for (size_t k = 0; k < PARTS; k++) {
			weight[k] = m(rows[i].weight[k]);
			cap[k] = m(rows[i].cap[k]);
			out[k] = m(-7);
		}
		assert_int_equal(money_allocate(m(rows[i].total), weight, cap, rows[i].n, scratch, out),
				 rows[i].err);
		for (size_t k = 0; k < PARTS; k++)
			if (out[k].minor != (rows[i].err || k >= rows[i].n ? -7 : rows[i].out[k]))
				fail_msg("%s: part %zu is %lld", rows[i].what, k, (long long)out[k].minor);
	}
}

/* Each apart from the caps and in their place, as the engine has it. */
static void remainders(void **state)
{
	static const struct {
		const char *what;
		enum remainder how;
		int64_t total;
		size_t n;
		int64_t weight[PARTS], cap[PARTS], out[PARTS];
	} rows[] = {
		{"thirds, largest", REMAINDER_LARGEST, 1000, 3, {1, 1, 1}, {999, 999, 999}, {334, 333, 333}},
		{"thirds, last", REMAINDER_LAST, 1000, 3, {1, 1, 1}, {999, 999, 999}, {333, 333, 334}},
		{"thirds, carried", REMAINDER_CARRY, 1000, 3, {1, 1, 1}, {999, 999, 999}, {333, 333, 334}},
		/* 166 2/3 three times, and 500 */
		{"the last has no remainder of its own",
		 REMAINDER_LAST,
		 1000,
		 4,
		 {1, 1, 1, 3},
		 {999, 999, 999, 999},
		 {166, 166, 166, 502}},
		{"sums 166.67, 333.33, 500, 1000",
		 REMAINDER_CARRY,
		 1000,
		 4,
		 {1, 1, 1, 3},
		 {999, 999, 999, 999},
		 {166, 167, 167, 500}},
		/* 3 2/3 each: two are left, of which the last has room for one */
		{"what the last cannot take", REMAINDER_LAST, 11, 3, {1, 1, 1}, {9, 9, 4}, {3, 4, 4}},
		/* 3 1/3 is above the third's cap; 7 are left for two */
		{"a cap goes before", REMAINDER_LAST, 10, 3, {1, 1, 1}, {9, 9, 3}, {3, 4, 3}},
		{"carried over weights of 0", REMAINDER_CARRY, 5, 3, {0, 1, 0}, {5, 5, 5}, {0, 5, 0}},
	};

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(rows); i++) {
		size_t row = i / 2;
		struct money weight[PARTS], cap[PARTS], out[PARTS], *into = i % 2 ? cap : out;
		struct share_scratch scratch[PARTS];

		for (size_t k = 0; k < PARTS; k++) {
			weight[k] = m(rows[row].weight[k]);
			cap[k] = m(rows[row].cap[k]);
		}
		assert_int_equal(money_share(rows[row].how, m(rows[row].total), weight, cap, rows[row].n,
					     scratch, into),
				 ERR_OK);
		for (size_t k = 0; k < rows[row].n; k++)
			if (into[k].minor != rows[row].out[k])
				fail_msg("%s: part %zu is %lld", rows[row].what, k, (long long)into[k].minor);
	}
}

/* Full parts leave until none is above its cap, by trying again from the start: slow and plain. */
static void reference(int64_t total, const struct money *weight, const struct money *cap, size_t n,
		      int64_t *out)
{
	bool full[8] = {false};
	bool settled = false;

	while (!settled) {
		int64_t weights = 0, left = total;

		settled = true;
		for (size_t i = 0; i < n; i++) {
			left -= full[i] ? cap[i].minor : 0;
			weights += full[i] ? 0 : weight[i].minor;
		}
		for (size_t i = 0; i < n && settled; i++) {
			if (!full[i] && left * weight[i].minor > cap[i].minor * weights)
				full[i] = true, settled = false;
			else
				out[i] = full[i] ? cap[i].minor
						 : left * weight[i].minor / (weights ? weights : 1);
		}
		for (size_t given = 0; settled && given < n; given++) {
			int64_t sum = 0, best = 0;
			size_t at = n;

			for (size_t i = 0; i < n; i++) {
				int64_t rest =
					full[i] || !weights ? 0 : left * weight[i].minor - out[i] * weights;

				sum += out[i];
				if (rest > best)
					best = rest, at = i;
			}
			if (sum < total && at < n)
				out[at]++;
		}
	}
}

static void allocation_agrees_with_its_plain_reference(void **state)
{
	uint64_t s = seed_start("money_allocate");

	(void)state;
	for (int round = 0; round < 50000; round++) {
		struct money weight[8], cap[8], out[8], *into = round % 2 ? out : cap;
		struct share_scratch scratch[8];
		int64_t room = 0, sum = 0, expected[8];
		size_t n = 1 + seed_next(&s) % 8;
		/* Up to 2^28, so that the reference's products fit 64 bits. */
		uint64_t size = 1 + (seed_next(&s) >> (36 + seed_next(&s) % 28));
		struct money total;

		for (size_t i = 0; i < n; i++) {
			weight[i] = m(1 + (int64_t)(seed_next(&s) % size));
			cap[i] = m((int64_t)(seed_next(&s) % (size + size / 2 + 1)));
			room += cap[i].minor;
		}
		total = m((int64_t)(seed_next(&s) % ((uint64_t)room + 1)) >> 2 * (seed_next(&s) % 2));
		reference(total.minor, weight, cap, n, expected);
		assert_int_equal(money_allocate(total, weight, cap, n, scratch, into), ERR_OK);
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(into[i].minor, expected[i]);
			sum += into[i].minor;
		}
		assert_int_equal(sum, total.minor);
	}
}

static void decimals_read(void **state)
{
	static const struct {
		const char *text;
		unsigned exponent;
		enum err err;
		int64_t value;
	} rows[] = {
		{"-12.34", 2, ERR_OK, -1234},
		{"2.5", 2, ERR_OK, 250},
		{"2", 2, ERR_OK, 200},
		{"2.500", 2, ERR_OK, 250},
		{"2.501", 2, ERR_INVALID, 0},
		{"100", 0, ERR_OK, 100},
		{"100.0", 0, ERR_OK, 100},
		{"100.5", 0, ERR_INVALID, 0},
		{"-0", 2, ERR_OK, 0},
		{"007.10", 2, ERR_OK, 710},
		{"92233720368547758.07", 2, ERR_OK, MAX},
		{"-92233720368547758.07", 2, ERR_OK, -MAX},
		{"92233720368547758.08", 2, ERR_RANGE, 0},
		{"-9223372036854775808", 0, ERR_RANGE, 0}, /* AMOUNT_NONE */
		{"99999999999999999999999", 0, ERR_RANGE, 0},
		{"9223372036854775807", 1, ERR_RANGE, 0},
		{"", 2, ERR_INVALID, 0},
		{"-", 2, ERR_INVALID, 0},
		{".5", 2, ERR_INVALID, 0},
		{"5.", 2, ERR_INVALID, 0},
		{"+5", 2, ERR_INVALID, 0},
		{"--5", 2, ERR_INVALID, 0},
		{" 5", 2, ERR_INVALID, 0},
		{"5 ", 2, ERR_INVALID, 0},
		{"1,000", 2, ERR_INVALID, 0},
		{"1e3", 2, ERR_INVALID, 0},
		{"1.2.3", 2, ERR_INVALID, 0},
		{"0x10", 2, ERR_INVALID, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t value = 77;

		assert_int_equal(decimal_parse(rows[i].text, strlen(rows[i].text), rows[i].exponent, &value),
				 rows[i].err);
		assert_int_equal(value, rows[i].err ? 77 : rows[i].value);
	}
}

static void decimals_written(void **state)
{
	static const struct {
		int64_t value;
		unsigned exponent, min_decimals;
		const char *text;
	} rows[] = {
		{250, 2, 2, "2.50"},
		{-5, 2, 2, "-0.05"},
		{0, 2, 2, "0.00"},
		{1500000, 6, 0, "1.5"},
		{1000000, 6, 0, "1"},
		{1, 6, 0, "0.000001"},
		{100, 0, 0, "100"},
		{0, 6, 0, "0"},
		{250000, 4, 0, "25"},
		{125000, 4, 1, "12.5"},
		{1234, 3, 3, "1.234"},
		{MAX, 18, 18, "9.223372036854775807"},
		{INT64_MIN, 18, 0, "-9.223372036854775808"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char out[DECIMAL_TEXT_MAX];

		assert_int_equal(decimal_format(rows[i].value, rows[i].exponent, rows[i].min_decimals, out),
				 strlen(rows[i].text));
		assert_string_equal(out, rows[i].text);
	}
}

/* As printf would: around each number of digits, for amounts of each number of decimals, and cents of any
 * kind. */
static void decimals_of_all_lengths(void **state)
{
	char out[DECIMAL_TEXT_MAX], due[64];
	int64_t ten = 1;

	(void)state;
	for (unsigned exponent = 1; exponent <= 18; exponent++) {
		ten *= 10;
		for (int64_t power = 1;; power *= 10) {
			for (int64_t v = power - 2; v <= power + 2; v++) {
				int64_t magnitude = v < 0 ? -v : v;

				snprintf(due, sizeof(due), "%s%" PRId64 ".%0*" PRId64, v < 0 ? "-" : "",
					 magnitude / ten, (int)exponent, magnitude % ten);
				assert_int_equal(decimal_format(v, exponent, exponent, out), strlen(due));
				assert_string_equal(out, due);
			}
			if (power == INT64_C(1000000000000000000))
				break;
		}
	}
	for (int64_t v = 0; v < 1000100; v += v < 20000 ? 1 : 37) {
		snprintf(due, sizeof(due), "%" PRId64 ".%02" PRId64, v / 100, v % 100);
		assert_int_equal(decimal_format(v, 2, 2, out), strlen(due));
		assert_string_equal(out, due);
	}
}

static void currencies(void **state)
{
	static const struct {
		const char *code;
		enum err err;
		unsigned exponent;
	} rows[] = {
		{"EUR", ERR_OK, 2},	    {"JPY", ERR_OK, 0},	       {"KWD", ERR_OK, 3},
		{"INR", ERR_OK, 2},	    {"CLF", ERR_OK, 4},	       {"XPF", ERR_OK, 0},
		{"BIF", ERR_OK, 0},	    {"ZWG", ERR_OK, 2},	       {"AED", ERR_OK, 2},
		{"eur", ERR_NOT_FOUND, 9},  {"DEM", ERR_NOT_FOUND, 9}, {"EU", ERR_NOT_FOUND, 9},
		{"EURO", ERR_NOT_FOUND, 9}, {"", ERR_NOT_FOUND, 9},    {"D A", ERR_NOT_FOUND, 9},
		{"XAU", ERR_NOT_FOUND, 9},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned exponent = 9;

		assert_int_equal(currency_exponent(rows[i].code, &exponent), rows[i].err);
		assert_int_equal(exponent, rows[i].exponent);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums),
		cmocka_unit_test(comparison),
		cmocka_unit_test(muldiv_rounds_once),
		cmocka_unit_test(muldiv_out_of_range),
		cmocka_unit_test(products),
		cmocka_unit_test(cash_rounding),
		cmocka_unit_test(allocations),
		cmocka_unit_test(remainders),
		cmocka_unit_test(allocation_agrees_with_its_plain_reference),
		cmocka_unit_test(decimals_read),
		cmocka_unit_test(decimals_written),
		cmocka_unit_test(decimals_of_all_lengths),
		cmocka_unit_test(currencies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
