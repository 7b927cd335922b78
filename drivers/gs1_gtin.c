/*
 * Numbers: check digits, GTINs, UPC-E, and the reasons for refusing one.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "gs1_parts.h"
#include "text.h"

enum err gs1_refuse(struct why *why, const char *text, size_t n, const char *fmt, ...)
{
	char shown[96], reason[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	return fail(why, ERR_INVALID, "'%s': %s", text_printable(text, n, shown, sizeof(shown)), reason);
}

bool gs1_is_digits(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return n > 0;
}

uint64_t gs1_number(const char *digits, size_t n)
{
	uint64_t number = 0;

	assert(n <= 18);
	for (size_t i = 0; i < n; i++)
		number = number * 10 + (uint64_t)(digits[i] - '0');
	return number;
}

/*
 * Section 7.9.1: weights 3, 1, 3, ... from the right; the sum and the digit make a multiple of ten. One more
 * digit on the right gives all that stand before it the other weight.
 */
int gs1_check_digit(const char *digits, size_t n)
{
	int heavy = 0, light = 0;

	for (size_t i = 0; i < n; i++) {
		int before = heavy;

		heavy = light + (digits[i] - '0');
		light = before;
	}
	return (10 - (3 * heavy + light) % 10) % 10;
}

bool gs1_check_is_right(const char *digits, size_t n)
{
	return gs1_check_digit(digits, n - 1) == digits[n - 1] - '0';
}

bool gs1_is_gtin_length(size_t n)
{
	return n == 8 || n == 12 || n == 13 || n == 14;
}

enum err gs1_gtin_parse(const char *digits, size_t n, uint64_t *gtin, struct why *why)
{
	uint64_t number;

	if (n == 0)
		return fail(why, ERR_INVALID, "empty: a GTIN has 8, 12, 13 or 14 digits");
	if (!gs1_is_digits(digits, n))
		return gs1_refuse(why, digits, n, "not a GTIN: only digits may be in it");
	if (!gs1_is_gtin_length(n))
		return gs1_refuse(why, digits, n, "%zu digits; a GTIN has 8, 12, 13 or 14", n);
	if (!gs1_check_is_right(digits, n))
		return gs1_refuse(why, digits, n, "wrong check digit: it ends in %c, %d would be right",
				  digits[n - 1], gs1_check_digit(digits, n - 1));
	number = gs1_number(digits, n);
	if (number == 0)
		return gs1_refuse(why, digits, n, "all zeros are no GTIN");
	*gtin = number;
	return ERR_OK;
}

/*
 * Section 5.2.2.4.2: what the six digits of a UPC-E stand for, by the last of them. N is the number system,
 * 1 to 6 the digit of that place, 0 a zero that was left out. The check digit of the whole follows.
 */
static const char *const upc_e_forms[10] = {
	"N1260000345", "N1260000345", "N1260000345", "N1230000045", "N1234000005",
	"N1234500006", "N1234500006", "N1234500006", "N1234500006", "N1234500006",
};

uint64_t gs1_upc_e_expand(char number_system, const char six[6])
{
	const char *form = upc_e_forms[six[5] - '0'];
	char twelve[12];

	for (int i = 0; i < 11; i++)
		twelve[i] = form[i] == 'N' ? number_system : form[i] == '0' ? '0' : six[form[i] - '1'];
	twelve[11] = (char)('0' + gs1_check_digit(twelve, 11));
	return gs1_number(twelve, sizeof(twelve));
}

enum err gs1_price(const struct gs1_scan *scan, unsigned exponent, struct money *out)
{
	int64_t minor = scan->price.minor;
	unsigned decimals = scan->price_decimals;

	if (minor == AMOUNT_NONE)
		return ERR_NOT_FOUND;
	if (decimals == GS1_DECIMALS_BOOK)
		decimals = exponent;
	for (; decimals > exponent; decimals--) {
		if (minor % 10 != 0)
			return ERR_INVALID;
		minor /= 10;
	}
	for (; decimals < exponent; decimals++)
		if (__builtin_mul_overflow(minor, 10, &minor))
			return ERR_RANGE;
	out->minor = minor;
	return ERR_OK;
}
