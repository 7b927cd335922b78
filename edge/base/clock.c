/*
 * The system's clocks, and one that is turned by hand.
 */
#include "clock.h"

#include <time.h>

static int64_t system_utc_ms(const struct clock *c)
{
	struct timespec t;

	(void)c;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t system_monotonic_us(const struct clock *c)
{
	struct timespec t;

	(void)c;
	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

const struct clock clock_system = {
	.utc_ms = system_utc_ms,
	.monotonic_us = system_monotonic_us,
};

static int64_t manual_utc_ms(const struct clock *c)
{
	return ((const struct clock_manual *)c)->utc_ms;
}

static int64_t manual_monotonic_us(const struct clock *c)
{
	return ((const struct clock_manual *)c)->monotonic_us;
}

void clock_manual_init(struct clock_manual *c, int64_t utc_ms)
{
	c->clock = (struct clock){.utc_ms = manual_utc_ms, .monotonic_us = manual_monotonic_us};
	c->utc_ms = utc_ms;
	c->monotonic_us = 0;
}

void clock_manual_advance_ms(struct clock_manual *c, int64_t ms)
{
	c->utc_ms += ms;
	c->monotonic_us += ms * 1000;
}
