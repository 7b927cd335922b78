/*
 * Tables of what the log's records hold. See topic.h.
 */
#include "topic.h"

#include "fields.h"
#include "record_field.h"

#define COUNTER(from)  FIELD_OF(INT, from, INT64_MAX)
#define TIME_MS	       FIELD_OF(INT, INT64_MIN + 1, INT64_MAX)
#define HASH	       FIELD_OF(BYTES, DIGEST_SIZE, DIGEST_SIZE)
#define REASON	       FIELD_OF(TEXT, 0, 400)
#define CURRENCY       FIELD_OF(TEXT, 3, 3)
#define OR(by_default) .has_default = true, .absent = (by_default)

static const char *const upload_kinds[] = {"events", "quarantine", "release", NULL};

static const struct field upload_fields[] = {
	FIELD(1, topic_upload, kind, ENUM(upload_kinds, UPLOAD_EVENTS), .text = "what it is"),
	FIELD(2, topic_upload, box, ID, .required = true, .text = "box"),
	FIELD(3, topic_upload, incarnation, COUNTER(1), OR(1), .text = "of the box"),
	FIELD(4, topic_upload, first_segment, COUNTER(0), OR(0), .text = "segment of the first event"),
	FIELD(5, topic_upload, first_sequence, COUNTER(0), OR(0), .text = "sequence of the first event"),
	FIELD(6, topic_upload, segment, COUNTER(0), OR(0), .text = "segment of the last event"),
	FIELD(7, topic_upload, sequence, COUNTER(0), OR(0), .text = "sequence of the last event"),
	FIELD(8, topic_upload, hash, HASH, .text = "hash of the last event"),
	FIELD(9, topic_upload, count, COUNTER(0), OR(0), .text = "events"),
	FIELD(10, topic_upload, events, FIELD_OF(BYTES, 1, WIRE_MESSAGE_MAX), .text = "the events, in order"),
	FIELD(11, topic_upload, reason, REASON, .text = "of a quarantine"),
	FIELD(12, topic_upload, strange, COUNTER(0), OR(0), .text = "events not understood when they came"),
};
const struct schema topic_upload_schema =
	SCHEMA("upload", topic_upload, upload_fields, "Events of a box, or what became of it.");

static const char *const box_changes[] = {"added", "enrolled", "renewed", "revoked", "told", NULL};

static const struct field box_fields[] = {
	FIELD(1, topic_box, change, ENUM(box_changes, BOX_ADDED), .text = "what was done"),
	FIELD(2, topic_box, box, ID, .required = true, .text = "box"),
	FIELD(3, topic_box, store, ID, .text = "store that it stands in"),
	FIELD(4, topic_box, code, HASH, .text = "SHA-256 of the claim code"),
	FIELD(5, topic_box, expires_ms, TIME_MS, OR(0), .text = "end of the code, or of the certificate"),
	FIELD(6, topic_box, serial, COUNTER(0), OR(0), .text = "serial number of the certificate"),
	FIELD(7, topic_box, request, HASH, .text = "SHA-256 of the certificate request"),
	FIELD(8, topic_box, who, FIELD_OF(TEXT, 0, 64), .text = "did it"),
	FIELD(9, topic_box, program, FIELD_OF(TEXT, 0, 64), .text = "program and version of the box"),
	FIELD(10, topic_box, semantics, COUNTER(0), OR(0),
	      .text = "newest engine semantics that it evaluates"),
	FIELD(11, topic_box, min_reader, COUNTER(0), OR(0),
	      .text = "oldest version of messages that reads it"),
	FIELD(12, topic_box, features, .kind = FIELD_LIST, .text = "what it knows beyond the first version"),
	FIELD(13, topic_box, seen_ms, TIME_MS, OR(0), .text = "when it asked for something last"),
	FIELD(14, topic_box, trusts, FIELD_OF(BYTES, DIGEST_SIZE, INT64_C(4) * DIGEST_SIZE),
	      .text = "SHA-256 of each CA that it has pinned"),
};
const struct schema topic_box_schema = SCHEMA("box", topic_box, box_fields, "A change of the registry.");

static const struct field record_fields[] = {
	FIELD(1, topic_record, publication, COUNTER(1), .required = true, .text = "that it is part of"),
	FIELD(2, topic_record, type, FIELD_OF(INT, 0, INT32_MAX), OR(RECORD_PRICE), .text = "record type"),
	FIELD(3, topic_record, key, FIELD_OF(TEXT, 1, 200), .required = true, .text = "its key"),
	FIELD(4, topic_record, record, FIELD_OF(BYTES, 1, WIRE_MESSAGE_MAX), .text = "absent: it goes"),
	FIELD(5, topic_record, currency, CURRENCY, .text = "ISO 4217 code that its money is of"),
	FIELD(6, topic_record, held, FIELD_OF(BYTES, 1, WIRE_MESSAGE_MAX),
	      .text = "what of it waits for somebody; with it, a record that is absent does not go"),
};
const struct schema topic_record_schema =
	SCHEMA("record", topic_record, record_fields, "A record of a catalog.");

static const struct field end_fields[] = {
	FIELD(1, topic_end, topic, FIELD_OF(INT, 0, LOG_TOPICS - 1), .required = true, .text = "topic"),
	FIELD(2, topic_end, partition, FIELD_OF(INT, 0, LOG_PARTITIONS_MAX - 1), OR(0), .text = "partition"),
	FIELD(3, topic_end, next, COUNTER(1), .required = true,
	      .text = "offset behind its last record there"),
};
static const struct schema end_schema = SCHEMA("end", topic_end, end_fields, "Where its records end.");

static const struct field publication_fields[] = {
	FIELD(1, topic_publication, publication, COUNTER(1), .required = true, .text = "number"),
	FIELD(2, topic_publication, scopes, .kind = FIELD_LIST, .text = "stores; none: the chain"),
	FIELD(3, topic_publication, whole, .kind = FIELD_BOOL, OR(0), .text = "what it does not have goes"),
	FIELD(4, topic_publication, count, COUNTER(0), .required = true, .text = "records"),
	FIELD(5, topic_publication, ends, .kind = FIELD_LIST, .of = &end_schema, .text = "where they are"),
	FIELD(6, topic_publication, above, COUNTER(0), OR(0), .text = "its version is higher"),
	FIELD(7, topic_publication, who, FIELD_OF(TEXT, 0, 64), .text = "published it"),
	FIELD(8, topic_publication, note, FIELD_OF(TEXT, 0, 400), .text = "why"),
	FIELD(9, topic_publication, currency, CURRENCY, .text = "of its money"),
	FIELD(10, topic_publication, decided, ID, .text = "what waited, and was decided by who"),
	FIELD(11, topic_publication, role, ID, .text = "as what"),
	FIELD(12, topic_publication, rejected, .kind = FIELD_BOOL, OR(0), .text = "what was decided"),
};
const struct schema topic_publication_schema =
	SCHEMA("publication", topic_publication, publication_fields, "A set of records comes into force.");

static const struct field grant_fields[] = {
	FIELD(1, topic_grant, promotion, ID, .required = true, .text = "promotion"),
	FIELD(2, topic_grant, box, ID, .required = true, .text = "box"),
	FIELD(3, topic_grant, incarnation, COUNTER(1), OR(1), .text = "of the box"),
	FIELD(4, topic_grant, number, COUNTER(1), .required = true, .text = "the next, or it is void"),
	FIELD(5, topic_grant, uses, COUNTER(1), .text = "uses that may be spent"),
	FIELD(6, topic_grant, amount, MONEY_FROM(1), .text = "money that may be spent"),
	FIELD(7, topic_grant, currency, CURRENCY, .text = "of the amount"),
	FIELD(8, topic_grant, who, FIELD_OF(TEXT, 0, 64), .text = "granted it"),
	FIELD(9, topic_grant, store, ID, .required = true, .text = "where the box stands"),
};
const struct schema topic_grant_schema =
	SCHEMA("grant", topic_grant, grant_fields, "A part of a budget for a box.");

static const struct field sold_fields[] = {
	FIELD(1, topic_sold, order, FIELD_OF(TEXT, 1, 128), .required = true, .text = "order"),
	FIELD(2, topic_sold, lane, ID, .required = true, .text = "lane"),
	FIELD(3, topic_sold, segment, COUNTER(1), .required = true, .text = "of the event"),
	FIELD(4, topic_sold, sequence, COUNTER(1), .required = true, .text = "of the event"),
	FIELD(5, topic_sold, line, COUNTER(0), OR(0), .text = "of the sale, from 0"),
	FIELD(6, topic_sold, at_ms, TIME_MS, .required = true, .text = "by the box's clock"),
	FIELD(7, topic_sold, quantity, .kind = FIELD_QTY, OR(1000000), .text = "units, default 1"),
	FIELD(8, topic_sold, unit_price, .kind = FIELD_MONEY, .text = "of one unit; absent: it came back"),
	FIELD(9, topic_sold, net, .kind = FIELD_MONEY, .required = true,
	      .text = "after discounts; below 0: it came back"),
	FIELD(10, topic_sold, discounted, .kind = FIELD_BOOL, OR(0),
	      .text = "a promotion took something off"),
	FIELD(11, topic_sold, back, FIELD_OF(TEXT, 1, 128),
	      .text = "id of the return or void by which it came back"),
};
static const struct schema sold_schema =
	SCHEMA("sold", topic_sold, sold_fields, "A line of a sale, or of a return.");

static const struct field lines_fields[] = {
	FIELD(1, topic_lines, partition, COUNTER(0), OR(0), .text = "of the upload that they were made of"),
	FIELD(2, topic_lines, offset, COUNTER(0), .required = true, .text = "of that upload"),
	FIELD(3, topic_lines, box, ID, .required = true, .text = "box"),
	FIELD(4, topic_lines, store, ID, .text = "store"),
	FIELD(5, topic_lines, sku, ID, .required = true, .text = "article"),
	FIELD(6, topic_lines, currency, CURRENCY, .required = true, .text = "of all amounts"),
	FIELD(7, topic_lines, lines, .kind = FIELD_LIST, .of = &sold_schema, .required = true,
	      .text = "in the order of the events"),
};
const struct schema topic_lines_schema =
	SCHEMA("sale_lines", topic_lines, lines_fields, "What an upload sold of an article.");

static const char *const alert_kinds[] = {"quarantine", "parked", "unparked", "certificate", "lacking", NULL};

static const struct field alert_fields[] = {
	FIELD(1, topic_alert, kind, ENUM(alert_kinds, ALERT_QUARANTINE), .text = "what it is about"),
	FIELD(2, topic_alert, box, ID, .text = "box"),
	FIELD(3, topic_alert, text, REASON, .required = true, .text = "for a person"),
	FIELD(4, topic_alert, segment, COUNTER(0), OR(0), .text = "of the event"),
	FIELD(5, topic_alert, sequence, COUNTER(0), OR(0), .text = "of the event"),
};
const struct schema topic_alert_schema =
	SCHEMA("alert", topic_alert, alert_fields, "Something that an operator should know.");

/* Topics that nothing is appended to yet have records of the catalog's kind. */
const struct schema *topic_schema(enum log_topic t)
{
	static const struct schema *const schemas[LOG_TOPICS] = {
		[TOPIC_SALES_EVENTS] = &topic_upload_schema,
		[TOPIC_SALE_LINES] = &topic_lines_schema,
		[TOPIC_PUBLICATIONS] = &topic_publication_schema,
		[TOPIC_BOXES] = &topic_box_schema,
		[TOPIC_LEASES] = &topic_grant_schema,
		[TOPIC_ALERTS] = &topic_alert_schema,
	};

	return schemas[t] ? schemas[t] : &topic_record_schema;
}

void topic_init(enum log_topic t, void *record)
{
	record_clear(topic_schema(t), record);
}

enum err topic_encode(enum log_topic t, const void *record, struct buf *out, struct why *why)
{
	return wire_encode(topic_schema(t), record, out, why);
}

enum err topic_decode(enum log_topic t, struct bytes value, struct arena *a, void *out, struct why *why)
{
	return wire_decode(topic_schema(t), value.at, value.length, a, out, why);
}

enum log_topic topic_of_record(enum record_type t)
{
	switch (t) {
	case RECORD_BOOK:
	case RECORD_TAX:
	case RECORD_CATEGORY:
	case RECORD_ITEM:
		return TOPIC_PRODUCT_EVENTS;
	case RECORD_PRICE_LIST:
	case RECORD_PRICE:
	case RECORD_FLOOR:
	case RECORD_ZONE:
	case RECORD_PRICE_RULE:
	case RECORD_OVERRIDE:
		return TOPIC_PRICE_UPDATES;
	case RECORD_PROMOTION:
	case RECORD_COUPON:
		return TOPIC_PROMO_RULES;
	case RECORD_CUSTOMER:
	case RECORD_PLAN:
		return TOPIC_SUBSCRIPTION_EVENTS;
	case RECORD_SIGNAL:
		return TOPIC_INVENTORY_EVENTS;
	case RECORD_EXCHANGE_RATE:
		return TOPIC_EXCHANGE_RATES;
	case RECORD_LANDED_COST:
		return TOPIC_VENDOR_COST_UPDATES;
	}
	return TOPIC_PRODUCT_EVENTS;
}
