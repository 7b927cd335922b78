/*
 * The states of a step of the search: those that differ in nothing that matters any more become one, the
 * better; of those beyond the beam the ones with the lowest bounds go.
 */
#include "best.h"

#include <string.h>

#define STATE_NONE UINT32_MAX

static uint32_t hash_of(const struct state *s)
{
	return (uint32_t)((s->key + s->used) * UINT64_C(0x9e3779b97f4a7c15) >> 40);
}

/* Slots are cleared as far as they are used: a walk with few states does with few. */
void states_make_room(struct best *b, bool few)
{
	b->state_max = few ? BEST_FEW : BEST_STATES;
	b->slot_count = few ? BEST_FEW_SLOTS : BEST_SLOTS;
	if (b->slots_clear >= b->slot_count)
		return;
	memset(b->slots + b->slots_clear, 0, (b->slot_count - b->slots_clear) * sizeof(*b->slots));
	b->slots_clear = b->slot_count;
}

bool state_better(const struct state *x, const struct state *y)
{
	return x->value != y->value ? x->value > y->value : x->tie < y->tie;
}

/*
 * Of two that differ in value and shortage alone: whatever may follow gives with x, which comes first, no
 * less than with y. A group that has so much more room with y gives no more than that besides.
 */
static inline bool outdoes(const struct best *b, const struct state *x, const struct state *y, bool first)
{
	int64_t ahead = x->value - y->value;

	for (unsigned i = 0; i < b->shorts && ahead >= 0; i++)
		if (y->shortage[i] > x->shortage[i])
			ahead -= y->shortage[i] - x->shortage[i];
	return ahead > 0 || (ahead == 0 && (x->tie < y->tie || (x->tie == y->tie && first)));
}

/* The slot of the states with that key and used, or the free one where they belong. */
static uint32_t *find_slot(struct best *b, const struct state *s)
{
	uint32_t mask = b->slot_count - 1, at = hash_of(s) & mask;

	while (b->slots[at] >> BEST_AT_BITS == b->stamp) {
		const struct state *other = &b->then[b->slots[at] & (BEST_STATES - 1)];

		if (other->key == s->key && other->used == s->used)
			break;
		at = (at + 1) & mask;
	}
	return &b->slots[at];
}

/* What slots say of earlier steps is void. */
static void new_stamp(struct best *b)
{
	if (++b->stamp < 1U << (32 - BEST_AT_BITS))
		return;
	memset(b->slots, 0, b->slots_clear * sizeof(*b->slots));
	b->stamp = 1;
}

static void put_first(struct best *b, uint32_t *slot, uint32_t at)
{
	bool taken = *slot >> BEST_AT_BITS == b->stamp;

	b->then[at].next = taken ? *slot & (BEST_STATES - 1) : STATE_NONE;
	*slot = b->stamp << BEST_AT_BITS | at;
}

/* Room for more: the dead go, then those of the lowest bounds. */
static void cut_down(struct best *b)
{
	bound_cut(b);
	new_stamp(b);
	for (uint32_t i = 0; i < b->then_count; i++)
		put_first(b, find_slot(b, &b->then[i]), i);
}

/* States that this one outdoes die; false if one of them outdoes it. *slot is theirs. */
static bool compete(struct best *b, uint32_t *slot, const struct state *s)
{
	uint32_t at = *slot & (BEST_STATES - 1), before = STATE_NONE;

	for (; at != STATE_NONE; at = b->then[at].next) {
		struct state *other = &b->then[at];

		if (outdoes(b, other, s, true))
			return false;
		if (!outdoes(b, s, other, false)) {
			before = at;
			continue;
		}
		other->used = STATE_DEAD;
		if (before != STATE_NONE)
			b->then[before].next = other->next;
		else
			*slot = other->next == STATE_NONE ? 0 : b->stamp << BEST_AT_BITS | other->next;
	}
	return true;
}

static void remember(struct best *b, struct state *s, uint32_t edge, uint32_t take)
{
	b->nodes[b->node_count] = (struct node){.before = s->node, .edge = edge, .take = take};
	s->node = b->node_count++;
}

/* Only what is in use is copied: most of a state is room for shortages that few carts have. */
static void copy(const struct best *b, struct state *to, const struct state *from)
{
	to->key = from->key;
	to->value = from->value;
	to->tie = from->tie;
	to->used = from->used;
	to->node = from->node;
	for (unsigned i = 0; i < b->shorts; i++)
		to->shortage[i] = from->shortage[i];
}

struct state *states_like(struct best *b, const struct state *from)
{
	if (b->then_count == b->state_max)
		cut_down(b);
	copy(b, &b->then[b->then_count], from);
	return &b->then[b->then_count];
}

void states_bound(struct best *b, const struct pile *p, struct state *s)
{
	states_count(b);
	s->bound = bound_state(b, p, s);
}

void states_put(struct best *b, uint32_t edge, uint32_t take, const struct pick *pick)
{
	struct state *s = &b->then[b->then_count];
	uint32_t *slot;

	if (s->bound < b->found)
		return;
	if (b->node_count + 2 > BEST_NODES) {
		bound_drop(b, s);
		return;
	}
	slot = find_slot(b, s);
	if (*slot >> BEST_AT_BITS == b->stamp && !compete(b, slot, s))
		return;
	if (take)
		remember(b, s, edge, take);
	if (pick && pick->edge != CATALOG_NONE)
		remember(b, s, pick->edge, (uint32_t)pick->pieces);
	put_first(b, slot, b->then_count++);
}

void states_begin(struct best *b)
{
	new_stamp(b);
	b->then_count = 0;
}

void states_end(struct best *b)
{
	struct state *held = b->now;

	if (b->beam > BEST_BEAM_NEXT && b->work > BEST_WORK_LEAST + b->join_count * BEST_WORK_JOIN)
		b->beam = BEST_BEAM_NEXT;
	if (b->then_count > b->beam)
		bound_cut(b);
	b->now = b->then;
	b->now_count = b->then_count;
	b->then = held;
}
