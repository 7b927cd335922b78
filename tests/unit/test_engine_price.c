/*
 * Prices, amounts, taxes and totals of carts without promotions. docs/engine.md: "Price of a line", "Lines,
 * tax and totals".
 */
#include "mini_catalog.h"

#include <string.h>

enum { GUEST, MEMBER, VIP };
enum { STORE_A, STORE_B };
enum { TILL, WEB };
enum { ALE, HAM, VIP_ONLY, DAWN_ONLY, NOWHERE };

/*
 * Lists, highest rank first: dawn (window), vip (segment VIP or MEMBER), web (channel), b (store), everyone.
 * ALE has a price in each, HAM (by the kg) in everyone alone.
 */
static struct mini *shop(void)
{
	static const uint32_t members[] = {MEMBER, VIP}, web[] = {WEB}, b[] = {STORE_B};
	struct mini *m = mini_new();

	m->lists[0].window = (struct window){{.seconds = 1000}, {.seconds = 1999}};
	mini_list(m, "vip")->segments = (struct ids){members, 2};
	mini_list(m, "web")->channels = (struct ids){web, 1};
	mini_list(m, "b")->stores = (struct ids){b, 1};
	mini_list(m, "everyone");
	mini_item(m, "ALE", 500);
	mini_price(m, 1, 600);
	mini_price(m, 2, 700);
	mini_price(m, 3, 800);
	mini_price(m, 4, 900);
	mini_item(m, "HAM", AMOUNT_NONE)->unit = UNIT_KG;
	mini_price(m, 4, 1999);
	mini_item(m, "VIP ONLY", AMOUNT_NONE);
	mini_price(m, 1, 100);
	mini_item(m, "DAWN ONLY", 50);
	mini_item(m, "NOWHERE", AMOUNT_NONE);
	mini_finish(m);
	return m;
}

static void price_lists(void **state)
{
	static const struct {
		int64_t now;
		uint32_t segment, channel, store, item;
		enum err e;
		int64_t price;
		uint32_t list;
	} rows[] = {
		/* now, segment, channel, store, article, error, price, list */
		{999, GUEST, TILL, STORE_A, ALE, ERR_OK, 900, 4},
		{1000, GUEST, TILL, STORE_A, ALE, ERR_OK, 500, 0}, /* the window's first second */
		{1999, GUEST, TILL, STORE_A, ALE, ERR_OK, 500, 0}, /* and its last */
		{2000, GUEST, TILL, STORE_A, ALE, ERR_OK, 900, 4},
		{0, MEMBER, TILL, STORE_A, ALE, ERR_OK, 600, 1},
		{0, VIP, WEB, STORE_B, ALE, ERR_OK, 600,
		 1}, /* rank before all: vip, though web and b fit too */
		{0, GUEST, WEB, STORE_B, ALE, ERR_OK, 700, 2},
		{0, GUEST, TILL, STORE_B, ALE, ERR_OK, 800, 3},
		{0, GUEST, CATALOG_NONE, CATALOG_NONE, ALE, ERR_OK, 900, 4}, /* unknown to the book */
		{1500, VIP, TILL, STORE_A, HAM, ERR_OK, 1999,
		 4}, /* lists without a price of it are passed over */
		{0, GUEST, TILL, STORE_A, VIP_ONLY, ERR_NOT_FOUND, 0, 0},
		{0, VIP, TILL, STORE_A, VIP_ONLY, ERR_OK, 100, 1},
		{2000, VIP, TILL, STORE_A, DAWN_ONLY, ERR_NOT_FOUND, 0, 0},
		{0, VIP, WEB, STORE_B, NOWHERE, ERR_NOT_FOUND, 0, 0},
	};
	struct mini *m = shop();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct engine_line line = PIECES(rows[i].item, 1);
		struct engine_cart cart = {
			.lines = &line,
			.count = 1,
			.context = {.now_s = rows[i].now,
				    .segments = {&rows[i].segment, rows[i].segment != GUEST},
				    .channel = rows[i].channel,
				    .store = rows[i].store},
		};
		struct engine_result r;
		struct money price = {-1};
		uint32_t list = 77, bad_line = 77;

		assert_int_equal(engine_list_price(&m->catalog, &cart.context, rows[i].item, &price, &list),
				 rows[i].e);
		assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), rows[i].e);
		assert_int_equal(bad_line, rows[i].e ? 0 : CATALOG_NONE);
		if (rows[i].e)
			continue;
		assert_int_equal(price.minor, rows[i].price);
		assert_int_equal(list, rows[i].list);
		assert_int_equal(r.lines[0].unit_price.minor, rows[i].price);
		assert_int_equal(r.lines[0].price_list, rows[i].list);
	}
	mini_free(m);
}

/* Windows with the store's own clock: the same instant in two zones. */
static void local_window(void **state)
{
	static const struct {
		int64_t now;
		int32_t offset;
		enum err e;
	} rows[] = {
		{999, 0, ERR_NOT_FOUND},
		{999, 1, ERR_OK},
		{1999, 0, ERR_OK},
		{1999, 1, ERR_NOT_FOUND},
		{5200, -3600, ERR_OK},
		{INT64_MAX, 3600, ERR_NOT_FOUND}, /* a clock gone mad must not wrap round */
	};
	struct mini *m = mini_new();
	struct engine_line line = PIECES(0, 1);

	(void)state;
	m->lists[0].window = (struct window){{1000, true}, {1999, true}};
	mini_item(m, "ALE", 500);
	mini_finish(m);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct engine_cart cart = {&line, 1, {.now_s = rows[i].now, .utc_offset_s = rows[i].offset}};
		struct engine_result r;
		uint32_t bad_line;

		assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), rows[i].e);
	}
	mini_free(m);
}

static void amounts(void **state)
{
	static const struct {
		struct engine_line line;
		enum rounding rounding;
		enum err e;
		int64_t amount;
	} rows[] = {
		/* line, rounding, error, list amount; ALE 9.00 each, HAM 19.99 a kg */
		{PIECES(ALE, 3), ROUND_HALF_AWAY, ERR_OK, 2700},
		{MEASURED(HAM, 250000), ROUND_HALF_AWAY, ERR_OK, 500},	 /* 4.9975 */
		{MEASURED(HAM, 1), ROUND_HALF_AWAY, ERR_OK, 0},		 /* a milligram costs nothing */
		{MEASURED(HAM, 500000), ROUND_HALF_AWAY, ERR_OK, 1000},	 /* 9.995 */
		{MEASURED(HAM, 500000), ROUND_HALF_EVEN, ERR_OK, 1000},	 /* 999.5 is odd below: up */
		{MEASURED(HAM, 1500000), ROUND_HALF_AWAY, ERR_OK, 2999}, /* 2998.5 */
		{MEASURED(HAM, 1500000), ROUND_HALF_EVEN, ERR_OK, 2998}, /* 2998.5 to even */
		{PRICED(HAM, 1, 437), ROUND_HALF_AWAY, ERR_OK, 437},	 /* the label wins over 19.99 a kg */
		{PRICED(HAM, 2, 437), ROUND_HALF_AWAY, ERR_OK, 874},
		{PRICED(ALE, 1, 0), ROUND_HALF_AWAY, ERR_OK, 0},
		{PRICED(NOWHERE, 1, 5), ROUND_HALF_AWAY, ERR_OK, 5}, /* needs no list */
		{PIECES(ALE, ENGINE_QUANTITY_MAX), ROUND_HALF_AWAY, ERR_OK, 900000000},
		{PIECES(ALE, ENGINE_QUANTITY_MAX + 1), ROUND_HALF_AWAY, ERR_INVALID, 0},
		{MEASURED(ALE, 1500000), ROUND_HALF_AWAY, ERR_INVALID, 0}, /* half a bottle */
		{MEASURED(ALE, 0), ROUND_HALF_AWAY, ERR_INVALID, 0},
		{MEASURED(HAM, -1), ROUND_HALF_AWAY, ERR_INVALID, 0},
		{{.item = HAM, .quantity = {1500000}, .given = {437}, .locked = {AMOUNT_NONE}},
		 ROUND_HALF_AWAY,
		 ERR_INVALID,
		 0},
		{PRICED(ALE, 1, -1), ROUND_HALF_AWAY, ERR_INVALID, 0},
		{PIECES(99, 1), ROUND_HALF_AWAY, ERR_INVALID, 0}, /* no such article */
		{PRICED(ALE, 2, INT64_MAX), ROUND_HALF_AWAY, ERR_RANGE, 0},
	};
	struct mini *m = shop();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct engine_line lines[] = {PIECES(ALE, 1), rows[i].line};
		struct engine_cart cart = {lines, 2, {.now_s = 0}};
		struct engine_result r = {.line_count = 77};
		uint32_t bad_line;

		m->catalog.settings.rounding = rows[i].rounding;
		assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), rows[i].e);
		assert_int_equal(bad_line, rows[i].e ? 1 : CATALOG_NONE);
		assert_int_equal(r.line_count, rows[i].e ? 77 : 2);
		if (rows[i].e)
			continue;
		assert_int_equal(r.lines[1].list.minor, rows[i].amount);
		assert_int_equal(r.lines[1].net.minor, rows[i].amount);
		assert_int_equal(r.lines[1].price_list,
				 rows[i].line.given.minor == AMOUNT_NONE ? 4 : CATALOG_NONE);
		assert_int_equal(r.totals.total.minor, 900 + rows[i].amount);
		assert_adds_up(&m->catalog, &cart, &r);
	}
	mini_free(m);
}

static void locks(void **state)
{
	static const struct {
		struct engine_line line;
		enum err e;
		int64_t unit_price, amount;
		uint32_t list;
	} rows[] = {
		/* line, error, unit price, list amount, list; ALE 9.00 each, HAM 19.99 a kg */
		{LOCKED(ALE, 2, 850), ERR_OK, 850, 1700, CATALOG_NONE},
		{LOCKED(ALE, 2, 900), ERR_OK, 900, 1800, 4}, /* the list's own price */
		{LOCKED(ALE, 2, 950), ERR_OK, 900, 1800, 4}, /* it became cheaper */
		{LOCKED(ALE, 1, 0), ERR_OK, 0, 0, CATALOG_NONE},
		{LOCKED(ALE, 1, -1), ERR_INVALID, 0, 0, 0},
		{LOCKED(NOWHERE, 1, 500), ERR_NOT_FOUND, 0, 0, 0}, /* a lock is no price */
		{{.item = HAM, .quantity = {250000}, .given = {AMOUNT_NONE}, .locked = {1799}},
		 ERR_OK,
		 1799,
		 450, /* 4.4975 */
		 CATALOG_NONE},
		{{.item = HAM, .quantity = {1000000}, .given = {437}, .locked = {400}},
		 ERR_OK,
		 400,
		 400,
		 CATALOG_NONE}, /* a label, too */
		{{.item = HAM, .quantity = {1000000}, .given = {437}, .locked = {500}},
		 ERR_OK,
		 437,
		 437,
		 CATALOG_NONE},
	};
	struct mini *m = shop();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct engine_cart cart = {&rows[i].line, 1, {.now_s = 0}};
		struct engine_result r;
		uint32_t bad_line;

		assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), rows[i].e);
		if (rows[i].e)
			continue;
		assert_int_equal(r.lines[0].unit_price.minor, rows[i].unit_price);
		assert_int_equal(r.lines[0].list.minor, rows[i].amount);
		assert_int_equal(r.lines[0].price_list, rows[i].list);
		assert_adds_up(&m->catalog, &cart, &r);
	}
	mini_free(m);
}

static void taxes(void **state)
{
	static const struct {
		enum tax_mode mode;
		enum rounding rounding;
		int64_t price, pieces;
		int64_t tax, total;
	} rows[] = {
		/* mode, rounding, unit price, pieces, tax at 19 %, total */
		{TAX_NONE, ROUND_HALF_AWAY, 11900, 1, 0, 11900},
		{TAX_INCLUSIVE, ROUND_HALF_AWAY, 11900, 1, 1900, 11900}, /* 119 contain 19 */
		{TAX_EXCLUSIVE, ROUND_HALF_AWAY, 10000, 1, 1900, 11900},
		{TAX_INCLUSIVE, ROUND_HALF_AWAY, 999, 1, 160, 999},  /* 9.99 * 19 / 119 = 1.59504 */
		{TAX_EXCLUSIVE, ROUND_HALF_AWAY, 999, 1, 190, 1189}, /* 1.8981 */
		{TAX_EXCLUSIVE, ROUND_HALF_AWAY, 50, 1, 10, 60},     /* 9.5 */
		{TAX_EXCLUSIVE, ROUND_HALF_EVEN, 50, 1, 10, 60},     /* 9.5: ten is even */
		{TAX_EXCLUSIVE, ROUND_HALF_EVEN, 150, 1, 28, 178},   /* 28.5 */
		{TAX_EXCLUSIVE, ROUND_HALF_AWAY, 150, 1, 29, 179},
		{TAX_EXCLUSIVE, ROUND_HALF_AWAY, 50, 3, 29,
		 179}, /* of the good, 28.5, not 3 * 9.5 each rounded */
		{TAX_INCLUSIVE, ROUND_HALF_AWAY, 0, 1, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mini *m = mini_new();
		struct engine_line line = PIECES(0, rows[i].pieces);
		struct engine_cart cart = {&line, 1, {.now_s = 0}};
		struct engine_result r;
		uint32_t bad_line, tax = mini_tax(m, PERCENT(19));

		m->catalog.settings.tax = rows[i].mode;
		m->catalog.settings.rounding = rows[i].rounding;
		mini_item(m, "ALE", rows[i].price)->tax = (uint16_t)tax;
		mini_finish(m);
		assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
		assert_int_equal(r.totals.tax.minor, rows[i].tax);
		assert_int_equal(r.totals.total.minor, rows[i].total);
		assert_adds_up(&m->catalog, &cart, &r);
		mini_free(m);
	}
}

/* One good in three lines: tax on 3 * 0.50 at 19 % is 28.5 ct, 29; by nets 9.67 each, the odd ones go first.
 */
static void tax_is_shared_among_lines(void **state)
{
	struct engine_line lines[] = {PIECES(0, 1), PIECES(0, 1), PIECES(0, 1)};
	struct engine_cart cart = {lines, 3, {.now_s = 0}};
	struct mini *m = mini_new();
	struct engine_result r;
	uint32_t bad_line, tax = mini_tax(m, PERCENT(19));

	(void)state;
	m->catalog.settings.tax = TAX_EXCLUSIVE;
	mini_item(m, "GUM", 50)->tax = (uint16_t)tax;
	mini_finish(m);
	assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
	assert_int_equal(r.lines[0].tax.minor, 10);
	assert_int_equal(r.lines[1].tax.minor, 10);
	assert_int_equal(r.lines[2].tax.minor, 9);
	mini_free(m);
}

/* Totals that leave the range are an error of no line; one minor unit less is fine. */
static void totals_overflow(void **state)
{
	static const struct {
		int64_t second;
		enum tax_mode tax;
		enum err e;
	} rows[] = {
		{INT64_MAX / 2 + 1, TAX_NONE, ERR_OK}, /* (2^62 - 1) + 2^62 = 2^63 - 1 */
		{INT64_MAX / 2 + 2, TAX_NONE, ERR_RANGE},
		{INT64_MAX / 2 + 1, TAX_EXCLUSIVE, ERR_RANGE},
		{INT64_MAX / 2 + 1, TAX_INCLUSIVE, ERR_OK},
	};
	struct mini *m = mini_new();

	(void)state;
	m->taxes[0].rate.ppm = PERCENT(1);
	mini_item(m, "GOLD", 1);
	mini_finish(m);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct engine_line lines[] = {PRICED(0, 1, INT64_MAX / 2), PRICED(0, 1, rows[i].second)};
		struct engine_cart cart = {lines, 2, {.now_s = 0}};
		struct engine_result r;
		uint32_t bad_line;

		m->catalog.settings.tax = rows[i].tax;
		assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), rows[i].e);
		assert_int_equal(bad_line, CATALOG_NONE);
		if (!rows[i].e)
			assert_int_equal(r.totals.total.minor, INT64_MAX);
	}
	mini_free(m);
}

static void limits(void **state)
{
	static struct engine_line lines[ENGINE_LINES_MAX + 1];
	static const uint32_t coupons[ENGINE_COUPONS_MAX + 1] = {0};
	static unsigned char room[1 << 20] __attribute__((aligned(16)));
	const struct promotion none = PROMOTION("a", GIVES(PERCENT_OFF(1, ONLY(TERM(BRAND, 1)))));
	struct mini *m = mini_new();
	struct engine_cart cart = {.lines = lines};
	struct engine_result r;
	uint32_t bad_line;

	(void)state;
	mini_item(m, "ALE", 100);
	mini_promotion(m, &none);
	mini_finish(m);
	for (size_t i = 0; i < COUNT(lines); i++)
		lines[i] = (struct engine_line)PIECES(0, 1);
	assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK); /* empty */
	assert_int_equal(r.totals.total.minor, 0);
	assert_int_equal(r.verdict_count, 0);
	cart.count = ENGINE_LINES_MAX;
	assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
	assert_int_equal(r.totals.total.minor, 102400);
	cart.count = ENGINE_LINES_MAX + 1;
	assert_int_equal(engine_room_size(&m->catalog, cart.count), SIZE_MAX);
	assert_int_equal(engine_evaluate(&m->catalog, &cart, room, sizeof(room), &r, &bad_line), ERR_LIMIT);
	cart.count = 1;
	assert_int_equal(engine_evaluate(&m->catalog, &cart, room, engine_room_size(&m->catalog, 1) - 1, &r,
					 &bad_line),
			 ERR_LIMIT);
	cart.context.coupons = (struct ids){coupons, ENGINE_COUPONS_MAX};
	assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
	cart.context.coupons.count = ENGINE_COUPONS_MAX + 1;
	assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_LIMIT);
	assert_int_equal(bad_line, CATALOG_NONE);
	cart.context.coupons = (struct ids)IDS(1); /* no promotion 1 */
	assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_INVALID);
	mini_free(m);
}

/* More promotions than memory could ever hold rooms for. */
static void room_never_wraps(void **state)
{
	struct catalog huge = {.promotion_count = UINT32_MAX};

	(void)state;
	assert_int_equal(engine_room_size(&huge, 1), SIZE_MAX);
	huge.promotion_count = 0;
	assert_true(engine_room_size(&huge, 20) < 32768);
	assert_true(engine_room_size(&huge, ENGINE_LINES_MAX) < SIZE_MAX);
	assert_int_equal(engine_room_size(&huge, ENGINE_LINES_MAX + 1), SIZE_MAX);
	huge.promotion_count = UINT32_MAX - 64;
	assert_true(engine_room_size(&huge, 1) < SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(price_lists),
		cmocka_unit_test(local_window),
		cmocka_unit_test(amounts),
		cmocka_unit_test(locks),
		cmocka_unit_test(taxes),
		cmocka_unit_test(tax_is_shared_among_lines),
		cmocka_unit_test(totals_overflow),
		cmocka_unit_test(limits),
		cmocka_unit_test(room_never_wraps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
