/*
 * What the writer and the readers of the embedded log share. Private to them; users include event_log.h.
 */
#ifndef TILL_EVENT_LOG_PARTS_H
#define TILL_EVENT_LOG_PARTS_H

#include "event_log.h"

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

/* log_end on a connection of either kind. */
enum err log_find_end(struct db *db, enum log_topic topic, unsigned partition, int64_t *next,
		      struct why *why) MUST_CHECK;

#endif
