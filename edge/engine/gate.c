/*
 * What only some promotions ask of the customer, and limits that go beyond one order: customers by name,
 * subscriptions, the first or every nth order; uses and budget, of which the context's counters say what is
 * left.
 */
#include "engine_work.h"

#include <string.h>

/* A text is one of those, which stand in ascending order. */
static bool names_hold(const struct names *names, const char *text)
{
	uint32_t from = 0, to = text ? names->count : 0;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;
		int order = strcmp(text, names->at[middle]);

		if (order == 0)
			return true;
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return false;
}

bool names_admit(const struct names *names, const char *text)
{
	return !names->count || names_hold(names, text);
}

static const struct counter *counter_of(const struct engine_context *x, uint32_t promotion)
{
	uint32_t from = 0, to = x->counter_count;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;

		if (x->counters[middle].promotion == promotion)
			return &x->counters[middle];
		if (x->counters[middle].promotion < promotion)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

struct money gate_budget_left(const struct work *w, uint32_t promotion)
{
	const struct promotion *p = &w->catalog->promotions[promotion];
	const struct counter *c = counter_of(&w->cart->context, promotion);

	if (!p->budget.minor)
		return MONEY_NONE;
	if (!c || c->budget_left.minor == AMOUNT_NONE)
		return p->budget;
	return c->budget_left.minor > 0 ? c->budget_left : MONEY_ZERO;
}

/* An order whose number is not known is none of those that are asked for. */
static bool right_order(const struct order_numbers *asked, int64_t number)
{
	if (!asked->from && !asked->to && !asked->every)
		return true;
	if (number <= 0)
		return false;
	return (!asked->from || number >= asked->from) && (!asked->to || number <= asked->to) &&
	       (!asked->every || number % asked->every == 0);
}

static enum reason check_customer(const struct engine_context *x, const struct promotion *p)
{
	if (!names_admit(&p->customers, x->customer))
		return REASON_WRONG_CUSTOMER;
	if (!names_admit(&p->plans, x->plan))
		return REASON_WRONG_PLAN;
	return right_order(&p->orders, x->order_number) ? REASON_APPLIED : REASON_WRONG_ORDER;
}

enum reason gate_check(const struct work *w, uint32_t promotion)
{
	const struct promotion *p = &w->catalog->promotions[promotion];
	const struct counter *c = counter_of(&w->cart->context, promotion);
	enum reason reason = check_customer(&w->cart->context, p);

	if (reason)
		return reason;
	if (p->uses && c && c->uses_left != AMOUNT_NONE && c->uses_left <= 0)
		return REASON_USES_SPENT;
	if (p->budget.minor && !gate_budget_left(w, promotion).minor)
		return REASON_BUDGET_SPENT;
	if (p->customer_uses && c && c->customer_uses >= p->customer_uses)
		return REASON_CUSTOMER_LIMIT;
	return REASON_APPLIED;
}
