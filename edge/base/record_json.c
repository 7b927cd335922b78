/*
 * Records from JSON. Every reason names the path to the member, built while the error travels outwards.
 */
#include <string.h>

#include "civil.h"
#include "money.h"
#include "record_field.h"

struct reader {
	const struct record_context *context;
	struct arena *arena;
	unsigned depth;
};

static enum err read_record(struct reader *r, const struct schema *s, const json_t *object, const char *skip,
			    void *out, struct why *why);

static const char *type_name(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return "text";
	case JSON_INTEGER:
		return "an integer";
	case JSON_REAL:
		return "a number with a fraction";
	case JSON_TRUE:
	case JSON_FALSE:
		return "a truth value";
	case JSON_NULL:
		return "null (leave it out instead)";
	}
	return "nothing";
}

static enum err wrong_type(const json_t *value, const char *wanted, struct why *why)
{
	return fail(why, ERR_INVALID, "%s is expected, this is %s", wanted, type_name(value));
}

static enum err no_memory(struct why *why)
{
	return fail(why, ERR_MEMORY, "out of memory");
}

enum err text_from_json(const struct field *f, const json_t *value, struct arena *a, const char **out,
			struct why *why)
{
	size_t n = json_string_length(value);
	enum err e;

	if (!json_is_string(value))
		return wrong_type(value, "text", why);
	if (memchr(json_string_value(value), '\0', n))
		return fail(why, ERR_INVALID, "text must not hold the character U+0000");
	e = field_check_text(f, json_string_value(value), n, why);
	if (e)
		return e;
	*out = arena_text(a, json_string_value(value), n);
	return *out ? ERR_OK : no_memory(why);
}

/* 10^exponent times a JSON integer. */
static enum err scale_integer(json_int_t whole, unsigned exponent, int64_t *out)
{
	int64_t value = whole;

	for (; exponent > 0; exponent--)
		if (__builtin_mul_overflow(value, 10, &value))
			return ERR_RANGE;
	*out = value;
	return value == AMOUNT_NONE ? ERR_RANGE : ERR_OK;
}

static enum err explain_decimal(enum err e, const char *text, unsigned exponent, struct why *why)
{
	if (e == ERR_RANGE)
		return fail(why, ERR_INVALID, "'%s' is too large", text);
	return fail(why, ERR_INVALID, "'%s' is no decimal with at most %u decimals, such as \"%s\"", text,
		    exponent, exponent ? "2.5" : "2");
}

static enum err read_decimal(struct reader *r, const struct field *f, const json_t *value, int64_t *out,
			     struct why *why)
{
	unsigned exponent = field_exponent(f, r->context);
	const char *text = json_string_value(value);
	enum err e;

	if (json_is_real(value))
		return fail(why, ERR_INVALID, "write \"%.15g\" in quotes: %s are exact",
			    json_real_value(value), f->kind == FIELD_MONEY ? "prices" : "decimals");
	if (json_is_integer(value)) {
		if (scale_integer(json_integer_value(value), exponent, out))
			return fail(why, ERR_INVALID, "'%" JSON_INTEGER_FORMAT "' is too large",
				    json_integer_value(value));
	} else if (text) {
		e = decimal_parse(text, json_string_length(value), exponent, out);
		if (e)
			return explain_decimal(e, text, exponent, why);
	} else {
		return wrong_type(value, "a decimal in quotes or an integer", why);
	}
	return field_check(f, *out, exponent, why);
}

static enum err read_integer(const struct field *f, const json_t *value, int64_t *out, struct why *why)
{
	if (!json_is_integer(value))
		return wrong_type(value, "an integer", why);
	*out = json_integer_value(value);
	return field_check(f, *out, 0, why);
}

static enum err read_bool(const json_t *value, int64_t *out, struct why *why)
{
	if (!json_is_boolean(value))
		return wrong_type(value, "true or false", why);
	*out = json_is_true(value);
	return ERR_OK;
}

static enum err unknown_choice(const struct field *f, const char *typed, struct why *why)
{
	const char *nearest = nearest_name(typed, f->names, field_names(f));
	enum err e;

	if (nearest)
		return fail(why, ERR_INVALID, "'%s' is unknown, did you mean '%s'?", typed, nearest);
	e = fail(why, ERR_INVALID, "'%s' is not one of %s", typed, f->names[0]);
	for (size_t i = 1; f->names[i] && why; i++)
		e = fail(why, ERR_INVALID, "%s, %s", why->text, f->names[i]);
	return e;
}

static enum err read_enum(const struct field *f, const json_t *value, int64_t *out, struct why *why)
{
	const char *text = json_string_value(value);

	if (!text)
		return wrong_type(value, "text", why);
	for (size_t i = 0; f->names[i]; i++) {
		if (strcmp(f->names[i], text) == 0) {
			*out = (int64_t)i;
			return field_check(f, *out, 0, why);
		}
	}
	return unknown_choice(f, text, why);
}

/* "HH:MM" or "HH:MM:SS" as a civil time of the first day of the epoch; 24:00 is its end. */
static enum err read_time_of_day(const struct field *f, const json_t *value, int64_t *out, struct why *why)
{
	const char *text = json_string_value(value);
	char moment[sizeof("1970-01-01THH:MM:SS")];
	bool local;

	if (!text)
		return wrong_type(value, "a time of day in quotes", why);
	if (strcmp(text, "24:00") == 0 || strcmp(text, "24:00:00") == 0) {
		*out = INT64_C(24) * 3600;
		return field_check(f, *out, 0, why);
	}
	if (strlen(text) <= strlen("HH:MM:SS")) {
		snprintf(moment, sizeof(moment), "1970-01-01T%s", text);
		if (!civil_parse(moment, strlen(moment), out, &local) && local)
			return field_check(f, *out, 0, why);
	}
	return fail(why, ERR_INVALID, "'%s' is no time of day: write \"HH:MM\" or \"HH:MM:SS\"", text);
}

/* The length tells what was left out: "2026-11-21" lasts a day, "2026-11-21T10:00" a minute. */
static int64_t to_last_second(size_t length)
{
	if (length == sizeof("2026-11-21") - 1)
		return 24 * 3600 - 1;
	return length == sizeof("2026-11-21T10:00") - 1 ? 59 : 0;
}

static enum err read_time(const struct field *f, const json_t *value, struct stamp *out, struct why *why)
{
	const char *text = json_string_value(value);
	bool local;

	if (!text)
		return wrong_type(value, "a time in quotes", why);
	if (civil_parse(text, json_string_length(value), &out->seconds, &local))
		return fail(why, ERR_INVALID,
			    "'%s' is no time: write \"2026-11-21T10:00:00\", with Z or +01:00 behind it for "
			    "an instant",
			    text);
	out->local = local;
	if (f->kind == FIELD_TIME_END)
		out->seconds += to_last_second(json_string_length(value));
	return field_check(f, out->seconds, 0, why);
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum err read_bytes(struct reader *r, const struct field *f, const json_t *value, struct bytes *out,
			   struct why *why)
{
	const char *text = json_string_value(value);
	size_t n = json_string_length(value) / 2;
	uint8_t *bytes;
	enum err e;

	if (!text)
		return wrong_type(value, "hexadecimal in quotes", why);
	e = field_check_length(f, n, why);
	if (e)
		return e;
	bytes = arena_get(r->arena, n);
	if (!bytes)
		return no_memory(why);
	for (size_t i = 0; i < n; i++) {
		int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return fail(why, ERR_INVALID, "hexadecimal is 0 to 9 and a to f: look at digit %zu",
				    2 * i + 1);
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	if (json_string_length(value) % 2)
		return fail(why, ERR_INVALID, "hexadecimal with an odd number of digits");
	*out = (struct bytes){bytes, n};
	return ERR_OK;
}

static enum err read_nested(struct reader *r, const struct schema *s, const json_t *value, void *out,
			    struct why *why)
{
	enum err e;

	if (!json_is_object(value))
		return wrong_type(value, "an object", why);
	if (r->depth == RECORD_DEPTH_MAX)
		return fail(why, ERR_INVALID, "nested deeper than %d", RECORD_DEPTH_MAX);
	r->depth++;
	e = read_record(r, s, value, NULL, out, why);
	r->depth--;
	return e;
}

static enum err read_struct(struct reader *r, const struct field *f, const json_t *value, const void **out,
			    struct why *why)
{
	void *record = arena_get(r->arena, f->of->size);

	*out = record;
	return record ? read_nested(r, f->of, value, record, why) : no_memory(why);
}

static enum err read_list(struct reader *r, const struct field *f, const json_t *value, struct list *out,
			  struct why *why)
{
	size_t size = f->of ? f->of->size : sizeof(const char *), n = json_array_size(value);
	enum err e;
	char *items;

	if (!json_is_array(value))
		return wrong_type(value, "an array", why);
	e = field_check_length(f, n, why);
	if (e)
		return e;
	items = arena_get(r->arena, n * size);
	if (!items)
		return no_memory(why);
	for (size_t i = 0; i < n && !e; i++) {
		const json_t *item = json_array_get(value, i);
		void *at = items + i * size;

		e = f->of ? read_nested(r, f->of, item, at, why) : text_from_json(f, item, r->arena, at, why);
		if (e)
			path_item(why, i);
	}
	*out = (struct list){items, n};
	return e;
}

static enum err read_number(const json_t *value, int64_t *out, struct why *why)
{
	if (!json_is_integer(value))
		return wrong_type(value, "an integer", why);
	*out = json_integer_value(value);
	if (*out < 0)
		return fail(why, ERR_INVALID, "'%lld' is below the least, 0", (long long)*out);
	return ERR_OK;
}

static enum err read_numbers(struct reader *r, const struct field *f, const json_t *value, struct list *out,
			     struct why *why)
{
	size_t n = json_array_size(value);
	int64_t *numbers;
	enum err e;

	if (!json_is_array(value))
		return wrong_type(value, "an array", why);
	e = field_check_length(f, n, why);
	if (e)
		return e;
	numbers = arena_get(r->arena, n * sizeof(*numbers));
	if (!numbers)
		return no_memory(why);
	for (size_t i = 0; i < n && !e; i++) {
		e = read_number(json_array_get(value, i), &numbers[i], why);
		if (e)
			path_item(why, i);
	}
	*out = (struct list){numbers, n};
	return e;
}

static enum err read_value(struct reader *r, const struct field *f, const json_t *value, void *at,
			   struct why *why)
{
	switch (f->kind) {
	case FIELD_TEXT:
		return text_from_json(f, value, r->arena, at, why);
	case FIELD_INT:
		return read_integer(f, value, at, why);
	case FIELD_MONEY:
	case FIELD_QTY:
	case FIELD_PERCENT:
		return read_decimal(r, f, value, at, why);
	case FIELD_BOOL:
		return read_bool(value, at, why);
	case FIELD_ENUM:
		return read_enum(f, value, at, why);
	case FIELD_TIME:
	case FIELD_TIME_END:
		return read_time(f, value, at, why);
	case FIELD_DURATION:
		return read_time_of_day(f, value, at, why);
	case FIELD_BYTES:
		return read_bytes(r, f, value, at, why);
	case FIELD_STRUCT:
		return read_struct(r, f, value, at, why);
	case FIELD_LIST:
		return read_list(r, f, value, at, why);
	case FIELD_NUMBERS:
		return read_numbers(r, f, value, at, why);
	case FIELD_WORDS:
		if (!json_is_object(value))
			return wrong_type(value, "an object", why);
		return words_from_json(f, value, r->arena, at, why);
	}
	return ERR_INVALID;
}

static enum err read_field(struct reader *r, const struct field *f, const json_t *value, void *record,
			   struct why *why)
{
	enum err e = read_value(r, f, value, field_at(f, record), why);

	if (e)
		path_field(why, f->name);
	return e;
}

static const struct field *find_field(const struct schema *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->fields[i].name, name) == 0)
			return &s->fields[i];
	return NULL;
}

#define NAMES_MAX 255 /* keys are 1 to 255 */

static enum err unknown_name(const struct schema *s, const char *typed, struct why *why)
{
	const char *names[NAMES_MAX], *nearest;
	size_t n = 0;
	enum err e;

	for (; n < s->count && n < NAMES_MAX; n++)
		names[n] = s->fields[n].name;
	nearest = nearest_name(typed, names, n);
	if (nearest)
		e = fail(why, ERR_INVALID, "unknown name, did you mean '%s'?", nearest);
	else
		e = fail(why, ERR_INVALID, "unknown name");
	path_field(why, typed);
	return e;
}

static enum err check_names(const struct schema *s, const json_t *object, const char *skip, struct why *why)
{
	/* jansson's iterators take the object as not const, and leave it as it is */
	json_t *o = (json_t *)(uintptr_t)object; /* NOLINT(performance-no-int-to-ptr) */

	for (void *at = json_object_iter(o); at; at = json_object_iter_next(o, at)) {
		const char *name = json_object_iter_key(at);

		if (!find_field(s, name) && !(skip && strcmp(name, skip) == 0))
			return unknown_name(s, name, why);
	}
	return ERR_OK;
}

static enum err read_record(struct reader *r, const struct schema *s, const json_t *object, const char *skip,
			    void *out, struct why *why)
{
	size_t found = skip && json_object_get(object, skip) ? 1 : 0;
	enum err e = ERR_OK;

	record_clear(s, out);
	for (size_t i = 0; i < s->count && !e; i++) {
		const json_t *value = json_object_get(object, s->fields[i].name);

		found += value != NULL;
		if (value)
			e = read_field(r, &s->fields[i], value, out, why);
	}
	/* A mistyped name before a missing one: it is probably both. */
	if (!e && found != json_object_size(object))
		e = check_names(s, object, skip, why);
	for (size_t i = 0; i < s->count && !e; i++)
		if (!json_object_get(object, s->fields[i].name))
			e = field_missing(&s->fields[i], why);
	return e;
}

enum err record_from_json(const struct schema *s, const json_t *object, const char *skip,
			  const struct record_context *c, struct arena *a, void *out, struct why *why)
{
	struct reader r = {.context = c, .arena = a, .depth = 1};
	enum err e;

	if (!json_is_object(object))
		return wrong_type(object, "an object", why);
	e = read_record(&r, s, object, skip, out, why);
	if (e)
		path_end(why);
	return e;
}
