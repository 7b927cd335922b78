/*
 * Periods of plans, and going from one to another. docs/engine.md, "Subscriptions". Fees of a month: Basic
 * 60.00, Premium 90.00, VIP 180.00; basket credits 60.00, 95.00, 200.00; twelve months 10 % off, of Basic six
 * months 5 %.
 */
#include "unit.h"

#include "civil.h"
#include "subscription.h"

static const struct plan_duration basic_durations[] = {{6, {50000}}, {12, {100000}}};
static const struct plan_duration other_durations[] = {{12, {100000}}};

enum plan { NONE, BASIC, PREMIUM, VIP };
static struct plan_terms plans[] = {
	[BASIC] = {{6000}, {6000}, basic_durations, 2, PLAN_PRORATED, PLAN_AT_END},
	[PREMIUM] = {{9000}, {9500}, other_durations, 1, PLAN_PRORATED, PLAN_AT_END},
	[VIP] = {{18000}, {20000}, other_durations, 1, PLAN_PRORATED, PLAN_AT_END},
};

/* 20261121 */
static int32_t day(int32_t date)
{
	struct civil c = {
		.year = date / 10000, .month = (uint8_t)(date / 100 % 100), .day = (uint8_t)(date % 100)};

	return (int32_t)(civil_to_seconds(&c) / 86400);
}

static void months_later(void **state)
{
	static const struct {
		int32_t from, months, to;
	} rows[] = {
		{20261121, 1, 20261221},  {20261215, 1, 20270115}, {20260131, 1, 20260228},
		{20260131, 2, 20260331},  {20280131, 1, 20280229}, {20261031, 13, 20271130},
		{20260101, 12, 20270101}, {20260430, 1, 20260530},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(plan_months_later(day(rows[i].from), rows[i].months), day(rows[i].to));
}

static void month_of_a_period(void **state)
{
	static const struct {
		int32_t from, today, first, last;
	} rows[] = {
		{20261021, 20261021, 20261021, 20261120}, {20261021, 20261120, 20261021, 20261120},
		{20261021, 20261121, 20261121, 20261220}, {20260131, 20260228, 20260228, 20260330},
		{20260131, 20260330, 20260228, 20260330}, {20260131, 20260331, 20260331, 20260429},
		{20251201, 20270105, 20270101, 20270131},
	};
	int32_t first, last;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		plan_month(day(rows[i].from), day(rows[i].today), &first, &last);
		assert_int_equal(first, day(rows[i].first));
		assert_int_equal(last, day(rows[i].last));
	}
}

static void price_of_a_period(void **state)
{
	static const struct {
		enum plan plan;
		int32_t months;
		int64_t fees, discount;
	} rows[] = {
		{BASIC, 1, 6000, 0},	  {BASIC, 5, 30000, 0},		{BASIC, 6, 36000, 1800},
		{BASIC, 11, 66000, 3300}, {BASIC, 12, 72000, 7200},	{BASIC, 24, 144000, 14400},
		{PREMIUM, 6, 54000, 0},	  {PREMIUM, 12, 108000, 10800}, {VIP, 12, 216000, 21600},
	};
	struct money fees, discount;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(
			plan_price(&plans[rows[i].plan], rows[i].months, ROUND_HALF_AWAY, &fees, &discount),
			ERR_OK);
		assert_int_equal(fees.minor, rows[i].fees);
		assert_int_equal(discount.minor, rows[i].discount);
	}
}

struct row {
	const char *why;
	enum plan_change change;
	enum plan from, to;
	int32_t begun, ends, paid_months; /* ends 0: no end */
	int64_t paid, spent;		  /* paid -1: as its price is */
	int32_t today, months;
	enum plan_switch how;
	struct {
		int32_t from, to, months;
		int64_t due, refund, credit;
		int32_t credit_from, credit_to;
	} is;
};

static const struct row asked[] = {
	{"a month from today",
	 PLAN_NEW,
	 NONE,
	 PREMIUM,
	 0,
	 0,
	 0,
	 -1,
	 0,
	 20261121,
	 0,
	 PLAN_AT_END,
	 {20261121, 20261220, 1, 9000, 0, 9500, 20261121, 20261220}},
	{"a year at once, less 10 %: 1080.00 - 108.00",
	 PLAN_NEW,
	 NONE,
	 PREMIUM,
	 0,
	 0,
	 0,
	 -1,
	 0,
	 20261121,
	 12,
	 PLAN_AT_END,
	 {20261121, 20271120, 12, 97200, 0, 9500, 20261121, 20261220}},
	{"it goes on for as long as before",
	 PLAN_RENEWAL,
	 BASIC,
	 BASIC,
	 20260101,
	 20261231,
	 12,
	 -1,
	 0,
	 20261121,
	 0,
	 PLAN_AT_END,
	 {20270101, 20271231, 12, 64800, 0, 6000, 20270101, 20270131}},
	{"or for a month",
	 PLAN_RENEWAL,
	 BASIC,
	 BASIC,
	 20260101,
	 20261231,
	 12,
	 -1,
	 0,
	 20261121,
	 1,
	 PLAN_AT_END,
	 {20270101, 20270131, 1, 6000, 0, 6000, 20270101, 20270131}},
	{"15 of 30 days left: half of 30.00, and of 35.00 credit",
	 PLAN_UPGRADE,
	 BASIC,
	 PREMIUM,
	 20261101,
	 20261130,
	 1,
	 -1,
	 0,
	 20261116,
	 0,
	 PLAN_PRORATED,
	 {20261116, 20261130, 1, 1500, 0, 7750, 20261101, 20261130}},
	{"on the first day all of it",
	 PLAN_UPGRADE,
	 BASIC,
	 PREMIUM,
	 20261101,
	 20261130,
	 1,
	 -1,
	 0,
	 20261101,
	 0,
	 PLAN_PRORATED,
	 {20261101, 20261130, 1, 3000, 0, 9500, 20261101, 20261130}},
	{"on the last day a thirtieth: 1.00, and 1.17 of 35.00",
	 PLAN_UPGRADE,
	 BASIC,
	 PREMIUM,
	 20261101,
	 20261130,
	 1,
	 -1,
	 0,
	 20261130,
	 0,
	 PLAN_PRORATED,
	 {20261130, 20261130, 1, 100, 0, 6117, 20261101, 20261130}},
	{"the whole difference",
	 PLAN_UPGRADE,
	 BASIC,
	 PREMIUM,
	 20261101,
	 20261130,
	 1,
	 -1,
	 0,
	 20261116,
	 0,
	 PLAN_FULL,
	 {20261116, 20261130, 1, 3000, 0, 9500, 20261101, 20261130}},
	{"with the period that follows",
	 PLAN_UPGRADE,
	 BASIC,
	 VIP,
	 20261101,
	 20261130,
	 1,
	 -1,
	 0,
	 20261116,
	 0,
	 PLAN_AT_END,
	 {20261201, 20261231, 1, 18000, 0, 20000, 20261201, 20261231}},
	{"a year: (972.00 - 648.00) x 46 / 365 = 40.83",
	 PLAN_UPGRADE,
	 BASIC,
	 PREMIUM,
	 20260101,
	 20261231,
	 12,
	 -1,
	 0,
	 20261116,
	 0,
	 PLAN_PRORATED,
	 {20261116, 20261231, 12, 4083, 0, 7750, 20261101, 20261130}},
	{"without an end it is the month that runs, 21 October to 20 November: 30.00 x 5 / 31, 35.00 x 5 / "
	 "31",
	 PLAN_UPGRADE,
	 BASIC,
	 PREMIUM,
	 20261021,
	 0,
	 0,
	 -1,
	 0,
	 20261116,
	 0,
	 PLAN_PRORATED,
	 {20261116, 20261120, 1, 484, 0, 6565, 20261021, 20261120}},
	{"what was paid counts, not what it costs: (90.00 - 50.00) / 2",
	 PLAN_UPGRADE,
	 BASIC,
	 PREMIUM,
	 20261101,
	 20261130,
	 1,
	 5000,
	 0,
	 20261116,
	 0,
	 PLAN_PRORATED,
	 {20261116, 20261130, 1, 2000, 0, 7750, 20261101, 20261130}},
	{"down with the period that follows",
	 PLAN_DOWNGRADE,
	 PREMIUM,
	 BASIC,
	 20261101,
	 20261130,
	 1,
	 -1,
	 9500,
	 20261116,
	 0,
	 PLAN_AT_END,
	 {20261201, 20261231, 1, 6000, 0, 6000, 20261201, 20261231}},
	{"down to a year",
	 PLAN_DOWNGRADE,
	 VIP,
	 BASIC,
	 20261101,
	 20261130,
	 1,
	 -1,
	 0,
	 20261116,
	 12,
	 PLAN_AT_END,
	 {20261201, 20271130, 12, 64800, 0, 6000, 20261201, 20261231}},
	{"down at once: half of 30.00 back, 95.00 - 17.50 credit",
	 PLAN_DOWNGRADE,
	 PREMIUM,
	 BASIC,
	 20261101,
	 20261130,
	 1,
	 -1,
	 7750,
	 20261116,
	 0,
	 PLAN_PRORATED,
	 {20261116, 20261130, 1, 0, 1500, 7750, 20261101, 20261130}},
	{"90.00 spent, 12.50 above the credit: 2.50 back",
	 PLAN_DOWNGRADE,
	 PREMIUM,
	 BASIC,
	 20261101,
	 20261130,
	 1,
	 -1,
	 9000,
	 20261116,
	 0,
	 PLAN_PRORATED,
	 {20261116, 20261130, 1, 0, 250, 9000, 20261101, 20261130}},
	{"all spent, 17.50 above it: 2.50 to pay",
	 PLAN_DOWNGRADE,
	 PREMIUM,
	 BASIC,
	 20261101,
	 20261130,
	 1,
	 -1,
	 9500,
	 20261116,
	 0,
	 PLAN_PRORATED,
	 {20261116, 20261130, 1, 250, 0, 9500, 20261101, 20261130}},
};

static struct plan_ask ask_of(const struct row *r)
{
	int64_t granted = r->from ? plans[r->from].credit.minor : 0;

	if (r->from)
		plans[r->from].upgrade = plans[r->from].downgrade = r->how;
	return (struct plan_ask){
		.change = r->change,
		.from = r->from ? &plans[r->from] : NULL,
		.to = &plans[r->to],
		.today = day(r->today),
		.period_from = r->begun ? day(r->begun) : 0,
		.period_to = r->ends ? day(r->ends) : PLAN_NO_END,
		.period_months = r->paid_months,
		.paid = {r->paid < 0 ? AMOUNT_NONE : r->paid},
		.granted = {granted},
		.spent = {r->spent},
		.months = r->months,
	};
}

static void quotes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(asked); i++) {
		const struct row *r = &asked[i];
		struct plan_ask ask = ask_of(r);
		struct plan_quote q;

		if (plan_quote(&ask, &q))
			fail_msg("%s: is refused", r->why);
		if (q.from != day(r->is.from) || q.to != day(r->is.to) || q.months != r->is.months)
			fail_msg("%s: days or months", r->why);
		if (q.due.minor != r->is.due || q.refund.minor != r->is.refund)
			fail_msg("%s: due %lld, refund %lld", r->why, (long long)q.due.minor,
				 (long long)q.refund.minor);
		if (q.credit.minor != r->is.credit || q.credit_from != day(r->is.credit_from) ||
		    q.credit_to != day(r->is.credit_to))
			fail_msg("%s: credit %lld", r->why, (long long)q.credit.minor);
	}
}

/* Paid ahead for Basic in December, 60.00: who wants Premium then pays 30.00 more, who goes up at once gets
 * it back. */
static void paid_ahead(void **state)
{
	struct plan_ask ask = ask_of(&asked[12]);
	struct plan_quote q;

	(void)state;
	ask.change = PLAN_RENEWAL;
	ask.to = &plans[PREMIUM];
	ask.ahead.minor = 6000;
	assert_int_equal(plan_quote(&ask, &q), ERR_OK);
	assert_int_equal(q.due.minor, 3000);
	ask = ask_of(&asked[4]); /* 15.00 due, less 60.00 */
	ask.ahead.minor = 6000;
	assert_int_equal(plan_quote(&ask, &q), ERR_OK);
	assert_int_equal(q.due.minor, 0);
	assert_int_equal(q.refund.minor, 4500);
}

static void refused(void **state)
{
	static const struct plan_terms dear = {{INT64_MAX / 2}, {INT64_MAX / 2}, NULL, 0, 0, 0};
	struct plan_ask ask = ask_of(&asked[4]);
	struct plan_quote q;

	(void)state;
	ask.months = 12; /* the period that runs is kept: how long it is has been settled */
	assert_int_equal(plan_quote(&ask, &q), ERR_INVALID);
	ask.months = 0;
	ask.to = &dear; /* times 1, less what was paid: still a number */
	assert_int_equal(plan_quote(&ask, &q), ERR_OK);
	ask.period_months = 12;
	assert_int_equal(plan_quote(&ask, &q), ERR_RANGE);
	ask = ask_of(&asked[0]);
	ask.to = &dear;
	ask.months = 3;
	assert_int_equal(plan_quote(&ask, &q), ERR_RANGE);
	ask = ask_of(&asked[4]);
	ask.granted.minor = INT64_MAX; /* and 17.50 more */
	assert_int_equal(plan_quote(&ask, &q), ERR_RANGE);
	ask = ask_of(&asked[4]);
	ask.paid.minor = -INT64_MAX; /* an absurd record: the difference is no number */
	assert_int_equal(plan_quote(&ask, &q), ERR_RANGE);
	ask = ask_of(&asked[4]);
	ask.ahead.minor = -INT64_MAX;
	assert_int_equal(plan_quote(&ask, &q), ERR_RANGE);
	ask = ask_of(&asked[4]);
	ask.from = &dear; /* what was paid is not known, and is no number */
	ask.period_months = 12;
	assert_int_equal(plan_quote(&ask, &q), ERR_RANGE);
	ask = ask_of(&asked[4]);
	ask.granted.minor = -INT64_MAX; /* so what was spent is beyond any number above it */
	ask.spent.minor = INT64_MAX;
	assert_int_equal(plan_quote(&ask, &q), ERR_RANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(months_later),	     cmocka_unit_test(month_of_a_period),
		cmocka_unit_test(price_of_a_period), cmocka_unit_test(quotes),
		cmocka_unit_test(refused),	     cmocka_unit_test(paid_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
