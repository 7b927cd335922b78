/*
 * Selectors: which articles they mean, and which goods of the cart those are.
 */
#include "engine_work.h"

/* A term's id may be CATALOG_NONE, as in an extract without such articles: it means none, not those without.
 */
static bool means(const struct catalog *c, const struct term *t, uint32_t item, const struct item *article,
		  const uint32_t *tags)
{
	if (t->id == CATALOG_NONE)
		return false;
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

/* Any of a good's lines is priced by a list that says it is a sale: so the order of scanning decides nothing.
 */
static bool on_sale(const struct work *w, const struct good *g)
{
	for (uint32_t i = 0; i < g->lines; i++) {
		uint32_t list = w->lines[w->base.order[g->first + i]].price_list;

		if (list != CATALOG_NONE && w->catalog->lists[list].sale)
			return true;
	}
	return false;
}

static bool passes(const struct work *w, const struct selector *s, const struct good *g)
{
	if ((s->filters & FILTER_PRICE) &&
	    (g->unit_price.minor < s->price_from.minor || g->unit_price.minor > s->price_to.minor))
		return false;
	if ((s->filters & FILTER_DISCOUNTABLE) && g->article->fixed)
		return false;
	if (!(s->filters & (FILTER_SALE | FILTER_NO_SALE)))
		return true;
	return on_sale(w, g) == ((s->filters & FILTER_SALE) != 0);
}

uint64_t *select_touching(const struct work *w, uint32_t promotion)
{
	return w->base.touching + promotion * w->base.words;
}

static bool filtered(const struct work *w, const struct selector *s, const struct good *g)
{
	return s->filters && !passes(w, s, g);
}

static void select_if(struct work *w, const struct selector *s, uint32_t good)
{
	const struct good *g = &w->goods[good];

	if (selects(w->catalog, s, g->item, g->article, g->tags) && !filtered(w, s, g))
		w->selected.goods[w->selected.count++] = good;
}

/* It is known to be one of those that s includes. */
static void select_unless(struct work *w, const struct selector *s, uint32_t good)
{
	const struct good *g = &w->goods[good];

	if (!any_means(w->catalog, s->exclude, s->excludes, g->item, g->article, g->tags) &&
	    !filtered(w, s, g))
		w->selected.goods[w->selected.count++] = good;
}

static void select_every(struct work *w, const struct selector *s)
{
	for (uint32_t i = 0; i < w->good_count; i++) {
		if (selector_narrows(s))
			select_unless(w, s, i);
		else
			w->selected.goods[w->selected.count++] = i;
	}
}

static void select_touched(struct work *w, const struct promotion *p, const struct selector *s)
{
	const uint64_t *touching = select_touching(w, (uint32_t)(p - w->catalog->promotions));

	for (uint32_t i = 0; i < w->good_words; i++) {
		for (uint64_t left = touching[i]; left; left &= left - 1) {
			uint32_t good = i * 64 + (uint32_t)__builtin_ctzll(left);

			if (!p->sole)
				select_if(w, s, good);
			else if (p->narrows)
				select_unless(w, s, good);
			else
				w->selected.goods[w->selected.count++] = good;
		}
	}
}

const struct selection *select_anew(struct work *w, uint32_t promotion, const struct selector *s)
{
	const struct promotion *p = &w->catalog->promotions[promotion];

	if (!p->sole && w->selected.of && selector_same(w->selected.of, s))
		return &w->selected;
	w->selected.of = s;
	w->selected.count = 0;
	if (s->includes)
		select_touched(w, p, s);
	else
		select_every(w, s);
	return &w->selected;
}

static bool give_touches(struct work *w, uint32_t promotion, const struct give *g)
{
	for (uint32_t i = 0; i < g->part_count; i++)
		if (select_goods(w, promotion, &g->parts[i].of)->count)
			return true;
	return select_goods(w, promotion, &g->on)->count;
}

bool select_touches(struct work *w, uint32_t promotion)
{
	const struct promotion *p = &w->catalog->promotions[promotion];

	for (uint32_t i = 0; i < p->need_count; i++)
		if (select_goods(w, promotion, &p->needs[i].of)->count)
			return true;
	for (uint32_t i = 0; i < p->give_count; i++)
		if (give_touches(w, promotion, &p->gives[i]))
			return true;
	return false;
}
