/*
 * carts.db: opening it, and writing carts and the records they need. See cart_store.h; reading them back is
 * cart_store_read.c.
 */
#include "cart_store_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "migrations.h"

#define SWEEP_MIN 4096 /* bodies before it is looked which ones are still needed */

static const char *const statements[CARTS_STMT_COUNT] = {
	[CARTS_STMT_ALL] = "SELECT id, body FROM cart ORDER BY id",
	[CARTS_STMT_PUT] = ("INSERT INTO cart (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = "
			    "excluded.body"),
	[CARTS_STMT_DROP] = "DELETE FROM cart WHERE id = ?",
	[CARTS_STMT_BODIES] = "SELECT number, hash FROM body ORDER BY number",
	[CARTS_STMT_BODY] = "SELECT type, cbor, hash FROM body WHERE number = ?",
	[CARTS_STMT_PUT_BODY] = "INSERT INTO body (number, hash, type, cbor) VALUES (?, ?, ?, ?)",
	[CARTS_STMT_DROP_BODY] = "DELETE FROM body WHERE number = ?",
	[CARTS_STMT_PUT_DAMAGED] = "INSERT INTO damaged (id, reason, body) VALUES (?, ?, ?)",
	[CARTS_STMT_MARK] = "SELECT event FROM mark",
	[CARTS_STMT_SET_MARK] = "UPDATE mark SET event = ?",
};

const struct db_kind carts_kind = {
	.what = "journal of carts",
	.way_out = "it is begun anew",
	.application_id = 0x54696c4a, /* "TilJ" */
	.migrations = carts_migrations,
	.statements = statements,
	.statement_count = CARTS_STMT_COUNT,
};

uint64_t cart_store_body_key(const uint8_t *hash)
{
	uint64_t key = 0;

	for (int i = 0; i < 8; i++)
		key = key << 8 | hash[i];
	return key;
}

/* Which bodies there are, as the table says. */
static enum err learn_bodies(struct cart_store *s, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, CARTS_STMT_BODIES);
	enum err e;

	fold_free(&s->bodies);
	s->body_count = 0;
	s->last_body = 0;
	while ((e = db_row(&s->db, row, why)) == ERR_OK) {
		int64_t number = sqlite3_column_int64(row, 0);
		size_t n;
		const uint8_t *hash = db_bytes(row, 1, &n);

		if (number < 1 || n != BODY_HASH_SIZE) {
			sqlite3_reset(row);
			return db_failed(&s->db, SQLITE_CORRUPT, "reading bodies", why);
		}
		if (fold_reserve(&s->bodies, 1)) {
			sqlite3_reset(row);
			return fail(why, ERR_MEMORY, "%s: out of memory", s->db.path);
		}
		fold_add(&s->bodies, cart_store_body_key(hash), number);
		fold_keep(&s->bodies);
		s->last_body = number;
		s->body_count++;
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err open_store(struct cart_store *s, const char *path, struct why *why)
{
	enum err e = db_open(path, &carts_kind, DB_WRITER_NORMAL, &s->db, why);
	int64_t mark;

	if (e)
		return e;
	e = learn_bodies(s, why);
	if (!e)
		e = cart_store_mark(s, &mark, why); /* its one row has to be there */
	if (e)
		db_close(&s->db);
	return e;
}

/* Renames what is there; SQLite finds a WAL by the name of its database. */
enum err cart_store_put_aside(const char *path, struct why *why)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char from[DB_PATH_MAX + 16], to[DB_PATH_MAX + 16];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(from, sizeof(from), "%s%s", path, ends[i]);
		snprintf(to, sizeof(to), "%s.aside%s", path, ends[i]);
		if (remove(to) && errno != ENOENT)
			return fail(why, ERR_IO, "%s: %s", to, strerror(errno));
		if (rename(from, to) && errno != ENOENT)
			return fail(why, ERR_IO, "%s: %s", from, strerror(errno));
	}
	return ERR_OK;
}

static enum err open_anew(struct cart_store *s, const char *path, struct why *why)
{
	enum err e = cart_store_put_aside(path, why);

	return e ? e : open_store(s, path, why);
}

enum err cart_store_open(const char *path, struct cart_store **out, struct why *why)
{
	struct cart_store *s = calloc(1, sizeof(*s));
	enum err e;

	if (!s)
		return fail(why, ERR_MEMORY, "%s: out of memory", path);
	buf_init(&s->buf, CART_STORE_BYTES_MAX);
	s->sweep_at = SWEEP_MIN;
	e = open_store(s, path, why);
	if (e == ERR_CORRUPT || e == ERR_NEWER) {
		log_warnx("%s: open carts are lost, and the file is kept as %s.aside", why->text, path);
		e = open_anew(s, path, why);
	}
	if (e) {
		cart_store_close(s);
		return e;
	}
	*out = s;
	return ERR_OK;
}

void cart_store_close(struct cart_store *s)
{
	if (!s)
		return;
	if (s->db.handle) {
		db_rollback(&s->db);
		db_close(&s->db);
	}
	fold_free(&s->bodies);
	buf_free(&s->buf);
	arena_free(&s->arena);
	free(s);
}

enum err cart_store_mark(struct cart_store *s, int64_t *event, struct why *why)
{
	return db_number(&s->db, db_statement(&s->db, CARTS_STMT_MARK), event, why);
}

enum err cart_store_begin(struct cart_store *s, struct why *why)
{
	s->committed_last = s->last_body;
	s->committed_count = s->body_count;
	return db_begin(&s->db, why);
}

/* A body that is new. */
static enum err put_body(struct cart_store *s, const struct body *b, int64_t *number, struct why *why)
{
	sqlite3_stmt *put = db_statement(&s->db, CARTS_STMT_PUT_BODY);
	enum err e;

	if (fold_reserve(&s->bodies, 1))
		return fail(why, ERR_MEMORY, "out of memory");
	*number = s->last_body + 1;
	db_bind_int(put, 1, *number);
	db_bind_bytes(put, 2, b->hash, BODY_HASH_SIZE);
	db_bind_int(put, 3, b->type);
	db_bind_bytes(put, 4, b->cbor, b->length);
	e = db_run(&s->db, put, why);
	if (e)
		return e;
	fold_add(&s->bodies, cart_store_body_key(b->hash), *number);
	s->last_body = *number;
	s->body_count++;
	return ERR_OK;
}

/* Two records whose hashes begin with the same 64 bits would be taken for one; `result` then tells. */
static enum err number_bodies(struct cart_store *s, const struct extract *extract, struct list *out,
			      struct why *why)
{
	struct kept_body *bodies = arena_get(&s->arena, extract->count * sizeof(*bodies) + 1);

	if (!bodies)
		return fail(why, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < extract->count; i++) {
		uint64_t key = cart_store_body_key(extract->bodies[i].hash);
		enum err e = ERR_OK;

		if (!fold_find(&s->bodies, key, 0, &bodies[i].number))
			e = put_body(s, &extract->bodies[i], &bodies[i].number, why);
		if (e)
			return e;
	}
	*out = (struct list){bodies, extract->count};
	return ERR_OK;
}

enum err cart_store_put(struct cart_store *s, const struct kept_cart *cart, const struct extract *e,
			struct why *why)
{
	sqlite3_stmt *put = db_statement(&s->db, CARTS_STMT_PUT);
	struct kept_cart whole = *cart;
	struct cborw w;
	enum err error;

	arena_reset(&s->arena);
	buf_cut(&s->buf, 0);
	error = number_bodies(s, e, &whole.bodies, why);
	if (error)
		return error;
	cborw_begin(&w, &s->buf);
	record_to_cbor(&kept_cart_schema, &whole, &w);
	error = cborw_end(&w);
	if (error)
		return fail(why, error, "cart %s does not fit %d bytes", cart->id, CART_STORE_BYTES_MAX);
	db_bind_text(put, 1, cart->id);
	db_bind_bytes(put, 2, buf_front(&s->buf), buf_length(&s->buf));
	return db_run(&s->db, put, why);
}

enum err cart_store_drop(struct cart_store *s, const char *id, struct why *why)
{
	sqlite3_stmt *drop = db_statement(&s->db, CARTS_STMT_DROP);

	db_bind_text(drop, 1, id);
	return db_run(&s->db, drop, why);
}

enum err cart_store_set_mark(struct cart_store *s, int64_t event, struct why *why)
{
	sqlite3_stmt *set = db_statement(&s->db, CARTS_STMT_SET_MARK);

	db_bind_int(set, 1, event);
	return db_run(&s->db, set, why);
}

void cart_store_rollback(struct cart_store *s)
{
	db_rollback(&s->db);
	fold_undo(&s->bodies);
	s->last_body = s->committed_last;
	s->body_count = s->committed_count;
}

/* Takes out the bodies that no cart refers to, within the transaction; the table of those is made anew. */
static enum err sweep(struct cart_store *s, struct why *why)
{
	enum err e = cart_store_drop_unused(s, why);

	if (!e)
		e = learn_bodies(s, why);
	s->sweep_at = s->body_count * 2 > SWEEP_MIN ? s->body_count * 2 : SWEEP_MIN;
	return e;
}

enum err cart_store_commit(struct cart_store *s, struct why *why)
{
	enum err e = s->body_count > s->sweep_at ? sweep(s, why) : ERR_OK;

	if (!e)
		e = db_commit(&s->db, why);
	if (!e) {
		fold_keep(&s->bodies);
		return ERR_OK;
	}
	db_rollback(&s->db);
	if (learn_bodies(s, NULL)) /* a sweep cannot be undone in memory */
		fold_free(&s->bodies);
	return e;
}

void cart_store_checkpoint(struct cart_store *s)
{
	db_checkpoint(&s->db);
}

bool cart_store_in_place(const struct cart_store *s)
{
	return db_in_place(&s->db);
}
