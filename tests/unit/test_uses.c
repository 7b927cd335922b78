/*
 * Uses: what events add up to, and that the table in the ledger says the same at the next start.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "ledger_uses.h"
#include "sales.h"
#include "scratch.h"

static struct clock_manual now;
static const struct sale_promotion applied[] = {
	{.id = "TEN", .amount = {250}, .times = 3, .counted = 1, .grant = 1},
	{.id = "SAVE", .amount = {100}, .times = 1, .coupon = "CODE1", .token = "app-7"},
	{.id = "CASH", .amount = {0}, .times = 1},
};
static const struct sale_reward rewards[] = {
	{.promotion = 2, .kind = "cashback", .amount = {80}},
	{.promotion = 2, .kind = "shipping", .amount = {20}},
	{.promotion = 0, .kind = "points", .count = 12},
};

static struct event_sale sale_of(const char *order, const char *customer)
{
	return (struct event_sale){
		.order = order,
		.customer = customer,
		.promotions = {applied, COUNT(applied)},
		.rewards = {rewards, COUNT(rewards)},
	};
}

static int64_t uses(const struct uses *u, enum use_kind kind, const char *key, const char *by)
{
	const struct use *e = uses_find(u, kind, key, by);

	return e ? e->uses : -1;
}

static struct promotion_use promotion(struct uses *u, const char *id)
{
	return *uses_promotion(u, id);
}

static void a_sale_counts_what_it_used(void **state)
{
	struct uses *u = uses_new();
	const struct event_sale s = sale_of("o-1", "ann"), guest = sale_of("o-2", NULL);

	(void)state;
	assert_int_equal(uses_take_sale(u, &s), ERR_OK);
	assert_int_equal(uses(u, USE_PROMOTION, "TEN", NULL), 1); /* an order, not three groups */
	assert_int_equal(promotion(u, "TEN").amount.minor, 250);
	assert_int_equal(promotion(u, "CASH").amount.minor, 100); /* 0.80 and 0.20: points are no money */
	assert_int_equal(uses(u, USE_CUSTOMER, "ann", NULL), 1);
	assert_int_equal(uses(u, USE_BY_CUSTOMER, "TEN", "ann"), 1);
	assert_int_equal(uses(u, USE_BY_CUSTOMER, "SAVE", "ann"), -1); /* it has no limit a customer */
	assert_int_equal(uses(u, USE_COUPON, "CODE1", NULL), 1);
	assert_string_equal(uses_coupon(u, "CODE1")->order, "o-1");

	assert_int_equal(uses_take_sale(u, &guest), ERR_OK);
	assert_int_equal(uses(u, USE_PROMOTION, "TEN", NULL), 2);
	assert_int_equal(uses(u, USE_BY_CUSTOMER, "TEN", "ann"), 1);
	assert_int_equal(uses(u, USE_COUPON, "CODE1", NULL), 2);
	uses_free(u);
}

static void what_flows_back_is_taken_off(void **state)
{
	struct uses *u = uses_new(), *untouched = uses_new();
	const struct event_sale s = sale_of("o-1", "ann");
	struct use_back part = uses_back_of(&s, 0);

	(void)state;
	assert_int_equal(uses_take_sale(u, &s), ERR_OK);
	part.uses = 0; /* goods come back, the order stays: the budget has 0.50 again, and no use is free */
	part.amount.minor = 50;
	assert_int_equal(uses_take_back(u, "ann", &part), ERR_OK);
	assert_int_equal(promotion(u, "TEN").amount.minor, 200);
	assert_int_equal(uses(u, USE_PROMOTION, "TEN", NULL), 1);
	assert_int_equal(uses(u, USE_BY_CUSTOMER, "TEN", "ann"), 1);

	for (size_t i = 0; i < COUNT(applied); i++) {
		struct use_back all = uses_back_of(&s, i);

		all.amount.minor -= i == 0 ? 50 : 0;
		assert_int_equal(uses_take_back(u, "ann", &all), ERR_OK);
	}
	assert_int_equal(uses_take_void(u, "ann"), ERR_OK);
	assert_int_equal(uses(u, USE_COUPON, "CODE1", NULL), 0);
	assert_int_equal(uses_coupon(u, "CODE1")->returned, 1);
	uses_coupon(u, "CODE1")->returned = 0; /* what else there was is gone without a trace */
	uses_coupon(u, "CODE1")->order[0] = '\0';
	assert_null(uses_differ(u, untouched));
	uses_free(u);
	uses_free(untouched);
}

static void a_grant_counts_once(void **state)
{
	struct uses *u = uses_new();
	struct event_grant g = {
		.promotion = "TEN", .incarnation = 1, .number = 1, .uses = 10, .amount = {500}};
	const struct event_sale s = sale_of("o-1", NULL);

	(void)state;
	assert_int_equal(uses_take_grant(u, &g), ERR_OK);
	assert_int_equal(uses_take_grant(u, &g), ERR_OK); /* the same again */
	assert_int_equal(promotion(u, "TEN").granted_uses, 10);
	g.number = 2;
	g.uses = -4; /* given up */
	g.amount.minor = 0;
	assert_int_equal(uses_take_grant(u, &g), ERR_OK);
	assert_int_equal(promotion(u, "TEN").granted_uses, 6);
	assert_int_equal(promotion(u, "TEN").granted_amount.minor, 500);
	assert_int_equal(uses_take_sale(u, &s), ERR_OK);
	g = (struct event_grant){.promotion = "TEN", .incarnation = 2, .number = 1, .uses = 3};
	assert_int_equal(uses_take_grant(u, &g), ERR_OK); /* 3 more than what is spent, and no more money */
	assert_int_equal(promotion(u, "TEN").granted_uses, 4);
	assert_int_equal(promotion(u, "TEN").granted_amount.minor, 250);
	g.incarnation = 1;
	g.number = 9;
	assert_int_equal(uses_take_grant(u, &g), ERR_OK); /* of an incarnation that is dead */
	assert_int_equal(promotion(u, "TEN").granted_uses, 4);
	uses_free(u);
}

static void a_coupon_is_reserved_released_and_ended(void **state)
{
	struct uses *u = uses_new();
	struct event_coupon e = {
		.code = "CODE1", .action = COUPON_RESERVE, .token = "app-7", .until_ms = 5000};
	const struct coupon_use *c = uses_coupon(u, "CODE1");
	const struct event_sale s = sale_of("o-1", NULL);

	(void)state;
	assert_int_equal(uses_take_coupon(u, &e), ERR_OK);
	assert_int_equal(coupon_token_held(c, 5000), 1);
	assert_int_equal(coupon_token_held(c, 5001), 0);
	e.action = COUPON_RELEASE;
	e.token = "other";
	assert_int_equal(uses_take_coupon(u, &e), ERR_OK); /* not theirs */
	assert_int_equal(coupon_token_held(c, 0), 1);
	assert_int_equal(uses_take_sale(u, &s), ERR_OK); /* with the token: both are one use */
	assert_int_equal(coupon_token_held(c, 0), 0);
	assert_int_equal(c->use.uses, 1);
	e.action = COUPON_RETURN;
	assert_int_equal(uses_take_coupon(u, &e), ERR_OK);
	assert_int_equal(uses_take_coupon(u, &e), ERR_OK); /* there is no second one to give back */
	assert_int_equal(c->use.uses, 0);
	e.action = COUPON_EXPIRE;
	assert_int_equal(uses_take_coupon(u, &e), ERR_OK);
	assert_true(c->expired);
	uses_free(u);
}

static void thousands_are_found_again(void **state)
{
	struct uses *u = uses_new();
	char key[32];
	size_t seen = 0;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof(key), "c%d", i);
		uses_get(u, USE_CUSTOMER, key, NULL)->uses = i + 1;
		uses_get(u, USE_BY_CUSTOMER, "TEN", key)->uses = i + 2;
	}
	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof(key), "c%d", i);
		assert_int_equal(uses(u, USE_CUSTOMER, key, NULL), i + 1);
		assert_int_equal(uses(u, USE_BY_CUSTOMER, "TEN", key), i + 2);
	}
	for (const struct use *e = uses_next(u, NULL); e; e = uses_next(u, e))
		seen++;
	assert_int_equal(seen, 10000);
	uses_free(u);
}

/* A ledger of sales, each of which uses promotion "tenth", a customer's and others', and once a coupon. */
struct box {
	struct scratch scratch;
	const char *path;
	struct ledger *ledger;
	struct uses *fold; /* as it should be */
	int64_t sales;
};

static void must(enum err e, const struct why *why)
{
	if (e)
		fail_msg("%s: %s", err_name(e), why->text);
}

static void box_open(struct box *b)
{
	struct why why = {0};

	must(ledger_open(b->path, "b", &now.clock, &b->ledger, &why), &why);
}

static void box_start(struct box *b)
{
	*b = (struct box){0};
	clock_manual_init(&now, 0);
	scratch_new(&b->scratch);
	b->path = scratch_path(&b->scratch, "ledger.db");
	b->fold = uses_new();
	box_open(b);
}

static void box_stop(struct box *b)
{
	ledger_close(b->ledger);
	uses_free(b->fold);
	scratch_free(&b->scratch);
}

static void box_sell(struct box *b, int count)
{
	static const char *const customers[] = {"ann", "bob", NULL};
	struct ledger_position at;
	struct why why = {0};
	struct sale_kit k;
	char order[32];

	must(ledger_begin(b->ledger, &why), &why);
	for (int i = 0; i < count; i++) {
		snprintf(order, sizeof(order), "o-%lld", (long long)b->sales);
		sale_kit_make(&k, order, 2, 0);
		k.sale.customer = customers[b->sales++ % 3];
		must(ledger_append_sale(b->ledger, &k.ledger, &at, &why), &why);
		assert_int_equal(uses_take_sale(b->fold, &k.sale), ERR_OK);
		sale_kit_free(&k);
	}
	must(ledger_commit(b->ledger, &why), &why);
}

static void box_note_uses(struct box *b)
{
	struct arena a = ARENA_EMPTY;
	struct ledger_uses taken;
	struct why why = {0};

	assert_int_equal(ledger_uses_take(b->fold, ledger_newest(b->ledger), &a, &taken), ERR_OK);
	must(ledger_begin(b->ledger, &why), &why);
	must(ledger_put_uses(b->ledger, &taken, &why), &why);
	must(ledger_commit(b->ledger, &why), &why);
	assert_null(uses_changed(b->fold));
	arena_free(&a);
}

/* A start reads what the events say, and goes on with that. */
static void expect_loaded(struct box *b)
{
	struct why why = {0};
	const struct use *other;
	struct uses *loaded;
	int64_t event;

	must(ledger_load_uses(b->ledger, &loaded, &event, &why), &why);
	assert_int_equal(event, ledger_newest(b->ledger));
	other = uses_differ(b->fold, loaded);
	if (other)
		fail_msg("%s differs", other->key);
	uses_free(b->fold);
	b->fold = loaded;
}

static enum err verify(struct box *b, struct ledger_verdict *verdict, struct why *why)
{
	struct ledger_reader *r;
	enum err e;

	must(ledger_reader_open(b->path, &r, why), why);
	e = ledger_verify(r, verdict, why);
	ledger_reader_close(r);
	return e;
}

static void a_start_knows_what_was_used(void **state)
{
	struct ledger_verdict verdict;
	struct why why = {0};
	struct box b;

	(void)state;
	box_start(&b);
	expect_loaded(&b); /* nothing */
	box_sell(&b, 5);
	expect_loaded(&b); /* from events alone */
	box_note_uses(&b);
	expect_loaded(&b); /* from the table alone */
	box_sell(&b, 4);
	expect_loaded(&b); /* from both */
	ledger_close(b.ledger);
	box_open(&b);
	expect_loaded(&b);
	box_note_uses(&b);
	box_sell(&b, 1);
	must(verify(&b, &verdict, &why), &why);
	box_stop(&b);
}

static void what_could_not_be_written_is_written_later(void **state)
{
	struct arena a = ARENA_EMPTY;
	struct ledger_uses taken;
	struct box b;

	(void)state;
	box_start(&b);
	box_sell(&b, 3);
	assert_int_equal(ledger_uses_take(b.fold, ledger_newest(b.ledger), &a, &taken), ERR_OK);
	box_sell(&b, 1);
	ledger_uses_again(b.fold, &taken);
	box_note_uses(&b);
	expect_loaded(&b);
	arena_free(&a);
	box_stop(&b);
}

/* Somebody who wants a use back changes the table: the check finds it, and names what it is about. */
static void a_changed_table_is_found(void **state)
{
	struct ledger_verdict verdict;
	struct why why = {0};
	struct box b;

	(void)state;
	box_start(&b);
	box_sell(&b, 7);
	box_note_uses(&b);
	box_sell(&b, 2);
	ledger_close(b.ledger);
	scratch_sql(b.path, "UPDATE use SET uses = uses - 1 WHERE kind = 1");
	box_open(&b);
	assert_int_equal(verify(&b, &verdict, &why), ERR_CORRUPT);
	assert_int_equal(verdict.fault, FAULT_TABLE);
	assert_non_null(strstr(why.text, "promotion tenth"));
	box_stop(&b);
}

/* A table that was made from other events than these is made anew. */
static void a_table_of_another_ledger_is_thrown_away(void **state)
{
	struct box b;

	(void)state;
	box_start(&b);
	box_sell(&b, 7);
	box_note_uses(&b);
	ledger_close(b.ledger);
	scratch_sql(b.path, "UPDATE use_mark SET digest = digest + 1;"
			    "INSERT INTO use VALUES (4, 'FREE', '', -100, NULL)");
	box_open(&b);
	expect_loaded(&b);
	box_note_uses(&b);
	ledger_close(b.ledger);
	box_open(&b);
	expect_loaded(&b);
	box_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sale_counts_what_it_used),
		cmocka_unit_test(what_flows_back_is_taken_off),
		cmocka_unit_test(a_grant_counts_once),
		cmocka_unit_test(a_coupon_is_reserved_released_and_ended),
		cmocka_unit_test(thousands_are_found_again),
		cmocka_unit_test(a_start_knows_what_was_used),
		cmocka_unit_test(what_could_not_be_written_is_written_later),
		cmocka_unit_test(a_changed_table_is_found),
		cmocka_unit_test(a_table_of_another_ledger_is_thrown_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
