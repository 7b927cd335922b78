/*
 * Tables of the events about limits. See event_limit.h.
 */
#include "event_limit.h"

#include "event.h"
#include "fields.h"
#include "uses.h"

const char *const coupon_actions[] = {"reserve", "release", "return", "expire", NULL};

static const struct field coupon_fields[] = {
	FIELD(1, event_coupon, code, FIELD_OF(TEXT, 1, 64), .required = true, .text = "the code"),
	FIELD(2, event_coupon, action, .kind = FIELD_ENUM, .names = coupon_actions, .required = true,
	      .text = "what happened to it"),
	FIELD(3, event_coupon, token, FIELD_OF(TEXT, 1, 64), .text = "of who reserved it"),
	FIELD(4, event_coupon, until_ms, FIELD_OF(INT, 0, INT64_MAX), .has_default = true, .absent = 0,
	      .text = "milliseconds since 1970: so long the reservation holds"),
	FIELD(5, event_coupon, by, FIELD_OF(TEXT, 1, 64), .text = "who did it"),
};
const struct schema event_coupon_schema =
	SCHEMA("coupon", event_coupon, coupon_fields, "A coupon was reserved, released, returned or ended.");

static const struct field grant_fields[] = {
	FIELD(1, event_grant, promotion, ID, .required = true, .text = "promotion"),
	FIELD(2, event_grant, incarnation, FIELD_OF(INT, 1, INT64_MAX), .has_default = true, .absent = 1,
	      .text = "of the box, as who grants counts them"),
	FIELD(3, event_grant, number, FIELD_OF(INT, 1, INT64_MAX), .required = true,
	      .text = "of the promotion's grants, from 1, no gaps"),
	FIELD(4, event_grant, uses, FIELD_OF(INT, -INT64_MAX, INT64_MAX), .has_default = true, .absent = 0,
	      .text = "orders more that it may be applied to; below 0: fewer"),
	FIELD(5, event_grant, amount, .kind = FIELD_MONEY, .has_default = true, .absent = 0,
	      .text = "budget more that it may give; below 0: less"),
	FIELD(6, event_grant, currency, FIELD_OF(TEXT, 3, 3), .required = true,
	      .text = "ISO 4217 code of the amount"),
	FIELD(7, event_grant, own, .kind = FIELD_BOOL, .has_default = true, .absent = 0,
	      .text = "the box granted it to itself: there is no headquarters"),
};
const struct schema event_grant_schema =
	SCHEMA("grant", event_grant, grant_fields, "Uses or budget that this box may spend.");

static const struct field back_fields[] = {
	FIELD(1, use_back, promotion, ID, .required = true, .text = "promotion"),
	FIELD(2, use_back, uses, FIELD_OF(INT, 0, 1), .has_default = true, .absent = 0,
	      .text = "1: the order's use is free again"),
	FIELD(3, use_back, amount, .kind = FIELD_MONEY, .has_default = true, .absent = 0,
	      .text = "that its budget gets back"),
	FIELD(4, use_back, coupon, FIELD_OF(TEXT, 0, 64), .text = "code that unlocked it"),
	FIELD(5, use_back, counted, FIELD_OF(INT, 0, 1), .has_default = true, .absent = 0,
	      .text = "1: it counted for the customer"),
};
const struct schema use_back_schema =
	SCHEMA("use_back", use_back, back_fields, "What of a promotion's use flows back.");
