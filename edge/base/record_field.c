/*
 * Members of records: access, absence, ranges. See record_field.h.
 */
#include "record_field.h"

#include <string.h>

#include "money.h"

#define DAY_S 86400

void field_set_number(const struct field *f, void *record, int64_t value)
{
	*(int64_t *)field_at(f, record) = value;
}

void field_clear(const struct field *f, void *record)
{
	if (field_is_number(f->kind) || f->kind == FIELD_TIME || f->kind == FIELD_TIME_END)
		field_set_number(f, record, f->has_default ? f->absent : AMOUNT_NONE);
}

void record_clear(const struct schema *s, void *out)
{
	memset(out, 0, s->size);
	for (size_t i = 0; i < s->count; i++)
		field_clear(&s->fields[i], out);
}

size_t field_names(const struct field *f)
{
	size_t n = 0;

	while (f->names[n])
		n++;
	return n;
}

static int64_t kind_min(enum field_kind kind)
{
	switch (kind) {
	case FIELD_INT:
	case FIELD_MONEY:
	case FIELD_QTY:
	case FIELD_PERCENT:
	case FIELD_TIME:
	case FIELD_TIME_END:
		return AMOUNT_NONE + 1;
	case FIELD_BOOL:
	case FIELD_ENUM:
	case FIELD_DURATION:
	case FIELD_TEXT:
	case FIELD_BYTES:
	case FIELD_STRUCT:
	case FIELD_LIST:
	case FIELD_NUMBERS:
	case FIELD_WORDS:
		return 0;
	}
	return 0;
}

static int64_t kind_max(const struct field *f)
{
	switch (f->kind) {
	case FIELD_INT:
	case FIELD_MONEY:
	case FIELD_QTY:
	case FIELD_PERCENT:
	case FIELD_TIME:
	case FIELD_TIME_END:
		return INT64_MAX;
	case FIELD_BOOL:
		return 1;
	case FIELD_ENUM:
		return (int64_t)field_names(f) - 1;
	case FIELD_DURATION:
		return DAY_S;
	case FIELD_TEXT:
	case FIELD_BYTES:
		return RECORD_TEXT_MAX;
	case FIELD_LIST:
	case FIELD_NUMBERS:
	case FIELD_WORDS:
		return RECORD_LIST_MAX;
	case FIELD_STRUCT:
		return 0;
	}
	return 0;
}

int64_t field_min(const struct field *f)
{
	return field_is_open(f) ? kind_min(f->kind) : f->min;
}

int64_t field_max(const struct field *f)
{
	bool own = f->max < f->min || field_is_open(f);

	return own ? kind_max(f) : f->max;
}

unsigned field_exponent(const struct field *f, const struct record_context *c)
{
	if (f->kind == FIELD_MONEY)
		return c ? c->exponent : 0;
	if (f->kind == FIELD_QTY)
		return QTY_EXPONENT;
	return f->kind == FIELD_PERCENT ? RATE_PERCENT_EXPONENT : 0;
}

enum err field_check(const struct field *f, int64_t value, unsigned exponent, struct why *why)
{
	char typed[DECIMAL_TEXT_MAX], bound[DECIMAL_TEXT_MAX];
	int64_t min = field_min(f), max = field_max(f);

	if (value >= min && value <= max)
		return ERR_OK;
	decimal_format(value, exponent, 0, typed);
	decimal_format(value < min ? min : max, exponent, 0, bound);
	if (value < min)
		return fail(why, ERR_INVALID, "'%s' is below the least, %s", typed, bound);
	return fail(why, ERR_INVALID, "'%s' is above the most, %s", typed, bound);
}

static const char *unit(enum field_kind kind)
{
	if (kind == FIELD_TEXT)
		return "characters";
	return kind == FIELD_BYTES ? "bytes" : "items";
}

enum err field_check_length(const struct field *f, size_t length, struct why *why)
{
	int64_t min = field_min(f), max = field_max(f);

	if (length > (size_t)max)
		return fail(why, ERR_INVALID, "%zu %s are more than the most, %lld", length, unit(f->kind),
			    (long long)max);
	if (length < (size_t)min)
		return fail(why, ERR_INVALID, "%zu %s are fewer than the least, %lld", length, unit(f->kind),
			    (long long)min);
	return ERR_OK;
}

enum err field_check_text(const struct field *f, const char *text, size_t n, struct why *why)
{
	size_t characters = 0;

	if (n > RECORD_TEXT_MAX)
		return fail(why, ERR_INVALID, "%zu bytes of text are more than the most, %d", n,
			    RECORD_TEXT_MAX);
	if (field_counts_texts(f) || field_is_open(f))
		return ERR_OK;
	for (size_t i = 0; i < n; i++)
		characters += ((unsigned char)text[i] & 0xC0) != 0x80;
	return field_check_length(f, characters, why);
}

enum err field_missing(const struct field *f, struct why *why)
{
	enum err e = f->required ? fail(why, ERR_INVALID, "is required and missing") : ERR_OK;

	if (e)
		path_field(why, f->name);
	return e;
}

/* Between the path and the reason proper stands a colon. Reasons never begin like a path does. */
static const char *colon(const struct why *why)
{
	return why->text[0] == '.' || why->text[0] == '[' ? "" : ": ";
}

void path_field(struct why *why, const char *name)
{
	if (why)
		why_prefix(why, ".%s%s", name, colon(why));
}

void path_item(struct why *why, size_t i)
{
	if (why)
		why_prefix(why, "[%zu]%s", i, colon(why));
}

void path_end(struct why *why)
{
	if (why && why->text[0] == '.')
		memmove(why->text, why->text + 1, strlen(why->text));
}
