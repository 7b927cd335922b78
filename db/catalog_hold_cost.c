/*
 * Costs and exchange rates of an import that leave their own history. See catalog_hold.h; the rules are
 * book/judge.h's, the history is that of the catalog's events.
 */
#include "catalog_hold.h"

#include <string.h>

/* The first one tells what was before it, too. */
static enum err add_event(int64_t id, const struct shop_event *e, void *arg, struct why *why)
{
	const struct import_cost_updated *c = &e->as.import_cost;
	struct judge_history *h = arg;

	(void)id;
	(void)why;
	if (h->count == 0 && c->before.minor != AMOUNT_NONE)
		h->at[h->count++] = c->before.minor;
	if (h->count <= JUDGE_HISTORY_MAX)
		h->at[h->count++] = c->after.minor;
	return ERR_OK;
}

static enum err judge(struct holding *h, enum record_type t, const char *sku, struct money before,
		      struct money after, struct held *out, bool *far, struct why *why)
{
	const struct event_query q = {
		.key = sku, .type = SHOP_IMPORT_COST_UPDATED, .last = JUDGE_HISTORY_MAX};
	struct judge_history history = {0};
	enum err e = catalog_store_events(h->store, &q, add_event, &history, why);

	*far = !e && judge_cost(&history, t, sku, before, after, out);
	return e;
}

/* What else the article's record says goes in; the guard reckons with the higher cost meanwhile. */
static enum err keep_item(struct holding *h, const char *key, const struct became *b, struct held *what,
			  struct why *why)
{
	struct record item = *b->after;
	bool waits;
	enum err e = hold_keep(h, key, NULL, what, &waits, why);

	item.as.item.cost = what->before;
	item.as.item.cost_in_review = waits ? what->after : MONEY_NONE;
	return e ? e : catalog_store_put(h->store, &item, why);
}

/* A landed cost stands for its cost; its review, if it has one, does not end because of a new name. */
static enum err keep_review(struct holding *h, const char *sku, struct why *why)
{
	struct held landed;
	enum err e = held_of(h->store, RECORD_LANDED_COST, sku, &h->arena, &landed, why);

	if (e == ERR_NOT_FOUND)
		return ERR_OK;
	if (e || landed.state != HELD_WAITS)
		return e;
	return hold_review(h->store, sku, landed.after, &h->arena, why);
}

enum err hold_item(const char *key, const struct became *b, void *arg, struct why *why)
{
	struct holding *h = arg;
	const struct record_item *was = b->before ? &b->before->as.item : NULL,
				 *is = b->after ? &b->after->as.item : NULL;
	struct record landed;
	struct held what;
	bool far, had;
	enum err e;

	if (!was || !is)
		return hold_let_go(h, RECORD_ITEM, key, &had, why);
	e = catalog_store_find(h->store, RECORD_LANDED_COST, key, b->arena, &landed, why);
	if (e != ERR_NOT_FOUND)
		return e ? e : keep_review(h, key, why);
	e = judge(h, RECORD_ITEM, key, was->cost, is->cost, &what, &far, why);
	if (e)
		return e;
	if (!far)
		return hold_let_go(h, RECORD_ITEM, key, &had, why);
	return keep_item(h, key, b, &what, why);
}

enum err hold_landed(const char *key, const struct became *b, void *arg, struct why *why)
{
	struct holding *h = arg;
	struct landed was, is;
	struct held what;
	bool far = false, had, waits;
	enum err e = ERR_OK;

	if (b->before && b->after &&
	    !events_landed(h->store, true, &b->before->as.landed_cost, b->arena, &was, why) &&
	    !events_landed(h->store, false, &b->after->as.landed_cost, b->arena, &is, why))
		e = judge(h, RECORD_LANDED_COST, key, was.landed, is.landed, &what, &far, why);
	if (e)
		return e;
	if (!far) {
		e = hold_let_go(h, RECORD_LANDED_COST, key, &had, why);
		return e || !had ? e : hold_review(h->store, key, MONEY_NONE, b->arena, why);
	}
	h->costs = true;
	e = hold_keep(h, key, b->after, &what, &waits, why);
	return e ? e : hold_review(h->store, key, waits ? is.landed : MONEY_NONE, b->arena, why);
}

enum err hold_rate(const char *key, const struct became *b, void *arg, struct why *why)
{
	struct holding *h = arg;
	struct held what;
	bool had, waits;

	if (!b->before || !b->after ||
	    !judge_rate(key, b->before->as.exchange_rate.rate, b->after->as.exchange_rate.rate, &what))
		return hold_let_go(h, RECORD_EXCHANGE_RATE, key, &had, why);
	h->costs = true;
	return hold_keep(h, key, b->after, &what, &waits, why);
}
