/*
 * What the ledger has learnt, in memory: pairs of a 64-bit key and a number, looked up by key. Orders (key of
 * the order id to event) and bodies (start of the hash to body number) are two of them.
 *
 * The key is a part of a hash, so different things may share one: a find gives one number after the other,
 * and the caller looks whether it is the one meant. What was added since the last fold_keep can be taken
 * back.
 */
#ifndef TILL_LEDGER_FOLD_H
#define TILL_LEDGER_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct fold_slot {
	uint64_t key;
	int64_t value; /* 0: the slot is free */
};

struct fold {
	struct fold_slot *slots; /* open addressing, linear probing, at most 2/3 full */
	size_t size, used;	 /* size is 0 or a power of two */
	struct fold_slot *fresh; /* added since fold_keep, in order */
	size_t fresh_count, fresh_size;
};

/* A zeroed struct fold is empty and ready. */
void fold_free(struct fold *f);

/* Makes room, so that the next `more` calls of fold_add cannot fail. */
enum err fold_reserve(struct fold *f, size_t more) MUST_CHECK;

/* value is not 0, and there is room for it. */
void fold_add(struct fold *f, uint64_t key, int64_t value);

/* Says that a key is about to be looked for. */
static inline void fold_prefetch(const struct fold *f, uint64_t key)
{
	if (f->size)
		__builtin_prefetch(&f->slots[key & (f->size - 1)]);
}

/* The nth number (from 0) under that key; false when there are no more. */
static inline bool fold_find(const struct fold *f, uint64_t key, size_t nth, int64_t *value)
{
	if (f->size == 0)
		return false;
	for (size_t i = key & (f->size - 1); f->slots[i].value; i = (i + 1) & (f->size - 1)) {
		if (f->slots[i].key != key || nth-- > 0)
			continue;
		*value = f->slots[i].value;
		return true;
	}
	return false;
}

void fold_keep(struct fold *f);
void fold_undo(struct fold *f);

#endif
