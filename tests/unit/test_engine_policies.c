/*
 * Policies other than the plain order of precedence, and the settings of the book by which promotions meet:
 * groups, several per cents. docs/engine.md, "Groups", "Several per cents", "One promotion an order".
 */
#include "mini_catalog.h"

#include <string.h>

enum { TEN, TWENTY, HUNDRED };

#define ITEM(id) ONLY(TERM(ITEM, id))
#define ALONE	 .stackable = false

#define ONE	      .policy = POLICY_ONE_PER_ORDER
#define SAME_PRIORITY .exclusive = EXCLUSIVE_SAME_PRIORITY
#define BEST_TOTAL    .exclusive = EXCLUSIVE_BEST_TOTAL

static const struct row {
	const char *what;
	struct settings settings;
	struct promotion promotions[4];
	struct engine_line lines[3];
	const char *nets, *verdicts;
} rows[] = {
	{"one an order: the one that gives most, whatever stacks",
	 {ONE},
	 {PROMOTION("a", GIVES(PERCENT_OFF(10, ALL)), .priority = 1),
	  PROMOTION("b", GIVES(AMOUNT_OFF(300, ALL))), PROMOTION("c", GIVES(AMOUNT_OFF(299, ALL)), ALONE)},
	 {PIECES(TEN, 1)},
	 "700",
	 "b=300x1 a=outranked<b c=outranked<b"},
	{"one an order: equal amounts by priority",
	 {ONE},
	 {PROMOTION("a", GIVES(AMOUNT_OFF(100, ALL)), .priority = 2),
	  PROMOTION("b", GIVES(PERCENT_OFF(10, ALL)), .priority = 1)},
	 {PIECES(TEN, 1)},
	 "900",
	 "b=100x1 a=outranked<b"},
	{"one an order: then by id",
	 {ONE},
	 {PROMOTION("a", GIVES(AMOUNT_OFF(100, ALL))), PROMOTION("b", GIVES(PERCENT_OFF(10, ALL)))},
	 {PIECES(TEN, 1)},
	 "900",
	 "a=100x1 b=outranked<a"},
	{"one an order: each alone on the list amounts, its own reason first",
	 {ONE},
	 {PROMOTION("a", GIVES(UNITS_OFF(1, 1, 100, ALL))),
	  PROMOTION("b", GIVES(AMOUNT_OFF(100, ITEM(TWENTY)))),
	  PROMOTION("c", NEEDS({.of = ALL, .least = 3}), GIVES(AMOUNT_OFF(1, ALL))),
	  PROMOTION("d", GIVES(PERCENT_OFF(50, ITEM(TEN))))},
	 {PIECES(TEN, 1)},
	 "500",
	 "d=500x1 a=worth_zero c=needs_quantity-2@0"}, /* b touches nothing */
	{"of a group the first, though in a later round; 10.00 less 10 %",
	 {0},
	 {PROMOTION("a", GIVES(AMOUNT_OFF(300, ALL)), .group = 1, .priority = 1),
	  PROMOTION("b", GIVES(PERCENT_OFF(10, ALL)), .group = 1, .priority = 2),
	  PROMOTION("c", GIVES(AMOUNT_OFF(50, ALL)), .group = 2)},
	 {PIECES(TEN, 1)},
	 "850",
	 "b=100x1 c=50x1 a=outranked<b"},
	{"of a group one that gives nothing keeps nobody out",
	 {0},
	 {PROMOTION("a", GIVES(UNITS_OFF(1, 1, 100, ALL)), .group = 1),
	  PROMOTION("b", GIVES(PERCENT_OFF(10, ALL)), .group = 1)},
	 {PIECES(TEN, 1)},
	 "900",
	 "b=100x1 a=worth_zero"},
	{"one that does not stack also keeps out those of its group",
	 {0},
	 {PROMOTION("a", GIVES(AMOUNT_OFF(100, ALL)), .group = 1, ALONE),
	  PROMOTION("b", GIVES(PERCENT_OFF(10, ALL)), .group = 1),
	  PROMOTION("c", GIVES(PERCENT_OFF(20, ALL)))},
	 {PIECES(TEN, 1)},
	 "720",
	 "a=100x1 c=180x1 b=outranked<a"},
	{"same_priority: only those of its own priority are out, among those that do not stack",
	 {SAME_PRIORITY},
	 {PROMOTION("a", GIVES(AMOUNT_OFF(100, ALL)), ALONE, .priority = 1),
	  PROMOTION("b", GIVES(AMOUNT_OFF(200, ALL)), ALONE, .priority = 1),
	  PROMOTION("c", GIVES(AMOUNT_OFF(300, ALL)), ALONE, .priority = 2)},
	 {PIECES(TEN, 1)},
	 "600",
	 "a=100x1 c=300x1 b=outranked<a"},
	{"same_priority: and in a group",
	 {SAME_PRIORITY},
	 {PROMOTION("a", GIVES(AMOUNT_OFF(100, ALL)), .group = 7, .priority = 1),
	  PROMOTION("b", GIVES(AMOUNT_OFF(200, ALL)), .group = 7, .priority = 1),
	  PROMOTION("c", GIVES(AMOUNT_OFF(300, ALL)), .group = 7, .priority = 2)},
	 {PIECES(TEN, 1)},
	 "600",
	 "a=100x1 c=300x1 b=outranked<a"},
	{"best_total: the one that gives most, among those that do not stack",
	 {BEST_TOTAL},
	 {PROMOTION("a", GIVES(AMOUNT_OFF(100, ALL)), ALONE, .priority = 1),
	  PROMOTION("b", GIVES(AMOUNT_OFF(200, ALL)), ALONE, .priority = 2),
	  PROMOTION("c", GIVES(AMOUNT_OFF(200, ALL)), ALONE, .priority = 3)},
	 {PIECES(TEN, 1)},
	 "800",
	 "b=200x1 a=outranked<b c=outranked<b"},
	{"best_total: and in a group, at the turn of its first: 3.00 are more than 10 % of 10.00",
	 {BEST_TOTAL},
	 {PROMOTION("a", GIVES(PERCENT_OFF(10, ALL)), .group = 1),
	  PROMOTION("b", GIVES(PERCENT_OFF(20, ALL))),
	  PROMOTION("c", GIVES(AMOUNT_OFF(300, ALL)), .group = 1)},
	 {PIECES(TEN, 1)},
	 "500",
	 "b=200x1 c=300x1 a=outranked<c"},
	{"best_total: nobody is kept out by one whose needs are not met",
	 {BEST_TOTAL},
	 {PROMOTION("a", GIVES(AMOUNT_OFF(100, ALL)), ALONE),
	  PROMOTION("b", NEEDS({.of = ALL, .least = 2}), GIVES(AMOUNT_OFF(200, ALL)), ALONE)},
	 {PIECES(TEN, 1)},
	 "900",
	 "a=100x1 b=needs_quantity-1@0"},
	{"per cents one after the other: 100 - 20 = 80, 72, 57.60",
	 {.percents = PERCENTS_SEQUENTIAL},
	 {PROMOTION("a", GIVES(AMOUNT_OFF(2000, ALL)), ALONE), PROMOTION("b", GIVES(PERCENT_OFF(10, ALL))),
	  PROMOTION("c", GIVES(PERCENT_OFF(20, ALL)))},
	 {PIECES(HUNDRED, 1)},
	 "5760",
	 "a=2000x1 b=800x1 c=1440x1"},
	{"per cents side by side, of the list: 80 - 10 - 20",
	 {.percents = PERCENTS_PARALLEL},
	 {PROMOTION("a", GIVES(AMOUNT_OFF(2000, ALL)), ALONE), PROMOTION("b", GIVES(PERCENT_OFF(10, ALL))),
	  PROMOTION("c", GIVES(PERCENT_OFF(20, ALL)))},
	 {PIECES(HUNDRED, 1)},
	 "5000",
	 "a=2000x1 b=1000x1 c=2000x1"},
	{"per cents added up: 80 less 30 %",
	 {.percents = PERCENTS_ADDITIVE},
	 {PROMOTION("a", GIVES(AMOUNT_OFF(2000, ALL)), ALONE), PROMOTION("b", GIVES(PERCENT_OFF(10, ALL))),
	  PROMOTION("c", GIVES(PERCENT_OFF(20, ALL)))},
	 {PIECES(HUNDRED, 1)},
	 "5600",
	 "a=2000x1 b=800x1 c=1600x1"},
	{"the highest per cent alone: 80 less 20 %",
	 {.percents = PERCENTS_BEST_ONLY},
	 {PROMOTION("a", GIVES(AMOUNT_OFF(2000, ALL)), ALONE), PROMOTION("b", GIVES(PERCENT_OFF(10, ALL))),
	  PROMOTION("c", GIVES(PERCENT_OFF(20, ALL)))},
	 {PIECES(HUNDRED, 1)},
	 "6400",
	 "a=2000x1 c=1600x1 b=outranked<c"},
	{"the highest per cent of each article: the lower one is for the rest",
	 {.percents = PERCENTS_BEST_ONLY},
	 {PROMOTION("a", GIVES(PERCENT_OFF(10, ALL))), PROMOTION("b", GIVES(PERCENT_OFF(20, ITEM(TWENTY))))},
	 {PIECES(TEN, 1), PIECES(TWENTY, 1)},
	 "900 1600",
	 "b=400x1 a=100x1"},
	{"more per cents than there is: never below zero",
	 {.percents = PERCENTS_ADDITIVE},
	 {PROMOTION("a", GIVES(PERCENT_OFF(60, ALL))), PROMOTION("b", GIVES(PERCENT_OFF(70, ALL)))},
	 {PIECES(TEN, 1)},
	 "0",
	 "a=600x1 b=400x1"},
};

static void evaluate(struct mini *m, const struct row *row, bool ranked, struct engine_result *r)
{
	struct engine_cart cart = {
		row->lines, lines_count(row->lines, COUNT(row->lines)), {.ranked = ranked}};
	uint32_t bad_line;

	m->catalog.settings.policy = row->settings.policy;
	m->catalog.settings.exclusive = row->settings.exclusive;
	m->catalog.settings.percents = row->settings.percents;
	for (size_t k = 0; k < COUNT(row->promotions) && row->promotions[k].id; k++)
		mini_promotion(m, &row->promotions[k]);
	mini_finish(m);
	assert_int_equal(mini_evaluate(m, &cart, r, &bad_line), ERR_OK);
	assert_adds_up(&m->catalog, &cart, r);
}

static void how_promotions_meet(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mini *m = mini_round_prices();
		struct engine_result r;
		char text[TEXT_MAX];

		print_message("%s\n", rows[i].what);
		evaluate(m, &rows[i], false, &r);
		assert_string_equal(nets_text(&r, text), rows[i].nets);
		assert_string_equal(verdicts_text(&m->catalog, &r, text), rows[i].verdicts);
		assert_true(r.optimal);
		assert_null(r.ranked);
		mini_free(m);
	}
}

static const struct ranking {
	const char *what;
	struct row row;
	const char *ids; /* in order of rank */
	int64_t amounts[4];
} rankings[] = {
	{"what was applied, and what the outranked would have given of the 8.00 left at their turn",
	 {.promotions = {PROMOTION("a", GIVES(AMOUNT_OFF(200, ALL)), ALONE, .priority = 1),
			 PROMOTION("b", GIVES(PERCENT_OFF(50, ALL)), ALONE, .priority = 2),
			 PROMOTION("c", GIVES(AMOUNT_OFF(900, ALL)), ALONE, .priority = 3),
			 PROMOTION("d", NEEDS({.of = ALL, .least = 2}), GIVES(AMOUNT_OFF(1, ALL)))},
	  .lines = {PIECES(TEN, 1)}},
	 "cbad",
	 {800, 400, 200, 0}},
	{"one an order: on the list amounts; of equal ones the applied first",
	 {.settings = {ONE},
	  .promotions = {PROMOTION("a", GIVES(PERCENT_OFF(50, ALL)), .priority = 2),
			 PROMOTION("b", GIVES(PERCENT_OFF(10, ALL))),
			 PROMOTION("c", GIVES(AMOUNT_OFF(500, ALL)), .priority = 1)},
	  .lines = {PIECES(TEN, 1)}},
	 "cab",
	 {500, 500, 100}},
};

static void ranked_list(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rankings); i++) {
		struct mini *m = mini_round_prices();
		struct engine_result r;

		print_message("%s\n", rankings[i].what);
		evaluate(m, &rankings[i].row, true, &r);
		assert_int_equal(r.verdict_count, strlen(rankings[i].ids));
		for (uint32_t k = 0; k < r.verdict_count; k++) {
			const struct verdict *v = &r.verdicts[r.ranked[k]];

			assert_int_equal(*m->catalog.promotions[v->promotion].id, rankings[i].ids[k]);
			assert_int_equal((v->reason ? v->alone : v->amount).minor, rankings[i].amounts[k]);
		}
		mini_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(how_promotions_meet),
		cmocka_unit_test(ranked_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
