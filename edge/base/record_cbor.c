/*
 * Records to CBOR. A record is a map from field keys; the table is in ascending order, and so is the map.
 *
 * One walk over the table writes what is there and, for who asks, judges it. A sale is some eighty values in
 * twenty maps, and each tender pays for them: so the place to write at is handed from call to call, and is
 * looked at once for each value, which then stands behind it for sure.
 */
#include <string.h>

#include "record_field.h"

struct writer {
	struct buf *out;
	const uint8_t *end; /* of the room there is */
	bool judges;	    /* else why stays as it is */
	struct why *why;
	unsigned depth;
	enum err failed; /* why a place is NULL */
};

#define KEY_MAX	  2 /* bytes of a field's key */
#define VALUE_MAX (KEY_MAX + CBOR_HEAD_MAX)
#define SLACK	  ((size_t)VALUE_MAX + VALUE_MAX) /* what is asked for beyond what is written, and more */

static uint8_t *write_record(struct writer *w, uint8_t *at, const struct schema *s, const void *in);

static uint8_t *give_up(struct writer *w, enum err e)
{
	w->failed = e;
	return NULL;
}

/* The same place, wherever the buffer now is, with n bytes behind it. */
static uint8_t *more(struct writer *w, const uint8_t *at, size_t n)
{
	uint8_t *at_hand;

	w->out->end = (size_t)(at - w->out->bytes);
	at_hand = buf_room(w->out, n);
	if (!at_hand)
		return give_up(w, ERR_LIMIT);
	w->end = w->out->bytes + w->out->size;
	return at_hand;
}

static inline uint8_t *room(struct writer *w, uint8_t *at, size_t n)
{
	return (size_t)(w->end - at) >= n ? at : more(w, at, n);
}

/*
 * The quick answers for nearly all values. False: it may fit all the same.
 *
 * Text in n bytes has at most n characters, and at least one if there is a byte.
 */
static inline bool text_fits(const struct field *f, size_t n)
{
	if (f->kind == FIELD_LIST || field_is_open(f))
		return n <= RECORD_TEXT_MAX;
	return f->min <= 1 && n >= (size_t)f->min && n <= (size_t)f->max && n <= RECORD_TEXT_MAX;
}

/* What a field leaves open its kind may limit. A number that is there is never AMOUNT_NONE. */
static inline bool number_fits(const struct field *f, int64_t value)
{
	if (field_is_open(f))
		return f->kind == FIELD_INT || f->kind == FIELD_MONEY || f->kind == FIELD_QTY;
	return value >= f->min && value <= f->max;
}

static inline bool length_fits(const struct field *f, size_t n)
{
	return field_is_open(f) && f->kind == FIELD_LIST && n <= RECORD_LIST_MAX;
}

static enum err check_number(const struct writer *w, const struct field *f, int64_t value)
{
	if (!w->judges || number_fits(f, value))
		return ERR_OK;
	return field_check(f, value, field_exponent(f, NULL), w->why);
}

static enum err check_length(const struct writer *w, const struct field *f, size_t n)
{
	return !w->judges || length_fits(f, n) ? ERR_OK : field_check_length(f, n, w->why);
}

static enum err check_text(const struct writer *w, const struct field *f, const char *text, size_t n)
{
	return !w->judges || text_fits(f, n) ? ERR_OK : field_check_text(f, text, n, w->why);
}

static inline uint8_t *put_key(uint8_t *at, const struct field *f)
{
	return cbor_head(at, CBOR_MAJOR_UINT, f->key);
}

static uint8_t *write_number(struct writer *w, uint8_t *at, const struct field *f, int64_t value)
{
	enum err e = check_number(w, f, value);

	if (e)
		return give_up(w, e);
	if (f->kind == FIELD_BOOL)
		return cbor_head(at, CBOR_MAJOR_SIMPLE, value ? CBOR_SIMPLE_TRUE : CBOR_SIMPLE_FALSE);
	return cbor_number(at, value);
}

/* Head and content. */
static uint8_t *put_string(struct writer *w, uint8_t *at, enum cbor_major major, const void *bytes, size_t n)
{
	at = room(w, at, n + CBOR_HEAD_MAX);
	if (!at)
		return NULL;
	at = cbor_head(at, major, n);
	if (n)
		memcpy(at, bytes, n);
	return at + n;
}

static uint8_t *write_text(struct writer *w, uint8_t *at, const struct field *f, const char *text)
{
	size_t n = strlen(text);
	enum err e = check_text(w, f, text, n);

	if (e)
		return give_up(w, e);
	if (!text_is_utf8(text, n))
		return give_up(w, fail(w->why, ERR_INVALID, "text is not UTF-8"));
	return put_string(w, at, CBOR_MAJOR_TEXT, text, n);
}

static uint8_t *write_bytes(struct writer *w, uint8_t *at, const struct field *f, const struct bytes *bytes)
{
	enum err e = check_length(w, f, bytes->length);

	return e ? give_up(w, e) : put_string(w, at, CBOR_MAJOR_BYTES, bytes->at, bytes->length);
}

/* [seconds, on the store's clock] */
static uint8_t *write_time(struct writer *w, uint8_t *at, const struct field *f, const struct stamp *time)
{
	enum err e = check_number(w, f, time->seconds);

	at = e ? give_up(w, e) : room(w, at, 2 + CBOR_HEAD_MAX);
	if (!at)
		return NULL;
	at = cbor_head(at, CBOR_MAJOR_ARRAY, 2);
	at = cbor_number(at, time->seconds);
	return cbor_head(at, CBOR_MAJOR_SIMPLE, time->local ? CBOR_SIMPLE_TRUE : CBOR_SIMPLE_FALSE);
}

/* The head of an array. */
static uint8_t *begin_list(struct writer *w, uint8_t *at, const struct field *f, const struct list *list)
{
	enum err e = check_length(w, f, list->count);

	return e ? give_up(w, e) : cbor_head(at, CBOR_MAJOR_ARRAY, list->count);
}

static uint8_t *write_list(struct writer *w, uint8_t *at, const struct field *f, const struct list *list)
{
	const char *const *texts = list->at;

	at = begin_list(w, at, f, list);
	for (size_t i = 0; i < list->count && at; i++) {
		at = f->of ? write_record(w, at, f->of, (const char *)list->at + i * f->of->size)
			   : write_text(w, at, f, texts[i]);
		if (!at)
			path_item(w->why, i);
	}
	return at;
}

static uint8_t *write_numbers(struct writer *w, uint8_t *at, const struct field *f, const struct list *list)
{
	const int64_t *numbers = list->at;

	at = begin_list(w, at, f, list);
	for (size_t i = 0; i < list->count && at; i++) {
		if (w->judges && numbers[i] < 0) {
			give_up(w, fail(w->why, ERR_INVALID, "'%lld' is below the least, 0",
					(long long)numbers[i]));
			path_item(w->why, i);
			return NULL;
		}
		at = room(w, at, CBOR_HEAD_MAX);
		if (at)
			at = cbor_number(at, numbers[i]);
	}
	return at;
}

/* Rare: with the writer that others use, too. */
static uint8_t *write_words(struct writer *w, const uint8_t *at, const struct field *f,
			    const struct list *list)
{
	enum err e = w->judges ? words_check(f, list, w->why) : ERR_OK;
	struct cborw out;

	if (e)
		return give_up(w, e);
	w->out->end = (size_t)(at - w->out->bytes);
	cborw_begin(&out, w->out);
	words_to_cbor(&out, list);
	e = cborw_end(&out);
	if (e)
		return give_up(w, e == ERR_INVALID ? fail(w->why, e, "text is not UTF-8") : e);
	w->end = w->out->bytes + w->out->size;
	return w->out->bytes + w->out->end;
}

/* Behind its key, with room for a head. */
static uint8_t *write_value(struct writer *w, uint8_t *at, const struct field *f, const void *value)
{
	switch (f->kind) {
	case FIELD_TEXT:
		return write_text(w, at, f, *(const char *const *)value);
	case FIELD_INT:
	case FIELD_MONEY:
	case FIELD_QTY:
	case FIELD_PERCENT:
	case FIELD_ENUM:
	case FIELD_DURATION:
	case FIELD_BOOL:
		return write_number(w, at, f, *(const int64_t *)value);
	case FIELD_TIME:
	case FIELD_TIME_END:
		return write_time(w, at, f, value);
	case FIELD_BYTES:
		return write_bytes(w, at, f, value);
	case FIELD_STRUCT:
		return write_record(w, at, f->of, *(const void *const *)value);
	case FIELD_LIST:
		return write_list(w, at, f, value);
	case FIELD_WORDS:
		return write_words(w, at, f, value);
	case FIELD_NUMBERS:
		return write_numbers(w, at, f, value);
	}
	return give_up(w, ERR_INVALID);
}

static uint8_t *write_field(struct writer *w, uint8_t *at, const struct field *f, const void *in)
{
	at = room(w, at, VALUE_MAX);
	if (at)
		at = write_value(w, put_key(at, f), f, field_of(f, in));
	if (!at && w->failed != ERR_LIMIT)
		path_field(w->why, f->name);
	return at;
}

/*
 * The head of a map goes where it began, once it is known how much is in it: one byte was left for it, and
 * few maps need two.
 */
static uint8_t *finish_map(struct writer *w, uint8_t *at, size_t began, uint64_t count)
{
	uint8_t head[KEY_MAX], *map;
	size_t n = (size_t)(cbor_head(head, CBOR_MAJOR_MAP, count) - head);

	at = room(w, at, n - 1);
	if (!at)
		return NULL;
	map = w->out->bytes + began;
	if (n > 1)
		memmove(map + n, map + 1, (size_t)(at - map) - 1);
	memcpy(map, head, n);
	return at + n - 1;
}

static uint8_t *write_record(struct writer *w, uint8_t *at, const struct schema *s, const void *in)
{
	const struct field *const end = s->fields + s->count;
	uint64_t count = 0;
	size_t began;

	if (w->judges && w->depth == RECORD_DEPTH_MAX)
		return give_up(w, fail(w->why, ERR_INVALID, "nested deeper than %d", RECORD_DEPTH_MAX));
	at = room(w, at, 1);
	if (!at)
		return NULL;
	w->depth++;
	began = (size_t)(at++ - w->out->bytes);
	for (const struct field *f = s->fields; f < end && at; f++) {
		if (field_present(f, in)) {
			at = write_field(w, at, f, in);
			count++;
		} else if (w->judges && f->required) {
			return give_up(w, field_missing(f, w->why));
		}
	}
	w->depth--;
	return at ? finish_map(w, at, began, count) : NULL;
}

/* Writes it behind what is in the buffer. */
static enum err write_behind(struct writer *w, const struct schema *s, const void *in)
{
	uint8_t *at = buf_room(w->out, VALUE_MAX);

	if (!at)
		return ERR_LIMIT;
	w->end = w->out->bytes + w->out->size;
	at = write_record(w, at, s, in);
	if (!at)
		return w->failed;
	w->out->end = (size_t)(at - w->out->bytes);
	return ERR_OK;
}

/*
 * The room that is asked for is a little more than what a value takes: what fills a buffer to the last byte
 * is written elsewhere first.
 */
static enum err write_to_bound(struct writer *w, const struct schema *s, const void *in)
{
	struct buf *out = w->out, elsewhere;
	enum err e;

	buf_init(&elsewhere, out->max - buf_length(out) + SLACK);
	w->out = &elsewhere;
	w->depth = 0;
	e = write_behind(w, s, in);
	w->out = out;
	if (!e && !buf_add(out, buf_front(&elsewhere), buf_length(&elsewhere)))
		e = ERR_LIMIT;
	buf_free(&elsewhere);
	return e;
}

static enum err run(struct writer *w, const struct schema *s, const void *in, struct cborw *out)
{
	size_t before = buf_length(out->out);
	enum err e;

	if (out->failed)
		return out->failed;
	w->out = out->out;
	e = write_behind(w, s, in);
	if (e)
		buf_cut(out->out, before);
	if (e == ERR_LIMIT)
		e = write_to_bound(w, s, in);
	out->failed = e;
	return e;
}

void record_to_cbor(const struct schema *s, const void *in, struct cborw *out)
{
	struct writer w = {0};

	(void)run(&w, s, in, out); /* out keeps it */
}

enum err record_put(const struct schema *s, const void *in, struct cborw *out, struct why *why)
{
	struct writer w = {.judges = true, .why = why};
	enum err e = run(&w, s, in, out);

	if (e == ERR_LIMIT)
		return fail(why, e, "larger than %zu bytes", out->out->max);
	if (e)
		path_end(why);
	return e;
}
