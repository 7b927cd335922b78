/*
 * The loop: one thread, one epoll, descriptors, monotonic timers and signals. Handlers never block and do
 * bounded work; whatever waits on a disk has a worker and comes back through a struct loop_wake.
 */
#ifndef TILL_LOOP_H
#define TILL_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "err.h"

struct loop;
struct loop_timer;

enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_HANGUP = 4, LOOP_LAST = 8 };

/* events is what happened: LOOP_READ, LOOP_WRITE, LOOP_HANGUP (also on error), or several. */
typedef void loop_fd_fn(int fd, unsigned events, void *arg);
typedef void loop_fn(void *arg);
typedef void loop_signal_fn(int signo, void *arg);

enum err loop_new(const struct clock *clock, struct loop **out) MUST_CHECK;
void loop_free(struct loop *l); /* descriptors stay open: they are their owners' */

/* Turns until loop_stop. loop_turn waits at most timeout_ms (-1: for ever), handles what is due, returns. */
void loop_run(struct loop *l);
void loop_turn(struct loop *l, int timeout_ms);
void loop_stop(struct loop *l);

const struct clock *loop_clock(const struct loop *l);

/*
 * Watches fd for LOOP_READ, LOOP_WRITE or both; calling again changes handler and events: one handler a fd.
 * With LOOP_LAST it waits behind all that are watched without, and no more than LOOP_LAST_A_TURN of its kind
 * are served in a turn, in the order in which they became ready: for those that may be many and can wait.
 */
#define LOOP_LAST_A_TURN 8
enum err loop_watch(struct loop *l, int fd, unsigned events, loop_fd_fn *fn, void *arg) MUST_CHECK;

/* Stops watching; safe inside any handler, and no event of this turn reaches fd's handler afterwards. */
void loop_unwatch(struct loop *l, int fd);

/*
 * A timer belongs to its owner until loop_timer_free, which comes before loop_free. It is idle at first; set
 * starts or moves it, for one run of fn. A handler may set, stop or free any timer, its own too; what it
 * sets runs in the next turn at the earliest. Time is the clock's monotonic time.
 */
enum err loop_timer_new(struct loop *l, loop_fn *fn, void *arg, struct loop_timer **out) MUST_CHECK;
void loop_timer_set(struct loop_timer *t, int64_t in_ms);
void loop_timer_stop(struct loop_timer *t);
void loop_timer_free(struct loop_timer *t); /* NULL is fine */

/* Signals arrive as events of the loop. Blocks signo in this thread, for good: call before threads start. */
enum err loop_signal(struct loop *l, int signo, loop_signal_fn *fn, void *arg) MUST_CHECK;

/*
 * fn runs after each turn's handlers, and once before the first turn waits: to flush what was queued. One
 * hook a module; more than LOOP_HOOKS_MAX are ERR_LIMIT.
 */
#define LOOP_HOOKS_MAX 4
enum err loop_before_sleep(struct loop *l, loop_fn *fn, void *arg) MUST_CHECK;

/*
 * A wake-up from another thread: loop_wake_up may be called from any thread and makes fn run on the loop's
 * thread, once for any number of calls before it runs.
 */
struct loop_wake;
enum err loop_wake_new(struct loop *l, loop_fn *fn, void *arg, struct loop_wake **out) MUST_CHECK;
void loop_wake_up(struct loop_wake *w);
void loop_wake_free(struct loop_wake *w);

#endif
