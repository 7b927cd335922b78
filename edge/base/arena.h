/*
 * An arena: memory that is handed out piece by piece and given back all at once. What parsing a record or
 * building a snapshot leaves behind lives in one, so nobody frees field by field.
 */
#ifndef TILL_ARENA_H
#define TILL_ARENA_H

#include <stddef.h>

struct arena {
	struct arena_block *block; /* the one being filled; older ones hang behind it */
	size_t used;		   /* bytes handed out since the last reset, for reports */
};

/* A zeroed struct arena is empty and ready. */
#define ARENA_EMPTY ((struct arena){0})

/* size bytes, zeroed, aligned for any type. NULL when memory is short. */
void *arena_get(struct arena *a, size_t size);

/* A copy of n bytes of text with a NUL behind it. NULL when memory is short. */
char *arena_text(struct arena *a, const char *text, size_t n);

/* Forgets all that was handed out, and keeps the largest block for the next round. */
void arena_reset(struct arena *a);

/* Gives everything back; the arena is empty and ready again. */
void arena_free(struct arena *a);

#endif
