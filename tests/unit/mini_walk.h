/*
 * Walking a small shop through commands, step by step, with what has to be the case after each.
 */
#ifndef TILL_MINI_WALK_H
#define TILL_MINI_WALK_H

#include "mini_shop.h"

#define PEN "4006381333931"
#define BAR "4000417025005"

struct step {
	const char *command;
	enum refusal refusal;
	enum lane_state state; /* of the command's lane */
	uint32_t lines;
	const char *total; /* "": the lane has no cart */
};

void mini_walk(struct mini_shop *m, const struct step *steps, size_t n);

/* What "suspended" shows; the caller's. */
json_t *mini_suspended(const struct mini_shop *m);

/* The shop of mini_book as a cmocka fixture: *state is a struct mini_shop. */
int mini_start(void **state);
int mini_stop(void **state);
#define MINI_TEST(function) cmocka_unit_test_setup_teardown(function, mini_start, mini_stop)

#endif
