/*
 * Interning: names in order, found by bisection, or an open-addressing table that remembers hashes, so that
 * growing it touches no text. See intern.h.
 */
#include "intern.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 64U
#define NEAR	    16U /* names looked at before it takes a hash */

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
	uint32_t have = t->slots ? t->mask + 1 : 0, want = have ? have : FIRST_SLOTS;

	while (t->count >= want / 2)
		want *= 2;
	if (want == have)
		return true;
	struct intern_slot *grown = malloc(want * sizeof(*grown));
	if (!grown)
		return false;
	memset(grown, 0xff, want * sizeof(*grown));
	for (uint32_t i = 0; i < have; i++) {
		if (t->slots[i].id != CATALOG_NONE)
			place(grown, want - 1, t->slots[i].hash, t->slots[i].id);
	}
	for (uint32_t id = 0; !t->slots && id < t->count; id++)
		place(grown, want - 1, catalog_hash_text(t->names[id]), id);
	free(t->slots);
	t->slots = grown;
	t->mask = want - 1;
	return true;
}

static uint32_t find_hashed(const struct intern *t, const char *name, uint32_t hash)
{
	for (uint32_t at = hash & t->mask; t->slots[at].id != CATALOG_NONE; at = (at + 1) & t->mask) {
		if (t->slots[at].hash == hash && strcmp(t->names[t->slots[at].id], name) == 0)
			return t->slots[at].id;
	}
	return CATALOG_NONE;
}

static int is_name(const void *name, const void *at)
{
	return strcmp(name, *(const char *const *)at);
}

static uint32_t find_ascending(const struct intern *t, const char *name)
{
	const char **found = t->count ? bsearch(name, t->names, t->count, sizeof(*t->names), is_name) : NULL;

	return found ? (uint32_t)(found - t->names) : CATALOG_NONE;
}

bool intern_ascends(const struct intern *t)
{
	return !t->slots;
}

uint32_t intern_find(const struct intern *t, const char *name)
{
	return t->slots ? find_hashed(t, name, catalog_hash_text(name)) : find_ascending(t, name);
}

static bool names_room(struct intern *t)
{
	uint32_t size = t->size;

	if (!array_room(&t->names, &size, t->count, sizeof(*t->names)))
		return false;
	return array_room(&t->values, &t->size, t->count, sizeof(*t->values));
}

static uint32_t append(struct intern *t, struct arena *a, const char *name)
{
	const char *copy = names_room(t) ? arena_text(a, name, strlen(name)) : NULL;
	uint32_t id = t->count;

	if (!copy)
		return CATALOG_NONE;
	t->names[id] = copy;
	t->values[id] = CATALOG_NONE;
	t->last = id;
	t->count++;
	return id;
}

static uint32_t add_hashed(struct intern *t, struct arena *a, const char *name)
{
	uint32_t hash = catalog_hash_text(name), id = find_hashed(t, name, hash);

	if (id != CATALOG_NONE || !slots_room(t))
		return id;
	id = append(t, a, name);
	if (id != CATALOG_NONE)
		place(t->slots, t->mask, hash, id);
	return id;
}

/*
 * Records come in runs: prices in the order of their articles, those of all or of every few, list after list.
 * So the name is often that of the last time, or one of those behind it, or the very first again.
 */
static uint32_t add_ascending(struct intern *t, struct arena *a, const char *name)
{
	int order = 1;

	for (uint32_t id = t->last; id < t->count && id - t->last < NEAR && order > 0; id++) {
		order = strcmp(name, t->names[id]);
		if (order == 0)
			return t->last = id;
	}
	if (t->count == 0 || (order > 0 && strcmp(name, t->names[t->count - 1]) > 0))
		return append(t, a, name);
	if (strcmp(name, t->names[0]) == 0)
		return t->last = 0;
	return slots_room(t) ? add_hashed(t, a, name) : CATALOG_NONE;
}

uint32_t intern_add(struct intern *t, struct arena *a, const char *name)
{
	return t->slots ? add_hashed(t, a, name) : add_ascending(t, a, name);
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
