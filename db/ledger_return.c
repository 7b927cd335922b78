/*
 * Appending a return. See ledger_return.h.
 */
#include "ledger_return.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger_note.h"
#include "ledger_parts.h"

#define RETURNS_MAX 512 /* of an order */

static int by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static enum err refuse(struct ledger_return *r, enum err e)
{
	r->refused = true;
	return e;
}

/* The returns of the order so far. Another order may share the key. */
static enum err fold_returns(struct ledger *l, struct ledger_return *r, struct refund_state *s,
			     struct arena *a, struct why *why)
{
	uint64_t key = ledger_order_key(r->order);
	int64_t ids[RETURNS_MAX] = {0}, id;
	size_t count = 0;

	while (count < RETURNS_MAX && fold_find(&l->returns, key, count, &id))
		ids[count++] = id;
	if (count == RETURNS_MAX)
		return refuse(r, fail(why, ERR_LIMIT, "order '%.64s' has %d returns already", r->order,
				      RETURNS_MAX));
	qsort(ids, count, sizeof(*ids), by_id);
	for (size_t i = 0; i < count; i++) {
		struct event_envelope event;
		struct event_return before;
		struct ledger_position position;
		enum err e = ledger_read_event(l, ids[i], a, &event, &position, why);

		if (!e)
			e = event_return_decode(event.body, a, &before, why);
		if (!e && !strcmp(before.order, r->order))
			e = refund_fold(s, &before, event.kind == EVENT_VOID, why);
		if (e)
			return e == ERR_INVALID ? ledger_corrupt(l, ids[i], "cannot be read", why) : e;
	}
	return ERR_OK;
}

/* A void is the whole of an order of which nothing came back. */
static enum err may(struct ledger_return *r, const struct refund_state *s, struct why *why)
{
	if (s->voided)
		return refuse(r, fail(why, ERR_STATE, "order '%.64s' was voided", r->order));
	if (r->kind == EVENT_VOID && s->returns)
		return refuse(r, fail(why, ERR_STATE,
				      "of order '%.64s' something came back already: return the rest",
				      r->order));
	return ERR_OK;
}

static enum err work_out(struct ledger *l, struct ledger_return *r, const struct refund_state *s,
			 struct arena *a, struct why *why)
{
	struct decision_room room = {0};
	struct refund_wish wish = r->wish;
	struct snapshot *snapshot;
	struct extract extract;
	enum err e = ledger_extract(&l->db, &r->sale, a, &extract, why);

	if (!e)
		e = decision_open(&r->sale, &extract, &snapshot, why);
	if (e)
		return e;
	if (r->kind == EVENT_VOID)
		wish.count = 0;
	e = refund_work_out(s, &wish, snapshot_catalog(snapshot), &room, a, &r->done, why);
	if (e == ERR_RANGE || e == ERR_INVALID || e == ERR_LIMIT)
		r->refused = true;
	decision_room_free(&room);
	snapshot_unref(snapshot);
	return e;
}

/*
 * "A-1/2" for the second return of order A-1, if somebody has not given that name to another one: then the
 * next that is free, since a name that is there already stands for a repeat.
 */
static enum err make_id(struct ledger *l, struct ledger_return *r, struct arena *a, struct why *why)
{
	char id[RETURN_ID_MAX + 32];

	for (int64_t n = r->done.number; n < r->done.number + RETURNS_MAX; n++) {
		struct event_envelope event;
		struct ledger_position position;
		enum err e;

		snprintf(id, sizeof(id), "%s/%lld", r->order, (long long)n);
		e = ledger_find_note(l, r->kind, id, a, &event, &position, why);
		if (e == ERR_OK)
			continue;
		if (e != ERR_NOT_FOUND)
			return e;
		r->done.id = arena_text(a, id, strlen(id));
		return r->done.id ? ERR_OK : fail(why, ERR_MEMORY, "out of memory");
	}
	return refuse(r, fail(why, ERR_LIMIT,
			      "order '%.64s': name the return, the names of its own are taken", r->order));
}

static enum err name_it(struct ledger *l, struct ledger_return *r, const struct refund_state *s,
			struct arena *a, struct why *why)
{
	r->done.id = r->id;
	r->done.order = r->order;
	r->done.number = s->returns + 1;
	r->done.lane = r->lane;
	r->done.cashier = r->cashier;
	r->done.reason = r->reason;
	r->done.exchange = r->exchange;
	r->done.customer = r->sale.customer;
	r->done.store = r->sale.store;
	r->done.currency = r->sale.currency;
	return r->id ? ERR_OK : make_id(l, r, a, why);
}

/* An order is voided once: its own id says which. */
static enum err name_void(struct ledger_return *r, struct arena *a, struct why *why)
{
	char id[RETURN_ID_MAX + 32];

	snprintf(id, sizeof(id), "%s/void", r->order);
	r->id = arena_text(a, id, strlen(id));
	return r->id ? ERR_OK : fail(why, ERR_MEMORY, "out of memory");
}

static enum err append(struct ledger *l, const struct ledger_return *r, struct arena *a,
		       struct ledger_position *position, struct why *why)
{
	const struct schema *schema = r->kind == EVENT_VOID ? &event_void_schema : &event_return_schema;
	struct event_return terse = r->done;
	struct ledger_note note = {.kind = r->kind, .about = r->order, .once = r->done.id};
	enum err e;

	if (terse.price.minor == terse.left.minor)
		terse.price = MONEY_NONE;
	e = ledger_note_body(schema, &terse, a, &note.body, why);
	return e ? e : ledger_append_note(l, &note, position, why);
}

/* Of lines that the order has: who shows it looks them up there. */
static bool is_of_sale(const struct event_return *r, const struct event_sale *sale)
{
	const struct return_line *lines = r->lines.at;

	for (size_t i = 0; i < r->lines.count; i++)
		if ((uint64_t)lines[i].line >= sale->lines.count)
			return false;
	return true;
}

/* The first answer to that id. */
static enum err repeat(struct ledger *l, struct ledger_return *r, struct arena *a,
		       struct ledger_position *position, struct why *why)
{
	struct event_envelope event;
	enum err e = ledger_find_note(l, r->kind, r->id, a, &event, position, why);

	if (!e)
		e = event_return_decode(event.body, a, &r->done, why);
	if (e)
		return e;
	if (strcmp(r->done.order, r->order) != 0)
		return refuse(r, fail(why, ERR_INVALID, "id '%.64s' is that of a return of order '%.64s'",
				      r->id, r->done.order));
	if (!is_of_sale(&r->done, &r->sale))
		return fail(why, ERR_CORRUPT, "return '%.64s' is of lines that order '%.64s' does not have",
			    r->id, r->order);
	return ERR_EXISTS;
}

static enum err find_sale(struct ledger *l, struct ledger_return *r, struct arena *a,
			  struct ledger_position *position, struct why *why)
{
	enum err e = ledger_find_order(l, r->order, a, &r->sale, position, why);

	return e == ERR_NOT_FOUND ? refuse(r, e) : e;
}

enum err ledger_append_return(struct ledger *l, struct ledger_return *r, struct arena *a,
			      struct ledger_position *position, struct why *why)
{
	struct refund_state state;
	enum err e;

	r->refused = false;
	e = find_sale(l, r, a, position, why);
	if (!e && !r->id && r->kind == EVENT_VOID)
		e = name_void(r, a, why);
	if (!e && r->id) {
		e = repeat(l, r, a, position, why);
		e = e == ERR_NOT_FOUND ? ERR_OK : e;
	}
	if (!e)
		e = refund_begin(&state, &r->sale, a, why);
	if (!e)
		e = fold_returns(l, r, &state, a, why);
	if (!e)
		e = may(r, &state, why);
	if (!e)
		e = work_out(l, r, &state, a, why);
	if (!e)
		e = name_it(l, r, &state, a, why);
	if (!e && r->expect &&
	    (r->expect->minor != r->done.refund.minor || r->expect_number != r->done.number))
		e = refuse(r, fail(why, ERR_STATE, "something else of order '%.64s' came back meanwhile",
				   r->order));
	return e || r->preview ? e : append(l, r, a, position, why);
}
