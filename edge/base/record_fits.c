/*
 * Whether a record that was made here can be read again: what record_from_cbor checks, without the bytes.
 * See record.h.
 */
#include <string.h>

#include "record_field.h"

static enum err check_record(const struct schema *s, const void *in, unsigned depth, struct why *why);

/*
 * The quick answers for nearly all values. False: it may fit all the same.
 *
 * Text in n bytes has at most n characters, and at least one if there is a byte.
 */
static bool text_fits(const struct field *f, size_t n)
{
	if (f->kind == FIELD_LIST || field_is_open(f))
		return n <= RECORD_TEXT_MAX;
	return f->min <= 1 && n >= (size_t)f->min && n <= (size_t)f->max && n <= RECORD_TEXT_MAX;
}

/* What a field leaves open its kind may limit. A number that is there is never AMOUNT_NONE. */
static bool number_fits(const struct field *f, int64_t value)
{
	if (field_is_open(f))
		return f->kind == FIELD_INT || f->kind == FIELD_MONEY || f->kind == FIELD_QTY;
	return value >= f->min && value <= f->max;
}

static enum err check_text(const struct field *f, const char *text, struct why *why)
{
	size_t n = strlen(text);

	return text_fits(f, n) ? ERR_OK : field_check_text(f, text, n, why);
}

static enum err check_number(const struct field *f, int64_t value, struct why *why)
{
	return number_fits(f, value) ? ERR_OK : field_check(f, value, field_exponent(f, NULL), why);
}

static enum err check_list(const struct field *f, const struct list *list, unsigned depth, struct why *why)
{
	const char *const *texts = list->at;
	enum err e = field_check_length(f, list->count, why);

	if (e)
		return e;
	for (size_t i = 0; i < list->count && !e; i++) {
		e = f->of ? check_record(f->of, (const char *)list->at + i * f->of->size, depth + 1, why)
			  : check_text(f, texts[i], why);
		if (e)
			path_item(why, i);
	}
	return e;
}

static enum err check_numbers(const struct field *f, const struct list *list, struct why *why)
{
	const int64_t *numbers = list->at;
	enum err e = field_check_length(f, list->count, why);

	for (size_t i = 0; i < list->count && !e; i++) {
		if (numbers[i] >= 0)
			continue;
		e = fail(why, ERR_INVALID, "'%lld' is below the least, 0", (long long)numbers[i]);
		path_item(why, i);
	}
	return e;
}

static enum err check_value(const struct field *f, const void *in, unsigned depth, struct why *why)
{
	const void *at = field_of(f, in);

	switch (f->kind) {
	case FIELD_TEXT:
		return check_text(f, *(const char *const *)at, why);
	case FIELD_INT:
	case FIELD_MONEY:
	case FIELD_QTY:
	case FIELD_PERCENT:
	case FIELD_BOOL:
	case FIELD_ENUM:
	case FIELD_DURATION:
	case FIELD_TIME:
	case FIELD_TIME_END:
		return check_number(f, field_number(f, in), why);
	case FIELD_BYTES:
		return field_check_length(f, ((const struct bytes *)at)->length, why);
	case FIELD_STRUCT:
		return check_record(f->of, *(const void *const *)at, depth + 1, why);
	case FIELD_LIST:
		return check_list(f, at, depth, why);
	case FIELD_WORDS:
		return words_check(f, at, why);
	case FIELD_NUMBERS:
		return check_numbers(f, at, why);
	}
	return ERR_INVALID;
}

static enum err check_record(const struct schema *s, const void *in, unsigned depth, struct why *why)
{
	if (depth > RECORD_DEPTH_MAX)
		return fail(why, ERR_INVALID, "nested deeper than %d", RECORD_DEPTH_MAX);
	for (size_t i = 0; i < s->count; i++) {
		const struct field *f = &s->fields[i];
		enum err e;

		if (!field_present(f, in)) {
			e = field_missing(f, why);
			if (e)
				return e;
			continue;
		}
		e = check_value(f, in, depth, why);
		if (e) {
			path_field(why, f->name);
			return e;
		}
	}
	return ERR_OK;
}

enum err record_fits(const struct schema *s, const void *in, struct why *why)
{
	enum err e = check_record(s, in, 1, why);

	if (e)
		path_end(why);
	return e;
}
