/*
 * Selectors: which articles they mean, and which goods of the cart those are.
 */
#include "engine_work.h"

static bool means(const struct catalog *c, const struct term *t, uint32_t item, const struct item *article,
		  const uint32_t *tags)
{
	switch (t->kind) {
	case TERM_ITEM:
		return t->id == item;
	case TERM_CATEGORY:
		return article->category != CATALOG_NONE &&
		       ids_hold(&c->categories[article->category].up, t->id);
	case TERM_BRAND:
		return t->id == article->brand;
	case TERM_TAG:
		return ids_hold(&(struct ids){tags, article->tags}, t->id);
	case TERM_SUPPLIER:
		return t->id == article->supplier;
	}
	return false;
}

static bool any_means(const struct catalog *c, const struct term *t, uint32_t n, uint32_t item,
		      const struct item *article, const uint32_t *tags)
{
	for (uint32_t i = 0; i < n; i++)
		if (means(c, &t[i], item, article, tags))
			return true;
	return false;
}

static bool selects(const struct catalog *c, const struct selector *s, uint32_t item,
		    const struct item *article, const uint32_t *tags)
{
	return (!s->includes || any_means(c, s->include, s->includes, item, article, tags)) &&
	       !any_means(c, s->exclude, s->excludes, item, article, tags);
}

bool engine_selects(const struct catalog *c, const struct selector *s, uint32_t item)
{
	return selects(c, s, item, catalog_item(c, item), catalog_tags(c, item));
}

/* A give without a selector of its own shares the terms of a need: then the goods are known already. */
static bool same(const struct selector *a, const struct selector *b)
{
	return a->include == b->include && a->exclude == b->exclude && a->includes == b->includes &&
	       a->excludes == b->excludes;
}

const struct selection *select_goods(struct work *w, const struct selector *s)
{
	struct selection *out = &w->selected;

	if (out->of && same(out->of, s))
		return out;
	out->of = s;
	out->count = 0;
	for (uint32_t i = 0; i < w->good_count; i++) {
		const struct good *g = &w->goods[i];

		if (selects(w->catalog, s, g->item, g->article, g->tags))
			out->goods[out->count++] = i;
	}
	return out;
}

bool select_touches(struct work *w, const struct promotion *p)
{
	for (uint32_t i = 0; i < p->need_count; i++)
		if (select_goods(w, &p->needs[i].of)->count)
			return true;
	for (uint32_t i = 0; i < p->give_count; i++)
		if (select_goods(w, &p->gives[i].on)->count)
			return true;
	return false;
}
