/*
 * Repeats of an order: whatever state the lane is in, the first sale is the answer and nothing is sold twice.
 */
#include "mini_walk.h"

#include <string.h>

static uint64_t sales(struct mini_shop *m)
{
	struct ledger_counts counts;

	ledger_worker_counts(m->worker, &counts);
	return counts.sales;
}

static void check_text(const char *command, const json_t *j, const char *path, const char *text)
{
	if (strcmp(json_path(j, path), text) != 0)
		fail_msg("%s: %s is %s, not %s", command, path, json_path(j, path), text);
}

/* Repeats of order o-1, which was a pen for 2.49; each before a lane in another state. */
static void repeats_of_an_order(void **state)
{
	static const struct {
		const char *before, *repeat;
		enum lane_state after;
		const char *total; /* of the cart that stays */
	} rows[] = {
		{NULL, "tender order=o-1 cash=2.49", LANE_CLOSED, "2.49"},
		{NULL, "tender order=o-1 cash=0.01", LANE_CLOSED, "2.49"},
		{NULL, "2 tender order=o-1 cash", LANE_IDLE, ""},
		{"2 sku BAR", "2 tender order=o-1 cash", LANE_OPEN, "1.00"},
		{NULL, "2 tender order=o-1 card=99.00", LANE_OPEN, "1.00"},
		{NULL, "2 tender order=o-1", LANE_OPEN, "1.00"},
		{"2 void 1", "2 tender order=o-1 cash", LANE_OPEN, "0.00"},
	};
	struct mini_shop *m = *state;

	mini_shop_do(m, "sku PEN");
	mini_shop_do(m, "tender order=o-1 cash=5.00");
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *receipt, *cart;
		struct answer a;

		if (rows[i].before)
			mini_shop_do(m, rows[i].before);
		a = mini_shop_do(m, rows[i].repeat);
		if (a.refusal)
			fail_msg("row %zu: %s (%s)", i, refusal_code(a.refusal), a.why.text);
		receipt = mini_shop_json(m->lane, lane_receipt_json);
		cart = mini_shop_json(m->lane, lane_cart_json);
		check_text(rows[i].repeat, receipt, "order", "o-1");
		check_text(rows[i].repeat, receipt, "repeated", "true");
		check_text(rows[i].repeat, receipt, "total", "2.49");
		check_text(rows[i].repeat, receipt, "change", "2.51");
		check_text(rows[i].repeat, receipt, "lines.0.sku", "PEN");
		check_text(rows[i].repeat, cart, "totals.total", rows[i].total);
		assert_int_equal(lane_state(m->lane), rows[i].after);
		json_decref(receipt);
		json_decref(cart);
	}
	assert_int_equal(sales(m), 1);
	assert_int_equal(m->news[LANE_TENDERED], 1);
}

static void a_repeat_after_a_restart(void **state)
{
	struct mini_shop *m = *state;
	json_t *receipt;

	mini_shop_do(m, "sku PEN");
	mini_shop_do(m, "tender order=o-1 cash=5.00");
	mini_shop_restart(m);
	assert_int_equal(mini_shop_do(m, "tender order=o-1 cash=5.00").refusal, REFUSED_NOT);
	receipt = mini_shop_json(m->lane, lane_receipt_json);
	check_text("restart", receipt, "repeated", "true");
	check_text("restart", receipt, "segment", "1");
	check_text("restart", receipt, "change", "2.51");
	json_decref(receipt);
	assert_int_equal(mini_shop_do(m, "tender order=o-2 cash=5.00").refusal, REFUSED_NO_CART);
	mini_shop_do(m, "sku PEN");
	assert_string_equal(lane_cart_id(m->lane), "b-2-1"); /* unique for ever */
}

/* The order is under way when it comes again: on its own lane, and for another cart on another lane. */
static void a_repeat_before_the_first_is_answered(void **state)
{
	struct mini_shop *m = *state;

	mini_shop_do(m, "sku PEN");
	mini_shop_do(m, "2 sku BAR");
	m->answered = 0;
	mini_shop_begin(m, "tender order=o-1 cash");
	mini_shop_begin(m, "tender order=o-1 cash");
	mini_shop_begin(m, "2 tender order=o-1 cash");
	assert_int_equal(shop_pending(m->shop), 3);
	assert_int_equal(m->answered, 0);
	mini_shop_turn_until(m, &m->answered, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(m->answers[i].refusal, REFUSED_NOT);
	assert_string_equal(m->receipts[0], "o-1 false");
	assert_string_equal(m->receipts[1], "o-1 true");
	assert_string_equal(m->receipts[2], "o-1 true");
	assert_int_equal(sales(m), 1);
	assert_int_equal(shop_pending(m->shop), 0);
	assert_int_equal(lane_state(shop_lane(m->shop, "1")), LANE_CLOSED);
	assert_int_equal(lane_state(shop_lane(m->shop, "2")), LANE_OPEN);
	assert_int_equal(mini_shop_do(m, "2 tender order=o-2 cash").refusal, REFUSED_NOT);
	assert_int_equal(sales(m), 2);
}

/* Somebody used the id of lane 2's cart for an order: that cart counts as paid. */
static void a_cart_whose_own_order_was_sold(void **state)
{
	struct mini_shop *m = *state;

	mini_shop_do(m, "sku PEN");
	mini_shop_do(m, "2 sku BAR");
	assert_string_equal(lane_cart_id(m->lane), "b-1-2");
	mini_shop_do(m, "tender order=b-1-2 cash");
	assert_int_equal(mini_shop_do(m, "2 tender cash").refusal, REFUSED_NOT);
	assert_int_equal(lane_state(m->lane), LANE_CLOSED);
	assert_int_equal(sales(m), 1);
}

/* As many look-ups as the ledger's queue holds, then a sale: refused, and the cart stays open. */
static void a_full_queue(void **state)
{
	struct mini_shop *m = *state;

	mini_shop_do(m, "sku PEN");
	m->answered = 0;
	for (int i = 0; i < LEDGER_QUEUE_MAX; i++)
		mini_shop_begin(m, "2 tender order=nobody cash");
	assert_int_equal(m->answered, 0);
	mini_shop_begin(m, "tender cash");
	assert_int_equal(m->answered, 1);
	assert_int_equal(m->answers[0].refusal, REFUSED_LEDGER);
	assert_int_equal(lane_state(m->lane), LANE_OPEN);
	mini_shop_turn_until(m, &m->answered, LEDGER_QUEUE_MAX + 1);
	assert_int_equal(m->answers[LEDGER_QUEUE_MAX].refusal, REFUSED_NO_CART);
	assert_int_equal(mini_shop_do(m, "tender cash").refusal, REFUSED_NOT);
}

/* A sale under way when the box stops is durable, and answered. */
static void stopping_answers(void **state)
{
	struct mini_shop *m = *state;

	mini_shop_do(m, "sku PEN");
	m->answered = 0;
	mini_shop_begin(m, "tender order=o-1 cash");
	mini_shop_begin(m, "2 coupon TENOFF");
	mini_shop_restart(m);
	assert_int_equal(m->answered, 2);
	assert_int_equal(mini_shop_do(m, "tender order=o-1 cash").refusal, REFUSED_NOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MINI_TEST(repeats_of_an_order),
		MINI_TEST(a_repeat_after_a_restart),
		MINI_TEST(a_repeat_before_the_first_is_answered),
		MINI_TEST(a_cart_whose_own_order_was_sold),
		MINI_TEST(a_full_queue),
		MINI_TEST(stopping_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
