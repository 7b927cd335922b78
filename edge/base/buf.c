/*
 * The queue is one piece of memory. What is in it moves to the front when the end is reached, and the
 * memory doubles when moving would win too little.
 */
#include "buf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MIN ((size_t)256)

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.max = max};
}

void buf_free(struct buf *b)
{
	free(b->bytes);
	buf_init(b, b->max);
}

static bool resize(struct buf *b, size_t wanted)
{
	size_t size = b->size ? b->size : SIZE_MIN;
	uint8_t *bytes;

	while (size < wanted)
		size = size <= b->max / 2 ? size * 2 : b->max;
	if (size > b->max)
		size = b->max;
	bytes = realloc(b->bytes, size);
	if (!bytes)
		return false;
	b->bytes = bytes;
	b->size = size;
	return true;
}

static void move_to_front(struct buf *b)
{
	if (!b->bytes || !b->start)
		return;
	memmove(b->bytes, b->bytes + b->start, buf_length(b));
	b->end -= b->start;
	b->start = 0;
}

uint8_t *buf_make_room(struct buf *b, size_t n)
{
	size_t length = buf_length(b);

	if (n > b->max || length > b->max - n)
		return NULL;
	/* Moving frees b->start bytes and costs length: worth it when that is less, or nothing else helps. */
	if (length + n <= b->size && (length <= b->start || b->size == b->max)) {
		move_to_front(b);
		return b->bytes + b->end;
	}
	move_to_front(b);
	if (!resize(b, length + n > b->size ? length + n : b->size + 1))
		return NULL;
	return b->bytes + b->end;
}

bool buf_add(struct buf *b, const void *bytes, size_t n)
{
	uint8_t *at;

	if (n == 0)
		return true;
	at = buf_room(b, n);
	if (!at)
		return false;
	memcpy(at, bytes, n);
	b->end += n;
	return true;
}

void buf_take(struct buf *b, size_t n)
{
	assert(n <= buf_length(b));
	b->start += n;
	if (b->start == b->end)
		b->start = b->end = 0;
}

void buf_cut(struct buf *b, size_t length)
{
	assert(length <= buf_length(b));
	b->end = b->start + length;
}
