/*
 * How a return looks to people, and what return and void-order have in common.
 */
#ifndef TILL_VIEW_RETURN_H
#define TILL_VIEW_RETURN_H

#include "ctl.h"

void view_return(const json_t *answer);

void view_exchange(const json_t *answer);

/* Lines that come back, by arguments and options. NULL after an error that was told; empty: all that is kept.
 */
json_t *return_lines(const struct ctl *ctl);

/* Order and options, as members of the request. */
void return_request_options(const struct ctl *ctl, json_t *request);

#endif
