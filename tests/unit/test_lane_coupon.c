/*
 * Codes of coupons: who has one, what becomes of it, and that two lanes never use one twice.
 */
#include "mini_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lane_parts.h"

/* PEN 2.49 and 10 % of it, 0.25, with a code: ONE is good for one order, TWO for two, ANY for any number. */
static const char book[] =
	"{\"type\":\"book\",\"id\":\"corner\",\"currency\":\"EUR\"}\n"
	"{\"type\":\"price_list\",\"id\":\"base\"}\n"
	"{\"type\":\"item\",\"sku\":\"PEN\",\"name\":\"Pen\"}\n"
	"{\"type\":\"item\",\"sku\":\"BAG\",\"name\":\"Bag\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"PEN\",\"price\":\"2.49\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"BAG\",\"price\":\"0.10\"}\n"
	"{\"type\":\"promotion\",\"id\":\"TENTH\",\"name\":\"A tenth\",\"coupon\":true,"
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"10\",\"select\":{\"skus\":[\"PEN\"]}}]}\n"
	"{\"type\":\"coupon\",\"code\":\"ONE\",\"promotion\":\"TENTH\",\"uses\":1}\n"
	"{\"type\":\"coupon\",\"code\":\"TWO\",\"promotion\":\"TENTH\",\"uses\":2,\"to\":\"2026-11-30\"}\n"
	"{\"type\":\"coupon\",\"code\":\"ANY\",\"promotion\":\"TENTH\"}\n";

static int start(void **state)
{
	struct mini_shop *m = calloc(1, sizeof(*m));

	mini_shop_start(m, book);
	*state = m;
	return 0;
}

#define OPEN   REFUSED_NOT, LANE_OPEN
#define CLOSED REFUSED_NOT, LANE_CLOSED
#define IDLE   REFUSED_NOT, LANE_IDLE
#define USED   REFUSED_COUPON_USED
#define TAKEN  REFUSED_COUPON_RESERVED
#define WALK(m, ...)                                       \
	do {                                               \
		const struct step steps[] = {__VA_ARGS__}; \
		mini_walk(m, steps, COUNT(steps));         \
	} while (0)

/* What an order about a code was answered. */
static struct {
	unsigned count;
	enum refusal refusal;
	char state[16], token[USE_TEXT_MAX + 1], order[USE_TEXT_MAX + 1], why[320];
	int64_t uses, held, returned;
} told;

static void tell(const struct coupon_view *v, const struct answer *a, void *arg)
{
	(void)arg;
	told.count++;
	told.refusal = a->refusal;
	snprintf(told.why, sizeof(told.why), "%s", a->why.text);
	snprintf(told.state, sizeof(told.state), "%s", v->state ? v->state : "");
	snprintf(told.token, sizeof(told.token), "%s", v->token ? v->token : "");
	snprintf(told.order, sizeof(told.order), "%s", v->order ? v->order : "");
	told.uses = v->uses;
	told.held = v->held;
	told.returned = v->returned;
}

static enum refusal ask(struct mini_shop *m, enum coupon_ask what, const char *code, const char *token)
{
	unsigned before = told.count;

	shop_coupon(m->shop,
		    &(struct coupon_order){
			    .ask = what, .code = code, .token = token, .by = "carla", .minutes = 15},
		    tell, NULL);
	mini_shop_turn_until(m, &told.count, before + 1);
	return told.refusal;
}

static void expect_state(struct mini_shop *m, const char *code, const char *state, int64_t uses)
{
	assert_int_equal(ask(m, ASK_SHOW, code, NULL), REFUSED_NOT);
	assert_string_equal(told.state, state);
	assert_int_equal(told.uses, uses);
}

static void a_single_code_is_used_once(void **state)
{
	struct mini_shop *m = *state;

	expect_state(m, "ONE", "unused", 0);
	WALK(m, {"1 sku PEN", OPEN, 1, "2.49"}, {"1 coupon ONE", OPEN, 1, "2.24"},
	     {"1 coupon ONE", OPEN, 1, "2.24"}, /* it has it */
	     {"2 sku PEN", OPEN, 1, "2.49"}, {"2 coupon ONE", TAKEN, LANE_OPEN, 1, "2.49"});
	assert_non_null(strstr(m->answers[m->answered - 1].why.text, "cart b-1-1"));
	expect_state(m, "ONE", "reserved", 0);
	assert_int_equal(told.held, 1);
	WALK(m, {"1 tender cash=2.24", CLOSED, 1, "2.24"}, {"2 coupon ONE", USED, LANE_OPEN, 1, "2.49"});
	assert_non_null(strstr(m->answers[m->answered - 1].why.text, "order b-1-1"));
	expect_state(m, "ONE", "redeemed", 1);
	assert_string_equal(told.order, "b-1-1");
	WALK(m, {"2 coupon ANY", OPEN, 1, "2.24"}, {"2 tender cash=2.24", CLOSED, 1, "2.24"});
	mini_shop_restart(m);
	expect_state(m, "ONE", "redeemed", 1);
	expect_state(m, "ANY", "unused", 1);
	WALK(m, {"1 sku PEN", OPEN, 1, "2.49"}, {"1 coupon ONE", USED, LANE_OPEN, 1, "2.49"});
}

static void a_cart_that_goes_gives_it_back(void **state)
{
	struct mini_shop *m = *state;

	WALK(m, {"1 coupon ONE", OPEN, 0, "0.00"}, {"2 coupon ONE", TAKEN, LANE_IDLE, 0, ""},
	     {"1 void cart", IDLE, 0, ""}, {"2 coupon ONE", OPEN, 0, "0.00"}, {"2 sku PEN", OPEN, 1, "2.24"},
	     {"2 suspend", IDLE, 0, ""}, {"1 coupon ONE", TAKEN, LANE_IDLE, 0, ""});
	clock_manual_advance_ms(&m->clock, 1801000);
	loop_turn(m->loop, 0);
	WALK(m, {"1 coupon ONE", OPEN, 0, "0.00"}, {"2 resume b-1-2", OPEN, 1, "2.49"},
	     {"1 void cart", IDLE, 0, ""}, {"2 tender cash=2.49", CLOSED, 1, "2.49"});
	expect_state(m, "ONE", "unused", 0);
}

/* Its promotion applies to nothing in the cart: the code was shown, not used. */
static void a_code_that_gave_nothing_is_unused(void **state)
{
	struct mini_shop *m = *state;

	WALK(m, {"1 sku BAG", OPEN, 1, "0.10"}, {"1 coupon ONE", OPEN, 1, "0.10"},
	     {"1 tender cash=0.10", CLOSED, 1, "0.10"});
	expect_state(m, "ONE", "unused", 0);
}

static void two_uses_are_two_carts(void **state)
{
	struct mini_shop *m = *state;

	WALK(m, {"1 coupon TWO", OPEN, 0, "0.00"}, {"1 sku PEN", OPEN, 1, "2.24"}, {"1 suspend", IDLE, 0, ""},
	     {"1 coupon TWO", OPEN, 0, "0.00"}, {"2 coupon TWO", TAKEN, LANE_IDLE, 0, ""},
	     {"1 sku PEN", OPEN, 1, "2.24"}, {"1 tender cash=2.24", CLOSED, 1, "2.24"},
	     {"2 resume b-1-1", OPEN, 1, "2.24"}, {"2 tender cash=2.24", CLOSED, 1, "2.24"},
	     {"2 coupon TWO", USED, LANE_CLOSED, 1, "2.24"});
	expect_state(m, "TWO", "redeemed", 2);
}

static void a_token_has_the_code_until_its_time(void **state)
{
	struct mini_shop *m = *state;
	char command[120];

	assert_int_equal(ask(m, ASK_RESERVE, "ONE", NULL), REFUSED_NOT);
	assert_string_equal(told.state, "reserved");
	assert_int_equal(strlen(told.token), 16);
	snprintf(command, sizeof(command), "1 coupon ONE %s", told.token);
	WALK(m, {"2 coupon ONE", TAKEN, LANE_IDLE, 0, ""}, {"2 coupon ONE wrong", TAKEN, LANE_IDLE, 0, ""},
	     {command, OPEN, 0, "0.00"}, {"2 coupon ONE", TAKEN, LANE_IDLE, 0, ""});
	assert_int_equal(ask(m, ASK_RESERVE, "ONE", "mine"), TAKEN);
	WALK(m, {"1 void cart", IDLE, 0, ""},
	     {"2 coupon ONE", TAKEN, LANE_IDLE, 0, ""}); /* the token's still */
	clock_manual_advance_ms(&m->clock, 901000);
	WALK(m, {command, TAKEN, LANE_IDLE, 0, ""}, {"2 coupon ONE", OPEN, 0, "0.00"},
	     {"2 void cart", IDLE, 0, ""});
	assert_int_equal(ask(m, ASK_RESERVE, "ONE", "mine"), REFUSED_NOT);
	mini_shop_restart(m); /* a token outlives the program */
	WALK(m, {"2 coupon ONE", TAKEN, LANE_IDLE, 0, ""}, {"1 coupon ONE mine", OPEN, 0, "0.00"},
	     {"1 sku PEN", OPEN, 1, "2.24"}, {"1 tender cash=2.24", CLOSED, 1, "2.24"});
	expect_state(m, "ONE", "redeemed", 1);
	assert_string_equal(told.token, "");
}

static void a_token_can_be_given_up(void **state)
{
	struct mini_shop *m = *state;

	assert_int_equal(ask(m, ASK_RESERVE, "ONE", "mine"), REFUSED_NOT);
	assert_int_equal(ask(m, ASK_RELEASE, "ONE", "other"), TAKEN);
	assert_int_equal(ask(m, ASK_RELEASE, "ONE", "mine"), REFUSED_NOT);
	assert_string_equal(told.state, "unused");
	WALK(m, {"2 coupon ONE", OPEN, 0, "0.00"});
}

/* 64 bytes of a token are kept. One that only begins with them is another one. */
static void a_token_is_all_of_it(void **state)
{
	struct mini_shop *m = *state;
	char token[65], longer[80];

	memset(token, 't', sizeof(token) - 1);
	token[sizeof(token) - 1] = '\0';
	assert_int_equal(ask(m, ASK_RESERVE, "ONE", token), REFUSED_NOT);
	snprintf(longer, sizeof(longer), "1 coupon ONE %sx", token);
	WALK(m, {longer, TAKEN, LANE_IDLE, 0, ""});
	snprintf(longer, sizeof(longer), "1 coupon ONE %s", token);
	WALK(m, {longer, OPEN, 0, "0.00"});
}

/* Whoever ends the daemon waits for what is on its way to the disk, so this has to count. */
static void what_is_said_of_a_code_is_under_way(void **state)
{
	const struct coupon_order order = {.ask = ASK_EXPIRE, .code = "ONE", .by = "carla"};
	struct mini_shop *m = *state;
	unsigned before = told.count;
	uint32_t most = 0;

	shop_coupon(m->shop, &order, tell, NULL);
	while (told.count == before) {
		loop_turn(m->loop, 10);
		most = shop_pending(m->shop) > most ? shop_pending(m->shop) : most;
	}
	assert_int_equal(told.refusal, REFUSED_NOT);
	assert_int_equal(most, 1);
	assert_int_equal(shop_pending(m->shop), 0);
}

static void codes_are_returned_and_ended_by_hand(void **state)
{
	struct mini_shop *m = *state;

	assert_int_equal(ask(m, ASK_RETURN, "ONE", NULL), REFUSED_COUPON_UNUSED);
	WALK(m, {"1 coupon ONE", OPEN, 0, "0.00"}, {"1 sku PEN", OPEN, 1, "2.24"},
	     {"1 tender cash=2.24", CLOSED, 1, "2.24"});
	assert_int_equal(ask(m, ASK_RETURN, "ONE", NULL), REFUSED_NOT);
	assert_string_equal(told.state, "returned");
	assert_int_equal(told.returned, 1);
	WALK(m, {"1 coupon ONE", OPEN, 0, "0.00"}, {"1 void cart", IDLE, 0, ""});
	assert_int_equal(ask(m, ASK_EXPIRE, "ONE", NULL), REFUSED_NOT);
	assert_string_equal(told.state, "expired");
	WALK(m, {"1 coupon ONE", REFUSED_COUPON_EXPIRED, LANE_IDLE, 0, ""});
	mini_shop_restart(m);
	WALK(m, {"1 coupon ONE", REFUSED_COUPON_EXPIRED, LANE_IDLE, 0, ""});
	assert_int_equal(ask(m, ASK_RESERVE, "ONE", NULL), REFUSED_COUPON_EXPIRED);
	assert_int_equal(ask(m, ASK_SHOW, "NONE", NULL), REFUSED_UNKNOWN_COUPON);
}

static void dates_end_a_code(void **state)
{
	struct mini_shop *m = *state;

	expect_state(m, "TWO", "unused", 0);
	clock_manual_advance_ms(&m->clock, INT64_C(10) * 86400 * 1000);
	expect_state(m, "TWO", "expired", 0);
	assert_int_equal(ask(m, ASK_RESERVE, "TWO", NULL), REFUSED_COUPON_EXPIRED);
	WALK(m, {"1 coupon TWO", REFUSED_COUPON_EXPIRED, LANE_IDLE, 0, ""});
}

#define COUPON_TEST(function) cmocka_unit_test_setup_teardown(function, start, mini_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		COUPON_TEST(a_single_code_is_used_once),
		COUPON_TEST(a_cart_that_goes_gives_it_back),
		COUPON_TEST(a_code_that_gave_nothing_is_unused),
		COUPON_TEST(two_uses_are_two_carts),
		COUPON_TEST(a_token_has_the_code_until_its_time),
		COUPON_TEST(a_token_can_be_given_up),
		COUPON_TEST(a_token_is_all_of_it),
		COUPON_TEST(what_is_said_of_a_code_is_under_way),
		COUPON_TEST(codes_are_returned_and_ended_by_hand),
		COUPON_TEST(dates_end_a_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
