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
	    "CREATE TABLE sale (event INTEGER PRIMARY KEY, order_key INTEGER NOT NULL)");
	r->put = prepare(r, "INSERT INTO event (id, bytes, digest) VALUES (?, ?, ?)");
	r->put_sale = prepare(r, "INSERT INTO sale (event, order_key) VALUES (?, ?)");
	r->begin = prepare(r, "BEGIN IMMEDIATE");
	r->commit = prepare(r, "COMMIT");
	r->last_id = 0;
}

void raw_close(struct raw *r)
{
	sqlite3_finalize(r->put);
	sqlite3_finalize(r->put_sale);
	sqlite3_finalize(r->begin);
	sqlite3_finalize(r->commit);
	sqlite3_close(r->db);
}

double raw_put(struct raw *r, const struct blob *blobs, size_t count, size_t commits)
{
	int64_t began = measure_now_ns();

	for (size_t i = 0; i < count; i++) {
		if (i == 0 || i * commits / count != (i - 1) * commits / count)
			step(r, r->begin);
		sqlite3_bind_int64(r->put, 1, ++r->last_id);
		sqlite3_bind_blob64(r->put, 2, blobs[i].bytes, blobs[i].length, SQLITE_STATIC);
		sqlite3_bind_int64(r->put, 3, blobs[i].digest);
		step(r, r->put);
		sqlite3_bind_int64(r->put_sale, 1, r->last_id);
		sqlite3_bind_int64(r->put_sale, 2, blobs[i].order_key);
		step(r, r->put_sale);
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
