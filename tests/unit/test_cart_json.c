/*
 * Carts: names to numbers, and results as JSON. Files of carts. The shop is that of small_book.h.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cart_json.h"
#include "evaluate_file.h"
#include "small_book.h"

#define NOON 1792576800 /* 2026-10-21T10:00:00Z: noon in Berlin, which is two hours ahead until the 25th */

static int set_up(void **state)
{
	*state = small_snapshot();
	return 0;
}

static int tear_down(void **state)
{
	snapshot_unref(*state);
	return 0;
}

static enum err resolve(const struct snapshot *s, const char *json, struct arena *a, struct engine_cart *out,
			struct why *why)
{
	const struct record_context context = {.exponent = 2};
	struct cart_record record;
	json_t *object = json_loads(json, 0, NULL);

	assert_non_null(object);
	enum err e = record_from_json(&cart_schema, object, NULL, &context, a, &record, why);
	json_decref(object);
	return e ? e : cart_resolve(s, &record, NOON, a, out, why);
}

static void test_resolves(void **state)
{
	const struct catalog *c = snapshot_catalog(*state);
	struct arena arena = ARENA_EMPTY;
	struct engine_cart cart;
	struct why why;

	assert_int_equal(
		resolve(*state,
			"{\"channel\":\"app\",\"customer\":\"17\",\"segments\":[\"member\",\"unknown\"],"
			"\"coupons\":[\"SAVE\",\"SAVE\"],\"lines\":[{\"gtin\":\"5901234123457\"},"
			"{\"sku\":\"BRIE\",\"quantity\":\"0.25\"},{\"sku\":\"PEN\",\"quantity\":3,\"price\":"
			"\"1.50\"}]}",
			&arena, &cart, &why),
		ERR_OK);
	assert_int_equal(cart.count, 3);
	assert_string_equal(catalog_sku(c, cart.lines[0].item), "MILK");
	assert_int_equal(cart.lines[0].quantity.micro, 1000000);
	assert_int_equal(cart.lines[0].given.minor, AMOUNT_NONE);
	assert_int_equal(cart.lines[1].quantity.micro, 250000);
	assert_int_equal(cart.lines[2].given.minor, 150);
	assert_int_equal(cart.context.now_s, NOON);
	assert_int_equal(cart.context.utc_offset_s, 7200); /* Berlin, before the last Sunday of October */
	assert_int_equal(cart.context.store, CATALOG_NONE);
	assert_string_equal(c->channels.at[cart.context.channel], "app");
	/* member both ways is one segment; the book does not speak of the others */
	assert_int_equal(cart.context.segments.count, 1);
	assert_string_equal(c->segments.at[cart.context.segments.at[0]], "member");
	assert_int_equal(cart.context.coupons.count, 1);
	assert_string_equal(c->promotions[cart.context.coupons.at[0]].id, "save");
	arena_free(&arena);
}

/* When a cart is evaluated: its time as written, the instant, the offset. */
static void test_times(void **state)
{
	static const struct {
		const char *members;
		int64_t now_s;
		int32_t offset_s;
	} rows[] = {
		{"\"now\":\"2026-11-21T10:00:00Z\"", 1795255200, 3600},
		{"\"now\":\"2026-11-21T10:00:00\"", 1795251600, 3600}, /* on Berlin's clock */
		{"\"now\":\"2026-07-21T10:00:00\"", 1784620800, 7200}, /* in summer */
		{"\"now\":\"2026-11-21T10:00:00\",\"zone\":\"Asia/Tokyo\"", 1795222800,
		 32400},					       /* on Tokyo's */
		{"\"now\":\"2026-10-25T12:00:00\"", 1792926000, 3600}, /* the day the clocks go back */
	};
	struct engine_cart cart;
	struct why why;
	char json[200];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena arena = ARENA_EMPTY;
		snprintf(json, sizeof(json), "{%s,\"lines\":[]}", rows[i].members);
		assert_int_equal(resolve(*state, json, &arena, &cart, &why), ERR_OK);
		assert_int_equal(cart.context.now_s, rows[i].now_s);
		assert_int_equal(cart.context.utc_offset_s, rows[i].offset_s);
		arena_free(&arena);
	}
}

static const struct {
	const char *json, *reason;
} bad[] = {
	{"{}", "lines: is required and missing"},
	{"{\"lines\":[{\"sku\":\"MLK\"}]}", "lines[0].sku: there is no article 'MLK'"},
	{"{\"lines\":[{\"sku\":\"MILK\"},{}]}", "lines[1].sku: missing; a line has an sku or a gtin"},
	{"{\"lines\":[{\"sku\":\"MILK\",\"gtin\":\"5901234123457\"}]}",
	 "lines[0].gtin: a line has an sku or a gtin, not both"},
	{"{\"lines\":[{\"gtin\":\"5901234123458\"}]}",
	 "lines[0].gtin: '5901234123458' has a wrong check digit: it should end in 7"},
	{"{\"lines\":[{\"gtin\":\"4006381333900\"}]}", "lines[0].gtin: no article has '4006381333900'"},
	{"{\"lines\":[{\"gtin\":\"96385074\"}]}",
	 "lines[0].gtin: '96385074' is on 2 articles, such as 'INK' and 'PEN'; give the sku"},
	{"{\"lines\":[{\"sku\":\"MILK\",\"quantity\":\"0\"}]}",
	 "lines[0].quantity: '0' is below the least, 0.000001"},
	{"{\"lines\":[],\"customer\":\"18\"}", "customer: there is no customer '18'"},
	{"{\"lines\":[],\"coupons\":[\"SAVE\",\"TEN\"]}", "coupons[1]: there is no coupon 'TEN'"},
	{"{\"lines\":[],\"coupons\":[\"SAVE\"],\"now\":\"2025-12-31T22:59:59Z\"}",
	 "coupons[0]: coupon 'SAVE' is not valid yet"},
	{"{\"lines\":[],\"coupons\":[\"SAVE\"],\"now\":\"2026-12-31T23:00:00Z\"}",
	 "coupons[0]: coupon 'SAVE' is no longer valid"},
	{"{\"lines\":[],\"id\":\"a\\u001b\"}", "id: has a control character"},
	{"{\"lines\":[],\"line\":1}", "line: unknown name, did you mean 'lines'?"},
};

static void test_bad_carts(void **state)
{
	struct engine_cart cart;
	bool all = true;

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct arena arena = ARENA_EMPTY;
		struct why why = {""};
		enum err e = resolve(*state, bad[i].json, &arena, &cart, &why);
		arena_free(&arena);
		if (e && strcmp(why.text, bad[i].reason) == 0)
			continue;
		print_error("%s\n  expected: %s\n  found:    %s\n", bad[i].json, bad[i].reason,
			    e ? why.text : "no error");
		all = false;
	}
	assert_true(all);
}

/* The coupon's last second and first: on the store's clock, so 23:00 and 22:59:59 UTC are the borders above.
 */
static void test_coupon_borders(void **state)
{
	static const char *const good[] = {"2025-12-31T23:00:00Z", "2026-12-31T22:59:59Z"};
	struct engine_cart cart;
	struct why why;
	char json[200];

	for (size_t i = 0; i < COUNT(good); i++) {
		struct arena arena = ARENA_EMPTY;
		snprintf(json, sizeof(json), "{\"lines\":[],\"coupons\":[\"SAVE\"],\"now\":\"%s\"}", good[i]);
		assert_int_equal(resolve(*state, json, &arena, &cart, &why), ERR_OK);
		arena_free(&arena);
	}
}

/*
 * When a promotion that runs now ends. 2026-11-20 was a Friday; the zone is an hour ahead.
 *	until	its window's end, on the store's clock unless it has a Z
 */
static void test_ends(void **state)
{
	static const struct hours evening[] = {{57600, 64800}}, night[] = {{79200, 7200}},
				  two[] = {{0, 43200}, {36000, 50400}};
	static const struct {
		struct moment to;
		const struct hours *hours;
		uint32_t hours_count;
		uint8_t weekdays;
		int64_t now_s, ends_s;
	} rows[] = {
		{{AMOUNT_NONE, false}, NULL, 0, 0, 1795190400, AMOUNT_NONE},
		{{1795200000, false}, NULL, 0, 0, 1795190400, 1795200000},
		{{1795200000, true}, NULL, 0, 0, 1795190400, 1795196400}, /* an hour earlier in UTC */
		/* 17:00 local, hours to 18:00: 17:00 UTC */
		{{AMOUNT_NONE, false}, evening, 1, 0, 1795190400, 1795194000},
		{{1795191000, false}, evening, 1, 0, 1795190400, 1795191000}, /* the window ends before */
		/* 23:00 local, hours over midnight to 02:00: 01:00 UTC; and 01:00 local, the same end */
		{{AMOUNT_NONE, false}, night, 1, 0, 1795212000, 1795222800},
		{{AMOUNT_NONE, false}, night, 1, 0, 1795219200, 1795222800},
		/* 11:00 local is in 0:00-12:00 and 10:00-14:00: the later end, 13:00 UTC */
		{{AMOUNT_NONE, false}, two, 2, 0, 1795168800, 1795179600},
		/* Friday and Saturday: to the end of Saturday; every day but Friday is not now; all seven: no
		   end */
		{{AMOUNT_NONE, false}, NULL, 0, 0x30, 1795190400, 1795301999},
		{{AMOUNT_NONE, false}, NULL, 0, 0x10, 1795190400, 1795215599},
		{{AMOUNT_NONE, false}, NULL, 0, 0x7f, 1795190400, AMOUNT_NONE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct promotion p = {.window = {.from = {AMOUNT_NONE, false}, .to = rows[i].to},
					    .hours = rows[i].hours,
					    .hours_count = rows[i].hours_count,
					    .weekdays = rows[i].weekdays};
		const struct engine_context x = {.now_s = rows[i].now_s, .utc_offset_s = 3600};
		assert_int_equal(promotion_ends_s(&p, &x), rows[i].ends_s);
	}
}

/* Files of carts through evaluate_files, as tillctl does it. */

#define PATH_MOST 64

struct shop {
	char book[PATH_MOST], carts[PATH_MOST];
};

static void write_file(char path[PATH_MOST], const char *const *lines, const char *text)
{
	snprintf(path, PATH_MOST, "/tmp/till-test-cart-XXXXXX");
	FILE *f = fdopen(mkstemp(path), "w");

	assert_non_null(f);
	for (size_t i = 0; lines && lines[i]; i++)
		fprintf(f, "%s\n", lines[i]);
	if (text)
		fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static enum err append(const struct evaluation *e, void *arg, struct why *why)
{
	struct jsonw w;

	(void)why;
	jsonw_begin(&w, arg);
	evaluation_write(e, &w);
	return jsonw_end(&w);
}

/* Both results or reason come as text behind one another in out. */
static enum err evaluate(const char *carts, bool every_reason, struct buf *out, struct why *why)
{
	struct shop shop;

	write_file(shop.book, small_book, NULL);
	write_file(shop.carts, NULL, carts);
	buf_init(out, 1 << 20);
	why->text[0] = '\0';
	enum err e = evaluate_files(shop.book, shop.carts, NOON, every_reason, append, out, why);
	assert_true(buf_add(out, "", 1));
	if (e && strncmp(why->text, shop.carts, strlen(shop.carts)) == 0)
		memmove(why->text, why->text + strlen(shop.carts),
			strlen(why->text + strlen(shop.carts)) + 1);
	unlink(shop.book);
	unlink(shop.carts);
	return e;
}

/*
 * 3 milk at 1.00, one pair: 1.00 off. Brie 0.5 kg at 12.00: 6.00, 10 % off: 0.60. Goods of 9.00 list, so
 * members would get 0.50 off; the guest is in the wrong segment. Tax in 2.00 and 5.40 at 19 %: 0.32 and 0.86
 * (0.319.., 0.862..).
 */
static const char cart_text[] = "{\"id\":\"c 1\",\n \"lines\":[{\"sku\":\"MILK\",\"quantity\":3},\n"
				"{\"sku\":\"BRIE\",\"quantity\":\"0.5\"}]}\n";
static const char evaluated[] =
	"{\"cart\":\"c "
	"1\",\"currency\":\"EUR\",\"now\":\"2026-10-21T10:00:00Z\",\"policy\":\"precedence\",\"semantics\":1,"
	"\"optimal\":true,"
	"\"lines\":[{\"line\":1,\"sku\":\"MILK\",\"name\":\"Milk\",\"quantity\":\"3\",\"unit\":\"each\","
	"\"unit_price\":\"1.00\",\"price_list\":\"base\","
	"\"list\":\"3.00\",\"net\":\"2.00\",\"tax\":\"0.32\",\"discounts\":[{\"promotion\":\"milk-2-for-1\","
	"\"amount\":\"1.00\"}]},"
	"{\"line\":2,\"sku\":\"BRIE\",\"name\":\"Brie\",\"quantity\":\"0.5\",\"unit\":\"kg\",\"unit_price\":"
	"\"12.00\",\"price_list\":\"base\","
	"\"list\":\"6.00\",\"net\":\"5.40\",\"tax\":\"0.86\",\"discounts\":[{\"promotion\":\"dairy-10\","
	"\"amount\":\"0.60\"}]}],"
	"\"totals\":{\"list\":\"9.00\",\"discount\":\"1.60\",\"net\":\"7.40\",\"tax\":\"1.18\",\"total\":\"7."
	"40\"},"
	"\"applied\":[{\"promotion\":\"milk-2-for-1\",\"name\":\"Milk\",\"text\":\"Milk\",\"amount\":\"1."
	"00\",\"times\":1},"
	"{\"promotion\":\"dairy-10\",\"name\":\"Dairy\",\"text\":\"10 % off "
	"dairy\",\"amount\":\"0.60\",\"times\":1,"
	"\"ends\":\"2026-12-31T21:59:59Z\"}],"
	"\"rejected\":[{\"promotion\":\"members-50\",\"name\":\"Members\",\"label\":\"Members\",\"reason\":"
	"\"wrong_segment\",\"text\":\"is for member alone\",\"facts\":{\"segments\":\"member\"}}],";

static void test_one_cart(void **state)
{
	struct why why;
	struct buf out;
	char want[2000];

	(void)state;
	if (evaluate(cart_text, false, &out, &why))
		fail_msg("%s", why.text);
	snprintf(want, sizeof(want),
		 "%s\"ranked\":[{\"promotion\":\"milk-2-for-1\",\"applied\":true,\"amount\":\"1.00\"},"
		 "{\"promotion\":\"dairy-10\",\"applied\":true,\"amount\":\"0.60\"},"
		 "{\"promotion\":\"members-50\",\"applied\":false,\"amount\":\"0.00\"}]}\n",
		 evaluated);
	assert_string_equal((const char *)buf_front(&out), want);
	buf_free(&out);
}

/* Near misses say what is lacking: pieces as a number, money as money. */
static void test_lacking(void **state)
{
	struct why why;
	struct buf out;

	(void)state;
	assert_int_equal(evaluate("{\"customer\":\"17\",\"lines\":[{\"sku\":\"MILK\"}]}", true, &out, &why),
			 ERR_OK);
	assert_non_null(strstr((const char *)buf_front(&out),
			       "\"reason\":\"needs_quantity\",\"text\":\"needs 1 more of "
			       "Milk\",\"facts\":{\"lacking\":\"1\","
			       "\"articles\":\"Milk\"},\"lacking\":\"1\",\"needs\":\"quantity\"}"));
	/* members pay 0.90 */
	assert_non_null(strstr((const char *)buf_front(&out),
			       "\"reason\":\"needs_amount\",\"text\":\"needs 4.10 EUR more of any article\","
			       "\"facts\":{\"lacking\":\"4.10 EUR\",\"articles\":\"any article\"},"
			       "\"lacking\":\"4.10\",\"needs\":\"amount\"}"));
	assert_non_null(strstr((const char *)buf_front(&out), "\"reason\":\"coupon_missing\""));
	buf_free(&out);
}

/* Rows: a file of carts, how many results, the reason behind the file's name. */
static const struct {
	const char *carts;
	unsigned results;
	const char *reason;
} files[] = {
	{"{\"lines\":[]}\n{\"lines\":[]}\r\n\n{\"lines\":[]}", 3, NULL},
	{"\xef\xbb\xbf{\n\"lines\":[]\n}\n", 1, NULL},
	{"{\"lines\":[]}{\"lines\":[]}", 2, NULL},
	{"\n \n", 0, ": no cart in it"},
	{"[]", 0, ":1: a cart is a JSON object: {\"lines\": [...]}"},
	{"{\"lines\":[]}\n{\"lines\":\n[}", 1, ":3: not JSON: unexpected token near '}'"},
	{"{\"lines\":[]}\n\n{\"lines\":[],\n\"colour\":1}", 1, ":3: colour: unknown name"},
	{"{\"lines\":[{\"sku\":\"MILK\"},{\"sku\":\"INK\"}]}", 0,
	 ":1: lines[1]: 'INK' has no price in this store, channel, segment and time"},
	{"{\"lines\":[{\"sku\":\"PEN\",\"quantity\":\"0.5\"}]}", 0,
	 ":1: lines[0].quantity: 'PEN' is sold by the piece: a whole number is expected"},
};

static void test_files_of_carts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		struct why why;
		struct buf out;
		unsigned results = 0;
		enum err e = evaluate(files[i].carts, false, &out, &why);

		for (const char *p = (const char *)buf_front(&out); (p = strchr(p, '\n')); p++)
			results++;
		assert_int_equal(results, files[i].results);
		assert_int_equal(e != ERR_OK, files[i].reason != NULL);
		if (files[i].reason)
			assert_string_equal(why.text, files[i].reason);
		buf_free(&out);
	}
}

static void test_longest_cart(void **state)
{
	static char text[(1 << 20) + 100];
	struct why why;
	struct buf out;

	(void)state;
	snprintf(text, sizeof(text), "%-*s", (int)sizeof(text) - 1, "{\"lines\":[]");
	assert_int_equal(evaluate(text, false, &out, &why), ERR_LIMIT);
	assert_string_equal(why.text, ":1: the cart is longer than 1048576 bytes");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_resolves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_times, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bad_carts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_coupon_borders, set_up, tear_down),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_one_cart),
		cmocka_unit_test(test_lacking),
		cmocka_unit_test(test_files_of_carts),
		cmocka_unit_test(test_longest_cart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
