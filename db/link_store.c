/*
 * link.db. See link_store.h.
 */
#include "link_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "migrations.h"
#include "record.h"

enum { LINK_SQL_READ, LINK_SQL_WRITE, LINK_SQL_GRANT, LINK_SQL_GRANTS, LINK_SQL_COUNT };

static const char *const statements[LINK_SQL_COUNT] = {
	[LINK_SQL_READ] =
		("SELECT acked, acked_segment, acked_sequence, cursor, version, current_ms, floor_ms, "
		 "hq_program, hq_semantics, hq_features, left_out, reader FROM link"),
	[LINK_SQL_WRITE] = ("UPDATE link SET acked = ?, acked_segment = ?, acked_sequence = ?, cursor = ?, "
			    "version = ?, current_ms = ?, floor_ms = max(floor_ms, ?), hq_program = ?, "
			    "hq_semantics = ?, hq_features = ?, left_out = ?, reader = ?"),
	[LINK_SQL_GRANT] =
		("INSERT OR IGNORE INTO grant_received "
		 "(promotion, incarnation, number, uses, amount, currency) VALUES (?, ?, ?, ?, ?, ?)"),
	[LINK_SQL_GRANTS] = "SELECT count(*) FROM grant_received",
};

static const struct db_kind link_kind = {
	.what = "link",
	.way_out = "move it away: the link then begins anew, and grants have to be given anew",
	.application_id = 0x54696c4b, /* "TilK" */
	.migrations = link_migrations,
	.statements = statements,
	.statement_count = LINK_SQL_COUNT,
};

struct link_store {
	struct db db;
};

enum err link_store_open(const char *path, bool writer, struct link_store **out, struct why *why)
{
	struct link_store *s = calloc(1, sizeof(*s));
	enum err e;

	if (!s)
		return fail(why, ERR_MEMORY, "%s: out of memory", path);
	e = db_open(path, &link_kind, writer ? DB_WRITER_FULL : DB_READER, &s->db, why);
	if (e) {
		free(s);
		return e;
	}
	*out = s;
	return ERR_OK;
}

void link_store_close(struct link_store *s)
{
	if (!s)
		return;
	db_close(&s->db);
	free(s);
}

static void take_text(sqlite3_stmt *row, int at, char *out, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(row, at);

	snprintf(out, size, "%s", text ? text : "");
}

enum err link_store_read(struct link_store *s, struct link_marks *out, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, LINK_SQL_READ);
	const char *cursor;
	enum err e = db_row(&s->db, row, why);

	if (e)
		return e == ERR_NOT_FOUND ? fail(why, ERR_CORRUPT, "%s: its row is not there", s->db.path)
					  : e;
	*out = (struct link_marks){.acked = sqlite3_column_int64(row, 0),
				   .acked_segment = sqlite3_column_int64(row, 1),
				   .acked_sequence = sqlite3_column_int64(row, 2),
				   .version = sqlite3_column_int64(row, 4),
				   .current_ms = sqlite3_column_int64(row, 5),
				   .floor_ms = sqlite3_column_int64(row, 6)};
	cursor = (const char *)sqlite3_column_text(row, 3);
	if (!cursor || strlen(cursor) > LINK_CURSOR_MAX)
		cursor = ""; /* then the catalog comes anew */
	snprintf(out->cursor, sizeof(out->cursor), "%s", cursor);
	take_text(row, 7, out->hq_program, sizeof(out->hq_program));
	out->hq_semantics = sqlite3_column_int64(row, 8);
	take_text(row, 9, out->hq_features, sizeof(out->hq_features));
	out->left_out = sqlite3_column_int64(row, 10);
	take_text(row, 11, out->reader, sizeof(out->reader));
	sqlite3_reset(row);
	return ERR_OK;
}

enum err link_store_write(struct link_store *s, const struct link_marks *m, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, LINK_SQL_WRITE);
	enum err e = db_begin(&s->db, why);

	if (e)
		return e;
	db_bind_int(row, 1, m->acked);
	db_bind_int(row, 2, m->acked_segment);
	db_bind_int(row, 3, m->acked_sequence);
	db_bind_text(row, 4, m->cursor);
	db_bind_int(row, 5, m->version);
	db_bind_int(row, 6, m->current_ms);
	db_bind_int(row, 7, m->floor_ms);
	db_bind_text(row, 8, m->hq_program);
	db_bind_int(row, 9, m->hq_semantics);
	db_bind_text(row, 10, m->hq_features);
	db_bind_int(row, 11, m->left_out);
	db_bind_text(row, 12, m->reader);
	e = db_run(&s->db, row, why);
	if (!e)
		return db_commit(&s->db, why);
	db_rollback(&s->db);
	return e;
}

static void bind_or_null(sqlite3_stmt *s, int at, int64_t value)
{
	if (value != AMOUNT_NONE)
		db_bind_int(s, at, value);
}

enum err link_store_grant(struct link_store *s, const struct link_grant *g, bool *fresh, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, LINK_SQL_GRANT);
	enum err e;

	db_bind_text(row, 1, g->promotion);
	db_bind_int(row, 2, g->incarnation);
	db_bind_int(row, 3, g->number);
	bind_or_null(row, 4, g->uses);
	bind_or_null(row, 5, g->amount);
	if (g->currency)
		db_bind_text(row, 6, g->currency);
	e = db_run(&s->db, row, why);
	*fresh = e == ERR_OK && sqlite3_changes(s->db.handle) > 0;
	return e;
}

enum err link_store_grants(struct link_store *s, int64_t *count, struct why *why)
{
	return db_number(&s->db, db_statement(&s->db, LINK_SQL_GRANTS), count, why);
}
