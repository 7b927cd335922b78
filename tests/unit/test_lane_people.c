/*
 * Customers and coupons, and answers that come when the cart is no longer what it was.
 */
#include "mini_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void people(void **state)
{
	static const struct step steps[] = {
		{"customer nobody", REFUSED_UNKNOWN_CUSTOMER, LANE_IDLE, 0, ""},
		{"coupon NOTHING", REFUSED_UNKNOWN_COUPON, LANE_IDLE, 0, ""},
		{"customer ann", REFUSED_NOT, LANE_OPEN, 0, "0.00"}, /* the card comes before the goods */
		{"sku PEN", REFUSED_NOT, LANE_OPEN, 1, "1.99"},
		{"sku NOPRICE", REFUSED_NOT, LANE_OPEN, 2, "6.99"},
		{"customer bob", REFUSED_NO_PRICE, LANE_OPEN, 2, "6.99"}, /* he has no price for it */
		{"customer", REFUSED_NO_PRICE, LANE_OPEN, 2, "6.99"},
		{"void 2", REFUSED_NOT, LANE_OPEN, 1, "1.99"},
		{"customer bob", REFUSED_NOT, LANE_OPEN, 1, "2.49"},
		{"customer ann", REFUSED_NOT, LANE_OPEN, 1, "1.99"},
		{"customer", REFUSED_NOT, LANE_OPEN, 1, "2.49"},
		{"coupon OLD", REFUSED_COUPON_EXPIRED, LANE_OPEN, 1, "2.49"},
		{"coupon EARLY", REFUSED_COUPON_EXPIRED, LANE_OPEN, 1, "2.49"},
		{"coupon INSTANT", REFUSED_COUPON_EXPIRED, LANE_OPEN, 1,
		 "2.49"},						 /* 11:00 UTC is in an hour */
		{"coupon LOCAL", REFUSED_NOT, LANE_OPEN, 1, "2.24"},	 /* 11:00 in Berlin is now */
		{"coupon LOCAL", REFUSED_NOT, LANE_OPEN, 1, "2.24"},	 /* once is enough */
		{"coupon ]C0TENOFF", REFUSED_NOT, LANE_OPEN, 1, "2.24"}, /* as scanned; the same promotion */
		{"2 coupon TENOFF", REFUSED_NOT, LANE_OPEN, 0, "0.00"},
	};
	struct mini_shop *m = *state;
	json_t *cart;

	mini_walk(m, steps, COUNT(steps));
	cart = mini_shop_json(shop_lane(m->shop, "1"), lane_cart_json);
	assert_int_equal(json_array_size(json_object_get(cart, "coupons")), 2);
	assert_string_equal(json_path(cart, "coupons.1"), "TENOFF");
	json_decref(cart);
}

/* The answer to a look-up comes when the cart is no longer what it was. */
static void late_answers(void **state)
{
	static const struct {
		const char *meanwhile;
		enum refusal refusal; /* of the coupon */
	} rows[] = {
		{"scan " BAR, REFUSED_NOT},
		{"suspend", REFUSED_NO_CART},
		{"void cart", REFUSED_NO_CART},
		{"tender cash", REFUSED_LANE_BUSY}, /* answered before the sale is durable, or else ... */
	};
	struct mini_shop *m = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct answer *coupon;
		unsigned before;

		mini_shop_do(m, "scan " PEN);
		m->answered = before = 0;
		mini_shop_begin(m, "coupon TENOFF");
		mini_shop_begin(m, rows[i].meanwhile);
		mini_shop_turn_until(m, &m->answered, before + 2);
		coupon = m->answers[0].refusal ? &m->answers[0] : &m->answers[1]; /* the other was done */
		if (coupon->refusal != rows[i].refusal &&
		    !(rows[i].refusal == REFUSED_LANE_BUSY && coupon->refusal == REFUSED_NO_CART))
			fail_msg("%s: %s", rows[i].meanwhile, refusal_code(coupon->refusal));
		if (lane_state(m->lane) == LANE_OPEN)
			mini_shop_do(m, "void cart");
	}
}

/* A cart that left and another that came are told apart, and so are lanes. */
static void an_answer_finds_its_own_cart(void **state)
{
	struct mini_shop *m = *state;
	json_t *cart;

	mini_shop_do(m, "scan " PEN);
	m->answered = 0;
	mini_shop_begin(m, "customer ann");
	mini_shop_begin(m, "suspend");
	mini_shop_begin(m, "scan " PEN);
	mini_shop_begin(m, "2 resume b-1-1");
	mini_shop_turn_until(m, &m->answered, 4);
	assert_int_equal(m->answers[3].refusal, REFUSED_NO_CART);
	for (const char *name = "1"; name; name = *name == '1' ? "2" : NULL) {
		cart = mini_shop_json(shop_lane(m->shop, name), lane_cart_json);
		assert_string_equal(json_path(cart, "customer"), "");
		assert_string_equal(json_path(cart, "totals.total"), "2.49");
		json_decref(cart);
	}
}

static void a_cart_takes_16_coupons(void **state)
{
	struct mini_shop *m = *state;
	size_t size = strlen(mini_book) + 4096;
	char *book = malloc(size), command[32];
	int n = snprintf(book, size, "%s", mini_book);

	for (int i = 0; i < 17; i++)
		n += snprintf(book + n, size - (size_t)n,
			      "{\"type\":\"coupon\",\"code\":\"C%d\",\"promotion\":\"SAVE10\"}\n", i);
	mini_shop_import(m, book);
	free(book);
	for (int i = 0; i < 17; i++) {
		snprintf(command, sizeof(command), "coupon C%d", i);
		assert_int_equal(mini_shop_do(m, command).refusal, i < 16 ? REFUSED_NOT : REFUSED_CART_FULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MINI_TEST(people),
		MINI_TEST(late_answers),
		MINI_TEST(an_answer_finds_its_own_cart),
		MINI_TEST(a_cart_takes_16_coupons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
