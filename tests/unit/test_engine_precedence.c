/*
 * Which promotion goes first and what that does to the others; and that nothing depends on the order and
 * the portions in which things were scanned. docs/engine.md, "Precedence" and "Goods".
 */
#include "mini_catalog.h"

#include <stdio.h>
#include <string.h>

enum { TEN, TWENTY, HUNDRED, THREE, SEVEN };

static struct mini *shop(void)
{
	struct mini *m = mini_new();

	mini_item(m, "TEN", 1000);
	mini_item(m, "TWENTY", 2000);
	mini_item(m, "HUNDRED", 10000);
	mini_item(m, "THREE", 333);
	mini_item(m, "SEVEN", 777);
	return m;
}

#define ITEM(id) ONLY(TERM(ITEM, id))
#define ALONE	 .stackable = false

static const struct row {
	const char *what;
	enum threshold threshold;
	struct promotion promotions[4];
	struct engine_line lines[3];
	const char *nets, *verdicts;
} rows[] = {
	{"100 - 20 that does not stack, then 10 % that does: 72",
	 THRESHOLD_ORIGINAL,
	 {PROMOTION("a", GIVES(PERCENT_OFF(10, ALL))), PROMOTION("b", GIVES(AMOUNT_OFF(2000, ALL)), ALONE)},
	 {PIECES(HUNDRED, 1)},
	 "7200",
	 "b=2000x1 a=800x1"},
	{"of those that do not stack the lower priority wins",
	 THRESHOLD_ORIGINAL,
	 {PROMOTION("a", GIVES(AMOUNT_OFF(1, ALL)), ALONE, .priority = 2),
	  PROMOTION("b", GIVES(AMOUNT_OFF(2, ALL)), ALONE, .priority = 1)},
	 {PIECES(TEN, 1)},
	 "998",
	 "b=2x1 a=outranked<b"},
	{"negative priorities are lower still",
	 THRESHOLD_ORIGINAL,
	 {PROMOTION("a", GIVES(AMOUNT_OFF(1, ALL)), ALONE, .priority = 0),
	  PROMOTION("b", GIVES(AMOUNT_OFF(2, ALL)), ALONE, .priority = -1)},
	 {PIECES(TEN, 1)},
	 "998",
	 "b=2x1 a=outranked<b"},
	{"at equal priority the id, not the amount",
	 THRESHOLD_ORIGINAL,
	 {PROMOTION("a", GIVES(AMOUNT_OFF(1, ALL)), ALONE), PROMOTION("b", GIVES(AMOUNT_OFF(2, ALL)), ALONE)},
	 {PIECES(TEN, 1)},
	 "999",
	 "a=1x1 b=outranked<a"},
	{"one that gives nothing wins nothing",
	 THRESHOLD_ORIGINAL,
	 {PROMOTION("a", GIVES(UNITS_OFF(1, 1, 100, ALL)), ALONE),
	  PROMOTION("b", GIVES(AMOUNT_OFF(2, ALL)), ALONE)},
	 {PIECES(TEN, 1)},
	 "998",
	 "b=2x1 a=worth_zero"},
	{"outranked although on other goods: one a cart",
	 THRESHOLD_ORIGINAL,
	 {PROMOTION("a", GIVES(AMOUNT_OFF(1, ITEM(TEN))), ALONE),
	  PROMOTION("b", GIVES(AMOUNT_OFF(2, ITEM(TWENTY))), ALONE)},
	 {PIECES(TEN, 1), PIECES(TWENTY, 1)},
	 "999 2000",
	 "a=1x1 b=outranked<a"},
	{"a need comes before rank among the reasons",
	 THRESHOLD_ORIGINAL,
	 {PROMOTION("a", GIVES(AMOUNT_OFF(1, ALL)), ALONE),
	  PROMOTION("b", NEEDS({.of = ALL, .least = 3}), GIVES(AMOUNT_OFF(2, ALL)), ALONE)},
	 {PIECES(TEN, 1)},
	 "999",
	 "a=1x1 b=needs_quantity-2@0"},
	{"those that stack: units, percent, amount, whatever their priority",
	 THRESHOLD_ORIGINAL,
	 {PROMOTION("a", GIVES(AMOUNT_OFF(100, ALL)), .priority = 1),
	  PROMOTION("b", GIVES(PERCENT_OFF(10, ALL)), .priority = 2),
	  PROMOTION("c", GIVES(UNITS_OFF(1, 1, 50, ALL)), .priority = 3)},
	 {PIECES(TEN, 2)},
	 "1250",
	 "c=500x1 b=150x1 a=100x1"}, /* 20 - 5 = 15, - 1.50, - 1 */
	{"the first give says which round",
	 THRESHOLD_ORIGINAL,
	 {PROMOTION("a", GIVES(AMOUNT_OFF(100, ALL), PERCENT_OFF(10, ALL))),
	  PROMOTION("b", GIVES(PERCENT_OFF(50, ALL)))},
	 {PIECES(TEN, 1)},
	 "360",
	 "b=500x1 a=140x1"}, /* 10 / 2 = 5, - 1 = 4, - 0.40 */
	{"within a round priority, then id",
	 THRESHOLD_ORIGINAL,
	 {PROMOTION("a", GIVES(PERCENT_OFF(10, ALL)), .priority = 7),
	  PROMOTION("b", GIVES(PERCENT_OFF(20, ALL)), .priority = 7),
	  PROMOTION("c", GIVES(PERCENT_OFF(50, ALL)), .priority = 6)},
	 {PIECES(TEN, 1)},
	 "360",
	 "c=500x1 a=50x1 b=90x1"},
	{"one declared on the list price: 100 less 40 % is 60, 30 % of the list more off is 30",
	 THRESHOLD_ORIGINAL,
	 {PROMOTION("a", GIVES(PERCENT_OFF(40, ALL))),
	  PROMOTION("b", GIVES(PERCENT_OFF(30, ALL)), .base = BASE_LIST)},
	 {PIECES(HUNDRED, 1)},
	 "3000",
	 "a=4000x1 b=3000x1"},
	{"70 % and 40 % on running amounts: 100, 60, 18",
	 THRESHOLD_ORIGINAL,
	 {PROMOTION("a", GIVES(PERCENT_OFF(40, ALL))), PROMOTION("b", GIVES(PERCENT_OFF(70, ALL)))},
	 {PIECES(HUNDRED, 1)},
	 "1800",
	 "a=4000x1 b=4200x1"},
	{"nothing is left to give",
	 THRESHOLD_ORIGINAL,
	 {PROMOTION("a", GIVES(PERCENT_OFF(100, ALL))), PROMOTION("b", GIVES(PERCENT_OFF(10, ALL))),
	  PROMOTION("c", GIVES(AMOUNT_OFF(10, ALL)))},
	 {PIECES(TEN, 1)},
	 "0",
	 "a=1000x1 b=worth_zero c=worth_zero"},
	{"pieces are worth what is left of them: 15.00 off 20.00 makes it the cheaper",
	 THRESHOLD_ORIGINAL,
	 {PROMOTION("a", GIVES(AMOUNT_OFF(1500, ITEM(TWENTY))), ALONE),
	  PROMOTION("b", GIVES(UNITS_OFF(1, 1, 100, ALL)))},
	 {PIECES(TEN, 1), PIECES(TWENTY, 1)},
	 "1000 0",
	 "a=1500x1 b=500x1"},
	{"odd cents of a good go to its first pieces: 20.00 over three is 6.67, 6.67, 6.66",
	 THRESHOLD_ORIGINAL,
	 {PROMOTION("a", GIVES(AMOUNT_OFF(1000, ITEM(TEN))), ALONE),
	  PROMOTION("b", GIVES(UNITS_OFF(2, 1, 100, ALL)))},
	 {PIECES(TEN, 3)},
	 "1334",
	 "a=1000x1 b=666x1"},
	{"and a dearer one can be the free one: the second of 6.67, 6.67, 6.66",
	 THRESHOLD_ORIGINAL,
	 {PROMOTION("a", GIVES(AMOUNT_OFF(1000, ITEM(TEN))), ALONE),
	  PROMOTION("b", GIVES(UNITS_OFF(1, 1, 100, ALL)))},
	 {PIECES(TEN, 3)},
	 "1333",
	 "a=1000x1 b=667x1"},
	{"threshold on the list price, by default",
	 THRESHOLD_ORIGINAL,
	 {PROMOTION("a", GIVES(PERCENT_OFF(10, ALL))),
	  PROMOTION("b", NEEDS({.of = ALL, .kind = NEED_AMOUNT, .least = 10000}),
		    GIVES(AMOUNT_OFF(500, ALL)))},
	 {PIECES(HUNDRED, 1)},
	 "8500",
	 "a=1000x1 b=500x1"},
	{"threshold on what is left of it",
	 THRESHOLD_RUNNING,
	 {PROMOTION("a", GIVES(PERCENT_OFF(10, ALL))),
	  PROMOTION("b", NEEDS({.of = ALL, .kind = NEED_AMOUNT, .least = 10000}),
		    GIVES(AMOUNT_OFF(500, ALL)))},
	 {PIECES(HUNDRED, 1)},
	 "9000",
	 "a=1000x1 b=needs_amount-1000@0"},
	{"needs are judged at its turn: before the discount it is reached",
	 THRESHOLD_RUNNING,
	 {PROMOTION("a", GIVES(PERCENT_OFF(10, ALL))),
	  PROMOTION("b", NEEDS({.of = ALL, .kind = NEED_AMOUNT, .least = 10000}), GIVES(AMOUNT_OFF(500, ALL)),
		    ALONE)},
	 {PIECES(HUNDRED, 1)},
	 "8550",
	 "b=500x1 a=950x1"},
};

static void order_of_promotions(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mini *m = shop();
		struct engine_cart cart = {
			rows[i].lines, lines_count(rows[i].lines, COUNT(rows[i].lines)), {0}};
		struct engine_result r;
		char text[TEXT_MAX];
		uint32_t bad_line;

		m->catalog.settings.threshold = rows[i].threshold;
		for (size_t k = 0; k < COUNT(rows[i].promotions) && rows[i].promotions[k].id; k++)
			mini_promotion(m, &rows[i].promotions[k]);
		mini_finish(m);
		print_message("%s\n", rows[i].what);
		assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
		assert_adds_up(&m->catalog, &cart, &r);
		assert_string_equal(nets_text(&r, text), rows[i].nets);
		assert_string_equal(verdicts_text(&m->catalog, &r, text), rows[i].verdicts);
		mini_free(m);
	}
}

/* Discounts of a line stand in the order of application: c, b, a of the row above. */
static void discounts_by_line(void **state)
{
	const struct promotion promotions[] = {
		PROMOTION("a", GIVES(AMOUNT_OFF(100, ALL))),
		PROMOTION("b", GIVES(PERCENT_OFF(10, ITEM(TEN)))),
		PROMOTION("c", GIVES(UNITS_OFF(1, 1, 50, ALL))),
	};
	/* 20 10 10: groups (20, 10): half of a 10 is 5.00, 2.50 a line of the good. b: 10 % of 15.00 is 1.50.
	   a: 1.00 over 13.50 and 20.00: 40.3 and 59.7 ct, so 40 and 60. */
	static const struct discount expected[] = {
		{0, 2, {250}}, {0, 1, {75}}, {0, 0, {20}}, {1, 0, {60}},
		{2, 2, {250}}, {2, 1, {75}}, {2, 0, {20}},
	};
	static const struct engine_line lines[] = {PIECES(TEN, 1), PIECES(TWENTY, 1), PIECES(TEN, 1)};
	struct engine_cart cart = {lines, COUNT(lines), {0}};
	struct mini *m = shop();
	struct engine_result r;
	uint32_t bad_line;

	(void)state;
	for (size_t i = 0; i < COUNT(promotions); i++)
		mini_promotion(m, &promotions[i]);
	mini_finish(m);
	assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
	assert_int_equal(r.discount_count, COUNT(expected));
	for (size_t i = 0; i < COUNT(expected); i++) {
		assert_int_equal(r.discounts[i].line, expected[i].line);
		assert_int_equal(r.discounts[i].promotion, expected[i].promotion);
		assert_int_equal(r.discounts[i].amount.minor, expected[i].amount.minor);
	}
	mini_free(m);
}

/* Promotions of every kind whose amounts do not divide, so that every cent has to find its place. */
static const struct promotion crooked[] = {
	PROMOTION("a", GIVES(AMOUNT_OFF(101, ALL)), ALONE),
	PROMOTION("b", GIVES(UNITS_OFF(2, 1, 33, ALL))),
	PROMOTION("c", GIVES(PERCENT_OFF(7, ALL)), .base = BASE_LIST),
	PROMOTION("d", GIVES(EACH_OFF(13, ITEM(THREE)), PERCENT_OFF(3, ALL)), .max_discount = {89}),
	PROMOTION("e", NEEDS({.of = ALL, .kind = NEED_AMOUNT, .least = 2000}), GIVES(AMOUNT_OFF(57, ALL))),
};

static struct mini *crooked_shop(void)
{
	struct mini *m = shop();

	m->catalog.settings.tax = TAX_EXCLUSIVE;
	m->taxes[0].rate.ppm = 73333;
	mini_item(m, "WEIGHED", 1299)->unit = UNIT_KG;
	mini_item(m, "LONG SKU 2", 501); /* told apart by the tenth character alone */
	mini_item(m, "LONG SKU 1", 501);
	for (size_t i = 0; i < COUNT(crooked); i++)
		mini_promotion(m, &crooked[i]);
	mini_finish(m);
	return m;
}

#define ITEMS 8

/* What must not change: totals, verdicts, and each promotion's discount and the tax an article. */
struct outcome {
	struct totals totals;
	int64_t discount[ITEMS][COUNT(crooked)], tax[ITEMS];
	char verdicts[TEXT_MAX];
};

static void evaluate(struct mini *m, const struct engine_line *lines, uint32_t n, struct outcome *out)
{
	struct engine_cart cart = {lines, n, {0}};
	struct engine_result r;
	uint32_t bad_line;

	memset(out, 0, sizeof(*out));
	assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
	assert_adds_up(&m->catalog, &cart, &r);
	out->totals = r.totals;
	for (uint32_t i = 0; i < n; i++)
		out->tax[lines[i].item] += r.lines[i].tax.minor;
	for (uint32_t i = 0; i < r.discount_count; i++)
		out->discount[lines[r.discounts[i].line].item][r.discounts[i].promotion] +=
			r.discounts[i].amount.minor;
	verdicts_text(&m->catalog, &r, out->verdicts);
}

static void swap(struct engine_line *a, struct engine_line *b)
{
	struct engine_line held = *a;

	*a = *b;
	*b = held;
}

/* Heap's algorithm, by recursion. Returns how many orders it tried. */
static unsigned permute(struct mini *m, struct engine_line *lines, uint32_t n, uint32_t k,
			const struct outcome *want)
{
	unsigned tried = 0;
	struct outcome got;

	if (k == 1) {
		evaluate(m, lines, n, &got);
		assert_memory_equal(&got, want, sizeof(got));
		return 1;
	}
	for (uint32_t i = 0; i < k; i++) {
		tried += permute(m, lines, n, k - 1, want);
		swap(&lines[k % 2 ? 0 : i], &lines[k - 1]);
	}
	return tried;
}

/* Thirty at three priorities, so that sorting has stretches to merge and ties to keep in order of id. */
static void many_turns(void **state)
{
	static char ids[30][4];
	struct promotion p = PROMOTION("", GIVES(AMOUNT_OFF(1, ALL)));
	static const struct engine_line line = PIECES(TEN, 1);
	struct engine_cart cart = {&line, 1, {0}};
	struct mini *m = shop();
	struct engine_result r;
	uint32_t bad_line;

	(void)state;
	for (unsigned i = 0; i < COUNT(ids); i++) {
		snprintf(ids[i], sizeof(ids[i]), "%03u", i % 1000);
		p.id = ids[i];
		p.priority = i % 3;
		mini_promotion(m, &p);
	}
	mini_finish(m);
	assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
	assert_int_equal(r.applied_count, COUNT(ids));
	for (unsigned i = 0; i < COUNT(ids); i++) /* 0 3 6 ... 27, 1 4 7 ... 28, 2 5 8 ... 29 */
		assert_int_equal(r.verdicts[i].promotion, i % 10 * 3 + i / 10);
	mini_free(m);
}

static void any_order_of_five_lines(void **state)
{
	static const struct engine_line carts[][5] = {
		{PIECES(TEN, 1), PIECES(THREE, 2), PIECES(SEVEN, 1), PIECES(TWENTY, 1), MEASURED(5, 777000)},
		{PIECES(THREE, 1), PIECES(THREE, 1), PIECES(THREE, 2), PIECES(SEVEN, 3), PIECES(SEVEN, 1)},
		{PRICED(5, 1, 431), PRICED(5, 1, 430), MEASURED(5, 331000), MEASURED(5, 331001),
		 PIECES(TEN, 1)},
		{PRICED(THREE, 1, 333), PIECES(THREE, 1), PRICED(THREE, 2, 333), PRICED(THREE, 1, 334),
		 PIECES(TEN, 2)},
		{PIECES(6, 1), PIECES(7, 1), PIECES(7, 1), PIECES(6, 1), MEASURED(5, 777000)},
	};
	struct mini *m = crooked_shop();

	(void)state;
	for (size_t i = 0; i < COUNT(carts); i++) {
		struct engine_line lines[5];
		struct outcome want;

		memcpy(lines, carts[i], sizeof(lines));
		evaluate(m, lines, 5, &want);
		assert_true(want.totals.discount.minor > 0);
		assert_int_equal(permute(m, lines, 5, 5, &want), 120);
	}
	mini_free(m);
}

/* Seven pieces in one line or in parts: the same to the cent. */
static void a_line_in_parts(void **state)
{
	static const int64_t parts[][7] = {{7}, {1, 6}, {6, 1}, {2, 2, 3}, {1, 1, 1, 1, 1, 1, 1}};
	struct outcome want, got;
	struct mini *m = crooked_shop();

	(void)state;
	for (size_t i = 0; i < COUNT(parts); i++) {
		struct engine_line lines[9] = {PIECES(TEN, 3)};
		uint32_t n = 1;

		for (size_t k = 0; k < COUNT(parts[i]) && parts[i][k]; k++)
			lines[n++] = (struct engine_line)PIECES(SEVEN, parts[i][k]);
		lines[n++] = (struct engine_line)MEASURED(5, 123456);
		evaluate(m, lines, n, &got);
		if (i == 0)
			want = got;
		assert_memory_equal(&got, &want, sizeof(got));
	}
	mini_free(m);
}

/* Random carts up to the largest, shuffled and evaluated again. */
static void any_order_of_many_lines(void **state)
{
	static const uint32_t sizes[] = {2, 3, 9, 20, 64, 257, ENGINE_LINES_MAX};
	static struct engine_line lines[ENGINE_LINES_MAX];
	uint64_t seed = seed_start("any_order_of_many_lines");
	struct mini *m = crooked_shop();

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct outcome want, got;

		for (uint32_t k = 0; k < sizes[i]; k++) {
			uint32_t item = (uint32_t)(seed_next(&seed) % ITEMS);
			int64_t n = (int64_t)(seed_next(&seed) % 4 + 1);

			if (seed_next(&seed) % 8 == 0)
				lines[k] = (struct engine_line)PRICED(item, n,
								      (int64_t)(seed_next(&seed) % 3 + 331));
			else if (item == 5)
				lines[k] = (struct engine_line)MEASURED(5, n * 123457);
			else
				lines[k] = (struct engine_line)PIECES(item, n);
		}
		evaluate(m, lines, sizes[i], &want);
		for (uint32_t k = sizes[i]; k > 1; k--)
			swap(&lines[k - 1], &lines[seed_next(&seed) % k]);
		evaluate(m, lines, sizes[i], &got);
		assert_memory_equal(&got, &want, sizeof(got));
	}
	mini_free(m);
}

/* One promotion more on the line than there is room for shares of: refused, not cut. */
static void too_many_discounts(void **state)
{
	enum { MOST = ENGINE_DISCOUNTS_MAX(1) };
	static char ids[MOST + 1][8];
	static const struct engine_line line = PIECES(HUNDRED, 1);
	struct promotion p = PROMOTION("", GIVES(AMOUNT_OFF(1, ALL)));
	struct engine_cart cart = {&line, 1, {0}};
	struct mini *m = shop();
	struct engine_result r;
	uint32_t bad_line;

	(void)state;
	for (unsigned i = 0; i <= MOST; i++) {
		snprintf(ids[i], sizeof(ids[i]), "%06u", i);
		p.id = ids[i];
		mini_promotion(m, &p);
		if (i < MOST - 1)
			continue;
		mini_finish(m);
		assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), i < MOST ? ERR_OK : ERR_LIMIT);
		assert_int_equal(bad_line, CATALOG_NONE);
	}
	mini_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_of_promotions), cmocka_unit_test(discounts_by_line),
		cmocka_unit_test(many_turns),	       cmocka_unit_test(any_order_of_five_lines),
		cmocka_unit_test(a_line_in_parts),     cmocka_unit_test(any_order_of_many_lines),
		cmocka_unit_test(too_many_discounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
