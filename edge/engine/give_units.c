/*
 * Buy X get Y: the pieces of the selected goods, dearest first, in groups of buy + get; the get cheapest
 * of each group are at rate off, and what they have no room for others of their group bear. Pieces of one
 * value stand side by side, and groups within such a run are alike and counted at once: a million pieces cost
 * no more than one.
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

/* Runs of all selected goods, dearest first; equal ones stay in canonical order. */
static void line_up(struct work *w, int64_t *pieces)
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
}

static int64_t groups_of(const struct promotion *p, const struct give *g, int64_t pieces)
{
	int64_t size, groups;

	if (g->buy < 0 || g->get <= 0 || __builtin_add_overflow(g->buy, g->get, &size))
		return 0;
	groups = pieces / size;
	return p->times != AMOUNT_NONE && p->times < groups ? p->times : groups;
}

/* A place in the line of pieces: pieces already behind it in run `at`. */
struct place {
	uint32_t at;
	int64_t behind;
};

static const struct run *run_at(const struct work *w, const struct place *p)
{
	return &w->runs[w->run_order[p->at]];
}

/* Up to `most` pieces of one run from that place on, which moves behind them; returns how many. */
static int64_t step(const struct work *w, struct place *p, int64_t most)
{
	int64_t left = run_at(w, p)->pieces - p->behind;

	if (most < left) {
		p->behind += most;
		return most;
	}
	*p = (struct place){.at = p->at + 1};
	return left;
}

/* What a rewarded piece of that run is to give, and what it has room for. */
struct reward {
	int64_t off, room;
};

static struct reward reward_of(const struct work *w, const struct give *g, const struct run *run)
{
	struct money value = {run->value};
	const struct good *good = &w->goods[w->selected.goods[run->part]];

	return (struct reward){
		.off = rate_at_most(w, value, g->rate, value).minor,
		.room = piece_room(good, run->value),
	};
}

static int64_t least_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * So many groups, alike, of which the first begins there. Returns what the rewarded pieces of each have no
 * room for.
 */
static int64_t reward_group(struct work *w, const struct give *g, struct place from, int64_t groups)
{
	int64_t shortage = 0;

	for (int64_t left = g->buy; left > 0;)
		left -= step(w, &from, left);
	for (int64_t left = g->get; left > 0;) {
		const struct run *run = run_at(w, &from);
		struct reward r = reward_of(w, g, run);
		int64_t pieces = step(w, &from, left);

		w->part[run->part].minor += groups * pieces * least_of(r.off, r.room);
		w->wanted.minor += groups * pieces * r.off;
		shortage += pieces * (r.off - least_of(r.off, r.room));
		left -= pieces;
	}
	return shortage;
}

/* The shortage of a group goes to its pieces with room left, dearest first; what none has room for is cut. */
static void spread_shortage(struct work *w, const struct give *g, struct place from, int64_t groups,
			    int64_t shortage)
{
	for (int64_t at = 0; at < g->buy + g->get && shortage > 0;) {
		const struct run *run = run_at(w, &from);
		struct reward r = reward_of(w, g, run);
		bool bought = at < g->buy;
		int64_t pieces = step(w, &from, bought ? g->buy - at : g->buy + g->get - at);
		int64_t spare = bought ? r.room : r.room - least_of(r.off, r.room);
		int64_t more = least_of(shortage, pieces * spare);

		w->part[run->part].minor += groups * more;
		shortage -= more;
		at += pieces;
	}
}

/* Groups that lie within the run where the next one begins are alike; else it is one that spans runs. */
static int64_t alike(const struct work *w, const struct give *g, const struct place *p, int64_t most)
{
	int64_t within = (run_at(w, p)->pieces - p->behind) / (g->buy + g->get);

	return least_of(within > 0 ? within : 1, most);
}

/* Cannot overflow: a piece gives at most its value, and all of them are worth the goods' amounts. */
enum err give_units(struct work *w, const struct promotion *p, const struct give *g)
{
	struct place at = {0};
	int64_t pieces;

	line_up(w, &pieces);
	for (uint32_t k = 0; k < w->selected.count; k++)
		w->part[k] = MONEY_ZERO;
	w->groups = groups_of(p, g, pieces);
	for (int64_t left = w->groups, groups; left > 0; left -= groups) {
		int64_t shortage;

		groups = alike(w, g, &at, left);
		shortage = reward_group(w, g, at, groups);
		spread_shortage(w, g, at, groups, shortage);
		for (int64_t behind = groups * (g->buy + g->get); behind > 0;)
			behind -= step(w, &at, behind);
	}
	return ERR_OK;
}
