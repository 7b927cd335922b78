/*
 * What promotions did in the evaluation before, kept by a memo (memo.c): a change of one line concerns few of
 * them, and the others do the same again. Only the policy "precedence" looks at it.
 */
#ifndef TILL_PAST_H
#define TILL_PAST_H

#include "engine_work.h"

#define PAST_VERDICTS 256 /* of a cart; of one that has more nothing is kept ... */
#define PAST_GIVEN    512 /* ... nor of one whose lines have more discounts */

/* The discounts that lines got of a promotion: its part of past.given. */
struct deed {
	uint32_t first; /* CATALOG_NONE: it was not judged */
	uint32_t count;
	bool turn; /* it had a turn: nothing but goods kept it from applying */
};

/* The first three arrays are those of struct work, and stand in its place while promotions are repeated. */
struct past {
	bool holds;
	uint32_t judged_count, turn_count;
	struct verdict judged[PAST_VERDICTS];
	struct turn turns[PAST_VERDICTS];
	struct deed deeds[PAST_VERDICTS]; /* by place in judged */
	struct discount given[PAST_GIVEN];
};

/*
 * The only good that is another than in the evaluation before; CATALOG_NONE: none is. From here on goods that
 * promotions may treat otherwise than then are changed, and so is what concerns those.
 */
void past_begin(struct work *w, uint32_t good);

/* Adds what that good makes a promotion to judge. False: verdicts are to be made from scratch, after all. */
bool past_judge(struct work *w);

/* Does what the promotion did, if that is the same again; else it is carried out, and past_compare is told
 * whether it applied and what stood in w->given_count before. */
bool past_repeat(struct work *w, uint32_t judged, bool *applied);
void past_compare(struct work *w, uint32_t judged, bool applied, uint32_t given_before);

/* Keeps what promotions did, for the next evaluation. */
void past_keep(struct work *w);

#endif
