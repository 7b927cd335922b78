/*
 * Writing CBOR into a buffer: heads with the shortest argument, and content behind them.
 */
#include "cbor.h"
#include "text.h"

#include <endian.h>
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

uint8_t *cbor_long_head(uint8_t *at, enum cbor_major major, uint64_t argument)
{
	const uint64_t wide = htobe64(argument);
	unsigned info = argument <= UINT16_MAX	 ? CBOR_INFO_2_BYTES
			: argument <= UINT32_MAX ? CBOR_INFO_4_BYTES
						 : CBOR_INFO_8_BYTES;
	size_t size = (size_t)1 << (info - CBOR_INFO_1_BYTE);

	at[0] = (uint8_t)((unsigned)major << 5 | info);
	memcpy(at + 1, (const uint8_t *)&wide + sizeof(wide) - size, size);
	return at + 1 + size;
}

static void put(struct cborw *w, const void *bytes, size_t n)
{
	if (!w->failed && n > 0 && !buf_add(w->out, bytes, n))
		w->failed = ERR_LIMIT;
}

static void put_head(struct cborw *w, enum cbor_major type, uint64_t argument)
{
	uint8_t head[CBOR_HEAD_MAX];

	put(w, head, (size_t)(cbor_head(head, type, argument) - head));
}

void cborw_int(struct cborw *w, int64_t value)
{
	uint8_t head[CBOR_HEAD_MAX];

	put(w, head, (size_t)(cbor_number(head, value) - head));
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
