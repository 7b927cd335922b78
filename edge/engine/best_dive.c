/*
 * A good choice for a component, before the search: straight down, from pile to pile, each time with the
 * number of pieces that the dual bound promises most of. Nothing is remembered but the way that is gone, so
 * it costs a fraction of a walk with states; and the walk that follows turns down at once whatever cannot
 * become as good. Where the bound was
 * wrong, and others have what a promotion under way needs, that one gives its pieces back.
 */
#include "best.h"

#define NOTHING INT64_MIN

/* What so many pieces of the pile lead to. */
struct option {
	int64_t score; /* what is gained, and the most that may follow by the bound, in parts; NOTHING: none
			  yet */
	int64_t pieces;
	struct joining joining;
};

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* What may still come of the deal behind that edge. */
static const int64_t *cells_behind(const struct best *b, const struct deal *d, const struct edge *e)
{
	return dual_cells(b, d, (uint32_t)(e - b->edges) - d->first_edge + 1);
}

/* Pieces that are left free are worth what they give singly, once no other deal may have them; else so much
 * of the pile's price is not paid. */
static int64_t worth_of_free(struct work *w, const struct pile *p, int64_t free)
{
	const struct best *b = w->best;

	if (!b->passed)
		return free * p->price;
	return free && p->singles ? best_pick(w, p, free).value * DUAL_PARTS : 0;
}

/* Some of its pieces are with another: it gives back those that it has. */
static void give_up_whole(struct best *b, const struct deal *d, struct state *s)
{
	for (uint32_t i = 0; i < d->edges; i++)
		b->edges[d->first_edge + i].take = 0;
	s->value -= d->alone;
	s->tie -= d->tie * d->edges;
	s->key &= ~d->mask;
}

static void join_whole(struct work *w, const struct pile *p, struct edge *e, struct state *s)
{
	struct best *b = w->best;
	const struct deal *d = &b->deals[e->deal];
	const int64_t *behind = cells_behind(b, d, e);
	bool taken = s->key & d->mask;

	if (taken && s->used) {
		give_up_whole(b, d, s);
		return;
	}
	if (!taken && (!e->first || s->used))
		return;
	if (!taken && d->alone * DUAL_PARTS + behind[1] <= behind[0] + worth_of_free(w, p, p->pieces))
		return;
	if (!taken) {
		s->value += d->alone;
		s->tie += d->tie * d->edges;
	}
	s->used = e->take = (uint32_t)p->pieces;
	s->key = e->last ? s->key & ~d->mask : s->key | d->mask;
}

static void look_at(struct work *w, const struct pile *p, const struct edge *e, const struct option *new,
		    int64_t free, struct option *best)
{
	const struct best *b = w->best;
	const struct deal *d = &b->deals[e->deal];
	int64_t lent = dual_lent(d);
	int64_t at = new->joining.at, score = new->joining.gained *DUAL_PARTS + cells_behind(b, d, e)[at];

	score += (at ? lent * new->joining.shortage : 0) + worth_of_free(w, p, free - new->pieces);
	if (score <= best->score)
		return;
	*best = *new;
	best->score = score;
}

static void take(const struct deal *d, struct edge *e, const struct option *o, int64_t progress,
		 struct state *s)
{
	s->value += o->joining.gained;
	s->tie += o->pieces ? d->tie : 0;
	s->used += (uint32_t)o->pieces;
	e->take = (uint32_t)o->pieces;
	if (o->pieces || e->last)
		s->key &= ~d->mask;
	if (o->pieces && !e->last)
		s->key |= (uint64_t)(d->most ? progress + o->pieces : o->joining.at) << d->shift;
	if (o->pieces && d->tight)
		s->shortage[d->shortage] = o->joining.shortage;
}

/* The best number of those that may join. False: none may, since others have what the group under way lacks.
 */
static bool choose_number(struct work *w, const struct pile *p, struct edge *e, const struct state *s,
			  struct option *best)
{
	const struct deal *d = &w->best->deals[e->deal];
	int64_t at = deal_at(d, s->key), progress = (int64_t)((s->key & d->mask) >> d->shift);
	int64_t free = p->pieces - s->used, most = d->most ? least(free, d->most - progress) : free;
	struct joining j = {.at = at, .shortage = d->tight ? s->shortage[d->shortage] : 0};
	struct option o = {0};

	best->score = NOTHING;
	for (struct numbers n = numbers_from(d, e, at, most); n.pieces <= most; numbers_next(w->best, &n)) {
		if (!numbers_fill(d, e, at + n.pieces))
			continue;
		group_join(d, e, n.pieces - o.pieces, &j);
		o.pieces = n.pieces;
		o.joining = j;
		if (o.pieces)
			group_forget(d, e, &o.joining);
		look_at(w, p, e, &o, free, best);
	}
	return best->score != NOTHING;
}

/* The pieces of the group under way, the last ones that joined, are given back. */
static void give_up_group(struct best *b, const struct deal *d, struct edge *behind, struct state *s)
{
	int64_t at = deal_at(d, s->key), progress = (int64_t)((s->key & d->mask) >> d->shift);

	s->key &= ~d->mask;
	s->key |= (uint64_t)(d->most ? progress - at : 0) << d->shift;
	while (at > 0 && behind > b->edges + d->first_edge) {
		behind--;
		for (; at > 0 && behind->take > 0; at--) {
			s->value -= at > d->buy ? behind->reward : 0;
			s->tie -= --behind->take ? 0 : d->tie;
		}
	}
}

static void join_groups(struct work *w, const struct pile *p, struct edge *e, struct state *s)
{
	const struct deal *d = &w->best->deals[e->deal];
	struct option best;

	if (!choose_number(w, p, e, s, &best)) {
		give_up_group(w->best, d, e, s);
		if (!choose_number(w, p, e, s, &best))
			return;
	}
	take(d, e, &best, (int64_t)((s->key & d->mask) >> d->shift), s);
}

static void take_singles(struct work *w, const struct pile *p, struct state *s)
{
	struct best *b = w->best;
	struct pick pick = best_pick(w, p, p->pieces - s->used);

	if (pick.edge == CATALOG_NONE)
		return;
	b->edges[pick.edge].take = (uint32_t)pick.pieces;
	s->value += pick.value;
	s->tie += pick.tie;
}

static void dive_pile(struct work *w, const struct pile *p, struct state *s)
{
	struct best *b = w->best;

	s->used = 0;
	for (uint32_t join = plan_next_join(b, p, 0), next; join < p->joins; join = next) {
		struct edge *e = &b->edges[b->by_pile[p->first_edge + join]];
		bool whole = b->deals[e->deal].form == FORM_WHOLE;

		next = plan_next_join(b, p, join + 1);
		b->passed = next >= p->joins;
		(whole ? join_whole : join_groups)(w, p, e, s);
	}
	if (p->singles && s->used < p->pieces)
		take_singles(w, p, s);
}

void best_dive(struct work *w, struct state *s)
{
	struct best *b = w->best;

	*s = (struct state){.bound = 0};
	best_take_none(b);
	for (uint32_t i = b->root; i != CATALOG_NONE; i = b->piles[i].next)
		dive_pile(w, &b->piles[i], s);
}
