/*
 * Text that grows, and seeds of property tests. See unit.h.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void text_add(char *text, size_t room, const char *more)
{
	size_t length = strlen(text);

	assert_true(strlen(more) < room - length);
	snprintf(text + length, room - length, "%s", more);
}

uint64_t seed_start(const char *test)
{
	const char *given = getenv("TILL_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 2654435761u;

	if (seed == 0)
		seed = 1;
	printf("%s: TILL_SEED=%llu\n", test, (unsigned long long)seed);
	return seed;
}

uint64_t seed_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}
