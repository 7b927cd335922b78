/*
 * Buy X get Y: the pieces of the selected goods, dearest first, in groups of buy + get; the get cheapest
 * of each group are at rate off. Pieces of one value stand side by side, so whole runs of them are counted
 * at once, and a million pieces cost no more than one.
 */
#include "engine_work.h"

/* A good's pieces are worth its running amount; what does not divide makes the first of them dearer by one.
 */
static uint32_t add_runs(struct work *w, uint32_t part, uint32_t n)
{
	const struct good *g = &w->goods[w->selected.goods[part]];
	int64_t value, dearer;

	if (!g->pieces)
		return n;
	value = g->running.minor / g->pieces;
	dearer = g->running.minor % g->pieces;
	if (dearer)
		w->runs[n++] = (struct run){.value = value + 1, .pieces = dearer, .part = part};
	w->runs[n++] = (struct run){.value = value, .pieces = g->pieces - dearer, .part = part};
	return n;
}

static bool dearer_before(const void *of, uint32_t a, uint32_t b)
{
	const struct run *runs = of;

	return runs[a].value > runs[b].value;
}

/* Runs of all selected goods, dearest first; equal ones stay in canonical order. Returns how many. */
static uint32_t line_up(struct work *w, int64_t *pieces)
{
	uint32_t n = 0;

	*pieces = 0;
	for (uint32_t k = 0; k < w->selected.count; k++) {
		n = add_runs(w, k, n);
		*pieces += w->goods[w->selected.goods[k]].pieces;
	}
	for (uint32_t i = 0; i < n; i++)
		w->run_order[i] = i;
	sort_indices(w->run_order, w->spare, n, dearer_before, w->runs);
	return n;
}

/* Of the first `pieces` pieces, how many are among the cheapest of their groups. */
static int64_t rewarded_before(const struct give *g, int64_t pieces)
{
	int64_t size = g->buy + g->get;
	int64_t in_group = pieces % size - g->buy;

	return pieces / size * g->get + (in_group > 0 ? in_group : 0);
}

static int64_t groups_of(const struct promotion *p, const struct give *g, int64_t pieces)
{
	int64_t size, groups;

	if (g->buy < 0 || g->get <= 0 || __builtin_add_overflow(g->buy, g->get, &size))
		return 0;
	groups = pieces / size;
	return p->times != AMOUNT_NONE && p->times < groups ? p->times : groups;
}

enum err give_units(struct work *w, const struct promotion *p, const struct give *g)
{
	int64_t pieces, in_groups, at = 0;
	uint32_t n = line_up(w, &pieces);

	for (uint32_t k = 0; k < w->selected.count; k++)
		w->part[k] = MONEY_ZERO;
	w->groups = groups_of(p, g, pieces);
	if (w->groups <= 0)
		return ERR_OK;
	in_groups = w->groups * (g->buy + g->get);
	for (uint32_t i = 0; i < n && at < in_groups; i++) {
		const struct run *run = &w->runs[w->run_order[i]];
		struct money value = {run->value};
		int64_t end = at + run->pieces < in_groups ? at + run->pieces : in_groups;
		int64_t rewarded = rewarded_before(g, end) - rewarded_before(g, at);

		/* cannot overflow: a piece gives at most its value, and all of them are worth the good's
		 * amount */
		w->part[run->part].minor += rewarded * rate_at_most(w, value, g->rate, value).minor;
		at = end;
	}
	return ERR_OK;
}
