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

#define NODE_NONE UINT32_MAX

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static struct pick pick_single(const struct work *w, const struct pile *p, int64_t pieces)
{
	const struct best *b = w->best;
	struct pick best = {.pieces = pieces, .edge = CATALOG_NONE};

	for (uint32_t i = 0; i < p->singles && pieces; i++) {
		uint32_t edge = b->by_pile[p->first_edge + p->joins + i];
		const struct deal *d = &b->deals[b->edges[edge].deal];
		const struct edge *e = &b->edges[edge];
		int64_t value = pieces == p->pieces ? e->reward : single_gives(w, e, pieces);

		if (d->out || value <= 0 || value < best.value || (value == best.value && d->tie >= best.tie))
			continue;
		best = (struct pick){.pieces = pieces, .value = value, .tie = d->tie, .edge = edge};
	}
	return best;
}

/* What so many pieces give; worked out once for most numbers. */
static const struct pick *pick_of(struct work *w, const struct pile *p, int64_t pieces)
{
	struct pick *pick = &w->best->picks[pieces % BEST_PICKS];

	if (pick->pieces != pieces)
		*pick = pick_single(w, p, pieces);
	return pick;
}

/* So many pieces on that edge lead to this state; once no other deal of the pile has a say, the rest are
 * single. */
static void arrive(struct work *w, const struct pile *p, struct state *s, uint32_t edge, uint32_t take)
{
	const struct pick *pick = NULL;

	if (w->best->passed) {
		pick = pick_of(w, p, p->pieces - s->used);
		s->used = 0;
		s->value += pick->value;
		s->tie += pick->tie;
	}
	states_bound(w->best, p, s);
	states_put(w->best, edge, take, pick);
}

/* The pieces of the pile join the whole, all of them, or none. */
static void step_whole(struct work *w, const struct pile *p, uint32_t edge)
{
	struct best *b = w->best;
	const struct edge *e = &b->edges[edge];
	const struct deal *d = &b->deals[e->deal];

	for (uint32_t i = 0; i < b->now_count; i++) {
		const struct state *from = &b->now[i];
		bool taken = from->key & d->mask;
		struct state *s;

		if (from->used == STATE_DEAD)
			continue;
		if (!taken)
			arrive(w, p, states_like(b, from), edge, 0);
		if (from->used || (!taken && !e->first))
			continue; /* another whole has this pile, and this one all of its piles or none */
		s = states_like(b, from);
		if (!taken) {
			s->value += d->alone;
			s->tie += d->tie * d->edges;
		}
		s->used = (uint32_t)p->pieces;
		s->key = e->last ? s->key & ~d->mask : s->key | d->mask;
		arrive(w, p, s, edge, s->used);
	}
}

/* From one number of pieces to the next that is to be tried; the middle of many is passed over. */
static int64_t next_number(struct best *b, int64_t pieces, int64_t stride, int64_t most)
{
	if (most <= 2 * BEST_STRETCH * stride || pieces / stride != BEST_STRETCH)
		return pieces + stride;
	b->skipped = true;
	return pieces + stride * (most / stride - 2 * BEST_STRETCH + 1);
}

/* A group that so many pieces leave under way can still be filled. */
static bool fillable(const struct deal *d, const struct edge *e, int64_t pieces)
{
	int64_t at = pieces < d->size ? pieces : pieces % d->size;

	return !at || d->size - at <= e->after;
}

/* So many pieces have joined, and the group is as j says. */
static void put_joined(struct work *w, const struct joint *at, int64_t pieces, struct joining j)
{
	struct best *b = w->best;
	const struct deal *d = at->deal;
	const struct edge *e = at->edge;
	const struct pick *pick = b->passed ? pick_of(w, at->pile, at->free - pieces) : NULL;
	int64_t value = at->from->value + j.gained + (pick ? pick->value : 0), bound = 0;
	struct state *s;

	if (pieces)
		group_forget(d, e, &j);
	if (b->dual) {
		bound = dual_joined(b, at, &j, value, pieces);
		states_count(b);
		if (bound < b->found)
			return;
	}
	s = states_like(b, at->from);
	s->value = value;
	s->tie += (pieces ? d->tie : 0) + (pick ? pick->tie : 0);
	s->used = pick ? 0 : s->used + (uint32_t)pieces;
	if (pieces || e->last)
		s->key &= ~d->mask;
	if (pieces && !e->last)
		s->key |= (uint64_t)(d->most ? at->progress + pieces : j.at) << d->shift;
	if (pieces && d->tight)
		s->shortage[d->shortage] = j.shortage;
	if (b->dual)
		s->bound = bound;
	else
		states_bound(b, at->pile, s);
	states_put(b, (uint32_t)(e - b->edges), (uint32_t)pieces, pick);
}

/* Any number that may join, on the last pile those that leave no group under way. */
static void join_groups(struct work *w, const struct pile *p, const struct edge *e, const struct state *from)
{
	struct best *b = w->best;
	const struct deal *d = &b->deals[e->deal];
	int64_t at = deal_at(d, from->key), most = p->pieces - from->used, joined = 0;
	int64_t stride = e->last ? d->size : 1, pieces = e->last && at ? d->size - at : 0;
	struct joining j = {.at = at, .shortage = d->tight ? from->shortage[d->shortage] : 0};
	struct joint joint = {.pile = p, .edge = e, .deal = d, .from = from, .free = most};

	joint.progress = (int64_t)((from->key & d->mask) >> d->shift);
	if (b->dual)
		dual_join(b, &joint);
	if (d->most)
		most = least(most, d->most - joint.progress);
	for (; pieces <= most; pieces = next_number(b, pieces, stride, most)) {
		if (!e->last && !fillable(d, e, at + pieces))
			continue;
		group_join(d, e, pieces - joined, &j);
		joined = pieces;
		put_joined(w, &joint, pieces, j);
	}
}

static void step_groups(struct work *w, const struct pile *p, uint32_t edge)
{
	struct best *b = w->best;

	for (uint32_t i = 0; i < b->now_count; i++)
		if (b->now[i].used != STATE_DEAD)
			join_groups(w, p, &b->edges[edge], &b->now[i]);
	b->deals[b->edges[edge].deal].reward = b->edges[edge].reward;
}

/* Nobody has a say but single pieces. */
static void step_singles(struct work *w, const struct pile *p)
{
	struct best *b = w->best;

	for (uint32_t i = 0; i < b->now_count; i++)
		if (b->now[i].used != STATE_DEAD)
			arrive(w, p, states_like(b, &b->now[i]), CATALOG_NONE, 0);
}

/* The next of the pile's joins whose deal has a say, from that one on. */
static uint32_t next_join(const struct best *b, const struct pile *p, uint32_t join)
{
	for (; join < p->joins; join++) {
		const struct deal *d = &b->deals[b->edges[b->by_pile[p->first_edge + join]].deal];

		if (!d->out && !d->unplaced)
			break;
	}
	return join;
}

static void step(struct work *w, const struct pile *p, uint32_t join)
{
	struct best *b = w->best;
	uint32_t edge;

	states_begin(b);
	if (join < p->joins)
		b->deals[b->edges[b->by_pile[p->first_edge + join]].deal].behind++;
	dual_look(b, p);
	if (join == p->joins) {
		step_singles(w, p);
		return;
	}
	edge = b->by_pile[p->first_edge + join];
	if (b->deals[b->edges[edge].deal].form == FORM_WHOLE)
		step_whole(w, p, edge);
	else
		step_groups(w, p, edge);
}

static void search_pile(struct work *w, const struct pile *p)
{
	struct best *b = w->best;
	uint32_t join = next_join(b, p, 0);

	for (unsigned i = 0; i < BEST_PICKS; i++)
		b->picks[i].pieces = -1;
	plan_open(b, p);
	do {
		uint32_t next = next_join(b, p, join + 1);

		b->passed = next >= p->joins;
		step(w, p, join);
		if (b->passed)
			plan_close(b, p);
		states_end(b);
		join = next;
	} while (!b->passed);
	bound_late(b);
}

static void walk_component(struct work *w)
{
	struct best *b = w->best;

	states_make_room(b, b->beam <= BEST_BEAM_NEXT);
	b->dropped = 0;
	b->skipped = false;
	b->node_count = b->open_count = 0;
	b->now_count = 1;
	b->now[0] = (struct state){.node = NODE_NONE};
	for (uint32_t i = b->root; i != CATALOG_NONE; i = b->piles[i].next)
		search_pile(w, &b->piles[i]);
}

/* The best state that is left of a component; NULL if none is. */
static const struct state *best_left(const struct best *b)
{
	const struct state *s = NULL;

	for (uint32_t i = 0; i < b->now_count; i++)
		if (b->now[i].used != STATE_DEAD && (!s || state_better(&b->now[i], s)))
			s = &b->now[i];
	return s;
}

/* Its joins are the choice. */
static void keep_choice(struct best *b, const struct state *s, struct state *kept)
{
	for (uint32_t i = b->root; i != CATALOG_NONE; i = b->piles[i].next)
		for (uint32_t k = 0; k < b->piles[i].joins + b->piles[i].singles; k++)
			b->edges[b->by_pile[b->piles[i].first_edge + k]].take = 0;
	for (uint32_t at = s->node; at != NODE_NONE; at = b->nodes[at].before)
		b->edges[b->nodes[at].edge].take = b->nodes[at].take;
	*kept = *s;
}

/* The walk's answer, if it is better than what was kept; returns what no choice gives more than. */
static int64_t settle_walk(struct best *b, bool first, struct state *kept)
{
	const struct state *s = best_left(b);

	if (s && (first || !state_better(kept, s)))
		keep_choice(b, s, kept);
	return greater(b->dropped, kept->value);
}

/*
 * A walk with few states finds a good choice, and often that there is no better one. If not, the next walk,
 * with more states, has it to measure them by; until it is known, or has cost enough.
 */
static int64_t walk_wider_and_wider(struct work *w, struct state *kept)
{
	static const uint32_t beams[] = {BEST_BEAM_FIRST, BEST_BEAM_NEXT, BEST_BEAM};
	struct best *b = w->best;
	int64_t most = INT64_MAX;
	bool settled = false;

	b->found = 0;
	for (unsigned i = 0; i < sizeof(beams) / sizeof(beams[0]) && !settled; i++) {
		int64_t bound;

		b->beam = beams[i];
		walk_component(w);
		bound = settle_walk(b, i == 0, kept);
		most = bound < most ? bound : most;
		settled = !b->dropped || b->dropped < kept->value;
		b->found = kept->value;
		if (i == 1 && !settled)
			dual_improve(b);
	}
	return most;
}

static void search_component(struct work *w, uint32_t root, struct outcome *out)
{
	struct best *b = w->best;
	struct state kept = {0};
	int64_t most;

	b->root = root;
	bound_rest(b, root);
	plan_component(w, out);
	dual_make(w);
	most = walk_wider_and_wider(w, &kept);
	out->value += kept.value;
	out->tie += kept.tie;
	if (b->skipped)
		most = b->piles[root].bound + b->piles[root].rest;
	if (most > kept.value)
		out->missed += most - kept.value;
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
