/*
 * Overrides and what was said of them, out of the ledger. See history_own.h.
 *
 * An override counts from the moment it was set, or was approved if it had to be; what is said of one that
 * counts, but approval, ends it. Those that time ends have their last moment in them.
 */
#include "history_own.h"

#include <stdlib.h>
#include <string.h>

#include "event_override.h"
#include "ledger.h"
#include "ledger_note.h"

/* The override of that id that was told as counting; NULL: it never did, or waits. */
static const struct shop_event *told(const struct history_own *h, const char *id)
{
	for (size_t i = h->count; i-- > 0;)
		if (!strcmp(h->at[i].as.price_changed.override, id))
			return &h->at[i];
	return NULL;
}

static enum err add(struct history_own *h, int64_t at_s, const struct price_changed *p)
{
	size_t size = h->size ? h->size * 2 : 16;
	struct shop_event *grown;

	if (h->count == h->size) {
		grown = reallocarray(h->at, size, sizeof(*grown));
		if (!grown)
			return ERR_MEMORY;
		h->at = grown;
		h->size = size;
	}
	h->at[h->count] = (struct shop_event){
		.type = SHOP_PRICE_CHANGED, .at_s = at_s, .key = p->product, .as.price_changed = *p};
	h->at[h->count].as.price_changed.effective.seconds = at_s;
	h->at[h->count].as.price_changed.margin_impact.ppm = AMOUNT_NONE;
	h->at[h->count++].as.price_changed.from.micro = AMOUNT_NONE;
	return ERR_OK;
}

/* Those that wait for approval. */
struct waiting {
	struct event_override at[64];
	size_t count;
};

static enum err take_override(struct history_own *h, const char *sku, const struct event_envelope *e,
			      struct waiting *w, struct why *why)
{
	struct event_override said;
	enum err error = event_override_decode(e->body, &h->arena, &said, why);

	if (error || strcmp(said.sku, sku) != 0)
		return error;
	if (said.decide_until_s) {
		w->at[w->count++ % (sizeof(w->at) / sizeof(w->at[0]))] = said;
		return ERR_OK;
	}
	return add(h, e->at_ms / 1000,
		   &(struct price_changed){.product = said.sku,
					   .before = said.before,
					   .after = said.price,
					   .reason = said.reason,
					   .user = said.by,
					   .override = said.id,
					   .until = {.seconds = said.to_s}});
}

static enum err approved(struct history_own *h, const struct event_approval *v, int64_t at_s,
			 const struct waiting *w)
{
	size_t most = sizeof(w->at) / sizeof(w->at[0]);

	for (size_t i = 0; i < w->count && i < most; i++) {
		const struct event_override *o = &w->at[i];

		if (!strcmp(o->id, v->id))
			return add(h, at_s,
				   &(struct price_changed){.product = o->sku,
							   .before = o->before,
							   .after = o->price,
							   .reason = o->reason,
							   .user = o->by,
							   .override = o->id,
							   .until = {.seconds = o->to_s}});
	}
	return ERR_OK;
}

static enum err take_approval(struct history_own *h, const char *sku, const struct event_envelope *e,
			      const struct waiting *w, struct why *why)
{
	struct event_approval v;
	const struct shop_event *before;
	enum err error = event_approval_decode(e->body, &h->arena, &v, why);

	if (error || strcmp(v.sku, sku) != 0)
		return error;
	before = told(h, v.id);
	if (v.verdict == VERDICT_APPROVED)
		return before ? ERR_OK : approved(h, &v, e->at_ms / 1000, w);
	if (!before)
		return ERR_OK;
	return add(h, e->at_ms / 1000,
		   &(struct price_changed){.product = before->key,
					   .before = before->as.price_changed.after,
					   .after = MONEY_NONE,
					   .reason = v.reason,
					   .user = v.by,
					   .override = v.id,
					   .until = {.seconds = AMOUNT_NONE}});
}

static enum err read_notes(struct ledger_reader *r, const char *sku, struct history_own *h, struct why *why)
{
	struct ledger_event event;
	struct event_envelope e;
	struct waiting *w = calloc(1, sizeof(*w));
	int64_t id = 0;
	enum err error = w ? ERR_OK : ERR_MEMORY;

	while (!error && (error = ledger_reader_note(r, sku, &id, &event, why)) == ERR_OK) {
		error = event_decode(event.bytes, event.length, &h->arena, &e, why);
		if (!error && e.kind == EVENT_OVERRIDE)
			error = take_override(h, sku, &e, w, why);
		else if (!error && e.kind == EVENT_APPROVAL)
			error = take_approval(h, sku, &e, w, why);
	}
	free(w);
	return error == ERR_NOT_FOUND ? ERR_OK : error;
}

enum ctl_exit history_own_read(struct ctl *ctl, const char *sku, struct history_own *out)
{
	const char *path = ctl_database(ctl, "ledger.db");
	struct ledger_reader *reader;
	struct why why = {0};
	enum err e;

	*out = (struct history_own){.arena = ARENA_EMPTY};
	if (!path)
		return CTL_USAGE;
	e = ledger_reader_open(path, &reader, &why);
	if (e)
		return e == ERR_NOT_FOUND ? CTL_DONE : ctl_fail(CTL_FAILED, "%s", why.text);
	e = read_notes(reader, sku, out, &why);
	ledger_reader_close(reader);
	return e ? ctl_fail(CTL_FAILED, "prices set by hand: %s", why.text) : CTL_DONE;
}

void history_own_free(struct history_own *h)
{
	arena_free(&h->arena);
	free(h->at);
}
