/*
 * Down: the change feed into catalog.db, each answer in one transaction. Observe is a doorbell only; what is
 * new is asked for, and asked for now and then without it, too.
 */
#ifndef TILL_FEED_H
#define TILL_FEED_H

#include "uplink.h"

enum err feed_new(struct uplink *u, struct feed **out, struct why *why) MUST_CHECK;
void feed_free(struct feed *f);

void feed_begin(struct feed *f); /* headquarters has answered hello */
void feed_pause(struct feed *f);
void feed_now(struct feed *f); /* asks at once */

void feed_status(const struct feed *f, struct jsonw *w); /* member "catalog" */

/*
 * A change of the wire as one of the book; text in the arena. ERR_NEWER: of a type that is not known here.
 * *strange: a rule that says what is not known here, by which it is paused; why says so.
 */
enum err feed_change(const struct wire_change *from, struct arena *a, struct change *out, bool *strange,
		     struct why *why) MUST_CHECK;

#endif
