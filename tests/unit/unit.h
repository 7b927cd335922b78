/*
 * What every unit test needs: cmocka with the headers it wants before it, the length of a table, text that
 * grows, and numbers for property tests. A seed in TILL_SEED repeats a run; each program prints the one it
 * used.
 */
#ifndef TILL_UNIT_H
#define TILL_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The name belongs to core/err.h; fail_msg, which cmocka makes of it, stays. */
#undef fail
#undef fail_msg
#define fail_msg(...)                      \
	do {                               \
		print_error(__VA_ARGS__);  \
		print_error("\n");         \
		_fail(__FILE__, __LINE__); \
	} while (0)

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Adds to the text in a room of so many bytes; the test fails if it does not fit. */
void text_add(char *text, size_t room, const char *more);

/* Starts a sequence of numbers and prints its seed. */
uint64_t seed_start(const char *test);

/* The next number (xorshift64*), all 64 bits. */
uint64_t seed_next(uint64_t *state);

#endif
