/*
 * Civil time: dates and weekdays by arithmetic alone, without a clock or a time zone database, so that
 * the engine can judge promotion windows as a pure function. Whoever calls the engine resolves the
 * store's zone to an offset first (base/zone.h).
 */
#ifndef TILL_CIVIL_H
#define TILL_CIVIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct civil {
	int32_t year;  /* 1 to 9999 */
	uint8_t month; /* 1 to 12 */
	uint8_t day;   /* 1 to 31 */
	uint8_t hour, minute, second;
	uint8_t weekday; /* 1 Monday to 7 Sunday, as ISO 8601 counts; ignored by civil_to_seconds */
};

/*
 * Seconds since 1970-01-01T00:00:00 on the same civil clock (Gregorian, no leap seconds), and back.
 * Seconds outside years 1 to 9999 give the nearest moment inside them.
 */
int64_t civil_to_seconds(const struct civil *c);
struct civil civil_from_seconds(int64_t seconds);

/*
 * RFC 3339 text. "2026-11-21T10:00:00Z" or "...+01:00" is an instant: *is_local false, seconds UTC.
 * Without a zone ("2026-11-21T10:00:00", "2026-11-21T10:00", "2026-11-21") it is civil time wherever the
 * store is: *is_local true, seconds on the store's civil clock; a date alone is its first second. A
 * fraction of a second is accepted in an instant and cut. An instant must have its seconds.
 */
enum err civil_parse(const char *text, size_t n, int64_t *seconds, bool *is_local) MUST_CHECK;

#define CIVIL_TEXT_MAX 32

/* "2026-11-21T10:00:00" from civil seconds, "...Z" from UTC seconds if utc. Returns the length. */
size_t civil_format(int64_t seconds, bool utc, char out[CIVIL_TEXT_MAX]);

#endif
