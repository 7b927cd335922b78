/*
 * Appending and finding notes. See ledger_note.h.
 */
#include "ledger_note.h"

#include <stdlib.h>
#include <string.h>

#include "ledger_parts.h"
#include "ledger_reader.h"

enum err ledger_note_body(const struct schema *s, const void *record, struct arena *a, struct bytes *out,
			  struct why *why)
{
	struct buf buf;
	struct cborw w;
	enum err e;

	buf_init(&buf, LEDGER_EVENT_MAX);
	cborw_begin(&w, &buf);
	e = record_put(s, record, &w, why);
	if (cborw_end(&w) && !e)
		e = fail(why, ERR_LIMIT, "an event is larger than %d bytes", LEDGER_EVENT_MAX);
	*out = (struct bytes){.length = buf_length(&buf)};
	if (!e)
		out->at = (const uint8_t *)arena_text(a, (const char *)buf_front(&buf), out->length);
	buf_free(&buf);
	if (e)
		return e;
	return out->at ? ERR_OK : fail(why, ERR_MEMORY, "out of memory");
}

uint64_t ledger_once_key(enum event_kind kind, const char *once)
{
	uint64_t key = ledger_order_key(once) ^ (uint64_t)kind << 56;

	return key ? key : 1; /* 0 says that it has no id */
}

/* Sixty-four bits of a hash tell ids of one kind apart: a chance of one in 10^12 among a hundred thousand. */
enum err ledger_find_note(struct ledger *l, enum event_kind kind, const char *once, struct arena *a,
			  struct event_envelope *out, struct ledger_position *position, struct why *why)
{
	uint64_t key = ledger_once_key(kind, once);
	int64_t id;

	for (size_t i = 0; fold_find(&l->notes, key, i, &id); i++) {
		enum err e = ledger_read_event(l, id, a, out, position, why);

		if (e || out->kind == (int64_t)kind)
			return e;
	}
	return fail(why, ERR_NOT_FOUND, "no %s '%.64s' in the ledger", event_kind_name((int64_t)kind), once);
}

static bool is_return(int64_t kind)
{
	return kind == EVENT_RETURN || kind == EVENT_VOID;
}

static enum err put_note(struct ledger *l, const struct ledger_note *note, uint64_t once, struct why *why)
{
	sqlite3_stmt *put = db_statement(&l->db, STMT_PUT_NOTE);

	db_bind_int(put, 1, l->head.id);
	db_bind_int(put, 2, (int64_t)note->kind);
	db_bind_int(put, 3, (int64_t)ledger_order_key(note->about));
	db_bind_int(put, 4, (int64_t)once);
	return db_run(&l->db, put, why);
}

enum err ledger_append_note(struct ledger *l, const struct ledger_note *note,
			    struct ledger_position *position, struct why *why)
{
	uint64_t once = note->once ? ledger_once_key(note->kind, note->once) : 0;
	struct event_envelope first;
	enum err e;

	arena_reset(&l->arena);
	if (note->body.length > LEDGER_EVENT_MAX)
		return fail(why, ERR_LIMIT, "an event is larger than %d bytes", LEDGER_EVENT_MAX);
	if (note->once) {
		e = ledger_find_note(l, note->kind, note->once, &l->arena, &first, position, why);
		if (e != ERR_NOT_FOUND)
			return e ? e
				 : fail(why, ERR_EXISTS, "%s '%.64s' is in the ledger already",
					event_kind_name((int64_t)note->kind), note->once);
	}
	if (fold_reserve(&l->notes, 1) || fold_reserve(&l->returns, 1))
		return fail(why, ERR_MEMORY, "out of memory");
	e = ledger_append(l, note->kind, &(struct ledger_content){.body = note->body}, why);
	if (!e)
		e = put_note(l, note, once, why);
	if (e)
		return ledger_spoil(l, e, why);
	if (once)
		fold_add(&l->notes, once, l->head.id);
	if (is_return((int64_t)note->kind))
		fold_add(&l->returns, ledger_order_key(note->about), l->head.id);
	*position = l->head.at;
	return ERR_OK;
}

enum err ledger_fold_notes(struct ledger *l, struct why *why)
{
	sqlite3_stmt *row = db_statement(&l->db, STMT_NOTES);
	enum err e;

	while ((e = db_row(&l->db, row, why)) == ERR_OK) {
		int64_t id = sqlite3_column_int64(row, 0);

		if (id < 1 || id > l->head.id)
			return ledger_corrupt(l, id, "is missing, but in the table of notes", why);
		if (fold_reserve(&l->notes, 1) || fold_reserve(&l->returns, 1))
			return fail(why, ERR_MEMORY, "%s: out of memory", l->db.path);
		if (sqlite3_column_int64(row, 1))
			fold_add(&l->notes, (uint64_t)sqlite3_column_int64(row, 1), id);
		if (is_return(sqlite3_column_int64(row, 2)))
			fold_add(&l->returns, (uint64_t)sqlite3_column_int64(row, 3), id);
		fold_keep(&l->notes);
		fold_keep(&l->returns);
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err ledger_each_note(struct ledger *l, ledger_note_fn *fn, void *arg, struct why *why)
{
	sqlite3_stmt *row = db_statement(&l->db, STMT_NOTES);
	struct arena a = ARENA_EMPTY;
	enum err e;

	while ((e = db_row(&l->db, row, why)) == ERR_OK) {
		int64_t id = sqlite3_column_int64(row, 0);
		struct event_envelope event;
		struct ledger_position position;

		arena_reset(&a);
		e = ledger_read_event(l, id, &a, &event, &position, why);
		if (!e)
			e = fn(id, &event, arg, why);
		if (e)
			break;
	}
	sqlite3_reset(row);
	arena_free(&a);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err ledger_reader_note(struct ledger_reader *r, const char *about, int64_t *id, struct ledger_event *out,
			    struct why *why)
{
	sqlite3_stmt *row = db_statement(&r->db, STMT_NOTE_ABOUT);
	enum err e;

	db_bind_int(row, 1, (int64_t)ledger_order_key(about));
	db_bind_int(row, 2, *id);
	e = db_row(&r->db, row, why);
	if (e)
		return e == ERR_NOT_FOUND ? fail(why, e, "%s: no note about '%.64s'", r->db.path, about) : e;
	*id = sqlite3_column_int64(row, 0);
	sqlite3_reset(row);
	r->count = r->next = 0; /* what was read ahead is elsewhere */
	return ledger_reader_next(r, *id - 1, out, why);
}
