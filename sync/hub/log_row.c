/*
 * See log_row.h.
 */
#include "log_row.h"

#include <assert.h>
#include <string.h>

#include "cbor.h"

#define MEMORY_KEPT (4 * LOG_ROW_BYTES)

void log_row_init(struct log_row *row)
{
	*row = (struct log_row){0};
	buf_init(&row->bytes, LOG_QUEUE_BYTES_MAX + LOG_ROW_BYTES);
}

void log_row_free(struct log_row *row)
{
	buf_free(&row->bytes);
}

enum err log_row_add(struct log_row *row, const struct log_entry *e)
{
	size_t key = strlen(e->key);
	uint8_t *start = buf_room(&row->bytes, key + e->value.length + (size_t)2 * CBOR_HEAD_MAX),
		*at = start;

	assert(key <= LOG_KEY_MAX);
	if (!at)
		return ERR_MEMORY;
	if (row->count == 0)
		row->first = e->offset;
	assert(e->offset == row->first + row->count);
	at = cbor_head(at, CBOR_MAJOR_BYTES, key);
	memcpy(at, e->key, key);
	at = cbor_head(at + key, CBOR_MAJOR_BYTES, e->value.length);
	if (e->value.length)
		memcpy(at, e->value.at, e->value.length);
	buf_grow(&row->bytes, (size_t)(at + e->value.length - start));
	row->count++;
	return ERR_OK;
}

void log_row_clear(struct log_row *row)
{
	size_t used = buf_length(&row->bytes);

	row->count = 0;
	if (used > MEMORY_KEPT) {
		log_row_free(row);
		log_row_init(row);
	} else {
		buf_take(&row->bytes, used);
	}
}

enum err log_row_next(struct cborr *r, char key[LOG_KEY_MAX + 1], struct bytes *value)
{
	struct cbor_item k, v;

	if (cborr_expect(r, CBOR_KIND_BYTES, &k) || cborr_expect(r, CBOR_KIND_BYTES, &v) ||
	    k.length > LOG_KEY_MAX || (k.length && memchr(k.at, '\0', k.length)))
		return ERR_INVALID;
	if (k.length)
		memcpy(key, k.at, k.length);
	key[k.length] = '\0';
	*value = (struct bytes){v.at, v.length};
	return ERR_OK;
}
