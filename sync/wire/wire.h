/*
 * The messages between a box and headquarters: structs, described once by tables (base/record.h), as
 * deterministic CBOR on the wire and as JSON for people. docs/protocol.md is the contract: resources,
 * methods, codes, and what each side does with what it gets.
 *
 * Each message is one map with a version `v`. A reader passes over keys it does not know and refuses a newer
 * `v` (ERR_NEWER): what only adds fields keeps the version. Cursors, events, records and certificates travel
 * as bytes or text that this page does not look into.
 */
#ifndef TILL_WIRE_H
#define TILL_WIRE_H

#include "digest.h"
#include "record.h"

#define WIRE_VERSION 1

/* A message that goes block-wise, and one that fits a single one over coaps+tcp (docs/protocol.md, "Sizes").
 */
#define WIRE_MESSAGE_MAX 262144
#define WIRE_SINGLE_MAX	 16000

/* Events of a batch, pages of a snapshot and changes of a feed answer, so that what is around them fits. */
#define WIRE_EVENTS_MAX (WIRE_MESSAGE_MAX - 1024)
#define WIRE_PAGE_MAX	15000 /* a page of one larger record apart */
#define WIRE_FEED_MAX	200000

/* Content formats (RFC 7252 section 12.3, RFC 8949 section 9.4): of messages, and of reasons for an error. */
#define WIRE_CBOR 60
#define WIRE_TEXT 0

#define WIRE_NAME_MAX	64 /* of a box or a store */
#define WIRE_CURSOR_MAX 64

/* GET /v1/authority, where enrolment is: compared with what the box was told of it before anything is sent.
 */
struct wire_authority {
	int64_t v;
	struct bytes authority; /* the CA's certificate, DER */
};

/* POST /v1/enrol, by who has no certificate yet. */
struct wire_enrol {
	int64_t v;
	const char *code;     /* the one-time claim code that the hub's operator was given */
	struct bytes request; /* PKCS #10 certificate request, DER */
};
/* Its answer; also that of POST /v1/boxes/{box}/renew. */
struct wire_enrolled {
	int64_t v;
	const char *box, *store;
	struct bytes certificate; /* DER */
	struct bytes authority;	  /* the CA's, DER */
};

/* POST /v1/boxes/{box}/renew: a certificate for a new key, by who has one that still holds. */
struct wire_renew {
	int64_t v;
	struct bytes request; /* PKCS #10, DER */
};

/* POST /v1/boxes/{box}/hello: what the box is and can do, after each connect. */
struct wire_hello {
	int64_t v;
	const char *program;  /* "till-sync 0.1.0" */
	int64_t semantics;    /* newest engine semantics that it evaluates */
	int64_t min_reader;   /* oldest WIRE_VERSION that can read what it sends */
	struct list features; /* texts: names of rules and records that it knows beyond those of version 1 */
	int64_t version;      /* of its catalog */
	int64_t segment, sequence; /* newest event of its ledger */
	struct bytes trusts;	   /* SHA-256 of each CA that it has pinned, one behind the other */
#ifdef TILL_NEXT
	int64_t memo;
#endif
};
struct wire_welcome {
	int64_t v;
	const char *program;	   /* "tillhub 0.1.0" */
	const char *store;	   /* whose feed it reads */
	int64_t version;	   /* newest of that store's catalog */
	int64_t segment, sequence; /* newest event of this box that the hub holds; 0, 0: none */
	struct bytes hash;	   /* its hash; zeros at 0, 0 */
	int64_t quarantined;
	int64_t semantics;    /* newest engine semantics that it checks books with; 0: it does not say */
	int64_t min_reader;   /* as the hello's */
	struct list features; /* the same */
	struct bytes
		authorities; /* CAs to be pinned from now on, DER, one behind the other; none: as they are */
	int64_t renew;	     /* the box is to ask for a new certificate now */
};

/* POST /v1/boxes/{box}/events */
struct wire_batch {
	int64_t v;
	struct bytes events; /* one event behind the other (a CBOR sequence, RFC 8742), in order */
};

/* Its answer, with each code: how far the hub holds that box's events durably. */
enum wire_verdict {
	WIRE_ACCEPTED,	  /* all of the batch is held, now or since before */
	WIRE_GAP,	  /* it begins behind the next event that the hub needs, or leaves one out */
	WIRE_QUARANTINED, /* the box is in quarantine: nothing is taken until an operator has looked */
};
struct wire_ack {
	int64_t v;
	int64_t verdict;
	int64_t segment, sequence; /* newest event held: cumulative */
	struct bytes hash;	   /* its event_hash */
	int64_t parked;		   /* events of this batch that the hub does not understand; it holds them */
	const char *reason;	   /* of a verdict other than accepted, for a person */
#ifdef TILL_NEXT
	int64_t memo;
#endif
};

/* One change of a catalog, in a feed answer or a page. */
struct wire_change {
	int64_t type;	     /* enum record_type, as ledger events have it */
	const char *key;     /* record_key: what a removal names; absent of a record that is put */
	struct bytes record; /* CBOR; absent: removed */
	int64_t version;     /* that brought it; absent in pages, where it is the manifest's */
};

/* A part of a promotion's budget or uses for one box. Kept by the box; nothing spends it yet. */
struct wire_grant {
	const char *promotion, *box;
	int64_t incarnation; /* of the box */
	int64_t number;	     /* from 1 without gaps, by promotion, box and incarnation */
	int64_t uses;	     /* one of the two */
	struct money amount; /* minor units */
	const char *currency;
};

/* GET /v1/stores/{store}/feed?after={cursor} */
struct wire_feed {
	int64_t v;
	int64_t version;     /* of the catalog once these changes are in */
	const char *cursor;  /* to go on from, opaque */
	int64_t more;	     /* there is more behind it: ask again at once */
	int64_t snapshot;    /* too far behind: take the snapshot, then go on from its cursor */
	struct list changes; /* struct wire_change, in order; whole versions */
	struct list grants;  /* struct wire_grant, in order */
};

/* GET /v1/stores/{store}/version, and each notification of it. */
struct wire_latest {
	int64_t v;
	int64_t version;
};

/* What a struct wire_signed of kind WIRE_MANIFEST holds: GET /v1/stores/{store}/snapshot */
struct wire_manifest {
	int64_t v;
	const char *store;
	int64_t version;
	const char *cursor;  /* of the feed, to go on from */
	int64_t records;     /* of all pages together */
	int64_t bytes;	     /* of all pages together */
	struct bytes hashes; /* SHA-256 of page 0, of page 1 ... one behind the other */
	int64_t made_ms;     /* UTC, by the hub's clock */
};

/* GET /v1/stores/{store}/snapshot/{version}/{page}; its bytes as they are have the manifest's hash. */
struct wire_page {
	int64_t v;
	int64_t number;	     /* from 0 */
	struct list changes; /* struct wire_change, none of them a removal */
};

/* What a struct wire_signed of kind WIRE_TIME holds: GET /v1/time */
struct wire_time {
	int64_t v;
	int64_t now_ms; /* UTC */
};

/* A message that proves that it is headquarters', by whatever way it came (sync/wire/signed.h). */
enum wire_signed_kind { WIRE_MANIFEST, WIRE_TIME };
struct wire_signed {
	int64_t v;
	int64_t kind;
	struct bytes payload;	  /* the message, encoded */
	struct bytes certificate; /* the signer's, DER */
	struct bytes signature;	  /* ECDSA P-256, DER, of what wire_signed_digest says */
};

extern const struct schema wire_authority_schema, wire_enrol_schema, wire_enrolled_schema, wire_renew_schema,
	wire_hello_schema, wire_welcome_schema, wire_batch_schema, wire_ack_schema, wire_change_schema,
	wire_grant_schema, wire_feed_schema, wire_latest_schema, wire_manifest_schema, wire_page_schema,
	wire_time_schema, wire_signed_schema;

/* All messages, for help, fuzzers and documentation; NULL at the end. */
extern const struct schema *const wire_schemas[];

/* Numbers absent, version set: what a message starts as. */
void wire_init(const struct schema *s, void *message);

/* The message behind what is in out. ERR_INVALID: a field is out of its range; ERR_LIMIT: no room. */
enum err wire_encode(const struct schema *s, const void *message, struct buf *out,
		     struct why *why) MUST_CHECK;

/*
 * And back: text goes into the arena, byte strings point into the bytes. ERR_INVALID names the field;
 * ERR_NEWER: of a version above WIRE_VERSION.
 */
enum err wire_decode(const struct schema *s, const void *bytes, size_t n, struct arena *a, void *out,
		     struct why *why) MUST_CHECK;

/* Whether a text may be the name of a box or a store: letters, digits, '-', '_' and '.', not first. */
bool wire_name_ok(const char *name);

#endif
