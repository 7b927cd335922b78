/*
 * Every choice, one after the other: for each good, dearest first, whether it goes to an offer as a whole,
 * how many of its pieces join each offer's groups, and which offer has what is left. The first of the best
 * stays.
 */
#include "best_oracle.h"

#include <string.h>

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t share(int64_t amount, int64_t ppm)
{
	return (amount * ppm + 500000) / 1000000; /* small and not negative: half away from zero */
}

static bool selects(const struct oracle_offer *f, int good)
{
	return f->goods >> good & 1;
}

static int64_t total_pieces(const struct oracle_good *g)
{
	return g->measured ? 1 : g->pieces;
}

/* The groups of an offer, piece by piece, dearest first: what the rewarded get, at most the room of all. */
static bool give_groups(const struct oracle *o, int offer, int64_t *given)
{
	const struct oracle_offer *f = &o->offers[offer];
	int64_t at = 0, groups = 0, wanted = 0, room = 0;

	*given = 0;
	for (int i = 0; i < o->good_count; i++) {
		const struct oracle_good *g = &o->goods[o->order[i]];

		for (int64_t n = 0; n < o->pieces[o->order[i]][offer]; n++) {
			room += g->room;
			if (at >= f->buy)
				wanted += share(g->value, f->ppm);
			if (++at < f->buy + f->get)
				continue;
			*given += smaller(wanted, room);
			at = wanted = room = 0;
			groups++;
		}
	}
	return at == 0 && (!f->times || groups <= f->times);
}

static int64_t give_once(const struct oracle *o, const struct oracle_offer *f)
{
	int64_t room = 0;

	for (int i = 0; i < o->good_count; i++)
		if (selects(f, i))
			room += o->goods[i].room * total_pieces(&o->goods[i]);
	return smaller(f->amount, room);
}

/* On so many pieces of a good. */
static int64_t give_single(const struct oracle_offer *f, const struct oracle_good *g, int64_t pieces)
{
	int64_t off = 0;

	if (f->kind == OFFER_PERCENT)
		off = share(g->value * pieces, f->ppm);
	else
		off = smaller(f->amount, g->value) * pieces;
	return smaller(off, g->room * pieces);
}

static int64_t give_singles(const struct oracle *o, int offer)
{
	int64_t sum = 0;

	for (int i = 0; i < o->good_count; i++)
		sum += give_single(&o->offers[offer], &o->goods[i], o->pieces[i][offer]);
	return sum;
}

static bool whole_or_none(const struct oracle *o, int offer, bool *taken)
{
	const struct oracle_offer *f = &o->offers[offer];
	int with = 0, without = 0;

	for (int i = 0; i < o->good_count; i++) {
		if (!selects(f, i))
			continue;
		if (o->pieces[i][offer])
			with++;
		else
			without++;
	}
	*taken = with > 0;
	return !with || !without;
}

static bool one_of_a_group(const struct oracle *o)
{
	for (int a = 0; a < o->offer_count; a++) {
		for (int b = a + 1; b < o->offer_count; b++) {
			bool has_a = false, has_b = false;

			if (!o->offers[a].group || o->offers[a].group != o->offers[b].group)
				continue;
			for (int i = 0; i < o->good_count; i++) {
				has_a |= o->pieces[i][a] > 0;
				has_b |= o->pieces[i][b] > 0;
			}
			if (has_a && has_b)
				return false;
		}
	}
	return true;
}

static void judge(struct oracle *o)
{
	int64_t given = 0, joins = 0, priorities = 0, amounts[ORACLE_OFFERS] = {0};

	o->tried++;
	if (!one_of_a_group(o))
		return;
	for (int k = 0; k < o->offer_count; k++) {
		const struct oracle_offer *f = &o->offers[k];
		bool taken = false;

		if (f->kind == OFFER_GROUPS && !give_groups(o, k, &amounts[k]))
			return;
		if (f->kind == OFFER_ONCE && !whole_or_none(o, k, &taken))
			return;
		if (f->kind == OFFER_ONCE)
			amounts[k] = taken ? give_once(o, f) : 0;
		if (f->kind == OFFER_PERCENT || f->kind == OFFER_EACH)
			amounts[k] = give_singles(o, k);
		given += amounts[k];
		for (int i = 0; i < o->good_count; i++) {
			joins += o->pieces[i][k] > 0;
			priorities += o->pieces[i][k] > 0 ? f->priority : 0;
		}
	}
	if (o->given >= 0 &&
	    (given < o->given ||
	     (given == o->given && (joins > o->joins || (joins == o->joins && priorities >= o->priorities)))))
		return;
	o->given = given;
	o->joins = joins;
	o->priorities = priorities;
	memcpy(o->amounts, amounts, sizeof(amounts));
}

static void try_good(struct oracle *o, int at);

/* What is left of the good: to nobody, or all of it to one of the offers that take single pieces. */
static void try_singles(struct oracle *o, int at, int64_t left)
{
	int good = o->order[at];

	try_good(o, at + 1);
	for (int k = 0; k < o->offer_count && left; k++) {
		const struct oracle_offer *f = &o->offers[k];

		if (!selects(f, good) || (f->kind != OFFER_PERCENT && f->kind != OFFER_EACH))
			continue;
		o->pieces[good][k] = left;
		try_good(o, at + 1);
		o->pieces[good][k] = 0;
	}
}

static void try_groups(struct oracle *o, int at, int offer, int64_t left)
{
	int good = o->order[at];

	while (offer < o->offer_count && (o->offers[offer].kind != OFFER_GROUPS ||
					  !selects(&o->offers[offer], good) || o->goods[good].measured))
		offer++;
	if (offer == o->offer_count) {
		try_singles(o, at, left);
		return;
	}
	for (int64_t n = 0; n <= left; n++) {
		o->pieces[good][offer] = n;
		try_groups(o, at, offer + 1, left - n);
	}
	o->pieces[good][offer] = 0;
}

/* Of two offers that would have the good as a whole, the later one is the smaller choice in the first place.
 */
static void try_good(struct oracle *o, int at)
{
	int good;

	if (at == o->good_count) {
		judge(o);
		return;
	}
	good = o->order[at];
	try_groups(o, at, 0, total_pieces(&o->goods[good]));
	for (int k = o->offer_count - 1; k >= 0; k--) {
		if (o->offers[k].kind != OFFER_ONCE || !selects(&o->offers[k], good))
			continue;
		o->pieces[good][k] = total_pieces(&o->goods[good]);
		try_good(o, at + 1);
		o->pieces[good][k] = 0;
	}
}

/* Dearest first, equal ones in canonical order. */
static void order_goods(struct oracle *o)
{
	for (int i = 0; i < o->good_count; i++) {
		int to = i;

		for (; to > 0 && o->goods[o->order[to - 1]].value < o->goods[i].value; to--)
			o->order[to] = o->order[to - 1];
		o->order[to] = i;
	}
}

void oracle_solve(struct oracle *o)
{
	o->given = -1;
	o->tried = 0;
	memset(o->pieces, 0, sizeof(o->pieces));
	order_goods(o);
	try_good(o, 0);
}
