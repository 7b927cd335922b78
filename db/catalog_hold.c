/*
 * Keeping aside what of an import waits for a second person: the order in which it is looked at, and what is
 * noted of it. See catalog_hold.h.
 *
 * Rates go first, since costs are reckoned by them, then costs, then prices, which cost-plus lists make of
 * costs and whose floors are reckoned by them, then prices set by hand, which are measured by the lists'.
 */
#include "catalog_hold.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Seconds since 2020 in base 36 and a number: ids of a catalog that was made anew are others. */
static const char *new_id(struct holding *h)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	int64_t left = h->store->note.now_s - INT64_C(1577836800);
	char text[16], id[40];
	size_t n = sizeof(text) - 1;

	text[n] = '\0';
	if (left < 0)
		left = -left;
	do
		text[--n] = digits[left % 36];
	while ((left /= 36) > 0);
	snprintf(id, sizeof(id), HELD_IMPORTED "%s-%" PRIu64 "-%u", text + n, h->store->next, ++h->given);
	return arena_text(&h->arena, id, strlen(id));
}

static enum err seen_again(struct holding *h, const char *key, const struct held *old, struct why *why)
{
	sqlite3_stmt *seen = db_statement(&h->store->db, CATALOG_SQL_HELD_SEEN);

	db_bind_int(seen, 1, (int64_t)h->store->next);
	db_bind_int(seen, 2, old->of);
	db_bind_text(seen, 3, key);
	return db_run(&h->store->db, seen, why);
}

static enum err keep_new(struct holding *h, const char *key, struct held *what, struct why *why)
{
	const struct catalog_note *note = &h->store->note;
	enum err e;

	what->id = new_id(h);
	if (!what->id)
		return fail(why, ERR_MEMORY, "out of memory");
	what->by = *note->user ? note->user : h->rules->login;
	what->login = h->rules->login;
	what->reason = *note->reason ? note->reason : "import";
	what->asked = (struct stamp){.seconds = note->now_s};
	what->until = (struct stamp){.seconds = note->now_s + h->rules->patience_s};
	e = held_put(h->store, key, what, why);
	if (!e)
		e = held_tell(h->store, SHOP_APPROVAL_REQUESTED, what, NULL, NULL, why);
	if (!e && what->cause == HELD_ANOMALY)
		e = held_tell(h->store, SHOP_COST_ANOMALY, what, NULL, NULL, why);
	h->store->changed++; /* nothing else may have */
	return e;
}

enum err hold_keep(struct holding *h, const char *key, const struct record *wanted, struct held *what,
		   bool *waits, struct why *why)
{
	struct held old;
	enum err e = events_put_back(h->store, (enum record_type)what->of, key, why);

	buf_cut(&h->record, 0);
	if (!e && wanted && record_encode(wanted, &h->record))
		e = fail(why, ERR_LIMIT, "the record is larger than %u bytes", CATALOG_RECORD_MAX);
	if (e)
		return e;
	what->record = (struct bytes){buf_front(&h->record), buf_length(&h->record)};
	what->currency = what->currency ? what->currency : h->currency;
	e = held_of(h->store, (enum record_type)what->of, key, &h->arena, &old, why);
	if (e && e != ERR_NOT_FOUND)
		return e;
	*waits = true;
	if (e || !held_is_repeat(&old, what, h->store->note.now_s))
		return keep_new(h, key, what, why);
	*waits = old.state == HELD_WAITS;
	return seen_again(h, key, &old, why);
}

enum err hold_let_go(struct holding *h, enum record_type t, const char *key, bool *had, struct why *why)
{
	enum err e = held_drop(h->store, t, key, why);

	*had = sqlite3_changes(h->store->db.handle) > 0;
	return e;
}

enum err hold_review(struct catalog_store *s, const char *sku, struct money cost, struct arena *a,
		     struct why *why)
{
	struct record item;
	enum err e = catalog_store_find(s, RECORD_ITEM, sku, a, &item, why);

	if (e || item.as.item.cost_in_review.minor == cost.minor)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	item.as.item.cost_in_review = cost;
	return catalog_store_put(s, &item, why);
}

static enum err clear(struct catalog_store *s, struct why *why)
{
	enum err e = db_run(&s->db, db_statement(&s->db, CATALOG_SQL_HELD_CLEAR), why);

	return e ? e : db_run(&s->db, db_statement(&s->db, CATALOG_SQL_APPROVED_CLEAR), why);
}

/* Of a whole book, what it says nothing of any more waits no longer. */
static enum err drop_unseen(struct catalog_store *s, struct why *why)
{
	sqlite3_stmt *unseen = db_statement(&s->db, CATALOG_SQL_HELD_UNSEEN);

	db_bind_int(unseen, 1, (int64_t)s->next);
	return db_run(&s->db, unseen, why);
}

static enum err hold_all(struct holding *h, struct why *why)
{
	struct catalog_store *s = h->store;
	enum err e = events_each_changed(s, RECORD_EXCHANGE_RATE, hold_rate, h, why);

	if (!e)
		e = events_each_changed(s, RECORD_LANDED_COST, hold_landed, h, why);
	if (!e)
		e = events_each_changed(s, RECORD_ITEM, hold_item, h, why);
	if (!e && h->costs)
		e = catalog_make_costs(s, why);
	if (!e)
		e = events_each_changed(s, RECORD_PRICE, hold_price, h, why);
	if (!e)
		e = events_each_changed(s, RECORD_OVERRIDE, hold_override, h, why);
	if (!e && s->replacing)
		e = drop_unseen(s, why);
	return e;
}

enum err hold_changes(struct catalog_store *s, struct why *why)
{
	struct holding h = {.store = s, .rules = s->note.hold};
	struct record now, before;
	enum err e;

	if (!h.rules || !s->events)
		return ERR_OK;
	events_complete_note(s);
	buf_init(&h.record, CATALOG_RECORD_MAX);
	e = catalog_store_find(s, RECORD_BOOK, "book", &h.arena, &now, why);
	h.currency = e ? NULL : now.as.book.currency;
	if (e || events_before(s, RECORD_BOOK, "book", &h.arena, &before, why))
		; /* a damaged catalog is imported anew: there is nothing to compare with */
	else if (strcmp(h.currency, before.as.book.currency) != 0)
		e = clear(s, why); /* nor do amounts of another currency */
	else
		e = hold_all(&h, why);
	snapshot_unref(h.snapshot);
	buf_free(&h.record);
	arena_free(&h.arena);
	return e;
}
