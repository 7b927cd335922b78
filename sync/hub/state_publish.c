/*
 * Publications: records are staged as they come, and come into force together. See state.h.
 */
#include "state_parts.h"

#include <string.h>

static enum err stage(struct state *s, int64_t publication, int64_t type, const char *key, struct bytes cbor,
		      struct bytes held, struct why *why)
{
	sqlite3_stmt *q = db_statement(&s->db, STATE_SQL_STAGE);

	db_bind_int(q, 1, publication);
	db_bind_int(q, 2, type);
	db_bind_text(q, 3, key);
	if (cbor.at)
		db_bind_bytes(q, 4, cbor.at, cbor.length);
	if (held.at)
		db_bind_bytes(q, 5, held.at, held.length);
	return db_run(&s->db, q, why);
}

enum err state_stage(struct state *s, const struct log_record *r, struct why *why)
{
	struct topic_record record;
	enum err e = topic_decode(r->topic, r->value, &s->arena, &record, why);

	return e ? e : stage(s, record.publication, record.type, record.key, record.record, record.held, why);
}

/* What is published, into which scope. */
struct target {
	struct state *s;
	const struct topic_publication *p;
	const char *scope;
	struct state_catalog catalog; /* of the scope, before */
	bool overlay;		      /* a store that has the chain's records, too */
	int64_t version;
};

/* Runs a statement of (scope, publication, version, the scope beneath). */
static enum err run(const struct target *t, enum state_statement which, int64_t *rows, struct why *why)
{
	sqlite3_stmt *q = db_statement(&t->s->db, (int)which);
	int parameters = sqlite3_bind_parameter_count(q);
	enum err e;

	db_bind_text(q, 1, t->scope);
	if (parameters >= 2)
		db_bind_int(q, 2, t->p->publication);
	if (parameters >= 3)
		db_bind_int(q, 3, t->version);
	if (parameters >= 4)
		db_bind_text(q, 4, t->overlay ? "" : t->scope);
	e = db_run(&t->s->db, q, why);
	if (rows)
		*rows += sqlite3_changes64(t->s->db.handle);
	return e;
}

static enum err run_all(const struct target *t, const enum state_statement *which, size_t n, struct why *why)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < n && !e; i++)
		e = run(t, which[i], NULL, why);
	return e;
}

#define RUN_ALL(t, list, why) run_all(t, list, sizeof(list) / sizeof((list)[0]), why)

static enum err change_records(const struct target *t, int64_t *changed, struct why *why)
{
	static const enum state_statement overlay[] = {STATE_SQL_RECORD_PUT, STATE_SQL_RECORD_GONE,
						       STATE_SQL_RECORD_HIDE};
	static const enum state_statement plain[] = {STATE_SQL_RECORD_PUT, STATE_SQL_RECORD_GONE};
	enum err e = run(t, STATE_SQL_CHANGE_PUT, changed, why);

	if (!e)
		e = run(t, STATE_SQL_CHANGE_GONE, changed, why);
	if (e)
		return e;
	return t->overlay ? RUN_ALL(t, overlay, why) : RUN_ALL(t, plain, why);
}

static enum err replace_records(const struct target *t, int64_t *changed, struct why *why)
{
	static const enum state_statement records[] = {STATE_SQL_RECORD_MISSING, STATE_SQL_RECORD_PUT};
	enum err e = run(t, STATE_SQL_CHANGE_MISSING, changed, why);

	if (!e)
		e = run(t, STATE_SQL_CHANGE_PUT, changed, why);
	return e ? e : RUN_ALL(t, records, why);
}

/*
 * The store leaves the chain's book: what it had besides goes, and its boxes take a snapshot, since the feed
 * does not tell what of the chain's they lose.
 */
static enum err leave_chain(const struct target *t, int64_t *changed, struct why *why)
{
	enum err e = run(t, STATE_SQL_RECORD_EMPTY, NULL, why);

	if (!e)
		e = run(t, STATE_SQL_CHANGE_PUT, changed, why);
	if (!e)
		e = run(t, STATE_SQL_RECORD_PUT, NULL, why);
	return e ? e : run(t, STATE_SQL_RECORD_KEEP, NULL, why);
}

static enum err keep_scope(const struct target *t, bool leaves, struct why *why)
{
	sqlite3_stmt *q;
	struct state_counters c;
	enum err e = state_counters(t->s, &c, why);

	if (e)
		return e;
	q = db_statement(&t->s->db, STATE_SQL_PUT_SCOPE);
	db_bind_text(q, 1, t->scope);
	db_bind_int(q, 2, t->catalog.own || leaves);
	db_bind_int(q, 3, leaves ? c.newest : t->catalog.own_since);
	db_bind_int(q, 4, t->version);
	db_bind_text(q, 5, t->p->currency ? t->p->currency : t->catalog.currency);
	return db_run(&t->s->db, q, why);
}

static enum err hold(const struct target *t, struct why *why)
{
	const char *before = t->catalog.currency, *now = t->p->currency;
	const struct held_step step = {.p = t->p,
				       .scope = t->scope,
				       .beneath = t->overlay ? "" : t->scope,
				       .anew = before[0] && now && strcmp(before, now) != 0};

	return state_hold(t->s, &step, why);
}

static enum err publish_to(struct state *s, const struct topic_publication *p, const char *scope,
			   int64_t version, bool *any, struct why *why)
{
	struct target t = {.s = s, .p = p, .scope = scope, .version = version};
	bool leaves;
	int64_t changed = 0;
	enum err e = state_catalog(s, scope, &t.catalog, why);

	if (e)
		return e;
	leaves = p->whole && scope[0] != '\0' && !t.catalog.own;
	t.overlay = scope[0] != '\0' && !t.catalog.own;
	e = hold(&t, why);
	if (e)
		return e;
	if (leaves)
		e = leave_chain(&t, &changed, why);
	else if (p->whole)
		e = replace_records(&t, &changed, why);
	else
		e = change_records(&t, &changed, why);
	if (e || changed == 0)
		return e;
	*any = true;
	return keep_scope(&t, leaves, why);
}

static enum err one_number(struct state *s, enum state_statement which, int64_t value, struct why *why)
{
	sqlite3_stmt *q = db_statement(&s->db, (int)which);

	db_bind_int(q, 1, value);
	return db_run(&s->db, q, why);
}

/* A cursor at the last one that is forgotten still has all behind it. */
static enum err forget_old(struct state *s, struct why *why)
{
	struct state_counters c;
	int64_t upto;
	enum err e = state_counters(s, &c, why);

	upto = c.newest - STATE_CHANGES_MAX;
	if (e || upto <= c.forgotten)
		return e;
	e = one_number(s, STATE_SQL_FORGET, upto, why);
	return e ? e : one_number(s, STATE_SQL_FORGOTTEN, upto, why);
}

enum err state_publish(struct state *s, const struct topic_publication *p, struct why *why)
{
	const char *const *scopes = p->scopes.at;
	struct state_counters c;
	int64_t version;
	bool any = false;
	sqlite3_stmt *q;
	enum err e = state_counters(s, &c, why);

	if (e || p->publication <= c.publication)
		return e;
	version = (c.version > p->above ? c.version : p->above) + 1;
	if (p->scopes.count == 0)
		e = publish_to(s, p, "", version, &any, why);
	for (size_t i = 0; i < p->scopes.count && !e; i++)
		e = publish_to(s, p, scopes[i], version, &any, why);
	if (!e)
		e = one_number(s, STATE_SQL_UNSTAGE, p->publication, why);
	if (e)
		return e;
	q = db_statement(&s->db, STATE_SQL_SET_COUNTERS);
	db_bind_int(q, 1, any ? version : c.version);
	db_bind_int(q, 2, p->publication);
	e = db_run(&s->db, q, why);
	return e ? e : forget_old(s, why);
}

enum err state_try(struct state *s, const struct topic_publication *p, const struct state_put *puts,
		   size_t count, struct why *why)
{
	enum err e = db_begin(&s->db, why);

	if (e)
		return e;
	for (size_t i = 0; i < count && !e; i++)
		e = stage(s, p->publication, puts[i].type, puts[i].key, puts[i].cbor, puts[i].held, why);
	if (!e)
		e = state_publish(s, p, why);
	if (e)
		db_rollback(&s->db);
	return e;
}

void state_try_end(struct state *s)
{
	db_rollback(&s->db);
}
