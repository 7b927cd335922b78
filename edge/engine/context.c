/*
 * The context against what price lists and promotions ask of it: windows, hours, stores, channels and
 * segments. What they leave empty they do not ask.
 */
#include "engine_work.h"

#include "civil.h"

#define DAY_S 86400

void now_read(struct now *now, const struct engine_context *x)
{
	struct civil civil;

	now->context = x;
	if (__builtin_add_overflow(x->now_s, x->utc_offset_s, &now->civil_s))
		now->civil_s = x->now_s; /* no year of ours: before or after every window all the same */
	civil = civil_from_seconds(now->civil_s);
	now->second = civil.hour * 3600 + civil.minute * 60 + civil.second;
	now->date = (uint16_t)(civil.month * 100 + civil.day);
	now->day = (int32_t)((now->civil_s - now->second) / DAY_S); /* of a year from 1 to 9999 */
	now->today = (uint8_t)(1U << (civil.weekday - 1));
	now->yesterday = (uint8_t)(civil.weekday == 1 ? 1U << 6 : 1U << (civil.weekday - 2));
}

static int64_t now_on_clock_of(const struct now *now, const struct moment *m)
{
	return m->local ? now->civil_s : now->context->now_s;
}

bool now_started(const struct now *now, const struct window *w)
{
	return w->from.seconds == AMOUNT_NONE || now_on_clock_of(now, &w->from) >= w->from.seconds;
}

bool now_ended(const struct now *now, const struct window *w)
{
	return w->to.seconds != AMOUNT_NONE && now_on_clock_of(now, &w->to) > w->to.seconds;
}

int64_t now_seconds_since(const struct now *now, const struct moment *m)
{
	int64_t clock = now_on_clock_of(now, m), since;

	if (clock <= m->seconds || __builtin_sub_overflow(clock, m->seconds, &since))
		return 0;
	return since;
}

static bool on_day(const struct promotion *p, uint8_t day)
{
	return !p->weekdays || (p->weekdays & day);
}

/* Hours past midnight end on the day after the one they belong to. */
static bool within(const struct now *now, const struct promotion *p, const struct hours *h)
{
	if (h->from <= h->to)
		return now->second >= h->from && now->second <= h->to && on_day(p, now->today);
	return (now->second >= h->from && on_day(p, now->today)) ||
	       (now->second <= h->to && on_day(p, now->yesterday));
}

bool now_within_hours(const struct now *now, const struct promotion *p)
{
	if (!p->hours_count)
		return on_day(p, now->today);
	for (uint32_t i = 0; i < p->hours_count; i++)
		if (within(now, p, &p->hours[i]))
			return true;
	return false;
}

bool engine_promotion_runs(const struct promotion *p, const struct engine_context *x)
{
	struct now now;

	now_read(&now, x);
	return p->status == PROMOTION_ACTIVE && !(p->sure_clock && x->clock_uncertain) &&
	       now_started(&now, &p->window) && !now_ended(&now, &p->window) && now_within_hours(&now, p);
}

bool engine_rule_runs(const struct price_rule *r, const struct engine_context *x)
{
	struct now now;

	now_read(&now, x);
	return !r->off &&
	       (!r->scope || (now_started(&now, &r->scope->window) && !now_ended(&now, &r->scope->window)));
}

bool ids_hold(const struct ids *ids, uint32_t id)
{
	for (uint32_t i = 0; i < ids->count; i++)
		if (ids->at[i] == id)
			return true;
	return false;
}

bool ids_admit(const struct ids *ids, uint32_t id)
{
	return !ids->count || ids_hold(ids, id);
}

bool ids_admit_any(const struct ids *ids, const struct ids *any)
{
	if (!ids->count)
		return true;
	for (uint32_t i = 0; i < any->count; i++)
		if (ids_hold(ids, any->at[i]))
			return true;
	return false;
}

bool ids_meet(const struct catalog *c, const struct ids *stores, const struct ids *zones, uint32_t store)
{
	if (!stores->count && !zones->count)
		return true;
	if (ids_hold(stores, store))
		return true;
	return store != CATALOG_NONE && c->zones_of && zones->count &&
	       ids_admit_any(zones, &c->zones_of[store]);
}
