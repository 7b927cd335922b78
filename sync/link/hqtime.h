/*
 * Time: what this box knows of it, whatever its clock says. A floor that is kept and never goes down: raised
 * by when this program was built, by headquarters' signed time, and by what passed since on the boot clock.
 */
#ifndef TILL_HQTIME_H
#define TILL_HQTIME_H

#include "uplink.h"

enum err hqtime_new(struct uplink *u, struct hqtime **out, struct why *why) MUST_CHECK;
void hqtime_free(struct hqtime *t);

/* It is not earlier than that. */
int64_t hqtime_floor_ms(const struct hqtime *t);

/* The system's clock stands before what is known to have passed: certificates cannot be judged by it. */
bool hqtime_clock_is_wrong(const struct hqtime *t);

/* The best guess: the system's clock, unless that is wrong. */
int64_t hqtime_now_ms(const struct uplink *u);

/* Asks headquarters; done runs once, ERR_OK: the floor is what it said or higher. */
void hqtime_ask(struct hqtime *t, void (*done)(enum err e, void *arg), void *arg);

/* Asks once an hour, if it is connected. */
void hqtime_tend(struct hqtime *t);

void hqtime_status(const struct hqtime *t, struct jsonw *w); /* member "time" */

#endif
