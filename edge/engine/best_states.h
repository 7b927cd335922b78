/*
 * How the states of a step are found by their key and used: a hash over b->then. Private to best_states.c and
 * best_step.c; inline, since that is where the time of a search goes.
 */
#ifndef TILL_BEST_STATES_H
#define TILL_BEST_STATES_H

#include "best.h"

#include <string.h>

#define STATE_NONE UINT32_MAX
#define SHORTS	   4 /* of a state are copied at a time */
_Static_assert(BEST_SHORTS % SHORTS == 0, "shortages are copied by fours");

/* The slot of the states with that key and used, or the free one where they belong. */
static inline uint32_t *state_slot(struct best *b, uint64_t key, uint32_t used)
{
	uint32_t mask = b->slot_count - 1;
	uint32_t at = (uint32_t)((key + used) * UINT64_C(0x9e3779b97f4a7c15) >> 40) & mask;

	while (b->slots[at] >> BEST_AT_BITS == b->stamp) {
		const struct state *other = &b->then[b->slots[at] & (BEST_STATES - 1)];

		if (other->key == key && other->used == used)
			break;
		at = (at + 1) & mask;
	}
	return &b->slots[at];
}

static inline bool slot_taken(const struct best *b, const uint32_t *slot)
{
	return *slot >> BEST_AT_BITS == b->stamp;
}

/* The state at that place becomes the first of its slot. */
static inline void slot_put(struct best *b, uint32_t *slot, uint32_t at)
{
	b->then[at].next = slot_taken(b, slot) ? *slot & (BEST_STATES - 1) : STATE_NONE;
	*slot = b->stamp << BEST_AT_BITS | at;
}

/*
 * Of two that differ in value and shortage alone: whatever may follow gives with x, which comes first, no
 * less than with y. A group that has so much more room with y gives no more than that besides.
 */
static inline bool state_outdoes(const struct best *b, const struct state *x, const struct state *y,
				 bool first)
{
	int64_t ahead = x->value - y->value;

	for (unsigned i = 0; i < b->shorts && ahead >= 0; i++)
		if (y->shortage[i] > x->shortage[i])
			ahead -= y->shortage[i] - x->shortage[i];
	return ahead > 0 || (ahead == 0 && (x->tie < y->tie || (x->tie == y->tie && first)));
}

#endif
