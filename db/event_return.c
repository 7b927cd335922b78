/*
 * Returns as tables of fields. See event_return.h; docs/storage.md lists the keys.
 */
#include "event_return.h"

#include "fields.h"

#define OR(by_default) .has_default = true, .absent = (by_default)
#define INDEX	       FIELD_OF(INT, 0, INT32_MAX)
#define COUNTER	       FIELD_OF(INT, 0, INT64_MAX)

static const struct field line_fields[] = {
	FIELD(1, return_line, line, INDEX, OR(0), .text = "index into the sale's lines"),
	FIELD(2, return_line, quantity, .kind = FIELD_QTY, OR(0), .text = "units that came back"),
	FIELD(3, return_line, net, .kind = FIELD_MONEY, OR(0), .text = "of what is kept of it"),
	FIELD(4, return_line, sku, ID, .text = "article of the sale's line"),
	FIELD(5, return_line, back, .kind = FIELD_MONEY, OR(0),
	      .text = "net before, less net; below 0 where what is kept became dearer"),
};
static const struct schema line_schema =
	SCHEMA("return_line", return_line, line_fields, "A line of the sale that changed.");

static const struct field promotion_fields[] = {
	FIELD(1, return_promotion, id, ID, .required = true, .text = "promotion of the sale"),
	FIELD(2, return_promotion, amount, .kind = FIELD_MONEY, OR(0), .text = "it no longer gives"),
	FIELD(3, return_promotion, uses, COUNTER, OR(0), .text = "uses that are free again"),
	FIELD(4, return_promotion, times, COUNTER, OR(0), .text = "groups it no longer rewards"),
	FIELD(5, return_promotion, coupon, FIELD_OF(TEXT, 0, 64), .text = "code that is free again"),
	FIELD(6, return_promotion, counted, .kind = FIELD_BOOL, OR(0),
	      .text = "true: the use counted for the customer"),
};
static const struct schema promotion_schema = SCHEMA("return_promotion", return_promotion, promotion_fields,
						     "What a promotion of the sale gets back.");

static const struct field reward_fields[] = {
	FIELD(1, return_reward, promotion, ID, .required = true, .text = "promotion of the sale"),
	FIELD(2, return_reward, kind, FIELD_OF(TEXT, 1, 32), .required = true,
	      .text = "shipping, gift, points, cashback or credit"),
	FIELD(3, return_reward, amount, .kind = FIELD_MONEY, OR(0), .text = "taken back"),
	FIELD(4, return_reward, count, COUNTER, OR(0), .text = "points or pieces of the gift taken back"),
	FIELD(5, return_reward, sku, ID, .text = "the gift"),
	FIELD(6, return_reward, kept, .kind = FIELD_BOOL, OR(0),
	      .text = "true: the gift was not handed back"),
};
static const struct schema reward_schema =
	SCHEMA("return_reward", return_reward, reward_fields, "A reward that is taken back.");

static const struct field tender_fields[] = {
	FIELD(1, sale_tender, method, FIELD_OF(TEXT, 1, 32), .required = true, .text = "cash, card ..."),
	FIELD(2, sale_tender, amount, .kind = FIELD_MONEY, .required = true, .text = "paid out"),
};
static const struct schema tender_schema =
	SCHEMA("return_tender", sale_tender, tender_fields, "How a refund is paid out.");

static const struct field return_fields[] = {
	FIELD(1, event_return, id, FIELD_OF(TEXT, 1, 128), .required = true,
	      .text = "of the return; unique among those of its kind"),
	FIELD(2, event_return, order, FIELD_OF(TEXT, 1, 128), .required = true, .text = "the sale it is of"),
	FIELD(3, event_return, number, FIELD_OF(INT, 1, INT32_MAX), OR(1),
	      .text = "among the returns of the order"),
	FIELD(4, event_return, lane, ID, .required = true, .text = "where the goods came back"),
	FIELD(5, event_return, cashier, FIELD_OF(TEXT, 0, 64), .text = "who took them"),
	FIELD(6, event_return, reason, FIELD_OF(TEXT, 1, 256), .text = "why, for the record"),
	FIELD(7, event_return, currency, FIELD_OF(TEXT, 3, 3), .required = true,
	      .text = "ISO 4217 code of all amounts"),
	FIELD(8, event_return, lines, .kind = FIELD_LIST, .of = &line_schema,
	      .text = "lines of the sale that changed"),
	FIELD(9, event_return, refund, .kind = FIELD_MONEY, OR(0), .text = "handed back"),
	FIELD(10, event_return, tax, .kind = FIELD_MONEY, OR(0), .text = "contained in it"),
	FIELD(11, event_return, left, .kind = FIELD_MONEY, OR(0), .text = "paid and not refunded by now"),
	FIELD(12, event_return, price, .kind = FIELD_MONEY, .text = "of what is kept; absent: what is left"),
	FIELD(13, event_return, promotions, .kind = FIELD_LIST, .of = &promotion_schema,
	      .text = "what promotions get back"),
	FIELD(14, event_return, rewards, .kind = FIELD_LIST, .of = &reward_schema,
	      .text = "rewards that are taken back"),
	FIELD(15, event_return, tenders, .kind = FIELD_LIST, .of = &tender_schema,
	      .text = "how the refund was paid out"),
	FIELD(16, event_return, result, FIELD_OF(BYTES, DIGEST_SIZE, DIGEST_SIZE),
	      .text = "SHA-256 of the evaluation of what is kept; absent: nothing is"),
	FIELD(17, event_return, exchange, FIELD_OF(TEXT, 1, 128),
	      .text = "order that was paid with it at the same time"),
	FIELD(18, event_return, customer, FIELD_OF(TEXT, 0, 128), .text = "of the sale"),
	FIELD(19, event_return, whole, .kind = FIELD_BOOL, OR(0),
	      .text = "true: nothing of the order is kept"),
	FIELD(20, event_return, credit_to, FIELD_OF(INT, INT32_MIN, INT32_MAX), OR(0),
	      .text = "last day of the month whose basket credit comes back: days since 1970; 0: none does"),
	FIELD(21, event_return, store, FIELD_OF(TEXT, 0, 64), .text = "of the sale"),
};
const struct schema event_return_schema =
	SCHEMA("return", event_return, return_fields, "Goods of a sale came back.");
const struct schema event_void_schema =
	SCHEMA("void", event_return, return_fields, "A sale was cancelled as a whole.");

enum err event_return_decode(struct bytes body, struct arena *a, struct event_return *out, struct why *why)
{
	struct cborr r = cborr_over(body.at, body.length);
	enum err e = record_from_cbor(&event_return_schema, &r, a, out, why);

	if (e)
		return e;
	if (r.at != r.end)
		return fail(why, ERR_INVALID, "bytes behind the return's end");
	if (out->price.minor == AMOUNT_NONE)
		out->price = out->left;
	return ERR_OK;
}
