/*
 * What a lane shows: lines, prices, and why a promotion applies or not.
 */
#include "mini_walk.h"

#include <string.h>

static void line_members(struct lane *l, struct jsonw *w)
{
	lane_line_json(l, 1, w);
	lane_hints_json(l, w);
}

static void price_members(struct lane *l, struct jsonw *w)
{
	struct answer a;

	lane_price_json(l, "BAR", true, &a, w);
}

struct shown {
	const char *path, *text;
};

static void check_shown(struct lane *l, lane_json_fn *members, const struct shown *rows, size_t n)
{
	json_t *j = mini_shop_json(l, members);

	for (size_t i = 0; i < n; i++)
		if (strcmp(json_path(j, rows[i].path), rows[i].text) != 0)
			fail_msg("%s: %s, not %s", rows[i].path, json_path(j, rows[i].path), rows[i].text);
	json_decref(j);
}

static void what_a_line_shows(void **state)
{
	static const struct shown one_bar[] =
		{
			{"lane", "1"},
			{"cart", "b-1-1"},
			{"line", "2"},
			{"sku", "BAR"},
			{"name", "Bar"},
			{"quantity", "1"},
			{"unit", "each"},
			{"unit_price", "1.00"},
			{"list", "1.00"},
			{"net", "1.00"},
			{"totals.list", "3.49"},
			{"totals.discount", "0.00"},
			{"totals.total", "3.49"},
			{"totals.tax", "0.23"}, /* 2.49 x 7 / 107 = 0.163, 1.00 x 7 / 107 = 0.065 */
			{"hints.0.promotion", "BOGO"},
			{"hints.0.text", "Two bars for one"},
			{"hints.0.lacking", "1"},
			{"hints.0.needs", "quantity"},
			{"hints.0.reason", "needs_quantity"},
			{"hints.0.why", "needs 1 more of Bar"},
			{"hints.0.facts.articles", "Bar"},
			{"changed.lines.0.line", ""}, /* the pen costs what it did */
			{"changed.applied.0.promotion", ""},
			{"changed.dropped.0", ""},
		},
				  two_bars[] =
					  {
						  {"quantity", "2"},
						  {"list", "2.00"},
						  {"net", "1.00"},
						  {"discounts.0.promotion", "BOGO"},
						  {"discounts.0.amount", "1.00"},
						  {"changed.applied.0.promotion", "BOGO"},
						  {"changed.applied.0.amount", "1.00"},
						  {"changed.applied.0.ends",
						   "2026-11-21T11:00:00Z"}, /* 12:00 in Berlin */
						  {"hints.0.promotion", ""},
					  },
				  price[] = {
					  {"sku", "BAR"},
					  {"name", "Bar"},
					  {"unit", "each"},
					  {"price", "1.00"},
					  {"list", "base"},
					  {"currency", "EUR"},
					  {"promotions.0.promotion", "BOGO"},
					  {"promotions.0.name", "Two bars for one"},
					  {"promotions.0.ends", "2026-11-21T11:00:00Z"},
					  {"promotions.1.promotion", ""},
				  };
	struct mini_shop *m = *state;

	mini_shop_do(m, "scan " PEN);
	mini_shop_do(m, "scan " BAR);
	check_shown(m->lane, line_members, one_bar, COUNT(one_bar));
	mini_shop_do(m, "scan " BAR);
	check_shown(m->lane, line_members, two_bars, COUNT(two_bars));
	check_shown(m->lane, price_members, price, COUNT(price));
}

/* explain judges what no line touches, too; the cart itself stays as it was. */
static void why_each_promotion_applies_or_not(void **state)
{
	struct mini_shop *m = *state;
	json_t *cart, *explained;

	mini_shop_do(m, "scan " PEN);
	cart = mini_shop_json(m->lane, lane_cart_json);
	explained = mini_shop_json(m->lane, lane_explain_json);
	assert_int_equal(json_array_size(json_object_get(explained, "rejected")), 2);
	assert_string_equal(json_path(explained, "rejected.0.promotion"), "BOGO");
	assert_string_equal(json_path(explained, "rejected.0.reason"), "needs_quantity");
	assert_string_equal(json_path(explained, "rejected.1.reason"), "coupon_missing");
	assert_string_equal(json_path(cart, "totals.total"), json_path(explained, "totals.total"));
	json_decref(cart);
	json_decref(explained);
}

/* A lane's customers read its language, if the promotion speaks it; a display is told at the next change. */
static void each_lane_has_its_language(void **state)
{
	struct mini_shop *m = *state;
	static const struct shown french[] = {{"hints.0.text", "Deux pour une"},
					      {"hints.0.why", "needs 1 more of Bar"}},
				  applied[] = {{"changed.applied.0.text", "Deux pour une"},
					       {"discounts.0.text", "Deux pour une"}},
				  plain[] = {{"changed.applied.0.text", "Two bars for one"}};

	mini_shop_do(m, "scan " PEN);
	assert_int_equal(lane_set_language(m->lane, "fr-CA"), ERR_OK);
	assert_string_equal(lane_language(m->lane), "fr-CA");
	mini_shop_do(m, "scan " BAR);
	check_shown(m->lane, line_members, french, COUNT(french));
	mini_shop_do(m, "scan " BAR);
	check_shown(m->lane, line_members, applied, COUNT(applied));
	assert_int_equal(lane_set_language(m->lane, ""), ERR_OK);
	assert_null(lane_language(m->lane));
	check_shown(m->lane, line_members, plain, COUNT(plain));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MINI_TEST(what_a_line_shows),
		MINI_TEST(why_each_promotion_applies_or_not),
		MINI_TEST(each_lane_has_its_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
