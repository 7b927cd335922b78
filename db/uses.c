/*
 * The fold of uses: a table of entries, and what each event adds to them. See uses.h.
 *
 * Entries hang in buckets and never move, since carts point at them; the buckets double when there are more
 * entries than buckets.
 */
#include "uses.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event_return.h"

#define BUCKETS_MIN 1024 /* a power of two */

struct uses {
	struct use **buckets;
	size_t size, count;
	struct use *changed;
};

/* FNV-1a: keys are few bytes, and come from the shop's own book and its customers. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return hash;
}

static uint64_t hash_of(enum use_kind kind, const char *key, const char *by)
{
	uint64_t hash = hash_text(UINT64_C(14695981039346656037) + kind, key);

	if (by)
		hash = hash_text(hash * UINT64_C(1099511628211), by);
	return hash ^ hash >> 32;
}

struct uses *uses_new(void)
{
	struct uses *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->size = BUCKETS_MIN;
	u->buckets = calloc(u->size, sizeof(struct use *));
	if (u->buckets)
		return u;
	free(u);
	return NULL;
}

void uses_free(struct uses *u)
{
	struct use *next;

	if (!u)
		return;
	for (size_t i = 0; i < u->size; i++)
		for (struct use *e = u->buckets[i]; e; e = next) {
			next = e->next;
			free(e);
		}
	free(u->buckets);
	free(u);
}

static bool is_it(const struct use *e, enum use_kind kind, const char *key, const char *by)
{
	return e->kind == kind && strcmp(e->key, key) == 0 && (!by || strcmp(e->by, by) == 0);
}

static struct use *find(const struct uses *u, uint64_t hash, enum use_kind kind, const char *key,
			const char *by)
{
	struct use *e = u->buckets[hash & (u->size - 1)];

	while (e && (e->hash != hash || !is_it(e, kind, key, by)))
		e = e->next;
	return e;
}

struct use *uses_find(const struct uses *u, enum use_kind kind, const char *key, const char *by)
{
	return find(u, hash_of(kind, key, by), kind, key, by);
}

/* Without memory for more buckets it only gets slower. */
static void grow(struct uses *u)
{
	size_t size = u->size * 2;
	struct use **buckets = calloc(size, sizeof(struct use *)), *next;

	if (!buckets)
		return;
	for (size_t i = 0; i < u->size; i++)
		for (struct use *e = u->buckets[i]; e; e = next) {
			next = e->next;
			e->next = buckets[e->hash & (size - 1)];
			buckets[e->hash & (size - 1)] = e;
		}
	free(u->buckets);
	u->buckets = buckets;
	u->size = size;
}

static size_t size_of(enum use_kind kind)
{
	switch (kind) {
	case USE_PROMOTION:
		return sizeof(struct promotion_use);
	case USE_COUPON:
		return sizeof(struct coupon_use);
	case USE_CUSTOMER:
	case USE_BY_CUSTOMER:
	case USE_CREDIT:
		break;
	}
	return sizeof(struct use);
}

/* Its texts stand behind it. */
static struct use *entry_new(enum use_kind kind, const char *key, const char *by)
{
	size_t size = size_of(kind), key_size = strlen(key) + 1, by_size = by ? strlen(by) + 1 : 0;
	struct use *e = calloc(1, size + key_size + by_size);
	char *text;

	if (!e)
		return NULL;
	text = (char *)e + size;
	e->kind = kind;
	e->key = memcpy(text, key, key_size);
	if (by)
		e->by = memcpy(text + key_size, by, by_size);
	return e;
}

struct use *uses_get(struct uses *u, enum use_kind kind, const char *key, const char *by)
{
	uint64_t hash = hash_of(kind, key, by);
	struct use *e = find(u, hash, kind, key, by);

	assert((kind == USE_BY_CUSTOMER || kind == USE_CREDIT) == (by != NULL));
	if (e)
		return e;
	if (u->count >= u->size)
		grow(u);
	e = entry_new(kind, key, by);
	if (!e)
		return NULL;
	e->hash = hash;
	e->next = u->buckets[hash & (u->size - 1)];
	u->buckets[hash & (u->size - 1)] = e;
	u->count++;
	return e;
}

struct promotion_use *uses_promotion(struct uses *u, const char *id)
{
	return (struct promotion_use *)uses_get(u, USE_PROMOTION, id, NULL);
}

struct coupon_use *uses_coupon(struct uses *u, const char *code)
{
	return (struct coupon_use *)uses_get(u, USE_COUPON, code, NULL);
}

#define MONTH_TEXT_MAX 24

static const char *month_text(int64_t credit_to, char out[MONTH_TEXT_MAX])
{
	snprintf(out, MONTH_TEXT_MAX, "%lld", (long long)credit_to);
	return out;
}

struct use *uses_find_credit(const struct uses *u, const char *customer, int64_t credit_to)
{
	char month[MONTH_TEXT_MAX];

	return uses_find(u, USE_CREDIT, customer, month_text(credit_to, month));
}

struct use *uses_credit(struct uses *u, const char *customer, int64_t credit_to)
{
	char month[MONTH_TEXT_MAX];

	return uses_get(u, USE_CREDIT, customer, month_text(credit_to, month));
}

struct use *uses_next(const struct uses *u, const struct use *after)
{
	size_t i = after ? (after->hash & (u->size - 1)) + 1 : 0;

	if (after && after->next)
		return after->next;
	while (i < u->size && !u->buckets[i])
		i++;
	return i < u->size ? u->buckets[i] : NULL;
}

struct use *uses_changed(const struct uses *u)
{
	return u->changed;
}

void uses_touch(struct uses *u, struct use *use)
{
	if (use->is_changed)
		return;
	use->is_changed = true;
	use->changed = u->changed;
	u->changed = use;
}

void uses_clean(struct uses *u)
{
	struct use *next;

	for (struct use *e = u->changed; e; e = next) {
		next = e->changed;
		e->is_changed = false;
		e->changed = NULL;
	}
	u->changed = NULL;
}

/* What was counted stays in range: past it nothing is left of any limit. */
static int64_t add_up(int64_t a, int64_t b)
{
	int64_t s;

	if (!__builtin_add_overflow(a, b, &s))
		return s;
	return a > 0 ? INT64_MAX : -INT64_MAX;
}

static void count(struct uses *u, struct use *e, int64_t uses)
{
	e->uses = add_up(e->uses, uses);
	uses_touch(u, e);
}

/* Everything but discounts that came out of the budget. */
static int64_t rewards_of(const struct event_sale *s, size_t promotion)
{
	const struct sale_reward *r = s->rewards.at;
	int64_t all = 0;

	for (size_t i = 0; i < s->rewards.count; i++)
		if (r[i].promotion == (int64_t)promotion)
			all = add_up(all, r[i].amount.minor);
	return all;
}

struct use_back uses_back_of(const struct event_sale *s, size_t at)
{
	const struct sale_promotion *p = (const struct sale_promotion *)s->promotions.at + at;

	return (struct use_back){
		.promotion = p->id,
		.uses = 1,
		.amount = {add_up(p->amount.minor, rewards_of(s, at))},
		.coupon = p->coupon,
		.counted = p->counted,
	};
}

/* times is 1, or -1 for what is taken back. */
static enum err take(struct uses *u, const char *customer, const struct use_back *b, int64_t times)
{
	struct promotion_use *p = uses_promotion(u, b->promotion);
	bool by = customer && b->counted && b->uses;
	struct use *mine = by ? uses_get(u, USE_BY_CUSTOMER, b->promotion, customer) : NULL;
	struct coupon_use *c = b->coupon && b->uses ? uses_coupon(u, b->coupon) : NULL;

	if (!p || (by && !mine) || (b->coupon && b->uses && !c))
		return ERR_MEMORY;
	count(u, &p->use, b->uses * times);
	p->amount.minor = add_up(p->amount.minor, b->amount.minor * times);
	if (mine)
		count(u, mine, times);
	if (c) {
		count(u, &c->use, times);
		c->returned += times < 0;
	}
	return ERR_OK;
}

/* The token that a redeemed code was reserved with has been used; the order that it went into is noted. */
static void note_redeemed(struct uses *u, const struct event_sale *s, const struct sale_promotion *p)
{
	struct coupon_use *c = uses_coupon(u, p->coupon);

	if (!c)
		return;
	snprintf(c->order, sizeof(c->order), "%s", s->order);
	if (p->token && strcmp(p->token, c->token) == 0)
		c->token[0] = '\0';
}

/* What of these tenders is basket credit. */
static int64_t credit_in(const struct list *tenders)
{
	const struct sale_tender *at = tenders->at;
	int64_t sum = 0;

	for (size_t i = 0; i < tenders->count; i++)
		if (!strcmp(at[i].method, TENDER_BASKET_CREDIT))
			sum = add_up(sum, at[i].amount.minor);
	return sum;
}

/* times is 1, or -1 for what is given back. Nobody's credit and that of no month is not kept. */
static enum err take_credit(struct uses *u, const char *customer, int64_t credit_to,
			    const struct list *tenders, int64_t times)
{
	int64_t amount = credit_in(tenders);
	struct use *e;

	if (!amount || !customer || !credit_to)
		return ERR_OK;
	e = uses_credit(u, customer, credit_to);
	if (!e)
		return ERR_MEMORY;
	count(u, e, amount * times);
	return ERR_OK;
}

enum err uses_expect_sale(struct uses *u, const struct event_sale *s)
{
	const struct sale_promotion *p = s->promotions.at;

	if (s->customer && !uses_get(u, USE_CUSTOMER, s->customer, NULL))
		return ERR_MEMORY;
	if (s->customer && s->credit_to && !uses_credit(u, s->customer, s->credit_to))
		return ERR_MEMORY;
	for (size_t i = 0; i < s->promotions.count; i++)
		if (!uses_promotion(u, p[i].id) ||
		    (s->customer && p[i].counted && !uses_get(u, USE_BY_CUSTOMER, p[i].id, s->customer)) ||
		    (p[i].coupon && !uses_coupon(u, p[i].coupon)))
			return ERR_MEMORY;
	return ERR_OK;
}

enum err uses_take_sale(struct uses *u, const struct event_sale *s)
{
	const struct sale_promotion *p = s->promotions.at;
	enum err e = uses_expect_sale(u, s);

	if (e)
		return e;
	if (s->customer)
		count(u, uses_get(u, USE_CUSTOMER, s->customer, NULL), 1);
	e = take_credit(u, s->customer, s->credit_to, &s->tenders, 1);
	for (size_t i = 0; i < s->promotions.count && !e; i++) {
		const struct use_back used = uses_back_of(s, i);

		e = take(u, s->customer, &used, 1);
		if (!e && p[i].coupon)
			note_redeemed(u, s, &p[i]);
	}
	return e;
}

enum err uses_take_back(struct uses *u, const char *customer, const struct use_back *back)
{
	return take(u, customer, back, -1);
}

enum err uses_take_void(struct uses *u, const char *customer)
{
	struct use *e = customer ? uses_get(u, USE_CUSTOMER, customer, NULL) : NULL;

	if (customer && !e)
		return ERR_MEMORY;
	if (e)
		count(u, e, -1);
	return ERR_OK;
}

/* A later incarnation begins anew: what was left of the earlier one is not its to spend. */
enum err uses_take_grant(struct uses *u, const struct event_grant *g)
{
	struct promotion_use *p = uses_promotion(u, g->promotion);

	if (!p)
		return ERR_MEMORY;
	if (g->incarnation < p->incarnation || (g->incarnation == p->incarnation && g->number <= p->grant))
		return ERR_OK;
	if (g->incarnation > p->incarnation) {
		p->granted_uses = p->use.uses;
		p->granted_amount = p->amount;
	}
	p->incarnation = g->incarnation;
	p->grant = g->number;
	p->granted_uses = add_up(p->granted_uses, g->uses);
	p->granted_amount.minor = add_up(p->granted_amount.minor, g->amount.minor);
	uses_touch(u, &p->use);
	return ERR_OK;
}

enum err uses_take_coupon(struct uses *u, const struct event_coupon *event)
{
	struct coupon_use *c = uses_coupon(u, event->code);

	if (!c)
		return ERR_MEMORY;
	switch ((enum coupon_action)event->action) {
	case COUPON_RESERVE:
		snprintf(c->token, sizeof(c->token), "%s", event->token ? event->token : "");
		c->until_ms = event->until_ms;
		break;
	case COUPON_RELEASE:
		if (event->token && strcmp(event->token, c->token) == 0)
			c->token[0] = '\0';
		break;
	case COUPON_RETURN:
		c->use.uses -= c->use.uses > 0;
		c->returned++;
		break;
	case COUPON_EXPIRE:
		c->expired = true;
		break;
	}
	uses_touch(u, &c->use);
	return ERR_OK;
}

static enum err take_sale_event(struct uses *u, struct bytes body, struct arena *a, struct why *why)
{
	struct event_sale s;
	enum err e = event_sale_decode(body, a, &s, why);

	return e ? e : uses_take_sale(u, &s);
}

enum err uses_take_return(struct uses *u, const struct event_return *r)
{
	const struct return_promotion *at = r->promotions.at;
	enum err e = take_credit(u, r->customer, r->credit_to, &r->tenders, -1);

	for (size_t i = 0; i < r->promotions.count && !e; i++) {
		const struct use_back back = {at[i].id, at[i].uses, at[i].amount, at[i].coupon,
					      at[i].counted};

		e = uses_take_back(u, r->customer, &back);
	}
	return !e && r->whole ? uses_take_void(u, r->customer) : e;
}

static enum err take_return_event(struct uses *u, struct bytes body, struct arena *a, struct why *why)
{
	struct event_return r;
	enum err e = event_return_decode(body, a, &r, why);

	return e ? e : uses_take_return(u, &r);
}

static enum err take_coupon_event(struct uses *u, struct bytes body, struct arena *a, struct why *why)
{
	struct cborr r = cborr_over(body.at, body.length);
	struct event_coupon c;
	enum err e = record_from_cbor(&event_coupon_schema, &r, a, &c, why);

	return e ? e : uses_take_coupon(u, &c);
}

static enum err take_grant_event(struct uses *u, struct bytes body, struct arena *a, struct why *why)
{
	struct cborr r = cborr_over(body.at, body.length);
	struct event_grant g;
	enum err e = record_from_cbor(&event_grant_schema, &r, a, &g, why);

	return e ? e : uses_take_grant(u, &g);
}

static const struct taker {
	int64_t kind;
	enum err (*take)(struct uses *u, struct bytes body, struct arena *a, struct why *why);
} takers[] = {
	{EVENT_SALE, take_sale_event},	   {EVENT_RETURN, take_return_event}, {EVENT_VOID, take_return_event},
	{EVENT_COUPON, take_coupon_event}, {EVENT_GRANT, take_grant_event},
};

enum err uses_take_event(struct uses *u, const struct event_envelope *event, struct arena *a, struct why *why)
{
	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++)
		if (takers[i].kind == event->kind)
			return takers[i].take(u, event->body, a, why);
	return ERR_OK;
}

int64_t coupon_token_held(const struct coupon_use *c, int64_t now_ms)
{
	return c->token[0] && now_ms <= c->until_ms;
}

static bool same_promotion(const struct use *x, const struct use *y)
{
	const struct promotion_use *a = (const struct promotion_use *)x, *b = (const struct promotion_use *)y;

	return a->amount.minor == b->amount.minor && a->incarnation == b->incarnation &&
	       a->grant == b->grant && a->granted_uses == b->granted_uses &&
	       a->granted_amount.minor == b->granted_amount.minor;
}

static bool same_coupon(const struct use *x, const struct use *y)
{
	const struct coupon_use *a = (const struct coupon_use *)x, *b = (const struct coupon_use *)y;

	return a->returned == b->returned && a->expired == b->expired && a->until_ms == b->until_ms &&
	       strcmp(a->token, b->token) == 0 && strcmp(a->order, b->order) == 0;
}

static bool same(const struct use *a, const struct use *b)
{
	if (a->uses != b->uses)
		return false;
	if (a->kind == USE_PROMOTION)
		return same_promotion(a, b);
	return a->kind != USE_COUPON || same_coupon(a, b);
}

/* What an entry says that never counted anything. */
static const struct use *nothing_of(enum use_kind kind)
{
	static const struct promotion_use promotion;
	static const struct coupon_use coupon;
	static const struct use other;

	if (kind == USE_PROMOTION)
		return &promotion.use;
	return kind == USE_COUPON ? &coupon.use : &other;
}

/* The first of a that b has otherwise; what b does not have never counted anything there. */
static const struct use *first_other(const struct uses *a, const struct uses *b)
{
	for (const struct use *e = uses_next(a, NULL); e; e = uses_next(a, e)) {
		const struct use *other = uses_find(b, e->kind, e->key, e->by);

		if (!same(e, other ? other : nothing_of(e->kind)))
			return e;
	}
	return NULL;
}

const struct use *uses_differ(const struct uses *a, const struct uses *b)
{
	const struct use *e = first_other(a, b);

	return e ? e : first_other(b, a);
}
