/*
 * Prices that people set at this box, and what others have to say of them first.
 *
 * A change of more than the shop's limit, measured against the last price that somebody else approved (so two
 * small steps do not slip by), waits for a pricing manager or the cfo; one below the margin floor for the
 * cfo. Nobody approves what is his own. An emergency counts at once, for some hours at most and never below
 * the floor, and is looked at afterwards. Everything said is an event of the ledger, with who and why, and is
 * durable before it is answered; what is in force is their fold.
 *
 *	set --small--> active --end, reject, time--> over
 *	    --large--> pending --approve--> active      pending --reject, end, decide_until--> over
 */
#ifndef TILL_OVERRIDES_H
#define TILL_OVERRIDES_H

#include "event_override.h"
#include "lane.h"
#include "person.h"

#define OVERRIDES_MAX OVERRIDE_SET_MAX /* that are pending or active; one more is refused */

struct overrides;
struct overrides *overrides_new(struct shop *s); /* NULL: out of memory */
void overrides_free(struct overrides *o);	 /* NULL is fine */

/* A note of the ledger at start: ledger_each_note's function, arg is the overrides. Other kinds are passed
 * over. */
enum err overrides_learn(int64_t id, const struct event_envelope *event, void *arg,
			 struct why *why) MUST_CHECK;

/* Hands those in force to the loader: once, when all is learnt; later by themselves. */
void overrides_publish(struct overrides *o);

struct override_wish {
	const char *sku, *reason;
	struct money price;
	int64_t to_s; /* UTC, inclusive */
	bool emergency;
};

/*
 * done runs once, perhaps before the call returns; on success id is the override's, valid during the call.
 * reason is required of everybody.
 */
typedef void override_done_fn(const char *id, const struct answer *a, void *arg);
void overrides_set(struct overrides *o, const struct override_wish *w, const struct person *by,
		   override_done_fn *done, void *arg);
void overrides_decide(struct overrides *o, const char *id, enum approval_verdict verdict, const char *reason,
		      const struct person *by, override_done_fn *done, void *arg);

/* One of them as an object, or all as the array `overrides`, those that wait first; `name` may be NULL. */
void override_json(const struct overrides *o, const char *id, struct jsonw *w);
void overrides_json(const struct overrides *o, struct jsonw *w);

#endif
