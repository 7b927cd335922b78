/*
 * Checked arithmetic on amounts. Everything that multiplies goes through muldiv: one product of 128 bits,
 * one division, one rounding.
 */
#include "money.h"

#include "wide.h"

static bool known(int64_t amount)
{
	return amount != AMOUNT_NONE;
}

/* |v|, INT64_MIN included. */
static uint64_t magnitude(int64_t v)
{
	return v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
}

static enum err store(int64_t value, int64_t *out)
{
	if (!known(value))
		return ERR_RANGE;
	*out = value;
	return ERR_OK;
}

enum err money_sub(struct money a, struct money b, struct money *out)
{
	int64_t difference;

	if (!known(a.minor) || !known(b.minor) || __builtin_sub_overflow(a.minor, b.minor, &difference))
		return ERR_RANGE;
	return store(difference, &out->minor);
}

enum err muldiv_any(int64_t a, int64_t b, int64_t c, enum rounding r, int64_t *out)
{
	struct wide product = wide_mul(magnitude(a), magnitude(b));
	uint64_t d = magnitude(c);
	uint64_t quotient, remainder;
	bool negative = (a < 0) ^ (b < 0) ^ (c < 0);

	if (product.hi >= d)
		return ERR_RANGE;
	quotient = wide_div(product, d, &remainder);
	if (quotient > INT64_MAX)
		return ERR_RANGE;
	quotient += quotient_rounds_up(quotient, remainder, d, r);
	if (quotient > INT64_MAX)
		return ERR_RANGE;
	*out = negative ? -(int64_t)quotient : (int64_t)quotient;
	return ERR_OK;
}

enum err money_round_to(struct money m, int64_t step, enum rounding r, struct money *out)
{
	int64_t steps, rounded;
	enum err e;

	if (!known(m.minor))
		return ERR_RANGE;
	e = muldiv(m.minor, 1, step, r, &steps);
	if (e)
		return e;
	if (__builtin_mul_overflow(steps, step, &rounded))
		return ERR_RANGE;
	return store(rounded, &out->minor);
}
