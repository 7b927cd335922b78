/*
 * Groups of promotions of which at most one may apply, among the deals. The search knows nothing of them:
 * where its choice has two of a group, it is done anew with each member of that group by itself. A choice
 * that breaks no group is the best there is, since leaving deals out never gives more.
 */
#include "best.h"

static const struct promotion *promotion_of(const struct work *w, const struct deal *d)
{
	return &w->catalog->promotions[d->promotion];
}

bool best_excludes(const struct work *w, const struct deal *a, const struct deal *b)
{
	const struct promotion *x = promotion_of(w, a), *y = promotion_of(w, b);

	if (!x->group || x->group != y->group)
		return false;
	return w->catalog->settings.exclusive != EXCLUSIVE_SAME_PRIORITY || x->priority == y->priority;
}

bool best_takes(const struct best *b, const struct deal *d)
{
	for (uint32_t i = 0; i < d->edges; i++)
		if (b->edges[d->first_edge + i].take)
			return true;
	return false;
}

/* A deal of the choice that another one of the choice excludes; NULL if there is none. */
static const struct deal *find_conflict(const struct work *w)
{
	const struct best *b = w->best;

	for (uint32_t i = 0; i < b->deal_count; i++) {
		if (!promotion_of(w, &b->deals[i])->group || !best_takes(b, &b->deals[i]))
			continue;
		for (uint32_t k = i + 1; k < b->deal_count; k++)
			if (best_excludes(w, &b->deals[i], &b->deals[k]) && best_takes(b, &b->deals[k]))
				return &b->deals[i];
	}
	return NULL;
}

static void keep(struct best *b)
{
	for (uint32_t i = 0; i < b->edge_count; i++)
		b->edges[i].kept = b->edges[i].take;
}

/* Which deal has the single pieces of a pile: 0 for none, then from 1. */
static uint32_t single_of(const struct best *b, const struct pile *p, bool kept)
{
	for (uint32_t i = 0; i < p->singles; i++) {
		const struct edge *e = &b->edges[b->by_pile[p->first_edge + p->joins + i]];

		if (kept ? e->kept : e->take)
			return i + 1;
	}
	return 0;
}

/* The order in which the search makes its choices on a pile: below 0 if the new one comes first. */
static int compare_on(const struct best *b, const struct pile *p)
{
	uint32_t new, old;

	for (uint32_t i = 0; i < p->joins; i++) {
		const struct edge *e = &b->edges[b->by_pile[p->first_edge + i]];

		if (e->take != e->kept)
			return e->take < e->kept ? -1 : 1;
	}
	new = single_of(b, p, false);
	old = single_of(b, p, true);
	return new < old ? -1 : new > old;
}

static bool comes_first(const struct best *b)
{
	for (uint32_t i = 0; i < b->pile_count; i++) {
		int order = compare_on(b, &b->piles[i]);

		if (order)
			return order < 0;
	}
	return false;
}

static bool improves(const struct best *b, const struct outcome *new, const struct outcome *old)
{
	if (new->value != old->value)
		return new->value > old->value;
	return new->tie != old->tie ? new->tie < old->tie : comes_first(b);
}

/* A walk over which member of each group that made trouble may be taken. */
struct walk {
	struct outcome best;
	bool found, cut; /* a choice; not all were looked at */
	uint32_t tries, level;
};

/* All of that one's group that are still in, but for one. */
static void set_out(struct work *w, const struct deal *group, const struct deal *but, uint32_t level)
{
	struct best *b = w->best;

	for (uint32_t i = 0; i < b->deal_count; i++) {
		struct deal *d = &b->deals[i];

		if (d != but && !d->out && (d == group || best_excludes(w, group, d)))
			d->out = level;
	}
}

static void set_in(struct best *b, uint32_t level)
{
	for (uint32_t i = 0; i < b->deal_count; i++)
		if (b->deals[i].out == level)
			b->deals[i].out = 0;
}

static void try_choice(struct work *w, struct walk *walk);

static void try_members(struct work *w, struct walk *walk, const struct deal *group)
{
	struct best *b = w->best;

	walk->level++;
	for (uint32_t i = 0; i < b->deal_count; i++) {
		const struct deal *d = &b->deals[i];

		if (d->out || (d != group && !best_excludes(w, group, d)))
			continue;
		if (walk->found && walk->tries >= BEST_TRIES) {
			walk->cut = true;
			break;
		}
		set_out(w, group, d, walk->level);
		try_choice(w, walk);
		set_in(b, walk->level);
	}
	walk->level--;
}

/* Ends: each level leaves one group at peace. */
static void try_choice(struct work *w, struct walk *walk)
{
	const struct deal *conflict;
	struct outcome out;

	best_search(w, &out);
	walk->tries++;
	if (walk->found && out.value + out.missed < walk->best.value)
		return;
	conflict = find_conflict(w);
	if (conflict) {
		try_members(w, walk, conflict);
		return;
	}
	if (walk->found && !improves(w->best, &out, &walk->best))
		return;
	walk->found = true;
	walk->best = out;
	keep(w->best);
}

void best_choose(struct work *w, struct outcome *out)
{
	struct best *b = w->best;
	struct walk walk = {0};
	struct outcome any;

	best_search(w, out);
	if (!find_conflict(w))
		return;
	any = *out;
	try_choice(w, &walk);
	for (uint32_t i = 0; i < b->edge_count; i++)
		b->edges[i].take = b->edges[i].kept;
	*out = walk.best;
	if (walk.cut || any.missed)
		out->missed = any.value + any.missed - out->value;
}
