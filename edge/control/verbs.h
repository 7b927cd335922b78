/*
 * The table of verbs: what there is to ask, which members each takes, and who answers. Checks, the document's
 * test and later help all read it. A new verb is a row here and its handler; docs/control.md gets its line.
 */
#ifndef TILL_VERBS_H
#define TILL_VERBS_H

#include "control_parts.h"

enum member_type {
	MEMBER_TEXT,
	MEMBER_LANE,	/* text: the name of a lane of this box; lands in request.lane */
	MEMBER_COUNT,	/* whole number, 1 or more */
	MEMBER_DECIMAL, /* decimal text, or a whole number */
	MEMBER_FLAG,
	MEMBER_LIST,
};

struct member {
	const char *name;
	enum member_type type;
	bool required;
};

#define VERB_MEMBERS_MAX 14

struct verb {
	const char *name;
	struct member members[VERB_MEMBERS_MAX]; /* ends with name NULL or with the array */
	void (*run)(struct request *r);
	const char *text;
};

extern const struct verb verbs[]; /* ends with name NULL */

const struct verb *verb_find(const char *name);
const char *member_type_text(enum member_type t); /* "a text", for messages */

/* Handlers, by file. Each answers once, now or, having called request_wait, later. */
void verb_version(struct request *r); /* verbs_shop.c */
void verb_status(struct request *r);
void verb_lanes(struct request *r);
void verb_price(struct request *r);
void verb_subscribe(struct request *r);
void verb_refresh(struct request *r);

void verb_reload(struct request *r); /* verbs_reload.c */

void verb_override(struct request *r); /* verbs_override.c */
void verb_overrides(struct request *r);
void verb_override_end(struct request *r);
void verb_approve(struct request *r);
void verb_reject(struct request *r);

void verb_cart(struct request *r); /* verbs_lane.c */
void verb_scan(struct request *r);
void verb_qty(struct request *r);
void verb_void(struct request *r);
void verb_suspend(struct request *r);
void verb_resume(struct request *r);
void verb_explain(struct request *r);

void verb_customer(struct request *r); /* verbs_pay.c: those that wait */
void verb_coupon(struct request *r);
void verb_tender(struct request *r);
/* The tenders of a request, `tenders` or `method` and `amount`; cash if it says none. False: answered. */
bool request_tenders(const struct request *r, struct tender *out, size_t *n);

void verb_return(struct request *r); /* verbs_return.c: those too */
void verb_void_order(struct request *r);
void verb_exchange(struct request *r);
void verb_code(struct request *r); /* verbs_uses.c: what was used of coupons and promotions */
void verb_usage(struct request *r);

#endif
