/*
 * The doorbell: tells tilld, by the control socket, that catalog.db has changed, so that the next cart has it
 * at once; it looks by itself each second. A tilld that does not run is no matter.
 */
#ifndef TILL_BELL_H
#define TILL_BELL_H

#include "uplink.h"

enum err bell_new(struct uplink *u, struct bell **out, struct why *why) MUST_CHECK;
void bell_free(struct bell *b);
void bell_ring(struct bell *b);

#endif
