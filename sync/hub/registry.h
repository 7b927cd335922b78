/*
 * The boxes as the hub's loop needs them, in memory: who is registered, whose certificates are taken, and how
 * far each one's events are held. Made from the state at start; afterwards the registration is read again
 * when the fold says so, and the heads are ingest's own, which is ahead of the fold.
 */
#ifndef TILL_REGISTRY_H
#define TILL_REGISTRY_H

#include "state.h"

/* Ends of recent batches, so that a repeat is judged without a look into the log. */
#define REGISTRY_RECENT 16

struct hub_box {
	char name[WIRE_NAME_MAX + 1], store[WIRE_NAME_MAX + 1];
	int64_t serial, least_serial; /* 0: it has never enrolled; nothing is revoked */
	int64_t incarnation;
	struct upload_head held;    /* durably */
	struct upload_head pending; /* once what is on its way to the disk is there */
	uint64_t fence; /* of what is on its way: event_log_epoch when pending was last known to be right */
	struct upload_head recent[REGISTRY_RECENT];
	unsigned recent_next;
	bool quarantined;
	char reason[400];
	struct hub_told told;
	int64_t seen_ms, noted_ms; /* when it asked for something last; and which of that is in the log */
	bool tell;		   /* what it said is to be noted in the log */
	struct hub_box *next;	   /* the registry's */
};

/* Of each box; fn must not add any. */
typedef void registry_fn(struct hub_box *b, void *arg);
struct registry;
/* From that place on, about `most` boxes: where to go on; 0: these were the last. */
size_t registry_page(struct registry *r, size_t from, size_t most, registry_fn *fn, void *arg);

enum err registry_new(struct registry **out) MUST_CHECK;
void registry_free(struct registry *r); /* NULL is fine */

/* Reads all boxes; how far their events are of those that are new here or were released meanwhile. */
enum err registry_load(struct registry *r, struct state *s, struct why *why) MUST_CHECK;

/* NULL: there is none of that name. */
struct hub_box *registry_find(struct registry *r, const char *name);
size_t registry_count(const struct registry *r);

#endif
