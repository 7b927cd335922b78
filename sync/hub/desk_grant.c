/*
 * Grants: a part of a promotion's uses or budget for one box. They are recorded and travel; nothing spends
 * them yet. See desk.h.
 */
#include <stdio.h>
#include <string.h>

#include "desk.h"
#include "topic.h"

struct target {
	char store[WIRE_NAME_MAX + 1];
	int64_t incarnation;
};

static enum err keep(const struct state_box *b, void *arg, struct why *why)
{
	struct target *out = arg;

	(void)why;
	snprintf(out->store, sizeof(out->store), "%s", b->store);
	out->incarnation = b->incarnation;
	return ERR_OK;
}

static enum err read_amount(struct desk *d, const char *text, const char *store, struct topic_grant *g,
			    struct state_catalog *catalog, struct why *why)
{
	unsigned exponent = 0;
	enum err e = state_catalog(d->state, store, catalog, why);

	if (e)
		return e;
	if (catalog->version == 0 || currency_exponent(catalog->currency, &exponent))
		return fail(why, ERR_STATE, "store %s has no book yet, so there is no currency", store);
	e = decimal_parse(text, strlen(text), exponent, &g->amount.minor);
	if (e || g->amount.minor <= 0)
		return fail(why, ERR_INVALID, "amount '%s': a sum of %s above 0, such as 250.00", text,
			    catalog->currency);
	g->currency = catalog->currency;
	return ERR_OK;
}

static enum err append(struct desk *d, const struct topic_grant *g, struct why *why)
{
	struct log_entry entry = {.topic = TOPIC_LEASES, .key = g->promotion};
	struct buf value;
	enum err e;

	buf_init(&value, 4096);
	e = topic_encode(TOPIC_LEASES, g, &value, why);
	entry.value = (struct bytes){buf_front(&value), buf_length(&value)};
	if (!e)
		e = desk_append(d, &entry, 1, why);
	buf_free(&value);
	return e;
}

enum err desk_grant(struct desk *d, const struct desk_grant *in, int64_t *number, struct why *why)
{
	struct state_catalog catalog;
	struct topic_grant g;
	struct target box;
	int64_t last = 0;
	enum err e = state_box(d->state, in->box, keep, &box, why);

	topic_init(TOPIC_LEASES, &g);
	if (!e && in->uses == AMOUNT_NONE)
		e = read_amount(d, in->amount, box.store, &g, &catalog, why);
	if (!e)
		e = state_last_grant(d->state, in->promotion, in->box, box.incarnation, &last, why);
	if (e)
		return e;
	g.promotion = in->promotion;
	g.box = in->box;
	g.store = box.store;
	g.incarnation = box.incarnation;
	g.number = last + 1;
	g.uses = in->uses;
	g.who = in->who;
	e = append(d, &g, why);
	if (!e)
		e = state_last_grant(d->state, in->promotion, in->box, box.incarnation, number, why);
	if (!e && *number < g.number)
		e = fail(why, ERR_BUSY, "another grant came first: try again");
	return e;
}
