#include "time_mark.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_LONGEST 256
#define FILE_MODE    0664
#define MS_MOST	     INT64_C(253402300799999) /* the end of the year 9999: anything may be added to it */

static enum err failed(const char *path, const char *doing, struct why *why)
{
	return fail(why,
		    errno == ENOENT   ? ERR_NOT_FOUND
		    : errno == EACCES ? ERR_DENIED
				      : ERR_IO,
		    "%s: %s: %s", path, doing, strerror(errno));
}

/* Bytes of the file, at most n; -1 and errno. */
static ssize_t read_file(const char *path, char *out, size_t n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;
	int because;

	if (fd < 0)
		return -1;
	got = read(fd, out, n);
	because = errno;
	close(fd);
	errno = because;
	return got;
}

static bool take(const char **at, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*at, word, n) != 0)
		return false;
	*at += n;
	return true;
}

/* A number from 0 on, behind its name. */
static bool take_number(const char **at, const char *name, int64_t most, int64_t *out)
{
	char *end;

	if (!take(at, name) || **at < '0' || **at > '9')
		return false;
	errno = 0;
	*out = strtoll(*at, &end, 10);
	*at = end;
	return errno == 0 && *out <= most;
}

static bool take_boot(const char **at, char out[TIME_BOOT_MAX])
{
	size_t n;

	if (!take(at, " boot="))
		return false;
	n = strcspn(*at, " \n");
	if (n == 0 || n >= TIME_BOOT_MAX)
		return false;
	memcpy(out, *at, n);
	out[n] = '\0';
	*at += n;
	return true;
}

/* All of the line, and nothing behind it. */
static bool parse(const char *at, struct time_mark *m)
{
	if (!take(&at, "tilld-time 1") || !take_number(&at, " floor_ms=", MS_MOST, &m->floor_ms) ||
	    !m->floor_ms)
		return false;
	if (strcmp(at, "\n") == 0)
		return true;
	return take_boot(&at, m->boot) && take_number(&at, " at_us=", INT64_MAX, &m->at_us) &&
	       take_number(&at, " told_ms=", MS_MOST, &m->told_ms) &&
	       take_number(&at, " uncertain_ms=", MS_MOST, &m->uncertain_ms) && strcmp(at, "\n") == 0;
}

enum err time_mark_read(const char *path, struct time_mark *out, struct why *why)
{
	char line[LINE_LONGEST + 1];
	ssize_t n = read_file(path, line, LINE_LONGEST);

	if (n < 0)
		return failed(path, "reading", why);
	line[n] = '\0';
	*out = (struct time_mark){0};
	if ((size_t)n == strlen(line) && parse(line, out))
		return ERR_OK;
	*out = (struct time_mark){0};
	return fail(why, ERR_INVALID, "%s: it does not say what time it was: remove it, it is made anew",
		    path);
}

static int format(const struct time_mark *m, char out[LINE_LONGEST])
{
	int n = snprintf(out, LINE_LONGEST, "tilld-time 1 floor_ms=%" PRId64, m->floor_ms);

	if (*m->boot)
		n += snprintf(out + n, LINE_LONGEST - (size_t)n,
			      " boot=%s at_us=%" PRId64 " told_ms=%" PRId64 " uncertain_ms=%" PRId64, m->boot,
			      m->at_us, m->told_ms, m->uncertain_ms);
	return n + snprintf(out + n, LINE_LONGEST - (size_t)n, "\n");
}

/* The folder knows of the new name only when it is synced itself. */
static enum err sync_folder(const char *path, struct why *why)
{
	char copy[TIME_PATH_MAX];
	const char *folder;
	int fd, rc;

	snprintf(copy, sizeof(copy), "%s", path);
	folder = dirname(copy);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return failed(folder, "opening", why);
	rc = fsync(fd);
	close(fd);
	return rc ? failed(folder, "syncing", why) : ERR_OK;
}

enum err time_mark_write(const char *path, const struct time_mark *m, struct why *why)
{
	char half[TIME_PATH_MAX], line[LINE_LONGEST];
	int n = format(m, line), fd;
	bool good;

	if ((size_t)snprintf(half, sizeof(half), "%s.new", path) >= sizeof(half))
		return fail(why, ERR_LIMIT, "%s: the path is too long", path);
	fd = open(half, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return failed(half, "opening", why);
	good = write(fd, line, (size_t)n) == n && fsync(fd) == 0;
	good = close(fd) == 0 && good && rename(half, path) == 0;
	if (good)
		return sync_folder(path, why);
	return failed(path, "writing", why);
}

void time_boot(char out[TIME_BOOT_MAX])
{
	ssize_t n = read_file("/proc/sys/kernel/random/boot_id", out, TIME_BOOT_MAX - 1);

	out[n < 0 ? 0 : n] = '\0';
	out[strcspn(out, "\n")] = '\0';
}
