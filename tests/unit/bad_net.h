/*
 * A network between a box and headquarters that is as bad as it is told to be: relays of streams and of
 * datagrams on loopback, turned by the loop that they are given. What is drawn by chance comes from a seed.
 */
#ifndef TILL_BAD_NET_H
#define TILL_BAD_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"

/* All zero: a good one. Ways are 0, up to headquarters, and 1, down from it. */
struct bad_net_rules {
	bool stalled;	      /* nothing moves; it is held, as far as buffers go */
	bool silent[2];	      /* what goes that way is lost; a stream that lost something breaks off later */
	int64_t cut_after;    /* bytes: then each stream breaks off; 0: never */
	unsigned piece;	      /* bytes of a stream that move at a time; 0: many */
	unsigned lost, twice; /* datagrams of a thousand */
	unsigned late_ms;     /* datagrams are up to so much late, and so overtake each other */
};

struct bad_net;

/* Relays to those ports, of COAPS_TLS and COAPS_DTLS. The seed is drawn from as long as it lives. */
struct bad_net *bad_net_new(struct loop *loop, const uint16_t target[2], uint64_t *seed);
void bad_net_free(struct bad_net *n);

uint16_t bad_net_port(const struct bad_net *n, int transport);
void bad_net_set(struct bad_net *n, const struct bad_net_rules *rules);
void bad_net_cut(struct bad_net *n); /* all streams, now */

#endif
