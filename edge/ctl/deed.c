/*
 * A sentence for each kind of event. See deed.h.
 */
#include "deed.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "civil.h"
#include "event_alert.h"
#include "event_limit.h"
#include "event_override.h"
#include "event_price.h"
#include "event_return.h"

static void say_amount(struct money amount, const char *currency, char out[DECIMAL_TEXT_MAX])
{
	unsigned exponent;

	if (currency_exponent(currency, &exponent))
		exponent = 0; /* a currency of later: whole minor units */
	decimal_format(amount.minor, exponent, exponent, out);
}

/* Adds to what there is, as far as there is room. */
static void say(struct deed *d, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void say(struct deed *d, const char *fmt, ...)
{
	size_t n = strlen(d->what);
	va_list args;

	va_start(args, fmt);
	vsnprintf(d->what + n, sizeof(d->what) - n, fmt, args);
	va_end(args);
}

static enum err tell_start(const struct event_envelope *event, struct arena *a, struct deed *out,
			   struct why *why)
{
	struct cborr r = cborr_over(event->body.at, event->body.length);
	struct event_start start;
	enum err e = record_from_cbor(&event_start_schema, &r, a, &start, why);

	if (e)
		return e;
	out->who = start.program ? start.program : "";
	say(out, "start");
	if (start.restored && start.lost_segment)
		say(out, "; lost: what was up to %" PRId64 "/%" PRId64, start.lost_segment,
		    start.lost_sequence);
	else if (start.restored)
		say(out, "; the ledger was put back, and what is lost is not known");
	return ERR_OK;
}

/* Why it cost what it did: the promotions, and the codes that unlocked them. */
static void say_promotions(struct deed *d, const struct event_sale *s)
{
	const struct sale_promotion *p = s->promotions.at;
	char amount[DECIMAL_TEXT_MAX];

	for (size_t i = 0; i < s->promotions.count; i++) {
		say_amount(p[i].amount, s->currency, amount);
		say(d, "; %s off by %s", amount, p[i].id);
		if (p[i].coupon)
			say(d, " (coupon %s)", p[i].coupon);
	}
}

/* Prices that people set, and that counted. */
static void say_overrides(struct deed *d, const struct event_sale *s)
{
	const struct sale_line *line = s->lines.at;

	for (size_t i = 0; i < s->lines.count; i++)
		if (line[i].override)
			say(d, "; %s at the price set by %s", line[i].sku, line[i].override);
}

static enum err tell_sale(const struct event_envelope *event, struct arena *a, struct deed *out,
			  struct why *why)
{
	struct event_sale s;
	char total[DECIMAL_TEXT_MAX];
	enum err e = event_sale_of(event, a, &s, why);

	if (e)
		return e;
	say_amount(s.total, s.currency, total);
	out->who = s.cashier ? s.cashier : "";
	out->order = s.order;
	say(out, "sale %s at lane %s: %s %s", s.order, s.lane, total, s.currency);
	say_promotions(out, &s);
	say_overrides(out, &s);
	return ERR_OK;
}

/* What came back, and what the cashier said of it. */
static enum err tell_return(const struct event_envelope *event, struct arena *a, struct deed *out,
			    struct why *why)
{
	struct event_return r;
	char amount[DECIMAL_TEXT_MAX];
	enum err e = event_return_decode(event->body, a, &r, why);

	if (e)
		return e;
	say_amount(r.refund, r.currency, amount);
	out->who = r.cashier ? r.cashier : "";
	out->order = r.order;
	say(out, "%s %s of order %s at lane %s: %s %s paid out", event_kind_name(event->kind), r.id, r.order,
	    r.lane, amount, r.currency);
	if (r.exchange)
		say(out, ", exchanged for order %s", r.exchange);
	if (r.reason)
		say(out, "; %s", r.reason);
	return ERR_OK;
}

static enum err tell_override(const struct event_envelope *event, struct arena *a, struct deed *out,
			      struct why *why)
{
	static const char *const waits[] = {[NEEDS_NOTHING] = "",
					    [NEEDS_MANAGER] = "; waits for a pricing manager",
					    [NEEDS_CFO] = "; below the margin floor: waits for the cfo",
					    [NEEDS_REVIEW] = "; an emergency, to be looked at"};
	struct event_override o;
	char price[DECIMAL_TEXT_MAX], before[DECIMAL_TEXT_MAX];
	enum err e = event_override_decode(event->body, a, &o, why);

	if (e)
		return e;
	say_amount(o.price, o.currency, price);
	say_amount(o.before, o.currency, before);
	out->who = o.by;
	say(out, "price of %s set to %s %s, before %s, by %s as %s (%s): %s%s", o.sku, price, o.currency,
	    before, o.by, o.role, o.id, o.reason, waits[o.needs]);
	return ERR_OK;
}

static void say_value(struct money amount, struct qty rate, const char *currency, char out[DECIMAL_TEXT_MAX])
{
	if (amount.minor != AMOUNT_NONE)
		say_amount(amount, currency, out);
	else if (rate.micro != AMOUNT_NONE)
		decimal_format(rate.micro, 6, 0, out);
	else
		snprintf(out, DECIMAL_TEXT_MAX, "nothing");
}

/* What an import held, and what became of it. */
static void say_held(struct deed *d, const struct event_approval *v)
{
	char before[DECIMAL_TEXT_MAX], after[DECIMAL_TEXT_MAX];

	say_value(v->before, v->rate_before, v->currency, before);
	say_value(v->after, v->rate_after, v->currency, after);
	say(d, "%s of %s%s%s from %s to %s, imported by %s (%s), %s by %s as %s (%s): %s", v->subject, v->sku,
	    v->list ? " in list " : "", v->list ? v->list : "", before, after, v->asked_by, v->why,
	    approval_verdict_name(v->verdict), v->by, v->role, v->id, v->reason);
}

static enum err tell_approval(const struct event_envelope *event, struct arena *a, struct deed *out,
			      struct why *why)
{
	struct event_approval v;
	enum err e = event_approval_decode(event->body, a, &v, why);

	if (e)
		return e;
	out->who = v.by;
	if (v.subject) {
		say_held(out, &v);
		return ERR_OK;
	}
	say(out, "price %s of %s %s by %s as %s: %s", v.id, v.sku, approval_verdict_name(v.verdict), v.by,
	    v.role, v.reason);
	return ERR_OK;
}

static enum err tell_alert(const struct event_envelope *event, struct arena *a, struct deed *out,
			   struct why *why)
{
	struct event_alert alert;
	char price[DECIMAL_TEXT_MAX], floor[DECIMAL_TEXT_MAX];
	enum err e = event_alert_decode(event->body, a, &alert, why);

	if (e)
		return e;
	say_amount(alert.price, alert.currency, price);
	say_amount(alert.floor_price, alert.currency, floor);
	out->order = alert.order;
	say(out, "%s: %s sold at %s %s, lowest legal price %s", alert.name, alert.sku, price, alert.currency,
	    floor);
	if (alert.promotion)
		say(out, "; promotion %s", alert.promotion);
	return ERR_OK;
}

static enum err tell_price(const struct event_envelope *event, struct arena *a, struct deed *out,
			   struct why *why)
{
	struct event_price p;
	char before[DECIMAL_TEXT_MAX], after[DECIMAL_TEXT_MAX];
	enum err e = event_price_decode(event->body, a, &p, why);

	if (e)
		return e;
	say_amount(p.before, p.currency, before);
	say_amount(p.after, p.currency, after);
	out->order = p.order;
	say(out, "%s: %s sold at %s instead of %s %s, by rule %s: %s", p.name, p.sku, after, before,
	    p.currency, p.rule, p.why);
	return ERR_OK;
}

static enum err tell_coupon(const struct event_envelope *event, struct arena *a, struct deed *out,
			    struct why *why)
{
	static const char *const done[] = {[COUPON_RESERVE] = "reserved",
					   [COUPON_RELEASE] = "released",
					   [COUPON_RETURN] = "a use given back by hand",
					   [COUPON_EXPIRE] = "ended by hand"};
	struct cborr r = cborr_over(event->body.at, event->body.length);
	struct event_coupon c;
	char until[CIVIL_TEXT_MAX];
	enum err e = record_from_cbor(&event_coupon_schema, &r, a, &c, why);

	if (e)
		return e;
	out->who = c.by ? c.by : "";
	say(out, "coupon %s: %s", c.code, done[c.action]);
	if (c.token)
		say(out, ", token %s", c.token);
	if (c.action == COUPON_RESERVE) {
		civil_format(c.until_ms / 1000, true, until);
		say(out, ", until %s", until);
	}
	return ERR_OK;
}

static enum err tell_grant(const struct event_envelope *event, struct arena *a, struct deed *out,
			   struct why *why)
{
	struct cborr r = cborr_over(event->body.at, event->body.length);
	struct event_grant g;
	char amount[DECIMAL_TEXT_MAX];
	enum err e = record_from_cbor(&event_grant_schema, &r, a, &g, why);

	if (e)
		return e;
	say(out, "grant %" PRId64 " of %s", g.number, g.promotion);
	if (g.uses)
		say(out, "; uses: %" PRId64, g.uses);
	say_amount(g.amount, g.currency, amount);
	if (g.amount.minor)
		say(out, "; budget: %s %s", amount, g.currency);
	say(out, g.own ? "; by the box to itself, of the promotion's limits" : "; by headquarters");
	return ERR_OK;
}

static const struct teller {
	int64_t kind;
	enum err (*tell)(const struct event_envelope *event, struct arena *a, struct deed *out,
			 struct why *why);
} tellers[] = {
	{EVENT_ALERT, tell_alert},	 {EVENT_START, tell_start},   {EVENT_SALE, tell_sale},
	{EVENT_RETURN, tell_return},	 {EVENT_VOID, tell_return},   {EVENT_OVERRIDE, tell_override},
	{EVENT_APPROVAL, tell_approval}, {EVENT_COUPON, tell_coupon}, {EVENT_GRANT, tell_grant},
	{EVENT_PRICE, tell_price},
};

enum err deed_tell(const struct event_envelope *event, struct arena *a, struct deed *out, struct why *why)
{
	*out = (struct deed){.who = "", .order = ""};
	for (size_t i = 0; i < sizeof(tellers) / sizeof(tellers[0]); i++)
		if (tellers[i].kind == event->kind)
			return tellers[i].tell(event, a, out, why);
	say(out, "an event of kind %" PRId64 ", which a newer tilld wrote", event->kind);
	return ERR_OK;
}
