/*
 * What becomes of a price that a person sets at this box, told to whoever listens for events: somebody has to
 * approve it, somebody has, nobody did in time; it counts by now, or does not any more. See
 * overrides_parts.h; where it is used, lane_tender.c tells.
 */
#include "overrides_parts.h"

#include "held.h"
#include "lane_events.h"

static struct shop_event event_of(const struct overrides *o, enum shop_event_type t,
				  const struct event_override *said)
{
	return (struct shop_event){.type = t,
				   .at_s = shop_now_s(o->shop),
				   .version = (int64_t)snapshot_catalog(o->shop->snapshot)->version,
				   .key = said->sku};
}

static void tell_price(const struct overrides *o, const struct event_override *said,
		       const struct price_changed *p)
{
	struct shop_event e = event_of(o, SHOP_PRICE_CHANGED, said);

	e.as.price_changed = *p;
	e.as.price_changed.product = said->sku;
	e.as.price_changed.effective.seconds = e.at_s;
	e.as.price_changed.override = said->id;
	e.as.price_changed.from.micro = AMOUNT_NONE;
	e.as.price_changed.margin_impact.ppm = AMOUNT_NONE;
	shop_event_tell(o->shop, &e);
}

static void tell_set(const struct overrides *o, const struct event_override *said)
{
	tell_price(o, said,
		   &(struct price_changed){.before = said->before,
					   .after = said->price,
					   .reason = said->reason,
					   .user = said->by,
					   .until = {.seconds = said->to_s}});
}

static void tell_over(const struct overrides *o, const struct event_override *said,
		      const struct event_approval *verdict)
{
	struct money after;

	if (!override_list_price(o, said->sku, &after))
		after = MONEY_NONE;
	tell_price(o, said,
		   &(struct price_changed){.before = said->price,
					   .after = after,
					   .reason = verdict->reason,
					   .user = verdict->by,
					   .until = {.seconds = AMOUNT_NONE}});
}

/* In the words that are used of what an import holds. */
static void say_why(const struct event_override *said, char out[HELD_WHY_MAX])
{
	const struct held h = {.of = RECORD_PRICE,
			       .cause = said->needs == NEEDS_CFO ? HELD_FLOOR : HELD_CHANGE,
			       .currency = said->currency,
			       .approved = said->before,
			       .change = said->change,
			       .floor = said->floor};

	held_why(&h, out);
}

/* verdict NULL: somebody is asked. */
static void tell_approval(const struct overrides *o, enum shop_event_type t,
			  const struct event_override *said, const struct event_approval *verdict)
{
	struct shop_event e = event_of(o, t, said);
	char why[HELD_WHY_MAX];

	say_why(said, why);
	e.as.approval = (struct approval_event){
		.approval = said->id,
		.subject = "override",
		.product = said->sku,
		.before = said->before,
		.after = said->price,
		.rate_before = {AMOUNT_NONE},
		.rate_after = {AMOUNT_NONE},
		.change = said->change,
		.why = why,
		.needs = approval_need_name(said->needs),
		.requested_by = said->by,
		.reason = said->reason,
		.until = {.seconds = said->decide_until_s ? said->decide_until_s : said->to_s},
		.decided_by = verdict ? verdict->by : NULL,
		.decision = verdict ? verdict->reason : NULL,
	};
	shop_event_tell(o->shop, &e);
}

void override_tell_new(const struct overrides *o, const struct override *one)
{
	if (!o->shop->snapshot)
		return;
	if (one->said.needs != NEEDS_NOTHING)
		tell_approval(o, SHOP_APPROVAL_REQUESTED, &one->said, NULL);
	if (one->state == OVERRIDE_ACTIVE)
		tell_set(o, &one->said);
}

/* That its time is over is told like that of any price: by whoever watches windows (control/shop_events.c).
 */
void override_tell_verdict(const struct overrides *o, const struct override *one,
			   const struct event_approval *verdict)
{
	bool counts = one->state == OVERRIDE_ACTIVE, waits = override_waits(one);

	if (!o->shop->snapshot)
		return;
	switch ((enum approval_verdict)verdict->verdict) {
	case VERDICT_APPROVED:
		tell_approval(o, SHOP_APPROVAL_GRANTED, &one->said, verdict);
		if (!counts)
			tell_set(o, &one->said);
		return;
	case VERDICT_REJECTED:
	case VERDICT_ENDED:
		if (waits)
			tell_approval(o, SHOP_APPROVAL_REFUSED, &one->said, verdict);
		if (counts)
			tell_over(o, &one->said, verdict);
		return;
	case VERDICT_EXPIRED:
		if (waits)
			tell_approval(o, SHOP_APPROVAL_EXPIRED, &one->said, NULL);
		return;
	}
}
