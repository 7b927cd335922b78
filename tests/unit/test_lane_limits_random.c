/*
 * Limits under random steps on several lanes: reserve, add, remove, suspend, resume, tender, repeat a tender,
 * void, restart. After each step nothing is promised that is not there; a model that adds up receipts alone
 * has what the lanes count; in the end every sale replays, and the ledger's check agrees.
 *
 * TILL_STEPS is how many steps (10,000), TILL_LANES how many lanes (8).
 */
#include "mini_shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lane_parts.h"
#include "replays.h"

#define USES	  50
#define BUDGET	  4000
#define CUSTOMERS 5
#define CODES	  6

static const char shop_book[] =
	"{\"type\":\"book\",\"id\":\"corner\",\"currency\":\"EUR\"}\n"
	"{\"type\":\"price_list\",\"id\":\"base\"}\n"
	"{\"type\":\"item\",\"sku\":\"A\",\"name\":\"A\"}\n"
	"{\"type\":\"item\",\"sku\":\"B\",\"name\":\"B\"}\n"
	"{\"type\":\"item\",\"sku\":\"C\",\"name\":\"C\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"A\",\"price\":\"10.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"B\",\"price\":\"4.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"C\",\"price\":\"2.00\"}\n"
	"{\"type\":\"promotion\",\"id\":\"USES\",\"name\":\"Uses\",\"limits\":{\"uses\":50},"
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"50\",\"select\":{\"skus\":[\"A\"]}}]}\n"
	"{\"type\":\"promotion\",\"id\":\"POT\",\"name\":\"Budget\",\"limits\":{\"budget\":\"40.00\"},"
	"\"gives\":[{\"kind\":\"amount\",\"amount\":\"0.30\",\"per\":\"unit\",\"select\":{\"skus\":[\"B\"]}}]"
	"}"
	"\n"
	"{\"type\":\"promotion\",\"id\":\"EACH\",\"name\":\"Each\",\"limits\":{\"customer_uses\":2},"
	"\"gives\":[{\"kind\":\"amount\",\"amount\":\"0.50\",\"select\":{\"skus\":[\"C\"]}}]}\n"
	"{\"type\":\"promotion\",\"id\":\"CODE\",\"name\":\"Code\",\"coupon\":true,"
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"10\",\"select\":{\"skus\":[\"C\"]}}]}\n";

/* What receipts add up to. */
struct model {
	int64_t uses, given, each[CUSTOMERS], codes[CODES];
};

struct run {
	struct mini_shop *m;
	struct model model;
	uint64_t seed;
	unsigned orders;
	char last_order[32];
};

static uint32_t pick(struct run *r, uint32_t below)
{
	return (uint32_t)(seed_next(&r->seed) % below);
}

static const struct use *entry(const struct run *r, enum use_kind kind, const char *key, const char *by)
{
	return uses_find(shop_uses(r->m->shop), kind, key, by);
}

static void expect_promotion(const struct run *r, const char *id, int64_t uses, int64_t given)
{
	const struct promotion_use *p = (const struct promotion_use *)entry(r, USE_PROMOTION, id, NULL);

	if (p->use.uses != uses && uses >= 0)
		fail_msg("%s: %lld uses, %lld by receipts", id, (long long)p->use.uses, (long long)uses);
	if (p->amount.minor != given && given >= 0)
		fail_msg("%s: %lld given, %lld by receipts", id, (long long)p->amount.minor,
			 (long long)given);
	assert_true(p->use.held >= 0 && p->held_amount.minor >= 0);
}

/* Nothing is promised that is not there. */
static void expect_within(const struct run *r)
{
	const struct promotion_use *uses =
		(const struct promotion_use *)entry(r, USE_PROMOTION, "USES", NULL);
	const struct promotion_use *pot = (const struct promotion_use *)entry(r, USE_PROMOTION, "POT", NULL);
	char name[16];

	expect_promotion(r, "USES", r->model.uses, -1);
	expect_promotion(r, "POT", -1, r->model.given);
	assert_true(uses->use.uses + uses->use.held <= USES);
	assert_true(pot->amount.minor + pot->held_amount.minor <= BUDGET);
	for (int i = 0; i < CUSTOMERS; i++) {
		const struct use *e;

		snprintf(name, sizeof(name), "k%d", i);
		e = entry(r, USE_BY_CUSTOMER, "EACH", name);
		assert_int_equal(e ? e->uses : 0, r->model.each[i]);
		assert_true(!e || (e->held >= 0 && e->uses + e->held <= 2));
	}
	for (int i = 0; i < CODES; i++) {
		const struct use *e;

		snprintf(name, sizeof(name), "X%d", i);
		e = entry(r, USE_COUPON, name, NULL);
		assert_int_equal(e ? e->uses : 0, r->model.codes[i]);
		assert_true(!e || (e->held >= 0 && e->uses + e->held <= i % 2 + 1));
	}
}

/* The lane's cart as it is paid. */
static void count(struct run *r, const struct cart *c)
{
	const struct engine_result *result = &c->now.result;

	for (uint32_t i = 0; i < result->applied_count; i++) {
		const struct verdict *v = &result->verdicts[i];
		const char *id = c->catalog->promotions[v->promotion].id;

		r->model.uses += !strcmp(id, "USES");
		r->model.given += !strcmp(id, "POT") ? v->amount.minor : 0;
		if (!strcmp(id, "EACH") && c->now.customer)
			r->model.each[c->now.customer->id[1] - '0']++;
		if (!strcmp(id, "CODE"))
			r->model.codes[c->coupon[0][1] - '0']++; /* the first of them unlocked it */
	}
}

static void pay(struct run *r, const char *lane)
{
	struct cart *c = shop_lane(r->m->shop, lane)->cart;
	char words[64], order[32];

	if (!c || c->state != LANE_OPEN || !c->now.count)
		return;
	snprintf(order, sizeof(order), "o%u", r->orders);
	snprintf(words, sizeof(words), "%s tender order=%s card", lane, order);
	count(r, c);
	assert_int_equal(mini_shop_do(r->m, words).refusal, REFUSED_NOT);
	r->orders++;
	memcpy(r->last_order, order, sizeof(order));
}

/* The answer of before, and nothing is spent. */
static void pay_again(struct run *r, const char *lane)
{
	char words[64];

	if (!r->orders)
		return;
	snprintf(words, sizeof(words), "%s tender order=%s card", lane, r->last_order);
	assert_int_equal(mini_shop_do(r->m, words).refusal, REFUSED_NOT);
}

static void resume_any(struct run *r, const char *lane)
{
	const struct cart *c = r->m->shop->suspended;
	char words[ORDER_ID_MAX + 32];

	for (uint32_t skip = r->m->shop->suspended_count ? pick(r, r->m->shop->suspended_count) : 0; skip > 0;
	     skip--)
		c = c->next_suspended;
	if (!c)
		return;
	snprintf(words, sizeof(words), "%s resume %s", lane, c->id);
	(void)mini_shop_do(r->m, words);
}

/* Steps that a cashier takes, as often as they stand there. */
static void command(struct run *r, const char *lane)
{
	static const char *const verbs[] = {"sku A",	   "sku B",	  "sku B 3",	 "sku C",
					    "sku C",	   "void 1",	  "qty 1 2",	 "void cart",
					    "suspend",	   "customer k0", "customer k1", "customer k2",
					    "customer k3", "coupon X0",	  "coupon X1",	 "coupon X2",
					    "coupon X3",   "coupon X4",	  "coupon X5",	 "sku A"};
	char text[64];

	snprintf(text, sizeof(text), "%s %s", lane, verbs[pick(r, COUNT(verbs))]);
	(void)mini_shop_do(r->m, text);
}

static void pass_time(struct run *r)
{
	clock_manual_advance_ms(&r->m->clock, (int64_t)pick(r, 2000) * 1000);
	loop_turn(r->m->loop, 0);
}

static void step(struct run *r)
{
	char lane[12];
	uint32_t what = pick(r, 1000);

	snprintf(lane, sizeof(lane), "%u", 1 + pick(r, r->m->lane_count));
	if (what < 2)
		mini_shop_restart(r->m);
	else if (what < 12)
		pass_time(r);
	else if (what < 42)
		pay(r, lane);
	else if (what < 52)
		pay_again(r, lane);
	else if (what < 92)
		resume_any(r, lane);
	else
		command(r, lane);
	expect_within(r);
}

static char *whole_book(void)
{
	static char text[sizeof(shop_book) + 1024];

	memcpy(text, shop_book, sizeof(shop_book));
	for (int i = 0; i < CUSTOMERS; i++)
		snprintf(text + strlen(text), 64, "{\"type\":\"customer\",\"id\":\"k%d\"}\n", i);
	for (int i = 0; i < CODES; i++)
		snprintf(text + strlen(text), 96,
			 "{\"type\":\"coupon\",\"code\":\"X%d\",\"promotion\":\"CODE\",\"uses\":%d}\n", i,
			 i % 2 + 1);
	return text;
}

static void random_steps(void **state)
{
	const char *steps = getenv("TILL_STEPS"), *lanes = getenv("TILL_LANES");
	long count_of = steps ? strtol(steps, NULL, 10) : 10000;
	struct mini_shop *m = calloc(1, sizeof(*m));
	struct run r = {.m = m, .seed = seed_start("limits")};

	(void)state;
	m->lane_count = lanes ? (unsigned)strtoul(lanes, NULL, 10) : 8;
	assert_in_range(m->lane_count, 1, SHOP_LANES_MAX);
	m->keep_carts = true;
	mini_shop_start(m, whole_book());
	for (long i = 0; i < count_of; i++)
		step(&r);
	mini_shop_restart(m);
	expect_within(&r);
	expect_replays(m);
	mini_shop_stop(m);
	free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(random_steps)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
