/*
 * The ledger as a store: opening, checking its end, transactions, and what is found in it. See ledger.h.
 */
#include "ledger_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "migrations.h"

static const char *const statements[STMT_COUNT] = {
	[STMT_LAST_EVENT] = "SELECT id, bytes, digest FROM event ORDER BY id DESC LIMIT 1",
	[STMT_EVENT] = "SELECT bytes FROM event WHERE id = ?",
	[STMT_EVENTS_AFTER] = "SELECT id, bytes, digest FROM event WHERE id > ? ORDER BY id LIMIT ?",
	[STMT_PUT_EVENT] = "INSERT INTO event (id, bytes, digest) VALUES (?, ?, ?)",
	[STMT_PUT_SEGMENT] = "INSERT INTO segment (segment, first_id) VALUES (?, ?)",
	[STMT_PUT_SALE] = "INSERT INTO sale (event, order_key) VALUES (?, ?)",
	[STMT_PUT_BODY] = "INSERT INTO body (number, event, hash) VALUES (?, ?, ?)",
	[STMT_SALES] = "SELECT event, order_key FROM sale",
	[STMT_SALE] = "SELECT order_key FROM sale WHERE event = ?",
	[STMT_BODIES] = "SELECT number, hash FROM body ORDER BY number",
	[STMT_BODY] = "SELECT bytes, event FROM body JOIN event ON id = event WHERE number = ?",
	[STMT_SEGMENT] = "SELECT first_id FROM segment WHERE segment = ?",
	[STMT_SALE_COUNT] = "SELECT count(*) FROM sale",
	[STMT_BODY_COUNT] = "SELECT count(*) FROM body",
	[STMT_SEGMENT_COUNT] = "SELECT count(*) FROM segment",
};

const struct db_kind ledger_kind = {
	.what = "ledger",
	.way_out = "restore it from a backup",
	.application_id = 0x54696c4c, /* "TilL" */
	.migrations = ledger_migrations,
	.statements = statements,
	.statement_count = STMT_COUNT,
};

static enum err corrupt(const struct ledger *l, int64_t id, const char *what, struct why *why)
{
	return fail(why, ERR_CORRUPT, "%s: event %lld %s; %s", l->db.path, (long long)id, what,
		    ledger_kind.way_out);
}

/* The event before the newest one must be the one that it chains to. */
static enum err check_link(struct ledger *l, const struct event_envelope *last, int64_t id, struct why *why)
{
	sqlite3_stmt *row = db_statement(&l->db, STMT_EVENT);
	struct digest hash = {{0}};
	const uint8_t *bytes;
	size_t n;
	enum err e;

	db_bind_int(row, 1, id - 1);
	e = db_row(&l->db, row, why);
	if (e && (e != ERR_NOT_FOUND || id > 1))
		return e == ERR_NOT_FOUND ? corrupt(l, id - 1, "is missing", why) : e;
	if (!e) {
		bytes = db_bytes(row, 0, &n);
		event_hash(bytes, n, &hash);
		sqlite3_reset(row);
	}
	if (memcmp(hash.bytes, last->previous.at, DIGEST_SIZE) != 0)
		return corrupt(l, id, "does not continue the one before it", why);
	return ERR_OK;
}

/* row is at the newest event. */
static enum err check_last(struct ledger *l, sqlite3_stmt *row, struct why *why)
{
	int64_t id = sqlite3_column_int64(row, 0);
	size_t n;
	const uint8_t *bytes = db_bytes(row, 1, &n);
	struct event_envelope last;
	enum err e;

	event_hash(bytes, n, &l->head.at.hash);
	if (event_check(&l->head.at.hash) != sqlite3_column_int64(row, 2))
		return corrupt(l, id, "is not what was written", why);
	e = event_decode(bytes, n, &l->arena, &last, why);
	if (e) {
		why_prefix(why, "%s: event %lld: ", l->db.path, (long long)id);
		return e == ERR_INVALID ? ERR_CORRUPT : e;
	}
	if (strcmp(last.box, l->box) != 0)
		return fail(
			why, ERR_STATE,
			"%s: the ledger is of box '%s', not '%s'; name the box so, or move the ledger away",
			l->db.path, last.box, l->box);
	l->head.id = id;
	l->head.at.segment = last.segment;
	l->head.at.sequence = last.sequence;
	return check_link(l, &last, id, why);
}

static enum err find_head(struct ledger *l, struct why *why)
{
	sqlite3_stmt *row = db_statement(&l->db, STMT_LAST_EVENT);
	enum err e = db_row(&l->db, row, why);

	if (e == ERR_NOT_FOUND)
		return ERR_OK; /* new: the head is all zero */
	if (e)
		return e;
	e = check_last(l, row, why);
	sqlite3_reset(row);
	return e;
}

static enum err fold_orders(struct ledger *l, struct why *why)
{
	sqlite3_stmt *row = db_statement(&l->db, STMT_SALES);
	enum err e;

	while ((e = db_row(&l->db, row, why)) == ERR_OK) {
		if (sqlite3_column_int64(row, 0) < 1)
			return corrupt(l, sqlite3_column_int64(row, 0),
				       "is no event, but in the table of sales", why);
		if (fold_reserve(&l->orders, 1))
			return fail(why, ERR_MEMORY, "%s: out of memory", l->db.path);
		fold_add(&l->orders, (uint64_t)sqlite3_column_int64(row, 1), sqlite3_column_int64(row, 0));
		fold_keep(&l->orders);
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err fold_bodies(struct ledger *l, struct why *why)
{
	sqlite3_stmt *row = db_statement(&l->db, STMT_BODIES);
	enum err e;

	while ((e = db_row(&l->db, row, why)) == ERR_OK) {
		int64_t number = sqlite3_column_int64(row, 0);
		size_t n;
		const uint8_t *hash = db_bytes(row, 1, &n);

		if (number != l->head.bodies + 1 || n != BODY_HASH_SIZE)
			return fail(why, ERR_CORRUPT, "%s: body %lld is missing or damaged; %s", l->db.path,
				    (long long)l->head.bodies + 1, ledger_kind.way_out);
		if (ledger_learn_body(l, number, hash))
			return fail(why, ERR_MEMORY, "%s: out of memory", l->db.path);
		fold_keep(&l->bodies);
		l->head.bodies = number;
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err append_start(struct ledger *l, struct why *why)
{
	struct event_start start = {
		.previous_segment = l->head.at.segment,
		.previous_sequence = l->head.at.sequence,
		.program = "tilld " TILL_VERSION,
	};
	sqlite3_stmt *put = db_statement(&l->db, STMT_PUT_SEGMENT);
	enum err e = ledger_make_body(l, &event_start_schema, &start, why);

	if (e)
		return e;
	l->head.at.segment++;
	l->head.at.sequence = 0;
	db_bind_int(put, 1, l->head.at.segment);
	db_bind_int(put, 2, l->head.id + 1);
	e = db_run(&l->db, put, why);
	return e ? e : ledger_append(l, EVENT_START, &l->body, why);
}

static enum err open_all(struct ledger *l, const char *path, struct why *why)
{
	enum err e = db_open(path, &ledger_kind, DB_WRITER_FULL, &l->db, why);

	if (!e)
		e = find_head(l, why);
	if (!e)
		e = fold_orders(l, why);
	if (!e)
		e = fold_bodies(l, why);
	if (!e)
		e = ledger_begin(l, why);
	if (e)
		return e;
	e = append_start(l, why);
	return e ? e : ledger_commit(l, why);
}

enum err ledger_open(const char *path, const char *box, const struct clock *clock, struct ledger **out,
		     struct why *why)
{
	struct ledger *l = calloc(1, sizeof(*l));
	enum err e;

	if (!l)
		return fail(why, ERR_MEMORY, "%s: out of memory", path);
	l->clock = clock;
	l->db.lock = -1;
	buf_init(&l->sale, LEDGER_EVENT_MAX);
	buf_init(&l->body, LEDGER_EVENT_MAX);
	buf_init(&l->event, LEDGER_EVENT_MAX + 256); /* the envelope around it */
	if (snprintf(l->box, sizeof(l->box), "%s", box) >= (int)sizeof(l->box))
		e = fail(why, ERR_LIMIT, "box: a name has at most %zu bytes", sizeof(l->box) - 1);
	else
		e = open_all(l, path, why);
	if (e) {
		ledger_close(l);
		return e;
	}
	*out = l;
	return ERR_OK;
}

void ledger_close(struct ledger *l)
{
	if (!l)
		return;
	if (l->db.handle) {
		db_rollback(&l->db);
		db_close(&l->db);
	}
	fold_free(&l->orders);
	fold_free(&l->bodies);
	free(l->hashes);
	buf_free(&l->sale);
	buf_free(&l->body);
	buf_free(&l->event);
	arena_free(&l->arena);
	free(l);
}

int64_t ledger_segment(const struct ledger *l)
{
	return l->head.at.segment;
}

void ledger_head(const struct ledger *l, struct ledger_position *out, int64_t *events)
{
	*out = l->durable.at;
	*events = l->durable.id;
}

enum err ledger_begin(struct ledger *l, struct why *why)
{
	l->durable = l->head;
	l->spoiled = ERR_OK;
	return db_begin(&l->db, why);
}

enum err ledger_commit(struct ledger *l, struct why *why)
{
	enum err e;

	if (l->spoiled) {
		ledger_rollback(l);
		return fail(why, l->spoiled, "%s", l->spoiled_why.text);
	}
	e = db_commit(&l->db, why);
	if (e) {
		ledger_rollback(l);
		return e;
	}
	fold_keep(&l->orders);
	fold_keep(&l->bodies);
	l->durable = l->head;
	return ERR_OK;
}

void ledger_rollback(struct ledger *l)
{
	db_rollback(&l->db);
	fold_undo(&l->orders);
	fold_undo(&l->bodies);
	l->head = l->durable;
}

enum err ledger_read_sale(struct ledger *l, int64_t id, struct arena *a, struct event_sale *out,
			  struct ledger_position *position, struct why *why)
{
	sqlite3_stmt *row = db_statement(&l->db, STMT_EVENT);
	struct event_envelope envelope;
	const uint8_t *bytes;
	char *copy;
	size_t n;
	enum err e;

	db_bind_int(row, 1, id);
	e = db_row(&l->db, row, why);
	if (e)
		return e == ERR_NOT_FOUND ? corrupt(l, id, "is missing", why) : e;
	bytes = db_bytes(row, 0, &n);
	copy = arena_text(a, (const char *)bytes, n);
	sqlite3_reset(row);
	if (!copy)
		return fail(why, ERR_MEMORY, "out of memory");
	e = event_decode(copy, n, a, &envelope, why);
	if (!e && envelope.kind != EVENT_SALE)
		return corrupt(l, id, "is not the sale that it was", why);
	if (!e)
		e = event_sale_decode(envelope.body, a, out, why);
	if (e)
		return e == ERR_INVALID ? corrupt(l, id, "cannot be read", why) : e;
	position->segment = envelope.segment;
	position->sequence = envelope.sequence;
	event_hash(copy, n, &position->hash);
	return ERR_OK;
}

void ledger_checkpoint(struct ledger *l)
{
	db_checkpoint(&l->db);
}
