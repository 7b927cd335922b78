/*
 * tilld's configuration: what is wrong is told with file and line, and a scanner's settings come from its
 * section over its profile.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tilld_config.h"

#define HEAD "[daemon]\nbox = b\nstore = s\n" /* lines 1 to 3 */

struct trial {
	char path[64];
	struct arena arena;
	struct tilld_config config;
	struct config_report report;
	enum err err;
};

static void trial_read(struct trial *t, const char *text)
{
	FILE *f;

	*t = (struct trial){.path = "/tmp/till-config-XXXXXX"};
	f = fdopen(mkstemp(t->path), "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	t->err = tilld_config_load(t->path, &t->config, &t->arena, &t->report);
}

static void trial_end(struct trial *t)
{
	unlink(t->path);
	arena_free(&t->arena);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
	static const struct {
		const char *text;
		int line;
		const char *words; /* in the first complaint */
	} rows[] = {
		{"[daemon]\nbox = b\n[lane 1]\n", 1, "store"},
		{"[daemon]\nbox = 1234567890123456789012345\nstore = s\n[lane 1]\n", 2, "24"},
		{HEAD "zone = Berlin\n[lane 1]\n", 4, "Berlin"},
		{HEAD "control_socket = control.sock\n[lane 1]\n", 4, "absolute"},
		{HEAD "log_level = loud\n[lane 1]\n", 4, "loud"},
		{HEAD, 0, "[lane 1]"},
		{HEAD "[lane *]\n", 4, "'*'"},
		{HEAD "[lane 1]\nlanguage = french_\n", 5, "tag of a language"},
		{HEAD "[lane 1]\nlanguage = f\n", 5, "tag of a language"},
		{HEAD "[lane 123456789012345678901234567890123]\n", 4, "32"},
		{HEAD "[lane 1]\n[scanner a]\nlane = 2\ndevice = /dev/x\n", 6, "known: 1"},
		{HEAD "[lane front]\n[scanner a]\nlane = frnt\ndevice = /dev/x\n", 6, "did you mean 'front'"},
		{HEAD "[lane 1]\n[scanner a]\nlane = 1\n", 5, "device"},
		{HEAD "[lane 1]\n[scanner a]\nlane = 1\ndevice = /dev/x\nprofile = abacus\n", 8,
		 "generic-serial"},
		{HEAD "[lane 1]\n[scanner a]\nlane = 1\ndevice = /dev/x\nprofile = honeywel\n", 8,
		 "'honeywell'"},
		{HEAD "[lane 1]\n[scanner a]\nlane = 1\ndevice = /dev/x\ntransport = avian\n", 8,
		 "serial, tty"},
		{HEAD "[lane 1]\n[scanner a]\nlane = 1\ndevice = /dev/x\nbaud = 9601\n", 8, "9600"},
		{HEAD
		 "[lane 1]\n[scanner a]\nlane = 1\ndevice = /dev/x\n[scanner b]\nlane = 1\ndevice = /dev/x\n",
		 10, "scanner a"},
		{HEAD "[lane 1]\n[template p]\npattern = 22IIIIIPPPPPX\n", 6, "X"},
		{HEAD
		 "[lane 1]\n[template p]\npattern = 22IIIIIPPPPPC\n[template q]\npattern = 2IIIIIIPPPPPC\n",
		 8, "'p'"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct trial t;

		trial_read(&t, rows[i].text);
		assert_int_equal(t.err, ERR_INVALID);
		assert_int_equal(t.report.count, 1);
		if (t.report.errors[0].line != rows[i].line ||
		    !strstr(t.report.errors[0].text, rows[i].words))
			fail_msg("row %zu: %d: %s", i, t.report.errors[0].line, t.report.errors[0].text);
		trial_end(&t);
	}
}

static void every_error_is_told(void **state)
{
	struct trial t;

	(void)state;
	trial_read(&t, HEAD "colour = red\n[lane 1]\n[scanner a]\nlane = 9\ndevice = x\nprofile = none\n");
	assert_int_equal(t.err, ERR_INVALID);
	assert_int_equal(t.report.count, 4); /* colour, lane, device, profile */
	trial_end(&t);
}

static void a_file_that_is_not_there(void **state)
{
	struct tilld_config config;
	struct config_report report = {0};
	struct arena arena = ARENA_EMPTY;

	(void)state;
	assert_int_equal(tilld_config_load("/nonexistent/tilld.conf", &config, &arena, &report), ERR_IO);
	assert_int_equal(report.count, 1);
	arena_free(&arena);
}

static void a_section_stands_over_its_profile(void **state)
{
	struct scanner_config s;
	struct trial t;

	(void)state;
	trial_read(&t, HEAD
		   "[lane 1]\n[scanner a]\nlane = 1\ndevice = /dev/a\nprofile = generic-stx-etx\n"
		   "[scanner b]\nlane = 1\ndevice = /dev/b\nprofile = generic-stx-etx\ntransport = tty\n"
		   "baud = 921600\ndata_bits = 7\nparity = odd\nstop_bits = 2\nflow = rtscts\nsuffix = none\n"
		   "prefix = none\nidle = 75ms\nrepeat = 1s\n");
	assert_int_equal(t.err, ERR_OK);
	assert_int_equal(tilld_config_level(&t.config), LOG_INFO);
	assert_string_equal(tilld_config_lane(&t.config, 0)->channel, "store");

	tilld_config_settings(tilld_config_scanner(&t.config, 0), &s);
	assert_ptr_equal(s.transport, transport_find("serial"));
	assert_int_equal(s.line.baud, 9600);
	assert_int_equal(s.line.data_bits, 8);
	assert_int_equal(s.framing.suffix, SUFFIX_ETX);
	assert_int_equal(s.framing.prefix, 0x02);
	assert_int_equal(s.framing.idle_ms, 500);
	assert_int_equal(s.repeat_ms, 0);

	tilld_config_settings(tilld_config_scanner(&t.config, 1), &s);
	assert_string_equal(s.name, "b");
	assert_string_equal(s.device, "/dev/b");
	assert_ptr_equal(s.transport, transport_find("tty"));
	assert_int_equal(s.line.baud, 921600);
	assert_int_equal(s.line.data_bits, 7);
	assert_int_equal(s.line.parity, PARITY_ODD);
	assert_int_equal(s.line.stop_bits, 2);
	assert_int_equal(s.line.flow, FLOW_RTSCTS);
	assert_int_equal(s.framing.suffix, SUFFIX_NONE);
	assert_int_equal(s.framing.prefix, 0);
	assert_int_equal(s.framing.idle_ms, 75);
	assert_int_equal(s.repeat_ms, 1000);
	trial_end(&t);
}

/* The tables of choices and of their values are two: each suffix, by name. */
static void every_suffix_means_itself(void **state)
{
	static const struct {
		const char *name;
		enum framing_suffix suffix;
	} rows[] = {{"cr", SUFFIX_CR},	     {"lf", SUFFIX_LF},	  {"crlf", SUFFIX_CRLF},
		    {"any", SUFFIX_ANY_EOL}, {"tab", SUFFIX_TAB}, {"etx", SUFFIX_ETX}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct scanner_config s;
		struct trial t;
		char text[256];

		snprintf(text, sizeof(text),
			 HEAD "[lane 1]\n[scanner a]\nlane = 1\ndevice = /dev/a\nsuffix = %s\n",
			 rows[i].name);
		trial_read(&t, text);
		assert_int_equal(t.err, ERR_OK);
		tilld_config_settings(tilld_config_scanner(&t.config, 0), &s);
		assert_int_equal(s.framing.suffix, rows[i].suffix);
		trial_end(&t);
	}
}

/* "+title " for each section that is new, "-title " for each that is gone, "title.key " for each change. */
static void write_difference(const struct tilld_difference *d, void *arg)
{
	char *out = arg;
	size_t n = strlen(out);

	snprintf(out + n, 256 - n, "%s%s%s%s%s%s ",
		 d->change == TILLD_ADDED     ? "+"
		 : d->change == TILLD_REMOVED ? "-"
					      : "",
		 d->section->name, *d->name ? " " : "", d->name, d->change == TILLD_CHANGED ? "." : "",
		 d->change == TILLD_CHANGED ? d->option->key : "");
}

static void what_differs_is_found(void **state)
{
	static const char a[] = HEAD "[lane 1]\n[lane 2]\n[scanner a]\nlane = 1\ndevice = /dev/a\n";
	static const struct {
		const char *before, *after, *differences;
	} rows[] = {
		{a, a, ""},
		/* a default written out is no change, nor is another order */
		{a,
		 HEAD "zone = UTC\n[scanner a]\nlane = 1\ndevice = /dev/a\nidle = 0ms\n[lane 2]\n[lane 1]\n",
		 ""},
		{a,
		 "[daemon]\nbox = b\nstore = t\nlog_level = debug\n[lane 1]\n[lane 2]\n[scanner a]\nlane = "
		 "1\n"
		 "device = /dev/a\n",
		 "daemon.store daemon.log_level "},
		{a,
		 HEAD
		 "[lane 1]\nchannel = k\n[lane 3]\n[scanner a]\nlane = 3\ndevice = /dev/b\nrepeat = 1s\n",
		 "lane 1.channel -lane 2 +lane 3 scanner a.lane scanner a.device scanner a.repeat "},
		{HEAD "[lane 1]\n[template t]\npattern = 22IIIIIPPPPPC\n",
		 HEAD
		 "[lane 1]\n[template t]\npattern = 22IIIIIWWWWWC\n[template u]\npattern = 23IIIIIPPPPPC\n",
		 "template t.pattern +template u "},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct trial before, after;
		char found[256] = "";

		trial_read(&before, rows[i].before);
		trial_read(&after, rows[i].after);
		assert_int_equal(before.err, ERR_OK);
		assert_int_equal(after.err, ERR_OK);
		tilld_config_compare(&before.config, &after.config, write_difference, found);
		if (strcmp(found, rows[i].differences) != 0)
			fail_msg("row %zu: '%s'", i, found);
		trial_end(&before);
		trial_end(&after);
	}
}

static void what_takes_a_restart_stays(void **state)
{
	struct trial before, after;

	(void)state;
	trial_read(&before, HEAD "zone = Europe/Berlin\n[lane 1]\n");
	trial_read(&after, "[daemon]\nbox = c\nstore = t\nlog_level = debug\nstate_dir = /x\n[lane 1]\n");
	tilld_config_keep(&before.config, &after.config);
	assert_string_equal(after.config.daemon.box, "b");
	assert_string_equal(after.config.daemon.store, "s");
	assert_string_equal(after.config.daemon.zone, "Europe/Berlin");
	assert_string_equal(after.config.daemon.state_dir, "/var/lib/tilld");
	assert_int_equal(tilld_config_level(&after.config), LOG_DEBUG);
	trial_end(&before);
	trial_end(&after);
}

/* A scanner's port stays open when only its lane changed. */
static void a_scanner_is_the_same_for_another_lane(void **state)
{
	static const struct {
		const char *line; /* in the second reading */
		bool same;
	} rows[] = {
		{"lane = 1\n", true},
		{"lane = 2\n", true},
		{"lane = 1\nsuffix = cr\n", false},
		{"lane = 1\nprofile = zebra\n", false},
		{"lane = 1\ntransport = tty\n", false},
		{"lane = 1\nrepeat = 1ms\n", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		static const char head[] = HEAD "[lane 1]\n[lane 2]\n[scanner a]\ndevice = /dev/a\n";
		struct trial one, two;
		char text[256];

		snprintf(text, sizeof(text), "%s%s", head, rows[i].line);
		trial_read(&two, text);
		snprintf(text, sizeof(text), "%slane = 1\n", head);
		trial_read(&one, text);
		assert_int_equal(tilld_scanner_same(tilld_config_find_scanner(&one.config, "a"),
						    tilld_config_find_scanner(&two.config, "a")),
				 rows[i].same);
		assert_null(tilld_config_find_scanner(&one.config, "b"));
		trial_end(&one);
		trial_end(&two);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(every_error_is_told),
		cmocka_unit_test(a_file_that_is_not_there),
		cmocka_unit_test(a_section_stands_over_its_profile),
		cmocka_unit_test(every_suffix_means_itself),
		cmocka_unit_test(what_differs_is_found),
		cmocka_unit_test(what_takes_a_restart_stays),
		cmocka_unit_test(a_scanner_is_the_same_for_another_lane),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
