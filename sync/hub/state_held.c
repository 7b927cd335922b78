/*
 * What waits for a second person at headquarters, the price that was approved last, and what articles have
 * cost: a fold of publications like all of the state. See state.h; who judges is desk_hold.c.
 */
#include "state_parts.h"

#include <string.h>

/* Runs a statement of (scope, publication, type, the scope beneath). */
static enum err run(struct state *s, enum state_statement which, const struct held_step *step,
		    enum record_type t, struct why *why)
{
	sqlite3_stmt *q = db_statement(&s->db, (int)which);
	int parameters = sqlite3_bind_parameter_count(q);

	db_bind_text(q, 1, step->scope);
	if (parameters >= 2)
		db_bind_int(q, 2, step->p->publication);
	if (parameters >= 3)
		db_bind_int(q, 3, t);
	if (parameters >= 4)
		db_bind_text(q, 4, step->beneath);
	return db_run(&s->db, q, why);
}

static enum err read_costs(struct state *s, const char *scope, const char *sku, struct judge_history *out,
			   int64_t *next, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STATE_SQL_COSTS);
	enum err e;

	*next = 1;
	db_bind_text(row, 1, scope);
	db_bind_text(row, 2, sku);
	while ((e = db_row(&s->db, row, why)) == ERR_OK) {
		*next = sqlite3_column_int64(row, 0) + 1;
		if (out->count < JUDGE_HISTORY_MAX)
			out->at[out->count++] = sqlite3_column_int64(row, 1);
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err put_cost(struct state *s, const char *scope, const char *sku, int64_t n, struct money cost,
			 struct why *why)
{
	sqlite3_stmt *q = db_statement(&s->db, STATE_SQL_COST_PUT);

	db_bind_text(q, 1, scope);
	db_bind_text(q, 2, sku);
	db_bind_int(q, 3, n);
	db_bind_int(q, 4, cost.minor);
	return db_run(&s->db, q, why);
}

/* The first one tells what was before it, too. */
static enum err note_cost(struct state *s, const char *scope, const char *sku, struct money before,
			  struct money after, struct why *why)
{
	struct judge_history known = {0};
	sqlite3_stmt *q;
	int64_t next;
	enum err e = read_costs(s, scope, sku, &known, &next, why);

	if (!e && known.count == 0 && before.minor != AMOUNT_NONE)
		e = put_cost(s, scope, sku, next++, before, why);
	if (!e)
		e = put_cost(s, scope, sku, next, after, why);
	if (e || next <= JUDGE_HISTORY_MAX)
		return e;
	q = db_statement(&s->db, STATE_SQL_COST_OLD);
	db_bind_text(q, 1, scope);
	db_bind_text(q, 2, sku);
	db_bind_int(q, 3, next - JUDGE_HISTORY_MAX);
	return db_run(&s->db, q, why);
}

static enum err cost_of(sqlite3_stmt *row, int column, struct arena *a, struct money *out, struct why *why)
{
	struct record item;
	size_t n;
	const uint8_t *cbor = db_bytes(row, column, &n);
	enum err e = record_decode(RECORD_ITEM, cbor, n, a, &item, why);

	*out = e ? MONEY_NONE : item.as.item.cost;
	return e;
}

/* An article that this program cannot read has no history; that must not hold up the log. */
static enum err note_costs(struct state *s, const struct held_step *step, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STATE_SQL_COSTS_CHANGED);
	struct arena a = ARENA_EMPTY;
	enum err e;

	db_bind_text(row, 1, step->scope);
	db_bind_int(row, 2, step->p->publication);
	db_bind_int(row, 3, RECORD_ITEM);
	db_bind_text(row, 4, step->beneath);
	while ((e = db_row(&s->db, row, why)) == ERR_OK) {
		struct money before, after;
		struct why reason = {""};

		arena_reset(&a);
		if (cost_of(row, 1, &a, &before, &reason) || cost_of(row, 2, &a, &after, &reason) ||
		    after.minor == AMOUNT_NONE || before.minor == after.minor)
			continue;
		e = note_cost(s, step->scope, state_text(row, 0), before, after, why);
		if (e)
			break;
	}
	if (e != ERR_NOT_FOUND)
		sqlite3_reset(row);
	arena_free(&a);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err run_all(struct state *s, const struct held_step *step, const enum state_statement *which,
			size_t n, struct why *why)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < n && !e; i++)
		e = run(s, which[i], step, RECORD_PRICE, why);
	return e;
}

/* A price that somebody has approved is the one that later ones are measured by. */
static enum err note_approved(struct state *s, const struct held_step *step, struct why *why)
{
	enum err e = ERR_OK;

	if (step->p->decided && !step->p->rejected)
		return run(s, STATE_SQL_APPROVED_DONE, step, RECORD_PRICE, why);
	if (step->p->whole)
		e = run(s, STATE_SQL_APPROVED_MISSING, step, RECORD_PRICE, why);
	if (!e)
		e = run(s, STATE_SQL_APPROVED_NOTE, step, RECORD_PRICE, why);
	return e ? e : run(s, STATE_SQL_APPROVED_BACK, step, RECORD_PRICE, why);
}

enum err state_hold(struct state *s, const struct held_step *step, struct why *why)
{
	static const enum state_statement empty[] = {STATE_SQL_WAITING_EMPTY, STATE_SQL_APPROVED_EMPTY,
						     STATE_SQL_COST_EMPTY};
	enum err e = run(s, step->p->whole ? STATE_SQL_WAITING_EMPTY : STATE_SQL_WAITING_GONE, step,
			 RECORD_PRICE, why);

	if (!e && step->anew)
		return run_all(s, step, empty, sizeof(empty) / sizeof(empty[0]), why);
	if (!e)
		e = run(s, STATE_SQL_WAITING_PUT, step, RECORD_PRICE, why);
	if (!e)
		e = note_approved(s, step, why);
	return e ? e : note_costs(s, step, why);
}

static enum err own_record(struct state *s, const char *scope, enum record_type t, const char *key,
			   struct arena *a, struct bytes *out, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STATE_SQL_RECORD);
	const uint8_t *at;
	enum err e;

	*out = (struct bytes){0};
	db_bind_text(row, 1, scope);
	db_bind_int(row, 2, t);
	db_bind_text(row, 3, key);
	e = db_row(&s->db, row, why);
	if (e)
		return e;
	if (sqlite3_column_type(row, 0) != SQLITE_NULL) {
		at = db_bytes(row, 0, &out->length);
		out->at = (const uint8_t *)arena_text(a, (const char *)at, out->length);
		if (!out->at)
			e = fail(why, ERR_MEMORY, "out of memory");
	}
	sqlite3_reset(row);
	return e;
}

enum err state_record(struct state *s, const char *store, enum record_type t, const char *key,
		      struct arena *a, struct bytes *out, struct why *why)
{
	struct state_catalog c;
	enum err e = state_catalog(s, store, &c, why);

	if (!e)
		e = own_record(s, c.scope, t, key, a, out, why);
	if (e == ERR_NOT_FOUND && c.scope[0] != '\0' && !c.own)
		e = own_record(s, "", t, key, a, out, why);
	return e || out->at ? e : ERR_NOT_FOUND; /* the store does not have the chain's */
}

enum err state_keys(struct state *s, const char *store, enum record_type t, struct arena *a, struct list *out,
		    struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STATE_SQL_KEYS);
	const char **keys = NULL;
	size_t n = 0, room = 0;
	enum err e;

	db_bind_text(row, 1, store);
	db_bind_text(row, 2, "");
	db_bind_int(row, 3, t);
	while ((e = db_row(&s->db, row, why)) == ERR_OK) {
		const char *key = state_text(row, 0);

		if (n == room) {
			const char **more = arena_get(a, (room = room ? room * 2 : 16) * sizeof(*more));

			if (more && n)
				memcpy(more, keys, n * sizeof(*more));
			keys = more;
		}
		if (!keys || !(keys[n++] = arena_text(a, key, strlen(key)))) {
			sqlite3_reset(row);
			return fail(why, ERR_MEMORY, "out of memory");
		}
	}
	*out = (struct list){keys, n};
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err take_waiting(sqlite3_stmt *row, int column, struct arena *a, struct state_waiting *out,
			     struct why *why)
{
	struct cborr r;
	size_t n;
	const uint8_t *at = db_bytes(row, column, &n);

	out->cbor = (struct bytes){(const uint8_t *)arena_text(a, (const char *)at, n), n};
	if (!out->cbor.at)
		return fail(why, ERR_MEMORY, "out of memory");
	r = cborr_over(out->cbor.at, n);
	return record_from_cbor(&held_schema, &r, a, &out->held, why);
}

enum err state_each_waiting(struct state *s, struct arena *a, state_waiting_fn *fn, void *arg,
			    struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STATE_SQL_WAITING);
	enum err e;

	while ((e = db_row(&s->db, row, why)) == ERR_OK) {
		const char *scope = state_text(row, 0), *key = state_text(row, 2);
		struct state_waiting w = {.type = sqlite3_column_int64(row, 1),
					  .scope = arena_text(a, scope, strlen(scope)),
					  .key = arena_text(a, key, strlen(key))};

		if (!w.scope || !w.key)
			e = fail(why, ERR_MEMORY, "out of memory");
		if (!e)
			e = take_waiting(row, 3, a, &w, why);
		if (!e)
			e = fn(&w, arg, why);
		if (e)
			break;
	}
	if (e != ERR_NOT_FOUND)
		sqlite3_reset(row);
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err state_waiting_of(struct state *s, const char *scope, enum record_type t, const char *key,
			  struct arena *a, struct state_waiting *out, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STATE_SQL_WAITING_OF);
	enum err e;

	db_bind_text(row, 1, scope);
	db_bind_int(row, 2, t);
	db_bind_text(row, 3, key);
	e = db_row(&s->db, row, why);
	if (e)
		return e;
	*out = (struct state_waiting){.scope = scope, .key = key, .type = t};
	e = take_waiting(row, 0, a, out, why);
	sqlite3_reset(row);
	return e;
}

static enum err own_approved(struct state *s, const char *scope, const char *key, struct arena *a,
			     struct record *out, struct why *why)
{
	sqlite3_stmt *row = db_statement(&s->db, STATE_SQL_APPROVED);
	const uint8_t *cbor;
	size_t n;
	enum err e;

	db_bind_text(row, 1, scope);
	db_bind_text(row, 2, key);
	e = db_row(&s->db, row, why);
	if (e)
		return e;
	cbor = db_bytes(row, 0, &n);
	e = record_decode(RECORD_PRICE, cbor, n, a, out, why);
	sqlite3_reset(row);
	return e;
}

/* A store that has the chain's price measures by what the chain does. */
enum err state_approved(struct state *s, const char *store, const char *key, struct arena *a,
			struct record *out, struct why *why)
{
	struct state_catalog c;
	struct bytes own;
	enum err e = state_catalog(s, store, &c, why);

	if (!e)
		e = own_approved(s, store, key, a, out, why);
	if (e != ERR_NOT_FOUND || c.own || store[0] == '\0')
		return e;
	e = own_record(s, store, RECORD_PRICE, key, a, &own, why);
	return e == ERR_NOT_FOUND ? own_approved(s, "", key, a, out, why) : e ? e : ERR_NOT_FOUND;
}

enum err state_costs(struct state *s, const char *store, const char *sku, struct judge_history *out,
		     struct why *why)
{
	struct state_catalog c;
	int64_t next;
	enum err e = state_catalog(s, store, &c, why);

	out->count = 0;
	if (!e)
		e = read_costs(s, store, sku, out, &next, why);
	if (!e && out->count == 0 && !c.own && store[0] != '\0')
		e = read_costs(s, "", sku, out, &next, why);
	return e;
}
