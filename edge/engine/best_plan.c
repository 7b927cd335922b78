/*
 * Where the deals of a component keep their progress: bits of a state's key, and a place for what a group
 * under way lacks of room. Each has them from its first pile to its last, and others after it. A deal that
 * there is no place for is left out, and what it might have given is told.
 */
#include "best.h"

static unsigned bits_for(int64_t values)
{
	return values > 1 ? 64 - (unsigned)__builtin_clzll((uint64_t)(values - 1)) : 0;
}

/* How many values its progress has: a bit for a whole; pieces of a group; of all groups, where they are
 * limited. */
static int64_t progress_values(const struct deal *d)
{
	if (d->form == FORM_WHOLE)
		return 2;
	return d->most ? d->most + 1 : d->size;
}

static bool place_bits(struct best *b, struct deal *d)
{
	for (d->shift = 0; d->shift + d->bits <= 64; d->shift++) {
		d->mask = d->bits < 64 ? ((UINT64_C(1) << d->bits) - 1) << d->shift : UINT64_MAX;
		if ((b->key_free & d->mask) == d->mask)
			return true;
	}
	return false;
}

static bool place(struct best *b, struct deal *d)
{
	d->bits =
		d->edges > 1 ? bits_for(progress_values(d)) : 0; /* on one pile alone nothing is under way */
	d->tight &= d->edges > 1;
	d->mask = 0;
	d->shift = 0;
	if ((d->bits && !place_bits(b, d)) || (d->tight && !b->short_free))
		return false;
	b->key_free &= ~d->mask;
	if (d->tight) {
		d->shortage = (unsigned)__builtin_ctz(b->short_free);
		b->short_free &= ~(1U << d->shortage);
		if (d->shortage >= b->shorts)
			b->shorts = d->shortage + 1;
	}
	return true;
}

static void release(struct best *b, const struct deal *d)
{
	b->key_free |= d->mask;
	if (d->tight)
		b->short_free |= 1U << d->shortage;
}

static void walk_pile(struct work *w, const struct pile *p, struct outcome *out)
{
	struct best *b = w->best;

	for (uint32_t i = 0; i < p->joins; i++) {
		const struct edge *e = &b->edges[b->by_pile[p->first_edge + i]];
		struct deal *d = &b->deals[e->deal];

		b->join_count += !d->out;
		if (!e->first || d->out)
			continue;
		d->unplaced = !place(b, d);
		if (d->unplaced)
			out->missed += bound_deal(b, d);
	}
	for (uint32_t i = 0; i < p->joins; i++) {
		const struct edge *e = &b->edges[b->by_pile[p->first_edge + i]];
		const struct deal *d = &b->deals[e->deal];

		if (e->last && !d->out && !d->unplaced)
			release(b, d);
	}
}

/* Places stay the same in the walk itself: it opens and closes deals in the same order. */
void plan_component(struct work *w, struct outcome *out)
{
	struct best *b = w->best;

	b->key_free = UINT64_MAX;
	b->short_free = (1U << BEST_SHORTS) - 1;
	b->shorts = 0;
	b->open_count = 0;
	b->join_count = 0;
	for (uint32_t i = b->root; i != CATALOG_NONE; i = b->piles[i].next)
		walk_pile(w, &b->piles[i], out);
	b->work = 0;
}

void plan_open(struct best *b, const struct pile *p)
{
	for (uint32_t i = 0; i < p->joins; i++) {
		const struct edge *e = &b->edges[b->by_pile[p->first_edge + i]];
		struct deal *d = &b->deals[e->deal];

		if (!e->first || d->out || d->unplaced)
			continue;
		d->reward = e->reward;
		b->open[b->open_count++] = e->deal;
	}
}

void plan_close(struct best *b, const struct pile *p)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < b->open_count; i++) {
		const struct deal *d = &b->deals[b->open[i]];

		if (b->edges[d->first_edge + d->edges - 1].pile != p - b->piles)
			b->open[kept++] = b->open[i];
	}
	b->open_count = kept;
}

uint32_t plan_next_join(const struct best *b, const struct pile *p, uint32_t join)
{
	for (; join < p->joins; join++) {
		const struct deal *d = &b->deals[b->edges[b->by_pile[p->first_edge + join]].deal];

		if (!d->out && !d->unplaced)
			break;
	}
	return join;
}
