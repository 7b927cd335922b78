/*
 * The lock of a database's one writer. See db_lock.h.
 */
#include "db_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db.h"
#include "log.h"

#define LOCK_MODE 0664 /* the group of the databases may take turns */

static enum err busy(int fd, const char *path, struct why *why)
{
	char text[24] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	long pid = n > 0 ? strtol(text, NULL, 10) : 0;

	if (pid > 0)
		return fail(why, ERR_BUSY, "%s: process %ld is writing it; one writer at a time", path, pid);
	return fail(why, ERR_BUSY, "%s: another process is writing it; one writer at a time", path);
}

/* For people alone: the lock is the flock. */
static void sign(int fd, const char *file)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n)
		log_warn("%s: cannot note the pid", file);
}

enum err db_lock(const char *path, int *fd, struct why *why)
{
	char file[DB_PATH_MAX + 8];
	enum err e;

	snprintf(file, sizeof(file), "%s.lock", path);
	*fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, LOCK_MODE);
	if (*fd < 0 && errno == ENOENT)
		return fail(why, ERR_IO, "%s: its folder is not there: make it, owned by tilld's user", path);
	if (*fd < 0)
		return fail(why, errno == EACCES || errno == EPERM ? ERR_DENIED : ERR_IO, "%s: %s", file,
			    strerror(errno));
	if (flock(*fd, LOCK_EX | LOCK_NB) == 0) {
		(void)fchmod(*fd, LOCK_MODE); /* whatever the umask; only its owner can, and did */
		sign(*fd, file);
		return ERR_OK;
	}
	e = errno == EWOULDBLOCK ? busy(*fd, path, why) : fail(why, ERR_IO, "%s: %s", file, strerror(errno));
	close(*fd);
	*fd = -1;
	return e;
}

void db_unlock(int fd)
{
	if (fd >= 0)
		close(fd);
}
