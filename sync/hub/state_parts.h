/*
 * What the files of the hub's state share. Private to them; users include state.h.
 */
#ifndef TILL_STATE_PARTS_H
#define TILL_STATE_PARTS_H

#include "state.h"
#include "topic.h"

enum state_statement {
	STATE_SQL_POSITION,
	STATE_SQL_SET_POSITION,
	STATE_SQL_BOXES,
	STATE_SQL_BOX,
	STATE_SQL_PUT_BOX,
	STATE_SQL_ENROL_BOX,
	STATE_SQL_RENEW_BOX,
	STATE_SQL_REVOKE_BOX,
	STATE_SQL_TELL_BOX,
	STATE_SQL_CLAIM,
	STATE_SQL_PUT_CLAIM,
	STATE_SQL_DROP_CLAIMS,
	STATE_SQL_USE_CLAIM,
	STATE_SQL_HEAD,
	STATE_SQL_PUT_HEAD,
	STATE_SQL_QUARANTINE,
	STATE_SQL_RELEASE,
	STATE_SQL_HELD,
	STATE_SQL_PUT_HELD,
	STATE_SQL_SCOPE,
	STATE_SQL_SCOPES,
	STATE_SQL_PUT_SCOPE,
	STATE_SQL_RECORDS_CHAIN,
	STATE_SQL_RECORDS_OWN,
	STATE_SQL_RECORDS_BOTH,
	STATE_SQL_CHANGES_ONE,
	STATE_SQL_CHANGES_BOTH,
	STATE_SQL_COUNTERS,
	STATE_SQL_SET_COUNTERS,
	STATE_SQL_STAGE,
	STATE_SQL_STAGED_COUNT,
	STATE_SQL_CHANGE_PUT,
	STATE_SQL_CHANGE_GONE,
	STATE_SQL_CHANGE_MISSING,
	STATE_SQL_RECORD_PUT,
	STATE_SQL_RECORD_HIDE,
	STATE_SQL_RECORD_GONE,
	STATE_SQL_RECORD_MISSING,
	STATE_SQL_RECORD_EMPTY,
	STATE_SQL_RECORD_KEEP,
	STATE_SQL_RECORD,
	STATE_SQL_KEYS,
	STATE_SQL_WAITING,
	STATE_SQL_WAITING_OF,
	STATE_SQL_WAITING_GONE,
	STATE_SQL_WAITING_EMPTY,
	STATE_SQL_WAITING_PUT,
	STATE_SQL_APPROVED,
	STATE_SQL_APPROVED_EMPTY,
	STATE_SQL_APPROVED_NOTE,
	STATE_SQL_APPROVED_MISSING,
	STATE_SQL_APPROVED_BACK,
	STATE_SQL_APPROVED_DONE,
	STATE_SQL_COSTS_CHANGED,
	STATE_SQL_COSTS,
	STATE_SQL_COST_PUT,
	STATE_SQL_COST_OLD,
	STATE_SQL_COST_EMPTY,
	STATE_SQL_UNSTAGE,
	STATE_SQL_FORGET,
	STATE_SQL_FORGOTTEN,
	STATE_SQL_GRANTS,
	STATE_SQL_LAST_GRANT,
	STATE_SQL_PUT_GRANT,
	STATE_SQL_PARKED,
	STATE_SQL_PARK,
	STATE_SQL_UNPARK,
	STATE_SQL_COUNT,
};

struct state {
	struct db db;
	int64_t positions[LOG_TOPICS][LOG_PARTITIONS_MAX]; /* a writer's, within a step */
	bool moved[LOG_TOPICS][LOG_PARTITIONS_MAX];
	struct arena arena; /* of the record at hand */
	struct state_step step;
	bool inside; /* of state_begin */
};

extern const struct db_kind hub_state_kind;

/* Text of a column; "" for NULL. */
const char *state_text(sqlite3_stmt *row, int column);

/* A publication whose records are all staged comes into force. state_publish.c */
enum err state_stage(struct state *s, const struct log_record *r, struct why *why) MUST_CHECK;
enum err state_publish(struct state *s, const struct topic_publication *p, struct why *why) MUST_CHECK;

/*
 * state_held.c: what a publication makes of what waits, was approved last and has cost, before its records
 * are in force in that scope. beneath: whose records the scope has where it has none of its own; itself:
 * nobody's.
 */
struct held_step {
	const struct topic_publication *p;
	const char *scope, *beneath;
	bool anew; /* the book is in another currency by now: nothing of before counts */
};
enum err state_hold(struct state *s, const struct held_step *step, struct why *why) MUST_CHECK;

#endif
