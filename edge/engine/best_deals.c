/*
 * Deals: each promotion that does not stack and passes its checks, in the form in which it takes pieces, with
 * an edge to every pile it may take them from. What it would give by itself is found on the way.
 */
#include "best.h"

#include <string.h>

#define TIE_PILE     (INT64_C(1) << 40) /* piles count first, then priorities */
#define PRIORITY_MAX INT64_C(1000000)

/* What bounds the promotion as a whole, or says how several gives meet, leaves it no form but that. */
static bool bounded(const struct promotion *p)
{
	return p->give_count > 1 || p->max_discount.minor != AMOUNT_NONE || p->budget.minor || p->units;
}

/* Kinds that are not here are given on what they select as a whole. */
static enum form form_of(const struct promotion *p)
{
	const struct give *g = &p->gives[0];

	if (bounded(p))
		return FORM_WHOLE;
	if (g->kind == GIVE_PERCENT || (g->kind == GIVE_AMOUNT && g->per == PER_UNIT))
		return FORM_SINGLE;
	if (g->kind == GIVE_UNITS && g->off == OFF_RATE && g->order == CHEAPEST_FIRST)
		return FORM_GROUPS;
	return FORM_WHOLE;
}

static const struct give *give_of(const struct work *w, const struct deal *d)
{
	return w->catalog->promotions[d->promotion].gives;
}

int64_t single_wants(const struct work *w, const struct edge *e, int64_t pieces)
{
	const struct pile *p = &w->best->piles[e->pile];
	const struct give *g = give_of(w, &w->best->deals[e->deal]);
	struct money amount = {p->value * pieces};

	if (g->kind == GIVE_PERCENT)
		return rate_at_most(w, amount, g->rate, amount).minor;
	if (p->measured)
		return give_on_units(w, &w->goods[p->good], g->amount, amount).minor;
	return g->amount.minor < p->value ? g->amount.minor * pieces : amount.minor;
}

int64_t single_gives(const struct work *w, const struct edge *e, int64_t pieces)
{
	int64_t wanted = single_wants(w, e, pieces), room = e->room * pieces;

	return wanted < room ? wanted : room;
}

/* Piles of the goods that one selector means. */
static void choose_selected(struct work *w, const struct deal *d, const struct selector *of)
{
	const struct selection *s = select_goods(w, d->promotion, of);
	struct best *b = w->best;

	for (uint32_t k = 0; k < s->count; k++) {
		for (unsigned n = 0; n < 2; n++) {
			uint32_t pile = b->places[s->goods[k]].pile[n];

			if (pile != CATALOG_NONE)
				b->chosen[pile / 64] |= UINT64_C(1) << (pile % 64);
		}
	}
}

/* Of all that the gives select. */
static void choose(struct work *w, const struct deal *d)
{
	const struct promotion *p = &w->catalog->promotions[d->promotion];
	struct best *b = w->best;

	memset(b->chosen, 0, (b->pile_count + 63) / 64 * sizeof(*b->chosen));
	for (uint32_t i = 0; i < p->give_count; i++) {
		const struct give *g = &p->gives[i];

		for (uint32_t k = 0; k < g->part_count; k++)
			choose_selected(w, d, &g->parts[k].of);
		if (!g->part_count)
			choose_selected(w, d, &g->on);
	}
}

static void add_edge(struct work *w, struct deal *d, uint32_t pile)
{
	struct best *b = w->best;
	const struct pile *p = &b->piles[pile];
	const struct good *g = &w->goods[p->good];
	struct edge *e = &b->edges[b->edge_count];

	if (d->form == FORM_GROUPS && p->measured)
		return;
	*e = (struct edge){.deal = (uint32_t)(d - b->deals), .pile = pile};
	e->room = p->measured ? good_room(g).minor : piece_room(g, p->value);
	if (d->form == FORM_GROUPS) {
		struct money value = {p->value};

		e->reward = rate_at_most(w, value, give_of(w, d)->rate, value).minor;
	}
	d->tight |= e->reward > e->room;
	d->pieces += p->pieces;
	d->edges++;
	b->edge_count++;
}

static int64_t greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* What edges have to know of those behind them. */
static void look_ahead(struct best *b, struct deal *d)
{
	struct edge *edges = b->edges + d->first_edge;
	int64_t lack = 0, after = 0, next = 0;

	for (uint32_t i = d->edges; i-- > 0;) {
		struct edge *e = &edges[i];

		e->first = i == 0;
		e->last = i == d->edges - 1;
		e->lack = lack;
		e->after = after;
		e->next = next;
		lack = greater(lack, e->reward - e->room);
		after += b->piles[e->pile].pieces;
		next = e->reward;
	}
}

static void alone_in_groups(struct best *b, struct deal *d)
{
	int64_t left = d->pieces - d->pieces % d->size;
	struct joining j = {0}, free = {0};

	if (d->most && d->most < left)
		left = d->most;
	for (uint32_t i = 0; i < d->edges && left > 0; i++) {
		const struct edge *e = &b->edges[d->first_edge + i];
		struct edge roomy = *e;
		int64_t pieces = b->piles[e->pile].pieces < left ? b->piles[e->pile].pieces : left;

		roomy.room = b->piles[e->pile].value;
		group_join(d, e, pieces, &j);
		group_join(d, &roomy, pieces, &free);
		left -= pieces;
	}
	d->alone = j.gained;
	d->wanted = free.gained;
}

static void alone_in_pieces(const struct work *w, struct deal *d)
{
	struct best *b = w->best;

	for (uint32_t i = 0; i < d->edges; i++) {
		struct edge *e = &b->edges[d->first_edge + i];

		e->reward = single_gives(w, e, b->piles[e->pile].pieces);
		d->alone += e->reward;
		d->wanted += single_wants(w, e, b->piles[e->pile].pieces);
	}
}

/* Carried out once, to see what it takes off each good, and put back. */
static enum err alone_as_whole(struct work *w, struct deal *d)
{
	struct best *b = w->best;
	struct verdict trial = {.promotion = d->promotion};
	enum err e = give_carry_out(w, &trial);

	for (uint32_t i = 0; i < d->edges && !e; i++) {
		struct edge *edge = &b->edges[d->first_edge + i];
		uint32_t good = b->piles[edge->pile].good;

		/* the whole good's on its first pile: the others are in the deal as well */
		edge->reward = b->places[good].pile[0] == edge->pile ? w->goods[good].taken.minor : 0;
	}
	goods_put_back(w);
	d->alone = trial.amount.minor;
	d->wanted = trial.amount.minor + trial.cut.minor;
	return e;
}

static enum err find_alone(struct work *w, struct deal *d)
{
	look_ahead(w->best, d);
	switch (d->form) {
	case FORM_WHOLE:
		return alone_as_whole(w, d);
	case FORM_GROUPS:
		alone_in_groups(w->best, d);
		return ERR_OK;
	case FORM_SINGLE:
		alone_in_pieces(w, d);
		return ERR_OK;
	}
	return ERR_OK;
}

static int64_t tie_of(const struct promotion *p)
{
	int64_t priority = p->priority < -PRIORITY_MAX	? -PRIORITY_MAX
			   : p->priority > PRIORITY_MAX ? PRIORITY_MAX
							: p->priority;

	return TIE_PILE + PRIORITY_MAX + priority;
}

static bool sized(const struct give *g, struct deal *d, int64_t times)
{
	d->buy = g->buy;
	if (g->buy < 0 || g->get <= 0 || __builtin_add_overflow(g->buy, g->get, &d->size))
		return false;
	if (times == AMOUNT_NONE || __builtin_mul_overflow(times, d->size, &d->most))
		d->most = 0;
	return times == AMOUNT_NONE || times > 0;
}

/* Edges of a deal. False: more than there is room for, or it is no deal at all. */
static bool connect(struct work *w, struct deal *d)
{
	const struct promotion *p = &w->catalog->promotions[d->promotion];
	struct best *b = w->best;

	if (d->form == FORM_GROUPS && !sized(&p->gives[0], d, p->times))
		return false;
	choose(w, d);
	d->first_edge = b->edge_count;
	for (uint32_t i = 0; i < (b->pile_count + 63) / 64; i++) {
		for (uint64_t left = b->chosen[i]; left; left &= left - 1) {
			if (b->edge_count == b->edge_max)
				return false;
			add_edge(w, d, i * 64 + (uint32_t)__builtin_ctzll(left));
		}
	}
	if (d->most >= d->pieces)
		d->most = 0;
	return true;
}

/* What is in reach of a promotion that there is no room to search for. */
static int64_t reach(const struct work *w, const struct deal *d)
{
	const struct best *b = w->best;
	int64_t sum = 0;

	for (uint32_t i = 0; i < w->good_count; i++) {
		uint32_t pile = b->places[i].pile[0];

		if (b->chosen[pile / 64] >> (pile % 64) & 1)
			sum += good_room(&w->goods[i]).minor;
	}
	return sum < d->alone ? d->alone : sum;
}

/* Why a deal cannot give anything, whatever it takes; REASON_APPLIED if it can. */
static enum reason hopeless(const struct work *w, const struct deal *d)
{
	int64_t room = 0;

	for (uint32_t i = 0; i < d->edges; i++)
		room += w->best->edges[d->first_edge + i].room;
	if (!d->wanted)
		return REASON_WORTH_ZERO;
	return !room || (d->form != FORM_GROUPS && !d->alone) ? REASON_MARGIN_BLOCKED : REASON_APPLIED;
}

/* The deal stays in the list, with its edges, if it can be of use. */
static enum err add_deal(struct work *w, struct verdict *v, uint32_t judged)
{
	const struct promotion *p = &w->catalog->promotions[v->promotion];
	struct best *b = w->best;
	struct deal *d = &b->deals[b->deal_count];
	uint32_t edges = b->edge_count;
	enum err e = ERR_OK;
	bool connected;

	*d = (struct deal){.judged = judged, .promotion = v->promotion, .form = form_of(p), .tie = tie_of(p)};
	guard_raise(w, p);
	connected = connect(w, d);
	if (connected)
		e = find_alone(w, d);
	else if (b->edge_count == b->edge_max)
		b->unheard += reach(w, d);
	guard_restore(w, p);
	v->reason = connected ? hopeless(w, d) : REASON_WORTH_ZERO;
	if (e || v->reason) {
		v->cut.minor = v->reason == REASON_MARGIN_BLOCKED ? d->wanted : 0;
		b->edge_count = edges;
		return e;
	}
	b->deal_count++;
	return ERR_OK;
}

/* One that wants all or nothing, of the guard or of its budget, is judged by itself, before any other. */
static enum err blocked(struct work *w, struct verdict *v)
{
	const struct promotion *p = &w->catalog->promotions[v->promotion];
	bool budget = p->budget.minor && w->catalog->settings.overrun == OVERRUN_REJECT;
	struct verdict trial = *v;
	enum err e;

	if (p->on_breach != BREACH_BLOCK && !budget)
		return ERR_OK;
	e = give_trial(w, &trial);
	if (!e && (trial.reason == REASON_MARGIN_BLOCKED || trial.reason == REASON_BUDGET_SPENT))
		*v = trial;
	return e;
}

enum err best_build(struct work *w, uint32_t turns)
{
	struct best *b = w->best;
	enum err e = ERR_OK;

	b->deal_count = b->edge_count = 0;
	b->unheard = 0;
	piles_make(w);
	for (uint32_t i = 0; i < turns && !e; i++) {
		uint32_t judged = w->turns[i].judged;
		struct verdict *v = &w->judged[judged];

		v->reason = eligible_with_goods(w, v);
		if (!v->reason)
			e = blocked(w, v);
		if (!v->reason && !e)
			e = add_deal(w, v, judged);
	}
	return e;
}
