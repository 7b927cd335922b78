#include "bell.h"

#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "log.h"
#include "net.h"

struct bell {
	struct uplink *u;
	int fd; /* -1: not connected */
};

enum err bell_new(struct uplink *u, struct bell **out, struct why *why)
{
	struct bell *b = calloc(1, sizeof(*b));

	if (!b)
		return fail(why, ERR_MEMORY, "out of memory");
	b->u = u;
	b->fd = -1;
	*out = b;
	return ERR_OK;
}

static void hang_up(struct bell *b)
{
	if (b->fd < 0)
		return;
	loop_unwatch(b->u->loop, b->fd);
	net_system.close(&net_system, b->fd);
	b->fd = -1;
}

void bell_free(struct bell *b)
{
	if (!b)
		return;
	hang_up(b);
	free(b);
}

/* Answers are of no interest; that it hangs up is. */
static void heard(int fd, unsigned events, void *arg)
{
	struct bell *b = arg;
	char bytes[4096];

	(void)events;
	if (net_system.receive(&net_system, fd, bytes, sizeof(bytes), NULL, NULL) <= 0)
		hang_up(b);
}

static bool dial(struct bell *b)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const char *path = b->u->config->daemon.control_socket;

	if (strlen(path) >= sizeof(at.sun_path))
		return false;
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	b->fd = net_system.socket(&net_system, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK);
	if (b->fd < 0)
		return false;
	if (net_system.connect(&net_system, b->fd, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
	    loop_watch(b->u->loop, b->fd, LOOP_READ, heard, b) == ERR_OK)
		return true;
	net_system.close(&net_system, b->fd);
	b->fd = -1;
	return false;
}

void bell_ring(struct bell *b)
{
	static const char words[] = "{\"verb\":\"refresh\"}\n";

	if (b->fd < 0 && !dial(b)) {
		log_debug("tilld does not answer at %s: it will see the catalog when it runs",
			  b->u->config->daemon.control_socket);
		return;
	}
	if (net_system.send(&net_system, b->fd, words, sizeof(words) - 1, NULL, 0) < 0)
		hang_up(b);
}
