/*
 * What waits for a second person, as rows of catalog.db: reading it, and doing what that person said. See
 * catalog_store.h and catalog_hold.h.
 */
#include <string.h>

#include "catalog_hold.h"

enum err held_put(struct catalog_store *s, const char *key, const struct held *h, struct why *why)
{
	sqlite3_stmt *put = db_statement(&s->db, CATALOG_SQL_HELD_PUT);
	struct cborw w;
	enum err e;

	buf_take(&s->buf, buf_length(&s->buf));
	cborw_begin(&w, &s->buf);
	e = record_put(&held_schema, h, &w, why);
	if (cborw_end(&w) || e) {
		why_prefix(why, "what waits of '%s': ", key);
		return e ? e : fail(why, ERR_LIMIT, "it is larger than %u bytes", CATALOG_RECORD_MAX);
	}
	db_bind_text(put, 1, h->id);
	db_bind_int(put, 2, h->of);
	db_bind_text(put, 3, key);
	db_bind_int(put, 4, (int64_t)s->next);
	db_bind_bytes(put, 5, buf_front(&s->buf), buf_length(&s->buf));
	return db_run(&s->db, put, why);
}

static enum err decode(const struct catalog_store *s, sqlite3_stmt *row, struct arena *a, struct held *out,
		       struct why *why)
{
	size_t n;
	const uint8_t *body = db_bytes(row, 0, &n);
	const char *copy = arena_text(a, (const char *)body, n);
	struct cborr r = cborr_over((const uint8_t *)copy, copy ? n : 0);
	enum err e = copy ? record_from_cbor(&held_schema, &r, a, out, why)
			  : fail(why, ERR_MEMORY, "out of memory");

	return e && e != ERR_MEMORY ? catalog_damaged(s, why) : e;
}

enum err held_of(struct catalog_store *s, enum record_type t, const char *key, struct arena *a,
		 struct held *out, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, CATALOG_SQL_HELD_OF);
	enum err e;

	db_bind_int(row, 1, t);
	db_bind_text(row, 2, key);
	e = db_row(&s->db, row, why);
	if (e)
		return e;
	e = decode(s, row, a, out, why);
	sqlite3_reset(row);
	return e;
}

enum err held_drop(struct catalog_store *s, enum record_type t, const char *key, struct why *why)
{
	sqlite3_stmt *drop = db_statement(&s->db, CATALOG_SQL_HELD_DROP);

	db_bind_int(drop, 1, t);
	db_bind_text(drop, 2, key);
	return db_run(&s->db, drop, why);
}

enum err catalog_store_each_held(struct catalog_store *s, catalog_held_fn *fn, void *arg, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, CATALOG_SQL_HELD);
	enum err e;

	while ((e = db_row(&s->db, row, why)) == ERR_OK) {
		struct held h;

		arena_reset(&s->arena);
		e = decode(s, row, &s->arena, &h, why);
		if (!e)
			e = fn(&h, (uint64_t)sqlite3_column_int64(row, 1), arg, why);
		if (e) {
			sqlite3_reset(row);
			return e;
		}
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* key, unless NULL, is where its record's goes; in the arena. */
static enum err find(struct catalog_store *s, const char *id, struct arena *a, struct held *out,
		     const char **key, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, CATALOG_SQL_HELD_ID);
	enum err e;

	db_bind_text(row, 1, id);
	e = db_row(&s->db, row, why);
	if (e)
		return e == ERR_NOT_FOUND ? fail(why, e, "nothing of that id waits: %s", id) : e;
	e = decode(s, row, a, out, why);
	if (!e && key) {
		const char *text = (const char *)sqlite3_column_text(row, 2);

		*key = arena_text(a, text, strlen(text));
		if (!*key)
			e = fail(why, ERR_MEMORY, "out of memory");
	}
	sqlite3_reset(row);
	return e;
}

enum err catalog_store_held(struct catalog_store *s, const char *id, struct arena *a, struct held *out,
			    struct why *why)
{
	return find(s, id, a, out, NULL, why);
}

static const char *const needs[] = {[HELD_MANAGER] = "manager", [HELD_CFO] = "cfo"};
enum err held_tell(struct catalog_store *s, enum shop_event_type t, const struct held *h,
		   const char *decided_by, const char *decision, struct why *why)
{
	bool rate = h->of == RECORD_EXCHANGE_RATE;
	struct shop_event e = {.type = t, .key = h->sku ? h->sku : h->currency};
	char text[HELD_WHY_MAX];

	held_why(h, text);
	if (t == SHOP_COST_ANOMALY)
		e.as.anomaly = (struct cost_anomaly){h->sku,	    rate ? h->currency : NULL,
						     h->before,	    h->after,
						     h->usual,	    h->rate_before,
						     h->rate_after, h->change,
						     h->id};
	else
		e.as.approval = (struct approval_event){
			h->id,	    held_subject(h), h->sku,	     h->list,	    rate ? h->currency : NULL,
			h->before,  h->after,	     h->rate_before, h->rate_after, h->change,
			text,	    needs[h->needs], h->by,	     h->reason,	    h->until,
			decided_by, decision};
	return events_add(s, &e, why);
}

enum err approved_of(struct catalog_store *s, const char *key, struct arena *a, struct record *out,
		     struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, CATALOG_SQL_APPROVED);
	const uint8_t *body;
	size_t n;
	enum err e;

	db_bind_text(row, 1, key);
	e = db_row(&s->db, row, why);
	if (e)
		return e;
	body = db_bytes(row, 0, &n);
	e = record_decode(RECORD_PRICE, body, n, a, out, why);
	sqlite3_reset(row);
	return e && e != ERR_MEMORY ? catalog_damaged(s, why) : e;
}

enum err approved_put(struct catalog_store *s, const char *key, const struct record *price, struct why *why)
{
	sqlite3_stmt *put = db_statement(&s->db, CATALOG_SQL_APPROVED_PUT);

	buf_take(&s->buf, buf_length(&s->buf));
	if (record_encode(price, &s->buf))
		return fail(why, ERR_LIMIT, "the record is larger than %u bytes", CATALOG_RECORD_MAX);
	db_bind_text(put, 1, key);
	db_bind_bytes(put, 2, buf_front(&s->buf), buf_length(&s->buf));
	return db_run(&s->db, put, why);
}

enum err approved_drop(struct catalog_store *s, const char *key, struct why *why)
{
	sqlite3_stmt *drop = db_statement(&s->db, CATALOG_SQL_APPROVED_DROP);

	db_bind_text(drop, 1, key);
	return db_run(&s->db, drop, why);
}

/* Prices that follow from a cost are approved with it. */
static enum err approve_prices(struct catalog_store *s, const char *sku, struct why *why)
{
	sqlite3_stmt *drop = db_statement(&s->db, CATALOG_SQL_APPROVED_DROP_SKU);

	db_bind_text(drop, 1, sku);
	return db_run(&s->db, drop, why);
}

struct settling {
	struct catalog_store *store;
	struct catalog_edit *edit;
	struct arena arena;
	struct held held;
	const char *key;
};

/* The article with another cost, and none in review. */
static enum err put_cost(struct settling *s, bool approved, struct why *why)
{
	struct change c = {0};
	enum err e = catalog_store_find(s->store, RECORD_ITEM, s->held.sku, &s->arena, &c.record, why);

	if (e)
		return e == ERR_NOT_FOUND ? fail(why, e, "there is no article '%s' any more", s->held.sku)
					  : e;
	c.record.as.item.cost_in_review = MONEY_NONE;
	if (approved && s->held.of == RECORD_ITEM)
		c.record.as.item.cost = s->held.after;
	e = catalog_edit_take(s->edit, &c, why);
	return e || !approved ? e : approve_prices(s->store, s->held.sku, why);
}

static enum err put_record(struct settling *s, struct why *why)
{
	struct change c = {0};
	enum err e = record_decode((enum record_type)s->held.of, s->held.record.at, s->held.record.length,
				   &s->arena, &c.record, why);

	if (e)
		return e == ERR_MEMORY ? e : catalog_damaged(s->store, why);
	return catalog_edit_take(s->edit, &c, why);
}

static enum err approve(struct settling *s, struct why *why)
{
	enum err e = held_drop(s->store, (enum record_type)s->held.of, s->key, why);

	if (!e && s->held.of != RECORD_ITEM)
		e = put_record(s, why);
	if (!e && s->held.of == RECORD_PRICE)
		e = approved_drop(s->store, s->key, why); /* what is in force is what was approved */
	if (!e && (s->held.of == RECORD_ITEM || s->held.of == RECORD_LANDED_COST))
		e = put_cost(s, true, why);
	return e;
}

static enum err reject(struct settling *s, struct why *why)
{
	enum err e;

	s->held.state = HELD_REJECTED;
	s->held.decided_by = s->store->note.user;
	s->held.decision = s->store->note.reason;
	e = held_put(s->store, s->key, &s->held, why);
	if (!e && (s->held.of == RECORD_ITEM || s->held.of == RECORD_LANDED_COST))
		e = put_cost(s, false, why);
	return e;
}

static enum err settle(struct settling *s, const char *id, bool approved, struct why *why)
{
	const struct catalog_note *note = &s->store->note;
	enum err e = find(s->store, id, &s->arena, &s->held, &s->key, why);

	if (e)
		return e;
	if (s->held.state == HELD_REJECTED)
		return fail(why, ERR_NOT_FOUND, "%s was rejected by %s", id,
			    s->held.decided_by ? s->held.decided_by : "somebody");
	s->store->changed++; /* the table of what waits, if nothing else */
	events_complete_note(s->store);
	e = approved ? approve(s, why) : reject(s, why);
	return e ? e
		 : held_tell(s->store, approved ? SHOP_APPROVAL_GRANTED : SHOP_APPROVAL_REFUSED, &s->held,
			     note->user, note->reason, why);
}

enum err catalog_settle_held(const char *path, const char *id, bool approved, const struct catalog_note *note,
			     uint64_t *version, struct why *why)
{
	struct settling s = {0};
	enum err e = catalog_store_open_writer(path, &s.store, why);

	if (e)
		return e;
	catalog_store_note(s.store, note);
	e = catalog_edit_begin(s.store, false, 0, &s.edit, why);
	if (!e) {
		e = settle(&s, id, approved, why);
		if (e)
			catalog_edit_cancel(s.edit);
		else
			e = catalog_edit_commit(s.edit, version, NULL, why);
	}
	catalog_store_close(s.store);
	arena_free(&s.arena);
	return e;
}
