/*
 * The transports there are, and what their drivers share.
 */
#include "transport.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>

extern const struct transport transport_serial, transport_tty, transport_pipe;

const struct transport *const transports[] = {
	&transport_serial,
	&transport_tty,
	&transport_pipe,
	NULL,
};

const struct transport *transport_find(const char *name)
{
	for (size_t i = 0; transports[i]; i++)
		if (strcmp(transports[i]->name, name) == 0)
			return transports[i];
	return NULL;
}

enum err transport_refused(struct why *why, const char *device, int number)
{
	switch (number) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return fail(why, ERR_NOT_FOUND,
			    "%s: no such device: plug it in, or see /dev/serial/by-id for its name", device);
	case EACCES:
	case EPERM:
		return fail(why, ERR_DENIED,
			    "%s: permission denied: add the daemon's user to the device's group (dialout, as "
			    "a rule)",
			    device);
	case EBUSY:
		return fail(why, ERR_BUSY, "%s: another program has it: stop that one (fuser -v %s shows it)",
			    device, device);
	default:
		return fail(why, ERR_IO, "%s: %s", device, strerror(number));
	}
}

enum err transport_claim(int fd, const char *device, struct why *why)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return ERR_OK;
	return transport_refused(why, device, errno == EWOULDBLOCK ? EBUSY : errno);
}
