/*
 * What the readers and writers of records share: where a member is, whether it is there, and whether a
 * value is within its field's range. Not for users of records; they include record.h.
 */
#ifndef TILL_RECORD_FIELD_H
#define TILL_RECORD_FIELD_H

#include "money.h"
#include "record.h"

/* The kinds kept as one int64_t (struct money and its like are one, too); FIELD_TIME starts with one. */
static inline bool field_is_number(enum field_kind kind)
{
	return kind == FIELD_INT || kind == FIELD_MONEY || kind == FIELD_QTY || kind == FIELD_PERCENT ||
	       kind == FIELD_BOOL || kind == FIELD_ENUM || kind == FIELD_DURATION;
}

static inline void *field_at(const struct field *f, void *record)
{
	return (char *)record + f->offset;
}

static inline const void *field_of(const struct field *f, const void *record)
{
	return (const char *)record + f->offset;
}

/* Sets a number or the seconds of a time. */
void field_set_number(const struct field *f, void *record, int64_t value);
static inline int64_t field_number(const struct field *f, const void *record)
{
	return *(const int64_t *)field_of(f, record);
}

/* Whether a writer writes it. A default is not written, so that a record has one encoding. */
static inline bool field_present(const struct field *f, const void *record)
{
	const void *at = field_of(f, record);
	int64_t number;

	switch (f->kind) {
	case FIELD_TEXT:
		return *(const char *const *)at != NULL;
	case FIELD_BYTES:
		return ((const struct bytes *)at)->at != NULL;
	case FIELD_STRUCT:
		return *(const void *const *)at != NULL;
	case FIELD_LIST:
	case FIELD_NUMBERS:
	case FIELD_WORDS:
		return f->required || ((const struct list *)at)->count > 0;
	case FIELD_INT:
	case FIELD_MONEY:
	case FIELD_QTY:
	case FIELD_PERCENT:
	case FIELD_BOOL:
	case FIELD_ENUM:
	case FIELD_DURATION:
	case FIELD_TIME:
	case FIELD_TIME_END:
		number = field_number(f, record);
		return number != AMOUNT_NONE && !(f->has_default && number == f->absent);
	}
	return false;
}

/* As if nothing was given: one member of a record that is zeroed, or every member of any. */
void field_clear(const struct field *f, void *record);
void record_clear(const struct schema *s, void *out);

/* The range in force: the field's, or the kind's where the field leaves it open. */
static inline bool field_is_open(const struct field *f)
{
	return f->min == 0 && f->max == 0;
}
int64_t field_min(const struct field *f);
int64_t field_max(const struct field *f);

/* Decimals of a kind that is written as decimal text; 0 for the others. */
unsigned field_exponent(const struct field *f, const struct record_context *c);

/* Checks a number or a length. The reason has no name before it: the caller knows the path. */
enum err field_check(const struct field *f, int64_t value, unsigned exponent, struct why *why) MUST_CHECK;
enum err field_check_length(const struct field *f, size_t length, struct why *why) MUST_CHECK;

/* Checks text: its bytes against RECORD_TEXT_MAX, its characters against the field. */
enum err field_check_text(const struct field *f, const char *text, size_t n, struct why *why) MUST_CHECK;

/* Its range is the number of its texts, and says nothing of theirs. */
static inline bool field_counts_texts(const struct field *f)
{
	return f->kind == FIELD_LIST || f->kind == FIELD_WORDS;
}

/* Whether that passes for sure, for text of n characters in as many bytes. */
static inline bool field_fits_plain(const struct field *f, size_t n)
{
	bool any = field_counts_texts(f) || field_is_open(f);

	return n <= RECORD_TEXT_MAX && (any || (n >= (size_t)f->min && n <= (size_t)f->max));
}

/* How many names an enumeration has. */
size_t field_names(const struct field *f);

/* ERR_INVALID for a required field: it was found missing. */
enum err field_missing(const struct field *f, struct why *why) MUST_CHECK;

/*
 * The path in a reason is built from the inside out, as the error travels: path_field puts ".needs" before
 * it, path_item "[1]", and the outermost ends it by taking the first dot off.
 */
void path_field(struct why *why, const char *name);
void path_item(struct why *why, size_t i);
void path_end(struct why *why);

/* Text of a JSON value, into the arena. */
enum err text_from_json(const struct field *f, const json_t *value, struct arena *a, const char **out,
			struct why *why) MUST_CHECK;

/* FIELD_WORDS in each form. record_words.c; *plain stays true if all of it is. */
enum err words_from_cbor(const struct field *f, struct cborr *in, struct arena *a, struct list *out,
			 bool *plain, struct why *why) MUST_CHECK;
void words_to_cbor(struct cborw *w, const struct list *list);
enum err words_check(const struct field *f, const struct list *list, struct why *why) MUST_CHECK;
/* Room for n of them and one more; a key that is checked; their order, for qsort. */
enum err words_make_room(const struct field *f, size_t n, struct arena *a, struct keyed_text **out,
			 struct why *why) MUST_CHECK;
enum err words_copy_key(struct arena *a, const char *key, size_t n, const char **out,
			struct why *why) MUST_CHECK;
int words_by_key(const void *a, const void *b);

/* record_words_json.c; from_json is for an object. */
enum err words_from_json(const struct field *f, const json_t *value, struct arena *a, struct list *out,
			 struct why *why) MUST_CHECK;
void words_to_json(struct jsonw *w, const struct field *f, const struct list *list);

#endif
