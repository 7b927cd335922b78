/*
 * Framing: the same frames however the line cuts the bytes, and what happens to halves and to noise.
 */
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "framing.h"

/* Frames as one text: "<one><two>", over-long ones as "<first...!>". */
struct seen {
	char text[4096];
	size_t n;
};

static void add(struct seen *s, const char *text, size_t n)
{
	assert_true(s->n + n < sizeof(s->text));
	memcpy(s->text + s->n, text, n);
	s->n += n;
}

static void see(const char *text, size_t n, bool over_long, void *arg)
{
	struct seen *s = arg;

	assert_true(n > 0 && n <= FRAME_MAX);
	add(s, "<", 1);
	add(s, text, n);
	if (over_long)
		add(s, "!", 1);
	add(s, ">", 1);
}

static const struct row {
	struct framing_config config;
	const char *bytes, *frames;
	size_t cut_off; /* half frames that a new prefix ends */
	bool pending;	/* at the end */
} rows[] = {
	{{SUFFIX_CR, 0, 0}, "one\rtwo\r", "<one><two>", 0, false},
	{{SUFFIX_CR, 0, 0}, "\r\rone\r\r", "<one>", 0, false},
	{{SUFFIX_CR, 0, 0}, "one\ntwo\rthr", "<one\ntwo>", 0, true},
	{{SUFFIX_LF, 0, 0}, "one\ntwo\n", "<one><two>", 0, false},
	{{SUFFIX_TAB, 0, 0}, "one\ttwo\t", "<one><two>", 0, false},
	{{SUFFIX_ETX, 0, 0}, "one\x03two\x03", "<one><two>", 0, false},
	{{SUFFIX_CRLF, 0, 0}, "one\r\ntwo\r\n", "<one><two>", 0, false},
	{{SUFFIX_CRLF, 0, 0}, "o\rne\r\r\ntwo\n\r\n", "<o\rne\r><two\n>", 0, false},
	{{SUFFIX_CRLF, 0, 0}, "one\r", "", 0, true},
	{{SUFFIX_CRLF, 0, 0}, "\r\n\r\n", "", 0, false},
	{{SUFFIX_CRLF, 0, 0}, "\r", "", 0, true},
	{{SUFFIX_ANY_EOL, 0, 0}, "one\rtwo\nthree\r\nfour\n\r", "<one><two><three><four>", 0, false},
	{{SUFFIX_NONE, 50, 0}, "one\rtwo", "", 0, true},
	{{SUFFIX_ETX, 0, 2}, "\x02one\x03\x02two\x03", "<one><two>", 0, false},
	{{SUFFIX_ETX, 0, 2}, "\x02on\x02two\x03", "<two>", 1, false}, /* the end of the first got lost */
	{{SUFFIX_ETX, 0, 2}, "one\x03", "<one>", 0, false},	      /* a scanner without the prefix */
	{{SUFFIX_ETX, 0, 2}, "\x02\x02\x03", "", 0, false},
	{{SUFFIX_CRLF, 0, 2}, "\x02one\r\x02two\r\n", "<two>", 1, false},
	{{SUFFIX_CR, 0, '!'},
	 "!one\r!tw!three\r",
	 "<one><three>",
	 1,
	 false}, /* a prefix that is no control */
	{{SUFFIX_ANY_EOL, 0, 0}, "\xff\x01\x80\r", "<\xff\x01\x80>", 0, false}, /* gs1 refuses it */
};

/* Cut at every place into two, and byte by byte. */
static void the_cut_makes_no_difference(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const uint8_t *bytes = (const uint8_t *)rows[i].bytes;
		size_t n = strlen(rows[i].bytes);

		for (size_t cut = 0; cut <= n + 1; cut++) {
			struct seen s = {.n = 0};
			struct framing f;
			size_t cut_off = 0;

			framing_init(&f, &rows[i].config, see, &s);
			if (cut <= n) {
				cut_off += framing_feed(&f, bytes, cut);
				cut_off += framing_feed(&f, bytes + cut, n - cut);
			} else {
				for (size_t at = 0; at < n; at++)
					cut_off += framing_feed(&f, bytes + at, 1);
			}
			if (s.n != strlen(rows[i].frames) || memcmp(s.text, rows[i].frames, s.n) != 0)
				fail_msg("row %zu, cut at %zu: '%.*s'", i, cut, (int)s.n, s.text);
			assert_int_equal(cut_off, rows[i].cut_off);
			assert_int_equal(framing_pending(&f), rows[i].pending);
		}
	}
}

static void over_long_frames_are_told_once(void **state)
{
	static const struct {
		size_t length;
		bool over_long;
	} lengths[] = {
		{FRAME_MAX - 1, false}, {FRAME_MAX, false}, {FRAME_MAX + 1, true}, {3UL * FRAME_MAX, true}};

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		const struct framing_config c = {.suffix = SUFFIX_CR};
		size_t kept = lengths[i].over_long ? FRAME_MAX : lengths[i].length;
		struct seen s = {.n = 0};
		struct framing f;

		framing_init(&f, &c, see, &s);
		for (size_t n = 0; n < lengths[i].length; n++)
			framing_feed(&f, (const uint8_t *)"7", 1);
		assert_int_equal(s.n, 0);
		framing_feed(&f, (const uint8_t *)"\rnext\r", 6);
		assert_int_equal(s.n, kept + (lengths[i].over_long ? 3 : 2) + 6);
		assert_memory_equal(s.text + s.n - 6, "<next>", 6);
		assert_int_equal(s.text[s.n - 8] == '!', lengths[i].over_long);
	}
}

/* As above, and the whole of it at once. */
static void over_long_frames_at_once(void **state)
{
	const struct framing_config c = {.suffix = SUFFIX_CR};
	static const char end[] = {'\r', 'n', 'e', 'x', 't', '\r'};
	char bytes[3 * FRAME_MAX];

	(void)state;
	for (size_t n = FRAME_MAX - 1; n <= FRAME_MAX + 2; n++) {
		struct seen s = {.n = 0};
		struct framing f;

		memset(bytes, '7', sizeof(bytes));
		memcpy(bytes + n, end, sizeof(end));
		framing_init(&f, &c, see, &s);
		framing_feed(&f, (const uint8_t *)bytes, n + 6);
		assert_int_equal(s.n, n <= FRAME_MAX ? n + 2 + 6 : FRAME_MAX + 3 + 6);
		assert_memory_equal(s.text + s.n - 6, "<next>", 6);
	}
}

static void silence(void **state)
{
	static const struct {
		enum framing_suffix suffix;
		const char *bytes, *frames;
		bool dropped;
	} cases[] = {
		{SUFFIX_NONE, "one", "<one>", false},  {SUFFIX_NONE, "", "", false},
		{SUFFIX_CR, "one\rtw", "<one>", true}, {SUFFIX_CR, "one\r", "<one>", false},
		{SUFFIX_CRLF, "\r", "", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct framing_config c = {.suffix = cases[i].suffix, .idle_ms = 50};
		struct seen s = {.n = 0};
		struct framing f;

		framing_init(&f, &c, see, &s);
		framing_feed(&f, (const uint8_t *)cases[i].bytes, strlen(cases[i].bytes));
		assert_int_equal(framing_idle(&f), cases[i].dropped);
		assert_false(framing_pending(&f));
		assert_false(framing_idle(&f));
		assert_int_equal(s.n, strlen(cases[i].frames));
		assert_memory_equal(s.text, cases[i].frames, s.n);
	}
}

static void a_reset_forgets_the_half(void **state)
{
	const struct framing_config c = {.suffix = SUFFIX_CR};
	struct seen s = {.n = 0};
	struct framing f;

	(void)state;
	framing_init(&f, &c, see, &s);
	framing_feed(&f, (const uint8_t *)"40063", 5);
	assert_true(framing_reset(&f));
	assert_false(framing_reset(&f));
	framing_feed(&f, (const uint8_t *)"81333931\r", 9);
	assert_int_equal(s.n, 10);
	assert_memory_equal(s.text, "<81333931>", 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cut_makes_no_difference),
		cmocka_unit_test(over_long_frames_are_told_once),
		cmocka_unit_test(over_long_frames_at_once),
		cmocka_unit_test(silence),
		cmocka_unit_test(a_reset_forgets_the_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
