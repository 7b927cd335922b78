/*
 * How tillctl shows plans, what a customer has, and quotes: for people, and as a line of JSON with "ok".
 */
#ifndef TILL_PLAN_VIEW_H
#define TILL_PLAN_VIEW_H

#include "plan_offer.h"
#include "plans.h"

/* What a customer has. */
struct standing {
	struct subscribed now;
	const struct record_plan *plan; /* NULL: none */
	struct credit_month month;
	bool credit;	    /* month is known */
	struct money spent; /* of its credit; the caller's to find out */
};
void plan_read_standing(const struct plans *plans, const struct store_day *today, struct standing *s);

void plan_print_list(const struct plans *plans);
void plan_print_standing(const struct plans *plans, const struct standing *s);
void plan_print_offer(const struct plans *plans, const struct plan_offer *o);

enum ctl_exit plan_print_list_json(const struct plans *plans);
enum ctl_exit plan_print_standing_json(const struct plans *plans, const struct standing *s);
enum ctl_exit plan_print_offer_json(const struct plans *plans, const struct plan_offer *o);

#endif
