/*
 * Scripts of lanesim: each word's step, and each mistake's message with its line and fix.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "script.h"

static enum err parse(const char *text, size_t piece, struct script *script, struct why *why)
{
	struct script_parser p;
	size_t n = strlen(text);

	memset(script, 0, sizeof(*script));
	script_begin(&p, script, "day.lane");
	for (size_t at = 0; at < n; at += piece) {
		enum err e = script_feed(&p, text + at, n - at < piece ? n - at : piece, why);

		if (e)
			return e;
	}
	return script_end(&p, why);
}

static const char day[] = "# a shopper\n"
			  "shopper \"Ann\"\n"
			  "  scan 4006381333931   # a pen\r\n"
			  "suffix crlf\n"
			  "\n"
			  "scan ]C1010401\\x1d\\\\A\n"
			  "suffix none\n"
			  "scan 5\n"
			  "raw 30 31 fF 0d\n"
			  "wait 500ms\n"
			  "wait 1.5s\n"
			  "repeat 3\n"
			  "repeat 2\n"
			  "unplug\n"
			  "end\n"
			  "plug\n"
			  "end\n"
			  "verb {\"verb\":\"tender\",\"order\":\"A #1\"}\n"
			  "refused {\"verb\":\"tender\"}\n"
			  "expect \"total\": #";

static void each_word_makes_its_step(void **state)
{
	static const struct {
		enum step_kind kind;
		unsigned line;
		const char *text;
		int64_t value;
		size_t target;
	} due[] = {
		{STEP_SHOPPER, 2, "Ann", 0, 0},
		{STEP_SEND, 3, "4006381333931\r", 1, 0},
		{STEP_SEND, 6, "]C1010401\x1d\\A\r\n", 1, 0},
		{STEP_SEND, 8, "5", 1, 0},
		{STEP_SEND, 9, "01\xff\r", 0, 0},
		{STEP_WAIT, 10, NULL, 500, 0},
		{STEP_WAIT, 11, NULL, 1500, 0},
		{STEP_REPEAT, 12, NULL, 3, 0},
		{STEP_REPEAT, 13, NULL, 2, 0},
		{STEP_UNPLUG, 14, NULL, 0, 0},
		{STEP_END, 15, NULL, 0, 9},
		{STEP_PLUG, 16, NULL, 0, 0},
		{STEP_END, 17, NULL, 0, 8},
		{STEP_VERB, 18, "{\"verb\":\"tender\",\"order\":\"A #1\"}", 1, 0},
		{STEP_VERB, 19, "{\"verb\":\"tender\"}", 0, 0},
		{STEP_EXPECT, 20, "\"total\": #", 0, 0},
	};

	(void)state;
	for (size_t piece = 1; piece < sizeof(day); piece++) {
		struct script script;
		struct why why = {0};

		if (parse(day, piece, &script, &why))
			fail_msg("in pieces of %zu: %s", piece, why.text);
		assert_int_equal(script.count, COUNT(due));
		for (size_t i = 0; i < COUNT(due); i++) {
			const struct step *s = &script.steps[i];

			if (s->kind != due[i].kind || s->line != due[i].line || s->value != due[i].value ||
			    s->target != due[i].target)
				fail_msg("step %zu: kind %d, line %u, value %lld, target %zu", i,
					 (int)s->kind, s->line, (long long)s->value, s->target);
			if (due[i].text) {
				assert_int_equal(s->length, strlen(due[i].text));
				assert_memory_equal(s->text, due[i].text, s->length);
			}
		}
		script_free(&script);
	}
}

static const char faults[] = "garbage 5 0\n"
			     "double 96\n"
			     "split 4006 3\n"
			     "suffix lf\n"
			     "split 4006 4 20ms   # in the middle of its suffix\n"
			     "cut \\x02406 2\n"
			     "flood 1000 96 4006\n"
			     "drain\n"
			     "replug\n"
			     "suffix none\n"
			     "split 12 1\n"
			     "flood 7 9\n";

/* A fault is the steps that make it. */
static void each_fault_makes_its_steps(void **state)
{
	static const struct {
		enum step_kind kind;
		unsigned line;
		const char *text;
		int64_t value;
	} due[] = {
		/* splitmix64 of seed 0 begins e220a8397b1dcdaf 6e789e6aa1b965f4 06c45d188009454f
		   f88bb8a8724c81ec 1b39896a51a8749b; the first byte of each */
		{STEP_SEND, 1, "\xe2\x6e\x06\xf8\x1b", 0},
		{STEP_SEND, 2, "96\r96\r", 1},
		{STEP_SEND, 3, "400", 0},
		{STEP_DRAIN, 3, NULL, 0},
		{STEP_SEND, 3, "6\r", 1},
		{STEP_SEND, 5, "4006", 0},
		{STEP_DRAIN, 5, NULL, 0},
		{STEP_WAIT, 5, NULL, 20},
		{STEP_SEND, 5, "\n", 1},
		{STEP_SEND, 6,
		 "\x02"
		 "4",
		 0},
		{STEP_DRAIN, 6, NULL, 0},
		{STEP_UNPLUG, 6, NULL, 0},
		{STEP_FLOOD, 7, "96\n4006\n", 1000},
		{STEP_DRAIN, 8, NULL, 0},
		{STEP_REPLUG, 9, NULL, 0},
		{STEP_SEND, 11, "1", 0},
		{STEP_DRAIN, 11, NULL, 0},
		{STEP_SEND, 11, "2", 1},
		{STEP_FLOOD, 12, "9", 7},
	};
	struct script script;
	struct why why = {0};

	(void)state;
	if (parse(faults, sizeof(faults), &script, &why))
		fail_msg("%s", why.text);
	assert_int_equal(script.count, COUNT(due));
	for (size_t i = 0; i < COUNT(due); i++) {
		const struct step *s = &script.steps[i];

		if (s->kind != due[i].kind || s->line != due[i].line || s->value != due[i].value)
			fail_msg("step %zu: kind %d, line %u, value %lld", i, (int)s->kind, s->line,
				 (long long)s->value);
		if (due[i].text) {
			assert_int_equal(s->length, strlen(due[i].text));
			assert_memory_equal(s->text, due[i].text, s->length);
		}
	}
	script_free(&script);
}

static void mistakes_are_named(void **state)
{
	static const struct {
		const char *text, *reason;
	} rows[] = {
		{"\nscna 1\n", "day.lane:2: unknown word 'scna'; did you mean 'scan'?"},
		{"teleport\n", "day.lane:1: unknown word 'teleport'; lanesim --help"},
		{"scan\n", "day.lane:1: nothing follows; write for example: scan 4006381333931"},
		{"scan 1 2\n", "day.lane:1: scan takes one code"},
		{"scan 1\\x4\n", "write \\xNN"},
		{"scan 1\\n\n", "write \\xNN"},
		{"scan 1\\\n", "write \\xNN"},
		{"raw 3 31\n", "two hexadecimal digits"},
		{"raw 3031\n", "two hexadecimal digits"},
		{"garbage x 1\n",
		 "day.lane:1: 'x' where how many bytes is due; write a number from 1 to 65536"},
		{"garbage 65537 1\n", "'65537' where how many bytes"},
		{"garbage 5\n", "'' where a seed is due"},
		{"garbage 5 1 1\n", "'1' is too much; take it away"},
		{"double\n", "nothing follows; write for example: double 4006381333931"},
		{"double 1 2\n", "'2' is too much"},
		{"split 4006\n", "'' where how many bytes come first is due; write a number from 1 to 4"},
		{"split 4006 5\n", "write a number from 1 to 4"},
		{"split 4006 0\n", "write a number from 1 to 4"},
		{"split 4006 1 soon\n", "'soon' is no time"},
		{"suffix none\ncut 4 1\n", "day.lane:2: a code of one byte cannot be cut"},
		{"cut 4006 2 20ms\n", "'20ms' is too much"},
		{"flood 0 4006\n", "'0' where how many times is due; write a number from 1 to 1000000"},
		{"flood 5\n", "day.lane:1: a code is missing"},
		{"flood 5 1 \\x\n", "write \\xNN"},
		{"drain it\n", "'drain' stands alone"},
		{"replug it\n", "'replug' stands alone"},
		{"suffix crfl\n", "no suffix 'crfl'; it is cr, lf"},
		{"wait 5\n", "'5' is no time; write it as 500ms or 2s"},
		{"wait s\n", "'s' is no time"},
		{"wait 0.5ms\n", "'0.5ms' is no time"},
		{"wait 3601s\n", "too long"},
		{"wait 99999999999999999999s\n", "is no time"},
		{"plug it\n", "'plug' stands alone; take 'it' away"},
		{"verb tender\n", "not JSON"},
		{"verb {\"verb\":\n", "not JSON"},
		{"verb [1]\n", "a request is an object with \"verb\""},
		{"verb {\"lane\":\"1\"}\n", "a request is an object with \"verb\""},
		{"repeat 0\nend\n", "repeat '0' times?"},
		{"repeat x\nend\n", "repeat 'x' times?"},
		{"end\n", "day.lane:1: end without repeat"},
		{"scan 1\nrepeat 2\nscan 1\n", "day.lane:2: repeat without end"},
		{"repeat 1\nrepeat 1\nrepeat 1\nrepeat 1\nrepeat 1\nrepeat 1\nrepeat 1\nrepeat 1\nrepeat 1\n",
		 "day.lane:9: repeats in repeats, more than 8 deep"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct script script;
		struct why why = {0};
		enum err e = parse(rows[i].text, 7, &script, &why);

		if (e != ERR_INVALID || !strstr(why.text, rows[i].reason))
			fail_msg("row %zu: %s, '%s'; due is '%s'", i, err_name(e), why.text, rows[i].reason);
		script_free(&script);
	}
}

static void over_long_lines_and_nuls(void **state)
{
	char text[SCRIPT_LINE_MAX + 3];
	struct script script;
	struct script_parser p;
	struct why why = {0};

	(void)state;
	memset(text, '#', sizeof(text));
	text[SCRIPT_LINE_MAX] = '\n';
	text[SCRIPT_LINE_MAX + 1] = '\0';
	assert_int_equal(parse(text, 100, &script, &why), ERR_OK);
	script_free(&script);
	text[SCRIPT_LINE_MAX] = '#';
	text[SCRIPT_LINE_MAX + 1] = '\n';
	text[SCRIPT_LINE_MAX + 2] = '\0';
	assert_int_equal(parse(text, 100, &script, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "more than 1024 bytes"));
	script_free(&script);
	memset(&script, 0, sizeof(script));
	script_begin(&p, &script, "day.lane");
	assert_int_equal(script_feed(&p, "scan\0 1\n", 8, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, "a NUL byte"));
	script_free(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_word_makes_its_step),
		cmocka_unit_test(each_fault_makes_its_steps),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(over_long_lines_and_nuls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
