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

/* a * b, never overflows. */
struct wide wide_mul(uint64_t a, uint64_t b);

/* -1, 0 or 1, as a is below, equal to or above b. */
int wide_cmp(struct wide a, struct wide b);

/*
 * Quotient and remainder of n / d. d must not be 0 and n.hi must be below d, so that the quotient fits 64
 * bits: callers check n.hi >= d first, and call that overflow.
 */
uint64_t wide_div(struct wide n, uint64_t d, uint64_t *remainder);

#endif
