/*
 * The fold of uses: what each event of the ledger adds to the table. See uses.h.
 */
#include "uses.h"

#include <stdio.h>
#include <string.h>

#include "event_return.h"

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
