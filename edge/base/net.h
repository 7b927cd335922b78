/*
 * The seam for the network, local sockets among it: production code calls a struct net, never the system, so
 * that a test can cut a write short, break a connection off or run out of descriptors.
 *
 * The functions are the system calls of their names: -1 and errno when they fail. Descriptors are the
 * system's, so that the loop can watch them, and are closed on exec. Nothing raises SIGPIPE.
 */
#ifndef TILL_NET_H
#define TILL_NET_H

#include <sys/socket.h>
#include <sys/types.h>

struct net {
	int (*socket)(const struct net *n, int family, int type); /* type with SOCK_NONBLOCK, if wanted */
	int (*bind)(const struct net *n, int fd, const struct sockaddr *to, socklen_t length);
	int (*listen)(const struct net *n, int fd, int backlog);
	int (*accept)(const struct net *n, int fd); /* non-blocking */
	int (*connect)(const struct net *n, int fd, const struct sockaddr *to, socklen_t length);
	int (*get_option)(const struct net *n, int fd, int level, int name, void *out, socklen_t *length);
	int (*set_option)(const struct net *n, int fd, int level, int name, const void *value,
			  socklen_t length);

	/* Streams and datagrams: to and from are NULL for a socket that is connected. */
	ssize_t (*send)(const struct net *n, int fd, const void *bytes, size_t size,
			const struct sockaddr *to, socklen_t length);
	ssize_t (*receive)(const struct net *n, int fd, void *bytes, size_t size, struct sockaddr *from,
			   socklen_t *length);
	void (*close)(const struct net *n, int fd);
};

/* The system's own. */
extern const struct net net_system;

#endif
