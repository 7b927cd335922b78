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
 */
enum err ledger_open(const char *path, const char *box, const struct clock *clock, struct ledger **out,
		     struct why *why) MUST_CHECK;
void ledger_close(struct ledger *l);
int64_t ledger_segment(const struct ledger *l);

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
	struct bytes encoded; /* by ledger_encode_sale; empty: ledger_append_sale does it */
};

/*
 * All of the encoding that does not need the ledger, on whichever thread has time; in the arena. ERR_INVALID
 * names the field that could not be read again; ERR_LIMIT: larger than LEDGER_EVENT_MAX.
 */
#define LEDGER_EVENT_MAX (1 << 20)
enum err ledger_encode_sale(const struct ledger_sale *s, struct arena *a, struct bytes *out,
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

/* When idle: moves the WAL's content into the file, so that no tender has to wait for that. */
void ledger_checkpoint(struct ledger *l);

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

/* The extract of a sale, its bodies fetched, as it was handed to ledger_append_sale; in the arena. */
enum err ledger_reader_extract(struct ledger_reader *r, const struct event_sale *sale, struct arena *a,
			       struct extract *out, struct why *why) MUST_CHECK;

/*
 * Walks the whole chain: hashes, sequences, segments, and the tables of orders and bodies made from it.
 * ERR_CORRUPT: *events counts those that hold; why names the first that does not by its id, and what is
 * wrong.
 */
enum err ledger_verify(struct ledger_reader *r, int64_t *events, struct why *why) MUST_CHECK;

/*
 * The worker. submit encodes the sale, hands the job over and returns at once (ERR_LIMIT: LEDGER_QUEUE_MAX
 * jobs have no answer yet, try again; ERR_INVALID: it cannot be written, job->why names the field). done runs
 * on the loop's thread after the commit that made it durable, in order of submission. The job, and all that
 * its sale points to, belongs to the worker from submit until done. Jobs that wait together are committed
 * together, LEDGER_GROUP_MAX at most. If a commit fails every job of its group fails with it. Unless the disk
 * was only full (ERR_LIMIT) or the file locked (ERR_BUSY), the worker then takes no more (ERR_IO) and
 * `failed` runs once: the program must end, since a failed fsync is not retried.
 */
#define LEDGER_QUEUE_MAX 1024
#define LEDGER_GROUP_MAX 256

struct ledger_job {
	struct ledger_sale sale;
	const char *find; /* not NULL: only looks for that order: ERR_EXISTS or ERR_NOT_FOUND */
	void (*done)(struct ledger_job *job);
	void *arg;
	enum err result; /* ERR_OK: appended; ERR_EXISTS: the order was there before, and `first` is that
			    sale; or why not */
	struct why why;
	struct ledger_position position;
	struct event_sale first; /* when ERR_EXISTS; text in `arena` */
	struct arena arena;	 /* the worker fills it, the owner frees it */
	struct ledger_job *next; /* the worker's */
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

struct ledger_counts {
	uint64_t commits, sales, events; /* since start; durable */
	uint64_t all_events;		 /* in the ledger */
	uint32_t queued;		 /* jobs without an answer */
	struct ledger_position head;
};
void ledger_worker_counts(struct ledger_worker *w, struct ledger_counts *out);

#endif
