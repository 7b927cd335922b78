/*
 * What a change of price needs, and who may say so. See overrides.h.
 */
#include "overrides_parts.h"

#include <inttypes.h>
#include <string.h>

#include "held.h"
#include "zone.h"

#define SETTERS	  (ROLE_SUPERVISOR | ROLE_MANAGER | ROLE_CFO)
#define APPROVERS (ROLE_MANAGER | ROLE_CFO)

/* For anybody who comes in, without a name: what the shelf says. */
static struct engine_context anybody(const struct overrides *o, const struct catalog *c)
{
	const struct shop *s = o->shop;
	const struct lane *lane = shop_lane_at(s, 0);
	int64_t now_s = shop_now_s(s);

	return (struct engine_context){
		.now_s = now_s,
		.utc_offset_s = zone_offset_s(now_s),
		.store = catalog_id(&c->stores, s->config->store),
		.segments = c->guests,
		.channel = lane ? catalog_id(&c->channels, lane_channel(lane)) : CATALOG_NONE,
	};
}

bool override_list_price(const struct overrides *o, const char *sku, struct money *out)
{
	const struct catalog *c = shop_catalog(o->shop);
	struct engine_context x = anybody(o, c);
	uint32_t item, list;

	return !catalog_find_sku(c, sku, &item) && !engine_list_price(c, &x, item, out, &list);
}

/*
 * The last price that somebody else stood for: that of the newest override which another person approved,
 * else the list's. One that needed nobody does not move it.
 */
static bool last_approved(const struct overrides *o, const struct catalog *c, const struct engine_context *x,
			  uint32_t item, struct event_override *said)
{
	uint32_t list;

	if (engine_list_price(c, x, item, &said->before, &list))
		said->before = MONEY_NONE;
	for (const struct override *one = o->first; one; one = one->next)
		if (one->state == OVERRIDE_ACTIVE && !one->over && one->approved_by &&
		    !strcmp(one->said.sku, said->sku))
			said->before = one->said.price;
	return said->before.minor != AMOUNT_NONE;
}

static bool below_floor(const struct event_override *said)
{
	return said->floor.minor != AMOUNT_NONE && said->price.minor < said->floor.minor;
}

static bool check_emergency(const struct overrides *o, const struct event_override *said, struct answer *a)
{
	const struct override_rules *rules = &o->shop->config->overrides;

	if (below_floor(said))
		return refuse(a, REFUSED_NOT_ALLOWED,
			      "below the margin floor there is no emergency: set it without, and the cfo "
			      "approves it");
	if (said->to_s - said->from_s > rules->emergency_s)
		return refuse(a, REFUSED_BAD_OVERRIDE, "an emergency lasts %" PRId64 " minutes at most here",
			      rules->emergency_s / 60);
	return true;
}

static bool judge(const struct overrides *o, const struct override_wish *w, const struct catalog *c,
		  struct event_override *said, struct answer *a)
{
	const struct override_rules *rules = &o->shop->config->overrides;
	struct engine_context x = anybody(o, c);
	struct rate floor;
	uint32_t item;

	if (catalog_find_sku(c, w->sku, &item))
		return refuse(a, REFUSED_UNKNOWN_CODE, "%.64s is not an article of this shop", w->sku);
	if (!last_approved(o, c, &x, item, said))
		return refuse(a, REFUSED_NO_PRICE, "%.64s has no price here: put it into a price list first",
			      w->sku);
	said->change = price_change(said->before, said->price);
	if (engine_lowest_price(c, &x, item, &floor, &said->floor))
		said->floor = MONEY_NONE;
	if (w->emergency && !check_emergency(o, said, a))
		return false;
	said->needs = below_floor(said)					    ? NEEDS_CFO
		      : !price_change_is_large(said->change, rules->change) ? NEEDS_NOTHING
		      : w->emergency					    ? NEEDS_REVIEW
									    : NEEDS_MANAGER;
	return true;
}

bool override_judge(const struct overrides *o, const struct override_wish *w, struct event_override *said,
		    struct answer *a)
{
	const struct catalog *c = shop_catalog(o->shop);

	if (!c)
		return refuse_no_catalog(a);
	if (w->price.minor < 0 || w->price.minor > INT64_C(1000000000000000))
		return refuse(a, REFUSED_BAD_OVERRIDE, "price: from 0 on, within reason");
	if (w->to_s <= said->from_s)
		return refuse(a, REFUSED_BAD_OVERRIDE, "its end is not in the future");
	said->currency = c->settings.currency;
	said->price = w->price;
	said->to_s = w->to_s;
	return judge(o, w, c, said, a);
}

bool override_waits(const struct override *one)
{
	return one->state == OVERRIDE_PENDING || (one->said.needs == NEEDS_REVIEW && !one->approved_by);
}

/* Whoever set it may take it back; so may those who may set prices. */
static bool may_end(const struct override *one, const struct person *by, struct answer *a)
{
	if (person_role(by, SETTERS) || !strcmp(by->name, one->said.by))
		return true;
	return refuse(a, REFUSED_NOT_ALLOWED,
		      "%.64s is neither supervisor, pricing manager nor cfo, and has not set it", by->name);
}

bool override_may_decide(const struct override *one, enum approval_verdict verdict, const struct person *by,
			 struct answer *a)
{
	unsigned roles = one->said.needs == NEEDS_CFO ? ROLE_CFO : APPROVERS;

	if (verdict == VERDICT_ENDED)
		return may_end(one, by, a);
	if (!override_waits(one))
		return refuse(a, REFUSED_DECIDED, "%.64s waits for nobody; 'override end' ends it",
			      one->said.id);
	if (!strcmp(by->name, one->said.by))
		return refuse(a, REFUSED_NOT_ALLOWED,
			      "%.64s has set it: it takes a second person to approve or reject it", by->name);
	if (person_role(by, roles))
		return true;
	return refuse(a, REFUSED_NOT_ALLOWED, "%.64s is %s: it takes %s", by->name,
		      person_role(by, ~0U) ? person_role(by, ~0U) : "of no role here",
		      one->said.needs == NEEDS_CFO ? "the cfo" : "a pricing manager or the cfo");
}
