/*
 * Ledger events as tables of fields, and the envelope's encoding. See event.h; docs/storage.md lists the
 * keys.
 *
 * Keys stay below 24 where a field is in every event: those take one byte.
 */
#include "event.h"

#include "fields.h"

#define COUNT(table)   (sizeof(table) / sizeof((table)[0]))
#define TIME_MS	       FIELD_OF(INT, INT64_MIN + 1, INT64_MAX)
#define COUNTER(from)  FIELD_OF(INT, from, INT64_MAX)
#define HASH	       FIELD_OF(BYTES, DIGEST_SIZE, DIGEST_SIZE)
#define CURRENCY       FIELD_OF(TEXT, 3, 3)
#define OR(by_default) .has_default = true, .absent = (by_default)

#define BODY_KEY 8

static const struct field envelope_fields[] = {
	FIELD(1, event_envelope, version, FIELD_OF(INT, 1, INT32_MAX), .required = true,
	      .text = "form of the event; this one is 1"),
	FIELD(2, event_envelope, box, ID, .required = true, .text = "name of the box where it happened"),
	FIELD(3, event_envelope, segment, COUNTER(1), .required = true, .text = "boot of the box, from 1"),
	FIELD(4, event_envelope, sequence, COUNTER(1), .required = true,
	      .text = "place in the segment, from 1, without gaps"),
	FIELD(5, event_envelope, kind, FIELD_OF(INT, 1, INT32_MAX), .required = true,
	      .text = "what happened: 1 start, 2 body, 3 sale, 6 coupon, 7 grant"),
	FIELD(6, event_envelope, at_ms, TIME_MS, .required = true,
	      .text = "milliseconds since 1970 by the box's clock; information, never truth"),
	FIELD(7, event_envelope, previous, HASH, .required = true,
	      .text = "hash of the event before; zeros at the very first"),
	FIELD(BODY_KEY, event_envelope, body, FIELD_OF(BYTES, 1, INT32_MAX), .required = true,
	      .text = "CBOR of what its kind says"),
	FIELD(9, event_envelope, bodies, .kind = FIELD_NUMBERS,
	      .text = "numbers of the body events of this ledger that it refers to"),
};
const struct schema event_envelope_schema =
	SCHEMA("event", event_envelope, envelope_fields, "One event of the ledger.");

static const struct field start_fields[] = {
	FIELD(1, event_start, previous_segment, COUNTER(0), OR(0),
	      .text = "segment before; 0 at the very first"),
	FIELD(2, event_start, previous_sequence, COUNTER(0), OR(0),
	      .text = "last sequence of the segment before; 0 at the very first"),
	FIELD(3, event_start, program, ID, .required = true,
	      .text = "what wrote the segment, and its version"),
	FIELD(4, event_start, restored, .kind = FIELD_BOOL, OR(0),
	      .text = "true: events that followed the previous ones are lost, cut off or newer than a "
		      "backup"),
	FIELD(5, event_start, lost_segment, COUNTER(0), OR(0),
	      .text = "segment of the newest event that is lost; 0: unknown"),
	FIELD(6, event_start, lost_sequence, COUNTER(0), OR(0), .text = "its sequence; 0: unknown"),
};
const struct schema event_start_schema =
	SCHEMA("start", event_start, start_fields, "A segment begins: the box's program was started.");

static const struct field body_fields[] = {
	FIELD(1, event_body, number, COUNTER(1), .required = true,
	      .text = "what sales call it by: from 1, without gaps"),
	FIELD(2, event_body, type, FIELD_OF(INT, 0, INT32_MAX), .required = true, .text = "record type"),
	FIELD(3, event_body, cbor, FIELD_OF(BYTES, 1, INT32_MAX), .required = true,
	      .text = "the record as the catalog had it"),
	FIELD(4, event_body, currency, CURRENCY, .required = true,
	      .text = "ISO 4217 code that its money is of"),
};
const struct schema event_body_schema =
	SCHEMA("body", event_body, body_fields, "A record that decisions refer to, the first time one does.");

static const struct field discount_fields[] = {
	FIELD(1, sale_discount, promotion, FIELD_OF(INT, 0, INT32_MAX), OR(0),
	      .text = "index into the sale's promotions"),
	FIELD(2, sale_discount, amount, .kind = FIELD_MONEY, .required = true, .text = "taken off this line"),
};
static const struct schema discount_schema =
	SCHEMA("discount", sale_discount, discount_fields, "What a promotion took off a line.");

static const struct field line_fields[] = {
	FIELD(1, sale_line, sku, ID, .required = true, .text = "article"),
	FIELD(2, sale_line, quantity, .kind = FIELD_QTY, OR(1000000), .text = "units sold, default 1"),
	FIELD(3, sale_line, given, .kind = FIELD_MONEY,
	      .text = "price on the article's own label, if it had one"),
	FIELD(4, sale_line, unit_price, .kind = FIELD_MONEY, .required = true, .text = "of one unit"),
	FIELD(5, sale_line, list, .kind = FIELD_MONEY, .text = "before discounts; absent: unit_price"),
	FIELD(6, sale_line, net, .kind = FIELD_MONEY, .text = "after discounts; absent: list"),
	FIELD(7, sale_line, tax, .kind = FIELD_MONEY, OR(0),
	      .text = "in net, or on top of it, as the book says"),
	FIELD(8, sale_line, discounts, .kind = FIELD_LIST, .of = &discount_schema, .text = "by promotion"),
	FIELD(9, sale_line, locked, .kind = FIELD_MONEY,
	      .text = "price shown before, which unit_price is not above"),
	FIELD(10, sale_line, expires, FIELD_OF(INT, INT32_MIN, INT32_MAX), OR(0),
	      .text = "last day it may be sold: days since 1970; 0: its code does not say"),
	FIELD(11, sale_line, override, ID, .text = "price set by hand that unit_price is from"),
};
static const struct schema line_schema = SCHEMA("line", sale_line, line_fields, "A line of the sale.");

static const struct field promotion_fields[] = {
	FIELD(1, sale_promotion, id, ID, .required = true, .text = "promotion"),
	FIELD(2, sale_promotion, amount, .kind = FIELD_MONEY, .required = true, .text = "it gave in all"),
	FIELD(3, sale_promotion, times, COUNTER(0), OR(1), .text = "groups it rewarded"),
	FIELD(4, sale_promotion, coupon, FIELD_OF(TEXT, 0, 64), .text = "code that unlocked it"),
	FIELD(5, sale_promotion, counted, FIELD_OF(INT, 0, 1), OR(0),
	      .text = "1: it has a limit a customer, and counts for this one"),
	FIELD(6, sale_promotion, grant, COUNTER(0), OR(0),
	      .text = "newest grant of it; 0: it has no limit of uses or budget"),
	FIELD(7, sale_promotion, token, FIELD_OF(TEXT, 1, 64), .text = "that the code was reserved with"),
};
static const struct schema promotion_schema =
	SCHEMA("promotion", sale_promotion, promotion_fields, "A promotion that applied.");

static const struct field reward_fields[] = {
	FIELD(1, sale_reward, promotion, FIELD_OF(INT, 0, INT32_MAX), OR(0),
	      .text = "index into the sale's promotions"),
	FIELD(2, sale_reward, kind, FIELD_OF(TEXT, 1, 32), .required = true,
	      .text = "shipping, gift, points, cashback or credit"),
	FIELD(3, sale_reward, amount, .kind = FIELD_MONEY, OR(0), .text = "off the shipping, or for later"),
	FIELD(4, sale_reward, count, COUNTER(0), OR(0), .text = "points, or pieces of the gift"),
	FIELD(5, sale_reward, sku, ID, .text = "the gift"),
};
static const struct schema reward_schema =
	SCHEMA("reward", sale_reward, reward_fields, "What a promotion gave that is no discount.");

static const struct field coupon_fields[] = {
	FIELD(1, sale_coupon, code, FIELD_OF(TEXT, 1, 64), .required = true, .text = "as it was scanned"),
	FIELD(2, sale_coupon, promotion, ID, .required = true, .text = "that it is of"),
};
static const struct schema coupon_schema =
	SCHEMA("coupon", sale_coupon, coupon_fields, "A coupon of the cart that unlocked nothing.");

static const struct field tender_fields[] = {
	FIELD(1, sale_tender, method, FIELD_OF(TEXT, 1, 32), .required = true, .text = "cash, card ..."),
	FIELD(2, sale_tender, amount, .kind = FIELD_MONEY, .required = true, .text = "handed over"),
};
static const struct schema tender_schema = SCHEMA("tender", sale_tender, tender_fields, "A payment.");

static const struct field price_fields[] = {
	FIELD(1, sale_price, line, FIELD_OF(INT, 0, INT32_MAX), OR(0),
	      .text = "index of the first line of its article"),
	FIELD(2, sale_price, list, FIELD_OF(INT, 0, INT32_MAX), OR(0), .text = "index into price_lists"),
	FIELD(3, sale_price, price, .kind = FIELD_MONEY, .text = "of one unit"),
	FIELD(4, sale_price, cbor, FIELD_OF(BYTES, 0, INT32_MAX),
	      .text = "the price record whole, where line, list and price cannot say it"),
};
static const struct schema price_schema =
	SCHEMA("price_row", sale_price, price_fields, "A price that the decision could have seen.");

static const struct field counter_fields[] = {
	FIELD(1, sale_counter, promotion, ID, .required = true, .text = "promotion"),
	FIELD(2, sale_counter, uses_left, COUNTER(0), .text = "orders it might still apply to"),
	FIELD(3, sale_counter, budget_left, FIELD_OF(MONEY, 0, INT64_MAX),
	      .text = "what it might still give"),
	FIELD(4, sale_counter, customer_uses, COUNTER(0), OR(0), .text = "orders of this customer so far"),
};
const struct schema sale_counter_schema =
	SCHEMA("counter", sale_counter, counter_fields, "What was left of a promotion's limits.");

static const struct field sale_fields[] = {
	FIELD(1, event_sale, order, FIELD_OF(TEXT, 1, 128), .required = true,
	      .text = "id of the order; unique in the ledger"),
	FIELD(2, event_sale, lane, ID, .required = true, .text = "where it was paid"),
	FIELD(3, event_sale, store, FIELD_OF(TEXT, 0, 64), .text = "the store"),
	FIELD(4, event_sale, channel, FIELD_OF(TEXT, 0, 64), .text = "how it was sold"),
	FIELD(5, event_sale, customer, FIELD_OF(TEXT, 0, 128), .text = "id of the customer, if known"),
	FIELD(6, event_sale, cashier, FIELD_OF(TEXT, 0, 64), .text = "who took the money"),
	FIELD(7, event_sale, currency, CURRENCY, .required = true, .text = "ISO 4217 code of all amounts"),
	FIELD(8, event_sale, opened_ms, TIME_MS, .required = true,
	      .text = "milliseconds since 1970: the moment that its prices are of"),
	FIELD(9, event_sale, utc_offset_s, FIELD_OF(INT, -86400, 86400), OR(0),
	      .text = "seconds east of UTC at that moment"),
	FIELD(10, event_sale, catalog, COUNTER(0), .required = true,
	      .text = "version of the catalog it was decided with"),
	FIELD(11, event_sale, semantics, FIELD_OF(INT, 1, 255), .required = true,
	      .text = "engine semantics it was decided with"),
	FIELD(12, event_sale, segments, .kind = FIELD_LIST, .text = "the customer's segments"),
	FIELD(13, event_sale, lines, .kind = FIELD_LIST, .of = &line_schema, .text = "what was sold"),
	FIELD(14, event_sale, promotions, .kind = FIELD_LIST, .of = &promotion_schema,
	      .text = "that applied, in order of application"),
	FIELD(15, event_sale, tenders, .kind = FIELD_LIST, .of = &tender_schema, .text = "how it was paid"),
	FIELD(16, event_sale, list, .kind = FIELD_MONEY, .required = true, .text = "sum before discounts"),
	FIELD(17, event_sale, discount, .kind = FIELD_MONEY, OR(0), .text = "sum of discounts"),
	FIELD(18, event_sale, net, .kind = FIELD_MONEY, .required = true, .text = "sum after discounts"),
	FIELD(19, event_sale, tax, .kind = FIELD_MONEY, OR(0), .text = "sum of taxes"),
	FIELD(20, event_sale, total, .kind = FIELD_MONEY, .required = true, .text = "what the customer owed"),
	FIELD(21, event_sale, change, .kind = FIELD_MONEY, OR(0), .text = "handed back"),
	FIELD(22, event_sale, result, HASH, .required = true,
	      .text = "SHA-256 of the evaluation: what a replay must reproduce"),
	FIELD(23, event_sale, price_lists, .kind = FIELD_LIST,
	      .text = "extract: lists that its prices are in"),
	FIELD(24, event_sale, prices, .kind = FIELD_LIST, .of = &price_schema, .text = "extract: its prices"),
	FIELD(25, event_sale, cart, FIELD_OF(TEXT, 1, 128),
	      .text = "id of the cart; absent: it is the order's"),
	FIELD(27, event_sale, rewards, .kind = FIELD_LIST, .of = &reward_schema,
	      .text = "what promotions gave besides discounts"),
	FIELD(28, event_sale, plan, FIELD_OF(TEXT, 1, RECORD_TEXT_MAX),
	      .text = "the customer's subscription when the cart opened"),
	FIELD(29, event_sale, coupons, .kind = FIELD_LIST, .of = &coupon_schema,
	      .text = "coupons in the cart whose promotions did not apply"),
	FIELD(30, event_sale, counters, .kind = FIELD_LIST, .of = &sale_counter_schema,
	      .text = "what was left of limits, of the promotions that were judged"),
	FIELD(31, event_sale, order_number, COUNTER(0), OR(0),
	      .text = "number of the order among the customer's; 0: not known"),
	FIELD(32, event_sale, credit_to, FIELD_OF(INT, INT32_MIN, INT32_MAX), OR(0),
	      .text = "last day of the month whose basket credit paid: days since 1970; 0: none did"),
	FIELD(33, event_sale, clock_uncertain, FIELD_OF(INT, 0, 1), OR(0),
	      .text = "1: nobody vouched for opened_ms, by which it was decided"),
#ifdef TILL_NEXT
	FIELD(40, event_sale, memo, FIELD_OF(INT, 0, 9), OR(1), .text = "what a later version says"),
#endif
};
const struct schema event_sale_schema = SCHEMA("sale", event_sale, sale_fields, "A cart was paid.");

static uint8_t *put_number(uint8_t *at, uint8_t key, int64_t value)
{
	return cbor_number(cbor_head(at, CBOR_MAJOR_UINT, key), value);
}

static uint8_t *put_string(uint8_t *at, uint8_t key, enum cbor_major major, const void *bytes, size_t n)
{
	at = cbor_head(cbor_head(at, CBOR_MAJOR_UINT, key), major, n);
	memcpy(at, bytes, n);
	return at + n;
}

static uint8_t *put_numbers(uint8_t *at, uint8_t key, const struct list *list)
{
	const int64_t *numbers = list->at;

	at = cbor_head(cbor_head(at, CBOR_MAJOR_UINT, key), CBOR_MAJOR_ARRAY, list->count);
	for (size_t i = 0; i < list->count; i++)
		at = cbor_number(at, numbers[i]);
	return at;
}

/*
 * The table of the envelope, unrolled: the ledger's thread makes one for each event, and what that thread
 * does is what limits how many tenders a second there are. tests/unit/test_event holds it against the table.
 */
static enum err encode(const struct event_envelope *e, struct buf *out, struct bytes *body)
{
	size_t box = strlen(e->box), pairs = e->bodies.count ? 9 : 8;
	size_t most = 1 + pairs * (1 + CBOR_HEAD_MAX) + box + e->previous.length + e->body.length +
		      e->bodies.count * CBOR_HEAD_MAX;
	uint8_t *at = buf_room(out, most), *from = at;

	if (!at)
		return ERR_LIMIT;
	if (!text_is_utf8(e->box, box))
		return ERR_INVALID;
	at = cbor_head(at, CBOR_MAJOR_MAP, pairs);
	at = put_number(at, 1, e->version);
	at = put_string(at, 2, CBOR_MAJOR_TEXT, e->box, box);
	at = put_number(at, 3, e->segment);
	at = put_number(at, 4, e->sequence);
	at = put_number(at, 5, e->kind);
	at = put_number(at, 6, e->at_ms);
	at = put_string(at, 7, CBOR_MAJOR_BYTES, e->previous.at, e->previous.length);
	at = put_string(at, BODY_KEY, CBOR_MAJOR_BYTES, e->body.at, e->body.length);
	*body = (struct bytes){at - e->body.length, e->body.length};
	if (e->bodies.count)
		at = put_numbers(at, 9, &e->bodies);
	buf_grow(out, (size_t)(at - from));
	return ERR_OK;
}

enum err event_encode(const struct event_envelope *e, struct buf *out)
{
	struct bytes body;

	return encode(e, out, &body);
}

enum err event_decode(const void *event, size_t n, struct arena *a, struct event_envelope *out,
		      struct why *why)
{
	struct cborr r = cborr_over(event, n);
	enum err e = record_from_cbor(&event_envelope_schema, &r, a, out, why);

	if (e)
		return e;
	if (r.at != r.end)
		return fail(why, ERR_INVALID, "bytes behind the event's end");
	if (out->version > EVENT_VERSION)
		return fail(why, ERR_NEWER, "event of version %lld, this program knows up to %d",
			    (long long)out->version, EVENT_VERSION);
	return ERR_OK;
}

const char *event_kind_name(int64_t kind)
{
	static const char *const names[] = {
		[EVENT_START] = "start",       [EVENT_BODY] = "body",
		[EVENT_SALE] = "sale",	       [EVENT_RETURN] = "return",
		[EVENT_VOID] = "void",	       [EVENT_COUPON] = "coupon",
		[EVENT_GRANT] = "grant",       [EVENT_OVERRIDE] = "override",
		[EVENT_APPROVAL] = "approval", [EVENT_ALERT] = "alert",
		[EVENT_PRICE] = "price",       [EVENT_SUBSCRIPTION] = "subscription",
#ifdef TILL_NEXT
		[EVENT_MEMO] = "memo",
#endif
	};

	return kind >= EVENT_START && kind < (int64_t)COUNT(names) ? names[kind] : NULL;
}

/* Values before the body are single items, in this version. */
static bool pass_value(struct cborr *r)
{
	struct cborr before = *r;
	struct cbor_item item;
	const uint8_t *passed;
	size_t length;

	if (cborr_next(r, &item))
		return false;
	if (item.kind != CBOR_KIND_ARRAY && item.kind != CBOR_KIND_MAP)
		return true;
	*r = before;
	return !cborr_skip(r, &passed, &length);
}

/*
 * The content of the body within the event. False: these bytes are no event. Keys before the body's, and how
 * many there are in all, take a byte each (docs/storage.md).
 */
static bool find_body(const void *event, size_t n, struct bytes *out)
{
	struct cborr r = cborr_over(event, n);
	int pairs = cborr_short(&r, CBOR_MAJOR_MAP);
	struct cbor_item body;

	for (; pairs > 0; pairs--) {
		int key = cborr_short(&r, CBOR_MAJOR_UINT);

		if (key == BODY_KEY)
			break;
		if (key < 0 || !pass_value(&r))
			return false;
	}
	if (pairs <= 0 || cborr_expect(&r, CBOR_KIND_BYTES, &body))
		return false;
	*out = (struct bytes){body.at, body.length};
	return true;
}

static void hash_around(const uint8_t *event, size_t n, struct bytes body, const struct digest *hash,
			struct digest *out)
{
	const uint8_t *behind = body.at + body.length;
	const struct digest_piece pieces[] = {
		{event, (size_t)(body.at - event)},
		{hash->bytes, DIGEST_SIZE},
		{behind, (size_t)(event + n - behind)},
	};

	digest_of_pieces(pieces, COUNT(pieces), out);
}

void event_hash_by(const void *event, size_t n, const struct digest *hash, struct digest *out)
{
	struct bytes body;

	if (find_body(event, n, &body))
		hash_around(event, n, body, hash, out);
	else
		digest_of(event, n, out);
}

void event_hash(const void *event, size_t n, struct digest *out)
{
	struct bytes body;
	struct digest hash;

	if (!find_body(event, n, &body)) {
		digest_of(event, n, out);
		return;
	}
	digest_of(body.at, body.length, &hash);
	hash_around(event, n, body, &hash, out);
}

/* find_body takes a head of one byte alone for an event's. */
void event_hash_found(const void *event, size_t n, struct bytes body, struct digest *out)
{
	struct cborr r = cborr_over(event, n);
	struct digest hash;

	if (cborr_short(&r, CBOR_MAJOR_MAP) < 0) {
		event_hash(event, n, out);
		return;
	}
	digest_of(body.at, body.length, &hash);
	hash_around(event, n, body, &hash, out);
}

enum err event_make(const struct event_envelope *e, const struct digest *body_hash, struct buf *out,
		    struct digest *hash)
{
	size_t before = buf_length(out);
	struct digest of_body;
	struct bytes body;
	enum err error = encode(e, out, &body);

	if (error)
		return error;
	if (!body_hash)
		digest_of(body.at, body.length, &of_body);
	hash_around(buf_front(out) + before, buf_length(out) - before, body, body_hash ? body_hash : &of_body,
		    hash);
	return ERR_OK;
}

int64_t event_check(const struct digest *hash)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | hash->bytes[i];
	return (int64_t)value;
}
