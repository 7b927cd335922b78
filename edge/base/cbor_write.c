/*
 * Writing CBOR into a buffer: heads with the shortest argument, and content behind them.
 */
#include "cbor.h"
#include "text.h"

#include <string.h>

void cborw_begin(struct cborw *w, struct buf *out)
{
	*w = (struct cborw){.out = out, .began = buf_length(out)};
}

enum err cborw_end(struct cborw *w)
{
	if (w->failed)
		buf_cut(w->out, w->began);
	return w->failed;
}

/* n bytes more, for the caller to fill in; NULL: there is no room, or something failed before. */
static inline uint8_t *extend(struct cborw *w, size_t n)
{
	uint8_t *at = w->failed ? NULL : buf_room(w->out, n);

	if (at)
		buf_grow(w->out, n);
	else if (!w->failed)
		w->failed = ERR_LIMIT;
	return at;
}

static void put(struct cborw *w, const void *bytes, size_t n)
{
	uint8_t *at = n ? extend(w, n) : NULL;

	if (at)
		memcpy(at, bytes, n);
}

/* An argument that stands behind its head's byte. */
static void put_long_head(struct cborw *w, uint8_t major, uint64_t argument)
{
	unsigned info = argument <= UINT8_MAX	 ? CBOR_INFO_1_BYTE
			: argument <= UINT16_MAX ? CBOR_INFO_2_BYTES
			: argument <= UINT32_MAX ? CBOR_INFO_4_BYTES
						 : CBOR_INFO_8_BYTES;
	size_t size = (size_t)1 << (info - CBOR_INFO_1_BYTE);
	uint8_t *at = extend(w, 1 + size);

	if (!at)
		return;
	at[0] = (uint8_t)(major | info);
	for (size_t i = size; i > 0; i--, argument >>= 8)
		at[i] = (uint8_t)argument;
}

/* Nine heads in ten are a single byte. */
static inline void put_head(struct cborw *w, enum cbor_major type, uint64_t argument)
{
	const uint8_t major = (uint8_t)(type << 5);
	uint8_t *at;

	if (argument >= CBOR_INFO_1_BYTE) {
		put_long_head(w, major, argument);
		return;
	}
	at = extend(w, 1);
	if (at)
		*at = (uint8_t)(major | argument);
}

void cborw_int(struct cborw *w, int64_t value)
{
	if (value >= 0)
		put_head(w, CBOR_MAJOR_UINT, (uint64_t)value);
	else
		put_head(w, CBOR_MAJOR_NEGINT, (uint64_t)(-1 - value));
}

void cborw_bytes(struct cborw *w, const void *bytes, size_t n)
{
	put_head(w, CBOR_MAJOR_BYTES, n);
	put(w, bytes, n);
}

void cborw_text(struct cborw *w, const char *text, size_t n)
{
	if (!w->failed && !text_is_utf8(text, n))
		w->failed = ERR_INVALID;
	put_head(w, CBOR_MAJOR_TEXT, n);
	put(w, text, n);
}

void cborw_array(struct cborw *w, size_t items)
{
	put_head(w, CBOR_MAJOR_ARRAY, items);
}

void cborw_map(struct cborw *w, size_t pairs)
{
	put_head(w, CBOR_MAJOR_MAP, pairs);
}

void cborw_bool(struct cborw *w, bool value)
{
	put_head(w, CBOR_MAJOR_SIMPLE, value ? CBOR_SIMPLE_TRUE : CBOR_SIMPLE_FALSE);
}

void cborw_null(struct cborw *w)
{
	put_head(w, CBOR_MAJOR_SIMPLE, CBOR_SIMPLE_NULL);
}

void cborw_raw(struct cborw *w, const void *encoded, size_t n)
{
	put(w, encoded, n);
}
