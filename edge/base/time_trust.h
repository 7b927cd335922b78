/*
 * Whether a box may trust its clock, and what to do if not: by the floor, by what headquarters told in this
 * boot, and by whether the kernel is told the time (NTP). docs/operations.md, "The clock".
 */
#ifndef TILL_TIME_TRUST_H
#define TILL_TIME_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIME_TOLERANCE_MS 60000 /* nothing that a shop does begins or ends by seconds */
#define TIME_UNKNOWN	  INT64_MAX

enum time_source { TIME_NOBODY, TIME_NTP, TIME_HEADQUARTERS };
const char *time_source_name(enum time_source s); /* "nobody", "ntp", "headquarters" */

/* Why nobody vouches for it. */
enum time_doubt {
	TIME_SURE,
	TIME_BEHIND, /* the clock stands before what is known to have passed */
	TIME_AHEAD,  /* headquarters says that it is earlier */
	TIME_UNKEPT, /* nothing keeps it right, and nobody told the time since the box was started */
};
const char *time_doubt_name(enum time_doubt d); /* "sure", "behind", "ahead", "unkept" */

/* What is known, all at one instant. */
struct time_facts {
	int64_t clock_ms, floor_ms;
	int64_t told_ms,
		uncertain_ms; /* by headquarters, carried on to now; told_ms TIME_UNKNOWN: it was not */
	bool kept;	      /* the kernel says that something keeps the clock right */
};

struct time_state {
	bool uncertain;	  /* doubt is another than TIME_SURE */
	bool clock_wrong; /* the box's clock is before the floor: the time is the floor's */
	enum time_doubt doubt;
	enum time_source source;
	struct time_facts facts;
	int64_t now_ms; /* what is taken for the time: the clock's, but never before the floor */
};

void time_judge(const struct time_facts *facts, struct time_state *out);

/* The state in a sentence, and what to do; "": nothing. */
#define TIME_TEXT_MAX 256
void time_words(const struct time_state *s, char text[TIME_TEXT_MAX], const char **fix);

/* What to do about a clock that is wrong. */
const char *time_fix(void);

/* What the kernel says: something disciplines the clock, and it has caught on. */
bool time_is_kept(void);

struct clock;
struct time_mark;
/*
 * Facts from the marks of tilld and till-sync ({0} for one that is not there), on that clock, in that boot. A
 * mark's floor is of when it was written: what passed since in this boot is on top only of what headquarters
 * told.
 */
void time_facts_of(const struct clock *clock, const char *boot, const struct time_mark *own,
		   const struct time_mark *hq, struct time_facts *out);

#endif
