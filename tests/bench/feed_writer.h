/*
 * A process that changes prices for a box, so many a minute, by one of two ways (feed_sink.h). What it writes
 * is in memory that it shares with the benchmark, so that a price can be judged by when it was in force.
 */
#ifndef BENCH_FEED_WRITER_H
#define BENCH_FEED_WRITER_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "box.h"
#include "goods.h"

#define FEED_TURNS 20 /* transactions a second */
#define FEED_MAX   200000

struct feed_change {
	uint32_t good;
	int64_t price;
	int64_t began_ns;	      /* before its transaction */
	_Atomic int64_t committed_ns; /* INT64_MAX: not yet */
};

enum feed_state { FEED_REST, FEED_RUN, FEED_END };

/* Shared. The writer rests once resting says so. */
struct feed {
	atomic_int state;
	atomic_bool resting;
	atomic_uint count; /* changes that are begun: at[count - 1] is the newest */
	atomic_int helper; /* process of a program that it started; 0: none */
	struct feed_change at[FEED_MAX];
};

struct feed_writer {
	struct feed *feed;
	pid_t pid;
	int64_t a_minute; /* changes; the caller's to set */
};

/* Starts it at rest, at the lowest priority (nice 19), on any processor. */
void feed_writer_start(struct feed_writer *w, const struct box *b, const struct goods *goods);

/* Lets it write, or returns when it has stopped writing. */
void feed_writer_run(struct feed_writer *w);
void feed_writer_rest(struct feed_writer *w);

void feed_writer_stop(struct feed_writer *w);

#endif
