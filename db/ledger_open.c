/*
 * Opening the ledger: its end must hold, what is known from it is learnt anew, and a segment begins. Here it
 * is found that the ledger is not the one that was there: cut off, or put back from a backup. See ledger.h.
 */
#include "ledger_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

/* Boots that may have been lost where nobody knows: their numbers must not be given out again. */
#define SEGMENTS_SKIPPED 1000

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
		return e == ERR_NOT_FOUND ? ledger_corrupt(l, id - 1, "is missing", why) : e;
	if (!e) {
		bytes = db_bytes(row, 0, &n);
		event_hash(bytes, n, &hash);
		sqlite3_reset(row);
	}
	if (memcmp(hash.bytes, last->previous.at, DIGEST_SIZE) != 0)
		return ledger_corrupt(l, id, "does not continue the one before it", why);
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
		return ledger_corrupt(l, id, "is not what was written", why);
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
			return ledger_corrupt(l, sqlite3_column_int64(row, 0),
					      "is no event, but in the table of sales", why);
		if (sqlite3_column_int64(row, 0) > l->head.id)
			return ledger_corrupt(l, sqlite3_column_int64(row, 0),
					      "is missing, but in the table of sales", why);
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

/* Whether the event that the mark names is there as it was. */
static enum err find_marked(struct ledger *l, const struct head_mark *mark, bool *found, struct why *why)
{
	sqlite3_stmt *row = db_statement(&l->db, STMT_EVENT);
	struct digest hash;
	const uint8_t *bytes;
	size_t n;
	enum err e;

	*found = mark->id == 0;
	if (*found)
		return ERR_OK;
	db_bind_int(row, 1, mark->id);
	e = db_row(&l->db, row, why);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	bytes = db_bytes(row, 0, &n);
	event_hash(bytes, n, &hash);
	sqlite3_reset(row);
	*found = memcmp(hash.bytes, mark->hash.bytes, DIGEST_SIZE) == 0;
	return ERR_OK;
}

/* Without a mark nothing can be said; with one, the ledger must go at least that far, and through it. */
static enum err compare_mark(struct ledger *l, struct why *why)
{
	struct head_mark mark = {0};
	bool found;
	enum err e = head_file_read(l->disk, l->db.path, &mark, why);

	if (e == ERR_NOT_FOUND || e == ERR_CORRUPT) {
		if (l->head.id > 0)
			log_warnx("%s; if events of the ledger were lost, nobody can tell now", why->text);
		return ERR_OK;
	}
	if (e)
		return e;
	e = find_marked(l, &mark, &found, why);
	if (e || (found && !mark.restored))
		return e;
	l->restored = (struct ledger_restored){.is = true};
	if (!found) {
		l->restored.lost_segment = mark.segment;
		l->restored.lost_sequence = mark.sequence;
	}
	l->next_segment = mark.segment + 1;
	if (mark.unknown)
		l->next_segment += SEGMENTS_SKIPPED;
	return ERR_OK;
}

static void tell_restored(const struct ledger *l)
{
	const struct ledger_restored *r = &l->restored;

	if (r->lost_segment)
		log_warnx("%s: restored or cut off: events after %lld/%lld up to %lld/%lld are lost; segment "
			  "%lld says so",
			  l->db.path, (long long)l->durable.at.segment, (long long)l->durable.at.sequence,
			  (long long)r->lost_segment, (long long)r->lost_sequence,
			  (long long)l->next_segment);
	else
		log_warnx("%s: restored from a backup: what happened after %lld/%lld is not known here; "
			  "segment %lld says so",
			  l->db.path, (long long)l->durable.at.segment, (long long)l->durable.at.sequence,
			  (long long)l->next_segment);
}

/* A segment's number is never given out twice, lost ones included: orders and the link count on it. */
static enum err append_start(struct ledger *l, struct why *why)
{
	struct event_start start = {
		.previous_segment = l->head.at.segment,
		.previous_sequence = l->head.at.sequence,
		.program = "tilld " TILL_VERSION,
		.restored = l->restored.is,
		.lost_segment = l->restored.lost_segment,
		.lost_sequence = l->restored.lost_sequence,
	};
	sqlite3_stmt *put = db_statement(&l->db, STMT_PUT_SEGMENT);
	enum err e = ledger_make_body(l, &event_start_schema, &start, why);

	if (e)
		return e;
	l->head.at.segment = l->next_segment;
	l->head.at.sequence = 0;
	db_bind_int(put, 1, l->head.at.segment);
	db_bind_int(put, 2, l->head.id + 1);
	e = db_run(&l->db, put, why);
	if (e)
		return e;
	e = ledger_append(l, EVENT_START, &(struct ledger_content){.body = ledger_made_body(l)}, why);
#ifdef TILL_NEXT
	if (!e)
		e = ledger_append(l, EVENT_MEMO, &(struct ledger_content){.body = ledger_made_body(l)}, why);
#endif
	return e;
}

static enum err try_begin_segment(struct ledger *l, struct why *why)
{
	enum err e = ledger_begin(l, why);

	if (e)
		return e;
	if (l->next_segment <= l->head.at.segment)
		l->next_segment = l->head.at.segment + 1;
	if (l->restored.is)
		tell_restored(l);
	e = append_start(l, why);
	if (!e)
		return ledger_commit(l, why);
	ledger_rollback(l);
	return e;
}

/* On a full disk the reserve is what lets the box open its shop. */
static enum err begin_segment(struct ledger *l, struct why *why)
{
	enum err e = try_begin_segment(l, why);

	if (e == ERR_LIMIT && ledger_release_reserve(l))
		e = try_begin_segment(l, why);
	if (e)
		return e;
	ledger_mark(l);
	if (l->mark_failed)
		return fail(why, l->mark_failed, "%s", l->mark_why.text);
	return head_file_sync(&l->head_file, why);
}

/*
 * What a crash left in the WAL is moved into the file before anything is appended to it: after a failed sync
 * the system may show bytes as written that the disk never got, and a chain must not be built on these.
 */
static enum err settle_wal(struct ledger *l, struct why *why)
{
	int64_t left;
	enum err e;

	sqlite3_wal_hook(l->db.handle, ledger_on_commit, l); /* instead of SQLite's automatic checkpoint */
	e = db_move_wal(&l->db, true, &left, why);
	return e == ERR_LIMIT ? ERR_OK : e;
}

static enum err open_all(struct ledger *l, const char *path, struct why *why)
{
	enum err e = db_open_on(l->disk, path, &ledger_kind, DB_WRITER_FULL, &l->db, why);

	if (!e)
		e = ledger_batch_new(&l->db, LEDGER_EVENT_MAX + LEDGER_ENVELOPE_MAX, &l->batch, why);
	if (!e)
		e = settle_wal(l, why);
	if (!e)
		e = find_head(l, why);
	if (!e)
		e = fold_orders(l, why);
	if (!e)
		e = fold_bodies(l, why);
	if (!e)
		e = ledger_fold_notes(l, why);
	if (!e)
		e = compare_mark(l, why);
	if (!e)
		e = head_file_open(l->disk, path, &l->head_file, why);
	if (e)
		return e;
	reserve_init(&l->reserve, l->disk, path);
	reserve_hold(&l->reserve);
	e = begin_segment(l, why);
	if (e)
		return e;
	ledger_look(l);
	return ERR_OK;
}

enum err ledger_open_on(const struct disk *disk, const char *path, const char *box, const struct clock *clock,
			struct ledger **out, struct why *why)
{
	struct ledger *l = calloc(1, sizeof(*l));
	enum err e;

	if (!l)
		return fail(why, ERR_MEMORY, "%s: out of memory", path);
	l->clock = clock;
	l->disk = disk;
	l->db.lock = -1;
	l->head_file.fd = -1;
	buf_init(&l->body, LEDGER_EVENT_MAX);
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

enum err ledger_open(const char *path, const char *box, const struct clock *clock, struct ledger **out,
		     struct why *why)
{
	return ledger_open_on(&disk_system, path, box, clock, out, why);
}
