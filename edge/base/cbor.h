/*
 * Deterministic CBOR (RFC 8949 section 4.2.1): shortest heads, definite lengths, map keys in bytewise order
 * of their encodings. Hash-chained bytes cannot change later, so a reader refuses what a writer would not
 * have written.
 *
 * Only what tilld's events and records use: integers in int64_t, byte and text strings, arrays, maps with
 * small unsigned keys, booleans, null. No floating point, no tags.
 */
#ifndef TILL_CBOR_H
#define TILL_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

/* Major types (RFC 8949 section 3.1): the top three bits of a head. */
enum cbor_major {
	CBOR_MAJOR_UINT,
	CBOR_MAJOR_NEGINT,
	CBOR_MAJOR_BYTES,
	CBOR_MAJOR_TEXT,
	CBOR_MAJOR_ARRAY,
	CBOR_MAJOR_MAP,
	CBOR_MAJOR_TAG,
	CBOR_MAJOR_SIMPLE
};

/*
 * The lower five bits of a head (section 3): an argument below the first of these, or how many bytes of it
 * follow. Arguments of CBOR_MAJOR_SIMPLE.
 */
enum { CBOR_INFO_1_BYTE = 24, CBOR_INFO_2_BYTES, CBOR_INFO_4_BYTES, CBOR_INFO_8_BYTES };
enum { CBOR_SIMPLE_FALSE = 20, CBOR_SIMPLE_TRUE = 21, CBOR_SIMPLE_NULL = 22 };

/*
 * Writing: the first failure sticks; cborw_end reports it and takes everything back. ERR_LIMIT: no room.
 * ERR_INVALID: text that is not UTF-8 or holds a NUL, which no reader would accept.
 */
struct cborw {
	struct buf *out;
	size_t began;
	enum err failed;
};

void cborw_begin(struct cborw *w, struct buf *out);
enum err cborw_end(struct cborw *w) MUST_CHECK;
void cborw_int(struct cborw *w, int64_t value);
void cborw_bytes(struct cborw *w, const void *bytes, size_t n);
void cborw_text(struct cborw *w, const char *text, size_t n);
void cborw_array(struct cborw *w, size_t items);
void cborw_map(struct cborw *w, size_t pairs); /* the caller writes keys in ascending order */
void cborw_bool(struct cborw *w, bool value);
void cborw_null(struct cborw *w);
void cborw_raw(struct cborw *w, const void *encoded, size_t n); /* one item that is encoded already */

/* The most bytes of a head. */
#define CBOR_HEAD_MAX 9

/* For who has the room already: a head in its shortest form, and the place behind it. */
uint8_t *cbor_long_head(uint8_t *at, enum cbor_major major, uint64_t argument);

static inline uint8_t *cbor_head(uint8_t *at, enum cbor_major major, uint64_t argument)
{
	const uint8_t type = (uint8_t)((unsigned)major << 5);

	if (argument > UINT8_MAX)
		return cbor_long_head(at, major, argument);
	if (argument < CBOR_INFO_1_BYTE) {
		*at = (uint8_t)(type | argument);
		return at + 1;
	}
	at[0] = type | CBOR_INFO_1_BYTE;
	at[1] = (uint8_t)argument;
	return at + 2;
}

static inline uint8_t *cbor_number(uint8_t *at, int64_t value)
{
	if (value >= 0)
		return cbor_head(at, CBOR_MAJOR_UINT, (uint64_t)value);
	return cbor_head(at, CBOR_MAJOR_NEGINT, (uint64_t)(-1 - value));
}

/* Reading: a cursor over borrowed bytes. Text and bytes point into them; text is checked UTF-8, no NUL. */
struct cborr {
	const uint8_t *at, *end;
};

enum cbor_kind {
	CBOR_KIND_INT,
	CBOR_KIND_BYTES,
	CBOR_KIND_TEXT,
	CBOR_KIND_ARRAY,
	CBOR_KIND_MAP,
	CBOR_KIND_BOOL,
	CBOR_KIND_NULL
};

struct cbor_item {
	enum cbor_kind kind;
	int64_t value;	/* INT; BOOL 0 or 1; ARRAY items; MAP pairs */
	const void *at; /* BYTES, TEXT */
	size_t length;	/* BYTES, TEXT */
};

/* Nesting that cborr_skip and checks follow; deeper is ERR_LIMIT. */
#define CBOR_DEPTH_MAX 16

static inline struct cborr cborr_over(const void *bytes, size_t n)
{
	return (struct cborr){.at = bytes, .end = (const uint8_t *)bytes + n};
}

/*
 * The argument of the next head if it is of that type and in the head's own byte, as nearly all are; this way
 * costs no call. -1: it is not, and the cursor stays where it was; the calls below tell more.
 */
static inline int cborr_short(struct cborr *r, enum cbor_major major)
{
	if (r->at == r->end || *r->at >> 5 != major || (*r->at & 31) > 23)
		return -1;
	return *r->at++ & 31;
}

/*
 * The next item's head (and content, for strings). ERR_INVALID for what the profile above excludes, and for
 * an array or map of more items than bytes are left; the cursor then stays where it was.
 */
enum err cborr_next(struct cborr *r, struct cbor_item *item) MUST_CHECK;

/* The next item, of that kind or ERR_INVALID. */
enum err cborr_expect(struct cborr *r, enum cbor_kind kind, struct cbor_item *item) MUST_CHECK;

/* Passes one item with all that is in it, checking it as cbor_check does, and says where it stood. */
enum err cborr_skip(struct cborr *r, const uint8_t **at, size_t *length) MUST_CHECK;

/* Passes one item that stands in depth arrays and maps, which count against CBOR_DEPTH_MAX. */
enum err cborr_pass(struct cborr *r, unsigned depth) MUST_CHECK;

/* Checks that n bytes are exactly one deterministic item, map keys ascending and unique at every level. */
enum err cbor_check(const void *bytes, size_t n) MUST_CHECK;

#endif
