/*
 * Why a promotion does not apply: every check, one row or more each, times to the second, and which
 * promotions are judged at all. docs/engine.md, "Which promotions apply".
 */
#include "mini_catalog.h"

#include <stdio.h>
#include <string.h>

#include "civil.h"

enum { ALE, BUN, HAM };
enum { HERE = 4, THERE };
enum { LANE = 1, WEB };
enum { GOLD = 2, SILVER, STAFF };

static struct mini *shop(void)
{
	struct mini *m = mini_new();

	mini_item(m, "ALE", 1000);
	mini_item(m, "BUN", 800);
	mini_item(m, "HAM", 2000)->unit = UNIT_KG;
	return m;
}

#define ITEM(id) ONLY(TERM(ITEM, id))
#define TENTH	 GIVES(PERCENT_OFF(10, ITEM(ALE)))

/* Seconds of "2026-11-21T10:00:00", with or without Z. */
static int64_t at(const char *text)
{
	int64_t seconds;
	bool local;

	assert_int_equal(civil_parse(text, strlen(text), &seconds, &local), ERR_OK);
	return seconds;
}

/* Two ales in store HERE on channel LANE, a customer of segments GOLD and STAFF, at second 5000. */
static const struct {
	const char *what;
	struct promotion promotion;
	const char *verdicts;
} checks[] = {
	{"none of it asked", PROMOTION("p", TENTH), "p=200x1"},
	{"draft", PROMOTION("p", TENTH, .status = PROMOTION_DRAFT), "p=not_active"},
	{"paused", PROMOTION("p", TENTH, .status = PROMOTION_PAUSED), "p=not_active"},
	{"exhausted", PROMOTION("p", TENTH, .status = PROMOTION_EXHAUSTED), "p=not_active"},
	{"expired", PROMOTION("p", TENTH, .status = PROMOTION_EXPIRED), "p=not_active"},
	{"wants a sure clock, and it is", PROMOTION("p", TENTH, .sure_clock = true), "p=200x1"},
	{"starts this second", PROMOTION("p", TENTH, .window = {{5000, false}, {AMOUNT_NONE, false}}),
	 "p=200x1"},
	{"starts next second", PROMOTION("p", TENTH, .window = {{5001, false}, {AMOUNT_NONE, false}}),
	 "p=not_started"},
	{"ends this second, inclusive",
	 PROMOTION("p", TENTH, .window = {{AMOUNT_NONE, false}, {5000, false}}), "p=200x1"},
	{"ended a second ago", PROMOTION("p", TENTH, .window = {{AMOUNT_NONE, false}, {4999, false}}),
	 "p=ended"},
	{"this store", PROMOTION("p", TENTH, .stores = IDS(THERE, HERE)), "p=200x1"},
	{"another store", PROMOTION("p", TENTH, .stores = IDS(THERE)), "p=wrong_store"},
	{"this channel", PROMOTION("p", TENTH, .channels = IDS(LANE)), "p=200x1"},
	{"another channel", PROMOTION("p", TENTH, .channels = IDS(WEB)), "p=wrong_channel"},
	{"one of the segments", PROMOTION("p", TENTH, .segments = IDS(SILVER, STAFF)), "p=200x1"},
	{"none of the segments", PROMOTION("p", TENTH, .segments = IDS(SILVER)), "p=wrong_segment"},
	{"without its coupon", PROMOTION("p", TENTH, .coupon = true), "p=coupon_missing"},
	{"pieces enough", PROMOTION("p", TENTH, NEEDS({.of = ITEM(ALE), .least = 2})), "p=200x1"},
	{"a piece short", PROMOTION("p", TENTH, NEEDS({.of = ITEM(ALE), .least = 3})),
	 "p=needs_quantity-1@0"},
	{"amount enough", PROMOTION("p", TENTH, NEEDS({.of = ALL, .kind = NEED_AMOUNT, .least = 2000})),
	 "p=200x1"},
	{"a cent short", PROMOTION("p", TENTH, NEEDS({.of = ALL, .kind = NEED_AMOUNT, .least = 2001})),
	 "p=needs_amount-1@0"},
	{"the second need",
	 PROMOTION("p", TENTH, NEEDS({.of = ITEM(ALE), .least = 1}, {.of = ITEM(BUN), .least = 2})),
	 "p=needs_quantity-2@1"},
	{"the first that fails is told, not the nearest",
	 PROMOTION("p", TENTH,
		   NEEDS({.of = ITEM(BUN), .least = 9}, {.of = ALL, .kind = NEED_AMOUNT, .least = 2001})),
	 "p=needs_quantity-9@0"},
	{"needs met, nothing to give on",
	 PROMOTION("p", NEEDS({.of = ITEM(ALE), .least = 1}), GIVES(PERCENT_OFF(10, ITEM(BUN)))),
	 "p=nothing_selected"},
	{"one of two gives has something",
	 PROMOTION("p", GIVES(PERCENT_OFF(10, ITEM(BUN)), PERCENT_OFF(10, ITEM(ALE)))), "p=200x1"},
	{"gives nothing", PROMOTION("p", GIVES(PERCENT_OFF(0, ITEM(ALE)))), "p=worth_zero"},

	/* each beats all below it in the table */
	{"status before window",
	 PROMOTION("p", TENTH, .status = PROMOTION_PAUSED, .window = {{5001, false}, {0, false}}),
	 "p=not_active"},
	{"start before end", PROMOTION("p", TENTH, .window = {{5001, false}, {0, false}}, .weekdays = 1 << 6),
	 "p=not_started"},
	{"end before hours", PROMOTION("p", TENTH, .window = {{0, false}, {0, false}}, .weekdays = 1 << 6),
	 "p=ended"},
	{"hours before store", PROMOTION("p", TENTH, .weekdays = 1 << 6, .stores = IDS(THERE)),
	 "p=outside_hours"},
	{"store before channel", PROMOTION("p", TENTH, .stores = IDS(THERE), .channels = IDS(WEB)),
	 "p=wrong_store"},
	{"channel before segment", PROMOTION("p", TENTH, .channels = IDS(WEB), .segments = IDS(SILVER)),
	 "p=wrong_channel"},
	{"segment before coupon", PROMOTION("p", TENTH, .segments = IDS(SILVER), .coupon = true),
	 "p=wrong_segment"},
	{"coupon before needs", PROMOTION("p", TENTH, .coupon = true, NEEDS({.of = ITEM(ALE), .least = 3})),
	 "p=coupon_missing"},
	{"needs before gives",
	 PROMOTION("p", NEEDS({.of = ITEM(ALE), .least = 3}), GIVES(PERCENT_OFF(10, ITEM(BUN)))),
	 "p=needs_quantity-1@0"},
};

static const struct engine_line two_ales[] = {PIECES(ALE, 2)};
static const uint32_t gold_and_staff[] = {GOLD, STAFF};
static const struct engine_context usual = {
	.now_s = 5000,
	.store = HERE,
	.channel = LANE,
	.segments = {gold_and_staff, 2},
};

static void verdict(const struct promotion *p, const struct engine_cart *cart, char text[TEXT_MAX])
{
	struct mini *m = shop();
	struct engine_result r;
	uint32_t bad_line;

	mini_promotion(m, p);
	mini_finish(m);
	assert_int_equal(mini_evaluate(m, cart, &r, &bad_line), ERR_OK);
	assert_adds_up(&m->catalog, cart, &r);
	verdicts_text(&m->catalog, &r, text);
	mini_free(m);
}

static void each_check(void **state)
{
	struct engine_cart cart = {two_ales, 1, usual};
	char text[TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(checks); i++) {
		print_message("%s\n", checks[i].what);
		verdict(&checks[i].promotion, &cart, text);
		assert_string_equal(text, checks[i].verdicts);
	}
}

/* Nobody vouches for the time: who does not mind goes by it, who does waits, whatever it is. */
static void uncertain_clock(void **state)
{
	const struct {
		struct promotion promotion;
		const char *verdicts;
	} rows[] = {
		{PROMOTION("p", TENTH), "p=200x1"},
		{PROMOTION("p", TENTH, .window = {{5001, false}, {AMOUNT_NONE, false}}), "p=not_started"},
		{PROMOTION("p", TENTH, .sure_clock = true), "p=clock_uncertain"},
		{PROMOTION("p", TENTH, .sure_clock = true, .window = {{5001, false}, {AMOUNT_NONE, false}}),
		 "p=clock_uncertain"},
		{PROMOTION("p", TENTH, .sure_clock = true, .status = PROMOTION_PAUSED), "p=not_active"},
	};
	struct engine_cart cart = {two_ales, 1, usual};
	char text[TEXT_MAX];

	(void)state;
	cart.context.clock_uncertain = true;
	for (size_t i = 0; i < COUNT(rows); i++) {
		verdict(&rows[i].promotion, &cart, text);
		assert_string_equal(text, rows[i].verdicts);
		assert_int_equal(engine_promotion_runs(&rows[i].promotion, &cart.context), i == 0);
	}
}

/* A guest, in a store and on a channel that the book does not speak of. */
static void unknown_to_the_book(void **state)
{
	const struct {
		struct promotion promotion;
		const char *verdicts;
	} rows[] = {
		{PROMOTION("p", TENTH), "p=200x1"},
		{PROMOTION("p", TENTH, .stores = IDS(HERE)), "p=wrong_store"},
		{PROMOTION("p", TENTH, .channels = IDS(LANE)), "p=wrong_channel"},
		{PROMOTION("p", TENTH, .segments = IDS(GOLD)), "p=wrong_segment"},
	};
	struct engine_cart cart = {two_ales, 1, {.store = CATALOG_NONE, .channel = CATALOG_NONE}};
	char text[TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		verdict(&rows[i].promotion, &cart, text);
		assert_string_equal(text, rows[i].verdicts);
	}
}

/* Coupons unlock their own promotion, and have it judged whatever is in the cart. */
static void coupons(void **state)
{
	const struct promotion both[] = {
		PROMOTION("a", GIVES(PERCENT_OFF(10, ITEM(ALE))), .coupon = true),
		PROMOTION("b", NEEDS({.of = ITEM(BUN), .least = 1}), GIVES(PERCENT_OFF(10, ITEM(BUN))),
			  .coupon = true),
	};
	const struct {
		struct ids coupons;
		uint32_t lines;
		const char *verdicts;
	} rows[] = {
		{{NULL, 0}, 1, "a=coupon_missing"},
		{IDS(0), 1, "a=200x1"},
		{IDS(0, 0), 1, "a=200x1"}, /* twice the same does not count twice */
		{IDS(1), 1, "a=coupon_missing b=needs_quantity-1@0"},
		{IDS(1, 0), 1, "a=200x1 b=needs_quantity-1@0"},
		{IDS(0, 1), 0, "a=nothing_selected b=needs_quantity-1@0"}, /* an empty cart */
	};
	struct mini *m = shop();

	(void)state;
	mini_promotion(m, &both[0]);
	mini_promotion(m, &both[1]);
	mini_finish(m);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct engine_cart cart = {two_ales, rows[i].lines, {.coupons = rows[i].coupons}};
		struct engine_result r;
		char text[TEXT_MAX];
		uint32_t bad_line;

		assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
		assert_string_equal(verdicts_text(&m->catalog, &r, text), rows[i].verdicts);
	}
	mini_free(m);
}

/* Only what touches a good is judged, unless every reason is asked for; the rest by id behind the applied. */
static void who_is_judged(void **state)
{
	const struct promotion promotions[] = {
		PROMOTION("a", GIVES(PERCENT_OFF(10, ITEM(BUN)))),
		PROMOTION("b", TENTH, .status = PROMOTION_DRAFT),
		PROMOTION("c", NEEDS({.of = ITEM(ALE), .least = 9}), GIVES(PERCENT_OFF(10, ITEM(BUN)))),
		PROMOTION("d", NEEDS({.of = ITEM(BUN), .least = 1}), GIVES(PERCENT_OFF(10, ITEM(ALE)))),
		PROMOTION("e", TENTH),
		PROMOTION("f", NEEDS({.of = ITEM(BUN), .least = 2}), GIVES(PERCENT_OFF(10, ITEM(BUN)))),
		PROMOTION("g", GIVES(PERCENT_OFF(10, ALL))),
	};
	static const struct {
		uint32_t lines;
		bool every;
		const char *verdicts;
	} rows[] = {
		{1, false, "e=200x1 g=180x1 b=not_active c=needs_quantity-7@0 d=needs_quantity-1@0"},
		{1, true,
		 "e=200x1 g=180x1 a=nothing_selected b=not_active c=needs_quantity-7@0 "
		 "d=needs_quantity-1@0 f=needs_quantity-2@0"},
		{0, false, ""},
		{0, true,
		 "a=nothing_selected b=not_active c=needs_quantity-9@0 d=needs_quantity-1@0 "
		 "e=nothing_selected f=needs_quantity-2@0 g=nothing_selected"},
	};
	struct mini *m = shop();

	(void)state;
	for (size_t i = 0; i < COUNT(promotions); i++)
		mini_promotion(m, &promotions[i]);
	mini_finish(m);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct engine_cart cart = {two_ales, rows[i].lines, {.every_reason = rows[i].every}};
		struct engine_result r;
		char text[TEXT_MAX];
		uint32_t bad_line;

		assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
		assert_adds_up(&m->catalog, &cart, &r);
		assert_string_equal(verdicts_text(&m->catalog, &r, text), rows[i].verdicts);
	}
	mini_free(m);
}

/* Bit maps end within a word and behind it: 130 promotions, every other one of the article. */
static void many_promotions(void **state)
{
	static char ids[130][4];
	const struct promotion ale = PROMOTION("", GIVES(AMOUNT_OFF(1, ITEM(ALE))));
	const struct promotion bun = PROMOTION("", GIVES(AMOUNT_OFF(1, ITEM(BUN))));
	struct mini *m = shop();
	struct engine_cart cart = {two_ales, 1, {.every_reason = false}};
	struct engine_result r;
	uint32_t bad_line;

	(void)state;
	for (unsigned i = 0; i < COUNT(ids); i++) {
		struct promotion p = i % 2 ? ale : bun;

		snprintf(ids[i], sizeof(ids[i]), "%03u", i % 1000);
		p.id = ids[i];
		mini_promotion(m, &p);
	}
	mini_finish(m);
	assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
	assert_int_equal(r.applied_count, 65);
	assert_int_equal(r.verdicts[64].promotion, 129);
	cart.context.every_reason = true;
	assert_int_equal(mini_evaluate(m, &cart, &r, &bad_line), ERR_OK);
	assert_int_equal(r.verdict_count, 130);
	assert_int_equal(r.verdicts[65].promotion, 0);
	mini_free(m);
}

#define MON	   1
#define TUE	   2
#define SAT	   (1 << 5)
#define SUN	   (1 << 6)
#define HOURS(...) .hours = LIST(struct hours, __VA_ARGS__), .hours_count = LENGTH(struct hours, __VA_ARGS__)
#define H	   3600

/* 2026-11-21 is a Saturday; Berlin is an hour east then. */
static const struct {
	const char *now;
	int32_t offset_h;
	struct promotion promotion;
	const char *verdicts;
} clocks[] = {
	/* weekdays, on the civil clock */
	{"2026-11-21T12:00:00Z", 1, PROMOTION("p", TENTH, .weekdays = SAT), "p=200x1"},
	{"2026-11-21T12:00:00Z", 1, PROMOTION("p", TENTH, .weekdays = SUN | MON), "p=outside_hours"},
	{"2026-11-21T22:59:59Z", 1, PROMOTION("p", TENTH, .weekdays = SUN), "p=outside_hours"},
	{"2026-11-21T23:00:00Z", 1, PROMOTION("p", TENTH, .weekdays = SUN),
	 "p=200x1"}, /* midnight in Berlin */
	{"2026-11-21T23:00:00Z", 0, PROMOTION("p", TENTH, .weekdays = SUN), "p=outside_hours"},
	{"1969-12-29T00:00:00Z", 0, PROMOTION("p", TENTH, .weekdays = MON), "p=200x1"}, /* before the epoch */

	/* hours, both ends inclusive */
	{"2026-11-21T16:59:59Z", 1, PROMOTION("p", TENTH, HOURS({18 * H, 20 * H})), "p=outside_hours"},
	{"2026-11-21T17:00:00Z", 1, PROMOTION("p", TENTH, HOURS({18 * H, 20 * H})), "p=200x1"},
	{"2026-11-21T19:00:00Z", 1, PROMOTION("p", TENTH, HOURS({18 * H, 20 * H})), "p=200x1"},
	{"2026-11-21T19:00:01Z", 1, PROMOTION("p", TENTH, HOURS({18 * H, 20 * H})), "p=outside_hours"},
	{"2026-11-21T19:00:01Z", 1, PROMOTION("p", TENTH, HOURS({9 * H, 10 * H}, {20 * H, 21 * H})),
	 "p=200x1"},
	{"2026-11-21T23:59:59Z", 0, PROMOTION("p", TENTH, HOURS({0, 24 * H})), "p=200x1"},
	{"2026-11-21T18:00:00Z", 0, PROMOTION("p", TENTH, .weekdays = SUN, HOURS({17 * H, 19 * H})),
	 "p=outside_hours"},

	/* Saturday 22:00 to 02:00 belongs to Saturday until Sunday 02:00 */
	{"2026-11-21T01:00:00Z", 0, PROMOTION("p", TENTH, .weekdays = SAT, HOURS({22 * H, 2 * H})),
	 "p=outside_hours"},
	{"2026-11-21T21:59:59Z", 0, PROMOTION("p", TENTH, .weekdays = SAT, HOURS({22 * H, 2 * H})),
	 "p=outside_hours"},
	{"2026-11-21T22:00:00Z", 0, PROMOTION("p", TENTH, .weekdays = SAT, HOURS({22 * H, 2 * H})),
	 "p=200x1"},
	{"2026-11-22T00:00:00Z", 0, PROMOTION("p", TENTH, .weekdays = SAT, HOURS({22 * H, 2 * H})),
	 "p=200x1"},
	{"2026-11-22T02:00:00Z", 0, PROMOTION("p", TENTH, .weekdays = SAT, HOURS({22 * H, 2 * H})),
	 "p=200x1"},
	{"2026-11-22T02:00:01Z", 0, PROMOTION("p", TENTH, .weekdays = SAT, HOURS({22 * H, 2 * H})),
	 "p=outside_hours"},
	{"2026-11-22T22:30:00Z", 0, PROMOTION("p", TENTH, .weekdays = SAT, HOURS({22 * H, 2 * H})),
	 "p=outside_hours"},
	{"2026-11-23T01:00:00Z", 0, PROMOTION("p", TENTH, .weekdays = SUN, HOURS({22 * H, 2 * H})),
	 "p=200x1"}, /* Sunday's, on Monday */
	{"2026-11-23T01:00:00Z", 0, PROMOTION("p", TENTH, .weekdays = MON, HOURS({22 * H, 2 * H})),
	 "p=outside_hours"},
	{"2026-11-24T01:00:00Z", 0, PROMOTION("p", TENTH, .weekdays = MON, HOURS({22 * H, 2 * H})),
	 "p=200x1"},
	{"2026-11-24T12:00:00Z", 0, PROMOTION("p", TENTH, HOURS({22 * H, 2 * H})), "p=outside_hours"},

	/* Berlin, 2026-03-29: 02:00 becomes 03:00 at 01:00Z. 02:30 does not happen, hours from then on hold
	   at once */
	{"2026-03-29T00:59:59Z", 1, PROMOTION("p", TENTH, HOURS({2 * H, 4 * H})),
	 "p=outside_hours"},								      /* 01:59:59 */
	{"2026-03-29T01:00:00Z", 2, PROMOTION("p", TENTH, HOURS({2 * H, 4 * H})), "p=200x1"}, /* 03:00:00 */
	{"2026-03-29T02:00:00Z", 2, PROMOTION("p", TENTH, HOURS({2 * H, 4 * H})), "p=200x1"}, /* 04:00:00 */
	{"2026-03-29T02:00:01Z", 2, PROMOTION("p", TENTH, HOURS({2 * H, 4 * H})), "p=outside_hours"},

	/* Berlin, 2026-10-25: 03:00 becomes 02:00 at 01:00Z. 02:30 happens twice, and hours hold both times
	 */
	{"2026-10-25T00:30:00Z", 2, PROMOTION("p", TENTH, HOURS({2 * H, 2 * H + 1800})), "p=200x1"},
	{"2026-10-25T00:30:01Z", 2, PROMOTION("p", TENTH, HOURS({2 * H, 2 * H + 1800})), "p=outside_hours"},
	{"2026-10-25T01:30:00Z", 1, PROMOTION("p", TENTH, HOURS({2 * H, 2 * H + 1800})), "p=200x1"},
	{"2026-10-25T01:30:01Z", 1, PROMOTION("p", TENTH, HOURS({2 * H, 2 * H + 1800})), "p=outside_hours"},
};

static void weekdays_and_hours(void **state)
{
	char text[TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(clocks); i++) {
		struct engine_cart cart = {
			two_ales, 1, {.now_s = at(clocks[i].now), .utc_offset_s = clocks[i].offset_h * H}};

		print_message("%s %+d\n", clocks[i].now, clocks[i].offset_h);
		verdict(&clocks[i].promotion, &cart, text);
		assert_string_equal(text, clocks[i].verdicts);
	}
}

/* Windows without a zone follow the store's clock, those with one the instant; a day's end is its last
 * second. */
static void windows(void **state)
{
	static const struct {
		const char *from, *to;
		bool local;
		const char *now;
		int32_t offset_h;
		const char *verdicts;
	} rows[] = {
		/* from, to, on the store's clock, now, offset, verdict */
		{"2026-11-21T00:00:00", "2026-11-21T23:59:59", true, "2026-11-20T22:59:59Z", 1,
		 "p=not_started"},
		{"2026-11-21T00:00:00", "2026-11-21T23:59:59", true, "2026-11-20T23:00:00Z", 1, "p=200x1"},
		{"2026-11-21T00:00:00", "2026-11-21T23:59:59", true, "2026-11-21T22:59:59Z", 1, "p=200x1"},
		{"2026-11-21T00:00:00", "2026-11-21T23:59:59", true, "2026-11-21T23:00:00Z", 1, "p=ended"},
		{"2026-11-21T00:00:00", "2026-11-21T23:59:59", true, "2026-11-21T08:00:00Z", -8, "p=200x1"},
		{"2026-11-21T00:00:00", "2026-11-21T23:59:59", true, "2026-11-21T07:59:59Z", -8,
		 "p=not_started"},
		{"2026-11-21T00:00:00Z", "2026-11-21T23:59:59Z", false, "2026-11-20T23:59:59Z", 1,
		 "p=not_started"},
		{"2026-11-21T00:00:00Z", "2026-11-21T23:59:59Z", false, "2026-11-21T23:59:59Z", 1, "p=200x1"},
		{"2026-11-21T00:00:00Z", "2026-11-21T23:59:59Z", false, "2026-11-22T00:00:00Z", -8,
		 "p=ended"},
		/* the night of 25 hours: Berlin's 25 October ends at 23:00Z */
		{"2026-10-25T00:00:00", "2026-10-25T23:59:59", true, "2026-10-24T22:00:00Z", 2, "p=200x1"},
		{"2026-10-25T00:00:00", "2026-10-25T23:59:59", true, "2026-10-24T21:59:59Z", 2,
		 "p=not_started"},
		{"2026-10-25T00:00:00", "2026-10-25T23:59:59", true, "2026-10-25T22:59:59Z", 1, "p=200x1"},
		{"2026-10-25T00:00:00", "2026-10-25T23:59:59", true, "2026-10-25T23:00:00Z", 1, "p=ended"},
	};
	char text[TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct promotion p = PROMOTION("p", TENTH);
		struct engine_cart cart = {
			two_ales, 1, {.now_s = at(rows[i].now), .utc_offset_s = rows[i].offset_h * H}};

		p.window =
			(struct window){{at(rows[i].from), rows[i].local}, {at(rows[i].to), rows[i].local}};
		verdict(&p, &cart, text);
		assert_string_equal(text, rows[i].verdicts);
	}
}

/* Codes are stable and each its own; every one has a sentence. */
static void words(void **state)
{
	static const char *const codes[REASON_COUNT] = {
		"applied",	    "not_active",     "clock_uncertain", "not_started",	   "ended",
		"outside_hours",    "wrong_store",    "wrong_channel",	 "wrong_segment",  "coupon_missing",
		"wrong_customer",   "wrong_plan",     "wrong_order",	 "uses_spent",	   "budget_spent",
		"customer_limit",   "needs_quantity", "needs_amount",	 "needs_measure",  "needs_none",
		"nothing_selected", "outranked",      "worth_zero",	 "margin_blocked",
	};

	(void)state;
	for (unsigned i = 0; i < REASON_COUNT; i++) {
		assert_string_equal(reason_code((enum reason)i), codes[i]);
		assert_true(strlen(reason_sentence((enum reason)i)) > 6);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_check),	   cmocka_unit_test(unknown_to_the_book),
		cmocka_unit_test(coupons),	   cmocka_unit_test(who_is_judged),
		cmocka_unit_test(many_promotions), cmocka_unit_test(weekdays_and_hours),
		cmocka_unit_test(windows),	   cmocka_unit_test(uncertain_clock),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
