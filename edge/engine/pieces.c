/*
 * Pieces in sets. A pool holds the pieces of the selected goods, dearest first; those of one value stand side
 * by side as a run. A set takes pieces part by part, and is rewarded; the next one goes on with what is left.
 * Sets that take the same of each run are counted at once, so a million pieces cost no more than a few.
 */
#include "engine_work.h"

/* A good's pieces are worth its running amount; what does not divide makes the first of them dearer by one.
 */
static uint32_t add_run(struct work *w, uint32_t part, uint8_t of, int64_t value, int64_t pieces, uint32_t n)
{
	const struct good *g = &w->goods[w->selected.goods[part]];

	if (!pieces)
		return n;
	w->runs[n] = (struct run){
		.value = value, .room = piece_room(g, value), .pieces = pieces, .part = part, .of = of};
	return n + 1;
}

static bool dearer_before(const void *of, uint32_t a, uint32_t b)
{
	const struct run *runs = of;

	return runs[a].value > runs[b].value;
}

struct pool pool_of_selected(struct work *w, uint8_t of)
{
	struct pool pool = {0};

	for (uint32_t k = 0; k < w->selected.count; k++) {
		const struct good *g = &w->goods[w->selected.goods[k]];
		uint8_t bits = of ? of : w->parts_of[w->selected.goods[k]];
		int64_t value, dearer;

		w->part[k] = MONEY_ZERO;
		if (!g->pieces)
			continue;
		value = g->running.minor / g->pieces;
		dearer = g->running.minor % g->pieces;
		pool.runs = add_run(w, k, bits, value + (dearer > 0), dearer, pool.runs);
		pool.runs = add_run(w, k, bits, value, g->pieces - dearer, pool.runs);
		pool.pieces += g->pieces;
	}
	for (uint32_t i = 0; i < pool.runs; i++)
		w->run_order[i] = i;
	sort_indices(w->run_order, w->spare, pool.runs, dearer_before, w->runs);
	return pool;
}

void pool_drop_worthless(const struct work *w, struct pool *pool)
{
	while (pool->runs && !w->runs[w->run_order[pool->runs - 1]].value)
		pool->pieces -= w->runs[w->run_order[--pool->runs]].pieces;
}

int64_t units_left(const struct work *w, const struct promotion *p)
{
	return p->units ? p->units - w->units : INT64_MAX;
}

int64_t piece_off(const struct work *w, const struct give *g, int64_t value)
{
	switch (g->off) {
	case OFF_RATE:
		return rate_at_most(w, (struct money){value}, g->rate, (struct money){value}).minor;
	case OFF_AMOUNT:
		return g->amount.minor < value ? g->amount.minor : value;
	case OFF_TO_PRICE:
		return value > g->amount.minor ? value - g->amount.minor : 0;
	}
	return 0;
}

/* The set at hand: places in w->run_order of the runs it takes of. */
struct set {
	struct work *w;
	const struct give *give;
	uint32_t from, runs; /* runs before `from` are used up */
	uint32_t count;	     /* of w->in_set */
	int64_t promised;    /* what it would give if there were no margin guard */
};

static struct run *run_at(const struct set *s, uint32_t place)
{
	return &s->w->runs[s->w->run_order[place]];
}

/* In the order of places, that is, dearest first; they come nearly so. */
static void put_in(struct set *s, uint32_t place)
{
	uint32_t at = s->count++;

	for (; at > 0 && s->w->in_set[at - 1] > place; at--)
		s->w->in_set[at] = s->w->in_set[at - 1];
	s->w->in_set[at] = place;
}

/* Pieces of one run for a part that still wants so many; returns how many it wants then. */
static int64_t take_of_run(struct set *s, uint32_t place, const struct taking *part, int64_t wanted)
{
	struct run *run = run_at(s, place);
	int64_t free = run->pieces - run->take, n = free < wanted ? free : wanted;

	if (!(run->of & part->of) || !n)
		return wanted;
	if (!run->take)
		put_in(s, place);
	run->take += n;
	if (part->rewarded)
		run->rewarded += n;
	return wanted - n;
}

static bool take_part(struct set *s, const struct taking *part)
{
	int64_t wanted = part->count;

	if (part->order == DEAREST_FIRST)
		for (uint32_t i = s->from; i < s->runs && wanted > 0; i++)
			wanted = take_of_run(s, i, part, wanted);
	else
		for (uint32_t i = s->runs; i > s->from && wanted > 0; i--)
			wanted = take_of_run(s, i - 1, part, wanted);
	return wanted == 0;
}

static bool take_set(struct set *s, const struct taking *parts, uint32_t count)
{
	s->count = 0;
	while (s->from < s->runs && !run_at(s, s->from)->pieces)
		s->from++;
	for (uint32_t i = 0; i < count; i++)
		if (!take_part(s, &parts[i]))
			return false;
	return true;
}

static int64_t least_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* What is promised on each rewarded piece, as far as it has room; returns what it has none for. */
static int64_t reward_each(struct set *s)
{
	int64_t refused = 0;

	for (uint32_t i = 0; i < s->count; i++) {
		struct run *run = run_at(s, s->w->in_set[i]);
		int64_t off = run->rewarded ? piece_off(s->w, s->give, run->value) : 0;

		run->off = run->rewarded * least_of(off, run->room);
		s->promised += run->rewarded * off;
		refused += run->rewarded * off - run->off;
	}
	return refused;
}

/* The same of an amount off the rewarded pieces together, or of a price for them; shared by value. */
static enum err reward_once(struct set *s, int64_t *refused)
{
	struct work *w = s->w;
	int64_t value = 0, room = 0, off;
	enum err e;

	for (uint32_t i = 0; i < s->count; i++) {
		struct run *run = run_at(s, w->in_set[i]);

		w->weight[i].minor = run->rewarded * run->value;
		w->cap[i].minor = run->rewarded * run->room;
		value += w->weight[i].minor;
		room += w->cap[i].minor;
	}
	s->promised = off = piece_off(w, s->give, value);
	*refused = off - least_of(off, room);
	e = money_share(w->catalog->settings.remainder, (struct money){least_of(off, room)}, w->weight,
			w->cap, s->count, w->scratch, w->share);
	for (uint32_t i = 0; i < s->count && !e; i++)
		run_at(s, w->in_set[i])->off = w->share[i].minor;
	return e;
}

/* What the rewarded pieces could not bear is borne by others of the set, dearest first; the rest is cut. */
static void bear(struct set *s, int64_t refused)
{
	for (uint32_t i = 0; i < s->count && refused > 0; i++) {
		struct run *run = run_at(s, s->w->in_set[i]);
		int64_t more = least_of(refused, run->take * run->room - run->off);

		run->off += more;
		refused -= more;
	}
}

static enum err reward_set(struct set *s)
{
	bool each = s->give->per == PER_UNIT || s->give->off == OFF_RATE;
	int64_t refused = 0;
	enum err e = ERR_OK;

	s->promised = 0;
	if (each)
		refused = reward_each(s);
	else
		e = reward_once(s, &refused);
	if (!e)
		bear(s, refused);
	return e;
}

/* How many pieces a set rewards, and how many sets like it the runs hold. */
struct yield {
	int64_t rewarded, alike;
};

static struct yield yield_of(const struct set *s)
{
	struct yield y = {.alike = INT64_MAX};

	for (uint32_t i = 0; i < s->count; i++) {
		const struct run *run = run_at(s, s->w->in_set[i]);

		y.rewarded += run->rewarded;
		y.alike = least_of(y.alike, run->pieces / run->take);
	}
	return y;
}

static void use_up(struct set *s, int64_t sets)
{
	for (uint32_t i = 0; i < s->count; i++) {
		struct run *run = run_at(s, s->w->in_set[i]);

		s->w->part[run->part].minor += run->off * sets;
		run->pieces -= run->take * sets;
		run->take = run->rewarded = run->off = 0;
	}
}

/* Sets that promise nothing use pieces up, but neither times nor units. */
enum err pool_form_sets(struct work *w, struct pool pool, const struct promotion *p, const struct give *g,
			const struct sets *sets)
{
	struct set s = {.w = w, .give = g, .runs = pool.runs};
	int64_t times = sets->only ? 1 : sets->times;

	while (times > 0 && take_set(&s, sets->parts, sets->count)) {
		struct yield y = yield_of(&s);
		int64_t n = sets->only ? 1 : y.alike;
		enum err e;

		if (y.rewarded > units_left(w, p))
			return ERR_OK;
		e = reward_set(&s);
		if (e)
			return e;
		if (s.promised && y.rewarded) {
			n = least_of(n, least_of(times, units_left(w, p) / y.rewarded));
			w->formed += n;
			w->units += n * y.rewarded;
			w->wanted.minor += n * s.promised;
		}
		times -= s.promised || sets->only ? n : 0;
		use_up(&s, n);
	}
	return ERR_OK;
}
