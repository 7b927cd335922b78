/*
 * A program's own definition of a function goes before the C library's, for the libraries that it links, too.
 */
#include "count_syncs.h"

#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_uint_least64_t count;

uint64_t count_syncs(void)
{
	return atomic_load(&count);
}

int fsync(int fd)
{
	atomic_fetch_add(&count, 1);
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fildes)
{
	atomic_fetch_add(&count, 1);
	return (int)syscall(SYS_fdatasync, fildes);
}
