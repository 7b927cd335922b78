/*
 * What the files about overrides share. Private to them.
 */
#ifndef TILL_OVERRIDES_PARTS_H
#define TILL_OVERRIDES_PARTS_H

#include "lane_parts.h"
#include "ledger_note.h"
#include "overrides.h"

enum override_state { OVERRIDE_PENDING, OVERRIDE_ACTIVE };

struct override {
	struct override *next;
	struct arena arena; /* what it points to */
	struct event_override said;
	enum override_state state;
	const char *approved_by; /* NULL: nobody has, or nobody had to */
	bool busy;		 /* what was said of it is on its way to the disk */
	bool over;		 /* time has ended it: it is not there any more but for the ledger */
};

struct overrides {
	struct shop *shop;
	struct override *first, **end; /* the active ones in the order in which they began to count */
	size_t count;		       /* that are not over */
	size_t under_way;	       /* new ones on their way to the disk, which will count */
	bool published;		       /* the loader has some of ours */
	struct loop_timer *timer;
	int64_t given; /* numbers given out in this segment */
};

struct override *override_find(const struct overrides *o, const char *id); /* NULL: none */

/* Takes it up as it was said; it takes the arena. NULL: out of memory. */
struct override *override_add(struct overrides *o, const struct event_override *said, struct arena *arena);

/* What was said of it is in force from now on; ends it if that is what was said. */
void override_settle(struct overrides *o, struct override *one, enum approval_verdict verdict, const char *by,
		     int64_t at_s);

/* Sees what time has ended. */
void overrides_prune(struct overrides *o);

/* overrides_say.c: writes down what time has ended; what finds no room now waits for the next time. */
void overrides_expire(struct overrides *o);

/*
 * overrides_judge.c: what that price means, by the catalog in force: fills in before, change, floor and
 * needs. False: refused.
 */
bool override_judge(const struct overrides *o, const struct override_wish *w, struct event_override *said,
		    struct answer *a);

/* What a list asks of anybody by now. False: none does. */
bool override_list_price(const struct overrides *o, const char *sku, struct money *out);

/* overrides_tell.c: what is told of a new one; and of what was said of one, before that is settled. */
void override_tell_new(const struct overrides *o, const struct override *one);
void override_tell_verdict(const struct overrides *o, const struct override *one,
			   const struct event_approval *verdict);

/* Whether somebody has to look at it still. */
bool override_waits(const struct override *one);

/* Whether that person may say that of it. */
bool override_may_decide(const struct override *one, enum approval_verdict verdict, const struct person *by,
			 struct answer *a);

#endif
