/*
 * The newest events of a ledger that somebody wants to see, oldest first. How far back they begin is found by
 * looking ever further, so that a long ledger is not read whole for its end.
 */
#ifndef TILL_NEWEST_H
#define TILL_NEWEST_H

#include "ledger.h"

struct newest {
	bool (*is_wanted)(const struct ledger_event *event, void *arg);
	enum err (*show)(const struct ledger_event *event, void *arg, struct why *why);
	void *arg;
};

enum err newest_show(struct ledger_reader *r, const struct newest *n, int64_t count,
		     struct why *why) MUST_CHECK;

#endif
