/*
 * Subscriptions. See subscription.h.
 *
 * Basket credit is money, so a change at once treats it as it treats the fee: whoever pays a part of the
 * difference gets the same part of the difference in credit, and whoever goes down pays for what was spent
 * above the credit that is left.
 */
#include "subscription.h"

#include "civil.h"

#define DAY_S INT64_C(86400)

static struct civil date_of(int32_t day)
{
	return civil_from_seconds(day * DAY_S);
}

static int32_t day_of(const struct civil *date)
{
	return (int32_t)(civil_to_seconds(date) / DAY_S);
}

/* The first day of the month that is so many months after the date's. */
static struct civil month_after(const struct civil *date, int32_t months)
{
	int32_t count = date->year * 12 + date->month - 1 + months;

	return (struct civil){.year = count / 12, .month = (uint8_t)(count % 12 + 1), .day = 1};
}

int32_t plan_months_later(int32_t day, int32_t months)
{
	struct civil date = date_of(day);
	struct civil month = month_after(&date, months), next = month_after(&date, months + 1);
	int32_t last = day_of(&next) - 1, wanted = day_of(&month) + date.day - 1;

	return wanted < last ? wanted : last;
}

/* Counted from the first day each time, so that a period begun on the 31st does not stay on the 28th. */
void plan_month(int32_t from, int32_t today, int32_t *first, int32_t *last)
{
	struct civil begin = date_of(from), now = date_of(today);
	int32_t months = (now.year - begin.year) * 12 + now.month - begin.month;

	if (plan_months_later(from, months) > today)
		months--;
	*first = plan_months_later(from, months);
	*last = plan_months_later(from, months + 1) - 1;
}

enum err plan_price(const struct plan_terms *t, int32_t months, enum rounding r, struct money *fees,
		    struct money *discount)
{
	struct rate percent = {0};
	enum err e;

	for (uint32_t i = 0; i < t->duration_count && t->durations[i].months <= months; i++)
		percent = t->durations[i].percent;
	e = muldiv(t->fee.minor, months, 1, r, &fees->minor);
	return e ? e : money_times_rate(*fees, percent, r, discount);
}

static int32_t months_of(const struct plan_ask *ask)
{
	if (ask->months)
		return ask->months;
	return ask->period_months ? ask->period_months : 1;
}

/* Who has paid ahead has paid that. */
static enum err settle(const struct plan_ask *ask, struct money net, struct plan_quote *out)
{
	enum err e = money_sub(net, ask->ahead, &net);

	if (e)
		return e;
	out->due.minor = net.minor > 0 ? net.minor : 0;
	out->refund.minor = net.minor < 0 ? -net.minor : 0;
	return ERR_OK;
}

/* A period that begins on that day, and is paid for whole. */
static enum err whole_period(const struct plan_ask *ask, int32_t from, struct plan_quote *out)
{
	int32_t months = months_of(ask);
	struct money net;
	enum err e = plan_price(ask->to, months, ask->rounding, &out->fees, &out->discount);

	out->months = months;
	out->from = from;
	out->to = plan_months_later(from, months) - 1;
	out->credit = ask->to->credit;
	out->credit_from = from;
	out->credit_to = plan_months_later(from, 1) - 1;
	if (!e)
		e = money_sub(out->fees, out->discount, &net);
	return e ? e : settle(ask, net, out);
}

/* The period that runs: one without an end is the month that runs. */
static void running(const struct plan_ask *ask, int32_t *from, int32_t *to, int32_t *months)
{
	*from = ask->period_from;
	*to = ask->period_to;
	*months = ask->period_months;
	if (*to != PLAN_NO_END)
		return;
	plan_month(ask->period_from, ask->today, from, to);
	*months = 1;
}

static enum plan_switch switch_of(const struct plan_ask *ask)
{
	switch (ask->change) {
	case PLAN_UPGRADE:
		return ask->from->upgrade;
	case PLAN_DOWNGRADE:
		return ask->from->downgrade;
	case PLAN_NEW:
	case PLAN_RENEWAL:
		break;
	}
	return PLAN_AT_END;
}

/* The difference of two amounts, or the part of it that is for so many days of so many. */
static enum err difference(const struct plan_ask *ask, struct money to, struct money from, int32_t left,
			   int32_t days, struct money *out)
{
	enum err e = money_sub(to, from, out);

	if (e || switch_of(ask) == PLAN_FULL)
		return e;
	return muldiv(out->minor, left, days, ask->rounding, &out->minor);
}

/* Credit of the month that runs; over is what was spent above it. */
static enum err change_credit(const struct plan_ask *ask, struct plan_quote *out, struct money *over)
{
	struct money more;
	enum err e;

	plan_month(ask->period_from, ask->today, &out->credit_from, &out->credit_to);
	e = difference(ask, ask->to->credit, ask->from->credit, out->credit_to - ask->today + 1,
		       out->credit_to - out->credit_from + 1, &more);
	if (!e)
		e = money_add(ask->granted, more, &out->credit);
	*over = MONEY_ZERO;
	if (e || out->credit.minor >= ask->spent.minor)
		return e;
	e = money_sub(ask->spent, out->credit, over);
	out->credit = ask->spent;
	return e;
}

/* What was paid for the period that runs. */
static enum err paid(const struct plan_ask *ask, int32_t months, struct money *out)
{
	struct money fees, discount;
	enum err e;

	*out = ask->paid;
	if (out->minor != AMOUNT_NONE)
		return ERR_OK;
	e = plan_price(ask->from, months, ask->rounding, &fees, &discount);
	return e ? e : money_sub(fees, discount, out);
}

static enum err at_once(const struct plan_ask *ask, struct plan_quote *out)
{
	struct money before, price = MONEY_ZERO, net = MONEY_ZERO, over = MONEY_ZERO;
	int32_t begun;
	enum err e;

	running(ask, &begun, &out->to, &out->months);
	out->from = ask->today;
	out->days = out->to - begun + 1;
	out->left = out->to - ask->today + 1;
	e = paid(ask, out->months, &before);
	if (!e)
		e = plan_price(ask->to, out->months, ask->rounding, &out->fees, &out->discount);
	if (!e)
		e = money_sub(out->fees, out->discount, &price);
	if (!e)
		e = difference(ask, price, before, out->left, out->days, &net);
	if (!e)
		e = change_credit(ask, out, &over);
	if (!e)
		e = money_add(net, over, &net);
	return e ? e : settle(ask, net, out);
}

enum err plan_quote(const struct plan_ask *ask, struct plan_quote *out)
{
	int32_t begun, to, months;

	*out = (struct plan_quote){.at_once = switch_of(ask) != PLAN_AT_END};
	if (ask->change == PLAN_NEW)
		return whole_period(ask, ask->today, out);
	if (out->at_once)
		return ask->months ? ERR_INVALID : at_once(ask, out);
	running(ask, &begun, &to, &months);
	return whole_period(ask, to + 1, out);
}
