/*
 * Checking the whole ledger: each event against its own digest, against the event before it, and against the
 * tables that were made from it. See ledger.h.
 */
#include "ledger_walk.h"

#include <stdio.h>
#include <string.h>

#define PROGRESS_EVENTS 4096

enum err ledger_broken(struct walk *w, enum ledger_fault fault, int64_t id, const char *what, struct why *why)
{
	w->verdict->fault = fault;
	w->verdict->fault_id = id;
	return fail(why, ERR_CORRUPT, "%s: event %lld: %s", w->reader->db.path, (long long)id, what);
}

/* Its bytes hold, so they were written like that. */
static enum err unreadable(struct walk *w, int64_t id, enum err e, struct why *why)
{
	why_prefix(why, "%s: event %lld: ", w->reader->db.path, (long long)id);
	if (e != ERR_INVALID)
		return e;
	w->verdict->fault = FAULT_UNREADABLE;
	w->verdict->fault_id = id;
	return ERR_CORRUPT;
}

static enum err no_table(struct walk *w, int64_t id, const char *what, struct why *why)
{
	return ledger_broken(w, FAULT_TABLE, id, what, why);
}

/* A number that a table keeps about an event; *found is false when it keeps none. */
static enum err table_says(struct walk *w, int which, int64_t key, int column, int64_t *value, bool *found,
			   struct why *why)
{
	sqlite3_stmt *row = db_statement(&w->reader->db, which);
	enum err e;

	db_bind_int(row, 1, key);
	e = db_row(&w->reader->db, row, why);
	*found = e == ERR_OK;
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	*value = sqlite3_column_int64(row, column);
	sqlite3_reset(row);
	return ERR_OK;
}

static enum err check_start(struct walk *w, const struct event_envelope *event, int64_t id, struct why *why)
{
	struct cborr r = cborr_over(event->body.at, event->body.length);
	struct event_start start;
	int64_t first = 0;
	bool found;
	enum err e = record_from_cbor(&event_start_schema, &r, &w->arena, &start, why);

	if (e)
		return unreadable(w, id, e, why);
	if (start.previous_segment != w->at.segment || start.previous_sequence != w->at.sequence ||
	    (event->segment != w->at.segment + 1 && !start.restored))
		return ledger_broken(w, FAULT_REWRITTEN, id, "its segment does not continue the one before",
				     why);
	if (start.restored) {
		w->verdict->losses++;
		w->verdict->loss_segment = event->segment;
	}
	e = table_says(w, STMT_SEGMENT, event->segment, 0, &first, &found, why);
	if (e)
		return e;
	w->segments++;
	return found && first == id ? ERR_OK : no_table(w, id, "the table of segments does not have it", why);
}

static enum err check_sale(struct walk *w, const struct event_envelope *event, int64_t id, struct why *why)
{
	struct event_sale sale;
	int64_t key = 0;
	bool found;
	enum err e = event_sale_decode(event->body, &w->arena, &sale, why);

	if (e)
		return unreadable(w, id, e, why);
	e = table_says(w, STMT_SALE, id, 0, &key, &found, why);
	if (e)
		return e;
	w->sales++;
	if (!found || (uint64_t)key != ledger_order_key(sale.order))
		return no_table(w, id, "the table of sales does not have its order", why);
	return ledger_walk_use(w, event, &sale, id, why);
}

/* The table's hash is what the writer finds a body by: a wrong one would give sales the wrong record. */
static enum err check_body_row(struct walk *w, const struct event_body *body, int64_t id, struct why *why)
{
	sqlite3_stmt *row = db_statement(&w->reader->db, STMT_BODY_ROW);
	uint8_t hash[BODY_HASH_SIZE];
	const uint8_t *stored;
	bool same;
	size_t n;
	enum err e;

	db_bind_int(row, 1, body->number);
	e = db_row(&w->reader->db, row, why);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (e || sqlite3_column_int64(row, 0) != id) {
		sqlite3_reset(row);
		return no_table(w, id, "the table of bodies does not have it", why);
	}
	body_hash((enum record_type)body->type, body->cbor.at, body->cbor.length, hash);
	stored = db_bytes(row, 1, &n);
	same = n == BODY_HASH_SIZE && memcmp(stored, hash, n) == 0;
	sqlite3_reset(row);
	return same ? ERR_OK : no_table(w, id, "the table of bodies has another hash for it", why);
}

static enum err check_body(struct walk *w, const struct event_envelope *event, int64_t id, struct why *why)
{
	struct cborr r = cborr_over(event->body.at, event->body.length);
	struct event_body body;
	enum err e = record_from_cbor(&event_body_schema, &r, &w->arena, &body, why);

	if (e)
		return unreadable(w, id, e, why);
	if (body.number != w->bodies + 1)
		return ledger_broken(w, FAULT_REWRITTEN, id,
				     "its body's number does not follow the one before", why);
	w->bodies++;
	return check_body_row(w, &body, id, why);
}

/* What is in a note is known by its own module; here, that the table finds it under its kind. */
static enum err check_note(struct walk *w, const struct event_envelope *event, int64_t id, struct why *why)
{
	int64_t kind = 0;
	bool found;
	enum err e = table_says(w, STMT_NOTE, id, 0, &kind, &found, why);

	if (e)
		return e;
	w->notes++;
	return found && kind == event->kind ? ERR_OK
					    : no_table(w, id, "the table of notes does not have it", why);
}

/* Where its place in the chain is the one behind the event before. */
static bool is_next(const struct walk *w, const struct event_envelope *event)
{
	if (event->kind == EVENT_START)
		return event->segment > w->at.segment && event->sequence == 1;
	return event->segment == w->at.segment && event->sequence == w->at.sequence + 1;
}

static enum err check_links(struct walk *w, const struct event_envelope *event,
			    const struct ledger_event *raw, struct why *why)
{
	if (w->id == 0)
		snprintf(w->verdict->box, sizeof(w->verdict->box), "%s", event->box);
	if (strcmp(event->box, w->verdict->box) != 0)
		return ledger_broken(w, FAULT_FOREIGN, raw->id, "it is of another box", why);
	if (memcmp(event->previous.at, w->at.hash.bytes, DIGEST_SIZE) != 0)
		return ledger_diagnose(w, event, raw, why);
	if (!is_next(w, event))
		return ledger_broken(w, FAULT_REWRITTEN, raw->id, "its sequence is not the next one", why);
	return ERR_OK;
}

/* What is known from outside of the ledger: its head file, and what the caller wrote down. */
static enum err check_marks(struct walk *w, int64_t id, const struct ledger_position *at, struct why *why)
{
	const struct ledger_position *anchor = w->watch->anchor;

	if (id == w->mark.id && memcmp(at->hash.bytes, w->mark.hash.bytes, DIGEST_SIZE) != 0)
		return ledger_broken(w, FAULT_REWRITTEN, id,
				     "it is not the one that ledger.head names: events were written anew",
				     why);
	if (!anchor || anchor->segment != at->segment || anchor->sequence != at->sequence)
		return ERR_OK;
	if (memcmp(at->hash.bytes, anchor->hash.bytes, DIGEST_SIZE) != 0)
		return ledger_broken(w, FAULT_REWRITTEN, id,
				     "it is not the one of the anchor: events were written anew", why);
	w->anchored = true;
	return ERR_OK;
}

static enum err check_content(struct walk *w, const struct event_envelope *event, int64_t id, struct why *why)
{
	enum err e = ERR_OK;

	if (event->kind == EVENT_SALE)
		return check_sale(w, event, id, why);
	if (event->kind == EVENT_START)
		e = check_start(w, event, id, why);
	else if (event->kind == EVENT_BODY)
		e = check_body(w, event, id, why);
	else
		e = check_note(w, event, id, why);
	return e ? e : ledger_walk_use(w, event, NULL, id, why);
}

/* Its own digest first: then what is wrong is wrong here, and not in the event before. */
static enum err check_event(struct walk *w, const struct ledger_event *raw, struct why *why)
{
	struct event_envelope event;
	struct ledger_position at;
	enum err e;

	arena_reset(&w->arena);
	if (raw->id != w->id + 1)
		return ledger_diagnose_gap(w, raw, why);
	event_hash(raw->bytes, raw->length, &at.hash);
	if (event_check(&at.hash) != raw->check)
		return ledger_broken(w, FAULT_FLIPPED, raw->id, "its bytes are not what was written", why);
	e = event_decode(raw->bytes, raw->length, &w->arena, &event, why);
	if (e)
		return unreadable(w, raw->id, e, why);
	at.segment = event.segment;
	at.sequence = event.sequence;
	e = check_links(w, &event, raw, why);
	if (!e)
		e = check_content(w, &event, raw->id, why);
	if (!e)
		e = check_marks(w, raw->id, &at, why);
	if (!e)
		w->at = at;
	return e;
}

/* Rows of the tables beyond those that events account for: events at the end were taken away. */
static enum err check_strays(struct walk *w, struct why *why)
{
	const struct {
		int statement;
		int64_t expect;
	} tables[] = {
		{STMT_SALE_COUNT, w->sales},
		{STMT_BODY_COUNT, w->bodies},
		{STMT_SEGMENT_COUNT, w->segments},
		{STMT_NOTE_COUNT, w->notes},
	};
	struct db *db = &w->reader->db;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		int64_t rows = 0;
		enum err e = db_number(db, db_statement(db, tables[i].statement), &rows, why);

		if (e)
			return e;
		if (rows != tables[i].expect)
			return ledger_broken(w, FAULT_CUT, w->id + 1,
					     "it is missing, though other tables speak of it", why);
	}
	return ERR_OK;
}

/* What was written last is there, or the end was cut off, or this is an older copy. */
static enum err check_end(struct walk *w, struct why *why)
{
	const struct ledger_position *anchor = w->watch->anchor;
	char what[200];

	if (w->id < w->mark.id) {
		snprintf(what, sizeof(what),
			 "it is missing: ledger.head names event %lld (%lld/%lld) as the newest: the end was "
			 "cut "
			 "off, or this is an older copy",
			 (long long)w->mark.id, (long long)w->mark.segment, (long long)w->mark.sequence);
		return ledger_broken(w, FAULT_CUT, w->id + 1, what, why);
	}
	if (w->mark.id)
		w->verdict->unmarked = w->id - w->mark.id;
	if (!anchor || w->anchored)
		return ERR_OK;
	snprintf(what, sizeof(what), "there is no event %lld/%lld, which the anchor names",
		 (long long)anchor->segment, (long long)anchor->sequence);
	return ledger_broken(w, FAULT_CUT, w->id + 1, what, why);
}

static void tell_progress(const struct walk *w)
{
	const struct ledger_watch *watch = w->watch;

	if (watch->progress && w->id % PROGRESS_EVENTS == 0)
		watch->progress(w->id, w->newest, watch->arg);
}

static enum err walk_all(struct walk *w, struct why *why)
{
	struct ledger_event raw;
	enum err e;

	while ((e = ledger_reader_next(w->reader, w->id, &raw, why)) == ERR_OK) {
		e = check_event(w, &raw, why);
		if (e)
			return e;
		w->id = raw.id;
		w->verdict->events++;
		tell_progress(w);
	}
	if (e != ERR_NOT_FOUND)
		return e;
	e = check_strays(w, why);
	return e ? e : check_end(w, why);
}

/*
 * Read before the ledger is: what the writer appends meanwhile is only more. A damaged mark is no damage of
 * the ledger, and one of a ledger that is being put back says what was before.
 */
static enum err read_mark(struct walk *w, struct why *why)
{
	enum err e = head_file_read(&disk_system, w->reader->db.path, &w->mark, why);

	if (e == ERR_OK && !w->mark.restored)
		return ERR_OK;
	w->verdict->put_back = e == ERR_OK;
	w->mark.id = 0;
	return e == ERR_OK || e == ERR_NOT_FOUND || e == ERR_CORRUPT ? ERR_OK : e;
}

/* How many events there seem to be: for progress. */
static enum err find_newest(struct walk *w, struct why *why)
{
	struct ledger_event newest;
	enum err e = ledger_reader_newest(w->reader, &newest, why);

	if (!e)
		w->newest = newest.id;
	w->reader->count = w->reader->next = 0; /* what was read ahead is of another transaction */
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err ledger_audit(struct ledger_reader *r, const struct ledger_watch *watch, struct ledger_verdict *out,
		      struct why *why)
{
	struct walk w = {.reader = r, .verdict = out, .watch = watch};
	enum err e;

	*out = (struct ledger_verdict){0};
	e = read_mark(&w, why);
	if (!e)
		e = find_newest(&w, why);
	if (!e)
		e = db_begin(&r->db, why); /* one transaction: what is appended meanwhile is not looked at */
	if (e)
		return e;
	e = ledger_walk_uses(&w, why);
	if (!e)
		e = walk_all(&w, why);
	db_rollback(&r->db);
	ledger_walk_end(&w);
	out->at = w.at;
	if (!e && why)
		why->text[0] = '\0';
	return e;
}

enum err ledger_verify(struct ledger_reader *r, struct ledger_verdict *out, struct why *why)
{
	static const struct ledger_watch nobody = {0};

	return ledger_audit(r, &nobody, out, why);
}

const char *ledger_fault_name(enum ledger_fault fault)
{
	static const char *const names[] = {
		[FAULT_NONE] = "none",
		[FAULT_FLIPPED] = "flipped",
		[FAULT_REWRITTEN] = "rewritten",
		[FAULT_REMOVED] = "removed",
		[FAULT_REORDERED] = "reordered",
		[FAULT_REPEATED] = "repeated",
		[FAULT_CUT] = "cut",
		[FAULT_FOREIGN] = "foreign",
		[FAULT_UNREADABLE] = "unreadable",
		[FAULT_TABLE] = "table",
	};

	return names[fault];
}
