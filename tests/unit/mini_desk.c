/*
 * The desk and its clients. See mini_desk.h.
 */
#include "mini_desk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct desk *desk_new(const struct net *net)
{
	struct desk *d = calloc(1, sizeof(*d));
	struct why why;

	assert_non_null(d);
	mini_shop_start(&d->m, mini_book);
	snprintf(d->path, sizeof(d->path), "%s/control.sock", d->m.scratch.dir);
	d->config = (struct control_config){.net = net,
					    .path = d->path,
					    .group = "",
					    .program = "tilld",
					    .version = "1.2.3",
					    .box = "box-1",
					    .store = "S1",
					    .shop = d->m.shop};
	assert_int_equal(control_new(d->m.loop, &d->config, &d->control, &why), ERR_OK);
	control_attach(d->control, d->m.loader, d->m.worker, NULL, 0);
	return d;
}

void desk_free(struct desk *d)
{
	control_free(d->control);
	mini_shop_stop(&d->m);
	free(d);
}

static int dial(const struct desk *d)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, d->path, strlen(d->path) + 1);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

void peer_open(struct peer *p, const struct desk *d)
{
	*p = (struct peer){.fd = dial(d)};
	buf_init(&p->in, 64U << 20);
	loop_turn(d->m.loop, 0);
}

void peer_close(struct peer *p)
{
	close(p->fd);
	buf_free(&p->in);
	free(p->line);
}

void say_n(const struct desk *d, const struct peer *p, const char *bytes, size_t n)
{
	for (int turns = 0; n > 0 && turns < TURNS_MAX; turns++) {
		ssize_t sent = send(p->fd, bytes, n, MSG_NOSIGNAL);

		assert_true(sent >= 0 || errno == EAGAIN);
		bytes += sent > 0 ? sent : 0;
		n -= sent > 0 ? (size_t)sent : 0;
		loop_turn(d->m.loop, 0);
	}
	assert_int_equal(n, 0);
}

void say(const struct desk *d, const struct peer *p, const char *line)
{
	say_n(d, p, line, strlen(line));
	say_n(d, p, "\n", 1);
}

bool hear_now(struct peer *p)
{
	for (;;) {
		uint8_t *room = buf_room(&p->in, 65536);
		ssize_t n = read(p->fd, room, 65536);

		if (n <= 0)
			return n < 0 && errno == EAGAIN;
		buf_grow(&p->in, (size_t)n);
	}
}

const char *next_line(struct peer *p)
{
	const char *end = buf_length(&p->in) ? memchr(buf_front(&p->in), '\n', buf_length(&p->in)) : NULL;
	size_t n = end ? (size_t)(end - (const char *)buf_front(&p->in)) : 0;

	free(p->line);
	p->line = end ? strndup((const char *)buf_front(&p->in), n) : NULL;
	if (end)
		buf_take(&p->in, n + 1);
	return p->line;
}

const char *hear(const struct desk *d, struct peer *p)
{
	const char *line = next_line(p);
	bool open = true;

	for (int turns = 0; line == NULL && open && turns < TURNS_MAX; turns++) {
		loop_turn(d->m.loop, 1);
		open = hear_now(p);
		line = next_line(p);
	}
	return line;
}

const char *member(const char *line, const char *path)
{
	static char found[256];
	json_t *json = json_loads(line, 0, NULL), *at = json;
	char copy[64], *save = NULL;

	assert_non_null(json);
	snprintf(copy, sizeof(copy), "%s", path);
	for (char *name = strtok_r(copy, ".", &save); name; name = strtok_r(NULL, ".", &save))
		at = json_object_get(at, name);
	if (json_is_string(at))
		snprintf(found, sizeof(found), "%s", json_string_value(at));
	else if (json_is_integer(at))
		snprintf(found, sizeof(found), "%lld", (long long)json_integer_value(at));
	else
		snprintf(found, sizeof(found), "%s",
			 json_is_true(at)    ? "true"
			 : json_is_false(at) ? "false"
					     : "");
	json_decref(json);
	return found;
}

const char *ask(const struct desk *d, struct peer *p, const char *request)
{
	const char *line;

	say(d, p, request);
	line = hear(d, p);
	assert_non_null(line);
	return line;
}

void expect(const char *line, const char *path, const char *value)
{
	if (strcmp(member(line, path), value) != 0)
		fail_msg("%s is '%s', not '%s', in %s", path, member(line, path), value, line);
}

void device_scan(const struct desk *d, const char *lane)
{
	lane_device_scan(shop_lane(d->m.shop, lane), DESK_PEN, strlen(DESK_PEN));
}
