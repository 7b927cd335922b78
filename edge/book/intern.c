/*
 * Interning: an open-addressing table that remembers hashes, so that growing it touches no text.
 */
#include "intern.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 64U

bool array_room(void *array, uint32_t *size, uint32_t count, size_t each)
{
	void *old;

	if (count < *size)
		return true;
	memcpy(&old, array, sizeof(old)); /* whatever type it points to */
	uint32_t bigger = *size ? *size * 2 : 16;
	void *grown = bigger > *size ? reallocarray(old, bigger, each) : NULL;
	if (!grown)
		return false;
	memcpy(array, &grown, sizeof(grown));
	*size = bigger;
	return true;
}

static void place(struct intern_slot *slots, uint32_t mask, uint32_t hash, uint32_t id)
{
	uint32_t at = hash & mask;

	while (slots[at].id != CATALOG_NONE)
		at = (at + 1) & mask;
	slots[at] = (struct intern_slot){.hash = hash, .id = id};
}

/* At most half full, so that a probe is short. */
static bool slots_room(struct intern *t)
{
	uint32_t have = t->slots ? t->mask + 1 : 0;

	if (t->count < have / 2)
		return true;
	uint32_t want = have ? have * 2 : FIRST_SLOTS;
	struct intern_slot *grown = malloc(want * sizeof(*grown));
	if (!grown)
		return false;
	memset(grown, 0xff, want * sizeof(*grown));
	for (uint32_t i = 0; i < have; i++) {
		if (t->slots[i].id != CATALOG_NONE)
			place(grown, want - 1, t->slots[i].hash, t->slots[i].id);
	}
	free(t->slots);
	t->slots = grown;
	t->mask = want - 1;
	return true;
}

static uint32_t find(const struct intern *t, const char *name, uint32_t hash)
{
	if (!t->slots)
		return CATALOG_NONE;
	for (uint32_t at = hash & t->mask; t->slots[at].id != CATALOG_NONE; at = (at + 1) & t->mask) {
		if (t->slots[at].hash == hash && strcmp(t->names[t->slots[at].id], name) == 0)
			return t->slots[at].id;
	}
	return CATALOG_NONE;
}

uint32_t intern_find(const struct intern *t, const char *name)
{
	return find(t, name, catalog_hash_text(name));
}

static bool names_room(struct intern *t)
{
	uint32_t size = t->size;

	if (!array_room(&t->names, &size, t->count, sizeof(*t->names)))
		return false;
	return array_room(&t->values, &t->size, t->count, sizeof(*t->values));
}

/*
 * Records come in runs: prices in the order of their articles, all of one list. So the name is often that of
 * the last time, or the one behind it, and is found there without a hash and without a cache miss.
 */
static bool follows(struct intern *t, const char *name)
{
	if (t->count == 0)
		return false;
	if (strcmp(t->names[t->last], name) == 0)
		return true;
	if (t->last + 1 == t->count || strcmp(t->names[t->last + 1], name) != 0)
		return false;
	t->last++;
	return true;
}

uint32_t intern_add(struct intern *t, struct arena *a, const char *name)
{
	if (follows(t, name))
		return t->last;
	uint32_t hash = catalog_hash_text(name), id = find(t, name, hash);
	if (id != CATALOG_NONE) {
		t->last = id;
		return id;
	}
	if (!slots_room(t) || !names_room(t))
		return CATALOG_NONE;
	const char *copy = arena_text(a, name, strlen(name));
	if (!copy)
		return CATALOG_NONE;
	id = t->count++;
	t->last = id;
	t->names[id] = copy;
	t->values[id] = CATALOG_NONE;
	place(t->slots, t->mask, hash, id);
	return id;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum err intern_sort(struct intern *t, struct arena *a, struct names *out)
{
	const char **sorted = arena_get(a, (t->count + 1) * sizeof(*sorted));

	if (!sorted)
		return ERR_MEMORY;
	if (t->count > 0)
		memcpy(sorted, t->names, t->count * sizeof(*sorted));
	qsort(sorted, t->count, sizeof(*sorted), by_text);
	for (uint32_t i = 0; i < t->count; i++) {
		t->values[intern_find(t, sorted[i])] = i;
		sorted[i] = arena_text(a, sorted[i], strlen(sorted[i]));
		if (!sorted[i])
			return ERR_MEMORY;
	}
	*out = (struct names){.at = sorted, .count = t->count};
	return ERR_OK;
}

void intern_free(struct intern *t)
{
	free(t->names);
	free(t->values);
	free(t->slots);
	*t = (struct intern){0};
}
