/*
 * The ledger as a store: its statements, transactions, and what is found in it. See ledger.h.
 */
#include "ledger_parts.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "migrations.h"

static const char *const statements[STMT_COUNT] = {
	[STMT_LAST_EVENT] = "SELECT id, bytes, digest FROM event ORDER BY id DESC LIMIT 1",
	[STMT_EVENT] = "SELECT bytes FROM event WHERE id = ?",
	[STMT_EVENTS_AFTER] = "SELECT id, bytes, digest FROM event WHERE id > ? ORDER BY id LIMIT ?",
	[STMT_PUT_SEGMENT] = "INSERT INTO segment (segment, first_id) VALUES (?, ?)",
	[STMT_PUT_BODY] = "INSERT INTO body (number, event, hash) VALUES (?, ?, ?)",
	[STMT_SALES] = "SELECT event, order_key FROM sale",
	[STMT_SALE] = "SELECT order_key FROM sale WHERE event = ?",
	[STMT_SALE_OF_ORDER] =
		"SELECT event FROM sale WHERE order_key = ? AND event > ? ORDER BY event LIMIT 1",
	[STMT_BODIES] = "SELECT number, hash FROM body ORDER BY number",
	[STMT_BODY] = "SELECT bytes, event FROM body JOIN event ON id = event WHERE number = ?",
	[STMT_BODY_ROW] = "SELECT event, hash FROM body WHERE number = ?",
	[STMT_SEGMENT] = "SELECT first_id FROM segment WHERE segment = ?",
	[STMT_SALE_COUNT] = "SELECT count(*) FROM sale",
	[STMT_BODY_COUNT] = "SELECT count(*) FROM body",
	[STMT_SEGMENT_COUNT] = "SELECT count(*) FROM segment",
	[STMT_PUT_NOTE] = "INSERT INTO note (event, kind, about, once) VALUES (?, ?, ?, ?)",
	[STMT_NOTES] = "SELECT event, once, kind, about FROM note ORDER BY event",
	[STMT_NOTE] = "SELECT kind, about, once FROM note WHERE event = ?",
	[STMT_NOTE_ABOUT] = "SELECT event FROM note WHERE about = ? AND event > ? ORDER BY event LIMIT 1",
	[STMT_NOTE_COUNT] = "SELECT count(*) FROM note",
	[STMT_DIGEST] = "SELECT digest FROM event WHERE id = ?",
	[STMT_USES] = "SELECT kind, key, customer, uses, body FROM use",
	[STMT_PUT_USE] =
		"INSERT OR REPLACE INTO use (kind, key, customer, uses, body) VALUES (?, ?, ?, ?, ?)",
	[STMT_DROP_USES] = "DELETE FROM use",
	[STMT_USE_MARK] = "SELECT event, digest FROM use_mark",
	[STMT_PUT_USE_MARK] = "UPDATE use_mark SET event = ?, digest = ?",
};

const struct db_kind ledger_kind = {
	.what = "ledger",
	.way_out = "restore it from a backup (tillctl restore)",
	.application_id = 0x54696c4c, /* "TilL" */
	.migrations = ledger_migrations,
	.statements = statements,
	.statement_count = STMT_COUNT,
};

void ledger_close(struct ledger *l)
{
	struct why why;

	if (!l)
		return;
	ledger_batch_free(l->batch);
	if (l->db.handle) {
		db_rollback(&l->db);
		db_close(&l->db);
	}
	if (l->head_file.fd >= 0 && !l->abandoned) {
		ledger_mark(l);
		if (head_file_sync(&l->head_file, &why))
			log_warnx("%s", why.text);
	}
	head_file_close(&l->head_file);
	fold_free(&l->orders);
	fold_free(&l->bodies);
	fold_free(&l->notes);
	fold_free(&l->returns);
	free(l->hashes);
	buf_free(&l->body);
	arena_free(&l->arena);
	free(l);
}

int64_t ledger_segment(const struct ledger *l)
{
	return l->head.at.segment;
}

int64_t ledger_newest(const struct ledger *l)
{
	return l->head.id;
}

void ledger_head(const struct ledger *l, struct ledger_position *out, int64_t *events)
{
	*out = l->durable.at;
	*events = l->durable.id;
}

enum err ledger_corrupt(const struct ledger *l, int64_t id, const char *what, struct why *why)
{
	return fail(why, ERR_CORRUPT, "%s: event %lld %s; %s", l->db.path, (long long)id, what,
		    ledger_kind.way_out);
}

enum err ledger_begin(struct ledger *l, struct why *why)
{
	/* A file that has left its place would take the money, and be gone at the next start. */
	if (!db_in_place(&l->db))
		return db_check_files(&l->db, why);
	l->durable = l->head;
	l->spoiled = ERR_OK;
	return db_begin(&l->db, why);
}

/* The sales are durable whatever becomes of the mark: ledger_tend tells. */
void ledger_mark(struct ledger *l)
{
	const struct head_mark mark = {
		.id = l->durable.id,
		.segment = l->durable.at.segment,
		.sequence = l->durable.at.sequence,
		.hash = l->durable.at.hash,
	};

	if (!l->mark_due)
		return;
	l->mark_due = false;
	l->mark_failed = head_file_write(&l->head_file, &mark, &l->mark_why);
}

enum err ledger_commit(struct ledger *l, struct why *why)
{
	struct why unread;
	enum err e = l->spoiled ? l->spoiled : ledger_flush(l, &unread);

	if (e) {
		ledger_rollback(l);
		return fail(why, e, "%s", l->spoiled_why.text);
	}
	e = db_commit(&l->db, why);
	if (e) {
		ledger_rollback(l);
		return e;
	}
	fold_keep(&l->orders);
	fold_keep(&l->bodies);
	fold_keep(&l->notes);
	fold_keep(&l->returns);
	l->durable = l->head;
	l->mark_due = true;
	return ERR_OK;
}

void ledger_rollback(struct ledger *l)
{
	ledger_batch_drop(l->batch);
	db_rollback(&l->db);
	fold_undo(&l->orders);
	fold_undo(&l->bodies);
	fold_undo(&l->notes);
	fold_undo(&l->returns);
	l->head = l->durable;
}

enum err ledger_read_event(struct ledger *l, int64_t id, struct arena *a, struct event_envelope *out,
			   struct ledger_position *position, struct why *why)
{
	sqlite3_stmt *row = db_statement(&l->db, STMT_EVENT);
	const uint8_t *bytes;
	char *copy;
	size_t n;
	enum err e = ledger_flush(l, why);

	*out = (struct event_envelope){0};
	if (e)
		return e;
	db_bind_int(row, 1, id);
	e = db_row(&l->db, row, why);
	if (e)
		return e == ERR_NOT_FOUND ? ledger_corrupt(l, id, "is missing", why) : e;
	bytes = db_bytes(row, 0, &n);
	copy = arena_text(a, (const char *)bytes, n);
	sqlite3_reset(row);
	if (!copy)
		return fail(why, ERR_MEMORY, "out of memory");
	e = event_decode(copy, n, a, out, why);
	if (e)
		return e == ERR_INVALID ? ledger_corrupt(l, id, "cannot be read", why) : e;
	position->segment = out->segment;
	position->sequence = out->sequence;
	event_hash(copy, n, &position->hash);
	return ERR_OK;
}

enum err ledger_read_sale(struct ledger *l, int64_t id, struct arena *a, struct event_sale *out,
			  struct ledger_position *position, struct why *why)
{
	struct event_envelope envelope;
	enum err e = ledger_read_event(l, id, a, &envelope, position, why);

	if (e)
		return e;
	if (envelope.kind != EVENT_SALE)
		return ledger_corrupt(l, id, "is not the sale that it was", why);
	e = event_sale_of(&envelope, a, out, why);
	return e == ERR_INVALID ? ledger_corrupt(l, id, "cannot be read", why) : e;
}
