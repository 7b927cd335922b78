/*
 * Price book records: each type through JSON and CBOR and back; bad lines with the reason a person reads;
 * files.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "records.h"
#include "snapshot.h"

#define CENTS 2

static enum err parse(const char *line, struct arena *a, struct record *out, struct why *why)
{
	why->text[0] = '\0';
	return record_parse_line(line, strlen(line), CENTS, a, out, why);
}

/* The record as JSON, in text. */
static void write_json(const struct record *r, struct buf *out)
{
	const struct record_context context = {.exponent = CENTS};
	struct jsonw w;

	jsonw_begin(&w, out);
	jsonw_object(&w, NULL);
	record_to_json(record_schema(r->type), &r->as, &context, &w);
	jsonw_close(&w);
	assert_int_equal(jsonw_end(&w), ERR_OK);
	assert_true(buf_add(out, "", 1));
}

/* What goes in, without its type, is what comes out: members in the order of the table, no defaults. */
static const struct {
	const char *line, *json;
} trips[] = {
	{"{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\"}",
	 "{\"id\":\"b\",\"currency\":\"EUR\",\"semantics\":1}\n"},
	{"{\"type\":\"book\",\"id\":\"b\",\"currency\":\"JPY\",\"semantics\":1,\"rounding\":\"half_even\","
	 "\"tax\":\"inclusive\","
	 "\"policy\":\"precedence\",\"threshold\":\"running\",\"zone\":\"Asia/Tokyo\"}",
	 "{\"id\":\"b\",\"currency\":\"JPY\",\"semantics\":1,\"rounding\":\"half_even\",\"tax\":"
	 "\"inclusive\","
	 "\"threshold\":\"running\",\"zone\":\"Asia/Tokyo\"}\n"},
	{"{\"type\":\"tax\",\"id\":\"vat\",\"rate\":\"5.5\"}", "{\"id\":\"vat\",\"rate\":\"5.5\"}\n"},
	{"{\"type\":\"category\",\"id\":\"cheese\",\"name\":\"Cheese\",\"parent\":\"food\"}",
	 "{\"id\":\"cheese\",\"name\":\"Cheese\",\"parent\":\"food\"}\n"},
	{"{\"type\":\"price_list\",\"id\":\"app\",\"rank\":-5,\"segments\":[\"gold\"],\"channels\":[\"app\"],"
	 "\"stores\":[\"7\"],"
	 "\"from\":\"2026-01-01T00:00:00Z\",\"to\":\"2026-01-31\"}",
	 "{\"id\":\"app\",\"rank\":-5,\"segments\":[\"gold\"],\"channels\":[\"app\"],\"stores\":[\"7\"],"
	 "\"from\":\"2026-01-01T00:00:00Z\",\"to\":\"2026-01-31T23:59:59\"}\n"},
	/* which of an instant and a civil time is earlier depends on the store, so both orders are fine */
	{"{\"type\":\"price_list\",\"id\":\"l\",\"from\":\"2026-02-01T00:00:00\",\"to\":\"2026-01-31T23:00:"
	 "00Z\"}",
	 "{\"id\":\"l\",\"from\":\"2026-02-01T00:00:00\",\"to\":\"2026-01-31T23:00:00Z\"}\n"},
	{"{\"type\":\"item\",\"sku\":\"A\",\"name\":\"Brie\",\"gtins\":[\"4006381333931\"],\"tags\":["
	 "\"soft\"],\"category\":\"cheese\","
	 "\"brand\":\"b\",\"supplier\":\"s\",\"tax\":\"vat\",\"unit\":\"kg\",\"cost\":\"9.50\",\"logistics\":"
	 "\"0.20\"}",
	 "{\"sku\":\"A\",\"name\":\"Brie\",\"gtins\":[\"4006381333931\"],\"tags\":[\"soft\"],\"category\":"
	 "\"cheese\","
	 "\"brand\":\"b\",\"supplier\":\"s\",\"tax\":\"vat\",\"unit\":\"kg\",\"cost\":\"9.50\",\"logistics\":"
	 "\"0.20\"}\n"},
	{"{\"type\":\"price\",\"list\":\"app\",\"sku\":\"A\",\"price\":3}",
	 "{\"list\":\"app\",\"sku\":\"A\",\"price\":\"3.00\"}\n"},
	{"{\"type\":\"promotion\",\"id\":\"p\",\"name\":\"P\",\"gives\":[{\"kind\":\"percent\",\"percent\":"
	 "25}]}",
	 "{\"id\":\"p\",\"name\":\"P\",\"gives\":[{\"kind\":\"percent\",\"percent\":\"25\"}]}\n"},
	{"{\"type\":\"promotion\",\"id\":\"p\",\"name\":\"P\",\"text\":\"T\",\"status\":\"paused\","
	 "\"coupon\":true,"
	 "\"when\":{\"from\":\"2026-11-01\",\"to\":\"2026-11-30T20:00\",\"weekdays\":[\"mon\",\"sun\"],"
	 "\"hours\":[{\"from\":\"22:00\",\"to\":\"02:00\"},{\"from\":\"12:00:01\",\"to\":\"24:00\"}]},"
	 "\"who\":{\"segments\":[\"gold\"]},\"where\":{\"channels\":[\"store\"],\"stores\":[\"7\",\"8\"]},"
	 "\"needs\":[{\"select\":{\"skus\":[\"A\"],\"except\":{\"tags\":[\"t\"]}},\"quantity\":2},{"
	 "\"amount\":\"10.00\"}],"
	 "\"gives\":[{\"kind\":\"units\",\"percent\":\"50\",\"buy\":1,\"get\":1},{\"kind\":\"amount\","
	 "\"amount\":\"1.00\",\"per\":\"unit\"}],"
	 "\"limits\":{\"times\":3,\"max_discount\":\"5.00\"},"
	 "\"stacking\":{\"stackable\":false,\"priority\":7,\"base\":\"list\"}}",
	 "{\"id\":\"p\",\"name\":\"P\",\"text\":\"T\",\"status\":\"paused\",\"coupon\":true,"
	 "\"when\":{\"from\":\"2026-11-01T00:00:00\",\"to\":\"2026-11-30T20:00:59\",\"weekdays\":[\"mon\","
	 "\"sun\"],"
	 "\"hours\":[{\"from\":\"22:00\",\"to\":\"02:00\"},{\"from\":\"12:00:01\",\"to\":\"24:00\"}]},"
	 "\"who\":{\"segments\":[\"gold\"]},\"where\":{\"channels\":[\"store\"],\"stores\":[\"7\",\"8\"]},"
	 "\"needs\":[{\"select\":{\"skus\":[\"A\"],\"except\":{\"tags\":[\"t\"]}},\"quantity\":2},{"
	 "\"amount\":\"10.00\"}],"
	 "\"gives\":[{\"kind\":\"units\",\"percent\":\"50\",\"buy\":1,\"get\":1},{\"kind\":\"amount\","
	 "\"amount\":\"1.00\",\"per\":\"unit\"}],"
	 "\"limits\":{\"times\":3,\"max_discount\":\"5.00\"},"
	 "\"stacking\":{\"stackable\":false,\"priority\":7,\"base\":\"list\"}}\n"},
	{"{\"type\":\"coupon\",\"code\":\"TEN\",\"promotion\":\"p\",\"from\":\"2026-11-01T10:00:00+01:00\"}",
	 "{\"code\":\"TEN\",\"promotion\":\"p\",\"from\":\"2026-11-01T09:00:00Z\"}\n"},
	{"{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\",\"margin\":{\"guard\":\"off\",\"floor\":\"12."
	 "5\"}}",
	 "{\"id\":\"b\",\"currency\":\"EUR\",\"semantics\":1,\"margin\":{\"guard\":\"off\",\"floor\":\"12."
	 "5\"}}\n"},
	{"{\"type\":\"tax\",\"id\":\"deposit\",\"amount\":\"0.25\"}",
	 "{\"id\":\"deposit\",\"amount\":\"0.25\"}\n"},
	{"{\"type\":\"floor\",\"id\":\"f\",\"category\":\"tv\",\"segment\":\"trade\",\"margin\":\"25\"}",
	 "{\"id\":\"f\",\"category\":\"tv\",\"segment\":\"trade\",\"margin\":\"25\"}\n"},
	{"{\"type\":\"promotion\",\"id\":\"p\",\"name\":\"P\",\"gives\":[{\"kind\":\"percent\",\"percent\":"
	 "25}],"
	 "\"margin\":{\"floor\":\"35\",\"on_breach\":\"block\"}}",
	 "{\"id\":\"p\",\"name\":\"P\",\"gives\":[{\"kind\":\"percent\",\"percent\":\"25\"}],"
	 "\"margin\":{\"floor\":\"35\",\"on_breach\":\"block\"}}\n"},
	{"{\"type\":\"customer\",\"id\":\"17\",\"name\":\"Ada\",\"segments\":[\"gold\",\"staff\"]}",
	 "{\"id\":\"17\",\"name\":\"Ada\",\"segments\":[\"gold\",\"staff\"]}\n"},
};

static void round_trip(const char *line, const char *json)
{
	struct arena arena = ARENA_EMPTY;
	struct record first, second;
	struct buf cbor, text;
	struct why why;

	buf_init(&cbor, 1 << 20);
	buf_init(&text, 1 << 20);
	if (parse(line, &arena, &first, &why))
		fail_msg("%s: %s", line, why.text);
	assert_int_equal(record_encode(&first, &cbor), ERR_OK);
	assert_int_equal(cbor_check(buf_front(&cbor), buf_length(&cbor)), ERR_OK);
	if (record_decode(first.type, buf_front(&cbor), buf_length(&cbor), &arena, &second, &why))
		fail_msg("%s: %s", line, why.text);
	write_json(&second, &text);
	assert_string_equal((const char *)buf_front(&text), json);
	buf_free(&cbor);
	buf_free(&text);
	arena_free(&arena);
}

static void test_round_trips(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(trips); i++)
		round_trip(trips[i].line, trips[i].json);
}

#define PROMOTION(rest) "{\"type\":\"promotion\",\"id\":\"p\",\"name\":\"P\"," rest "}"
#define GIVE(rest)	PROMOTION("\"gives\":[{" rest "}]")
#define WHEN(rest)	PROMOTION("\"when\":{" rest "},\"gives\":[{\"kind\":\"percent\",\"percent\":\"5\"}]")
#define NEED(rest)	PROMOTION("\"needs\":[{" rest "}],\"gives\":[{\"kind\":\"percent\",\"percent\":\"5\"}]")
#define ITEM(rest)	"{\"type\":\"item\",\"sku\":\"A\",\"name\":\"N\"," rest "}"

/* A line, and its reason in full. */
static const struct {
	const char *line, *reason;
} bad[] = {
	{"", "not JSON: '[' or '{' expected near end of file (column 0)"},
	{"[1]", "a record is a JSON object: {\"type\": ...}"},
	{"{\"type\":\"tax\",\"id\":\"a\",\"id\":\"b\",\"rate\":1}",
	 "not JSON: duplicate object key near '\"id\"' (column 27)"},
	{"{\"id\":\"a\"}", "type: missing; say what the record is, such as \"type\": \"item\""},
	{"{\"type\":7}", "type: must be text, such as \"item\""},
	{"{\"type\":\"prce\"}", "type: unknown 'prce'; did you mean 'price'?"},
	{"{\"type\":\"warehouse\"}",
	 "type: unknown 'warehouse'; such as item, price or promotion is expected"},
	{"{\"type\":\"tax\",\"id\":\"a\",\"rat\":1}", "rat: unknown name, did you mean 'rate'?"},
	{"{\"type\":\"tax\",\"id\":\"a\"}", "rate: missing; a tax has a rate or an amount"},
	{"{\"type\":\"tax\",\"id\":\"a\",\"rate\":1,\"amount\":1}",
	 "amount: a tax has a rate or an amount, not both"},
	{"{\"type\":\"floor\",\"id\":\"f\",\"margin\":30}",
	 "category: missing; a floor is for a category, a segment or both (that of all is margin.floor of "
	 "the "
	 "'book')"},
	{"{\"type\":\"floor\",\"id\":\"f\",\"segment\":\"s\",\"margin\":100}",
	 "margin: '100' is above the most, 99"},
	{"{\"type\":\"tax\",\"id\":\"a\",\"rate\":\"101\"}", "rate: '101' is above the most, 100"},
	{"{\"type\":\"tax\",\"id\":\"\",\"rate\":1}", "id: 0 characters are fewer than the least, 1"},
	{"{\"type\":\"tax\",\"id\":\"a\\u0007\",\"rate\":1}", "id: has a control character"},
	{"{\"type\":\"tax\",\"id\":\"a\\u0085\",\"rate\":1}", "id: has a control character"},
	{"{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUX\"}",
	 "currency: 'EUX' is not an ISO 4217 code, such as EUR"},
	{"{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\",\"zone\":\"../etc\"}",
	 "zone: '../etc' is not an IANA zone name, such as Europe/Berlin"},
	{"{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\",\"semantics\":2}",
	 "semantics: the book wants version 2 and this tilld knows 1: upgrade tilld first"},
	{"{\"type\":\"category\",\"id\":\"a\",\"parent\":\"a\"}", "parent: 'a' cannot be its own parent"},
	{"{\"type\":\"price_list\",\"id\":\"a\",\"from\":\"2026-02-01\",\"to\":\"2026-01-31\"}",
	 "to: is before from"},
	{"{\"type\":\"price\",\"list\":\"l\",\"sku\":\"A\",\"price\":\"-1\"}",
	 "price: '-1' is below the least, 0"},
	{"{\"type\":\"price\",\"list\":\"l\",\"sku\":\"A\",\"price\":2.5}",
	 "price: write \"2.5\" in quotes: prices are exact"},
	{"{\"type\":\"price\",\"list\":\"l\",\"sku\":\"A\",\"price\":\"2.495\"}",
	 "price: '2.495' is no decimal with at most 2 decimals, such as \"2.5\""},
	{ITEM("\"gtins\":[\"4006381333932\"]"),
	 "gtins[0]: '4006381333932' has a wrong check digit: it should end in 1"},
	{ITEM("\"gtins\":[\"40063813339\"]"),
	 "gtins[0]: '40063813339' is not a GTIN: it has 11 digits, not 8, 12, 13 or 14"},
	{ITEM("\"gtins\":[\"400638133393X\"]"), "gtins[0]: '400638133393X' is not a GTIN: digits alone"},
	{ITEM("\"gtins\":[\"00000000\"]"), "gtins[0]: '00000000' is not a GTIN: zeros alone"},
	{ITEM("\"gtins\":[\"4006381333931\",\"04006381333931\"]"),
	 "gtins[1]: '04006381333931' is there twice"},
	{ITEM("\"unit\":\"pcs\""), "unit: 'pcs' is not one of each, kg, g, lb, l, m"},
	{ITEM("\"tags\":[\"ok\",\"x\\u001by\"]"), "tags[1]: has a control character"},
	{PROMOTION("\"gives\":[]"), "gives: 0 items are fewer than the least, 1"},
	{GIVE("\"kind\":\"percent\""), "gives[0].percent: missing; a give of kind 'percent' needs it"},
	{GIVE("\"kind\":\"percent\",\"percent\":\"0\""), "gives[0].percent: '0' is below the least, 0.0001"},
	{GIVE("\"kind\":\"percent\",\"percent\":\"100.1\""),
	 "gives[0].percent: '100.1' is above the most, 100"},
	{GIVE("\"kind\":\"percent\",\"percent\":\"5\",\"per\":\"unit\""),
	 "gives[0].per: means nothing in a give of kind 'percent'; leave it out"},
	{GIVE("\"kind\":\"amount\",\"amount\":\"0\""), "gives[0].amount: '0' is below the least, 0.01"},
	{GIVE("\"kind\":\"amount\",\"percent\":\"5\",\"amount\":\"1\""),
	 "gives[0].percent: means nothing in a give of kind 'amount'; leave it out"},
	{GIVE("\"kind\":\"units\",\"buy\":2"), "gives[0].get: missing; a give of kind 'units' needs it"},
	{GIVE("\"kind\":\"units\",\"buy\":1001,\"get\":1"), "gives[0].buy: '1001' is above the most, 1000"},
	{GIVE("\"kind\":\"units\",\"buy\":1,\"get\":1,\"amount\":\"1\""),
	 "gives[0].amount: means nothing in a give of kind 'units'; leave it out"},
	{GIVE("\"kind\":\"percent\",\"percent\":\"5\",\"select\":{\"skus\":[]}"),
	 "gives[0].select.skus: 0 items are fewer than the least, 1"},
	{NEED("\"quantity\":1,\"amount\":\"1\""),
	 "needs[0].amount: a need has one of quantity, amount, measure and none, not several"},
	{NEED("\"select\":{\"skus\":[\"A\"]}"),
	 "needs[0].quantity: missing; a need has a quantity, an amount, a measure or \"none\": true"},
	{NEED("\"quantity\":1,\"select\":{\"except\":{\"brands\":[\"a\\u007f\"]}}"),
	 "needs[0].select.except.brands[0]: has a control character"},
	{WHEN("\"from\":\"2026-01-02\",\"to\":\"2026-01-01\""), "when.to: is before from"},
	{WHEN("\"weekdays\":[\"mon\",\"tues\"]"),
	 "when.weekdays[1]: 'tues' is none of mon, tue, wed, thu, fri, sat, sun"},
	{WHEN("\"hours\":[{\"from\":\"10:00\",\"to\":\"10:00\"}]"), "when.hours[0].to: is the same as from"},
	{"{\"type\":\"coupon\",\"code\":\"T\",\"promotion\":\"p\",\"from\":\"2026-02-01T00:00:00Z\",\"to\":"
	 "\"2026-01-31T00:00:00Z\"}",
	 "to: is before from"},
};

static void test_bad_lines(void **state)
{
	struct arena arena = ARENA_EMPTY;
	struct record record;
	struct why why;
	bool all = true;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		enum err e = parse(bad[i].line, &arena, &record, &why);
		if (e && strcmp(why.text, bad[i].reason) == 0)
			continue;
		print_error("%s\n  expected: %s\n  found:    %s\n", bad[i].line, bad[i].reason,
			    e ? why.text : "no error");
		all = false;
	}
	assert_true(all);
	arena_free(&arena);
}

/* A book from a later release is told apart from a wrong one: the cure is another. */
static void test_newer_semantics(void **state)
{
	struct arena arena = ARENA_EMPTY;
	struct record record;
	struct why why;

	(void)state;
	assert_int_equal(parse("{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\",\"semantics\":9}",
			       &arena, &record, &why),
			 ERR_NEWER);
	arena_free(&arena);
}

static void test_keys(void **state)
{
	static const struct {
		const char *line, *key;
	} rows[] = {
		{"{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\"}", "book"},
		{"{\"type\":\"price\",\"list\":\"l\",\"sku\":\"A\",\"price\":1}", "l\x1f"
										  "A"},
		{"{\"type\":\"coupon\",\"code\":\"TEN\",\"promotion\":\"p\"}", "TEN"},
	};
	struct arena arena = ARENA_EMPTY;
	struct record record;
	struct why why;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(parse(rows[i].line, &arena, &record, &why), ERR_OK);
		assert_string_equal(record_key(&record, &arena), rows[i].key);
	}
	arena_free(&arena);
}

/* What stored bytes may do to a reader: be cut, be followed by more, break a rule. */
static void test_bad_bytes(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} rows[] = {
		{"", 0},
		{"\xa2\x01\x61"
		 "a\x02",
		 5}, /* a tax without its rate's value */
		{"\xa2\x01\x61"
		 "a\x02\x01\x00",
		 7},				 /* something behind it */
		{"\xa2\x01\x61\x07\x02\x01", 6}, /* a control character in the id */
		{"\xa2\x01\x61"
		 "a\x02\x20",
		 6}, /* a rate of -1 */
	};
	struct arena arena = ARENA_EMPTY;
	struct record record;
	struct why why;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_not_equal(
			record_decode(RECORD_TAX, rows[i].bytes, rows[i].n, &arena, &record, &why), ERR_OK);
	assert_int_equal(record_decode(RECORD_TAX,
				       "\xa2\x01\x61"
				       "a\x02\x01",
				       6, &arena, &record, &why),
			 ERR_OK);
	arena_free(&arena);
}

/* Files: what book_read makes of them. */

#define BOOK "{\"type\":\"book\",\"id\":\"b\",\"currency\":\"EUR\"}"
#define TAX  "{\"type\":\"tax\",\"id\":\"a\",\"rate\":7}"

static const struct {
	const char *text;
	unsigned records;
	const char *reason; /* behind the file's name */
} files[] = {
	{BOOK "\n" TAX "\n", 2, NULL},
	{"\xef\xbb\xbf" BOOK "\r\n\r\n" TAX "\r\n", 2, NULL}, /* as Windows writes it */
	{"\n  \t\n" BOOK "\n" TAX, 2, NULL},		      /* no newline at the end */
	{"", 0, ": no records; a price book begins with one of type 'book'"},
	{TAX "\n", 0, ":1: type: the first record must be the 'book', and this is a 'tax'"},
	{BOOK "\n" BOOK "\n", 1, ":2: type: a price book has one record of type 'book'"},
	{BOOK "\n\n{\"type\":\"tax\",\"id\":\"a\",\"rate\":-7}\n", 1, ":3: rate: '-7' is below the least, 0"},
};

static enum err count_record(const struct record *r, uint32_t line, void *arg, struct why *why)
{
	(void)r;
	(void)line;
	(void)why;
	++*(unsigned *)arg;
	return ERR_OK;
}

#define PATH_MOST 64

static void make_file(char path[PATH_MOST], const char *text, size_t n)
{
	snprintf(path, PATH_MOST, "/tmp/till-test-book-XXXXXX");
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), (ssize_t)n);
	close(fd);
}

static void test_files(void **state)
{
	char path[PATH_MOST], reason[400];
	struct why why;

	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		unsigned records = 0;
		make_file(path, files[i].text, strlen(files[i].text));
		enum err e = book_read(path, count_record, NULL, &records, &why);
		unlink(path);
		assert_int_equal(records, files[i].records);
		assert_int_equal(e != ERR_OK, files[i].reason != NULL);
		if (!files[i].reason)
			continue;
		snprintf(reason, sizeof(reason), "%s%s", path, files[i].reason);
		assert_string_equal(why.text, reason);
	}
}

/* A line of 1 MiB is read; one byte more is refused, not cut. */
static void test_long_lines(void **state)
{
	static char text[(1 << 20) + 200];
	char path[PATH_MOST];
	struct why why;

	(void)state;
	for (int over = 0; over < 2; over++) {
		unsigned records = 0;
		int n = snprintf(text, sizeof(text), "%s\n%-*s", BOOK, (1 << 20) + over, TAX);
		make_file(path, text, (size_t)n);
		enum err e = book_read(path, count_record, NULL, &records, &why);
		unlink(path);
		assert_int_equal(e, over ? ERR_LIMIT : ERR_OK);
		assert_int_equal(records, over ? 1 : 2);
	}
	assert_non_null(strstr(why.text, ":2: the line is longer than 1048576 bytes"));
}

struct progress {
	uint64_t done, all;
	unsigned calls;
};

static enum err count_into(const struct record *r, uint32_t line, void *arg, struct why *why)
{
	(void)r;
	(void)line;
	(void)arg;
	(void)why;
	return ERR_OK;
}

static void note_progress(uint64_t done, uint64_t all, void *arg)
{
	struct progress *p = arg;

	assert_true(done >= p->done);
	*p = (struct progress){.done = done, .all = all, .calls = p->calls + 1};
}

static void test_progress(void **state)
{
	static char text[100000];
	size_t n = (size_t)snprintf(text, sizeof(text), "%s\n", BOOK);
	struct progress p = {0};
	char path[64];
	struct why why;

	(void)state;
	while (n < sizeof(text) - 100)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\n", TAX);
	make_file(path, text, n);
	assert_int_equal(book_read(path, count_into, note_progress, &p, &why), ERR_OK);
	unlink(path);
	assert_int_equal(p.done, n);
	assert_int_equal(p.all, n);
	assert_in_range(p.calls, 50, 102); /* about one a per cent */
}

static void test_missing_file(void **state)
{
	struct why why;
	unsigned records = 0;

	(void)state;
	assert_int_equal(book_read("/nonexistent/book.jsonl", count_record, NULL, &records, &why),
			 ERR_NOT_FOUND);
	assert_string_equal(why.text, "/nonexistent/book.jsonl: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trips),	cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_newer_semantics), cmocka_unit_test(test_keys),
		cmocka_unit_test(test_bad_bytes),	cmocka_unit_test(test_files),
		cmocka_unit_test(test_long_lines),	cmocka_unit_test(test_progress),
		cmocka_unit_test(test_missing_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
