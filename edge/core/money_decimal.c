/*
 * Decimal text to scaled integers and back, digit by digit: exact both ways.
 */
#include "money.h"

#include <assert.h>
#include <string.h>

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

/* 0 to 99, so that a division yields two digits. */
static const char pairs[] = "00010203040506070809101112131415161718192021222324"
			    "25262728293031323334353637383940414243444546474849"
			    "50515253545556575859606162636465666768697071727374"
			    "75767778798081828384858687888990919293949596979899";

/* Digits of a number, as many as it needs and at least so many, up to end; returns the first. */
static char *digits_before(char *end, uint64_t number, unsigned least)
{
	char *at = end;

	for (; number >= 100; number /= 100) {
		at -= 2;
		memcpy(at, pairs + number % 100 * 2, 2);
	}
	*--at = pairs[number * 2 + 1];
	if (number >= 10)
		*--at = pairs[number * 2];
	while (end - at < (ptrdiff_t)least)
		*--at = '0';
	return at;
}

size_t decimal_format(int64_t value, unsigned exponent, unsigned min_decimals, char out[DECIMAL_TEXT_MAX])
{
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char room[DECIMAL_TEXT_MAX] = {0}, *end = room + sizeof(room), *at;
	unsigned places = exponent;
	char *to = out;
	size_t whole;

	assert(exponent <= 18 && min_decimals <= exponent);
	for (; places > min_decimals && rest % 10 == 0; places--)
		rest /= 10;
	at = digits_before(end, rest, places + 1);
	whole = (size_t)(end - at) - places;
	if (value < 0)
		*to++ = '-';
	for (; whole > 0; whole--)
		*to++ = *at++;
	if (places)
		*to++ = '.';
	for (; places > 0; places--)
		*to++ = *at++;
	*to = '\0';
	return (size_t)(to - out);
}
