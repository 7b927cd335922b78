/*
 * Events of prices and promotions for subscribers that ask for them (docs/events.md): those that a new
 * catalog brings, windows that open and close, prices as they are calculated, markdowns that set in. Private
 * to edge/control.
 */
#ifndef TILL_SHOP_EVENTS_H
#define TILL_SHOP_EVENTS_H

#include "control_parts.h"

struct shop_events;

enum err shop_events_new(struct control *c, struct shop_events **out) MUST_CHECK;
void shop_events_free(struct shop_events *s); /* NULL is fine */

/* Somebody listens from now on. */
void shop_events_wanted(struct shop_events *s);

/* A line was priced, or a new catalog is in force. Nothing happens unless somebody listens. */
void shop_events_news(struct shop_events *s, const struct lane_news *news);

#endif
