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

static void put_quoted(struct jsonw *w, const char *text, size_t n)
{
	size_t run = 0; /* where the bytes begin that need no escape */

	put(w, "\"", 1);
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)text[i] >= 0x20 && text[i] != '"' && text[i] != '\\')
			continue;
		put(w, text + run, i - run);
		put_escape(w, text[i]);
		run = i + 1;
	}
	put(w, text + run, n - run);
	put(w, "\"", 1);
}

/* The comma and the name before a value. */
static void lead_in(struct jsonw *w, const char *name)
{
	uint32_t level = UINT32_C(1) << w->depth;

	assert(w->failed || w->depth == 0 || !name == !!(w->is_array & level));
	if (w->has_item & level)
		put(w, ",", 1);
	w->has_item |= level;
	if (!name)
		return;
	put_quoted(w, name, strlen(name));
	put(w, ":", 1);
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
	put_quoted(w, text, n);
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
	put(w, "\"", 1);
	put(w, text, n);
	put(w, "\"", 1);
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
