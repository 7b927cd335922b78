/*
 * Decimal text to scaled integers and back, digit by digit: exact both ways.
 */
#include "money.h"

#include <assert.h>

struct number {
	const char *whole, *fraction; /* digits */
	size_t whole_n, fraction_n;
	bool negative;
};

static size_t digits(const char *at, const char *end)
{
	const char *from = at;

	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return (size_t)(at - from);
}

static enum err split(const char *at, size_t n, struct number *out)
{
	const char *end = at + n;

	*out = (struct number){.negative = at < end && *at == '-'};
	at += out->negative;
	out->whole = at;
	out->whole_n = digits(at, end);
	at += out->whole_n;
	if (out->whole_n == 0)
		return ERR_INVALID;
	if (at == end)
		return ERR_OK;
	if (*at++ != '.')
		return ERR_INVALID;
	out->fraction = at;
	out->fraction_n = digits(at, end);
	return out->fraction_n > 0 && at + out->fraction_n == end ? ERR_OK : ERR_INVALID;
}

static enum err append_digit(int64_t *value, char digit)
{
	if (__builtin_mul_overflow(*value, 10, value) || __builtin_add_overflow(*value, digit - '0', value))
		return ERR_RANGE;
	return ERR_OK;
}

enum err decimal_parse(const char *text, size_t n, unsigned exponent, int64_t *out)
{
	struct number number;
	int64_t value = 0;
	enum err e = split(text, n, &number);

	if (e)
		return e;
	for (size_t i = exponent; i < number.fraction_n; i++)
		if (number.fraction[i] != '0')
			return ERR_INVALID;
	for (size_t i = 0; i < number.whole_n && !e; i++)
		e = append_digit(&value, number.whole[i]);
	for (size_t i = 0; i < exponent && !e; i++)
		e = append_digit(&value, i < number.fraction_n ? number.fraction[i] : '0');
	if (e)
		return e;
	*out = number.negative ? -value : value;
	return ERR_OK;
}

size_t decimal_format(int64_t value, unsigned exponent, unsigned min_decimals, char out[DECIMAL_TEXT_MAX])
{
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char reversed[DECIMAL_TEXT_MAX]; /* from the last digit to the first */
	unsigned places = exponent;
	size_t n = 0, length = 0;

	assert(exponent <= 18 && min_decimals <= exponent);
	for (; places > min_decimals && rest % 10 == 0; places--)
		rest /= 10;
	for (unsigned i = 0; i < places; i++, rest /= 10)
		reversed[n++] = (char)('0' + rest % 10);
	if (places)
		reversed[n++] = '.';
	do {
		reversed[n++] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (value < 0)
		reversed[n++] = '-';
	while (n)
		out[length++] = reversed[--n];
	out[length] = '\0';
	return length;
}
