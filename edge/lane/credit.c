/*
 * Basket credit at the lane. See credit.h.
 */
#include "credit.h"

#include <string.h>

#include "civil.h"
#include "lane_parts.h"
#include "subscribe.h"

#define DAY_S INT64_C(86400)

/* The day on the store's clock when the cart was opened. */
static int32_t day_of(const struct cart *c)
{
	int64_t s = c->now_s + c->utc_offset_s;

	return (int32_t)(s < 0 ? (s + 1) / DAY_S - 1 : s / DAY_S);
}

static const struct record_plan *plan_named(const struct found_customer *f, const char *id)
{
	if (f->plan.id && !strcmp(f->plan.id, id))
		return &f->plan;
	return f->next.id && !strcmp(f->next.id, id) ? &f->next : NULL;
}

void credit_of(const struct found_customer *found, const struct cart *c, struct customer *who)
{
	const struct store_day today = {.day = day_of(c), .utc_offset_s = c->utc_offset_s};
	const struct record_plan *plan;
	struct credit_month month;
	struct subscribed now;
	struct why why;

	subscribed_on(&found->record, &today, &now);
	plan = now.plan ? plan_named(found, now.plan) : NULL;
	if (!plan || subscribed_credit(&found->record, plan, &today, &month, &why) || !month.granted.minor)
		return;
	who->credit = month.granted;
	who->credit_to = month.last;
}

struct money credit_left(const struct uses *u, const struct customer *who)
{
	const struct use *e = uses_find_credit(u, who->id, who->credit_to);
	int64_t left = who->credit.minor - (e ? e->uses + e->held : 0);

	return (struct money){left > 0 ? left : 0};
}

static bool refuse_credit(const struct cart *c, struct money left, int32_t to, struct answer *a)
{
	char amount[DECIMAL_TEXT_MAX], day[CIVIL_TEXT_MAX];

	decimal_format(left.minor, c->catalog->settings.exponent, c->catalog->settings.exponent, amount);
	civil_format(to * DAY_S, false, day);
	return refuse(a, REFUSED_TENDER_INVALID, "%s %s of basket credit are left until %.10s", amount,
		      c->catalog->settings.currency, day);
}

/* The customer whose credit it is, or refuses. */
static const struct customer *owner(const struct cart *c, struct answer *a)
{
	const struct customer *who = c->now.customer;

	if (!who)
		refuse(a, REFUSED_TENDER_INVALID, TENDER_BASKET_CREDIT " is a customer's: the cart has none");
	else if (!who->credit_to)
		refuse(a, REFUSED_TENDER_INVALID, "customer %s has no plan that brings basket credit",
		       who->id);
	else if (who->credit_to < day_of(c))
		refuse(a, REFUSED_TENDER_INVALID,
		       "the month of that basket credit has ended: give the cart its customer once more");
	else
		return who;
	return NULL;
}

/* What the other tenders leave of the total, if all of them have an amount or one takes the rest. */
static struct money left_by_others(const struct cart *c, const struct tender *t, size_t n, size_t credit)
{
	struct money left = c->now.result.totals.total;

	for (size_t i = 0; i < n; i++)
		if (i != credit && t[i].amount.minor > 0 && money_sub(left, t[i].amount, &left))
			return MONEY_ZERO;
	return left;
}

/* The place of the one tender of basket credit; n: there is none. */
static bool find_credit(const struct tender *t, size_t n, size_t *at, struct answer *a)
{
	*at = n;
	for (size_t i = 0; i < n; i++) {
		if (!t[i].method || strcmp(t[i].method, TENDER_BASKET_CREDIT) != 0)
			continue;
		if (*at < n)
			return refuse(a, REFUSED_TENDER_INVALID, TENDER_BASKET_CREDIT " is there twice");
		*at = i;
	}
	return true;
}

bool credit_settle(const struct lane *l, const struct cart *c, const struct tender *from, size_t n,
		   struct tender *to, struct credit_claim *out, struct answer *a)
{
	const struct customer *who;
	struct money left, rest;
	size_t at;

	*out = (struct credit_claim){0};
	memcpy(to, from, n * sizeof(*to));
	if (!find_credit(to, n, &at, a))
		return false;
	if (at == n)
		return true;
	who = owner(c, a);
	if (!who)
		return false;
	left = credit_left(l->shop->uses, who);
	rest = left_by_others(c, to, n, at);
	if (to[at].amount.minor == AMOUNT_NONE && rest.minor > 0)
		to[at].amount = left.minor < rest.minor ? left : rest;
	if (to[at].amount.minor > left.minor || left.minor == 0)
		return refuse_credit(c, left, who->credit_to, a);
	if (to[at].amount.minor == AMOUNT_NONE)
		return true; /* nothing is due */
	out->amount = to[at].amount;
	out->use = uses_credit(l->shop->uses, who->id, who->credit_to);
	return out->use || refuse_memory(a);
}

void credit_hold(struct credit_claim *c)
{
	if (!c->use)
		return;
	c->use->held += c->amount.minor;
	c->held = true;
}

/* A tender that was refused never held any. */
void credit_let_go(struct credit_claim *c)
{
	if (c->held)
		c->use->held -= c->amount.minor;
	c->held = false;
}
