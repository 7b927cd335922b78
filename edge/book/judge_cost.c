/*
 * Which costs and exchange rates wait for a second person: those that leave their own history. See judge.h.
 *
 * A cost is far off if it is more than 3.5 times the spread of what it has been from their median, where the
 * spread is 1.4826 times the median of the distances from it (what that is of a normal distribution's
 * standard deviation), and 5 % of the median at least: a cost that has never moved may move by 17.5 %.
 */
#include "judge.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Of an even number the mean of the two in the middle, rounded down. */
static int64_t median(int64_t *at, size_t count)
{
	qsort(at, count, sizeof(*at), compare);
	return count % 2 ? at[count / 2] : at[count / 2 - 1] + (at[count / 2] - at[count / 2 - 1]) / 2;
}

/* More than 3.5 spreads, exactly: what is above a bound of whole units is above its whole part. */
static bool is_far(struct judge_history *h, int64_t value, int64_t *usual)
{
	int64_t by_spread = 0, by_part = 0, distance;

	*usual = median(h->at, h->count);
	distance = value > *usual ? value - *usual : *usual - value;
	for (size_t i = 0; i < h->count; i++)
		h->at[i] = h->at[i] > *usual ? h->at[i] - *usual : *usual - h->at[i];
	if (muldiv(median(h->at, h->count), 51891, 10000, ROUND_DOWN, &by_spread) ||
	    muldiv(*usual, 175, 1000, ROUND_DOWN, &by_part))
		return false; /* of no amount that a record may have */
	return distance > (by_spread > by_part ? by_spread : by_part);
}

static struct held held_cost(enum record_type t, const char *sku, struct money before, struct money after,
			     struct money usual)
{
	return (struct held){.of = t,
			     .sku = sku,
			     .before = before,
			     .after = after,
			     .rate_before = {AMOUNT_NONE},
			     .rate_after = {AMOUNT_NONE},
			     .from = {AMOUNT_NONE},
			     .approved = MONEY_NONE,
			     .change = price_change(usual, after),
			     .floor = MONEY_NONE,
			     .usual = usual,
			     .cause = HELD_ANOMALY,
			     .needs = HELD_MANAGER};
}

bool judge_cost(struct judge_history *h, enum record_type t, const char *sku, struct money before,
		struct money after, struct held *out)
{
	struct money usual = MONEY_NONE;

	if (before.minor == AMOUNT_NONE || after.minor == AMOUNT_NONE || before.minor == after.minor)
		return false;
	if (h->count == 0)
		h->at[h->count++] = before.minor;
	if (!is_far(h, after.minor, &usual.minor))
		return false;
	*out = held_cost(t, sku, before, after, usual);
	return true;
}

bool judge_rate(const char *currency, struct qty before, struct qty after, struct held *out)
{
	struct judge_history h = {.at = {before.micro}, .count = 1};
	int64_t usual;

	if (!is_far(&h, after.micro, &usual))
		return false;
	*out = held_cost(RECORD_EXCHANGE_RATE, NULL, (struct money){usual}, (struct money){after.micro},
			 (struct money){usual});
	out->before = out->after = out->usual = MONEY_NONE;
	out->rate_before = before;
	out->rate_after = after;
	out->currency = currency;
	return true;
}
