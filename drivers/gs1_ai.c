/*
 * Element strings: the chain of application identifiers (AIs) and values in GS1-128, DataBar, GS1
 * DataMatrix and GS1 QR Code (General Specifications sections 3 and 7.8).
 *
 *	01 04012345123456 17 261130 10 AB12 <GS> 3103 000750
 *	GTIN              use by    lot, until GS  750 g
 *
 * The table of AIs gives their lengths. An identifier that the table does not have is passed over up to the
 * next GS: the list of those that end without one is closed (figure 7.8.5-2).
 */
#include <string.h>

#include "gs1_parts.h"

#define VALUE_MAX 90 /* the longest value any AI has */

/* What has been read, before it is known to be all right. */
struct elements {
	const char *text;
	size_t n;
	struct why *why;
	uint64_t gtin;
	int32_t best_before, use_by;
	int64_t pieces, kg_micro, lb_micro;
	struct money price;
	uint8_t price_decimals;
	char lot[GS1_LOT_MAX + 1];
};

struct value {
	unsigned ai;
	const char *at;
	size_t n;
};

typedef enum err take_fn(struct elements *e, const struct value *v);

static enum err take_gtin(struct elements *e, const struct value *v)
{
	uint64_t gtin;

	if (gs1_gtin_parse(v->at, v->n, &gtin, NULL))
		return gs1_refuse(e->why, e->text, e->n, "AI %02u: wrong check digit, or all zeros", v->ai);
	if (e->gtin && e->gtin != gtin)
		return gs1_refuse(e->why, e->text, e->n, "two GTINs in one code");
	e->gtin = gtin;
	return ERR_OK;
}

static enum err take_lot(struct elements *e, const struct value *v)
{
	memcpy(e->lot, v->at, v->n);
	e->lot[v->n] = '\0';
	return ERR_OK;
}

static int32_t days_in(int32_t year, int32_t month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	/* 1951 to 2050: every fourth year is a leap year, 2000 too. */
	return month == 2 && year % 4 == 0 ? 29 : days[month - 1];
}

/* yymmdd to yyyymmdd; see gs1.h for the century. */
static bool read_date(const char *at, int32_t *date)
{
	int32_t yy = (int32_t)gs1_number(at, 2), month = (int32_t)gs1_number(at + 2, 2);
	int32_t day = (int32_t)gs1_number(at + 4, 2);
	int32_t year = yy <= 50 ? 2000 + yy : 1900 + yy;

	if (month < 1 || month > 12 || day > days_in(year, month))
		return false;
	if (day == 0)
		day = days_in(year, month);
	*date = year * 10000 + month * 100 + day;
	return true;
}

static enum err take_date(struct elements *e, const struct value *v)
{
	if (read_date(v->at, v->ai == 17 ? &e->use_by : &e->best_before))
		return ERR_OK;
	return gs1_refuse(e->why, e->text, e->n, "AI %02u: %.6s is no date (yymmdd)", v->ai, v->at);
}

static enum err take_pieces(struct elements *e, const struct value *v)
{
	e->pieces = (int64_t)gs1_number(v->at, v->n);
	return ERR_OK;
}

/* 310n, 320n: six digits with n decimals. n is 5 at most by the table, so the product is below 10^12. */
static enum err take_weight(struct elements *e, const struct value *v)
{
	int64_t micro = (int64_t)gs1_number(v->at, v->n);

	for (unsigned decimals = v->ai % 10; decimals < QTY_EXPONENT; decimals++)
		micro *= 10;
	*(v->ai < 3200 ? &e->kg_micro : &e->lb_micro) = micro;
	return ERR_OK;
}

static enum err take_price(struct elements *e, const struct value *v)
{
	e->price.minor = (int64_t)gs1_number(v->at, v->n);
	e->price_decimals = (uint8_t)(v->ai % 10);
	return ERR_OK;
}

/*
 * The AIs by number: first to last share a row. digits is the AI's own length, min and max that of its
 * value. Values of kind '9' are digits, of kind 'X' any printable characters.
 */
static const struct ai {
	uint16_t first, last;
	uint8_t digits, min, max;
	char kind;
	take_fn *take;
} ais[] = {
	/* AI          len min max */
	{0, 0, 2, 18, 18, '9', NULL},		 /* SSCC */
	{1, 2, 2, 14, 14, '9', take_gtin},	 /* GTIN; GTIN contained */
	{3, 3, 2, 14, 14, '9', NULL},		 /* made to order */
	{10, 10, 2, 1, 20, 'X', take_lot},	 /* batch or lot */
	{11, 13, 2, 6, 6, '9', NULL},		 /* produced, due, packed */
	{15, 15, 2, 6, 6, '9', take_date},	 /* best before */
	{16, 16, 2, 6, 6, '9', NULL},		 /* sell by */
	{17, 17, 2, 6, 6, '9', take_date},	 /* use by */
	{20, 20, 2, 2, 2, '9', NULL},		 /* variant */
	{21, 22, 2, 1, 20, 'X', NULL},		 /* serial, consumer variant */
	{30, 30, 2, 1, 8, '9', take_pieces},	 /* count of pieces */
	{37, 37, 2, 1, 8, '9', NULL},		 /* count of contained items */
	{90, 90, 2, 1, 30, 'X', NULL},		 /* agreed between partners */
	{91, 99, 2, 1, 90, 'X', NULL},		 /* company's own */
	{235, 235, 3, 1, 28, 'X', NULL},	 /* third party serial */
	{240, 241, 3, 1, 30, 'X', NULL},	 /* additional and customer's number */
	{242, 242, 3, 1, 6, '9', NULL},		 /* made-to-order variation */
	{243, 243, 3, 1, 20, 'X', NULL},	 /* packaging component */
	{250, 251, 3, 1, 30, 'X', NULL},	 /* secondary serial, reference to source */
	{253, 253, 3, 13, 30, 'X', NULL},	 /* document type */
	{254, 254, 3, 1, 20, 'X', NULL},	 /* location extension */
	{255, 255, 3, 13, 25, '9', NULL},	 /* coupon number */
	{3100, 3105, 4, 6, 6, '9', take_weight}, /* net weight, kg */
	{3110, 3165, 4, 6, 6, '9', NULL},	 /* other net measures, metric */
	{3200, 3205, 4, 6, 6, '9', take_weight}, /* net weight, lb */
	{3210, 3695, 4, 6, 6, '9', NULL},	 /* other measures */
	{3900, 3909, 4, 1, 15, '9', NULL},	 /* amount payable or coupon value */
	{3910, 3919, 4, 4, 18, '9', NULL},	 /* the same with currency */
	{3920, 3929, 4, 1, 15, '9', take_price}, /* price of a variable measure article */
	{3930, 3939, 4, 4, 18, '9', NULL},	 /* the same with currency */
	{3940, 3943, 4, 4, 4, '9', NULL},	 /* percentage off, coupon */
	{3950, 3955, 4, 6, 6, '9', NULL},	 /* price a unit of measure */
	{400, 401, 3, 1, 30, 'X', NULL},	 /* order, consignment */
	{402, 402, 3, 17, 17, '9', NULL},	 /* shipment */
	{403, 403, 3, 1, 30, 'X', NULL},	 /* routing */
	{410, 417, 3, 13, 13, '9', NULL},	 /* locations */
	{420, 420, 3, 1, 20, 'X', NULL},	 /* ship to post code */
	{421, 421, 3, 4, 12, 'X', NULL},	 /* the same with country */
	{422, 422, 3, 3, 3, '9', NULL},		 /* country of origin */
	{423, 423, 3, 3, 15, '9', NULL},	 /* countries of initial processing */
	{424, 424, 3, 3, 3, '9', NULL},		 /* country of processing */
	{425, 425, 3, 3, 15, '9', NULL},	 /* countries of disassembly */
	{426, 426, 3, 3, 3, '9', NULL},		 /* country of all of it */
	{427, 427, 3, 1, 3, 'X', NULL},		 /* subdivision of origin */
	{4300, 4329, 4, 1, 70, 'X', NULL},	 /* transport */
	{4330, 4333, 4, 6, 7, 'X', NULL},	 /* temperatures */
	{710, 717, 3, 1, 20, 'X', NULL},	 /* national health numbers */
	{7001, 7001, 4, 13, 13, '9', NULL},	 /* NATO stock number */
	{7002, 7002, 4, 1, 30, 'X', NULL},	 /* meat cut */
	{7003, 7003, 4, 10, 10, '9', NULL},	 /* expiry date and time */
	{7004, 7004, 4, 1, 4, '9', NULL},	 /* active potency */
	{7005, 7005, 4, 1, 12, 'X', NULL},	 /* catch area */
	{7006, 7006, 4, 6, 6, '9', NULL},	 /* first frozen */
	{7007, 7007, 4, 6, 12, '9', NULL},	 /* harvested */
	{7008, 7008, 4, 1, 3, 'X', NULL},	 /* species */
	{7009, 7009, 4, 1, 10, 'X', NULL},	 /* fishing gear */
	{7010, 7010, 4, 1, 2, 'X', NULL},	 /* production method */
	{7011, 7011, 4, 6, 10, '9', NULL},	 /* test by */
	{7020, 7022, 4, 1, 20, 'X', NULL},	 /* refurbishing lot, status, revision */
	{7023, 7023, 4, 1, 30, 'X', NULL},	 /* individual asset of an assembly */
	{7030, 7039, 4, 4, 30, 'X', NULL},	 /* processors */
	{7040, 7040, 4, 4, 4, 'X', NULL},	 /* tobacco traceability */
	{7230, 7239, 4, 3, 30, 'X', NULL},	 /* certifications */
	{7240, 7240, 4, 1, 20, 'X', NULL},	 /* protocol */
	{8001, 8001, 4, 14, 14, '9', NULL},	 /* roll products */
	{8002, 8002, 4, 1, 20, 'X', NULL},	 /* mobile telephone */
	{8003, 8003, 4, 14, 30, 'X', NULL},	 /* returnable asset */
	{8004, 8004, 4, 1, 30, 'X', NULL},	 /* individual asset */
	{8005, 8005, 4, 6, 6, '9', NULL},	 /* price a unit of measure */
	{8006, 8006, 4, 18, 18, '9', NULL},	 /* piece of a trade item */
	{8007, 8007, 4, 1, 34, 'X', NULL},	 /* IBAN */
	{8008, 8008, 4, 8, 12, '9', NULL},	 /* production date and time */
	{8009, 8009, 4, 1, 50, 'X', NULL},	 /* sensor */
	{8010, 8010, 4, 1, 30, 'X', NULL},	 /* component */
	{8011, 8011, 4, 1, 12, '9', NULL},	 /* component serial */
	{8012, 8012, 4, 1, 20, 'X', NULL},	 /* software version */
	{8013, 8013, 4, 1, 25, 'X', NULL},	 /* global model */
	{8017, 8018, 4, 18, 18, '9', NULL},	 /* service relation */
	{8019, 8019, 4, 1, 10, '9', NULL},	 /* service relation instance */
	{8020, 8020, 4, 1, 25, 'X', NULL},	 /* payment slip */
	{8026, 8026, 4, 18, 18, '9', NULL},	 /* piece of a contained trade item */
	{8110, 8110, 4, 1, 70, 'X', NULL},	 /* coupon, North America */
	{8111, 8111, 4, 4, 4, '9', NULL},	 /* loyalty points */
	{8112, 8112, 4, 1, 70, 'X', NULL},	 /* paperless coupon, North America */
	{8200, 8200, 4, 1, 70, 'X', NULL},	 /* extended packaging URL */
};

static const struct ai *find_ai(const char *at, size_t n, unsigned *number)
{
	for (size_t i = 0; i < sizeof(ais) / sizeof(*ais); i++) {
		const struct ai *a = &ais[i];

		if (n < a->digits || !gs1_is_digits(at, a->digits))
			continue;
		*number = (unsigned)gs1_number(at, a->digits);
		if (*number >= a->first && *number <= a->last)
			return a;
	}
	return NULL;
}

/* Figure 7.8.5-2: by the AI's first two digits, those whose length, AI included, is predefined; else 0. */
static size_t predefined_length(const char *at)
{
	unsigned two = (unsigned)gs1_number(at, 2);

	if (two == 0)
		return 20;
	if (two <= 3)
		return 16;
	if (two == 4)
		return 18;
	if (two >= 11 && two <= 19)
		return 8;
	if (two == 20)
		return 4;
	if (two >= 31 && two <= 36)
		return 10;
	return two == 41 ? 16 : 0;
}

static enum err check_value(struct elements *e, const struct ai *a, const struct value *v)
{
	if (v->n < a->min)
		return gs1_refuse(e->why, e->text, e->n, "AI %0*u: %zu characters, at least %u are due",
				  a->digits, v->ai, v->n, a->min);
	if (v->n > a->max)
		return gs1_refuse(e->why, e->text, e->n, "AI %0*u: %zu characters, at most %u are possible",
				  a->digits, v->ai, v->n, a->max);
	if (a->kind == '9' && !gs1_is_digits(v->at, v->n))
		return gs1_refuse(e->why, e->text, e->n, "AI %0*u: only digits may be in it", a->digits,
				  v->ai);
	return ERR_OK;
}

/* The element that starts at *at; moves *at behind it and the GS that may end it. */
static enum err read_element(struct elements *e, size_t *at)
{
	const char *start = e->text + *at;
	size_t left = e->n - *at, length;
	const char *gs = memchr(start, GS, left);
	struct value v;
	const struct ai *a;
	enum err err;

	if (left < 2 || !gs1_is_digits(start, 2))
		return gs1_refuse(e->why, e->text, e->n, "byte %zu: an application identifier is due here",
				  *at + 1);
	length = gs ? (size_t)(gs - start) : left;
	if (predefined_length(start) && length > predefined_length(start))
		length = predefined_length(start);
	*at += length;
	if (*at < e->n && e->text[*at] == GS)
		(*at)++;
	a = find_ai(start, length, &v.ai);
	if (!a)
		return length <= VALUE_MAX + 4
			       ? ERR_OK
			       : gs1_refuse(e->why, e->text, e->n, "AI %.2s: over-long", start);
	v.at = start + a->digits;
	v.n = length - a->digits;
	err = check_value(e, a, &v);
	if (err)
		return err;
	return a->take ? a->take(e, &v) : ERR_OK;
}

/* A weight says more of an article than a count of pieces. */
static void give_quantity(const struct elements *e, struct gs1_scan *out)
{
	if (e->kg_micro > 0) {
		out->quantity.micro = e->kg_micro;
		out->unit = GS1_UNIT_KG;
	} else if (e->lb_micro > 0) {
		out->quantity.micro = e->lb_micro;
		out->unit = GS1_UNIT_LB;
	} else if (e->pieces > 0) {
		out->quantity.micro = e->pieces * QTY_ONE.micro;
		out->unit = GS1_UNIT_PIECE;
	}
}

static void give(const struct elements *e, struct gs1_scan *out)
{
	out->kind = GS1_TEXT;
	out->expiry = e->use_by ? e->use_by : e->best_before;
	memcpy(out->lot, e->lot, sizeof(out->lot));
	give_quantity(e, out);
	if (e->price.minor != AMOUNT_NONE) {
		out->price = e->price;
		out->price_decimals = e->price_decimals;
	}
	if (e->gtin) {
		out->kind = GS1_GTIN;
		out->gtin[0] = e->gtin;
		out->gtins = 1;
	}
}

enum err gs1_elements_read(const char *text, size_t n, struct gs1_scan *out, struct why *why)
{
	struct elements e = {.text = text, .n = n, .why = why, .price = MONEY_NONE};
	size_t at = text[0] == GS; /* some scanners send the FNC1 in front as GS too */
	enum err err;

	if (at == n)
		return gs1_refuse(why, text, n, "no application identifier in it");
	while (at < n) {
		err = read_element(&e, &at);
		if (err)
			return err;
	}
	give(&e, out);
	return ERR_OK;
}
