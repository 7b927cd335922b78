/*
 * What a service tells systemd about itself: the protocol of sd_notify(3), which is one datagram of
 * VARIABLE=value lines to the Unix socket that NOTIFY_SOCKET names. Spoken here, so that libsystemd and what
 * it brings along need not be linked. Without such a socket there is nobody to tell, and nothing happens.
 */
#ifndef TILL_NOTIFY_H
#define TILL_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "err.h"
#include "net.h"

#define NOTIFY_MAX 1024 /* bytes of a message, a STATUS among them */

struct notify {
	const struct net *net;
	int fd; /* -1: nobody to tell */
	struct sockaddr_un to;
	socklen_t to_length;
};

/*
 * socket is NOTIFY_SOCKET's value: a path, or '@' and a name of the abstract kind; NULL or "": nobody.
 * ERR_INVALID for any other address.
 */
enum err notify_open(struct notify *n, const struct net *net, const char *socket, struct why *why) MUST_CHECK;
void notify_close(struct notify *n);

/*
 * Sends "READY=1\nSTATUS=...". Never waits: ERR_BUSY when the reader's queue is full, ERR_IO when there is no
 * reader; ERR_LIMIT: longer than NOTIFY_MAX. ERR_OK when there is nobody to tell.
 */
enum err notify_send(const struct notify *n, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_CHECK;

/*
 * How often, in microseconds, the service manager wants to hear WATCHDOG=1, from the values of WATCHDOG_USEC
 * and WATCHDOG_PID; 0: not at all, or another process.
 */
int64_t notify_watchdog_us(const char *usec, const char *pid);

#endif
