/*
 * till-sync's own socket, beside tilld's control socket: a line of JSON in, one out, for `tillctl sync`.
 * Verbs: status, now, reload. SYNC_CLIENTS_MAX at once; one more is closed at once.
 */
#ifndef TILL_SYNC_SOCKET_H
#define TILL_SYNC_SOCKET_H

#include "uplink.h"

#define SYNC_CLIENTS_MAX 16

enum err sync_socket_new(struct uplink *u, struct sync_socket **out, struct why *why) MUST_CHECK;
void sync_socket_free(struct sync_socket *d);

#endif
