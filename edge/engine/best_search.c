/*
 * The search: piles one after another, dearest first, and on each pile its deals one after another: how many
 * of the pieces that are left join it? What a state remembers of a deal goes once its last pile is passed, so
 * that states which differ in nothing that matters any more become one, the better. All numbers are tried, so
 * the last state is the best choice; unless there are more than the beam holds, which b->dropped tells.
 *
 * States stand in the order in which choices are made, fewer pieces first. Of equal ones the first stays, so
 * the choice is the first of the best, whatever was merged on the way.
 */
#include "best.h"

#include <string.h>

#define NODE_NONE UINT32_MAX

static uint32_t hash_of(const struct best *b, const struct state *s)
{
	uint64_t h = (s->key + s->used) * UINT64_C(0x9e3779b97f4a7c15);

	for (unsigned i = 0; i < b->shorts; i++)
		h = (h ^ (h >> 29) ^ (uint64_t)s->shortage[i]) * UINT64_C(0xbf58476d1ce4e5b9);
	return (uint32_t)(h >> 40) & (BEST_SLOTS - 1);
}

static bool same_future(const struct best *b, const struct state *x, const struct state *y)
{
	if (x->key != y->key || x->used != y->used)
		return false;
	for (unsigned i = 0; i < b->shorts; i++)
		if (x->shortage[i] != y->shortage[i])
			return false;
	return true;
}

static bool better(const struct state *x, const struct state *y)
{
	return x->value != y->value ? x->value > y->value : x->tie < y->tie;
}

/* The slot of the state that has the same future, or the free one where it belongs. */
static uint32_t *find_slot(struct best *b, const struct state *s)
{
	uint32_t at = hash_of(b, s);

	while (b->slots[at] >> BEST_AT_BITS == b->stamp &&
	       !same_future(b, &b->then[b->slots[at] & (BEST_STATES - 1)], s))
		at = (at + 1) & (BEST_SLOTS - 1);
	return &b->slots[at];
}

/* What slots say of earlier steps is void. */
static void new_stamp(struct best *b)
{
	if (++b->stamp < 1U << (32 - BEST_AT_BITS))
		return;
	memset(b->slots, 0, BEST_SLOTS * sizeof(*b->slots));
	b->stamp = 1;
}

static uint32_t slot_of(const struct best *b, uint32_t at)
{
	return b->stamp << BEST_AT_BITS | at;
}

/* Room for more: the dead go, then those of the lowest bounds. */
static void make_room(struct work *w, const struct pile *p)
{
	struct best *b = w->best;

	bound_cut(w, p);
	new_stamp(b);
	for (uint32_t i = 0; i < b->then_count; i++)
		*find_slot(b, &b->then[i]) = slot_of(b, i);
}

static bool remember(struct best *b, struct state *s, uint32_t edge, uint32_t take)
{
	if (!take)
		return true;
	if (b->node_count == BEST_NODES)
		return false;
	b->nodes[b->node_count] = (struct node){.before = s->node, .edge = edge, .take = take};
	s->node = b->node_count++;
	return true;
}

/* A state of the next step, come about by `take` pieces on that edge. */
static void put(struct work *w, const struct pile *p, struct state *s, uint32_t edge, uint32_t take)
{
	struct best *b = w->best;
	uint32_t *slot;

	if (b->then_count == BEST_STATES)
		make_room(w, p);
	slot = find_slot(b, s);
	if (*slot >> BEST_AT_BITS == b->stamp) {
		struct state *other = &b->then[*slot & (BEST_STATES - 1)];

		if (!better(s, other))
			return;
		if (!remember(b, s, edge, take)) {
			bound_drop(b, p, s);
			return;
		}
		other->used = STATE_DEAD;
	} else if (!remember(b, s, edge, take)) {
		bound_drop(b, p, s);
		return;
	}
	*slot = slot_of(b, b->then_count);
	b->then[b->then_count++] = *s;
}

static void begin_step(struct best *b)
{
	new_stamp(b);
	b->then_count = 0;
}

static void end_step(struct work *w, const struct pile *p)
{
	struct best *b = w->best;
	struct state *held = b->now;

	if (b->then_count > b->beam)
		bound_cut(w, p);
	b->now = b->then;
	b->now_count = b->then_count;
	b->then = held;
}

/* The pieces of the pile join the whole, all of them, or none. */
static void step_whole(struct work *w, const struct pile *p, uint32_t edge)
{
	struct best *b = w->best;
	const struct edge *e = &b->edges[edge];
	const struct deal *d = &b->deals[e->deal];

	for (uint32_t i = 0; i < b->now_count; i++) {
		struct state s = b->now[i];
		bool taken = s.key & d->mask;

		if (s.used == STATE_DEAD)
			continue;
		if (!taken)
			put(w, p, &s, edge, 0);
		if (s.used || (!taken && !e->first))
			continue; /* another whole has this pile, and this one all of its piles or none */
		s = b->now[i];
		if (!taken) {
			s.value += d->alone;
			s.tie += d->tie * d->edges;
		}
		s.used = (uint32_t)p->pieces;
		s.key = e->last ? s.key & ~d->mask : s.key | d->mask;
		put(w, p, &s, edge, s.used);
	}
}

static struct state joined(const struct best *b, const struct state *from, const struct edge *e,
			   int64_t pieces)
{
	const struct deal *d = &b->deals[e->deal];
	struct state s = *from;
	struct joining j = {.progress = (int64_t)((s.key & d->mask) >> d->shift)};

	if (d->tight)
		j.shortage = s.shortage[d->shortage];
	group_join(d, e, pieces, &j);
	s.value += j.gained;
	s.tie += d->tie;
	s.used += (uint32_t)pieces;
	s.key &= ~d->mask;
	if (!d->most)
		j.progress %= d->size;
	if (!e->last)
		s.key |= (uint64_t)j.progress << d->shift;
	if (d->tight)
		s.shortage[d->shortage] = j.shortage;
	return s;
}

/* A group that so many pieces leave under way can still be filled. */
static bool fillable(const struct deal *d, const struct edge *e, int64_t progress)
{
	int64_t at = progress % d->size;

	return !at || d->size - at <= e->after;
}

/* From one number of pieces to the next that is to be tried; the middle of many is passed over. */
static int64_t next_number(struct best *b, int64_t pieces, int64_t step, int64_t most)
{
	int64_t numbers = most / step, at = pieces / step;

	if (numbers <= 2 * BEST_STRETCH || at != BEST_STRETCH)
		return pieces + step;
	b->skipped = true;
	return pieces + step * (numbers - 2 * BEST_STRETCH + 1);
}

static void join_groups(struct work *w, const struct pile *p, uint32_t edge, const struct state *from)
{
	struct best *b = w->best;
	const struct edge *e = &b->edges[edge];
	const struct deal *d = &b->deals[e->deal];
	int64_t progress = (int64_t)((from->key & d->mask) >> d->shift), most = p->pieces - from->used;
	int64_t step = e->last ? d->size : 1;
	int64_t pieces = e->last ? (d->size - progress % d->size) % d->size : 0;

	if (d->most && d->most - progress < most)
		most = d->most - progress;
	for (; pieces <= most; pieces = next_number(b, pieces, step, most)) {
		struct state s = *from;

		if (!fillable(d, e, progress + pieces))
			continue;
		if (pieces)
			s = joined(b, from, e, pieces);
		else if (e->last)
			s.key &= ~d->mask;
		put(w, p, &s, edge, (uint32_t)pieces);
	}
}

static void step_groups(struct work *w, const struct pile *p, uint32_t edge)
{
	struct best *b = w->best;

	for (uint32_t i = 0; i < b->now_count; i++)
		if (b->now[i].used != STATE_DEAD)
			join_groups(w, p, edge, &b->now[i]);
	b->deals[b->edges[edge].deal].reward = b->edges[edge].reward;
}

/* What the free pieces of a pile give together, as single ones of one deal. */
struct pick {
	int64_t pieces, value, tie;
	uint32_t edge;
};

static struct pick pick_single(const struct work *w, const struct pile *p, int64_t pieces)
{
	const struct best *b = w->best;
	struct pick best = {.pieces = pieces, .edge = CATALOG_NONE};

	for (uint32_t i = 0; i < p->singles && pieces; i++) {
		uint32_t edge = b->by_pile[p->first_edge + p->joins + i];
		const struct deal *d = &b->deals[b->edges[edge].deal];
		int64_t value = d->out ? 0 : single_gives(w, &b->edges[edge], pieces);

		if (value <= 0 || value < best.value || (value == best.value && d->tie >= best.tie))
			continue;
		best = (struct pick){.pieces = pieces, .value = value, .tie = d->tie, .edge = edge};
	}
	return best;
}

/* States of a pile mostly leave one of a few numbers of pieces free. */
#define PICKS 8

static void step_singles(struct work *w, const struct pile *p)
{
	struct best *b = w->best;
	struct pick picks[PICKS];

	for (unsigned i = 0; i < PICKS; i++)
		picks[i].pieces = -1;
	for (uint32_t i = 0; i < b->now_count; i++) {
		struct state s = b->now[i];
		int64_t pieces = p->pieces - s.used;
		struct pick *pick;

		if (s.used == STATE_DEAD)
			continue;
		pick = &picks[pieces % PICKS];
		if (pick->pieces != pieces)
			*pick = pick_single(w, p, pieces);
		s.used = 0;
		s.value += pick->value;
		s.tie += pick->tie;
		put(w, p, &s, pick->edge, pick->edge == CATALOG_NONE ? 0 : (uint32_t)pieces);
	}
}

static void search_pile(struct work *w, const struct pile *p)
{
	struct best *b = w->best;

	plan_open(b, p);
	for (uint32_t i = 0; i < p->joins; i++) {
		uint32_t edge = b->by_pile[p->first_edge + i];
		const struct deal *d = &b->deals[b->edges[edge].deal];

		if (d->out || d->unplaced)
			continue;
		begin_step(b);
		if (d->form == FORM_WHOLE)
			step_whole(w, p, edge);
		else
			step_groups(w, p, edge);
		end_step(w, p);
	}
	begin_step(b);
	step_singles(w, p);
	plan_close(b, p);
	end_step(w, p);
}

/* The one state left of a component; its joins are the choice. */
static void read_choice(struct best *b, struct outcome *out)
{
	const struct state *s = &b->now[0];

	for (uint32_t i = 1; i < b->now_count; i++)
		if (s->used == STATE_DEAD || (b->now[i].used != STATE_DEAD && better(&b->now[i], s)))
			s = &b->now[i];
	for (uint32_t at = s->node; at != NODE_NONE; at = b->nodes[at].before)
		b->edges[b->nodes[at].edge].take = b->nodes[at].take;
	out->value += s->value;
	out->tie += s->tie;
	if (b->skipped)
		b->dropped = b->piles[b->root].bound + b->piles[b->root].rest;
	if (b->dropped > s->value)
		out->missed += b->dropped - s->value;
}

static void search_component(struct work *w, uint32_t root, struct outcome *out)
{
	struct best *b = w->best;

	b->root = root;
	b->dropped = 0;
	b->skipped = false;
	b->node_count = 0;
	bound_rest(b, root);
	plan_component(w, out);
	b->now_count = 1;
	b->now[0] = (struct state){.node = NODE_NONE};
	for (uint32_t i = root; i != CATALOG_NONE; i = b->piles[i].next)
		search_pile(w, &b->piles[i]);
	read_choice(b, out);
}

/* Nothing but single pieces: nothing to remember. */
static void choose_single(struct work *w, const struct pile *p, struct outcome *out)
{
	struct pick pick = pick_single(w, p, p->pieces);

	if (pick.edge == CATALOG_NONE)
		return;
	w->best->edges[pick.edge].take = (uint32_t)pick.pieces;
	out->value += pick.value;
	out->tie += pick.tie;
}

void best_search(struct work *w, struct outcome *out)
{
	struct best *b = w->best;

	*out = (struct outcome){.missed = b->unheard};
	for (uint32_t i = 0; i < b->edge_count; i++)
		b->edges[i].take = 0;
	for (uint32_t i = 0; i < b->pile_count; i++) {
		const struct pile *p = &b->piles[i];

		if (p->root != i)
			continue;
		if (p->joins)
			search_component(w, i, out);
		else
			choose_single(w, p, out);
	}
}
