/*
 * SQLite and fdatasync alone. See tender_floor.h.
 */
#include "tender_floor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure.h"

#define BARE_BYTES (16 << 20) /* as large as the ledger lets its WAL stay */
#define PAGE	   4096

static void run(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		measure_fail("%s: %s", sql, sqlite3_errmsg(db));
}

static sqlite3_stmt *prepare(struct raw *r, const char *sql)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v3(r->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL))
		measure_fail("%s: %s", sql, sqlite3_errmsg(r->db));
	return s;
}

static void step(struct raw *r, sqlite3_stmt *s)
{
	if (sqlite3_step(s) != SQLITE_DONE)
		measure_fail("%s", sqlite3_errmsg(r->db));
	sqlite3_reset(s);
}

/* The settings of db/db_open.c, the tables of db/schema/ledger. */
void raw_open(struct raw *r, const char *path)
{
	if (sqlite3_open_v2(path, &r->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
			    NULL))
		measure_fail("%s: %s", path, sqlite3_errmsg(r->db));
	run(r->db,
	    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;"
	    "PRAGMA journal_size_limit = 16777216;"
	    "CREATE TABLE event (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL, digest INTEGER NOT NULL);"
	    "CREATE TABLE sale (event INTEGER PRIMARY KEY, order_key INTEGER NOT NULL);"
	    "CREATE TABLE use (kind INTEGER NOT NULL, key TEXT NOT NULL, customer TEXT NOT NULL, uses "
	    "INTEGER "
	    "NOT NULL, body BLOB, PRIMARY KEY (kind, key, customer)) WITHOUT ROWID;"
	    "CREATE TABLE use_mark (event INTEGER NOT NULL, digest INTEGER NOT NULL);"
	    "INSERT INTO use_mark VALUES (0, 0)");
	r->put = prepare(r, "INSERT INTO event (id, bytes, digest) VALUES (?, ?, ?)");
	r->put_sale = prepare(r, "INSERT INTO sale (event, order_key) VALUES (?, ?)");
	r->put_use = prepare(r, "INSERT OR REPLACE INTO use (kind, key, customer, uses, body) "
				"VALUES (?, ?, ?, ?, ?)");
	r->put_mark = prepare(r, "UPDATE use_mark SET event = ?, digest = ?");
	r->begin = prepare(r, "BEGIN IMMEDIATE");
	r->commit = prepare(r, "COMMIT");
	r->last_id = 0;
}

void raw_close(struct raw *r)
{
	sqlite3_finalize(r->put);
	sqlite3_finalize(r->put_sale);
	sqlite3_finalize(r->put_use);
	sqlite3_finalize(r->put_mark);
	sqlite3_finalize(r->begin);
	sqlite3_finalize(r->commit);
	sqlite3_close(r->db);
}

static void put_tender(struct raw *r, const struct blob *b)
{
	sqlite3_bind_int64(r->put, 1, ++r->last_id);
	sqlite3_bind_blob64(r->put, 2, b->bytes, b->length, SQLITE_STATIC);
	sqlite3_bind_int64(r->put, 3, b->digest);
	step(r, r->put);
	sqlite3_bind_int64(r->put_sale, 1, r->last_id);
	sqlite3_bind_int64(r->put_sale, 2, b->order_key);
	step(r, r->put_sale);
}

static void put_uses(struct raw *r, const struct round *w, size_t rows, size_t *at)
{
	for (; rows > 0; rows--, *at = (*at + 1) % w->use_count) {
		const struct use_blob *u = &w->uses[*at];

		sqlite3_bind_int64(r->put_use, 1, u->kind);
		sqlite3_bind_text(r->put_use, 2, u->key, -1, SQLITE_STATIC);
		sqlite3_bind_text(r->put_use, 3, u->customer, -1, SQLITE_STATIC);
		sqlite3_bind_int64(r->put_use, 4, u->uses);
		if (u->body)
			sqlite3_bind_blob64(r->put_use, 5, u->body, u->length, SQLITE_STATIC);
		else
			sqlite3_bind_null(r->put_use, 5);
		step(r, r->put_use);
	}
	sqlite3_bind_int64(r->put_mark, 1, r->last_id);
	sqlite3_bind_int64(r->put_mark, 2, r->last_id);
	step(r, r->put_mark);
}

double raw_put(struct raw *r, const struct round *w)
{
	int64_t began = measure_now_ns();
	size_t handed = 0, use = 0, count = w->count, commits = w->commits;

	for (size_t i = 0; i < count; i++) {
		if (i == 0 || i * commits / count != (i - 1) * commits / count)
			step(r, r->begin);
		put_tender(r, &w->blobs[i]);
		for (; handed < w->handed_count && w->handed[handed].after <= i + 1; handed++)
			put_uses(r, w, w->handed[handed].rows, &use);
		if (i + 1 == count || i * commits / count != (i + 1) * commits / count)
			step(r, r->commit);
	}
	return (double)(measure_now_ns() - began) / 1e9;
}

static void copy(sqlite3_stmt *row, struct blob *out)
{
	out->length = (size_t)sqlite3_column_bytes(row, 0);
	out->bytes = measure_memory(out->length, 1);
	memcpy(out->bytes, sqlite3_column_blob(row, 0), out->length);
	out->digest = sqlite3_column_int64(row, 2);
	out->order_key = sqlite3_column_int64(row, 3);
}

size_t blobs_read(const char *ledger, int64_t after_id, struct blob **out)
{
	sqlite3_stmt *rows;
	size_t count = 0;
	sqlite3 *db;

	if (sqlite3_open_v2(ledger, &db, SQLITE_OPEN_READONLY, NULL) ||
	    sqlite3_prepare_v2(db,
			       "SELECT bytes, (SELECT max(id) FROM event) - id, digest, order_key FROM event "
			       "JOIN sale ON event = id WHERE id > ? ORDER BY id",
			       -1, &rows, NULL))
		measure_fail("%s: %s", ledger, sqlite3_errmsg(db));
	sqlite3_bind_int64(rows, 1, after_id);
	*out = NULL;
	while (sqlite3_step(rows) == SQLITE_ROW) {
		if (!*out)
			*out = measure_memory((size_t)sqlite3_column_int64(rows, 1) + 1, sizeof(**out));
		copy(rows, &(*out)[count++]);
	}
	sqlite3_finalize(rows);
	sqlite3_close(db);
	return count;
}

void blobs_free(struct blob *blobs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(blobs[i].bytes);
	free(blobs);
}

static sqlite3 *open_both(const char *ledger, const char *raw)
{
	char *attach = sqlite3_mprintf("ATTACH %Q AS ledger", ledger);
	sqlite3 *db;

	if (sqlite3_open_v2(raw, &db, SQLITE_OPEN_READWRITE, NULL) ||
	    sqlite3_exec(db, attach, NULL, NULL, NULL))
		measure_fail("%s: %s", ledger, sqlite3_errmsg(db));
	sqlite3_free(attach);
	return db;
}

static char *copy_text(sqlite3_stmt *row, int column)
{
	size_t n = (size_t)sqlite3_column_bytes(row, column) + 1;

	return memcpy(measure_memory(n, 1), sqlite3_column_text(row, column), n);
}

static void copy_use(sqlite3_stmt *row, struct use_blob *out)
{
	*out = (struct use_blob){.kind = sqlite3_column_int64(row, 0),
				 .key = copy_text(row, 1),
				 .customer = copy_text(row, 2),
				 .uses = sqlite3_column_int64(row, 3),
				 .length = (size_t)sqlite3_column_bytes(row, 4)};
	if (sqlite3_column_type(row, 4) == SQLITE_NULL)
		return;
	out->body = measure_memory(out->length + 1, 1);
	if (out->length)
		memcpy(out->body, sqlite3_column_blob(row, 4), out->length);
}

size_t uses_read(const char *ledger, const char *raw, struct use_blob **out)
{
	sqlite3 *db = open_both(ledger, raw);
	sqlite3_stmt *rows;
	size_t count = 0, size = 0;

	if (sqlite3_prepare_v2(db,
			       "SELECT l.kind, l.key, l.customer, l.uses, l.body FROM ledger.use AS l "
			       "LEFT JOIN main.use AS r USING (kind, key, customer) "
			       "WHERE r.uses IS NOT l.uses OR r.body IS NOT l.body",
			       -1, &rows, NULL))
		measure_fail("%s: %s", ledger, sqlite3_errmsg(db));
	*out = NULL;
	while (sqlite3_step(rows) == SQLITE_ROW) {
		if (count == size) {
			size = size ? 2 * size : 1024;
			*out = realloc(*out, size * sizeof(**out));
			if (!*out)
				measure_fail("out of memory");
		}
		copy_use(rows, &(*out)[count++]);
	}
	sqlite3_finalize(rows);
	sqlite3_close(db);
	return count;
}

void uses_blobs_free(struct use_blob *uses, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(uses[i].key);
		free(uses[i].customer);
		free(uses[i].body);
	}
	free(uses);
}

void bare_open(struct bare *b, const char *path)
{
	static const char zeros[PAGE];

	b->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	b->at = 0;
	for (int i = 0; b->fd >= 0 && i < BARE_BYTES / PAGE; i++)
		if (write(b->fd, zeros, PAGE) != PAGE)
			measure_fail("%s: %s", path, strerror(errno));
	if (b->fd < 0 || fsync(b->fd))
		measure_fail("%s: %s", path, strerror(errno));
}

void bare_close(struct bare *b)
{
	close(b->fd);
}

double bare_write(struct bare *b, size_t n)
{
	static char bytes[1 << 20];
	int64_t began;

	if (b->at + n > BARE_BYTES)
		b->at = 0;
	memset(bytes, (int)(b->at % 251), n);
	began = measure_now_ns();
	if (pwrite(b->fd, bytes, n, (off_t)b->at) != (ssize_t)n || fdatasync(b->fd))
		measure_fail("fdatasync: %s", strerror(errno));
	b->at += n;
	return (double)(measure_now_ns() - began) / 1000;
}
