/*
 * Civil time. Days known from calendars; then the walk through all days of 400 years agrees with itself.
 */
#include "unit.h"

#include <string.h>

#include "civil.h"

static const struct {
	struct civil c;
	int64_t seconds;
} known[] = {
	/* year mo da  h  m  s weekday   seconds */
	{{1970, 1, 1, 0, 0, 0, 4}, 0},
	{{1969, 12, 31, 23, 59, 59, 3}, -1},
	{{2000, 2, 29, 12, 0, 0, 2}, 951825600},
	{{2026, 11, 21, 10, 0, 0, 6}, 1795255200},
	{{2038, 1, 19, 3, 14, 8, 2}, INT64_C(2147483648)},
	{{1, 1, 1, 0, 0, 0, 1}, INT64_C(-62135596800)},
	{{9999, 12, 31, 23, 59, 59, 5}, INT64_C(253402300799)},
};

static void known_moments(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		struct civil c = civil_from_seconds(known[i].seconds);

		assert_int_equal(civil_to_seconds(&known[i].c), known[i].seconds);
		assert_int_equal(c.year, known[i].c.year);
		assert_int_equal(c.month, known[i].c.month);
		assert_int_equal(c.day, known[i].c.day);
		assert_int_equal(c.hour, known[i].c.hour);
		assert_int_equal(c.minute, known[i].c.minute);
		assert_int_equal(c.second, known[i].c.second);
		assert_int_equal(c.weekday, known[i].c.weekday);
	}
}

static void beyond_the_calendar_is_its_edge(void **state)
{
	(void)state;
	assert_int_equal(civil_from_seconds(INT64_MIN).year, 1);
	assert_int_equal(civil_from_seconds(INT64_MAX).year, 9999);
}

static void every_day_follows_the_one_before(void **state)
{
	struct civil last = civil_from_seconds(-86400);

	(void)state;
	for (int64_t day = 0; day < 146097; day++) {
		struct civil c = civil_from_seconds(day * 86400);

		assert_int_equal(civil_to_seconds(&c), day * 86400);
		assert_int_equal(c.weekday, last.weekday % 7 + 1);
		assert_true(c.day == last.day + 1 || (c.day == 1 && last.day >= 28));
		last = c;
	}
	assert_int_equal(last.year, 2369);
}

static void texts(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
		bool local;
	} rows[] = {
		{"2026-11-21T10:00:00Z", 1795255200, false},
		{"2026-11-21t10:00:00z", 1795255200, false},
		{"2026-11-21T11:00:00+01:00", 1795255200, false},
		{"2026-11-21T04:30:00-05:30", 1795255200, false},
		{"2026-11-21T10:00:00.999Z", 1795255200, false},
		{"2026-11-21T10:00:00", 1795255200, true},
		{"2026-11-21T10:00", 1795255200, true},
		{"2026-11-21", 1795219200, true},
		{"1970-01-01T00:00:00-00:00", 0, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t seconds;
		bool local;

		assert_int_equal(civil_parse(rows[i].text, strlen(rows[i].text), &seconds, &local), ERR_OK);
		assert_int_equal(seconds, rows[i].seconds);
		assert_int_equal(local, rows[i].local);
	}
}

static void texts_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"2026",
		"2026-11",
		"2026-11-2",
		"2026-13-01",
		"2026-00-01",
		"2026-11-31",
		"2026-02-29",
		"1900-02-29",
		"0000-01-01",
		"2026-11-21 10:00:00",
		"2026-11-21T",
		"2026-11-21T10",
		"2026-11-21T24:00",
		"2026-11-21T10:60",
		"2026-11-21T10:00:60",
		"2026-11-21T10:00Z",
		"2026-11-21Z",
		"2026-11-21T10:00:00.Z",
		"2026-11-21T10:00:00.5",
		"2026-11-21T10:00:00+0100",
		"2026-11-21T10:00:00+24:00",
		"2026-11-21T10:00:00Zx",
		"2026-11-21x",
		" 2026-11-21",
		"0001-01-01T00:00:00+00:01",
		"9999-12-31T23:59:59-00:01",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t seconds = 7;
		bool local;

		assert_int_equal(civil_parse(rows[i], strlen(rows[i]), &seconds, &local), ERR_INVALID);
		assert_int_equal(seconds, 7);
	}
}

static void formats(void **state)
{
	char out[CIVIL_TEXT_MAX];

	(void)state;
	assert_int_equal(civil_format(1795255200, false, out), 19);
	assert_string_equal(out, "2026-11-21T10:00:00");
	assert_int_equal(civil_format(-62135596800, true, out), 20);
	assert_string_equal(out, "0001-01-01T00:00:00Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_moments),
		cmocka_unit_test(beyond_the_calendar_is_its_edge),
		cmocka_unit_test(every_day_follows_the_one_before),
		cmocka_unit_test(texts),
		cmocka_unit_test(texts_refused),
		cmocka_unit_test(formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
