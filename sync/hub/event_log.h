/*
 * Headquarters' log: topics of partitions of records, appended at the end, durable before anybody is told,
 * and read by offset. All else that a hub knows is a fold over it (hub_state.h).
 *
 * The shape is Kafka's, which is to stand behind the same calls: a record has a key, and records of one key
 * are in one partition and so in order; between partitions there is none. A group of consumers notes how far
 * it came in each partition; what it appends and how far it came may be one step (a transactional producer's
 * sendOffsetsToTransaction). Offsets of a partition rise from 0; here without gaps, which no reader may count
 * on.
 *
 * The embedded log is one SQLite file. A thread owns its writing connection: jobs that wait together share
 * one commit and one fsync. Readers have connections of their own.
 */
#ifndef TILL_EVENT_LOG_H
#define TILL_EVENT_LOG_H

#include "db.h"
#include "loop.h"
#include "record.h"

/* Numbers are stored: append only. */
enum log_topic {
	TOPIC_SALES_EVENTS,	   /* batches of ledger events, as boxes sent them; by box */
	TOPIC_SALE_LINES,	   /* made of them: what was sold of an article; by SKU */
	TOPIC_INVENTORY_EVENTS,	   /* by SKU */
	TOPIC_VENDOR_COST_UPDATES, /* by SKU */
	TOPIC_COMPETITOR_PRICES,   /* by SKU */
	TOPIC_PROMO_RULES,	   /* promotions, coupons and what they lean on; by id */
	TOPIC_PRICE_UPDATES,	   /* prices and what makes them; by SKU or id */
	TOPIC_PRODUCT_EVENTS,	   /* articles, categories, taxes; by SKU or id */
	TOPIC_EXCHANGE_RATES,	   /* by currency */
	TOPIC_SUBSCRIPTION_EVENTS, /* customers and plans; by id */
	TOPIC_PUBLICATIONS,	   /* that a set of records in the topics above is to be in force, whole; one
				      partition */
	TOPIC_BOXES,		   /* who is registered, enrolled, revoked; by box */
	TOPIC_LEASES,		   /* grants; by promotion */
	TOPIC_REDEMPTIONS,	   /* by promotion */
	TOPIC_DECISIONS,	   /* by SKU */
	TOPIC_ALERTS,		   /* for operators; by what they are about */
	LOG_TOPICS,
};

struct log_topic_row {
	const char *name;
	unsigned partitions;
	const char *text;
};
extern const struct log_topic_row log_topics[LOG_TOPICS];
#define LOG_PARTITIONS_MAX 8

enum err log_topic_named(const char *name, enum log_topic *out, struct why *why) MUST_CHECK;
unsigned log_partition_of(enum log_topic topic, const char *key);

/* A record to append; partition and offset are what it got. */
struct log_entry {
	enum log_topic topic;
	const char *key;
	struct bytes value;
	unsigned partition;
	int64_t offset;
};

struct log_position {
	enum log_topic topic;
	unsigned partition;
	int64_t next; /* offset to go on with */
};

/*
 * What becomes durable together, or not at all: entries in their order, and how far a group of consumers
 * has come. All that it points to is the log's until done ran, or event_log_append returned.
 */
struct log_job {
	struct log_entry *entries;
	size_t count;
	const char *group; /* NULL: no positions */
	const struct log_position *positions;
	size_t position_count;
	uint64_t fence;			   /* 0, or event_log_epoch: see there */
	void (*done)(struct log_job *job); /* on the loop's thread */
	void *arg;
	enum err result;
	struct why why;
	struct log_job *next; /* the log's */
	size_t bytes;
	bool finished;
};

/* Records that wait for the disk, in bytes; more are refused with ERR_LIMIT: try again. */
#define LOG_QUEUE_BYTES_MAX (64U << 20)

struct event_log;

/*
 * Opens or makes the log and starts its thread. loop (or NULL: only event_log_append is used) is where done
 * runs, and where `failed` runs once if the log cannot be written any more: a failed sync, after which the
 * program must end. A full disk is not that: jobs fail with ERR_LIMIT until there is room.
 */
enum err event_log_open(const struct disk *disk, const char *path, const struct clock *clock,
			struct loop *loop, loop_fn *failed, void *arg, struct event_log **out,
			struct why *why) MUST_CHECK;

/* Writes what is queued, delivers it, ends the thread. On the loop's thread. NULL is fine. */
void event_log_close(struct event_log *l);

/* Hands a job over, from any thread. ERR_IO: the log has failed. */
enum err event_log_submit(struct event_log *l, struct log_job *job) MUST_CHECK;

/* The same, and waits until it is durable: from any thread but the loop's. */
enum err event_log_append(struct event_log *l, struct log_job *job, struct why *why) MUST_CHECK;

/*
 * Rises with each group that failed. A job with an older fence than that is not written (ERR_BUSY): it was
 * made in the belief that those before it would be.
 */
uint64_t event_log_epoch(struct event_log *l);

struct log_counts {
	uint64_t commits, records, bytes; /* since it was opened; durable */
};
void event_log_counts(struct event_log *l, struct log_counts *out);

/* A reader; of one thread. */
struct log_reader;
enum err log_reader_open(const char *path, struct log_reader **out, struct why *why) MUST_CHECK;
void log_reader_close(struct log_reader *r); /* NULL is fine */

struct log_record {
	enum log_topic topic;
	unsigned partition;
	int64_t offset;
	int64_t at_ms;
	const char *key; /* it and the value: until fn returns */
	struct bytes value;
};
/* Its error ends the reading, and is what log_read returns; ERR_CLOSED ends it without one. */
typedef enum err log_record_fn(const struct log_record *r, void *arg, struct why *why);

/*
 * The records of a partition from `from` on, `max` at most, in one transaction. *next is the offset behind
 * the last one for which fn returned ERR_OK (`from` if there is none).
 */
enum err log_read(struct log_reader *r, struct log_position from, size_t max, log_record_fn *fn, void *arg,
		  int64_t *next, struct why *why) MUST_CHECK;

/* The offset behind a partition's last record; where a group has come to, 0 at first. */
enum err log_end(struct log_reader *r, enum log_topic topic, unsigned partition, int64_t *next,
		 struct why *why) MUST_CHECK;
enum err log_committed(struct log_reader *r, const char *group, struct log_position *at,
		       struct why *why) MUST_CHECK;

#endif
