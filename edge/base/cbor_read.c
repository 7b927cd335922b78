/*
 * Reading CBOR, and refusing heads that are longer than they have to be.
 */
#include "cbor.h"
#include "text.h"

/* Reads the argument of the head at r->at; false if it is cut short, indefinite or not the shortest form. */
static bool read_argument(struct cborr *r, uint64_t *argument)
{
	unsigned info = *r->at++ & 31u, size;
	uint64_t value = 0;

	if (info < CBOR_INFO_1_BYTE) {
		*argument = info;
		return true;
	}
	if (info > CBOR_INFO_8_BYTES)
		return false;
	size = 1u << (info - CBOR_INFO_1_BYTE);
	if ((size_t)(r->end - r->at) < size)
		return false;
	for (unsigned i = 0; i < size; i++)
		value = value << 8 | *r->at++;
	*argument = value;
	return size == 1 ? value >= CBOR_INFO_1_BYTE
			 : value >> (size * 4) != 0; /* the upper half is needed */
}

static bool read_string(struct cborr *r, uint64_t length, enum cbor_kind kind, struct cbor_item *item)
{
	if (length > (uint64_t)(r->end - r->at))
		return false;
	*item = (struct cbor_item){.kind = kind, .at = r->at, .length = (size_t)length};
	r->at += length;
	return kind == CBOR_KIND_BYTES || text_is_utf8(item->at, item->length);
}

/* Every item takes a byte at least, so a count beyond the bytes left is a lie that could cost memory. */
static bool read_count(const struct cborr *r, uint64_t count, unsigned each, enum cbor_kind kind,
		       struct cbor_item *item)
{
	if (count > (uint64_t)(r->end - r->at) / each)
		return false;
	*item = (struct cbor_item){.kind = kind, .value = (int64_t)count};
	return true;
}

static bool read_simple(uint64_t value, struct cbor_item *item)
{
	*item = (struct cbor_item){.kind = CBOR_KIND_BOOL, .value = value == CBOR_SIMPLE_TRUE};
	if (value == CBOR_SIMPLE_NULL)
		item->kind = CBOR_KIND_NULL;
	return value >= CBOR_SIMPLE_FALSE && value <= CBOR_SIMPLE_NULL;
}

static bool read_item(struct cborr *r, struct cbor_item *item)
{
	unsigned major;
	uint64_t argument;

	if (r->at == r->end)
		return false;
	major = *r->at >> 5;
	if (!read_argument(r, &argument))
		return false;
	switch (major) {
	case CBOR_MAJOR_UINT:
		*item = (struct cbor_item){.kind = CBOR_KIND_INT, .value = (int64_t)argument};
		return argument <= INT64_MAX;
	case CBOR_MAJOR_NEGINT:
		*item = (struct cbor_item){.kind = CBOR_KIND_INT, .value = -1 - (int64_t)argument};
		return argument <= INT64_MAX;
	case CBOR_MAJOR_BYTES:
		return read_string(r, argument, CBOR_KIND_BYTES, item);
	case CBOR_MAJOR_TEXT:
		return read_string(r, argument, CBOR_KIND_TEXT, item);
	case CBOR_MAJOR_ARRAY:
		return read_count(r, argument, 1, CBOR_KIND_ARRAY, item);
	case CBOR_MAJOR_MAP:
		return read_count(r, argument, 2, CBOR_KIND_MAP, item);
	case CBOR_MAJOR_SIMPLE:
		return read_simple(argument, item);
	default: /* tags */
		return false;
	}
}

enum err cborr_next(struct cborr *r, struct cbor_item *item)
{
	struct cborr ahead = *r;

	if (!read_item(&ahead, item))
		return ERR_INVALID;
	*r = ahead;
	return ERR_OK;
}

enum err cborr_expect(struct cborr *r, enum cbor_kind kind, struct cbor_item *item)
{
	struct cborr ahead = *r;

	if (!read_item(&ahead, item) || item->kind != kind)
		return ERR_INVALID;
	*r = ahead;
	return ERR_OK;
}

static enum err pass(struct cborr *r, unsigned depth);

/* The keys are unsigned, so that bytewise order of their encodings is their own. */
static enum err pass_pairs(struct cborr *r, int64_t pairs, unsigned depth)
{
	int64_t last = -1;
	struct cbor_item key;

	for (; pairs > 0; pairs--) {
		enum err e = cborr_expect(r, CBOR_KIND_INT, &key);

		if (!e && key.value <= last)
			e = ERR_INVALID;
		if (!e)
			e = pass(r, depth);
		if (e)
			return e;
		last = key.value;
	}
	return ERR_OK;
}

static enum err pass(struct cborr *r, unsigned depth)
{
	struct cbor_item item;
	enum err e = cborr_next(r, &item);

	if (e || (item.kind != CBOR_KIND_ARRAY && item.kind != CBOR_KIND_MAP))
		return e;
	if (depth == CBOR_DEPTH_MAX)
		return ERR_LIMIT;
	if (item.kind == CBOR_KIND_MAP)
		return pass_pairs(r, item.value, depth + 1);
	for (int64_t i = 0; i < item.value && !e; i++)
		e = pass(r, depth + 1);
	return e;
}

enum err cborr_pass(struct cborr *r, unsigned depth)
{
	struct cborr ahead = *r;
	enum err e = pass(&ahead, depth);

	if (!e)
		*r = ahead;
	return e;
}

enum err cborr_skip(struct cborr *r, const uint8_t **at, size_t *length)
{
	const uint8_t *from = r->at;
	enum err e = cborr_pass(r, 0);

	if (e)
		return e;
	*at = from;
	*length = (size_t)(r->at - from);
	return ERR_OK;
}

enum err cbor_check(const void *bytes, size_t n)
{
	struct cborr r = cborr_over(bytes, n);
	enum err e = pass(&r, 0);

	if (!e && r.at != r.end)
		return ERR_INVALID;
	return e;
}
