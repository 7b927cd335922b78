/*
 * Records to JSON.
 */
#include <assert.h>
#include <stdio.h>

#include "civil.h"
#include "money.h"
#include "record_field.h"

static void write_time_of_day(struct jsonw *w, const char *name, int64_t seconds)
{
	char text[sizeof("HH:MM:SS")];
	unsigned s = (unsigned)seconds;

	assert(seconds >= 0 && seconds <= INT64_C(24) * 3600);
	if (s % 60)
		snprintf(text, sizeof(text), "%02u:%02u:%02u", s / 3600 % 100, s / 60 % 60, s % 60);
	else
		snprintf(text, sizeof(text), "%02u:%02u", s / 3600 % 100, s / 60 % 60);
	jsonw_text(w, name, text);
}

static void write_time(struct jsonw *w, const char *name, const struct stamp *at)
{
	char text[CIVIL_TEXT_MAX];

	civil_format(at->seconds, !at->local, text);
	jsonw_text(w, name, text);
}

static void write_enum(struct jsonw *w, const struct field *f, int64_t value)
{
	assert(value >= 0 && (size_t)value < field_names(f));
	jsonw_text(w, f->name, f->names[value]);
}

static void write_list(struct jsonw *w, const struct field *f, const struct list *list,
		       const struct record_context *c)
{
	const char *const *texts = list->at;

	jsonw_array(w, f->name);
	for (size_t i = 0; i < list->count; i++) {
		if (f->of) {
			jsonw_object(w, NULL);
			record_to_json(f->of, (const char *)list->at + i * f->of->size, c, w);
			jsonw_close(w);
		} else {
			jsonw_text(w, NULL, texts[i]);
		}
	}
	jsonw_close(w);
}

static void write_numbers(struct jsonw *w, const struct field *f, const struct list *list)
{
	const int64_t *numbers = list->at;

	jsonw_array(w, f->name);
	for (size_t i = 0; i < list->count; i++)
		jsonw_int(w, NULL, numbers[i]);
	jsonw_close(w);
}

static void write_struct(struct jsonw *w, const struct field *f, const void *record,
			 const struct record_context *c)
{
	jsonw_object(w, f->name);
	record_to_json(f->of, record, c, w);
	jsonw_close(w);
}

static void write_field(struct jsonw *w, const struct field *f, const void *in,
			const struct record_context *c)
{
	const void *at = field_of(f, in);
	const struct bytes *bytes = at;
	unsigned exponent = field_exponent(f, c);

	switch (f->kind) {
	case FIELD_TEXT:
		jsonw_text(w, f->name, *(const char *const *)at);
		return;
	case FIELD_INT:
		jsonw_int(w, f->name, field_number(f, in));
		return;
	case FIELD_MONEY:
		jsonw_decimal(w, f->name, field_number(f, in), exponent, exponent);
		return;
	case FIELD_QTY:
	case FIELD_PERCENT:
		jsonw_decimal(w, f->name, field_number(f, in), exponent, 0);
		return;
	case FIELD_BOOL:
		jsonw_bool(w, f->name, field_number(f, in) != 0);
		return;
	case FIELD_ENUM:
		write_enum(w, f, field_number(f, in));
		return;
	case FIELD_TIME:
	case FIELD_TIME_END:
		write_time(w, f->name, at);
		return;
	case FIELD_DURATION:
		write_time_of_day(w, f->name, field_number(f, in));
		return;
	case FIELD_BYTES:
		jsonw_hex(w, f->name, bytes->at, bytes->length);
		return;
	case FIELD_STRUCT:
		write_struct(w, f, *(const void *const *)at, c);
		return;
	case FIELD_LIST:
		write_list(w, f, at, c);
		return;
	case FIELD_WORDS:
		words_to_json(w, f, at);
		return;
	case FIELD_NUMBERS:
		write_numbers(w, f, at);
		return;
	}
}

void record_to_json(const struct schema *s, const void *in, const struct record_context *c, struct jsonw *w)
{
	for (size_t i = 0; i < s->count; i++)
		if (field_present(&s->fields[i], in))
			write_field(w, &s->fields[i], in, c);
}
