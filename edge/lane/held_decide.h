/*
 * What a second person says of a change that an import held (book/held.h). It takes the roles that a price
 * set by hand takes (overrides.h), never who imported it, and is an event of the ledger with who and why. The
 * catalog is not the daemon's to write: whoever asked then does what was said (catalog_settle_held).
 */
#ifndef TILL_HELD_DECIDE_H
#define TILL_HELD_DECIDE_H

#include "event_override.h"
#include "held.h"
#include "lane.h"
#include "person.h"

/* Whether an id is of something that an import held, and not of an override. */
bool held_is_id(const char *id);

/*
 * done runs once, perhaps before the call returns; h, valid during the call, says what was decided, by whom
 * and why: a repeat gets the first answer. verdict: VERDICT_APPROVED or VERDICT_REJECTED.
 */
typedef void held_done_fn(const struct held *h, const struct answer *a, void *arg);
void held_decide(struct shop *s, const char *id, enum approval_verdict verdict, const char *reason,
		 const struct person *by, held_done_fn *done, void *arg);

#endif
