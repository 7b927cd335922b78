/*
 * Money, quantities and rates: exact integers that do not mix by accident.
 *
 * Each is a struct of one int64_t, so that a stray '+' does not compile. No floating point touches them.
 * A product passes through 128 bits and is rounded once, by the rounding named at the call. An operation
 * whose result does not fit, or that is given AMOUNT_NONE, returns ERR_RANGE and leaves *out alone.
 *
 *	money	minor units of one currency (cents, yen, fils)
 *	qty	millionths of the unit an article is sold by: each, kg, g, lb, l, m
 *	rate	parts per million: 25 % is 250000
 */
#ifndef TILL_MONEY_H
#define TILL_MONEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct money {
	int64_t minor;
};

struct qty {
	int64_t micro;
};

struct rate {
	int64_t ppm;
};

#define QTY_ONE	   ((struct qty){1000000})
#define RATE_ONE   ((struct rate){1000000})
#define MONEY_ZERO ((struct money){0})

/* "No value": an unknown cost, an absent limit. Outside the range that any operation returns. */
#define AMOUNT_NONE INT64_MIN
#define MONEY_NONE  ((struct money){AMOUNT_NONE})

enum rounding {
	ROUND_HALF_AWAY, /* 0.5 to 1, -0.5 to -1: the default of a book */
	ROUND_HALF_EVEN, /* 0.5 to 0, 1.5 to 2 */
	ROUND_DOWN,	 /* towards zero */
	ROUND_UP,	 /* away from zero */
	ROUND_HALF_DOWN, /* 0.5 to 0, 1.5 to 1: what is left of 2 is rounded half up */
};

MUST_CHECK static inline enum err money_add(struct money a, struct money b, struct money *out)
{
	int64_t minor;

	if (a.minor == AMOUNT_NONE || b.minor == AMOUNT_NONE ||
	    __builtin_add_overflow(a.minor, b.minor, &minor) || minor == AMOUNT_NONE)
		return ERR_RANGE;
	out->minor = minor;
	return ERR_OK;
}

enum err money_sub(struct money a, struct money b, struct money *out) MUST_CHECK;

/* -1, 0 or 1, as a is below, equal to or above b. */
static inline int money_cmp(struct money a, struct money b)
{
	return (a.minor > b.minor) - (a.minor < b.minor);
}

/* a * b / c through 128 bits, rounded once, for any numbers; c must not be 0. */
enum err muldiv_any(int64_t a, int64_t b, int64_t c, enum rounding r, int64_t *out) MUST_CHECK;

/* Whether quotient, with that remainder of a division by d, is to grow by one in magnitude. */
static inline bool quotient_rounds_up(uint64_t quotient, uint64_t remainder, uint64_t d, enum rounding r)
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

/*
 * The same; all below is made of it. What a shop reckons with nearly always fits 64 bits, where it is one
 * multiplication and one division, by a constant even if the caller's c is one.
 */
MUST_CHECK static inline enum err muldiv(int64_t a, int64_t b, int64_t c, enum rounding r, int64_t *out)
{
	int64_t product;
	uint64_t quotient, remainder;

	if ((a | b) < 0 || c <= 0 || __builtin_mul_overflow(a, b, &product))
		return muldiv_any(a, b, c, r, out);
	quotient = (uint64_t)product / (uint64_t)c;
	remainder = (uint64_t)product % (uint64_t)c;
	*out = (int64_t)(quotient + quotient_rounds_up(quotient, remainder, (uint64_t)c, r));
	return ERR_OK;
}

/* Unit price times quantity. */
MUST_CHECK static inline enum err money_times_qty(struct money unit_price, struct qty q, enum rounding r,
						  struct money *out)
{
	if (unit_price.minor == AMOUNT_NONE || q.micro == AMOUNT_NONE)
		return ERR_RANGE;
	return muldiv(unit_price.minor, q.micro, QTY_ONE.micro, r, &out->minor);
}

/* A share of an amount: 25 % of 9.99. */
MUST_CHECK static inline enum err money_times_rate(struct money m, struct rate share, enum rounding r,
						   struct money *out)
{
	if (m.minor == AMOUNT_NONE || share.ppm == AMOUNT_NONE)
		return ERR_RANGE;
	return muldiv(m.minor, share.ppm, RATE_ONE.ppm, r, &out->minor);
}

/* The nearest multiple of step minor units (cash rounding to 5 or 10). step is 1 or more. */
enum err money_round_to(struct money m, int64_t step, enum rounding r, struct money *out) MUST_CHECK;

/*
 * Shares an amount over n parts in proportion to weight[i], largest remainder first, no part above
 * cap[i]. Ties in the remainder go to the lower index, so callers put parts in canonical order
 * (ENGINE semantics: SKU, unit price, lot, amount, scan order). Total, weights and caps are 0 or more, or
 * it is ERR_INVALID. Parts of weight 0 get something only when all others are full, and then equally.
 *
 * The sum of out[] is total exactly. ERR_LIMIT, and out[] untouched, if total exceeds the sum of caps;
 * when a cap binds, what it refuses goes to the other parts by the same rule. out may be cap.
 * Time O(n log n) without memory of its own: scratch holds n entries and belongs to the caller.
 */
struct share_scratch {
	int64_t remainder;
	uint32_t index;
};
enum err money_allocate(struct money total, const struct money *weight, const struct money *cap, size_t n,
			struct share_scratch *scratch, struct money *out) MUST_CHECK;

/* Who gets the minor units that rounding down leaves. */
enum remainder {
	REMAINDER_LARGEST, /* the parts with the largest remainders: money_allocate */
	REMAINDER_LAST,	   /* the last part, as far as its cap; then the one before it */
	REMAINDER_CARRY,   /* each part the sum so far, rounded down, less what those before it got */
};

/* The same with a choice of the remainder. Caps are settled first, in the same way. */
enum err money_share(enum remainder r, struct money total, const struct money *weight,
		     const struct money *cap, size_t n, struct share_scratch *scratch,
		     struct money *out) MUST_CHECK;

/*
 * Decimal text, exact: "-12.34" with exponent 2 is -1234. Only digits, one '.', a leading '-'; no
 * exponent, no grouping, no blanks. More decimals than the exponent allows are ERR_INVALID unless zero;
 * what does not fit an int64_t is ERR_RANGE. n is the length of the text.
 */
enum err decimal_parse(const char *text, size_t n, unsigned exponent, int64_t *out) MUST_CHECK;

/* Longest text decimal_format writes, with its NUL. */
#define DECIMAL_TEXT_MAX 24

/*
 * Writes value / 10^exponent with at least min_decimals decimals and no trailing zeros beyond them, and
 * returns its length. Money uses min_decimals = exponent ("2.50"), quantities and rates 0 ("1.5").
 */
size_t decimal_format(int64_t value, unsigned exponent, unsigned min_decimals, char out[DECIMAL_TEXT_MAX]);

#define QTY_EXPONENT	      6
#define RATE_PERCENT_EXPONENT 4 /* "25" per cent is 250000 ppm: four decimals of a per cent */

/*
 * ISO 4217: the number of decimals of a currency (EUR 2, JPY 0, KWD 3). ERR_NOT_FOUND for a code that is
 * not in the active list.
 */
enum err currency_exponent(const char *code, unsigned *exponent) MUST_CHECK;

#endif
