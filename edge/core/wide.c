/*
 * 128-bit arithmetic by hand. Multiplication is four half-word products; division is Knuth's algorithm D
 * (The Art of Computer Programming, volume 2, section 4.3.1) for two digits in base 2^32.
 */
#include "wide.h"

#define HALF 32
#define LOW  0xFFFFFFFFu

struct wide wide_mul_any(uint64_t a, uint64_t b)
{
	uint64_t a0 = a & LOW, a1 = a >> HALF;
	uint64_t b0 = b & LOW, b1 = b >> HALF;
	uint64_t low = a0 * b0;
	uint64_t mid = a1 * b0 + (low >> HALF); /* cannot overflow: (2^32-1)^2 + 2^32-1 < 2^64 */
	uint64_t mid2 = a0 * b1 + (mid & LOW);

	return (struct wide){
		.hi = a1 * b1 + (mid >> HALF) + (mid2 >> HALF),
		.lo = (mid2 << HALF) | (low & LOW),
	};
}

/*
 * One digit of the quotient: *top is the remainder so far (below d), next the digit brought down. d has
 * its highest bit set, so the first guess is at most two too large.
 */
static uint64_t next_digit(uint64_t *top, uint64_t next, uint64_t d)
{
	uint64_t d1 = d >> HALF, d0 = d & LOW;
	uint64_t guess = *top / d1;
	uint64_t rest = *top - guess * d1;

	while (guess > LOW || guess * d0 > ((rest << HALF) | next)) {
		guess--;
		rest += d1;
		if (rest > LOW)
			break;
	}
	*top = ((*top << HALF) | next) - guess * d; /* modulo 2^64: the true difference fits */
	return guess;
}

uint64_t wide_div_any(struct wide n, uint64_t d, uint64_t *remainder)
{
	unsigned shift;
	uint64_t top, high, low;

	if (n.hi == 0) {
		*remainder = n.lo % d;
		return n.lo / d;
	}
	shift = (unsigned)__builtin_clzll(d);
	d <<= shift;
	top = shift ? (n.hi << shift) | (n.lo >> (64 - shift)) : n.hi;
	n.lo <<= shift;
	high = next_digit(&top, n.lo >> HALF, d);
	low = next_digit(&top, n.lo & LOW, d);
	*remainder = top >> shift;
	return (high << HALF) | low;
}
