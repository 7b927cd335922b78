/*
 * Markdowns: by age, demand and price position, and by the days until a unit expires. docs/engine.md,
 * "Markdown".
 */
#include "engine_work.h"

#define PPM	     INT64_C(1000000)
#define DAY_S	     86400
#define DAYS_MAX     3650
#define POSITION_MAX (9 * PPM) /* so that three parts per million multiply within 64 bits */

/* D = 1 - beta (1-d) + gamma (1-p) (1-d) + gamma (1-p) (t/T), each term rounded to a millionth. */
enum err engine_markdown(const struct rule_age *by, int64_t days, struct rate demand, struct rate position,
			 struct rate *out)
{
	int64_t slack = PPM - demand.ppm, away = by->gamma.ppm * (PPM - position.ppm);
	int64_t slow, slow_away, aged;
	enum err e = muldiv(by->beta.ppm, slack, PPM, ROUND_HALF_AWAY, &slow);

	if (!e)
		e = muldiv(away, slack, PPM * PPM, ROUND_HALF_AWAY, &slow_away);
	if (!e)
		e = muldiv(away, days, PPM * by->days, ROUND_HALF_AWAY, &aged);
	if (!e)
		out->ppm = PPM - slow + slow_away + aged;
	return e;
}

/* Whole days since the stock came in; false: not known. */
static bool age_of(const struct rule_view *v, int64_t *days)
{
	if (!v->signal || v->signal->received.seconds == AMOUNT_NONE)
		return false;
	*days = now_seconds_since(&v->work->now, &v->signal->received) / DAY_S;
	if (*days > DAYS_MAX)
		*days = DAYS_MAX;
	return true;
}

/* Observed over expected velocity, at most 1; and 1 where it is not known, for nothing says it sells badly.
 */
static struct rate demand_index(const struct signal *s)
{
	struct rate d;

	if (s->sold.micro == AMOUNT_NONE || s->expected.micro == AMOUNT_NONE || s->expected.micro <= 0 ||
	    s->sold.micro >= s->expected.micro ||
	    muldiv(s->sold.micro, PPM, s->expected.micro, ROUND_HALF_AWAY, &d.ppm))
		return RATE_ONE;
	return d;
}

static struct rate position_of(const struct rule_view *v, const struct rule_age *by)
{
	struct rate p = by->position.ppm == AMOUNT_NONE ? v->work->catalog->settings.position : by->position;

	if (v->signal->competitor.minor != AMOUNT_NONE && v->signal->competitor.minor > 0 &&
	    muldiv(v->price.minor, PPM, v->signal->competitor.minor, ROUND_HALF_AWAY, &p.ppm))
		p.ppm = POSITION_MAX;
	return p.ppm < POSITION_MAX ? p : (struct rate){POSITION_MAX};
}

enum err rule_age(const struct rule_view *v, const struct price_rule *r, struct money *out)
{
	const struct rule_age *by = r->by.age;
	struct money marked;
	struct rate d;
	int64_t days;
	enum err e;

	if (!age_of(v, &days))
		return ERR_OK;
	e = engine_markdown(by, days, demand_index(v->signal), position_of(v, by), &d);
	if (e)
		return e;
	if (d.ppm > PPM)
		d.ppm = PPM;
	if (d.ppm < by->least.ppm)
		d.ppm = by->least.ppm;
	e = money_times_rate(v->price, d, v->work->catalog->settings.rounding, &marked);
	return e ? e : money_sub(marked, v->price, out);
}

/* Days from today to the last one, by the unit's own date or that of the stock; false: not known. */
static bool days_left(const struct rule_view *v, int64_t *days)
{
	const struct now *now = &v->work->now;
	int64_t until;

	if (v->line->expires) {
		*days = v->line->expires - now->day;
		return true;
	}
	if (!v->signal || v->signal->until.seconds == AMOUNT_NONE)
		return false;
	until = v->signal->until.seconds;
	if (!v->signal->until.local)
		until += now->context->utc_offset_s;
	*days = until / DAY_S - now->day;
	return true;
}

/* The step of the fewest days that has not been passed. */
enum err rule_expiry(const struct rule_view *v, const struct price_rule *r, struct money *out)
{
	int64_t days;

	if (!days_left(v, &days))
		return ERR_OK;
	for (uint32_t i = 0; i < r->steps; i++) {
		enum err e;

		if (days > r->step[i].at)
			continue;
		e = money_times_rate(v->price, r->step[i].rate, v->work->catalog->settings.rounding, out);
		out->minor = -out->minor;
		return e;
	}
	return ERR_OK;
}
