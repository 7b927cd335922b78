/*
 * Lines from the control socket, kept in one buffer.
 */
#include "control.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"

#define READ_SIZE 16384

void control_init(struct control *c, int stop_fd)
{
	memset(c, 0, sizeof(*c));
	c->fd = -1;
	c->stop_fd = stop_fd;
	c->next_id = 1;
	buf_init(&c->in, CONTROL_KEPT_MAX);
}

void control_free(struct control *c)
{
	if (c->fd >= 0)
		close(c->fd);
	buf_free(&c->in);
}

int64_t control_now_us(void)
{
	return clock_monotonic_us(&clock_system);
}

uint64_t control_mark(const struct control *c)
{
	return c->gone + buf_length(&c->in);
}

/* Room for more: the oldest lines go, though an expect might have wanted them. */
static void drop_oldest(struct control *c)
{
	size_t half = buf_length(&c->in) / 2;
	const uint8_t *newline = memchr(buf_front(&c->in) + half, '\n', buf_length(&c->in) - half);
	size_t n = newline ? (size_t)(newline - buf_front(&c->in)) + 1 : buf_length(&c->in);

	buf_take(&c->in, n);
	c->gone += n;
}

static enum err read_some(struct control *c)
{
	uint8_t *room;
	ssize_t n;

	if (buf_length(&c->in) + READ_SIZE > CONTROL_KEPT_MAX)
		drop_oldest(c);
	room = buf_room(&c->in, READ_SIZE);
	if (!room)
		return ERR_MEMORY;
	n = recv(c->fd, room, READ_SIZE, MSG_DONTWAIT);
	if (n > 0)
		buf_grow(&c->in, (size_t)n);
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)) ? ERR_OK : ERR_CLOSED;
}

/* One poll, until something comes or the time is there. */
static enum err pump_once(struct control *c, int64_t until_us)
{
	struct pollfd fds[] = {{.fd = c->fd, .events = POLLIN}, {.fd = c->stop_fd, .events = POLLIN}};
	int64_t left = until_us - control_now_us();
	struct timespec wait = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};

	if (left < 0)
		wait = (struct timespec){0};
	if (ppoll(fds, 2, &wait, NULL) <= 0)
		return ERR_OK;
	if (fds[1].revents)
		return ERR_STATE;
	return fds[0].revents ? read_some(c) : ERR_OK;
}

enum err control_pump(struct control *c, int64_t until_us)
{
	enum err e;

	do
		e = pump_once(c, until_us);
	while (!e && control_now_us() < until_us);
	return e;
}

/* The first complete line from *place on that fits. */
static bool find_line(const struct control *c, uint64_t *place, control_fits_fn *fits, const void *arg,
		      const char **line, size_t *n)
{
	if (*place < c->gone)
		*place = c->gone;
	while (*place < control_mark(c)) {
		const char *newline;

		*line = (const char *)buf_front(&c->in) + (*place - c->gone);
		newline = memchr(*line, '\n', control_mark(c) - *place);
		if (!newline)
			return false;
		*n = (size_t)(newline - *line);
		*place += *n + 1;
		if (fits(*line, *n, arg))
			return true;
	}
	return false;
}

enum err control_await(struct control *c, uint64_t *place, control_fits_fn *fits, const void *arg,
		       const char **line, size_t *n)
{
	int64_t end = control_now_us() + CONTROL_PATIENCE_MS * INT64_C(1000);

	while (!find_line(c, place, fits, arg, line, n)) {
		enum err e;

		if (control_now_us() >= end)
			return ERR_NOT_FOUND;
		e = pump_once(c, end);
		if (e)
			return e;
	}
	return ERR_OK;
}

static enum err send_all(struct control *c, const char *line, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(c->fd, line, n, MSG_NOSIGNAL);

		if (sent < 0 && errno != EINTR)
			return ERR_CLOSED;
		if (sent > 0) {
			line += sent;
			n -= (size_t)sent;
		}
	}
	return ERR_OK;
}

static enum err send_json(struct control *c, json_t *request, struct why *why)
{
	char *line = json_dumps(request, JSON_COMPACT);
	enum err e;

	if (!line)
		return fail(why, ERR_MEMORY, "out of memory");
	e = send_all(c, line, strlen(line));
	if (!e)
		e = send_all(c, "\n", 1);
	free(line);
	return e ? fail(why, e, "the daemon closed the control socket") : ERR_OK;
}

enum err control_send(struct control *c, const char *request, int64_t *id, struct why *why)
{
	json_t *object = json_loads(request, 0, NULL);
	enum err e;

	*id = c->next_id++;
	if (!object || json_object_set_new(object, "id", json_integer(*id)) < 0 ||
	    (!json_object_get(object, "lane") &&
	     json_object_set_new(object, "lane", json_string(c->lane)) < 0))
		e = fail(why, ERR_MEMORY, "out of memory");
	else
		e = send_json(c, object, why);
	json_decref(object);
	return e;
}

/* The daemon may still be starting: its socket is waited for. */
enum err control_open(struct control *c, const char *path, const char *lane, struct why *why)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int64_t end = control_now_us() + CONTROL_PATIENCE_MS * INT64_C(1000);
	size_t n = strlen(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	c->lane = lane;
	if (fd < 0)
		return fail(why, ERR_IO, "no socket: %s", strerror(errno));
	if (n >= sizeof(name.sun_path)) {
		close(fd);
		return fail(why, ERR_INVALID, "%s: over-long path for a socket", path);
	}
	memcpy(name.sun_path, path, n + 1);
	while (connect(fd, (struct sockaddr *)&name, sizeof(name)) < 0) {
		int number = errno;

		if (control_now_us() >= end || (number != ENOENT && number != ECONNREFUSED) ||
		    control_pump(c, control_now_us() + 50000)) {
			close(fd);
			return fail(why, ERR_IO, "%s: %s: is tilld running?", path, strerror(number));
		}
	}
	c->fd = fd;
	return ERR_OK;
}
