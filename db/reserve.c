/*
 * Room kept for a full disk. See reserve.h.
 */
#include "reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define FILE_MODE 0664

void reserve_init(struct reserve *r, const struct disk *disk, const char *ledger)
{
	size_t n = strlen(ledger);

	if (n > 3 && strcmp(ledger + n - 3, ".db") == 0)
		n -= 3;
	if (n > sizeof(r->path) - sizeof(".reserve"))
		n = sizeof(r->path) - sizeof(".reserve");
	*r = (struct reserve){.disk = disk};
	memcpy(r->path, ledger, n);
	memcpy(r->path + n, ".reserve", sizeof(".reserve"));
}

static int resize(const struct reserve *r, off_t n)
{
	const struct disk *d = r->disk;
	int fd = d->open(d, r->path, O_RDWR | O_CREAT, FILE_MODE), failed, code;

	if (fd < 0)
		return -1;
	failed = n ? d->allocate(d, fd, n) : d->truncate(d, fd, 0);
	code = errno;
	if (failed)
		(void)d->truncate(d, fd, 0); /* what it got is nobody's use */
	d->close(d, fd);
	errno = code;
	return failed;
}

bool reserve_hold(struct reserve *r)
{
	if (!r->held)
		r->held = resize(r, RESERVE_BYTES) == 0;
	return r->held;
}

bool reserve_release(struct reserve *r)
{
	if (!r->held || resize(r, 0) != 0)
		return false;
	r->held = false;
	return true;
}
