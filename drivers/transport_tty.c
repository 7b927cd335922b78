/*
 * Terminals through termios: ptys, the virtual ports of gadget and Bluetooth drivers, and any other tty
 * that libserialport does not know as a serial port.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "transport.h"

struct transport_port {
	int fd;
};

/* termios has names for rates, not numbers. */
static const struct {
	int64_t baud;
	speed_t speed;
} speeds[] = {
	{300, B300},	   {600, B600},	      {1200, B1200},	 {1800, B1800},
	{2400, B2400},	   {4800, B4800},     {9600, B9600},	 {19200, B19200},
	{38400, B38400},   {57600, B57600},   {115200, B115200}, {230400, B230400},
	{460800, B460800}, {500000, B500000}, {576000, B576000}, {921600, B921600},
};

static enum err find_speed(const char *device, int64_t baud, speed_t *speed, struct why *why)
{
	for (size_t i = 0; i < sizeof(speeds) / sizeof(*speeds); i++) {
		if (speeds[i].baud == baud) {
			*speed = speeds[i].speed;
			return ERR_OK;
		}
	}
	return fail(why, ERR_INVALID,
		    "%s: a tty has no rate of %lld baud: take a usual one, such as 9600 or 115200", device,
		    (long long)baud);
}

static void set_flags(struct termios *t, const struct line_settings *line)
{
	cfmakeraw(t);
	t->c_cflag |= CLOCAL | CREAD;
	t->c_cflag &= ~(tcflag_t)(CSIZE | PARENB | PARODD | CSTOPB | CRTSCTS);
	t->c_cflag |= line->data_bits == 7 ? CS7 : CS8;
	if (line->parity != PARITY_NONE)
		t->c_cflag |= PARENB;
	if (line->parity == PARITY_ODD)
		t->c_cflag |= PARODD;
	if (line->stop_bits == 2)
		t->c_cflag |= CSTOPB;
	if (line->flow == FLOW_RTSCTS)
		t->c_cflag |= CRTSCTS;
	t->c_iflag &= ~(tcflag_t)(IXON | IXOFF);
	if (line->flow == FLOW_XONXOFF)
		t->c_iflag |= IXON | IXOFF;
	t->c_cc[VMIN] = 1; /* a read that finds nothing is EAGAIN, so 0 is left for a hang-up */
	t->c_cc[VTIME] = 0;
}

static enum err configure(int fd, const char *device, const struct line_settings *line, struct why *why)
{
	struct termios t;
	speed_t speed = B0;
	enum err e = find_speed(device, line->baud, &speed, why);

	if (e)
		return e;
	if (tcgetattr(fd, &t) < 0)
		return errno == ENOTTY ? fail(why, ERR_INVALID, "%s: not a terminal device", device)
				       : transport_refused(why, device, errno);
	set_flags(&t, line);
	if (cfsetispeed(&t, speed) < 0 || cfsetospeed(&t, speed) < 0 || tcsetattr(fd, TCSANOW, &t) < 0)
		return transport_refused(why, device, errno);
	return ERR_OK;
}

static enum err tty_open(const char *device, const struct line_settings *line, struct transport_port **out,
			 int *fd, struct why *why)
{
	struct transport_port *p = malloc(sizeof(*p));
	enum err e;

	if (!p)
		return fail(why, ERR_MEMORY, "%s: out of memory", device);
	p->fd = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (p->fd < 0) {
		e = transport_refused(why, device, errno);
		free(p);
		return e;
	}
	e = transport_claim(p->fd, device, why);
	if (!e)
		e = configure(p->fd, device, line, why);
	if (e) {
		close(p->fd);
		free(p);
		return e;
	}
	*out = p;
	*fd = p->fd;
	return ERR_OK;
}

static ssize_t tty_read(struct transport_port *p, void *bytes, size_t size)
{
	ssize_t n = read(p->fd, bytes, size);

	if (n > 0)
		return n;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : TRANSPORT_GONE;
}

static ssize_t tty_write(struct transport_port *p, const void *bytes, size_t n)
{
	ssize_t written = write(p->fd, bytes, n);

	if (written >= 0)
		return written;
	return errno == EAGAIN || errno == EINTR ? 0 : TRANSPORT_GONE;
}

static void tty_close(struct transport_port *p)
{
	close(p->fd);
	free(p);
}

const struct transport transport_tty = {
	.name = "tty",
	.text = "a terminal by termios: ptys and virtual ports",
	.open = tty_open,
	.read = tty_read,
	.write = tty_write,
	.close = tty_close,
};
