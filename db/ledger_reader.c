/*
 * Reading the ledger beside its writer: events in order, and the extract of a sale. See ledger.h.
 *
 * Events are fetched a batch at a time, so that each statement ends before the caller goes off to do
 * something slow with what it got: a reader must not hold the WAL back.
 */
#include "ledger_reader.h"

#include <stdlib.h>
#include <string.h>

#define BATCH_BYTES_MAX ((size_t)8 << 20) /* BATCH_EVENTS small ones, or one of the largest */
#define BATCH_BYTES	((size_t)256 << 10)
#define BODY_BYTES_MAX	((size_t)32 << 20) /* of bodies kept for the next extract; then all are forgotten */

enum err ledger_reader_open(const char *path, struct ledger_reader **out, struct why *why)
{
	struct ledger_reader *r = calloc(1, sizeof(*r));
	enum err e;

	if (!r)
		return fail(why, ERR_MEMORY, "%s: out of memory", path);
	e = db_open(path, &ledger_kind, DB_READER, &r->db, why);
	if (e) {
		free(r);
		return e;
	}
	buf_init(&r->bytes, BATCH_BYTES_MAX);
	*out = r;
	return ERR_OK;
}

void ledger_reader_close(struct ledger_reader *r)
{
	if (!r)
		return;
	db_close(&r->db);
	buf_free(&r->bytes);
	arena_free(&r->body_arena);
	free(r->bodies);
	free(r);
}

/* The current row becomes the batch's next event. */
static enum err keep(struct ledger_reader *r, sqlite3_stmt *row, struct why *why)
{
	struct batch_event *event = &r->batch[r->count];
	const uint8_t *bytes = db_bytes(row, 1, &event->length);

	event->id = sqlite3_column_int64(row, 0);
	event->check = sqlite3_column_int64(row, 2);
	event->offset = buf_length(&r->bytes);
	if (!buf_add(&r->bytes, bytes, event->length))
		return fail(why, ERR_LIMIT, "%s: event %lld is too large", r->db.path, (long long)event->id);
	r->count++;
	return ERR_OK;
}

static enum err fetch(struct ledger_reader *r, int64_t after_id, struct why *why)
{
	sqlite3_stmt *row = db_statement(&r->db, STMT_EVENTS_AFTER);
	enum err e;

	r->count = r->next = 0;
	buf_take(&r->bytes, buf_length(&r->bytes));
	db_bind_int(row, 1, after_id);
	db_bind_int(row, 2, BATCH_EVENTS);
	while ((e = db_row(&r->db, row, why)) == ERR_OK) {
		e = keep(r, row, why);
		if (e || buf_length(&r->bytes) >= BATCH_BYTES)
			break;
	}
	sqlite3_reset(row);
	return e == ERR_NOT_FOUND && r->count > 0 ? ERR_OK : e;
}

/*
 * The event behind that id was read already, and r->next is its place. A damaged ledger has gaps: then the
 * place is another one, and it is fetched.
 */
static bool is_read_ahead(struct ledger_reader *r, int64_t after_id)
{
	size_t at;

	if (r->count == 0 || after_id < r->batch[0].id - 1 || after_id >= r->batch[r->count - 1].id)
		return false;
	at = (size_t)(after_id + 1 - r->batch[0].id);
	if (at >= r->count || (at > 0 && r->batch[at - 1].id != after_id))
		return false;
	r->next = at;
	return true;
}

enum err ledger_reader_next(struct ledger_reader *r, int64_t after_id, struct ledger_event *out,
			    struct why *why)
{
	const struct batch_event *event;

	if (!is_read_ahead(r, after_id)) {
		enum err e = fetch(r, after_id, why);

		if (e)
			return e == ERR_NOT_FOUND ? fail(why, e, "%s: no event after %lld", r->db.path,
							 (long long)after_id)
						  : e;
	}
	event = &r->batch[r->next++];
	*out = (struct ledger_event){
		.id = event->id,
		.bytes = buf_front(&r->bytes) + event->offset,
		.length = event->length,
		.check = event->check,
	};
	return ERR_OK;
}

enum err ledger_reader_newest(struct ledger_reader *r, struct ledger_event *out, struct why *why)
{
	sqlite3_stmt *row = db_statement(&r->db, STMT_LAST_EVENT);
	enum err e;

	r->count = r->next = 0;
	buf_take(&r->bytes, buf_length(&r->bytes));
	e = db_row(&r->db, row, why);
	if (e)
		return e == ERR_NOT_FOUND ? fail(why, e, "%s: no event yet", r->db.path) : e;
	e = keep(r, row, why);
	sqlite3_reset(row);
	return e ? e : ledger_reader_next(r, r->batch[0].id - 1, out, why);
}

enum err ledger_reader_locate(struct ledger_reader *r, int64_t segment, int64_t sequence, int64_t *id,
			      struct why *why)
{
	sqlite3_stmt *row = db_statement(&r->db, STMT_SEGMENT);
	struct ledger_event at = {0};
	struct event_envelope event = {0};
	struct arena a = ARENA_EMPTY;
	enum err e;

	*id = 0;
	if (segment == 0 && sequence == 0)
		return ERR_OK;
	db_bind_int(row, 1, segment);
	e = db_row(&r->db, row, why);
	if (e)
		return e == ERR_NOT_FOUND
			       ? fail(why, e, "%s: no segment %lld", r->db.path, (long long)segment)
			       : e;
	*id = sqlite3_column_int64(row, 0);
	sqlite3_reset(row);
	*id += sequence - 1;
	e = ledger_reader_next(r, *id - 1, &at, why);
	if (!e && at.id != *id)
		e = ERR_NOT_FOUND;
	if (!e)
		e = event_decode(at.bytes, at.length, &a, &event, why);
	if (!e && (event.segment != segment || event.sequence != sequence))
		e = ERR_NOT_FOUND;
	arena_free(&a);
	return e == ERR_NOT_FOUND ? fail(why, e, "%s: no event %lld of segment %lld", r->db.path,
					 (long long)sequence, (long long)segment)
				  : e;
}

/* The next event after *id that may be that order's. */
static enum err next_of_order(struct ledger_reader *r, const char *order, int64_t *id, struct why *why)
{
	sqlite3_stmt *row = db_statement(&r->db, STMT_SALE_OF_ORDER);
	enum err e;

	db_bind_int(row, 1, (int64_t)ledger_order_key(order));
	db_bind_int(row, 2, *id);
	e = db_row(&r->db, row, why);
	if (e)
		return e == ERR_NOT_FOUND ? fail(why, e, "%s: no sale of order '%.64s'", r->db.path, order)
					  : e;
	*id = sqlite3_column_int64(row, 0);
	sqlite3_reset(row);
	return ERR_OK;
}

/* Two orders may have one key: the event tells them apart. */
static bool is_of_order(const struct ledger_event *event, const char *order)
{
	struct arena a = ARENA_EMPTY;
	struct event_envelope envelope;
	struct event_sale sale;
	struct why why;
	bool is = event_decode(event->bytes, event->length, &a, &envelope, &why) == ERR_OK &&
		  envelope.kind == EVENT_SALE &&
		  event_sale_decode(envelope.body, &a, &sale, &why) == ERR_OK &&
		  strcmp(sale.order, order) == 0;

	arena_free(&a);
	return is;
}

enum err ledger_reader_order(struct ledger_reader *r, const char *order, struct ledger_event *out,
			     struct why *why)
{
	int64_t id = 0;
	enum err e;

	while ((e = next_of_order(r, order, &id, why)) == ERR_OK) {
		e = ledger_reader_next(r, id - 1, out, why);
		if (e || is_of_order(out, order))
			break;
	}
	return e;
}

/* A body by its number, as it was handed to ledger_append_sale. */
static enum err decode_body(const char *bytes, size_t n, int64_t number, struct arena *a, struct body *out,
			    struct why *why)
{
	struct event_envelope envelope;
	struct event_body b;
	struct cborr r;
	enum err e = event_decode(bytes, n, a, &envelope, why);

	if (e)
		return e;
	r = cborr_over(envelope.body.at, envelope.body.length);
	e = record_from_cbor(&event_body_schema, &r, a, &b, why);
	if (e)
		return e;
	if (b.number != number || b.type >= RECORD_TYPES)
		return fail(why, ERR_INVALID, "body %lld of type %lld", (long long)b.number,
			    (long long)b.type);
	*out = (struct body){.type = (enum record_type)b.type, .cbor = b.cbor.at, .length = b.cbor.length};
	body_hash(out->type, out->cbor, out->length, out->hash);
	return ERR_OK;
}

static enum err fetch_body(struct db *db, int64_t number, struct arena *a, struct body *out, struct why *why)
{
	sqlite3_stmt *row = db_statement(db, STMT_BODY);
	const uint8_t *bytes;
	char *copy;
	size_t n;
	enum err e;

	db_bind_int(row, 1, number);
	e = db_row(db, row, why);
	if (e)
		return e == ERR_NOT_FOUND ? fail(why, ERR_CORRUPT, "%s: body %lld is missing; %s", db->path,
						 (long long)number, ledger_kind.way_out)
					  : e;
	bytes = db_bytes(row, 0, &n);
	copy = arena_text(a, (const char *)bytes, n);
	sqlite3_reset(row);
	if (!copy)
		return fail(why, ERR_MEMORY, "out of memory");
	e = decode_body(copy, n, number, a, out, why);
	if (e != ERR_INVALID)
		return e;
	why_prefix(why, "%s: body %lld: ", db->path, (long long)number);
	return ERR_CORRUPT;
}

/* Its place among those that are kept; NULL: memory is short. */
static struct body *place_of(struct ledger_reader *r, int64_t number)
{
	size_t size = r->bodies_size ? r->bodies_size : 256;
	struct body *grown;

	while (size < (size_t)number)
		size *= 2;
	if (size > r->bodies_size) {
		grown = reallocarray(r->bodies, size, sizeof(*grown));
		if (!grown)
			return NULL;
		memset(grown + r->bodies_size, 0, (size - r->bodies_size) * sizeof(*grown));
		r->bodies = grown;
		r->bodies_size = size;
	}
	return &r->bodies[number - 1];
}

/* Thousands of sales share the body of an article or a promotion: it is read and checked once. */
static enum err read_body(struct ledger_reader *r, int64_t number, struct body *out, struct why *why)
{
	struct body *kept, body = {0};
	enum err e;

	if (number >= 1 && (uint64_t)number <= r->bodies_size && r->bodies[number - 1].cbor) {
		*out = r->bodies[number - 1];
		return ERR_OK;
	}
	e = fetch_body(&r->db, number, &r->body_arena, &body, why); /* a number that is none is not found */
	if (e)
		return e;
	kept = place_of(r, number);
	if (!kept)
		return fail(why, ERR_MEMORY, "out of memory");
	r->body_bytes += body.length;
	*kept = *out = body;
	return ERR_OK;
}

static void forget_bodies(struct ledger_reader *r)
{
	if (r->body_bytes < BODY_BYTES_MAX)
		return;
	memset(r->bodies, 0, r->bodies_size * sizeof(*r->bodies));
	arena_reset(&r->body_arena);
	r->body_bytes = 0;
}

/* Where ledger_reader_extract is. */
struct unpacking {
	struct db *db;
	struct ledger_reader *reader; /* that keeps bodies; NULL: nobody does */
	const struct event_sale *sale;
	struct arena *arena;
	struct body *bodies;
	size_t count, next_price;
};

static enum err unpack_prices(struct unpacking *u, struct why *why)
{
	const struct sale_price *prices = u->sale->prices.at;

	while (u->next_price < u->sale->prices.count) {
		enum err e = ledger_unpack_price(u->sale, &prices[u->next_price++], u->arena,
						 &u->bodies[u->count++], why);

		if (e)
			return e;
	}
	return ERR_OK;
}

/* Bodies and prices were one list sorted by type: bodies before the prices, prices, bodies behind them. */
static enum err unpack(struct unpacking *u, struct why *why)
{
	const int64_t *numbers = u->sale->bodies.at;

	for (size_t i = 0; i < u->sale->bodies.count; i++) {
		struct body b = {0};
		enum err e = u->reader ? read_body(u->reader, numbers[i], &b, why)
				       : fetch_body(u->db, numbers[i], u->arena, &b, why);

		if (!e && b.type > RECORD_PRICE)
			e = unpack_prices(u, why);
		if (e)
			return e;
		u->bodies[u->count++] = b;
	}
	return unpack_prices(u, why);
}

static enum err unpack_all(struct unpacking *u, struct extract *out, struct why *why)
{
	size_t most = u->sale->bodies.count + u->sale->prices.count;
	enum err e;

	u->bodies = arena_get(u->arena, most * sizeof(struct body) + 1);
	if (!u->bodies)
		return fail(why, ERR_MEMORY, "out of memory");
	e = unpack(u, why);
	*out = (struct extract){.bodies = u->bodies, .count = u->count};
	return e;
}

enum err ledger_reader_extract(struct ledger_reader *r, const struct event_sale *sale, struct arena *a,
			       struct extract *out, struct why *why)
{
	struct unpacking u = {.db = &r->db, .reader = r, .sale = sale, .arena = a};

	forget_bodies(r);
	return unpack_all(&u, out, why);
}

enum err ledger_extract(struct db *db, const struct event_sale *sale, struct arena *a, struct extract *out,
			struct why *why)
{
	struct unpacking u = {.db = db, .sale = sale, .arena = a};

	return unpack_all(&u, out, why);
}
