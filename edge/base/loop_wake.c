/*
 * What reaches the loop from outside its thread: signals through a signalfd, other threads through an
 * eventfd.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "loop_parts.h"

static void on_signals(int fd, unsigned events, void *arg)
{
	struct loop *l = arg;
	struct signalfd_siginfo info;

	(void)events;
	while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		const struct signal_handler *h = &l->signals[info.ssi_signo];

		if (h->fn)
			h->fn((int)info.ssi_signo, h->arg);
	}
}

static enum err start_signals(struct loop *l)
{
	enum err e;

	l->signal_fd = signalfd(-1, &l->signal_set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (l->signal_fd < 0)
		return ERR_IO;
	e = loop_watch(l, l->signal_fd, LOOP_READ, on_signals, l);
	if (e) {
		close(l->signal_fd);
		l->signal_fd = -1;
	}
	return e;
}

enum err loop_signal(struct loop *l, int signo, loop_signal_fn *fn, void *arg)
{
	if (signo <= 0 || signo >= NSIG || sigaddset(&l->signal_set, signo))
		return ERR_INVALID;
	if (pthread_sigmask(SIG_BLOCK, &l->signal_set, NULL))
		return ERR_IO;
	l->signals[signo] = (struct signal_handler){fn, arg};
	if (l->signal_fd < 0)
		return start_signals(l);
	return signalfd(l->signal_fd, &l->signal_set, SFD_NONBLOCK | SFD_CLOEXEC) < 0 ? ERR_IO : ERR_OK;
}

struct loop_wake {
	struct loop *loop;
	int fd;
	loop_fn *fn;
	void *arg;
};

static void on_wake(int fd, unsigned events, void *arg)
{
	struct loop_wake *w = arg;
	uint64_t times;

	(void)events;
	if (read(fd, &times, sizeof(times)) == (ssize_t)sizeof(times))
		w->fn(w->arg);
}

enum err loop_wake_new(struct loop *l, loop_fn *fn, void *arg, struct loop_wake **out)
{
	struct loop_wake *w = malloc(sizeof(*w));
	enum err e;

	if (!w)
		return ERR_MEMORY;
	*w = (struct loop_wake){.loop = l, .fn = fn, .arg = arg};
	w->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	e = w->fd < 0 ? ERR_IO : loop_watch(l, w->fd, LOOP_READ, on_wake, w);
	if (!e) {
		*out = w;
		return ERR_OK;
	}
	if (w->fd >= 0)
		close(w->fd);
	free(w);
	return e;
}

/* The counter is full only after 2^64 - 2 calls without a turn: then it is awake enough. */
void loop_wake_up(struct loop_wake *w)
{
	const uint64_t one = 1;

	while (write(w->fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void loop_wake_free(struct loop_wake *w)
{
	if (!w)
		return;
	loop_unwatch(w->loop, w->fd);
	close(w->fd);
	free(w);
}
