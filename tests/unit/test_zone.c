/*
 * The store's zone: offsets to the second around Berlin's changes of 2026, and names refused.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "zone.h"

static void berlin_around_its_changes(void **state)
{
	static const struct {
		int64_t utc;
		int32_t offset;
	} rows[] = {
		{1774745999, 3600}, /* 2026-03-29T00:59:59Z: 01:59:59 in winter */
		{1774746000, 7200}, /* 2026-03-29T01:00:00Z: 03:00:00 in summer */
		{1792889999, 7200}, /* 2026-10-25T00:59:59Z: 02:59:59 in summer */
		{1792890000, 3600}, /* 2026-10-25T01:00:00Z: 02:00:00 again, in winter */
		{1795255200, 3600}, /* 2026-11-21T10:00:00Z */
	};

	(void)state;
	assert_int_equal(zone_use("Europe/Berlin", NULL), ERR_OK);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(zone_offset_s(rows[i].utc), rows[i].offset);
}

static void other_zones(void **state)
{
	(void)state;
	assert_int_equal(zone_use("UTC", NULL), ERR_OK);
	assert_int_equal(zone_offset_s(1795255200), 0);
	assert_int_equal(zone_use("Asia/Kolkata", NULL), ERR_OK);
	assert_int_equal(zone_offset_s(1795255200), 19800);
	assert_int_equal(zone_use("America/St_Johns", NULL), ERR_OK);
	assert_int_equal(zone_offset_s(1795255200), -12600);
}

static void names_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"Europe/Berln",
		"Europe",
		"../../../etc/passwd",
		"Europe/../UTC",
		"/usr/share/zoneinfo/UTC",
		"/Europe/Berlin",
		":UTC",
		"CET-1CEST",
		"CET-1CEST,M3.5.0,M10.5.0/3",
		"Europe/Berlin ",
	};
	struct why why;

	(void)state;
	assert_int_equal(zone_use("Asia/Kolkata", NULL), ERR_OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		why.text[0] = '\0';
		assert_int_equal(zone_use(rows[i], &why), ERR_NOT_FOUND);
		assert_non_null(strstr(why.text, rows[i]));
	}
	assert_int_equal(zone_offset_s(1795255200), 19800); /* as it was */
}

static void a_database_elsewhere(void **state)
{
	struct why why;

	(void)state;
	assert_int_equal(setenv("TZDIR", "/nonexistent", 1), 0);
	assert_int_equal(zone_use("UTC", &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "/nonexistent"));
	assert_int_equal(unsetenv("TZDIR"), 0);
	assert_int_equal(zone_use("UTC", &why), ERR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(berlin_around_its_changes),
		cmocka_unit_test(other_zones),
		cmocka_unit_test(names_refused),
		cmocka_unit_test(a_database_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
