/*
 * Checks of the records of prices that their tables cannot express. See records_check.c.
 */
#include <string.h>

#include "price_rule.h"
#include "records_parts.h"

static bool there(int64_t value)
{
	return value != AMOUNT_NONE;
}

/* Whether what stands behind another is more than it; the first one has nothing before it. */
static enum err check_rising(const char *field, int64_t before, int64_t value, bool first, struct why *why)
{
	if (first || value > before)
		return ERR_OK;
	return fail(why, ERR_INVALID, "%s: is not above the one before: put them in rising order, once each",
		    field);
}

static enum err check_grid(const struct record_price_list *l, struct why *why)
{
	const struct record_grid_step *at = l->grid.at;
	enum err e = ERR_OK;

	for (size_t i = 0; i < l->grid.count && !e; i++) {
		e = check_rising("from", i ? at[i - 1].from.micro : 0, at[i].from.micro, i == 0, why);
		if (e)
			why_prefix(why, "grid[%zu].", i);
	}
	return e;
}

enum err record_check_price_list(const union record_any *r, struct why *why)
{
	const struct record_price_list *l = &r->price_list;
	enum err e = record_check_window(l->from, l->to, why);

	if (!e && l->basis != 0 && !there(l->markup.ppm))
		return fail(why, ERR_INVALID, "basis: means nothing without a markup; leave it out");
	return e ? e : check_grid(l, why);
}

enum err record_check_price(const union record_any *r, struct why *why)
{
	const struct record_break *at = r->price.breaks.at;
	enum err e = ERR_OK;

	for (size_t i = 0; i < r->price.breaks.count && !e; i++) {
		e = check_rising("from", i ? at[i - 1].from.micro : 0, at[i].from.micro, i == 0, why);
		if (e)
			why_prefix(why, "breaks[%zu].", i);
	}
	return e;
}

enum err record_check_item_bounds(const union record_any *r, struct why *why)
{
	const struct record_item *i = &r->item;

	if (there(i->least.minor) && there(i->most.minor) && i->least.minor > i->most.minor)
		return fail(why, ERR_INVALID, "most: is below least");
	return ERR_OK;
}

static enum err check_unique(const struct list *texts, const char *field, struct why *why)
{
	const char *const *at = texts->at;

	for (size_t i = 1; i < texts->count; i++) {
		if (strcmp(at[i], at[i - 1]) == 0)
			return fail(why, ERR_INVALID, "%s[%zu]: '%s' is there twice", field, i, at[i]);
	}
	return ERR_OK;
}

enum err record_check_zone(const union record_any *r, struct why *why)
{
	return check_unique(&r->zone.stores, "stores", why);
}

enum err record_check_signal(const union record_any *r, struct why *why)
{
	return record_check_window(r->signal.received, r->signal.until, why);
}

enum err record_day_of_year(const char *text, uint16_t *out)
{
	static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned month, day;

	if (strlen(text) != 5 || strspn(text, "0123456789") != 2 || text[2] != '-' ||
	    strspn(text + 3, "0123456789") != 2)
		return ERR_INVALID;
	month = (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
	day = (unsigned)(text[3] - '0') * 10 + (unsigned)(text[4] - '0');
	if (month < 1 || month > 12 || day < 1 || day > days[month - 1])
		return ERR_INVALID;
	*out = (uint16_t)(month * 100 + day);
	return ERR_OK;
}

/*
 * Members of a rule: R wanted, O may be there, dot must not. The rows are in the order of the kinds.
 * view, cart, purchase and the like have defaults, so they are there always, and may only be theirs.
 */
static const char *const rule_members[] = {"up", "down",   "steps",    "percent", "days",
					   "k",	 "target", "position", "least"};
static const char rule_wants[RULE_KINDS][10] = {
	[RULE_SURGE] = "OOR......",  [RULE_OVERSTOCK] = "OOR......",  [RULE_STOCK] = "OOR......",
	[RULE_DEMAND] = "R....O...", [RULE_COMPETITOR] = "RR....R..", [RULE_SEASON] = "OO.RR....",
	[RULE_AGE] = ".......OR",    [RULE_EXPIRY] = "..R......",
};

static enum err check_rule_members(const struct record_price_rule *r, const char *kind, struct why *why)
{
	const bool given[] = {
		there(r->up.ppm),      there(r->down.ppm),	 r->steps.count > 0,
		there(r->percent.ppm), r->days != NULL,		 there(r->k.minor),
		there(r->target.ppm),  there(r->position.micro), there(r->least.ppm),
	};

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		char wants = rule_wants[r->kind + RULE_SURGE][i];

		if (wants == 'R' && !given[i])
			return fail(why, ERR_INVALID, "%s: missing; a rule of kind '%s' needs it",
				    rule_members[i], kind);
		if (wants == '.' && given[i])
			return fail(why, ERR_INVALID,
				    "%s: means nothing in a rule of kind '%s'; leave it out", rule_members[i],
				    kind);
	}
	return ERR_OK;
}

/* Which threshold the steps of a kind have, and how much they may be. */
enum threshold { AT_BELOW, AT_ABOVE, AT_DAYS };
static const char *const threshold_names[] = {"below", "above", "days"};

static enum threshold threshold_of(enum rule_kind kind)
{
	if (kind == RULE_STOCK)
		return AT_BELOW;
	return kind == RULE_EXPIRY ? AT_DAYS : AT_ABOVE;
}

static enum err check_step(const struct record_rule_step *s, enum rule_kind kind, struct why *why)
{
	const bool given[] = {there(s->below.micro), there(s->above.micro), there(s->days)};
	enum threshold wanted = threshold_of(kind);
	bool takes_off = kind == RULE_OVERSTOCK || kind == RULE_EXPIRY;

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		if (given[i] != (i == wanted))
			return fail(why, ERR_INVALID, "%s: %s; a step of a rule of kind '%s' has '%s'",
				    threshold_names[i], given[i] ? "means nothing here" : "missing",
				    record_rule_kind(kind), threshold_names[wanted]);
	}
	if (s->percent.ppm < 0 && kind != RULE_STOCK)
		return fail(why, ERR_INVALID, "percent: is below 0, and a rule of kind '%s' %s it",
			    record_rule_kind(kind), takes_off ? "takes off" : "adds");
	if (s->percent.ppm > RATE_ONE.ppm && takes_off)
		return fail(why, ERR_INVALID, "percent: takes off more than all of the price");
	return ERR_OK;
}

static int64_t step_at(const struct record_rule_step *s, enum rule_kind kind)
{
	const int64_t values[] = {s->below.micro, s->above.micro, s->days};

	return values[threshold_of(kind)];
}

static enum err check_steps(const struct record_price_rule *r, enum rule_kind kind, struct why *why)
{
	const struct record_rule_step *at = r->steps.at;
	enum err e = ERR_OK;

	for (size_t i = 0; i < r->steps.count && !e; i++) {
		e = check_step(&at[i], kind, why);
		if (!e)
			e = check_rising(threshold_names[threshold_of(kind)],
					 i ? step_at(&at[i - 1], kind) : 0, step_at(&at[i], kind), i == 0,
					 why);
		if (e)
			why_prefix(why, "steps[%zu].", i);
	}
	return e;
}

static enum err check_days(const struct record_rule_days *days, struct why *why)
{
	uint16_t day;

	if (!days)
		return ERR_OK;
	if (record_day_of_year(days->from, &day))
		return fail(why, ERR_INVALID, "days.from: '%s' is no day of the year, such as 12-24",
			    days->from);
	if (record_day_of_year(days->to, &day))
		return fail(why, ERR_INVALID, "days.to: '%s' is no day of the year, such as 12-24", days->to);
	return ERR_OK;
}

/* Rules look at articles, not at prices, which they make. */
static enum err check_select(const struct record_selector *s, struct why *why)
{
	if (!s || (!there(s->price_from.minor) && !there(s->price_to.minor) && !there(s->on_sale) &&
		   !there(s->discountable)))
		return ERR_OK;
	return fail(why, ERR_INVALID,
		    "select: price_from, price_to, on_sale and discountable mean nothing here");
}

enum err record_check_price_rule(const union record_any *r, struct why *why)
{
	const struct record_price_rule *p = &r->price_rule;
	enum rule_kind kind = (enum rule_kind)(p->kind + RULE_SURGE);
	enum err e = record_check_window(p->from, p->to, why);

	if (!e)
		e = check_rule_members(p, record_rule_kind(kind), why);
	if (!e)
		e = check_select(p->select, why);
	if (!e)
		e = check_steps(p, kind, why);
	return e ? e : check_days(p->days, why);
}

enum err record_check_override(const union record_any *r, struct why *why)
{
	const struct record_override *o = &r->override;

	if (o->sku && o->select)
		return fail(why, ERR_INVALID, "select: an override has an sku or a select, not both");
	if (!o->sku && !o->select)
		return fail(why, ERR_INVALID, "sku: missing; an override has an sku or a select");
	enum err e = check_select(o->select, why);
	return e ? e : record_check_window(o->from, o->to, why);
}

static enum err check_currency(const char *currency, struct why *why)
{
	unsigned exponent;

	if (!currency || !currency_exponent(currency, &exponent))
		return ERR_OK;
	return fail(why, ERR_INVALID, "currency: '%s' is not an ISO 4217 code, such as USD", currency);
}

enum err record_check_exchange_rate(const union record_any *r, struct why *why)
{
	return check_currency(r->exchange_rate.currency, why);
}

enum err record_check_landed_cost(const union record_any *r, struct why *why)
{
	const struct record_cost_component *at = r->landed_cost.components.at;

	for (size_t i = 0; i < r->landed_cost.components.count; i++) {
		if (there(at[i].amount.minor) == there(at[i].percent.ppm))
			return fail(
				why, ERR_INVALID,
				"components[%zu].amount: a component has an amount or a percent, and one of "
				"them only",
				i);
	}
	return check_currency(r->landed_cost.currency, why);
}

enum err record_check_plan(const union record_any *r, struct why *why)
{
	const struct record_duration *at = r->plan.durations.at;
	enum err e = ERR_OK;

	for (size_t i = 0; i < r->plan.durations.count && !e; i++) {
		e = check_rising("months", i ? at[i - 1].months : 0, at[i].months, i == 0, why);
		if (e)
			why_prefix(why, "durations[%zu].", i);
	}
	return e;
}

/* What follows begins when what runs has ended. */
static enum err check_next(const struct record_customer *c, struct why *why)
{
	const struct record_next_plan *n = c->next;
	enum err e = record_check_window(n->from, n->to, why);

	if (e) {
		why_prefix(why, "next.");
		return e;
	}
	if (!there(c->plan_to.seconds))
		return fail(why, ERR_INVALID, "plan_to: missing; the period that runs ends before the next");
	if (c->plan_to.local == n->from.local && n->from.seconds <= c->plan_to.seconds)
		return fail(why, ERR_INVALID, "next.from: is not after plan_to");
	return ERR_OK;
}

enum err record_check_customer(const union record_any *r, struct why *why)
{
	const struct record_customer *c = &r->customer;

	enum err e;

	if (!c->plan && (there(c->plan_from.seconds) || there(c->plan_to.seconds) || there(c->plan_months) ||
			 there(c->plan_paid.minor) || c->next))
		return fail(why, ERR_INVALID, "plan: missing; a paid period is that of a plan");
	if (there(c->credit.minor) != there(c->credit_to.seconds))
		return fail(why, ERR_INVALID, "credit: goes with credit_to: the credit of which month it is");
	e = record_check_window(c->plan_from, c->plan_to, why);
	return e || !c->next ? e : check_next(c, why);
}
