/*
 * Prices that people set at this box, as the loader takes them: records of overrides, immutable, handed over
 * as a whole whenever one begins or ends. They stand in the ledger, not in catalog.db, and are put into every
 * snapshot, so that lanes, extracts and replays see them as they see headquarters' own.
 */
#ifndef TILL_OVERRIDE_SET_H
#define TILL_OVERRIDE_SET_H

#include "snapshot.h"

#define OVERRIDE_SET_MAX 1000

struct override_set;

struct override_set *override_set_new(void);	  /* NULL: out of memory */
void override_set_free(struct override_set *set); /* NULL is fine */

/* A copy of the record joins. ERR_LIMIT after OVERRIDE_SET_MAX; ERR_MEMORY. */
enum err override_set_add(struct override_set *set, const struct record_override *o) MUST_CHECK;

/*
 * The snapshot with the overrides of `now` and without those of `before` (NULL: none), as a new one; articles
 * that it does not have are passed over. ERR_STATE: it cannot be had from this snapshot, for why says.
 */
enum err override_set_apply(const struct override_set *now, const struct override_set *before,
			    struct snapshot *base, struct snapshot **out, struct why *why) MUST_CHECK;

#endif
