/*
 * Subscriptions by records. See subscribe.h.
 */
#include "subscribe.h"

#include <string.h>

#include "civil.h"

#define DAY_S INT64_C(86400)

static bool is_there(struct stamp t)
{
	return t.seconds != AMOUNT_NONE;
}

/* The civil day in which a moment is. */
static int32_t day_of(struct stamp t, const struct store_day *by)
{
	int64_t s = t.local == 1 ? t.seconds : t.seconds + by->utc_offset_s;

	return (int32_t)(s < 0 ? (s + 1) / DAY_S - 1 : s / DAY_S);
}

static struct stamp first_of(int32_t day)
{
	return (struct stamp){.seconds = day * DAY_S, .local = 1};
}

static struct stamp last_of(int32_t day)
{
	return (struct stamp){.seconds = (day + 1) * DAY_S - 1, .local = 1};
}

static bool covers(const struct subscribed *s, const struct store_day *today)
{
	return s->plan && (!is_there(s->from) || day_of(s->from, today) <= today->day) &&
	       (!is_there(s->to) || day_of(s->to, today) >= today->day);
}

void subscribed_on(const struct record_customer *c, const struct store_day *today, struct subscribed *out)
{
	*out = (struct subscribed){c->plan, c->plan_from, c->plan_to, c->plan_months, c->plan_paid};
	if (covers(out, today))
		return;
	if (c->next)
		*out = (struct subscribed){c->next->plan, c->next->from, c->next->to, c->next->months,
					   c->next->paid};
	if (!c->next || !covers(out, today))
		*out = (struct subscribed){0};
}

static enum err no_beginning(const struct record_customer *c, struct why *why)
{
	return fail(why, ERR_STATE, "customer '%s' has no plan_from: when the paid period began is not known",
		    c->id);
}

enum err subscribed_credit(const struct record_customer *c, const struct record_plan *plan,
			   const struct store_day *today, struct credit_month *out, struct why *why)
{
	struct subscribed s;

	subscribed_on(c, today, &s);
	if (!s.plan || !is_there(s.from))
		return no_beginning(c, why);
	plan_month(day_of(s.from, today), today->day, &out->first, &out->last);
	out->granted.minor = plan->credit.minor == AMOUNT_NONE ? 0 : plan->credit.minor;
	if (is_there(c->credit_to) && day_of(c->credit_to, today) == out->last)
		out->granted = c->credit;
	return ERR_OK;
}

static enum err terms_of(const struct record_plan *p, struct arena *a, struct plan_terms *out)
{
	static const enum plan_switch up[] = {PLAN_PRORATED, PLAN_FULL, PLAN_AT_END};
	static const enum plan_switch down[] = {PLAN_AT_END, PLAN_PRORATED};
	const struct record_duration *from = p->durations.at;
	struct plan_duration *to = arena_get(a, p->durations.count * sizeof(*to) + 1);

	if (!to)
		return ERR_MEMORY;
	for (size_t i = 0; i < p->durations.count; i++)
		to[i] = (struct plan_duration){(int32_t)from[i].months, from[i].percent};
	*out = (struct plan_terms){
		.fee = p->fee,
		.credit = {p->credit.minor == AMOUNT_NONE ? 0 : p->credit.minor},
		.durations = to,
		.duration_count = (uint32_t)p->durations.count,
		.upgrade = up[p->upgrade],
		.downgrade = down[p->downgrade],
	};
	return ERR_OK;
}

static bool holds(const struct list *ids, const char *id)
{
	const char *const *at = ids->at;

	for (size_t i = 0; i < ids->count; i++)
		if (strcmp(at[i], id) == 0)
			return true;
	return false;
}

static enum err change_of(const struct subscribe_ask *ask, enum plan_change *out, struct why *why)
{
	const struct record_plan *from = ask->from, *to = ask->to;
	bool up;

	if (!from)
		*out = PLAN_NEW;
	else if (strcmp(from->id, to->id) == 0)
		*out = PLAN_RENEWAL;
	else if (holds(&from->upgrades, to->id))
		*out = PLAN_UPGRADE;
	else if (holds(&from->downgrades, to->id))
		*out = PLAN_DOWNGRADE;
	else {
		up = to->level > from->level;
		return fail(why, ERR_STATE, "plan '%s' has no way to '%s': its %s do not name it", from->id,
			    to->id, up ? "upgrades" : "downgrades");
	}
	return ERR_OK;
}

/* What is known of the period that runs. */
static enum err running(const struct subscribe_ask *ask, struct plan_ask *out, struct why *why)
{
	struct credit_month month;
	struct subscribed s;
	enum err e = subscribed_credit(ask->customer, ask->from, &ask->today, &month, why);

	if (e)
		return e;
	subscribed_on(ask->customer, &ask->today, &s);
	out->period_from = day_of(s.from, &ask->today);
	out->period_to = is_there(s.to) ? day_of(s.to, &ask->today) : PLAN_NO_END;
	out->period_months = s.months == AMOUNT_NONE ? 1 : (int32_t)s.months;
	out->paid = s.paid;
	out->granted = month.granted;
	out->spent = ask->spent;
	if (ask->customer->next && s.plan != ask->customer->next->plan)
		out->ahead = ask->customer->next->paid;
	return ERR_OK;
}

/* A change made as of a day before the period that is paid for would take its place. */
static enum err check_day(const struct subscribe_ask *ask, struct why *why)
{
	const struct record_customer *c = ask->customer;
	struct civil from;

	if (!c->plan || !is_there(c->plan_from) || day_of(c->plan_from, &ask->today) <= ask->today.day)
		return ERR_OK;
	from = civil_from_seconds(day_of(c->plan_from, &ask->today) * DAY_S);
	return fail(why, ERR_STATE, "customer '%s' has plan '%s' from %04d-%02d-%02d on: not before that day",
		    c->id, c->plan, from.year, from.month, from.day);
}

enum err subscribe_quote(const struct subscribe_ask *ask, struct arena *a, enum plan_change *change,
			 struct plan_quote *out, struct why *why)
{
	struct plan_terms from, to;
	struct plan_ask by = {.to = &to,
			      .today = ask->today.day,
			      .paid = MONEY_NONE,
			      .months = (int32_t)ask->months,
			      .rounding = ask->rounding};
	enum err e = check_day(ask, why);

	if (!e)
		e = change_of(ask, change, why);
	if (e)
		return e;
	by.change = *change;
	if (ask->from) {
		by.from = &from;
		e = running(ask, &by, why);
	}
	if (e)
		return e;
	if (terms_of(ask->to, a, &to) || (ask->from && terms_of(ask->from, a, &from)))
		return fail(why, ERR_MEMORY, "out of memory");
	e = plan_quote(&by, out);
	if (e == ERR_INVALID)
		return fail(why, ERR_STATE,
			    "months: who goes from '%s' to '%s' does so at once and keeps the period that "
			    "runs; say no months",
			    ask->from->id, ask->to->id);
	return e ? fail(why, e, "the amounts are too large") : ERR_OK;
}

static void begin(const struct subscribe_ask *ask, const struct plan_quote *q, struct record_customer *out)
{
	out->plan = ask->to->id;
	out->plan_from = first_of(q->from);
	out->plan_to = last_of(q->to);
	out->plan_months = q->months;
	out->plan_paid.minor = q->fees.minor - q->discount.minor;
	out->credit = MONEY_NONE;
	out->credit_to.seconds = AMOUNT_NONE;
	out->next = NULL;
}

/* The period goes on, as if the new plan had been paid for. */
static void go_on(const struct subscribe_ask *ask, const struct subscribed *now, const struct plan_quote *q,
		  struct record_customer *out)
{
	out->plan = ask->to->id;
	out->plan_from = now->from;
	out->plan_to = now->to;
	out->plan_months = now->months;
	out->plan_paid.minor = q->fees.minor - q->discount.minor;
	out->credit = q->credit;
	out->credit_to = last_of(q->credit_to);
	out->next = NULL;
}

static enum err follow(const struct subscribe_ask *ask, const struct subscribed *now,
		       const struct plan_quote *q, struct arena *a, struct record_customer *out)
{
	struct record_next_plan *next = arena_get(a, sizeof(*next));

	if (!next)
		return ERR_MEMORY;
	*next = (struct record_next_plan){
		.plan = ask->to->id,
		.from = first_of(q->from),
		.to = last_of(q->to),
		.months = q->months,
		.paid = {q->fees.minor - q->discount.minor},
	};
	out->plan = now->plan;
	out->plan_from = now->from;
	out->plan_to = last_of(q->from - 1);
	out->plan_months = now->months;
	out->plan_paid = now->paid;
	out->next = next;
	return ERR_OK;
}

enum err subscribe_change(const struct subscribe_ask *ask, const struct plan_quote *quote, struct arena *a,
			  struct record_customer *out)
{
	struct subscribed now;

	*out = *ask->customer;
	if (!ask->from) {
		begin(ask, quote, out);
		return ERR_OK;
	}
	subscribed_on(ask->customer, &ask->today, &now);
	if (!quote->at_once)
		return follow(ask, &now, quote, a, out);
	go_on(ask, &now, quote, out);
	return ERR_OK;
}
