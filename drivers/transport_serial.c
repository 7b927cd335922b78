/*
 * Serial ports and USB CDC-ACM devices through libserialport.
 *
 * A name under /dev/serial/by-id is a symbolic link, which libserialport refuses, and after a replug it may
 * lead to another ttyACMn: it is resolved at every open.
 */
#include <errno.h>
#include <libserialport.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "transport.h"

struct transport_port {
	struct sp_port *port;
	int fd;
};

/* libserialport's codes in our words. FAIL leaves the system's reason in errno. */
static enum err refused(enum sp_return r, const char *device, const char *what, struct why *why)
{
	int number = errno;

	switch (r) {
	case SP_OK:
		return ERR_OK;
	case SP_ERR_FAIL:
		return transport_refused(why, device, number);
	case SP_ERR_MEM:
		return fail(why, ERR_MEMORY, "%s: out of memory", device);
	case SP_ERR_ARG:
	case SP_ERR_SUPP:
		return fail(why, ERR_INVALID, "%s: the port does not do %s", device, what);
	}
	return fail(why, ERR_IO, "%s: %s failed", device, what);
}

static enum err find_port(const char *device, struct sp_port **out, struct why *why)
{
	char path[PATH_MAX];
	enum sp_return r;

	if (!realpath(device, path))
		return transport_refused(why, device, errno);
	r = sp_get_port_by_name(path, out);
	if (r == SP_ERR_ARG)
		return fail(why, ERR_INVALID,
			    "%s: %s is not a serial port: a pty or virtual port needs transport = tty",
			    device, path);
	return refused(r, device, "lookup", why);
}

static enum err configure(struct sp_port *p, const char *device, const struct line_settings *line,
			  struct why *why)
{
	static const enum sp_parity parity[] = {
		[PARITY_NONE] = SP_PARITY_NONE, [PARITY_EVEN] = SP_PARITY_EVEN, [PARITY_ODD] = SP_PARITY_ODD};
	static const enum sp_flowcontrol flow[] = {[FLOW_NONE] = SP_FLOWCONTROL_NONE,
						   [FLOW_XONXOFF] = SP_FLOWCONTROL_XONXOFF,
						   [FLOW_RTSCTS] = SP_FLOWCONTROL_RTSCTS};
	enum err e = refused(sp_set_baudrate(p, (int)line->baud), device, "this baud rate", why);

	if (!e)
		e = refused(sp_set_bits(p, (int)line->data_bits), device, "this number of data bits", why);
	if (!e)
		e = refused(sp_set_parity(p, parity[line->parity]), device, "this parity", why);
	if (!e)
		e = refused(sp_set_stopbits(p, (int)line->stop_bits), device, "this number of stop bits",
			    why);
	if (!e)
		e = refused(sp_set_flowcontrol(p, flow[line->flow]), device, "this flow control", why);
	return e;
}

/* flock asks programs that ask too; TIOCEXCL keeps out those that do not, such as a modem prober. */
static enum err claim(struct transport_port *p, const char *device, struct why *why)
{
	enum err e = refused(sp_get_port_handle(p->port, &p->fd), device, "event loops", why);

	if (!e)
		e = transport_claim(p->fd, device, why);
	if (!e && ioctl(p->fd, TIOCEXCL) < 0)
		e = transport_refused(why, device, errno);
	return e;
}

static void serial_close(struct transport_port *p)
{
	ioctl(p->fd, TIOCNXCL); /* the flag would outlive us while another descriptor is open */
	sp_close(p->port);
	sp_free_port(p->port);
	free(p);
}

static enum err open_found(struct transport_port *p, const char *device, const struct line_settings *line,
			   struct why *why)
{
	enum err e = refused(sp_open(p->port, SP_MODE_READ_WRITE), device, "reading and writing", why);

	if (e)
		return e;
	e = claim(p, device, why);
	if (!e)
		e = configure(p->port, device, line, why);
	if (e)
		sp_close(p->port);
	return e;
}

static enum err serial_open(const char *device, const struct line_settings *line, struct transport_port **out,
			    int *fd, struct why *why)
{
	struct transport_port *p = calloc(1, sizeof(*p));
	enum err e;

	if (!p)
		return fail(why, ERR_MEMORY, "%s: out of memory", device);
	e = find_port(device, &p->port, why);
	if (e) {
		free(p);
		return e;
	}
	e = open_found(p, device, line, why);
	if (e) {
		sp_free_port(p->port);
		free(p);
		return e;
	}
	*out = p;
	*fd = p->fd;
	return ERR_OK;
}

/* libserialport gives 0 both for nothing yet and for a device pulled out; poll tells them apart. */
static bool is_gone(int fd)
{
	struct pollfd state = {.fd = fd, .events = POLLIN};

	return poll(&state, 1, 0) > 0 && (state.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

static ssize_t serial_read(struct transport_port *p, void *bytes, size_t size)
{
	enum sp_return n = sp_nonblocking_read(p->port, bytes, size);

	if ((int)n > 0)
		return (int)n;
	return (int)n < 0 || is_gone(p->fd) ? TRANSPORT_GONE : 0;
}

static ssize_t serial_write(struct transport_port *p, const void *bytes, size_t n)
{
	enum sp_return written = sp_nonblocking_write(p->port, bytes, n);

	return (int)written < 0 ? TRANSPORT_GONE : (int)written;
}

const struct transport transport_serial = {
	.name = "serial",
	.text = "serial ports and USB CDC-ACM devices, by /dev/serial/by-id or /dev/tty name",
	.open = serial_open,
	.read = serial_read,
	.write = serial_write,
	.close = serial_close,
};
