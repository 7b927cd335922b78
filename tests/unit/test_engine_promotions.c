/*
 * What promotions give: a rule a row, with the arithmetic behind the expected amounts. docs/engine.md, "What
 * promotions give". Currency without a name: 1000 is 10.00 of a currency with two decimals.
 */
#include "mini_catalog.h"

#include <string.h>

/* Articles, in order of SKU too; by the piece but for HAM, which is 20.00 a kg. */
enum { ALE, BUN, COD, DIP, EGG, FIG, HAM };
enum { DRINKS, BEER, FOOD };		 /* categories; BEER is one of DRINKS */
enum { ACME = 3, CHEAP = 5, DAIRY = 7 }; /* brand, tag, supplier */

static struct mini *shop(void)
{
	struct mini *m = mini_new();

	mini_category(m, CATALOG_NONE);
	mini_category(m, DRINKS);
	mini_category(m, CATALOG_NONE);
	mini_item(m, "ALE", 1000)->category = BEER;
	mini_item(m, "BUN", 800)->category = FOOD;
	mini_item(m, "COD", 500)->category = FOOD;
	mini_item(m, "DIP", 3000)->brand = ACME;
	mini_item(m, "EGG", 2390)->supplier = DAIRY;
	mini_item(m, "FIG", 1);
	mini_tag(m, CHEAP - 1);
	mini_tag(m, CHEAP);
	mini_item(m, "HAM", 2000)->unit = UNIT_KG;
	return m;
}

#define ITEM(id) ONLY(TERM(ITEM, id))
#define BUT(...) .exclude = LIST(struct term, __VA_ARGS__), .excludes = LENGTH(struct term, __VA_ARGS__)

static const struct row {
	const char *what;
	struct promotion promotion;
	struct engine_line lines[6];
	const char *nets, *verdicts;
} rows[] = {
	/* percent */
	{"25 % of ten at 23.90 is 59.75: 179.25",
	 PROMOTION("p", GIVES(PERCENT_OFF(25, ALL))),
	 {PIECES(EGG, 10)},
	 "17925",
	 "p=5975x1"},
	{"100 % is exactly everything",
	 PROMOTION("p", GIVES(PERCENT_OFF(100, ALL))),
	 {PIECES(EGG, 3), PIECES(FIG, 1), MEASURED(HAM, 333333)},
	 "0 0 0",
	 "p=7838x1"}, /* 7170 + 1 + 667 */
	{"rounded once for the whole, not a line: 10 % of 0.14 is 0.01, all to the largest part",
	 PROMOTION("p", GIVES(PERCENT_OFF(10, ALL))),
	 {PRICED(FIG, 1, 5), PRICED(FIG, 1, 9)},
	 "5 8",
	 "p=1x1"}, /* 1.4 to 1; 5/14 and 9/14 of it */
	{"half a cent goes up: 50 % of 0.01",
	 PROMOTION("p", GIVES(PERCENT_OFF(50, ALL))),
	 {PIECES(FIG, 1)},
	 "0",
	 "p=1x1"},
	{"allocation by largest remainder: 10.00 over three times 30.00 is 3.34, 3.33, 3.33",
	 PROMOTION("p", GIVES(AMOUNT_OFF(1000, ALL))),
	 {PRICED(ALE, 1, 3000), PRICED(BUN, 1, 3000), PRICED(COD, 1, 3000)},
	 "2666 2667 2667",
	 "p=1000x1"},
	{"what is weighed takes part",
	 PROMOTION("p", GIVES(PERCENT_OFF(50, ITEM(HAM)))),
	 {MEASURED(HAM, 250000), PIECES(ALE, 1)},
	 "250 1000",
	 "p=250x1"},

	{"yen have no decimals: 15 % of 777 is 116.55, 117",
	 PROMOTION("p", GIVES(PERCENT_OFF(15, ALL))),
	 {PRICED(ALE, 1, 777)},
	 "660",
	 "p=117x1"},

	/* selectors */
	{"an article",
	 PROMOTION("p", GIVES(PERCENT_OFF(10, ITEM(BUN)))),
	 {PIECES(ALE, 1), PIECES(BUN, 1)},
	 "1000 720",
	 "p=80x1"},
	{"a category means its descendants",
	 PROMOTION("p", GIVES(PERCENT_OFF(10, ONLY(TERM(CATEGORY, DRINKS))))),
	 {PIECES(ALE, 1), PIECES(BUN, 1)},
	 "900 800",
	 "p=100x1"},
	{"but not its ancestors: nothing to judge",
	 PROMOTION("p", GIVES(PERCENT_OFF(10, ONLY(TERM(CATEGORY, BEER))))),
	 {PIECES(BUN, 1), PIECES(DIP, 1)},
	 "800 3000",
	 ""},
	{"a brand",
	 PROMOTION("p", GIVES(PERCENT_OFF(10, ONLY(TERM(BRAND, ACME))))),
	 {PIECES(DIP, 1), PIECES(ALE, 1)},
	 "2700 1000",
	 "p=300x1"},
	{"a tag, one of several",
	 PROMOTION("p", GIVES(PERCENT_OFF(100, ONLY(TERM(TAG, CHEAP))))),
	 {PIECES(FIG, 2), PIECES(ALE, 1)},
	 "0 1000",
	 "p=2x1"},
	{"a supplier",
	 PROMOTION("p", GIVES(PERCENT_OFF(10, ONLY(TERM(SUPPLIER, DAIRY))))),
	 {PIECES(EGG, 1), PIECES(ALE, 1)},
	 "2151 1000",
	 "p=239x1"},
	{"any of several terms",
	 PROMOTION("p", GIVES(PERCENT_OFF(10, ONLY(TERM(ITEM, COD), TERM(CATEGORY, BEER))))),
	 {PIECES(ALE, 1), PIECES(BUN, 1), PIECES(COD, 1)},
	 "900 800 450",
	 "p=150x1"},
	{"everything but",
	 PROMOTION("p", GIVES(PERCENT_OFF(10, {BUT(TERM(CATEGORY, FOOD))}))),
	 {PIECES(ALE, 1), PIECES(BUN, 1)},
	 "900 800",
	 "p=100x1"},
	{"a category but one of its articles",
	 PROMOTION("p", GIVES(PERCENT_OFF(10, {.include = LIST(struct term, TERM(CATEGORY, FOOD)),
					       .includes = 1,
					       BUT(TERM(ITEM, COD))}))),
	 {PIECES(BUN, 1), PIECES(COD, 1)},
	 "720 500",
	 "p=80x1"},
	{"excluded is not touched: no verdict",
	 PROMOTION("p", GIVES(PERCENT_OFF(10, {.include = LIST(struct term, TERM(CATEGORY, FOOD)),
					       .includes = 1,
					       BUT(TERM(ITEM, COD))}))),
	 {PIECES(COD, 1)},
	 "500",
	 ""},

	/* amount */
	{"once over all that is selected, by running amounts: 9.00 over 10.00 and 8.00",
	 PROMOTION("p", GIVES(AMOUNT_OFF(900, ALL))),
	 {PIECES(ALE, 1), PIECES(BUN, 1)},
	 "500 400",
	 "p=900x1"},
	{"at most what there is",
	 PROMOTION("p", GIVES(AMOUNT_OFF(5000, ITEM(COD)))),
	 {PIECES(COD, 2), PIECES(ALE, 1)},
	 "0 1000",
	 "p=1000x1"},
	{"a piece: 1.50 off each of three",
	 PROMOTION("p", GIVES(EACH_OFF(150, ITEM(COD)))),
	 {PIECES(COD, 3)},
	 "1050",
	 "p=450x1"},
	{"a piece, at most the good's amount; others give no more for it",
	 PROMOTION("p", GIVES(EACH_OFF(600, ALL))),
	 {PIECES(COD, 2), PIECES(BUN, 1)},
	 "0 200",
	 "p=1600x1"},
	{"a unit: of what is weighed a kilogram, of what is labelled a piece",
	 PROMOTION("p", GIVES(EACH_OFF(100, ITEM(HAM)))),
	 {MEASURED(HAM, 2000000), PRICED(HAM, 1, 437)},
	 "3800 337",
	 "p=300x1"},
	{"a piece, more than a number can hold",
	 PROMOTION("p", GIVES(EACH_OFF(INT64_MAX, ITEM(COD)))),
	 {PIECES(COD, 3)},
	 "0",
	 "p=1500x1"},

	/* units */
	{"bogo of 10, 10, 8, 5: groups (10, 10) and (8, 5), free are a 10 and the 5",
	 PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ALL))),
	 {PIECES(ALE, 2), PIECES(BUN, 1), PIECES(COD, 1)},
	 "1000 800 0",
	 "p=1500x2"},
	{"the same scanned another way",
	 PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ALL))),
	 {PIECES(COD, 1), PIECES(ALE, 1), PIECES(BUN, 1), PIECES(ALE, 1)},
	 "0 500 800 500",
	 "p=1500x2"},
	{"left over makes no group: 10, 8, 5 gives the 8",
	 PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ALL))),
	 {PIECES(ALE, 1), PIECES(BUN, 1), PIECES(COD, 1)},
	 "1000 0 500",
	 "p=800x1"},
	{"one piece is no group",
	 PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ALL))),
	 {PIECES(ALE, 1)},
	 "1000",
	 "p=worth_zero"},
	{"3 for 2 of 10, 8, 5, 5: group (10, 8, 5)",
	 PROMOTION("p", GIVES(UNITS_OFF(2, 1, 100, ALL))),
	 {PIECES(ALE, 1), PIECES(BUN, 1), PIECES(COD, 2)},
	 "1000 800 500",
	 "p=500x1"},
	{"buy 1, get 2 at half: of 10, 8, 5 the 8 and the 5",
	 PROMOTION("p", GIVES(UNITS_OFF(1, 2, 50, ALL))),
	 {PIECES(ALE, 1), PIECES(BUN, 1), PIECES(COD, 1)},
	 "1000 400 250",
	 "p=650x1"},
	{"each piece rounded apart: two at half of 0.01 are two cents, not one",
	 PROMOTION("p", GIVES(UNITS_OFF(0, 1, 50, ALL))),
	 {PIECES(FIG, 2)},
	 "0",
	 "p=2x2"},
	{"equal values: those later in canonical order are the cheaper",
	 PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ALL))),
	 {PRICED(BUN, 1, 700), PRICED(ALE, 1, 700)},
	 "0 700",
	 "p=700x1"},
	{"limit of groups: the dearest count",
	 PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ALL)), .times = 1),
	 {PIECES(COD, 2), PIECES(ALE, 2)},
	 "1000 1000",
	 "p=1000x1"},
	{"limit of no groups",
	 PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ALL)), .times = 0),
	 {PIECES(ALE, 2)},
	 "2000",
	 "p=worth_zero"},
	{"what is weighed has no pieces",
	 PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ALL))),
	 {MEASURED(HAM, 2000000), PIECES(ALE, 2)},
	 "4000 1000",
	 "p=1000x1"},
	{"groups run across goods and within them: 10 x 3, 5 x 3 by two",
	 PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ALL))),
	 {PIECES(ALE, 3), PIECES(COD, 3)},
	 "2000 500",
	 "p=2000x3"}, /* (10 10) (10 5) (5 5): one 10 and two 5 */
	{"a million at once",
	 PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ALL))),
	 {PIECES(ALE, 1000000)},
	 "500000000",
	 "p=500000000x500000"},
	{"absurd sizes make no group",
	 PROMOTION("p", GIVES(UNITS_OFF(INT64_MAX, 1, 100, ALL))),
	 {PIECES(ALE, 9)},
	 "9000",
	 "p=worth_zero"},

	{"left over pieces get nothing, though they would be the cheapest of a group: five by 1 + 2",
	 PROMOTION("p", GIVES(UNITS_OFF(1, 2, 100, ALL))),
	 {PIECES(ALE, 5)},
	 "3000",
	 "p=2000x1"},
	{"a limit within one good",
	 PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ALL)), .times = 2),
	 {PIECES(ALE, 9)},
	 "7000",
	 "p=2000x2"},
	{"canonical order, by list amount: of 5.00 and 2 at 5.00 the last piece is the second good's",
	 PROMOTION("p", GIVES(UNITS_OFF(2, 1, 100, ALL))),
	 {PRICED(COD, 2, 500), PRICED(COD, 1, 500)},
	 "500 500",
	 "p=500x1"},
	{"canonical order, by quantity: 250.0 g and 250.1 g are 5.00 both, the odd cent is the lighter's",
	 PROMOTION("p", GIVES(AMOUNT_OFF(1, ALL))),
	 {MEASURED(HAM, 250100), MEASURED(HAM, 250000)},
	 "500 499",
	 "p=1x1"},

	/* maximum */
	{"maximum cuts, shared as the give would be: 30 % of 18.00 is 5.40, cut to 1.80",
	 PROMOTION("p", GIVES(PERCENT_OFF(30, ALL)), .max_discount = {180}),
	 {PIECES(ALE, 1), PIECES(BUN, 1)},
	 "900 720",
	 "p=180x1"},
	{"maximum over units: a 10 and a 5 free, 15.00 cut to 9.00 as 6.00 and 3.00",
	 PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ALL)), .max_discount = {900}),
	 {PIECES(ALE, 2), PIECES(COD, 2)},
	 "1400 700",
	 "p=900x2"},
	{"maximum over amount a piece",
	 PROMOTION("p", GIVES(EACH_OFF(100, ALL)), .max_discount = {250}),
	 {PIECES(ALE, 4), PIECES(COD, 1)},
	 "3800 450",
	 "p=250x1"}, /* 400 and 100 to 200 and 50 */
	{"maximum bounds all gives together: 2.00, then 1.00 of 3.00 is left",
	 PROMOTION("p", GIVES(AMOUNT_OFF(200, ITEM(ALE)), AMOUNT_OFF(200, ITEM(BUN))), .max_discount = {300}),
	 {PIECES(ALE, 1), PIECES(BUN, 1)},
	 "800 700",
	 "p=300x1"},
	{"a maximum above what it gives is none",
	 PROMOTION("p", GIVES(PERCENT_OFF(10, ALL)), .max_discount = {101}),
	 {PIECES(ALE, 1)},
	 "900",
	 "p=100x1"},
	{"a maximum of nothing",
	 PROMOTION("p", GIVES(PERCENT_OFF(10, ALL)), .max_discount = {0}),
	 {PIECES(ALE, 1)},
	 "1000",
	 "p=worth_zero"},

	/* several gives */
	{"each on what the one before left: 100 - 10 %, - 10 %",
	 PROMOTION("p", GIVES(PERCENT_OFF(10, ALL), PERCENT_OFF(10, ALL))),
	 {PIECES(ALE, 10)},
	 "8100",
	 "p=1900x1"},
	{"both on the list price: 100 - 10 - 10",
	 PROMOTION("p", GIVES(PERCENT_OFF(10, ALL), PERCENT_OFF(10, ALL)), .base = BASE_LIST),
	 {PIECES(ALE, 10)},
	 "8000",
	 "p=2000x1"},
	{"never below zero, whatever the base: 60 % and 60 % of the list price",
	 PROMOTION("p", GIVES(PERCENT_OFF(60, ALL), PERCENT_OFF(60, ALL)), .base = BASE_LIST),
	 {PIECES(ALE, 1)},
	 "0",
	 "p=1000x1"},
	{"a give that selects nothing is passed over",
	 PROMOTION("p", GIVES(PERCENT_OFF(50, ITEM(DIP)), PERCENT_OFF(10, ITEM(ALE)))),
	 {PIECES(ALE, 1)},
	 "900",
	 "p=100x1"},
	{"buy an ale, a bun free: needs elsewhere than gives",
	 PROMOTION("p", NEEDS({.of = ITEM(ALE), .least = 1}), GIVES(PERCENT_OFF(100, ITEM(BUN)))),
	 {PIECES(BUN, 1), PIECES(ALE, 1)},
	 "0 1000",
	 "p=800x1"},
	{"groups of two gives add up",
	 PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ITEM(ALE)), UNITS_OFF(1, 1, 100, ITEM(BUN)))),
	 {PIECES(ALE, 2), PIECES(BUN, 4)},
	 "1000 1600",
	 "p=2600x3"},

	/* sharing among the lines of one good */
	{"lines of a good share by what they have: 1.00 over 2, 1, 1 pieces of 5.00",
	 PROMOTION("p", GIVES(AMOUNT_OFF(100, ITEM(COD)))),
	 {PIECES(COD, 2), PIECES(COD, 1), PIECES(COD, 1)},
	 "950 475 475",
	 "p=100x1"},
	{"odd cents go to the lines scanned first",
	 PROMOTION("p", GIVES(AMOUNT_OFF(2, ITEM(COD)))),
	 {PIECES(COD, 1), PIECES(COD, 1), PIECES(COD, 1)},
	 "499 499 500",
	 "p=2x1"},
	{"a label price is a good of its own: bogo takes the cheaper",
	 PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ITEM(COD)))),
	 {PIECES(COD, 1), PRICED(COD, 1, 450)},
	 "500 0",
	 "p=450x1"},
	{"a label price equal to the list's stays apart, and later: a good with less comes first",
	 PROMOTION("p", GIVES(AMOUNT_OFF(1, ITEM(COD)))),
	 {PRICED(COD, 1, 500), PIECES(COD, 1)},
	 "499 500",
	 "p=1x1"}, /* equal in everything: the first scan */
};

static void check(const struct row *row)
{
	struct mini *m = shop();
	struct engine_cart cart = {row->lines, lines_count(row->lines, COUNT(row->lines)), {.now_s = 0}};
	struct engine_result r;
	char text[TEXT_MAX];
	uint32_t bad_line;

	mini_promotion(m, &row->promotion);
	mini_finish(m);
	assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
	assert_adds_up(&m->catalog, &cart, &r);
	print_message("%s\n", row->what);
	assert_string_equal(nets_text(&r, text), row->nets);
	assert_string_equal(verdicts_text(&m->catalog, &r, text), row->verdicts);
	mini_free(m);
}

static void gives(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(&rows[i]);
}

/* The discount lowers what tax is taken on, in either mode. 20 % off 119.00: 95.20 contain 15.20. */
static void tax_follows_the_net(void **state)
{
	const struct promotion fifth = PROMOTION("p", GIVES(PERCENT_OFF(20, ALL)));
	static const struct {
		enum tax_mode mode;
		int64_t tax, total;
	} modes[] = {
		{TAX_NONE, 0, 9520},
		{TAX_INCLUSIVE, 1520, 9520},  /* 95.20 * 19 / 119 */
		{TAX_EXCLUSIVE, 1809, 11329}, /* 95.20 * 19 % = 18.088 */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		struct mini *m = mini_new();
		struct engine_line line = PIECES(0, 1);
		struct engine_cart cart = {&line, 1, {.now_s = 0}};
		struct engine_result r;
		uint32_t bad_line;

		m->catalog.settings.tax = modes[i].mode;
		m->taxes[0].rate.ppm = PERCENT(19);
		mini_item(m, "LAMP", 11900);
		mini_promotion(m, &fifth);
		mini_finish(m);
		assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
		assert_int_equal(r.totals.tax.minor, modes[i].tax);
		assert_int_equal(r.totals.total.minor, modes[i].total);
		assert_adds_up(&m->catalog, &cart, &r);
		mini_free(m);
	}
}

/* Half to even is the book's choice, and is asked of discounts too: 5 % of 0.50 is 2.5 ct. */
static void rounding_of_discounts(void **state)
{
	const struct promotion twentieth = PROMOTION("p", GIVES(PERCENT_OFF(5, ALL)));
	static const struct {
		enum rounding rounding;
		int64_t net;
	} modes[] = {{ROUND_HALF_AWAY, 47}, {ROUND_HALF_EVEN, 48}};

	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		struct mini *m = mini_new();
		struct engine_line line = PIECES(0, 1);
		struct engine_cart cart = {&line, 1, {.now_s = 0}};
		struct engine_result r;
		uint32_t bad_line;

		m->catalog.settings.rounding = modes[i].rounding;
		mini_item(m, "GUM", 50);
		mini_promotion(m, &twentieth);
		mini_finish(m);
		assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
		assert_int_equal(r.totals.net.minor, modes[i].net);
		mini_free(m);
	}
}

/* The selector alone, as others ask for it. */
static void selecting(void **state)
{
	const struct selector all = ALL, beer = ONLY(TERM(CATEGORY, DRINKS)), cheap = ONLY(TERM(TAG, CHEAP));
	const struct selector but = {BUT(TERM(BRAND, ACME))};
	const struct selector gone = ONLY(TERM(BRAND, CATALOG_NONE), TERM(SUPPLIER, CATALOG_NONE));
	const struct selector but_gone = {BUT(TERM(BRAND, CATALOG_NONE), TERM(CATEGORY, CATALOG_NONE))};
	struct mini *m = shop();
	const struct catalog *c = mini_finish(m);

	(void)state;
	assert_true(engine_selects(c, &all, HAM));
	assert_true(engine_selects(c, &beer, ALE));
	assert_false(engine_selects(c, &beer, DIP)); /* without a category */
	assert_true(engine_selects(c, &cheap, FIG));
	assert_false(engine_selects(c, &cheap, ALE));
	assert_false(engine_selects(c, &but, DIP));
	assert_true(engine_selects(c, &but, ALE)); /* without a brand */
	/* terms that no article of the catalog has, as in an extract: not those without a brand */
	assert_false(engine_selects(c, &gone, ALE));
	assert_true(engine_selects(c, &but_gone, ALE));
	mini_free(m);
}

/* Monday 2026-11-23 from 08:00 to 09:59:59, in a window that ends with that day; civil clock at UTC. */
static void whether_its_time_has_come(void **state)
{
	static const struct hours hours[] = {{.from = 8 * 3600, .to = 10 * 3600 - 1}};
	static const struct promotion p =
		PROMOTION("p", .weekdays = 1, .hours = hours, .hours_count = 1,
			  .window = {{.seconds = 1795392000}, {.seconds = 1795478399}});
	static const struct rule_scope scope = {.window = {{.seconds = 1000}, {.seconds = 1999}}};
	static const struct price_rule always = {.kind = RULE_STOCK}, off = {.kind = RULE_STOCK, .off = true},
				       once = {.kind = RULE_STOCK, .scope = &scope};
	static const struct {
		int64_t now_s;
		bool promotion, rule;
	} moments[] = {
		{999, false, false},
		{1000, false, true},
		{1999, false, true},
		{2000, false, false},
		{1795392000, false, false},
		{1795420799, false, false},
		{1795420800, true, false},
		{1795427999, true, false},
		{1795428000, false, false},
		{1795392000 - 1, false, false},
		{1795420800 + 7 * 86400, false, false},
	};
	struct promotion paused = p;

	(void)state;
	paused.status = PROMOTION_PAUSED;
	for (size_t i = 0; i < COUNT(moments); i++) {
		const struct engine_context x = {.now_s = moments[i].now_s};

		assert_int_equal(engine_promotion_runs(&p, &x), moments[i].promotion);
		assert_false(engine_promotion_runs(&paused, &x));
		assert_int_equal(engine_rule_runs(&once, &x), moments[i].rule);
		assert_true(engine_rule_runs(&always, &x));
		assert_false(engine_rule_runs(&off, &x));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whether_its_time_has_come),
		cmocka_unit_test(gives),
		cmocka_unit_test(tax_follows_the_net),
		cmocka_unit_test(rounding_of_discounts),
		cmocka_unit_test(selecting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
