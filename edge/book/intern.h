/*
 * Interning: names to small numbers, in the order in which they are first seen. A builder's working table;
 * the catalog gets the names sorted (intern_sort).
 *
 * As long as names are added in ascending order, and then asked for in about the same, as the records of a
 * database come, the table is no more than the names. It becomes a hash table with the first that does not.
 */
#ifndef TILL_INTERN_H
#define TILL_INTERN_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "catalog.h"

struct intern_slot {
	uint32_t hash, id; /* id CATALOG_NONE: free */
};

struct intern {
	const char **names;
	uint32_t *values;	   /* one a name, for the owner; CATALOG_NONE at first */
	struct intern_slot *slots; /* NULL: the names ascend */
	uint32_t count, size, mask;
	uint32_t last; /* the name asked for last */
};

/* The number of a name, a new one if need be; its text is copied into the arena. CATALOG_NONE: no memory. */
uint32_t intern_add(struct intern *t, struct arena *a, const char *name);

/* Names stand in the order of their numbers. */
bool intern_ascends(const struct intern *t);

/* CATALOG_NONE if it was never added. */
uint32_t intern_find(const struct intern *t, const char *name);

/* Sorts the names bytewise into out, copied into the arena, and sets each value to the place. */
enum err intern_sort(struct intern *t, struct arena *a, struct names *out) MUST_CHECK;

void intern_free(struct intern *t);

/*
 * Makes room for one more element of `each` bytes behind count in an array that grows by doubling; array is
 * the address of the pointer to it. False: no memory, nothing changed.
 */
bool array_room(void *array, uint32_t *size, uint32_t count, size_t each);

#endif
