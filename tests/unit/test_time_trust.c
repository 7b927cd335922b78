/*
 * What is known of the time: a floor that never goes down, notes that outlive the program, and when a clock
 * is to be doubted.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "floor_clock.h"
#include "scratch.h"
#include "time_mark.h"
#include "time_trust.h"

#define T0	INT64_C(4102444800000) /* 2100: after any build of this program */
#define MINUTE	INT64_C(60000)
#define DAY	(1440 * MINUTE)
#define UNKNOWN TIME_UNKNOWN

/* One byte longer than any. */
static const char long_boot[] = "tilld-time 1 floor_ms=5 boot=0123456789012345678901234567890123456789"
				" at_us=1 told_ms=2 uncertain_ms=1\n";

static void set_clock(struct clock_manual *c, int64_t utc_ms)
{
	c->utc_ms = utc_ms;
}

/* The clock below starts in 1970. The floor goes on with the boot clock, and the higher of the two is told.
 */
static void a_floor(void **state)
{
	struct clock_manual below;
	struct floor_clock c;
	int64_t built;

	(void)state;
	clock_manual_init(&below, 0);
	floor_clock_init(&c, &below.clock);
	built = clock_utc_ms(&c.clock);
	assert_true(built > INT64_C(1700000000000)); /* this program was not there in 2023 */
	clock_manual_advance_ms(&below, 5000);
	assert_int_equal(clock_utc_ms(&c.clock), built + 5000);
	floor_clock_raise(&c, T0);
	floor_clock_raise(&c, T0 - DAY);
	assert_int_equal(floor_clock_floor_ms(&c), T0);
	clock_manual_advance_ms(&below, 7);
	assert_int_equal(clock_utc_ms(&c.clock), T0 + 7);
	assert_int_equal(clock_monotonic_us(&c.clock), 5007000);
	set_clock(&below,
		  T0 + DAY); /* somebody set the clock: it is above the floor, which does not follow */
	assert_int_equal(clock_utc_ms(&c.clock), T0 + DAY);
	assert_int_equal(floor_clock_floor_ms(&c), T0 + 7);
	set_clock(&below, 1);
	assert_int_equal(clock_utc_ms(&c.clock), T0 + 7);
}

/* One minute is tolerated, and what headquarters said counts for as long as it is known to a minute. */
static const struct {
	const char *what;
	struct time_facts facts;
	enum time_doubt doubt;
	enum time_source source;
	bool clock_wrong;
	int64_t now_ms;
} rows[] = {
	{"NTP", {T0, T0 - DAY, UNKNOWN, UNKNOWN, true}, TIME_SURE, TIME_NTP, false, T0},
	{"nobody", {T0, T0 - DAY, UNKNOWN, UNKNOWN, false}, TIME_UNKEPT, TIME_NOBODY, false, T0},
	{"1970", {0, T0, UNKNOWN, UNKNOWN, false}, TIME_BEHIND, TIME_NOBODY, true, T0},
	{"1970, which NTP believes", {0, T0, UNKNOWN, UNKNOWN, true}, TIME_BEHIND, TIME_NOBODY, true, T0},
	{"a minute behind", {T0 - MINUTE, T0, UNKNOWN, UNKNOWN, true}, TIME_SURE, TIME_NTP, false, T0},
	{"and a bit", {T0 - MINUTE - 1, T0, UNKNOWN, UNKNOWN, true}, TIME_BEHIND, TIME_NOBODY, true, T0},
	{"headquarters agrees", {T0, T0 - 5, T0, 5, false}, TIME_SURE, TIME_HEADQUARTERS, false, T0},
	{"1970, and headquarters told",
	 {0, T0 - 5, T0, 5, false},
	 TIME_SURE,
	 TIME_HEADQUARTERS,
	 true,
	 T0 - 5},
	{"a minute ahead of it",
	 {T0 + MINUTE + 5, T0, T0, 5, true},
	 TIME_SURE,
	 TIME_HEADQUARTERS,
	 false,
	 T0 + MINUTE + 5},
	{"and a bit", {T0 + MINUTE + 6, T0, T0, 5, true}, TIME_AHEAD, TIME_NOBODY, false, T0 + MINUTE + 6},
	{"it told a week ago", {T0, T0, T0, MINUTE + 1, false}, TIME_UNKEPT, TIME_NOBODY, false, T0},
	{"so NTP has to", {T0, T0, T0, MINUTE + 1, true}, TIME_SURE, TIME_NTP, false, T0},
};

static void who_vouches(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[TIME_TEXT_MAX];
		struct time_state s;
		const char *fix;

		print_message("%s\n", rows[i].what);
		time_judge(&rows[i].facts, &s);
		assert_int_equal(s.doubt, rows[i].doubt);
		assert_int_equal(s.source, rows[i].source);
		assert_int_equal(s.uncertain, rows[i].doubt != TIME_SURE);
		assert_int_equal(s.clock_wrong, rows[i].clock_wrong);
		assert_int_equal(s.now_ms, rows[i].now_ms);
		time_words(&s, text, &fix);
		assert_true(strlen(text) > 20);
		assert_int_equal(*fix != '\0',
				 s.uncertain || s.clock_wrong); /* a fix if there is one to be made */
	}
}

/* A beacon of another boot says no more than that it was at least that late. */
static void a_beacon(void **state)
{
	const struct time_mark own = {.floor_ms = T0 - DAY};
	struct time_mark hq = {
		.floor_ms = T0, .boot = "this", .at_us = 1000000, .told_ms = T0 + 5, .uncertain_ms = 5};
	struct clock_manual clock;
	struct time_facts f;

	(void)state;
	clock_manual_init(&clock, 0);
	clock_manual_advance_ms(&clock,
				1000 + 20000); /* 20 s after the beacon, which drift by 2 ms at most */
	time_facts_of(&clock.clock, "this", &own, &hq, &f);
	assert_int_equal(f.told_ms, T0 + 20005);
	assert_int_equal(f.uncertain_ms, 7);
	assert_int_equal(f.floor_ms, T0 + 20005 - 7);
	time_facts_of(&clock.clock, "another", &own, &hq, &f);
	assert_int_equal(f.told_ms, UNKNOWN);
	assert_int_equal(f.floor_ms, T0);
	hq = (struct time_mark){0};
	time_facts_of(&clock.clock, "", &own, &hq, &f); /* a kernel that does not tell the boot's id */
	assert_int_equal(f.told_ms, UNKNOWN);
	assert_int_equal(f.floor_ms, T0 - DAY);
}

static void notes(void **state)
{
	static const char *const bad[] = {
		"",
		"tilld-time 2 floor_ms=5\n",
		"tilld-time 1 floor_ms=0\n",
		"tilld-time 1 floor_ms=-5\n",
		"tilld-time 1 floor_ms=5 boot=x\n",
		"tilld-time 1 floor_ms=5\nmore\n",
		"tilld-time 1 floor_ms=5 boot=x at_us=1 told_ms=2 uncertain_ms=-1\n",
		/* in the year 10000; or where adding to it leaves the type */
		"tilld-time 1 floor_ms=253402300800000\n",
		"tilld-time 1 floor_ms=9223372036854775807\n",
		"tilld-time 1 floor_ms=5 boot=x at_us=1 told_ms=9223372036854775807 uncertain_ms=1\n",
		"tilld-time 1 floor_ms=5 boot=x at_us=1 told_ms=2 uncertain_ms=9223372036854775807\n",
		long_boot,
	};
	const struct time_mark told = {
		.floor_ms = T0, .boot = "b-1", .at_us = 7, .told_ms = T0 + 3, .uncertain_ms = 4};
	const struct time_mark plain = {.floor_ms = 5};
	struct time_mark m;
	struct scratch scratch;
	struct why why;
	char path[256];

	(void)state;
	scratch_new(&scratch);
	snprintf(path, sizeof(path), "%s", scratch_path(&scratch, "clock"));
	assert_int_equal(time_mark_read(path, &m, &why), ERR_NOT_FOUND);
	assert_int_equal(time_mark_write(path, &told, &why), ERR_OK);
	assert_int_equal(time_mark_read(path, &m, &why), ERR_OK);
	assert_memory_equal(&m, &told, sizeof(m));
	assert_int_equal(time_mark_write(path, &plain, &why), ERR_OK);
	assert_int_equal(time_mark_read(path, &m, &why), ERR_OK);
	assert_memory_equal(&m, &plain, sizeof(m));
	for (size_t i = 0; i < COUNT(bad); i++) {
		scratch_write(path, bad[i]);
		assert_int_equal(time_mark_read(path, &m, &why), ERR_INVALID);
		assert_int_equal(m.floor_ms, 0);
		assert_non_null(strstr(why.text, path));
	}
	assert_int_equal(time_mark_write(scratch_path(&scratch, "none/clock"), &plain, &why), ERR_NOT_FOUND);
	scratch_free(&scratch);
}

/* The kernel's is the same all the time; that is all that can be said of it. */
static void this_boot(void **state)
{
	char one[TIME_BOOT_MAX], two[TIME_BOOT_MAX];

	(void)state;
	time_boot(one);
	time_boot(two);
	assert_string_equal(one, two);
	assert_null(strchr(one, '\n'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_floor), cmocka_unit_test(who_vouches), cmocka_unit_test(a_beacon),
		cmocka_unit_test(notes),   cmocka_unit_test(this_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
