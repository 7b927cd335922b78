/*
 * A walk over the whole chain, and what it makes of an event that is not the next one. Private to the check
 * of the ledger.
 */
#ifndef TILL_LEDGER_WALK_H
#define TILL_LEDGER_WALK_H

#include "ledger_reader.h"
#include "uses.h"

/* What the events so far say. */
struct walk {
	struct ledger_reader *reader;
	const struct ledger_watch *watch;
	struct arena arena;	   /* of the event at hand */
	int64_t id;		   /* of the event before; 0: none */
	int64_t newest;		   /* id; for progress */
	struct ledger_position at; /* of the event before */
	int64_t sales, bodies, segments, notes;
	struct ledger_verdict *verdict;
	struct head_mark mark;	   /* of ledger.head; id 0: it says nothing */
	bool anchored;		   /* the caller's anchor was met */
	struct uses *table, *fold; /* what the table of uses says, and what the events say */
	int64_t uses_until;	   /* the table speaks of events up to that one; 0: it says nothing */
};

/* Reads the table of uses; within the walk's transaction. */
enum err ledger_walk_uses(struct walk *w, struct why *why) MUST_CHECK;

/* The event, which holds, is the next for the table of uses. sale: the sale that it is, or NULL. */
enum err ledger_walk_use(struct walk *w, const struct event_envelope *event, const struct event_sale *sale,
			 int64_t id, struct why *why) MUST_CHECK;

/* Gives back what the walk took. */
void ledger_walk_end(struct walk *w);

/* ERR_CORRUPT, with the fault in the verdict and "PATH: event 7: what" in why. */
enum err ledger_broken(struct walk *w, enum ledger_fault fault, int64_t id, const char *what,
		       struct why *why) MUST_CHECK;

/*
 * Says what became of the event behind the last one that holds: raw holds by itself, and was chained to
 * another. in_place: by its numbers it is the next all the same. The walk is at its end then: raw is not
 * valid any more.
 */
enum err ledger_diagnose(struct walk *w, const struct event_envelope *event, const struct ledger_event *raw,
			 struct why *why) MUST_CHECK;

/* The same when the next id is not there, and raw is the first behind it. */
enum err ledger_diagnose_gap(struct walk *w, const struct ledger_event *raw, struct why *why) MUST_CHECK;

#endif
