/*
 * Rows of the embedded log. Records of one partition that become durable in one commit lie together in a row,
 * up to a size: a row costs SQLite as much as writing some thousand bytes, and most records are small.
 *
 * A row's value is keys and values of its records in turns, each a CBOR byte string.
 */
#ifndef TILL_LOG_ROW_H
#define TILL_LOG_ROW_H

#include "event_log.h"

#define LOG_ROW_BYTES ((size_t)65536) /* a row of so many or more takes no further record */
#define LOG_KEY_MAX   255

struct log_row {
	int64_t first; /* offset of its first record */
	int64_t count;
	struct buf bytes;
};

void log_row_init(struct log_row *row);
void log_row_free(struct log_row *row);

/* Adds a record whose offset is known; offsets follow each other. ERR_MEMORY. */
enum err log_row_add(struct log_row *row, const struct log_entry *e) MUST_CHECK;

/* It starts again, empty, and lets go of the memory of an unusually large one. */
void log_row_clear(struct log_row *row);

/* The next record of a row's value. ERR_INVALID: these bytes are none. */
enum err log_row_next(struct cborr *r, char key[LOG_KEY_MAX + 1], struct bytes *value) MUST_CHECK;

#endif
