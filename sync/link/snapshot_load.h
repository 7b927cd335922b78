/*
 * A whole catalog from headquarters, for a box that is new or too far behind: a signed manifest, then pages,
 * many in flight, kept as files so that an interrupted one goes on where it stopped. What is verified
 * replaces the content of catalog.db in one transaction. The last two sets stay.
 *
 * The same in a folder below STATE_DIR/inbox, copied from a stick: same signature, same checks, no
 * connection.
 */
#ifndef TILL_SNAPSHOT_LOAD_H
#define TILL_SNAPSHOT_LOAD_H

#include "uplink.h"

enum err snapshot_load_new(struct uplink *u, struct snapshot_load **out, struct why *why) MUST_CHECK;
void snapshot_load_free(struct snapshot_load *s);

void snapshot_load_begin(struct snapshot_load *s); /* unless it is under way */
void snapshot_load_pause(struct snapshot_load *s); /* the connection is gone */
bool snapshot_load_busy(const struct snapshot_load *s);

/* A set is on its way into the catalog, on a thread: u->catalog is that thread's. */
bool snapshot_load_applying(const struct snapshot_load *s);

/* Looks into the inbox. */
void snapshot_load_inbox(struct snapshot_load *s);

void snapshot_load_status(const struct snapshot_load *s, struct jsonw *w); /* member "snapshot" */

#endif
