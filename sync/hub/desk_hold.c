/*
 * What of a publication waits for a second person: judged as imports of a box are (book/judge.h), against
 * what is in force in each scope that it is for. It is appended with the publication, but what is in force
 * stays so. See desk_parts.h.
 *
 * Rates, costs and articles first, since floors are reckoned by them, then prices, then prices set by hand,
 * which are measured by the lists'. Prices that a box's cost-plus lists make are not known here: the costs
 * are judged.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk_parts.h"
#include "landed.h"

enum pass { PASS_COSTS, PASS_PRICES, PASS_BY_HAND, PASSES };

struct judging {
	struct publishing *p;
	const char *scope;
	char currency[4];
	struct snapshot *next; /* what the scope would have, by now; NULL: not wanted yet */
	struct rates before, after;
	bool has_rates;
	bool any; /* something was held in this pass */
	unsigned given;
	int64_t now_s;
	size_t *order;	    /* places of the records that came, by type and key */
	size_t ordered;	    /* how many; what the judging adds stands behind them */
	struct arena arena; /* of the record at hand */
	struct arena rates; /* of the rates */
};

static enum err need_next(struct judging *j, struct why *why)
{
	return j->next ? ERR_OK : publishing_next(j->p, j->scope, &j->next, why);
}

static const struct catalog *next_of(const struct judging *j)
{
	return snapshot_catalog(j->next);
}

/* Milliseconds since 1970 in base 36 and a number: publications have different ones. */
static const char *new_id(struct judging *j)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	int64_t left = j->p->marker.publication;
	char text[16], id[40];
	size_t n = sizeof(text) - 1;

	text[n] = '\0';
	do
		text[--n] = digits[left % 36];
	while ((left /= 36) > 0);
	snprintf(id, sizeof(id), HELD_PUBLISHED "%s-%u", text + n, ++j->given);
	return arena_text(&j->arena, id, strlen(id));
}

static enum err encode_held(struct judging *j, const struct held *what, struct bytes *out, struct why *why)
{
	struct cborw w;
	enum err e;

	buf_cut(&j->p->buf, 0);
	cborw_begin(&w, &j->p->buf);
	e = record_put(&held_schema, what, &w, why);
	if (cborw_end(&w) || e)
		return e ? e : fail(why, ERR_LIMIT, "what waits is too large");
	out->length = buf_length(&j->p->buf);
	out->at = (const uint8_t *)arena_text(&j->p->arena, (const char *)buf_front(&j->p->buf), out->length);
	return out->at ? ERR_OK : publishing_no_memory(why);
}

/* Who asks, and until when. */
static enum err complete(struct judging *j, struct held *what, struct why *why)
{
	const struct desk_publication *in = j->p->in;

	what->id = new_id(j);
	if (!what->id)
		return publishing_no_memory(why);
	what->by = in->who;
	what->login = in->login;
	what->reason = in->note && *in->note ? in->note : "published";
	what->asked = (struct stamp){.seconds = j->now_s};
	what->until = (struct stamp){.seconds = j->now_s + j->p->d->roles->patience_ms / 1000};
	return ERR_OK;
}

/*
 * It is held: the whole record, or what of it the judge means. The very change that waits or was rejected
 * already is the same one: nobody is asked again. *waits: it does.
 */
static enum err keep(struct judging *j, size_t i, struct held *what, bool whole, bool *waits, struct why *why)
{
	struct state_put *put = &j->p->puts[i];
	struct state_waiting there;
	enum err e;

	what->record = whole ? put->cbor : (struct bytes){0};
	what->currency = what->currency ? what->currency : j->currency;
	e = state_waiting_of(j->p->d->state, j->scope, put->type, put->key, &j->arena, &there, why);
	if (e && e != ERR_NOT_FOUND)
		return e;
	*waits = true;
	if (!e && held_is_repeat(&there.held, what, j->now_s)) {
		*waits = there.held.state == HELD_WAITS;
		put->held.at = (const uint8_t *)arena_text(&j->p->arena, (const char *)there.cbor.at,
							   there.cbor.length);
		put->held.length = there.cbor.length;
		e = put->held.at ? ERR_OK : publishing_no_memory(why);
	} else {
		e = complete(j, what, why);
		if (!e)
			e = encode_held(j, what, &put->held, why);
	}
	if (whole)
		put->cbor = (struct bytes){0};
	j->any = true;
	*(*waits ? &j->p->held : &j->p->refused) += 1;
	return e;
}

static int compare_places(const void *a, const void *b, void *arg)
{
	const struct state_put *puts = arg, *x = &puts[*(const size_t *)a], *y = &puts[*(const size_t *)b];

	return x->type != y->type ? (x->type > y->type) - (x->type < y->type) : strcmp(x->key, y->key);
}

static enum err order_puts(struct judging *j, struct why *why)
{
	j->ordered = j->p->count;
	j->order = malloc((j->ordered + 1) * sizeof(*j->order));
	if (!j->order)
		return publishing_no_memory(why);
	for (size_t i = 0; i < j->ordered; i++)
		j->order[i] = i;
	qsort_r(j->order, j->ordered, sizeof(*j->order), compare_places, j->p->puts);
	return ERR_OK;
}

/* Where the publication has that record; its count: nowhere. */
static size_t place_of(const struct judging *j, enum record_type t, const char *key)
{
	const struct publishing *p = j->p;
	size_t from = 0, to = j->ordered;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		const struct state_put *put = &p->puts[j->order[middle]];
		int order = put->type != t ? (put->type > t) - (put->type < t) : strcmp(put->key, key);

		if (order == 0)
			return j->order[middle];
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	for (size_t i = j->ordered; i < p->count; i++)
		if (p->puts[i].type == t && strcmp(p->puts[i].key, key) == 0)
			return i;
	return p->count;
}

/* A record of the publication or, if it does not speak of it, the one that is in force. ERR_NOT_FOUND. */
static enum err find_item(struct judging *j, const char *sku, size_t *place, struct record *out,
			  struct why *why)
{
	struct publishing *p = j->p;
	struct bytes cbor;
	enum err e;

	*place = place_of(j, RECORD_ITEM, sku);
	if (*place < p->count) {
		cbor = p->puts[*place].cbor;
		return cbor.at ? record_decode(RECORD_ITEM, cbor.at, cbor.length, &j->arena, out, why)
			       : ERR_NOT_FOUND;
	}
	e = state_record(p->d->state, j->scope, RECORD_ITEM, sku, &j->arena, &cbor, why);
	return e ? e : record_decode(RECORD_ITEM, cbor.at, cbor.length, &j->arena, out, why);
}

/* The guard reckons with the higher cost while one is in review; MONEY_NONE: none is. */
static enum err set_review(struct judging *j, const char *sku, struct money cost, struct why *why)
{
	struct record item;
	size_t place;
	enum err e = find_item(j, sku, &place, &item, why);

	if (e || item.as.item.cost_in_review.minor == cost.minor)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	item.as.item.cost_in_review = cost;
	if (place == j->p->count)
		return publishing_add(j->p, &item, false, why);
	return publishing_encode(j->p, &item, &j->p->puts[place].cbor, why);
}

/*
 * What else the article's record says goes in. A landed cost stands for its cost; its review does not end
 * because of a new name, but by what is said of it.
 */
static enum err judge_item(struct judging *j, size_t i, const struct record *before, const struct record *now,
			   struct why *why)
{
	const char *sku = now->as.item.sku;
	struct state *s = j->p->d->state;
	struct judge_history history;
	struct record item = *now;
	struct bytes landed;
	struct state_waiting review;
	struct held what;
	bool waits = false;
	enum err e = state_record(s, j->scope, RECORD_LANDED_COST, sku, &j->arena, &landed, why);

	if (e == ERR_OK) {
		e = state_waiting_of(s, j->scope, RECORD_LANDED_COST, sku, &j->arena, &review, why);
		if (e || review.held.state != HELD_WAITS ||
		    place_of(j, RECORD_LANDED_COST, sku) < j->p->count)
			return e == ERR_NOT_FOUND ? ERR_OK : e;
		return set_review(j, sku, review.held.after, why);
	}
	if (e != ERR_NOT_FOUND)
		return e;
	e = state_costs(s, j->scope, sku, &history, why);
	if (e || !judge_cost(&history, RECORD_ITEM, sku, before->as.item.cost, now->as.item.cost, &what))
		return e;
	e = keep(j, i, &what, false, &waits, why);
	item.as.item.cost = what.before;
	item.as.item.cost_in_review = waits ? what.after : MONEY_NONE;
	return e ? e : publishing_encode(j->p, &item, &j->p->puts[i].cbor, why);
}

/* The rates of before, and as they would be; those that are held stay as they are. */
static enum err read_rates(struct judging *j, struct why *why)
{
	struct record_exchange_rate *was, *is;
	struct list keys;
	size_t n = 0;
	enum err e = state_keys(j->p->d->state, j->scope, RECORD_EXCHANGE_RATE, &j->rates, &keys, why);

	if (e || j->has_rates)
		return e;
	was = arena_get(&j->rates, (keys.count + 1) * sizeof(*was));
	is = arena_get(&j->rates, (keys.count + j->p->count + 1) * sizeof(*is));
	if (!was || !is)
		return publishing_no_memory(why);
	for (size_t i = 0; i < keys.count && !e; i++) {
		struct bytes cbor;
		struct record r;

		e = state_record(j->p->d->state, j->scope, RECORD_EXCHANGE_RATE,
				 ((const char *const *)keys.at)[i], &j->rates, &cbor, why);
		if (!e)
			e = record_decode(RECORD_EXCHANGE_RATE, cbor.at, cbor.length, &j->rates, &r, why);
		if (!e)
			was[n++] = r.as.exchange_rate;
		e = e == ERR_NOT_FOUND ? ERR_OK : e;
	}
	j->before = (struct rates){was, n};
	memcpy(is, was, n * sizeof(*is));
	for (size_t i = 0; i < j->p->count && !e; i++) {
		const struct state_put *put = &j->p->puts[i];
		struct record r;
		size_t at = 0;

		if (put->type != RECORD_EXCHANGE_RATE || !put->cbor.at)
			continue;
		e = record_decode(put->type, put->cbor.at, put->cbor.length, &j->rates, &r, why);
		while (!e && at < n && strcmp(is[at].currency, put->key) != 0)
			at++;
		if (!e)
			is[at] = r.as.exchange_rate;
		n += !e && at == n;
	}
	j->after = (struct rates){is, n};
	j->has_rates = true;
	return e;
}

/* Of what it has cost landed nothing but that of now is known. */
static enum err judge_landed(struct judging *j, size_t i, const struct record *before,
			     const struct record *now, struct why *why)
{
	struct judge_history history = {0};
	struct landed was, is;
	struct why reason = {""};
	const char *sku = now->as.landed_cost.sku;
	struct held what;
	bool waits = false;
	enum err e = need_next(j, why);

	if (!e)
		e = read_rates(j, why);
	if (e || landed_cost(&before->as.landed_cost, &j->before, &next_of(j)->settings, &was, &reason) ||
	    landed_cost(&now->as.landed_cost, &j->after, &next_of(j)->settings, &is, &reason))
		return e;
	if (!judge_cost(&history, RECORD_LANDED_COST, sku, was.landed, is.landed, &what))
		return set_review(j, sku, MONEY_NONE, why);
	e = keep(j, i, &what, true, &waits, why);
	return e ? e : set_review(j, sku, waits ? what.after : MONEY_NONE, why);
}

static enum err judge_exchange(struct judging *j, size_t i, const struct record *before,
			       const struct record *now, struct why *why)
{
	struct held what;
	bool waits = false;

	if (!judge_rate(now->as.exchange_rate.currency, before->as.exchange_rate.rate,
			now->as.exchange_rate.rate, &what))
		return ERR_OK;
	return keep(j, i, &what, true, &waits, why);
}

static struct rate limit_of(const struct judging *j)
{
	return (struct rate){j->p->d->roles->change * 10000};
}

static enum err judge_list_price(struct judging *j, size_t i, const struct record *before,
				 const struct record *now, struct why *why)
{
	struct judge_price price = {.before = before ? &before->as.price : NULL,
				    .approved = before ? &before->as.price : NULL,
				    .now = &now->as.price};
	struct record approved;
	struct held what;
	bool waits = false;
	enum err e = state_approved(j->p->d->state, j->scope, j->p->puts[i].key, &j->arena, &approved, why);

	if (!e)
		price.approved = &approved.as.price;
	if (e && e != ERR_NOT_FOUND)
		return e;
	e = need_next(j, why);
	if (e || !judge_price(next_of(j), &price, limit_of(j), &what))
		return e;
	return keep(j, i, &what, true, &waits, why);
}

static enum err judge_by_hand(struct judging *j, size_t i, const struct record *before,
			      const struct record *now, struct why *why)
{
	struct held what;
	bool waits = false;
	enum err e = now->as.override.status == 0 ? need_next(j, why) : ERR_STATE;

	(void)before;
	if (e == ERR_STATE)
		return ERR_OK; /* it does not count */
	if (e || !judge_override(next_of(j), &now->as.override, j->now_s, limit_of(j), &what))
		return e;
	return keep(j, i, &what, true, &waits, why);
}

/* before may be NULL where `anew` says that a record which was not there is judged, too. */
typedef enum err judge_fn(struct judging *j, size_t i, const struct record *before, const struct record *now,
			  struct why *why);
static const struct judge {
	enum pass pass;
	enum record_type type;
	bool anew;
	judge_fn *judge;
} judges[] = {
	{PASS_COSTS, RECORD_EXCHANGE_RATE, false, judge_exchange},
	{PASS_COSTS, RECORD_LANDED_COST, false, judge_landed},
	{PASS_COSTS, RECORD_ITEM, false, judge_item},
	{PASS_PRICES, RECORD_PRICE, true, judge_list_price},
	{PASS_BY_HAND, RECORD_OVERRIDE, true, judge_by_hand},
};

static enum err judge_put(struct judging *j, size_t i, const struct judge *by, struct why *why)
{
	struct state_put *put = &j->p->puts[i];
	struct record before, now;
	struct bytes was;
	bool there;
	enum err e = state_record(j->p->d->state, j->scope, put->type, put->key, &j->arena, &was, why);

	there = e == ERR_OK;
	if ((e && e != ERR_NOT_FOUND) || (!there && !by->anew))
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	if (there && was.length == put->cbor.length && memcmp(was.at, put->cbor.at, was.length) == 0)
		return ERR_OK;
	e = record_decode(put->type, put->cbor.at, put->cbor.length, &j->arena, &now, why);
	if (!e && there)
		e = record_decode(put->type, was.at, was.length, &j->arena, &before, why);
	return e ? e : by->judge(j, i, there ? &before : NULL, &now, why);
}

/* Records that the judging adds are its own: not judged. */
static enum err judge_all(struct judging *j, const struct judge *by, struct why *why)
{
	size_t count = j->p->count;
	enum err e = ERR_OK;

	for (size_t i = 0; i < count && !e; i++) {
		if (j->p->puts[i].type != by->type || !j->p->puts[i].cbor.at || j->p->puts[i].held.at)
			continue;
		arena_reset(&j->arena);
		e = judge_put(j, i, by, why);
	}
	return e;
}

static enum err run_pass(struct judging *j, enum pass pass, struct why *why)
{
	enum err e = ERR_OK;

	j->any = false;
	for (size_t k = 0; k < sizeof(judges) / sizeof(judges[0]) && !e; k++)
		if (judges[k].pass == pass)
			e = judge_all(j, &judges[k], why);
	if (e || !j->any)
		return e;
	snapshot_unref(j->next);
	j->next = NULL;
	return publishing_check(j->p, why);
}

/* The first book of all is the beginning, and one in another currency begins anew. */
static enum err hold_scope(struct publishing *p, const char *scope, struct why *why)
{
	struct judging j = {.p = p, .scope = scope, .now_s = clock_utc_ms(p->d->clock) / 1000};
	struct state_catalog before;
	enum err e = state_catalog(p->d->state, scope, &before, why);

	if (e || before.version == 0 || strcmp(before.currency, p->currency) != 0)
		return e;
	memcpy(j.currency, before.currency, sizeof(j.currency));
	j.given = (unsigned)(p->held + p->refused);
	e = order_puts(&j, why);
	for (enum pass pass = PASS_COSTS; pass < PASSES && !e; pass++)
		e = run_pass(&j, pass, why);
	snapshot_unref(j.next);
	free(j.order);
	arena_free(&j.arena);
	arena_free(&j.rates);
	return e;
}

enum err publishing_hold(struct publishing *p, struct why *why)
{
	const struct hub_roles *roles = p->d->roles;
	enum err e = ERR_OK;

	if (!roles || roles->pricing_manager.count + roles->cfo.count == 0)
		return ERR_OK;
	if (p->in->store_count == 0)
		e = hold_scope(p, "", why);
	for (size_t i = 0; i < p->in->store_count && !e; i++)
		e = hold_scope(p, p->in->stores[i], why);
	return e;
}
