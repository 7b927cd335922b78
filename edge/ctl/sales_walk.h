/*
 * Walking the sales of a ledger, for commands that do something with each: all of them, those since a moment,
 * or one order. On a terminal the way it has come is shown.
 */
#ifndef TILL_SALES_WALK_H
#define TILL_SALES_WALK_H

#include "ctl.h"
#include "event_return.h"
#include "ledger.h"

/* A sale and where it stands. Valid during the call. */
struct stored_sale {
	int64_t id; /* of the event */
	const struct event_envelope *envelope;
	const struct event_sale *sale;
	struct arena *arena; /* for what the caller makes of it */
};
typedef enum err stored_sale_fn(const struct stored_sale *s, void *arg, struct why *why);

/* The same of a return or void. */
struct stored_return {
	int64_t id;
	const struct event_envelope *envelope;
	const struct event_return *back;
	struct arena *arena;
};
typedef enum err stored_return_fn(const struct stored_return *s, void *arg, struct why *why);

struct sales_walk {
	struct ledger_reader *reader;
	const char *order; /* NULL: all */
	int64_t since_s;   /* AMOUNT_NONE: from the first */
	const char *doing; /* for the progress: "replaying"; NULL: none is shown */
	stored_sale_fn *each;
	stored_return_fn *each_return; /* NULL: returns are passed over */
	void *arg;
};

/* Ends with the first error, of each too. why then names the order or the event. */
enum err sales_walk(const struct sales_walk *w, struct why *why) MUST_CHECK;

/*
 * "2026-11-21T10:00:00Z" or with another zone; without a zone it is this machine's time, and a day alone its
 * first second. False after an error that was told (exit with CTL_USAGE).
 */
bool ctl_moment(const char *option, const char *text, int64_t *seconds);

#endif
