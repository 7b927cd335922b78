/*
 * Blocks from malloc, filled front to back. Each new block is twice the size of the last, so the number of
 * blocks stays small and reset soon leaves one that is large enough for a whole round.
 */
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MIN ((size_t)4096)
#define BLOCK_MAX ((size_t)1 << 20) /* larger ones only for a single piece that needs it */
#define ALIGN	  alignof(max_align_t)

struct arena_block {
	struct arena_block *older;
	size_t size, filled;
	alignas(max_align_t) unsigned char bytes[];
};

static size_t next_size(const struct arena_block *last, size_t wanted)
{
	size_t size = BLOCK_MIN;

	if (last)
		size = last->size < BLOCK_MAX / 2 ? last->size * 2 : BLOCK_MAX;
	return size < wanted ? wanted : size;
}

static struct arena_block *add_block(struct arena *a, size_t wanted)
{
	size_t size = next_size(a->block, wanted);
	struct arena_block *b;

	if (size > PTRDIFF_MAX - sizeof(*b))
		return NULL;
	b = malloc(sizeof(*b) + size);
	if (!b)
		return NULL;
	b->older = a->block;
	b->size = size;
	b->filled = 0;
	a->block = b;
	return b;
}

static inline void *take(struct arena *a, size_t size, size_t align)
{
	struct arena_block *b = a->block;
	size_t from = b ? (b->filled + align - 1) & ~(align - 1) : 0, before = b ? b->filled : 0;

	if (size > PTRDIFF_MAX)
		return NULL;
	if (!b || from > b->size || b->size - from < size) {
		b = add_block(a, size);
		from = before = 0;
	}
	if (!b)
		return NULL;
	b->filled = from + size;
	a->used += b->filled - before;
	return b->bytes + from;
}

void *arena_get(struct arena *a, size_t size)
{
	void *at = take(a, size, ALIGN);

	return at ? memset(at, 0, size) : NULL;
}

char *arena_text(struct arena *a, const char *text, size_t n)
{
	char *copy = n < SIZE_MAX ? take(a, n + 1, 1) : NULL;

	if (!copy)
		return NULL;
	if (n)
		memcpy(copy, text, n);
	copy[n] = '\0';
	return copy;
}

static void free_all_but(struct arena_block *b, const struct arena_block *kept)
{
	while (b) {
		struct arena_block *older = b->older;

		if (b != kept)
			free(b);
		b = older;
	}
}

void arena_reset(struct arena *a)
{
	struct arena_block *largest = a->block;

	for (struct arena_block *b = a->block; b; b = b->older)
		if (b->size > largest->size)
			largest = b;
	free_all_but(a->block, largest);
	if (largest) {
		largest->older = NULL;
		largest->filled = 0;
	}
	a->block = largest;
	a->used = 0;
}

void arena_free(struct arena *a)
{
	free_all_but(a->block, NULL);
	*a = ARENA_EMPTY;
}
