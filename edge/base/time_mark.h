/*
 * What is known of the time, in a file that outlives the program: "hqtime", which till-sync writes, and
 * "clock", which tilld writes, both in the state folder. One line of text:
 *
 *	tilld-time 1 floor_ms=N
 *	tilld-time 1 floor_ms=N boot=ID at_us=N told_ms=N uncertain_ms=N
 */
#ifndef TILL_TIME_MARK_H
#define TILL_TIME_MARK_H

#include <stdint.h>

#include "err.h"

#define TIME_BOOT_MAX 40 /* bytes of a boot's id, with its NUL */
#define TIME_PATH_MAX 512

struct time_mark {
	int64_t floor_ms; /* milliseconds since 1970 that have passed for certain */

	/* What headquarters told: in that boot, when the boot clock was at_us, it was told_ms, give or take
	 * uncertain_ms. Not told yet: boot is "". */
	char boot[TIME_BOOT_MAX];
	int64_t at_us, told_ms, uncertain_ms;
};

/* ERR_NOT_FOUND: there is none; ERR_INVALID: it says something else, why names the file. */
enum err time_mark_read(const char *path, struct time_mark *out, struct why *why) MUST_CHECK;

/* Durable when it returns, and the old one or the new one whatever happens meanwhile. */
enum err time_mark_write(const char *path, const struct time_mark *m, struct why *why) MUST_CHECK;

/* The id of this boot; "": the kernel does not tell. */
void time_boot(char out[TIME_BOOT_MAX]);

#endif
