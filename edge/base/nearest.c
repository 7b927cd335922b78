/*
 * "Did you mean": Levenshtein's distance, one row of its table at a time.
 */
#include <string.h>

#include "text.h"

#define NAME_MAX     64 /* longer names get no suggestion */
#define DISTANCE_MAX 3

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Insertions, deletions and replacements that make b of a; m is the length of b, at most NAME_MAX. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t row[NAME_MAX + 1];

	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t diagonal = row[0]; /* the cell up and left */

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t up = row[j];

			row[j] = least(up + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = up;
		}
	}
	return row[m];
}

const char *nearest_name(const char *typed, const char *const *known, size_t n)
{
	size_t length = strlen(typed);
	size_t limit = length / 2 < DISTANCE_MAX ? length / 2 : DISTANCE_MAX;
	const char *nearest = NULL;

	if (length > NAME_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t d = distance(known[i], strlen(known[i]), typed, length);

		if (d < limit || (d == limit && d > 0 && !nearest)) {
			nearest = known[i];
			limit = d;
		}
	}
	return nearest;
}
