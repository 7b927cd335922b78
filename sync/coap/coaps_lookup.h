/*
 * A host's address, looked up on a thread: a name server that does not answer keeps nobody waiting but that
 * thread, which may take its time to end.
 */
#ifndef TILL_COAPS_LOOKUP_H
#define TILL_COAPS_LOOKUP_H

#include "coaps_lib.h"
#include "loop.h"

#define COAPS_LOOKUPS_MAX 4 /* threads at a time: one more is refused */

struct coaps_lookup;

/* at NULL: there is none, and reason says why. On the loop's thread; the lookup is gone afterwards. */
typedef void coaps_lookup_done(const coap_address_t *at, const char *reason, void *arg);

enum err coaps_lookup_begin(struct loop *loop, const struct coaps_uri *uri, coaps_lookup_done *done,
			    void *arg, struct coaps_lookup **out, struct why *why) MUST_CHECK;

/* Not called any more; its thread ends by itself. NULL is fine. */
void coaps_lookup_cancel(struct coaps_lookup *l);

#endif
