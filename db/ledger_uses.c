/*
 * Writing and reading the table of uses. See ledger_uses.h.
 */
#include "ledger_uses.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "ledger_parts.h"
#include "ledger_reader.h"
#include "log.h"

/* What an entry says besides its uses. */
struct use_rest {
	struct money amount;
	int64_t incarnation, grant, granted_uses;
	struct money granted_amount;
	int64_t returned, expired, until_ms;
	const char *token, *order;
};

struct use_row {
	struct use *use; /* the fold's: not for the worker's thread */
	enum use_kind kind;
	const char *key, *by;
	int64_t uses;
	struct bytes body;
};

#define OR_0 .has_default = true, .absent = 0

static const struct field rest_fields[] = {
	FIELD(1, use_rest, amount, .kind = FIELD_MONEY, OR_0, .text = "given"),
	FIELD(2, use_rest, incarnation, .kind = FIELD_INT, OR_0, .text = "of the newest grant"),
	FIELD(3, use_rest, grant, .kind = FIELD_INT, OR_0, .text = "number of the newest grant"),
	FIELD(4, use_rest, granted_uses, .kind = FIELD_INT, OR_0, .text = "in all"),
	FIELD(5, use_rest, granted_amount, .kind = FIELD_MONEY, OR_0, .text = "in all"),
	FIELD(6, use_rest, returned, .kind = FIELD_INT, OR_0, .text = "how often a coupon was given back"),
	FIELD(7, use_rest, expired, .kind = FIELD_BOOL, OR_0, .text = "a coupon was ended by hand"),
	FIELD(8, use_rest, until_ms, .kind = FIELD_INT, OR_0, .text = "so long its token holds a use"),
	FIELD(9, use_rest, token, FIELD_OF(TEXT, 1, USE_TEXT_MAX), .text = "of who reserved it"),
	FIELD(10, use_rest, order, FIELD_OF(TEXT, 1, USE_TEXT_MAX), .text = "it was redeemed in last"),
};
static const struct schema rest_schema = SCHEMA("use", use_rest, rest_fields, "The rest of an entry of use.");

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

/* False: the entry has no more to say than its uses. */
static bool rest_of(const struct use *e, struct use_rest *out)
{
	const struct promotion_use *p = (const struct promotion_use *)e;
	const struct coupon_use *c = (const struct coupon_use *)e;

	if (e->kind == USE_PROMOTION)
		*out = (struct use_rest){.amount = p->amount,
					 .incarnation = p->incarnation,
					 .grant = p->grant,
					 .granted_uses = p->granted_uses,
					 .granted_amount = p->granted_amount};
	else if (e->kind == USE_COUPON)
		*out = (struct use_rest){.returned = c->returned,
					 .expired = c->expired,
					 .until_ms = c->until_ms,
					 .token = or_null(c->token),
					 .order = or_null(c->order)};
	return e->kind == USE_PROMOTION || e->kind == USE_COUPON;
}

static void set_rest(struct use *e, const struct use_rest *r)
{
	struct promotion_use *p = (struct promotion_use *)e;
	struct coupon_use *c = (struct coupon_use *)e;

	if (e->kind == USE_PROMOTION) {
		p->amount = r->amount;
		p->incarnation = r->incarnation;
		p->grant = r->grant;
		p->granted_uses = r->granted_uses;
		p->granted_amount = r->granted_amount;
	} else if (e->kind == USE_COUPON) {
		c->returned = r->returned;
		c->expired = r->expired;
		c->until_ms = r->until_ms;
		snprintf(c->token, sizeof(c->token), "%s", r->token ? r->token : "");
		snprintf(c->order, sizeof(c->order), "%s", r->order ? r->order : "");
	}
}

static enum err encode_rest(const struct use *e, struct buf *buf, struct arena *a, struct bytes *out)
{
	struct use_rest rest;
	struct cborw w;

	*out = (struct bytes){0};
	if (!rest_of(e, &rest))
		return ERR_OK;
	buf_cut(buf, 0);
	cborw_begin(&w, buf);
	record_to_cbor(&rest_schema, &rest, &w);
	if (cborw_end(&w))
		return ERR_MEMORY;
	out->length = buf_length(buf);
	out->at = (const uint8_t *)arena_text(a, (const char *)buf_front(buf), out->length);
	return out->at ? ERR_OK : ERR_MEMORY;
}

/* Keys are the entry's own, which stay where they are. */
static enum err copy_changed(const struct uses *u, struct arena *a, struct ledger_uses *out)
{
	struct buf buf;
	enum err e = ERR_OK;

	buf_init(&buf, 1024);
	for (struct use *use = uses_changed(u); use && !e; use = use->changed) {
		struct use_row *row = &out->rows[out->count++];

		*row = (struct use_row){.use = use,
					.kind = use->kind,
					.key = use->key,
					.by = use->by ? use->by : "",
					.uses = use->uses};
		e = encode_rest(use, &buf, a, &row->body);
	}
	buf_free(&buf);
	return e;
}

enum err ledger_uses_take(struct uses *u, int64_t event, struct arena *a, struct ledger_uses *out)
{
	size_t count = 0;
	enum err e;

	for (const struct use *use = uses_changed(u); use; use = use->changed)
		count++;
	*out = (struct ledger_uses){.event = event, .rows = arena_get(a, count * sizeof(*out->rows) + 1)};
	if (!out->rows)
		return ERR_MEMORY;
	e = copy_changed(u, a, out);
	if (!e)
		uses_clean(u);
	return e;
}

void ledger_uses_again(struct uses *u, const struct ledger_uses *taken)
{
	for (size_t i = 0; i < taken->count; i++)
		uses_touch(u, taken->rows[i].use);
}

static enum err put_row(struct ledger *l, const struct use_row *row, struct why *why)
{
	sqlite3_stmt *put = db_statement(&l->db, STMT_PUT_USE);

	db_bind_int(put, 1, row->kind);
	db_bind_text(put, 2, row->key);
	db_bind_text(put, 3, row->by);
	db_bind_int(put, 4, row->uses);
	if (row->body.length)
		db_bind_bytes(put, 5, row->body.at, row->body.length);
	return db_run(&l->db, put, why);
}

/* The digest that stands beside an event. ERR_NOT_FOUND: there is no such event. */
static enum err digest_at(struct db *db, int64_t event, int64_t *out, struct why *why)
{
	sqlite3_stmt *row = db_statement(db, STMT_DIGEST);

	db_bind_int(row, 1, event);
	return db_number(db, row, out, why);
}

static enum err put_all(struct ledger *l, const struct ledger_uses *uses, int64_t digest, struct why *why)
{
	sqlite3_stmt *mark;
	enum err e = ERR_OK;

	for (size_t i = 0; i < uses->count && !e; i++)
		e = put_row(l, &uses->rows[i], why);
	if (e)
		return e;
	mark = db_statement(&l->db, STMT_PUT_USE_MARK);
	db_bind_int(mark, 1, uses->event);
	db_bind_int(mark, 2, digest);
	return db_run(&l->db, mark, why);
}

/* Half of the rows would be worse than none. */
enum err ledger_put_uses(struct ledger *l, const struct ledger_uses *uses, struct why *why)
{
	enum err e = ledger_flush(l, why);
	int64_t digest;

	if (!e)
		e = digest_at(&l->db, uses->event, &digest, why);
	if (e)
		return e;
	e = put_all(l, uses, digest, why);
	if (e) {
		l->spoiled = e;
		l->spoiled_why = *why;
	}
	return e;
}

static enum err take_row(sqlite3_stmt *row, struct uses *u, struct arena *a, struct why *why)
{
	int64_t kind = sqlite3_column_int64(row, 0);
	const char *key = (const char *)sqlite3_column_text(row, 1);
	const char *by = (const char *)sqlite3_column_text(row, 2);
	struct use_rest rest;
	const uint8_t *body;
	struct cborr r;
	struct use *e;
	size_t n;

	if (kind < USE_PROMOTION || kind > USE_CREDIT || !key || !by)
		return fail(why, ERR_CORRUPT, "a row of the table of uses is damaged");
	e = uses_get(u, (enum use_kind)kind, key, kind == USE_BY_CUSTOMER || kind == USE_CREDIT ? by : NULL);
	if (!e)
		return fail(why, ERR_MEMORY, "out of memory");
	e->uses = sqlite3_column_int64(row, 3);
	if (sqlite3_column_type(row, 4) == SQLITE_NULL)
		return ERR_OK;
	body = db_bytes(row, 4, &n);
	r = cborr_over(body, n);
	arena_reset(a);
	if (record_from_cbor(&rest_schema, &r, a, &rest, why))
		return fail(why, ERR_CORRUPT, "a row of the table of uses is damaged");
	set_rest(e, &rest);
	return ERR_OK;
}

static enum err read_table(struct db *db, struct uses *u, struct why *why)
{
	sqlite3_stmt *row = db_statement(db, STMT_USES);
	struct arena a = ARENA_EMPTY;
	enum err e;

	while ((e = db_row(db, row, why)) == ERR_OK) {
		e = take_row(row, u, &a, why);
		if (e)
			break;
	}
	sqlite3_reset(row);
	arena_free(&a);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* Up to which event the table speaks; 0: it does not, or not of this ledger. */
static enum err read_mark(struct db *db, int64_t *event, struct why *why)
{
	sqlite3_stmt *row = db_statement(db, STMT_USE_MARK);
	int64_t expected, digest = 0;
	enum err e = db_row(db, row, why);

	if (e)
		return e == ERR_NOT_FOUND ? fail(why, ERR_CORRUPT, "%s: use_mark is empty", db->path) : e;
	*event = sqlite3_column_int64(row, 0);
	expected = sqlite3_column_int64(row, 1);
	sqlite3_reset(row);
	if (*event == 0)
		return ERR_OK;
	e = digest_at(db, *event, &digest, why);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (e || digest != expected)
		*event = 0;
	return ERR_OK;
}

static enum err take_event(struct ledger *l, sqlite3_stmt *row, struct uses *u, struct arena *a,
			   struct why *why)
{
	struct event_envelope event;
	size_t n;
	const uint8_t *bytes = db_bytes(row, 1, &n);
	enum err e;

	arena_reset(a);
	e = event_decode(bytes, n, a, &event, why);
	if (!e)
		e = uses_take_event(u, &event, a, why);
	return e == ERR_INVALID ? ledger_corrupt(l, sqlite3_column_int64(row, 0), "cannot be read", why) : e;
}

static enum err take_events(struct ledger *l, struct uses *u, int64_t *event, struct why *why)
{
	sqlite3_stmt *row = db_statement(&l->db, STMT_EVENTS_AFTER);
	struct arena a = ARENA_EMPTY;
	enum err e;

	db_bind_int(row, 1, *event);
	db_bind_int(row, 2, -1);
	while ((e = db_row(&l->db, row, why)) == ERR_OK) {
		e = take_event(l, row, u, &a, why);
		if (e)
			break;
		*event = sqlite3_column_int64(row, 0);
	}
	sqlite3_reset(row);
	arena_free(&a);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* A table that is not to be believed goes, so that no row of it outlives the next mark. */
static enum err empty_table(struct ledger *l, struct why *why)
{
	enum err e = ledger_begin(l, why);

	if (e)
		return e;
	e = db_run(&l->db, db_statement(&l->db, STMT_DROP_USES), why);
	if (!e)
		return ledger_commit(l, why);
	ledger_rollback(l);
	return e;
}

static enum err load(struct ledger *l, struct uses *u, int64_t *event, struct why *why)
{
	enum err e = read_mark(&l->db, event, why);

	if (e)
		return e;
	if (*event > 0)
		e = read_table(&l->db, u, why);
	else
		e = empty_table(l, why);
	return e ? e : take_events(l, u, event, why);
}

enum err ledger_load_uses(struct ledger *l, struct uses **out, int64_t *event, struct why *why)
{
	struct uses *u = uses_new();
	enum err e = u ? load(l, u, event, why) : fail(why, ERR_MEMORY, "out of memory");

	if (e)
		uses_free(u);
	else
		*out = u;
	return e;
}

enum err ledger_reader_uses(struct ledger_reader *r, struct uses *out, int64_t *event, struct why *why)
{
	enum err e = read_mark(&r->db, event, why);

	return e || *event == 0 ? e : read_table(&r->db, out, why);
}
