/*
 * A file of changes into catalog.db: read, checked and stored in one transaction. See catalog_store.h.
 *
 * What most changes refer to is looked up one by one, so that a price costs what a price costs. What others
 * may refer to (a list that goes, a category that moves) is checked by building the whole catalog.
 */
#include "catalog_changing.h"
#include "catalog_hold.h"

#include <stdio.h>
#include <string.h>

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

enum err changing_take(const struct change *c, uint32_t line, void *arg, struct why *why)
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

/* As it is once all lines have been read: a later one may have replaced it, or taken it away again. */
static enum err check_put(struct changing *in, const struct put *put, struct why *why)
{
	struct record r;
	enum err e;

	arena_reset(&in->arena);
	e = catalog_store_find(in->store, put->type, put->key, &in->arena, &r, why);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	e = changing_check_references(in, &r, why);
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

enum err changing_check(struct changing *in, struct why *why)
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

enum err changing_read_book(struct changing *in, struct why *why)
{
	struct record book;
	enum err e = catalog_store_find(in->store, RECORD_BOOK, "book", &in->arena, &book, why);

	if (e)
		return e == ERR_NOT_FOUND
			       ? fail(why, e, "there is no catalog to change yet: run tillctl import BOOK")
			       : e;
	memcpy(in->currency, book.as.book.currency, sizeof(in->currency));
	in->exponent = book_exponent(&book.as.book);
	in->taxed = book.as.book.tax == TAX_INCLUSIVE;
	return ERR_OK;
}

static enum err read_and_check(struct changing *in, struct why *why)
{
	enum err e = changing_read_book(in, why);

	if (e)
		return e;
	e = book_read_changes(in->path, in->exponent, changing_take, in->progress ? tell : NULL, in, why);
	return e ? e : changing_check(in, why);
}

static enum err run(struct changing *in, uint64_t *version, struct why *why)
{
	enum err e = catalog_store_begin(in->store, false, why);

	if (e)
		return e;
	e = read_and_check(in, why);
	if (!e)
		e = hold_changes(in->store, why);
	if (!e)
		return catalog_store_commit(in->store, version, why);
	catalog_store_rollback(in->store);
	return e;
}

enum err catalog_import_changes(const char *path, const char *file, const struct catalog_note *note,
				book_progress_fn *progress, void *arg, uint64_t *version,
				struct catalog_changed *counts, struct why *why)
{
	struct changing in = {.path = file,
			      .file = strcmp(file, "-") == 0 ? "standard input" : file,
			      .progress = progress,
			      .arg = arg};
	enum err e = catalog_store_open_writer(path, &in.store, why);

	if (e)
		return e;
	in.end = &in.puts;
	catalog_store_note(in.store, note);
	e = run(&in, version, why);
	catalog_store_close(in.store);
	arena_free(&in.kept);
	arena_free(&in.arena);
	if (!e && counts)
		*counts = in.counts;
	return e;
}
