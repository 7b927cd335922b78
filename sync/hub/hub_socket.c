/*
 * Operators' requests from the local socket to the desk, but for those that the loop itself answers. See
 * hub_socket.h.
 */
#include "hub_socket.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <jansson.h>

#include "admin.h"
#include "log.h"

struct client {
	struct hub_task task;
	struct hub_socket *socket;
	int fd;
	bool asked; /* the desk has it */
	char login[65];
	struct buf in, out;
	struct client *next;
};

struct hub_socket {
	struct loop *loop;
	struct hub *hub;
	int fd;
	char path[108];
	unsigned count;
	struct client *clients;
};

static void release(struct client *c)
{
	loop_unwatch(c->socket->loop, c->fd);
	close(c->fd);
	buf_free(&c->in);
	buf_free(&c->out);
	free(c);
}

static void client_free(struct client *c)
{
	struct client **at = &c->socket->clients;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->socket->count--;
	release(c);
}

static void run(struct desk *d, struct hub_task *t)
{
	struct client *c = t->arg;

	admin_run(d, c->login, (const char *)buf_front(&c->in), buf_length(&c->in), &c->out);
}

/* What does not fit the socket's queue of a client that does not read is lost to it alone. */
static void done(struct hub_task *t)
{
	struct client *c = t->arg;

	if (send(c->fd, buf_front(&c->out), buf_length(&c->out), MSG_NOSIGNAL) < 0)
		log_warn("an operator's answer was not taken");
	client_free(c);
}

/* What the loop knows and the desk does not: {"do":"seen","from":0}. False: it is another request. */
static bool answer_here(struct client *c)
{
	json_t *request = json_loadb((const char *)buf_front(&c->in), buf_length(&c->in), 0, NULL);
	const char *name = json_string_value(json_object_get(request, "do"));
	json_int_t from = json_integer_value(json_object_get(request, "from"));
	bool mine = name && strcmp(name, "seen") == 0;
	struct jsonw w;

	json_decref(request);
	if (!mine)
		return false;
	jsonw_begin(&w, &c->out);
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "ok", true);
	hub_show_seen(c->socket->hub, from > 0 ? (size_t)from : 0, &w);
	jsonw_close(&w);
	if (jsonw_end(&w))
		buf_cut(&c->out, 0);
	done(&c->task);
	return true;
}

static void ask(struct client *c)
{
	loop_unwatch(c->socket->loop, c->fd);
	c->asked = true;
	c->task = (struct hub_task){.run = run, .done = done, .arg = c};
	if (answer_here(c))
		return;
	if (hub_submit(c->socket->hub, &c->task))
		client_free(c);
}

static void on_client(int fd, unsigned events, void *arg)
{
	struct client *c = arg;
	uint8_t *room = buf_room(&c->in, 4096);
	ssize_t n = room ? recv(fd, room, 4096, 0) : 0;

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) { /* gone, or its line is too long */
		client_free(c);
		return;
	}
	buf_grow(&c->in, (size_t)n);
	if (buf_front(&c->in)[buf_length(&c->in) - 1] == '\n')
		ask(c);
}

/* Whose program is at the other end. */
static void name_peer(int fd, char out[65])
{
	struct ucred peer = {.uid = (uid_t)-1};
	socklen_t n = sizeof(peer);
	struct passwd entry, *found = NULL;
	char room[4096];

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 &&
	    getpwuid_r(peer.uid, &entry, room, sizeof(room), &found) == 0 && found)
		snprintf(out, 65, "%s", entry.pw_name);
	else
		snprintf(out, 65, "uid-%u", (unsigned)peer.uid);
}

static void on_connect(int fd, unsigned events, void *arg)
{
	struct hub_socket *s = arg;
	struct client *c;
	int got = net_system.accept(&net_system, fd);

	(void)events;
	if (got < 0)
		return;
	c = s->count < HUB_SOCKET_CLIENTS_MAX ? calloc(1, sizeof(*c)) : NULL;
	if (!c) {
		close(got);
		return;
	}
	c->socket = s;
	c->fd = got;
	name_peer(got, c->login);
	buf_init(&c->in, ADMIN_LINE_MAX);
	buf_init(&c->out, ADMIN_LINE_MAX);
	c->next = s->clients;
	s->clients = c;
	s->count++;
	if (loop_watch(s->loop, got, LOOP_READ, on_client, c))
		client_free(c);
}

static enum err name_socket(const char *dir, struct sockaddr_un *to, struct why *why)
{
	*to = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (snprintf(to->sun_path, sizeof(to->sun_path), "%s/%s", dir, HUB_SOCKET_NAME) >=
	    (int)sizeof(to->sun_path))
		return fail(why, ERR_LIMIT, "%s: the path is too long for a socket", dir);
	return ERR_OK;
}

enum err hub_socket_new(struct loop *loop, struct hub *hub, const char *dir, struct hub_socket **out,
			struct why *why)
{
	struct hub_socket *s = calloc(1, sizeof(*s));
	struct sockaddr_un to;
	enum err e = name_socket(dir, &to, why);

	if (!s)
		return fail(why, ERR_MEMORY, "out of memory");
	s->loop = loop;
	s->hub = hub;
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (!e) {
		memcpy(s->path, to.sun_path, sizeof(s->path));
		(void)unlink(s->path); /* of a hub that died: the log's lock says that there is no other */
		if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
		    chmod(s->path, 0660) != 0 || listen(s->fd, HUB_SOCKET_CLIENTS_MAX) != 0)
			e = fail(why, ERR_IO, "%s: %s", to.sun_path, strerror(errno));
	}
	if (!e)
		e = loop_watch(loop, s->fd, LOOP_READ, on_connect, s);
	if (e)
		hub_socket_free(s);
	else
		*out = s;
	return e;
}

void hub_socket_free(struct hub_socket *s)
{
	if (!s)
		return;
	for (struct client *c = s->clients, *next; c; c = next) {
		next = c->next;
		release(c);
	}
	if (s->fd >= 0) {
		loop_unwatch(s->loop, s->fd);
		close(s->fd);
		(void)unlink(s->path);
	}
	free(s);
}

static enum err exchange(int fd, const char *line, size_t n, struct buf *out, struct why *why)
{
	uint8_t *room;
	ssize_t got;

	while (n > 0) {
		got = send(fd, line, n, MSG_NOSIGNAL);
		if (got <= 0)
			return fail(why, ERR_CLOSED, "the hub went away");
		line += got;
		n -= (size_t)got;
	}
	while ((room = buf_room(out, 4096)) != NULL && (got = recv(fd, room, 4096, 0)) > 0)
		buf_grow(out, (size_t)got);
	if (buf_length(out) == 0)
		return fail(why, ERR_CLOSED, "the hub gave no answer; its log may say why");
	return ERR_OK;
}

enum err hub_socket_ask(const char *dir, const char *line, size_t n, struct buf *out, struct why *why)
{
	struct sockaddr_un to;
	enum err e = name_socket(dir, &to, why);
	int fd;

	if (e)
		return e;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail(why, ERR_IO, "%s", strerror(errno));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		e = exchange(fd, line, n, out, why);
	else if (errno == ENOENT || errno == ECONNREFUSED)
		e = fail(why, ERR_NOT_FOUND, "no hub is running");
	else
		e = fail(why, errno == EACCES ? ERR_DENIED : ERR_IO, "%s: %s", to.sun_path, strerror(errno));
	close(fd);
	return e;
}
