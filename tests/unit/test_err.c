/*
 * Reasons: one statement to fail, words that fit, cut where a character ends.
 */
#include "unit.h"

#include <string.h>

#include "err.h"

static void names(void **state)
{
	(void)state;
	assert_string_equal(err_name(ERR_OK), "ok");
	assert_string_equal(err_name(ERR_NOT_FOUND), "not_found");
	assert_string_equal(err_name(ERR_MEMORY), "memory");
	assert_string_equal(err_name((enum err)99), "unknown");
	assert_string_equal(err_name((enum err) - 1), "unknown");
}

static void a_reason_is_written_and_its_error_handed_back(void **state)
{
	struct why why;

	(void)state;
	assert_int_equal(fail(&why, ERR_INVALID, "%s:%d: unknown key '%s'", "till.conf", 12, "prot"),
			 ERR_INVALID);
	assert_string_equal(why.text, "till.conf:12: unknown key 'prot'");
	assert_int_equal(fail(NULL, ERR_IO, "nobody asks"), ERR_IO);
	assert_int_equal(fail(&why, ERR_INVALID, "again: %s", why.text), ERR_INVALID);
	assert_string_equal(why.text, "again: till.conf:12: unknown key 'prot'");
}

static void a_prefix_goes_before(void **state)
{
	struct why why = {"price: not a number"};

	(void)state;
	why_prefix(&why, "book.jsonl:%d: ", 12);
	assert_string_equal(why.text, "book.jsonl:12: price: not a number");
	why_prefix(NULL, "nobody asks");
}

/* 319 bytes fit. 'e' with acute accent is two bytes (C3 A9): none may be left in halves. */
static void long_reasons_are_cut_at_a_character(void **state)
{
	char text[400];
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = i % 2 ? (char)0xA9 : (char)0xC3;
	text[sizeof(text) - 1] = '\0';
	fail(&why, ERR_INVALID, "%s", text);
	assert_int_equal(strlen(why.text), 319); /* 158 characters and "..." */
	assert_string_equal(why.text + 316, "...");
	fail(&why, ERR_INVALID, "x%s", text);
	assert_int_equal(strlen(why.text), 318); /* one ASCII, 157 characters, "..." */
	assert_string_equal(why.text + 315, "...");
	fail(&why, ERR_INVALID, "%.*s", 318, text);
	assert_int_equal(strlen(why.text), 318); /* fits: not marked */
	why_prefix(&why, "ab: ");
	assert_int_equal(strlen(why.text), 319);
	assert_memory_equal(why.text, "ab: \xC3\xA9", 6);
	assert_string_equal(why.text + 316, "...");
}

/* A euro sign is three bytes (E2 82 AC): of two, a precision of 4 or 5 leaves one and a part of the other. */
static void a_precision_leaves_no_halves(void **state)
{
	static const char euros[] = "\xE2\x82\xAC\xE2\x82\xAC";
	struct why why;

	(void)state;
	for (int n = 0; n <= 6; n++) {
		const size_t whole = (size_t)n / 3 * 3;

		fail(&why, ERR_INVALID, "'%.*s' and %.3s", n, euros, "abc");
		assert_memory_equal(why.text + 1, euros, whole);
		assert_string_equal(why.text + 1 + whole, "' and abc");
		why_prefix(&why, "%.*s: ", n, euros);
		assert_memory_equal(why.text + whole, ": '", 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(a_reason_is_written_and_its_error_handed_back),
		cmocka_unit_test(a_prefix_goes_before),
		cmocka_unit_test(long_reasons_are_cut_at_a_character),
		cmocka_unit_test(a_precision_leaves_no_halves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
