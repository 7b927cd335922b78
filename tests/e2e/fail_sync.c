/*
 * A disk that fails, for a real program: preloaded, it makes fsync(2) and fdatasync(2) fail with EIO for as
 * long as the file that FAIL_SYNC names is there.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int sync_or_fail(long call, int fd)
{
	const char *sign = getenv("FAIL_SYNC");

	if (sign && access(sign, F_OK) == 0) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(call, fd);
}

int fsync(int fd)
{
	return sync_or_fail(SYS_fsync, fd);
}

int fdatasync(int fildes)
{
	return sync_or_fail(SYS_fdatasync, fildes);
}
