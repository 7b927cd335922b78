/*
 * Writing JSON straight into a buffer, without building a tree first: every line that tilld sends leaves
 * through here, and the line that announces a priced scan must not allocate. Reading JSON is jansson's.
 *
 * Commas and nesting are kept by the writer. The first failure (no room, nesting too deep) sticks, later
 * calls do nothing, and jsonw_end reports it, so callers check once.
 */
#ifndef TILL_JSONW_H
#define TILL_JSONW_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "buf.h"
#include "err.h"
#include "money.h"

#define JSONW_DEPTH_MAX 31 /* a schema of RECORD_DEPTH_MAX levels takes three for each */

struct jsonw {
	struct buf *out;
	size_t began;	   /* out's length at the start, to undo to */
	uint8_t *at, *end; /* where the next byte goes; the room of out that is there already */
	uint32_t is_array; /* a bit a level: how to close it */
	uint8_t depth;
	bool failed;
};

void jsonw_begin(struct jsonw *w, struct buf *out);

/* Ends the value and adds a newline. On failure everything since jsonw_begin is taken back: ERR_LIMIT. */
enum err jsonw_end(struct jsonw *w) MUST_CHECK;

/*
 * What the calls below are made of: a name and, behind it, its value. They are apart, and the calls inline,
 * so that a name that stands in the source is copied without asking how long it is.
 *
 * Each value is written with a comma behind it, which the next closing bracket, or the newline at the end,
 * takes the place of: nobody has to know what stands before.
 */
uint8_t *jsonw_make_room(struct jsonw *w, size_t n); /* NULL: there is none, and that is noted */
void jsonw_put_text(struct jsonw *w, const char *text, size_t n);
void jsonw_put_int(struct jsonw *w, int64_t value);
void jsonw_put_decimal(struct jsonw *w, int64_t value, unsigned exponent, unsigned min_decimals);
void jsonw_put_hex(struct jsonw *w, const uint8_t *bytes, size_t n);
void jsonw_put_raw(struct jsonw *w, const char *json, size_t n);

void jsonw_fail(struct jsonw *w); /* nothing more is written */

/* Room for n bytes, which are to be written: the next come behind them. */
static inline uint8_t *jsonw_take_room(struct jsonw *w, size_t n)
{
	uint8_t *at = w->at;

	if ((size_t)(w->end - at) < n)
		return jsonw_make_room(w, n);
	w->at = at + n;
	return at;
}

static inline void jsonw_lead_n(struct jsonw *w, const char *name, size_t n)
{
	uint8_t *at = jsonw_take_room(w, n + 3);

	if (!at)
		return;
	at[0] = '"';
	memcpy(at + 1, name, n);
	at[n + 1] = '"';
	at[n + 2] = ':';
}

static inline void jsonw_lead(struct jsonw *w, const char *name)
{
	assert(w->failed || w->depth == 0 || !name == !!(w->is_array & UINT32_C(1) << w->depth));
	if (name)
		jsonw_lead_n(w, name, strlen(name));
}

static inline void jsonw_put_open(struct jsonw *w, bool array)
{
	uint32_t level = UINT32_C(2) << w->depth;
	uint8_t *at;

	if (w->depth == JSONW_DEPTH_MAX) {
		jsonw_fail(w);
		return;
	}
	at = jsonw_take_room(w, 1);
	if (!at)
		return;
	*at = array ? '[' : '{';
	w->depth++;
	w->is_array = array ? w->is_array | level : w->is_array & ~level;
}

/*
 * name is NULL inside an array and for the outermost value. Names are words of ours, written as they are;
 * text is UTF-8 and NUL-terminated.
 */
static inline void jsonw_object(struct jsonw *w, const char *name)
{
	jsonw_lead(w, name);
	jsonw_put_open(w, false);
}

static inline void jsonw_array(struct jsonw *w, const char *name)
{
	jsonw_lead(w, name);
	jsonw_put_open(w, true);
}

/* Ends the innermost object or array: its bracket takes the place of the last comma, if there is one. */
static inline void jsonw_close(struct jsonw *w)
{
	uint8_t *at;

	if (w->failed)
		return;
	assert(w->depth > 0);
	w->at -= w->at[-1] == ',';
	at = jsonw_take_room(w, 2);
	if (!at)
		return;
	at[0] = w->is_array & UINT32_C(1) << w->depth-- ? ']' : '}';
	at[1] = ',';
}

/* NULL text is null. */
static inline void jsonw_text(struct jsonw *w, const char *name, const char *text)
{
	jsonw_lead(w, name);
	jsonw_put_text(w, text, text ? strlen(text) : 0);
}

static inline void jsonw_text_n(struct jsonw *w, const char *name, const char *text, size_t n)
{
	jsonw_lead(w, name);
	jsonw_put_text(w, text, n);
}

static inline void jsonw_int(struct jsonw *w, const char *name, int64_t value)
{
	jsonw_lead(w, name);
	jsonw_put_int(w, value);
}

static inline void jsonw_bool(struct jsonw *w, const char *name, bool value)
{
	jsonw_lead(w, name);
	jsonw_put_raw(w, value ? "true" : "false", value ? 4 : 5);
}

static inline void jsonw_null(struct jsonw *w, const char *name)
{
	jsonw_lead(w, name);
	jsonw_put_raw(w, "null", 4);
}

/* A decimal in quotes: money "2.50" (exponent and min_decimals 2), a quantity "1.5" (6 and 0). */
static inline void jsonw_decimal(struct jsonw *w, const char *name, int64_t value, unsigned exponent,
				 unsigned min_decimals)
{
	jsonw_lead(w, name);
	jsonw_put_decimal(w, value, exponent, min_decimals);
}

/* Bytes as lower-case hexadecimal in quotes. */
static inline void jsonw_hex(struct jsonw *w, const char *name, const uint8_t *bytes, size_t n)
{
	jsonw_lead(w, name);
	jsonw_put_hex(w, bytes, n);
}

/* Text that is JSON already, as it is. */
static inline void jsonw_raw(struct jsonw *w, const char *name, const char *json, size_t n)
{
	jsonw_lead(w, name);
	jsonw_put_raw(w, json, n);
}

/* Members of an object that are JSON already, at least one: "a":1,"b":2. */
static inline void jsonw_members(struct jsonw *w, const char *json, size_t n)
{
	jsonw_put_raw(w, json, n);
}

#endif
