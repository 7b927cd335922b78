/*
 * From a scanned text to what it names: AIM symbology identifiers (ISO/IEC 15424), GTINs and their check
 * digits (GS1 General Specifications section 7.9), UPC-E, element strings of the GS1 symbologies, and the
 * restricted circulation numbers that carry a price or a weight (section 2.1.11) by a shop's templates.
 *
 * A parser only: text in, struct out. Which article a number means is the catalog's to say.
 */
#ifndef TILL_GS1_H
#define TILL_GS1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "money.h"

#define GS1_TEXT_MAX 512 /* longest scanned text that is looked at */
#define GS1_LOT_MAX 20	 /* AI 10, section 3.4.1 */
#define GS1_TEMPLATES_MAX 32

/*
 * A template for numbers that a shop prints itself, one letter a digit:
 *	0-9	this very digit
 *	I	article number
 *	P	price in minor units of the book's currency
 *	W	weight in thousandths of the article's unit (grams of a kilogram)
 *	N	number of pieces
 *	V	price or weight check digit: not verified
 *	C	check digit of the whole (modulo 10), the last place
 * "22IIIIIPPPPPC" reads 2212345002994 as article 12345 at 2.99. Length 8, 12 or 13. The article stands in
 * the book under the GTIN that has zeros in the places of P, W, N and V and its own right check digit.
 */
struct gs1_template {
	char name[32];
	char pattern[14];
	uint8_t length;
};

/* Compiles a pattern; why names the place and the fix. */
enum err gs1_template_parse(const char *name, const char *pattern, struct gs1_template *out, struct why *why) MUST_CHECK;

/* No two templates may match the same number: ERR_AMBIGUOUS names both. */
enum err gs1_templates_check(const struct gs1_template *t, size_t n, struct why *why) MUST_CHECK;

enum gs1_kind {
	GS1_GTIN, /* gtin[] is set */
	GS1_TEXT, /* well-formed, but no GTIN in any reading: a coupon or a customer card; text is set */
};

struct gs1_scan {
	enum gs1_kind kind;
	/*
	 * What it may be, as GTIN-14 in an integer. Two when eight digits without an AIM identifier are both
	 * a GTIN-8 and a UPC-E: the catalog knows which of them it sells, and if both, the scan is ambiguous.
	 */
	uint64_t gtin[2];
	uint8_t gtins;
	const char *template; /* name of the template that matched, or NULL; points into the templates */
	struct money price;   /* of the piece scanned, or MONEY_NONE (template P; AI 392n without currency) */
	struct qty quantity;  /* kg by template W or AI 310n, lb by AI 320n, pieces by N or AI 30; micro AMOUNT_NONE if not said */
	char lot[GS1_LOT_MAX + 1]; /* AI 10, or "" */
	int32_t expiry;	      /* AI 17, else AI 15, as yyyymmdd, or 0 */
	char symbology[4];    /* AIM identifier such as "]E0", or "" */
	char text[GS1_TEXT_MAX + 1]; /* without the AIM identifier */
};

/*
 * Reads one scanned text of n bytes. ERR_INVALID for what cannot be a code: empty, over-long, control
 * characters (but GS, 0x1d), bytes beyond ASCII, a wrong check digit, a length no GTIN has. why says which,
 * with the text made printable.
 */
enum err gs1_parse(const char *text, size_t n, const struct gs1_template *templates, size_t template_count,
		   struct gs1_scan *out, struct why *why) MUST_CHECK;

/* The check digit (0 to 9) of n digits to its left, section 7.9.1. */
int gs1_check_digit(const char *digits, size_t n);

/* GTIN-8, 12, 13 or 14 in digits, check digit right, to a GTIN-14 as an integer. */
enum err gs1_gtin_parse(const char *digits, size_t n, uint64_t *gtin, struct why *why) MUST_CHECK;

#endif
