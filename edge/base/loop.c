/*
 * Waiting and handing out. An event carries its descriptor's generation, which rises when the descriptor is
 * unwatched: epoll returns events in batches, so one for a descriptor that an earlier handler of the same
 * batch closed may still be in it, and by then the number may belong to a new connection.
 *
 * Descriptors with LOOP_LAST are in an epoll of their own, which the loop's epoll watches as one descriptor:
 * a hundred of them that are always ready do not fill the batch, in which a scanner might not be then.
 */
#include "loop.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "loop_parts.h"

#define BATCH	    64
#define LAST_SET    UINT64_MAX /* the event of the epoll within */
#define TIMER_SET   (UINT64_MAX - 1)
#define WATCHES_MIN 64

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* At its edge: it is set anew before it is waited for again, so nobody reads it. */
static bool watch_timer(const struct loop *l)
{
	struct epoll_event e = {.events = EPOLLIN | EPOLLET, .data.u64 = TIMER_SET};

	return epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->timer_fd, &e) == 0;
}

enum err loop_new(const struct clock *clock, struct loop **out)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (!l)
		return ERR_MEMORY;
	l->clock = clock;
	l->signal_fd = l->last_fd = -1;
	l->armed_us = TIMER_NEVER;
	sigemptyset(&l->signal_set);
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->epoll_fd < 0 || l->timer_fd < 0 || !watch_timer(l)) {
		loop_free(l);
		return ERR_IO;
	}
	*out = l;
	return ERR_OK;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	assert(l->timers == 0);
	close_fd(l->signal_fd);
	close_fd(l->last_fd);
	close_fd(l->timer_fd);
	close_fd(l->epoll_fd);
	free(l->heap);
	free(l->watches);
	free(l);
}

const struct clock *loop_clock(const struct loop *l)
{
	return l->clock;
}

/* Makes watches[fd] exist. */
static enum err reach(struct loop *l, size_t fd)
{
	size_t size = l->watches_size ? l->watches_size : WATCHES_MIN;
	struct watch *watches;

	if (fd < l->watches_size)
		return ERR_OK;
	while (size <= fd)
		size *= 2;
	watches = reallocarray(l->watches, size, sizeof(*watches));
	if (!watches)
		return ERR_MEMORY;
	memset(watches + l->watches_size, 0, (size - l->watches_size) * sizeof(*watches));
	l->watches = watches;
	l->watches_size = size;
	return ERR_OK;
}

static int set_of(const struct loop *l, unsigned events)
{
	return events & LOOP_LAST ? l->last_fd : l->epoll_fd;
}

/* Makes the epoll within exist. */
static bool reach_last(struct loop *l)
{
	struct epoll_event e = {.events = EPOLLIN, .data.u64 = LAST_SET};

	if (l->last_fd >= 0)
		return true;
	l->last_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->last_fd < 0)
		return false;
	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->last_fd, &e) == 0)
		return true;
	close(l->last_fd);
	l->last_fd = -1;
	return false;
}

static bool register_fd(struct loop *l, int op, int fd, unsigned events)
{
	struct epoll_event e = {
		.events = (events & LOOP_READ ? (uint32_t)EPOLLIN : 0) |
			  (events & LOOP_WRITE ? (uint32_t)EPOLLOUT : 0),
		.data.u64 = (uint64_t)l->watches[fd].generation << 32 | (uint32_t)fd,
	};

	return epoll_ctl(set_of(l, events), op, fd, &e) == 0;
}

enum err loop_watch(struct loop *l, int fd, unsigned events, loop_fd_fn *fn, void *arg)
{
	enum err e = fd < 0 ? ERR_INVALID : reach(l, (size_t)fd);
	struct watch *w;

	if (e)
		return e;
	if ((events & LOOP_LAST) && !reach_last(l))
		return ERR_IO;
	w = &l->watches[fd];
	if (w->fn && (w->events ^ events) & LOOP_LAST)
		loop_unwatch(l, fd);
	if (!w->fn || !register_fd(l, EPOLL_CTL_MOD, fd, events)) {
		/* An owner that closed the descriptor while it was watched has lost its registration, too. */
		w->generation += w->fn != NULL;
		w->fn = NULL;
		if (!register_fd(l, EPOLL_CTL_ADD, fd, events))
			return ERR_IO;
	}
	w->fn = fn;
	w->arg = arg;
	w->events = events;
	return ERR_OK;
}

void loop_unwatch(struct loop *l, int fd)
{
	struct watch *w;

	if (fd < 0 || (size_t)fd >= l->watches_size || !l->watches[fd].fn)
		return;
	w = &l->watches[fd];
	w->fn = NULL;
	w->generation++;
	epoll_ctl(set_of(l, w->events), EPOLL_CTL_DEL, fd,
		  NULL); /* fails if it is closed already, which is as good */
}

static void dispatch(struct loop *l, const struct epoll_event *event)
{
	int fd = (int)(uint32_t)event->data.u64;
	uint32_t generation = (uint32_t)(event->data.u64 >> 32);
	const struct watch *w = &l->watches[fd];
	unsigned events = 0;

	if (!w->fn || w->generation != generation)
		return;
	if (event->events & EPOLLIN)
		events |= LOOP_READ;
	if (event->events & EPOLLOUT)
		events |= LOOP_WRITE;
	events &= w->events; /* an earlier handler may have lost interest */
	if (event->events & (EPOLLHUP | EPOLLERR))
		events |= LOOP_HANGUP;
	if (events)
		w->fn(fd, events, w->arg);
}

enum err loop_before_sleep(struct loop *l, loop_fn *fn, void *arg)
{
	if (l->hooks_count == LOOP_HOOKS_MAX)
		return ERR_LIMIT;
	l->hooks[l->hooks_count++] = (struct hook){fn, arg};
	return ERR_OK;
}

static void run_hooks(struct loop *l)
{
	for (size_t i = 0; i < l->hooks_count; i++)
		l->hooks[i].fn(l->hooks[i].arg);
}

static void turn_last(struct loop *l)
{
	struct epoll_event events[LOOP_LAST_A_TURN];
	int n = epoll_wait(l->last_fd, events, LOOP_LAST_A_TURN, 0);

	assert(n >= 0 || errno == EINTR);
	for (int i = 0; i < n; i++)
		dispatch(l, &events[i]);
}

void loop_turn(struct loop *l, int timeout_ms)
{
	struct epoll_event events[BATCH];
	bool last = false;
	int n;

	if (!l->started)
		run_hooks(l);
	l->started = true;
	n = epoll_wait(l->epoll_fd, events, BATCH, loop_timers_arm(l) ? 0 : timeout_ms);
	assert(n >= 0 || errno == EINTR);
	for (int i = 0; i < n; i++) {
		if (events[i].data.u64 == LAST_SET)
			last = true;
		else if (events[i].data.u64 == TIMER_SET)
			loop_timers_woke(l);
		else
			dispatch(l, &events[i]);
	}
	loop_timers_run(l);
	if (last)
		turn_last(l);
	run_hooks(l);
}

void loop_run(struct loop *l)
{
	while (!l->stopped)
		loop_turn(l, -1);
	l->stopped = false;
}

void loop_stop(struct loop *l)
{
	l->stopped = true;
}
