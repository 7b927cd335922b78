/*
 * The checks a promotion has to pass, in the order of docs/engine.md, "Which promotions apply": the first
 * that fails is the reason. Those of the context come first; needs wait for the promotion's turn.
 */
#include "engine_work.h"

typedef bool check_fn(const struct now *now, const struct promotion *p);

static bool active(const struct now *now, const struct promotion *p)
{
	(void)now;
	return p->status == PROMOTION_ACTIVE;
}

static bool clock_sure(const struct now *now, const struct promotion *p)
{
	return !p->sure_clock || !now->context->clock_uncertain;
}

static bool started(const struct now *now, const struct promotion *p)
{
	return now_started(now, &p->window);
}

static bool not_ended(const struct now *now, const struct promotion *p)
{
	return !now_ended(now, &p->window);
}

static bool in_store(const struct now *now, const struct promotion *p)
{
	return ids_admit(&p->stores, now->context->store);
}

static bool in_channel(const struct now *now, const struct promotion *p)
{
	return ids_admit(&p->channels, now->context->channel);
}

static bool for_customer(const struct now *now, const struct promotion *p)
{
	return ids_admit_any(&p->segments, &now->context->segments);
}

static const struct check {
	check_fn *holds;
	enum reason otherwise;
} checks[] = {
	{active, REASON_NOT_ACTIVE},
	{clock_sure, REASON_CLOCK_UNCERTAIN},
	{started, REASON_NOT_STARTED},
	{not_ended, REASON_ENDED},
	{now_within_hours, REASON_OUTSIDE_HOURS},
	{in_store, REASON_WRONG_STORE},
	{in_channel, REASON_WRONG_CHANNEL},
	{for_customer, REASON_WRONG_SEGMENT},
};

enum reason eligible_in_context(const struct work *w, uint32_t promotion)
{
	const struct promotion *p = &w->catalog->promotions[promotion];

	for (unsigned i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (!checks[i].holds(&w->now, p))
			return checks[i].otherwise;
	if (p->coupon && !ids_hold(&w->cart->context.coupons, promotion))
		return REASON_COUPON_MISSING;
	return REASON_APPLIED;
}

enum reason eligible_with_goods(struct work *w, struct verdict *v)
{
	const struct promotion *p = &w->catalog->promotions[v->promotion];

	for (uint32_t i = 0; i < p->need_count; i++) {
		enum reason reason = need_check(w, v, i);

		if (reason)
			return reason;
	}
	for (uint32_t i = 0; i < p->give_count; i++)
		if (select_goods(w, v->promotion, &p->gives[i].on)->count)
			return REASON_APPLIED;
	return REASON_NOTHING_SELECTED;
}
