/*
 * Piles: the pieces of a good that are worth the same, dearest first. And what belongs together: piles that a
 * deal spans make a component, which is searched by itself.
 */
#include "best.h"

/* What does not divide makes the first pieces of a good dearer by one minor unit. */
static void add_piles(struct best *b, const struct good *g, uint32_t good)
{
	int64_t pieces = g->pieces ? g->pieces : 1;
	int64_t value = g->list.minor / pieces, dearer = g->list.minor % pieces;
	struct pile pile = {.good = good, .measured = !g->pieces};

	if (dearer) {
		pile.value = value + 1;
		pile.pieces = dearer;
		b->unsorted[b->pile_count++] = pile;
	}
	pile.value = value;
	pile.pieces = pieces - dearer;
	b->unsorted[b->pile_count++] = pile;
}

static bool dearer_before(const void *of, uint32_t a, uint32_t b)
{
	return ((const struct pile *)of)[a].value > ((const struct pile *)of)[b].value;
}

#define VALUE_BITS \
	50 /* of a number by which piles are sorted; the rest, its place, is below 2 ENGINE_LINES_MAX */
_Static_assert(2 * ENGINE_LINES_MAX <= 1 << (64 - VALUE_BITS), "a pile's place fits beside its value");

static bool values_fit(const struct best *b)
{
	int64_t all = 0;

	for (uint32_t i = 0; i < b->pile_count; i++)
		all |= b->unsorted[i].value;
	return all >> VALUE_BITS == 0;
}

/* Numbers are sorted in a fraction of the time that a function to compare piles takes. */
static void sort_by_number(struct work *w)
{
	struct best *b = w->best;
	const uint64_t most = (UINT64_C(1) << VALUE_BITS) - 1;

	for (uint32_t i = 0; i < b->pile_count; i++)
		b->numbers[i] = (most - (uint64_t)b->unsorted[i].value) << (64 - VALUE_BITS) | i;
	sort_numbers(b->numbers, b->pile_count);
	for (uint32_t i = 0; i < b->pile_count; i++)
		b->by_value[i] = (uint32_t)(b->numbers[i] & ((1U << (64 - VALUE_BITS)) - 1));
}

/* They are in canonical order already, and the sort is stable. */
static void sort_piles(struct work *w)
{
	struct best *b = w->best;

	if (values_fit(b)) {
		sort_by_number(w);
	} else {
		for (uint32_t i = 0; i < b->pile_count; i++)
			b->by_value[i] = i;
		sort_indices(b->by_value, w->spare, b->pile_count, dearer_before, b->unsorted);
	}
	for (uint32_t i = 0; i < b->pile_count; i++)
		b->piles[i] = b->unsorted[b->by_value[i]];
}

void piles_make(struct work *w)
{
	struct best *b = w->best;

	b->pile_count = 0;
	for (uint32_t i = 0; i < w->good_count; i++)
		add_piles(b, &w->goods[i], i);
	sort_piles(w);
	for (uint32_t i = 0; i < w->good_count; i++)
		b->places[i] = (struct places){{CATALOG_NONE, CATALOG_NONE}};
	for (uint32_t i = 0; i < b->pile_count; i++) {
		uint32_t *piles = b->places[b->piles[i].good].pile;

		piles[piles[0] != CATALOG_NONE] = i;
		b->piles[i].root = i;
		b->piles[i].next = CATALOG_NONE;
	}
}

static uint32_t find(struct best *b, uint32_t pile)
{
	while (b->piles[pile].root != pile) {
		b->piles[pile].root = b->piles[b->piles[pile].root].root;
		pile = b->piles[pile].root;
	}
	return pile;
}

/* The root is the dearest. */
static void join(struct best *b, uint32_t one, uint32_t other)
{
	uint32_t x = find(b, one), y = find(b, other);

	if (x < y)
		b->piles[y].root = x;
	else
		b->piles[x].root = y;
}

static void join_spanned(struct best *b)
{
	for (uint32_t i = 0; i < b->deal_count; i++) {
		const struct deal *d = &b->deals[i];

		if (d->form == FORM_SINGLE || d->out)
			continue;
		for (uint32_t k = 1; k < d->edges; k++)
			join(b, b->edges[d->first_edge].pile, b->edges[d->first_edge + k].pile);
	}
}

/* Piles of a component in a row, dearest first: each is put before those that were. */
static void chain(struct best *b)
{
	for (uint32_t i = b->pile_count; i-- > 0;) {
		struct pile *root;

		b->piles[i].root = find(b, i);
		if (b->piles[i].root == i)
			continue;
		root = &b->piles[b->piles[i].root];
		b->piles[i].next = root->next;
		root->next = i;
	}
}

static void count_edges(struct best *b)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < b->edge_count; i++) {
		struct pile *p = &b->piles[b->edges[i].pile];

		const struct deal *d = &b->deals[b->edges[i].deal];

		p->singles += d->form == FORM_SINGLE;
		p->joins += d->form != FORM_SINGLE && !d->out;
	}
	for (uint32_t i = 0; i < b->pile_count; i++) {
		b->piles[i].first_edge = at;
		at += b->piles[i].joins + b->piles[i].singles;
		b->piles[i].joins = b->piles[i].singles = 0;
	}
}

static void place_edges(struct best *b, enum form form)
{
	for (uint32_t i = 0; i < b->edge_count; i++) {
		struct pile *p = &b->piles[b->edges[i].pile];

		if (b->deals[b->edges[i].deal].form != form || b->deals[b->edges[i].deal].out)
			continue;
		b->by_pile[p->first_edge + p->joins + p->singles] = i;
		if (form == FORM_SINGLE)
			p->singles++;
		else
			p->joins++;
	}
}

void piles_link(struct work *w)
{
	struct best *b = w->best;

	join_spanned(b);
	chain(b);
	count_edges(b);
	for (enum form form = 0; form < FORMS; form++)
		place_edges(b, form);
}
