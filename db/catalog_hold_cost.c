/*
 * Costs and exchange rates of an import that leave their own history. See catalog_hold.h.
 *
 * A cost is far off if it is more than 3.5 times the spread of what it has been from their median, where the
 * spread is 1.4826 times the median of the distances from it (what that is of a normal distribution's
 * standard deviation), and 5 % of the median at least: a cost that has never moved may move by 17.5 %.
 */
#include "catalog_hold.h"

#include <stdlib.h>
#include <string.h>

#define HISTORY_MAX 64 /* the newest; older ones say little of what it costs now */

struct history {
	int64_t at[HISTORY_MAX + 2];
	size_t count;
};

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Of an even number the mean of the two in the middle, rounded down. */
static int64_t median(int64_t *at, size_t count)
{
	qsort(at, count, sizeof(*at), compare);
	return count % 2 ? at[count / 2] : at[count / 2 - 1] + (at[count / 2] - at[count / 2 - 1]) / 2;
}

/* More than 3.5 spreads, exactly: what is above a bound of whole units is above its whole part. */
static bool is_far(struct history *h, int64_t value, int64_t *usual)
{
	int64_t by_spread = 0, by_part = 0, distance;

	*usual = median(h->at, h->count);
	distance = value > *usual ? value - *usual : *usual - value;
	for (size_t i = 0; i < h->count; i++)
		h->at[i] = h->at[i] > *usual ? h->at[i] - *usual : *usual - h->at[i];
	if (muldiv(median(h->at, h->count), 51891, 10000, ROUND_DOWN, &by_spread) ||
	    muldiv(*usual, 175, 1000, ROUND_DOWN, &by_part))
		return false; /* of no amount that a record may have */
	return distance > (by_spread > by_part ? by_spread : by_part);
}

/* The first one tells what was before it, too. */
static enum err add_event(int64_t id, const struct shop_event *e, void *arg, struct why *why)
{
	const struct import_cost_updated *c = &e->as.import_cost;
	struct history *h = arg;

	(void)id;
	(void)why;
	if (h->count == 0 && c->before.minor != AMOUNT_NONE)
		h->at[h->count++] = c->before.minor;
	if (h->count <= HISTORY_MAX)
		h->at[h->count++] = c->after.minor;
	return ERR_OK;
}

static enum err read_history(struct holding *h, const char *sku, struct money now, struct history *out,
			     struct why *why)
{
	const struct event_query q = {.key = sku, .type = SHOP_IMPORT_COST_UPDATED, .last = HISTORY_MAX};
	enum err e = catalog_store_events(h->store, &q, add_event, out, why);

	if (!e && out->count == 0)
		out->at[out->count++] = now.minor;
	return e;
}

static struct held held_cost(enum record_type t, const char *sku, struct money before, struct money after,
			     struct money usual)
{
	return (struct held){.of = t,
			     .sku = sku,
			     .before = before,
			     .after = after,
			     .rate_before = {AMOUNT_NONE},
			     .rate_after = {AMOUNT_NONE},
			     .from = {AMOUNT_NONE},
			     .approved = MONEY_NONE,
			     .change = price_change(usual, after),
			     .floor = MONEY_NONE,
			     .usual = usual,
			     .cause = HELD_ANOMALY,
			     .needs = HELD_MANAGER};
}

static enum err is_anomalous(struct holding *h, const char *sku, struct money before, struct money after,
			     struct money *usual, bool *yes, struct why *why)
{
	struct history history = {0};
	enum err e;

	*yes = false;
	if (before.minor == AMOUNT_NONE || after.minor == AMOUNT_NONE || before.minor == after.minor)
		return ERR_OK;
	e = read_history(h, sku, before, &history, why);
	if (!e)
		*yes = is_far(&history, after.minor, &usual->minor);
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
	struct money usual = MONEY_NONE;
	struct record landed;
	bool far, had;
	enum err e;

	if (!was || !is)
		return hold_let_go(h, RECORD_ITEM, key, &had, why);
	e = catalog_store_find(h->store, RECORD_LANDED_COST, key, b->arena, &landed, why);
	if (e != ERR_NOT_FOUND)
		return e ? e : keep_review(h, key, why);
	e = is_anomalous(h, key, was->cost, is->cost, &usual, &far, why);
	if (e)
		return e;
	if (!far)
		return hold_let_go(h, RECORD_ITEM, key, &had, why);
	struct held what = held_cost(RECORD_ITEM, key, was->cost, is->cost, usual);
	return keep_item(h, key, b, &what, why);
}

enum err hold_landed(const char *key, const struct became *b, void *arg, struct why *why)
{
	struct holding *h = arg;
	struct landed was, is;
	struct money usual = MONEY_NONE;
	bool far = false, had, waits;
	enum err e = ERR_OK;

	if (b->before && b->after &&
	    !events_landed(h->store, true, &b->before->as.landed_cost, b->arena, &was, why) &&
	    !events_landed(h->store, false, &b->after->as.landed_cost, b->arena, &is, why))
		e = is_anomalous(h, key, was.landed, is.landed, &usual, &far, why);
	if (e)
		return e;
	if (!far) {
		e = hold_let_go(h, RECORD_LANDED_COST, key, &had, why);
		return e || !had ? e : hold_review(h->store, key, MONEY_NONE, b->arena, why);
	}
	struct held what = held_cost(RECORD_LANDED_COST, key, was.landed, is.landed, usual);
	h->costs = true;
	e = hold_keep(h, key, b->after, &what, &waits, why);
	return e ? e : hold_review(h->store, key, waits ? is.landed : MONEY_NONE, b->arena, why);
}

/* Of a rate nothing but the one in force is known. */
enum err hold_rate(const char *key, const struct became *b, void *arg, struct why *why)
{
	struct holding *h = arg;
	struct held what;
	struct history history = {0};
	int64_t usual, after;
	bool had, waits;

	if (!b->before || !b->after)
		return hold_let_go(h, RECORD_EXCHANGE_RATE, key, &had, why);
	history.at[history.count++] = b->before->as.exchange_rate.rate.micro;
	after = b->after->as.exchange_rate.rate.micro;
	if (!is_far(&history, after, &usual))
		return hold_let_go(h, RECORD_EXCHANGE_RATE, key, &had, why);
	what = held_cost(RECORD_EXCHANGE_RATE, NULL, (struct money){usual}, (struct money){after},
			 (struct money){usual});
	what.before = what.after = what.usual = MONEY_NONE;
	what.rate_before = b->before->as.exchange_rate.rate;
	what.rate_after = b->after->as.exchange_rate.rate;
	what.currency = key;
	h->costs = true;
	return hold_keep(h, key, b->after, &what, &waits, why);
}
