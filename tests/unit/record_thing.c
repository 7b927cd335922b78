/*
 * A thing, its table, and its three forms. See record_thing.h.
 */
#include "record_thing.h"

#include <string.h>

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

const struct schema thing_schema = {"thing", sizeof(struct thing), thing_fields, COUNT(thing_fields),
				    "A thing."};

const struct record_context thing_euro = {.exponent = 2};

int thing_set_up(void **state)
{
	static struct fixture f;

	f = (struct fixture){.arena = ARENA_EMPTY};
	buf_init(&f.out, 1 << 20);
	*state = &f;
	return 0;
}

int thing_tear_down(void **state)
{
	struct fixture *f = *state;

	arena_free(&f->arena);
	buf_free(&f->out);
	return 0;
}

enum err thing_from_json(struct fixture *f, const char *text, const char *skip)
{
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	enum err e;

	if (!json)
		fail_msg("the test's JSON is wrong: %s", text);
	f->why.text[0] = '\0';
	e = record_from_json(&thing_schema, json, skip, &thing_euro, &f->arena, &f->thing, &f->why);
	json_decref(json);
	return e;
}

enum err thing_from_cbor(struct fixture *f, const void *bytes, size_t n)
{
	struct cborr r = cborr_over(bytes, n);
	enum err e;

	f->why.text[0] = '\0';
	e = record_from_cbor(&thing_schema, &r, &f->arena, &f->thing, &f->why);
	assert_ptr_equal(r.at, e ? (const uint8_t *)bytes : r.end);
	return e;
}

/* The thing as JSON text, in f->out. */
const char *thing_to_json(struct fixture *f)
{
	struct jsonw w;

	buf_cut(&f->out, 0);
	jsonw_begin(&w, &f->out);
	jsonw_object(&w, NULL);
	record_to_json(&thing_schema, &f->thing, &thing_euro, &w);
	jsonw_close(&w);
	assert_int_equal(jsonw_end(&w), ERR_OK);
	buf_front(&f->out)[buf_length(&f->out) - 1] = '\0';
	return (const char *)buf_front(&f->out);
}

void thing_to_cbor(struct fixture *f)
{
	struct cborw w;

	buf_cut(&f->out, 0);
	cborw_begin(&w, &f->out);
	record_to_cbor(&thing_schema, &f->thing, &w);
	assert_int_equal(cborw_end(&w), ERR_OK);
}

/* The same with a judge: what it finds, and that it leaves the same bytes, or none. */
enum err thing_put(struct fixture *f, struct why *why)
{
	struct buf made;
	struct cborw w;
	enum err e;

	buf_init(&made, 1 << 20);
	cborw_begin(&w, &made);
	e = record_put(&thing_schema, &f->thing, &w, why);
	assert_int_equal(cborw_end(&w), e);
	if (!e) {
		thing_to_cbor(f);
		assert_int_equal(buf_length(&made), buf_length(&f->out));
		assert_memory_equal(buf_front(&made), buf_front(&f->out), buf_length(&made));
	}
	assert_true(!e || buf_length(&made) == 0);
	buf_free(&made);
	return e;
}
