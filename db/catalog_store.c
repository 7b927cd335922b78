/*
 * catalog.db: records by kind and key. See catalog_store.h.
 */
#include "catalog_events.h"

#include <stdlib.h>

#include "migrations.h"

static const char *const statements[CATALOG_SQL_COUNT] = {
	[CATALOG_SQL_DATA_VERSION] = "PRAGMA data_version",
	[CATALOG_SQL_VERSION] = "SELECT version FROM meta",
	[CATALOG_SQL_SET_VERSION] = "UPDATE meta SET version = ?",
	[CATALOG_SQL_EMPTY] = "DELETE FROM record",
	[CATALOG_SQL_PUT] =
		("INSERT INTO record (kind, key, version, body) VALUES (?, ?, ?, ?) "
		 "ON CONFLICT (kind, key) DO UPDATE SET version = excluded.version, body = excluded.body "
		 "WHERE body <> excluded.body"),
	[CATALOG_SQL_REMOVE] = "DELETE FROM record WHERE kind = ? AND key = ?",
	[CATALOG_SQL_KIND] = "SELECT body FROM record WHERE kind = ? ORDER BY key",
	[CATALOG_SQL_STRANGE] = "SELECT kind FROM record WHERE kind < 0 OR kind >= ? LIMIT 1",
	[CATALOG_SQL_ONE] = "SELECT body FROM record WHERE kind = ? AND key = ?",
	[CATALOG_SQL_LIST_KEYS] = ("SELECT key FROM record WHERE kind = ?1 AND key > ?2 || char(31) "
				   "AND key < ?2 || char(32) ORDER BY key"),
	[CATALOG_SQL_LOG] = "INSERT INTO change (version, kind, key) VALUES (?, ?, ?)",
	[CATALOG_SQL_LOG_EMPTY] = "DELETE FROM change",
	[CATALOG_SQL_LOG_OLD] = ("SELECT version FROM change WHERE id <= (SELECT max(id) FROM change) - ? "
				 "ORDER BY id DESC LIMIT 1"),
	[CATALOG_SQL_LOG_DROP] = "DELETE FROM change WHERE id <= (SELECT max(id) FROM change) - ?",
	[CATALOG_SQL_LOG_BEGINS] = "SELECT changes_after FROM meta",
	[CATALOG_SQL_LOG_SET_BEGIN] = "UPDATE meta SET changes_after = ?",
	[CATALOG_SQL_CHANGES] = ("SELECT change.version, change.kind, change.key, body FROM change "
				 "LEFT JOIN record ON record.kind = change.kind AND record.key = change.key "
				 "ORDER BY id DESC"),
	[CATALOG_SQL_KIND_KEYS] = "SELECT key, body FROM record WHERE kind = ? ORDER BY key",
	[CATALOG_SQL_EVENT_ADD] =
		"INSERT INTO shop_event (at_s, version, type, key, list, body) VALUES (?, ?, ?, ?, ?, ?)",
	[CATALOG_SQL_EVENT_DROP] = "DELETE FROM shop_event WHERE at_s < ?",
	[CATALOG_SQL_EVENT_NEWEST] = "SELECT coalesce(max(id), 0) FROM shop_event",
	[CATALOG_SQL_EVENTS] = ("SELECT * FROM (SELECT id, at_s, version, type, key, list, body FROM "
				"shop_event WHERE id > ?1 "
				"AND (?2 = 0 OR type = ?2) ORDER BY id DESC LIMIT ?3) ORDER BY id"),
	[CATALOG_SQL_EVENTS_OF] =
		("SELECT * FROM (SELECT id, at_s, version, type, key, list, body FROM shop_event WHERE id > "
		 "?1 "
		 "AND (?2 = 0 OR type = ?2) AND key = ?4 ORDER BY id DESC LIMIT ?3) ORDER BY id"),
	[CATALOG_SQL_UNLOG] = "DELETE FROM change WHERE version = ? AND kind = ? AND key = ?",
	[CATALOG_SQL_HELD] = "SELECT body, version FROM held ORDER BY number",
	[CATALOG_SQL_HELD_ID] = "SELECT body, kind, key FROM held WHERE id = ?",
	[CATALOG_SQL_HELD_OF] = "SELECT body FROM held WHERE kind = ? AND key = ?",
	[CATALOG_SQL_HELD_PUT] =
		"INSERT OR REPLACE INTO held (id, kind, key, version, body) VALUES (?, ?, ?, ?, ?)",
	[CATALOG_SQL_HELD_SEEN] = "UPDATE held SET version = ? WHERE kind = ? AND key = ?",
	[CATALOG_SQL_HELD_DROP] = "DELETE FROM held WHERE kind = ? AND key = ?",
	[CATALOG_SQL_HELD_UNSEEN] = "DELETE FROM held WHERE version <> ?",
	[CATALOG_SQL_HELD_CLEAR] = "DELETE FROM held",
	[CATALOG_SQL_APPROVED] = "SELECT body FROM approved WHERE key = ?",
	[CATALOG_SQL_APPROVED_PUT] = "INSERT OR REPLACE INTO approved (key, body) VALUES (?, ?)",
	[CATALOG_SQL_APPROVED_DROP] = "DELETE FROM approved WHERE key = ?",
	[CATALOG_SQL_APPROVED_DROP_SKU] =
		"DELETE FROM approved WHERE substr(key, instr(key, char(31)) + 1) = ?",
	[CATALOG_SQL_APPROVED_CLEAR] = "DELETE FROM approved",
};

const struct db_kind catalog_kind = {
	.what = "catalog",
	.way_out = "move it away and import again",
	.application_id = 0x54696c43, /* "TilC" */
	.migrations = catalog_migrations,
	.statements = statements,
	.statement_count = CATALOG_SQL_COUNT,
};

static enum err open_store(const char *path, enum db_mode mode, struct catalog_store **out, struct why *why)
{
	struct catalog_store *s = calloc(1, sizeof(*s));
	enum err e;

	if (!s)
		return fail(why, ERR_MEMORY, "%s: out of memory", path);
	e = db_open(path, &catalog_kind, mode, &s->db, why);
	if (e) {
		free(s);
		return e;
	}
	s->data_version = -1;
	buf_init(&s->buf, CATALOG_RECORD_MAX);
	*out = s;
	return ERR_OK;
}

enum err catalog_store_open_writer(const char *path, struct catalog_store **out, struct why *why)
{
	return open_store(path, DB_WRITER_NORMAL, out, why);
}

enum err catalog_store_open_reader(const char *path, struct catalog_store **out, struct why *why)
{
	return open_store(path, DB_READER, out, why);
}

void catalog_store_close(struct catalog_store *s)
{
	if (!s)
		return;
	events_forget(s);
	db_close(&s->db);
	arena_free(&s->arena);
	buf_free(&s->buf);
	free(s);
}

enum err catalog_store_changed(struct catalog_store *s, bool *changed, struct why *why)
{
	int64_t now = 0;
	enum err e = db_number(&s->db, db_statement(&s->db, CATALOG_SQL_DATA_VERSION), &now, why);

	if (e)
		return e;
	*changed = now != s->data_version;
	s->data_version = now;
	return ERR_OK;
}

enum err catalog_store_version(struct catalog_store *s, uint64_t *version, struct why *why)
{
	int64_t now = 0;
	enum err e = db_number(&s->db, db_statement(&s->db, CATALOG_SQL_VERSION), &now, why);

	if (!e)
		*version = (uint64_t)now;
	return e;
}

enum err catalog_store_begin(struct catalog_store *s, bool replace, struct why *why)
{
	uint64_t version = 0;
	enum err e = db_begin(&s->db, why);

	if (e)
		return e;
	e = catalog_store_version(s, &version, why);
	s->next = version + 1;
	if (!e)
		e = events_begin(s, replace, why);
	if (!e && replace)
		e = db_run(&s->db, db_statement(&s->db, CATALOG_SQL_EMPTY), why);
	if (!e && replace)
		e = db_run(&s->db, db_statement(&s->db, CATALOG_SQL_LOG_EMPTY), why);
	if (e)
		catalog_store_rollback(s);
	s->changed = 0;
	s->replacing = replace;
	return e;
}

/* A whole catalog is not logged: it is read whole. */
static enum err touched(struct catalog_store *s, enum record_type t, const char *key, struct why *why)
{
	sqlite3_stmt *log = db_statement(&s->db, CATALOG_SQL_LOG);

	if (sqlite3_changes(s->db.handle) == 0)
		return ERR_OK;
	s->changed++;
	if (s->replacing)
		return ERR_OK;
	db_bind_int(log, 1, (int64_t)s->next);
	db_bind_int(log, 2, t);
	db_bind_text(log, 3, key);
	return db_run(&s->db, log, why);
}

enum err catalog_store_put(struct catalog_store *s, const struct record *r, struct why *why)
{
	sqlite3_stmt *put = db_statement(&s->db, CATALOG_SQL_PUT);
	const char *key;
	enum err e;

	arena_reset(&s->arena);
	buf_take(&s->buf, buf_length(&s->buf));
	key = record_key(r, &s->arena);
	if (!key)
		return fail(why, ERR_MEMORY, "out of memory");
	if (record_encode(r, &s->buf))
		return fail(why, ERR_LIMIT, "the record is larger than %u bytes", CATALOG_RECORD_MAX);
	e = events_remember(s, r->type, key, why);
	if (e)
		return e;
	db_bind_int(put, 1, r->type);
	db_bind_text(put, 2, key);
	db_bind_int(put, 3, (int64_t)s->next);
	db_bind_bytes(put, 4, buf_front(&s->buf), buf_length(&s->buf));
	e = db_run(&s->db, put, why);
	return e ? e : touched(s, r->type, key, why);
}

enum err catalog_store_remove(struct catalog_store *s, enum record_type t, const char *key, struct why *why)
{
	sqlite3_stmt *gone = db_statement(&s->db, CATALOG_SQL_REMOVE);
	enum err e = events_remember(s, t, key, why);

	if (e)
		return e;
	db_bind_int(gone, 1, t);
	db_bind_text(gone, 2, key);
	e = db_run(&s->db, gone, why);
	return e ? e : touched(s, t, key, why);
}

uint64_t catalog_store_touched(const struct catalog_store *s)
{
	return s->changed;
}

static enum err set_begin(struct catalog_store *s, uint64_t version, struct why *why)
{
	sqlite3_stmt *set = db_statement(&s->db, CATALOG_SQL_LOG_SET_BEGIN);

	db_bind_int(set, 1, (int64_t)version);
	return db_run(&s->db, set, why);
}

/* Drops what the log has too much of, and notes up to which version it may lack something. */
static enum err trim_log(struct catalog_store *s, struct why *why)
{
	sqlite3_stmt *old = db_statement(&s->db, CATALOG_SQL_LOG_OLD),
		     *drop = db_statement(&s->db, CATALOG_SQL_LOG_DROP);
	int64_t version;
	enum err e;

	if (s->replacing)
		return set_begin(s, s->next, why);
	db_bind_int(old, 1, CATALOG_CHANGES_MAX);
	db_bind_int(drop, 1, CATALOG_CHANGES_MAX);
	e = db_row(&s->db, old, why);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	version = sqlite3_column_int64(old, 0);
	sqlite3_reset(old);
	e = db_run(&s->db, drop, why);
	return e ? e : set_begin(s, (uint64_t)version, why);
}

enum err catalog_store_commit(struct catalog_store *s, uint64_t *version, struct why *why)
{
	sqlite3_stmt *set = db_statement(&s->db, CATALOG_SQL_SET_VERSION);
	enum err e;

	if (!s->replacing && s->changed == 0) {
		catalog_store_rollback(s);
		*version = s->next - 1;
		return ERR_OK;
	}
	db_bind_int(set, 1, (int64_t)s->next);
	e = db_run(&s->db, set, why);
	if (!e)
		e = trim_log(s, why);
	if (!e)
		e = events_write(s, why);
	if (e) {
		catalog_store_rollback(s);
		return e;
	}
	events_forget(s);
	e = db_commit(&s->db, why);
	if (!e)
		*version = s->next;
	return e;
}

void catalog_store_rollback(struct catalog_store *s)
{
	events_forget(s);
	db_rollback(&s->db);
}

void catalog_store_note(struct catalog_store *s, const struct catalog_note *note)
{
	if (note)
		s->note = *note;
}

enum err catalog_damaged(const struct catalog_store *s, struct why *why)
{
	why_prefix(why, "%s: damaged catalog (%s): ", s->db.path, catalog_kind.way_out);
	return ERR_CORRUPT;
}

/* Its CBOR is kept in the arena with it, since byte strings point there. */
enum err catalog_store_find(struct catalog_store *s, enum record_type t, const char *key, struct arena *a,
			    struct record *out, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, CATALOG_SQL_ONE);
	const uint8_t *body;
	char *copy;
	size_t n;
	enum err e;

	db_bind_int(row, 1, t);
	db_bind_text(row, 2, key);
	e = db_row(&s->db, row, why);
	if (e)
		return e;
	body = db_bytes(row, 0, &n);
	copy = arena_text(a, (const char *)body, n);
	sqlite3_reset(row);
	if (!copy)
		return fail(why, ERR_MEMORY, "out of memory");
	e = record_decode(t, copy, n, a, out, why);
	return e && e != ERR_MEMORY ? catalog_damaged(s, why) : e;
}

static enum err each_row(struct catalog_store *s, enum record_type t, sqlite3_stmt *row,
			 catalog_record_fn *fn, void *arg, struct why *why)
{
	struct record r;
	size_t n;
	const uint8_t *body = db_bytes(row, 0, &n);
	enum err e;

	arena_reset(&s->arena);
	e = record_decode(t, body, n, &s->arena, &r, why);
	if (e)
		return e == ERR_MEMORY ? e : catalog_damaged(s, why);
	return fn(&r, arg, why);
}

enum err catalog_store_each(struct catalog_store *s, enum record_type t, catalog_record_fn *fn, void *arg,
			    struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, CATALOG_SQL_KIND);
	enum err e;

	db_bind_int(row, 1, t);
	while ((e = db_row(&s->db, row, why)) == ERR_OK) {
		e = each_row(s, t, row, fn, arg, why);
		if (e) {
			sqlite3_reset(row);
			return e;
		}
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err catalog_store_coupon(struct catalog_store *s, const char *code, struct arena *a,
			      struct record_coupon *out, struct why *why)
{
	struct record r;
	enum err e = catalog_store_find(s, RECORD_COUPON, code, a, &r, why);

	if (!e)
		*out = r.as.coupon;
	return e;
}

enum err catalog_store_customer(struct catalog_store *s, const char *id, struct arena *a,
				struct record_customer *out, struct why *why)
{
	struct record r;
	enum err e = catalog_store_find(s, RECORD_CUSTOMER, id, a, &r, why);

	if (!e)
		*out = r.as.customer;
	return e;
}
