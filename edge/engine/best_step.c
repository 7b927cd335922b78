/*
 * A step of the search: all states, and from each the numbers of pieces of one pile that may join one deal;
 * or of its last deal's step the pieces that are left, which are single. A state that cannot become as good
 * as what is found already is turned down before it is one. Nearly all of a search's time is spent here, so
 * what the states of a step have in common is worked out once.
 */
#include "best_states.h"

#define NO_SHORTAGE BEST_SHORTS

/* What is the same for all states and numbers of pieces. */
struct step {
	struct work *w;
	struct best *b;
	const struct pile *pile;
	const struct edge *edge; /* NULL: nobody has a say but single pieces */
	const struct deal *deal;
	uint32_t number;		/* of the edge */
	unsigned shortage;		/* the deal's place; NO_SHORTAGE: it has none */
	const int64_t *before, *behind; /* the deal's part of the dual bound on either side of the edge */
	int64_t lent;
	int64_t least; /* of a bound in parts that is worth following */
	bool passed;
};

/* A state to be, as far as it differs from the one that it comes from. */
struct arrival {
	uint64_t key;
	int64_t value, tie, bound;
	uint32_t used, take;
	int64_t shortage;
};

/* What so many free pieces give; worked out once for most numbers. */
static const struct pick *pick_of(const struct step *step, int64_t pieces)
{
	struct pick *pick = &step->b->picks[pieces % BEST_PICKS];

	if (pick->pieces != pieces)
		*pick = best_pick(step->w, step->pile, pieces);
	return pick;
}

/* States that this one outdoes die; false if one of them outdoes it. *slot is theirs. */
static bool compete(struct best *b, uint32_t *slot, const struct state *s)
{
	uint32_t at = *slot & (BEST_STATES - 1), before = STATE_NONE;

	for (; at != STATE_NONE; at = b->then[at].next) {
		struct state *other = &b->then[at];

		if (state_outdoes(b, other, s, true))
			return false;
		if (!state_outdoes(b, s, other, false)) {
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

static inline uint32_t remember(struct best *b, uint32_t before, uint32_t edge, uint32_t take)
{
	b->nodes[b->node_count] = (struct node){.before = before, .edge = edge, .take = take};
	return b->node_count++;
}

/* Only shortages that are in use are copied: most of a state is room for those that few carts have. */
static inline void make_state(const struct step *step, const struct state *from, const struct arrival *a,
			      struct state *s)
{
	s->key = a->key;
	s->value = a->value;
	s->tie = a->tie;
	s->bound = a->bound;
	s->used = a->used;
	s->node = from->node;
	for (unsigned i = 0; i < step->b->shorts; i += SHORTS)
		memcpy(&s->shortage[i], &from->shortage[i], SHORTS * sizeof(s->shortage[0]));
	if (step->shortage != NO_SHORTAGE)
		s->shortage[step->shortage] = a->shortage;
}

/* Adds the state, if no other outdoes it and its bound is not below what is found already. */
static void put(const struct step *step, const struct state *from, const struct arrival *a,
		const struct pick *pick)
{
	struct best *b = step->b;
	struct state *s;
	uint32_t *slot;

	if (b->then_count == b->state_max)
		states_cut_down(b);
	s = &b->then[b->then_count];
	make_state(step, from, a, s);
	if (!b->dual) {
		s->bound = bound_state(b, step->pile, s);
		if (s->bound < b->found)
			return;
	}
	if (b->node_count + 2 > BEST_NODES) {
		bound_drop(b, s);
		return;
	}
	slot = state_slot(b, s->key, s->used);
	if (slot_taken(b, slot) && !compete(b, slot, s))
		return;
	if (a->take)
		s->node = remember(b, s->node, step->number, a->take);
	if (pick && pick->edge != CATALOG_NONE)
		s->node = remember(b, s->node, pick->edge, (uint32_t)pick->pieces);
	slot_put(b, slot, b->then_count++);
}

/* Once no other deal of the pile has a say the rest of its pieces are single, in place of their price. */
static inline void arrive(const struct step *step, const struct state *from, struct arrival *a)
{
	const struct pile *p = step->pile;
	const struct pick *pick = NULL;

	if (step->passed) {
		int64_t free = p->pieces - a->used;

		a->used = 0;
		a->bound -= free * p->price + p->gain;
		if (p->singles && free) {
			pick = pick_of(step, free);
			a->value += pick->value;
			a->tie += pick->tie;
			a->bound += pick->value * DUAL_PARTS;
		}
	}
	step->b->work++;
	step->b->looked++;
	if (!step->b->dual || a->bound >= step->least)
		put(step, from, a, pick);
}

static inline struct arrival arrival_like(const struct state *from)
{
	return (struct arrival){.key = from->key,
				.value = from->value,
				.tie = from->tie,
				.bound = from->bound,
				.used = from->used};
}

/* What the whole's part of the bound becomes, by whether it is taken. */
static inline int64_t whole_moves(const struct step *step, bool from, bool to)
{
	return step->behind ? step->behind[to] - step->before[from] : 0;
}

/* The pieces of the pile join the whole, all of them, or none. */
static void join_whole(const struct step *step, const struct state *from)
{
	const struct pile *p = step->pile;
	const struct edge *e = step->edge;
	const struct deal *d = step->deal;
	bool taken = from->key & d->mask;
	struct arrival a = arrival_like(from);

	if (!taken) {
		a.bound += whole_moves(step, false, false);
		arrive(step, from, &a);
	}
	if (from->used || (!taken && !e->first))
		return; /* another whole has this pile, and this one all of its piles or none */
	a = arrival_like(from);
	a.bound += whole_moves(step, taken, true) - p->pieces * p->price;
	if (!taken) {
		a.value += d->alone;
		a.tie += d->tie * d->edges;
		a.bound += step->behind ? d->alone * DUAL_PARTS : 0;
	}
	a.used = a.take = (uint32_t)p->pieces;
	a.key = e->last ? a.key & ~d->mask : a.key | d->mask;
	arrive(step, from, &a);
}

/* The deal's part of the bound. */
static inline int64_t own_bound(const struct step *step, const int64_t *cells, const struct joining *j)
{
	return cells[j->at] + (j->at ? step->lent * j->shortage : 0);
}

/* So many pieces have joined, and the group is as j says; others: the bound without the deal's part. */
static inline void joined(const struct step *step, const struct state *from, int64_t pieces, struct joining j,
			  int64_t others)
{
	const struct deal *d = step->deal;
	struct arrival a = {.key = from->key, .value = from->value + j.gained, .tie = from->tie};

	a.used = from->used + (uint32_t)pieces;
	a.take = (uint32_t)pieces;
	if (pieces) {
		group_forget(d, step->edge, &j);
		a.tie += d->tie;
	}
	if (pieces || step->edge->last)
		a.key &= ~d->mask;
	if (pieces && !step->edge->last)
		a.key |= (uint64_t)(d->most ? (int64_t)((from->key & d->mask) >> d->shift) + pieces : j.at)
			 << d->shift;
	a.shortage = j.shortage;
	if (step->b->dual)
		a.bound = others + j.gained * DUAL_PARTS + own_bound(step, step->behind, &j) -
			  pieces * step->pile->price;
	arrive(step, from, &a);
}

/* Any number that may join, on the last pile those that leave no group under way. */
static void join_groups(const struct step *step, const struct state *from)
{
	const struct edge *e = step->edge;
	const struct deal *d = step->deal;
	struct joining j = {.at = deal_at(d, from->key)};
	int64_t at = j.at, most = step->pile->pieces - from->used, joining = 0, others = 0;

	if (step->shortage != NO_SHORTAGE)
		j.shortage = from->shortage[step->shortage];
	if (step->b->dual)
		others = from->bound - own_bound(step, step->before, &j);
	if (d->most && d->most - (int64_t)((from->key & d->mask) >> d->shift) < most)
		most = d->most - (int64_t)((from->key & d->mask) >> d->shift);
	for (struct numbers n = numbers_from(d, e, at, most); n.pieces <= most; numbers_next(step->b, &n)) {
		if (!numbers_fill(d, e, at + n.pieces))
			continue;
		if (n.pieces == joining + 1)
			group_add(d, e, &j);
		else if (n.pieces != joining)
			group_join(d, e, n.pieces - joining, &j);
		joining = n.pieces;
		joined(step, from, joining, j, others);
	}
}

static void join_nobody(const struct step *step, const struct state *from)
{
	struct arrival a = arrival_like(from);

	arrive(step, from, &a);
}

typedef void join_fn(const struct step *step, const struct state *from);

static join_fn *look_at_edge(struct step *step, uint32_t edge)
{
	struct best *b = step->b;
	const struct edge *e = &b->edges[edge];
	const struct deal *d = &b->deals[e->deal];

	step->edge = e;
	step->deal = d;
	step->number = edge;
	if (b->dual) {
		step->before = dual_cells(b, d, edge - d->first_edge);
		step->behind = step->before + dual_states(d);
	}
	if (d->form == FORM_WHOLE)
		return join_whole;
	step->lent = dual_lent(d);
	step->shortage = d->tight ? d->shortage : NO_SHORTAGE;
	return join_groups;
}

void best_step(struct work *w, const struct pile *p, uint32_t join)
{
	struct best *b = w->best;
	struct step step = {.w = w,
			    .b = b,
			    .pile = p,
			    .shortage = NO_SHORTAGE,
			    .least = b->found * DUAL_PARTS,
			    .passed = b->passed};
	join_fn *fn = join_nobody;

	states_begin(b);
	if (join < p->joins)
		fn = look_at_edge(&step, b->by_pile[p->first_edge + join]);
	for (uint32_t i = 0; i < b->now_count; i++)
		if (b->now[i].used != STATE_DEAD)
			fn(&step, &b->now[i]);
	if (step.edge)
		b->deals[step.edge->deal].reward = step.edge->reward;
}
