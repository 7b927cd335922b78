/*
 * Bytes of one client: lines come in whole, however they were cut on their way; a line over the limit is
 * reported once and passed over to its newline; output goes straight to the socket while it takes it.
 */
#include "client.h"

#include <errno.h>
#include <string.h>

#include "control.h"
#include "log.h"

#define CLIENT_READ_SIZE 16384 /* one read, so that one client cannot keep the loop */
#define CLIENT_KEEP \
	((size_t)2 * CLIENT_READ_SIZE) /* bytes of memory that a quiet client holds of either side */

void client_open(struct client *c, struct control *control, const struct net *net, int fd)
{
	socklen_t size = sizeof(c->peer);
	uint32_t generation = c->generation + 1;

	*c = (struct client){.control = control, .net = net, .fd = fd, .generation = generation};
	if (net->get_option(net, fd, SOL_SOCKET, SO_PEERCRED, &c->peer, &size) != 0)
		c->peer = (struct ucred){.pid = 0, .uid = (uid_t)-1, .gid = (gid_t)-1};
	buf_init(&c->in, CONTROL_LINE_MAX + CLIENT_READ_SIZE);
	buf_init(&c->out, CONTROL_OUTPUT_MAX);
}

void client_close(struct client *c, struct loop *loop)
{
	loop_unwatch(loop, c->fd);
	c->net->close(c->net, c->fd);
	buf_free(&c->in);
	buf_free(&c->out);
	c->fd = -1;
	c->lane = NULL;
	c->all = false;
}

void client_doom(struct client *c, const char *reason)
{
	if (!c->doomed)
		log_debug("control: client of user %u, process %d: %s", (unsigned)c->peer.uid,
			  (int)c->peer.pid, reason);
	c->doomed = true;
}

void client_read(struct client *c)
{
	uint8_t *room = buf_room(&c->in, CLIENT_READ_SIZE);
	ssize_t n;

	if (room == NULL) {
		client_doom(c, "no memory for its line");
		return;
	}
	n = c->net->receive(c->net, c->fd, room, CLIENT_READ_SIZE, NULL, NULL);
	if (n > 0)
		buf_grow(&c->in, (size_t)n);
	else if (n == 0)
		c->eof = true;
	else if (errno != EAGAIN && errno != EINTR)
		client_doom(c, strerror(errno));
}

/* No newline is in: keeps the line's beginning, or, over the limit, reports it and drops what is there. */
static void no_newline(struct client *c, client_line_fn *fn)
{
	size_t n = buf_length(&c->in);

	c->looked = n;
	if (!c->discarding && n <= CONTROL_LINE_MAX)
		return;
	if (!c->discarding)
		fn(c, (const char *)buf_front(&c->in), CONTROL_LINE_MAX, true);
	c->discarding = true;
	c->looked = 0;
	buf_take(&c->in, n);
}

/* One line if there is one: false when more bytes are needed. */
static bool next_line(struct client *c, client_line_fn *fn)
{
	const char *front = (const char *)buf_front(&c->in);
	size_t n = buf_length(&c->in);
	const char *newline = n > c->looked ? memchr(front + c->looked, '\n', n - c->looked) : NULL;
	size_t length;

	if (newline == NULL) {
		no_newline(c, fn);
		return false;
	}
	length = (size_t)(newline - front);
	c->looked = 0;
	if (!c->discarding)
		fn(c, front, length < CONTROL_LINE_MAX ? length : CONTROL_LINE_MAX,
		   length > CONTROL_LINE_MAX);
	c->discarding = false;
	buf_take(&c->in, length + 1);
	return true;
}

bool client_paused(const struct client *c)
{
	return buf_length(&c->out) > CONTROL_OUTPUT_PAUSE;
}

bool client_line(struct client *c, client_line_fn *fn)
{
	if (c->doomed)
		return false;
	if (client_paused(c)) {
		c->more = true;
		return false;
	}
	c->more = next_line(c, fn);
	return c->more;
}

static size_t shrink(struct buf *b)
{
	size_t size = b->size;

	if (buf_length(b) > 0 || size <= CLIENT_KEEP)
		return 0;
	buf_free(b);
	return size;
}

size_t client_shrink(struct client *c)
{
	return shrink(&c->in) + shrink(&c->out);
}

static ssize_t send_some(struct client *c, const void *bytes, size_t n)
{
	ssize_t sent = c->net->send(c->net, c->fd, bytes, n, NULL, 0);

	if (sent >= 0)
		return sent;
	if (errno != EAGAIN && errno != EINTR)
		client_doom(c, strerror(errno));
	return 0;
}

void client_send(struct client *c, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;
	size_t sent = 0;

	if (c->doomed)
		return;
	if (buf_length(&c->out) == 0)
		sent = (size_t)send_some(c, bytes, n);
	if (sent < n && !c->doomed && !buf_add(&c->out, at + sent, n - sent))
		client_doom(c, "it does not read what it is told: dropped");
}

void client_flush(struct client *c)
{
	while (!c->doomed && buf_length(&c->out) > 0) {
		ssize_t sent = send_some(c, buf_front(&c->out), buf_length(&c->out));

		if (sent == 0)
			return;
		buf_take(&c->out, (size_t)sent);
	}
}

void client_watch(struct client *c, struct loop *loop, loop_fd_fn *fn)
{
	unsigned events = 0;

	if (!c->eof && !client_paused(c) && buf_length(&c->in) <= CONTROL_LINE_MAX)
		events |= LOOP_READ;
	if (buf_length(&c->out) > 0)
		events |= LOOP_WRITE;
	if (events == c->watched)
		return;
	c->watched = events;
	if (events == 0)
		loop_unwatch(loop, c->fd);
	else if (loop_watch(loop, c->fd, events | LOOP_LAST, fn, c) != ERR_OK)
		client_doom(c, "it cannot be watched");
}
