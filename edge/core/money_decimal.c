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

/* As many digits as UINT64_MAX has. */
static const uint64_t tens[] = {
	1ULL,
	10ULL,
	100ULL,
	1000ULL,
	10000ULL,
	100000ULL,
	1000000ULL,
	10000000ULL,
	100000000ULL,
	1000000000ULL,
	10000000000ULL,
	100000000000ULL,
	1000000000000ULL,
	10000000000000ULL,
	100000000000000ULL,
	1000000000000000ULL,
	10000000000000000ULL,
	100000000000000000ULL,
	1000000000000000000ULL,
	10000000000000000000ULL,
};

/* 1233 / 4096 is a little above log10(2): the guess is right, or one too high. */
static unsigned count_digits(uint64_t number)
{
	unsigned bits = 64 - (unsigned)__builtin_clzll(number | 1), guess = bits * 1233 >> 12;

	return guess + (number >= tens[guess] || guess == 0);
}

/* The last n digits of a number; returns those before them. */
static uint64_t put_digits(char *to, unsigned n, uint64_t number)
{
	for (; n >= 2; number /= 100) {
		n -= 2;
		memcpy(to + n, pairs + number % 100 * 2, 2);
	}
	if (n == 0)
		return number;
	*to = (char)('0' + number % 10);
	return number / 10;
}

/* Digits that say nothing: quantities are mostly whole, so six zeros at once. */
static unsigned drop_zeros(uint64_t *number, unsigned places, unsigned least)
{
	if (places >= least + 6 && *number % 1000000 == 0) {
		*number /= 1000000;
		places -= 6;
	}
	for (; places > least && *number % 10 == 0; places--)
		*number /= 10;
	return places;
}

#define CENTS_BELOW 1000000 /* up to 9999.99 */

/* What most amounts are: two decimals, up to four digits before them. */
static size_t put_cents(size_t value, char *out)
{
	size_t whole = value / 100;
	char *to = out;

	if (whole >= 1000) {
		memcpy(to, pairs + whole / 100 * 2, 2);
		to += 2;
	} else if (whole >= 100) {
		*to++ = (char)('0' + whole / 100);
	}
	if (whole >= 10) {
		memcpy(to, pairs + whole % 100 * 2, 2);
		to += 2;
	} else {
		*to++ = (char)('0' + whole);
	}
	*to = '.';
	memcpy(to + 1, pairs + value % 100 * 2, 2);
	to[3] = '\0';
	return (size_t)(to + 3 - out);
}

size_t decimal_format(int64_t value, unsigned exponent, unsigned min_decimals, char out[DECIMAL_TEXT_MAX])
{
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	unsigned places, whole;
	char *to = out;

	assert(exponent <= 18 && min_decimals <= exponent);
	if (exponent == 2 && min_decimals == 2 && value >= 0 && value < CENTS_BELOW)
		return put_cents((size_t)value, out);
	places = drop_zeros(&rest, exponent, min_decimals);
	whole = count_digits(rest);
	whole = whole > places ? whole - places : 1;
	if (value < 0)
		*to++ = '-';
	if (places) {
		rest = put_digits(to + whole + 1, places, rest);
		to[whole] = '.';
	}
	put_digits(to, whole, rest);
	to += whole + (places ? 1 + places : 0);
	*to = '\0';
	return (size_t)(to - out);
}
