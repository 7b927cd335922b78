/*
 * ledger.db: what happened here. One table of chained events, appended in group commits with fsync, and
 * read by sequence: it is history and outbox in one. tilld is its only writer.
 *
 * Uniqueness of orders and the set of bodies are folds of the ledger, kept in memory and rebuilt at open.
 * Two layers: struct ledger is the store, used by one thread; struct ledger_worker is that thread, with a
 * bounded queue in and completions back on the loop.
 */
#ifndef TILL_LEDGER_H
#define TILL_LEDGER_H

#include "clock.h"
#include "db.h"
#include "disk.h"
#include "event.h"
#include "extract.h"
#include "loop.h"

struct ledger;

struct ledger_position {
	int64_t segment, sequence;
	struct digest hash;
};

/*
 * Opens as the writer, checks that the newest event holds (ERR_CORRUPT) and is of this box (ERR_STATE), and
 * begins a new segment, which is durable on return.
 *
 * Beside the database stand ledger.head (head_file.h) and ledger.reserve (reserve.h). A ledger that ends
 * before the event that ledger.head names, or has another in its place, was cut off or restored from a
 * backup: the segment's start says so, and its number is above any that was lost.
 */
enum err ledger_open(const char *path, const char *box, const struct clock *clock, struct ledger **out,
		     struct why *why) MUST_CHECK;
enum err ledger_open_on(const struct disk *disk, const char *path, const char *box, const struct clock *clock,
			struct ledger **out, struct why *why) MUST_CHECK;
void ledger_close(struct ledger *l);
int64_t ledger_segment(const struct ledger *l);

/* The id of the newest event, one that is not durable yet included. */
int64_t ledger_newest(const struct ledger *l);

/* The newest durable event, and how many there are. */
void ledger_head(const struct ledger *l, struct ledger_position *out, int64_t *events);

/*
 * A sale to append and the whole extract of its evaluation (extract_take), price rows included. Bodies that
 * the ledger has already are not written again.
 */
struct ledger_sale {
	const struct event_sale *sale;
	const struct body *bodies;
	size_t body_count;
	struct ledger_encoded {
		struct bytes body; /* at NULL: ledger_append_sale does it */
		struct digest hash;
		uint8_t (*names)[BODY_HASH_SIZE]; /* hashes of the bodies but for price rows */
		size_t name_count;
		uint64_t order_key;
	} encoded; /* by ledger_encode_sale */
};

/*
 * All of the encoding and hashing that does not need the ledger, on whichever thread has time; in the arena.
 * ERR_INVALID names the field that could not be read again; ERR_LIMIT: larger than LEDGER_EVENT_MAX.
 */
#define LEDGER_EVENT_MAX (1 << 20)
enum err ledger_encode_sale(const struct ledger_sale *s, struct arena *a, struct ledger_encoded *out,
			    struct why *why) MUST_CHECK;

/*
 * Appends within the open transaction: ledger_begin, any number of appends, ledger_commit (durable on
 * return) or rollback. ERR_EXISTS: the order is in the ledger; nothing was appended, and *position is where.
 * ERR_INVALID and ERR_LIMIT (larger than LEDGER_EVENT_MAX): nothing was appended either. After a failure
 * while writing the transaction is spoiled: ledger_commit then rolls back and fails with the same reason.
 */
enum err ledger_begin(struct ledger *l, struct why *why) MUST_CHECK;
enum err ledger_append_sale(struct ledger *l, const struct ledger_sale *s, struct ledger_position *position,
			    struct why *why) MUST_CHECK;
enum err ledger_commit(struct ledger *l, struct why *why) MUST_CHECK;
void ledger_rollback(struct ledger *l);

/* The sale of an order, in the arena. ERR_NOT_FOUND. */
enum err ledger_find_order(struct ledger *l, const char *order, struct arena *a, struct event_sale *out,
			   struct ledger_position *position, struct why *why) MUST_CHECK;

/* Where a ledger stopped being the whole story. */
struct ledger_restored {
	bool is;
	int64_t lost_segment, lost_sequence; /* the newest event that is lost; 0, 0: unknown */
};

/* How much room the disk has. Low comes at 200 MiB or a tenth of a small disk, critical at a fifth of that.
 */
enum ledger_space { SPACE_AMPLE, SPACE_LOW, SPACE_CRITICAL, SPACE_FULL };
const char *ledger_space_name(enum ledger_space s); /* "ample", "low", "critical", "full" */

/* What may keep the ledger from being written tomorrow. A text says what to do; empty: nothing. */
struct ledger_health {
	enum ledger_space space;
	uint64_t free_bytes;
	int64_t wal_bytes;
	struct ledger_restored restored;
	struct why disk;  /* it runs full */
	struct why wal;	  /* a reader keeps it from beginning anew */
	struct why files; /* moved, deleted, or with other permissions */
	struct why loss;  /* events were lost before this start */
};

/*
 * What is done between groups: writes ledger.head, moves the WAL's content into the file when it is large, or
 * there is time (idle), syncs ledger.head, takes the reserve back and looks at the health, each at most once
 * a second but when idle. Any error but ERR_LIMIT is final: a sync failed.
 */
enum err ledger_tend(struct ledger *l, bool idle, struct why *why) MUST_CHECK;
const struct ledger_health *ledger_health(const struct ledger *l);

/* The last write found the disk full: gives up the reserve, if there is one, so that it can be tried again.
 */
bool ledger_release_reserve(struct ledger *l);

/* After a failed sync: nothing is written any more, by ledger_close neither. */
void ledger_abandon(struct ledger *l);

/*
 * A reader of its own connection, for tillctl and till-sync: events in order. It reads some ahead, so that no
 * transaction stays open between calls.
 */
struct ledger_reader;
struct ledger_event {
	int64_t id;	      /* from 1, no gaps, over all segments */
	const uint8_t *bytes; /* valid until the next call */
	size_t length;
	int64_t check; /* event_check of the bytes, as it was stored with them */
};
enum err ledger_reader_open(const char *path, struct ledger_reader **out, struct why *why) MUST_CHECK;
void ledger_reader_close(struct ledger_reader *r);

/* ERR_NOT_FOUND: there is none after that one yet. */
enum err ledger_reader_next(struct ledger_reader *r, int64_t after_id, struct ledger_event *out,
			    struct why *why) MUST_CHECK;

/*
 * The extract of a sale, its bodies fetched, as it was handed to ledger_append_sale; in the arena, but for
 * bodies, which the reader keeps until its next extract.
 */
enum err ledger_reader_extract(struct ledger_reader *r, const struct event_sale *sale, struct arena *a,
			       struct extract *out, struct why *why) MUST_CHECK;

/* The id of the event of that segment and sequence; ERR_NOT_FOUND: it is not in this ledger. 0, 0 has id 0.
 */
enum err ledger_reader_locate(struct ledger_reader *r, int64_t segment, int64_t sequence, int64_t *id,
			      struct why *why) MUST_CHECK;

/* The newest event; ERR_NOT_FOUND: there is none. */
enum err ledger_reader_newest(struct ledger_reader *r, struct ledger_event *out, struct why *why) MUST_CHECK;

/*
 * The sale of that order, found by the table of orders: some bytes a sale are looked at, and of the events
 * only those whose order has the same key. ERR_NOT_FOUND: there is none.
 */
enum err ledger_reader_order(struct ledger_reader *r, const char *order, struct ledger_event *out,
			     struct why *why) MUST_CHECK;

/* What is wrong with the first event that does not hold. */
enum ledger_fault {
	FAULT_NONE,
	FAULT_FLIPPED,	 /* its bytes are not what its digest was made of */
	FAULT_REWRITTEN, /* its digest was adjusted, too: the event behind it, or a mark, tells */
	FAULT_REMOVED,	 /* it is not there; events behind it are */
	FAULT_REORDERED, /* it stands elsewhere */
	FAULT_REPEATED,	 /* it stands there a second time */
	FAULT_CUT,	 /* neither it nor anything behind it is there */
	FAULT_FOREIGN,	 /* it is of another box */
	FAULT_UNREADABLE,
	FAULT_TABLE, /* it holds; a table that was made from it does not */
};
const char *ledger_fault_name(enum ledger_fault fault); /* "flipped" */

/* What a whole walk found. */
struct ledger_verdict {
	int64_t events; /* that hold */
	struct ledger_position at;
	char box[65];
	int64_t losses;	      /* segments that began because events before them were lost */
	int64_t loss_segment; /* the newest of these */
	bool put_back;	      /* from a backup, and no segment says so yet */
	int64_t unmarked; /* events behind the one that ledger.head names, which nobody would miss there */
	enum ledger_fault fault;
	int64_t fault_id; /* of the event; it may be one that is not there */
};

/*
 * Walks the whole chain: hashes, sequences, segments, the tables of orders and bodies made from it, and
 * ledger.head, if there is one. ERR_CORRUPT: *out counts the events that hold; why names the first that does
 * not by its id, and what is wrong.
 */
enum err ledger_verify(struct ledger_reader *r, struct ledger_verdict *out, struct why *why) MUST_CHECK;

/*
 * The same for who waits for it, and for who wrote down, some time ago and somewhere else, which event was
 * the newest: it has to be there as it was. What is rewritten wholly, ledger.head included, is found by that
 * alone.
 */
struct ledger_watch {
	void (*progress)(int64_t done, int64_t all, void *arg); /* every some thousand events; or NULL */
	void *arg;
	const struct ledger_position *anchor; /* or NULL */
};
enum err ledger_audit(struct ledger_reader *r, const struct ledger_watch *watch, struct ledger_verdict *out,
		      struct why *why) MUST_CHECK;

/*
 * Notes in ledger.head that the ledger is being put back to where `backup` ends, before that is done: the
 * next ledger_open tells, whatever happens in between. Nobody may have the ledger open.
 */
enum err ledger_mark_restored(const char *path, const struct ledger_verdict *backup,
			      struct why *why) MUST_CHECK;

/*
 * The worker. submit encodes the sale, hands the job over and returns at once (ERR_LIMIT: LEDGER_QUEUE_MAX
 * jobs have no answer yet, try again; ERR_INVALID: it cannot be written, job->why names the field). done runs
 * on the loop's thread after the commit that made it durable, in order of submission. The job, and all that
 * its sale points to, belongs to the worker from submit until done. Jobs that wait together are committed
 * together, LEDGER_GROUP_MAX at most. If a commit fails every job of its group fails with it. Unless the disk
 * was only full (ERR_LIMIT: after the reserve was given up and used), the file locked (ERR_BUSY) or not in
 * its place (ERR_STATE), the worker then takes no more (ERR_IO) and `failed` runs once: the program must end,
 * since a failed fsync is not retried.
 */
#define LEDGER_QUEUE_MAX 1024
#define LEDGER_GROUP_MAX 256

struct ledger_note;
struct ledger_return;
struct ledger_uses;
struct ledger_job {
	struct ledger_sale sale;
	const char *find;		/* not NULL: only looks for that order: ERR_EXISTS or ERR_NOT_FOUND */
	const struct ledger_note *note; /* not NULL: appends that instead of a sale (ledger_note.h) */
	struct ledger_return
		*back; /* not NULL: takes that back (ledger_return.h), then pays, if `sale` has a sale */
	const struct ledger_uses *uses; /* not NULL: only writes these (ledger_uses.h) */
	void (*done)(struct ledger_job *job);
	void *arg;
	enum err result; /* ERR_OK: appended; ERR_EXISTS: the order was there before, and `first` is that
			    sale; or why not */
	struct why why;
	struct ledger_position position;
	int64_t id;		 /* ERR_OK: of the event; those with an id below it are durable, too */
	struct event_sale first; /* when ERR_EXISTS; text in `arena` */
	struct event_envelope first_note; /* the same, of a note */
	struct arena arena;		  /* the worker fills it, the owner frees it */
	struct ledger_job *next;	  /* the worker's */
};

struct ledger_worker;
enum err ledger_worker_start(struct loop *loop, struct ledger *l, loop_fn *failed, void *arg,
			     struct ledger_worker **out) MUST_CHECK;
enum err ledger_worker_submit(struct ledger_worker *w, struct ledger_job *job) MUST_CHECK;

/*
 * Commits what is queued, delivers it, ends the thread and closes the ledger. On the loop's thread, not
 * inside `done`; a submit from a `done` that it calls is refused (ERR_CLOSED).
 */
void ledger_worker_stop(struct ledger_worker *w);

/* Of these both, on the loop's thread. */
struct ledger_counts {
	uint64_t commits, sales, events; /* since start; durable */
	uint64_t all_events;		 /* in the ledger */
	uint32_t queued;		 /* jobs without an answer */
	struct ledger_position head;
	struct ledger_health health;
};
void ledger_worker_counts(struct ledger_worker *w, struct ledger_counts *out);

/* The disk runs full: what health.disk says. False: it does not. */
bool ledger_worker_disk_warning(struct ledger_worker *w, struct why *out);

#endif
