/*
 * Exchanges at the lane under random steps: sales, returns and exchanges of what any of them left. After each
 * step refund + what is to be paid = the new goods' total + what is given back; each order's refunds and what
 * is left of it are what was paid; and in the end the drawer, way by way, holds what all orders have left.
 * And two lanes that exchange the same piece at the same moment: one does.
 *
 * TILL_STEPS is how many steps (300).
 */
#include "mini_shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replays.h"

#define ORDERS_MAX 4096
#define WAYS	   2

/* clang-format off */
static const char book[] =
	"{\"type\":\"book\",\"id\":\"corner\",\"currency\":\"EUR\"}\n{\"type\":\"price_list\",\"id\":\"base\"}\n"
	"{\"type\":\"item\",\"sku\":\"A\",\"name\":\"A\"}\n{\"type\":\"item\",\"sku\":\"B\",\"name\":\"B\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"A\",\"price\":\"9.99\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"B\",\"price\":\"3.33\"}\n"
	"{\"type\":\"promotion\",\"id\":\"POT\",\"name\":\"Budget\",\"limits\":{\"uses\":40,\"budget\":\"40.00\"},"
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"25\",\"select\":{\"skus\":[\"A\"]}}]}\n"
	"{\"type\":\"promotion\",\"id\":\"TWO\",\"name\":\"Two for one\",\"gives\":[{\"kind\":\"units\",\"buy\":1,\"get\":1,\"select\":{\"skus\":[\"B\"]}}]}\n";
/* clang-format on */

static const char *const ways[WAYS] = {"cash", "card"};

struct order {
	char id[32];
	int64_t paid, left;
};

struct run {
	struct mini_shop *m;
	uint64_t seed;
	struct order orders[ORDERS_MAX];
	unsigned count, exchanged;
	int64_t drawer[WAYS]; /* came in less what went out */
};

static uint32_t pick(struct run *r, uint32_t below)
{
	return (uint32_t)(seed_next(&r->seed) % below);
}

static int64_t amount_of(const json_t *j, const char *path)
{
	const char *text = json_path(j, path);
	int64_t minor = 0;

	if (decimal_parse(text, strlen(text), 2, &minor))
		fail_msg("%s is '%s'", path, text);
	return minor;
}

/* What was paid or paid out by each way; change is cash. */
static void move(struct run *r, const json_t *tenders, int64_t change, int sign)
{
	const json_t *t;
	size_t i;

	json_array_foreach (tenders, i, t) {
		for (unsigned k = 0; k < WAYS; k++)
			if (!strcmp(json_path(t, "method"), ways[k]))
				r->drawer[k] += sign * amount_of(t, "amount");
	}
	r->drawer[0] -= change;
}

static void must(struct run *r, const char *command)
{
	struct answer a = mini_shop_do(r->m, command);

	if (a.refusal)
		fail_msg("%s: %s", command, a.why.text);
}

static void scan_some(struct run *r)
{
	char command[32];

	for (unsigned i = 1 + pick(r, 3); i; i--) {
		snprintf(command, sizeof(command), "sku %c %u", pick(r, 2) ? 'A' : 'B', 1 + pick(r, 4));
		must(r, command);
	}
}

static void take_sale(struct run *r, const json_t *sale)
{
	struct order *o = &r->orders[r->count++];

	snprintf(o->id, sizeof(o->id), "%s", json_path(sale, "order"));
	o->paid = o->left = amount_of(sale, "total");
	move(r, json_object_get(sale, "tenders"), amount_of(sale, "change"), 1);
}

static void take_return(struct run *r, struct order *o, const json_t *back)
{
	o->left -= amount_of(back, "refund");
	assert_int_equal(o->left, amount_of(back, "left"));
	assert_true(o->left >= 0 && o->left <= o->paid);
	move(r, json_object_get(back, "tenders"), 0, -1);
}

static void sell(struct run *r)
{
	char command[64];
	json_t *sale;

	scan_some(r);
	snprintf(command, sizeof(command), "tender order=o-%u card=%u.50 cash=200", r->count, pick(r, 2));
	must(r, command);
	sale = mini_shop_json(r->m->lane, lane_receipt_json);
	take_sale(r, sale);
	json_decref(sale);
}

static void count_answer(struct lane *l, const struct answer *a, void *arg)
{
	struct mini_shop *m = arg;

	(void)l;
	m->answers[m->answered++] = *a;
}

/* The first line or everything; false: nothing of that is left. */
static bool give_back(struct run *r, struct order *o, bool exchange)
{
	const struct return_line line = {.line = 0, .quantity = QTY_ONE};
	const struct goods_back goods = {.order = o->id, .lines = &line, .count = pick(r, 3) ? 1 : 0};
	const struct tender rest = {ways[pick(r, WAYS)], MONEY_NONE};
	struct lane *l = shop_lane(r->m->shop, "1");
	char id[32];

	snprintf(id, sizeof(id), "o-%u", r->count);
	r->m->answered = 0;
	if (exchange)
		lane_exchange(l, &goods, id, &rest, 1, count_answer, r->m);
	else
		lane_return(l, &goods, count_answer, r->m);
	mini_shop_turn_until(r->m, &r->m->answered, 1);
	if (r->m->answers[0].refusal == REFUSED_NOT)
		return true;
	assert_int_equal(r->m->answers[0].refusal, REFUSED_NOT_RETURNABLE);
	return false;
}

static void exchange(struct run *r, struct order *o)
{
	json_t *j;

	scan_some(r);
	if (!give_back(r, o, true)) {
		must(r, "void cart");
		return;
	}
	j = mini_shop_json(shop_lane(r->m->shop, "1"), lane_exchange_json);
	assert_int_equal(amount_of(j, "refund") + amount_of(j, "to_pay"),
			 amount_of(j, "total") + amount_of(j, "given_back"));
	assert_true(amount_of(j, "to_pay") == 0 || amount_of(j, "given_back") == 0);
	take_return(r, o, json_object_get(j, "return"));
	take_sale(r, json_object_get(j, "sale"));
	r->exchanged++;
	json_decref(j);
}

static void take_back(struct run *r, struct order *o)
{
	json_t *j;

	if (!give_back(r, o, false))
		return;
	j = mini_shop_json(shop_lane(r->m->shop, "1"), lane_return_json);
	take_return(r, o, j);
	json_decref(j);
}

static unsigned steps(void)
{
	const char *text = getenv("TILL_STEPS");

	return text ? (unsigned)strtoul(text, NULL, 10) : 300;
}

static void money_goes_nowhere(void **state)
{
	static struct mini_shop m;
	static struct run r;
	int64_t left = 0;
	unsigned n = steps();

	(void)state;
	memset(&m, 0, sizeof(m));
	r = (struct run){.m = &m, .seed = seed_start("test_lane_exchange")};
	mini_shop_start(&m, book);
	for (unsigned i = 0; i < n && r.count < ORDERS_MAX - 1; i++) {
		unsigned what = r.count ? pick(&r, 8) : 0;

		if (what < 2)
			sell(&r);
		else if (what < 4)
			take_back(&r, &r.orders[pick(&r, r.count)]);
		else
			exchange(&r, &r.orders[pick(&r, r.count)]);
		if (i % 97 == 96)
			mini_shop_restart(&m);
	}
	for (unsigned i = 0; i < r.count; i++)
		left += r.orders[i].left;
	assert_int_equal(r.drawer[0] + r.drawer[1], left);
	assert_true(r.drawer[0] >= 0 && r.drawer[1] >= 0);
	assert_true(r.exchanged > n / 10);
	expect_replays(&m);
	mini_shop_stop(&m);
}

/* Both are worked out before either is done. */
static void the_same_piece_at_two_lanes(void **state)
{
	static struct mini_shop m;
	const struct goods_back goods = {.order = "o"};
	const struct tender cash = {"cash", MONEY_NONE};
	unsigned done = 0;

	(void)state;
	memset(&m, 0, sizeof(m));
	mini_shop_start(&m, book);
	mini_shop_do(&m, "sku A");
	mini_shop_do(&m, "tender order=o cash");
	mini_shop_do(&m, "1 sku B");
	mini_shop_do(&m, "2 sku B");
	m.answered = 0;
	lane_exchange(shop_lane(m.shop, "1"), &goods, "p", &cash, 1, count_answer, &m);
	lane_exchange(shop_lane(m.shop, "2"), &goods, "q", &cash, 1, count_answer, &m);
	mini_shop_turn_until(&m, &m.answered, 2);
	for (unsigned i = 0; i < 2; i++) {
		done += m.answers[i].refusal == REFUSED_NOT;
		assert_true(m.answers[i].refusal == REFUSED_NOT ||
			    m.answers[i].refusal == REFUSED_NOT_RETURNABLE);
	}
	assert_int_equal(done, 1);
	/* the other's cart is still there, and can be paid */
	done = mini_shop_do(&m, "1 tender cash").refusal == REFUSED_NOT;
	done += mini_shop_do(&m, "2 tender cash").refusal == REFUSED_NOT;
	assert_int_equal(done, 1);
	mini_shop_stop(&m);
}

/*
 * Before it is known what comes back, the cart is put aside and the lane takes up another one. Were that paid
 * as the order of the first, the first would pass for paid when it comes back.
 */
static void another_cart_is_not_paid_instead(void **state)
{
	static struct mini_shop m;
	const struct goods_back goods = {.order = "o"};
	const struct tender cash = {"cash", MONEY_NONE};
	struct answer aside;
	char command[96];

	(void)state;
	memset(&m, 0, sizeof(m));
	mini_shop_start(&m, book);
	mini_shop_do(&m, "sku A");
	mini_shop_do(&m, "tender order=o cash");
	mini_shop_do(&m, "sku A 3");
	m.answered = 0;
	lane_exchange(shop_lane(m.shop, "1"), &goods, NULL, &cash, 1, count_answer, &m);
	lane_suspend(shop_lane(m.shop, "1"), &aside);
	assert_int_equal(aside.refusal, REFUSED_NOT);
	mini_shop_begin(&m, "sku B"); /* answered first, since at once */
	mini_shop_turn_until(&m, &m.answered, 2);
	assert_int_equal(m.answers[1].refusal, REFUSED_NO_CART);
	assert_int_equal(mini_shop_do(&m, "tender cash").refusal, REFUSED_NOT);
	snprintf(command, sizeof(command), "resume %s", aside.cart);
	assert_int_equal(mini_shop_do(&m, command).refusal, REFUSED_NOT);
	m.answered = 0;
	assert_int_equal(mini_shop_do(&m, "tender cash").refusal, REFUSED_NOT);
	assert_non_null(strstr(m.receipts[0], " false")); /* not a repeat: it was not paid before */
	expect_replays(&m);
	mini_shop_stop(&m);
}

/*
 * A shirt in two sizes, S and L, for 20.00. ONCE takes 5.00 off, once a customer; LAST 3.00 off the first of
 * all; FIRST 1.00 off a customer's first order.
 */
/* clang-format off */
static const char shirts[] =
	"{\"type\":\"book\",\"id\":\"corner\",\"currency\":\"EUR\"}\n{\"type\":\"price_list\",\"id\":\"base\"}\n"
	"{\"type\":\"item\",\"sku\":\"S\",\"name\":\"S\"}\n{\"type\":\"item\",\"sku\":\"L\",\"name\":\"L\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"S\",\"price\":\"20.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"L\",\"price\":\"20.00\"}\n"
	"{\"type\":\"promotion\",\"id\":\"FIRST\",\"name\":\"First order\",\"who\":{\"orders\":{\"from\":1,\"to\":1}},\"gives\":[{\"kind\":\"amount\",\"amount\":\"1.00\"}]}\n"
	"{\"type\":\"promotion\",\"id\":\"LAST\",\"name\":\"The last\",\"limits\":{\"uses\":1},\"gives\":[{\"kind\":\"amount\",\"amount\":\"3.00\"}]}\n"
	"{\"type\":\"promotion\",\"id\":\"ONCE\",\"name\":\"Once each\",\"limits\":{\"customer_uses\":1},\"gives\":[{\"kind\":\"amount\",\"amount\":\"5.00\"}]}\n"
	"{\"type\":\"customer\",\"id\":\"ann\"}\n{\"type\":\"customer\",\"id\":\"bob\"}\n";
/* clang-format on */

static const char *total_of(struct mini_shop *m, const char *lane)
{
	static char total[32];
	json_t *cart = mini_shop_json(shop_lane(m->shop, lane), lane_cart_json);

	snprintf(total, sizeof(total), "%s", json_path(cart, "totals.total"));
	json_decref(cart);
	return total;
}

static struct answer exchange_all(struct mini_shop *m, const char *lane, const char *order, const char *as,
				  bool preview)
{
	const struct goods_back goods = {.order = order, .preview = preview};
	const struct tender cash = {"cash", MONEY_NONE};

	m->answered = 0;
	lane_exchange(shop_lane(m->shop, lane), &goods, as, &cash, 1, count_answer, m);
	mini_shop_turn_until(m, &m->answered, 1);
	return m->answers[0];
}

static void do_all(struct mini_shop *m, const char *const *commands)
{
	for (; *commands; commands++)
		if (mini_shop_do(m, *commands).refusal)
			fail_msg("%s", *commands);
}

/* What was paid by an exchange; a preview says the same beforehand. */
static void expect_exchanged(struct mini_shop *m, const char *total, const char *to_pay)
{
	json_t *j = mini_shop_json(shop_lane(m->shop, "1"), lane_exchange_json);

	assert_string_equal(json_path(j, "total"), total);
	assert_string_equal(json_path(j, "to_pay"), to_pay);
	json_decref(j);
}

/*
 * 20.00 - 1.00 - 3.00 - 5.00 = 11.00 for the first shirt. By itself the second one would cost 20.00: ann has
 * had hers. In place of the first one it costs 11.00 as well, and nothing is to be paid.
 */
static void limits_apply_to_what_is_taken_instead(void **state)
{
	static struct mini_shop m;

	(void)state;
	memset(&m, 0, sizeof(m));
	mini_shop_start(&m, shirts);
	do_all(&m, (const char *const[]){"sku S", "customer ann", "tender order=o-1 cash", "sku L",
					 "customer ann", "2 sku S", "2 customer ann", NULL});
	assert_string_equal(total_of(&m, "1"), "20.00");
	assert_int_equal(exchange_all(&m, "1", "o-1", "o-2", true).refusal, REFUSED_NOT);
	assert_string_equal(total_of(&m, "1"), "20.00"); /* a preview leaves nothing behind */
	assert_int_equal(exchange_all(&m, "1", "o-1", "o-2", false).refusal, REFUSED_NOT);
	expect_exchanged(&m, "11.00", "0.00");
	/* and all of it is spent: what stood in another lane meanwhile has nothing of it */
	do_all(&m, (const char *const[]){"2 qty 1 2", "2 qty 1 1", NULL});
	assert_string_equal(total_of(&m, "2"), "20.00");
	expect_replays(&m);
	mini_shop_stop(&m);
}

/* Of two lanes that exchange one shirt one does; the other one's cart costs what it did. */
static void who_comes_second_has_nothing_of_it(void **state)
{
	static struct mini_shop m;
	const struct goods_back goods = {.order = "o-1"};
	const struct tender cash = {"cash", MONEY_NONE};
	unsigned done = 0;

	(void)state;
	memset(&m, 0, sizeof(m));
	mini_shop_start(&m, shirts);
	do_all(&m, (const char *const[]){"sku S", "customer ann", "tender order=o-1 cash", "sku L",
					 "customer ann", "2 sku L", "2 customer ann", NULL});
	m.answered = 0;
	lane_exchange(shop_lane(m.shop, "1"), &goods, "p", &cash, 1, count_answer, &m);
	lane_exchange(shop_lane(m.shop, "2"), &goods, "q", &cash, 1, count_answer, &m);
	mini_shop_turn_until(&m, &m.answered, 2);
	for (unsigned i = 0; i < 2; i++)
		done += m.answers[i].refusal == REFUSED_NOT;
	assert_int_equal(done, 1);
	for (unsigned i = 1; i <= 2; i++) {
		char lane[2] = {(char)('0' + i), '\0'};
		json_t *cart = mini_shop_json(shop_lane(m.shop, lane), lane_cart_json);
		bool open = !strcmp(json_path(cart, "state"), "open");

		assert_string_equal(json_path(cart, "totals.total"), open ? "20.00" : "11.00");
		json_decref(cart);
	}
	expect_replays(&m);
	mini_shop_stop(&m);
}

/* Somebody else's limits are his own; but the last use of all is free with the shirt. 20.00 - 1.00 - 3.00 -
 * 5.00 for bob, who has had none. */
static void limits_of_a_customer_are_his(void **state)
{
	static struct mini_shop m;

	(void)state;
	memset(&m, 0, sizeof(m));
	mini_shop_start(&m, shirts);
	do_all(&m,
	       (const char *const[]){"sku S", "customer ann", "tender order=o-1 cash", "sku S",
				     "customer bob", "tender order=o-2 cash", "sku L", "customer bob", NULL});
	assert_string_equal(total_of(&m, "1"), "20.00"); /* his second order */
	assert_int_equal(exchange_all(&m, "1", "o-1", "o-3", false).refusal, REFUSED_NOT);
	expect_exchanged(&m, "17.00", "6.00"); /* 3.00 off; 11.00 come back */
	mini_shop_stop(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(money_goes_nowhere),
		cmocka_unit_test(the_same_piece_at_two_lanes),
		cmocka_unit_test(another_cart_is_not_paid_instead),
		cmocka_unit_test(limits_apply_to_what_is_taken_instead),
		cmocka_unit_test(who_comes_second_has_nothing_of_it),
		cmocka_unit_test(limits_of_a_customer_are_his),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
