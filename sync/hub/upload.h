/*
 * What a box uploads, judged: whether events are a chain, and whether they continue what is held. Pure: no
 * log, no state; ingest.h does what comes out.
 *
 * An event is at a position, segment and sequence; the next one has the same segment and the next sequence,
 * or begins a later segment and names the position before it; either way it carries that event's hash
 * (db/event.h).
 */
#ifndef TILL_UPLOAD_H
#define TILL_UPLOAD_H

#include "digest.h"
#include "record.h"

/* The newest event that is held of a box; 0, 0 and zeros: none. */
struct upload_head {
	int64_t segment, sequence;
	struct digest hash;
};

/* Negative, 0, positive: a is before, the same position as, behind b. */
int upload_compare(int64_t a_segment, int64_t a_sequence, int64_t b_segment, int64_t b_sequence);

enum upload_verdict {
	UPLOAD_NEW,    /* `fresh` continues the head, the batch's end is the new one */
	UPLOAD_REPEAT, /* the batch ends at the head or before it: nothing new */
	UPLOAD_GAP,
	UPLOAD_FORK, /* it contradicts what is held, or itself: quarantine */
};

struct upload {
	enum upload_verdict verdict;
	struct upload_head last; /* of the batch; of UPLOAD_REPEAT before the head: to be compared with what
				    is held there */
	struct bytes fresh;	 /* what is to be appended */
	int64_t first_segment, first_sequence; /* of fresh */
	int64_t count, strange;	   /* of fresh: events; those of a kind or version not known here */
	int64_t repeated;	   /* events that are held already */
	struct upload_head attach; /* UPLOAD_FORK: a segment that continues from before the head: from here */
};

/*
 * Judges a batch of box against head. ERR_INVALID: these are no events; ERR_DENIED: of another box. why is
 * set for UPLOAD_GAP and UPLOAD_FORK too.
 */
enum err upload_judge(const struct upload_head *head, const char *box, struct bytes events,
		      struct upload *out, struct why *why) MUST_CHECK;

/* One event of a batch. */
struct upload_event {
	int64_t version, segment, sequence, kind;
	const char *box; /* not ended by NUL */
	size_t box_length;
	struct bytes whole, previous, body;
};

/* The next event behind the cursor, which moves on. ERR_INVALID: it is none. */
enum err upload_next(struct cborr *r, struct upload_event *out) MUST_CHECK;

/* Whether this program knows what to make of it. */
bool upload_is_known(const struct upload_event *event);

/* The hash of the event at that position in a batch that was judged. ERR_NOT_FOUND. */
enum err upload_find(struct bytes events, int64_t segment, int64_t sequence, struct digest *out) MUST_CHECK;

#endif
