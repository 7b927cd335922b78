/*
 * The loop's inside, shared by its three files. Not for users; they include loop.h.
 */
#ifndef TILL_LOOP_PARTS_H
#define TILL_LOOP_PARTS_H

#include <signal.h>
#include <stddef.h>

#include "loop.h"

/* What is watched on one descriptor. The generation rises with each loop_unwatch, see loop.c. */
struct watch {
	loop_fd_fn *fn; /* NULL: nothing */
	void *arg;
	unsigned events;
	uint32_t generation;
};

struct loop_timer {
	struct loop *loop;
	loop_fn *fn;
	void *arg;
	int64_t due_us;
	uint64_t order; /* of setting: breaks ties, and tells timers set during a turn */
	size_t at;	/* in the heap, TIMER_IDLE if not there */
};

#define TIMER_IDLE  SIZE_MAX
#define TIMER_NEVER INT64_MAX

struct hook {
	loop_fn *fn;
	void *arg;
};

struct signal_handler {
	loop_signal_fn *fn;
	void *arg;
};

struct loop {
	const struct clock *clock;
	int epoll_fd;
	int last_fd; /* an epoll within it: of those with LOOP_LAST; -1 until there is one */
	bool started, stopped;

	struct watch *watches; /* by descriptor */
	size_t watches_size;

	struct loop_timer **heap; /* the earliest first; has room for every timer that exists */
	size_t heap_count, heap_size, timers;
	uint64_t timer_order;
	int timer_fd;	  /* wakes the loop for the earliest of them */
	int64_t armed_us; /* when it does, by the clock; TIMER_NEVER: not at all */

	int signal_fd; /* -1 until the first signal is asked for */
	sigset_t signal_set;
	struct signal_handler signals[NSIG];

	struct hook hooks[LOOP_HOOKS_MAX];
	size_t hooks_count;
};

/* Runs the timers that are due. */
void loop_timers_run(struct loop *l);

/* Sees to it that the loop wakes up when the first timer is due. True: one is due now. */
bool loop_timers_arm(struct loop *l);

/* timer_fd went off. */
void loop_timers_woke(struct loop *l);

#endif
