/*
 * Tenders against a total: one may be left open and takes what is due, and only cash gives change.
 */
#include "lane_parts.h"

#include <string.h>

#define METHOD_MAX 16

static bool method_is_valid(const char *method)
{
	size_t n = strspn(method, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n >= 1 && n <= METHOD_MAX && !method[n];
}

static bool is_cash(const char *method)
{
	return !strcmp(method, "cash");
}

bool payment_method_fits(const char *method, struct answer *a)
{
	if (method && method_is_valid(method))
		return true;
	return refuse(a, REFUSED_TENDER_INVALID, "a method is %d of a-z, 0-9 and '-' at most, such as cash",
		      METHOD_MAX);
}

static bool check_tender(const struct tender *t, bool *open, struct answer *a)
{
	if (!payment_method_fits(t->method, a))
		return false;
	if (t->amount.minor == AMOUNT_NONE && *open)
		return refuse(a, REFUSED_TENDER_INVALID, "only one tender may be without an amount");
	if (t->amount.minor == AMOUNT_NONE)
		*open = true;
	else if (t->amount.minor <= 0)
		return refuse(a, REFUSED_TENDER_INVALID,
			      "the amount of %s is more than 0, or left out: what is due", t->method);
	return true;
}

static bool refuse_amount(struct answer *a)
{
	return refuse(a, REFUSED_TENDER_INVALID, "the tenders are more than an amount can hold");
}

/* What the tenders that name an amount come to. */
static bool add_named(const struct tender *tenders, size_t n, struct money *sum, struct answer *a)
{
	bool open = false;

	*sum = MONEY_ZERO;
	for (size_t i = 0; i < n; i++) {
		if (!check_tender(&tenders[i], &open, a))
			return false;
		if (tenders[i].amount.minor != AMOUNT_NONE && money_add(*sum, tenders[i].amount, sum))
			return refuse_amount(a);
	}
	return true;
}

static bool refuse_short(const struct catalog *c, struct money due, struct answer *a)
{
	char text[DECIMAL_TEXT_MAX];

	decimal_format(due.minor, c->settings.exponent, c->settings.exponent, text);
	a->due = due;
	return refuse(a, REFUSED_TENDER_SHORT, "%s %s is still due", text, c->settings.currency);
}

bool payment_settle(const struct catalog *c, struct money total, const struct tender *tenders, size_t n,
		    struct payment *out, struct answer *a)
{
	int64_t due, not_cash = 0;
	struct money named;

	*out = (struct payment){0};
	if (n > CART_TENDERS_MAX)
		return refuse(a, REFUSED_TENDER_INVALID, "a sale takes %d tenders at most", CART_TENDERS_MAX);
	if (!add_named(tenders, n, &named, a))
		return false;
	due = named.minor < total.minor ? total.minor - named.minor : 0;
	out->tendered = named;
	for (size_t i = 0; i < n; i++) {
		bool open = tenders[i].amount.minor == AMOUNT_NONE;
		int64_t amount = open ? due : tenders[i].amount.minor;

		if (open)
			out->tendered.minor += due; /* at most the total then */
		if (!is_cash(tenders[i].method))
			not_cash += amount; /* at most the sum, which fits */
		if (amount)		    /* nothing was due: nothing to record */
			out->tenders[out->count++] = (struct sale_tender){tenders[i].method, {amount}};
	}
	if (out->tendered.minor < total.minor)
		return refuse_short(c, (struct money){total.minor - out->tendered.minor}, a);
	if (not_cash > total.minor)
		return refuse(a, REFUSED_TENDER_INVALID,
			      "only cash gives change: the other tenders are above the total");
	out->change.minor = out->tendered.minor - total.minor;
	return true;
}
