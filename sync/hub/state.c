/*
 * Opening the hub's state, and what all of it adds up to. See state.h.
 */
#include "state_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct db_migration hub_state_migrations[];

#define CHANGED_PUT                                                                                     \
	"FROM staged AS s LEFT JOIN record AS r ON r.scope = ?1 AND r.type = s.type AND r.key = s.key " \
	"WHERE s.publication = ?2 AND s.cbor IS NOT NULL AND r.cbor IS NOT s.cbor"

/* Removals of a publication of changes: what is there goes. */
#define CHANGED_GONE                                                                                  \
	"FROM staged AS s WHERE s.publication = ?2 AND s.cbor IS NULL AND s.held IS NULL AND EXISTS " \
	"(SELECT 1 FROM record "                                                                      \
	"AS r WHERE r.scope IN (?1, ?4) AND r.type = s.type AND r.key = s.key AND r.cbor IS NOT NULL)"

/* What a whole book does not have. */
#define NOT_STAGED                                                                             \
	"FROM record AS r WHERE r.scope = ?1 AND NOT EXISTS (SELECT 1 FROM staged AS s WHERE " \
	"s.publication = ?2 AND s.type = r.type AND s.key = r.key)"

/*
 * What a publication puts, with what it was in that scope: ?1; ?4 is the scope beneath, whose records count
 * where it has none of its own.
 */
#define WITH_BEFORE                                                                                         \
	"FROM staged AS s JOIN record AS r ON r.scope IN (?1, ?4) AND r.type = s.type AND r.key = s.key "   \
	"WHERE s.publication = ?2 AND s.type = ?3 AND r.cbor IS NOT NULL AND (r.scope = ?1 OR NOT EXISTS (" \
	"SELECT 1 FROM record AS o WHERE o.scope = ?1 AND o.type = r.type AND o.key = r.key))"

static const char *const statements[STATE_SQL_COUNT] = {
	[STATE_SQL_POSITION] = "SELECT topic, partition, next FROM position",
	[STATE_SQL_SET_POSITION] = ("INSERT INTO position (topic, partition, next) VALUES (?, ?, ?) "
				    "ON CONFLICT (topic, partition) DO UPDATE SET next = excluded.next"),
#define BOX_COLUMNS                                                                                         \
	"SELECT b.name, b.store, b.serial, b.expires_ms, b.least_serial, h.incarnation, h.events, "         \
	"h.segment, h.sequence, h.hash, h.quarantine, h.attach_segment, h.attach_sequence, h.attach_hash, " \
	"t.program, t.semantics, t.min_reader, t.features, t.seen_ms, h.at_ms, t.trusts "                   \
	"FROM box AS b LEFT JOIN head AS h ON h.box = b.name LEFT JOIN told AS t ON t.box = b.name "
	[STATE_SQL_BOXES] = (BOX_COLUMNS "ORDER BY b.name"),
	[STATE_SQL_BOX] = (BOX_COLUMNS "WHERE b.name = ?"),
	[STATE_SQL_PUT_BOX] = ("INSERT INTO box (name, store, serial, expires_ms, least_serial) VALUES (?, "
			       "?, 0, 0, 0) ON CONFLICT (name) DO UPDATE SET store = excluded.store"),
	[STATE_SQL_ENROL_BOX] =
		("UPDATE box SET serial = ?2, expires_ms = ?3, least_serial = max(least_serial, ?4) "
		 "WHERE name = ?1"),
	[STATE_SQL_RENEW_BOX] = "UPDATE box SET serial = max(serial, ?2), expires_ms = ?3 WHERE name = ?1",
	[STATE_SQL_REVOKE_BOX] = "UPDATE box SET least_serial = max(least_serial, ?2) WHERE name = ?1",
	[STATE_SQL_TELL_BOX] = ("INSERT OR REPLACE INTO told (box, program, semantics, min_reader, features, "
				"seen_ms, trusts) VALUES (?, ?, ?, ?, ?, ?, ?)"),
	[STATE_SQL_CLAIM] = "SELECT box, expires_ms, request FROM claim WHERE code = ?",
	[STATE_SQL_PUT_CLAIM] =
		"INSERT INTO claim (code, box, expires_ms) VALUES (?, ?, ?) ON CONFLICT (code) DO NOTHING",
	[STATE_SQL_DROP_CLAIMS] = "DELETE FROM claim WHERE box = ? AND request IS NULL",
	[STATE_SQL_USE_CLAIM] = "UPDATE claim SET request = ?2 WHERE code = ?1",
	[STATE_SQL_HEAD] = "SELECT incarnation, segment, sequence, events FROM head WHERE box = ?",
	[STATE_SQL_PUT_HEAD] =
		("INSERT INTO head (box, incarnation, segment, sequence, hash, events, at_ms, "
		 "attach_segment, "
		 "attach_sequence, attach_hash) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, x'') ON CONFLICT (box) DO "
		 "UPDATE SET incarnation = excluded.incarnation, segment = excluded.segment, sequence = "
		 "excluded.sequence, hash = excluded.hash, events = events + excluded.events, at_ms = "
		 "excluded.at_ms"),
	[STATE_SQL_QUARANTINE] =
		("INSERT INTO head (box, incarnation, segment, sequence, hash, events, quarantine, "
		 "attach_segment, attach_sequence, attach_hash) VALUES (?, 1, 0, 0, zeroblob(32), 0, ?, ?, "
		 "?, ?) "
		 "ON CONFLICT (box) DO UPDATE SET quarantine = excluded.quarantine, attach_segment = "
		 "excluded.attach_segment, attach_sequence = excluded.attach_sequence, attach_hash = "
		 "excluded.attach_hash"),
	[STATE_SQL_RELEASE] =
		("UPDATE head SET incarnation = ?2, segment = ?3, sequence = ?4, hash = ?5, quarantine = "
		 "NULL, attach_segment = 0, attach_sequence = 0, attach_hash = x'' WHERE box = ?1"),
	[STATE_SQL_HELD] = ("SELECT partition, offset FROM held WHERE box = ? AND incarnation = ? AND "
			    "(segment, sequence) >= (?, ?) ORDER BY segment, sequence LIMIT 1"),
	[STATE_SQL_PUT_HELD] = ("INSERT INTO held (box, incarnation, segment, sequence, partition, offset) "
				"VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"),
	[STATE_SQL_SCOPE] = "SELECT own, own_since, version, currency FROM scope WHERE name = ?",
	[STATE_SQL_SCOPES] = "SELECT name, own FROM scope WHERE name <> '' ORDER BY name",
	[STATE_SQL_PUT_SCOPE] =
		("INSERT INTO scope (name, own, own_since, version, currency) VALUES (?, ?, ?, ?, ?) ON "
		 "CONFLICT (name) DO UPDATE SET own = excluded.own, own_since = excluded.own_since, version "
		 "= excluded.version, currency = excluded.currency"),
	[STATE_SQL_RECORDS_CHAIN] = "SELECT type, key, cbor FROM record WHERE scope = '' ORDER BY type, key",
	[STATE_SQL_RECORDS_OWN] = ("SELECT type, key, cbor FROM record WHERE scope = ? AND cbor IS NOT NULL "
				   "ORDER BY type, key"),
	[STATE_SQL_RECORDS_BOTH] =
		("SELECT type, key, cbor FROM (SELECT type, key, cbor FROM record WHERE scope = ?1 UNION ALL "
		 "SELECT c.type, c.key, c.cbor FROM record AS c WHERE c.scope = '' AND NOT EXISTS (SELECT 1 "
		 "FROM record AS o WHERE o.scope = ?1 AND o.type = c.type AND o.key = c.key)) WHERE cbor IS "
		 "NOT NULL ORDER BY type, key"),
	[STATE_SQL_CHANGES_ONE] =
		"SELECT id, version, type, key, cbor FROM change WHERE id > ?2 AND scope = ?1 ORDER BY id",
	[STATE_SQL_CHANGES_BOTH] =
		("SELECT id, version, type, key, cbor FROM change AS c WHERE id > ?2 AND (scope = ?1 OR "
		 "(scope "
		 "= '' AND NOT EXISTS (SELECT 1 FROM record AS o WHERE o.scope = ?1 AND o.type = c.type AND "
		 "o.key = c.key))) ORDER BY id"),
	[STATE_SQL_COUNTERS] = ("SELECT version, publication, forgotten, (SELECT ifnull(max(id), 0) FROM "
				"change), (SELECT next FROM position WHERE topic = ? AND partition = 0) FROM "
				"counters"),
	[STATE_SQL_SET_COUNTERS] = "UPDATE counters SET version = ?, publication = ?",
	[STATE_SQL_STAGE] =
		("INSERT INTO staged (publication, type, key, cbor, held) VALUES (?, ?, ?, ?, ?) ON "
		 "CONFLICT DO UPDATE SET cbor = excluded.cbor, held = excluded.held"),
	[STATE_SQL_STAGED_COUNT] = "SELECT count(*) FROM staged WHERE publication = ?",
	[STATE_SQL_CHANGE_PUT] =
		("INSERT INTO change (version, scope, type, key, cbor) SELECT ?3, ?1, s.type, "
		 "s.key, s.cbor " CHANGED_PUT " ORDER BY s.type, s.key"),
	[STATE_SQL_CHANGE_GONE] = ("INSERT INTO change (version, scope, type, key) SELECT ?3, ?1, s.type, "
				   "s.key " CHANGED_GONE " ORDER BY s.type, s.key"),
	[STATE_SQL_CHANGE_MISSING] = ("INSERT INTO change (version, scope, type, key) SELECT ?3, ?1, r.type, "
				      "r.key " NOT_STAGED " ORDER BY r.type, r.key"),
	[STATE_SQL_RECORD_PUT] = ("INSERT OR REPLACE INTO record (scope, type, key, cbor) SELECT ?1, s.type, "
				  "s.key, s.cbor " CHANGED_PUT),
	[STATE_SQL_RECORD_HIDE] =
		("INSERT OR REPLACE INTO record (scope, type, key, cbor) SELECT ?1, s.type, "
		 "s.key, NULL FROM staged AS s WHERE s.publication = ?2 AND s.cbor IS NULL AND s.held IS "
		 "NULL AND "
		 "EXISTS (SELECT 1 FROM record AS r WHERE r.scope = '' AND r.type = s.type AND "
		 "r.key = s.key)"),
	[STATE_SQL_RECORD_GONE] =
		("DELETE FROM record WHERE scope = ?1 AND (type, key) IN (SELECT type, key FROM staged WHERE "
		 "publication = ?2 AND cbor IS NULL AND held IS NULL)"),
	[STATE_SQL_RECORD_MISSING] =
		("DELETE FROM record WHERE scope = ?1 AND (type, key) IN (SELECT r.type, "
		 "r.key " NOT_STAGED ")"),
	[STATE_SQL_RECORD_EMPTY] = "DELETE FROM record WHERE scope = ?",
	/* What was a chain's and waits in the store's own book stays as it was. */
	[STATE_SQL_RECORD_KEEP] =
		("INSERT INTO record (scope, type, key, cbor) SELECT ?1, r.type, r.key, r.cbor FROM staged "
		 "AS s JOIN record AS r ON r.scope = '' AND r.type = s.type AND r.key = s.key WHERE "
		 "s.publication = ?2 AND s.held IS NOT NULL AND s.cbor IS NULL AND r.cbor IS NOT NULL"),
	[STATE_SQL_RECORD] = "SELECT cbor FROM record WHERE scope = ? AND type = ? AND key = ?",
	[STATE_SQL_KEYS] =
		("SELECT DISTINCT key FROM record WHERE scope IN (?1, ?2) AND type = ?3 ORDER BY key"),
	[STATE_SQL_WAITING] = "SELECT scope, type, key, held FROM waiting ORDER BY scope, type, key",
	[STATE_SQL_WAITING_OF] = "SELECT held FROM waiting WHERE scope = ? AND type = ? AND key = ?",
	[STATE_SQL_WAITING_GONE] =
		("DELETE FROM waiting WHERE scope = ?1 AND (type, key) IN (SELECT type, key FROM staged "
		 "WHERE publication = ?2)"),
	[STATE_SQL_WAITING_EMPTY] = "DELETE FROM waiting WHERE scope = ?",
	[STATE_SQL_WAITING_PUT] = ("INSERT INTO waiting (scope, type, key, held) SELECT ?1, type, key, held "
				   "FROM staged WHERE publication = ?2 AND held IS NOT NULL"),
	[STATE_SQL_APPROVED] = "SELECT cbor FROM approved WHERE scope = ? AND key = ?",
	[STATE_SQL_APPROVED_EMPTY] = "DELETE FROM approved WHERE scope = ?",
	[STATE_SQL_APPROVED_NOTE] =
		("INSERT OR IGNORE INTO approved (scope, key, cbor) SELECT ?1, r.key, r.cbor " WITH_BEFORE
		 " AND s.held IS NULL AND r.cbor IS NOT s.cbor"),
	[STATE_SQL_APPROVED_MISSING] =
		("INSERT OR IGNORE INTO approved (scope, key, cbor) SELECT ?1, r.key, r.cbor " NOT_STAGED
		 " AND r.type = ?3 AND r.cbor IS NOT NULL"),
	[STATE_SQL_APPROVED_BACK] =
		("DELETE FROM approved WHERE scope = ?1 AND (key, cbor) IN (SELECT key, cbor FROM staged "
		 "WHERE publication = ?2 AND type = ?3)"),
	[STATE_SQL_APPROVED_DONE] =
		("DELETE FROM approved WHERE scope = ?1 AND key IN (SELECT key FROM staged WHERE "
		 "publication = ?2 AND type = ?3 AND cbor IS NOT NULL)"),
	[STATE_SQL_COSTS_CHANGED] = ("SELECT s.key, r.cbor, s.cbor " WITH_BEFORE
				     " AND s.cbor IS NOT NULL AND r.cbor IS NOT s.cbor ORDER BY s.key"),
	[STATE_SQL_COSTS] = "SELECT n, amount FROM cost WHERE scope = ? AND sku = ? ORDER BY n",
	[STATE_SQL_COST_PUT] = "INSERT INTO cost (scope, sku, n, amount) VALUES (?, ?, ?, ?)",
	[STATE_SQL_COST_OLD] = "DELETE FROM cost WHERE scope = ? AND sku = ? AND n <= ?",
	[STATE_SQL_COST_EMPTY] = "DELETE FROM cost WHERE scope = ?",
	[STATE_SQL_UNSTAGE] = "DELETE FROM staged WHERE publication <= ?",
	[STATE_SQL_FORGET] = "DELETE FROM change WHERE id <= ?",
	[STATE_SQL_FORGOTTEN] = "UPDATE counters SET forgotten = ?",
	[STATE_SQL_GRANTS] =
		("SELECT offset, promotion, box, incarnation, number, uses, amount, currency FROM "
		 "lease WHERE offset >= ?2 AND store = ?1 ORDER BY offset"),
	[STATE_SQL_LAST_GRANT] =
		("SELECT ifnull(max(number), 0) FROM lease WHERE promotion = ? AND box = ? AND "
		 "incarnation = ?"),
	[STATE_SQL_PUT_GRANT] = ("INSERT INTO lease (promotion, box, incarnation, number, uses, amount, "
				 "currency, store, offset) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
	[STATE_SQL_PARKED] =
		("SELECT box, incarnation, segment, sequence, kind, event FROM parked ORDER BY box, "
		 "incarnation, segment, sequence"),
	[STATE_SQL_PARK] =
		("INSERT INTO parked (box, incarnation, segment, sequence, kind, event) VALUES (?, "
		 "?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"),
	[STATE_SQL_UNPARK] =
		("DELETE FROM parked WHERE box = ? AND incarnation = ? AND segment = ? AND sequence "
		 "= ?"),
};

const struct db_kind hub_state_kind = {
	.what = "hub's state",
	.way_out = "make it anew with: tillhub state rebuild",
	.application_id = 0x54696c48, /* "TilH" */
	.migrations = hub_state_migrations,
	.statements = statements,
	.statement_count = STATE_SQL_COUNT,
};

static const char *const tables[] = {"position", "box",	   "claim",   "head",	  "held",
				     "scope",	 "record", "change",  "counters", "staged",
				     "lease",	 "parked", "waiting", "approved", "cost"};

const char *state_text(sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	return text ? text : "";
}

static enum err learn_positions(struct state *s, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STATE_SQL_POSITION);
	enum err e;

	memset(s->positions, 0, sizeof(s->positions));
	memset(s->moved, 0, sizeof(s->moved));
	while ((e = db_row(&s->db, row, why)) == ERR_OK) {
		int64_t topic = sqlite3_column_int64(row, 0), partition = sqlite3_column_int64(row, 1);

		if (topic >= 0 && topic < LOG_TOPICS && partition >= 0 && partition < LOG_PARTITIONS_MAX)
			s->positions[topic][partition] = sqlite3_column_int64(row, 2);
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err state_open(const char *path, bool writer, struct state **out, struct why *why)
{
	struct state *s = calloc(1, sizeof(*s));
	enum err e;

	if (!s)
		return fail(why, ERR_MEMORY, "out of memory");
	e = db_open(path, &hub_state_kind, writer ? DB_WRITER_NORMAL : DB_READER, &s->db, why);
	if (e) {
		free(s);
		return e;
	}
	e = learn_positions(s, why);
	if (e)
		state_close(s);
	else
		*out = s;
	return e;
}

void state_close(struct state *s)
{
	if (!s)
		return;
	db_close(&s->db);
	arena_free(&s->arena);
	free(s);
}

enum err state_begin(struct state *s, struct why *why)
{
	enum err e = db_begin(&s->db, why);

	s->inside = !e;
	return e;
}

void state_end(struct state *s)
{
	if (s->inside)
		db_rollback(&s->db);
	s->inside = false;
}

static enum err empty_tables(struct state *s, struct why *why)
{
	char sql[128];

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		int rc;

		snprintf(sql, sizeof(sql), "DELETE FROM %s", tables[i]);
		if (strcmp(tables[i], "counters") == 0)
			snprintf(sql, sizeof(sql),
				 "UPDATE counters SET version = 0, publication = 0, forgotten = 0");
		rc = sqlite3_exec(s->db.handle, sql, NULL, NULL, NULL);
		if (rc != SQLITE_OK)
			return db_failed(&s->db, rc, "emptying it", why);
	}
	return ERR_OK;
}

enum err state_forget(struct state *s, struct why *why)
{
	enum err e = db_begin(&s->db, why);

	if (e)
		return e;
	e = empty_tables(s, why);
	if (e) {
		db_rollback(&s->db);
		return e;
	}
	memset(s->positions, 0, sizeof(s->positions));
	return db_commit(&s->db, why);
}

/* A row's columns, each with its type and length before it, so that no two rows have one encoding. */
static enum err add_row(sqlite3_stmt *row, struct buf *b)
{
	int n = sqlite3_column_count(row);

	for (int i = 0; i < n; i++) {
		int type = sqlite3_column_type(row, i);
		const void *at = sqlite3_column_blob(row, i); /* NULL of an empty one */
		uint32_t head[2] = {(uint32_t)type, (uint32_t)sqlite3_column_bytes(row, i)};

		if (!buf_add(b, head, sizeof(head)) || (head[1] > 0 && !buf_add(b, at, head[1])))
			return ERR_MEMORY;
	}
	return ERR_OK;
}

/* The digest so far and the row make the next. */
static enum err digest_row(sqlite3_stmt *row, struct buf *b, struct digest *d)
{
	struct digest_piece pieces[2] = {{d->bytes, sizeof(d->bytes)}};
	struct digest next;

	buf_cut(b, 0);
	if (add_row(row, b))
		return ERR_MEMORY;
	pieces[1] = (struct digest_piece){buf_front(b), buf_length(b)};
	digest_of_pieces(pieces, 2, &next);
	*d = next;
	return ERR_OK;
}

static enum err digest_table(struct state *s, const char *table, struct buf *b, struct digest *d,
			     int64_t *rows, struct why *why)
{
	char sql[128];
	sqlite3_stmt *row;
	int rc;

	/* Every table has its key's columns first, so this sorts by them without a sorter. */
	snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY 1, 2, 3", table);
	if (strcmp(table, "change") == 0 || strcmp(table, "claim") == 0 || strcmp(table, "scope") == 0)
		snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY 1", table);
	else if (strcmp(table, "held") == 0 || strcmp(table, "lease") == 0 || strcmp(table, "parked") == 0)
		snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY 1, 2, 3, 4", table);
	rc = sqlite3_prepare_v2(s->db.handle, sql, -1, &row, NULL);
	if (rc != SQLITE_OK)
		return db_failed(&s->db, rc, "reading it", why);
	while ((rc = sqlite3_step(row)) == SQLITE_ROW) {
		++*rows;
		if (digest_row(row, b, d))
			break;
	}
	sqlite3_finalize(row);
	if (rc == SQLITE_ROW)
		return fail(why, ERR_MEMORY, "out of memory");
	return rc == SQLITE_DONE ? ERR_OK : db_failed(&s->db, rc, "reading it", why);
}

enum err state_digest(struct state *s, struct digest *out, int64_t *rows, struct why *why)
{
	struct buf b;
	enum err e = ERR_OK;

	buf_init(&b, (size_t)4 * WIRE_MESSAGE_MAX);
	memset(out, 0, sizeof(*out));
	*rows = 0;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) && !e; i++)
		e = digest_table(s, tables[i], &b, out, rows, why);
	buf_free(&b);
	return e;
}
