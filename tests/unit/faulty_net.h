/*
 * A network that fails as networks do, behind its seam: the system's sockets, of which any call can be told
 * to fail, and whose streams can be made to take and give a few bytes at a time.
 */
#ifndef TILL_FAULTY_NET_H
#define TILL_FAULTY_NET_H

#include "net.h"

struct faulty_call {
	int spare; /* so many succeed, and then */
	int fail;  /* so many fail with */
	int code;
	int calls; /* counted */
};

struct faulty_net {
	struct net net; /* first */
	struct faulty_call socket, bind, listen, accept, connect, get_option, send, receive;
	size_t most; /* bytes that one send or receive moves; 0: as many as it likes */
	int open;    /* descriptors that were not closed */
};

void faulty_net_init(struct faulty_net *n); /* a sound one */

#endif
