/*
 * The margin guard: a rule a row, with the arithmetic behind the expected amounts. docs/engine.md, "Margin
 * guard". The least margin is 30 %, prices contain taxes, and only the television and the lamp have one.
 */
#include "mini_catalog.h"

/*
 *	     price    cost   lowest price at 30 %
 *	ALE   1000     600   600 / 0.7 = 857.1: 858, room 142
 *	BUN    800     200   285.7: 286, room 514
 *	CAM  79900   47301   67572.9: 67573
 *	COD    500     340   485.7: 486, room 14
 *	HAM   2000    1000   a kg: 1428.6: 1429
 *	LAMP 11900    5000   19 % of tax within: 5000 / (1 - 0.3 - 19 / 119) = 9253.5: 9254
 *	OLD   1000    unknown
 *	TEL  10000    4440   6342.9: 6343
 *	TV   50000.00 32000.00, logistics 2000.00, tax 9000.00: 43000.00 / 0.7 = 61428.58
 */
enum { ALE, BUN, CAM, COD, HAM, LAMP, OLD, TEL, TV };
enum { FOOD, BREAD, DRINKS }; /* categories; BREAD is FOOD */
enum { RETAIL = 3, TRADE = 5 };

static struct item *cost(struct item *item, int64_t minor)
{
	item->cost.minor = minor;
	return item;
}

static struct mini *shop(void)
{
	struct mini *m = mini_new();
	struct item *tv;

	m->catalog.settings.tax = TAX_INCLUSIVE;
	mini_tax(m, PERCENT(19));
	mini_tax(m, AMOUNT_NONE);
	m->taxes[2].amount.minor = 900000;
	mini_category(m, CATALOG_NONE);
	mini_category(m, FOOD);
	mini_category(m, CATALOG_NONE);
	cost(mini_item(m, "ALE", 1000), 600)->category = DRINKS;
	cost(mini_item(m, "BUN", 800), 200)->category = BREAD;
	cost(mini_item(m, "CAM", 79900), 47301);
	cost(mini_item(m, "COD", 500), 340)->category = FOOD;
	cost(mini_item(m, "HAM", 2000), 1000)->unit = UNIT_KG;
	cost(mini_item(m, "LAMP", 11900), 5000)->tax = 1;
	mini_item(m, "OLD", 1000);
	cost(mini_item(m, "TEL", 10000), 4440);
	tv = cost(mini_item(m, "TV", 5000000), 3200000);
	tv->logistics.minor = 200000;
	tv->tax = 2;
	return m;
}

#define OWN_FLOOR(percent) .margin_floor = {PERCENT(percent)}
#define BLOCK		   .on_breach = BREACH_BLOCK
#define ITEM(id)	   ONLY(TERM(ITEM, id))

static const struct row {
	const char *what;
	struct promotion promotions[3];
	struct engine_line lines[6];
	const char *nets, *verdicts;
} rows[] = {
	{"the television has 14 % at list: its flash sale is blocked",
	 {PROMOTION("flash", GIVES(PERCENT_OFF(25, ALL)))},
	 {PIECES(TV, 1)},
	 "5000000",
	 "flash=margin_blocked!1250000"},
	{"40 % would leave 26 %: cut to 36.57 %",
	 {PROMOTION("p", GIVES(PERCENT_OFF(40, ALL)))},
	 {PIECES(TEL, 1)},
	 "6343",
	 "p=3657x1!343"},
	{"799 less 20 % is 639.20 at 26 %: cut to 675.73, that is 15.43 %",
	 {PROMOTION("p", GIVES(PERCENT_OFF(20, ALL)))},
	 {PIECES(CAM, 1)},
	 "67573",
	 "p=12327x1!3653"},
	{"tax within the price is no margin",
	 {PROMOTION("p", GIVES(PERCENT_OFF(50, ALL)))},
	 {PIECES(LAMP, 1)},
	 "9254",
	 "p=2646x1!3304"},
	{"cost unknown: unguarded",
	 {PROMOTION("p", GIVES(PERCENT_OFF(100, ALL)))},
	 {PIECES(OLD, 2)},
	 "0",
	 "p=2000x1"},
	{"a label price below the floor stays, and nothing comes off it",
	 {PROMOTION("p", GIVES(PERCENT_OFF(10, ALL)))},
	 {PRICED(ALE, 1, 700), LOCKED(BUN, 1, 200)},
	 "700 200",
	 "p=margin_blocked!90"},
	{"what is weighed: 0.333 kg cost 3.33, / 0.7 = 4.757: 4.76 of 6.66",
	 {PROMOTION("p", GIVES(PERCENT_OFF(50, ALL)))},
	 {MEASURED(HAM, 333000)},
	 "476",
	 "p=190x1!143"},
	{"a label of what is weighed stands for its weight: 5.00 of 20.00 x 14.29 is 3.5725",
	 {PROMOTION("p", GIVES(PERCENT_OFF(50, ALL)))},
	 {PRICED(HAM, 1, 500)},
	 "358",
	 "p=142x1!108"},
	{"a rate is cut good by good: 200 and 160, of which the ale has room for 142",
	 {PROMOTION("p", GIVES(PERCENT_OFF(20, ALL)))},
	 {PIECES(ALE, 1), PIECES(BUN, 1)},
	 "858 640",
	 "p=302x1!58"},
	{"an amount is carried by who can: 278 and 222 become 142 and 358",
	 {PROMOTION("p", GIVES(AMOUNT_OFF(500, ALL)))},
	 {PIECES(ALE, 1), PIECES(BUN, 1)},
	 "858 442",
	 "p=500x1"},
	{"and cut when nobody can: 700 of a room of 656",
	 {PROMOTION("p", GIVES(AMOUNT_OFF(700, ALL)))},
	 {PIECES(ALE, 1), PIECES(BUN, 1)},
	 "858 286",
	 "p=656x1!44"},
	{"an amount a piece",
	 {PROMOTION("p", GIVES(EACH_OFF(200, ALL)))},
	 {PIECES(ALE, 2), PIECES(BUN, 1)},
	 "1716 600",
	 "p=484x1!116"},
	{"the guard, then the maximum, which shares by what is left: 250 over 142 and 160",
	 {PROMOTION("p", GIVES(PERCENT_OFF(20, ALL)), .max_discount = {250})},
	 {PIECES(ALE, 1), PIECES(BUN, 1)},
	 "882 668",
	 "p=250x1"},
	{"the second is free when the pair stays above the floor",
	 {PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ALL)))},
	 {PIECES(BUN, 2)},
	 "800",
	 "p=800x1"},
	{"else the pair gives what it can: 142 each",
	 {PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ALL)))},
	 {PIECES(ALE, 2)},
	 "1716",
	 "p=284x1!716"},
	{"across goods: the bun gives 514 of its 800, the ale 142 of the 286 that lack",
	 {PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ALL)))},
	 {PIECES(ALE, 1), PIECES(BUN, 1)},
	 "858 286",
	 "p=656x1!144"},
	{"dearest first, and who is rewarded bears too: cod lacks 236, of which ale bears 142 and bun 94",
	 {PROMOTION("p", GIVES(UNITS_OFF(1, 2, 50, ALL)))},
	 {PIECES(ALE, 1), PIECES(BUN, 1), PIECES(COD, 1)},
	 "858 306 486",
	 "p=650x1"},
	{"a group bears its own alone: (ale ale) has 284, (cod cod) 28",
	 {PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ALL)))},
	 {PIECES(ALE, 2), PIECES(COD, 2)},
	 "1716 972",
	 "p=312x2!1188"},
	{"a spanning group among whole ones: (ale ale) (ale bun) (bun bun): 284, 656, 800",
	 {PROMOTION("p", GIVES(UNITS_OFF(1, 1, 100, ALL)))},
	 {PIECES(ALE, 3), PIECES(BUN, 3)},
	 "2574 1086",
	 "p=1740x3!860"},
	{"lines of one good go down to the floor each, however cents fell before",
	 {PROMOTION("a", GIVES(AMOUNT_OFF(1, ALL)), .priority = 1, .stackable = false),
	  PROMOTION("b", GIVES(PERCENT_OFF(100, ALL)))},
	 {PIECES(ALE, 1), PIECES(ALE, 2), PIECES(ALE, 1)},
	 "858 1716 858",
	 "a=1x1 b=567x1!3432"},
	{"a floor of its own: 8.00 at 50 % is 4.00",
	 {PROMOTION("p", GIVES(PERCENT_OFF(60, ALL)), OWN_FLOOR(50))},
	 {PIECES(BUN, 1)},
	 "400",
	 "p=400x1!80"},
	{"that is for what it gives alone",
	 {PROMOTION("a", GIVES(PERCENT_OFF(60, ALL)), OWN_FLOOR(50), .priority = 1),
	  PROMOTION("b", GIVES(PERCENT_OFF(100, ALL)))},
	 {PIECES(BUN, 1)},
	 "286",
	 "a=400x1!80 b=114x1!286"},
	{"and only ever higher",
	 {PROMOTION("p", GIVES(PERCENT_OFF(100, ALL)), OWN_FLOOR(10))},
	 {PIECES(BUN, 1), PIECES(OLD, 1)},
	 "286 0",
	 "p=1514x1!286"},
	{"all or nothing",
	 {PROMOTION("p", GIVES(PERCENT_OFF(20, ALL)), BLOCK)},
	 {PIECES(ALE, 1), PIECES(BUN, 1)},
	 "1000 800",
	 "p=margin_blocked!58/302"},
	{"all, when the guard has nothing to say",
	 {PROMOTION("p", GIVES(PERCENT_OFF(10, ALL)), BLOCK)},
	 {PIECES(ALE, 1), PIECES(BUN, 1)},
	 "900 720",
	 "p=180x1"},
	{"judged alone on list amounts: behind another it is cut like any",
	 {PROMOTION("a", GIVES(AMOUNT_OFF(100, ALL)), .stackable = false),
	  PROMOTION("b", GIVES(PERCENT_OFF(10, ALL)), BLOCK)},
	 {PIECES(ALE, 1)},
	 "858",
	 "a=100x1 b=42x1!48"},
	{"all or nothing by its own floor",
	 {PROMOTION("p", GIVES(PERCENT_OFF(60, ALL)), OWN_FLOOR(50), BLOCK)},
	 {PIECES(BUN, 1)},
	 "800",
	 "p=margin_blocked!80/400"},
	{"nothing is left by others: the guard is why",
	 {PROMOTION("a", GIVES(PERCENT_OFF(100, ALL)), .stackable = false),
	  PROMOTION("b", GIVES(PERCENT_OFF(10, ALL)))},
	 {PIECES(ALE, 1)},
	 "858",
	 "a=142x1!858 b=margin_blocked!86"},
	{"nothing is there at all: it is not",
	 {PROMOTION("a", GIVES(PERCENT_OFF(100, ALL)), .stackable = false),
	  PROMOTION("b", GIVES(PERCENT_OFF(10, ALL)))},
	 {PIECES(OLD, 1)},
	 "0",
	 "a=1000x1 b=worth_zero"},
};

static void evaluate(struct mini *m, const struct row *row, struct engine_result *r)
{
	struct engine_cart cart = {row->lines, lines_count(row->lines, COUNT(row->lines)), {.now_s = 0}};
	uint32_t bad_line;

	for (size_t i = 0; i < COUNT(row->promotions) && row->promotions[i].id; i++)
		mini_promotion(m, &row->promotions[i]);
	mini_finish(m);
	assert_int_equal(mini_evaluate(m, &cart, r, &bad_line), ERR_OK);
	assert_adds_up(&m->catalog, &cart, r);
}

static void guards(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mini *m = shop();
		struct engine_result r;
		char text[TEXT_MAX];

		print_message("%s\n", rows[i].what);
		evaluate(m, &rows[i], &r);
		assert_string_equal(nets_text(&r, text), rows[i].nets);
		assert_string_equal(verdicts_text(&m->catalog, &r, text), rows[i].verdicts);
		mini_free(m);
	}
}

static void off_is_off(void **state)
{
	struct mini *m = shop();
	struct engine_result r;
	char text[TEXT_MAX];

	(void)state;
	m->catalog.settings.guard = false;
	evaluate(m, &rows[0], &r);
	assert_string_equal(verdicts_text(&m->catalog, &r, text), "flash=1250000x1");
	assert_int_equal(r.lines[0].least.minor, 0);
	assert_int_equal(r.lines[0].floor.ppm, AMOUNT_NONE);
	mini_free(m);
}

/* 5 % off the television would be 9.5 %: allowed by a floor of 9 %, cut by one of 10. */
static void five_per_cent_off_the_television(void **state)
{
	static const struct {
		int64_t floor, net;
	} floors[] = {
		{PERCENT(9), 4750000}, {PERCENT(10), 4777778}, /* 43000.00 / 0.9 = 47777.777 */
	};
	const struct row row = {
		"5 % off", {PROMOTION("p", GIVES(PERCENT_OFF(5, ALL)))}, {PIECES(TV, 1)}, NULL, NULL};
	const struct qty one = QTY_ONE;
	struct rate margin;

	(void)state;
	for (size_t i = 0; i < COUNT(floors); i++) {
		struct mini *m = shop();
		struct engine_result r;

		m->catalog.settings.margin_floor.ppm = floors[i].floor;
		evaluate(m, &row, &r);
		assert_int_equal(r.lines[0].net.minor, floors[i].net);
		assert_int_equal(r.totals.tax.minor, 900000);
		assert_int_equal(engine_margin(&m->catalog, TV, one, (struct money){4750000}, &margin),
				 ERR_OK);
		assert_int_equal(margin.ppm, 94736); /* (47500 - 43000) / 47500 */
		assert_int_equal(engine_margin(&m->catalog, TV, one, (struct money){5000000}, &margin),
				 ERR_OK);
		assert_int_equal(margin.ppm, 140000);
		mini_free(m);
	}
}

/* The price itself breaches: the result says by how much. */
static void violations_are_marked(void **state)
{
	struct mini *m = shop();
	struct engine_result r;

	(void)state;
	evaluate(m, &rows[0], &r);
	assert_int_equal(r.lines[0].list.minor, 5000000);
	assert_int_equal(r.lines[0].least.minor, 6142858);
	assert_int_equal(r.lines[0].floor.ppm, 300000);
	mini_free(m);
}

static void taxes_by_mode(void **state)
{
	static const struct {
		enum tax_mode mode;
		int64_t lamp, tv; /* lowest prices */
	} modes[] = {
		{TAX_NONE, 7143, 4857143},	/* 50.00 / 0.7, 34000.00 / 0.7 */
		{TAX_INCLUSIVE, 9254, 6142858}, /* as in the table on top */
		{TAX_EXCLUSIVE, 7143, 4857143},
	};
	const struct engine_context x = {.now_s = 0};

	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		struct mini *m = shop();
		struct money price;
		struct rate floor;

		m->catalog.settings.tax = modes[i].mode;
		mini_finish(m);
		assert_int_equal(engine_lowest_price(&m->catalog, &x, LAMP, &floor, &price), ERR_OK);
		assert_int_equal(price.minor, modes[i].lamp);
		assert_int_equal(engine_lowest_price(&m->catalog, &x, TV, &floor, &price), ERR_OK);
		assert_int_equal(price.minor, modes[i].tv);
		mini_free(m);
	}
}

/* An amount of tax is so much a unit; prices that contain it contain no more than themselves. */
static void taxes_by_amount(void **state)
{
	static const struct {
		enum tax_mode mode;
		struct engine_line line;
		int64_t tax, total;
	} cases[] = {
		{TAX_INCLUSIVE, PIECES(TV, 2), 1800000, 10000000},
		{TAX_EXCLUSIVE, PIECES(TV, 2), 1800000, 11800000},
		{TAX_NONE, PIECES(TV, 2), 0, 10000000},
		{TAX_INCLUSIVE, PRICED(TV, 1, 500), 500, 500},
		{TAX_EXCLUSIVE, PRICED(TV, 1, 500), 900000, 900500},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mini *m = shop();
		struct engine_cart cart = {&cases[i].line, 1, {.now_s = 0}};
		struct engine_result r;
		uint32_t bad_line;

		m->catalog.settings.tax = cases[i].mode;
		mini_finish(m);
		assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
		assert_adds_up(&m->catalog, &cart, &r);
		assert_int_equal(r.totals.tax.minor, cases[i].tax);
		assert_int_equal(r.totals.total.minor, cases[i].total);
		mini_free(m);
	}
}

/*
 * Rows as a book might have them: food 20, drinks 35, retail 40, trade 25, trade on food 10, retail on food
 * 50, retail on bread 45.
 */
static const struct {
	const char *what;
	uint32_t item;
	struct ids segments;
	int64_t percent;
} whose[] = {
	{"no row at all: the book's", CAM, {0}, 30},
	{"a category's", COD, {0}, 20},
	{"of the nearest above", BUN, {0}, 20},
	{"a segment's", CAM, IDS(RETAIL), 40},
	{"of several segments the least", CAM, IDS(RETAIL, TRADE), 25},
	{"a segment without a row has none", CAM, IDS(1), 30},
	{"the higher of category and segment", ALE, IDS(RETAIL), 40},
	{"either way", ALE, IDS(TRADE), 35},
	{"a row for both wins, though lower", COD, IDS(TRADE), 10},
	{"that of the nearest category", BUN, IDS(RETAIL), 45},
	{"for several segments: of the nearest category with any", BUN, IDS(RETAIL, TRADE), 45},
	{"and there the least", COD, IDS(RETAIL, TRADE), 10},
};

static void floors(void **state)
{
	struct mini *m = shop();

	(void)state;
	mini_floor(m, RETAIL, FOOD, PERCENT(50));
	mini_floor(m, RETAIL, BREAD, PERCENT(45));
	mini_floor(m, RETAIL, CATALOG_NONE, PERCENT(40));
	mini_floor(m, TRADE, FOOD, PERCENT(10));
	mini_floor(m, TRADE, CATALOG_NONE, PERCENT(25));
	mini_floor(m, CATALOG_NONE, FOOD, PERCENT(20));
	mini_floor(m, CATALOG_NONE, DRINKS, PERCENT(35));
	mini_finish(m);
	for (size_t i = 0; i < COUNT(whose); i++) {
		const struct engine_context x = {.segments = whose[i].segments};
		struct money price;
		struct rate floor;

		print_message("%s\n", whose[i].what);
		assert_int_equal(engine_lowest_price(&m->catalog, &x, whose[i].item, &floor, &price), ERR_OK);
		assert_int_equal(floor.ppm, PERCENT(whose[i].percent));
	}
	mini_free(m);
}

/* Numbers that no price could answer leave no room, and overflow nothing. */
static void no_legal_price(void **state)
{
	static const struct {
		int64_t cost, logistics, floor, rate;
	} cases[] = {
		{1, 0, PERCENT(99), PERCENT(19)}, /* 1 % less 15.97 % of tax */
		{1, 0, PERCENT(100), 0},
		{INT64_MAX, 1, PERCENT(30), 0},
		{INT64_MAX - 1, 0, PERCENT(30), 0},
		{INT64_MAX / 2, 0, 0, 0}, /* of one; of nine it is more than a number holds */
	};
	const struct engine_line line = PIECES(0, 9);
	const struct promotion half = PROMOTION("p", GIVES(PERCENT_OFF(50, ALL)));

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mini *m = mini_new();
		struct engine_cart cart = {&line, 1, {.now_s = 0}};
		struct engine_result r;
		char text[TEXT_MAX];
		uint32_t bad_line;

		m->catalog.settings.tax = TAX_INCLUSIVE;
		m->catalog.settings.margin_floor.ppm = cases[i].floor;
		m->taxes[0].rate.ppm = cases[i].rate;
		cost(mini_item(m, "X", 100), cases[i].cost)->logistics.minor = cases[i].logistics;
		mini_promotion(m, &half);
		mini_finish(m);
		assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
		assert_int_equal(r.lines[0].least.minor, AMOUNT_MAX);
		assert_string_equal(verdicts_text(&m->catalog, &r, text), "p=margin_blocked!450");
		mini_free(m);
	}
}

static void what_costs_nothing_may_be_free(void **state)
{
	struct mini *m = mini_new();
	const struct engine_line line = PIECES(0, 3);
	const struct promotion all = PROMOTION("p", GIVES(PERCENT_OFF(100, ALL)));
	struct engine_cart cart = {&line, 1, {.now_s = 0}};
	struct engine_result r;
	uint32_t bad_line;

	(void)state;
	cost(mini_item(m, "X", 100), 0);
	mini_promotion(m, &all);
	mini_finish(m);
	assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
	assert_int_equal(r.totals.total.minor, 0);
	mini_free(m);
}

static void margins_that_are_none(void **state)
{
	struct mini *m = shop();
	const struct qty one = QTY_ONE;
	struct rate margin;

	(void)state;
	mini_finish(m);
	assert_int_equal(engine_margin(&m->catalog, OLD, one, (struct money){1}, &margin), ERR_NOT_FOUND);
	assert_int_equal(engine_margin(&m->catalog, ALE, one, MONEY_ZERO, &margin), ERR_RANGE);
	assert_int_equal(engine_margin(&m->catalog, ALE, one, (struct money){1}, &margin), ERR_OK);
	assert_int_equal(margin.ppm, -599000000); /* (1 - 600) / 1 */
	assert_int_equal(engine_margin(&m->catalog, LAMP, one, (struct money){11900}, &margin), ERR_OK);
	assert_int_equal(margin.ppm, 420168); /* (119 - 50 - 19) / 119 */
	mini_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guards),
		cmocka_unit_test(off_is_off),
		cmocka_unit_test(five_per_cent_off_the_television),
		cmocka_unit_test(violations_are_marked),
		cmocka_unit_test(taxes_by_mode),
		cmocka_unit_test(taxes_by_amount),
		cmocka_unit_test(floors),
		cmocka_unit_test(no_legal_price),
		cmocka_unit_test(what_costs_nothing_may_be_free),
		cmocka_unit_test(margins_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
