/*
 * What the files of the ledger share: the open ledger, its statements, and packing an extract into a sale.
 * Not for users of the ledger; they include ledger.h.
 */
#ifndef TILL_LEDGER_PARTS_H
#define TILL_LEDGER_PARTS_H

#include "db_examine.h"
#include "head_file.h"
#include "ledger.h"
#include "ledger_batch.h"
#include "ledger_fold.h"
#include "reserve.h"

enum {
	STMT_LAST_EVENT,
	STMT_EVENT,
	STMT_EVENTS_AFTER,
	STMT_PUT_SEGMENT,
	STMT_PUT_BODY,
	STMT_SALES,
	STMT_SALE,
	STMT_SALE_OF_ORDER,
	STMT_BODIES,
	STMT_BODY,
	STMT_BODY_ROW,
	STMT_SEGMENT,
	STMT_SALE_COUNT,
	STMT_BODY_COUNT,
	STMT_SEGMENT_COUNT,
	STMT_PUT_NOTE,
	STMT_NOTES,
	STMT_NOTE,
	STMT_NOTE_ABOUT,
	STMT_NOTE_COUNT,
	STMT_DIGEST,
	STMT_USES,
	STMT_PUT_USE,
	STMT_DROP_USES,
	STMT_USE_MARK,
	STMT_PUT_USE_MARK,
	STMT_COUNT,
};

/* Where the chain ends, and what the next event continues from. */
struct ledger_head {
	int64_t id;	/* of the newest event; 0: none */
	int64_t bodies; /* numbers given out */
	struct ledger_position at;
};

struct ledger {
	struct db db;
	const struct clock *clock;
	const struct disk *disk;
	char box[65];
	struct ledger_head head, durable;  /* durable: as of the last commit */
	struct fold orders;		   /* order_key to event id */
	struct fold bodies;		   /* body_key to body number */
	struct fold notes;		   /* ledger_once_key to event id */
	struct fold returns;		   /* order_key to event id of returns and voids */
	uint8_t (*hashes)[BODY_HASH_SIZE]; /* by body number - 1 */
	size_t hashes_size;
	enum err spoiled; /* a write failed in this transaction */
	struct why spoiled_why;
	struct ledger_batch *batch; /* events and sales that are not in the tables yet */
	struct buf body;	    /* of the event being made */
	struct arena arena;	    /* of the call at hand */

	struct head_file head_file;
	bool mark_due;	      /* a commit came after the last mark */
	enum err mark_failed; /* of the last mark */
	struct why mark_why;
	struct ledger_restored restored;
	int64_t next_segment; /* least number that the next may have */
	struct reserve reserve;
	struct ledger_health health;
	int64_t wal_pages;     /* as of the last commit */
	int64_t checkpoint_at; /* pages; 0: CHECKPOINT_PAGES */
	bool wal_dirty;	       /* commits since the last checkpoint that moved all of it */
	int64_t wal_left;      /* pages that a reader held back then */
	int64_t tended_us;     /* when the mark was synced and the health looked at last */
	bool abandoned;	       /* a sync failed: nothing is written any more */
};

/* For sqlite3_wal_hook: pages is what the WAL has now. */
int ledger_on_commit(void *arg, sqlite3 *handle, const char *name, int pages);

/* "PATH: event 7 is missing; restore ..." */
enum err ledger_corrupt(const struct ledger *l, int64_t id, const char *what, struct why *why);

/*
 * Appends the jobs that hang together by next, commits, and fills in their answers; once more with the
 * reserve given up if the disk is full. begun: ledger_begin was called. The worker's, ledger_worker.c.
 */
enum err ledger_write_group(struct ledger *l, struct ledger_job *group, bool begun,
			    struct why *why) MUST_CHECK;
void ledger_fail_group(struct ledger_job *group, enum err e, const struct why *why);

/* Writes into ledger.head how far the ledger goes, if that is due. */
void ledger_mark(struct ledger *l);

/* Brings l->health up to date, and logs what is new. */
void ledger_look(struct ledger *l);

uint64_t ledger_order_key(const char *order);
/* The same of a note's id; never 0. */
uint64_t ledger_once_key(enum event_kind kind, const char *once);
uint64_t ledger_body_key(const uint8_t hash[BODY_HASH_SIZE]);

/* The number of a body that the ledger has, or 0. */
int64_t ledger_body_number(const struct ledger *l, const uint8_t hash[BODY_HASH_SIZE]);

/* Remembers a body of which the table has been told; numbers come in order. */
enum err ledger_learn_body(struct ledger *l, int64_t number, const uint8_t hash[BODY_HASH_SIZE]) MUST_CHECK;

/* What an event says; the ledger adds who, where in the chain and when. */
struct ledger_content {
	struct bytes body;	   /* of at most LEDGER_EVENT_MAX */
	const struct digest *hash; /* of body, or NULL: it is not known yet */
	struct list bodies;	   /* numbers that it refers to; at most RECORD_LIST_MAX */
};

/* Most that an envelope takes around a body: names, numbers below 2^64, hash, and the references. */
#define LEDGER_ENVELOPE_MAX (256 + RECORD_LIST_MAX * 9)

/*
 * A write failed with e. The folds may have learnt less or more than the tables: only a rollback makes them
 * agree again, and ledger_commit does that. Returns e.
 */
enum err ledger_spoil(struct ledger *l, enum err e, const struct why *why) MUST_CHECK;

/* Puts what waits into the tables: before they are read. A failure spoils the transaction. */
enum err ledger_flush(struct ledger *l, struct why *why) MUST_CHECK;

/* An event as it is in the table, its bytes in the arena. */
enum err ledger_read_event(struct ledger *l, int64_t id, struct arena *a, struct event_envelope *out,
			   struct ledger_position *position, struct why *why) MUST_CHECK;

/* The extract of a sale, all of it in the arena. */
enum err ledger_extract(struct db *db, const struct event_sale *sale, struct arena *a, struct extract *out,
			struct why *why) MUST_CHECK;

/* At open: learns the ids of notes. */
enum err ledger_fold_notes(struct ledger *l, struct why *why) MUST_CHECK;

/* Appends an event, and moves the head. */
enum err ledger_append(struct ledger *l, enum event_kind kind, const struct ledger_content *content,
		       struct why *why) MUST_CHECK;

/* The sale with that event id; the arena holds its bytes too. */
enum err ledger_read_sale(struct ledger *l, int64_t id, struct arena *a, struct event_sale *out,
			  struct ledger_position *position, struct why *why) MUST_CHECK;

/* Makes the CBOR of a record, which stays until the next is made. */
enum err ledger_make_body(struct ledger *l, const struct schema *s, const void *record,
			  struct why *why) MUST_CHECK;
struct bytes ledger_made_body(const struct ledger *l);

/* Writes the prices of an extract into the sale, by line and list; in the arena. */
enum err ledger_pack_prices(const struct body *bodies, size_t count, struct arena *a, struct event_sale *sale,
			    struct why *why) MUST_CHECK;

/* A price of the sale as the record it was. */
enum err ledger_unpack_price(const struct event_sale *sale, const struct sale_price *p, struct arena *a,
			     struct body *out, struct why *why) MUST_CHECK;

#endif
