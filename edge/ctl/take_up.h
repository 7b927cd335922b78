/*
 * What a command that changes the catalog does last: it rings the daemon's doorbell.
 */
#ifndef TILL_TAKE_UP_H
#define TILL_TAKE_UP_H

#include "ctl.h"

/* Rings, and waits until the daemon has that version or a later one, so that the next scan finds it. The
 * connection is open. False: it does not answer, or has not taken it up in time. */
bool take_up(struct ctl *ctl, uint64_t version) MUST_CHECK;

#endif
