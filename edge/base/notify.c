/*
 * Datagrams to the service manager. See notify.h.
 */
#include "notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "money.h"

enum err notify_open(struct notify *n, const struct net *net, const char *socket_name, struct why *why)
{
	size_t length = socket_name ? strlen(socket_name) : 0;

	*n = (struct notify){.net = net, .fd = -1};
	if (length == 0)
		return ERR_OK;
	if ((socket_name[0] != '/' && socket_name[0] != '@') || length >= sizeof(n->to.sun_path))
		return fail(why, ERR_INVALID, "NOTIFY_SOCKET: '%.120s' is no Unix socket", socket_name);
	n->to.sun_family = AF_UNIX;
	memcpy(n->to.sun_path, socket_name, length + 1);
	n->to_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	if (socket_name[0] == '@')
		n->to.sun_path[0] = '\0'; /* an abstract name has its length and no end */
	else
		n->to_length++;
	n->fd = net->socket(net, AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK);
	return n->fd >= 0 ? ERR_OK : fail(why, ERR_IO, "NOTIFY_SOCKET: %s", strerror(errno));
}

void notify_close(struct notify *n)
{
	if (n->fd >= 0)
		n->net->close(n->net, n->fd);
	n->fd = -1;
}

enum err notify_send(const struct notify *n, const char *fmt, ...)
{
	char text[NOTIFY_MAX];
	va_list args;
	ssize_t sent;
	int length;

	if (n->fd < 0)
		return ERR_OK;
	va_start(args, fmt);
	length = vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (length < 0 || (size_t)length >= sizeof(text))
		return ERR_LIMIT;
	sent = n->net->send(n->net, n->fd, text, (size_t)length, (const struct sockaddr *)&n->to,
			    n->to_length);
	if (sent == length)
		return ERR_OK;
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS ? ERR_BUSY : ERR_IO;
}

static bool whole_number(const char *text, int64_t *out)
{
	return text && decimal_parse(text, strlen(text), 0, out) == ERR_OK && *out > 0;
}

int64_t notify_watchdog_us(const char *usec, const char *pid)
{
	int64_t every_us, whose;

	if (!whole_number(usec, &every_us))
		return 0;
	if (pid && (!whole_number(pid, &whose) || whose != (int64_t)getpid()))
		return 0;
	return every_us;
}
