/*
 * A clock that never goes below a floor: what is known to have passed, whatever the clock below it says. The
 * floor goes on by the boot clock, and is only ever raised. Any thread may look.
 */
#ifndef TILL_FLOOR_CLOCK_H
#define TILL_FLOOR_CLOCK_H

#include "clock.h"

struct floor_clock {
	struct clock clock; /* first, so that a pointer to it is a pointer to this */
	const struct clock *below;
	_Atomic int64_t at_boot_ms; /* the floor, when the boot clock was 0 */
};

/* The floor begins at when this program was built: it was not there before. */
void floor_clock_init(struct floor_clock *c, const struct clock *below);

void floor_clock_raise(struct floor_clock *c, int64_t utc_ms); /* lower ones change nothing */
int64_t floor_clock_floor_ms(const struct floor_clock *c);

#endif
