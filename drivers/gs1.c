/*
 * Scanned texts: the AIM identifier in front says how to read the rest, by a table below;
 * without one the length of the digits must. Element strings are gs1_ai.c's, shop numbers gs1_template.c's,
 * check digits gs1_gtin.c's.
 */
#include "gs1.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "gs1_parts.h"

#define GTIN_DIGITS 14

/* One text on its way: what the reading functions below get. */
struct reading {
	const char *at;
	size_t n;
	const struct gs1_template *templates;
	size_t template_count;
	struct gs1_scan *out;
	struct why *why;
};

static void add_gtin(struct gs1_scan *out, uint64_t gtin)
{
	if (out->gtins == 1 && out->gtin[0] == gtin)
		return;
	assert(out->gtins < 2);
	out->kind = GS1_GTIN;
	out->gtin[out->gtins++] = gtin;
}

static enum err read_text(struct reading *r)
{
	r->out->kind = GS1_TEXT;
	return ERR_OK;
}

/* n digits that must be a GTIN, or a shop's own number by a template. */
static enum err read_gtin(struct reading *r, size_t n)
{
	char filled[GTIN_DIGITS];
	uint64_t gtin = 0;
	enum err e = gs1_gtin_parse(r->at, n, &gtin, r->why);

	if (e)
		return e;
	memset(filled, '0', sizeof(filled));
	memcpy(filled + GTIN_DIGITS - n, r->at, n);
	gs1_template_apply(r->templates, r->template_count, filled, n == 8, r->out, &gtin);
	add_gtin(r->out, gtin);
	return ERR_OK;
}

/* Adds the UPC-E if its check digit, that of the expanded number, is right. */
static bool upc_e_add(struct gs1_scan *out, char number_system, const char six[6], char check)
{
	uint64_t gtin = gs1_upc_e_expand(number_system, six);

	if (gtin == 0 || gtin % 10 != (uint64_t)(check - '0'))
		return false;
	add_gtin(out, gtin);
	return true;
}

static bool is_number_system(char digit)
{
	return digit == '0' || digit == '1';
}

static bool upc_e_add_eight(struct reading *r)
{
	return is_number_system(r->at[0]) && upc_e_add(r->out, r->at[0], r->at + 1, r->at[7]);
}

/* Eight digits that nothing names: a GTIN-8, a UPC-E, or by chance of the check digits both. */
static enum err read_eight(struct reading *r)
{
	if (!gs1_check_is_right(r->at, 8) && upc_e_add_eight(r))
		return ERR_OK;
	if (read_gtin(r, 8))
		return ERR_INVALID;
	if (!r->out->template)
		upc_e_add_eight(r);
	return ERR_OK;
}

/* Seven under ]E0: number system and six digits, or six digits and check digit, or either. */
static enum err read_upc_e_seven(struct reading *r)
{
	uint64_t gtin;

	if (is_number_system(r->at[0])) {
		gtin = gs1_upc_e_expand(r->at[0], r->at + 1);
		if (gtin != 0)
			add_gtin(r->out, gtin);
	}
	upc_e_add(r->out, '0', r->at, r->at[6]);
	if (r->out->gtins == 0)
		return gs1_refuse(r->why, r->at, 7, "wrong check digit for a UPC-E of six digits");
	return ERR_OK;
}

static enum err read_upc_e_six(struct reading *r)
{
	uint64_t gtin = gs1_upc_e_expand('0', r->at);

	if (gtin == 0)
		return gs1_refuse(r->why, r->at, r->n, "all zeros are no GTIN");
	add_gtin(r->out, gtin);
	return ERR_OK;
}

/* ]E0: EAN-13, UPC-A and UPC-E, as 13 digits by the standard; scanners also send 12, 8, 7 and 6. */
static enum err read_retail(struct reading *r)
{
	if (!gs1_is_digits(r->at, r->n))
		return gs1_refuse(r->why, r->at, r->n, "EAN/UPC has digits only");
	if (r->n == 6)
		return read_upc_e_six(r);
	if (r->n == 7)
		return read_upc_e_seven(r);
	if (r->n != 8)
		return read_gtin(r, r->n);
	if (!upc_e_add_eight(r))
		return gs1_refuse(r->why, r->at, r->n,
				  "wrong check digit for a UPC-E (an EAN-8 would come as ]E4)");
	return ERR_OK;
}

/* ]E4: EAN-8. */
static enum err read_ean_8(struct reading *r)
{
	if (r->n != 8)
		return gs1_refuse(r->why, r->at, r->n, "%zu characters under ]E4; an EAN-8 has 8", r->n);
	return read_gtin(r, 8);
}

/* ]E3: the main symbol and its add-on of two or five digits, which says issue or price and names nothing. */
static enum err read_with_add_on(struct reading *r)
{
	if (!gs1_is_digits(r->at, r->n))
		return gs1_refuse(r->why, r->at, r->n, "EAN/UPC has digits only");
	if (r->n == 13 + 2 || r->n == 13 + 5)
		return read_gtin(r, 13);
	if (r->n == 12 + 2 || r->n == 12 + 5)
		return read_gtin(r, 12);
	return gs1_refuse(r->why, r->at, r->n, "%zu digits; with an add-on it has 13 or 12, and 2 or 5 more",
			  r->n);
}

/* ]E1, ]E2: the add-on alone. */
static enum err read_add_on(struct reading *r)
{
	return gs1_refuse(
		r->why, r->at, r->n,
		"the add-on of a magazine alone: set the scanner to send it with the code, or not at all");
}

/* ]I: ITF-14 misreads easily when the light crosses part of it, so fourteen digits must check. */
static enum err read_itf(struct reading *r)
{
	if (r->n == 14 && gs1_is_digits(r->at, r->n))
		return read_gtin(r, 14);
	return read_text(r);
}

static enum err read_elements(struct reading *r)
{
	return gs1_elements_read(r->at, r->n, r->out, r->why);
}

/* Any other symbology: a GTIN if it checks, else text. */
static enum err read_other(struct reading *r)
{
	if (gs1_is_digits(r->at, r->n) && gs1_is_gtin_length(r->n) && gs1_check_is_right(r->at, r->n))
		return read_gtin(r, r->n);
	return read_text(r);
}

/* Sixteen and more without an identifier: GS1 DataBar (01 and a GTIN), a magazine with add-on, or a card. */
static enum err read_long_digits(struct reading *r)
{
	static const char *const magazines[] = {"977", "978", "979"}; /* ISSN and ISBN */

	if (r->n >= 16 && memcmp(r->at, "01", 2) == 0) {
		struct gs1_scan whole = *r->out;

		if (gs1_elements_read(r->at, r->n, &whole, NULL) == ERR_OK && whole.kind == GS1_GTIN) {
			*r->out = whole;
			return ERR_OK;
		}
	}
	for (size_t i = 0; i < sizeof(magazines) / sizeof(*magazines); i++)
		if ((r->n == 15 || r->n == 18) && memcmp(r->at, magazines[i], 3) == 0 &&
		    gs1_check_is_right(r->at, 13))
			return read_gtin(r, 13);
	return read_text(r);
}

/* No AIM identifier: the text itself must show what it is. */
static enum err read_unmarked(struct reading *r)
{
	uint64_t databar;

	if (memchr(r->at, GS, r->n))
		return read_elements(r);
	if (!gs1_is_digits(r->at, r->n)) {
		/* DataBar Expanded with letters in the lot: trust it only if the GTIN in front checks. */
		if (r->n > 16 && memcmp(r->at, "01", 2) == 0 &&
		    !gs1_gtin_parse(r->at + 2, 14, &databar, NULL))
			return read_elements(r);
		return read_text(r);
	}
	if (r->n == 8)
		return read_eight(r);
	if (r->n == 7 && upc_e_add(r->out, '0', r->at, r->at[6]))
		return ERR_OK;
	if (r->n == 6 || r->n == 7)
		return gs1_refuse(
			r->why, r->at, r->n,
			"%zu digits; if it is a UPC-E, set the scanner to send number system and check digit",
			r->n);
	if (r->n > GTIN_DIGITS)
		return read_long_digits(r);
	return read_gtin(r, r->n);
}

/*
 * ISO/IEC 15424 identifiers that change the reading; '\0' stands for any modifier. Whatever is not here
 * is read_other's.
 */
static const struct symbology {
	char code, modifier;
	enum err (*read)(struct reading *r);
} symbologies[] = {
	{'E', '0', read_retail},      /* EAN-13, UPC-A, UPC-E */
	{'E', '1', read_add_on},      /* two-digit add-on */
	{'E', '2', read_add_on},      /* five-digit add-on */
	{'E', '3', read_with_add_on}, /* EAN-13 with add-on */
	{'E', '4', read_ean_8},	      /* EAN-8 */
	{'I', '\0', read_itf},	      /* Interleaved 2 of 5, ITF-14 */
	{'C', '1', read_elements},    /* GS1-128 */
	{'e', '0', read_elements},    /* GS1 DataBar */
	{'d', '2', read_elements},    /* GS1 DataMatrix */
	{'Q', '3', read_elements},    /* GS1 QR Code */
	{'J', '1', read_elements},    /* GS1 DotCode */
};

static enum err read_marked(struct reading *r)
{
	const char *id = r->out->symbology;

	for (size_t i = 0; i < sizeof(symbologies) / sizeof(*symbologies); i++) {
		const struct symbology *s = &symbologies[i];

		if (s->code == id[1] && (s->modifier == '\0' || s->modifier == id[2]))
			return s->read(r);
	}
	return read_other(r);
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* What no symbology of a shop holds, and what a damaged line makes. */
static enum err check_bytes(const char *text, size_t n, struct why *why)
{
	if (n == 0)
		return fail(why, ERR_INVALID, "empty scan");
	if (n > GS1_TEXT_MAX)
		return gs1_refuse(why, text, n, "%zu characters; at most %d are read", n, GS1_TEXT_MAX);
	for (size_t i = 0; i < n; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte > 0x7e)
			return gs1_refuse(
				why, text, n,
				"byte %zu is 0x%02x, not ASCII: check the scanner's baud rate and parity",
				i + 1, byte);
		if (byte < 0x20 && text[i] != GS)
			return gs1_refuse(
				why, text, n,
				"byte %zu is the control character 0x%02x: check the scanner's suffix", i + 1,
				byte);
	}
	return ERR_OK;
}

/* "]E0" and its like, at the front of a text. */
static enum err take_symbology(struct reading *r)
{
	if (r->at[0] != ']')
		return ERR_OK;
	if (r->n < 3 || !is_alnum(r->at[1]) || !is_alnum(r->at[2]))
		return gs1_refuse(r->why, r->at, r->n,
				  "']' is not followed by an AIM identifier such as ]E0");
	memcpy(r->out->symbology, r->at, 3);
	if (r->n == 3)
		return gs1_refuse(r->why, r->at, r->n, "an AIM identifier with nothing behind it");
	r->at += 3;
	r->n -= 3;
	return ERR_OK;
}

/* Of the text no more than its end: it is half a kilobyte, and mostly one line of it is used. */
static void scan_clear(struct gs1_scan *out)
{
	memset(out, 0, offsetof(struct gs1_scan, text) + 1);
	out->kind = GS1_TEXT;
	out->price = MONEY_NONE;
	out->price_decimals = GS1_DECIMALS_BOOK;
	out->quantity.micro = AMOUNT_NONE;
}

enum err gs1_parse(const char *text, size_t n, const struct gs1_template *templates, size_t template_count,
		   struct gs1_scan *out, struct why *why)
{
	enum err e;

	scan_clear(out);
	struct reading r = {text, n, templates, template_count, out, why};
	e = check_bytes(text, n, why);
	if (e)
		return e;
	e = take_symbology(&r);
	if (e)
		return e;
	memcpy(out->text, r.at, r.n);
	out->text[r.n] = '\0';
	return out->symbology[0] ? read_marked(&r) : read_unmarked(&r);
}
