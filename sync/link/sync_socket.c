#include "sync_socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <jansson.h>

#include "log.h"
#include "net.h"

#define LINE_MAX_BYTES 1024
#define ANSWER_MAX     16384

struct guest {
	struct sync_socket *owner;
	int fd; /* -1: a free place */
	size_t length;
	char line[LINE_MAX_BYTES];
};

struct sync_socket {
	struct uplink *u;
	int fd;
	char path[108];
	struct guest guests[SYNC_CLIENTS_MAX];
};

static void leave(struct guest *g)
{
	loop_unwatch(g->owner->u->loop, g->fd);
	close(g->fd);
	g->fd = -1;
}

static void answer(struct guest *g, const char *verb)
{
	struct uplink *u = g->owner->u;
	struct buf line;
	struct jsonw w;

	buf_init(&line, ANSWER_MAX);
	jsonw_begin(&w, &line);
	jsonw_object(&w, NULL);
	if (verb && strcmp(verb, "status") == 0) {
		jsonw_bool(&w, "ok", true);
		uplink_status(u, &w);
	} else if (verb && (strcmp(verb, "now") == 0 || strcmp(verb, "reload") == 0)) {
		if (verb[0] == 'n')
			uplink_now(u);
		else
			uplink_reload(u);
		jsonw_bool(&w, "ok", true);
	} else {
		jsonw_bool(&w, "ok", false);
		jsonw_text(&w, "error", "unknown_verb");
		jsonw_text(&w, "text", "a line of JSON with a \"verb\" of status, now, reload is wanted");
	}
	jsonw_close(&w);
	if (jsonw_end(&w) != ERR_OK || !buf_add(&line, "\n", 1) ||
	    net_system.send(&net_system, g->fd, buf_front(&line), buf_length(&line), NULL, 0) !=
		    (ssize_t)buf_length(&line))
		leave(g);
	buf_free(&line);
}

static void take_line(struct guest *g, size_t n)
{
	json_t *request = json_loadb(g->line, n, 0, NULL);

	answer(g, json_string_value(json_object_get(request, "verb")));
	json_decref(request);
}

static void heard(int fd, unsigned events, void *arg)
{
	struct guest *g = arg;
	ssize_t n = net_system.receive(&net_system, fd, g->line + g->length, sizeof(g->line) - g->length,
				       NULL, NULL);
	char *newline;

	(void)events;
	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			leave(g);
		return;
	}
	g->length += (size_t)n;
	while (g->fd >= 0 && (newline = memchr(g->line, '\n', g->length)) != NULL) {
		size_t used = (size_t)(newline - g->line) + 1;

		take_line(g, used - 1);
		memmove(g->line, g->line + used, g->length - used);
		g->length -= used;
	}
	if (g->fd >= 0 && g->length == sizeof(g->line))
		leave(g); /* longer than any request */
}

static void came(int fd, unsigned events, void *arg)
{
	struct sync_socket *d = arg;
	int guest = net_system.accept(&net_system, fd);

	(void)events;
	for (size_t i = 0; guest >= 0 && i < SYNC_CLIENTS_MAX; i++) {
		struct guest *g = &d->guests[i];

		if (g->fd >= 0)
			continue;
		*g = (struct guest){.owner = d, .fd = guest};
		if (loop_watch(d->u->loop, guest, LOOP_READ, heard, g) == ERR_OK)
			return;
		g->fd = -1;
		break;
	}
	if (guest >= 0)
		close(guest);
}

static enum err open_socket(struct sync_socket *d, struct why *why)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};

	if (!tilld_sync_socket(d->u->config->daemon.control_socket, d->path, sizeof(d->path)))
		return fail(why, ERR_INVALID, "control_socket: '%s' is too long for a sync.sock beside it",
			    d->u->config->daemon.control_socket);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", d->path);
	/* A till-sync that was killed left it; that none runs, the catalog's lock says. */
	(void)unlink(d->path);
	d->fd = net_system.socket(&net_system, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK);
	if (d->fd < 0 || net_system.bind(&net_system, d->fd, (const struct sockaddr *)&at, sizeof(at)) != 0 ||
	    chmod(d->path, 0660) != 0 || net_system.listen(&net_system, d->fd, SYNC_CLIENTS_MAX) != 0)
		return fail(why, ERR_IO, "%s: %s", d->path, strerror(errno));
	return loop_watch(d->u->loop, d->fd, LOOP_READ, came, d);
}

enum err sync_socket_new(struct uplink *u, struct sync_socket **out, struct why *why)
{
	struct sync_socket *d = calloc(1, sizeof(*d));
	enum err e;

	if (!d)
		return fail(why, ERR_MEMORY, "out of memory");
	d->u = u;
	d->fd = -1;
	for (size_t i = 0; i < SYNC_CLIENTS_MAX; i++)
		d->guests[i].fd = -1;
	e = open_socket(d, why);
	if (e) {
		sync_socket_free(d);
		return e;
	}
	*out = d;
	return ERR_OK;
}

void sync_socket_free(struct sync_socket *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < SYNC_CLIENTS_MAX; i++)
		if (d->guests[i].fd >= 0)
			leave(&d->guests[i]);
	if (d->fd >= 0) {
		loop_unwatch(d->u->loop, d->fd);
		close(d->fd);
		(void)unlink(d->path);
	}
	free(d);
}
