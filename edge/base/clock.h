/*
 * The seam for time: production code asks a struct clock, never the system, so that a test or a
 * simulation can run it without sleeping.
 */
#ifndef TILL_CLOCK_H
#define TILL_CLOCK_H

#include <stdint.h>

struct clock {
	int64_t (*utc_ms)(const struct clock *c);	/* milliseconds since 1970, may jump */
	int64_t (*monotonic_us)(const struct clock *c); /* microseconds since boot, suspended time included */
};

/* The system's own clocks (CLOCK_REALTIME, CLOCK_BOOTTIME). */
extern const struct clock clock_system;

static inline int64_t clock_utc_ms(const struct clock *c)
{
	return c->utc_ms(c);
}

static inline int64_t clock_monotonic_us(const struct clock *c)
{
	return c->monotonic_us(c);
}

/* A clock that stands still until it is told: tests and simulations. Its monotonic time starts at 0. */
struct clock_manual {
	struct clock clock;		      /* first, so that a pointer to it is a pointer to this */
	_Atomic int64_t utc_ms, monotonic_us; /* workers look at it while a test turns it */
};
void clock_manual_init(struct clock_manual *c, int64_t utc_ms);
void clock_manual_advance_ms(struct clock_manual *c, int64_t ms);

#endif
