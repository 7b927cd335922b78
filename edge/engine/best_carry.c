/*
 * Carrying out the choice: what each deal takes off the goods it was given pieces of, one deal after another
 * in order of precedence; and why the others were not taken.
 */
#include "best.h"

/* Carrying out one deal. */
struct carry {
	struct work *w;
	const struct deal *deal;
	struct verdict *verdict;
};

/* A place among the pieces of a deal: so many of that edge's are behind it. */
struct place {
	uint32_t edge;
	int64_t behind;
};

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void take_off(const struct carry *c, const struct edge *e, int64_t amount)
{
	uint32_t i = c->w->best->piles[e->pile].good;
	struct good *g = &c->w->goods[i];

	if (!amount)
		return;
	g->running.minor -= amount;
	g->taken.minor += amount;
	c->w->taken[i / 64] |= UINT64_C(1) << (i % 64);
	c->verdict->amount.minor += amount;
}

static void carry_single(const struct carry *c, const struct edge *e)
{
	int64_t gives = single_gives(c->w, e, e->take);

	take_off(c, e, gives);
	c->verdict->cut.minor += single_wants(c->w, e, e->take) - gives;
}

static const struct edge *edge_at(const struct carry *c, struct place *p)
{
	const struct best *b = c->w->best;

	while (p->behind == b->edges[p->edge].take) {
		p->edge++;
		p->behind = 0;
	}
	return &b->edges[p->edge];
}

/* The next pieces of one pile and one part of the group, from place `at` in it on: bought, then got. */
static int64_t step(const struct carry *c, struct place *p, int64_t at, const struct edge **e)
{
	int64_t pieces;

	*e = edge_at(c, p);
	pieces = least((*e)->take - p->behind, (at < c->deal->buy ? c->deal->buy : c->deal->size) - at);
	p->behind += pieces;
	return pieces;
}

/* What rewarded pieces get, up to their room, in so many groups alike; returns what a group has no room for.
 */
static int64_t reward(const struct carry *c, struct place p, int64_t groups)
{
	int64_t shortage = 0, pieces;

	for (int64_t at = 0; at < c->deal->size; at += pieces) {
		const struct edge *e;

		pieces = step(c, &p, at, &e);
		if (at < c->deal->buy)
			continue;
		take_off(c, e, groups * pieces * least(e->reward, e->room));
		shortage += pieces * (e->reward - least(e->reward, e->room));
	}
	return shortage;
}

/* That goes to pieces of the group with room left, dearest first; what none has room for is cut. */
static void spread(const struct carry *c, struct place p, int64_t groups, int64_t shortage)
{
	int64_t pieces;

	for (int64_t at = 0; at < c->deal->size && shortage > 0; at += pieces) {
		const struct edge *e;
		int64_t spare, more;

		pieces = step(c, &p, at, &e);
		spare = at < c->deal->buy ? e->room : e->room - least(e->reward, e->room);
		more = least(shortage, pieces * spare);
		take_off(c, e, groups * more);
		shortage -= more;
	}
	c->verdict->cut.minor += groups * shortage;
}

/* Groups that lie within the pieces of one pile are alike; else one by one. */
static void carry_groups(const struct carry *c)
{
	struct place p = {.edge = c->deal->first_edge};
	int64_t left = 0;

	for (uint32_t i = 0; i < c->deal->edges; i++)
		left += c->w->best->edges[c->deal->first_edge + i].take;
	while (left > 0) {
		const struct edge *e = edge_at(c, &p);
		int64_t groups = (e->take - p.behind) / c->deal->size;

		groups = groups ? groups : 1;
		spread(c, p, groups, reward(c, p, groups));
		c->verdict->times += groups;
		left -= groups * c->deal->size;
		for (int64_t behind = groups * c->deal->size; behind > 0;) {
			int64_t passed = least(edge_at(c, &p)->take - p.behind, behind);

			p.behind += passed;
			behind -= passed;
		}
	}
}

static enum err carry_out(struct work *w, const struct deal *d, struct verdict *v)
{
	const struct carry c = {.w = w, .deal = d, .verdict = v};

	w->applied[w->applied_count++] = d->judged;
	if (d->form == FORM_WHOLE)
		return give_all(w, v);
	if (d->form == FORM_GROUPS)
		carry_groups(&c);
	for (uint32_t i = 0; i < d->edges && d->form == FORM_SINGLE; i++)
		carry_single(&c, &w->best->edges[d->first_edge + i]);
	if (!v->times)
		v->times = 1;
	return goods_share_discount(w, d->promotion);
}

static void mark_takers(struct best *b)
{
	for (uint32_t i = 0; i < b->pile_count; i++)
		b->piles[i].taker = CATALOG_NONE;
	for (uint32_t i = b->edge_count; i-- > 0;)
		if (b->edges[i].take)
			b->piles[b->edges[i].pile].taker = b->edges[i].deal;
}

/* The first deal taken that has pieces that this one would have, or is of its group. */
static uint32_t rival_of(const struct work *w, const struct deal *d)
{
	const struct best *b = w->best;
	uint32_t first = CATALOG_NONE;

	for (uint32_t i = 0; i < d->edges; i++) {
		uint32_t taker = b->piles[b->edges[d->first_edge + i].pile].taker;

		first = taker < first ? taker : first;
	}
	for (uint32_t i = 0; i < b->deal_count && first == CATALOG_NONE; i++)
		if (best_excludes(w, d, &b->deals[i]) && best_takes(b, &b->deals[i]))
			first = i;
	return first == CATALOG_NONE ? CATALOG_NONE : b->deals[first].promotion;
}

static void turn_down(const struct work *w, const struct deal *d, struct verdict *v)
{
	v->by = rival_of(w, d);
	v->reason = v->by == CATALOG_NONE ? REASON_MARGIN_BLOCKED : REASON_OUTRANKED;
	if (v->reason == REASON_MARGIN_BLOCKED)
		v->cut.minor = d->wanted;
	else if (w->cart->context.ranked)
		v->alone.minor = d->alone;
}

enum err best_carry_out(struct work *w)
{
	struct best *b = w->best;
	enum err e = ERR_OK;

	mark_takers(b);
	for (uint32_t i = 0; i < b->deal_count && !e; i++) {
		struct verdict *v = &w->judged[b->deals[i].judged];

		if (best_takes(b, &b->deals[i]))
			e = carry_out(w, &b->deals[i], v);
		else
			turn_down(w, &b->deals[i], v);
	}
	return e;
}
