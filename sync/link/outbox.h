/*
 * Up: the ledger's events, by sequence, in batches; some of them in flight at once. What headquarters
 * acknowledges is held there durably; what it does not comes again. Nothing here waits for anything.
 */
#ifndef TILL_OUTBOX_H
#define TILL_OUTBOX_H

#include "uplink.h"

enum err outbox_new(struct uplink *u, struct outbox **out, struct why *why) MUST_CHECK;
void outbox_free(struct outbox *o);

/* Headquarters has answered hello: it holds events up to there. Sending begins, or goes on. */
void outbox_begin(struct outbox *o, const struct wire_welcome *w);
void outbox_pause(struct outbox *o); /* the connection is gone */
void outbox_now(struct outbox *o);   /* looks for new events */

/* Events that headquarters does not hold yet, and the newest there is, as far as was looked. */
void outbox_newest(struct outbox *o, int64_t *segment, int64_t *sequence);
void outbox_status(struct outbox *o, struct jsonw *w); /* member "outbox" */

#endif
