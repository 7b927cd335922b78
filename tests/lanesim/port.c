/*
 * Ptys under a fixed name.
 */
#include "port.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

void port_init(struct port *p, const char *link)
{
	memset(p, 0, sizeof(*p));
	p->master = p->slave = -1;
	p->link = link;
}

bool port_is_plugged(const struct port *p)
{
	return p->master >= 0;
}

static void close_pty(struct port *p)
{
	if (p->slave >= 0)
		close(p->slave);
	if (p->master >= 0)
		close(p->master);
	p->master = p->slave = -1;
}

/* Raw at once: what is sent before the reader has set the line must not be echoed or translated. */
static enum err open_pty(struct port *p, struct why *why)
{
	struct termios raw;

	p->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (p->master < 0 || grantpt(p->master) < 0 || unlockpt(p->master) < 0)
		return fail(why, ERR_IO, "no pty: %s", strerror(errno));
	if (ptsname_r(p->master, p->name, sizeof(p->name)) != 0)
		return fail(why, ERR_IO, "no name for the pty: %s", strerror(errno));
	p->slave = open(p->name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (p->slave < 0 || tcgetattr(p->slave, &raw) < 0)
		return fail(why, ERR_IO, "%s: %s", p->name, strerror(errno));
	cfmakeraw(&raw);
	if (tcsetattr(p->slave, TCSANOW, &raw) < 0)
		return fail(why, ERR_IO, "%s: %s", p->name, strerror(errno));
	return ERR_OK;
}

/* Made aside and renamed, so that the name never leads nowhere while it is replaced. */
static enum err publish(const struct port *p, struct why *why)
{
	char aside[PATH_MAX];
	struct stat st;

	if (!p->link)
		return ERR_OK;
	if (lstat(p->link, &st) == 0 && !S_ISLNK(st.st_mode))
		return fail(why, ERR_EXISTS,
			    "%s: there is something that is no symbolic link; choose another --link",
			    p->link);
	if ((size_t)snprintf(aside, sizeof(aside), "%s.%d", p->link, (int)getpid()) >= sizeof(aside))
		return fail(why, ERR_INVALID, "%s: over-long path", p->link);
	unlink(aside);
	if (symlink(p->name, aside) < 0 || rename(aside, p->link) < 0) {
		int number = errno;

		unlink(aside);
		return fail(why, ERR_IO, "%s: %s; choose a --link in a folder that you may write", p->link,
			    strerror(number));
	}
	return ERR_OK;
}

enum err port_plug(struct port *p, struct why *why)
{
	enum err e = open_pty(p, why);

	if (!e)
		e = publish(p, why);
	if (e)
		close_pty(p);
	return e;
}

void port_unplug(struct port *p)
{
	char target[sizeof(p->name)] = "";

	if (!port_is_plugged(p))
		return;
	/* Only if it is still ours: another lanesim may have taken the name over. */
	if (p->link && readlink(p->link, target, sizeof(target) - 1) > 0 && strcmp(target, p->name) == 0)
		unlink(p->link);
	close_pty(p);
}

enum err port_replug(struct port *p, struct why *why)
{
	struct port before = *p;
	enum err e;

	p->master = p->slave = -1;
	e = port_plug(p, why);
	close_pty(&before);
	return e;
}

enum err port_write(struct port *p, const char *bytes, size_t n, size_t *written)
{
	ssize_t done = write(p->master, bytes, n);

	*written = done > 0 ? (size_t)done : 0;
	return done >= 0 || errno == EAGAIN || errno == EINTR ? ERR_OK : ERR_IO;
}

/*
 * The kernel hands written bytes over to the slave in work of its own, and FIONREAD sees them only then.
 * Polling a slave that has nothing waits for that work, so what is counted afterwards is all there is.
 */
int port_unread(const struct port *p)
{
	struct pollfd slave = {.fd = p->slave, .events = POLLIN};
	int n = 0;

	if (p->slave < 0 || poll(&slave, 1, 0) < 0 || ioctl(p->slave, FIONREAD, &n) < 0)
		return 0;
	return n;
}
