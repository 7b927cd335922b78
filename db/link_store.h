/*
 * link.db: what the link to headquarters must never forget. One row of marks, and the grants received.
 * till-sync is its only writer; tillctl reads it.
 */
#ifndef TILL_LINK_STORE_H
#define TILL_LINK_STORE_H

#include "db.h"

struct link_store;

#define LINK_CURSOR_MAX	  64
#define LINK_NAME_MAX	  64
#define LINK_FEATURES_MAX 1024

struct link_marks {
	int64_t acked, acked_segment, acked_sequence; /* newest event that headquarters holds */
	char cursor[LINK_CURSOR_MAX + 1];	      /* of the feed; "": from the beginning */
	int64_t version;			      /* of headquarters' catalog that the box's is */
	int64_t current_ms; /* UTC when its prices were known to be the newest; 0: never */
	int64_t floor_ms;   /* of time */

	char hq_program[LINK_NAME_MAX + 1]; /* what headquarters said of itself; "": nothing yet */
	int64_t hq_semantics;
	char hq_features[LINK_FEATURES_MAX];
	int64_t left_out;		/* records that are not here as they are there: not understood ... */
	char reader[LINK_FEATURES_MAX]; /* ... by this program */
};

enum err link_store_open(const char *path, bool writer, struct link_store **out, struct why *why) MUST_CHECK;
void link_store_close(struct link_store *s);

enum err link_store_read(struct link_store *s, struct link_marks *out, struct why *why) MUST_CHECK;

/* In one transaction, durable on return. */
enum err link_store_write(struct link_store *s, const struct link_marks *m, struct why *why) MUST_CHECK;

struct link_grant {
	const char *promotion, *currency; /* currency: NULL with uses */
	int64_t incarnation, number;
	int64_t uses, amount; /* AMOUNT_NONE: the other one */
};

/* A grant that is there already is no change: *fresh is false. */
enum err link_store_grant(struct link_store *s, const struct link_grant *g, bool *fresh,
			  struct why *why) MUST_CHECK;
enum err link_store_grants(struct link_store *s, int64_t *count, struct why *why) MUST_CHECK;

#endif
