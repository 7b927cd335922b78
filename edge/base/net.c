/*
 * The system's sockets. See net.h.
 */
#include "net.h"

#include <stddef.h>
#include <unistd.h>

static int system_socket(const struct net *n, int family, int type)
{
	(void)n;
	return socket(family, type | SOCK_CLOEXEC, 0);
}

static int system_bind(const struct net *n, int fd, const struct sockaddr *to, socklen_t length)
{
	(void)n;
	return bind(fd, to, length);
}

static int system_listen(const struct net *n, int fd, int backlog)
{
	(void)n;
	return listen(fd, backlog);
}

static int system_accept(const struct net *n, int fd)
{
	(void)n;
	return accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

static int system_connect(const struct net *n, int fd, const struct sockaddr *to, socklen_t length)
{
	(void)n;
	return connect(fd, to, length);
}

static int system_get_option(const struct net *n, int fd, int level, int name, void *out, socklen_t *length)
{
	(void)n;
	return getsockopt(fd, level, name, out, length);
}

static int system_set_option(const struct net *n, int fd, int level, int name, const void *value,
			     socklen_t length)
{
	(void)n;
	return setsockopt(fd, level, name, value, length);
}

static ssize_t system_send(const struct net *n, int fd, const void *bytes, size_t size,
			   const struct sockaddr *to, socklen_t length)
{
	(void)n;
	return sendto(fd, bytes, size, MSG_NOSIGNAL, to, length);
}

static ssize_t system_receive(const struct net *n, int fd, void *bytes, size_t size, struct sockaddr *from,
			      socklen_t *length)
{
	(void)n;
	return recvfrom(fd, bytes, size, 0, from, length);
}

static void system_close(const struct net *n, int fd)
{
	(void)n;
	close(fd);
}

const struct net net_system = {
	.socket = system_socket,
	.bind = system_bind,
	.listen = system_listen,
	.accept = system_accept,
	.connect = system_connect,
	.get_option = system_get_option,
	.set_option = system_set_option,
	.send = system_send,
	.receive = system_receive,
	.close = system_close,
};
