/*
 * Selectors compiled: names of articles, categories and free words to terms with ids; and lists of free
 * words.
 */
#include "compile.h"

/*
 * An article or category that the records do not hold. In an extract the term stays, with an id that no
 * article of it has: without it, a selector might be left without terms, and mean everything.
 */
static enum err unknown(const struct compile *c, const char *field, const char *what, const char *name)
{
	if (c->partial)
		return ERR_OK;
	return fail(c->why, ERR_NOT_FOUND, "%s: there is no %s '%s'", field, what, name);
}

/* The terms a list of texts makes, behind those that are there already. */
struct term_source {
	const struct list *texts;
	enum term_kind kind;
	const struct names *names; /* NULL: articles and categories have tables of their own */
	const char *field, *what;  /* for errors */
};

static uint32_t find_term(const struct compile *c, const struct term_source *s, const char *name)
{
	uint32_t item;

	if (s->names)
		return find_name(s->names, name);
	if (s->kind == TERM_CATEGORY)
		return find_category(c->catalog, name);
	return catalog_find_sku(c->catalog, name, &item) ? CATALOG_NONE : item;
}

static enum err add_terms(const struct compile *c, const struct term_source *s, struct term *out,
			  uint32_t *count)
{
	const char *const *names = s->texts->at;

	for (size_t i = 0; i < s->texts->count; i++) {
		uint32_t id = find_term(c, s, names[i]);
		enum err e = id == CATALOG_NONE ? unknown(c, s->field, s->what, names[i]) : ERR_OK;
		if (e)
			return e;
		out[(*count)++] = (struct term){.kind = s->kind, .id = id};
	}
	return ERR_OK;
}

static enum err make_terms(const struct compile *c, const struct list *skus, const struct list *categories,
			   const struct list *brands, const struct list *tags, const struct list *suppliers,
			   const struct term **out, uint32_t *count)
{
	const struct catalog *catalog = c->catalog;
	const struct term_source sources[] = {
		{skus, TERM_ITEM, NULL, "skus", "article"},
		{categories, TERM_CATEGORY, NULL, "categories", "category"},
		{brands, TERM_BRAND, &catalog->brands, "brands", "brand"},
		{tags, TERM_TAG, &catalog->tags, "tags", "tag"},
		{suppliers, TERM_SUPPLIER, &catalog->suppliers, "suppliers", "supplier"},
	};
	size_t all = skus->count + categories->count + brands->count + tags->count + suppliers->count;
	struct term *terms = all ? arena_get(c->arena, all * sizeof(*terms)) : NULL;

	*out = terms;
	*count = 0;
	if (all && !terms)
		return builder_no_memory(c->why);
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]) && terms; i++) {
		enum err e = add_terms(c, &sources[i], terms, count);
		if (e)
			return e;
	}
	return ERR_OK;
}

static void make_filters(const struct record_selector *r, struct selector *out)
{
	if (r->price_from.minor != AMOUNT_NONE || r->price_to.minor != AMOUNT_NONE) {
		out->filters |= FILTER_PRICE;
		out->price_from = r->price_from.minor == AMOUNT_NONE ? MONEY_ZERO : r->price_from;
		out->price_to.minor = r->price_to.minor == AMOUNT_NONE ? INT64_MAX : r->price_to.minor;
	}
	if (r->on_sale != AMOUNT_NONE)
		out->filters |= r->on_sale ? FILTER_SALE : FILTER_NO_SALE;
	if (r->discountable == 1)
		out->filters |= FILTER_DISCOUNTABLE;
}

static enum err make_selector(const struct compile *c, const struct record_selector *r, struct selector *out)
{
	enum err e = make_terms(c, &r->skus, &r->categories, &r->brands, &r->tags, &r->suppliers,
				&out->include, &out->includes);

	make_filters(r, out);
	if (e || !r->except)
		return e;
	const struct record_terms *x = r->except;
	e = make_terms(c, &x->skus, &x->categories, &x->brands, &x->tags, &x->suppliers, &out->exclude,
		       &out->excludes);
	if (e && e != ERR_MEMORY)
		why_prefix(c->why, "except.");
	return e;
}

enum err compile_selector(const struct compile *c, const struct record_selector *r, const char *field,
			  struct selector *out)
{
	*out = (struct selector){0};
	if (!r)
		return ERR_OK;
	enum err e = make_selector(c, r, out);
	if (e && e != ERR_MEMORY)
		why_prefix(c->why, "%s.", field);
	return e;
}

enum err compile_ids(const struct compile *c, const struct names *names, const struct list *texts,
		     const char *field, struct ids *out)
{
	enum err e = find_ids(names, texts, c->arena, out, c->why);

	if (e && e != ERR_MEMORY)
		why_prefix(c->why, "%s: ", field);
	return e;
}
