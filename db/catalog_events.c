/*
 * Remembering what records were, and writing the events that their changes make. See catalog_events.h.
 */
#include "catalog_events.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "intern.h"

#define DAY_S 86400

struct old {
	enum record_type type;
	const char *key;
	const uint8_t *body; /* NULL: it was not there */
	size_t length;
};

struct catalog_events {
	struct arena arena, work; /* all that is remembered; the record at hand */
	struct intern names;	  /* "type key": number of the old */
	struct old *at;
	uint32_t count, size;
	bool replacing;
};

static enum err no_memory(struct why *why)
{
	return fail(why, ERR_MEMORY, "out of memory");
}

/* The book makes none, but an import wants to know whether its currency is another one. */
static bool is_remembered(enum record_type t)
{
	return t == RECORD_BOOK || t == RECORD_PRICE_LIST || t == RECORD_ITEM || t == RECORD_PRICE ||
	       t == RECORD_PROMOTION || t == RECORD_PRICE_RULE || t == RECORD_CUSTOMER ||
	       t == RECORD_LANDED_COST || t == RECORD_EXCHANGE_RATE || t == RECORD_OVERRIDE;
}

/* Two digits before the key, so that names of one type ascend as keys do. */
static const char *name_of(struct catalog_events *r, enum record_type t, const char *key)
{
	size_t n = strlen(key) + 3;
	char *name = arena_get(&r->work, n);

	if (name)
		snprintf(name, n, "%02d%s", (int)t, key);
	return name;
}

static enum err keep(struct catalog_events *r, enum record_type t, const char *name, const uint8_t *body,
		     size_t n, struct why *why)
{
	uint32_t id;
	uint8_t *copy = NULL;

	if (body) {
		copy = arena_get(&r->arena, n + 1);
		if (!copy)
			return no_memory(why);
		memcpy(copy, body, n);
	}
	id = intern_add(&r->names, &r->arena, name);
	if (id == CATALOG_NONE || !array_room(&r->at, &r->size, r->count, sizeof(*r->at)))
		return no_memory(why);
	r->at[r->count++] = (struct old){t, r->names.names[id] + 2, copy, n};
	return ERR_OK;
}

static enum err keep_kind(struct catalog_store *s, enum record_type t, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, CATALOG_SQL_KIND_KEYS);
	enum err e;

	db_bind_int(row, 1, t);
	while ((e = db_row(&s->db, row, why)) == ERR_OK) {
		size_t n;
		const uint8_t *body = db_bytes(row, 1, &n);
		const char *name = name_of(s->events, t, (const char *)sqlite3_column_text(row, 0));

		e = name ? keep(s->events, t, name, body, n, why) : no_memory(why);
		arena_reset(&s->events->work);
		if (e) {
			sqlite3_reset(row);
			return e;
		}
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err keep_all(struct catalog_store *s, struct why *why)
{
	enum err e = ERR_OK;

	for (int t = 0; t < RECORD_TYPES && !e; t++)
		if (is_remembered((enum record_type)t))
			e = keep_kind(s, (enum record_type)t, why);
	return e;
}

/* The first import is the beginning of all history, and no change. */
enum err events_begin(struct catalog_store *s, bool replacing, struct why *why)
{
	events_forget(s);
	if (s->next == 1)
		return ERR_OK;
	s->events = calloc(1, sizeof(*s->events));
	if (!s->events)
		return no_memory(why);
	s->events->replacing = replacing;
	return replacing ? keep_all(s, why) : ERR_OK;
}

enum err events_remember(struct catalog_store *s, enum record_type t, const char *key, struct why *why)
{
	struct catalog_events *r = s->events;
	sqlite3_stmt *row = db_statement(&s->db, CATALOG_SQL_ONE);
	const uint8_t *body = NULL;
	const char *name;
	size_t n = 0;
	enum err e;

	if (!r || !is_remembered(t))
		return ERR_OK;
	arena_reset(&r->work);
	name = name_of(r, t, key);
	if (!name)
		return no_memory(why);
	if (intern_find(&r->names, name) != CATALOG_NONE)
		return ERR_OK;
	if (r->replacing) /* all that was there is kept already */
		return keep(r, t, name, NULL, 0, why);
	db_bind_int(row, 1, t);
	db_bind_text(row, 2, key);
	e = db_row(&s->db, row, why);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (!e)
		body = db_bytes(row, 0, &n);
	e = keep(r, t, name, body, n, why);
	sqlite3_reset(row);
	return e;
}

void events_forget(struct catalog_store *s)
{
	struct catalog_events *r = s->events;

	if (!r)
		return;
	arena_free(&r->arena);
	arena_free(&r->work);
	intern_free(&r->names);
	free(r->at);
	free(r);
	s->events = NULL;
}

enum err events_before(struct catalog_store *s, enum record_type t, const char *key, struct arena *a,
		       struct record *out, struct why *why)
{
	const char *name = name_of(s->events, t, key);
	const struct old *o;
	uint32_t id;

	if (!name)
		return no_memory(why);
	id = intern_find(&s->events->names, name);
	if (id == CATALOG_NONE)
		return catalog_store_find(s, t, key, a, out, why);
	o = &s->events->at[id];
	return o->body ? record_decode(t, o->body, o->length, a, out, why) : ERR_NOT_FOUND;
}

enum err events_add(struct catalog_store *s, const struct shop_event *e, struct why *why)
{
	sqlite3_stmt *add = db_statement(&s->db, CATALOG_SQL_EVENT_ADD);
	struct cborw w;
	enum err result;

	buf_take(&s->buf, buf_length(&s->buf));
	cborw_begin(&w, &s->buf);
	record_to_cbor(shop_event_schema(e->type), &e->as, &w);
	if (cborw_end(&w))
		return fail(why, ERR_LIMIT, "the event of '%s' is larger than %u bytes", e->key,
			    CATALOG_RECORD_MAX);
	db_bind_int(add, 1, s->note.now_s);
	db_bind_int(add, 2, (int64_t)s->next);
	db_bind_int(add, 3, e->type);
	db_bind_text(add, 4, e->key);
	db_bind_text(add, 5, e->list);
	db_bind_bytes(add, 6, buf_front(&s->buf), buf_length(&s->buf));
	result = db_run(&s->db, add, why);
	return result;
}

static enum err put_body(struct catalog_store *s, enum record_type t, const char *key, const struct old *o,
			 struct why *why)
{
	sqlite3_stmt *put = db_statement(&s->db, o->body ? CATALOG_SQL_PUT : CATALOG_SQL_REMOVE);

	db_bind_int(put, 1, t);
	db_bind_text(put, 2, key);
	if (o->body) {
		db_bind_int(put, 3, (int64_t)s->next);
		db_bind_bytes(put, 4, o->body, o->length);
	}
	return db_run(&s->db, put, why);
}

/* What is as it was is no change, and the log does not tell it. */
enum err events_put_back(struct catalog_store *s, enum record_type t, const char *key, struct why *why)
{
	sqlite3_stmt *unlog = db_statement(&s->db, CATALOG_SQL_UNLOG);
	const char *name = name_of(s->events, t, key);
	uint32_t id;
	enum err e;

	if (!name)
		return no_memory(why);
	id = intern_find(&s->events->names, name);
	assert(id != CATALOG_NONE); /* it is told as changed */
	e = put_body(s, t, key, &s->events->at[id], why);
	if (e)
		return e;
	db_bind_int(unlog, 1, (int64_t)s->next);
	db_bind_int(unlog, 2, t);
	db_bind_text(unlog, 3, key);
	e = db_run(&s->db, unlog, why);
	if (!e && !s->replacing)
		s->changed -= (uint64_t)sqlite3_changes(s->db.handle);
	return e;
}

static bool is_same(const struct old *o, const uint8_t *body, size_t n)
{
	return (!body && !o->body) || (body && o->body && n == o->length && memcmp(body, o->body, n) == 0);
}

/* The record as it is now, unless it is as it was. */
static enum err read_changed(struct catalog_store *s, const struct old *o, struct arena *a, bool *changed,
			     struct bytes *now, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, CATALOG_SQL_ONE);
	const uint8_t *body = NULL;
	size_t n = 0;
	enum err e;

	*now = (struct bytes){0};
	db_bind_int(row, 1, o->type);
	db_bind_text(row, 2, o->key);
	e = db_row(&s->db, row, why);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (!e)
		body = db_bytes(row, 0, &n);
	*changed = !is_same(o, body, n);
	if (body && *changed)
		*now = (struct bytes){(const uint8_t *)arena_text(a, (const char *)body, n), n};
	sqlite3_reset(row);
	return body && *changed && !now->at ? no_memory(why) : ERR_OK;
}

/* Calls fn with what became of it. What cannot be read any more counts as not having been there: importing is
 * the way out of a damaged catalog. */
static enum err tell_became(const struct old *o, const struct bytes *now, struct arena *a,
			    events_changed_fn *fn, void *arg, struct why *why)
{
	struct record before, after;
	bool was = o->body;
	enum err e = now->at ? record_decode(o->type, now->at, now->length, a, &after, why) : ERR_OK;

	if (!e && was) {
		e = record_decode(o->type, o->body, o->length, a, &before, why);
		was = !e;
		e = e == ERR_MEMORY ? e : ERR_OK;
	}
	return e ? e
		 : fn(o->key, &(struct became){was ? &before : NULL, now->at ? &after : NULL, a}, arg, why);
}

/* fn may make the list longer. */
enum err events_each_changed(struct catalog_store *s, enum record_type t, events_changed_fn *fn, void *arg,
			     struct why *why)
{
	struct arena a = ARENA_EMPTY;
	struct bytes now;
	bool changed;
	enum err e = ERR_OK;

	for (uint32_t i = 0; s->events && i < s->events->count && !e; i++) {
		struct old o = s->events->at[i];

		if (o.type != t)
			continue;
		arena_reset(&a);
		e = read_changed(s, &o, &a, &changed, &now, why);
		if (!e && changed)
			e = tell_became(&o, &now, &a, fn, arg, why);
	}
	arena_free(&a);
	return e;
}

static enum err events_of(struct catalog_store *s, enum record_type t, const struct became *b,
			  struct why *why)
{
	switch ((int)t) {
	case RECORD_PRICE:
		return events_of_price(s, b, why);
	case RECORD_OVERRIDE:
		return events_of_override(s, b, why);
	case RECORD_PROMOTION:
		return events_of_promotion(s, b, why);
	case RECORD_PRICE_RULE:
		return events_of_rule(s, b, why);
	case RECORD_LANDED_COST:
		return events_of_cost(s, b, why);
	case RECORD_EXCHANGE_RATE:
		return events_of_rate(s, b, why);
	case RECORD_CUSTOMER:
		return events_of_customer(s, b, why);
	case RECORD_PRICE_LIST:
		return events_of_list(s, b, why);
	case RECORD_ITEM:
		return events_of_item(s, b, why);
	default:
		return ERR_OK;
	}
}

struct telling {
	struct catalog_store *store;
	enum record_type type;
};

static enum err write_changed(const char *key, const struct became *b, void *arg, struct why *why)
{
	const struct telling *t = arg;

	(void)key;
	return events_of(t->store, t->type, b, why);
}

static enum err write_one(struct catalog_store *s, const struct old *o, struct why *why)
{
	struct telling t = {s, o->type};
	struct arena *a = &s->events->work;
	struct bytes now;
	bool changed;
	enum err e;

	arena_reset(a);
	e = read_changed(s, o, a, &changed, &now, why);
	return e || !changed ? e : tell_became(o, &now, a, write_changed, &t, why);
}

/* A clock that was wrong for a while does not empty the history: only what is older than the newest goes. */
static enum err drop_old(struct catalog_store *s, struct why *why)
{
	sqlite3_stmt *drop = db_statement(&s->db, CATALOG_SQL_EVENT_DROP);
	struct record book;
	enum err e;

	arena_reset(&s->events->work);
	e = catalog_store_find(s, RECORD_BOOK, "book", &s->events->work, &book, why);
	if (e)
		return e;
	db_bind_int(drop, 1, s->note.now_s - book.as.book.price_history * DAY_S);
	return db_run(&s->db, drop, why);
}

void events_complete_note(struct catalog_store *s)
{
	if (!s->note.user)
		s->note.user = "";
	if (!s->note.reason)
		s->note.reason = "";
	if (!s->note.now_s)
		s->note.now_s = clock_utc_ms(&clock_system) / 1000;
}

enum err events_write(struct catalog_store *s, struct why *why)
{
	struct catalog_events *r = s->events;
	enum err e = ERR_OK;

	if (!r)
		return ERR_OK;
	events_complete_note(s);
	for (uint32_t i = 0; i < r->count && !e; i++) {
		e = write_one(s, &r->at[i], why);
		if (e && e != ERR_MEMORY && *why->text)
			why_prefix(why, "%s '%s': ", record_schema(r->at[i].type)->name, r->at[i].key);
	}
	return e ? e : drop_old(s, why);
}
