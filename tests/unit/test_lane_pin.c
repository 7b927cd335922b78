/*
 * What carts are pinned to, and what they cost when they come back: never more than they did.
 */
#include "mini_walk.h"

#include <stdlib.h>
#include <string.h>

#include "lane_parts.h"

#define CLUB_PEN "\"list\":\"club\",\"sku\":\"PEN\",\"price\":\"1.99\""
#define BASE_PEN "\"list\":\"base\",\"sku\":\"PEN\",\"price\":\"2.49\""
#define CHEESE	 "\"sku\":\"CHEESE\",\"price\":\"12.00\""
#define BOGO	 "\"id\":\"BOGO\",\"name\""
#define SAVE10	 "\"id\":\"SAVE10\",\"name\""

/* The book with one text in the place of another, or without the lines that have it. */
static void import_edited(struct mini_shop *m, const char *from, const char *to)
{
	size_t size = strlen(mini_book) + 256;
	char *book = calloc(1, size);

	assert_non_null(book);
	for (const char *line = mini_book; *line;) {
		size_t n = strcspn(line, "\n") + 1;
		const char *found = strstr(line, from);
		bool here = found && found < line + n;

		if (here && to) {
			strncat(book, line, (size_t)(found - line));
			text_add(book, size, to);
			strncat(book, found + strlen(from), (size_t)(line + n - found) - strlen(from));
		} else if (!here) {
			strncat(book, line, n);
		}
		line += n;
	}
	mini_shop_import(m, book);
	free(book);
}

/* A cart put aside, what happens to the catalog and the clock, and what it costs when it is back. */
static const struct {
	const char *what;
	const char *before[5]; /* commands */
	const char *from, *to; /* edit of the book; NULL: none */
	int minutes;	       /* that pass */
	struct step after[3];
} aside[] = {
	{"nothing happened",
	 {"scan " PEN},
	 NULL,
	 NULL,
	 1,
	 {{"resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "2.49"},
	  {"scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "4.98"}}},
	{"a dearer price: more pieces cost it",
	 {"scan " PEN},
	 BASE_PEN,
	 "\"list\":\"base\",\"sku\":\"PEN\",\"price\":\"3.49\"",
	 1,
	 {{"resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "2.49"},
	  {"scan " PEN, REFUSED_NOT, LANE_OPEN, 2, "5.98"}}},
	{"a cheaper price",
	 {"scan " PEN " 2"},
	 BASE_PEN,
	 "\"list\":\"base\",\"sku\":\"PEN\",\"price\":\"1.49\"",
	 1,
	 {{"resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "2.98"},
	  {"scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "4.47"}}},
	{"a weighed article",
	 {"sku CHEESE 0.333"},
	 CHEESE,
	 "\"sku\":\"CHEESE\",\"price\":\"14.00\"",
	 60,
	 {{"resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "4.00"}}}, /* 3.996 */
	{"a price from a label",
	 {"scan 2212345003990"},
	 BASE_PEN,
	 BASE_PEN,
	 60,
	 {{"resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "3.99"},
	  {"scan 2212345003990", REFUSED_NOT, LANE_OPEN, 2, "7.98"}}},
	/* Two bars for one holds until 12:00; the cart opened at 11:00. */
	{"the moment it opened, for ten minutes",
	 {"scan " BAR " 2"},
	 NULL,
	 NULL,
	 9,
	 {{"resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "1.00"},
	  {"scan " BAR " 2", REFUSED_NOT, LANE_OPEN, 1, "2.00"}}},
	{"a promotion that ended: what was given is kept",
	 {"scan " BAR " 2"},
	 NULL,
	 NULL,
	 90,
	 {{"resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "1.00"},
	  {"scan " BAR " 2", REFUSED_NOT, LANE_OPEN, 2, "3.00"}}},
	{"a promotion that was taken away",
	 {"scan " BAR " 2", "scan " PEN},
	 BOGO,
	 "\"id\":\"BOGO\",\"status\":\"paused\",\"name\"",
	 1,
	 {{"resume b-1-1", REFUSED_NOT, LANE_OPEN, 2, "3.49"}}},
	/* 5 bars: 2 are free, 3.00; a fifth of that is 0.60 */
	{"a unit for what five cost",
	 {"scan " BAR " 5"},
	 NULL,
	 NULL,
	 90,
	 {{"resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "3.00"}}},
	/* 3 bars: 2.00, and 0.67 a unit would be a cent too much */
	{"a unit that does not divide",
	 {"scan " BAR " 3"},
	 NULL,
	 NULL,
	 90,
	 {{"resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "1.98"}}},
	/* 1.99 for members, less 10 % with the coupon: 0.20 */
	{"a customer and a coupon",
	 {"scan " PEN, "customer ann", "coupon TENOFF"},
	 CLUB_PEN,
	 "\"list\":\"club\",\"sku\":\"PEN\",\"price\":\"2.29\"",
	 60,
	 {{"resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "1.79"}}},
};

static void a_cart_that_comes_back_is_never_dearer(void **state)
{
	for (size_t i = 0; i < COUNT(aside); i++) {
		struct mini_shop *m = *state;
		size_t steps = 0;

		for (size_t k = 0; k < COUNT(aside[i].before) && aside[i].before[k]; k++)
			if (mini_shop_do(m, aside[i].before[k]).refusal)
				fail_msg("%s: %s", aside[i].what, aside[i].before[k]);
		assert_int_equal(mini_shop_do(m, "suspend").refusal, REFUSED_NOT);
		if (aside[i].from)
			import_edited(m, aside[i].from, aside[i].to);
		clock_manual_advance_ms(&m->clock, (int64_t)aside[i].minutes * 60000);
		while (steps < COUNT(aside[i].after) && aside[i].after[steps].command)
			steps++;
		mini_walk(m, aside[i].after, steps);
		mini_stop(state);
		mini_start(state);
	}
}

/* A day of feeds: each time it comes back it may only become cheaper. */
static void never_dearer_again_and_again(void **state)
{
	static const char *const prices[] = {"2.60", "2.40", "9.99", "2.39", "2.41"};
	static const char *const totals[] = {"2.49", "2.40", "2.40", "2.39", "2.39"};
	struct mini_shop *m = *state;

	mini_shop_do(m, "scan " PEN);
	for (size_t i = 0; i < COUNT(prices); i++) {
		const struct step back = {"resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, totals[i]};
		char edited[64];

		assert_int_equal(mini_shop_do(m, "suspend").refusal, REFUSED_NOT);
		snprintf(edited, sizeof(edited), "\"list\":\"base\",\"sku\":\"PEN\",\"price\":\"%s\"",
			 prices[i]);
		import_edited(m, BASE_PEN, edited);
		clock_manual_advance_ms(&m->clock, 3600000);
		mini_walk(m, &back, 1);
	}
}

/* It keeps its prices and its customer, and can be paid; goods go to another cart until the article is back.
 */
static void an_article_that_is_gone(void **state)
{
	static const struct step gone[] = {
		{"resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "2.49"},
		{"scan " BAR, REFUSED_UNKNOWN_CODE, LANE_OPEN, 1, "2.49"},
		{"sku BAR", REFUSED_UNKNOWN_CODE, LANE_OPEN, 1, "2.49"},
		{"qty 1 2", REFUSED_NOT, LANE_OPEN, 1, "4.98"},
		{"suspend", REFUSED_NOT, LANE_IDLE, 0, ""},
		{"2 resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "4.98"},
	};
	static const struct step back[] = {
		{"2 scan " BAR, REFUSED_NOT, LANE_OPEN, 2, "5.98"},
		{"2 tender cash", REFUSED_NOT, LANE_CLOSED, 2, "5.98"},
	};
	struct mini_shop *m = *state;
	struct answer a;

	mini_shop_do(m, "scan " PEN);
	mini_shop_do(m, "suspend");
	import_edited(m, "\"PEN\"", NULL);
	mini_walk(m, gone, COUNT(gone));
	a = mini_shop_do(m, "2 scan " BAR);
	assert_non_null(strstr(a.why.text, "b-1-1 keeps prices of a catalog that is gone: pay it"));
	mini_shop_import(m, mini_book);
	mini_walk(m, back, COUNT(back));
}

static void it_is_paid_as_it_was_put_aside(void **state)
{
	static const struct step steps[] = {
		{"resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "2.24"}, /* 2.49 less 10 % */
		{"tender cash", REFUSED_NOT, LANE_CLOSED, 1, "2.24"},
	};
	struct mini_shop *m = *state;

	mini_shop_do(m, "scan " PEN);
	mini_shop_do(m, "coupon TENOFF");
	mini_shop_do(m, "suspend");
	import_edited(m, "SAVE10", NULL);
	mini_walk(m, steps, COUNT(steps));
}

/* Amounts of two currencies are not compared. */
static void another_currency(void **state)
{
	static const struct step back = {"resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "2.49"};
	struct mini_shop *m = *state;
	json_t *cart;

	mini_shop_do(m, "scan " PEN);
	mini_shop_do(m, "suspend");
	import_edited(m, "\"EUR\"", "\"USD\"");
	mini_walk(m, &back, 1);
	cart = mini_shop_json(shop_lane(m->shop, "1"), lane_cart_json);
	assert_string_equal(json_path(cart, "currency"), "EUR");
	json_decref(cart);
}

/* However many carts are put aside or paid, no catalog is held but those of open carts and the one in force.
 */
static void who_holds_a_catalog(void **state)
{
	struct mini_shop *m = *state;
	struct lane *first = shop_lane(m->shop, "1"), *second = shop_lane(m->shop, "2");
	json_t *before, *after;

	mini_shop_do(m, "scan " PEN);
	assert_ptr_equal(first->cart->snapshot, m->shop->snapshot);
	mini_shop_do(m, "suspend");
	assert_int_equal(m->shop->suspended->catalog->item_count, 1);
	assert_int_equal(m->shop->suspended->catalog->version, 1); /* what a sale by it says */
	mini_shop_do(m, "2 scan " PEN);
	mini_shop_do(m, "2 tender cash");
	mini_shop_do(m, "scan " BAR);
	before = mini_shop_json(second, lane_receipt_json);
	import_edited(m, CHEESE, "\"sku\":\"CHEESE\",\"price\":\"14.00\"");
	assert_int_equal(first->cart->catalog->version, 1); /* open: as it was */
	assert_true(first->cart->catalog->item_count > 1);
	assert_int_equal(second->cart->catalog->item_count, 1);
	after = mini_shop_json(second, lane_receipt_json);
	assert_int_equal(json_equal(before, after), 1);
	json_decref(before);
	json_decref(after);
	after = mini_shop_json(second, lane_cart_json);
	assert_string_equal(json_path(after, "totals.total"), "2.49");
	assert_string_equal(json_path(after, "state"), "closed");
	json_decref(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MINI_TEST(a_cart_that_comes_back_is_never_dearer),
		MINI_TEST(never_dearer_again_and_again),
		MINI_TEST(an_article_that_is_gone),
		MINI_TEST(it_is_paid_as_it_was_put_aside),
		MINI_TEST(another_currency),
		MINI_TEST(who_holds_a_catalog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
