/*
 * Prices that came to be others, as a table of fields. See event_price.h.
 */
#include "event_price.h"

#include "fields.h"

static const struct field price_fields[] = {
	FIELD(1, event_price, name, ID, .required = true, .text = "what it is, as docs/events.md names it"),
	FIELD(2, event_price, currency, FIELD_OF(TEXT, 3, 3), .required = true,
	      .text = "ISO 4217 code that its money is of"),
	FIELD(3, event_price, sku, ID, .required = true, .text = "article"),
	FIELD(4, event_price, before, .kind = FIELD_MONEY, .required = true,
	      .text = "of one unit, without the rule"),
	FIELD(5, event_price, after, .kind = FIELD_MONEY, .required = true, .text = "with it"),
	FIELD(6, event_price, rule, ID, .required = true, .text = "pricing rule"),
	FIELD(7, event_price, rule_kind, ID, .required = true, .text = "its kind: age or expiry"),
	FIELD(8, event_price, why, FIELD_OF(TEXT, 1, 600), .required = true, .text = "the rule's reason"),
	FIELD(9, event_price, order, ID, .required = true,
	      .text = "the sale in which it was seen first that day"),
};
const struct schema event_price_schema =
	SCHEMA("price", event_price, price_fields, "A price came to be another by itself.");

enum err event_price_decode(struct bytes body, struct arena *a, struct event_price *out, struct why *why)
{
	struct cborr r = cborr_over(body.at, body.length);
	enum err e = record_from_cbor(&event_price_schema, &r, a, out, why);

	if (!e && r.at != r.end)
		return fail(why, ERR_INVALID, "price: bytes behind its end");
	return e;
}
