/*
 * The local socket of a running hub: a connection is one request of admin.h, a line, and its answer. Its file
 * mode lets the hub's user and group in.
 */
#ifndef TILL_HUB_SOCKET_H
#define TILL_HUB_SOCKET_H

#include "hub.h"
#include "net.h"

#define HUB_SOCKET_NAME	       "hub.sock" /* in the state directory */
#define HUB_SOCKET_CLIENTS_MAX 16

struct hub_socket;
enum err hub_socket_new(struct loop *loop, struct hub *hub, const char *dir, struct hub_socket **out,
			struct why *why) MUST_CHECK;
void hub_socket_free(struct hub_socket *s); /* after the hub is closed; NULL is fine */

/*
 * The other side, for commands: asks the hub of that folder and waits. ERR_NOT_FOUND: none is running. The
 * answer, a line, is behind what is in out.
 */
enum err hub_socket_ask(const char *dir, const char *line, size_t n, struct buf *out,
			struct why *why) MUST_CHECK;

#endif
