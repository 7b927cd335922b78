/*
 * Records to CBOR. A record is a map from field keys; the table is in ascending order, and so is the map.
 */
#include <assert.h>
#include <string.h>

#include "record_field.h"

#define FIELDS_MAX 64 /* of a table: more than any has */

static void write_text(struct cborw *w, const char *text)
{
	cborw_text(w, text, strlen(text));
}

/* [seconds, on the store's clock] */
static void write_time(struct cborw *w, const struct stamp *at)
{
	cborw_array(w, 2);
	cborw_int(w, at->seconds);
	cborw_bool(w, at->local != 0);
}

static void write_list(struct cborw *w, const struct field *f, const struct list *list)
{
	const char *const *texts = list->at;

	cborw_array(w, list->count);
	for (size_t i = 0; i < list->count; i++) {
		if (f->of)
			record_to_cbor(f->of, (const char *)list->at + i * f->of->size, w);
		else
			write_text(w, texts[i]);
	}
}

static void write_numbers(struct cborw *w, const struct list *list)
{
	const int64_t *numbers = list->at;

	cborw_array(w, list->count);
	for (size_t i = 0; i < list->count; i++)
		cborw_int(w, numbers[i]);
}

static void write_field(struct cborw *w, const struct field *f, const void *in)
{
	const void *at = field_of(f, in);
	const struct bytes *bytes = at;

	switch (f->kind) {
	case FIELD_TEXT:
		write_text(w, *(const char *const *)at);
		return;
	case FIELD_INT:
	case FIELD_MONEY:
	case FIELD_QTY:
	case FIELD_PERCENT:
	case FIELD_ENUM:
	case FIELD_DURATION:
		cborw_int(w, field_number(f, in));
		return;
	case FIELD_BOOL:
		cborw_bool(w, field_number(f, in) != 0);
		return;
	case FIELD_TIME:
	case FIELD_TIME_END:
		write_time(w, at);
		return;
	case FIELD_BYTES:
		cborw_bytes(w, bytes->at, bytes->length);
		return;
	case FIELD_STRUCT:
		record_to_cbor(f->of, *(const void *const *)at, w);
		return;
	case FIELD_LIST:
		write_list(w, f, at);
		return;
	case FIELD_WORDS:
		words_to_cbor(w, at);
		return;
	case FIELD_NUMBERS:
		write_numbers(w, at);
		return;
	}
}

void record_to_cbor(const struct schema *s, const void *in, struct cborw *w)
{
	const struct field *present[FIELDS_MAX];
	size_t count = 0;

	assert(s->count <= FIELDS_MAX);
	for (size_t i = 0; i < s->count; i++)
		if (field_present(&s->fields[i], in))
			present[count++] = &s->fields[i];
	cborw_map(w, count);
	for (size_t i = 0; i < count; i++) {
		cborw_int(w, present[i]->key);
		write_field(w, present[i], in);
	}
}
