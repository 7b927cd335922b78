/*
 * Writing CBOR: libcbor's encoders, which always choose the shortest head, into a buffer.
 */
#include <cbor/encoding.h>

#include "cbor.h"
#include "text.h"

#define HEAD_MAX 9 /* a byte and eight of argument */

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
	if (!w->failed && !buf_add(w->out, bytes, n))
		w->failed = ERR_LIMIT;
}

void cborw_int(struct cborw *w, int64_t value)
{
	unsigned char head[HEAD_MAX];

	if (value >= 0)
		put(w, head, cbor_encode_uint((uint64_t)value, head, HEAD_MAX));
	else
		put(w, head, cbor_encode_negint((uint64_t)(-1 - value), head, HEAD_MAX));
}

void cborw_bytes(struct cborw *w, const void *bytes, size_t n)
{
	unsigned char head[HEAD_MAX];

	put(w, head, cbor_encode_bytestring_start(n, head, HEAD_MAX));
	put(w, bytes, n);
}

void cborw_text(struct cborw *w, const char *text, size_t n)
{
	unsigned char head[HEAD_MAX];

	if (!w->failed && !text_is_utf8(text, n))
		w->failed = ERR_INVALID;
	put(w, head, cbor_encode_string_start(n, head, HEAD_MAX));
	put(w, text, n);
}

void cborw_array(struct cborw *w, size_t items)
{
	unsigned char head[HEAD_MAX];

	put(w, head, cbor_encode_array_start(items, head, HEAD_MAX));
}

void cborw_map(struct cborw *w, size_t pairs)
{
	unsigned char head[HEAD_MAX];

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
