/*
 * The seam for disks: what is kept beside the databases is written through a struct disk, and the databases
 * through the SQLite VFS that it names, so that a test can fill the disk, let a sync fail or cut the power.
 *
 * The functions are the system calls of their names: -1 and errno when they fail.
 */
#ifndef TILL_DISK_H
#define TILL_DISK_H

#include <stdint.h>
#include <sys/types.h>

struct disk_space {
	uint64_t size, free; /* bytes; free: to users other than root */
};

struct disk {
	const char *vfs; /* of the same disk, for sqlite3_open_v2; NULL: SQLite's own */
	int (*open)(const struct disk *d, const char *path, int flags, mode_t mode);
	void (*close)(const struct disk *d, int fd);
	ssize_t (*read)(const struct disk *d, int fd, void *bytes, size_t n, off_t at);
	ssize_t (*write)(const struct disk *d, int fd, const void *bytes, size_t n, off_t at);
	int (*sync)(const struct disk *d, int fd); /* data, and what is needed to find it again */
	int (*allocate)(const struct disk *d, int fd, off_t n); /* makes sure of the first n bytes */
	int (*truncate)(const struct disk *d, int fd, off_t n);
	int (*space)(const struct disk *d, const char *path, struct disk_space *out);
};

/* The system's own. */
extern const struct disk disk_system;

#endif
