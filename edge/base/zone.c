/*
 * The C library's own time zone handling, after a look whether the zone exists: given a name it does not
 * know, it would silently use UTC, and promotions would start at the wrong hour.
 */
#include "zone.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define DATABASE     "/usr/share/zoneinfo"
#define NAME_LONGEST 64

/* Zone names are letters, digits and "+-_/": no way out of the database, no TZ rule of POSIX. */
static bool well_formed(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-_/";
	size_t n = strlen(name);

	return n > 0 && n <= NAME_LONGEST && name[0] != '/' && strspn(name, allowed) == n;
}

enum err zone_check(const char *name, struct why *why)
{
	const char *database = getenv("TZDIR");
	char path[512];
	struct stat st;

	if (!database || !*database)
		database = DATABASE;
	if (!well_formed(name))
		return fail(why, ERR_NOT_FOUND,
			    "'%s' is no time zone: write one such as Europe/Berlin or UTC", name);
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", database, name) >= sizeof(path))
		return fail(why, ERR_NOT_FOUND, "the time zone database has too long a name: %s", database);
	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return fail(why, ERR_NOT_FOUND, "there is no time zone '%s' in %s (package tzdata)", name,
			    database);
	return ERR_OK;
}

enum err zone_use(const char *name, struct why *why)
{
	enum err e = zone_check(name, why);

	if (e)
		return e;
	if (setenv("TZ", name, 1))
		return fail(why, ERR_MEMORY, "out of memory");
	tzset();
	return ERR_OK;
}

int32_t zone_offset_s(int64_t utc_seconds)
{
	time_t at = (time_t)utc_seconds;
	struct tm local;

	if ((int64_t)at != utc_seconds ||
	    !localtime_r(&at, &local)) /* beyond the year 2^31: nobody's clock */
		return 0;
	return (int32_t)local.tm_gmtoff;
}
