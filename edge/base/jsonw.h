/*
 * Writing JSON straight into a buffer, without building a tree first: every line that tilld sends leaves
 * through here, and the line that announces a priced scan must not allocate. Reading JSON is jansson's.
 *
 * Commas and nesting are kept by the writer. The first failure (no room, nesting too deep) sticks, later
 * calls do nothing, and jsonw_end reports it, so callers check once.
 */
#ifndef TILL_JSONW_H
#define TILL_JSONW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "money.h"

#define JSONW_DEPTH_MAX 31 /* a schema of RECORD_DEPTH_MAX levels takes three for each */

struct jsonw {
	struct buf *out;
	size_t began;	   /* out's length at the start, to undo to */
	uint32_t has_item; /* a bit a level: something was written there, so a comma is due */
	uint32_t is_array; /* a bit a level: how to close it */
	uint8_t depth;
	bool failed;
};

void jsonw_begin(struct jsonw *w, struct buf *out);

/* Ends the value and adds a newline. On failure everything since jsonw_begin is taken back: ERR_LIMIT. */
enum err jsonw_end(struct jsonw *w) MUST_CHECK;

/* name is NULL inside an array and for the outermost value. Names and text are UTF-8 and NUL-terminated. */
void jsonw_object(struct jsonw *w, const char *name);
void jsonw_array(struct jsonw *w, const char *name);
void jsonw_close(struct jsonw *w); /* ends the innermost object or array */

void jsonw_text(struct jsonw *w, const char *name, const char *text); /* NULL text is null */
void jsonw_text_n(struct jsonw *w, const char *name, const char *text, size_t n);
void jsonw_int(struct jsonw *w, const char *name, int64_t value);
void jsonw_bool(struct jsonw *w, const char *name, bool value);
void jsonw_null(struct jsonw *w, const char *name);

/* A decimal in quotes: money "2.50" (exponent and min_decimals 2), a quantity "1.5" (6 and 0). */
void jsonw_decimal(struct jsonw *w, const char *name, int64_t value, unsigned exponent,
		   unsigned min_decimals);

/* Bytes as lower-case hexadecimal in quotes. */
void jsonw_hex(struct jsonw *w, const char *name, const uint8_t *bytes, size_t n);

/* Text that is JSON already, as it is. */
void jsonw_raw(struct jsonw *w, const char *name, const char *json, size_t n);

#endif
