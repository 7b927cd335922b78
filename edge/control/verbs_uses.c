/*
 * Verbs about what was used: codes of coupons, and promotions.
 */
#include <string.h>

#include "verbs.h"

#define MINUTES	    15	  /* that a code is reserved for if nothing is said */
#define MINUTES_MAX 43200 /* 30 days */

static void code_done(const struct coupon_view *view, const struct answer *a, void *arg)
{
	struct pending *p = arg;
	struct jsonw w;

	if (a->refusal != REFUSED_NOT) {
		reply_refusal(&p->reply, a);
	} else if (reply_begin(&p->reply, &w)) {
		jsonw_bool(&w, "ok", true);
		coupon_json(view, &w);
		reply_end(&p->reply, &w);
	}
	pending_done(p);
}

/* False: that is none, which was answered. */
static bool take_action(const struct request *r, enum coupon_ask *out)
{
	static const char *const actions[] = {"show", "reserve", "release", "return", "expire"};
	const char *action = request_text(r, "action");

	*out = ASK_SHOW;
	for (size_t i = 0; action && i < sizeof(actions) / sizeof(actions[0]); i++)
		if (!strcmp(action, actions[i])) {
			*out = (enum coupon_ask)i;
			return true;
		}
	if (action)
		reply_error(&r->reply, "bad_request",
			    "action: show, reserve, release, return or expire, not '%.40s'", action);
	return !action;
}

static bool take_minutes(const struct request *r, int64_t *out)
{
	const json_t *minutes = json_object_get(r->json, "minutes");

	*out = minutes ? json_integer_value(minutes) : MINUTES;
	if (*out <= MINUTES_MAX)
		return true;
	reply_error(&r->reply, "bad_request", "minutes: %d at most, which is 30 days", MINUTES_MAX);
	return false;
}

void verb_code(struct request *r)
{
	struct coupon_order o = {.code = request_text(r, "code"),
				 .token = request_text(r, "token"),
				 .by = request_text(r, "by")};
	struct pending *p;

	if (!take_action(r, &o.ask) || !take_minutes(r, &o.minutes))
		return;
	p = request_wait(r);
	if (p)
		shop_coupon(r->reply.control->config.shop, &o, code_done, p);
}

void verb_usage(struct request *r)
{
	const struct shop *s = r->reply.control->config.shop;
	const char *promotion = request_text(r, "promotion");
	struct answer a;
	struct jsonw w;

	if (!shop_usage_json(s, promotion, &a, NULL)) {
		reply_refusal(&r->reply, &a);
		return;
	}
	if (!reply_begin(&r->reply, &w))
		return;
	jsonw_bool(&w, "ok", true);
	(void)shop_usage_json(s, promotion, &a, &w);
	reply_end(&r->reply, &w);
}
