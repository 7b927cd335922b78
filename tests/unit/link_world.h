/*
 * A box's till-sync and a headquarters, both real, turned by a test: over real TLS and DTLS on loopback, with
 * real files. Their clock skips what nobody would do anything in: waits of seconds take milliseconds.
 */
#ifndef TILL_LINK_WORLD_H
#define TILL_LINK_WORLD_H

#include <stdatomic.h>

#include "hq.h"
#include "scratch.h"
#include "uplink.h"

#include "unit.h"

#define WORLD_LIMIT_US INT64_C(60000000) /* real time: a test that has failed */

struct world_clock {
	struct clock clock; /* first */
	_Atomic int64_t skipped_us;
};

struct world {
	struct world_clock clock;
	struct scratch hq_place, box;
	struct loop *loop; /* the box's */
	struct hq hq;
	struct tilld_config config;
	struct uplink up;
	char socket[SCRATCH_PATH_MAX];
	bool running;
	unsigned orders;
	unsigned idle; /* turns in which nothing happened */
};

/* The disk is headquarters'; NULL: a sound one. */
void world_new(struct world *w, const struct disk *disk);
void world_free(struct world *w);

/* till-sync's part begins, and ends. */
void world_start(struct world *w);
void world_stop(struct world *w);
void world_turn(struct world *w);
const char *world_status(struct world *w);

/* Sales at the box, in one commit; what it has of tilld is the ledger. The id of its newest event. */
void world_sell(struct world *w, unsigned count);
int64_t world_newest(struct world *w);

/* Of the article PEN: the version, -1 if headquarters could not; and what the box's catalog has, -1: nothing.
 */
int64_t world_publish_price(struct world *w, unsigned cents);
int64_t world_price_of_pen(struct world *w);

/*
 * How far headquarters' log has the ledger: up to that id each event once, in order, byte for byte, and no
 * other. With check_log that is all of it.
 */
int64_t world_held(struct world *w);
void world_check_log(struct world *w);

/* Turns until the condition holds. */
#define TURN_UNTIL(w, condition)                                                                   \
	do {                                                                                       \
		int64_t end_us = clock_monotonic_us(&clock_system) + WORLD_LIMIT_US;               \
		while (!(condition)) {                                                             \
			if (clock_monotonic_us(&clock_system) > end_us)                            \
				fail_msg("%s did not come true: %s", #condition, world_status(w)); \
			world_turn(w);                                                             \
		}                                                                                  \
	} while (0)

#endif
