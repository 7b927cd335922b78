/*
 * Records as JSON Schema (draft 2020-12). Where JSON Schema cannot say a rule (a range of decimal text), the
 * document is wider than the program; it is never narrower.
 */
#include <stdio.h>

#include "money.h"
#include "record_field.h"

#define DATE  "[0-9]{4}-[0-9]{2}-[0-9]{2}"
#define CLOCK "[0-9]{2}:[0-9]{2}"

static const char time_pattern[] =
	"^" DATE "([Tt]" CLOCK "(:[0-9]{2}((\\.[0-9]+)?([Zz]|[+-]" CLOCK "))?)?)?$";
static const char time_of_day_pattern[] = "^(([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?|24:00(:00)?)$";
static const char hex_pattern[] = "^([0-9a-f]{2})*$";

static void write_object(struct jsonw *w, const struct schema *s, const char *type, unsigned depth);

static int64_t power_of_ten(unsigned exponent)
{
	int64_t power = 1;

	for (; exponent > 0; exponent--)
		power *= 10;
	return power;
}

/* Which whole numbers are allowed beside text. Money's scale is the book's, so only its sign is known. */
static void write_whole_range(struct jsonw *w, const struct field *f)
{
	int64_t scale = power_of_ten(field_exponent(f, NULL));
	int64_t min = field_min(f), max = field_max(f);

	if (min > 0)
		jsonw_int(w, "minimum", 1 + (f->kind == FIELD_MONEY ? 0 : (min - 1) / scale));
	else if (min == 0)
		jsonw_int(w, "minimum", 0);
	if (max != INT64_MAX && max >= 0 && f->kind != FIELD_MONEY)
		jsonw_int(w, "maximum", max / scale);
}

static void write_decimal(struct jsonw *w, const struct field *f)
{
	const char *sign = field_min(f) < 0 ? "-?" : "";
	char pattern[64];
	int n;

	jsonw_array(w, "type");
	jsonw_text(w, NULL, "string");
	jsonw_text(w, NULL, "integer");
	jsonw_close(w);
	if (f->kind == FIELD_MONEY)
		n = snprintf(pattern, sizeof(pattern), "^%s[0-9]+(\\.[0-9]+)?$", sign);
	else
		n = snprintf(pattern, sizeof(pattern), "^%s[0-9]+(\\.[0-9]{1,%u}0*)?$", sign,
			     field_exponent(f, NULL));
	jsonw_text_n(w, "pattern", pattern, (size_t)n);
	write_whole_range(w, f);
}

static void write_integer(struct jsonw *w, const struct field *f)
{
	jsonw_text(w, "type", "integer");
	if (field_min(f) > AMOUNT_NONE + 1)
		jsonw_int(w, "minimum", field_min(f));
	if (field_max(f) < INT64_MAX)
		jsonw_int(w, "maximum", field_max(f));
}

static void write_pattern(struct jsonw *w, const char *pattern)
{
	jsonw_text(w, "type", "string");
	jsonw_text(w, "pattern", pattern);
}

/* Lengths in units of each: a byte is two digits. */
static void write_lengths(struct jsonw *w, const struct field *f, const char *min, const char *max,
			  int64_t each)
{
	if (field_min(f) > 0)
		jsonw_int(w, min, field_min(f) * each);
	jsonw_int(w, max, field_max(f) * each);
}

static void write_enum(struct jsonw *w, const struct field *f)
{
	jsonw_array(w, "enum");
	for (size_t i = 0; f->names[i]; i++)
		jsonw_text(w, NULL, f->names[i]);
	jsonw_close(w);
}

static void write_list(struct jsonw *w, const struct field *f, unsigned depth)
{
	jsonw_text(w, "type", "array");
	write_lengths(w, f, "minItems", "maxItems", 1);
	jsonw_object(w, "items");
	if (f->of) {
		write_object(w, f->of, NULL, depth);
	} else {
		jsonw_text(w, "type", "string");
		jsonw_int(w, "maxLength", RECORD_TEXT_MAX);
	}
	jsonw_close(w);
}

static void write_numbers(struct jsonw *w, const struct field *f)
{
	jsonw_text(w, "type", "array");
	write_lengths(w, f, "minItems", "maxItems", 1);
	jsonw_object(w, "items");
	jsonw_text(w, "type", "integer");
	jsonw_int(w, "minimum", 0);
	jsonw_close(w);
}

static void write_words(struct jsonw *w, const struct field *f)
{
	jsonw_text(w, "type", "object");
	write_lengths(w, f, "minProperties", "maxProperties", 1);
	jsonw_object(w, "additionalProperties");
	jsonw_text(w, "type", "string");
	jsonw_int(w, "maxLength", RECORD_TEXT_MAX);
	jsonw_close(w);
}

static void write_default(struct jsonw *w, const struct field *f)
{
	if (!f->has_default || f->absent == AMOUNT_NONE)
		return;
	if (f->kind == FIELD_INT)
		jsonw_int(w, "default", f->absent);
	else if (f->kind == FIELD_BOOL)
		jsonw_bool(w, "default", f->absent != 0);
	else if (f->kind == FIELD_ENUM)
		jsonw_text(w, "default", f->names[f->absent]);
	else if (f->kind == FIELD_QTY || f->kind == FIELD_PERCENT)
		jsonw_decimal(w, "default", f->absent, field_exponent(f, NULL), 0);
	else if (f->kind == FIELD_MONEY && f->absent == 0)
		jsonw_text(w, "default", "0");
}

static void write_type(struct jsonw *w, const struct field *f, unsigned depth)
{
	switch (f->kind) {
	case FIELD_TEXT:
		jsonw_text(w, "type", "string");
		write_lengths(w, f, "minLength", "maxLength", 1);
		return;
	case FIELD_INT:
		write_integer(w, f);
		return;
	case FIELD_MONEY:
	case FIELD_QTY:
	case FIELD_PERCENT:
		write_decimal(w, f);
		return;
	case FIELD_BOOL:
		jsonw_text(w, "type", "boolean");
		return;
	case FIELD_ENUM:
		write_enum(w, f);
		return;
	case FIELD_TIME:
	case FIELD_TIME_END:
		write_pattern(w, time_pattern);
		return;
	case FIELD_DURATION:
		write_pattern(w, time_of_day_pattern);
		return;
	case FIELD_BYTES:
		write_pattern(w, hex_pattern);
		write_lengths(w, f, "minLength", "maxLength", 2);
		return;
	case FIELD_STRUCT:
		write_object(w, f->of, NULL, depth);
		return;
	case FIELD_LIST:
		write_list(w, f, depth);
		return;
	case FIELD_WORDS:
		write_words(w, f);
		return;
	case FIELD_NUMBERS:
		write_numbers(w, f);
		return;
	}
}

static void write_required(struct jsonw *w, const struct schema *s, const char *type)
{
	jsonw_array(w, "required");
	if (type)
		jsonw_text(w, NULL, "type");
	for (size_t i = 0; i < s->count; i++)
		if (s->fields[i].required)
			jsonw_text(w, NULL, s->fields[i].name);
	jsonw_close(w);
}

static void write_property(struct jsonw *w, const struct field *f, unsigned depth)
{
	jsonw_object(w, f->name);
	if (f->text)
		jsonw_text(w, "description", f->text);
	write_type(w, f, depth);
	write_default(w, f);
	jsonw_close(w);
}

/* The members of a schema object, into the one that is open. Deeper than a reader follows, nothing is
 * allowed. */
static void write_object(struct jsonw *w, const struct schema *s, const char *type, unsigned depth)
{
	jsonw_text(w, "title", s->name);
	jsonw_text(w, "type", "object");
	if (depth == RECORD_DEPTH_MAX) {
		jsonw_bool(w, "not", true);
		return;
	}
	jsonw_object(w, "properties");
	if (type) {
		jsonw_object(w, "type");
		jsonw_text(w, "const", type);
		jsonw_close(w);
	}
	for (size_t i = 0; i < s->count; i++)
		write_property(w, &s->fields[i], depth + 1);
	jsonw_close(w);
	write_required(w, s, type);
	jsonw_bool(w, "additionalProperties", false);
}

void record_to_schema(const struct schema *s, const char *type, struct jsonw *w)
{
	jsonw_object(w, NULL);
	jsonw_text(w, "$schema", "https://json-schema.org/draft/2020-12/schema");
	if (s->text)
		jsonw_text(w, "description", s->text);
	write_object(w, s, type, 0);
	jsonw_close(w);
}

void record_to_schema_member(const struct schema *s, const char *name, struct jsonw *w)
{
	jsonw_object(w, name);
	if (s->text)
		jsonw_text(w, "description", s->text);
	write_object(w, s, NULL, 0);
	jsonw_close(w);
}
