/*
 * Records: one table in three forms. The schema here has a field of every kind.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "money.h"
#include "record.h"

struct need {
	const char *sku;
	struct qty quantity;
};

static const struct field need_fields[] = {
	{.key = 1,
	 .name = "sku",
	 .kind = FIELD_TEXT,
	 .offset = offsetof(struct need, sku),
	 .required = true,
	 .min = 1,
	 .max = 8,
	 .text = "What is needed."},
	{.key = 2,
	 .name = "quantity",
	 .kind = FIELD_QTY,
	 .offset = offsetof(struct need, quantity),
	 .has_default = true,
	 .absent = 1000000,
	 .min = 1,
	 .max = 5000000,
	 .text = "How many."},
};

static const struct schema need_schema = {"need", sizeof(struct need), need_fields, COUNT(need_fields),
					  "A need."};

struct thing {
	const char *name;
	int64_t count;
	struct money price;
	struct rate share;
	int64_t active, colour;
	struct stamp from, to;
	int64_t opens;
	struct bytes hash;
	const struct need *main_need;
	struct list needs, tags, counts, labels;
};

static const char *const colours[] = {"red", "green", "blue", NULL};

#define AT(member) .offset = offsetof(struct thing, member)

static const struct field thing_fields[] = {
	{.key = 1, .name = "name", .kind = FIELD_TEXT, AT(name), .required = true},
	{.key = 2, .name = "count", .kind = FIELD_INT, AT(count), .min = -5, .max = 100},
	{.key = 3, .name = "price", .kind = FIELD_MONEY, AT(price), .min = 0, .max = INT64_MAX},
	{.key = 4, .name = "share", .kind = FIELD_PERCENT, AT(share), .min = 0, .max = 1000000},
	{.key = 5, .name = "active", .kind = FIELD_BOOL, AT(active), .has_default = true, .absent = 1},
	{.key = 6, .name = "colour", .kind = FIELD_ENUM, AT(colour), .names = colours},
	{.key = 7, .name = "from", .kind = FIELD_TIME, AT(from)},
	{.key = 8, .name = "to", .kind = FIELD_TIME_END, AT(to)},
	{.key = 9, .name = "opens", .kind = FIELD_DURATION, AT(opens)},
	{.key = 10, .name = "hash", .kind = FIELD_BYTES, AT(hash), .min = 1, .max = 4},
	{.key = 11, .name = "main", .kind = FIELD_STRUCT, AT(main_need), .of = &need_schema},
	{.key = 30, .name = "needs", .kind = FIELD_LIST, AT(needs), .of = &need_schema, .min = 0, .max = 3},
	{.key = 200, .name = "tags", .kind = FIELD_LIST, AT(tags)},
	{.key = 201, .name = "counts", .kind = FIELD_NUMBERS, AT(counts), .min = 0, .max = 3},
	{.key = 202, .name = "labels", .kind = FIELD_WORDS, AT(labels), .min = 1, .max = 3},
};

static const struct schema thing_schema = {"thing", sizeof(struct thing), thing_fields, COUNT(thing_fields),
					   "A thing."};

static const struct record_context euro = {.exponent = 2};

#define FULL                                                                                             \
	"{\"name\":\"K\xC3\xA4se\",\"count\":-5,\"price\":\"2.40\",\"share\":\"12.5\",\"active\":false," \
	"\"colour\":\"blue\",\"from\":\"2026-11-21T10:00:00Z\",\"to\":\"2026-11-21T23:59:59\","          \
	"\"opens\":\"24:00\",\"hash\":\"00abff\",\"main\":{\"sku\":\"MILK\"},"                           \
	"\"needs\":[{\"sku\":\"A\",\"quantity\":\"0.000001\"},{\"sku\":\"B\",\"quantity\":\"2.5\"}],"    \
	"\"tags\":[\"x\",\"\"],\"counts\":[0,300],"                                                      \
	"\"labels\":{\"de\":\"K\xC3\xA4se\",\"fr\":\"\",\"pt-BR\":\"queijo\"}}"

struct fixture {
	struct arena arena;
	struct buf out;
	struct thing thing;
	struct why why;
};

static int set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){.arena = ARENA_EMPTY};
	buf_init(&f.out, 1 << 20);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	arena_free(&f->arena);
	buf_free(&f->out);
	return 0;
}

static enum err from_json(struct fixture *f, const char *text, const char *skip)
{
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	enum err e;

	if (!json)
		fail_msg("the test's JSON is wrong: %s", text);
	f->why.text[0] = '\0';
	e = record_from_json(&thing_schema, json, skip, &euro, &f->arena, &f->thing, &f->why);
	json_decref(json);
	return e;
}

static enum err from_cbor(struct fixture *f, const void *bytes, size_t n)
{
	struct cborr r = cborr_over(bytes, n);
	enum err e;

	f->why.text[0] = '\0';
	e = record_from_cbor(&thing_schema, &r, &f->arena, &f->thing, &f->why);
	assert_ptr_equal(r.at, e ? (const uint8_t *)bytes : r.end);
	return e;
}

/* The thing as JSON text, in f->out. */
static const char *to_json(struct fixture *f)
{
	struct jsonw w;

	buf_cut(&f->out, 0);
	jsonw_begin(&w, &f->out);
	jsonw_object(&w, NULL);
	record_to_json(&thing_schema, &f->thing, &euro, &w);
	jsonw_close(&w);
	assert_int_equal(jsonw_end(&w), ERR_OK);
	buf_front(&f->out)[buf_length(&f->out) - 1] = '\0';
	return (const char *)buf_front(&f->out);
}

static void to_cbor(struct fixture *f)
{
	struct cborw w;

	buf_cut(&f->out, 0);
	cborw_begin(&w, &f->out);
	record_to_cbor(&thing_schema, &f->thing, &w);
	assert_int_equal(cborw_end(&w), ERR_OK);
}

/* The same with a judge: what it finds, and that it leaves the same bytes, or none. */
static enum err put(struct fixture *f, struct why *why)
{
	struct buf made;
	struct cborw w;
	enum err e;

	buf_init(&made, 1 << 20);
	cborw_begin(&w, &made);
	e = record_put(&thing_schema, &f->thing, &w, why);
	assert_int_equal(cborw_end(&w), e);
	if (!e) {
		to_cbor(f);
		assert_int_equal(buf_length(&made), buf_length(&f->out));
		assert_memory_equal(buf_front(&made), buf_front(&f->out), buf_length(&made));
	}
	assert_true(!e || buf_length(&made) == 0);
	buf_free(&made);
	return e;
}

static void json_becomes_a_struct(void **state)
{
	struct fixture *f = *state;
	const struct thing *t = &f->thing;
	const struct need *needs;

	assert_int_equal(from_json(f, FULL, NULL), ERR_OK);
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

	assert_int_equal(from_json(f, "{\"name\":\"\",\"type\":\"thing\"}", "type"), ERR_OK);
	assert_true(t->count == AMOUNT_NONE && t->price.minor == AMOUNT_NONE && t->share.ppm == AMOUNT_NONE);
	assert_int_equal(t->active, 1);
	assert_true(t->colour == AMOUNT_NONE && t->from.seconds == AMOUNT_NONE && t->opens == AMOUNT_NONE);
	assert_null(t->hash.at);
	assert_null(t->main_need);
	assert_int_equal(t->needs.count + t->tags.count, 0);
	assert_string_equal(to_json(f), "{\"name\":\"\"}");
	to_cbor(f);
	assert_memory_equal(buf_front(&f->out), "\xA1\x01\x60", 3); /* {1: ""} */
	assert_int_equal(buf_length(&f->out), 3);
}

static void json_there_and_back(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(from_json(f, FULL, NULL), ERR_OK);
	assert_string_equal(to_json(f), FULL);
}

/* {1: "N", 2: -5, 3: 240, 5: false, 6: 2, 7: [0, false], 11: {1: "M"}, 30: [{1: "A", 2: 1}], 200: ["x"]} */
static const uint8_t some_cbor[] = {0xA9, 1,	0x61, 'N',  2,	  0x24, 3,    0x18, 240,  5,	0xF4, 6,
				    2,	  7,	0x82, 0,    0xF4, 11,	0xA1, 1,    0x61, 'M',	0x18, 30,
				    0x81, 0xA2, 1,    0x61, 'A',  2,	1,    0x18, 200,  0x81, 0x61, 'x'};

static void cbor_is_as_worked_by_hand(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
		from_json(
			f,
			"{\"name\":\"N\",\"count\":-5,\"price\":\"2.4\",\"active\":false,\"colour\":\"blue\","
			"\"from\":\"1970-01-01T00:00:00Z\",\"main\":{\"sku\":\"M\",\"quantity\":1},"
			"\"needs\":[{\"sku\":\"A\",\"quantity\":\"0.000001\"}],\"tags\":[\"x\"]}",
			NULL),
		ERR_OK);
	to_cbor(f);
	assert_int_equal(buf_length(&f->out), sizeof(some_cbor));
	assert_memory_equal(buf_front(&f->out), some_cbor, sizeof(some_cbor));
}

static void cbor_there_and_back(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[512];
	size_t n;

	assert_int_equal(from_json(f, FULL, NULL), ERR_OK);
	to_cbor(f);
	n = buf_length(&f->out);
	memcpy(bytes, buf_front(&f->out), n);
	assert_int_equal(cbor_check(bytes, n), ERR_OK);
	memset(&f->thing, 0xEE, sizeof(f->thing));
	assert_int_equal(from_cbor(f, bytes, n), ERR_OK);
	assert_string_equal(to_json(f), FULL);
}

/* A buffer that the record just fills takes it; one byte less, and what was in it stays alone. */
static void fill_to_bound(struct fixture *f, const char *json)
{
	struct cborw w;
	struct buf b;
	size_t n;

	assert_int_equal(from_json(f, json, NULL), ERR_OK);
	to_cbor(f);
	n = buf_length(&f->out);
	for (size_t room = 0; room <= n; room++) {
		buf_init(&b, room + 3);
		assert_true(buf_add(&b, "abc", 3));
		cborw_begin(&w, &b);
		record_to_cbor(&thing_schema, &f->thing, &w);
		assert_int_equal(cborw_end(&w), room < n ? ERR_LIMIT : ERR_OK);
		assert_int_equal(buf_length(&b), room < n ? 3 : 3 + n);
		assert_memory_equal(buf_front(&b), "abc", 3);
		if (room == n)
			assert_memory_equal(buf_front(&b) + 3, buf_front(&f->out), n);
		buf_free(&b);
	}
}

static void a_buffer_is_filled_to_its_bound(void **state)
{
	fill_to_bound(*state, FULL);
	fill_to_bound(*state, "{\"name\":\"x\"}");
	fill_to_bound(*state, "{\"name\":\"x\",\"count\":7}");
}

/* Fields 1 to 24 with a zero each: b8 18 (a map of 24), then keys below 24 in a byte, and 18 18. */
static void a_map_of_many_has_a_longer_head(void **state)
{
	static const int64_t zeros[24];
	struct field fields[24];
	const struct schema s = {"many", sizeof(zeros), fields, 24, "Many."};
	struct cborw w;
	struct buf b;

	(void)state;
	for (uint8_t i = 0; i < 24; i++)
		/* cppcheck-suppress unreadVariable ; the schema points to them */
		fields[i] = (struct field){
			.key = i + 1, .name = "n", .kind = FIELD_INT, .offset = i * sizeof(zeros[0])};
	buf_init(&b, 64);
	cborw_begin(&w, &b);
	record_to_cbor(&s, zeros, &w);
	assert_int_equal(cborw_end(&w), ERR_OK);
	assert_int_equal(buf_length(&b), 2 + 23 * 2 + 3);
	assert_memory_equal(buf_front(&b), "\xb8\x18\x01\x00\x02\x00", 6);
	assert_memory_equal(buf_front(&b) + 46, "\x17\x00\x18\x18\x00", 5);
	buf_free(&b);
}

static void every_cut_of_cbor_is_refused(void **state)
{
	struct fixture *f = *state;

	for (size_t n = 0; n < sizeof(some_cbor); n++)
		assert_int_equal(from_cbor(f, some_cbor, n), ERR_INVALID);
	assert_int_equal(from_cbor(f, some_cbor, sizeof(some_cbor)), ERR_OK);
}

#define BYTES(literal) literal, sizeof(literal) - 1

static void cbor_judged(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *why; /* NULL: fine */
	} rows[] = {
		{BYTES("\xA1\x01\x60"), NULL},
		{BYTES("\xA3\x00\x01\x01\x60\x0C\x81\xA0"),
		 NULL},					   /* keys 0 and 12 are unknown: passed over */
		{BYTES("\xA2\x01\x60\x18\xFF\xF6"), NULL}, /* 255, behind the last */
		{BYTES("\xA0"), "name: is required and missing"},
		{BYTES("\xA1\x02\x00"), "name: is required and missing"},
		{BYTES("\x80"), "a map in deterministic CBOR is expected"},
		{BYTES("\xA1\x01\x00"), "name: text in deterministic CBOR is expected"},
		{BYTES("\xA1\x01\x78\x00"), "name: text in deterministic CBOR is expected"},
		{BYTES("\xA2\x01\x60\x02\x18\x65"), "count: '101' is above the most, 100"},
		{BYTES("\xA2\x01\x60\x02\x25"), "count: '-6' is below the least, -5"},
		{BYTES("\xA2\x01\x60\x06\x03"), "colour: '3' is above the most, 2"},
		{BYTES("\xA2\x01\x60\x05\x01"), "active: a truth value in deterministic CBOR is expected"},
		{BYTES("\xA2\x01\x60\x07\x81\x00"), "from: a time is an array of two"},
		{BYTES("\xA2\x01\x60\x0A\x40"), "hash: 0 bytes are fewer than the least, 1"},
		{BYTES("\xA2\x01\x60\x0B\xA0"), "main.sku: is required and missing"},
		{BYTES("\xA2\x01\x60\x18\x1E\x81\xA2\x01\x61\x41\x02\x00"),
		 "needs[0].quantity: '0' is below the least, 0.000001"},
		{BYTES("\xA2\x01\x60\x18\x1E\x84\xA0\xA0\xA0\xA0"),
		 "needs: 4 items are more than the most, 3"},
		{BYTES("\xA2\x01\x60\x18\xC8\x82\x60\x00"),
		 "tags[1]: text in deterministic CBOR is expected"},
		{BYTES("\xA2\x01\x60\x18\xC9\x82\x00\x19\x01\x2C"), NULL}, /* 201: [0, 300] */
		{BYTES("\xA2\x01\x60\x18\xC9\x82\x00\x20"), "counts[1]: '-1' is below the least, 0"},
		{BYTES("\xA2\x01\x60\x18\xC9\x81\x60"),
		 "counts[0]: an integer in deterministic CBOR is expected"},
		{BYTES("\xA2\x01\x60\x18\xC9\x84\x00\x00\x00\x00"),
		 "counts: 4 items are more than the most, 3"},
		{BYTES("\xA2\x01\x60\x18\xC9\x00"), "counts: an array in deterministic CBOR is expected"},
		{BYTES("\xA2\x01\x60\x18\xCA\x84\x62\x66\x72\x60\x62\x66\x73\x60"), NULL}, /* 202: fr, fs */
		{BYTES("\xA2\x01\x60\x18\xCA\x84\x62\x66\x73\x60\x62\x66\x72\x60"),
		 "labels: key 'fr' does not ascend"},
		{BYTES("\xA2\x01\x60\x18\xCA\x84\x62\x66\x72\x60\x62\x66\x72\x60"),
		 "labels: key 'fr' does not ascend"},
		{BYTES("\xA2\x01\x60\x18\xCA\x80"), "labels: 0 items are fewer than the least, 1"},
		{BYTES("\xA2\x01\x60\x18\xCA\x88\x00\x00\x00\x00\x00\x00\x00\x00"),
		 "labels: 4 items are more than the most, 3"},
		{BYTES("\xA2\x01\x60\x18\xCA\x82\x60\x60"),
		 "labels: a name here is 1 to 64 letters, digits and hyphens"},
		{BYTES("\xA2\x01\x60\x18\xCA\x82\x61\x00\x60"),
		 "labels: text in deterministic CBOR is expected"},
		{BYTES("\xA2\x01\x60\x18\xCA\x82\x00\x60"), "labels: text in deterministic CBOR is expected"},
		{BYTES("\xA2\x01\x60\x18\xCA\x82\x61\x61\x00"),
		 "labels: text in deterministic CBOR is expected"},
		{BYTES("\xA2\x01\x60\x18\xCA\xA0"), "labels: an array in deterministic CBOR is expected"},
		{BYTES("\xA2\x01\x60\x18\xCA\x81\x60"), "labels: a text for each key is expected"},
		{BYTES("\xA2\x02\x00\x01\x60"), "name: is required and missing"},
		{BYTES("\xA2\x01\x60\x01\x60"), "key 1 does not ascend"},
		{BYTES("\xA3\x01\x60\x0D\x00\x0C\x00"), "key 12 does not ascend"},
		{BYTES("\xA2\x01\x60\x0C\x18\x00"), "key 12: no deterministic CBOR"},
		{BYTES("\xA2\x01\x60\x61\x61\x00"), "an integer in deterministic CBOR is expected"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		enum err e = from_cbor(f, rows[i].bytes, rows[i].n);

		assert_int_equal(e, rows[i].why ? ERR_INVALID : ERR_OK);
		assert_string_equal(f->why.text, rows[i].why ? rows[i].why : "");
	}
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
		e = from_json(f, text, NULL);
		assert_string_equal(f->why.text, judged[i].why ? judged[i].why : "");
		assert_int_equal(e, judged[i].why ? ERR_INVALID : ERR_OK);
	}
}

static void json_as_a_whole_judged(void **state)
{
	struct fixture *f = *state;
	char text[RECORD_TEXT_MAX + 64] = "{\"name\":\"";

	assert_int_equal(from_json(f, "[]", NULL), ERR_INVALID);
	assert_string_equal(f->why.text, "an object is expected, this is an array");
	assert_int_equal(from_json(f, "{}", NULL), ERR_INVALID);
	assert_string_equal(f->why.text, "name: is required and missing");
	assert_int_equal(from_json(f, "{\"nmae\":\"x\"}", NULL),
			 ERR_INVALID); /* mistyped, not only missing */
	assert_string_equal(f->why.text, "nmae: unknown name, did you mean 'name'?");
	memset(text + 9, 'x', RECORD_TEXT_MAX + 1);
	text_add(text, sizeof(text), "\"}");
	assert_int_equal(from_json(f, text, NULL), ERR_INVALID);
	assert_string_equal(f->why.text, "name: 4097 bytes of text are more than the most, 4096");
}

static void without_a_reason_to_give(void **state)
{
	struct fixture *f = *state;
	json_t *json = json_loads("{\"name\":\"x\",\"colour\":\"violet\"}", 0, NULL);
	struct cborr r = cborr_over("\xA1\x01\x00", 3);

	assert_int_equal(record_from_json(&thing_schema, json, NULL, &euro, &f->arena, &f->thing, NULL),
			 ERR_INVALID);
	assert_int_equal(record_from_cbor(&thing_schema, &r, &f->arena, &f->thing, NULL), ERR_INVALID);
	json_decref(json);
}

struct chain {
	const struct chain *next;
};

static const struct schema chain_schema;
static const struct field chain_fields[] = {
	{.key = 1,
	 .name = "next",
	 .kind = FIELD_STRUCT,
	 .offset = offsetof(struct chain, next),
	 .of = &chain_schema},
};
static const struct schema chain_schema = {"chain", sizeof(struct chain), chain_fields, 1, NULL};

/* A record in a record ... RECORD_DEPTH_MAX of them are fine. */
static void depth_has_a_bound(void **state)
{
	struct fixture *f = *state;

	for (int depth = RECORD_DEPTH_MAX; depth <= RECORD_DEPTH_MAX + 1; depth++) {
		enum err expected = depth > RECORD_DEPTH_MAX ? ERR_INVALID : ERR_OK;
		char text[256] = "", bytes[32];
		struct chain chain;
		struct cborr r;
		json_t *json;
		size_t n = 0;

		for (int i = 1; i < depth; i++) {
			text_add(text, sizeof(text), "{\"next\":");
			bytes[n++] = '\xA1';
			bytes[n++] = '\x01';
		}
		text_add(text, sizeof(text), "{}");
		bytes[n++] = '\xA0';
		for (int i = 1; i < depth; i++)
			text_add(text, sizeof(text), "}");
		json = json_loads(text, 0, NULL);
		assert_int_equal(
			record_from_json(&chain_schema, json, NULL, &euro, &f->arena, &chain, &f->why),
			expected);
		r = cborr_over(bytes, n);
		assert_int_equal(record_from_cbor(&chain_schema, &r, &f->arena, &chain, &f->why), expected);
		json_decref(json);
	}
	assert_non_null(strstr(f->why.text, "next.next: nested deeper than 8"));
}

/* What this version does not know counts against the depth of CBOR from the outermost map on. */
static void unknown_values_have_the_depth_of_all(void **state)
{
	struct fixture *f = *state;

	for (int depth = CBOR_DEPTH_MAX; depth <= CBOR_DEPTH_MAX + 1; depth++) {
		uint8_t bytes[CBOR_DEPTH_MAX + 8];
		struct chain chain;
		struct cborr r;
		size_t n = 0;

		for (int i = 0; i < 3; i++) { /* three maps, of {1: the next} */
			bytes[n++] = 0xA1;
			bytes[n++] = i < 2 ? 0x01 : 0x09;
		}
		for (int i = 4; i <= depth; i++) /* the third's key 9: arrays of one in arrays of one */
			bytes[n++] = 0x81;
		bytes[n++] = 0;
		r = cborr_over(bytes, n);
		assert_int_equal(record_from_cbor(&chain_schema, &r, &f->arena, &chain, &f->why),
				 depth > CBOR_DEPTH_MAX ? ERR_INVALID : ERR_OK);
		assert_int_equal(cbor_check(bytes, n), depth > CBOR_DEPTH_MAX ? ERR_LIMIT : ERR_OK);
	}
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

/* A record that does not fit is refused with the words of the reader that would not take what is written. */
static void what_does_not_fit(void **state)
{
	static const struct need few = {"A", {0}}, four[4] = {{"A", {1}}, {"B", {1}}, {"C", {1}}, {"D", {1}}};
	static const struct need pair[2] = {{"A", {1}}, {"123456789", {1}}};
	static const int64_t numbers[] = {1, -1};
	static char long_text[RECORD_TEXT_MAX + 2];
	static const char *const tags[] = {"x", long_text};
	struct thing bad[] = {
		{.name = NULL},
		{.name = long_text},
		{.name = "x", .count = 101},
		{.name = "x", .price = {-1}},
		{.name = "x", .colour = 3},
		{.name = "x", .opens = 86401},
		{.name = "x", .hash = {(const uint8_t *)"12345", 5}},
		{.name = "x", .main_need = &few},
		{.name = "x", .needs = {four, 4}},
		{.name = "x", .needs = {pair, 2}},
		{.name = "x", .tags = {tags, 2}},
		{.name = "x", .counts = {numbers, 2}},
	};
	struct fixture *f = *state;

	memset(long_text, 'x', RECORD_TEXT_MAX + 1);
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct why why = {0};

		f->thing = bad[i];
		assert_int_equal(put(f, &why), ERR_INVALID);
		to_cbor(f);
		assert_int_equal(from_cbor(f, buf_front(&f->out), buf_length(&f->out)), ERR_INVALID);
		assert_string_equal(why.text, f->why.text);
	}
	assert_int_equal(from_json(f, FULL, NULL), ERR_OK);
	assert_int_equal(put(f, &f->why), ERR_OK);
}

/* Random CBOR must be refused or read, within bounds; what is read is written as something that reads the
 * same. */
static void damaged_cbor_does_no_harm(void **state)
{
	struct fixture *f = *state;
	uint64_t s = seed_start("record");

	for (int round = 0; round < 100000; round++) {
		uint8_t bytes[sizeof(some_cbor)];
		struct cborr r = cborr_over(bytes, sizeof(bytes));

		memcpy(bytes, some_cbor, sizeof(bytes));
		for (uint64_t i = seed_next(&s) % 3 + 1; i > 0; i--)
			bytes[seed_next(&s) % sizeof(bytes)] = (uint8_t)seed_next(&s);
		if (!record_from_cbor(&thing_schema, &r, &f->arena, &f->thing, &f->why)) {
			assert_int_equal(put(f, &f->why), ERR_OK);
			to_cbor(f);
			assert_int_equal(cbor_check(buf_front(&f->out), buf_length(&f->out)), ERR_OK);
		}
		arena_reset(&f->arena);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(json_becomes_a_struct),
		TEST(what_is_left_out_is_absent),
		TEST(json_there_and_back),
		TEST(cbor_is_as_worked_by_hand),
		TEST(cbor_there_and_back),
		TEST(a_buffer_is_filled_to_its_bound),
		TEST(a_map_of_many_has_a_longer_head),
		TEST(every_cut_of_cbor_is_refused),
		TEST(what_does_not_fit),
		TEST(cbor_judged),
		TEST(json_judged),
		TEST(json_as_a_whole_judged),
		TEST(without_a_reason_to_give),
		TEST(depth_has_a_bound),
		TEST(unknown_values_have_the_depth_of_all),
		TEST(schema_says_what_the_table_says),
		TEST(damaged_cbor_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
