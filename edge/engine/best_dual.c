/*
 * The bound that makes proofs short. Give each piece a price, and let every promotion buy the pieces it
 * likes, whoever else has them: what all of them gain by that, and the price of all pieces, is never less
 * than what any real choice gives. A promotion by itself is quickly solved: from its last pile to its first,
 * by how far its group is. And those solutions bound each state of the search: what the promotions under way
 * may still gain from where they are. (Lagrange; prices come closer to the best ones round by round.)
 *
 * Under the margin guard a group gives the least of its rewards and of its pieces' rooms, so never more than
 * any mixture of the two; each promotion has the mixture that bounds it best, found in the same rounds.
 *
 * All numbers are parts of a minor unit: integers, so that every build finds the same ones.
 */
#include "best.h"

#define ROUNDS 12
#define NEVER  (INT64_MIN / 4) /* groups that are not full in the end */
#define MOST   (INT64_C(1) << 40)

static int64_t greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* What one piece is worth to the deal when it is bought, and when it is rewarded besides; less its price. */
struct worth {
	int64_t bought, rewarded;
};

static struct worth worth_of(const struct best *b, const struct deal *d, const struct edge *e)
{
	int64_t share = DUAL_PARTS / DUAL_MIXTURES;
	int64_t room = (DUAL_MIXTURES - d->mixture) * share * e->room - b->piles[e->pile].price;

	return (struct worth){room, room + d->mixture * share * e->reward};
}

/* Pieces of a pile from place `at` of a group on; the best number of them, and what it comes to. */
static int64_t best_number(const struct deal *d, const struct worth *worth, int64_t pieces, int64_t at,
			   const int64_t *after, int64_t *number)
{
	int64_t full = d->buy * worth->bought + (d->size - d->buy) * worth->rewarded;
	int64_t sum = 0, best = NEVER;

	*number = 0;
	for (int64_t n = 0; n <= pieces && n < d->size; n++) {
		int64_t groups = full > 0 && pieces - n >= d->size ? (pieces - n) / d->size : 0;
		int64_t value = sum + groups * full + after[at];

		if (value > best) {
			best = value;
			*number = n + groups * d->size;
		}
		sum += at < d->buy ? worth->bought : worth->rewarded;
		at = at + 1 == d->size ? 0 : at + 1;
	}
	return best;
}

static void solve_groups(struct best *b, const struct deal *d)
{
	int64_t *after = dual_cells(b, d, d->edges), number;

	for (int64_t at = 0; at < d->size; at++)
		after[at] = at ? NEVER : 0;
	for (uint32_t i = d->edges; i-- > 0;) {
		const struct edge *e = &b->edges[d->first_edge + i];
		struct worth worth = worth_of(b, d, e);
		int64_t *here = dual_cells(b, d, i);

		for (int64_t at = 0; at < d->size; at++)
			here[at] = best_number(d, &worth, b->piles[e->pile].pieces, at, after, &number);
		after = here;
	}
}

/* Taken, it still has to pay for the rest of its pieces. */
static void solve_whole(struct best *b, const struct deal *d)
{
	int64_t cost = 0;

	for (uint32_t i = d->edges + 1; i-- > 0;) {
		int64_t *here = dual_cells(b, d, i);

		if (i < d->edges) {
			const struct pile *p = &b->piles[b->edges[d->first_edge + i].pile];

			cost += p->pieces * p->price;
		}
		here[0] = i ? 0 : greater(0, d->alone * DUAL_PARTS - cost);
		here[1] = -cost;
	}
}

/* What the single pieces of a pile gain at most; fewer than all of them may round up. */
static int64_t single_gain(const struct best *b, const struct pile *p)
{
	int64_t gain = p->singles && p->pieces > 1 ? DUAL_PARTS : 0;

	for (uint32_t i = 0; i < p->singles; i++) {
		const struct edge *e = &b->edges[b->by_pile[p->first_edge + p->joins + i]];

		if (!b->deals[e->deal].out)
			gain = greater(gain, e->bound * DUAL_PARTS - p->pieces * p->price);
	}
	return gain;
}

static bool takes_part(const struct deal *d)
{
	return !d->out && !d->unplaced;
}

/* The deal's first pile is that one, so that it is met once in a walk over piles. */
static struct deal *begins_at(struct best *b, const struct pile *p, uint32_t join)
{
	const struct edge *e = &b->edges[b->by_pile[p->first_edge + join]];
	struct deal *d = &b->deals[e->deal];

	return e->first && takes_part(d) ? d : NULL;
}

/* Solves all; returns the bound. */
static int64_t solve(struct best *b)
{
	int64_t bound = 0;

	for (uint32_t i = b->root; i != CATALOG_NONE; i = b->piles[i].next) {
		struct pile *p = &b->piles[i];

		p->wanted = 0;
		bound += p->pieces * p->price + single_gain(b, p);
		for (uint32_t k = 0; k < p->joins; k++) {
			struct deal *d = begins_at(b, p, k);

			if (!d)
				continue;
			if (d->form == FORM_WHOLE)
				solve_whole(b, d);
			else
				solve_groups(b, d);
			bound += *dual_cells(b, d, 0);
		}
	}
	return bound;
}

/* The pieces it bought are wanted; its mixture turns to what it had less of. */
static void want_groups(struct best *b, struct deal *d, int64_t turn)
{
	int64_t at = 0, rewards = 0, rooms = 0;

	for (uint32_t i = 0; i < d->edges; i++) {
		const struct edge *e = &b->edges[d->first_edge + i];
		struct pile *p = &b->piles[e->pile];
		struct worth worth = worth_of(b, d, e);
		int64_t number;

		best_number(d, &worth, p->pieces, at, dual_cells(b, d, i + 1), &number);
		p->wanted += number;
		rooms += number * e->room;
		rewards += number / d->size * (d->size - d->buy) * e->reward;
		for (int64_t n = number % d->size; n > 0; n--) {
			rewards += at >= d->buy ? e->reward : 0;
			at = at + 1 == d->size ? 0 : at + 1;
		}
	}
	if (!d->tight || rewards == rooms)
		return;
	d->mixture += rewards > rooms ? -turn : turn;
	d->mixture = d->mixture < 0 ? 0 : d->mixture > DUAL_MIXTURES ? DUAL_MIXTURES : d->mixture;
}

static void want_whole(struct best *b, const struct deal *d)
{
	for (uint32_t i = 0; i<d->edges && * dual_cells(b, d, 0)> 0; i++) {
		struct pile *p = &b->piles[b->edges[d->first_edge + i].pile];

		p->wanted += p->pieces;
	}
}

/* What is wanted more than once becomes dearer, what nobody wants cheaper. */
static void move_prices(struct best *b, int64_t step)
{
	int64_t norm = 0;

	for (uint32_t i = b->root; i != CATALOG_NONE; i = b->piles[i].next) {
		struct pile *p = &b->piles[i];

		if (single_gain(b, p) > DUAL_PARTS)
			p->wanted += p->pieces;
		p->wanted -= p->pieces;
		if (p->wanted < 0 && !p->price)
			p->wanted = 0;
		p->wanted = p->wanted > 8 ? 8 : p->wanted < -8 ? -8 : p->wanted;
		norm += p->wanted * p->wanted;
	}
	for (uint32_t i = b->root; i != CATALOG_NONE && norm; i = b->piles[i].next) {
		struct pile *p = &b->piles[i];

		p->price = greater(0, p->price + step * p->wanted / norm);
	}
}

static void want(struct best *b, int64_t turn)
{
	for (uint32_t i = b->root; i != CATALOG_NONE; i = b->piles[i].next) {
		for (uint32_t k = 0; k < b->piles[i].joins; k++) {
			struct deal *d = begins_at(b, &b->piles[i], k);

			if (d && d->form == FORM_GROUPS)
				want_groups(b, d, turn);
			else if (d)
				want_whole(b, d);
		}
	}
}

/* The second best that a piece could bring: what the best has to outbid. */
static int64_t first_price(const struct best *b, const struct pile *p)
{
	int64_t best = 0, second = 0;

	for (uint32_t k = 0; k < p->joins + p->singles; k++) {
		const struct edge *e = &b->edges[b->by_pile[p->first_edge + k]];
		int64_t brings = e->bound * DUAL_PARTS / p->pieces;

		if (!takes_part(&b->deals[e->deal]))
			continue;
		second = greater(second, brings < best ? brings : best);
		best = greater(best, brings);
	}
	return second;
}

static void keep(struct best *b, bool back)
{
	for (uint32_t i = b->root; i != CATALOG_NONE; i = b->piles[i].next) {
		struct pile *p = &b->piles[i];

		if (back)
			p->price = p->price_kept;
		p->price_kept = p->price;
		for (uint32_t k = 0; k < p->joins; k++) {
			struct deal *d = begins_at(b, p, k);

			if (!d)
				continue;
			if (back)
				d->mixture = d->mixture_kept;
			d->mixture_kept = d->mixture;
		}
	}
}

/* Bounds for the rest of the walk behind each pile: later pieces, and deals that begin there. */
static void sum_rest(struct best *b, int64_t all)
{
	b->dual_all = all;
	for (uint32_t i = b->root; i != CATALOG_NONE; i = b->piles[i].next) {
		struct pile *p = &b->piles[i];

		p->gain = single_gain(b, p);
		all -= p->pieces * p->price + p->gain;
		for (uint32_t k = 0; k < p->joins; k++) {
			const struct deal *d = begins_at(b, p, k);

			all -= d ? *dual_cells(b, d, 0) : 0;
		}
		p->dual_rest = all;
	}
}

static bool place_cells(struct best *b)
{
	size_t used = 0;
	uint32_t deals = 0;

	for (uint32_t i = b->root; i != CATALOG_NONE; i = b->piles[i].next) {
		struct pile *p = &b->piles[i];

		p->price = first_price(b, p);
		for (uint32_t k = 0; k < p->joins; k++) {
			struct deal *d = begins_at(b, p, k);

			if (!d)
				continue;
			if (dual_states(d) > BEST_GROUP || p->pieces > MOST / DUAL_PARTS)
				return false;
			d->first_cell = (uint32_t)used;
			d->mixture = d->roomy || !d->tight ? DUAL_MIXTURES : DUAL_MIXTURES / 2;
			used += ((size_t)d->edges + 1) * dual_states(d);
			deals++;
		}
	}
	return deals > 1 && used <= b->cell_max;
}

void dual_improve(struct best *b)
{
	int64_t step = 16, least = INT64_MAX;

	for (unsigned round = 0; round < ROUNDS && b->dual; round++) {
		int64_t bound = solve(b);

		if (bound < least) {
			least = bound;
			keep(b, false);
		} else {
			step -= step > 1 ? step / 3 + 1 : 0;
		}
		want(b, round < 4 ? 3 : 1);
		move_prices(b, bound / 128 * step);
	}
	if (!b->dual)
		return;
	keep(b, true);
	sum_rest(b, solve(b));
}

void dual_make(struct work *w)
{
	struct best *b = w->best;

	b->scale = 1;
	b->dual = w->base.list.minor < MOST && b->join_count >= BEST_DUAL_JOINS && place_cells(b);
	if (!b->dual)
		return;
	b->scale = DUAL_PARTS;
	sum_rest(b, solve(b));
}
