/*
 * Refusals: stable codes for programs, a sentence for people, and what a POS application needs to go on.
 */
#include "lane_parts.h"

#include <string.h>

#include "civil.h"
#include "format.h"

#define DAY_S 86400

static const char *const codes[] = {
	[REFUSED_NOT] = "ok",
	[REFUSED_UNKNOWN_CODE] = "unknown_code",
	[REFUSED_MALFORMED_CODE] = "malformed_code",
	[REFUSED_AMBIGUOUS_CODE] = "ambiguous_code",
	[REFUSED_NO_PRICE] = "no_price",
	[REFUSED_NO_CATALOG] = "no_catalog",
	[REFUSED_NO_CART] = "no_cart",
	[REFUSED_EMPTY_CART] = "empty_cart",
	[REFUSED_UNKNOWN_LINE] = "unknown_line",
	[REFUSED_BAD_QUANTITY] = "bad_quantity",
	[REFUSED_CART_FULL] = "cart_full",
	[REFUSED_LANE_BUSY] = "lane_busy",
	[REFUSED_UNKNOWN_CUSTOMER] = "unknown_customer",
	[REFUSED_UNKNOWN_COUPON] = "unknown_coupon",
	[REFUSED_COUPON_EXPIRED] = "coupon_expired",
	[REFUSED_COUPON_USED] = "coupon_used",
	[REFUSED_COUPON_RESERVED] = "coupon_reserved",
	[REFUSED_COUPON_UNUSED] = "coupon_unused",
	[REFUSED_UNKNOWN_CART] = "unknown_cart",
	[REFUSED_TOO_MANY_CARTS] = "too_many_carts",
	[REFUSED_TENDER_SHORT] = "tender_short",
	[REFUSED_TENDER_INVALID] = "tender_invalid",
	[REFUSED_LEDGER] = "ledger",
	[REFUSED_OVERFLOW] = "overflow",
	[REFUSED_NOT_ALLOWED] = "not_allowed",
	[REFUSED_UNKNOWN_OVERRIDE] = "unknown_override",
	[REFUSED_BAD_OVERRIDE] = "bad_override",
	[REFUSED_DECIDED] = "decided",
	[REFUSED_EXPIRED] = "expired",
	[REFUSED_UNKNOWN_ORDER] = "unknown_order",
	[REFUSED_NOT_RETURNABLE] = "not_returnable",
	[REFUSED_RETURN_INVALID] = "return_invalid",
};

const char *refusal_code(enum refusal r)
{
	return codes[r];
}

bool refuse(struct answer *a, enum refusal r, const char *fmt, ...)
{
	struct why made; /* apart: the arguments may point into a->why */
	va_list args;

	va_start(args, fmt);
	format_words(made.text, sizeof(made.text), fmt, args);
	va_end(args);
	a->refusal = r;
	memcpy(a->why.text, made.text, strlen(made.text) + 1);
	return false;
}

bool refuse_memory(struct answer *a)
{
	return refuse(a, REFUSED_CART_FULL, "the box is out of memory: end other work on it and try again");
}

bool refuse_no_catalog(struct answer *a)
{
	return refuse(a, REFUSED_NO_CATALOG, "the box has no catalog yet: import a price book");
}

static bool refuse_expired(struct answer *a, const char *sku, const struct engine_line *line)
{
	char day[CIVIL_TEXT_MAX];

	civil_format((int64_t)line->expires * DAY_S, false, day);
	return refuse(a, REFUSED_EXPIRED, "this unit of %s was to be sold until %.10s: take it off the shelf",
		      sku, day);
}

bool refuse_evaluation(struct answer *a, enum err e, const struct catalog *c, const struct engine_line *line)
{
	const char *sku = line ? catalog_sku(c, line->item) : "the cart";

	if (e == ERR_NOT_FOUND)
		return refuse(a, REFUSED_NO_PRICE,
			      "%s has no price in any price list that holds here and now", sku);
	if (e == ERR_STATE && line)
		return refuse_expired(a, sku, line);
	if (e == ERR_INVALID)
		return refuse(a, REFUSED_BAD_QUANTITY, "%s: quantity or price is out of its range", sku);
	if (e == ERR_LIMIT)
		return refuse(a, REFUSED_CART_FULL, "the cart is full: tender it and begin another");
	return refuse(a, REFUSED_OVERFLOW, "the total is more than an amount can hold");
}

void answer_json(const struct shop *s, const struct answer *a, struct jsonw *w)
{
	const struct catalog *c = a->catalog ? a->catalog : shop_catalog(s);

	jsonw_object(w, "error");
	jsonw_text(w, "code", refusal_code(a->refusal));
	jsonw_text(w, "text", a->why.text);
	if (a->refusal == REFUSED_TENDER_SHORT && c)
		jsonw_decimal(w, "due", a->due.minor, c->settings.exponent, c->settings.exponent);
	if (a->candidate_count && c) {
		jsonw_array(w, "candidates");
		for (uint32_t i = 0; i < a->candidate_count; i++) {
			jsonw_object(w, NULL);
			jsonw_text(w, "sku", catalog_sku(c, a->candidates[i]));
			jsonw_text(w, "name", catalog_name(c, a->candidates[i]));
			jsonw_close(w);
		}
		jsonw_close(w);
	}
	jsonw_close(w);
}
