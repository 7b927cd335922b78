/*
 * The policy best_deal: worked cases, a choice a row; then tens of thousands of small random carts against a
 * search that tries everything (best_oracle.c), and larger ones whose proof has to hold. docs/engine.md, "The
 * best deal".
 */
#include "best_problem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEN, EIGHT, SIX, HUNDRED, TIGHT, WEIGHED };

static struct mini *shop(void)
{
	struct mini *m = mini_new();

	mini_item(m, "A-TEN", 1000);
	mini_item(m, "B-EIGHT", 800);
	mini_item(m, "C-SIX", 600);
	mini_item(m, "D-HUNDRED", 10000);
	mini_item(m, "E-TIGHT", 10000)->cost.minor = 6650; /* lowest 66.50 / 0.7 = 95.00: room for 5.00 */
	mini_item(m, "F-WEIGHED", 1000)->unit = UNIT_KG;
	m->catalog.settings.policy = POLICY_BEST_DEAL;
	return m;
}

#define ITEM(id) ONLY(TERM(ITEM, id))
#define ALONE	 .stackable = false

static const struct row {
	const char *what;
	struct promotion promotions[5];
	struct engine_line lines[4];
	const char *nets, *verdicts;
} rows[] = {
	{"100 - 20 that does not stack, then 10 % that does: 72",
	 {PROMOTION("a", GIVES(PERCENT_OFF(10, ALL))), PROMOTION("b", GIVES(AMOUNT_OFF(2000, ALL)), ALONE)},
	 {PIECES(HUNDRED, 1)},
	 "7200",
	 "b=2000x1 a=800x1"},
	{"40 off that the guard cuts to 5 loses to 10 off that it lets be",
	 {PROMOTION("a", GIVES(AMOUNT_OFF(4000, ITEM(TIGHT))), ALONE, .priority = 1),
	  PROMOTION("b", GIVES(AMOUNT_OFF(1000, ALL)), ALONE, .priority = 2)},
	 {PIECES(HUNDRED, 1), PIECES(TIGHT, 1)},
	 "9500 9500", /* 10.00 over 100.00 and 100.00, the latter full at 5.00 */
	 "b=1000x1 a=outranked<b"},
	{"70 % beside 40 %, on running amounts: 100, 60, 18",
	 {PROMOTION("a", GIVES(PERCENT_OFF(40, ALL))), PROMOTION("b", GIVES(PERCENT_OFF(70, ALL)))},
	 {PIECES(HUNDRED, 1)},
	 "1800",
	 "a=4000x1 b=4200x1"},
	{"the dearer of two, whatever its priority",
	 {PROMOTION("a", GIVES(PERCENT_OFF(10, ALL)), ALONE, .priority = 1),
	  PROMOTION("b", GIVES(PERCENT_OFF(20, ITEM(TEN))), ALONE, .priority = 9)},
	 {PIECES(TEN, 1)},
	 "800",
	 "b=200x1 a=outranked<b"},
	{"each article its own: both apply, since no piece has two",
	 {PROMOTION("a", GIVES(PERCENT_OFF(10, ALL)), ALONE, .priority = 1),
	  PROMOTION("b", GIVES(PERCENT_OFF(20, ITEM(TEN))), ALONE, .priority = 9)},
	 {PIECES(TEN, 1), PIECES(SIX, 1)},
	 "800 540",
	 "a=60x1 b=200x1"},
	{"10, 8 and 6: the pair 10 and 8 is 8.00 off; with half off the 10, the pair 8 and 6 makes 11.00",
	 {PROMOTION("a", GIVES(UNITS_OFF(1, 1, 100, ALL)), ALONE),
	  PROMOTION("b", GIVES(PERCENT_OFF(50, ITEM(TEN))), ALONE)},
	 {PIECES(TEN, 1), PIECES(EIGHT, 1), PIECES(SIX, 1)},
	 "500 800 0",
	 "a=600x1 b=500x1"},
	{"three of a kind: one pair, and the third has the per cent",
	 {PROMOTION("a", GIVES(UNITS_OFF(1, 1, 100, ALL)), ALONE),
	  PROMOTION("b", GIVES(PERCENT_OFF(10, ALL)), ALONE)},
	 {PIECES(TEN, 3)},
	 "1900",
	 "a=1000x1 b=100x1"},
	{"a group at most, as its limit says: the other two pieces have 10 %",
	 {PROMOTION("a", GIVES(UNITS_OFF(1, 1, 100, ALL)), ALONE, .times = 1),
	  PROMOTION("b", GIVES(PERCENT_OFF(10, ALL)), ALONE)},
	 {PIECES(TEN, 2), PIECES(SIX, 2)},
	 "1000 1080",
	 "a=1000x1 b=120x1"},
	{"5.00 off takes all pieces of what it selects: 5.00 against 20 % of 16.00",
	 {PROMOTION("a", GIVES(AMOUNT_OFF(500, ALL)), ALONE),
	  PROMOTION("b", GIVES(PERCENT_OFF(20, ITEM(TEN))), ALONE),
	  PROMOTION("c", GIVES(PERCENT_OFF(20, ITEM(SIX))), ALONE)},
	 {PIECES(TEN, 1), PIECES(SIX, 1)},
	 "687 413", /* 5.00 over 10 and 6: 3.125 and 1.875, equal remainders, so the first */
	 "a=500x1 b=outranked<a c=outranked<a"},
	{"and 3.10 against 3.20",
	 {PROMOTION("a", GIVES(AMOUNT_OFF(310, ALL)), ALONE),
	  PROMOTION("b", GIVES(PERCENT_OFF(20, ITEM(TEN))), ALONE),
	  PROMOTION("c", GIVES(PERCENT_OFF(20, ITEM(SIX))), ALONE)},
	 {PIECES(TEN, 1), PIECES(SIX, 1)},
	 "800 480",
	 "b=200x1 c=120x1 a=outranked<b"},
	{"equal amounts: one promotion rather than two",
	 {PROMOTION("a", GIVES(PERCENT_OFF(50, ITEM(TEN))), ALONE),
	  PROMOTION("b", GIVES(PERCENT_OFF(50, ITEM(SIX))), ALONE),
	  PROMOTION("c", GIVES(UNITS_OFF(1, 1, 100, ALL)), ALONE)},
	 {PIECES(TEN, 1), PIECES(SIX, 1)},
	 "500 300",
	 "a=500x1 b=300x1 c=outranked<a"},
	{"equal amounts of equally many: the lower priority",
	 {PROMOTION("a", GIVES(PERCENT_OFF(50, ITEM(TEN))), ALONE, .priority = 2),
	  PROMOTION("b", GIVES(AMOUNT_OFF(500, ITEM(TEN))), ALONE, .priority = 1)},
	 {PIECES(TEN, 1)},
	 "500",
	 "b=500x1 a=outranked<b"},
	{"of a group only one, the better: 2.00 and not 1.00 besides",
	 {PROMOTION("a", GIVES(PERCENT_OFF(20, ITEM(TEN))), ALONE, .group = 1),
	  PROMOTION("b", GIVES(AMOUNT_OFF(100, ITEM(SIX))), ALONE, .group = 1),
	  PROMOTION("c", GIVES(PERCENT_OFF(10, ITEM(SIX))), .group = 1)},
	 {PIECES(TEN, 1), PIECES(SIX, 1)},
	 "800 600",
	 "a=200x1 b=outranked<a c=outranked<a"},
	{"a free one is borne by its pair: room for 5.00 each",
	 {PROMOTION("a", GIVES(UNITS_OFF(1, 1, 100, ALL)), ALONE)},
	 {PIECES(TIGHT, 2)},
	 "19000",
	 "a=1000x1!9000"},
	{"what is weighed is one piece: a per cent, but no group",
	 {PROMOTION("a", GIVES(UNITS_OFF(1, 1, 100, ITEM(WEIGHED))), ALONE),
	  PROMOTION("b", GIVES(PERCENT_OFF(10, ITEM(WEIGHED))), ALONE)},
	 {MEASURED(WEIGHED, 500000), MEASURED(WEIGHED, 500000)},
	 "450 450",
	 "b=100x1 a=worth_zero"},
	{"needs are of the whole cart, before anything is taken",
	 {PROMOTION("a", NEEDS({.of = ALL, .least = 3}), GIVES(PERCENT_OFF(10, ITEM(TEN))), ALONE),
	  PROMOTION("b", GIVES(UNITS_OFF(1, 1, 100, ITEM(SIX))), ALONE),
	  PROMOTION("c", NEEDS({.of = ALL, .least = 4}), GIVES(PERCENT_OFF(90, ALL)), ALONE)},
	 {PIECES(TEN, 1), PIECES(SIX, 2)},
	 "900 600",
	 "a=100x1 b=600x1 c=needs_quantity-1@0"},
	{"a thousand pairs are proven like one",
	 {PROMOTION("a", GIVES(UNITS_OFF(1, 1, 100, ITEM(TEN))), ALONE)},
	 {PIECES(TEN, 2001)},
	 "1001000",
	 "a=1000000x1000"},
	{"a maximum makes it a whole: 2.00 of 4.00, against 10 % and 1.50",
	 {PROMOTION("a", GIVES(PERCENT_OFF(25, ALL)), ALONE, .max_discount = {200}),
	  PROMOTION("b", GIVES(PERCENT_OFF(10, ITEM(TEN))), ALONE),
	  PROMOTION("c", GIVES(AMOUNT_OFF(150, ITEM(SIX))), ALONE)},
	 {PIECES(TEN, 1), PIECES(SIX, 1)},
	 "900 450",
	 "b=100x1 c=150x1 a=outranked<b"},
};

static void worked(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mini *m = shop();
		struct engine_cart cart = {
			rows[i].lines, lines_count(rows[i].lines, COUNT(rows[i].lines)), {0}};
		struct engine_result r;
		char text[TEXT_MAX];
		uint32_t bad_line;

		for (size_t k = 0; k < COUNT(rows[i].promotions) && rows[i].promotions[k].id; k++)
			mini_promotion(m, &rows[i].promotions[k]);
		mini_finish(m);
		print_message("%s\n", rows[i].what);
		assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
		assert_adds_up(&m->catalog, &cart, &r);
		assert_string_equal(nets_text(&r, text), rows[i].nets);
		assert_string_equal(verdicts_text(&m->catalog, &r, text), rows[i].verdicts);
		assert_true(r.optimal);
		mini_free(m);
	}
}

static void make_problem(uint64_t *seed, struct oracle *o, int64_t cost[ORACLE_GOODS])
{
	int64_t priority = 0;

	memset(o, 0, sizeof(*o));
	o->good_count = 1 + (int)below(seed, 4);
	o->offer_count = 1 + (int)below(seed, 4);
	for (int i = 0; i < o->good_count; i++)
		make_good(seed, &o->goods[i], &cost[i]);
	for (int k = 0; k < o->offer_count; k++) {
		priority += below(seed, 3);
		make_offer(seed, &o->offers[k], o->good_count, priority);
	}
}

static void check_amounts(const struct posed *p, const struct oracle *o, uint64_t number)
{
	int64_t amounts[ORACLE_OFFERS] = {0};

	for (uint32_t i = 0; i < p->result.applied_count; i++)
		amounts[p->result.verdicts[i].promotion] = p->result.verdicts[i].amount.minor;
	for (int k = 0; k < o->offer_count; k++)
		if (amounts[k] != o->amounts[k] && print_problem(o))
			fail_msg("problem %llu: offer %s gives %lld, expected %lld",
				 (unsigned long long)number, p->m->catalog.promotions[k].id,
				 (long long)amounts[k], (long long)o->amounts[k]);
}

static void everything_tried(void **state)
{
	const char *many = getenv("TILL_PROBLEMS");
	uint64_t problems = many ? strtoull(many, NULL, 10) : 20000, seed = seed_start("everything_tried");
	int64_t choices = 0, offers_applied = 0, cut = 0;

	(void)state;
	for (uint64_t i = 0; i < problems; i++) {
		int64_t cost[ORACLE_GOODS] = {0};
		struct posed p = {0};
		struct oracle o;

		make_problem(&seed, &o, cost);
		oracle_solve(&o);
		pose(&p, &o, cost);
		if ((p.result.totals.discount.minor != o.given || !p.result.optimal) && print_problem(&o))
			fail_msg("problem %llu: %lld off (gap %lld), expected %lld", (unsigned long long)i,
				 (long long)p.result.totals.discount.minor, (long long)p.result.gap.minor,
				 (long long)o.given);
		check_amounts(&p, &o, i);
		check_floors(&p, &o);
		choices += o.tried;
		offers_applied += p.result.applied_count;
		for (uint32_t k = 0; k < p.result.applied_count; k++)
			cut += p.result.verdicts[k].cut.minor > 0;
		mini_free(p.m);
	}
	print_message("%llu problems, %lld choices, %lld promotions applied, %lld of them cut by the guard\n",
		      (unsigned long long)problems, (long long)choices, (long long)offers_applied,
		      (long long)cut);
	assert_true(offers_applied > (int64_t)problems / 2 && cut > (int64_t)problems / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(worked),
		cmocka_unit_test(everything_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
