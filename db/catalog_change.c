/*
 * A file of changes into catalog.db: read, checked and stored in one transaction. See catalog_store.h.
 *
 * What most changes refer to is looked up one by one, so that a price costs what a price costs. What others
 * may refer to (a list that goes, a category that moves) is checked by building the whole catalog.
 */
#include "catalog_parts.h"
#include "sense.h"

#include <stdio.h>
#include <string.h>

/* A record that was put and refers to others, to be looked at when all lines have been read. */
struct put {
	struct put *next;
	enum record_type type;
	uint32_t line;
	const char *key;
};

struct changing {
	struct catalog_store *store;
	const char *path, *file; /* of the changes; as messages call it */
	struct arena kept;	 /* the puts */
	struct arena arena;	 /* of the record at hand */
	struct put *puts, **end;
	bool whole; /* the whole catalog has to be checked */
	bool costs; /* prices that are made of costs may have to be made anew */
	char currency[4];
	unsigned exponent;
	bool taxed; /* prices contain taxes */
	struct catalog_changed counts;
	book_progress_fn *progress;
	void *arg;
};

static void tell(uint64_t done, uint64_t all, void *arg)
{
	const struct changing *in = arg;

	in->progress(done, all, in->arg);
}

static enum err no_memory(struct why *why)
{
	return fail(why, ERR_MEMORY, "out of memory");
}

static enum err check_book(const struct changing *in, const struct record_book *b, struct why *why)
{
	if (strcmp(b->currency, in->currency) == 0)
		return ERR_OK;
	return fail(
		why, ERR_INVALID,
		"currency: the catalog is in %s, and all its amounts would change their meaning; import a "
		"whole book in %s",
		in->currency, b->currency);
}

/* Whether coupons may point to it that would unlock nothing any more. */
static enum err loses_coupons(struct changing *in, const struct record_promotion *p, bool *loses,
			      struct why *why)
{
	struct record before;
	enum err e;

	*loses = false;
	if (p->coupon == 1)
		return ERR_OK;
	arena_reset(&in->arena);
	e = catalog_store_find(in->store, RECORD_PROMOTION, p->id, &in->arena, &before, why);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	*loses = before.as.promotion.coupon == 1;
	return ERR_OK;
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Promotions may count its pieces, and its prices contain its tax. */
static enum err changes_kind(struct changing *in, const struct record_item *i, bool *changes, struct why *why)
{
	struct record before;
	enum err e;

	arena_reset(&in->arena);
	e = catalog_store_find(in->store, RECORD_ITEM, i->sku, &in->arena, &before, why);
	*changes = !e && (before.as.item.unit != i->unit || !is_same(before.as.item.tax, i->tax));
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static bool has_exceptions(const struct record_selector *s)
{
	return s && s->except;
}

static bool give_has_exceptions(const struct record_give *g)
{
	const struct record_set_part *sets = g->sets.at;
	bool has = has_exceptions(g->select) || has_exceptions(g->got);

	for (size_t i = 0; i < g->sets.count; i++)
		has |= has_exceptions(sets[i].select);
	return has;
}

/* Whether its own floor meets the taxes, or its exceptions the tree of categories. */
static bool meets_whole(const struct record_promotion *p)
{
	const struct record_need *needs = p->needs.at;
	const struct record_give *gives = p->gives.at;
	bool meets = p->margin && p->margin->floor.ppm > 0;

	for (size_t i = 0; i < p->needs.count; i++)
		meets |= has_exceptions(needs[i].select);
	for (size_t i = 0; i < p->gives.count; i++)
		meets |= give_has_exceptions(&gives[i]);
	return meets;
}

/* What others refer to, or what has a bound over the whole of the catalog. */
static enum err concerns_others(struct changing *in, const struct change *c, bool *concerns, struct why *why)
{
	switch (c->record.type) {
	case RECORD_BOOK:
	case RECORD_TAX:
	case RECORD_CATEGORY:
	case RECORD_PRICE_LIST:
	case RECORD_FLOOR:
	case RECORD_ZONE:
	case RECORD_EXCHANGE_RATE:
	case RECORD_LANDED_COST:
	case RECORD_PLAN:
		*concerns = true;
		return ERR_OK;
	case RECORD_ITEM:
		*concerns = c->removed;
		return c->removed ? ERR_OK : changes_kind(in, &c->record.as.item, concerns, why);
	case RECORD_PROMOTION:
		*concerns = c->removed || meets_whole(&c->record.as.promotion);
		return *concerns ? ERR_OK : loses_coupons(in, &c->record.as.promotion, concerns, why);
	case RECORD_PRICE:
	case RECORD_COUPON:
	case RECORD_CUSTOMER:
	case RECORD_SIGNAL:
	case RECORD_PRICE_RULE:
	case RECORD_OVERRIDE:
		*concerns = false;
		return ERR_OK;
	}
	return ERR_OK;
}

/* Of such types prices are made. */
static bool concerns_costs(enum record_type t)
{
	return t == RECORD_BOOK || t == RECORD_PRICE_LIST || t == RECORD_EXCHANGE_RATE ||
	       t == RECORD_LANDED_COST;
}

static enum err remember(struct changing *in, const struct record *r, uint32_t line, struct why *why)
{
	struct put *put = arena_get(&in->kept, sizeof(*put));

	if (!put)
		return no_memory(why);
	*put = (struct put){.type = r->type, .line = line, .key = record_key(r, &in->kept)};
	if (!put->key)
		return no_memory(why);
	*in->end = put;
	in->end = &put->next;
	return ERR_OK;
}

static enum err apply(struct changing *in, const struct change *c, uint32_t line, struct why *why)
{
	const struct record *r = &c->record;
	const char *key;
	enum err e;

	if (!c->removed) {
		e = remember(in, r, line, why);
		return e ? e : catalog_store_put(in->store, r, why);
	}
	arena_reset(&in->arena);
	key = record_key(r, &in->arena);
	return key ? catalog_store_remove(in->store, r->type, key, why) : no_memory(why);
}

static enum err take(const struct change *c, uint32_t line, void *arg, struct why *why)
{
	struct changing *in = arg;
	uint64_t before = catalog_store_touched(in->store);
	bool concerns = false;
	enum err e = ERR_OK;

	if (c->record.type == RECORD_BOOK) {
		e = check_book(in, &c->record.as.book, why);
		in->taxed = c->record.as.book.tax == TAX_INCLUSIVE;
	}
	if (!e)
		e = concerns_others(in, c, &concerns, why);
	if (!e)
		e = apply(in, c, line, why);
	if (e)
		return e;
	if (catalog_store_touched(in->store) == before) {
		in->counts.unchanged++;
		return ERR_OK;
	}
	in->whole |= concerns;
	in->costs |= concerns_costs(c->record.type) || (c->removed && c->record.type == RECORD_PRICE);
	if (c->removed)
		in->counts.removed[c->record.type]++;
	else
		in->counts.put[c->record.type]++;
	return ERR_OK;
}

/* A record that another one names in that field; NULL: it names none. */
static enum err check_name(struct changing *in, enum record_type t, const char *field, const char *key,
			   struct why *why)
{
	struct record found;
	enum err e;

	if (!key)
		return ERR_OK;
	e = catalog_store_find(in->store, t, key, &in->arena, &found, why);
	if (e == ERR_NOT_FOUND)
		return fail(why, e, "%s: there is no %s '%s'", field, record_schema(t)->name, key);
	return e;
}

static enum err check_names(struct changing *in, enum record_type t, const char *field,
			    const struct list *keys, struct why *why)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < keys->count && !e; i++)
		e = check_name(in, t, field, ((const char *const *)keys->at)[i], why);
	return e;
}

static enum err check_terms(struct changing *in, const struct list *skus, const struct list *categories,
			    struct why *why)
{
	enum err e = check_names(in, RECORD_ITEM, "skus", skus, why);

	return e ? e : check_names(in, RECORD_CATEGORY, "categories", categories, why);
}

static enum err check_selector(struct changing *in, const struct record_selector *s, struct why *why)
{
	enum err e = s ? check_terms(in, &s->skus, &s->categories, why) : ERR_OK;

	if (e || !s || !s->except)
		return e;
	return check_terms(in, &s->except->skus, &s->except->categories, why);
}

static enum err check_selector_in(struct changing *in, const struct record_selector *s, const char *field,
				  struct why *why)
{
	enum err e = check_selector(in, s, why);

	if (e)
		why_prefix(why, "%s.", field);
	return e;
}

static enum err check_give(struct changing *in, const struct record_give *g, struct why *why)
{
	const struct record_set_part *parts = g->sets.at;
	enum err e = check_selector_in(in, g->select, "select", why);

	if (!e)
		e = check_selector_in(in, g->got, "got", why);
	for (size_t i = 0; i < g->sets.count && !e; i++) {
		e = check_selector_in(in, parts[i].select, "select", why);
		if (e)
			why_prefix(why, "sets[%zu].", i);
	}
	return e ? e : check_name(in, RECORD_ITEM, "sku", g->sku, why);
}

/* A need of pieces selects something that has them, or something else than articles. */
static enum err check_pieces(struct changing *in, const struct record_need *n, struct why *why)
{
	const struct record_selector *s = n->select;
	bool measured = s && n->quantity != AMOUNT_NONE && s->skus.count > 0 &&
			s->categories.count + s->brands.count + s->tags.count + s->suppliers.count == 0;

	for (size_t i = 0; measured && i < s->skus.count; i++) {
		const char *sku = ((const char *const *)s->skus.at)[i];
		struct record item;
		enum err e = catalog_store_find(in->store, RECORD_ITEM, sku, &in->arena, &item, why);

		if (e)
			return e;
		measured = item.as.item.unit != UNIT_EACH;
	}
	return measured ? need_without_pieces(why) : ERR_OK;
}

static enum err check_promotion(struct changing *in, const struct record_promotion *p, struct why *why)
{
	const struct record_need *needs = p->needs.at;
	const struct record_give *gives = p->gives.at;
	enum err e = ERR_OK;

	for (size_t i = 0; i < p->needs.count && !e; i++) {
		e = check_selector(in, needs[i].select, why);
		if (e) {
			why_prefix(why, "needs[%zu].select.", i);
			return e;
		}
		e = check_pieces(in, &needs[i], why);
		if (e)
			why_prefix(why, "needs[%zu].", i);
	}
	for (size_t i = 0; i < p->gives.count && !e; i++) {
		e = check_give(in, &gives[i], why);
		if (e)
			why_prefix(why, "gives[%zu].", i);
	}
	return e;
}

static enum err check_coupon(struct changing *in, const struct record_coupon *c, struct why *why)
{
	struct record promotion;
	enum err e = check_name(in, RECORD_PROMOTION, "promotion", c->promotion, why);

	if (e)
		return e;
	e = catalog_store_find(in->store, RECORD_PROMOTION, c->promotion, &in->arena, &promotion, why);
	if (e || promotion.as.promotion.coupon == 1)
		return e;
	return fail(why, ERR_INVALID, "promotion: '%s' does not ask for a coupon; give it \"coupon\": true",
		    c->promotion);
}

static enum err check_tax(struct changing *in, const struct record_price *p, struct why *why)
{
	struct record item, tax;
	enum err e = catalog_store_find(in->store, RECORD_ITEM, p->sku, &in->arena, &item, why);

	if (e || !in->taxed || !item.as.item.tax)
		return e;
	e = catalog_store_find(in->store, RECORD_TAX, item.as.item.tax, &in->arena, &tax, why);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e; /* taken away: the whole tells */
	return price_check_tax(p, &tax.as.tax, in->exponent, why);
}

/* A price is not said where it is made of a cost. */
static enum err check_price(struct changing *in, const struct record_price *p, struct why *why)
{
	struct record list;
	enum err e = check_name(in, RECORD_ITEM, "sku", p->sku, why);

	if (!e)
		e = check_name(in, RECORD_PRICE_LIST, "list", p->list, why);
	if (!e)
		e = catalog_store_find(in->store, RECORD_PRICE_LIST, p->list, &in->arena, &list, why);
	if (e)
		return e;
	if (list.as.price_list.markup.ppm == AMOUNT_NONE)
		return check_tax(in, p, why);
	return fail(why, ERR_INVALID,
		    "list: '%s' has a markup: its prices are made of landed costs; change '%s' there",
		    p->list, p->sku);
}

static enum err check_rule(struct changing *in, const struct record_price_rule *r, struct why *why)
{
	enum err e = check_selector(in, r->select, why);

	if (e) {
		why_prefix(why, "select.");
		return e;
	}
	e = check_names(in, RECORD_PRICE_LIST, "lists", &r->lists, why);
	return e ? e : check_names(in, RECORD_ZONE, "zones", &r->zones, why);
}

static enum err check_override(struct changing *in, const struct record_override *o, struct why *why)
{
	enum err e = check_selector(in, o->select, why);

	if (e)
		why_prefix(why, "select.");
	if (!e)
		e = check_name(in, RECORD_ITEM, "sku", o->sku, why);
	return e ? e : check_names(in, RECORD_ZONE, "zones", &o->zones, why);
}

static enum err check_plans(struct changing *in, const struct record_customer *c, struct why *why)
{
	enum err e = check_name(in, RECORD_PLAN, "plan", c->plan, why);

	return e || !c->next ? e : check_name(in, RECORD_PLAN, "next.plan", c->next->plan, why);
}

static enum err check_references(struct changing *in, const struct record *r, struct why *why)
{
	enum err e;

	switch (r->type) {
	case RECORD_ITEM:
		e = check_name(in, RECORD_CATEGORY, "category", r->as.item.category, why);
		return e ? e : check_name(in, RECORD_TAX, "tax", r->as.item.tax, why);
	case RECORD_PRICE:
		return check_price(in, &r->as.price, why);
	case RECORD_SIGNAL:
		return check_name(in, RECORD_ITEM, "sku", r->as.signal.sku, why);
	case RECORD_LANDED_COST:
		return check_name(in, RECORD_ITEM, "sku", r->as.landed_cost.sku, why);
	case RECORD_PRICE_RULE:
		return check_rule(in, &r->as.price_rule, why);
	case RECORD_OVERRIDE:
		return check_override(in, &r->as.override, why);
	case RECORD_CUSTOMER:
		return check_plans(in, &r->as.customer, why);
	case RECORD_PROMOTION:
		return check_promotion(in, &r->as.promotion, why);
	case RECORD_COUPON:
		return check_coupon(in, &r->as.coupon, why);
	case RECORD_BOOK:
	case RECORD_TAX:
	case RECORD_CATEGORY:	/* its parent: with the whole */
	case RECORD_PRICE_LIST: /* its zones: the same */
	case RECORD_FLOOR:	/* its category: the same */
	case RECORD_ZONE:
	case RECORD_EXCHANGE_RATE:
	case RECORD_PLAN:
		return ERR_OK;
	}
	return ERR_OK;
}

/* As it is once all lines have been read: a later one may have replaced it, or taken it away again. */
static enum err check_put(struct changing *in, const struct put *put, struct why *why)
{
	struct record r;
	enum err e;

	arena_reset(&in->arena);
	e = catalog_store_find(in->store, put->type, put->key, &in->arena, &r, why);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	e = check_references(in, &r, why);
	if (e)
		why_prefix(why, "%s:%u: ", in->file, put->line);
	return e;
}

/* The whole names the record that is wrong. If it is one of the file's, its line takes the place of the name.
 */
static void blame(const struct changing *in, struct why *why)
{
	for (const struct put *p = in->puts; p; p = p->next) {
		char name[sizeof(why->text)];
		size_t n = (size_t)snprintf(name, sizeof(name), "%s '%s': ", record_schema(p->type)->name,
					    p->key);

		if (n >= sizeof(name) || strncmp(why->text, name, n) != 0)
			continue;
		memmove(why->text, why->text + n, strlen(why->text) - n + 1);
		why_prefix(why, "%s:%u: ", in->file, p->line);
		return;
	}
	why_prefix(why, "%s: with these changes, ", in->file);
}

static enum err check(struct changing *in, struct why *why)
{
	enum err e = ERR_OK;

	for (const struct put *p = in->puts; p && !e; p = p->next)
		e = check_put(in, p, why);
	if (!e && in->costs)
		e = catalog_make_costs(in->store, why);
	if (e || !in->whole)
		return e;
	e = catalog_store_check(in->store, why);
	if (e)
		blame(in, why);
	return e;
}

static enum err read_and_check(struct changing *in, struct why *why)
{
	struct record book;
	enum err e = catalog_store_find(in->store, RECORD_BOOK, "book", &in->arena, &book, why);

	if (e == ERR_NOT_FOUND)
		return fail(why, e, "there is no catalog to change yet: run tillctl import BOOK");
	if (e)
		return e;
	memcpy(in->currency, book.as.book.currency, sizeof(in->currency));
	in->exponent = book_exponent(&book.as.book);
	in->taxed = book.as.book.tax == TAX_INCLUSIVE;
	e = book_read_changes(in->path, in->exponent, take, in->progress ? tell : NULL, in, why);
	return e ? e : check(in, why);
}

static enum err run(struct changing *in, uint64_t *version, struct why *why)
{
	enum err e = catalog_store_begin(in->store, false, why);

	if (e)
		return e;
	e = read_and_check(in, why);
	if (!e)
		return catalog_store_commit(in->store, version, why);
	catalog_store_rollback(in->store);
	return e;
}

enum err catalog_import_changes(const char *path, const char *file, book_progress_fn *progress, void *arg,
				uint64_t *version, struct catalog_changed *counts, struct why *why)
{
	struct changing in = {.path = file,
			      .file = strcmp(file, "-") == 0 ? "standard input" : file,
			      .progress = progress,
			      .arg = arg};
	enum err e = catalog_store_open_writer(path, &in.store, why);

	if (e)
		return e;
	in.end = &in.puts;
	e = run(&in, version, why);
	catalog_store_close(in.store);
	arena_free(&in.kept);
	arena_free(&in.arena);
	if (!e && counts)
		*counts = in.counts;
	return e;
}
