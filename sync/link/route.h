/*
 * The way to headquarters: addresses in order of preference, one connection at a time. It falls back to the
 * next when one does not answer, comes back to a better one when that answers again, and waits longer between
 * rounds that found nobody, with a random part, so that a thousand boxes do not knock at once.
 */
#ifndef TILL_ROUTE_H
#define TILL_ROUTE_H

#include "coaps_client.h"

#define ROUTE_ADDRESSES_MAX 8
#define ROUTE_WAIT_MIN_MS   250	  /* after a connection broke, and between the first rounds */
#define ROUTE_WAIT_MAX_MS   60000 /* the cap */
#define ROUTE_RETURN_MS	    60000 /* between looks at better addresses */

struct route;

struct route_options {
	const char *const *addresses; /* outlive the route, as all that is pointed to */
	size_t count;
	const char *name; /* of the certificate; "": each address's host */
	struct coaps_identity identity;
	bool future_ok;			     /* see coaps_client.h */
	void (*changed)(bool up, void *arg); /* the loop's; not inside a call of this header */
	void *arg;
};

/* ERR_INVALID names the address or file that is wrong. It begins to connect by itself. */
enum err route_new(struct loop *loop, const struct route_options *o, struct route **out,
		   struct why *why) MUST_CHECK;
void route_free(struct route *r);

struct coaps_client *route_client(const struct route *r); /* NULL: not connected */
const char *route_address(const struct route *r);	  /* of the connection, or of the attempt */
const char *route_reason(const struct route *r);	  /* why it is not connected; "" */
int64_t route_next_ms(const struct route *r);		  /* until the next attempt; 0: under way, or up */

void route_good(struct route *r); /* the other end is the one: the next break begins with short waits */
void route_leave(struct route *r, const char *reason); /* breaks the connection; waits, and tries again */
void route_now(struct route *r);		       /* tries at once, if it waits */

/* The certificates' files changed, or how the clock is judged: for new connections. */
enum err route_reload(struct route *r, bool future_ok, struct why *why) MUST_CHECK;

#endif
