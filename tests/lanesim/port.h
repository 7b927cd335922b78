/*
 * The scanner's end of the cable: a pty whose slave is published under a fixed name, as udev does for a
 * real device. Unplugging takes the name away and hangs the slave up.
 */
#ifndef LANESIM_PORT_H
#define LANESIM_PORT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "err.h"

struct port {
	int master, slave; /* -1: unplugged. The slave stays open, so that no reader's coming and going hangs
			      up */
	char name[64];	   /* of the slave */
	const char *link;  /* the published name, or NULL: name alone */
};

void port_init(struct port *p, const char *link);
bool port_is_plugged(const struct port *p);

/* Makes a new pty, raw from the start, and publishes it. Replaces a symbolic link, nothing else. */
enum err port_plug(struct port *p, struct why *why) MUST_CHECK;
void port_unplug(struct port *p);

/* A new pty takes the name over, then the one before goes away: never the same pty again. */
enum err port_replug(struct port *p, struct why *why) MUST_CHECK;

/* Writes what the pty takes, at most n bytes, without waiting; ERR_IO if it is broken. */
enum err port_write(struct port *p, const char *bytes, size_t n, size_t *written) MUST_CHECK;

/* Bytes that nobody has read yet; 0 means none at all, neither at the slave nor on the way to it. */
int port_unread(const struct port *p);

#endif
