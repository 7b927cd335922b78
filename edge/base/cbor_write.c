/*
 * Writing CBOR: libcbor's encoders, which always choose the shortest head, into a buffer. Nine heads in ten
 * are a single byte, and are written here.
 */
#include <cbor/encoding.h>

#include "cbor.h"
#include "text.h"

#include <string.h>

#define HEAD_MAX 9 /* a byte and eight of argument */

/* RFC 8949 section 3: the major type in the top three bits, an argument below 24 in the others. */
enum { UINT = 0x00, NEGINT = 0x20, BYTES = 0x40, TEXT = 0x60, ARRAY = 0x80, MAP = 0xA0 };
enum { SHORT_END = 24 };

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

static void put(struct cborw *w, const void *bytes, size_t n)
{
	uint8_t *at = n && !w->failed ? buf_room(w->out, n) : NULL;

	if (at) {
		memcpy(at, bytes, n);
		buf_grow(w->out, n);
	} else if (n && !w->failed) {
		w->failed = ERR_LIMIT;
	}
}

/* True: that was the whole head. */
static bool put_short(struct cborw *w, unsigned major, uint64_t argument)
{
	const uint8_t head = (uint8_t)(major | argument);

	if (argument >= SHORT_END)
		return false;
	put(w, &head, 1);
	return true;
}

void cborw_int(struct cborw *w, int64_t value)
{
	uint64_t argument = (uint64_t)(value >= 0 ? value : -1 - value);
	unsigned char head[HEAD_MAX];

	if (put_short(w, value >= 0 ? UINT : NEGINT, argument))
		return;
	if (value >= 0)
		put(w, head, cbor_encode_uint(argument, head, HEAD_MAX));
	else
		put(w, head, cbor_encode_negint(argument, head, HEAD_MAX));
}

void cborw_bytes(struct cborw *w, const void *bytes, size_t n)
{
	unsigned char head[HEAD_MAX];

	if (!put_short(w, BYTES, n))
		put(w, head, cbor_encode_bytestring_start(n, head, HEAD_MAX));
	put(w, bytes, n);
}

void cborw_text(struct cborw *w, const char *text, size_t n)
{
	unsigned char head[HEAD_MAX];

	if (!w->failed && !text_is_utf8(text, n))
		w->failed = ERR_INVALID;
	if (!put_short(w, TEXT, n))
		put(w, head, cbor_encode_string_start(n, head, HEAD_MAX));
	put(w, text, n);
}

void cborw_array(struct cborw *w, size_t items)
{
	unsigned char head[HEAD_MAX];

	if (!put_short(w, ARRAY, items))
		put(w, head, cbor_encode_array_start(items, head, HEAD_MAX));
}

void cborw_map(struct cborw *w, size_t pairs)
{
	unsigned char head[HEAD_MAX];

	if (!put_short(w, MAP, pairs))
		put(w, head, cbor_encode_map_start(pairs, head, HEAD_MAX));
}

void cborw_bool(struct cborw *w, bool value)
{
	unsigned char head[HEAD_MAX];

	put(w, head, cbor_encode_bool(value, head, HEAD_MAX));
}

void cborw_null(struct cborw *w)
{
	unsigned char head[HEAD_MAX];

	put(w, head, cbor_encode_null(head, HEAD_MAX));
}

void cborw_raw(struct cborw *w, const void *encoded, size_t n)
{
	put(w, encoded, n);
}
