/*
 * A transport to copy: bytes from a named pipe (mkfifo), for a scanner that is a program of its own and
 * for feeding captures by hand. It is as small as a transport gets, and does all that the contract in
 * transport.h asks for.
 *
 * To make a driver of it: copy the file, rename pipe_ and the symbol at the end, add the symbol to the two
 * lists in transports.c and the file to CMakeLists.txt. docs/drivers.md says more.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transport.h"

/* All state of one open device. Nothing static: two of a kind work side by side. */
struct transport_port {
	int fd;
};

/* What this device needs beyond being opened; a serial port sets its line here. */
static enum err check(int fd, const char *device, struct why *why)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return transport_refused(why, device, errno);
	if (!S_ISFIFO(st.st_mode))
		return fail(why, ERR_INVALID, "%s: not a named pipe: make one with mkfifo", device);
	return transport_claim(fd, device, why);
}

/* Called again after every loss. On failure nothing stays open and why names the device and the fix. */
static enum err pipe_open(const char *device, const struct line_settings *line, struct transport_port **out,
			  int *fd, struct why *why)
{
	struct transport_port *p = malloc(sizeof(*p));
	enum err e;

	(void)line; /* a pipe has no baud rate */
	if (!p)
		return fail(why, ERR_MEMORY, "%s: out of memory", device);
	/* For writing too, so that the pipe does not hang up whenever its writer is done (fifo(7)). */
	p->fd = open(device, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	e = p->fd < 0 ? transport_refused(why, device, errno) : check(p->fd, device, why);
	if (e) {
		if (p->fd >= 0)
			close(p->fd);
		free(p);
		return e;
	}
	*out = p;
	*fd = p->fd; /* the owner watches it and calls read when it is readable */
	return ERR_OK;
}

/* Never blocks: what is there, 0 for nothing now, TRANSPORT_GONE for a device that will not come back. */
static ssize_t pipe_read(struct transport_port *p, void *bytes, size_t size)
{
	ssize_t n = read(p->fd, bytes, size);

	if (n > 0)
		return n;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : TRANSPORT_GONE;
}

/* Commands to the device. A pipe would hand them back to ourselves, so they are taken and dropped. */
static ssize_t pipe_write(struct transport_port *p, const void *bytes, size_t n)
{
	(void)p;
	(void)bytes;
	return (ssize_t)n;
}

static void pipe_close(struct transport_port *p)
{
	close(p->fd);
	free(p);
}

/* The only symbol of the file. */
const struct transport transport_pipe = {
	.name = "pipe",
	.text = "a named pipe: programs that scan, captures played by hand",
	.open = pipe_open,
	.read = pipe_read,
	.write = pipe_write,
	.close = pipe_close,
};
