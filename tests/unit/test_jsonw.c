/*
 * JSON as it is written: whole texts compared, bounds, and jansson reading back what random values became.
 */
#include "unit.h"

#include <jansson.h>
#include <string.h>

#include "jsonw.h"

static void assert_written(struct buf *b, const char *expected)
{
	assert_int_equal(buf_length(b), strlen(expected));
	assert_memory_equal(buf_front(b), expected, strlen(expected));
	buf_free(b);
}

static void every_kind_of_value(void **state)
{
	static const uint8_t bytes[] = {0x00, 0xAB, 0xFF};
	struct jsonw w;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	jsonw_begin(&w, &b);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "sku", "MILK");
	jsonw_text(&w, "none", NULL);
	jsonw_text_n(&w, "part", "abcdef", 3);
	jsonw_int(&w, "n", INT64_MIN);
	jsonw_bool(&w, "yes", true);
	jsonw_bool(&w, "no", false);
	jsonw_null(&w, "null");
	jsonw_decimal(&w, "price", 250, 2, 2);
	jsonw_decimal(&w, "kg", 1500000, 6, 0);
	jsonw_hex(&w, "hash", bytes, sizeof(bytes));
	jsonw_raw(&w, "raw", "[1, 2]", 6);
	jsonw_members(&w, "\"a\":1,\"b\":2", 11);
	jsonw_array(&w, "empty");
	jsonw_close(&w);
	jsonw_array(&w, "list");
	jsonw_int(&w, NULL, 1);
	jsonw_object(&w, NULL);
	jsonw_close(&w);
	jsonw_array(&w, NULL);
	jsonw_text(&w, NULL, "x");
	jsonw_text(&w, NULL, "y");
	jsonw_close(&w);
	jsonw_close(&w);
	jsonw_int(&w, "last", 0);
	jsonw_close(&w);
	assert_int_equal(jsonw_end(&w), ERR_OK);
	assert_written(&b, "{\"sku\":\"MILK\",\"none\":null,\"part\":\"abc\",\"n\":-9223372036854775808,"
			   "\"yes\":true,\"no\":false,\"null\":null,\"price\":\"2.50\",\"kg\":\"1.5\","
			   "\"hash\":\"00abff\",\"raw\":[1, "
			   "2],\"a\":1,\"b\":2,\"empty\":[],\"list\":[1,{},[\"x\",\"y\"]],"
			   "\"last\":0}\n");
}

static void escapes(void **state)
{
	struct jsonw w;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	jsonw_begin(&w, &b);
	jsonw_object(&w, NULL);
	jsonw_text(&w, "a", "\"\\/\n\r\t\b\x01\x1f\x7f \xC3\xA9");
	jsonw_close(&w);
	assert_int_equal(jsonw_end(&w), ERR_OK);
	assert_written(&b, "{\"a\":\"\\\"\\\\/\\n\\r\\t\\u0008\\u0001\\u001f\x7f \xC3\xA9\"}\n");
}

/* Eight bytes at a time are looked at: a quote is found wherever it stands. */
static void an_escape_at_any_place(void **state)
{
	char text[41], due[64];
	struct jsonw w;
	struct buf b;

	(void)state;
	for (size_t n = 1; n < sizeof(text); n++)
		for (size_t at = 0; at < n; at++) {
			memset(text, 'x', n);
			text[n] = '\0';
			text[at] = '"';
			snprintf(due, sizeof(due), "\"%.*s\\%s\"\n", (int)at, text, text + at);
			buf_init(&b, 4096);
			jsonw_begin(&w, &b);
			jsonw_text(&w, NULL, text);
			assert_int_equal(jsonw_end(&w), ERR_OK);
			assert_written(&b, due);
		}
}

/* Amounts and whole numbers of up to four digits before the point have a way of their own: at its ends. */
static void numbers_at_the_ends_of_the_short_way(void **state)
{
	static const struct {
		int64_t value;
		unsigned exponent, least;
		const char *due;
	} rows[] = {
		{0, 2, 2, "\"0.00\""},
		{5, 2, 2, "\"0.05\""},
		{990, 2, 2, "\"9.90\""},
		{1000, 2, 2, "\"10.00\""},
		{9999, 2, 2, "\"99.99\""},
		{10001, 2, 2, "\"100.01\""},
		{99999, 2, 2, "\"999.99\""},
		{100000, 2, 2, "\"1000.00\""},
		{999999, 2, 2, "\"9999.99\""},
		{1000000, 2, 2, "\"10000.00\""},
		{-1, 2, 2, "\"-0.01\""},
		{-250, 2, 2, "\"-2.50\""},
		{250, 2, 0, "\"2.5\""},
		{250, 3, 3, "\"0.250\""},
		{0, 6, 0, "\"0\""},
		{1000000, 6, 0, "\"1\""},
		{12000000, 6, 0, "\"12\""},
		{305000000, 6, 0, "\"305\""},
		{9999000000, 6, 0, "\"9999\""},
		{9999000001, 6, 0, "\"9999.000001\""},
		{10000000000, 6, 0, "\"10000\""},
		{-1000000, 6, 0, "\"-1\""},
		{500000, 6, 0, "\"0.5\""},
		{0, 0, 0, "0"},
		{9, 0, 0, "9"},
		{10, 0, 0, "10"},
		{100, 0, 0, "100"},
		{1007, 0, 0, "1007"},
		{9999, 0, 0, "9999"},
		{10000, 0, 0, "10000"},
		{-7, 0, 0, "-7"},
	};
	char due[32];
	struct jsonw w;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_init(&b, 4096);
		jsonw_begin(&w, &b);
		if (rows[i].exponent)
			jsonw_decimal(&w, NULL, rows[i].value, rows[i].exponent, rows[i].least);
		else
			jsonw_int(&w, NULL, rows[i].value);
		assert_int_equal(jsonw_end(&w), ERR_OK);
		snprintf(due, sizeof(due), "%s\n", rows[i].due);
		assert_written(&b, due);
	}
}

static void several_lines_follow_each_other(void **state)
{
	struct jsonw w;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	for (int i = 1; i <= 2; i++) {
		jsonw_begin(&w, &b);
		jsonw_int(&w, NULL, i);
		assert_int_equal(jsonw_end(&w), ERR_OK);
	}
	assert_written(&b, "1\n2\n");
}

static void what_does_not_fit_leaves_nothing_behind(void **state)
{
	struct jsonw w;
	struct buf b;

	(void)state;
	for (size_t room = 0; room < 20; room++) { /* {"name":"value"} and newline are 17 bytes */
		buf_init(&b, 3 + room);
		assert_true(buf_add(&b, "old", 3));
		jsonw_begin(&w, &b);
		jsonw_object(&w, NULL);
		jsonw_text(&w, "name", "value");
		jsonw_close(&w);
		assert_int_equal(jsonw_end(&w), room < 17 ? ERR_LIMIT : ERR_OK);
		assert_int_equal(buf_length(&b), room < 17 ? 3 : 20);
		buf_free(&b);
	}
}

static void nesting_has_a_bound(void **state)
{
	struct jsonw w;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	for (int depth = JSONW_DEPTH_MAX; depth <= JSONW_DEPTH_MAX + 1; depth++) {
		jsonw_begin(&w, &b);
		for (int i = 0; i < depth; i++)
			jsonw_array(&w, NULL);
		for (int i = 0; i < depth; i++)
			jsonw_close(&w);
		assert_int_equal(jsonw_end(&w), depth > JSONW_DEPTH_MAX ? ERR_LIMIT : ERR_OK);
		assert_int_equal(buf_length(&b), 2 * JSONW_DEPTH_MAX + 1);
	}
	buf_free(&b);
}

static void jansson_reads_back_any_text(void **state)
{
	uint64_t s = seed_start("jsonw");
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	for (int round = 0; round < 2000; round++) {
		char text[40];
		size_t n = seed_next(&s) % sizeof(text);
		struct jsonw w;
		json_t *read;

		for (size_t i = 0; i < n; i++)
			text[i] = (char)(1 + seed_next(&s) % 127);
		jsonw_begin(&w, &b);
		jsonw_array(&w, NULL);
		jsonw_text_n(&w, NULL, text, n);
		jsonw_close(&w);
		assert_int_equal(jsonw_end(&w), ERR_OK);
		read = json_loadb((const char *)buf_front(&b), buf_length(&b), 0, NULL);
		assert_non_null(read);
		assert_int_equal(json_string_length(json_array_get(read, 0)), n);
		assert_memory_equal(json_string_value(json_array_get(read, 0)), text, n);
		json_decref(read);
		buf_take(&b, buf_length(&b));
	}
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_value),
		cmocka_unit_test(escapes),
		cmocka_unit_test(an_escape_at_any_place),
		cmocka_unit_test(numbers_at_the_ends_of_the_short_way),
		cmocka_unit_test(several_lines_follow_each_other),
		cmocka_unit_test(what_does_not_fit_leaves_nothing_behind),
		cmocka_unit_test(nesting_has_a_bound),
		cmocka_unit_test(jansson_reads_back_any_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
