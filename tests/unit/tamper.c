/*
 * Changing a ledger behind its back. See tamper.h.
 *
 * The table "picked" holds a and b, "saved" the two as they were.
 */
#include "tamper.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"

#define EVENT_MAX (1 << 16)

const struct tampering tamperings[TAMPERS] = {
	[TAMPER_FLIP] = {"flip", FAULT_FLIPPED},     [TAMPER_FORGE] = {"forge", FAULT_REWRITTEN},
	[TAMPER_REMOVE] = {"remove", FAULT_REMOVED}, [TAMPER_CLOSE] = {"close", FAULT_REMOVED},
	[TAMPER_SWAP] = {"swap", FAULT_REORDERED},   [TAMPER_REPEAT] = {"repeat", FAULT_REPEATED},
	[TAMPER_CUT] = {"cut", FAULT_CUT},
};

/* What is not here is done by hand. */
static const char *const deeds[TAMPERS] = {
	[TAMPER_REMOVE] = "DELETE FROM event WHERE id = (SELECT a FROM picked)",
	[TAMPER_CLOSE] = "DELETE FROM event WHERE id = (SELECT a FROM picked);"
			 "UPDATE event SET id = id - 1 WHERE id > (SELECT a FROM picked)",
	[TAMPER_SWAP] = "UPDATE event SET (bytes, digest) = (SELECT bytes, digest FROM saved WHERE saved.id "
			"<> event.id)"
			"WHERE id IN (SELECT id FROM saved)",
	[TAMPER_REPEAT] = "UPDATE event SET (bytes, digest) = "
			  "(SELECT bytes, digest FROM saved WHERE saved.id = (SELECT a FROM picked))"
			  "WHERE id = (SELECT b FROM picked)",
	[TAMPER_CUT] = "DELETE FROM sale WHERE event >= (SELECT a FROM picked);"
		       "DELETE FROM body WHERE event >= (SELECT a FROM picked);"
		       "DELETE FROM segment WHERE first_id >= (SELECT a FROM picked);"
		       "DELETE FROM event WHERE id >= (SELECT a FROM picked)",
};

static void must(sqlite3 *db, int rc, const char *what)
{
	if (rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE)
		return;
	fprintf(stderr, "tampering: %s: %s\n", what, sqlite3_errmsg(db));
	abort();
}

static sqlite3 *open_ledger(const char *path)
{
	sqlite3 *db;

	must(NULL, sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), path);
	sqlite3_busy_timeout(db, 2000);
	return db;
}

static void run(sqlite3 *db, const char *sql)
{
	must(db, sqlite3_exec(db, sql, NULL, NULL, NULL), sql);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql, int64_t a, int64_t b)
{
	sqlite3_stmt *s;

	must(db, sqlite3_prepare_v2(db, sql, -1, &s, NULL), sql);
	sqlite3_bind_int64(s, 1, a);
	sqlite3_bind_int64(s, 2, b);
	return s;
}

static void save(sqlite3 *db, int64_t a, int64_t b)
{
	sqlite3_stmt *s;

	run(db, "DROP TABLE IF EXISTS picked; DROP TABLE IF EXISTS saved;"
		"CREATE TABLE picked (a INTEGER, b INTEGER)");
	s = prepare(db, "INSERT INTO picked VALUES (?, ?)", a, b);
	must(db, sqlite3_step(s), "picking");
	sqlite3_finalize(s);
	run(db, "CREATE TABLE saved AS SELECT * FROM event WHERE id IN (SELECT a FROM picked UNION SELECT b "
		"FROM picked)");
}

static size_t read_bytes(sqlite3 *db, int64_t id, uint8_t bytes[EVENT_MAX])
{
	sqlite3_stmt *s = prepare(db, "SELECT bytes FROM event WHERE id = ? + 0 * ?", id, 0);
	size_t n;

	must(db, sqlite3_step(s), "reading an event");
	n = (size_t)sqlite3_column_bytes(s, 0);
	if (n == 0 || n > EVENT_MAX)
		abort();
	memcpy(bytes, sqlite3_column_blob(s, 0), n);
	sqlite3_finalize(s);
	return n;
}

static void write_bytes(sqlite3 *db, int64_t id, const uint8_t *bytes, size_t n, bool forged)
{
	const char *sql = forged ? "UPDATE event SET digest = ?2, bytes = ?3 WHERE id = ?1"
				 : "UPDATE event SET digest = digest + 0 * ?2, bytes = ?3 WHERE id = ?1";
	struct digest hash;
	sqlite3_stmt *s;

	event_hash(bytes, n, &hash);
	s = prepare(db, sql, id, event_check(&hash));
	sqlite3_bind_blob64(s, 3, bytes, n, SQLITE_STATIC);
	must(db, sqlite3_step(s), "writing an event");
	sqlite3_finalize(s);
}

static void flip(sqlite3 *db, int64_t id, uint64_t random)
{
	uint8_t bytes[EVENT_MAX];
	size_t n = read_bytes(db, id, bytes);

	bytes[(random >> 3) % n] ^= (uint8_t)(1u << (random & 7));
	write_bytes(db, id, bytes, n, false);
}

static void forge(sqlite3 *db, int64_t id)
{
	uint8_t bytes[EVENT_MAX];
	size_t n = read_bytes(db, id, bytes);
	uint8_t *method = memmem(bytes, n, "cash", 4);

	if (!method)
		abort();
	memcpy(method, "card", 4);
	write_bytes(db, id, bytes, n, true);
}

int64_t tamper_pick(const char *ledger, int64_t from)
{
	sqlite3 *db = open_ledger(ledger);
	sqlite3_stmt *s = prepare(
		db, "SELECT event FROM sale WHERE event >= ? + 0 * ? ORDER BY event LIMIT 1", from, 0);
	int64_t id;

	must(db, sqlite3_step(s), "picking a sale");
	id = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return id;
}

void tamper_do(const char *ledger, enum tamper what, int64_t a, int64_t b, uint64_t random)
{
	sqlite3 *db = open_ledger(ledger);

	run(db, "BEGIN IMMEDIATE");
	save(db, a, b);
	if (what == TAMPER_FLIP)
		flip(db, a, random);
	else if (what == TAMPER_FORGE)
		forge(db, a);
	else
		run(db, deeds[what]);
	run(db, "COMMIT");
	sqlite3_close(db);
}

void tamper_undo(const char *ledger, enum tamper what)
{
	sqlite3 *db = open_ledger(ledger);

	run(db, "BEGIN IMMEDIATE");
	if (what == TAMPER_CLOSE)
		run(db, "UPDATE event SET id = -id - 1 WHERE id >= (SELECT a FROM picked);"
			"UPDATE event SET id = -id WHERE id < 0");
	run(db, "INSERT OR REPLACE INTO event SELECT * FROM saved");
	run(db, "COMMIT");
	sqlite3_close(db);
}
