/*
 * Uploads: judged on the loop's thread as they come, appended to the log, answered once they are durable.
 *
 * A box's batches are taken one behind the other, without waiting for the disk between them: each is judged
 * against what will be held when those before it are written. If the log could not write one, those behind it
 * are not written either (event_log_epoch), and the box sends them again.
 */
#ifndef TILL_INGEST_H
#define TILL_INGEST_H

#include "event_log.h"
#include "registry.h"
#include "wire.h"

struct ingest;

/* What became of an upload. */
enum ingest_code {
	INGEST_ACCEPTED,
	INGEST_GAP,
	INGEST_QUARANTINED,
	INGEST_BAD,   /* no events; `why` */
	INGEST_OTHER, /* of another box; `why` */
	INGEST_BUSY,  /* not now: ask again */
};

struct ingest_answer {
	enum ingest_code code;
	struct wire_ack ack; /* of the first three; valid while done runs */
	struct why why;
};
typedef void ingest_done(const struct ingest_answer *a, void *arg);

/* log_path and state_path are read when a box repeats what it sent long ago. */
enum err ingest_new(struct event_log *log, struct log_reader *reader, struct state *state,
		    struct ingest **out) MUST_CHECK;
void ingest_free(struct ingest *in); /* after the log is closed; NULL is fine */

/* done runs once: before this returns, or later on the loop's thread. events are copied. */
void ingest_upload(struct ingest *in, struct hub_box *box, struct bytes events, ingest_done *done, void *arg);

struct ingest_counts {
	uint64_t batches, events, repeated; /* taken; held already */
	uint64_t gaps, refused, quarantines;
	uint64_t written; /* batches and quarantines that are durable */
	uint32_t waiting; /* batches without an answer */
};
void ingest_counts(const struct ingest *in, struct ingest_counts *out);

#endif
