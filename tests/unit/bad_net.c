/*
 * See bad_net.h. A failure of the relay's own is an assertion's: loopback has no excuse.
 */
#include "bad_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buf.h"
#include "coaps.h"
#include "unit.h"

#define STREAMS	     16
#define FLOWS	     32
#define LATE	     128
#define DATAGRAM_MAX 2048
#define MANY	     16384
#define HELD_MAX     ((size_t)1 << 20)

enum { UP, DOWN };

/* ends[UP] is the box's: what is read there goes up. */
struct stream {
	struct bad_net *net;
	bool used, lossy;
	int ends[2];
	struct buf to[2]; /* what has not been written to that end yet */
	int64_t moved;
};

struct flow {
	struct bad_net *net;
	bool used;
	struct sockaddr_in box;
	int fd; /* connected to headquarters */
};

struct late {
	struct bad_net *net;
	struct loop_timer *timer;
	bool used;
	struct flow *flow;
	int way;
	size_t n;
	uint8_t bytes[DATAGRAM_MAX];
};

struct bad_net {
	struct loop *loop;
	uint64_t *seed;
	struct bad_net_rules rules;
	struct sockaddr_in target[2];
	int listening[2];
	uint16_t ports[2];
	struct stream streams[STREAMS];
	struct flow flows[FLOWS];
	unsigned next_flow;
	struct late late[LATE];
};

static bool chance(struct bad_net *n, unsigned of_a_thousand)
{
	return of_a_thousand && seed_next(n->seed) % 1000 < of_a_thousand;
}

static void stream_ready(int fd, unsigned events, void *arg);

static void stream_close(struct stream *s)
{
	const struct linger reset = {1, 0};

	for (int end = 0; end < 2; end++) {
		loop_unwatch(s->net->loop, s->ends[end]);
		(void)setsockopt(s->ends[end], SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(s->ends[end]);
		buf_free(&s->to[end]);
	}
	s->used = false;
}

/* An end is read while what it says has somewhere to go, and written to while something waits for it. */
static void stream_watch(struct stream *s)
{
	for (int end = 0; end < 2; end++) {
		bool room = buf_length(&s->to[1 - end]) < HELD_MAX && !s->net->rules.stalled;
		unsigned events =
			(room ? LOOP_READ : 0) |
			(buf_length(&s->to[end]) && !s->net->rules.stalled ? (unsigned)LOOP_WRITE : 0);

		if (events)
			assert_int_equal(loop_watch(s->net->loop, s->ends[end], events, stream_ready, s),
					 ERR_OK);
		else
			loop_unwatch(s->net->loop, s->ends[end]);
	}
}

/* False: that end is gone. */
static bool stream_flush(struct stream *s, int end)
{
	struct buf *b = &s->to[end];

	while (buf_length(b)) {
		ssize_t n = send(s->ends[end], buf_front(b), buf_length(b), MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		buf_take(b, (size_t)n);
	}
	return true;
}

/* What an end says, on its way. False: it is to be closed. */
static bool stream_move(struct stream *s, int from)
{
	const struct bad_net_rules *rules = &s->net->rules;
	uint8_t bytes[MANY];
	ssize_t n = recv(s->ends[from], bytes, rules->piece ? rules->piece : sizeof(bytes), MSG_DONTWAIT);

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	s->moved += n;
	if (rules->cut_after && s->moved >= rules->cut_after)
		return false;
	s->lossy = s->lossy || rules->silent[from];
	if (!s->lossy)
		assert_true(buf_add(&s->to[1 - from], bytes, (size_t)n));
	return stream_flush(s, 1 - from);
}

static void stream_ready(int fd, unsigned events, void *arg)
{
	struct stream *s = arg;
	int end = fd == s->ends[UP] ? UP : DOWN;

	if (((events & LOOP_WRITE) && !stream_flush(s, end)) ||
	    ((events & (LOOP_READ | LOOP_HANGUP)) && !stream_move(s, end)))
		stream_close(s);
	else
		stream_watch(s);
}

static void accepted(int fd, unsigned events, void *arg)
{
	struct bad_net *n = arg;
	struct stream *s = NULL;
	int box = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), hq;

	(void)events;
	if (box < 0)
		return;
	for (int i = 0; i < STREAMS && !s; i++)
		if (!n->streams[i].used)
			s = &n->streams[i];
	hq = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(hq >= 0);
	if (!s || connect(hq, (struct sockaddr *)&n->target[COAPS_TLS], sizeof(n->target[0])) != 0) {
		close(box); /* nobody listens there now */
		close(hq);
		return;
	}
	*s = (struct stream){.net = n, .used = true, .ends = {box, hq}};
	buf_init(&s->to[UP], 2 * HELD_MAX);
	buf_init(&s->to[DOWN], 2 * HELD_MAX);
	stream_watch(s);
}

static void deliver(struct flow *f, int way, const uint8_t *bytes, size_t n)
{
	const struct bad_net *net = f->net;

	/* Nobody listens, or the box has gone: so be it. */
	if (way == UP)
		(void)!send(f->fd, bytes, n, MSG_DONTWAIT);
	else
		(void)!sendto(net->listening[COAPS_DTLS], bytes, n, MSG_DONTWAIT,
			      (const struct sockaddr *)&f->box, sizeof(f->box));
}

static void is_due(void *arg)
{
	struct late *l = arg;

	l->used = false;
	deliver(l->flow, l->way, l->bytes, l->n);
}

static void delay(struct bad_net *n, struct flow *f, int way, const uint8_t *bytes, size_t length, int64_t ms)
{
	for (int i = 0; i < LATE; i++) {
		struct late *l = &n->late[i];

		if (l->used)
			continue;
		l->used = true;
		l->flow = f;
		l->way = way;
		l->n = length;
		memcpy(l->bytes, bytes, length);
		loop_timer_set(l->timer, ms);
		return;
	}
	/* more than the line holds: lost */
}

static void pass(struct flow *f, int way, const uint8_t *bytes, size_t length)
{
	struct bad_net *n = f->net;
	const struct bad_net_rules *rules = &n->rules;

	if (rules->stalled || rules->silent[way] || chance(n, rules->lost))
		return;
	for (int copies = chance(n, rules->twice) ? 2 : 1; copies > 0; copies--) {
		int64_t ms = rules->late_ms ? (int64_t)(seed_next(n->seed) % (rules->late_ms + 1)) : 0;

		if (ms)
			delay(n, f, way, bytes, length, ms);
		else
			deliver(f, way, bytes, length);
	}
}

static void from_hq(int fd, unsigned events, void *arg)
{
	struct flow *f = arg;
	uint8_t bytes[DATAGRAM_MAX];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	(void)events;
	if (n > 0)
		pass(f, DOWN, bytes, (size_t)n);
}

static struct flow *flow_of(struct bad_net *n, const struct sockaddr_in *box)
{
	struct flow *f;

	for (int i = 0; i < FLOWS; i++)
		if (n->flows[i].used && n->flows[i].box.sin_port == box->sin_port)
			return &n->flows[i];
	f = &n->flows[n->next_flow++ % FLOWS];
	if (f->used) {
		loop_unwatch(n->loop, f->fd);
		close(f->fd);
	}
	*f = (struct flow){.net = n, .used = true, .box = *box};
	f->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(f->fd >= 0);
	assert_int_equal(connect(f->fd, (struct sockaddr *)&n->target[COAPS_DTLS], sizeof(n->target[0])), 0);
	assert_int_equal(loop_watch(n->loop, f->fd, LOOP_READ, from_hq, f), ERR_OK);
	return f;
}

static void from_box(int fd, unsigned events, void *arg)
{
	struct bad_net *n = arg;
	uint8_t bytes[DATAGRAM_MAX];
	struct sockaddr_in box;
	socklen_t size = sizeof(box);
	ssize_t got = recvfrom(fd, bytes, sizeof(bytes), MSG_DONTWAIT, (struct sockaddr *)&box, &size);

	(void)events;
	if (got > 0)
		pass(flow_of(n, &box), UP, bytes, (size_t)got);
}

static void listen_on(struct bad_net *n, int transport, int type, loop_fd_fn *fn)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	if (type == SOCK_STREAM)
		assert_int_equal(listen(fd, STREAMS), 0);
	n->listening[transport] = fd;
	n->ports[transport] = ntohs(at.sin_port);
	assert_int_equal(loop_watch(n->loop, fd, LOOP_READ, fn, n), ERR_OK);
}

struct bad_net *bad_net_new(struct loop *loop, const uint16_t target[2], uint64_t *seed)
{
	struct bad_net *n = calloc(1, sizeof(*n));

	assert_non_null(n);
	n->loop = loop;
	n->seed = seed;
	for (int t = 0; t < 2; t++) {
		n->target[t].sin_family = AF_INET;
		n->target[t].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		n->target[t].sin_port = htons(target[t]);
	}
	for (int i = 0; i < LATE; i++) {
		n->late[i].net = n;
		assert_int_equal(loop_timer_new(loop, is_due, &n->late[i], &n->late[i].timer), ERR_OK);
	}
	listen_on(n, COAPS_TLS, SOCK_STREAM, accepted);
	listen_on(n, COAPS_DTLS, SOCK_DGRAM, from_box);
	return n;
}

void bad_net_free(struct bad_net *n)
{
	bad_net_cut(n);
	for (int i = 0; i < LATE; i++)
		loop_timer_free(n->late[i].timer);
	for (int i = 0; i < FLOWS; i++) {
		if (!n->flows[i].used)
			continue;
		loop_unwatch(n->loop, n->flows[i].fd);
		close(n->flows[i].fd);
	}
	for (int t = 0; t < 2; t++) {
		loop_unwatch(n->loop, n->listening[t]);
		close(n->listening[t]);
	}
	free(n);
}

uint16_t bad_net_port(const struct bad_net *n, int transport)
{
	return n->ports[transport];
}

void bad_net_set(struct bad_net *n, const struct bad_net_rules *rules)
{
	n->rules = *rules;
	for (int i = 0; i < STREAMS; i++) {
		struct stream *s = &n->streams[i];

		s->moved = 0;
		if (s->used && s->lossy && !rules->silent[UP] && !rules->silent[DOWN])
			stream_close(s);
		else if (s->used)
			stream_watch(s);
	}
}

void bad_net_cut(struct bad_net *n)
{
	for (int i = 0; i < STREAMS; i++)
		if (n->streams[i].used)
			stream_close(&n->streams[i]);
}
