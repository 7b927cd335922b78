/*
 * The system's disk. See disk.h.
 */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int system_open(const struct disk *d, const char *path, int flags, mode_t mode)
{
	(void)d;
	return open(path, flags | O_CLOEXEC | O_NOFOLLOW, mode);
}

static void system_close(const struct disk *d, int fd)
{
	(void)d;
	close(fd);
}

static ssize_t system_read(const struct disk *d, int fd, void *bytes, size_t n, off_t at)
{
	(void)d;
	return pread(fd, bytes, n, at);
}

static ssize_t system_write(const struct disk *d, int fd, const void *bytes, size_t n, off_t at)
{
	(void)d;
	return pwrite(fd, bytes, n, at);
}

static int system_sync(const struct disk *d, int fd)
{
	(void)d;
	return fdatasync(fd);
}

static int system_allocate(const struct disk *d, int fd, off_t n)
{
	(void)d;
	errno = posix_fallocate(fd, 0, n);
	return errno ? -1 : 0;
}

static int system_truncate(const struct disk *d, int fd, off_t n)
{
	(void)d;
	return ftruncate(fd, n);
}

static int system_space(const struct disk *d, const char *path, struct disk_space *out)
{
	struct statvfs s;

	(void)d;
	if (statvfs(path, &s) != 0)
		return -1;
	*out = (struct disk_space){.size = (uint64_t)s.f_blocks * s.f_frsize,
				   .free = (uint64_t)s.f_bavail * s.f_frsize};
	return 0;
}

const struct disk disk_system = {
	.vfs = NULL,
	.open = system_open,
	.close = system_close,
	.read = system_read,
	.write = system_write,
	.sync = system_sync,
	.allocate = system_allocate,
	.truncate = system_truncate,
	.space = system_space,
};
