/*
 * Events about limits: coupon (6) and grant (7). docs/storage.md lists their keys.
 */
#ifndef TILL_EVENT_LIMIT_H
#define TILL_EVENT_LIMIT_H

#include "record.h"

enum coupon_action {
	COUPON_RESERVE, /* one use is the token's alone until then */
	COUPON_RELEASE, /* ... and is not any more */
	COUPON_RETURN,	/* a use was given back by hand */
	COUPON_EXPIRE	/* nobody may use it any more */
};

struct event_coupon {
	const char *code;
	int64_t action;	   /* enum coupon_action */
	const char *token; /* of reserve and release */
	int64_t until_ms;  /* of reserve: UTC */
	const char *by;	   /* who did it, or NULL */
};

/*
 * A grant: so many more uses, so much more budget of a promotion may be spent by this box. Its number rises
 * by one with each of that promotion. Below 0: so much is given up again.
 */
struct event_grant {
	const char *promotion;
	int64_t incarnation; /* of the box, as who grants counts them; 1 where the box grants to itself */
	int64_t number;	     /* from 1 */
	int64_t uses;
	struct money amount;
	const char *currency; /* of amount */
	int64_t own;	      /* 1: the box granted it to itself, since there is no headquarters */
};

extern const struct schema event_coupon_schema, event_grant_schema;
extern const char *const coupon_actions[]; /* "reserve", ... */

#endif
