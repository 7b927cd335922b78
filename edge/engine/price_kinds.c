/*
 * Pricing rules that move a price up and down, one function a kind. docs/engine.md, "Pricing rules": what
 * each looks at, and its formula. A signal that is not known moves nothing.
 */
#include "engine_work.h"

#define MICRO	   1000000
#define DEMAND_MAX 1000000 /* weighted: beyond it the root would leave its range */

static enum rounding rounding_of(const struct rule_view *v)
{
	return v->work->catalog->settings.rounding;
}

static bool known(int64_t amount)
{
	return amount != AMOUNT_NONE;
}

static enum err share(const struct rule_view *v, struct rate rate, struct money *out)
{
	return money_times_rate(v->price, rate, rounding_of(v), out);
}

/* The rate of the highest step that `value` reaches; steps rise. */
static struct rate reached(const struct price_rule *r, int64_t value)
{
	struct rate rate = {0};

	for (uint32_t i = 0; i < r->steps && value >= r->step[i].at; i++)
		rate = r->step[i].rate;
	return rate;
}

/* a / b in millionths, rounded down; false: not known. What is out of range is as much as there can be. */
static bool ratio(struct qty a, struct qty b, int64_t *out)
{
	if (!known(a.micro) || !known(b.micro) || b.micro <= 0)
		return false;
	if (muldiv(a.micro, MICRO, b.micro, ROUND_DOWN, out))
		*out = INT64_MAX;
	return true;
}

enum err rule_surge(const struct rule_view *v, const struct price_rule *r, struct money *out)
{
	int64_t index;

	if (!v->signal || !ratio(v->signal->sold, v->signal->expected, &index))
		return ERR_OK;
	return share(v, reached(r, index), out);
}

enum err rule_overstock(const struct rule_view *v, const struct price_rule *r, struct money *out)
{
	int64_t days;
	enum err e;

	if (!v->signal || !ratio(v->signal->stock, v->signal->expected, &days))
		return ERR_OK;
	e = share(v, reached(r, days), out);
	out->minor = -out->minor;
	return e;
}

/* The lowest threshold that the stock is below. */
enum err rule_stock(const struct rule_view *v, const struct price_rule *r, struct money *out)
{
	if (!v->signal || !known(v->signal->stock.micro))
		return ERR_OK;
	for (uint32_t i = 0; i < r->steps; i++)
		if (v->signal->stock.micro < r->step[i].at)
			return share(v, r->step[i].rate, out);
	return ERR_OK;
}

/* The largest integer whose square is not above n, digit by digit in base 2. */
static uint64_t square_root(uint64_t n)
{
	uint64_t root = 0;

	for (uint64_t bit = UINT64_C(1) << 62; bit; bit >>= 2) {
		if (n >= root + bit) {
			n -= root + bit;
			root = (root >> 1) + bit;
		} else {
			root >>= 1;
		}
	}
	return root;
}

static int64_t counted(int64_t n, int64_t weight)
{
	int64_t weighted;

	if (!known(n))
		return 0;
	return __builtin_mul_overflow(n, weight, &weighted) || weighted > DEMAND_MAX ? DEMAND_MAX : weighted;
}

/* In millionths; halved every half-life, and between two halvings falling in a straight line. */
static uint64_t demand_of(const struct rule_view *v, const struct rule_demand *by)
{
	const struct signal *s = v->signal;
	int64_t sum = counted(s->views, by->view) + counted(s->carts, by->cart) +
		      counted(s->purchases, by->purchase);
	uint64_t demand = (uint64_t)(sum < DEMAND_MAX ? sum : DEMAND_MAX) * MICRO;
	int64_t age_s = s->counted.seconds == AMOUNT_NONE ? 0 : now_seconds_since(&v->work->now, &s->counted);
	uint64_t halvings = (uint64_t)(age_s / by->half_life_s), rest = (uint64_t)(age_s % by->half_life_s);

	if (halvings >= 63)
		return 0;
	demand >>= halvings;
	return demand - demand * rest / (2 * (uint64_t)by->half_life_s);
}

/* The root in millionths: of at most 10^6 * 10^6 * 10^6. */
enum err rule_demand(const struct rule_view *v, const struct price_rule *r, struct money *out)
{
	uint64_t root;

	if (!v->signal)
		return ERR_OK;
	root = square_root(demand_of(v, r->by.demand) * MICRO);
	return muldiv(r->by.demand->k.minor, (int64_t)root, MICRO, ROUND_DOWN, &out->minor);
}

enum err rule_competitor(const struct rule_view *v, const struct price_rule *r, struct money *out)
{
	struct money target;
	enum err e;

	if (!v->signal || !known(v->signal->competitor.minor))
		return ERR_OK;
	e = money_times_rate(v->signal->competitor, r->by.target, rounding_of(v), &target);
	return e ? e : money_sub(target, v->price, out);
}

enum err rule_season(const struct rule_view *v, const struct price_rule *r, struct money *out)
{
	const struct rule_season *season = &r->by.season;
	uint16_t date = v->work->now.date;
	bool begun = date >= season->from, over = date > season->to;

	if (season->from <= season->to ? !begun || over : !begun && over)
		return ERR_OK;
	return share(v, season->rate, out);
}
