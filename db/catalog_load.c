/*
 * catalog.db as snapshots: read whole, or brought up to date by what changed. See catalog_store.h.
 */
#include "catalog_parts.h"

#include <stdlib.h>

#include "catalog_rows.h"

static enum err add_all(struct catalog_store *s, const struct record *records, size_t count,
			struct builder *b, struct why *why)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < count && !e; i++)
		e = builder_add(b, &records[i], 0, why);
	return e && e != ERR_MEMORY ? catalog_damaged(s, why) : e;
}

static enum err check_kinds(struct catalog_store *s, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, CATALOG_SQL_STRANGE);
	enum err e;
	long long kind;

	db_bind_int(row, 1, RECORD_TYPES);
	e = db_row(&s->db, row, why);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	kind = sqlite3_column_int64(row, 0);
	sqlite3_reset(row);
	fail(why, ERR_CORRUPT, "a record of unknown kind %lld", kind);
	return catalog_damaged(s, why);
}

static enum err load_rows(struct catalog_store *s, bool coupons, struct builder *b, struct why *why)
{
	const struct record *records;
	struct rows *rows;
	size_t count;
	enum err e = check_kinds(s, why);

	if (!e)
		e = rows_start(s, coupons, &rows, why);
	if (e)
		return e;
	while ((e = rows_next(rows, &records, &count, why)) == ERR_OK) {
		e = add_all(s, records, count, b, why);
		if (e)
			break;
	}
	rows_stop(rows);
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
	e = load_rows(s, false, b, why);
	if (e)
		return e;
	e = builder_finish(b, version, out, why);
	return e && e != ERR_MEMORY ? catalog_damaged(s, why) : e;
}

static enum err new_builder(const struct catalog_store *s, struct builder **out, struct why *why)
{
	enum err e = builder_new(false, out);

	return e ? fail(why, e, "%s: out of memory", s->db.path) : ERR_OK;
}

enum err catalog_store_load(struct catalog_store *s, struct snapshot **out, struct why *why)
{
	struct builder *b;
	enum err e = new_builder(s, &b, why);

	if (e)
		return e;
	e = db_begin(&s->db, why);
	if (!e)
		e = load(s, b, out, why);
	db_rollback(&s->db); /* read only: ends it */
	builder_free(b);
	return e;
}

enum err catalog_store_build(struct catalog_store *s, bool coupons, struct snapshot **out, struct why *why)
{
	struct builder *b;
	enum err e = new_builder(s, &b, why);

	if (e)
		return e;
	e = load_rows(s, coupons, b, why);
	if (!e)
		e = builder_finish(b, s->next, out, why);
	builder_free(b);
	return e;
}

enum err catalog_store_check(struct catalog_store *s, struct why *why)
{
	struct snapshot *made;
	enum err e = catalog_store_build(s, true, &made, why);

	if (!e)
		snapshot_unref(made);
	return e;
}

/* Changes as they are read; their text is in the store's arena. */
struct changes {
	struct change *at;
	size_t count, size;
};

static struct change *add_change(struct changes *all)
{
	if (all->count == all->size) {
		size_t size = all->size ? all->size * 2 : 16;
		struct change *grown = reallocarray(all->at, size, sizeof(*grown));
		if (!grown)
			return NULL;
		all->at = grown;
		all->size = size;
	}
	return &all->at[all->count++];
}

/* A row of the log, with the record as it is by now: gone, or its body. */
static enum err read_change(struct catalog_store *s, sqlite3_stmt *row, struct changes *all, struct why *why)
{
	int64_t kind = sqlite3_column_int64(row, 1);
	struct change *c = add_change(all);
	const uint8_t *body;
	size_t n;

	if (kind < 0 || kind >= RECORD_TYPES)
		return fail(why, ERR_CORRUPT, "a change of unknown kind %lld", (long long)kind);
	if (!c)
		return fail(why, ERR_MEMORY, "out of memory");
	c->removed = sqlite3_column_type(row, 3) == SQLITE_NULL;
	if (c->removed)
		return record_of_key((enum record_type)kind, (const char *)sqlite3_column_text(row, 2),
				     &s->arena, &c->record, why);
	body = db_bytes(row, 3, &n);
	return record_decode((enum record_type)kind, body, n, &s->arena, &c->record, why);
}

/*
 * Newest first, down to that version. One that changed several times comes as often, and each time as it is
 * by now.
 */
static enum err read_changes(struct catalog_store *s, uint64_t after, struct changes *all, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, CATALOG_SQL_CHANGES);
	enum err e;

	arena_reset(&s->arena);
	while ((e = db_row(&s->db, row, why)) == ERR_OK) {
		if ((uint64_t)sqlite3_column_int64(row, 0) <= after) {
			sqlite3_reset(row);
			return ERR_OK;
		}
		e = read_change(s, row, all, why);
		if (e) {
			sqlite3_reset(row);
			return e == ERR_MEMORY ? e : catalog_damaged(s, why);
		}
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* The log says everything since base. */
static enum err check_reach(struct catalog_store *s, uint64_t base, uint64_t version, struct why *why)
{
	int64_t begins = 0;
	enum err e = db_number(&s->db, db_statement(&s->db, CATALOG_SQL_LOG_BEGINS), &begins, why);

	if (e)
		return e;
	if (base < (uint64_t)begins || base > version)
		return fail(why, ERR_STATE, "version %llu to %llu is more than the log of changes tells",
			    (unsigned long long)base, (unsigned long long)version);
	return ERR_OK;
}

static enum err follow(struct catalog_store *s, struct snapshot *base, struct snapshot **out, struct why *why)
{
	uint64_t from = snapshot_catalog(base)->version, version = 0;
	struct changes all = {0};
	enum err e = catalog_store_version(s, &version, why);

	if (!e)
		e = check_reach(s, from, version, why);
	if (!e)
		e = read_changes(s, from, &all, why);
	if (!e)
		e = snapshot_change(base, all.at, all.count, version, out, why);
	free(all.at);
	return e;
}

enum err catalog_store_follow(struct catalog_store *s, struct snapshot *base, struct snapshot **out,
			      struct why *why)
{
	enum err e = db_begin(&s->db, why);

	if (!e)
		e = follow(s, base, out, why);
	db_rollback(&s->db); /* read only: ends it */
	return e;
}
