/*
 * The listening socket. The one daemon that serves a path holds a lock beside it for as long as it lives, so
 * a socket file without a lock is a dead one's and is replaced; the kernel drops the lock with its holder.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control_parts.h"

#define BACKLOG 64

static enum err take_lock(struct control *c, struct why *why)
{
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path) + sizeof(".lock")];

	snprintf(path, sizeof(path), "%s.lock", c->config.path);
	c->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (c->lock < 0 && errno == ENOENT)
		return fail(why, ERR_NOT_FOUND,
			    "%s: its folder does not exist; make it, or set control_socket", c->config.path);
	if (c->lock < 0)
		return fail(why, ERR_IO, "%s: %s", path, strerror(errno));
	if (flock(c->lock, LOCK_EX | LOCK_NB) == 0)
		return ERR_OK;
	if (errno == EWOULDBLOCK)
		return fail(why, ERR_BUSY,
			    "%s: another tilld serves it; stop that one, or set control_socket",
			    c->config.path);
	return fail(why, ERR_IO, "%s: %s", path, strerror(errno));
}

static enum err clear_path(const char *path, struct why *why)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? ERR_OK : fail(why, ERR_IO, "%s: %s", path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return fail(why, ERR_EXISTS,
			    "%s: is there and no socket; move it away, or set control_socket", path);
	if (unlink(path) != 0)
		return fail(why, ERR_IO, "%s: cannot be replaced: %s", path, strerror(errno));
	return ERR_OK;
}

static enum err give_to_group(const char *path, const char *name, struct why *why)
{
	struct group *g;

	if (name == NULL || name[0] == '\0')
		return ERR_OK;
	g = getgrnam(name);
	if (g == NULL)
		return fail(why, ERR_NOT_FOUND, "control_group: there is no group '%s'", name);
	if (chown(path, (uid_t)-1, g->gr_gid) != 0)
		return fail(why, ERR_DENIED, "%s: cannot be given to group '%s': %s", path, name,
			    strerror(errno));
	return ERR_OK;
}

/* The mode is right from the start: nobody connects between bind and chmod. */
static enum err bind_path(const struct net *net, int fd, const char *path, struct why *why)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	mode_t before;
	int rc;

	if (strlen(path) >= sizeof(address.sun_path))
		return fail(why, ERR_LIMIT, "%s: longer than the %zu bytes of a socket's path", path,
			    sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path) + 1);
	before = umask(0117);
	rc = net->bind(net, fd, (const struct sockaddr *)&address, sizeof(address));
	umask(before);
	return rc == 0 ? ERR_OK : fail(why, ERR_IO, "%s: %s", path, strerror(errno));
}

enum err control_listen(struct control *c, struct why *why)
{
	const struct net *net = c->config.net;
	const char *path = c->config.path;
	enum err e;

	if (strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return fail(why, ERR_LIMIT, "%s: too long for a socket's path", path);
	e = take_lock(c, why);
	if (e == ERR_OK)
		e = clear_path(path, why);
	if (e != ERR_OK)
		return e;
	c->listener = net->socket(net, AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK);
	if (c->listener < 0)
		return fail(why, ERR_IO, "socket: %s", strerror(errno));
	e = bind_path(net, c->listener, path, why);
	if (e == ERR_OK)
		e = give_to_group(path, c->config.group, why);
	if (e == ERR_OK && net->listen(net, c->listener, BACKLOG) != 0)
		e = fail(why, ERR_IO, "%s: %s", path, strerror(errno));
	return e;
}

void control_unlisten(struct control *c)
{
	if (c->listener >= 0) {
		loop_unwatch(c->loop, c->listener);
		c->config.net->close(c->config.net, c->listener);
		unlink(c->config.path);
	}
	c->listener = -1;
	if (c->lock >= 0)
		close(c->lock); /* the file stays: taking it away would let two daemons lock two files */
	c->lock = -1;
}
