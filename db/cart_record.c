/*
 * A kept cart as a table of fields. See cart_store.h; docs/storage.md lists the keys.
 */
#include "cart_store.h"

#include "digest.h"
#include "fields.h"

#define OR(by_default) .has_default = true, .absent = (by_default)
#define SECONDS	       FIELD_OF(INT, -62135596800, 253402300799) /* years 1 to 9999 */

static const struct field line_fields[] = {
	FIELD(1, kept_line, sku, ID, .required = true, .text = "article"),
	FIELD(2, kept_line, quantity, .kind = FIELD_QTY, OR(1000000), .text = "units, default 1"),
	FIELD(3, kept_line, given, .kind = FIELD_MONEY, .text = "price on the article's own label"),
	FIELD(4, kept_line, locked, .kind = FIELD_MONEY,
	      .text = "price shown before, which the unit price is not above"),
	FIELD(5, kept_line, expires, FIELD_OF(INT, INT32_MIN, INT32_MAX), OR(0),
	      .text = "last day it may be sold: days since 1970; 0: its code does not say"),
};
static const struct schema line_schema = SCHEMA("line", kept_line, line_fields, "A line of the cart.");

static const struct field coupon_fields[] = {
	FIELD(1, kept_coupon, code, FIELD_OF(TEXT, 1, RECORD_TEXT_MAX), .required = true,
	      .text = "as scanned"),
	FIELD(2, kept_coupon, promotion, ID, .required = true, .text = "that it unlocks"),
	FIELD(3, kept_coupon, uses, FIELD_OF(INT, 0, INT64_MAX), OR(0),
	      .text = "orders it is good for; 0: any number"),
	FIELD(4, kept_coupon, token, FIELD_OF(TEXT, 1, 64), .text = "that it was reserved with"),
};
static const struct schema coupon_schema = SCHEMA("coupon", kept_coupon, coupon_fields, "A coupon accepted.");

static const struct field body_fields[] = {
	FIELD(1, kept_body, number, FIELD_OF(INT, 1, INT64_MAX), .required = true,
	      .text = "in the table of bodies"),
};
static const struct schema body_schema =
	SCHEMA("body_reference", kept_body, body_fields, "A record that its prices are made of.");

static const struct field cart_fields[] = {
	FIELD(1, kept_cart, id, ID, .required = true, .text = "of the cart"),
	FIELD(2, kept_cart, lane, ID, .required = true, .text = "where it is, or was put aside"),
	FIELD(3, kept_cart, opened_s, SECONDS, .required = true,
	      .text = "seconds since 1970: the moment that its prices are of"),
	FIELD(4, kept_cart, utc_offset_s, FIELD_OF(INT, -86400, 86400), OR(0),
	      .text = "seconds east of UTC at that moment"),
	FIELD(5, kept_cart, suspended_s, SECONDS, OR(0), .text = "when it was put aside; 0: it is open"),
	FIELD(6, kept_cart, catalog, FIELD_OF(INT, 0, INT64_MAX), .required = true,
	      .text = "version it is priced with"),
	FIELD(7, kept_cart, store, FIELD_OF(TEXT, 0, 64), .required = true, .text = "the store"),
	FIELD(8, kept_cart, channel, FIELD_OF(TEXT, 0, 64), .required = true, .text = "how it is sold"),
	FIELD(9, kept_cart, customer, FIELD_OF(TEXT, 0, 128), .text = "id of the customer, if known"),
	FIELD(10, kept_cart, customer_name, FIELD_OF(TEXT, 0, RECORD_TEXT_MAX), .text = "name to be shown"),
	FIELD(11, kept_cart, segments, .kind = FIELD_LIST, .text = "the customer's segments"),
	FIELD(12, kept_cart, coupons, FIELD_OF(LIST, 0, ENGINE_COUPONS_MAX), .of = &coupon_schema,
	      .text = "accepted"),
	FIELD(13, kept_cart, lines, FIELD_OF(LIST, 0, ENGINE_LINES_MAX), .of = &line_schema,
	      .text = "what is in it"),
	FIELD(14, kept_cart, result, FIELD_OF(BYTES, DIGEST_SIZE, DIGEST_SIZE), .required = true,
	      .text = "SHA-256 of the evaluation"),
	FIELD(15, kept_cart, bodies, .kind = FIELD_LIST, .of = &body_schema, .text = "extract"),
	FIELD(16, kept_cart, plan, FIELD_OF(TEXT, 1, RECORD_TEXT_MAX), .text = "the customer's subscription"),
	FIELD(17, kept_cart, counters, .kind = FIELD_LIST, .of = &sale_counter_schema,
	      .text = "what was left of limits, of the promotions that were judged"),
	FIELD(18, kept_cart, order_number, FIELD_OF(INT, 0, INT64_MAX), OR(0),
	      .text = "number of the order among the customer's; 0: not known"),
	FIELD(19, kept_cart, credit, FIELD_OF(MONEY, 0, INT64_MAX), OR(0),
	      .text = "basket credit that the customer's plan brought this month"),
	FIELD(20, kept_cart, credit_to, FIELD_OF(INT, INT32_MIN, INT32_MAX), OR(0),
	      .text = "last day of that month: days since 1970; 0: there is none"),
	FIELD(21, kept_cart, clock_uncertain, FIELD_OF(INT, 0, 1), OR(0),
	      .text = "1: nobody vouched for opened_s"),
};
const struct schema kept_cart_schema =
	SCHEMA("kept_cart", kept_cart, cart_fields, "A cart that is open or put aside.");
