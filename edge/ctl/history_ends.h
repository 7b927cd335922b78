/*
 * Prices set by hand that time has ended: nothing of the catalog changes then, so nothing is written, and
 * nobody may have listened. Their last moment stands in the event that began them.
 */
#ifndef TILL_HISTORY_ENDS_H
#define TILL_HISTORY_ENDS_H

#include "arena.h"
#include "shop_event.h"

struct history_ends {
	struct arena arena;
	struct shop_event *at; /* ends to come, of those that were told as counting */
	uint32_t count, size;
};

/* Of an event that is told, in the order in which they happened; what it changes or ends ends no more by
 * itself. */
enum err history_ends_note(struct history_ends *h, const struct shop_event *e) MUST_CHECK;

/* The first end before that moment, which is then told; false: there is none. Its text lives as long as h. */
bool history_ends_next(struct history_ends *h, int64_t before_s, struct shop_event *out);

void history_ends_free(struct history_ends *h);

#endif
