/*
 * Reading carts back from carts.db, and finding out which records none of them needs. See cart_store.h.
 *
 * Rows are copied first and dealt with afterwards: what is handed out may end with the row's deletion.
 */
#include "cart_store_parts.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

#define ROWS_MAX 1024 /* more carts than a box can have */

struct row {
	const char *id;
	struct bytes body;
};

struct rows {
	struct row *at;
	size_t count;
};

static enum err no_memory(const struct cart_store *s, struct why *why)
{
	return fail(why, ERR_MEMORY, "%s: out of memory", s->db.path);
}

/* All rows, in the store's arena. */
static enum err read_rows(struct cart_store *s, struct rows *out, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, CARTS_STMT_ALL);
	enum err e = ERR_OK;

	arena_reset(&s->arena);
	*out = (struct rows){.at = arena_get(&s->arena, ROWS_MAX * sizeof(struct row))};
	if (!out->at)
		return no_memory(s, why);
	while (out->count < ROWS_MAX && (e = db_row(&s->db, row, why)) == ERR_OK) {
		struct row *r = &out->at[out->count++];
		const uint8_t *body = db_bytes(row, 1, &r->body.length);
		const char *id = (const char *)sqlite3_column_text(row, 0);

		r->id = arena_text(&s->arena, id ? id : "", id ? strlen(id) : 0);
		r->body.at = (const uint8_t *)arena_text(&s->arena, (const char *)body, r->body.length);
		if (!r->id || !r->body.at) {
			e = no_memory(s, why);
			break;
		}
	}
	sqlite3_reset(row);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err decode(const struct row *row, struct arena *a, struct kept_cart *out, struct why *why)
{
	struct cborr r = cborr_over(row->body.at, row->body.length);
	enum err e = record_from_cbor(&kept_cart_schema, &r, a, out, why);

	if (e)
		return e;
	if (r.at != r.end || strcmp(out->id, row->id) != 0)
		return fail(why, ERR_INVALID, "the row is not what was written");
	return ERR_OK;
}

static enum err read_body(struct cart_store *s, int64_t number, struct arena *a, struct body *out,
			  struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, CARTS_STMT_BODY);
	const uint8_t *cbor, *hash;
	int64_t type;
	size_t n;
	enum err e;

	db_bind_int(row, 1, number);
	e = db_row(&s->db, row, why);
	if (e)
		return e == ERR_NOT_FOUND
			       ? fail(why, ERR_CORRUPT, "record %lld is missing", (long long)number)
			       : e;
	type = sqlite3_column_int64(row, 0);
	cbor = db_bytes(row, 1, &out->length);
	out->cbor = (const uint8_t *)arena_text(a, (const char *)cbor, out->length);
	hash = db_bytes(row, 2, &n);
	if (!out->cbor) {
		e = no_memory(s, why);
	} else if (type >= 0 && type < RECORD_TYPES) {
		out->type = (enum record_type)type;
		body_hash(out->type, out->cbor, out->length, out->hash);
	}
	if (!e && (n != BODY_HASH_SIZE || memcmp(hash, out->hash, n) != 0))
		e = fail(why, ERR_CORRUPT, "record %lld is not what was written", (long long)number);
	sqlite3_reset(row);
	return e;
}

static enum err read_extract(struct cart_store *s, const struct kept_cart *cart, struct arena *a,
			     struct extract *out, struct why *why)
{
	const struct kept_body *numbers = cart->bodies.at;
	struct body *bodies = arena_get(a, cart->bodies.count * sizeof(*bodies) + 1);

	if (!bodies)
		return no_memory(s, why);
	for (size_t i = 0; i < cart->bodies.count; i++) {
		enum err e = read_body(s, numbers[i].number, a, &bodies[i], why);

		if (e)
			return e;
	}
	*out = (struct extract){.bodies = bodies, .count = cart->bodies.count};
	return ERR_OK;
}

static enum err set_damaged_aside(struct cart_store *s, const struct row *row, const char *reason,
				  struct why *why)
{
	sqlite3_stmt *put = db_statement(&s->db, CARTS_STMT_PUT_DAMAGED);
	enum err e;

	db_bind_text(put, 1, row->id);
	db_bind_text(put, 2, reason);
	db_bind_bytes(put, 3, row->body.at, row->body.length);
	e = db_run(&s->db, put, why);
	return e ? e : cart_store_drop(s, row->id, why);
}

/* Memory and the disk are no fault of the row's. */
static bool is_rows_fault(enum err e)
{
	return e != ERR_MEMORY && e != ERR_IO && e != ERR_BUSY;
}

static enum err hand_out(struct cart_store *s, const struct row *row, cart_store_fn *fn, void *arg,
			 struct arena *a, struct why *why)
{
	struct kept_cart cart;
	struct extract extract;
	struct why reason = {0};
	enum err e;

	arena_reset(a);
	e = decode(row, a, &cart, &reason);
	if (!e)
		e = read_extract(s, &cart, a, &extract, &reason);
	if (!e)
		e = fn(&cart, &extract, arg, &reason);
	if (!e)
		return ERR_OK;
	if (e == ERR_EXISTS)
		return cart_store_drop(s, row->id, why);
	log_warnx("%s: cart %s cannot be brought back: %s", s->db.path, row->id, reason.text);
	return is_rows_fault(e) ? set_damaged_aside(s, row, reason.text, why) : ERR_OK;
}

enum err cart_store_each(struct cart_store *s, cart_store_fn *fn, void *arg, struct why *why)
{
	struct arena arena = ARENA_EMPTY;
	struct rows rows;
	enum err e = read_rows(s, &rows, why);

	if (!e)
		e = cart_store_begin(s, why);
	if (e)
		return e;
	for (size_t i = 0; i < rows.count && !e; i++)
		e = hand_out(s, &rows.at[i], fn, arg, &arena, why);
	arena_free(&arena);
	if (!e)
		return cart_store_commit(s, why);
	cart_store_rollback(s);
	return e;
}

/* Bits of the numbers that some cart refers to. A row that cannot be read needs nothing any more. */
static enum err mark_used(struct cart_store *s, uint8_t *used, struct why *why)
{
	struct arena arena = ARENA_EMPTY;
	struct kept_cart cart;
	struct rows rows;
	enum err e = read_rows(s, &rows, why);

	for (size_t i = 0; i < rows.count && !e; i++) {
		const struct kept_body *bodies;

		arena_reset(&arena);
		if (decode(&rows.at[i], &arena, &cart, NULL))
			continue;
		bodies = cart.bodies.at;
		for (size_t k = 0; k < cart.bodies.count; k++)
			if (bodies[k].number <= s->last_body)
				used[bodies[k].number / 8] |= (uint8_t)(1u << bodies[k].number % 8);
	}
	arena_free(&arena);
	return e;
}

/* A row may be deleted while a walk over the table stands on it. */
static enum err drop_bodies(struct cart_store *s, const uint8_t *used, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, CARTS_STMT_BODIES);
	enum err e;

	while ((e = db_row(&s->db, row, why)) == ERR_OK) {
		int64_t n = sqlite3_column_int64(row, 0);
		sqlite3_stmt *drop;

		if (n > s->last_body || used[n / 8] & 1u << n % 8)
			continue;
		drop = db_statement(&s->db, CARTS_STMT_DROP_BODY);
		db_bind_int(drop, 1, n);
		e = db_run(&s->db, drop, why);
		if (e)
			break;
	}
	sqlite3_reset(row);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err cart_store_drop_unused(struct cart_store *s, struct why *why)
{
	uint8_t *used = calloc(1, (size_t)s->last_body / 8 + 1);
	enum err e;

	if (!used)
		return no_memory(s, why);
	e = mark_used(s, used, why);
	if (!e)
		e = drop_bodies(s, used, why);
	free(used);
	return e;
}
