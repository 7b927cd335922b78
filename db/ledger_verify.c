/*
 * Checking the whole ledger: each event against its own digest, against the event before it, and against the
 * tables that were made from it. See ledger.h.
 */
#include "ledger_reader.h"

#include <stdio.h>
#include <string.h>

/* What the events so far say. */
struct walk {
	struct ledger_reader *reader;
	struct arena arena; /* of the event at hand */
	int64_t id;	    /* of the event before; 0: none */
	int64_t segment, sequence;
	struct digest hash;
	char box[65];
	int64_t sales, bodies, segments;
	struct ledger_verdict *verdict;
	struct head_mark mark; /* of ledger.head; id 0: it says nothing */
};

/* Event id and what is wrong; out of words of the lower layers if they gave any. */
static enum err broken(const struct walk *w, int64_t id, const char *what, struct why *why)
{
	return fail(why, ERR_CORRUPT, "%s: event %lld: %s", w->reader->db.path, (long long)id, what);
}

static enum err unreadable(const struct walk *w, int64_t id, enum err e, struct why *why)
{
	why_prefix(why, "%s: event %lld: ", w->reader->db.path, (long long)id);
	return e == ERR_INVALID ? ERR_CORRUPT : e;
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
	if (start.previous_segment != w->segment || start.previous_sequence != w->sequence ||
	    (event->segment != w->segment + 1 && !start.restored))
		return broken(w, id, "its segment does not continue the one before", why);
	if (start.restored) {
		w->verdict->losses++;
		w->verdict->loss_segment = event->segment;
	}
	e = table_says(w, STMT_SEGMENT, event->segment, 0, &first, &found, why);
	if (e)
		return e;
	w->segments++;
	return found && first == id ? ERR_OK : broken(w, id, "the table of segments does not have it", why);
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
	if (found && (uint64_t)key == ledger_order_key(sale.order))
		return ERR_OK;
	return broken(w, id, "the table of sales does not have its order", why);
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
		return broken(w, id, "the table of bodies does not have it", why);
	}
	body_hash((enum record_type)body->type, body->cbor.at, body->cbor.length, hash);
	stored = db_bytes(row, 1, &n);
	same = n == BODY_HASH_SIZE && memcmp(stored, hash, n) == 0;
	sqlite3_reset(row);
	return same ? ERR_OK : broken(w, id, "the table of bodies has another hash for it", why);
}

static enum err check_body(struct walk *w, const struct event_envelope *event, int64_t id, struct why *why)
{
	struct cborr r = cborr_over(event->body.at, event->body.length);
	struct event_body body;
	enum err e = record_from_cbor(&event_body_schema, &r, &w->arena, &body, why);

	if (e)
		return unreadable(w, id, e, why);
	if (body.number != w->bodies + 1)
		return broken(w, id, "its body's number does not follow the one before", why);
	w->bodies++;
	return check_body_row(w, &body, id, why);
}

/* Its own digest first: then what is wrong is wrong here, and not in the event before. */
static enum err check_links(struct walk *w, const struct event_envelope *event,
			    const struct ledger_event *raw, struct why *why)
{
	if (w->id == 0)
		snprintf(w->box, sizeof(w->box), "%s", event->box);
	if (strcmp(event->box, w->box) != 0)
		return broken(w, raw->id, "it is of another box", why);
	if (memcmp(event->previous.at, w->hash.bytes, DIGEST_SIZE) != 0)
		return broken(w, raw->id, "it does not continue the event before it", why);
	if (event->kind == EVENT_START ? event->segment <= w->segment || event->sequence != 1
				       : event->segment != w->segment || event->sequence != w->sequence + 1)
		return broken(w, raw->id, "its sequence is not the next one", why);
	return ERR_OK;
}

static enum err check_event(struct walk *w, const struct ledger_event *raw, struct why *why)
{
	struct event_envelope event;
	struct digest hash;
	enum err e;

	arena_reset(&w->arena);
	if (raw->id != w->id + 1)
		return broken(w, w->id + 1, "it is missing", why);
	event_hash(raw->bytes, raw->length, &hash);
	if (event_check(&hash) != raw->check)
		return broken(w, raw->id, "its bytes are not what was written", why);
	e = event_decode(raw->bytes, raw->length, &w->arena, &event, why);
	if (e)
		return unreadable(w, raw->id, e, why);
	e = check_links(w, &event, raw, why);
	if (!e && event.kind == EVENT_START)
		e = check_start(w, &event, raw->id, why);
	if (!e && event.kind == EVENT_SALE)
		e = check_sale(w, &event, raw->id, why);
	if (!e && event.kind == EVENT_BODY)
		e = check_body(w, &event, raw->id, why);
	if (!e && raw->id == w->mark.id && memcmp(hash.bytes, w->mark.hash.bytes, DIGEST_SIZE) != 0)
		e = broken(w, raw->id, "it is not the one that ledger.head names: events were written anew",
			   why);
	w->segment = event.segment;
	w->sequence = event.sequence;
	w->hash = hash;
	return e;
}

/* Rows of the tables beyond those that events account for: events at the end were taken away. */
static enum err check_strays(struct walk *w, struct why *why)
{
	const struct {
		int statement;
		int64_t expect;
	} tables[] = {
		{STMT_SALE_COUNT, w->sales}, {STMT_BODY_COUNT, w->bodies}, {STMT_SEGMENT_COUNT, w->segments}};
	struct db *db = &w->reader->db;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		int64_t rows = 0;
		enum err e = db_number(db, db_statement(db, tables[i].statement), &rows, why);

		if (e)
			return e;
		if (rows != tables[i].expect)
			return broken(w, w->id + 1, "it is missing, though other tables speak of it", why);
	}
	return ERR_OK;
}

/* What was written last is there, or the end was cut off, or this is an older copy. */
static enum err check_mark(const struct walk *w, struct why *why)
{
	if (w->id >= w->mark.id)
		return ERR_OK;
	return fail(
		why, ERR_CORRUPT,
		"%s: event %lld: it is missing: ledger.head names event %lld (%lld/%lld) as the newest: the "
		"end was cut off, or this is an older copy",
		w->reader->db.path, (long long)w->id + 1, (long long)w->mark.id, (long long)w->mark.segment,
		(long long)w->mark.sequence);
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
	}
	if (e != ERR_NOT_FOUND)
		return e;
	e = check_strays(w, why);
	return e ? e : check_mark(w, why);
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

enum err ledger_verify(struct ledger_reader *r, struct ledger_verdict *out, struct why *why)
{
	struct walk w = {.reader = r, .verdict = out};
	enum err e;

	*out = (struct ledger_verdict){0};
	e = read_mark(&w, why);
	if (!e)
		e = db_begin(&r->db, why); /* one transaction: what is appended meanwhile is not looked at */
	if (e)
		return e;
	r->count = r->next = 0; /* what was read ahead is of another transaction */
	e = walk_all(&w, why);
	db_rollback(&r->db);
	arena_free(&w.arena);
	out->at = (struct ledger_position){w.segment, w.sequence, w.hash};
	memcpy(out->box, w.box, sizeof(out->box));
	if (!e && why)
		why->text[0] = '\0';
	return e;
}
