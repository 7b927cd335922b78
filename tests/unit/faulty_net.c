/*
 * A network that fails. See faulty_net.h.
 */
#include "faulty_net.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

/* The cast takes the const off that the seam has for the sake of net_system. */
static struct faulty_net *mine(const struct net *n)
{
	return (struct faulty_net *)(uintptr_t)n; /* NOLINT(performance-no-int-to-ptr) */
}

static bool fails(struct faulty_call *call)
{
	call->calls++;
	if (call->fail == 0)
		return false;
	if (call->spare > 0) {
		call->spare--;
		return false;
	}
	call->fail--;
	errno = call->code;
	return true;
}

static int opened(struct faulty_net *n, int fd)
{
	n->open += fd >= 0;
	return fd;
}

static size_t at_most(const struct faulty_net *n, size_t size)
{
	return n->most && size > n->most ? n->most : size;
}

static int faulty_socket(const struct net *n, int family, int type)
{
	if (fails(&mine(n)->socket))
		return -1;
	return opened(mine(n), net_system.socket(&net_system, family, type));
}

static int faulty_bind(const struct net *n, int fd, const struct sockaddr *to, socklen_t length)
{
	return fails(&mine(n)->bind) ? -1 : net_system.bind(&net_system, fd, to, length);
}

static int faulty_listen(const struct net *n, int fd, int backlog)
{
	return fails(&mine(n)->listen) ? -1 : net_system.listen(&net_system, fd, backlog);
}

static int faulty_accept(const struct net *n, int fd)
{
	return fails(&mine(n)->accept) ? -1 : opened(mine(n), net_system.accept(&net_system, fd));
}

static int faulty_connect(const struct net *n, int fd, const struct sockaddr *to, socklen_t length)
{
	return fails(&mine(n)->connect) ? -1 : net_system.connect(&net_system, fd, to, length);
}

static int faulty_get_option(const struct net *n, int fd, int level, int name, void *out, socklen_t *length)
{
	if (fails(&mine(n)->get_option))
		return -1;
	return net_system.get_option(&net_system, fd, level, name, out, length);
}

static int faulty_set_option(const struct net *n, int fd, int level, int name, const void *value,
			     socklen_t length)
{
	(void)n;
	return net_system.set_option(&net_system, fd, level, name, value, length);
}

static ssize_t faulty_send(const struct net *n, int fd, const void *bytes, size_t size,
			   const struct sockaddr *to, socklen_t length)
{
	if (fails(&mine(n)->send))
		return -1;
	return net_system.send(&net_system, fd, bytes, at_most(mine(n), size), to, length);
}

static ssize_t faulty_receive(const struct net *n, int fd, void *bytes, size_t size, struct sockaddr *from,
			      socklen_t *length)
{
	if (fails(&mine(n)->receive))
		return -1;
	return net_system.receive(&net_system, fd, bytes, at_most(mine(n), size), from, length);
}

static void faulty_close(const struct net *n, int fd)
{
	mine(n)->open--;
	net_system.close(&net_system, fd);
}

void faulty_net_init(struct faulty_net *n)
{
	*n = (struct faulty_net){.net = {.socket = faulty_socket,
					 .bind = faulty_bind,
					 .listen = faulty_listen,
					 .accept = faulty_accept,
					 .connect = faulty_connect,
					 .get_option = faulty_get_option,
					 .set_option = faulty_set_option,
					 .send = faulty_send,
					 .receive = faulty_receive,
					 .close = faulty_close}};
}
