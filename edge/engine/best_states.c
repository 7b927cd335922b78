/*
 * The states of a step of the search: those that differ in nothing that matters any more become one, the
 * better (best_step.c); of those beyond the beam the ones with the lowest bounds go.
 */
#include "best_states.h"

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

/* What slots say of earlier steps is void. */
static void new_stamp(struct best *b)
{
	if (++b->stamp < 1U << (32 - BEST_AT_BITS))
		return;
	memset(b->slots, 0, b->slots_clear * sizeof(*b->slots));
	b->stamp = 1;
}

void states_cut_down(struct best *b)
{
	bound_cut(b);
	new_stamp(b);
	for (uint32_t i = 0; i < b->then_count; i++)
		slot_put(b, state_slot(b, b->then[i].key, b->then[i].used), i);
}

void states_begin(struct best *b)
{
	new_stamp(b);
	b->then_count = 0;
}

void states_end(struct best *b)
{
	struct state *held = b->now;

	if (b->beam > BEST_BEAM_NEXT && b->work > b->work_most)
		b->beam = BEST_BEAM_NEXT;
	if (b->then_count > b->beam)
		bound_cut(b);
	b->now = b->then;
	b->now_count = b->then_count;
	b->then = held;
}
