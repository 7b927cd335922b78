/*
 * The doctor's looks at what a test cannot break on a real machine: the clock, and who may open what.
 */
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog_store.h"
#include "doctor.h"
#include "scratch.h"

static void years_that_cannot_be(void **state)
{
	/* 1970: no battery; 2025: before this program was built; 2035: a clock that is ahead may be right */
	static const struct {
		int64_t utc_s;
		bool plausible;
		const char *shown;
	} rows[] = {
		{0, false, "1970-01-01 00:00:00"},	    {1735689600, false, "2025-01-01 00:00:00"},
		{2082758399, true, "2035-12-31 23:59:59"},  {4102444799, true, "2099-12-31 23:59:59"},
		{4102444800, false, "2100-01-01 00:00:00"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct doctor *d = calloc(1, sizeof(*d));
		struct clock_manual clock;
		struct ctl ctl = {0};

		assert_non_null(d);
		clock_manual_init(&clock, rows[i].utc_s * 1000);
		d->ctl = &ctl;
		d->clock = &clock.clock;
		doctor_clock(d);
		assert_int_equal(d->count, 1);
		assert_int_equal(d->findings[0].outcome != OUTCOME_FAIL, rows[i].plausible);
		if (!strstr(d->findings[0].text, rows[i].shown))
			fail_msg("row %zu: %s", i, d->findings[0].text);
		arena_free(&ctl.arena);
		free(d);
	}
}

/* clang-format off */
#define RATED \
	"{\"type\":\"book\",\"id\":\"corner\",\"currency\":\"EUR\"}\n{\"type\":\"item\",\"sku\":\"PEN\",\"name\":\"Pen\"}\n" \
	"{\"type\":\"item\",\"sku\":\"BAR\",\"name\":\"Bar\"}\n{\"type\":\"exchange_rate\",\"currency\":\"GBP\",\"rate\":\"1.2\"}\n" \
	"{\"type\":\"exchange_rate\",\"currency\":\"USD\",\"rate\":\"0.9\",\"at\":\"2026-11-20T10:30:00Z\"}\n" \
	"{\"type\":\"landed_cost\",\"sku\":\"PEN\",\"fob\":\"1.00\",\"currency\":\"USD\"}\n"
#define POUNDS "{\"type\":\"landed_cost\",\"sku\":\"BAR\",\"fob\":\"1.00\",\"currency\":\"GBP\"}\n"
/* clang-format on */

/* 10:30 a day later is the last fresh second; pounds do not say of when, which matters if costs are of them.
 */
static void how_old_rates_are(void **state)
{
	static const struct {
		const char *book;
		int64_t utc_s;
		const char *about[2];
		enum outcome outcome[2];
	} rows[] = {
		{RATED, 1795257000, {"USD"}, {OUTCOME_OK}},
		{RATED, 1795257001, {"USD"}, {OUTCOME_WARN}},
		{RATED POUNDS, 1795257000, {"GBP", "USD"}, {OUTCOME_WARN, OUTCOME_OK}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct doctor *d = calloc(1, sizeof(*d));
		struct ctl ctl = {.configured = true};
		struct clock_manual clock;
		struct scratch scratch;
		struct why why = {0};
		uint64_t version;

		assert_non_null(d);
		scratch_new(&scratch);
		scratch_write(scratch_path(&scratch, "book.jsonl"), rows[i].book);
		ctl.state_dir = scratch.dir;
		if (catalog_import(ctl_database(&ctl, "catalog.db"), scratch_path(&scratch, "book.jsonl"),
				   NULL, NULL, NULL, &version, NULL, &why))
			fail_msg("row %zu: %s", i, why.text);
		clock_manual_init(&clock, rows[i].utc_s * 1000);
		d->ctl = &ctl;
		d->clock = &clock.clock;
		doctor_rates(d);
		assert_int_equal(d->count, rows[i].about[1] ? 2 : 1);
		for (size_t k = 0; k < d->count; k++) {
			assert_string_equal(d->findings[k].about, rows[i].about[k]);
			assert_int_equal(d->findings[k].outcome, rows[i].outcome[k]);
		}
		arena_free(&ctl.arena);
		free(d);
		scratch_free(&scratch);
	}
}

/* Owner, then group, then others, as the kernel does: an owner without a right has none by a group. */
static void who_may_what(void **state)
{
	static const struct {
		uid_t uid, owner;
		gid_t gid, group;
		mode_t mode;
		unsigned rwx;
		bool may;
	} rows[] = {
		{0, 5, 0, 5, 0000, 7, true},	{5, 5, 1, 1, 0600, 6, true},
		{5, 5, 1, 1, 0060, 6, false},	{5, 6, 20, 20, 0660, 6, true},
		{5, 6, 20, 20, 0640, 6, false}, {5, 6, 20, 21, 0660, 6, false},
		{5, 6, 20, 20, 0606, 6, false}, {5, 6, 20, 21, 0606, 6, true},
		{5, 5, 1, 1, 0500, 7, false},	{5, 5, 1, 1, 0700, 7, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct who who = {.uid = rows[i].uid, .groups = {3, rows[i].gid}, .group_count = 2};
		struct stat st = {.st_uid = rows[i].owner, .st_gid = rows[i].group, .st_mode = rows[i].mode};

		if (who_may(&who, &st, rows[i].rwx) != rows[i].may)
			fail_msg("row %zu", i);
	}
}

static void a_process_is_its_user_with_its_groups(void **state)
{
	gid_t groups[WHO_GROUPS_MAX];
	int n = getgroups(WHO_GROUPS_MAX, groups);
	struct who who;

	(void)state;
	who_find(&who, getpid(), "/");
	assert_int_equal(who.uid, geteuid());
	assert_int_equal(who.groups[0], getegid());
	assert_int_equal(who.group_count, n + 1);
	for (int i = 0; i < n; i++)
		assert_int_equal(who.groups[i + 1], groups[i]);
	assert_string_equal(who.how, "tilld's user");
	who_find(&who, 0, "/");
	assert_int_equal(who.uid, 0);
	assert_string_equal(who.how, "the owner of the state directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(years_that_cannot_be),
		cmocka_unit_test(how_old_rates_are),
		cmocka_unit_test(who_may_what),
		cmocka_unit_test(a_process_is_its_user_with_its_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
