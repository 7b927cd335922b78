/*
 * From scanned text to a line: codes of every kind, in any order, from a cashier and from a device.
 */
#include "mini_walk.h"

#include <stdio.h>
#include <string.h>

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
		{"scan ]C10104000000000075"
		 "3103001250",
		 REFUSED_NOT, LANE_OPEN, 3, "21.25"}, /* 1.25 kg at 2.00 */
		{"scan ]C10104000000000075"
		 "3203001250",
		 REFUSED_BAD_QUANTITY, LANE_OPEN, 3, "21.25"}, /* no pounds of it */
		{"price PEN", REFUSED_NOT, LANE_OPEN, 3, "21.25"},
		{"price " PEN, REFUSED_NOT, LANE_OPEN, 3, "21.25"},
		{"price NOPRICE", REFUSED_NO_PRICE, LANE_OPEN, 3, "21.25"},
		{"price 96385074", REFUSED_AMBIGUOUS_CODE, LANE_OPEN, 3, "21.25"},
		{"price 4006381333930", REFUSED_MALFORMED_CODE, LANE_OPEN, 3, "21.25"},
	};

	mini_walk(*state, steps, COUNT(steps));
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
	static const char *const scans[] = {PEN, BAR,	    BAR, "01234770", BAR, PEN, "2412345000030",
					    PEN, "01234770"};
	/* 3 x 2.49 + 3 x 1.00 with one free + 3 x 0.40 + 2 x 0.30 = 7.47 + 2.00 + 1.20 + 0.60 */
	static const char total[] = "11.27";
	uint64_t seed = seed_start("lane");
	struct mini_shop *m = *state;

	for (int round = 0; round < 50; round++) {
		const char *shuffled[COUNT(scans)];
		char seen[256] = "", shown[256] = "", command[64];
		json_t *cart;

		memcpy(shuffled, scans, sizeof(scans));
		for (size_t i = COUNT(scans) - 1; i > 0; i--) {
			size_t k = seed_next(&seed) % (i + 1);
			const char *moved = shuffled[i];

			shuffled[i] = shuffled[k];
			shuffled[k] = moved;
		}
		for (size_t i = 0; i < COUNT(scans); i++) {
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		MINI_TEST(codes),
		MINI_TEST(what_a_device_scans),
		MINI_TEST(candidates_are_named),
		MINI_TEST(order_of_scans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
