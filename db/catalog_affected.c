/*
 * Which articles a pricing rule selects, by their records: for the event that tells that it counts. See
 * catalog_events.h.
 */
#include <stdlib.h>
#include <string.h>

#include "catalog_events.h"

struct selecting {
	struct catalog_store *store;
	const struct record_selector *select;
	struct arena *arena;
	const char **at; /* AFFECTED_MAX of them */
	size_t count;
};

static bool holds(const struct list *texts, const char *text)
{
	const char *const *at = texts->at;

	for (size_t i = 0; text && i < texts->count; i++)
		if (strcmp(at[i], text) == 0)
			return true;
	return false;
}

static bool holds_any(const struct list *texts, const struct list *of)
{
	const char *const *at = of->at;

	for (size_t i = 0; i < of->count; i++)
		if (holds(texts, at[i]))
			return true;
	return false;
}

/* The category or one above it. Circles were refused when the catalog was imported. */
static enum err holds_category(struct catalog_store *s, const struct list *ids, const char *category,
			       bool *out, struct why *why)
{
	struct arena a = ARENA_EMPTY;
	enum err e = ERR_OK;

	*out = false;
	while (ids->count && category && !e && !*out) {
		struct record r;

		*out = holds(ids, category);
		e = catalog_store_find(s, RECORD_CATEGORY, category, &a, &r, why);
		category = e ? NULL : r.as.category.parent;
	}
	arena_free(&a);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

struct terms {
	const struct list *skus, *categories, *brands, *tags, *suppliers;
};

static enum err named(struct catalog_store *s, const struct terms *t, const struct record_item *i, bool *out,
		      struct why *why)
{
	*out = holds(t->skus, i->sku) || holds(t->brands, i->brand) || holds(t->suppliers, i->supplier) ||
	       holds_any(t->tags, &i->tags);
	return *out ? ERR_OK : holds_category(s, t->categories, i->category, out, why);
}

static enum err look(const struct record *r, void *arg, struct why *why)
{
	struct selecting *g = arg;
	const struct record_selector *s = g->select;
	const struct record_item *i = &r->as.item;
	const struct terms include = {&s->skus, &s->categories, &s->brands, &s->tags, &s->suppliers};
	bool takes, excepted = false;
	enum err e;

	if (g->count == AFFECTED_MAX)
		return ERR_OK;
	e = named(g->store, &include, i, &takes, why);
	takes |= s->skus.count + s->categories.count + s->brands.count + s->tags.count + s->suppliers.count ==
		 0;
	if (!e && takes && s->except) {
		const struct record_terms *x = s->except;
		const struct terms except = {&x->skus, &x->categories, &x->brands, &x->tags, &x->suppliers};

		e = named(g->store, &except, i, &excepted, why);
	}
	if (e || !takes || excepted)
		return e;
	g->at[g->count] = arena_text(g->arena, i->sku, strlen(i->sku));
	return g->at[g->count++] ? ERR_OK : fail(why, ERR_MEMORY, "out of memory");
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Articles that are named one by one need no walk over all of them. */
static bool names_articles_alone(const struct record_selector *s)
{
	return s->skus.count && !s->except &&
	       s->categories.count + s->brands.count + s->tags.count + s->suppliers.count == 0;
}

enum err events_affected(struct catalog_store *s, const struct record_selector *select, struct arena *a,
			 struct list *out, struct why *why)
{
	struct selecting g = {.store = s, .select = select, .arena = a};
	enum err e;

	*out = (struct list){0};
	if (!select)
		return ERR_OK;
	g.at = arena_get(a, AFFECTED_MAX * sizeof(*g.at));
	if (!g.at)
		return fail(why, ERR_MEMORY, "out of memory");
	if (names_articles_alone(select)) {
		g.count = select->skus.count < AFFECTED_MAX ? select->skus.count : AFFECTED_MAX;
		memcpy(g.at, select->skus.at, g.count * sizeof(*g.at));
		qsort(g.at, g.count, sizeof(*g.at), by_text);
		*out = (struct list){g.at, g.count};
		return ERR_OK;
	}
	e = catalog_store_each(s, RECORD_ITEM, look, &g, why);
	*out = (struct list){g.at, g.count};
	return e;
}

enum err events_of_rule(struct catalog_store *s, const struct became *b, struct why *why)
{
	const struct record_price_rule *is = b->after ? &b->after->as.price_rule : NULL;
	bool was_on = b->before && b->before->as.price_rule.status == 0;
	struct shop_event e = {.type = SHOP_PRICE_RULE_ACTIVATED};
	enum err error;

	if (!is || is->status != 0 || was_on)
		return ERR_OK;
	e.key = is->id;
	e.as.rule_activated = (struct rule_activated){
		.rule = is->id,
		.kind = record_rule_kind((unsigned)is->kind + RULE_SURGE),
		.from = is->from,
		.to = is->to,
	};
	error = events_affected(s, is->select, b->arena, &e.as.rule_activated.products, why);
	return error ? error : events_add(s, &e, why);
}
