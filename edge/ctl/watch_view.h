/*
 * What `tillctl watch` shows of a lane: on a terminal the till's screen, drawn anew after each event;
 * elsewhere a plain line an event.
 */
#ifndef TILL_WATCH_VIEW_H
#define TILL_WATCH_VIEW_H

#include <jansson.h>
#include <stdint.h>

struct watch {
	const char *lane;
	json_t *cart;	  /* the last cart of the lane, or NULL */
	json_t *receipt;  /* of the sale just made, until the next cart opens; or NULL */
	char notice[256]; /* the last refusal or news, "" for none */
	unsigned columns, rows;
};

/* Takes an event of the lane into what is shown. */
void watch_take(struct watch *w, const json_t *event);

/* Draws the whole screen; now_s (UTC) is for the time that promotions have left. */
void watch_draw(const struct watch *w, int64_t now_s);

/* Prints an event as a plain line. */
void watch_print(const json_t *event, int64_t now_s);

void watch_forget(struct watch *w);

#endif
