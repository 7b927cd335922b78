/*
 * See delay_line.h. One connection at a time is all that a box has; a few are allowed for.
 */
#include "delay_line.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

#define PAIRS	    8
#define WAYS	    16 /* two of each */
#define CHUNK_BYTES 65536

/* Bytes on their way, in the order of their times. */
struct chunk {
	struct chunk *next;
	int64_t due_ns;
	size_t n;
	uint8_t bytes[];
};

/* One way of one connection. */
struct way {
	int from, to;
	struct chunk *first, **end;
};

struct line {
	int listener;
	uint16_t target;
	int64_t late_ns;
	struct way ways[WAYS];
	size_t count;
};

static int dial(uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		measure_fail("the delayed line: %s", strerror(errno));
	return fd;
}

static void take_in(struct line *l)
{
	int fd = accept(l->listener, NULL, NULL), one = 1, other;

	if (fd < 0)
		return;
	if (l->count + 2 > WAYS)
		measure_fail("the delayed line: more than %d connections", PAIRS);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	other = dial(l->target);
	l->ways[l->count++] = (struct way){.from = fd, .to = other};
	l->ways[l->count++] = (struct way){.from = other, .to = fd};
	for (size_t i = l->count - 2; i < l->count; i++)
		l->ways[i].end = &l->ways[i].first;
}

/* The end of the stream is a chunk of no bytes. */
static void take_bytes(const struct line *l, struct way *w)
{
	struct chunk *c = malloc(sizeof(*c) + CHUNK_BYTES);
	ssize_t n = c ? read(w->from, c->bytes, CHUNK_BYTES) : 0;

	if (!c)
		measure_fail("out of memory");
	c->next = NULL;
	c->n = n > 0 ? (size_t)n : 0;
	c->due_ns = measure_now_ns() + l->late_ns;
	*w->end = c;
	w->end = &c->next;
	if (n <= 0)
		w->from = -1; /* poll(2) passes over it */
}

static void give_bytes(struct way *w, int64_t now)
{
	while (w->first && w->first->due_ns <= now) {
		struct chunk *c = w->first;

		for (size_t sent = 0; sent < c->n;) {
			ssize_t n = send(w->to, c->bytes + sent, c->n - sent, MSG_NOSIGNAL);

			if (n <= 0)
				break; /* the other end is gone */
			sent += (size_t)n;
		}
		if (c->n == 0)
			shutdown(w->to, SHUT_WR);
		w->first = c->next;
		if (!w->first)
			w->end = &w->first;
		free(c);
	}
}

static int wait_ms(const struct line *l)
{
	int64_t now = measure_now_ns(), due = INT64_MAX;

	for (size_t i = 0; i < l->count; i++)
		if (l->ways[i].first && l->ways[i].first->due_ns < due)
			due = l->ways[i].first->due_ns;
	if (due == INT64_MAX)
		return -1;
	return due <= now ? 0 : (int)((due - now) / 1000000) + 1;
}

static void run(struct line *l)
{
	struct pollfd p[WAYS + 1];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		size_t count = l->count;

		for (size_t i = 0; i < count; i++)
			p[i] = (struct pollfd){.fd = l->ways[i].from, .events = POLLIN};
		p[count] = (struct pollfd){.fd = l->listener, .events = POLLIN};
		poll(p, count + 1, wait_ms(l));
		for (size_t i = 0; i < count; i++)
			if (p[i].revents)
				take_bytes(l, &l->ways[i]);
		if (p[count].revents)
			take_in(l);
		for (size_t i = 0; i < l->count; i++)
			give_bytes(&l->ways[i], measure_now_ns());
	}
}

void delay_line_start(struct delay_line *d, uint16_t target, int64_t each_way_ms)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t n = sizeof(at);
	struct line l = {.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
			 .target = target,
			 .late_ns = each_way_ms * 1000000};

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (l.listener < 0 || bind(l.listener, (struct sockaddr *)&at, sizeof(at)) ||
	    listen(l.listener, PAIRS) || getsockname(l.listener, (struct sockaddr *)&at, &n))
		measure_fail("the delayed line: %s", strerror(errno));
	d->port = ntohs(at.sin_port);
	d->pid = fork();
	if (d->pid < 0)
		measure_fail("no process for a delayed line: %s", strerror(errno));
	if (d->pid == 0)
		run(&l);
	close(l.listener);
}

void delay_line_stop(struct delay_line *d)
{
	kill(d->pid, SIGKILL);
	waitpid(d->pid, NULL, 0);
}
