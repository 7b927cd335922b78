/*
 * A return of the ledger, worked out again from the sale, the returns before it and the sale's extract.
 */
#ifndef TILL_REFUND_AGAIN_H
#define TILL_REFUND_AGAIN_H

#include "ledger.h"
#include "refund.h"

/*
 * Whether the return with that event id comes out as it is stored; else *out says where it first differs. The
 * reader is another one than that which has the event. All in the arena.
 */
enum err refund_again(struct ledger_reader *r, int64_t id, const struct event_return *stored,
		      struct decision_room *room, struct arena *a, bool *same,
		      struct decision_difference *out, struct why *why) MUST_CHECK;

#endif
