/*
 * JSON (RFC 8259) as it leaves tilld. Escaped is what section 7 demands and no more: the quote, the
 * backslash and control characters.
 */
#include "jsonw.h"

#include <assert.h>
#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

static void put(struct jsonw *w, const char *text, size_t n)
{
	if (!w->failed && !buf_add(w->out, text, n))
		w->failed = true;
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

/* A piece at a time, where the text has escapes or the room ends. */
static void put_quoted_slowly(struct jsonw *w, bool comma, const char *text, size_t n, bool colon)
{
	put(w, ",", comma);
	put(w, "\"", 1);
	put_escaped(w, text, n);
	put(w, "\"", 1);
	put(w, ":", colon);
}

/* The text in quotes, between comma and colon if they are wanted: at once, since nearly all text is plain. */
static void put_quoted(struct jsonw *w, bool comma, const char *text, size_t n, bool colon)
{
	size_t all = comma + 1 + n + 1 + colon;
	uint8_t *at;

	if (w->failed)
		return;
	at = plain_length(text, n) == n ? buf_room(w->out, all) : NULL;
	if (!at) {
		put_quoted_slowly(w, comma, text, n, colon);
		return;
	}
	if (comma)
		*at++ = ',';
	*at++ = '"';
	memcpy(at, text, n);
	at[n] = '"';
	if (colon)
		at[n + 1] = ':';
	buf_grow(w->out, all);
}

/* The comma and the name before a value. */
static void lead_in(struct jsonw *w, const char *name)
{
	uint32_t level = UINT32_C(1) << w->depth;

	assert(w->failed || w->depth == 0 || !name == !!(w->is_array & level));
	if (name)
		put_quoted(w, w->has_item & level, name, strlen(name), true);
	else if (w->has_item & level)
		put(w, ",", 1);
	w->has_item |= level;
}

void jsonw_begin(struct jsonw *w, struct buf *out)
{
	*w = (struct jsonw){.out = out, .began = buf_length(out)};
}

enum err jsonw_end(struct jsonw *w)
{
	assert(w->failed || w->depth == 0);
	put(w, "\n", 1);
	if (!w->failed)
		return ERR_OK;
	buf_cut(w->out, w->began);
	return ERR_LIMIT;
}

static void open(struct jsonw *w, const char *name, bool array)
{
	uint32_t level;

	if (w->depth == JSONW_DEPTH_MAX)
		w->failed = true;
	if (w->failed)
		return;
	lead_in(w, name);
	put(w, array ? "[" : "{", 1);
	level = UINT32_C(1) << ++w->depth;
	w->has_item &= ~level;
	w->is_array = array ? w->is_array | level : w->is_array & ~level;
}

void jsonw_object(struct jsonw *w, const char *name)
{
	open(w, name, false);
}

void jsonw_array(struct jsonw *w, const char *name)
{
	open(w, name, true);
}

void jsonw_close(struct jsonw *w)
{
	if (w->failed)
		return;
	assert(w->depth > 0);
	put(w, w->is_array & (UINT32_C(1) << w->depth) ? "]" : "}", 1);
	w->depth--;
}

void jsonw_text(struct jsonw *w, const char *name, const char *text)
{
	if (text)
		jsonw_text_n(w, name, text, strlen(text));
	else
		jsonw_null(w, name);
}

void jsonw_text_n(struct jsonw *w, const char *name, const char *text, size_t n)
{
	lead_in(w, name);
	put_quoted(w, false, text, n, false);
}

void jsonw_int(struct jsonw *w, const char *name, int64_t value)
{
	char text[DECIMAL_TEXT_MAX];

	lead_in(w, name);
	put(w, text, decimal_format(value, 0, 0, text));
}

void jsonw_bool(struct jsonw *w, const char *name, bool value)
{
	lead_in(w, name);
	put(w, value ? "true" : "false", value ? 4 : 5);
}

void jsonw_null(struct jsonw *w, const char *name)
{
	lead_in(w, name);
	put(w, "null", 4);
}

void jsonw_decimal(struct jsonw *w, const char *name, int64_t value, unsigned exponent, unsigned min_decimals)
{
	char text[DECIMAL_TEXT_MAX];
	size_t n = decimal_format(value, exponent, min_decimals, text);

	lead_in(w, name);
	put_quoted(w, false, text, n, false);
}

void jsonw_hex(struct jsonw *w, const char *name, const uint8_t *bytes, size_t n)
{
	lead_in(w, name);
	put(w, "\"", 1);
	for (size_t i = 0; i < n; i++) {
		const char pair[] = {hex_digits[bytes[i] >> 4], hex_digits[bytes[i] & 15]};

		put(w, pair, sizeof(pair));
	}
	put(w, "\"", 1);
}

void jsonw_raw(struct jsonw *w, const char *name, const char *json, size_t n)
{
	lead_in(w, name);
	put(w, json, n);
}
