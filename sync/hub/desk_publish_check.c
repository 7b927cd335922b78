/*
 * Trying what is to be published: on the state, in every scope that it would reach, so that a book that is
 * not valid for some store's exceptions is refused whole. See desk_parts.h.
 */
#include <stdlib.h>
#include <string.h>

#include "desk_parts.h"

#define CHAIN_CHANGES_MAX 5000 /* more are checked by a whole build */

enum err publishing_check_stores(struct publishing *p, struct why *why)
{
	for (size_t i = 0; i < p->in->store_count; i++) {
		const char *store = p->in->stores[i];
		struct state_catalog c;
		enum err e;

		if (!wire_name_ok(store))
			return fail(
				why, ERR_INVALID,
				"store '%s': 1 to %d letters, digits, '-', '_' and '.', the first none of "
				"'-' and '.'",
				store, WIRE_NAME_MAX);
		e = state_catalog(p->d->state, store, &c, why);
		if (e)
			return e;
		if (p->in->changes && strcmp(c.currency, p->currency) != 0)
			return fail(why, ERR_INVALID, "store %s: its book is in %s, that of %s in %s", store,
				    c.currency[0] ? c.currency : "no currency", p->in->stores[0],
				    p->currency);
	}
	return ERR_OK;
}

struct checking {
	struct builder *builder;
	struct arena arena;
};

static enum err check_row(const struct state_row *r, void *arg, struct why *why)
{
	struct checking *c = arg;
	struct record record;
	enum err e;

	if (r->type >= RECORD_TYPES)
		return ERR_OK; /* of a newer hub */
	arena_reset(&c->arena);
	e = record_decode((enum record_type)r->type, r->cbor.at, r->cbor.length, &c->arena, &record, why);
	return e ? e : builder_add(c->builder, &record, 0, why);
}

/* That what a store has by the state as it stands makes a catalog. */
static enum err check_scope(struct desk *d, const char *store, struct snapshot **made, struct why *why)
{
	struct checking c = {0};
	struct snapshot *s = NULL;
	enum err e = builder_new(false, &c.builder);

	if (e)
		return publishing_no_memory(why);
	e = state_records(d->state, store, check_row, &c, why);
	if (!e)
		e = builder_finish(c.builder, 1, &s, why);
	builder_free(c.builder);
	arena_free(&c.arena);
	if (e && store[0] != '\0')
		why_prefix(why, "store %s: ", store);
	if (made)
		*made = s;
	else
		snapshot_unref(s);
	return e;
}

static enum err check_other(const char *name, bool own, void *arg, struct why *why)
{
	return own ? ERR_OK : check_scope(arg, name, NULL, why);
}

static enum err any_other(const char *name, bool own, void *arg, struct why *why)
{
	(void)name, (void)why;
	*(bool *)arg |= !own;
	return ERR_OK;
}

/* The chain, and every store that leans on it. */
static enum err check_chain(struct publishing *p, struct why *why)
{
	enum err e = p->next ? ERR_OK : check_scope(p->d, "", &p->next, why);

	return e ? e : state_scopes(p->d->state, check_other, p->d, why);
}

static enum err check_tried(struct publishing *p, struct why *why)
{
	enum err e = ERR_OK;

	if (p->in->store_count == 0)
		return check_chain(p, why);
	for (size_t i = 0; i < p->in->store_count && !e; i++)
		e = check_scope(p->d, p->in->stores[i], NULL, why);
	return e;
}

/* The records as changes again, for snapshot_change; what waits changes nothing. */
static enum err as_changes(struct publishing *p, size_t *count, struct why *why)
{
	*count = 0;
	p->changes = arena_get(&p->arena, (p->count + 1) * sizeof(*p->changes));
	if (!p->changes)
		return publishing_no_memory(why);
	for (size_t i = 0; i < p->count; i++) {
		const struct state_put *put = &p->puts[i];
		struct change *c = &p->changes[*count];
		enum err e;

		if (!put->cbor.at && put->held.at)
			continue;
		c->removed = !put->cbor.at;
		if (c->removed)
			e = record_of_key(put->type, put->key, &p->arena, &c->record, why);
		else
			e = record_decode(put->type, put->cbor.at, put->cbor.length, &p->arena, &c->record,
					  why);
		if (e)
			return e;
		++*count;
	}
	return ERR_OK;
}

/*
 * A few changes of the chain, with no store that leans on it and has records besides: the catalog that the
 * last publication left here is brought up to them, as tilld does it. ERR_STATE: it needs a whole look.
 */
static enum err check_quickly(struct publishing *p, struct why *why)
{
	struct desk *d = p->d;
	struct state_catalog c;
	bool others = false;
	size_t count;
	enum err e;

	if (!p->in->changes || p->in->store_count > 0 || p->count > CHAIN_CHANGES_MAX || !d->chain)
		return ERR_STATE;
	e = state_catalog(d->state, "", &c, why);
	if (!e)
		e = state_scopes(d->state, any_other, &others, why);
	if (!e && (others || c.version != d->chain_version))
		e = ERR_STATE;
	if (!e)
		e = as_changes(p, &count, why);
	return e ? e : snapshot_change(d->chain, p->changes, count, 1, &p->next, why);
}

enum err publishing_check(struct publishing *p, struct why *why)
{
	enum err e;

	if (p->held || p->refused) { /* what the book's own reading made is not what comes out */
		snapshot_unref(p->next);
		p->next = NULL;
	}
	e = check_quickly(p, why);

	if (e != ERR_STATE)
		return e;
	e = state_try(p->d->state, &p->marker, p->puts, p->count, why);
	if (e)
		return e;
	e = check_tried(p, why);
	state_try_end(p->d->state);
	return e;
}

enum err publishing_next(struct publishing *p, const char *scope, struct snapshot **out, struct why *why)
{
	enum err e;

	if (scope[0] == '\0' && p->next) {
		*out = snapshot_ref(p->next);
		return ERR_OK;
	}
	e = state_try(p->d->state, &p->marker, p->puts, p->count, why);
	if (e)
		return e;
	e = check_scope(p->d, scope, out, why);
	state_try_end(p->d->state);
	return e;
}
