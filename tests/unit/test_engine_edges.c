/*
 * Edges that a mutation run (docs/mutation.md) found nobody standing at: each row says what would be wrong
 * there, with the arithmetic behind what comes out.
 */
#include "mini_catalog.h"

#include <stdlib.h>
#include <string.h>

enum { TEN, TWENTY, HUNDRED };

#define ITEM(id)	   ONLY(TERM(ITEM, id))
#define ALONE		   .stackable = false
#define BACK(minor_)	   ROW(.kind = GIVE_CASHBACK, .off = OFF_AMOUNT, .amount.minor = (minor_), .on = ALL)
#define BEST_TOTAL	   .exclusive = EXCLUSIVE_BEST_TOTAL
#define ONE		   .policy = POLICY_ONE_PER_ORDER
#define NTH(from_, to_, n) .orders = {(from_), (to_), (n)}

static const struct row {
	const char *what;
	struct settings settings;
	struct engine_context context;
	struct promotion promotions[4];
	struct engine_line lines[3];
	const char *nets, *verdicts;
} rows[] = {
	{"one of a group is not kept out by one that does not stack: 10.00 - 1.00, less 10 %",
	 {0},
	 {0},
	 {PROMOTION("a", GIVES(AMOUNT_OFF(100, ALL)), ALONE),
	  PROMOTION("b", GIVES(PERCENT_OFF(10, ALL)), .group = 1)},
	 {PIECES(TEN, 1)},
	 "810",
	 "a=100x1 b=90x1"},
	{"best_total: who is of no group outranks nobody of it, though he gives more",
	 {BEST_TOTAL},
	 {0},
	 {PROMOTION("a", GIVES(PERCENT_OFF(10, ALL)), .group = 1),
	  PROMOTION("b", GIVES(PERCENT_OFF(50, ALL))),
	  PROMOTION("c", GIVES(AMOUNT_OFF(300, ALL)), .group = 1)},
	 {PIECES(TEN, 1)},
	 "200",
	 "b=500x1 c=300x1 a=outranked<c"},
	{"the first order that is asked for is one of them, and the last",
	 {0},
	 {.order_number = 3},
	 {PROMOTION("a", GIVES(AMOUNT_OFF(1, ALL)), NTH(3, 0, 0)),
	  PROMOTION("b", GIVES(AMOUNT_OFF(2, ALL)), NTH(4, 0, 0)),
	  PROMOTION("c", GIVES(AMOUNT_OFF(4, ALL)), NTH(0, 3, 0)),
	  PROMOTION("d", GIVES(AMOUNT_OFF(8, ALL)), NTH(0, 2, 0))},
	 {PIECES(TEN, 1)},
	 "995",
	 "a=1x1 c=4x1 b=wrong_order d=wrong_order"},
	{"what is paid back later counts against a budget: 1.00 off and 0.50 back are more than 1.20",
	 {.overrun = OVERRUN_REJECT},
	 {0},
	 {PROMOTION("a", GIVES(AMOUNT_OFF(100, ALL), BACK(50)), .budget = {120}),
	  PROMOTION("b", GIVES(AMOUNT_OFF(100, ALL), BACK(50)), .budget = {150})},
	 {PIECES(TEN, 1)},
	 "900",
	 "b=100x1 a=budget_spent"},
	{"what an index finds a need by is excluded there: that promotion is none of this cart's",
	 {0},
	 {0},
	 {PROMOTION("a",
		    NEEDS({.of = {.include = LIST(struct term, TERM(ITEM, TEN), TERM(ITEM, TWENTY)),
				  .includes = 2,
				  .exclude = LIST(struct term, TERM(ITEM, TEN)),
				  .excludes = 1},
			   .least = 1}),
		    GIVES(AMOUNT_OFF(1, ITEM(TWENTY))))},
	 {PIECES(TEN, 1)},
	 "1000",
	 ""},
	{"of best deals one that gives a reward, too, has its turn among those that stack: 10 % first, then "
	 "1.00",
	 {.policy = POLICY_BEST_DEAL},
	 {0},
	 {PROMOTION("a", GIVES(AMOUNT_OFF(100, ALL), BACK(50)), ALONE),
	  PROMOTION("b", GIVES(PERCENT_OFF(10, ALL)))},
	 {PIECES(TEN, 1)},
	 "800",
	 "b=100x1 a=100x1"},
	/* 10 % of 10.00 each; at the best per cent of each article a per cent is not what it was, though
	   nothing of its goods has changed */
	{"the highest per cent alone, of two that are equal the first",
	 {.percents = PERCENTS_BEST_ONLY},
	 {0},
	 {PROMOTION("a", GIVES(PERCENT_OFF(10, ALL))), PROMOTION("b", GIVES(PERCENT_OFF(10, ITEM(TEN))))},
	 {PIECES(TEN, 1)},
	 "900",
	 "a=100x1 b=outranked<a"},
};

static void evaluate(struct mini *m, const struct engine_line *lines, struct engine_context context,
		     struct engine_result *r)
{
	struct engine_cart cart = {lines, lines_count(lines, 3), context};
	uint32_t bad_line;

	assert_int_equal(mini_evaluate(m, &cart, r, &bad_line), ERR_OK);
	assert_adds_up(&m->catalog, &cart, r);
}

/* The order of precedence is among what mini_finish makes, so the settings come before it. */
static struct mini *shop_of(const struct promotion *promotions, const struct settings *settings)
{
	struct mini *m = mini_round_prices();

	m->catalog.settings.policy = settings->policy;
	m->catalog.settings.exclusive = settings->exclusive;
	m->catalog.settings.percents = settings->percents;
	m->catalog.settings.overrun = settings->overrun;
	for (size_t k = 0; k < 4 && promotions[k].id; k++)
		mini_promotion(m, &promotions[k]);
	mini_finish(m);
	return m;
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char nets[TEXT_MAX], verdicts[TEXT_MAX];
		struct mini *m = shop_of(rows[i].promotions, &rows[i].settings);
		struct engine_result r;

		print_message("%s\n", rows[i].what);
		evaluate(m, rows[i].lines, rows[i].context, &r);
		assert_string_equal(nets_text(&r, nets), rows[i].nets);
		assert_string_equal(verdicts_text(&m->catalog, &r, verdicts), rows[i].verdicts);
		mini_free(m);
	}
}

/* Each of five customers is found, and nobody between, before or behind them. */
static void who_is_named_is_found(void **state)
{
	static const char *const names[] = {"ann", "bob", "eve", "joe", "zoe"};
	static const char *const others[] = {"abe", "bea", "cid", "jan", "kim", "zzz"};
	static const struct settings none = {0};
	static const struct engine_line ten[3] = {PIECES(TEN, 1)};
	const struct promotion one[4] = {
		PROMOTION("a", GIVES(AMOUNT_OFF(1, ALL)), .customers = {names, COUNT(names)})};
	struct mini *m = shop_of(one, &none);
	struct engine_result r;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		evaluate(m, ten, (struct engine_context){.customer = names[i]}, &r);
		assert_int_equal(r.applied_count, 1);
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		evaluate(m, ten, (struct engine_context){.customer = others[i]}, &r);
		assert_int_equal(r.applied_count, 0);
	}
	mini_free(m);
}

/* What the others would have given is told of those that lost, and only to who asks. */
static void what_others_would_have_given(void **state)
{
	const struct promotion two[4] = {PROMOTION("a", GIVES(AMOUNT_OFF(300, ALL))),
					 PROMOTION("b", GIVES(AMOUNT_OFF(200, ALL)))};
	static const struct engine_line ten[3] = {PIECES(TEN, 1)};
	static const struct settings one = {ONE};

	(void)state;
	for (int ranked = 0; ranked < 2; ranked++) {
		struct mini *m = shop_of(two, &one);
		struct engine_result r;

		evaluate(m, ten, (struct engine_context){.ranked = ranked}, &r);
		assert_int_equal(r.verdicts[0].alone.minor, 0); /* it has given it */
		assert_int_equal(r.verdicts[1].alone.minor, ranked ? 200 : 0);
		mini_free(m);
	}
}

/* Of equal amounts: what was applied first, before what was not. */
static void equal_ones_are_ranked_as_they_stand(void **state)
{
	const struct promotion four[4] = {
		PROMOTION("a", GIVES(AMOUNT_OFF(100, ALL)), .group = 1),
		PROMOTION("b", GIVES(AMOUNT_OFF(100, ALL))),
		PROMOTION("c", GIVES(AMOUNT_OFF(100, ALL)), .group = 1),
		PROMOTION("d", GIVES(AMOUNT_OFF(100, ALL))),
	};
	static const struct engine_line ten[3] = {PIECES(TEN, 1)};
	static const struct settings none = {0};
	struct mini *m = shop_of(four, &none);
	struct engine_result r;
	char verdicts[TEXT_MAX];

	(void)state;
	evaluate(m, ten, (struct engine_context){.ranked = true}, &r);
	assert_string_equal(verdicts_text(&m->catalog, &r, verdicts),
			    "a=100x1 b=100x1 d=100x1 c=outranked<a");
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(r.ranked[i], i);
	mini_free(m);
}

/* 8.50 was seen where 10.00 is asked: 1.50 less. */
static void a_lock_is_a_step_down(void **state)
{
	static const struct engine_line seen[3] = {LOCKED(TEN, 1, 850)};
	static const struct settings none = {0};
	static const struct promotion nothing[4];
	struct mini *m = shop_of(nothing, &none);
	struct engine_result r;

	(void)state;
	evaluate(m, seen, (struct engine_context){0}, &r);
	assert_int_equal(r.lines[0].steps, 1);
	assert_int_equal(r.steps[r.lines[0].first_step].kind, STEP_LOCK);
	assert_int_equal(r.steps[r.lines[0].first_step].amount.minor, -150);
	mini_free(m);
}

/* A segment's own price, best or not, is one where nobody else has any. */
static void who_alone_has_a_price_pays_it(void **state)
{
	static const uint32_t gold[] = {1};
	static const struct engine_line lines[3] = {PIECES(0, 1)};
	struct mini *m = mini_new();
	struct engine_cart cart = {lines, 1, {.segments = {gold, 1}}};
	struct engine_result r;
	uint32_t bad_line;

	(void)state;
	m->catalog.settings.prices = PRICES_BEST;
	mini_list(m, "gold")->segments = (struct ids){gold, 1};
	mini_item(m, "RARE", AMOUNT_NONE);
	mini_price(m, 1, 700);
	mini_finish(m);
	assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
	assert_int_equal(r.lines[0].unit_price.minor, 700);
	cart.context.segments.count = 0;
	assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_NOT_FOUND);
	mini_free(m);
}

static void evaluate_next(struct mini *m, struct engine_memo *memo, const struct engine_cart *cart,
			  struct engine_result *r)
{
	size_t size = engine_room_size(&m->catalog, cart->count);
	uint32_t bad_line;

	free(m->room);
	m->room = malloc(size);
	assert_non_null(m->room);
	assert_int_equal(engine_evaluate_next(&m->catalog, cart, memo, m->room, size, r, &bad_line), ERR_OK);
}

/*
 * With a memo, the highest per cent alone: TEN has b's 20 %; with HUNDRED in the cart a gives more, 10 % of
 * HUNDRED, and TEN has b's all the same, since it is each article's highest.
 */
static void a_memo_does_not_keep_the_best_per_cent(void **state)
{
	const struct promotion two[4] = {PROMOTION("a", GIVES(PERCENT_OFF(10, ALL))),
					 PROMOTION("b", GIVES(PERCENT_OFF(20, ITEM(TEN))))};
	static const struct engine_line lines[] = {PIECES(TEN, 1), PIECES(HUNDRED, 1), PIECES(TEN, 2)};
	static const char *const nets[] = {"800", "800 9000", "800 9000 1600"};
	static const struct settings best_only = {.percents = PERCENTS_BEST_ONLY};
	struct mini *m = shop_of(two, &best_only);
	void *memory;
	struct engine_memo *memo;

	(void)state;
	memory = malloc(engine_memo_size(&m->catalog, 3));
	assert_non_null(memory);
	memo = engine_memo_make(memory, &m->catalog, 3);
	for (uint32_t n = 1; n <= 3; n++) {
		const struct engine_cart cart = {lines, n, {0}};
		struct engine_result r;
		char text[TEXT_MAX];

		evaluate_next(m, memo, &cart, &r);
		assert_string_equal(nets_text(&r, text), nets[n - 1]);
	}
	free(memory);
	mini_free(m);
}

/* A memo of another catalog is none; nor does one that was asked for less know all reasons. */
static void a_memo_is_of_one_catalog_and_one_question(void **state)
{
	const struct promotion three[4] = {
		PROMOTION("a", GIVES(PERCENT_OFF(10, ITEM(TEN))), .sure_clock = true),
		PROMOTION("b", GIVES(PERCENT_OFF(20, ITEM(TWENTY))))};
	const struct promotion half[4] = {PROMOTION("a", GIVES(PERCENT_OFF(20, ITEM(TWENTY)))),
					  PROMOTION("b", GIVES(PERCENT_OFF(50, ITEM(TEN))))};
	static const struct engine_line lines[] = {PIECES(TEN, 1)};
	static const struct settings none = {0};
	struct engine_cart cart = {lines, 1, {0}};
	struct mini *m = shop_of(three, &none), *other = shop_of(half, &none);
	void *memory = malloc(engine_memo_size(&m->catalog, 3));
	char text[TEXT_MAX];
	struct engine_result r;

	(void)state;
	assert_non_null(memory);
	struct engine_memo *memo = engine_memo_make(memory, &m->catalog, 3);

	evaluate_next(m, memo, &cart, &r);
	assert_string_equal(verdicts_text(&m->catalog, &r, text), "a=100x1");
	cart.context.every_reason = true;
	evaluate_next(m, memo, &cart, &r);
	assert_string_equal(verdicts_text(&m->catalog, &r, text), "a=100x1 b=nothing_selected");
	cart.context.every_reason = false;
	cart.context.clock_uncertain = true;
	evaluate_next(m, memo, &cart, &r);
	assert_string_equal(verdicts_text(&m->catalog, &r, text), "a=clock_uncertain");
	cart.context.clock_uncertain = false;
	evaluate_next(m, memo, &cart, &r);
	assert_string_equal(verdicts_text(&m->catalog, &r, text), "a=100x1");
	evaluate_next(other, memo, &cart, &r);
	assert_string_equal(nets_text(&r, text), "500");
	free(memory);
	mini_free(other);
	mini_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(who_is_named_is_found),
		cmocka_unit_test(what_others_would_have_given),
		cmocka_unit_test(equal_ones_are_ranked_as_they_stand),
		cmocka_unit_test(a_lock_is_a_step_down),
		cmocka_unit_test(who_alone_has_a_price_pays_it),
		cmocka_unit_test(a_memo_does_not_keep_the_best_per_cent),
		cmocka_unit_test(a_memo_is_of_one_catalog_and_one_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
