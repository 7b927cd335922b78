/*
 * Landed costs. See landed.h.
 */
#include "landed.h"

#include <string.h>

#define MICRO 1000000

static enum err find_rate(const char *currency, const struct rates *rates, const struct settings *s,
			  struct qty *out, struct why *why)
{
	*out = QTY_ONE;
	if (!currency || strcmp(currency, s->currency) == 0)
		return ERR_OK;
	for (size_t i = 0; i < rates->count; i++) {
		if (strcmp(rates->at[i].currency, currency) == 0) {
			*out = rates->at[i].rate;
			return ERR_OK;
		}
	}
	return fail(why, ERR_NOT_FOUND, "currency: there is no exchange_rate of '%s'", currency);
}

/* Millionths times millionths, to minor units: rounded once. */
static enum err convert(struct qty fob, struct qty rate, const struct settings *s, struct money *out)
{
	int64_t unit = INT64_C(1000000000000);

	for (unsigned i = 0; i < s->exponent; i++)
		unit /= 10;
	return muldiv(fob.micro, rate.micro, unit, s->rounding, &out->minor);
}

static enum err add_component(const struct record_cost_component *c, struct money fob, enum rounding how,
			      struct money *sum)
{
	struct money amount = c->amount;
	enum err e = ERR_OK;

	if (amount.minor == AMOUNT_NONE)
		e = money_times_rate(fob, c->percent, how, &amount);
	return e ? e : money_add(*sum, amount, sum);
}

enum err landed_cost(const struct record_landed_cost *r, const struct rates *rates, const struct settings *s,
		     struct landed *out, struct why *why)
{
	const struct record_cost_component *components = r->components.at;
	struct qty rate;
	enum err e = find_rate(r->currency, rates, s, &rate, why);

	if (e)
		return e;
	e = convert(r->fob, rate, s, &out->fob);
	out->landed = out->fob;
	for (size_t i = 0; i < r->components.count && !e; i++)
		e = add_component(&components[i], out->fob, s->rounding, &out->landed);
	return e ? fail(why, e, "fob: the landed cost is more than an amount can hold") : ERR_OK;
}

enum err landed_price(struct money cost, struct rate markup, enum rounding how, struct money *out)
{
	return money_times_rate(cost, (struct rate){RATE_ONE.ppm + markup.ppm}, how, out);
}

int64_t exchange_at_s(const struct exchange *x, int32_t offset_s)
{
	if (x->at.seconds == AMOUNT_NONE || !x->at.local)
		return x->at.seconds;
	return x->at.seconds - offset_s;
}

bool exchange_is_stale(const struct exchange *x, int64_t now_s, int32_t offset_s)
{
	int64_t at_s = exchange_at_s(x, offset_s);

	return at_s == AMOUNT_NONE || now_s - at_s > EXCHANGE_FRESH_S;
}
