/*
 * JSON (RFC 8259) as it leaves tilld. Escaped is what section 7 demands and no more: the quote, the
 * backslash and control characters.
 */
#include "jsonw.h"

#include <assert.h>
#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

void jsonw_fail(struct jsonw *w)
{
	w->failed = true;
	w->at = w->end = NULL;
}

/* Out is told what was written so far: it may have to move it. */
uint8_t *jsonw_make_room(struct jsonw *w, size_t n)
{
	uint8_t *at = NULL;

	if (!w->failed) {
		buf_grow(w->out, (size_t)(w->at - buf_front(w->out)) - buf_length(w->out));
		at = buf_room(w->out, n);
	}
	if (!at) {
		jsonw_fail(w);
		return NULL;
	}
	w->at = at + n;
	w->end = w->out->bytes + w->out->size;
	return at;
}

static void put(struct jsonw *w, const char *text, size_t n)
{
	uint8_t *at = jsonw_take_room(w, n);

	if (at && n)
		memcpy(at, text, n);
}

static void put_char(struct jsonw *w, char c)
{
	uint8_t *at = jsonw_take_room(w, 1);

	if (at)
		*at = (uint8_t)c;
}

static const char *short_escape(char c)
{
	switch (c) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	default:
		return NULL;
	}
}

static void put_escape(struct jsonw *w, char c)
{
	char text[] = "\\u00xx";
	const char *brief = short_escape(c);

	if (brief) {
		put(w, brief, 2);
		return;
	}
	text[4] = hex_digits[(unsigned char)c >> 4];
	text[5] = hex_digits[c & 15];
	put(w, text, 6);
}

#define EACH_BYTE(b) (UINT64_MAX / 255 * (b))

/*
 * One of these eight bytes needs an escape: a byte below b borrows from its top bit in x - EACH_BYTE(b), and
 * one that equals c is zero, so below 1, in x ^ EACH_BYTE(c).
 */
static bool any_escape(const char *eight)
{
	uint64_t x, quote, backslash, low;

	memcpy(&x, eight, sizeof(x));
	quote = x ^ EACH_BYTE('"');
	backslash = x ^ EACH_BYTE('\\');
	low = ((x - EACH_BYTE(0x20)) & ~x) | ((quote - EACH_BYTE(1)) & ~quote) |
	      ((backslash - EACH_BYTE(1)) & ~backslash);
	return low & EACH_BYTE(0x80);
}

/* How many of the first bytes need no escape. */
static size_t plain_length(const char *text, size_t n)
{
	size_t i = 0;

	while (n - i >= 8 && !any_escape(text + i))
		i += 8;
	if (n - i < 8 && n >= 8 &&
	    !any_escape(text + n - 8)) /* the rest, and some of it for the second time */
		return n;
	while (i < n && (unsigned char)text[i] >= 0x20 && text[i] != '"' && text[i] != '\\')
		i++;
	return i;
}

static void put_escaped(struct jsonw *w, const char *text, size_t n)
{
	while (n > 0) {
		size_t plain = plain_length(text, n);

		put(w, text, plain);
		if (plain == n)
			return;
		put_escape(w, text[plain]);
		text += plain + 1;
		n -= plain + 1;
	}
}

/* Copies as long as no byte needs an escape, eight at a time. False: one does, and `to` holds what it may. */
static bool copy_plain(uint8_t *to, const char *text, size_t n)
{
	size_t i = 0;

	for (; n - i >= 8; i += 8) {
		if (any_escape(text + i))
			return false;
		memcpy(to + i, text + i, 8);
	}
	for (; i < n; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == '"' || text[i] == '\\')
			return false;
		to[i] = (uint8_t)text[i];
	}
	return true;
}

/* In quotes and with its comma: at once, since nearly all text is plain; else a piece at a time. */
static void put_quoted(struct jsonw *w, const char *text, size_t n)
{
	uint8_t *at = w->at;

	if ((size_t)(w->end - at) >= n + 3 && copy_plain(at + 1, text, n)) {
		at[0] = '"';
		at[n + 1] = '"';
		at[n + 2] = ',';
		w->at = at + n + 3;
		return;
	}
	put_char(w, '"');
	put_escaped(w, text, n);
	put(w, "\",", 2);
}

void jsonw_begin(struct jsonw *w, struct buf *out)
{
	*w = (struct jsonw){.out = out, .began = buf_length(out)};
	w->at = w->end = out->bytes ? out->bytes + out->end : NULL;
}

/* A byte in the place of the comma that stands last. */
static void put_last(struct jsonw *w, char c)
{
	if (!w->failed)
		w->at[-1] = (uint8_t)c;
}

enum err jsonw_end(struct jsonw *w)
{
	assert(w->failed || w->depth == 0);
	put_last(w, '\n');
	if (w->failed) {
		buf_cut(w->out, w->began);
		return ERR_LIMIT;
	}
	buf_grow(w->out, (size_t)(w->at - buf_front(w->out)) - buf_length(w->out));
	return ERR_OK;
}

void jsonw_put_text(struct jsonw *w, const char *text, size_t n)
{
	if (text)
		put_quoted(w, text, n);
	else
		put(w, "null,", 5);
}

#define QUOTED_DECIMAL_MAX (1 + DECIMAL_TEXT_MAX + 2)
#define SMALL_BELOW	   10000 /* four digits */

/* 0 to 99, so that no division is needed for two digits. */
static const char pairs[] = "00010203040506070809101112131415161718192021222324"
			    "25262728293031323334353637383940414243444546474849"
			    "50515253545556575859606162636465666768697071727374"
			    "75767778798081828384858687888990919293949596979899";

static uint8_t *put_pair(uint8_t *to, uint32_t below_100)
{
	memcpy(to, pairs + (size_t)2 * below_100, 2);
	return to + 2;
}

static uint8_t *put_small(uint8_t *to, uint32_t value)
{
	uint32_t high = value / 100, low = value % 100;

	if (high >= 10)
		to = put_pair(to, high);
	else if (high)
		*to++ = (uint8_t)('0' + high);
	if (high || low >= 10)
		return put_pair(to, low);
	*to = (uint8_t)('0' + low);
	return to + 1;
}

void jsonw_put_int(struct jsonw *w, int64_t value)
{
	char text[DECIMAL_TEXT_MAX + 1];
	size_t n;

	if (value >= 0 && value < SMALL_BELOW && w->end - w->at >= 5) {
		w->at = put_small(w->at, (uint32_t)value);
		*w->at++ = ',';
		return;
	}
	n = decimal_format(value, 0, 0, text);
	text[n] = ',';
	put(w, text, n + 1);
}

static size_t write_decimal(int64_t value, unsigned exponent, unsigned min_decimals, char *to)
{
	size_t n = decimal_format(value, exponent, min_decimals, to + 1);

	to[0] = to[1 + n] = '"';
	to[2 + n] = ',';
	return n + 3;
}

/* What a line is made of: amounts of cents up to 9999.99, and whole quantities. False: it is another one. */
static bool put_usual(struct jsonw *w, uint64_t value, unsigned exponent, unsigned min_decimals)
{
	uint8_t *at = w->at;

	if (exponent == 2 && min_decimals == 2 && value < SMALL_BELOW * 100ULL) {
		at = put_small(at + 1, (uint32_t)value / 100);
		*at++ = '.';
		at = put_pair(at, (uint32_t)value % 100);
	} else if (exponent == 6 && min_decimals == 0 && value < SMALL_BELOW * 1000000ULL &&
		   value % 1000000 == 0) {
		at = put_small(at + 1, (uint32_t)(value / 1000000));
	} else {
		return false;
	}
	w->at[0] = '"';
	at[0] = '"';
	at[1] = ',';
	w->at = at + 2;
	return true;
}

/* A line is mostly amounts, so they are written where they belong if there is room for any. */
void jsonw_put_decimal(struct jsonw *w, int64_t value, unsigned exponent, unsigned min_decimals)
{
	char text[QUOTED_DECIMAL_MAX];
	size_t n;

	if (w->end - w->at >= QUOTED_DECIMAL_MAX) {
		if (!put_usual(w, (uint64_t)value, exponent, min_decimals)) /* one below 0 is huge there */
			w->at += write_decimal(value, exponent, min_decimals, (char *)w->at);
		return;
	}
	n = write_decimal(value, exponent, min_decimals, text);
	put(w, text, n);
}

void jsonw_put_hex(struct jsonw *w, const uint8_t *bytes, size_t n)
{
	put_char(w, '"');
	for (size_t i = 0; i < n; i++) {
		const char pair[] = {hex_digits[bytes[i] >> 4], hex_digits[bytes[i] & 15]};

		put(w, pair, sizeof(pair));
	}
	put(w, "\",", 2);
}

void jsonw_put_raw(struct jsonw *w, const char *json, size_t n)
{
	put(w, json, n);
	put_char(w, ',');
}
