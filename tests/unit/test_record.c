/*
 * Records: one table, read from JSON and written as JSON, and as a JSON Schema.
 */
#include "record_thing.h"

#include <stdio.h>
#include <string.h>

static void json_becomes_a_struct(void **state)
{
	struct fixture *f = *state;
	const struct thing *t = &f->thing;
	const struct need *needs;

	assert_int_equal(thing_from_json(f, THING_FULL, NULL), ERR_OK);
	assert_string_equal(t->name, "K\xC3\xA4se");
	assert_int_equal(t->count, -5);
	assert_int_equal(t->price.minor, 240);
	assert_int_equal(t->share.ppm, 125000);
	assert_int_equal(t->active, 0);
	assert_int_equal(t->colour, 2);
	assert_int_equal(t->from.seconds, 1795255200);
	assert_int_equal(t->from.local, 0);
	assert_int_equal(t->to.seconds, 1795219200 + 86399);
	assert_int_equal(t->to.local, 1);
	assert_int_equal(t->opens, 86400);
	assert_int_equal(t->hash.length, 3);
	assert_memory_equal(t->hash.at, "\x00\xAB\xFF", 3);
	assert_string_equal(t->main_need->sku, "MILK");
	assert_int_equal(t->main_need->quantity.micro, 1000000);
	assert_int_equal(t->needs.count, 2);
	needs = t->needs.at;
	assert_int_equal(needs[0].quantity.micro, 1);
	assert_string_equal(needs[1].sku, "B");
	assert_int_equal(t->tags.count, 2);
	assert_string_equal(((const char *const *)t->tags.at)[0], "x");
	assert_int_equal(t->labels.count, 3);
	assert_string_equal(((const struct keyed_text *)t->labels.at)[2].key, "pt-BR");
	assert_string_equal(((const struct keyed_text *)t->labels.at)[2].text, "queijo");
}

static void what_is_left_out_is_absent(void **state)
{
	struct fixture *f = *state;
	const struct thing *t = &f->thing;

	assert_int_equal(thing_from_json(f, "{\"name\":\"\",\"type\":\"thing\"}", "type"), ERR_OK);
	assert_true(t->count == AMOUNT_NONE && t->price.minor == AMOUNT_NONE && t->share.ppm == AMOUNT_NONE);
	assert_int_equal(t->active, 1);
	assert_true(t->colour == AMOUNT_NONE && t->from.seconds == AMOUNT_NONE && t->opens == AMOUNT_NONE);
	assert_null(t->hash.at);
	assert_null(t->main_need);
	assert_int_equal(t->needs.count + t->tags.count, 0);
	assert_string_equal(thing_to_json(f), "{\"name\":\"\"}");
	thing_to_cbor(f);
	assert_memory_equal(buf_front(&f->out), "\xA1\x01\x60", 3); /* {1: ""} */
	assert_int_equal(buf_length(&f->out), 3);
}

static void json_there_and_back(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(thing_from_json(f, THING_FULL, NULL), ERR_OK);
	assert_string_equal(thing_to_json(f), THING_FULL);
}

static const struct {
	const char *members, *why; /* behind "name":"x"; NULL: fine */
} judged[] = {
	{"\"labels\":{\"fr\":\"x\",\"de\":\"y\"}", NULL},
	{"\"labels\":{}", "labels: 0 items are fewer than the least, 1"},
	{"\"labels\":{\"fr\":1}", "labels.fr: text is expected, this is an integer"},
	{"\"labels\":[]", "labels: an object is expected, this is an array"},
	{"\"labels\":{\"\":\"x\"}", "labels.: a name here is 1 to 64 letters, digits and hyphens"},
	{"\"price\":2", NULL},
	{"\"price\":\"2\"", NULL},
	{"\"price\":2.49", "price: write \"2.49\" in quotes: prices are exact"},
	{"\"share\":12.5", "share: write \"12.5\" in quotes: decimals are exact"},
	{"\"price\":\"2.495\"", "price: '2.495' is no decimal with at most 2 decimals, such as \"2.5\""},
	{"\"price\":\"2,49\"", "price: '2,49' is no decimal with at most 2 decimals, such as \"2.5\""},
	{"\"price\":\"-0.01\"", "price: '-0.01' is below the least, 0"},
	{"\"price\":\"99999999999999999999\"", "price: '99999999999999999999' is too large"},
	{"\"price\":92233720368547759", "price: '92233720368547759' is too large"},
	{"\"price\":true", "price: a decimal in quotes or an integer is expected, this is a truth value"},
	{"\"price\":null",
	 "price: a decimal in quotes or an integer is expected, this is null (leave it out instead)"},
	{"\"share\":\"100.0001\"", "share: '100.0001' is above the most, 100"},
	{"\"share\":100", NULL},
	{"\"count\":101", "count: '101' is above the most, 100"},
	{"\"count\":1.0", "count: an integer is expected, this is a number with a fraction"},
	{"\"count\":\"1\"", "count: an integer is expected, this is text"},
	{"\"active\":1", "active: true or false is expected, this is an integer"},
	{"\"colour\":\"gren\"", "colour: 'gren' is unknown, did you mean 'green'?"},
	{"\"colour\":\"violet\"", "colour: 'violet' is not one of red, green, blue"},
	{"\"colour\":2", "colour: text is expected, this is an integer"},
	{"\"from\":\"yesterday\"", "from: 'yesterday' is no time: write \"2026-11-21T10:00:00\", with Z or "
				   "+01:00 behind it for an instant"},
	{"\"opens\":\"08:30\"", NULL},
	{"\"opens\":\"08:30:15\"", NULL},
	{"\"opens\":\"24:01\"", "opens: '24:01' is no time of day: write \"HH:MM\" or \"HH:MM:SS\""},
	{"\"opens\":\"8:30\"", "opens: '8:30' is no time of day: write \"HH:MM\" or \"HH:MM:SS\""},
	{"\"opens\":\"08:30Z\"", "opens: '08:30Z' is no time of day: write \"HH:MM\" or \"HH:MM:SS\""},
	{"\"opens\":\"\"", "opens: '' is no time of day: write \"HH:MM\" or \"HH:MM:SS\""},
	{"\"hash\":\"abc\"", "hash: hexadecimal with an odd number of digits"},
	{"\"hash\":\"AB\"", "hash: hexadecimal is 0 to 9 and a to f: look at digit 1"},
	{"\"hash\":\"\"", "hash: 0 bytes are fewer than the least, 1"},
	{"\"hash\":\"0011223344\"", "hash: 5 bytes are more than the most, 4"},
	{"\"main\":[]", "main: an object is expected, this is an array"},
	{"\"main\":{}", "main.sku: is required and missing"},
	{"\"main\":{\"sku\":\"\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\"}", NULL},
	{"\"main\":{\"sku\":\"123456789\"}", "main.sku: 9 characters are more than the most, 8"},
	{"\"main\":{\"sku\":\"\"}", "main.sku: 0 characters are fewer than the least, 1"},
	{"\"needs\":{}", "needs: an array is expected, this is an object"},
	{"\"needs\":[{\"sku\":\"A\"},{\"sku\":\"B\",\"quantity\":0}]",
	 "needs[1].quantity: '0' is below the least, 0.000001"},
	{"\"needs\":[{\"sku\":\"A\",\"quantiy\":1}]",
	 "needs[0].quantiy: unknown name, did you mean 'quantity'?"},
	{"\"needs\":[7]", "needs[0]: an object is expected, this is an integer"},
	{"\"needs\":[{\"sku\":\"A\"},{\"sku\":\"A\"},{\"sku\":\"A\"},{\"sku\":\"A\"}]",
	 "needs: 4 items are more than the most, 3"},
	{"\"tags\":[\"x\",1]", "tags[1]: text is expected, this is an integer"},
	{"\"counts\":[0,3000000000]", NULL},
	{"\"counts\":[1,-1]", "counts[1]: '-1' is below the least, 0"},
	{"\"counts\":[\"1\"]", "counts[0]: an integer is expected, this is text"},
	{"\"counts\":[1,2,3,4]", "counts: 4 items are more than the most, 3"},
	{"\"counts\":1", "counts: an array is expected, this is an integer"},
	{"\"pirce\":1", "pirce: unknown name, did you mean 'price'?"},
	{"\"zzzzzz\":1", "zzzzzz: unknown name"},
	{"\"type\":\"thing\"", "type: unknown name"},
};

static void json_judged(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(judged); i++) {
		char text[512];
		enum err e;

		snprintf(text, sizeof(text), "{\"name\":\"x\",%s}", judged[i].members);
		e = thing_from_json(f, text, NULL);
		assert_string_equal(f->why.text, judged[i].why ? judged[i].why : "");
		assert_int_equal(e, judged[i].why ? ERR_INVALID : ERR_OK);
	}
}

static void json_as_a_whole_judged(void **state)
{
	struct fixture *f = *state;
	char text[RECORD_TEXT_MAX + 64] = "{\"name\":\"";

	assert_int_equal(thing_from_json(f, "[]", NULL), ERR_INVALID);
	assert_string_equal(f->why.text, "an object is expected, this is an array");
	assert_int_equal(thing_from_json(f, "{}", NULL), ERR_INVALID);
	assert_string_equal(f->why.text, "name: is required and missing");
	assert_int_equal(thing_from_json(f, "{\"nmae\":\"x\"}", NULL),
			 ERR_INVALID); /* mistyped, not only missing */
	assert_string_equal(f->why.text, "nmae: unknown name, did you mean 'name'?");
	memset(text + 9, 'x', RECORD_TEXT_MAX + 1);
	text_add(text, sizeof(text), "\"}");
	assert_int_equal(thing_from_json(f, text, NULL), ERR_INVALID);
	assert_string_equal(f->why.text, "name: 4097 bytes of text are more than the most, 4096");
}

static void without_a_reason_to_give(void **state)
{
	struct fixture *f = *state;
	json_t *json = json_loads("{\"name\":\"x\",\"colour\":\"violet\"}", 0, NULL);
	struct cborr r = cborr_over("\xA1\x01\x00", 3);

	assert_int_equal(record_from_json(&thing_schema, json, NULL, &thing_euro, &f->arena, &f->thing, NULL),
			 ERR_INVALID);
	assert_int_equal(record_from_cbor(&thing_schema, &r, &f->arena, &f->thing, NULL), ERR_INVALID);
	json_decref(json);
}

/* Follows names into a JSON document. */
static const json_t *dig(const json_t *at, const char *const *path)
{
	for (; *path; path++)
		at = json_object_get(at, *path);
	return at;
}

#define DIG(json, ...) dig(json, (const char *const[]){__VA_ARGS__, NULL})

static void schema_says_what_the_table_says(void **state)
{
	struct fixture *f = *state;
	struct jsonw w;
	json_t *s;

	jsonw_begin(&w, &f->out);
	record_to_schema(&thing_schema, "thing", &w);
	assert_int_equal(jsonw_end(&w), ERR_OK);
	s = json_loadb((const char *)buf_front(&f->out), buf_length(&f->out), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(s);
	assert_string_equal(json_string_value(DIG(s, "$schema")),
			    "https://json-schema.org/draft/2020-12/schema");
	assert_string_equal(json_string_value(DIG(s, "properties", "type", "const")), "thing");
	assert_true(json_is_false(DIG(s, "additionalProperties")));
	assert_int_equal(json_array_size(DIG(s, "required")), 2);
	assert_int_equal(json_integer_value(DIG(s, "properties", "count", "minimum")), -5);
	assert_int_equal(json_integer_value(DIG(s, "properties", "price", "minimum")), 0);
	assert_string_equal(json_string_value(DIG(s, "properties", "price", "pattern")),
			    "^[0-9]+(\\.[0-9]+)?$");
	assert_string_equal(json_string_value(DIG(s, "properties", "share", "pattern")),
			    "^[0-9]+(\\.[0-9]{1,4}0*)?$");
	assert_int_equal(json_integer_value(DIG(s, "properties", "share", "maximum")), 100);
	assert_int_equal(json_array_size(DIG(s, "properties", "colour", "enum")), 3);
	assert_true(json_is_true(DIG(s, "properties", "active", "default")));
	assert_int_equal(json_integer_value(DIG(s, "properties", "hash", "maxLength")), 8);
	assert_int_equal(json_integer_value(DIG(s, "properties", "needs", "maxItems")), 3);
	assert_int_equal(json_integer_value(
				 DIG(s, "properties", "needs", "items", "properties", "quantity", "minimum")),
			 1);
	assert_string_equal(json_string_value(DIG(s, "properties", "needs", "items", "properties", "quantity",
						  "default")),
			    "1");
	assert_int_equal(json_integer_value(DIG(s, "properties", "main", "properties", "sku", "maxLength")),
			 8);
	assert_string_equal(json_string_value(DIG(s, "properties", "tags", "items", "type")), "string");
	json_decref(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, thing_set_up, thing_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(json_becomes_a_struct),
		TEST(what_is_left_out_is_absent),
		TEST(json_there_and_back),
		TEST(json_judged),
		TEST(json_as_a_whole_judged),
		TEST(without_a_reason_to_give),
		TEST(schema_says_what_the_table_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
