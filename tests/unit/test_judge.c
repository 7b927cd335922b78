/*
 * Which changes wait for a second person: the rules alone, at their bounds. What an import and a publication
 * do with them stands in tests/e2e/test_held.py and test_hub_held.py. docs/operations.md, "What an import
 * holds".
 */
#include "judge.h"

#include <inttypes.h>
#include <string.h>

#include "small_book.h"
#include "unit.h"

/*
 * TEA costs the shop 6.00, which keeps 30 %: no less than 6.00 / 0.7 = 8.571..., so 8.58; trade's floor is 20
 * %: 7.50. It is 10.00 for everybody and 9.00 for trade. INK is 100.00, and nobody knows its cost.
 */
/* clang-format off */
static const char *const book[] = {
	"{\"type\":\"book\",\"id\":\"corner\",\"currency\":\"EUR\",\"margin\":{\"floor\":\"30\"}}",
	"{\"type\":\"price_list\",\"id\":\"base\",\"rank\":0}",
	"{\"type\":\"price_list\",\"id\":\"trade\",\"rank\":9,\"segments\":[\"trade\"]}",
	"{\"type\":\"floor\",\"id\":\"f\",\"segment\":\"trade\",\"margin\":\"20\"}",
	"{\"type\":\"item\",\"sku\":\"TEA\",\"name\":\"Tea\",\"cost\":\"6.00\"}",
	"{\"type\":\"item\",\"sku\":\"INK\",\"name\":\"Ink\"}",
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"TEA\",\"price\":\"10.00\"}",
	"{\"type\":\"price\",\"list\":\"trade\",\"sku\":\"TEA\",\"price\":\"9.00\"}",
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"INK\",\"price\":\"100.00\"}",
	"{\"type\":\"override\",\"id\":\"all\",\"select\":{\"skus\":[\"TEA\",\"INK\"]},\"price\":\"1.00\",\"role\":\"x\",\"reason\":\"x\",\"by\":\"x\",\"to\":\"2035-12-31\"}",
	"{\"type\":\"override\",\"id\":\"one\",\"sku\":\"TEA\",\"price\":\"1.00\",\"role\":\"x\",\"reason\":\"x\",\"by\":\"x\",\"to\":\"2035-12-31\"}",
	NULL,
};
/* clang-format on */

#define LIMIT ((struct rate){150000})

static struct snapshot *shop(void)
{
	struct snapshot *s = NULL;
	struct why why = {0};

	if (book_of(book, &s, &why))
		fail_msg("%s", why.text);
	return s;
}

static struct record_price price_of(const char *list, const char *sku, int64_t minor)
{
	return (struct record_price){.list = list, .sku = sku, .price = {minor}};
}

static void prices(void **state)
{
	static const struct {
		const char *what, *list, *sku;
		int64_t approved, now; /* approved 0: it is new */
		bool waits;
		int64_t cause, needs, change;
	} rows[] = {
		{"15 % is not more than 15 %", "base", "INK", 10000, 8500, false, 0, 0, 0},
		{"a cent more is", "base", "INK", 10000, 8499, true, HELD_CHANGE, HELD_MANAGER, -150100},
		{"upwards too", "base", "INK", 10000, 11501, true, HELD_CHANGE, HELD_MANAGER, 150100},
		{"the floor itself is legal", "base", "TEA", 1000, 858, false, 0, 0, 0},
		{"a cent below is the cfo's", "base", "TEA", 1000, 857, true, HELD_FLOOR, HELD_CFO, -143000},
		{"by the floor of whom the list is for", "trade", "TEA", 860, 750, false, 0, 0, 0},
		{"and not a cent below", "trade", "TEA", 860, 749, true, HELD_FLOOR, HELD_CFO, -129070},
		{"a new one is measured by nothing", "base", "INK", 0, 1, false, 0, 0, 0},
		{"but the floor", "base", "TEA", 0, 857, true, HELD_FLOOR, HELD_CFO, AMOUNT_NONE},
	};
	struct snapshot *s = shop();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct record_price was = price_of(rows[i].list, rows[i].sku, rows[i].approved);
		struct record_price now = price_of(rows[i].list, rows[i].sku, rows[i].now);
		const struct judge_price p = {
			.approved = rows[i].approved ? &was : NULL, .before = &was, .now = &now};
		struct held h;
		bool waits = judge_price(snapshot_catalog(s), &p, LIMIT, &h);

		if (waits != rows[i].waits ||
		    (waits && (h.cause != rows[i].cause || h.needs != rows[i].needs ||
			       h.change.ppm != rows[i].change || h.after.minor != rows[i].now)))
			fail_msg("%s: %d, %" PRId64, rows[i].what, waits, h.change.ppm);
	}
	snapshot_unref(s);
}

/* From ten on a unit is 20 % cheaper: that is where it moves furthest. */
static void breaks(void **state)
{
	const struct record_break from_ten[] = {{.from = {10000000}, .price = {8000}}};
	struct record_price was = price_of("base", "INK", 10000), now = was;
	const struct judge_price p = {.before = &was, .approved = &was, .now = &now};
	struct snapshot *s = shop();
	struct held h;

	(void)state;
	assert_true(judge_same_price(&was, &now));
	now.breaks = (struct list){from_ten, 1};
	assert_false(judge_same_price(&was, &now));
	assert_true(judge_price(snapshot_catalog(s), &p, LIMIT, &h));
	assert_int_equal(h.from.micro, 10000000);
	assert_int_equal(h.after.minor, 8000);
	assert_int_equal(h.change.ppm, -200000);
	snapshot_unref(s);
}

/*
 * One price for both: 8.60 is 14 % below TEA's and 91.4 % below INK's, which is further; 8.57 is below TEA's
 * floor, which comes before all.
 */
static void prices_set_by_hand(void **state)
{
	static const char *const trade[] = {"trade"};
	struct record_override o = {.id = "all", .price = {860}};
	struct snapshot *s = shop();
	const struct catalog *c = snapshot_catalog(s);
	struct held h;

	(void)state;
	assert_true(judge_override(c, &o, 0, LIMIT, &h));
	assert_string_equal(h.sku, "INK");
	assert_int_equal(h.cause, HELD_CHANGE);
	o.price.minor = 857;
	assert_true(judge_override(c, &o, 0, LIMIT, &h));
	assert_string_equal(h.sku, "TEA");
	assert_int_equal(h.needs, HELD_CFO);
	o = (struct record_override){.id = "one", .sku = "TEA", .price = {860}};
	assert_false(judge_override(c, &o, 0, LIMIT, &h));
	/* for trade it is measured by 9.00: 7.65 is 15 %, and above 7.50 */
	o.price.minor = 765;
	assert_true(judge_override(c, &o, 0, LIMIT, &h));
	o.segments = (struct list){trade, 1};
	assert_false(judge_override(c, &o, 0, LIMIT, &h));
	o.price.minor = 764;
	assert_true(judge_override(c, &o, 0, LIMIT, &h));
	assert_int_equal(h.approved.minor, 900);
	snapshot_unref(s);
}

/*
 * 98, 100, 102, 105: median 101. Distances 3, 1, 1, 4, their median 2: 3.5 x 1.4826 x 2 is 10.4, less
 * than 17.5 % of 101, which is 17.7: 17 away is not far, 18 is. Of one that has been 100 alone 17 is not, 18
 * is.
 */
static void costs(void **state)
{
	static const struct {
		int64_t before, after;
		bool waits;
	} rows[] = {{105, 118, false}, {105, 119, true},	  {105, 84, false},	    {105, 83, true},
		    {105, 105, false}, {AMOUNT_NONE, 900, false}, {105, AMOUNT_NONE, false}};
	struct held h;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct judge_history known = {{98, 100, 102, 105}, 4};

		assert_int_equal(judge_cost(&known, RECORD_ITEM, "TEA", (struct money){rows[i].before},
					    (struct money){rows[i].after}, &h),
				 rows[i].waits);
	}
	for (int64_t after = 117; after <= 118; after++) {
		struct judge_history nothing = {.count = 0};

		assert_int_equal(judge_cost(&nothing, RECORD_ITEM, "TEA", (struct money){100},
					    (struct money){after}, &h),
				 after == 118);
	}
	assert_int_equal(h.usual.minor, 100);
	assert_false(judge_rate("USD", (struct qty){1000000}, (struct qty){1175000}, &h));
	assert_true(judge_rate("USD", (struct qty){1000000}, (struct qty){1175001}, &h));
	assert_string_equal(h.currency, "USD");
	assert_int_equal(h.before.minor, AMOUNT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prices),
		cmocka_unit_test(breaks),
		cmocka_unit_test(prices_set_by_hand),
		cmocka_unit_test(costs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
