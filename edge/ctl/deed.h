/*
 * Events of the ledger as deeds: who did what, in a sentence, for those who look into it later.
 */
#ifndef TILL_DEED_H
#define TILL_DEED_H

#include "event.h"

#define DEED_WHAT_MAX 400

/* Text is the event's or in the arena that it was read into. */
struct deed {
	const char *who, *order; /* "" where there is none */
	char what[DEED_WHAT_MAX];
};

/* A kind of a later version is told as such. ERR_INVALID: the event cannot be read. */
enum err deed_tell(const struct event_envelope *event, struct arena *a, struct deed *out,
		   struct why *why) MUST_CHECK;

#endif
