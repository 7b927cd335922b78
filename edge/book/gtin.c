/*
 * GTINs as digits. See gtin.h.
 */
#include "gtin.h"

#include <stdbool.h>
#include <stddef.h>

static bool is_length(size_t n)
{
	return n == 8 || n == 12 || n == 13 || n == 14;
}

enum err gtin_parse(const char *text, uint64_t *out, struct why *why)
{
	uint64_t value = 0; /* wraps when it is too long, which is refused */
	unsigned ones = 0, threes = 0,
		 last = 0; /* sums of every second digit: with the last, and the others */
	size_t n = 0;

	for (; text[n] >= '0' && text[n] <= '9'; n++) {
		unsigned others = ones;

		last = (unsigned)(text[n] - '0');
		value = value * 10 + last;
		ones = threes + last;
		threes = others;
	}
	if (text[n])
		return fail(why, ERR_INVALID, "'%s' is not a GTIN: digits alone", text);
	if (!is_length(n))
		return fail(why, ERR_INVALID, "'%s' is not a GTIN: it has %zu digits, not 8, 12, 13 or 14",
			    text, n);
	/* GS1 General Specifications 7.9: weights 1, 3, 1 ... from the right make a multiple of ten. */
	if ((ones + 3 * threes) % 10 != 0)
		return fail(why, ERR_INVALID, "'%s' has a wrong check digit: it should end in %u", text,
			    (10 - (ones - last + 3 * threes) % 10) % 10);
	if (value == 0)
		return fail(why, ERR_INVALID, "'%s' is not a GTIN: zeros alone", text);
	*out = value;
	return ERR_OK;
}
