/*
 * Pairs in memory, with undo. See ledger_fold.h.
 *
 * What is fresh was put in last, so taking it out in reverse order gives back the very table that was there
 * before: no tombstones. Growing keeps that true by putting the fresh ones in last again.
 */
#include "ledger_fold.h"

#include <assert.h>
#include <stdlib.h>

#define SIZE_MIN 64 /* slots; a power of two */

void fold_free(struct fold *f)
{
	free(f->slots);
	free(f->fresh);
	*f = (struct fold){0};
}

static void put(struct fold *f, struct fold_slot s)
{
	size_t i = s.key & (f->size - 1);

	while (f->slots[i].value)
		i = (i + 1) & (f->size - 1);
	f->slots[i] = s;
	f->used++;
}

static void take_out(struct fold *f, struct fold_slot s)
{
	size_t i = s.key & (f->size - 1);

	while (f->slots[i].key != s.key || f->slots[i].value != s.value)
		i = (i + 1) & (f->size - 1);
	f->slots[i] = (struct fold_slot){0};
	f->used--;
}

static void take_out_fresh(struct fold *f)
{
	for (size_t i = f->fresh_count; i > 0; i--)
		take_out(f, f->fresh[i - 1]);
}

static enum err grow(struct fold *f, size_t size)
{
	struct fold bigger = {.slots = calloc(size, sizeof(*f->slots)), .size = size};

	if (!bigger.slots)
		return ERR_MEMORY;
	take_out_fresh(f);
	for (size_t i = 0; i < f->size; i++)
		if (f->slots[i].value)
			put(&bigger, f->slots[i]);
	for (size_t i = 0; i < f->fresh_count; i++)
		put(&bigger, f->fresh[i]);
	free(f->slots);
	f->slots = bigger.slots;
	f->size = size;
	f->used = bigger.used;
	return ERR_OK;
}

static enum err grow_fresh(struct fold *f, size_t need)
{
	size_t size = f->fresh_size ? f->fresh_size : SIZE_MIN;
	struct fold_slot *p;

	while (size < need)
		size *= 2;
	p = realloc(f->fresh, size * sizeof(*p));
	if (!p)
		return ERR_MEMORY;
	f->fresh = p;
	f->fresh_size = size;
	return ERR_OK;
}

enum err fold_reserve(struct fold *f, size_t more)
{
	size_t need = f->used + more;
	size_t size = f->size ? f->size : SIZE_MIN;

	if (f->fresh_count + more > f->fresh_size && grow_fresh(f, f->fresh_count + more))
		return ERR_MEMORY;
	while (need > size / 3 * 2)
		size *= 2;
	return size == f->size ? ERR_OK : grow(f, size);
}

void fold_add(struct fold *f, uint64_t key, int64_t value)
{
	struct fold_slot s = {.key = key, .value = value};

	assert(value != 0 && f->used < f->size && f->fresh_count < f->fresh_size);
	put(f, s);
	f->fresh[f->fresh_count++] = s;
}

void fold_keep(struct fold *f)
{
	f->fresh_count = 0;
}

void fold_undo(struct fold *f)
{
	take_out_fresh(f);
	f->fresh_count = 0;
}
