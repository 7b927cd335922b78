/*
 * catalog.db: records by kind and key. See catalog_store.h.
 */
#include "catalog_store.h"

#include <stdlib.h>

#include "migrations.h"

#define RECORD_BYTES_MAX (1 << 20)

enum {
	STMT_DATA_VERSION,
	STMT_VERSION,
	STMT_SET_VERSION,
	STMT_EMPTY,
	STMT_PUT,
	STMT_ALL,
	STMT_ONE,
	STMT_COUNT,
};

static const char *const statements[STMT_COUNT] = {
	[STMT_DATA_VERSION] = "PRAGMA data_version",
	[STMT_VERSION] = "SELECT version FROM meta",
	[STMT_SET_VERSION] = "UPDATE meta SET version = ?",
	[STMT_EMPTY] = "DELETE FROM record",
	[STMT_PUT] = "INSERT OR REPLACE INTO record (kind, key, version, body) VALUES (?, ?, ?, ?)",
	[STMT_ALL] = "SELECT kind, body FROM record WHERE kind NOT IN (?, ?) ORDER BY kind, key",
	[STMT_ONE] = "SELECT body FROM record WHERE kind = ? AND key = ?",
};

static const struct db_kind catalog_kind = {
	.what = "catalog",
	.way_out = "move it away and import again",
	.application_id = 0x54696c43, /* "TilC" */
	.migrations = catalog_migrations,
	.statements = statements,
	.statement_count = STMT_COUNT,
};

struct catalog_store {
	struct db db;
	int64_t data_version; /* -1: not asked yet */
	uint64_t next;	      /* version of the change that is open */
	struct arena arena;   /* of one record */
	struct buf buf;
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
	buf_init(&s->buf, RECORD_BYTES_MAX);
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
	db_close(&s->db);
	arena_free(&s->arena);
	buf_free(&s->buf);
	free(s);
}

enum err catalog_store_changed(struct catalog_store *s, bool *changed, struct why *why)
{
	int64_t now = 0;
	enum err e = db_number(&s->db, db_statement(&s->db, STMT_DATA_VERSION), &now, why);

	if (e)
		return e;
	*changed = now != s->data_version;
	s->data_version = now;
	return ERR_OK;
}

enum err catalog_store_version(struct catalog_store *s, uint64_t *version, struct why *why)
{
	int64_t now = 0;
	enum err e = db_number(&s->db, db_statement(&s->db, STMT_VERSION), &now, why);

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
	if (!e && replace)
		e = db_run(&s->db, db_statement(&s->db, STMT_EMPTY), why);
	if (e)
		db_rollback(&s->db);
	s->next = version + 1;
	return e;
}

enum err catalog_store_put(struct catalog_store *s, const struct record *r, struct why *why)
{
	sqlite3_stmt *put = db_statement(&s->db, STMT_PUT);
	const char *key;

	arena_reset(&s->arena);
	buf_take(&s->buf, buf_length(&s->buf));
	key = record_key(r, &s->arena);
	if (!key)
		return fail(why, ERR_MEMORY, "out of memory");
	if (record_encode(r, &s->buf))
		return fail(why, ERR_LIMIT, "the record is larger than %d bytes", RECORD_BYTES_MAX);
	db_bind_int(put, 1, r->type);
	db_bind_text(put, 2, key);
	db_bind_int(put, 3, (int64_t)s->next);
	db_bind_bytes(put, 4, buf_front(&s->buf), buf_length(&s->buf));
	return db_run(&s->db, put, why);
}

enum err catalog_store_commit(struct catalog_store *s, uint64_t *version, struct why *why)
{
	sqlite3_stmt *set = db_statement(&s->db, STMT_SET_VERSION);
	enum err e;

	db_bind_int(set, 1, (int64_t)s->next);
	e = db_run(&s->db, set, why);
	if (e) {
		db_rollback(&s->db);
		return e;
	}
	e = db_commit(&s->db, why);
	if (!e)
		*version = s->next;
	return e;
}

void catalog_store_rollback(struct catalog_store *s)
{
	db_rollback(&s->db);
}

/* A row that does not decode was not written by catalog_store_put. */
static enum err damaged(const struct catalog_store *s, struct why *why)
{
	why_prefix(why, "%s: damaged catalog (%s): ", s->db.path, catalog_kind.way_out);
	return ERR_CORRUPT;
}

static enum err load_row(struct catalog_store *s, sqlite3_stmt *row, struct builder *b, struct why *why)
{
	int64_t kind = sqlite3_column_int64(row, 0);
	size_t n;
	const uint8_t *body = db_bytes(row, 1, &n);
	struct record r;
	enum err e;

	if (kind < 0 || kind >= RECORD_TYPES)
		return fail(why, ERR_CORRUPT, "%s: a record of unknown kind %lld", s->db.path,
			    (long long)kind);
	arena_reset(&s->arena);
	e = record_decode((enum record_type)kind, body, n, &s->arena, &r, why);
	if (!e)
		e = builder_add(b, &r, 0, why);
	return e && e != ERR_MEMORY ? damaged(s, why) : e;
}

static enum err load_rows(struct catalog_store *s, struct builder *b, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STMT_ALL);
	enum err e;

	db_bind_int(row, 1, RECORD_COUPON);
	db_bind_int(row, 2, RECORD_CUSTOMER);
	while ((e = db_row(&s->db, row, why)) == ERR_OK) {
		e = load_row(s, row, b, why);
		if (e) {
			sqlite3_reset(row);
			return e;
		}
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err load(struct catalog_store *s, struct builder *b, struct snapshot **out, struct why *why)
{
	uint64_t version = 0;
	enum err e = catalog_store_version(s, &version, why);

	if (e)
		return e;
	if (version == 0)
		return fail(why, ERR_NOT_FOUND, "%s: no price book yet: run tillctl import BOOK", s->db.path);
	e = load_rows(s, b, why);
	if (e)
		return e;
	e = builder_finish(b, version, out, why);
	return e && e != ERR_MEMORY ? damaged(s, why) : e;
}

enum err catalog_store_load(struct catalog_store *s, struct snapshot **out, struct why *why)
{
	struct builder *b;
	enum err e = builder_new(false, &b);

	if (e)
		return fail(why, e, "%s: out of memory", s->db.path);
	e = db_begin(&s->db, why);
	if (!e)
		e = load(s, b, out, why);
	db_rollback(&s->db); /* read only: ends it */
	builder_free(b);
	return e;
}

/* The record of that kind and key. Its CBOR is kept in the arena with it, since byte strings point there. */
static enum err find(struct catalog_store *s, enum record_type t, const char *key, struct arena *a,
		     struct record *out, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STMT_ONE);
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
	return e && e != ERR_MEMORY ? damaged(s, why) : e;
}

enum err catalog_store_coupon(struct catalog_store *s, const char *code, struct arena *a,
			      struct record_coupon *out, struct why *why)
{
	struct record r;
	enum err e = find(s, RECORD_COUPON, code, a, &r, why);

	if (!e)
		*out = r.as.coupon;
	return e;
}

enum err catalog_store_customer(struct catalog_store *s, const char *id, struct arena *a,
				struct record_customer *out, struct why *why)
{
	struct record r;
	enum err e = find(s, RECORD_CUSTOMER, id, a, &r, why);

	if (!e)
		*out = r.as.customer;
	return e;
}
