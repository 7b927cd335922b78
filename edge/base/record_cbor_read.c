/*
 * Records from CBOR. The map's keys and the table's both ascend, so one walk over the two finds every
 * field. Reasons name the path as JSON's do.
 */
#include <string.h>

#include "record_field.h"

struct reader {
	struct cborr *in;
	struct arena *arena;
	unsigned depth;	 /* records one in another */
	unsigned levels; /* arrays and maps around what stands next */
	bool plain;	 /* all text so far */
	bool strange;	 /* a key was passed over */
};

static enum err read_record(struct reader *r, const struct schema *s, void *out, struct why *why);

static enum err no_memory(struct why *why)
{
	return fail(why, ERR_MEMORY, "out of memory");
}

static enum err expect(struct reader *r, enum cbor_kind kind, struct cbor_item *item, struct why *why)
{
	static const char *const names[] = {
		[CBOR_KIND_INT] = "an integer", [CBOR_KIND_BYTES] = "bytes",
		[CBOR_KIND_TEXT] = "text",	[CBOR_KIND_ARRAY] = "an array",
		[CBOR_KIND_MAP] = "a map",	[CBOR_KIND_BOOL] = "a truth value",
		[CBOR_KIND_NULL] = "null",
	};

	if (cborr_expect(r->in, kind, item))
		return fail(why, ERR_INVALID, "%s in deterministic CBOR is expected", names[kind]);
	return ERR_OK;
}

static enum err read_number(struct reader *r, const struct field *f, int64_t *out, struct why *why)
{
	struct cbor_item item;
	enum err e = expect(r, f->kind == FIELD_BOOL ? CBOR_KIND_BOOL : CBOR_KIND_INT, &item, why);

	if (e)
		return e;
	*out = item.value;
	return field_check(f, item.value, field_exponent(f, NULL), why);
}

static enum err read_time(struct reader *r, const struct field *f, struct stamp *out, struct why *why)
{
	struct cbor_item pair, seconds, local;
	enum err e = expect(r, CBOR_KIND_ARRAY, &pair, why);

	if (!e && pair.value != 2)
		e = fail(why, ERR_INVALID, "a time is an array of two");
	if (!e)
		e = expect(r, CBOR_KIND_INT, &seconds, why);
	if (!e)
		e = expect(r, CBOR_KIND_BOOL, &local, why);
	if (e)
		return e;
	*out = (struct stamp){seconds.value, local.value};
	return field_check(f, seconds.value, 0, why);
}

/* The way of nearly all text: short, plain, of a fitting length. False leaves all as it was. */
static bool quick_text(struct reader *r, const struct field *f, const char **out)
{
	struct cborr ahead = *r->in;
	int n = cborr_short(&ahead, CBOR_MAJOR_TEXT);
	const char *at = (const char *)ahead.at;

	if (n < 0 || n > ahead.end - ahead.at || !text_is_plain(at, (size_t)n) ||
	    !field_fits_plain(f, (size_t)n))
		return false;
	*out = arena_text(r->arena, at, (size_t)n);
	if (*out)
		r->in->at = ahead.at + n;
	return *out != NULL;
}

static enum err read_text(struct reader *r, const struct field *f, const char **out, struct why *why)
{
	struct cbor_item item;
	bool plain;
	enum err e;

	if (quick_text(r, f, out))
		return ERR_OK;
	e = expect(r, CBOR_KIND_TEXT, &item, why);
	plain = !e && text_is_plain(item.at, item.length);
	if (!e && !(plain && field_fits_plain(f, item.length)))
		e = field_check_text(f, item.at, item.length, why);
	if (e)
		return e;
	r->plain &= plain;
	*out = arena_text(r->arena, item.at, item.length);
	return *out ? ERR_OK : no_memory(why);
}

static enum err read_bytes(struct reader *r, const struct field *f, struct bytes *out, struct why *why)
{
	struct cbor_item item;
	enum err e = expect(r, CBOR_KIND_BYTES, &item, why);

	if (e)
		return e;
	*out = (struct bytes){item.at, item.length};
	return field_check_length(f, item.length, why);
}

static enum err read_nested(struct reader *r, const struct schema *s, void *out, struct why *why)
{
	enum err e;

	if (r->depth == RECORD_DEPTH_MAX)
		return fail(why, ERR_INVALID, "nested deeper than %d", RECORD_DEPTH_MAX);
	r->depth++;
	e = read_record(r, s, out, why);
	r->depth--;
	return e;
}

static enum err read_struct(struct reader *r, const struct field *f, const void **out, struct why *why)
{
	void *record = arena_get(r->arena, f->of->size);

	*out = record;
	return record ? read_nested(r, f->of, record, why) : no_memory(why);
}

static enum err read_list(struct reader *r, const struct field *f, struct list *out, struct why *why)
{
	size_t size = f->of ? f->of->size : sizeof(const char *), n;
	struct cbor_item item;
	enum err e = expect(r, CBOR_KIND_ARRAY, &item, why);
	char *items;

	if (e)
		return e;
	n = (size_t)item.value;
	e = field_check_length(f, n, why);
	if (e)
		return e;
	items = arena_get(r->arena, n * size);
	if (!items)
		return no_memory(why);
	r->levels++;
	for (size_t i = 0; i < n && !e; i++) {
		void *at = items + i * size;

		e = f->of ? read_nested(r, f->of, at, why) : read_text(r, f, at, why);
		if (e)
			path_item(why, i);
	}
	r->levels--;
	*out = (struct list){items, n};
	return e;
}

static enum err read_numbers(struct reader *r, const struct field *f, struct list *out, struct why *why)
{
	struct cbor_item item;
	enum err e = expect(r, CBOR_KIND_ARRAY, &item, why);
	size_t n = e ? 0 : (size_t)item.value;
	int64_t *numbers;

	if (!e)
		e = field_check_length(f, n, why);
	if (e)
		return e;
	numbers = arena_get(r->arena, n * sizeof(*numbers));
	if (!numbers)
		return no_memory(why);
	for (size_t i = 0; i < n && !e; i++) {
		e = expect(r, CBOR_KIND_INT, &item, why);
		if (!e && item.value < 0)
			e = fail(why, ERR_INVALID, "'%lld' is below the least, 0", (long long)item.value);
		if (e)
			path_item(why, i);
		numbers[i] = item.value;
	}
	*out = (struct list){numbers, n};
	return e;
}

static enum err read_value(struct reader *r, const struct field *f, void *at, struct why *why)
{
	switch (f->kind) {
	case FIELD_TEXT:
		return read_text(r, f, at, why);
	case FIELD_INT:
	case FIELD_MONEY:
	case FIELD_QTY:
	case FIELD_PERCENT:
	case FIELD_BOOL:
	case FIELD_ENUM:
	case FIELD_DURATION:
		return read_number(r, f, at, why);
	case FIELD_TIME:
	case FIELD_TIME_END:
		return read_time(r, f, at, why);
	case FIELD_BYTES:
		return read_bytes(r, f, at, why);
	case FIELD_STRUCT:
		return read_struct(r, f, at, why);
	case FIELD_LIST:
		return read_list(r, f, at, why);
	case FIELD_WORDS:
		return words_from_cbor(f, r->in, r->arena, at, &r->plain, why);
	case FIELD_NUMBERS:
		return read_numbers(r, f, at, why);
	}
	return ERR_INVALID;
}

/* A map under way: the key that stands next in it, or MAP_END; what the one behind it is at least. */
struct pairs {
	int64_t left;
	uint64_t key, least;
};

#define MAP_END UINT64_MAX /* above all keys, which are of int64_t */

static enum err next_key(struct reader *r, struct pairs *p, struct why *why)
{
	struct cbor_item key;
	enum err e = ERR_OK;

	if (p->left == 0) {
		p->key = MAP_END;
		return ERR_OK;
	}
	key.value = cborr_short(r->in, CBOR_MAJOR_UINT);
	if (key.value < 0)
		e = expect(r, CBOR_KIND_INT, &key, why);
	if (!e && (key.value < 0 || (uint64_t)key.value < p->least))
		return fail(why, ERR_INVALID, "key %lld does not ascend", (long long)key.value);
	p->left--;
	p->key = (uint64_t)key.value;
	p->least = p->key + 1;
	return e;
}

/* Passes over what this version does not know, up to the first key that is not below wanted. */
static enum err pass_unknown(struct reader *r, struct pairs *p, uint64_t wanted, struct why *why)
{
	enum err e = ERR_OK;

	while (!e && p->key < wanted) {
		r->strange = true;
		if (cborr_pass(r->in, r->levels))
			return fail(why, ERR_INVALID, "key %llu: no deterministic CBOR",
				    (unsigned long long)p->key);
		e = next_key(r, p, why);
	}
	return e;
}

static enum err read_field(struct reader *r, const struct field *f, struct pairs *p, void *record,
			   struct why *why)
{
	enum err e = p->key < f->key ? pass_unknown(r, p, f->key, why) : ERR_OK;

	if (e)
		return e;
	if (p->key != f->key) {
		field_clear(f, record);
		return f->required ? field_missing(f, why) : ERR_OK;
	}
	e = read_value(r, f, field_at(f, record), why);
	if (e) {
		path_field(why, f->name);
		return e;
	}
	return next_key(r, p, why);
}

static enum err read_record(struct reader *r, const struct schema *s, void *out, struct why *why)
{
	struct pairs p = {0};
	struct cbor_item map = {.value = cborr_short(r->in, CBOR_MAJOR_MAP)};
	enum err e = map.value < 0 ? expect(r, CBOR_KIND_MAP, &map, why) : ERR_OK;

	memset(out, 0, s->size);
	if (e)
		return e;
	p.left = map.value;
	r->levels++;
	e = next_key(r, &p, why);
	for (size_t i = 0; i < s->count && !e; i++)
		e = read_field(r, &s->fields[i], &p, out, why);
	if (!e)
		e = pass_unknown(r, &p, MAP_END, why);
	r->levels--;
	return e;
}

/* reader->in is a cursor of the caller's. */
static enum err read_whole(struct reader *reader, const struct schema *s, struct cborr *r, void *out,
			   struct why *why)
{
	enum err e = read_record(reader, s, out, why);

	if (e)
		path_end(why);
	else
		*r = *reader->in;
	return e;
}

enum err record_from_cbor_plain(const struct schema *s, struct cborr *r, struct arena *a, void *out,
				bool *plain, struct why *why)
{
	struct cborr ahead = *r;
	struct reader reader = {.in = &ahead, .arena = a, .depth = 1, .plain = true};
	enum err e = read_whole(&reader, s, r, out, why);

	*plain = reader.plain;
	return e;
}

enum err record_from_cbor_known(const struct schema *s, struct cborr *r, struct arena *a, void *out,
				bool *known, struct why *why)
{
	struct cborr ahead = *r;
	struct reader reader = {.in = &ahead, .arena = a, .depth = 1, .plain = true};
	enum err e = read_whole(&reader, s, r, out, why);

	*known = !reader.strange;
	return e;
}

enum err record_from_cbor(const struct schema *s, struct cborr *r, struct arena *a, void *out,
			  struct why *why)
{
	bool plain;

	return record_from_cbor_plain(s, r, a, out, &plain, why);
}
