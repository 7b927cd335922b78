/*
 * Which promotions, and which pricing rules, a term touches: the engine looks up the terms of the goods in
 * the cart and judges only what it finds there. Exceptions are not looked at, so the index may name a
 * promotion too many, never one too few.
 */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

/* Promotion p touches id. */
struct touch {
	uint32_t id, promotion;
};

struct touches {
	struct touch *at;
	uint32_t count, size;
};

/* Descendants of each category, itself included: the ways up, turned round. */
struct closure {
	uint32_t *first, *below;
};

static bool add(struct touches *t, uint32_t id, uint32_t promotion)
{
	if (!array_room(&t->at, &t->size, t->count, sizeof(*t->at)))
		return false;
	t->at[t->count++] = (struct touch){.id = id, .promotion = promotion};
	return true;
}

static bool add_term(struct touches t[TERM_KINDS], const struct closure *down, const struct term *term,
		     uint32_t promotion)
{
	if (term->id == CATALOG_NONE) /* of an extract: no article of it */
		return true;
	if (term->kind != TERM_CATEGORY)
		return add(&t[term->kind], term->id, promotion);
	for (uint32_t i = down->first[term->id]; i < down->first[term->id + 1]; i++) {
		if (!add(&t[TERM_CATEGORY], down->below[i], promotion))
			return false;
	}
	return true;
}

static bool add_selector(struct touches t[TERM_KINDS], const struct closure *down, const struct selector *s,
			 uint32_t promotion)
{
	for (uint32_t i = 0; i < s->includes; i++) {
		if (!add_term(t, down, &s->include[i], promotion))
			return false;
	}
	return true;
}

static bool give_touches_all(const struct give *g)
{
	for (uint32_t i = 0; i < g->part_count; i++) {
		if (g->parts[i].of.includes == 0)
			return true;
	}
	return g->on.includes == 0;
}

static bool touches_all(const struct promotion *p)
{
	for (uint32_t i = 0; i < p->need_count; i++) {
		if (p->needs[i].of.includes == 0)
			return true;
	}
	for (uint32_t i = 0; i < p->give_count; i++) {
		if (give_touches_all(&p->gives[i]))
			return true;
	}
	return false;
}

static bool add_give(struct touches t[TERM_KINDS], const struct closure *down, const struct give *g,
		     uint32_t promotion)
{
	for (uint32_t i = 0; i < g->part_count; i++) {
		if (!add_selector(t, down, &g->parts[i].of, promotion))
			return false;
	}
	return add_selector(t, down, &g->on, promotion);
}

static bool add_promotion(struct touches t[TERM_KINDS], const struct closure *down, const struct promotion *p,
			  uint32_t index)
{
	for (uint32_t i = 0; i < p->need_count; i++) {
		if (!add_selector(t, down, &p->needs[i].of, index))
			return false;
	}
	for (uint32_t i = 0; i < p->give_count; i++) {
		if (!add_give(t, down, &p->gives[i], index))
			return false;
	}
	return true;
}

static bool make_closure(const struct catalog *c, struct arena *a, struct closure *out)
{
	uint32_t n = c->category_count, all = 0;

	out->first = arena_get(a, (n + 2) * sizeof(*out->first));
	for (uint32_t i = 0; i < n; i++)
		all += c->categories[i].up.count;
	out->below = arena_get(a, (all + 1) * sizeof(*out->below));
	if (!out->first || !out->below)
		return false;
	/* Counted two places on and filled one place on, so that in the end first[] is right. */
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t k = 0; k < c->categories[i].up.count; k++)
			out->first[c->categories[i].up.at[k] + 2]++;
	}
	for (uint32_t i = 2; i < n + 2; i++)
		out->first[i] += out->first[i - 1];
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t k = 0; k < c->categories[i].up.count; k++)
			out->below[out->first[c->categories[i].up.at[k] + 1]++] = i;
	}
	return true;
}

static int by_id(const void *a, const void *b)
{
	const struct touch *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->promotion > y->promotion) - (x->promotion < y->promotion);
}

static bool make_index(struct arena *a, struct touches *t, uint32_t ids, struct term_index *out)
{
	uint32_t *first = arena_get(a, (ids + 1) * sizeof(*first));
	uint32_t *promotions = arena_get(a, (t->count + 1) * sizeof(*promotions)), used = 0;

	if (!first || !promotions)
		return false;
	if (t->count > 0)
		qsort(t->at, t->count, sizeof(*t->at), by_id);
	for (uint32_t i = 0, id = 0; id < ids; id++) {
		first[id] = used;
		for (; i < t->count && t->at[i].id == id; i++) {
			if (used == first[id] || promotions[used - 1] != t->at[i].promotion)
				promotions[used++] = t->at[i].promotion;
		}
	}
	first[ids] = used;
	*out = (struct term_index){.first = first, .promotions = promotions, .ids = ids};
	return true;
}

/* What an index is made of. */
struct touched {
	uint32_t count;
	bool (*all)(const struct catalog *c, uint32_t i);
	bool (*add)(struct touches t[TERM_KINDS], const struct closure *down, const struct catalog *c,
		    uint32_t i);
};

static bool promotion_all(const struct catalog *c, uint32_t i)
{
	return touches_all(&c->promotions[i]);
}

static bool promotion_add(struct touches t[TERM_KINDS], const struct closure *down, const struct catalog *c,
			  uint32_t i)
{
	return add_promotion(t, down, &c->promotions[i], i);
}

static bool rule_all(const struct catalog *c, uint32_t i)
{
	return c->rules[i].on.includes == 0;
}

static bool rule_add(struct touches t[TERM_KINDS], const struct closure *down, const struct catalog *c,
		     uint32_t i)
{
	return add_selector(t, down, &c->rules[i].on, i);
}

static bool collect(const struct catalog *c, const struct touched *of, struct arena *a, struct arena *scratch,
		    struct touches t[TERM_KINDS], struct ids *out)
{
	uint32_t *all = arena_get(a, (of->count + 1) * sizeof(*all)), count = 0;
	struct closure down;

	if (!all || !make_closure(c, scratch, &down))
		return false;
	for (uint32_t i = 0; i < of->count; i++) {
		if (of->all(c, i))
			all[count++] = i;
		if (!of->add(t, &down, c, i))
			return false;
	}
	*out = (struct ids){.at = all, .count = count};
	return true;
}

static enum err make(const struct catalog *c, const struct touched *of, struct arena *a,
		     struct term_index out[TERM_KINDS], struct ids *all, struct why *why)
{
	const uint32_t ids[TERM_KINDS] = {
		[TERM_ITEM] = c->item_count,	      [TERM_CATEGORY] = c->category_count,
		[TERM_BRAND] = c->brands.count,	      [TERM_TAG] = c->tags.count,
		[TERM_SUPPLIER] = c->suppliers.count,
	};
	struct touches t[TERM_KINDS] = {0};
	struct arena scratch = ARENA_EMPTY;
	bool ok = collect(c, of, a, &scratch, t, all);

	arena_free(&scratch);
	for (unsigned kind = 0; kind < TERM_KINDS; kind++) {
		ok = ok && make_index(a, &t[kind], t[kind].count ? ids[kind] : 0, &out[kind]);
		free(t[kind].at);
	}
	return ok ? ERR_OK : builder_no_memory(why);
}

enum err touch_make(struct catalog *c, struct arena *a, struct why *why)
{
	const struct touched of = {c->promotion_count, promotion_all, promotion_add};

	return make(c, &of, a, c->touch, &c->touch_all, why);
}

enum err touch_make_rules(struct catalog *c, struct arena *a, struct why *why)
{
	const struct touched of = {c->rule_count, rule_all, rule_add};

	return make(c, &of, a, c->rule_touch, &c->rule_touch_all, why);
}
