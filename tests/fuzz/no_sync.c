/*
 * For a fuzzer whose inputs reach a disk: what an input is worth does not depend on it, and thousands of
 * syncs do.
 */
#include <unistd.h>

int fsync(int fd)
{
	(void)fd;
	return 0;
}

int fdatasync(int fildes)
{
	(void)fildes;
	return 0;
}
