/*
 * Upper bounds. A group's rewarded pieces are its cheapest, so it gives at most the average of what all its
 * pieces would get, each by itself; and never more than all its pieces' rooms. Hence a bound a piece,
 * whatever groups come about, and one a pile and for the rest of a component. States beyond the beam go by
 * their bound; the best bound of those that went says how far from the best the answer may be.
 */
#include "best.h"

static int64_t greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* a * b / c, rounded up; what does not fit is more than there can be. */
static int64_t part_above(int64_t a, int64_t b, int64_t c)
{
	int64_t out;

	if (!__builtin_mul_overflow(a, b, &out) && !__builtin_add_overflow(out, c - 1, &out))
		return out / c;
	return muldiv(a, b, c, ROUND_UP, &out) ? INT64_MAX / 4 : out;
}

static int64_t by_rewards(const struct best *b, const struct deal *d, const struct edge *e)
{
	return part_above(b->piles[e->pile].pieces * e->reward, d->size - d->buy, d->size);
}

static int64_t by_rooms(const struct best *b, const struct edge *e)
{
	return b->piles[e->pile].pieces * e->room;
}

/* Either bound holds for a group as a whole, so the same one has to be used for all its pieces. */
static void choose_bound(struct best *b, struct deal *d)
{
	int64_t rewards = 0, rooms = 0;

	for (uint32_t i = 0; i < d->edges; i++) {
		rewards += by_rewards(b, d, &b->edges[d->first_edge + i]);
		rooms += by_rooms(b, &b->edges[d->first_edge + i]);
	}
	d->roomy = rewards <= rooms;
}

static int64_t bound_edge(const struct best *b, const struct edge *e)
{
	const struct deal *d = &b->deals[e->deal];

	switch (d->form) {
	case FORM_WHOLE:
		return e->reward;
	case FORM_GROUPS:
		return d->roomy ? by_rewards(b, d, e) : by_rooms(b, e);
	case FORM_SINGLE:
		break;
	}
	/* Fewer pieces may round up where all of them round down: by less than one minor unit. */
	return e->reward + (b->piles[e->pile].pieces > 1);
}

/* One deal that has no other pile, on a pile that has no other deal, leaves its last group incomplete. */
static int64_t alone_on(const struct best *b, const struct pile *p)
{
	struct joining j = {0};
	const struct edge *e;
	const struct deal *d;

	if (p->joins != 1 || p->singles)
		return 0;
	e = &b->edges[b->by_pile[p->first_edge]];
	d = &b->deals[e->deal];
	if (d->form != FORM_GROUPS || d->edges != 1)
		return 0;
	group_join(d, e, p->pieces - p->pieces % d->size, &j);
	return j.gained;
}

void bound_edges(struct best *b)
{
	for (uint32_t i = 0; i < b->deal_count; i++)
		if (b->deals[i].form == FORM_GROUPS)
			choose_bound(b, &b->deals[i]);
	for (uint32_t i = 0; i < b->edge_count; i++)
		b->edges[i].bound = bound_edge(b, &b->edges[i]);
}

void bound_piles(struct best *b)
{
	for (uint32_t i = 0; i < b->pile_count; i++) {
		struct pile *p = &b->piles[i];

		p->bound = alone_on(b, p);
		if (p->bound)
			continue;
		for (uint32_t k = 0; k < p->joins + p->singles; k++)
			p->bound = greater(p->bound, b->edges[b->by_pile[p->first_edge + k]].bound);
	}
}

int64_t bound_deal(const struct best *b, const struct deal *d)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < d->edges; i++)
		sum += b->edges[d->first_edge + i].bound;
	return sum;
}

void bound_rest(struct best *b, uint32_t root)
{
	int64_t sum = 0;

	for (uint32_t i = root; i != CATALOG_NONE; i = b->piles[i].next)
		sum += b->piles[i].bound;
	for (uint32_t i = root; i != CATALOG_NONE; i = b->piles[i].next) {
		sum -= b->piles[i].bound;
		b->piles[i].rest = sum;
	}
}

/* What the missing pieces of a group under way may get: no more than those of the last edge passed. */
static int64_t missing(const struct deal *d, uint64_t key)
{
	int64_t at = deal_at(d, key);

	return at ? (at > d->buy ? d->size - at : d->size - d->buy) * d->reward : 0;
}

/* As much as that state may ever be ahead of one without anything under way that is level with it now. */
static int64_t advance(const struct best *b, const struct state *s)
{
	int64_t sum = 0;

	for (uint32_t i = 0; i < b->open_count; i++)
		if (b->deals[b->open[i]].form == FORM_GROUPS)
			sum += missing(&b->deals[b->open[i]], s->key);
	return sum;
}

/*
 * What a group under way may give besides the bounds of the pieces that are still to join it. By rewards:
 * each bought piece is to bring its part of them, and each rewarded one has had more than its own; none is
 * above that of the last edge. By rooms: those that its pieces have left.
 */
static int64_t under_way(const struct deal *d, const struct state *s)
{
	int64_t at = deal_at(d, s->key);

	if (!at)
		return 0;
	if (!d->roomy && d->tight)
		return s->shortage[d->shortage];
	return part_above(d->reward, at <= d->buy ? at * (d->size - d->buy) : (d->size - at) * d->buy,
			  d->size);
}

int64_t bound_state(const struct best *b, const struct pile *p, const struct state *s)
{
	int64_t bound = s->value + p->rest + (!b->passed && s->used < p->pieces ? p->bound : 0);

	for (uint32_t i = 0; i < b->open_count; i++)
		if (b->deals[b->open[i]].form == FORM_GROUPS)
			bound += under_way(&b->deals[b->open[i]], s);
	return bound;
}

/*
 * States of b->now that lag behind the one without anything under way die: that one could leave out the
 * pieces that fill their groups, do the same with all others, and be ahead in the end.
 */
void bound_late(struct best *b)
{
	int64_t free = -1;

	for (uint32_t i = 0; i < b->now_count; i++) {
		const struct state *s = &b->now[i];

		if (!s->key && s->used != STATE_DEAD && s->value > free)
			free = s->value;
	}
	for (uint32_t i = 0; i < b->now_count; i++) {
		struct state *s = &b->now[i];

		if (s->used != STATE_DEAD && s->value < free && s->value + advance(b, s) < free)
			s->used = STATE_DEAD;
	}
}

static void drop(struct best *b, int64_t bound)
{
	b->dropped = greater(b->dropped, bound / b->scale);
}

void bound_drop(struct best *b, const struct state *s)
{
	drop(b, s->bound);
}

/* The k-th largest score, from 0, by quickselect; scores change places. */
static int64_t select_score(int64_t *scores, uint32_t n, uint32_t k)
{
	uint32_t from = 0, to = n - 1;

	while (from < to) {
		int64_t pivot = scores[from + (to - from) / 2];
		uint32_t i = from, j = to;

		for (;;) {
			while (scores[i] > pivot)
				i++;
			while (scores[j] < pivot)
				j--;
			if (i >= j)
				break;
			int64_t held = scores[i];
			scores[i++] = scores[j];
			scores[j--] = held;
		}
		if (k <= j)
			to = j;
		else
			from = j + 1;
	}
	return scores[k];
}

static uint32_t count_above(const int64_t *scores, uint32_t n, int64_t least)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < n; i++)
		count += scores[i] > least;
	return count;
}

/*
 * The dead and those of the lowest bounds leave b->then; the others keep their order. The one with nothing
 * under way and nothing used stays, so that there is an answer in the end.
 */
void bound_cut(struct best *b)
{
	uint32_t n = 0, kept = 0, equal;
	int64_t least;

	for (uint32_t i = 0; i < b->then_count; i++) {
		if (b->then[i].used == STATE_DEAD)
			continue;
		if (n != i)
			b->then[n] = b->then[i];
		n++;
	}
	b->then_count = n;
	if (n <= b->beam)
		return;
	for (uint32_t i = 0; i < n; i++)
		b->scores[i] = b->scores[BEST_STATES + i] = b->then[i].bound;
	least = select_score(b->scores, n, b->beam);
	equal = b->beam - count_above(b->scores, n, least);
	for (uint32_t i = 0; i < n; i++) {
		int64_t score = b->scores[BEST_STATES + i];
		bool idle = !b->then[i].key && !b->then[i].used;

		if (score > least || idle || (score == least && equal > 0))
			b->then[kept++] = b->then[i];
		else
			drop(b, score);
		equal -= score == least && equal > 0;
	}
	b->then_count = kept;
}
