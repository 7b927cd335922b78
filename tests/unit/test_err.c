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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(a_reason_is_written_and_its_error_handed_back),
		cmocka_unit_test(a_prefix_goes_before),
		cmocka_unit_test(long_reasons_are_cut_at_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
