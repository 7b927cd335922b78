/*
 * The bound of best_dual.c, asked of states: what was given, and the most that the deals under way and those
 * to come may still gain by the prices found. Most states are turned down by it, so what all of a step, or
 * all numbers of pieces from one state, have in common is added up once.
 */
#include "best.h"

/* Deals of which a state remembers nothing are the same for all states. */
static void look_at(struct best *b, const struct deal *d)
{
	bool lends = d->tight && d->form == FORM_GROUPS;

	if (!d->mask) {
		b->dual_same += *dual_cells(b, d, d->behind);
		return;
	}
	b->views[b->view_count++] = (struct dual_view){
		.cells = dual_cells(b, d, d->behind),
		.mask = d->mask,
		.shift = d->shift,
		.size = d->most ? d->size : 0,
		.lent = lends ? (DUAL_MIXTURES - d->mixture) * (DUAL_PARTS / DUAL_MIXTURES) : 0,
		.shortage = d->shortage,
	};
}

void dual_look(struct best *b, const struct pile *p)
{
	b->view_count = 0;
	b->dual_same = p->dual_rest + (b->passed ? 0 : p->pieces * p->price + p->gain);
	for (uint32_t i = 0; i < b->open_count && b->dual; i++)
		look_at(b, &b->deals[b->open[i]]);
}

static int64_t in_minor(int64_t bound)
{
	return bound < 0 ? 0 : bound / DUAL_PARTS;
}

/* Of a group under way the rooms that its pieces have lent, less the rewards they got, count as far as rooms
 * are in the mixture. */
static int64_t view_bound(const struct dual_view *v, int64_t at, int64_t shortage)
{
	return v->cells[at] + (at ? v->lent * shortage : 0);
}

static int64_t view_of(const struct dual_view *v, const struct state *s)
{
	int64_t at = (int64_t)((s->key & v->mask) >> v->shift);

	if (v->size)
		at %= v->size;
	return view_bound(v, at, v->lent ? s->shortage[v->shortage] : 0);
}

/* In minor units: s, of b->then, with the most that may still come. */
int64_t dual_bound(const struct best *b, const struct pile *p, const struct state *s)
{
	int64_t bound = s->value * DUAL_PARTS + b->dual_same - s->used * p->price;

	for (uint32_t i = 0; i < b->view_count; i++)
		bound += view_of(&b->views[i], s);
	return in_minor(bound);
}

void dual_join(const struct best *b, struct joint *at)
{
	at->others = b->dual_same - (b->passed ? 0 : at->from->used * at->pile->price);
	at->own = NULL;
	for (uint32_t i = 0; i < b->view_count; i++) {
		if (b->views[i].mask == at->deal->mask)
			at->own = &b->views[i];
		else
			at->others += view_of(&b->views[i], at->from);
	}
}

int64_t dual_joined(const struct best *b, const struct joint *at, const struct joining *j, int64_t value,
		    int64_t pieces)
{
	int64_t bound = value * DUAL_PARTS + at->others - (b->passed ? 0 : pieces * at->pile->price);

	if (at->own)
		bound += view_bound(at->own, j->at, j->shortage);
	return in_minor(bound);
}
