/*
 * Unsigned 128-bit arithmetic from 64-bit parts, since 32-bit targets have no __int128 and box and
 * headquarters must agree to the last bit. Only what money needs: multiply, compare, divide.
 */
#ifndef TILL_WIDE_H
#define TILL_WIDE_H

#include <stdint.h>

struct wide {
	uint64_t hi, lo;
};

/* The general case of wide_mul and wide_div, for any numbers. */
struct wide wide_mul_any(uint64_t a, uint64_t b);
uint64_t wide_div_any(struct wide n, uint64_t d, uint64_t *remainder);

/* a * b, never overflows. */
static inline struct wide wide_mul(uint64_t a, uint64_t b)
{
	if ((a | b) >> 32 == 0) /* what a shop sells costs less than 2^32 minor units */
		return (struct wide){.lo = a * b};
	return wide_mul_any(a, b);
}

/* -1, 0 or 1, as a is below, equal to or above b. */
static inline int wide_cmp(struct wide a, struct wide b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	return (a.lo > b.lo) - (a.lo < b.lo);
}

/*
 * Quotient and remainder of n / d. d must not be 0 and n.hi must be below d, so that the quotient fits 64
 * bits: callers check n.hi >= d first, and call that overflow.
 */
static inline uint64_t wide_div(struct wide n, uint64_t d, uint64_t *remainder)
{
	if (n.hi == 0 && (n.lo | d) >> 32 == 0) { /* a short division takes a third of a long one's time */
		*remainder = (uint32_t)n.lo % (uint32_t)d;
		return (uint32_t)n.lo / (uint32_t)d;
	}
	return wide_div_any(n, d, remainder);
}

#endif
