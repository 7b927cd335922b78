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
#include "loop.h"

struct ledger;

/* Opens as the writer, checks the last event against its hash, begins a new segment (which is durable on return). */
enum err ledger_open(const char *path, const char *box, const struct clock *clock, struct ledger **out,
		     struct why *why) MUST_CHECK;
void ledger_close(struct ledger *l);
int64_t ledger_segment(const struct ledger *l);

/* A sale to append, with the bodies that its extract refers to; those the ledger has already are not written again. */
struct ledger_sale {
	const struct event_sale *sale;
	const struct body *bodies;
	size_t body_count;
};

struct ledger_position {
	int64_t segment, sequence;
	struct digest hash;
};

/*
 * Appends within the open transaction: ledger_begin, any number of appends, ledger_commit (durable on
 * return) or rollback. ERR_EXISTS: the order is in the ledger; nothing was appended, and *position is where.
 */
enum err ledger_begin(struct ledger *l, struct why *why) MUST_CHECK;
enum err ledger_append_sale(struct ledger *l, const struct ledger_sale *s, struct ledger_position *position,
			    struct why *why) MUST_CHECK;
enum err ledger_commit(struct ledger *l, struct why *why) MUST_CHECK;
void ledger_rollback(struct ledger *l);

/* The event at a position, and the sale of an order; bytes are decoded into the arena. ERR_NOT_FOUND. */
enum err ledger_find_order(struct ledger *l, const char *order, struct arena *a, struct event_sale *out,
			   struct ledger_position *position, struct why *why) MUST_CHECK;

/* A reader of its own connection, for tillctl and till-sync: events in order. */
struct ledger_reader;
struct ledger_event {
	int64_t id; /* ascending over segments */
	const uint8_t *bytes; /* valid until the next call */
	size_t length;
};
enum err ledger_reader_open(const char *path, struct ledger_reader **out, struct why *why) MUST_CHECK;
void ledger_reader_close(struct ledger_reader *r);
enum err ledger_reader_next(struct ledger_reader *r, int64_t after_id, struct ledger_event *out, struct why *why) MUST_CHECK;

/* Walks the whole chain: hashes, sequences, segments. *events counts those that hold; why names the first that does not. */
enum err ledger_verify(struct ledger_reader *r, int64_t *events, struct why *why) MUST_CHECK;

/*
 * The worker. submit hands over a job and returns at once (ERR_LIMIT: the queue is full, try again); done runs
 * on the loop's thread after the commit that made it durable, in order of submission. The job, and all
 * that its sale points to, belongs to the worker from submit until done. Jobs that wait together are
 * committed together. If a commit fails every job of its group fails with it, the worker takes no more
 * (ERR_IO) and `failed` runs once: the program must end, since a failed fsync is not retried.
 */
#define LEDGER_QUEUE_MAX 1024

struct ledger_job {
	struct ledger_sale sale;
	void (*done)(struct ledger_job *job);
	void *arg;
	enum err result; /* ERR_OK: appended; ERR_EXISTS: the order was there before, and `first` is that sale; or why not */
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

/* Commits what is queued, delivers it, ends the thread and closes the ledger. */
void ledger_worker_stop(struct ledger_worker *w);

struct ledger_counts {
	uint64_t commits, sales, events; /* since start */
	uint32_t queued;
	struct ledger_position head;
};
void ledger_worker_counts(struct ledger_worker *w, struct ledger_counts *out);

#endif
