/*
 * How a return looks to people, and what return and void-order have in common.
 */
#ifndef TILL_VIEW_RETURN_H
#define TILL_VIEW_RETURN_H

#include "ctl.h"

void view_return(const json_t *answer);

void view_exchange(const json_t *answer);

/* What the verb asks for: lines that come back by arguments and options, none: all that is kept. NULL after
 * an error that was told, which is in *e. */
json_t *return_request(struct ctl *ctl, const char *verb, enum ctl_exit *e);

/* Order and options, as members of the request. */
void return_request_options(const struct ctl *ctl, json_t *request);

#endif
