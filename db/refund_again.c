/*
 * Working a stored return out again. See refund_again.h.
 */
#include "refund_again.h"

#include <stdio.h>
#include <string.h>

#include "ledger_note.h"

/* An event's bytes are the reader's until its next call: what is decoded from them has to stay. */
static enum err copy_event(const struct ledger_event *event, struct arena *a, struct event_envelope *out,
			   struct why *why)
{
	char *copy = arena_text(a, (const char *)event->bytes, event->length);

	if (!copy)
		return fail(why, ERR_MEMORY, "out of memory");
	return event_decode(copy, event->length, a, out, why);
}

static enum err find_sale(struct ledger_reader *r, const char *order, struct arena *a, struct event_sale *out,
			  struct why *why)
{
	struct event_envelope envelope;
	struct ledger_event event;
	enum err e = ledger_reader_order(r, order, &event, why);

	if (!e)
		e = copy_event(&event, a, &envelope, why);
	return e ? e : event_sale_of(&envelope, a, out, why);
}

/* The returns of the order before that event. */
static enum err fold_before(struct ledger_reader *r, int64_t id, const char *order, struct refund_state *s,
			    struct arena *a, struct why *why)
{
	struct event_envelope envelope = {0};
	struct event_return before;
	struct ledger_event event;
	int64_t at = 0;
	enum err e;

	while ((e = ledger_reader_note(r, order, &at, &event, why)) == ERR_OK && at < id) {
		e = copy_event(&event, a, &envelope, why);
		if (e)
			return e;
		if (envelope.kind != EVENT_RETURN && envelope.kind != EVENT_VOID)
			continue;
		e = event_return_decode(envelope.body, a, &before, why);
		if (!e && !strcmp(before.order, order))
			e = refund_fold(s, &before, envelope.kind == EVENT_VOID, why);
		if (e)
			return e;
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* What was asked then, from what came of it. */
static enum err wish_of(const struct event_return *stored, struct arena *a, struct refund_wish *out)
{
	const struct return_line *from = stored->lines.at;
	const struct return_reward *rewards = stored->rewards.at;
	const struct sale_tender *tenders = stored->tenders.at;
	struct return_line *lines = arena_get(a, stored->lines.count * sizeof(*lines) + 1);
	size_t first = 0;

	if (!lines)
		return ERR_MEMORY;
	*out = (struct refund_wish){.lines = lines};
	for (size_t i = 0; i < stored->lines.count; i++)
		if (from[i].quantity.micro)
			lines[out->count++] = from[i];
	for (size_t i = 0; i < stored->rewards.count; i++)
		out->gifts_kept |= rewards[i].kept;
	/* Basket credit comes first, whatever was asked. */
	if (stored->tenders.count && !strcmp(tenders[0].method, TENDER_BASKET_CREDIT))
		first = 1;
	if (stored->tenders.count == first + 1)
		out->method = tenders[first].method;
	return ERR_OK;
}

static bool amount_is(const char *at, struct money stored, struct money computed,
		      struct decision_difference *out)
{
	if (stored.minor == computed.minor)
		return true;
	snprintf(out->at, sizeof(out->at), "%s", at);
	snprintf(out->stored, sizeof(out->stored), "%lld minor units", (long long)stored.minor);
	snprintf(out->computed, sizeof(out->computed), "%lld", (long long)computed.minor);
	return false;
}

/* Lines of the first version did not name the article, nor what of their net went back. */
static enum err forget_later(const struct event_return *stored, struct event_return *computed,
			     struct arena *a)
{
	const struct return_line *was = stored->lines.at;
	const struct return_line *from = computed->lines.at;
	struct return_line *at;

	if (stored->lines.count == 0 || was[0].sku)
		return ERR_OK;
	at = arena_get(a, computed->lines.count * sizeof(*at) + 1);
	if (!at)
		return ERR_MEMORY;
	for (size_t i = 0; i < computed->lines.count; i++)
		at[i] = (struct return_line){
			.line = from[i].line, .quantity = from[i].quantity, .net = from[i].net};
	computed->lines.at = at;
	return ERR_OK;
}

/* All of it: who and where are taken from the stored one, so the encodings have to be the same. */
static enum err compare_bytes(const struct event_return *stored, struct event_return *computed,
			      struct arena *a, bool *same, struct why *why)
{
	struct bytes x = {0}, y = {0};
	enum err e;

	computed->id = stored->id;
	computed->order = stored->order;
	computed->number = stored->number;
	e = forget_later(stored, computed, a);
	if (e)
		return e;
	computed->lane = stored->lane;
	computed->store = stored->store;
	computed->cashier = stored->cashier;
	computed->reason = stored->reason;
	computed->customer = stored->customer;
	computed->currency = stored->currency;
	computed->exchange = stored->exchange;
	e = ledger_note_body(&event_return_schema, stored, a, &x, why);
	if (!e)
		e = ledger_note_body(&event_return_schema, computed, a, &y, why);
	*same = !e && x.length == y.length && memcmp(x.at, y.at, x.length) == 0;
	return e;
}

static enum err compare(const struct event_return *stored, struct event_return *computed, struct arena *a,
			bool *same, struct decision_difference *out, struct why *why)
{
	enum err e;

	*same = amount_is("refund", stored->refund, computed->refund, out) &&
		amount_is("left", stored->left, computed->left, out) &&
		amount_is("price", stored->price, computed->price, out) &&
		amount_is("tax", stored->tax, computed->tax, out);
	if (!*same)
		return ERR_OK;
	e = compare_bytes(stored, computed, a, same, why);
	if (!e && !*same)
		*out = (struct decision_difference){"lines, promotions, rewards or result", "one thing",
						    "another"};
	return e;
}

enum err refund_again(struct ledger_reader *r, int64_t id, const struct event_return *stored,
		      struct decision_room *room, struct arena *a, bool *same,
		      struct decision_difference *out, struct why *why)
{
	struct event_return computed = {0};
	struct refund_state state;
	struct refund_wish wish;
	struct snapshot *snapshot;
	struct event_sale sale;
	struct extract extract;
	enum err e = find_sale(r, stored->order, a, &sale, why);

	if (!e)
		e = refund_begin(&state, &sale, a, why);
	if (!e)
		e = fold_before(r, id, stored->order, &state, a, why);
	if (!e && wish_of(stored, a, &wish))
		e = fail(why, ERR_MEMORY, "out of memory");
	if (!e)
		e = ledger_reader_extract(r, &sale, a, &extract, why);
	if (!e)
		e = decision_open(&sale, &extract, &snapshot, why);
	if (e)
		return e;
	e = refund_work_out(&state, &wish, snapshot_catalog(snapshot), room, a, &computed, why);
	if (!e)
		e = compare(stored, &computed, a, same, out, why);
	snapshot_unref(snapshot);
	return e;
}
