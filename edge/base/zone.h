/*
 * The store's time zone, from the system's IANA database. A process has one zone (a box serves one
 * store): zone_use sets it, through the C library's own TZ handling, before threads start.
 */
#ifndef TILL_ZONE_H
#define TILL_ZONE_H

#include <stdint.h>

#include "err.h"

/* Whether there is such a zone; changes nothing. ERR_NOT_FOUND names what is wrong in why. */
enum err zone_check(const char *name, struct why *why) MUST_CHECK;

/* Sets the process's zone, such as "Europe/Berlin" or "UTC". Errors as zone_check's. */
enum err zone_use(const char *name, struct why *why) MUST_CHECK;

/* Seconds east of UTC in force at that instant: 7200 in a Berlin summer. */
int32_t zone_offset_s(int64_t utc_seconds);

#endif
