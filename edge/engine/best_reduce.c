/*
 * Promotions that no best choice has are left out before the search: wholes, whose pieces would bind all
 * others. One goes if what its pieces give one by one is more; or if it, with the most that all other pieces
 * can give, is less than some choice that is at hand.
 */
#include "best.h"

static int64_t greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static bool grouped(const struct work *w, const struct deal *d)
{
	return w->catalog->promotions[d->promotion].group != 0;
}

/* The most that a pile gives to one promotion that takes single pieces, and to any. */
static void look_at_piles(struct work *w)
{
	struct best *b = w->best;

	for (uint32_t i = 0; i < b->pile_count; i++)
		b->piles[i].singly = b->piles[i].bound = 0;
	for (uint32_t i = 0; i < b->edge_count; i++) {
		const struct edge *e = &b->edges[i];
		const struct deal *d = &b->deals[e->deal];
		struct pile *p = &b->piles[e->pile];

		p->bound = greater(p->bound, e->bound);
		if (d->form == FORM_SINGLE && !grouped(w, d))
			p->singly = greater(p->singly, e->reward);
	}
}

/* What the piles of a deal give by that member of theirs. */
static int64_t singly_on(const struct best *b, const struct deal *d)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < d->edges; i++)
		sum += b->piles[b->edges[d->first_edge + i].pile].singly;
	return sum;
}

static int64_t bound_on(const struct best *b, const struct deal *d)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < d->edges; i++)
		sum += b->piles[b->edges[d->first_edge + i].pile].bound;
	return sum;
}

/* A choice at hand: one promotion on all its pieces, the others singly. */
static int64_t at_hand(const struct work *w)
{
	const struct best *b = w->best;
	int64_t all = 0, more = 0;

	for (uint32_t i = 0; i < b->pile_count; i++)
		all += b->piles[i].singly;
	for (uint32_t i = 0; i < b->deal_count; i++)
		if (b->deals[i].form != FORM_SINGLE && !grouped(w, &b->deals[i]))
			more = greater(more, b->deals[i].alone - singly_on(b, &b->deals[i]));
	return all + more;
}

void best_reduce(struct work *w)
{
	struct best *b = w->best;
	int64_t least, bound = 0;

	look_at_piles(w);
	least = at_hand(w);
	for (uint32_t i = 0; i < b->pile_count; i++)
		bound += b->piles[i].bound;
	for (uint32_t i = 0; i < b->deal_count; i++) {
		struct deal *d = &b->deals[i];

		if (d->form != FORM_WHOLE)
			continue;
		if (d->alone < singly_on(b, d) || d->alone + bound - bound_on(b, d) < least)
			d->out = OUT_EVER;
	}
}
