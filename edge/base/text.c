/*
 * Text from outside: UTF-8 by the table of RFC 3629 section 4, eight ASCII bytes at a time while it lasts.
 */
#include "text.h"

#include <stdint.h>
#include <string.h>

/* By the first byte, if that is not ASCII: how many follow, and the range of the first of those; the others
 * are 80 to BF. */
static const struct lead {
	uint8_t first, last, follow, low, high;
} leads[] = {
	{0xC2, 0xDF, 1, 0x80, 0xBF}, /* C0, C1 would be overlong */
	{0xE0, 0xE0, 2, 0xA0, 0xBF}, {0xE1, 0xEC, 2, 0x80, 0xBF},
	{0xED, 0xED, 2, 0x80, 0x9F}, /* above: surrogates */
	{0xEE, 0xEF, 2, 0x80, 0xBF}, {0xF0, 0xF0, 3, 0x90, 0xBF},
	{0xF1, 0xF3, 3, 0x80, 0xBF}, {0xF4, 0xF4, 3, 0x80, 0x8F}, /* above: beyond U+10FFFF */
};

static const struct lead *find_lead(uint8_t byte)
{
	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++)
		if (byte >= leads[i].first && byte <= leads[i].last)
			return &leads[i];
	return NULL;
}

/* The length of the character of several bytes at the front, 0 if there is none. */
static size_t character(const uint8_t *at, size_t n)
{
	const struct lead *lead = find_lead(at[0]);

	if (!lead || lead->follow >= n || at[1] < lead->low || at[1] > lead->high)
		return 0;
	for (size_t i = 2; i <= lead->follow; i++)
		if ((at[i] & 0xC0) != 0x80)
			return 0;
	return (size_t)lead->follow + 1;
}

/* Eight bytes, all 20 to 7E: with the tops clear no sum carries, so each byte tells for itself. */
static bool eight_plain(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);

	return (((word + ones) | word | ~(word + 0x60 * ones)) & tops) == 0;
}

bool text_is_plain(const char *text, size_t n)
{
	uint64_t word;

	for (; n >= sizeof(word); text += sizeof(word), n -= sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		if (!eight_plain(word))
			return false;
	}
	for (; n > 0; text++, n--)
		if (*text < 0x20 || *text > 0x7E)
			return false;
	return true;
}

/* Eight bytes, all 01 to 7F. A borrow can only come from a zero byte, so it cannot hide one. */
static bool eight_ascii(const uint8_t *at)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return ((word | (word - ones)) & tops) == 0;
}

static inline bool is_ascii(uint8_t byte)
{
	return byte >= 0x01 && byte <= 0x7F;
}

bool text_is_utf8(const char *text, size_t n)
{
	const uint8_t *at = (const uint8_t *)text;

	if (n >= 8 && n <= 16 && eight_ascii(at) && eight_ascii(at + n - 8))
		return true; /* as names are */
	while (n > 0) {
		size_t step = n >= 8 && eight_ascii(at) ? 8 : is_ascii(*at) ? 1 : character(at, n);

		if (step == 0)
			return false;
		at += step;
		n -= step;
	}
	return true;
}

/* One byte as text, returns its length: 1 or 4. */
static size_t show(uint8_t byte, char piece[4])
{
	static const char hex[] = "0123456789abcdef";

	if (byte >= 0x20 && byte < 0x7F) {
		piece[0] = (char)byte;
		return 1;
	}
	piece[0] = '\\';
	piece[1] = 'x';
	piece[2] = hex[byte >> 4];
	piece[3] = hex[byte & 15];
	return 4;
}

char *text_printable(const void *bytes, size_t n, char *out, size_t size)
{
	const uint8_t *at = bytes;
	size_t used = 0, dots = 0; /* dots: the last place where "..." would still fit */
	char piece[4];

	if (size == 0)
		return out;
	for (size_t i = 0; i < n; i++) {
		size_t length = show(at[i], piece);

		if (used + sizeof("...") <= size)
			dots = used;
		if (used + length >= size) {
			used = dots + (size < 4 ? 0 : 3);
			memcpy(out + dots, "...", used - dots);
			break;
		}
		memcpy(out + used, piece, length);
		used += length;
	}
	out[used] = '\0';
	return out;
}

bool text_is_language(const char *tag)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t n = strspn(tag, letters), digits = strcspn(tag, "0123456789");

	if (n < 2 || n > 8 || digits < n)
		return false;
	for (tag += n; *tag; tag += n + 1) {
		n = *tag == '-' ? strspn(tag + 1, letters) : 0;
		if (n < 1 || n > 8)
			return false;
	}
	return true;
}
