/*
 * Scanned texts. Check digits are worked out by section 7.9.1's table on paper, UPC-E by section 5.2.2.4.2;
 * several numbers are printed in those documents or on well-known articles.
 */
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "gs1.h"

#define NO_PRICE AMOUNT_NONE
#define NO_QTY	 AMOUNT_NONE

/* 4006381333931: 4+0*3+0+6*3+3+8*3+1+3*3+3+3*3+9+3*3 = 89, so 1. */
static void check_digits(void **state)
{
	static const struct {
		const char *digits;
		int check;
	} rows[] = {
		{"400638133393", 1}, {"9638507", 4},	  {"03600029145", 2}, {"1061414100041", 5}, {"0", 0},
		{"00000000001", 7},  {"629104150021", 3},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(gs1_check_digit(rows[i].digits, strlen(rows[i].digits)), rows[i].check);
}

/* text, one GTIN: as printed -> as GTIN-14 in an integer. */
static void one_gtin(void **state)
{
	static const struct {
		const char *text, *symbology;
		uint64_t gtin;
	} rows[] = {
		/* no AIM identifier: by length */
		{"4006381333931", "", 4006381333931},
		{"036000291452", "", 36000291452},
		{"96385074", "", 96385074},
		{"10614141000415", "", 10614141000415},
		{"04252614", "", 42100005264}, /* UPC-E: its check digit is not a GTIN-8's */
		{"4252614", "", 42100005264},  /* the same without number system */
		{"9771234567898", "", 9771234567898},
		{"977123456789812", "", 9771234567898},	   /* a magazine with its issue */
		{"978020137962451995", "", 9780201379624}, /* a book with its price */
		{"0104012345123456", "", 4012345123456},   /* DataBar */
		/* AIM identifiers */
		{"]E04006381333931", "]E0", 4006381333931},
		{"]E00036000291452", "]E0", 36000291452}, /* UPC-A as 13 digits */
		{"]E0036000291452", "]E0", 36000291452},
		{"]E00042100005264", "]E0", 42100005264}, /* UPC-E expanded by the scanner */
		{"]E004252614", "]E0", 42100005264},
		{"]E0425261", "]E0", 42100005264},
		{"]E04252614", "]E0", 42100005264},
		{"]E3400638133393112", "]E3", 4006381333931},
		{"]E3400638133393112345", "]E3", 4006381333931},
		{"]E303600029145212", "]E3", 36000291452},
		{"]E303600029145212345", "]E3", 36000291452},
		{"]E496385074", "]E4", 96385074},
		{"]E401200003", "]E4", 1200003}, /* would be a UPC-E too, but ]E4 is not */
		{"]I110614141000415", "]I1", 10614141000415},
		{"]C04006381333931", "]C0", 4006381333931},
		{"]A096385074", "]A0", 96385074},
		{"]C10104012345123456", "]C1", 4012345123456},
		{"]e00104012345123456", "]e0", 4012345123456},
		{"]d20104012345123456", "]d2", 4012345123456},
		{"]Q30104012345123456", "]Q3", 4012345123456},
		{"]C1\x1d"
		 "0104012345123456",
		 "]C1", 4012345123456},
		{"]C1020401234512345637"
		 "12",
		 "]C1", 4012345123456},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gs1_scan scan;
		struct why why = {0};

		if (gs1_parse(rows[i].text, strlen(rows[i].text), NULL, 0, &scan, &why))
			fail_msg("%s: %s", rows[i].text, why.text);
		assert_int_equal(scan.kind, GS1_GTIN);
		assert_int_equal(scan.gtins, 1);
		if (scan.gtin[0] != rows[i].gtin)
			fail_msg("%s: read as %llu", rows[i].text, (unsigned long long)scan.gtin[0]);
		assert_string_equal(scan.symbology, rows[i].symbology);
		assert_string_equal(scan.text, rows[i].text + strlen(rows[i].symbology));
		assert_null(scan.template);
		assert_true(scan.price.minor == NO_PRICE);
		assert_true(scan.quantity.micro == NO_QTY);
	}
}

/* Number system, six digits and check digit -> GTIN-12; one row a last digit, then number system 1. */
static void upc_e_expands_by_its_last_digit(void **state)
{
	static const struct {
		const char *text;
		uint64_t gtin;
	} rows[] = {
		{"01234505", 12000003455}, {"01234514", 12100003454},  {"01234523", 12200003453},
		{"01234531", 12300000451}, {"01234543", 12340000053},  {"01234558", 12345000058},
		{"01234565", 12345000065}, {"01234572", 12345000072},  {"01234589", 12345000089},
		{"01234596", 12345000096}, {"16543214", 165100004324},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gs1_scan scan;
		char marked[12] = "]E0";

		assert_int_equal(gs1_parse(rows[i].text, 8, NULL, 0, &scan, NULL), ERR_OK);
		assert_true(scan.gtin[scan.gtins - 1] == rows[i].gtin); /* 01234565 is a GTIN-8 as well */
		memcpy(marked + 3, rows[i].text, 8);
		assert_int_equal(gs1_parse(marked, 11, NULL, 0, &scan, NULL), ERR_OK);
		assert_true(scan.gtin[0] == rows[i].gtin);
	}
}

/*
 * 01200003 is a GTIN-8 (1*1 + 2*3 = 7, so 3) and the UPC-E of 012000000003 (1*1 + 2*3 = 7, so 3).
 * 0100007 is number system 0 and 100007, in full 01000000007 and check digit 8 (1*1 + 7*3 = 22), or the
 * six digits 010000 with check digit 7, in full 00100000000 (1*3 = 3, so 7).
 */
static void two_readings(void **state)
{
	struct gs1_scan scan;

	(void)state;
	assert_int_equal(gs1_parse("01200003", 8, NULL, 0, &scan, NULL), ERR_OK);
	assert_int_equal(scan.gtins, 2);
	assert_true(scan.gtin[0] == 1200003);
	assert_true(scan.gtin[1] == 12000000003);
	assert_int_equal(gs1_parse("]E00100007", 10, NULL, 0, &scan, NULL), ERR_OK);
	assert_int_equal(scan.gtins, 2);
	assert_true(scan.gtin[0] == 10000000078);
	assert_true(scan.gtin[1] == 1000000007);
}

static void text_that_is_no_gtin(void **state)
{
	static const char *const rows[] = {
		"COUPON-5",	   "https://shop.example/c/1",
		"379912345678903", "6006491234567890123",
		"]C0CARD-0001",	   "]C04006381333930",
		"]A012345",	   "]Q0https://shop.example/",
		"]I1123456",	   "]C18110106141416543213150110120",
		"]d2211234",	   "0104012345123457",
		"[card]",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gs1_scan scan;
		struct why why = {0};

		if (gs1_parse(rows[i], strlen(rows[i]), NULL, 0, &scan, &why))
			fail_msg("%s: %s", rows[i], why.text);
		assert_int_equal(scan.kind, GS1_TEXT);
		assert_int_equal(scan.gtins, 0);
	}
}

/* Each with a reason of its own, part of which is here. */
static void refused(void **state)
{
	static char long_text[GS1_TEXT_MAX + 1];
	static const struct {
		const char *text;
		size_t n;
		const char *reason;
	} rows[] = {
		{"", 0, "empty scan"},
		{long_text, sizeof(long_text), "513 characters; at most 512"},
		{"400638\x00"
		 "333931",
		 13, "byte 7 is the control character 0x00"},
		{"400638\r333931", 13, "byte 7 is the control character 0x0d"},
		{"4006381333931\x7f", 14, "byte 14 is 0x7f"},
		{"\xff"
		 "006381333931",
		 13, "byte 1 is 0xff, not ASCII"},
		{"4006381333930", 13, "wrong check digit: it ends in 0, 1 would be right"},
		{"036000291453", 12, "wrong check digit: it ends in 3, 2 would be right"},
		{"96385075", 8, "wrong check digit: it ends in 5, 4 would be right"},
		{"10614141000416", 14, "wrong check digit: it ends in 6, 5 would be right"},
		{"0000000000000", 13, "all zeros"},
		{"00000000", 8, "all zeros"},
		{"]E0000000", 9, "all zeros"},
		{"40063813339", 11, "11 digits; a GTIN has 8, 12, 13 or 14"},
		{"5", 1, "1 digits; a GTIN has"},
		{"425261", 6, "6 digits; if it is a UPC-E"},
		{"4252615", 7, "7 digits; if it is a UPC-E"},
		{"]", 1, "not followed by an AIM identifier"},
		{"]E", 2, "not followed by an AIM identifier"},
		{"]!04006381333931", 16, "not followed by an AIM identifier"},
		{"]E0", 3, "nothing behind it"},
		{"]E0400638133393A", 16, "digits only"},
		{"]E004252615", 11, "wrong check digit for a UPC-E"},
		{"]E04252615", 10, "wrong check digit for a UPC-E of six digits"},
		{"]E112", 5, "add-on of a magazine alone"},
		{"]E34006381333931", 16, "13 digits; with an add-on"},
		{"]E44006381333931", 16, "13 characters under ]E4"},
		{"]I110614141000416", 17, "wrong check digit"},
		/* element strings */
		{"]C1\x1d", 4, "no application identifier"},
		{"]C1AB", 5, "byte 1: an application identifier is due"},
		{"]C10104012345123457", 19, "AI 01: wrong check digit"},
		{"]C1010401234512345", 18, "AI 01: 13 characters, at least 14"},
		{"]C101040123451234560104006381333931", 35, "two GTINs"},
		{"]C1010401234512345610", 21, "AI 10: 0 characters, at least 1"},
		{"]C110123456789012345678901", 26, "AI 10: 21 characters, at most 20"},
		{"]C117261301", 11, "AI 17: 261301 is no date"},
		{"]C117260230", 11, "AI 17: 260230 is no date"},
		{"]C11726AB30", 11, "AI 17: only digits"},
		{"]C130"
		 "123456789",
		 14, "AI 30: 9 characters, at most 8"},
		{"]C13103\x1d", 8, "AI 3103: 0 characters, at least 6"},
		{"]C110A\x1d\x1d"
		 "21B",
		 11, "byte 5: an application identifier"},
	};

	(void)state;
	memset(long_text, '1', sizeof(long_text));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gs1_scan scan;
		struct why why = {0};
		enum err e = gs1_parse(rows[i].text, rows[i].n, NULL, 0, &scan, &why);

		if (e != ERR_INVALID || !strstr(why.text, rows[i].reason))
			fail_msg("row %zu: %s, '%s'; due is '%s'", i, err_name(e), why.text, rows[i].reason);
	}
}

/* The text in a reason is fit for a log: no byte of the line goes there as it is. */
static void reasons_are_printable(void **state)
{
	struct gs1_scan scan;
	struct why why = {0};

	(void)state;
	assert_int_equal(gs1_parse("12\x1b[2J", 6, NULL, 0, &scan, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "'12\\x1b[2J'"));
}

/* What AIs beside the GTIN say. AI 3103 000750 is 0.750 kg, 3201 000123 is 12.3 lb, 3922 1299 is 12.99. */
static const struct {
	const char *text; /* behind ]C1 and the GTIN 04012345123456 */
	int64_t price, micro;
	uint8_t decimals;
	enum gs1_unit unit;
	const char *lot;
	int32_t expiry;
} beside[] = {
	{"10AB12", NO_PRICE, NO_QTY, 255, 0, "AB12", 0},
	{"1012345678901234567890", NO_PRICE, NO_QTY, 255, 0, "12345678901234567890", 0},
	{"3103000750", NO_PRICE, 750000, 255, GS1_UNIT_KG, "", 0},
	{"3100000002", NO_PRICE, 2000000, 255, GS1_UNIT_KG, "", 0},
	{"3105123456", NO_PRICE, 1234560, 255, GS1_UNIT_KG, "", 0},
	{"3201000123", NO_PRICE, 12300000, 255, GS1_UNIT_LB, "", 0},
	{"3103000000", NO_PRICE, NO_QTY, 255, 0, "", 0}, /* no weight is not a weight */
	{"3012", NO_PRICE, 12000000, 255, GS1_UNIT_PIECE, "", 0},
	{"3012\x1d"
	 "3103000750",
	 NO_PRICE, 750000, 255, GS1_UNIT_KG, "", 0},
	{"39221299", 1299, NO_QTY, 2, 0, "", 0},
	{"39201299", 1299, NO_QTY, 0, 0, "", 0},
	{"3922225\x1d"
	 "3103000750",
	 225, 750000, 2, GS1_UNIT_KG, "", 0},
	{"39329781299", NO_PRICE, NO_QTY, 255, 0, "", 0}, /* with a currency: passed over */
	{"17261130", NO_PRICE, NO_QTY, 255, 0, "", 20261130},
	{"15261130", NO_PRICE, NO_QTY, 255, 0, "", 20261130},
	{"1727013115261130", NO_PRICE, NO_QTY, 255, 0, "", 20270131}, /* use by before best before */
	{"1526113017270131", NO_PRICE, NO_QTY, 255, 0, "", 20270131},
	{"17280200", NO_PRICE, NO_QTY, 255, 0, "", 20280229}, /* day 00: the month's last, leap year */
	{"17270200", NO_PRICE, NO_QTY, 255, 0, "", 20270228},
	{"17000229", NO_PRICE, NO_QTY, 255, 0, "", 20000229},
	{"17500101", NO_PRICE, NO_QTY, 255, 0, "", 20500101},
	{"17510101", NO_PRICE, NO_QTY, 255, 0, "", 19510101},
	{"21SERIAL\x1d"
	 "10L\x1d"
	 "17261130",
	 NO_PRICE, NO_QTY, 255, 0, "L", 20261130},
	{"4412anything\x1d"
	 "10L",
	 NO_PRICE, NO_QTY, 255, 0, "L", 0}, /* not in the table: to the GS */
	{"041234567890123456"
	 "10L",
	 NO_PRICE, NO_QTY, 255, 0, "L", 0}, /* not in it, but of fixed length */
	{"3310001000"
	 "10L",
	 NO_PRICE, NO_QTY, 255, 0, "L", 0}, /* gross weight is not sold */
	{"17261130\x1d"
	 "10L",
	 NO_PRICE, NO_QTY, 255, 0, "L", 20261130}, /* a GS where none is due */
	{"10L\x1d", NO_PRICE, NO_QTY, 255, 0, "L", 0},
};

static void elements(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(beside); i++) {
		char text[80];
		struct gs1_scan scan;
		struct why why = {0};
		int n = snprintf(text, sizeof(text), "]C10104012345123456%s", beside[i].text);

		if (gs1_parse(text, (size_t)n, NULL, 0, &scan, &why))
			fail_msg("%s: %s", beside[i].text, why.text);
		assert_int_equal(scan.kind, GS1_GTIN);
		assert_true(scan.gtin[0] == 4012345123456);
		if (scan.price.minor != beside[i].price || scan.quantity.micro != beside[i].micro ||
		    scan.price_decimals != beside[i].decimals || scan.unit != beside[i].unit ||
		    scan.expiry != beside[i].expiry || strcmp(scan.lot, beside[i].lot) != 0)
			fail_msg("row %zu, %s: price %lld, quantity %lld, expiry %d, lot '%s'", i,
				 beside[i].text, (long long)scan.price.minor, (long long)scan.quantity.micro,
				 scan.expiry, scan.lot);
	}
}

/* The decimals of AI 392n, and the currency's. */
static void prices(void **state)
{
	static const struct {
		int64_t minor;
		uint8_t decimals;
		unsigned exponent;
		enum err e;
		int64_t in_currency;
	} rows[] = {
		{1299, 2, 2, ERR_OK, 1299},
		{125, 1, 2, ERR_OK, 1250},
		{1290, 2, 1, ERR_OK, 129},
		{1299, 2, 1, ERR_INVALID, 0},
		{1299, 0, 3, ERR_OK, 1299000},
		{299, GS1_DECIMALS_BOOK, 2, ERR_OK, 299},
		{299, GS1_DECIMALS_BOOK, 0, ERR_OK, 299},
		{AMOUNT_NONE, GS1_DECIMALS_BOOK, 2, ERR_NOT_FOUND, 0},
		{INT64_MAX / 10 + 1, 0, 1, ERR_RANGE, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gs1_scan scan = {.price = {rows[i].minor}, .price_decimals = rows[i].decimals};
		struct money out = {0};

		assert_int_equal(gs1_price(&scan, rows[i].exponent, &out), rows[i].e);
		assert_true(out.minor == rows[i].in_currency);
	}
}

static const struct {
	const char *name, *pattern;
} shop[] = {
	{"price", "22IIIIIPPPPPC"}, {"weight", "28IIIIVWWWWWC"},  {"pieces", "0212IIIINNNNC"},
	{"label-8", "21IIPPPC"},    {"label-12", "29IIIPPPPPPC"}, {"own", "20IIIIIIIIIIC"},
};

static void shop_templates(struct gs1_template out[COUNT(shop)])
{
	struct why why = {0};

	for (size_t i = 0; i < COUNT(shop); i++)
		if (gs1_template_parse(shop[i].name, shop[i].pattern, &out[i], &why))
			fail_msg("%s", why.text);
	if (gs1_templates_check(out, COUNT(shop), &why))
		fail_msg("%s", why.text);
}

/*
 * Numbers of the templates above. The number in the book has zeros for the value and its own check digit:
 * 221234500000: 2*1+2*3+1*1+2*3+3*1+4*3+5*1 = 35, so 5.
 */
static void templates(void **state)
{
	static const struct {
		const char *text, *template;
		uint64_t gtin;
		int64_t price, micro;
		enum gs1_unit unit;
	} rows[] = {
		{"2212345002993", "price", 2212345000005, 299, NO_QTY, 0},
		{"]E02212345002993", "price", 2212345000005, 299, NO_QTY, 0},
		{"02212345002993", "price", 2212345000005, 299, NO_QTY, 0},	/* sent as 14 digits */
		{"2212345000005", "price", 2212345000005, NO_PRICE, NO_QTY, 0}, /* the article's own number */
		{"2812347007509", "weight", 2812340000002, NO_PRICE, 750000, GS1_UNIT_ARTICLE}, /* V is 7 */
		{"0212123400128", "pieces", 212123400005, NO_PRICE, 12000000, GS1_UNIT_PIECE},
		{"212123400128", "pieces", 212123400005, NO_PRICE, 12000000, GS1_UNIT_PIECE}, /* as UPC-A */
		{"21123450", "label-8", 21120008, 345, NO_QTY, 0},
		{"]E421123450", "label-8", 21120008, 345, NO_QTY, 0},
		{"291230012349", "label-12", 291230000001, 1234, NO_QTY, 0},
		{"0291230012349", "label-12", 291230000001, 1234, NO_QTY, 0},
		{"2012345678903", "own", 2012345678903, NO_PRICE, NO_QTY, 0},
		{"4006381333931", NULL, 4006381333931, NO_PRICE, NO_QTY, 0},
		{"]C1010"
		 "2212345002993",
		 NULL, 2212345002993, NO_PRICE, NO_QTY, 0}, /* AI 01 is no label */
	};
	struct gs1_template t[COUNT(shop)];

	(void)state;
	shop_templates(t);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gs1_scan scan;
		struct why why = {0};

		if (gs1_parse(rows[i].text, strlen(rows[i].text), t, COUNT(t), &scan, &why))
			fail_msg("%s: %s", rows[i].text, why.text);
		assert_int_equal(scan.kind, GS1_GTIN);
		assert_int_equal(scan.gtins, 1);
		if (scan.gtin[0] != rows[i].gtin || scan.price.minor != rows[i].price ||
		    scan.quantity.micro != rows[i].micro || scan.unit != rows[i].unit)
			fail_msg("%s: %llu, price %lld, quantity %lld", rows[i].text,
				 (unsigned long long)scan.gtin[0], (long long)scan.price.minor,
				 (long long)scan.quantity.micro);
		if (rows[i].template)
			assert_string_equal(scan.template, rows[i].template);
		else
			assert_null(scan.template);
	}
	{
		struct gs1_scan scan;
		struct why why = {0};

		assert_int_equal(gs1_parse("2212345002994", 13, t, COUNT(t), &scan, &why), ERR_INVALID);
		assert_non_null(strstr(why.text, "wrong check digit"));
	}
}

static void broken_templates(void **state)
{
	static const struct {
		const char *name, *pattern, *reason;
	} rows[] = {
		{"", "22IIIIIPPPPPC", "a name has 1 to 31 characters"},
		{"a-name-that-is-too-long-for-its-place", "22IIIIIPPPPPC", "a name has 1 to 31 characters"},
		{"t", "", "has 0 places"},
		{"t", "22IIIIIPPPPPPPC", "has 15 places; write 8, 12 or 13"},
		{"t", "22IIIIIPPPPPX", "place 13 of '22IIIIIPPPPPX' is 'X'"},
		{"t", "22iIIIIPPPPPC", "place 3 of"},
		{"t", "IIIIIIIPPPPPC", "starts with no digit"},
		{"t", "22IIIIIPPPPPP", "must have C at its last place"},
		{"t", "22IIIIICPPPPC", "must have C at its last place"},
		{"t", "22IIIIPPPWWWC", "more than one of P"},
		{"t", "22IIPPPPPIIIC", "has I in two places"},
		{"t", "00PPPPPC", "names no article"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gs1_template t;
		struct why why = {0};

		assert_int_equal(gs1_template_parse(rows[i].name, rows[i].pattern, &t, &why), ERR_INVALID);
		if (!strstr(why.text, rows[i].reason))
			fail_msg("'%s': '%s'; due is '%s'", rows[i].pattern, why.text, rows[i].reason);
	}
}

static void templates_that_overlap(void **state)
{
	static const struct {
		const char *a, *b;
		enum err e;
	} rows[] = {
		{"22IIIIIPPPPPC", "23IIIIIPPPPPC", ERR_OK},
		{"22IIIIIPPPPPC", "22IIIIIPPPPPC", ERR_AMBIGUOUS},
		{"22IIIIIPPPPPC", "221IIIIWWWWWC", ERR_AMBIGUOUS},
		{"22IIIIIPPPPPC", "22IIIIPC", ERR_OK},		  /* eight digits are of another kind */
		{"0212IIIINNNNC", "212IIIINNNNC", ERR_AMBIGUOUS}, /* the same UPC-A as 13 and as 12 digits */
		{"220IIIIPPPPPC", "221IIIIPPPPPC", ERR_OK},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct gs1_template t[2];
		struct why why = {0};

		assert_int_equal(gs1_template_parse("first", rows[i].a, &t[0], NULL), ERR_OK);
		assert_int_equal(gs1_template_parse("second", rows[i].b, &t[1], NULL), ERR_OK);
		if (gs1_templates_check(t, 2, &why) != rows[i].e)
			fail_msg("%s and %s: '%s'", rows[i].a, rows[i].b, why.text);
		if (rows[i].e)
			assert_true(strstr(why.text, "'first'") && strstr(why.text, "'second'"));
	}
}

/* A price of 2.99 and an article of zeros: no label, but a number like any other. */
static void label_of_no_article(void **state)
{
	struct gs1_template t;
	struct gs1_scan scan;

	(void)state;
	assert_int_equal(gs1_template_parse("t", "00IIIIPPPPPC", &t, NULL), ERR_OK);
	assert_int_equal(gs1_parse("000000002998", 12, &t, 1, &scan, NULL), ERR_OK);
	assert_null(scan.template);
	assert_int_equal(scan.gtins, 1);
	assert_int_equal(scan.gtin[0], 2998);
	assert_int_equal(scan.price.minor, AMOUNT_NONE);
}

/* Section 7.9.1 promises: no single wrong digit passes. */
static void any_wrong_digit_is_seen(void **state)
{
	(void)state;
	for (size_t place = 0; place < 13; place++) {
		char text[] = "4006381333931";
		uint64_t gtin;

		for (int digit = '0'; digit <= '9'; digit++) {
			bool same = "4006381333931"[place] == digit;

			text[place] = (char)digit;
			assert_int_equal(gs1_gtin_parse(text, 13, &gtin, NULL), same ? ERR_OK : ERR_INVALID);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_digits),
		cmocka_unit_test(one_gtin),
		cmocka_unit_test(upc_e_expands_by_its_last_digit),
		cmocka_unit_test(two_readings),
		cmocka_unit_test(text_that_is_no_gtin),
		cmocka_unit_test(refused),
		cmocka_unit_test(reasons_are_printable),
		cmocka_unit_test(elements),
		cmocka_unit_test(prices),
		cmocka_unit_test(templates),
		cmocka_unit_test(broken_templates),
		cmocka_unit_test(templates_that_overlap),
		cmocka_unit_test(label_of_no_article),
		cmocka_unit_test(any_wrong_digit_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
