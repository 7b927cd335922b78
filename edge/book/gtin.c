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

/* The digit that makes the weighted sum a multiple of ten; weights 3, 1, 3 ... from the right. */
static unsigned check_digit(const char *digits, size_t n)
{
	unsigned sum = 0;

	for (size_t i = n; i-- > 0;) {
		unsigned digit = (unsigned)(digits[i] - '0');
		sum += (n - i) % 2 ? 3 * digit : digit;
	}
	return (10 - sum % 10) % 10;
}

enum err gtin_parse(const char *text, uint64_t *out, struct why *why)
{
	uint64_t value = 0;
	size_t n = 0;

	for (; text[n] >= '0' && text[n] <= '9'; n++)
		value = value * 10 +
			(uint64_t)(text[n] - '0'); /* wraps when it is too long, which is refused */
	if (text[n])
		return fail(why, ERR_INVALID, "'%s' is not a GTIN: digits alone", text);
	if (!is_length(n))
		return fail(why, ERR_INVALID, "'%s' is not a GTIN: it has %zu digits, not 8, 12, 13 or 14",
			    text, n);
	unsigned check = check_digit(text, n - 1);
	if (check != (unsigned)(text[n - 1] - '0'))
		return fail(why, ERR_INVALID, "'%s' has a wrong check digit: it should end in %u", text,
			    check);
	if (value == 0)
		return fail(why, ERR_INVALID, "'%s' is not a GTIN: zeros alone", text);
	*out = value;
	return ERR_OK;
}
