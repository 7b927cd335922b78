/*
 * What the records of the log's topics hold: structs with tables, as deterministic CBOR (base/record.h). Like
 * ledger events they are kept for ever, so the same rules of change hold: keys are never renumbered, new
 * fields are optional. docs/storage.md lists them.
 */
#ifndef TILL_TOPIC_H
#define TILL_TOPIC_H

#include "event_log.h"
#include "records.h"
#include "wire.h"

/* TOPIC_SALES_EVENTS: all that decides how far a box's events are held, so that it is in one order. */
enum upload_kind {
	UPLOAD_EVENTS,	   /* events that continue what is held */
	UPLOAD_QUARANTINE, /* nothing more is taken of that box, for a reason */
	UPLOAD_RELEASE,	   /* an operator has looked: a new incarnation begins behind what the record says */
};
struct topic_upload {
	int64_t kind;
	const char *box;
	int64_t incarnation;		       /* of the box, from 1 */
	int64_t first_segment, first_sequence; /* of the first event; UPLOAD_EVENTS */
	int64_t segment, sequence; /* of the last event; or where it may go on from, 0, 0: nowhere */
	struct bytes hash;	   /* of the last event */
	int64_t count;
	struct bytes events; /* a CBOR sequence */
	const char *reason;
	int64_t strange; /* how many of them are of a kind or version not known to whoever appended them */
};

/* TOPIC_BOXES */
enum box_change {
	BOX_ADDED,    /* with a claim code; for a box that is there already: another one */
	BOX_ENROLLED, /* by a claim code */
	BOX_RENEWED,  /* by its certificate */
	BOX_REVOKED,  /* certificates below `serial` are not taken any more */
	BOX_TOLD,     /* what it said of itself, if that changed, and once a day that it was there */
};
struct topic_box {
	int64_t change;
	const char *box, *store;
	struct bytes code; /* SHA-256 of the claim code in its plain form */
	int64_t expires_ms;
	int64_t serial;	      /* of the certificate; or the least that is taken */
	struct bytes request; /* SHA-256 of the request that the code was used with */
	const char *who;      /* did it */

	/* BOX_TOLD */
	const char *program;
	int64_t semantics, min_reader;
	struct list features; /* texts */
	int64_t seen_ms;      /* when it asked for something last, by the hub's clock */
	struct bytes trusts;  /* SHA-256 of each CA that it has pinned */
};

/* The catalog's topics: one record that a publication puts or takes away. */
struct topic_record {
	int64_t publication;
	int64_t type;	      /* enum record_type */
	const char *key;      /* record_key */
	struct bytes record;  /* absent: it goes */
	const char *currency; /* that its money is of: for people */
	struct bytes held;    /* a struct held, CBOR: what of it waits, or was rejected. Then a record that is
				 absent does not go: what is in force stays so */
};

/* TOPIC_PUBLICATIONS: all records of a publication up to these offsets are in force, at once. */
struct topic_end {
	int64_t topic, partition;
	int64_t next; /* offset behind its last record there */
};
struct topic_publication {
	int64_t publication; /* its number: unique, rising */
	struct list scopes;  /* texts: stores; empty: the chain */
	int64_t whole;	     /* a whole book: what it does not have goes */
	int64_t count;	     /* records */
	struct list ends;    /* struct topic_end */
	int64_t above;	     /* its version is higher than this */
	const char *who, *note;
	const char *currency;
	const char *decided, *role; /* id of what waited; it is because `who`, as that, has decided it */
	int64_t rejected;
};

/*
 * TOPIC_LEASES: a grant that is proposed. It exists if the fold accepts it: number is the next. The feed's
 * cursors count on the topic's one partition.
 */
struct topic_grant {
	const char *promotion, *box, *store;
	int64_t incarnation, number, uses;
	struct money amount;
	const char *currency, *who;
};

/*
 * TOPIC_SALE_LINES: what a batch sold of an article, and what of it came back: with quantity and net below 0,
 * so that their sums are what was sold in the end.
 */
struct topic_sold {
	const char *order, *lane;
	int64_t segment, sequence, line;
	int64_t at_ms;
	struct qty quantity;	      /* 0: came back in part, and what is kept costs something else */
	struct money unit_price, net; /* unit_price MONEY_NONE: it came back */
	int64_t discounted;	      /* a promotion took something off it */
	const char *back;	      /* id of the return or void; NULL: it was sold */
};
struct topic_lines {
	int64_t partition, offset; /* of the record in TOPIC_SALES_EVENTS that they were made of: with the
				      SKU, the key */
	const char *box, *store, *sku;
	const char *currency;
	struct list lines; /* struct topic_sold */
};

/* TOPIC_ALERTS */
enum alert_kind { ALERT_QUARANTINE, ALERT_PARKED, ALERT_UNPARKED, ALERT_CERTIFICATE, ALERT_LACKING };
struct topic_alert {
	int64_t kind;
	const char *box;
	const char *text;
	int64_t segment, sequence;
};

extern const struct schema topic_upload_schema, topic_box_schema, topic_record_schema,
	topic_publication_schema, topic_grant_schema, topic_lines_schema, topic_alert_schema;

/* The table of a topic's records. */
const struct schema *topic_schema(enum log_topic t);

/* Numbers absent: what a record starts as. */
void topic_init(enum log_topic t, void *record);

enum err topic_encode(enum log_topic t, const void *record, struct buf *out, struct why *why) MUST_CHECK;
enum err topic_decode(enum log_topic t, struct bytes value, struct arena *a, void *out,
		      struct why *why) MUST_CHECK;

/* Where records of that type are published. */
enum log_topic topic_of_record(enum record_type t);

/*
 * One record of the log for people: a JSON object of one line, with topic, partition, offset, time and key;
 * ledger events and price-book records in it are shown as such.
 */
enum err topic_to_json(const struct log_record *r, struct jsonw *w, struct why *why) MUST_CHECK;

#endif
