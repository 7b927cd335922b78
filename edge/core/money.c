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

enum err money_add(struct money a, struct money b, struct money *out)
{
	int64_t sum;

	if (!known(a.minor) || !known(b.minor) || __builtin_add_overflow(a.minor, b.minor, &sum))
		return ERR_RANGE;
	return store(sum, &out->minor);
}

enum err money_sub(struct money a, struct money b, struct money *out)
{
	int64_t difference;

	if (!known(a.minor) || !known(b.minor) || __builtin_sub_overflow(a.minor, b.minor, &difference))
		return ERR_RANGE;
	return store(difference, &out->minor);
}

int money_cmp(struct money a, struct money b)
{
	return (a.minor > b.minor) - (a.minor < b.minor);
}

/* Whether quotient, with that remainder of a division by d, is to grow by one in magnitude. */
static bool rounds_up(uint64_t quotient, uint64_t remainder, uint64_t d, enum rounding r)
{
	uint64_t rest = d - remainder; /* compared instead of 2 * remainder, which may overflow */

	switch (r) {
	case ROUND_HALF_AWAY:
		return remainder >= rest;
	case ROUND_HALF_EVEN:
		return remainder > rest || (remainder == rest && (quotient & 1));
	case ROUND_DOWN:
		return false;
	case ROUND_UP:
		return remainder != 0;
	case ROUND_HALF_DOWN:
		return remainder > rest;
	}
	return false;
}

enum err muldiv(int64_t a, int64_t b, int64_t c, enum rounding r, int64_t *out)
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
	quotient += rounds_up(quotient, remainder, d, r);
	if (quotient > INT64_MAX)
		return ERR_RANGE;
	*out = negative ? -(int64_t)quotient : (int64_t)quotient;
	return ERR_OK;
}

enum err money_times_qty(struct money unit_price, struct qty q, enum rounding r, struct money *out)
{
	if (!known(unit_price.minor) || !known(q.micro))
		return ERR_RANGE;
	return muldiv(unit_price.minor, q.micro, QTY_ONE.micro, r, &out->minor);
}

enum err money_times_rate(struct money m, struct rate share, enum rounding r, struct money *out)
{
	if (!known(m.minor) || !known(share.ppm))
		return ERR_RANGE;
	return muldiv(m.minor, share.ppm, RATE_ONE.ppm, r, &out->minor);
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
