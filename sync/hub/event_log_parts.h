/*
 * What the writer and the readers of the embedded log share. Private to them; users include event_log.h.
 */
#ifndef TILL_EVENT_LOG_PARTS_H
#define TILL_EVENT_LOG_PARTS_H

#include "event_log.h"
#include "log_row.h"

enum {
	LOG_STMT_PUT,
	LOG_STMT_COMMIT,
	LOG_STMT_LAST,
	LOG_STMT_READ,
	LOG_STMT_COMMITTED,
	LOG_STMT_COUNT,
};

extern const struct db_kind hub_log_kind;

/*
 * A row's id: topic (7 bits), partition (8), offset of its first record (48). So a partition's rows lie
 * together and in order, and there is no index besides the table itself.
 */
#define LOG_OFFSET_BITS 48
static inline int64_t log_id(enum log_topic topic, unsigned partition, int64_t offset)
{
	return (int64_t)(((uint64_t)topic << 8 | partition) << LOG_OFFSET_BITS) | offset;
}

static inline int64_t log_id_last(enum log_topic topic, unsigned partition)
{
	return log_id(topic, partition, ((int64_t)1 << LOG_OFFSET_BITS) - 1);
}

static inline int64_t log_offset_of(int64_t id)
{
	return id & (((int64_t)1 << LOG_OFFSET_BITS) - 1);
}

/* What the thread writes with. */
struct log_writer {
	struct db db;
	const struct clock *clock;
	int64_t next[LOG_TOPICS][LOG_PARTITIONS_MAX];	     /* offsets to give out */
	struct log_row rows[LOG_TOPICS][LOG_PARTITIONS_MAX]; /* of the commit at hand */
};

/* On an open db: learns where partitions end. */
enum err log_writer_begin(struct log_writer *w, struct why *why) MUST_CHECK;
void log_writer_end(struct log_writer *w);

/*
 * Makes a group durable, whole or not at all; each job's result says it. A job with a fence of another epoch
 * is refused, without harm to the others.
 */
enum err log_writer_put(struct log_writer *w, struct log_job *group, uint64_t epoch,
			struct why *why) MUST_CHECK;

/* log_end on a connection of either kind. */
enum err log_find_end(struct db *db, enum log_topic topic, unsigned partition, int64_t *next,
		      struct why *why) MUST_CHECK;

#endif
