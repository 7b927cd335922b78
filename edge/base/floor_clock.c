#include "floor_clock.h"

static int64_t boot_ms(const struct floor_clock *c)
{
	return clock_monotonic_us(c->below) / 1000;
}

int64_t floor_clock_floor_ms(const struct floor_clock *c)
{
	return c->at_boot_ms + boot_ms(c);
}

static int64_t utc_ms(const struct clock *clock)
{
	const struct floor_clock *c = (const struct floor_clock *)clock;
	int64_t says = clock_utc_ms(c->below), floor = floor_clock_floor_ms(c);

	return says > floor ? says : floor;
}

static int64_t monotonic_us(const struct clock *clock)
{
	return clock_monotonic_us(((const struct floor_clock *)clock)->below);
}

void floor_clock_init(struct floor_clock *c, const struct clock *below)
{
	c->clock = (struct clock){.utc_ms = utc_ms, .monotonic_us = monotonic_us};
	c->below = below;
	c->at_boot_ms = TILL_BUILT_S * INT64_C(1000) - boot_ms(c);
}

void floor_clock_raise(struct floor_clock *c, int64_t utc_ms)
{
	int64_t at_boot_ms = utc_ms - boot_ms(c);

	if (at_boot_ms > c->at_boot_ms)
		c->at_boot_ms = at_boot_ms;
}
