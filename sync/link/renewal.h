/*
 * The box's certificate through its life: a new one, for a new key, is asked for in the last third of it;
 * warnings before it ends; and files that somebody else changed are taken up without a restart.
 */
#ifndef TILL_RENEWAL_H
#define TILL_RENEWAL_H

#include "uplink.h"

void renewal_look(struct uplink *u); /* connected: asks, if it is time */
void renewal_now(struct uplink *u);  /* asks, since headquarters wants it; not twice a minute */
void renewal_tend(struct uplink *u); /* now and then */

#endif
