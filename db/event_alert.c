/*
 * Alerts as a table of fields. See event_alert.h.
 */
#include "event_alert.h"

#include "fields.h"

static const struct field alert_fields[] = {
	FIELD(1, event_alert, name, ID, .required = true, .text = "what it is, as docs/events.md names it"),
	FIELD(2, event_alert, currency, FIELD_OF(TEXT, 3, 3), .required = true,
	      .text = "ISO 4217 code that its money is of"),
	FIELD(3, event_alert, sku, ID, .required = true, .text = "article"),
	FIELD(4, event_alert, price, .kind = FIELD_MONEY, .required = true,
	      .text = "of one unit, after all that was taken off it"),
	FIELD(5, event_alert, floor_price, .kind = FIELD_MONEY, .required = true,
	      .text = "lowest legal price of one unit"),
	FIELD(6, event_alert, margin, .kind = FIELD_PERCENT, .required = true,
	      .text = "that the price leaves"),
	FIELD(7, event_alert, floor, .kind = FIELD_PERCENT, .required = true, .text = "that it should leave"),
	FIELD(8, event_alert, segment, FIELD_OF(TEXT, 1, 600), .required = true,
	      .text = "of the customer; guest if there is none"),
	FIELD(9, event_alert, promotion, ID, .text = "the last one that took something off it"),
	FIELD(10, event_alert, order, ID, .required = true, .text = "the sale in which it was seen"),
};
const struct schema event_alert_schema =
	SCHEMA("alert", event_alert, alert_fields, "Something that somebody has to look at.");

enum err event_alert_decode(struct bytes body, struct arena *a, struct event_alert *out, struct why *why)
{
	struct cborr r = cborr_over(body.at, body.length);
	enum err e = record_from_cbor(&event_alert_schema, &r, a, out, why);

	if (!e && r.at != r.end)
		return fail(why, ERR_INVALID, "alert: bytes behind its end");
	return e;
}
