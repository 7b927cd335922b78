/*
 * What happened at a lane as events for other systems (docs/events.md), written as the members of an open
 * object. For whoever listens: nothing here is done unless somebody asked for it.
 */
#ifndef TILL_LANE_EVENTS_H
#define TILL_LANE_EVENTS_H

#include "lane.h"
#include "shop_event.h"

/* PriceCalculated: the line as it was priced. */
void lane_price_calculated(const struct lane *l, uint32_t line, struct jsonw *w);

/* MarkdownTriggered, if a markdown made the line cheaper: what to tell, and by which rule. */
bool lane_markdown_of(const struct lane *l, uint32_t line, struct shop_event *out);

/* The customer's segments, with commas between them, as many as there is room for; "guest" without any. */
#define SEGMENTS_TEXT_MAX 512
struct cart;
struct customer;
const char *customer_segments(const struct customer *who, char out[SEGMENTS_TEXT_MAX]);

/* Writes any event with the currency of the catalog in force; or tells it to who listens. There is one. */
void shop_event_write(const struct shop *s, const struct shop_event *e, struct jsonw *w);
void shop_event_tell(struct shop *s, const struct shop_event *e);

/* OverrideUsed, of each line of a sale that was sold at a price set by hand. */
void lane_overrides_used(const struct lane *l, const struct cart *c, const char *order);

#endif
