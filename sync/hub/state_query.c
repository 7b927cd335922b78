/*
 * What is asked of the hub's state. See state.h.
 */
#include "state_parts.h"

#include <stdio.h>
#include <string.h>

/* A column of 32 bytes; zeros for NULL or another length. */
static void take_hash(sqlite3_stmt *row, int column, struct digest *out)
{
	size_t n;
	const uint8_t *at = db_bytes(row, column, &n);

	memset(out, 0, sizeof(*out));
	if (n == DIGEST_SIZE)
		memcpy(out->bytes, at, DIGEST_SIZE);
}

static void take_head(sqlite3_stmt *row, int column, struct upload_head *out)
{
	out->segment = sqlite3_column_int64(row, column);
	out->sequence = sqlite3_column_int64(row, column + 1);
	take_hash(row, column + 2, &out->hash);
}

static void take_box(sqlite3_stmt *row, struct state_box *b)
{
	*b = (struct state_box){
		.name = state_text(row, 0),
		.store = state_text(row, 1),
		.serial = sqlite3_column_int64(row, 2),
		.expires_ms = sqlite3_column_int64(row, 3),
		.least_serial = sqlite3_column_int64(row, 4),
		.incarnation = sqlite3_column_type(row, 5) == SQLITE_NULL ? 1 : sqlite3_column_int64(row, 5),
		.events = sqlite3_column_int64(row, 6),
	};
	take_head(row, 7, &b->head);
	b->quarantine = (const char *)sqlite3_column_text(row, 10);
	take_head(row, 11, &b->attach);
	b->program = (const char *)sqlite3_column_text(row, 14);
	b->semantics = sqlite3_column_int64(row, 15);
	b->min_reader = sqlite3_column_int64(row, 16);
	b->features = state_text(row, 17);
	b->seen_ms = sqlite3_column_int64(row, 18);
	b->trusts = (struct bytes){sqlite3_column_blob(row, 20), (size_t)sqlite3_column_bytes(row, 20)};
	if (b->seen_ms < sqlite3_column_int64(row, 19))
		b->seen_ms = sqlite3_column_int64(row, 19);
}

/* Hands each row of a statement to fn; ERR_CLOSED of it ends the rows without an error. */
static enum err each_box(struct state *s, sqlite3_stmt *row, state_box_fn *fn, void *arg, size_t *n,
			 struct why *why)
{
	struct state_box b;
	enum err e;

	*n = 0;
	while ((e = db_row(&s->db, row, why)) == ERR_OK) {
		take_box(row, &b);
		++*n;
		e = fn(&b, arg, why);
		if (e)
			break;
	}
	sqlite3_reset(row);
	return e == ERR_NOT_FOUND || e == ERR_CLOSED ? ERR_OK : e;
}

enum err state_boxes(struct state *s, state_box_fn *fn, void *arg, struct why *why)
{
	size_t n;

	return each_box(s, db_statement(&s->db, STATE_SQL_BOXES), fn, arg, &n, why);
}

enum err state_box(struct state *s, const char *name, state_box_fn *fn, void *arg, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STATE_SQL_BOX);
	size_t n;
	enum err e;

	db_bind_text(row, 1, name);
	e = each_box(s, row, fn, arg, &n, why);
	return e || n > 0 ? e : fail(why, ERR_NOT_FOUND, "there is no box '%s'", name);
}

enum err state_claim(struct state *s, const struct digest *code, struct state_claim *out, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STATE_SQL_CLAIM);
	enum err e;

	db_bind_bytes(row, 1, code->bytes, DIGEST_SIZE);
	e = db_row(&s->db, row, why);
	if (e == ERR_NOT_FOUND)
		return fail(why, e, "there is no such claim code");
	if (e)
		return e;
	snprintf(out->box, sizeof(out->box), "%s", state_text(row, 0));
	out->expires_ms = sqlite3_column_int64(row, 1);
	out->used = sqlite3_column_type(row, 2) != SQLITE_NULL;
	take_hash(row, 2, &out->request);
	sqlite3_reset(row);
	return ERR_OK;
}

enum err state_held(struct state *s, const char *box, int64_t incarnation, int64_t segment, int64_t sequence,
		    struct log_position *out, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STATE_SQL_HELD);
	enum err e;

	db_bind_text(row, 1, box);
	db_bind_int(row, 2, incarnation);
	db_bind_int(row, 3, segment);
	db_bind_int(row, 4, sequence);
	e = db_row(&s->db, row, why);
	if (e)
		return e;
	*out = (struct log_position){TOPIC_SALES_EVENTS, (unsigned)sqlite3_column_int64(row, 0),
				     sqlite3_column_int64(row, 1)};
	sqlite3_reset(row);
	return ERR_OK;
}

/* One scope by name; what is not there has version 0. */
static enum err read_scope(struct state *s, const char *name, struct state_catalog *out, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STATE_SQL_SCOPE);
	enum err e;

	*out = (struct state_catalog){0};
	db_bind_text(row, 1, name);
	e = db_row(&s->db, row, why);
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	snprintf(out->scope, sizeof(out->scope), "%s", name);
	out->own = sqlite3_column_int64(row, 0) != 0;
	out->own_since = sqlite3_column_int64(row, 1);
	out->version = sqlite3_column_int64(row, 2);
	snprintf(out->currency, sizeof(out->currency), "%s", state_text(row, 3));
	sqlite3_reset(row);
	return ERR_OK;
}

enum err state_catalog(struct state *s, const char *store, struct state_catalog *out, struct why *why)
{
	struct state_catalog chain;
	enum err e = read_scope(s, store, out, why);

	if (e || out->own || store[0] == '\0')
		return e;
	e = read_scope(s, "", &chain, why);
	if (e)
		return e;
	if (out->version < chain.version)
		out->version = chain.version;
	if (out->currency[0] == '\0')
		memcpy(out->currency, chain.currency, sizeof(out->currency));
	return ERR_OK;
}

static enum err each_row(struct state *s, sqlite3_stmt *row, int first, state_row_fn *fn, void *arg,
			 struct why *why)
{
	enum err e;

	while ((e = db_row(&s->db, row, why)) == ERR_OK) {
		struct state_row r = {.type = sqlite3_column_int64(row, first),
				      .key = state_text(row, first + 1)};

		if (first > 0) {
			r.id = sqlite3_column_int64(row, 0);
			r.version = sqlite3_column_int64(row, 1);
		}
		if (sqlite3_column_type(row, first + 2) != SQLITE_NULL)
			r.cbor.at = db_bytes(row, first + 2, &r.cbor.length);
		e = fn(&r, arg, why);
		if (e)
			break;
	}
	sqlite3_reset(row);
	return e == ERR_NOT_FOUND || e == ERR_CLOSED ? ERR_OK : e;
}

enum err state_records(struct state *s, const char *store, state_row_fn *fn, void *arg, struct why *why)
{
	struct state_catalog c;
	sqlite3_stmt *row;
	enum err e = state_catalog(s, store, &c, why);

	if (e)
		return e;
	if (c.scope[0] == '\0')
		return each_row(s, db_statement(&s->db, STATE_SQL_RECORDS_CHAIN), 0, fn, arg, why);
	row = db_statement(&s->db, c.own ? STATE_SQL_RECORDS_OWN : STATE_SQL_RECORDS_BOTH);
	db_bind_text(row, 1, c.scope);
	return each_row(s, row, 0, fn, arg, why);
}

enum err state_changes(struct state *s, const struct state_catalog *c, int64_t after, state_row_fn *fn,
		       void *arg, struct why *why)
{
	bool one = c->own || c->scope[0] == '\0';
	sqlite3_stmt *row = db_statement(&s->db, one ? STATE_SQL_CHANGES_ONE : STATE_SQL_CHANGES_BOTH);

	db_bind_text(row, 1, c->scope);
	db_bind_int(row, 2, after);
	return each_row(s, row, 2, fn, arg, why);
}

enum err state_scopes(struct state *s, state_scope_fn *fn, void *arg, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STATE_SQL_SCOPES);
	enum err e;

	while ((e = db_row(&s->db, row, why)) == ERR_OK) {
		e = fn(state_text(row, 0), sqlite3_column_int64(row, 1) != 0, arg, why);
		if (e)
			break;
	}
	sqlite3_reset(row);
	return e == ERR_NOT_FOUND || e == ERR_CLOSED ? ERR_OK : e;
}

enum err state_counters(struct state *s, struct state_counters *out, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STATE_SQL_COUNTERS);
	enum err e;

	db_bind_int(row, 1, TOPIC_LEASES);
	e = db_row(&s->db, row, why);
	if (e)
		return e;
	*out = (struct state_counters){
		.version = sqlite3_column_int64(row, 0),
		.publication = sqlite3_column_int64(row, 1),
		.forgotten = sqlite3_column_int64(row, 2),
		.newest = sqlite3_column_int64(row, 3),
		.next_lease = sqlite3_column_int64(row, 4),
	};
	sqlite3_reset(row);
	return ERR_OK;
}

/* A number that may be NULL. */
static int64_t take_amount(sqlite3_stmt *row, int column)
{
	return sqlite3_column_type(row, column) == SQLITE_NULL ? AMOUNT_NONE
							       : sqlite3_column_int64(row, column);
}

enum err state_grants(struct state *s, const char *store, int64_t from, state_grant_fn *fn, void *arg,
		      struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STATE_SQL_GRANTS);
	enum err e;

	db_bind_text(row, 1, store);
	db_bind_int(row, 2, from);
	while ((e = db_row(&s->db, row, why)) == ERR_OK) {
		struct wire_grant g = {
			.promotion = state_text(row, 1),
			.box = state_text(row, 2),
			.incarnation = sqlite3_column_int64(row, 3),
			.number = sqlite3_column_int64(row, 4),
			.uses = take_amount(row, 5),
			.amount = {take_amount(row, 6)},
			.currency = (const char *)sqlite3_column_text(row, 7),
		};

		e = fn(&g, sqlite3_column_int64(row, 0), arg, why);
		if (e)
			break;
	}
	sqlite3_reset(row);
	return e == ERR_NOT_FOUND || e == ERR_CLOSED ? ERR_OK : e;
}

enum err state_last_grant(struct state *s, const char *promotion, const char *box, int64_t incarnation,
			  int64_t *number, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STATE_SQL_LAST_GRANT);

	db_bind_text(row, 1, promotion);
	db_bind_text(row, 2, box);
	db_bind_int(row, 3, incarnation);
	return db_number(&s->db, row, number, why);
}

enum err state_parked(struct state *s, state_parked_fn *fn, void *arg, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STATE_SQL_PARKED);
	enum err e;

	while ((e = db_row(&s->db, row, why)) == ERR_OK) {
		struct state_parked p = {
			.box = state_text(row, 0),
			.incarnation = sqlite3_column_int64(row, 1),
			.segment = sqlite3_column_int64(row, 2),
			.sequence = sqlite3_column_int64(row, 3),
			.kind = sqlite3_column_int64(row, 4),
		};

		p.event.at = db_bytes(row, 5, &p.event.length);
		e = fn(&p, arg, why);
		if (e)
			break;
	}
	sqlite3_reset(row);
	return e == ERR_NOT_FOUND || e == ERR_CLOSED ? ERR_OK : e;
}

enum err state_unpark(struct state *s, const struct state_parked *p, struct why *why)
{
	sqlite3_stmt *q = db_statement(&s->db, STATE_SQL_UNPARK);

	db_bind_text(q, 1, p->box);
	db_bind_int(q, 2, p->incarnation);
	db_bind_int(q, 3, p->segment);
	db_bind_int(q, 4, p->sequence);
	return db_run(&s->db, q, why);
}
