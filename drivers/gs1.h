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

#define GS1_TEXT_MAX	  512 /* longest scanned text that is looked at */
#define GS1_LOT_MAX	  20  /* AI 10, section 3.4.1 */
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
 * "22IIIIIPPPPPC" reads 2212345002993 as article 12345 at 2.99. Length 8, 12 or 13; the first place is a
 * digit, each letter stands in one run, and one of P, W and N at most. The article stands in the book under
 * the GTIN that has zeros in the places of P, W, N and V and its own right check digit. That number itself
 * (zeros for price or weight) is the article without a price or weight of its own. A number whose article
 * is all zeros is no template's.
 */
struct gs1_template {
	char name[32];
	char pattern[14];
	uint8_t length;
};

/* Compiles a pattern; why names the place and the fix. */
enum err gs1_template_parse(const char *name, const char *pattern, struct gs1_template *out,
			    struct why *why) MUST_CHECK;

/* No two templates may match the same number: ERR_AMBIGUOUS names both. */
enum err gs1_templates_check(const struct gs1_template *t, size_t n, struct why *why) MUST_CHECK;

/* What gs1_scan.quantity counts. */
enum gs1_unit {
	GS1_UNIT_ARTICLE, /* whatever unit the article is sold by: template W */
	GS1_UNIT_PIECE,	  /* template N, AI 30 */
	GS1_UNIT_KG,	  /* AI 310n */
	GS1_UNIT_LB,	  /* AI 320n */
};

/* gs1_scan.price_decimals of a price that is in minor units of the book's currency already. */
#define GS1_DECIMALS_BOOK 255

enum gs1_kind {
	GS1_GTIN, /* gtin[] is set */
	GS1_TEXT, /* well-formed, but no GTIN in any reading: a coupon or a customer card; text is set */
};

struct gs1_scan {
	enum gs1_kind kind;
	/*
	 * What it may be, as GTIN-14 in an integer. Two when eight digits without an AIM identifier are both
	 * a GTIN-8 and a UPC-E, or seven under ]E0 are a UPC-E in two ways: the catalog knows which of them
	 * it sells, and if both, the scan is ambiguous.
	 */
	uint64_t gtin[2];
	uint8_t gtins;
	const char *template;	/* name of the template that matched, or NULL; points into the templates */
	struct money price;	/* of the piece scanned, by template P or AI 392n, or MONEY_NONE; read it with
				   gs1_price */
	uint8_t price_decimals; /* decimals that price has: n of AI 392n, or GS1_DECIMALS_BOOK */
	struct qty quantity;	/* in unit; micro AMOUNT_NONE if the code does not say */
	enum gs1_unit unit;
	char lot[GS1_LOT_MAX + 1]; /* AI 10, or "" */
	/*
	 * AI 17, else AI 15, as yyyymmdd, or 0. Day 00 is the month's last. Years 00 to 50 are 2000 to 2050,
	 * 51 to 99 are 1951 to 1999: section 7.12 counts from the current year, which a parser does not know.
	 */
	int32_t expiry;
	char symbology[4];	     /* AIM identifier such as "]E0", or "" */
	char text[GS1_TEXT_MAX + 1]; /* without the AIM identifier */
};

/*
 * The price in a scan in minor units of a currency with so many decimals: AI 3921 "125" is 1250 of two.
 * ERR_NOT_FOUND if the scan has none; ERR_INVALID if it is finer than the currency; ERR_RANGE.
 */
enum err gs1_price(const struct gs1_scan *scan, unsigned exponent, struct money *out) MUST_CHECK;

/*
 * Reads one scanned text of n bytes. ERR_INVALID for what cannot be a code: empty, over-long, control
 * characters (but GS, 0x1d), bytes beyond ASCII, a wrong check digit, a length no GTIN has. why says which,
 * with the text made printable.
 *
 * Digits of a GTIN's length must have a GTIN's check digit when they come without an AIM identifier, or
 * with that of EAN/UPC or ITF; from other symbologies (a Code 128 customer card) they are text if not.
 * UPC-E without its check digit is taken under ]E0 alone, where the symbology vouches for it.
 */
enum err gs1_parse(const char *text, size_t n, const struct gs1_template *templates, size_t template_count,
		   struct gs1_scan *out, struct why *why) MUST_CHECK;

/* The check digit (0 to 9) of n digits to its left, section 7.9.1. */
int gs1_check_digit(const char *digits, size_t n);

/* GTIN-8, 12, 13 or 14 in digits, check digit right, to a GTIN-14 as an integer. */
enum err gs1_gtin_parse(const char *digits, size_t n, uint64_t *gtin, struct why *why) MUST_CHECK;

#endif
