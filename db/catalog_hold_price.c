/*
 * Prices of an import that move too far, or fall below the floor, and prices set by hand in it. See
 * catalog_hold.h; the rules are book/judge.h's.
 *
 * The last approved price is kept from the first step that needed nobody until somebody approves one, or the
 * price is back where it was.
 */
#include "catalog_hold.h"

#include <string.h>

/* The catalog as it would be: one for all prices, and one without those that are held. */
static enum err need_catalog(struct holding *h, struct why *why)
{
	return h->snapshot ? ERR_OK : catalog_store_build(h->store, false, &h->snapshot, why);
}

/* What it is measured by; *is_new: neither approved nor in force, so by nothing. */
static enum err read_approved(struct holding *h, const char *key, const struct became *b, struct record *out,
			      bool *is_new, struct why *why)
{
	enum err e = approved_of(h->store, key, b->arena, out, why);

	*is_new = e == ERR_NOT_FOUND && !b->before;
	if (e != ERR_NOT_FOUND)
		return e;
	if (b->before)
		*out = *b->before;
	return ERR_OK;
}

/* It counts. What was approved last is kept while it differs. */
static enum err let_through(struct holding *h, const char *key, const struct became *b,
			    const struct record *approved, struct why *why)
{
	bool had;
	enum err e = hold_let_go(h, RECORD_PRICE, key, &had, why);

	if (e || !approved)
		return e;
	if (b->after && judge_same_price(&approved->as.price, &b->after->as.price))
		return approved_drop(h->store, key, why);
	return approved_put(h->store, key, approved, why);
}

enum err hold_price(const char *key, const struct became *b, void *arg, struct why *why)
{
	struct holding *h = arg;
	struct record approved;
	struct held what;
	bool is_new, held = false, waits;
	enum err e = read_approved(h, key, b, &approved, &is_new, why);

	if (!e && b->after)
		e = need_catalog(h, why);
	if (e)
		return e;
	if (b->after) {
		const struct judge_price p = {.before = b->before ? &b->before->as.price : NULL,
					      .approved = is_new ? NULL : &approved.as.price,
					      .now = &b->after->as.price};

		held = judge_price(snapshot_catalog(h->snapshot), &p, h->rules->change, &what);
	}
	if (!held)
		return let_through(h, key, b, is_new ? NULL : &approved, why);
	return hold_keep(h, key, b->after, &what, &waits, why);
}

/* One that is paused, rejected or not approved yet by who wrote the book does not count. */
enum err hold_override(const char *key, const struct became *b, void *arg, struct why *why)
{
	struct holding *h = arg;
	const struct record_override *now = b->after ? &b->after->as.override : NULL;
	struct held what;
	bool had, waits;
	enum err e;

	if (!now || now->status != 0)
		return hold_let_go(h, RECORD_OVERRIDE, key, &had, why);
	if (!h->by_hand)
		snapshot_unref(h->snapshot), h->snapshot = NULL;
	h->by_hand = true;
	e = need_catalog(h, why);
	if (e)
		return e;
	if (!judge_override(snapshot_catalog(h->snapshot), now, h->store->note.now_s, h->rules->change,
			    &what))
		return hold_let_go(h, RECORD_OVERRIDE, key, &had, why);
	return hold_keep(h, key, b->after, &what, &waits, why);
}
