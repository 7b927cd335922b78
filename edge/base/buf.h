/*
 * A byte queue: bytes are added at the end and taken from the front. It grows to a bound and no further:
 * at the bound nothing is added, and the caller's policy decides (drop the client, stop reading).
 */
#ifndef TILL_BUF_H
#define TILL_BUF_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *bytes;
	size_t start, end; /* what is in it: bytes[start] to bytes[end - 1] */
	size_t size, max;  /* allocated; the bound */
};

void buf_init(struct buf *b, size_t max);
void buf_free(struct buf *b);

static inline size_t buf_length(const struct buf *b)
{
	return b->end - b->start;
}

static inline uint8_t *buf_front(const struct buf *b)
{
	return b->bytes ? b->bytes + b->start : b->bytes; /* 0 from NULL is undefined, too */
}

/*
 * Room for n bytes at the end, as a pointer to them, or NULL if that passes the bound or memory is short.
 * buf_grow says how many of them were written. An empty queue starts again at the front of its memory.
 * buf_make_room is the part of it that moves or allocates; call buf_room.
 */
uint8_t *buf_make_room(struct buf *b, size_t n);

static inline uint8_t *buf_room(struct buf *b, size_t n)
{
	if (b->bytes && n <= b->size - b->end) /* the usual case; size is never above the bound */
		return b->bytes + b->end;
	return buf_make_room(b, n);
}

static inline void buf_grow(struct buf *b, size_t n)
{
	assert(n <= b->size - b->end);
	b->end += n;
}

/* Adds n bytes, all or none. */
bool buf_add(struct buf *b, const void *bytes, size_t n);

/* Takes n bytes off the front; n is at most buf_length. */
void buf_take(struct buf *b, size_t n);

/* Drops what is in it from length on: undoes additions since buf_length was that. */
void buf_cut(struct buf *b, size_t length);

#endif
