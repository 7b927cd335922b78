/*
 * What a second person says of what a publication holds: approved, it is published like any other change;
 * rejected, that is published, so that the same is not asked again. See desk.h.
 */
#include <string.h>

#include "desk_parts.h"

#define SCOPES_MAX 1000 /* as of one publication */

struct deciding {
	const struct desk_decision *in;
	struct desk *d;
	struct arena *arena;
	const char *scopes[SCOPES_MAX];
	size_t scope_count;
	struct state_waiting first;
};

static enum err look(const struct state_waiting *w, void *arg, struct why *why)
{
	struct deciding *x = arg;

	(void)why;
	if (strcmp(w->held.id, x->in->id) != 0 || x->scope_count == SCOPES_MAX)
		return ERR_OK;
	if (x->scope_count == 0)
		x->first = *w;
	x->scopes[x->scope_count++] = w->scope;
	return ERR_OK;
}

static bool is_among(const struct config_words *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->at[i], name) == 0)
			return true;
	return false;
}

static enum err may_decide(const struct deciding *x, const char **role, struct why *why)
{
	static const struct hub_roles nobody;
	const struct hub_roles *roles = x->d->roles ? x->d->roles : &nobody;
	struct held_person by = {.name = x->in->by,
				 .manager = is_among(&roles->pricing_manager, x->in->by),
				 .cfo = is_among(&roles->cfo, x->in->by)};

	*role = by.role = by.cfo ? "cfo" : by.manager ? "pricing-manager" : NULL;
	return held_may_decide(&x->first.held, &by, clock_utc_ms(x->d->clock) / 1000, why);
}

/* The article as that scope has it, with another cost and none in review. ERR_NOT_FOUND: there is none. */
static enum err read_item(struct deciding *x, const char *scope, struct record *out, struct why *why)
{
	const struct held *h = &x->first.held;
	struct bytes cbor;
	enum err e = state_record(x->d->state, scope, RECORD_ITEM, h->sku, x->arena, &cbor, why);

	if (!e)
		e = record_decode(RECORD_ITEM, cbor.at, cbor.length, x->arena, out, why);
	if (e)
		return e;
	out->as.item.cost_in_review = MONEY_NONE;
	if (h->of == RECORD_ITEM && !x->in->rejected)
		out->as.item.cost = h->after;
	return ERR_OK;
}

static enum err add_item(struct deciding *x, struct publishing *p, const char *scope, struct why *why)
{
	struct record item;
	enum err e = read_item(x, scope, &item, why);

	if (!e)
		return publishing_add(p, &item, false, why);
	if (e != ERR_NOT_FOUND || x->first.held.of != RECORD_ITEM)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	return fail(why, e, "there is no article '%s' any more", x->first.held.sku);
}

/* It stays where it waits, so that a repeat is known: put[0] of its record. */
static enum err add_rejected(struct deciding *x, struct publishing *p, struct why *why)
{
	struct held h = x->first.held;
	struct state_put *put;
	struct cborw w;
	enum err e = ERR_OK;

	h.state = HELD_REJECTED;
	h.decided_by = x->in->by;
	h.decision = x->in->reason;
	if (p->count == 0 || h.of != RECORD_ITEM) {
		struct record r;

		e = record_of_key((enum record_type)x->first.type, x->first.key, &p->arena, &r, why);
		if (!e)
			e = publishing_add(p, &r, true, why);
	}
	if (e)
		return e;
	put = &p->puts[p->count - 1];
	buf_cut(&p->buf, 0);
	cborw_begin(&w, &p->buf);
	e = record_put(&held_schema, &h, &w, why);
	if (cborw_end(&w) || e)
		return e ? e : fail(why, ERR_LIMIT, "what waits is too large");
	put->held.length = buf_length(&p->buf);
	put->held.at =
		(const uint8_t *)arena_text(&p->arena, (const char *)buf_front(&p->buf), put->held.length);
	return put->held.at ? ERR_OK : publishing_no_memory(why);
}

static enum err add_all(struct deciding *x, struct publishing *p, const char *scope, struct why *why)
{
	const struct held *h = &x->first.held;
	struct record r;
	enum err e = ERR_OK;

	if (h->of == RECORD_ITEM || h->of == RECORD_LANDED_COST)
		e = add_item(x, p, scope, why);
	if (!e && x->in->rejected)
		return add_rejected(x, p, why);
	if (e || h->of == RECORD_ITEM)
		return e;
	e = record_decode((enum record_type)h->of, h->record.at, h->record.length, x->arena, &r, why);
	return e ? e : publishing_add(p, &r, false, why);
}

static enum err decide_in(struct deciding *x, const char *scope, const char *role, struct why *why)
{
	const struct desk_publication in = {.changes = true,
					    .stores = &scope,
					    .store_count = scope[0] != '\0',
					    .who = x->in->by,
					    .note = x->in->reason};
	struct state_catalog catalog;
	struct publishing p;
	enum err e = publishing_start(&p, x->d, &in, why);

	if (!e)
		e = state_catalog(x->d->state, scope, &catalog, why);
	if (!e) {
		memcpy(p.currency, catalog.currency, sizeof(p.currency));
		e = add_all(x, &p, scope, why);
	}
	if (!e) {
		publishing_begin(&p);
		p.marker.decided = x->in->id;
		p.marker.role = role;
		p.marker.rejected = x->in->rejected;
		e = publishing_check(&p, why);
	}
	if (!e)
		e = publishing_append(&p, why);
	publishing_end(&p);
	return e;
}

/* Of several stores one after the other: said once more, it goes on where it was broken off. */
enum err desk_decide(struct desk *d, const struct desk_decision *in, struct arena *a, struct held *what,
		     int64_t *version, struct why *why)
{
	struct deciding x = {.in = in, .d = d, .arena = a};
	struct state_counters c;
	const char *role;
	enum err e = state_each_waiting(d->state, a, look, &x, why);

	if (!e && x.scope_count == 0)
		e = fail(why, ERR_NOT_FOUND, "nothing of that id waits: %s", in->id);
	if (!e)
		e = may_decide(&x, &role, why);
	for (size_t i = 0; i < x.scope_count && !e; i++)
		e = decide_in(&x, x.scopes[i], role, why);
	if (!e)
		e = state_counters(d->state, &c, why);
	if (e)
		return e;
	*what = x.first.held;
	what->state = in->rejected ? HELD_REJECTED : HELD_APPROVED;
	what->decided_by = in->by;
	what->decision = in->reason;
	*version = c.version;
	return ERR_OK;
}
