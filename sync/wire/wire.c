/*
 * Tables of the messages, and their encoding. See wire.h.
 */
#include "wire.h"

#include <string.h>

#include "fields.h"
#include "record_field.h"
#include "records.h"

#define COUNTER(from)  FIELD_OF(INT, from, INT64_MAX)
#define HASH	       FIELD_OF(BYTES, DIGEST_SIZE, DIGEST_SIZE)
#define DER	       FIELD_OF(BYTES, 1, 8192)
#define CURSOR	       FIELD_OF(TEXT, 1, WIRE_CURSOR_MAX)
#define FLAG	       .kind = FIELD_BOOL, .has_default = true, .absent = 0
#define OR(by_default) .has_default = true, .absent = (by_default)
#define V(owner)                                                          \
	FIELD(1, owner, v, FIELD_OF(INT, 1, INT32_MAX), .required = true, \
	      .text = "version of the message; this one is 1")

static const struct field authority_fields[] = {
	V(wire_authority),
	FIELD(2, wire_authority, authority, DER, .required = true, .text = "the CA's certificate, DER"),
};
const struct schema wire_authority_schema =
	SCHEMA("authority", wire_authority, authority_fields, "The CA that headquarters and boxes share.");

static const struct field enrol_fields[] = {
	V(wire_enrol),
	FIELD(2, wire_enrol, code, FIELD_OF(TEXT, 8, 64), .required = true, .text = "one-time claim code"),
	FIELD(3, wire_enrol, request, DER, .required = true, .text = "certificate request, PKCS #10 in DER"),
};
const struct schema wire_enrol_schema =
	SCHEMA("enrol", wire_enrol, enrol_fields, "A box asks for its first certificate.");

static const struct field enrolled_fields[] = {
	V(wire_enrolled),
	FIELD(2, wire_enrolled, box, ID, .required = true, .text = "name of the box"),
	FIELD(3, wire_enrolled, store, ID, .required = true, .text = "store that it stands in"),
	FIELD(4, wire_enrolled, certificate, DER, .required = true, .text = "its certificate, DER"),
	FIELD(5, wire_enrolled, authority, DER, .required = true, .text = "the CA's certificate, DER"),
};
const struct schema wire_enrolled_schema =
	SCHEMA("enrolled", wire_enrolled, enrolled_fields, "A certificate for a box.");

static const struct field renew_fields[] = {
	V(wire_renew),
	FIELD(2, wire_renew, request, DER, .required = true, .text = "certificate request, PKCS #10 in DER"),
};
const struct schema wire_renew_schema =
	SCHEMA("renew", wire_renew, renew_fields, "A box asks for its next certificate.");

static const struct field hello_fields[] = {
	V(wire_hello),
	FIELD(2, wire_hello, program, NAME, .required = true, .text = "program and version of the box"),
	FIELD(3, wire_hello, semantics, FIELD_OF(INT, 1, 255), .required = true,
	      .text = "newest engine semantics that it evaluates"),
	FIELD(4, wire_hello, min_reader, FIELD_OF(INT, 1, INT32_MAX), OR(1),
	      .text = "oldest version of messages with which one can read it"),
	FIELD(5, wire_hello, features, FIELD_OF(LIST, 0, 256),
	      .text = "rules and records that it knows beyond the first version's"),
	FIELD(6, wire_hello, version, COUNTER(0), OR(0), .text = "version of its catalog; 0: none"),
	FIELD(7, wire_hello, segment, COUNTER(0), OR(0), .text = "segment of its newest event"),
	FIELD(8, wire_hello, sequence, COUNTER(0), OR(0), .text = "sequence of its newest event"),
	FIELD(9, wire_hello, trusts, FIELD_OF(BYTES, DIGEST_SIZE, INT64_C(4) * DIGEST_SIZE),
	      .text = "SHA-256 of each CA that it has pinned"),
#ifdef TILL_NEXT
	FIELD(30, wire_hello, memo, COUNTER(0), OR(0), .text = "what a later version says"),
#endif
};
const struct schema wire_hello_schema =
	SCHEMA("hello", wire_hello, hello_fields, "What a box is and can do.");

static const struct field welcome_fields[] = {
	V(wire_welcome),
	FIELD(2, wire_welcome, program, NAME, .required = true, .text = "program and version of the hub"),
	FIELD(3, wire_welcome, store, ID, .required = true, .text = "store whose feed the box reads"),
	FIELD(4, wire_welcome, version, COUNTER(0), OR(0), .text = "newest version of that store's catalog"),
	FIELD(5, wire_welcome, segment, COUNTER(0), OR(0),
	      .text = "segment of the newest event of this box that the hub holds; 0: none"),
	FIELD(6, wire_welcome, sequence, COUNTER(0), OR(0), .text = "its sequence"),
	FIELD(7, wire_welcome, hash, HASH, .required = true, .text = "its hash; zeros while there is none"),
	FIELD(8, wire_welcome, quarantined, FLAG,
	      .text = "the hub takes nothing until an operator has looked"),
	FIELD(9, wire_welcome, semantics, FIELD_OF(INT, 0, 255), OR(0),
	      .text = "newest engine semantics that it checks books with; 0: it does not say"),
	FIELD(10, wire_welcome, min_reader, FIELD_OF(INT, 1, INT32_MAX), OR(1),
	      .text = "oldest version of messages with which one can read it"),
	FIELD(11, wire_welcome, features, FIELD_OF(LIST, 0, 256),
	      .text = "rules and records that it knows beyond the first version's"),
	FIELD(12, wire_welcome, authorities, FIELD_OF(BYTES, 1, 8192),
	      .text = "CAs to be pinned from now on, DER, one behind the other"),
	FIELD(13, wire_welcome, renew, FLAG, .text = "the box is to ask for a new certificate now"),
};
const struct schema wire_welcome_schema =
	SCHEMA("welcome", wire_welcome, welcome_fields, "What the hub knows of a box.");

static const struct field batch_fields[] = {
	V(wire_batch),
	FIELD(2, wire_batch, events, FIELD_OF(BYTES, 1, WIRE_EVENTS_MAX), .required = true,
	      .text = "events one behind the other, in order"),
};
const struct schema wire_batch_schema =
	SCHEMA("batch", wire_batch, batch_fields, "Events of a box's ledger.");

static const char *const verdicts[] = {"accepted", "gap", "quarantined", NULL};

static const struct field ack_fields[] = {
	V(wire_ack),
	FIELD(2, wire_ack, verdict, ENUM(verdicts, WIRE_ACCEPTED), .text = "what became of the batch"),
	FIELD(3, wire_ack, segment, COUNTER(0), OR(0),
	      .text = "segment of the newest event that the hub holds durably; 0: none"),
	FIELD(4, wire_ack, sequence, COUNTER(0), OR(0), .text = "its sequence"),
	FIELD(5, wire_ack, hash, HASH, .required = true, .text = "its hash; zeros while there is none"),
	FIELD(6, wire_ack, parked, COUNTER(0), OR(0),
	      .text = "events of the batch that the hub holds and does not understand"),
	FIELD(7, wire_ack, reason, FIELD_OF(TEXT, 1, 400), .text = "why not, for a person"),
#ifdef TILL_NEXT
	FIELD(30, wire_ack, memo, COUNTER(0), OR(0), .text = "what a later version says"),
#endif
};
const struct schema wire_ack_schema =
	SCHEMA("ack", wire_ack, ack_fields, "How far the hub holds a box's events.");

static const struct field change_fields[] = {
	FIELD(1, wire_change, type, FIELD_OF(INT, 0, INT32_MAX), OR(RECORD_PRICE), .text = "record type"),
	FIELD(2, wire_change, key, FIELD_OF(TEXT, 1, 200), .text = "key of a record that goes"),
	FIELD(3, wire_change, record, FIELD_OF(BYTES, 1, WIRE_MESSAGE_MAX),
	      .text = "the record; absent: it goes"),
	FIELD(4, wire_change, version, COUNTER(1), .text = "version that brought it"),
};
const struct schema wire_change_schema =
	SCHEMA("change", wire_change, change_fields, "A record that is put or goes.");

static const struct field grant_fields[] = {
	FIELD(1, wire_grant, promotion, ID, .required = true, .text = "promotion that it is of"),
	FIELD(2, wire_grant, box, ID, .required = true, .text = "box that may spend it"),
	FIELD(3, wire_grant, incarnation, COUNTER(1), OR(1), .text = "of the box"),
	FIELD(4, wire_grant, number, COUNTER(1), .required = true,
	      .text = "from 1 without gaps, by promotion, box and incarnation"),
	FIELD(5, wire_grant, uses, COUNTER(1), .text = "uses that may be spent"),
	FIELD(6, wire_grant, amount, MONEY_FROM(1), .text = "money that may be spent"),
	FIELD(7, wire_grant, currency, FIELD_OF(TEXT, 3, 3), .text = "ISO 4217 code of the amount"),
};
const struct schema wire_grant_schema =
	SCHEMA("grant", wire_grant, grant_fields, "A part of a promotion's budget or uses.");

static const struct field feed_fields[] = {
	V(wire_feed),
	FIELD(2, wire_feed, version, COUNTER(0), OR(0), .text = "version of the catalog after these changes"),
	FIELD(3, wire_feed, cursor, CURSOR, .required = true, .text = "where to go on from"),
	FIELD(4, wire_feed, more, FLAG, .text = "there is more: ask again at once"),
	FIELD(5, wire_feed, snapshot, FLAG, .text = "too far behind: take the snapshot"),
	FIELD(6, wire_feed, changes, .kind = FIELD_LIST, .of = &wire_change_schema, .text = "in order"),
	FIELD(7, wire_feed, grants, .kind = FIELD_LIST, .of = &wire_grant_schema, .text = "in order"),
};
const struct schema wire_feed_schema =
	SCHEMA("feed", wire_feed, feed_fields, "Changes of a store's catalog.");

static const struct field latest_fields[] = {
	V(wire_latest),
	FIELD(2, wire_latest, version, COUNTER(0), .required = true, .text = "newest of the store's catalog"),
};
const struct schema wire_latest_schema =
	SCHEMA("latest", wire_latest, latest_fields, "The newest version of a store's catalog.");

static const struct field manifest_fields[] = {
	V(wire_manifest),
	FIELD(2, wire_manifest, store, ID, .required = true, .text = "whose catalog it is"),
	FIELD(3, wire_manifest, version, COUNTER(1), .required = true, .text = "of the catalog"),
	FIELD(4, wire_manifest, cursor, CURSOR, .required = true, .text = "where the feed goes on"),
	FIELD(5, wire_manifest, records, COUNTER(0), .required = true, .text = "in all pages together"),
	FIELD(6, wire_manifest, bytes, COUNTER(0), .required = true, .text = "of all pages together"),
	FIELD(7, wire_manifest, hashes, FIELD_OF(BYTES, DIGEST_SIZE, WIRE_EVENTS_MAX), .required = true,
	      .text = "SHA-256 of each page, one behind the other"),
	FIELD(8, wire_manifest, made_ms, FIELD_OF(INT, INT64_MIN + 1, INT64_MAX), .required = true,
	      .text = "when, in milliseconds since 1970"),
};
const struct schema wire_manifest_schema =
	SCHEMA("manifest", wire_manifest, manifest_fields, "What a snapshot consists of.");

static const struct field page_fields[] = {
	V(wire_page),
	FIELD(2, wire_page, number, COUNTER(0), .required = true, .text = "from 0"),
	FIELD(3, wire_page, changes, .kind = FIELD_LIST, .of = &wire_change_schema, .required = true,
	      .text = "records of the catalog"),
};
const struct schema wire_page_schema = SCHEMA("page", wire_page, page_fields, "Records of a snapshot.");

static const struct field time_fields[] = {
	V(wire_time),
	FIELD(2, wire_time, now_ms, FIELD_OF(INT, 0, INT64_MAX), .required = true,
	      .text = "milliseconds since 1970, UTC"),
};
const struct schema wire_time_schema = SCHEMA("time", wire_time, time_fields, "Headquarters' time.");

static const char *const signed_kinds[] = {"manifest", "time", NULL};

static const struct field signed_fields[] = {
	V(wire_signed),
	FIELD(2, wire_signed, kind, .kind = FIELD_ENUM, .names = signed_kinds, .required = true,
	      .text = "what it holds"),
	FIELD(3, wire_signed, payload, FIELD_OF(BYTES, 1, WIRE_MESSAGE_MAX), .required = true,
	      .text = "the message"),
	FIELD(4, wire_signed, certificate, DER, .required = true, .text = "the signer's, DER"),
	FIELD(5, wire_signed, signature, FIELD_OF(BYTES, 8, 128), .required = true,
	      .text = "ECDSA on P-256, DER"),
};
const struct schema wire_signed_schema =
	SCHEMA("signed", wire_signed, signed_fields, "A message with headquarters' signature.");

const struct schema *const wire_schemas[] = {
	&wire_enrol_schema,    &wire_enrolled_schema,  &wire_renew_schema,
	&wire_hello_schema,    &wire_welcome_schema,   &wire_batch_schema,
	&wire_ack_schema,      &wire_feed_schema,      &wire_latest_schema,
	&wire_manifest_schema, &wire_page_schema,      &wire_time_schema,
	&wire_signed_schema,   &wire_authority_schema, NULL};

/* Every message begins with its version; the parts of one do not. */
static bool is_versioned(const struct schema *s)
{
	return s->fields[0].key == 1 && s->fields[0].offset == 0 && strcmp(s->fields[0].name, "v") == 0;
}

void wire_init(const struct schema *s, void *message)
{
	record_clear(s, message);
	if (is_versioned(s))
		field_set_number(&s->fields[0], message, WIRE_VERSION);
}

enum err wire_encode(const struct schema *s, const void *message, struct buf *out, struct why *why)
{
	struct cborw w;
	enum err e;

	cborw_begin(&w, out);
	e = record_put(s, message, &w, why);
	return cborw_end(&w) ? e : ERR_OK;
}

enum err wire_decode(const struct schema *s, const void *bytes, size_t n, struct arena *a, void *out,
		     struct why *why)
{
	struct cborr r = cborr_over(bytes, n);
	enum err e = record_from_cbor(s, &r, a, out, why);

	if (e) {
		why_prefix(why, "%s: ", s->name);
		return e;
	}
	if (r.at != r.end)
		return fail(why, ERR_INVALID, "%s: bytes behind its end", s->name);
	if (is_versioned(s) && field_number(&s->fields[0], out) > WIRE_VERSION)
		return fail(why, ERR_NEWER, "%s: of version %lld, this program knows up to %d", s->name,
			    (long long)field_number(&s->fields[0], out), WIRE_VERSION);
	return ERR_OK;
}

bool wire_name_ok(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	size_t n = strlen(name);

	return n > 0 && n <= WIRE_NAME_MAX && name[0] != '.' && name[0] != '-' && strspn(name, letters) == n;
}
