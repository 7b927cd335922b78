/*
 * Limits at the lanes: who has the last use, what gives it back, and that every sale that met one replays.
 */
#include "mini_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lane_parts.h"
#include "replays.h"

/*
 * A 10.00, half price once in all; B 4.00, 3.00 off from a budget of 5.00; C 2.00, 0.50 off once a customer;
 * D 1.00, ten pence off the first order of a customer; E 8.00, a quarter off, and the guard leaves nothing of
 * it: worth zero.
 */
static const char book[] =
	"{\"type\":\"book\",\"id\":\"corner\",\"currency\":\"EUR\"}\n"
	"{\"type\":\"price_list\",\"id\":\"base\"}\n"
	"{\"type\":\"item\",\"sku\":\"A\",\"name\":\"A\"}\n"
	"{\"type\":\"item\",\"sku\":\"B\",\"name\":\"B\"}\n"
	"{\"type\":\"item\",\"sku\":\"C\",\"name\":\"C\"}\n"
	"{\"type\":\"item\",\"sku\":\"D\",\"name\":\"D\"}\n"
	"{\"type\":\"item\",\"sku\":\"E\",\"name\":\"E\",\"cost\":\"8.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"A\",\"price\":\"10.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"B\",\"price\":\"4.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"C\",\"price\":\"2.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"D\",\"price\":\"1.00\"}\n"
	"{\"type\":\"price\",\"list\":\"base\",\"sku\":\"E\",\"price\":\"8.00\"}\n"
	"{\"type\":\"promotion\",\"id\":\"ONCE\",\"name\":\"Half price\",\"limits\":{\"uses\":1},"
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"50\",\"select\":{\"skus\":[\"A\"]}}]}\n"
	"{\"type\":\"promotion\",\"id\":\"POT\",\"name\":\"Off\",\"limits\":{\"budget\":\"5.00\"},"
	"\"gives\":[{\"kind\":\"amount\",\"amount\":\"3.00\",\"select\":{\"skus\":[\"B\"]}}]}\n"
	"{\"type\":\"promotion\",\"id\":\"EACH\",\"name\":\"Once each\",\"limits\":{\"customer_uses\":1},"
	"\"gives\":[{\"kind\":\"amount\",\"amount\":\"0.50\",\"select\":{\"skus\":[\"C\"]}}]}\n"
	"{\"type\":\"promotion\",\"id\":\"FIRST\",\"name\":\"Welcome\",\"who\":{\"orders\":{\"to\":1}},"
	"\"gives\":[{\"kind\":\"amount\",\"amount\":\"0.10\",\"select\":{\"skus\":[\"D\"]}}]}\n"
	"{\"type\":\"promotion\",\"id\":\"NONE\",\"name\":\"Nothing\",\"limits\":{\"uses\":1},"
	"\"gives\":[{\"kind\":\"percent\",\"percent\":\"25\",\"select\":{\"skus\":[\"E\"]}}]}\n"
	"{\"type\":\"customer\",\"id\":\"ann\"}\n"
	"{\"type\":\"customer\",\"id\":\"bob\"}\n";

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
#define WALK(m, ...)                                       \
	do {                                               \
		const struct step steps[] = {__VA_ARGS__}; \
		mini_walk(m, steps, COUNT(steps));         \
	} while (0)

static struct promotion_use used(const struct mini_shop *m, const char *id)
{
	const struct use *e = uses_find(shop_uses(m->shop), USE_PROMOTION, id, NULL);

	assert_non_null(e);
	return *(const struct promotion_use *)e;
}

/* Why a promotion does not apply, of those that an article of the lane's cart touches. */
static enum reason why_not(const struct mini_shop *m, const char *lane, const char *id)
{
	const struct cart *c = shop_lane(m->shop, lane)->cart;
	const struct engine_result *r = &c->now.result;

	for (uint32_t i = 0; i < r->verdict_count; i++)
		if (!strcmp(c->catalog->promotions[r->verdicts[i].promotion].id, id))
			return r->verdicts[i].reason;
	fail_msg("%s was not judged", id);
	return REASON_APPLIED;
}

static void the_first_has_the_last_use(void **state)
{
	struct mini_shop *m = *state;

	WALK(m, {"1 sku A", OPEN, 1, "5.00"}, {"2 sku A", OPEN, 1, "10.00"});
	assert_int_equal(why_not(m, "2", "ONCE"), REASON_USES_SPENT);
	assert_int_equal(used(m, "ONCE").use.held, 1);
	/* Lane 1 takes the line off; lane 2 has it from its next evaluation on, and lane 1 has not. */
	WALK(m, {"1 void 1", OPEN, 0, "0.00"}, {"2 sku D", OPEN, 2, "6.00"}, {"1 sku A", OPEN, 1, "10.00"});
	assert_int_equal(why_not(m, "1", "ONCE"), REASON_USES_SPENT);
	WALK(m, {"2 tender cash=6.00", CLOSED, 2, "6.00"}, {"1 tender cash=10.00", CLOSED, 1, "10.00"},
	     {"1 sku A", OPEN, 1, "10.00"});
	assert_int_equal(used(m, "ONCE").use.held, 0);
	assert_int_equal(used(m, "ONCE").use.uses, 1);
	expect_replays(m);
}

static void a_void_gives_it_back(void **state)
{
	struct mini_shop *m = *state;

	WALK(m, {"1 sku A", OPEN, 1, "5.00"}, {"2 sku A", OPEN, 1, "10.00"}, {"1 void cart", IDLE, 0, ""},
	     {"2 sku A", OPEN, 1, "10.00"}, /* half of two */
	     {"2 tender cash=10.00", CLOSED, 1, "10.00"});
	expect_replays(m);
}

static void a_budget_is_given_in_part_and_never_twice(void **state)
{
	struct mini_shop *m = *state;

	/* 5.00: lane 1 holds 3.00 of it, lane 2 the rest. */
	WALK(m, {"1 sku B", OPEN, 1, "1.00"}, {"2 sku B", OPEN, 1, "2.00"}, {"1 sku D", OPEN, 2, "2.00"},
	     {"2 sku D", OPEN, 2, "3.00"}, {"1 tender cash=2.00", CLOSED, 2, "2.00"},
	     {"1 sku B", OPEN, 1, "4.00"}, {"2 void cart", IDLE, 0, ""}, {"1 sku D", OPEN, 2, "3.00"},
	     {"1 tender cash=3.00", CLOSED, 2, "3.00"});
	assert_int_equal(used(m, "POT").amount.minor, 500);
	assert_int_equal(used(m, "POT").use.uses, 2);
	expect_replays(m);
}

static void a_customer_is_counted_on_all_lanes(void **state)
{
	struct mini_shop *m = *state;

	WALK(m, {"1 sku C", OPEN, 1, "1.50"}, /* a guest may always */
	     {"1 customer ann", OPEN, 1, "1.50"}, {"2 sku C", OPEN, 1, "1.50"},
	     {"2 customer ann", OPEN, 1, "2.00"}, {"2 customer bob", OPEN, 1, "1.50"},
	     {"2 customer ann", OPEN, 1, "2.00"}, {"1 tender cash=1.50", CLOSED, 1, "1.50"},
	     {"2 sku D", OPEN, 2, "3.00"}, /* it is not her first order either */
	     {"2 customer bob", OPEN, 2, "2.40"});
	assert_int_equal(why_not(m, "2", "EACH"), REASON_APPLIED);
	WALK(m, {"2 customer ann", OPEN, 2, "3.00"}, {"2 tender cash=3.00", CLOSED, 2, "3.00"});
	expect_replays(m);
	mini_shop_restart(m); /* the ledger remembers */
	WALK(m, {"1 sku C", OPEN, 1, "1.50"}, {"1 customer ann", OPEN, 1, "2.00"},
	     {"1 customer bob", OPEN, 1, "1.50"});
}

static void a_repeated_tender_spends_nothing(void **state)
{
	struct mini_shop *m = *state;

	WALK(m, {"1 sku B", OPEN, 1, "1.00"}, {"1 tender order=o1 cash=1.00", CLOSED, 1, "1.00"},
	     {"1 tender order=o1 cash=1.00", CLOSED, 1, "1.00"}, {"2 sku B", OPEN, 1, "2.00"},
	     {"2 tender order=o1 cash=2.00", OPEN, 1, "2.00"}); /* the first answer; the cart stays */
	assert_int_equal(used(m, "POT").use.uses, 1);
	assert_int_equal(used(m, "POT").amount.minor, 300);
	assert_int_equal(used(m, "POT").held_amount.minor, 200);
	WALK(m, {"2 void cart", IDLE, 0, ""});
	expect_replays(m);
}

/* Its discount was cut to nothing by the guard: the use is there for the next. */
static void worth_zero_uses_nothing(void **state)
{
	struct mini_shop *m = *state;

	WALK(m, {"1 sku E", OPEN, 1, "8.00"}, {"1 tender cash=8.00", CLOSED, 1, "8.00"});
	assert_int_equal(used(m, "NONE").use.uses, 0);
	assert_int_equal(used(m, "NONE").use.held, 0);
	expect_replays(m);
}

static void a_suspended_cart_holds_for_a_while(void **state)
{
	struct mini_shop *m = *state;

	WALK(m, {"1 sku A", OPEN, 1, "5.00"}, {"1 suspend", IDLE, 0, ""}, {"2 sku A", OPEN, 1, "10.00"});
	clock_manual_advance_ms(&m->clock, 599000);
	WALK(m, {"1 resume b-1-1", OPEN, 1, "5.00"}, {"1 sku D", OPEN, 2, "6.00"},
	     {"1 suspend", IDLE, 0, ""});
	clock_manual_advance_ms(&m->clock, 1801000);
	loop_turn(m->loop, 0);
	assert_int_equal(used(m, "ONCE").use.held, 0);
	WALK(m, {"2 sku D", OPEN, 2, "6.00"}, {"1 resume b-1-1", OPEN, 2, "11.00"});
	assert_int_equal(why_not(m, "1", "ONCE"), REASON_USES_SPENT);
	WALK(m, {"2 tender cash=6.00", CLOSED, 2, "6.00"}, {"1 tender cash=11.00", CLOSED, 2, "11.00"});
	expect_replays(m);
}

/* If nobody else wanted it, the cart that was put aside for too long has it again. */
static void what_nobody_took_is_there_again(void **state)
{
	struct mini_shop *m = *state;

	WALK(m, {"1 sku A", OPEN, 1, "5.00"}, {"1 suspend", IDLE, 0, ""});
	clock_manual_advance_ms(&m->clock, 1801000);
	loop_turn(m->loop, 0);
	assert_int_equal(used(m, "ONCE").use.held, 0);
	WALK(m, {"2 resume b-1-1", OPEN, 1, "5.00"}, {"2 tender cash=5.00", CLOSED, 1, "5.00"});
	expect_replays(m);
}

static void import_with(struct mini_shop *m, const char *from, const char *to)
{
	char text[sizeof(book) + 64];
	const char *at = strstr(book, from);

	assert_non_null(at);
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - book), book, to, at + strlen(from));
	mini_shop_import(m, text);
}

static void a_box_grants_itself_what_the_book_says(void **state)
{
	struct mini_shop *m = *state;

	assert_int_equal(used(m, "ONCE").granted_uses, 1);
	assert_int_equal(used(m, "POT").granted_amount.minor, 500);
	WALK(m, {"1 sku B", OPEN, 1, "1.00"}, {"1 tender cash=1.00", CLOSED, 1, "1.00"});
	import_with(m, "\"budget\":\"5.00\"", "\"budget\":\"7.00\"");
	assert_int_equal(used(m, "POT").grant, 2);
	WALK(m, {"1 sku B", OPEN, 1, "1.00"}, {"1 tender cash=1.00", CLOSED, 1, "1.00"});
	import_with(m, "\"budget\":\"5.00\"", "\"budget\":\"2.00\""); /* less than is spent */
	assert_int_equal(used(m, "POT").granted_amount.minor, 200);
	WALK(m, {"1 sku B", OPEN, 1, "4.00"}, {"1 tender cash=4.00", CLOSED, 1, "4.00"});
	expect_replays(m);
	mini_shop_restart(m);
	assert_int_equal(used(m, "POT").grant, 3);
	assert_int_equal(used(m, "POT").granted_amount.minor, 200);
	assert_int_equal(used(m, "POT").amount.minor, 600);
	expect_replays(m);
}

/* A cart that is open has what it was promised, even by a book that is gone. */
static void a_new_catalog_takes_nothing_from_a_cart(void **state)
{
	struct mini_shop *m = *state;

	WALK(m, {"1 sku A", OPEN, 1, "5.00"});
	import_with(m, "\"uses\":1", "\"uses\":2");
	WALK(m, {"1 sku D", OPEN, 2, "6.00"}, {"2 sku A", OPEN, 1, "5.00"},
	     {"1 tender cash=6.00", CLOSED, 2, "6.00"}, {"1 sku A", OPEN, 1, "10.00"});
	mini_shop_import(m, book);
	WALK(m, {"2 tender cash=5.00", CLOSED, 1, "5.00"}, {"1 tender cash=10.00", CLOSED, 1, "10.00"});
	assert_int_equal(used(m, "ONCE").use.uses, 2);
	expect_replays(m);
}

/* Hundreds of sales: the sums are handed to the ledger, and its check finds them right. */
static void the_sums_are_noted(void **state)
{
	struct mini_shop *m = *state;
	char command[64];

	for (int i = 0; i < 300; i++) {
		mini_shop_do(m, "1 sku D");
		snprintf(command, sizeof(command), "1 customer %s", i % 2 ? "ann" : "bob");
		mini_shop_do(m, command);
		assert_int_equal(mini_shop_do(m, "1 tender cash=1.00").refusal, REFUSED_NOT);
	}
	expect_replays(m);
	mini_shop_restart(m);
	assert_true(scratch_number(m->ledger_path, "SELECT event FROM use_mark") > 200);
	assert_int_equal(uses_find(shop_uses(m->shop), USE_CUSTOMER, "ann", NULL)->uses, 150);
	expect_replays(m);
}

/* 256 events, 2,048 if somebody waits for the disk, and one hand-over at a time: docs/storage.md, "Uses". */
static void who_waits_goes_before_the_sums(void **state)
{
	static const struct {
		uint32_t pending;
		bool noting;
		int64_t noted, event;
		bool due;
	} rows[] = {
		{0, false, 0, 255, false},   {0, false, 0, 256, true},	 {1, false, 0, 256, false},
		{1, false, 0, 2047, false},  {1, false, 0, 2048, true},	 {0, true, 0, 9999, false},
		{0, false, 100, 355, false}, {0, false, 100, 356, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct shop s = {
			.pending = rows[i].pending, .noting = rows[i].noting, .noted = rows[i].noted};

		if (shop_uses_due(&s, rows[i].event) != rows[i].due)
			fail_msg("row %zu", i);
	}
}

#define LIMIT_TEST(function) cmocka_unit_test_setup_teardown(function, start, mini_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIMIT_TEST(the_first_has_the_last_use),
		LIMIT_TEST(a_void_gives_it_back),
		LIMIT_TEST(a_budget_is_given_in_part_and_never_twice),
		LIMIT_TEST(a_customer_is_counted_on_all_lanes),
		LIMIT_TEST(a_repeated_tender_spends_nothing),
		LIMIT_TEST(worth_zero_uses_nothing),
		LIMIT_TEST(a_suspended_cart_holds_for_a_while),
		LIMIT_TEST(what_nobody_took_is_there_again),
		LIMIT_TEST(a_box_grants_itself_what_the_book_says),
		LIMIT_TEST(a_new_catalog_takes_nothing_from_a_cart),
		LIMIT_TEST(the_sums_are_noted),
		cmocka_unit_test(who_waits_goes_before_the_sums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
