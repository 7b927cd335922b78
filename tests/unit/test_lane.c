/*
 * Lanes and carts, command by command: what is refused, what state it leaves, what is to be paid.
 */
#include "mini_walk.h"

#include <stdlib.h>
#include <string.h>

static void a_cart_from_first_scan_to_last_state(void **state)
{
	static const struct step steps[] = {
		{"void 1", REFUSED_NO_CART, LANE_IDLE, 0, ""},
		{"qty 1 2", REFUSED_NO_CART, LANE_IDLE, 0, ""},
		{"void cart", REFUSED_NO_CART, LANE_IDLE, 0, ""},
		{"suspend", REFUSED_NO_CART, LANE_IDLE, 0, ""},
		{"customer", REFUSED_NO_CART, LANE_IDLE, 0, ""},
		{"tender cash", REFUSED_NO_CART, LANE_IDLE, 0, ""},
		{"resume b-1-7", REFUSED_UNKNOWN_CART, LANE_IDLE, 0, ""},
		{"scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "2.49"},
		{"scan " BAR, REFUSED_NOT, LANE_OPEN, 2, "3.49"},
		{"scan " BAR, REFUSED_NOT, LANE_OPEN, 2, "3.49"}, /* the second is free */
		{"qty 2 4", REFUSED_NOT, LANE_OPEN, 2, "4.49"},	  /* 2.49 + two of four */
		{"qty 3 1", REFUSED_UNKNOWN_LINE, LANE_OPEN, 2, "4.49"},
		{"qty 0 1", REFUSED_UNKNOWN_LINE, LANE_OPEN, 2, "4.49"},
		{"void 1", REFUSED_NOT, LANE_OPEN, 1, "2.00"},
		{"void 2", REFUSED_UNKNOWN_LINE, LANE_OPEN, 1, "2.00"},
		{"suspend", REFUSED_NOT, LANE_IDLE, 0, ""},
		{"2 resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "2.00"},
		{"resume b-1-1", REFUSED_UNKNOWN_CART, LANE_IDLE, 0, ""},
		{"2 void 1", REFUSED_NOT, LANE_OPEN, 0, "0.00"},
		{"2 tender cash", REFUSED_EMPTY_CART, LANE_OPEN, 0, "0.00"},
		{"2 suspend", REFUSED_EMPTY_CART, LANE_OPEN, 0, "0.00"},
		{"2 void cart", REFUSED_NOT, LANE_IDLE, 0, ""},
		{"scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "2.49"},
		{"tender cash=5.00", REFUSED_NOT, LANE_CLOSED, 1, "2.49"},
		{"void 1", REFUSED_NO_CART, LANE_CLOSED, 1, "2.49"},
		{"scan 96385074", REFUSED_AMBIGUOUS_CODE, LANE_CLOSED, 1, "2.49"}, /* the closed cart stays */
		{"scan " BAR, REFUSED_NOT, LANE_OPEN, 1, "1.00"},
	};

	mini_walk(*state, steps, COUNT(steps));
}

static void quantities(void **state)
{
	static const struct step steps[] = {
		{"scan " PEN " -1", REFUSED_BAD_QUANTITY, LANE_IDLE, 0, ""},
		{"scan " PEN " 1.5", REFUSED_BAD_QUANTITY, LANE_IDLE, 0, ""},
		{"scan " PEN " 1000001", REFUSED_BAD_QUANTITY, LANE_IDLE, 0, ""},
		{"scan " PEN " 1000000", REFUSED_NOT, LANE_OPEN, 1, "2490000.00"},
		{"scan " PEN, REFUSED_BAD_QUANTITY, LANE_OPEN, 1,
		 "2490000.00"}, /* one more than a line holds */
		{"qty 1 0", REFUSED_BAD_QUANTITY, LANE_OPEN, 1, "2490000.00"},
		{"qty 1 -2", REFUSED_BAD_QUANTITY, LANE_OPEN, 1, "2490000.00"},
		{"qty 1 0.5", REFUSED_BAD_QUANTITY, LANE_OPEN, 1, "2490000.00"},
		{"qty 1 2", REFUSED_NOT, LANE_OPEN, 1, "4.98"},
		{"sku OIL", REFUSED_BAD_QUANTITY, LANE_OPEN, 1, "4.98"}, /* how many litres? */
		{"sku OIL 0.000001", REFUSED_NOT, LANE_OPEN, 2, "4.98"}, /* rounds to nothing */
		{"sku OIL 0.75", REFUSED_NOT, LANE_OPEN, 3, "7.98"},
		{"qty 3 1.5", REFUSED_NOT, LANE_OPEN, 3, "10.98"},
		/* 10^15 minor units each: 9223 of them fit 2^63 - 1 = 9.22 * 10^18, 9224 do not */
		{"sku GOLD 9224", REFUSED_OVERFLOW, LANE_OPEN, 3, "10.98"},
		{"sku GOLD 1", REFUSED_NOT, LANE_OPEN, 4, "10000000000010.98"},
		{"qty 4 9224", REFUSED_OVERFLOW, LANE_OPEN, 4, "10000000000010.98"},
	};

	mini_walk(*state, steps, COUNT(steps));
}

static void a_new_catalog_waits_for_the_next_cart(void **state)
{
	static const struct step before[] = {
		{"scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "2.49"},
		{"suspend", REFUSED_NOT, LANE_IDLE, 0, ""},
		{"2 scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "2.49"},
	};
	static const struct step after[] = {
		{"2 scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "4.98"},
		{"scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "3.49"},
		{"resume b-1-1", REFUSED_LANE_BUSY, LANE_OPEN, 1, "3.49"},
		{"void cart", REFUSED_NOT, LANE_IDLE, 0, ""},
		{"2 void cart", REFUSED_NOT, LANE_IDLE, 0, ""},
		{"2 resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "2.49"}, /* on another lane, at its own price */
		{"2 scan " PEN, REFUSED_NOT, LANE_OPEN, 2, "5.98"},    /* one more is at the new one */
		{"2 tender cash", REFUSED_NOT, LANE_CLOSED, 2, "5.98"},
		{"2 scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "3.49"},
	};
	struct mini_shop *m = *state;
	char *dearer = strdup(mini_book);

	mini_walk(m, before, COUNT(before));
	*(strstr(dearer, "\"2.49\"") + 1) = '3';
	mini_shop_import(m, dearer);
	free(dearer);
	mini_walk(m, after, COUNT(after));
}

/* now is the instant at which the cart opened: two bars for one ends at 12:00 in Berlin. */
static void now_stands_still_in_a_cart(void **state)
{
	static const struct step before[] = {{"scan " BAR, REFUSED_NOT, LANE_OPEN, 1, "1.00"}};
	static const struct step after[] = {{"scan " BAR, REFUSED_NOT, LANE_OPEN, 1, "1.00"},
					    {"2 scan " BAR " 2", REFUSED_NOT, LANE_OPEN, 1, "2.00"}};
	struct mini_shop *m = *state;

	mini_walk(m, before, COUNT(before));
	clock_manual_advance_ms(&m->clock, INT64_C(2) * 3600 * 1000);
	mini_walk(m, after, COUNT(after));
}

static void a_cart_is_full_at_512_lines(void **state)
{
	static const struct step one_more[] = {
		{"scan 2212345003990", REFUSED_CART_FULL, LANE_OPEN, 512, "2042.88"}, /* 512 x 3.99 */
		{"void 512", REFUSED_NOT, LANE_OPEN, 511, "2038.89"},
		{"scan 2212345003990", REFUSED_NOT, LANE_OPEN, 512, "2042.88"},
	};
	struct mini_shop *m = *state;

	for (int i = 0; i < 512; i++)
		assert_int_equal(mini_shop_do(m, "scan 2212345003990").refusal, REFUSED_NOT);
	mini_walk(m, one_more, COUNT(one_more));
}

static void too_many_carts_put_aside(void **state)
{
	static const struct step one_more[] = {
		{"scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "2.49"},
		{"suspend", REFUSED_TOO_MANY_CARTS, LANE_OPEN, 1, "2.49"},
		{"2 resume b-1-200", REFUSED_NOT, LANE_OPEN, 1, "2.49"},
		{"suspend", REFUSED_NOT, LANE_IDLE, 0, ""},
	};
	struct mini_shop *m = *state;
	json_t *j;

	for (int i = 0; i < SHOP_SUSPENDED_MAX; i++) {
		mini_shop_do(m, "scan " PEN);
		assert_int_equal(mini_shop_do(m, "suspend").refusal, REFUSED_NOT);
	}
	mini_walk(m, one_more, COUNT(one_more));
	j = mini_suspended(m);
	assert_int_equal(json_array_size(json_object_get(j, "suspended")), 256);
	assert_string_equal(json_path(j, "suspended.0.cart"), "b-1-1");
	assert_string_equal(json_path(j, "suspended.0.since"), "2026-11-21T10:00:00Z");
	assert_string_equal(json_path(j, "suspended.255.cart"), "b-1-257");
	json_decref(j);
}

static void without_a_catalog(void **state)
{
	static const struct shop_config config = {.box = "b", .store = "S1"};
	struct clock_manual clock;
	struct loop *loop;
	struct answer a;
	struct lane *l;
	struct shop *s;

	(void)state;
	clock_manual_init(&clock, MINI_NOON_MS);
	assert_int_equal(loop_new(&clock.clock, &loop), ERR_OK);
	assert_int_equal(shop_new(loop, &config, 1, &s), ERR_OK);
	assert_int_equal(lane_new(s, "1", "store", &l), ERR_OK);
	assert_int_equal(lane_new(s, "1", "store", &l), ERR_EXISTS);
	lane_scan(l, PEN, strlen(PEN), (struct qty){0}, &a);
	assert_int_equal(a.refusal, REFUSED_NO_CATALOG);
	lane_add_sku(l, "PEN", (struct qty){0}, &a);
	assert_int_equal(a.refusal, REFUSED_NO_CATALOG);
	lane_price_json(l, "PEN", true, &a, NULL);
	assert_int_equal(a.refusal, REFUSED_NO_CATALOG);
	shop_free(s);
	loop_free(loop);
}

static void names_of_boxes(void **state)
{
	static const struct {
		const char *box;
		enum err e;
	} rows[] = {{"123456789012345678901234", ERR_OK}, {"1234567890123456789012345", ERR_INVALID}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct shop_config config = {.box = rows[i].box, .store = "S1"};
		struct shop *s = NULL;

		assert_int_equal(shop_new(NULL, &config, 1, &s), rows[i].e);
		shop_free(s);
	}
}

static void every_refusal_has_a_code(void **state)
{
	(void)state;
	for (int r = REFUSED_NOT; r <= REFUSED_OVERFLOW; r++)
		assert_non_null(refusal_code((enum refusal)r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MINI_TEST(a_cart_from_first_scan_to_last_state),
		MINI_TEST(quantities),
		MINI_TEST(a_new_catalog_waits_for_the_next_cart),
		MINI_TEST(now_stands_still_in_a_cart),
		MINI_TEST(a_cart_is_full_at_512_lines),
		MINI_TEST(too_many_carts_put_aside),
		cmocka_unit_test(without_a_catalog),
		cmocka_unit_test(names_of_boxes),
		cmocka_unit_test(every_refusal_has_a_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
