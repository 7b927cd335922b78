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

static int64_t greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

struct pick best_pick(const struct work *w, const struct pile *p, int64_t pieces)
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

static void search_pile(struct work *w, const struct pile *p)
{
	struct best *b = w->best;
	uint32_t join = plan_next_join(b, p, 0);

	for (unsigned i = 0; i < BEST_PICKS; i++)
		b->picks[i].pieces = -1;
	plan_open(b, p);
	do {
		uint32_t next = plan_next_join(b, p, join + 1);

		b->passed = next >= p->joins;
		best_step(w, p, join);
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

	states_make_room(b, b->beam <= BEST_BEAM_DIVED);
	b->dropped = 0;
	b->skipped = false;
	b->node_count = b->open_count = 0;
	b->now_count = 1;
	b->now[0] = (struct state){.node = NODE_NONE, .bound = b->dual ? b->dual_all : 0};
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

void best_take_none(struct best *b)
{
	for (uint32_t i = b->root; i != CATALOG_NONE; i = b->piles[i].next)
		for (uint32_t k = 0; k < b->piles[i].joins + b->piles[i].singles; k++)
			b->edges[b->by_pile[b->piles[i].first_edge + k]].take = 0;
}

/* Its joins are the choice. */
static void keep_choice(struct best *b, const struct state *s, struct state *kept)
{
	best_take_none(b);
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

/* A walk with so many states; until it is known, or has cost enough, that there is no better choice. */
static bool walk_with(struct work *w, size_t beam, bool first, struct state *kept, int64_t *most)
{
	struct best *b = w->best;
	int64_t bound;

	b->beam = (uint32_t)beam;
	b->work_most = b->join_count * BEST_WORK_DIVED;
	if (beam != BEST_BEAM_DIVED)
		b->work_most += BEST_WORK_LEAST + b->join_count * BEST_WORK_JOIN;
	walk_component(w);
	bound = settle_walk(b, first, kept);
	*most = bound < *most ? bound : *most;
	b->found = kept->value;
	return !b->dropped || b->dropped < kept->value;
}

/*
 * A dive finds a good choice, or else a walk with few states does; and the next walk, which has it to measure
 * states by, mostly that there is no better one. If not, the last one has more states, and a closer bound.
 */
static int64_t walk_wider_and_wider(struct work *w, struct state *kept)
{
	struct best *b = w->best;
	int64_t most = INT64_MAX;
	bool settled;

	if (b->dual) {
		best_dive(w, kept);
		b->found = kept->value;
		settled = walk_with(w, b->join_count > BEST_CROWD ? BEST_BEAM_NEXT : BEST_BEAM_DIVED, false,
				    kept, &most);
	} else {
		b->found = 0;
		settled = walk_with(w, BEST_BEAM_FIRST, true, kept, &most) ||
			  walk_with(w, BEST_BEAM_NEXT, false, kept, &most);
	}
	if (settled)
		return most;
	dual_improve(b);
	(void)walk_with(w, BEST_BEAM, false, kept, &most);
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
	struct pick pick = best_pick(w, p, p->pieces);

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
