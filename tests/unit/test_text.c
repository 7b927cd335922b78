/*
 * UTF-8 at the edges of RFC 3629's table, device bytes made printable, and "did you mean".
 */
#include "unit.h"

#include <string.h>

#include "text.h"

#define BYTES(literal) literal, sizeof(literal) - 1

static void utf8(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		bool good;
	} rows[] = {
		{BYTES(""), true},
		{BYTES("plain"), true},
		{BYTES("plain and long enough"), true},
		{BYTES("Br\xC3\xB6tchen und K\xC3\xA4se"), true},
		{BYTES("\xC2\x80"), true},	    /* U+0080 */
		{BYTES("\xDF\xBF"), true},	    /* U+07FF */
		{BYTES("\xE0\xA0\x80"), true},	    /* U+0800 */
		{BYTES("\xED\x9F\xBF"), true},	    /* U+D7FF */
		{BYTES("\xEE\x80\x80"), true},	    /* U+E000 */
		{BYTES("\xEF\xBF\xBF"), true},	    /* U+FFFF */
		{BYTES("\xF0\x90\x80\x80"), true},  /* U+10000 */
		{BYTES("\xF4\x8F\xBF\xBF"), true},  /* U+10FFFF */
		{BYTES("\xC1\xBF"), false},	    /* overlong 7F */
		{BYTES("\xE0\x9F\xBF"), false},	    /* overlong 7FF */
		{BYTES("\xF0\x8F\xBF\xBF"), false}, /* overlong FFFF */
		{BYTES("\xED\xA0\x80"), false},	    /* surrogate D800 */
		{BYTES("\xF4\x90\x80\x80"), false}, /* U+110000 */
		{BYTES("\xF5\x80\x80\x80"), false},
		{BYTES("\x80"), false},
		{BYTES("\xC3"), false},
		{BYTES("\xC3\x28"), false},
		{BYTES("\xE2\x82"), false},
		{BYTES("\xE2\x28\xA1"), false},
		{BYTES("\xE2\x82\x28"), false},
		{BYTES("\xF0\x90\x80"), false},
		{BYTES("a\0b"), false},
		{BYTES("abcdefg\0abcdefgh"), false},
		{BYTES("abcdefgh\xFF"), false},
		{BYTES("abcd\xFFghi"), false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (text_is_utf8(rows[i].text, rows[i].n) != rows[i].good)
			fail_msg("row %zu", i);
}

/* Where a byte stands in a word of eight, and in what is left of one, must not matter. */
static void plain(void **state)
{
	static const struct {
		unsigned char byte;
		bool good;
	} rows[] = {
		{0x00, false}, {0x01, false}, {0x1F, false}, {0x20, true},  {'A', true},   {0x7E, true},
		{0x7F, false}, {0x80, false}, {0xA0, false}, {0xC2, false}, {0xDF, false}, {0xFF, false},
	};
	char text[20];

	(void)state;
	assert_true(text_is_plain("", 0));
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t n = 1; n <= sizeof(text); n++) {
			for (size_t at = 0; at < n; at++) {
				memset(text, at % 2 ? 0x20 : 0x7E, sizeof(text));
				text[at] = (char)rows[i].byte;
				if (text_is_plain(text, n) != rows[i].good)
					fail_msg("byte %02x at %zu of %zu", rows[i].byte, at, n);
			}
		}
	}
}

static void printable(void **state)
{
	static const struct {
		const char *bytes;
		size_t n, size;
		const char *text;
	} rows[] = {
		{BYTES("4006381333931"), 32, "4006381333931"},
		{BYTES("\x02]C1\r"), 32, "\\x02]C1\\x0d"},
		{BYTES("\xFF\x7F~"), 32, "\\xff\\x7f~"},
		{BYTES("12345678"), 9, "12345678"}, /* just fits with its NUL */
		{BYTES("12345678"), 8, "1234..."},
		{BYTES("1234\x01"
		       "5"),
		 8, "1234..."}, /* no escape in halves */
		{BYTES("\x01\x02\x03"), 8, "\\x01..."},
		{BYTES("\x01\x02\x03"), 7, "..."},
		{BYTES("1234"), 4, "..."},
		{BYTES("1234"), 3, ""},
		{BYTES("1"), 2, "1"},
		{BYTES("1"), 1, ""},
		{BYTES(""), 1, ""},
	};
	char out[32];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(out, '#', sizeof(out));
		assert_ptr_equal(text_printable(rows[i].bytes, rows[i].n, out, rows[i].size), out);
		assert_string_equal(out, rows[i].text);
		if (rows[i].size < sizeof(out))
			assert_int_equal(out[rows[i].size], '#');
	}
	assert_ptr_equal(text_printable("x", 1, out, 0), out);
}

static void did_you_mean(void **state)
{
	static const char *const known[] = {"sku", "quantity", "price", "priority", "percent"};
	static const struct {
		const char *typed, *nearest;
	} rows[] = {
		{"quantiy", "quantity"},
		{"qauntity", "quantity"},
		{"prize", "price"},
		{"pricE", "price"},
		{"sk", "sku"},
		{"skus", "sku"},
		{"x", NULL},
		{"abc", NULL},
		{"quanti", "quantity"},
		{"quant", NULL},
		{"", NULL},
		{"a name that is far longer than any name that a person could have meant to type here", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *nearest = nearest_name(rows[i].typed, known, COUNT(known));

		if (rows[i].nearest)
			assert_string_equal(nearest ? nearest : "(none)", rows[i].nearest);
		else
			assert_null(nearest);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8),
		cmocka_unit_test(plain),
		cmocka_unit_test(printable),
		cmocka_unit_test(did_you_mean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
