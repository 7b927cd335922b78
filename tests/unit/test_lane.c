/*
 * Lanes and carts, command by command: what is refused, what state it leaves, what is to be paid.
 */
#include "mini_shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEN "4006381333931"
#define BAR "4000417025005"

/* A command, and what has to be the case after it. */
struct step {
	const char *command;
	enum refusal refusal;
	enum lane_state state; /* of the command's lane */
	uint32_t lines;
	const char *total; /* "": the lane has no cart */
};

static const char *const state_names[] = {"idle", "open", "suspended", "tendering", "closed"};

static void summary_members(struct lane *l, struct jsonw *w)
{
	lane_summary_json(l, w);
}

static void check_step(struct mini_shop *m, const struct step *s)
{
	struct answer a = mini_shop_do(m, s->command);
	json_t *cart = mini_shop_json(m->lane, lane_cart_json);
	json_t *summary = mini_shop_json(m->lane, summary_members);

	if (a.refusal != s->refusal)
		fail_msg("%s: %s (%s), not %s", s->command, refusal_code(a.refusal), a.why.text,
			 refusal_code(s->refusal));
	if (a.refusal && !*a.why.text)
		fail_msg("%s: refused without a word", s->command);
	if (lane_state(m->lane) != s->state || strcmp(json_path(cart, "state"), state_names[s->state]))
		fail_msg("%s: the lane is %s", s->command, json_path(cart, "state"));
	if (json_array_size(json_object_get(cart, "lines")) != s->lines ||
	    json_integer_value(json_object_get(summary, "lines")) != s->lines)
		fail_msg("%s: %zu lines", s->command, json_array_size(json_object_get(cart, "lines")));
	if (strcmp(json_path(cart, "totals.total"), s->total) ||
	    strcmp(json_path(summary, "total"), s->total))
		fail_msg("%s: total %s, not %s", s->command, json_path(cart, "totals.total"), s->total);
	json_decref(cart);
	json_decref(summary);
}

static void walk(struct mini_shop *m, const struct step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_step(m, &steps[i]);
}

static int start(void **state)
{
	struct mini_shop *m = calloc(1, sizeof(*m));

	mini_shop_start(m, mini_book);
	*state = m;
	return 0;
}

static int stop(void **state)
{
	mini_shop_stop(*state);
	free(*state);
	return 0;
}

static void a_cart_from_first_scan_to_last_state(void **state)
{
	static const struct step steps[] = {
		{"void 1", REFUSED_NO_CART, LANE_IDLE, 0, ""},
		{"qty 1 2", REFUSED_NO_CART, LANE_IDLE, 0, ""},
		{"void cart", REFUSED_NO_CART, LANE_IDLE, 0, ""},
		{"suspend", REFUSED_NO_CART, LANE_IDLE, 0, ""},
		{"customer", REFUSED_NO_CART, LANE_IDLE, 0, ""},
		{"tender cash", REFUSED_NO_CART, LANE_IDLE, 0, ""},
		{"resume b-1-7", REFUSED_UNKNOWN_CART, LANE_IDLE, 0, ""},
		{"scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "2.49"},
		{"scan " BAR, REFUSED_NOT, LANE_OPEN, 2, "3.49"},
		{"scan " BAR, REFUSED_NOT, LANE_OPEN, 2, "3.49"}, /* the second is free */
		{"qty 2 4", REFUSED_NOT, LANE_OPEN, 2, "4.49"},	  /* 2.49 + two of four */
		{"qty 3 1", REFUSED_UNKNOWN_LINE, LANE_OPEN, 2, "4.49"},
		{"qty 0 1", REFUSED_UNKNOWN_LINE, LANE_OPEN, 2, "4.49"},
		{"void 1", REFUSED_NOT, LANE_OPEN, 1, "2.00"},
		{"void 2", REFUSED_UNKNOWN_LINE, LANE_OPEN, 1, "2.00"},
		{"suspend", REFUSED_NOT, LANE_IDLE, 0, ""},
		{"2 resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "2.00"},
		{"resume b-1-1", REFUSED_UNKNOWN_CART, LANE_IDLE, 0, ""},
		{"2 void 1", REFUSED_NOT, LANE_OPEN, 0, "0.00"},
		{"2 tender cash", REFUSED_EMPTY_CART, LANE_OPEN, 0, "0.00"},
		{"2 suspend", REFUSED_EMPTY_CART, LANE_OPEN, 0, "0.00"},
		{"2 void cart", REFUSED_NOT, LANE_IDLE, 0, ""},
		{"scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "2.49"},
		{"tender cash=5.00", REFUSED_NOT, LANE_CLOSED, 1, "2.49"},
		{"void 1", REFUSED_NO_CART, LANE_CLOSED, 1, "2.49"},
		{"scan 96385074", REFUSED_AMBIGUOUS_CODE, LANE_CLOSED, 1, "2.49"}, /* the closed cart stays */
		{"scan " BAR, REFUSED_NOT, LANE_OPEN, 1, "1.00"},
	};

	walk(*state, steps, COUNT(steps));
}

static void codes(void **state)
{
	static const struct step steps[] = {
		{"scan 4006381333930", REFUSED_MALFORMED_CODE, LANE_IDLE, 0, ""}, /* check digit */
		{"scan 4000000000068", REFUSED_UNKNOWN_CODE, LANE_IDLE, 0, ""},
		{"scan HELLO", REFUSED_UNKNOWN_CODE, LANE_IDLE, 0, ""},
		{"scan 96385074", REFUSED_AMBIGUOUS_CODE, LANE_IDLE, 0, ""}, /* two articles under one GTIN */
		{"scan 01234565", REFUSED_AMBIGUOUS_CODE, LANE_IDLE, 0, ""}, /* GTIN-8 and UPC-E, both sold */
		{"scan 01234770", REFUSED_NOT, LANE_OPEN, 1, "0.30"},	     /* only its UPC-E is sold */
		{"void cart", REFUSED_NOT, LANE_IDLE, 0, ""},
		{"scan 5901234123457", REFUSED_NO_PRICE, LANE_IDLE, 0, ""},
		{"sku NOPRICE", REFUSED_NO_PRICE, LANE_IDLE, 0, ""},
		{"sku NOTHING", REFUSED_UNKNOWN_CODE, LANE_IDLE, 0, ""},
		{"scan 2212345003990", REFUSED_NOT, LANE_OPEN, 1, "3.99"}, /* ham, its price on the label */
		{"scan 2212345003990", REFUSED_NOT, LANE_OPEN, 2, "7.98"}, /* each label a line of its own */
		{"scan 2212345003990 2", REFUSED_NOT, LANE_OPEN, 3, "15.96"},
		{"scan 2212345003990 1.5", REFUSED_BAD_QUANTITY, LANE_OPEN, 3, "15.96"},
		{"void cart", REFUSED_NOT, LANE_IDLE, 0, ""},
		{"scan 2312345012500", REFUSED_NOT, LANE_OPEN, 1, "15.00"}, /* 1.250 kg at 12.00 */
		{"scan 2312345012500", REFUSED_NOT, LANE_OPEN, 2, "30.00"},
		{"scan 2312345012500 2", REFUSED_BAD_QUANTITY, LANE_OPEN, 2, "30.00"}, /* the code says it */
		{"scan 2312345000002", REFUSED_BAD_QUANTITY, LANE_OPEN, 2, "30.00"},   /* no weight at all */
		{"scan 2312345000002 0.1", REFUSED_NOT, LANE_OPEN, 3, "31.20"},
		{"scan 2311111012508", REFUSED_BAD_QUANTITY, LANE_OPEN, 3, "31.20"}, /* a weight of cakes */
		{"void cart", REFUSED_NOT, LANE_IDLE, 0, ""},
		{"scan 2412345000030", REFUSED_NOT, LANE_OPEN, 1, "1.20"}, /* 3 rolls at 0.40 */
		{"scan 2412345000030", REFUSED_NOT, LANE_OPEN, 1, "2.40"},
		{"scan 2411111000038", REFUSED_BAD_QUANTITY, LANE_OPEN, 1,
		 "2.40"}, /* 3 pieces of kilograms */
		{"void cart", REFUSED_NOT, LANE_IDLE, 0, ""},
		/* AI 01 and AI 3103: 1.250 kg of what is sold by ... */
		{"scan ]C10104000000000037"
		 "3103001250",
		 REFUSED_NOT, LANE_OPEN, 1, "12.50"}, /* the gram: 1250 */
		{"scan ]C10104000000000044"
		 "3103001250",
		 REFUSED_BAD_QUANTITY, LANE_OPEN, 1, "12.50"}, /* the pound */
		{"scan ]C10104000000000020"
		 "3103001250",
		 REFUSED_BAD_QUANTITY, LANE_OPEN, 1, "12.50"}, /* the litre */
		{"scan ]C10104000000000044"
		 "3203001250",
		 REFUSED_NOT, LANE_OPEN, 2, "18.75"}, /* AI 320: 1.25 lb at 5.00 */
		{"price PEN", REFUSED_NOT, LANE_OPEN, 2, "18.75"},
		{"price " PEN, REFUSED_NOT, LANE_OPEN, 2, "18.75"},
		{"price NOPRICE", REFUSED_NO_PRICE, LANE_OPEN, 2, "18.75"},
		{"price 96385074", REFUSED_AMBIGUOUS_CODE, LANE_OPEN, 2, "18.75"},
		{"price 4006381333930", REFUSED_MALFORMED_CODE, LANE_OPEN, 2, "18.75"},
	};

	walk(*state, steps, COUNT(steps));
}

static void quantities(void **state)
{
	static const struct step steps[] = {
		{"scan " PEN " -1", REFUSED_BAD_QUANTITY, LANE_IDLE, 0, ""},
		{"scan " PEN " 1.5", REFUSED_BAD_QUANTITY, LANE_IDLE, 0, ""},
		{"scan " PEN " 1000001", REFUSED_BAD_QUANTITY, LANE_IDLE, 0, ""},
		{"scan " PEN " 1000000", REFUSED_NOT, LANE_OPEN, 1, "2490000.00"},
		{"scan " PEN, REFUSED_BAD_QUANTITY, LANE_OPEN, 1,
		 "2490000.00"}, /* one more than a line holds */
		{"qty 1 0", REFUSED_BAD_QUANTITY, LANE_OPEN, 1, "2490000.00"},
		{"qty 1 -2", REFUSED_BAD_QUANTITY, LANE_OPEN, 1, "2490000.00"},
		{"qty 1 0.5", REFUSED_BAD_QUANTITY, LANE_OPEN, 1, "2490000.00"},
		{"qty 1 2", REFUSED_NOT, LANE_OPEN, 1, "4.98"},
		{"sku OIL", REFUSED_BAD_QUANTITY, LANE_OPEN, 1, "4.98"}, /* how many litres? */
		{"sku OIL 0.000001", REFUSED_NOT, LANE_OPEN, 2, "4.98"}, /* rounds to nothing */
		{"sku OIL 0.75", REFUSED_NOT, LANE_OPEN, 3, "7.98"},
		{"qty 3 1.5", REFUSED_NOT, LANE_OPEN, 3, "10.98"},
		/* 10^15 minor units each: 9223 of them fit 2^63 - 1 = 9.22 * 10^18, 9224 do not */
		{"sku GOLD 9224", REFUSED_OVERFLOW, LANE_OPEN, 3, "10.98"},
		{"sku GOLD 1", REFUSED_NOT, LANE_OPEN, 4, "10000000000010.98"},
		{"qty 4 9224", REFUSED_OVERFLOW, LANE_OPEN, 4, "10000000000010.98"},
	};

	walk(*state, steps, COUNT(steps));
}

static void people(void **state)
{
	static const struct step steps[] = {
		{"customer nobody", REFUSED_UNKNOWN_CUSTOMER, LANE_IDLE, 0, ""},
		{"coupon NOTHING", REFUSED_UNKNOWN_COUPON, LANE_IDLE, 0, ""},
		{"customer ann", REFUSED_NOT, LANE_OPEN, 0, "0.00"}, /* the card comes before the goods */
		{"sku PEN", REFUSED_NOT, LANE_OPEN, 1, "1.99"},
		{"sku NOPRICE", REFUSED_NOT, LANE_OPEN, 2, "6.99"},
		{"customer bob", REFUSED_NO_PRICE, LANE_OPEN, 2, "6.99"}, /* he has no price for it */
		{"customer", REFUSED_NO_PRICE, LANE_OPEN, 2, "6.99"},
		{"void 2", REFUSED_NOT, LANE_OPEN, 1, "1.99"},
		{"customer bob", REFUSED_NOT, LANE_OPEN, 1, "2.49"},
		{"customer ann", REFUSED_NOT, LANE_OPEN, 1, "1.99"},
		{"customer", REFUSED_NOT, LANE_OPEN, 1, "2.49"},
		{"coupon OLD", REFUSED_COUPON_EXPIRED, LANE_OPEN, 1, "2.49"},
		{"coupon EARLY", REFUSED_COUPON_EXPIRED, LANE_OPEN, 1, "2.49"},
		{"coupon INSTANT", REFUSED_COUPON_EXPIRED, LANE_OPEN, 1,
		 "2.49"},						 /* 11:00 UTC is in an hour */
		{"coupon LOCAL", REFUSED_NOT, LANE_OPEN, 1, "2.24"},	 /* 11:00 in Berlin is now */
		{"coupon LOCAL", REFUSED_NOT, LANE_OPEN, 1, "2.24"},	 /* once is enough */
		{"coupon ]C0TENOFF", REFUSED_NOT, LANE_OPEN, 1, "2.24"}, /* as scanned; the same promotion */
		{"2 coupon TENOFF", REFUSED_NOT, LANE_OPEN, 0, "0.00"},
	};
	struct mini_shop *m = *state;
	json_t *cart;

	walk(m, steps, COUNT(steps));
	cart = mini_shop_json(shop_lane(m->shop, "1"), lane_cart_json);
	assert_int_equal(json_array_size(json_object_get(cart, "coupons")), 2);
	assert_string_equal(json_path(cart, "coupons.1"), "TENOFF");
	json_decref(cart);
}

/* The answer to a look-up comes when the cart is no longer what it was. */
static void late_answers(void **state)
{
	static const struct {
		const char *meanwhile;
		enum refusal refusal; /* of the coupon */
	} rows[] = {
		{"scan " BAR, REFUSED_NOT},
		{"suspend", REFUSED_NO_CART},
		{"void cart", REFUSED_NO_CART},
		{"tender cash", REFUSED_LANE_BUSY}, /* answered before the sale is durable, or else ... */
	};
	struct mini_shop *m = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct answer *coupon = NULL;
		unsigned before;

		mini_shop_do(m, "scan " PEN);
		m->answered = before = 0;
		mini_shop_begin(m, "coupon TENOFF");
		mini_shop_begin(m, rows[i].meanwhile);
		mini_shop_turn_until(m, &m->answered, before + 2);
		for (unsigned k = 0; k < m->answered; k++)
			if (m->answers[k].refusal || !coupon)
				coupon = &m->answers[k];
		if (coupon->refusal != rows[i].refusal &&
		    !(rows[i].refusal == REFUSED_LANE_BUSY && coupon->refusal == REFUSED_NO_CART))
			fail_msg("%s: %s", rows[i].meanwhile, refusal_code(coupon->refusal));
		if (lane_state(m->lane) == LANE_OPEN)
			mini_shop_do(m, "void cart");
	}
}

/* A cart that left and another that came are told apart, and so are lanes. */
static void an_answer_finds_its_own_cart(void **state)
{
	struct mini_shop *m = *state;
	json_t *cart;

	mini_shop_do(m, "scan " PEN);
	m->answered = 0;
	mini_shop_begin(m, "customer ann");
	mini_shop_begin(m, "suspend");
	mini_shop_begin(m, "scan " PEN);
	mini_shop_begin(m, "2 resume b-1-1");
	mini_shop_turn_until(m, &m->answered, 4);
	assert_int_equal(m->answers[3].refusal, REFUSED_NO_CART);
	for (const char *name = "1"; name; name = *name == '1' ? "2" : NULL) {
		cart = mini_shop_json(shop_lane(m->shop, name), lane_cart_json);
		assert_string_equal(json_path(cart, "customer"), "");
		assert_string_equal(json_path(cart, "totals.total"), "2.49");
		json_decref(cart);
	}
}

static void what_a_device_scans(void **state)
{
	static const struct {
		const char *scan;
		enum lane_event heard;
		enum refusal refusal;
		const char *scanned;
	} rows[] = {
		{PEN, LANE_LINE, REFUSED_NOT, ""},
		{"]E0" PEN, LANE_LINE, REFUSED_NOT, ""},
		{"4006381333930", LANE_REFUSED, REFUSED_MALFORMED_CODE, "4006381333930"},
		{"4000000000068", LANE_REFUSED, REFUSED_UNKNOWN_CODE, "4000000000068"},
		{"96385074", LANE_REFUSED, REFUSED_AMBIGUOUS_CODE, "96385074"},
		{"\x01\xff", LANE_REFUSED, REFUSED_MALFORMED_CODE, "\\x01\\xff"},
		{"]C0TENOFF", LANE_CART, REFUSED_NOT, ""},
		{"TENOFF", LANE_CART, REFUSED_NOT, ""},
		{"NOTHING", LANE_REFUSED, REFUSED_UNKNOWN_CODE, "NOTHING"},
		{"OLD", LANE_REFUSED, REFUSED_COUPON_EXPIRED, "OLD"},
	};
	struct mini_shop *m = *state;
	struct lane *l = shop_lane(m->shop, "1");

	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned before = m->news[rows[i].heard];

		m->refused = REFUSED_NOT;
		m->scanned[0] = '\0';
		lane_device_scan(l, rows[i].scan, strlen(rows[i].scan));
		mini_shop_turn_until(m, &m->news[rows[i].heard], before + 1);
		if (m->refused != rows[i].refusal)
			fail_msg("%s: %s", rows[i].scan, refusal_code(m->refused));
		assert_string_equal(m->scanned, rows[i].scanned);
	}
	lane_device_fault(l, "longer than any code");
	assert_int_equal(m->refused, REFUSED_MALFORMED_CODE);
	assert_string_equal(m->reason, "longer than any code");
	lane_device_state(l, "front", false, "unplugged");
	assert_int_equal(m->news[LANE_SCANNER], 1);
	assert_string_equal(m->reason, "unplugged");
}

static void candidates_are_named(void **state)
{
	struct mini_shop *m = *state;
	struct answer a = mini_shop_do(m, "scan 96385074");
	json_t *j;
	struct jsonw w;
	struct buf out;

	assert_int_equal(a.candidate_count, 2);
	buf_init(&out, 4096);
	jsonw_begin(&w, &out);
	jsonw_object(&w, NULL);
	answer_json(m->shop, &a, &w);
	jsonw_close(&w);
	assert_int_equal(jsonw_end(&w), ERR_OK);
	j = json_loadb((const char *)buf_front(&out), buf_length(&out), 0, NULL);
	assert_string_equal(json_path(j, "error.code"), "ambiguous_code");
	assert_string_equal(json_path(j, "error.candidates.0.sku"), "TWIN1"); /* by SKU, not as in the book */
	assert_string_equal(json_path(j, "error.candidates.1.name"), "Twin two");
	json_decref(j);
	buf_free(&out);
}

/* Any order of the same scans: the same quantity of each article, in the order of its first scan, and one
 * total. */
static void order_of_scans(void **state)
{
	static const char *const codes[] = {PEN, BAR,	    BAR, "01234770", BAR, PEN, "2412345000030",
					    PEN, "01234770"};
	/* 3 x 2.49 + 3 x 1.00 with one free + 3 x 0.40 + 2 x 0.30 = 7.47 + 2.00 + 1.20 + 0.60 */
	static const char total[] = "11.27";
	uint64_t seed = seed_start("lane");
	struct mini_shop *m = *state;

	for (int round = 0; round < 50; round++) {
		const char *shuffled[COUNT(codes)];
		char seen[256] = "", shown[256] = "", command[64];
		json_t *cart;

		memcpy(shuffled, codes, sizeof(codes));
		for (size_t i = COUNT(codes) - 1; i > 0; i--) {
			size_t k = seed_next(&seed) % (i + 1);
			const char *moved = shuffled[i];

			shuffled[i] = shuffled[k];
			shuffled[k] = moved;
		}
		for (size_t i = 0; i < COUNT(codes); i++) {
			const char *sku = shuffled[i][1] == '1'	  ? "ONLYE"
					  : shuffled[i][0] == '2' ? "ROLL"
					  : shuffled[i][3] == '6' ? "PEN"
								  : "BAR";

			snprintf(command, sizeof(command), "scan %s", shuffled[i]);
			assert_int_equal(mini_shop_do(m, command).refusal, REFUSED_NOT);
			if (!strstr(seen, sku))
				snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), "%s %s ", sku,
					 *sku == 'O' ? "2" : "3");
		}
		cart = mini_shop_json(m->lane, lane_cart_json);
		for (size_t i = 0; i < json_array_size(json_object_get(cart, "lines")); i++) {
			json_t *line = json_array_get(json_object_get(cart, "lines"), i);

			snprintf(shown + strlen(shown), sizeof(shown) - strlen(shown), "%s ",
				 json_path(line, "sku"));
			snprintf(shown + strlen(shown), sizeof(shown) - strlen(shown), "%s ",
				 json_path(line, "quantity"));
		}
		assert_string_equal(shown, seen);
		assert_string_equal(json_path(cart, "totals.total"), total);
		json_decref(cart);
		mini_shop_do(m, "void cart");
	}
}

static void a_new_catalog_waits_for_the_next_cart(void **state)
{
	static const struct step before[] = {
		{"scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "2.49"},
		{"suspend", REFUSED_NOT, LANE_IDLE, 0, ""},
		{"2 scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "2.49"},
	};
	static const struct step after[] = {
		{"2 scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "4.98"},
		{"scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "3.49"},
		{"resume b-1-1", REFUSED_LANE_BUSY, LANE_OPEN, 1, "3.49"},
		{"void cart", REFUSED_NOT, LANE_IDLE, 0, ""},
		{"2 void cart", REFUSED_NOT, LANE_IDLE, 0, ""},
		{"2 resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "2.49"}, /* on another lane, at its own price */
		{"2 scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "4.98"},
		{"2 tender cash", REFUSED_NOT, LANE_CLOSED, 1, "4.98"},
		{"2 scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "3.49"},
	};
	struct mini_shop *m = *state;
	char *dearer = strdup(mini_book);

	walk(m, before, COUNT(before));
	memcpy(strstr(dearer, "\"2.49\""), "\"3.49\"", 6);
	mini_shop_import(m, dearer);
	free(dearer);
	walk(m, after, COUNT(after));
}

/* now is the instant at which the cart opened: two bars for one ends at 12:00 in Berlin. */
static void now_stands_still_in_a_cart(void **state)
{
	static const struct step before[] = {{"scan " BAR, REFUSED_NOT, LANE_OPEN, 1, "1.00"},
					     {"suspend", REFUSED_NOT, LANE_IDLE, 0, ""}};
	static const struct step after[] = {{"resume b-1-1", REFUSED_NOT, LANE_OPEN, 1, "1.00"},
					    {"scan " BAR, REFUSED_NOT, LANE_OPEN, 1, "1.00"},
					    {"2 scan " BAR " 2", REFUSED_NOT, LANE_OPEN, 1, "2.00"}};
	struct mini_shop *m = *state;

	walk(m, before, COUNT(before));
	clock_manual_advance_ms(&m->clock, 2 * 3600 * 1000);
	walk(m, after, COUNT(after));
}

static void a_cart_is_full_at_512_lines(void **state)
{
	static const struct step one_more[] = {
		{"scan 2212345003990", REFUSED_CART_FULL, LANE_OPEN, 512, "2042.88"}, /* 512 x 3.99 */
		{"void 512", REFUSED_NOT, LANE_OPEN, 511, "2038.89"},
		{"scan 2212345003990", REFUSED_NOT, LANE_OPEN, 512, "2042.88"},
	};
	struct mini_shop *m = *state;

	for (int i = 0; i < 512; i++)
		assert_int_equal(mini_shop_do(m, "scan 2212345003990").refusal, REFUSED_NOT);
	walk(m, one_more, COUNT(one_more));
}

static void a_cart_takes_16_coupons(void **state)
{
	struct mini_shop *m = *state;
	size_t size = strlen(mini_book) + 4096;
	char *book = malloc(size), command[32];
	int n = snprintf(book, size, "%s", mini_book);

	for (int i = 0; i < 17; i++)
		n += snprintf(book + n, size - (size_t)n,
			      "{\"type\":\"coupon\",\"code\":\"C%d\",\"promotion\":\"SAVE10\"}\n", i);
	mini_shop_import(m, book);
	free(book);
	for (int i = 0; i < 17; i++) {
		snprintf(command, sizeof(command), "coupon C%d", i);
		assert_int_equal(mini_shop_do(m, command).refusal, i < 16 ? REFUSED_NOT : REFUSED_CART_FULL);
	}
}

static void too_many_carts_put_aside(void **state)
{
	static const struct step one_more[] = {
		{"scan " PEN, REFUSED_NOT, LANE_OPEN, 1, "2.49"},
		{"suspend", REFUSED_TOO_MANY_CARTS, LANE_OPEN, 1, "2.49"},
		{"2 resume b-1-200", REFUSED_NOT, LANE_OPEN, 1, "2.49"},
		{"suspend", REFUSED_NOT, LANE_IDLE, 0, ""},
	};
	struct mini_shop *m = *state;
	json_t *j;
	struct jsonw w;
	struct buf out;

	for (int i = 0; i < SHOP_SUSPENDED_MAX; i++) {
		mini_shop_do(m, "scan " PEN);
		assert_int_equal(mini_shop_do(m, "suspend").refusal, REFUSED_NOT);
	}
	walk(m, one_more, COUNT(one_more));
	buf_init(&out, 1 << 20);
	jsonw_begin(&w, &out);
	jsonw_object(&w, NULL);
	shop_suspended_json(m->shop, &w);
	jsonw_close(&w);
	assert_int_equal(jsonw_end(&w), ERR_OK);
	j = json_loadb((const char *)buf_front(&out), buf_length(&out), 0, NULL);
	assert_int_equal(json_array_size(json_object_get(j, "suspended")), 256);
	assert_string_equal(json_path(j, "suspended.0.cart"), "b-1-1");
	assert_string_equal(json_path(j, "suspended.0.since"), "2026-11-21T10:00:00Z");
	assert_string_equal(json_path(j, "suspended.255.cart"), "b-1-257");
	json_decref(j);
	buf_free(&out);
}

static void line_members(struct lane *l, struct jsonw *w)
{
	lane_line_json(l, 1, w);
}

static void price_members(struct lane *l, struct jsonw *w)
{
	struct answer a;

	lane_price_json(l, "BAR", true, &a, w);
}

static void what_a_line_shows(void **state)
{
	static const struct {
		const char *path, *text;
	} one_bar[] =
		{
			{"lane", "1"},
			{"cart", "b-1-1"},
			{"line", "2"},
			{"sku", "BAR"},
			{"name", "Bar"},
			{"quantity", "1"},
			{"unit", "each"},
			{"unit_price", "1.00"},
			{"list", "1.00"},
			{"net", "1.00"},
			{"totals.list", "3.49"},
			{"totals.discount", "0.00"},
			{"totals.total", "3.49"},
			{"totals.tax", "0.23"}, /* 2.49 x 7 / 107 = 0.163, 1.00 x 7 / 107 = 0.065 */
			{"hints.0.promotion", "BOGO"},
			{"hints.0.text", "Two bars for one"},
			{"hints.0.lacking", "1"},
			{"hints.0.needs", "quantity"},
			{"applied.0.promotion", ""},
		},
	  two_bars[] =
		  {
			  {"quantity", "2"},
			  {"list", "2.00"},
			  {"net", "1.00"},
			  {"discounts.0.promotion", "BOGO"},
			  {"discounts.0.amount", "1.00"},
			  {"applied.0.promotion", "BOGO"},
			  {"applied.0.amount", "1.00"},
			  {"applied.0.ends", "2026-11-21T11:00:00Z"}, /* 12:00 in Berlin */
			  {"hints.0.promotion", ""},
		  },
	  price[] = {
		  {"sku", "BAR"},
		  {"name", "Bar"},
		  {"unit", "each"},
		  {"price", "1.00"},
		  {"list", "base"},
		  {"currency", "EUR"},
		  {"promotions.0.promotion", "BOGO"},
		  {"promotions.0.name", "Two bars for one"},
		  {"promotions.0.ends", "2026-11-21T11:00:00Z"},
		  {"promotions.1.promotion", ""},
	  };
	struct mini_shop *m = *state;
	json_t *j;

#define SHOWS(rows, members)                                                                                \
	j = mini_shop_json(m->lane, members);                                                               \
	for (size_t i = 0; i < COUNT(rows); i++)                                                            \
		if (strcmp(json_path(j, rows[i].path), rows[i].text))                                       \
			fail_msg("%s: %s, not %s", rows[i].path, json_path(j, rows[i].path), rows[i].text); \
	json_decref(j)

	mini_shop_do(m, "scan " PEN);
	mini_shop_do(m, "scan " BAR);
	SHOWS(one_bar, line_members);
	mini_shop_do(m, "scan " BAR);
	SHOWS(two_bars, line_members);
	SHOWS(price, price_members);
}

/* explain judges what no line touches, too; the cart itself stays as it was. */
static void why_each_promotion_applies_or_not(void **state)
{
	struct mini_shop *m = *state;
	json_t *cart, *explained;

	mini_shop_do(m, "scan " PEN);
	cart = mini_shop_json(m->lane, lane_cart_json);
	explained = mini_shop_json(m->lane, lane_explain_json);
	assert_int_equal(json_array_size(json_object_get(explained, "rejected")), 2);
	assert_string_equal(json_path(explained, "rejected.0.promotion"), "BOGO");
	assert_string_equal(json_path(explained, "rejected.0.reason"), "needs_quantity");
	assert_string_equal(json_path(explained, "rejected.1.reason"), "coupon_missing");
	assert_string_equal(json_path(cart, "totals.total"), json_path(explained, "totals.total"));
	json_decref(cart);
	json_decref(explained);
}

static void without_a_catalog(void **state)
{
	static const struct shop_config config = {.box = "b", .store = "S1"};
	struct clock_manual clock;
	struct loop *loop;
	struct answer a;
	struct lane *l;
	struct shop *s;

	(void)state;
	clock_manual_init(&clock, MINI_NOON_MS);
	assert_int_equal(loop_new(&clock.clock, &loop), ERR_OK);
	assert_int_equal(shop_new(loop, &config, 1, &s), ERR_OK);
	assert_int_equal(lane_new(s, "1", "store", &l), ERR_OK);
	assert_int_equal(lane_new(s, "1", "store", &l), ERR_EXISTS);
	lane_scan(l, PEN, strlen(PEN), (struct qty){0}, &a);
	assert_int_equal(a.refusal, REFUSED_NO_CATALOG);
	lane_add_sku(l, "PEN", (struct qty){0}, &a);
	assert_int_equal(a.refusal, REFUSED_NO_CATALOG);
	lane_price_json(l, "PEN", true, &a, NULL);
	assert_int_equal(a.refusal, REFUSED_NO_CATALOG);
	shop_free(s);
	loop_free(loop);
}

static void names_of_boxes(void **state)
{
	static const struct {
		const char *box;
		enum err e;
	} rows[] = {{"123456789012345678901234", ERR_OK}, {"1234567890123456789012345", ERR_INVALID}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct shop_config config = {.box = rows[i].box, .store = "S1"};
		struct shop *s = NULL;

		assert_int_equal(shop_new(NULL, &config, 1, &s), rows[i].e);
		shop_free(s);
	}
}

static void every_refusal_has_a_code(void **state)
{
	(void)state;
	for (int r = REFUSED_NOT; r <= REFUSED_OVERFLOW; r++)
		assert_non_null(refusal_code((enum refusal)r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_cart_from_first_scan_to_last_state, start, stop),
		cmocka_unit_test_setup_teardown(codes, start, stop),
		cmocka_unit_test_setup_teardown(quantities, start, stop),
		cmocka_unit_test_setup_teardown(people, start, stop),
		cmocka_unit_test_setup_teardown(late_answers, start, stop),
		cmocka_unit_test_setup_teardown(an_answer_finds_its_own_cart, start, stop),
		cmocka_unit_test_setup_teardown(what_a_device_scans, start, stop),
		cmocka_unit_test_setup_teardown(candidates_are_named, start, stop),
		cmocka_unit_test_setup_teardown(order_of_scans, start, stop),
		cmocka_unit_test_setup_teardown(a_new_catalog_waits_for_the_next_cart, start, stop),
		cmocka_unit_test_setup_teardown(now_stands_still_in_a_cart, start, stop),
		cmocka_unit_test_setup_teardown(a_cart_is_full_at_512_lines, start, stop),
		cmocka_unit_test_setup_teardown(a_cart_takes_16_coupons, start, stop),
		cmocka_unit_test_setup_teardown(too_many_carts_put_aside, start, stop),
		cmocka_unit_test_setup_teardown(what_a_line_shows, start, stop),
		cmocka_unit_test_setup_teardown(why_each_promotion_applies_or_not, start, stop),
		cmocka_unit_test(without_a_catalog),
		cmocka_unit_test(names_of_boxes),
		cmocka_unit_test(every_refusal_has_a_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
