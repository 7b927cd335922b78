/*
 * Reading the events that catalog.db keeps. See catalog_store.h.
 */
#include "catalog_events.h"

#include <string.h>

static enum err decode(struct catalog_store *s, sqlite3_stmt *row, struct shop_event *out, struct why *why)
{
	int64_t type = sqlite3_column_int64(row, 3);
	struct cborr r;
	size_t n;
	const uint8_t *body = db_bytes(row, 6, &n);
	enum err e;

	if (type < 1 || type >= SHOP_EVENT_TYPES)
		return ERR_NEWER; /* of a version to come: passed over */
	*out = (struct shop_event){
		.type = (enum shop_event_type)type,
		.at_s = sqlite3_column_int64(row, 1),
		.version = sqlite3_column_int64(row, 2),
		.key = (const char *)sqlite3_column_text(row, 4),
		.list = (const char *)sqlite3_column_text(row, 5),
	};
	r = cborr_over(body, n);
	arena_reset(&s->arena);
	e = record_from_cbor(shop_event_schema(out->type), &r, &s->arena, &out->as, why);
	return e && e != ERR_MEMORY ? catalog_damaged(s, why) : e;
}

/* The newest of them, told in the order in which they happened. */
enum err catalog_store_events(struct catalog_store *s, const struct event_query *q, catalog_event_fn *fn,
			      void *arg, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, q->key ? CATALOG_SQL_EVENTS_OF : CATALOG_SQL_EVENTS);
	struct shop_event event;
	enum err e;

	db_bind_int(row, 1, q->after_id);
	db_bind_int(row, 2, q->type);
	db_bind_int(row, 3, q->last);
	if (q->key)
		db_bind_text(row, 4, q->key);
	while ((e = db_row(&s->db, row, why)) == ERR_OK) {
		int64_t id = sqlite3_column_int64(row, 0);

		e = decode(s, row, &event, why);
		if (!e)
			e = fn(id, &event, arg, why);
		if (e && e != ERR_NEWER) {
			sqlite3_reset(row);
			return e;
		}
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err catalog_store_newest_event(struct catalog_store *s, int64_t *id, struct why *why)
{
	return db_number(&s->db, db_statement(&s->db, CATALOG_SQL_EVENT_NEWEST), id, why);
}
