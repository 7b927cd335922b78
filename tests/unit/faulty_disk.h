/*
 * A disk that fails as disks do, behind both seams: a struct disk, and the SQLite VFS that it names. What is
 * written goes to real files; what a power cut would leave of it is known besides.
 *
 * Its numbers may be set between calls on the thread that writes, or before that thread starts.
 */
#ifndef TILL_FAULTY_DISK_H
#define TILL_FAULTY_DISK_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "disk.h"

#define FAULTY_FILES_MAX 16

struct faulty_write;
struct faulty_file {
	char path[256];
	int64_t size;
	uint8_t *durable; /* as of the last sync */
	size_t durable_size;
	struct faulty_write *first, **end; /* since then, in order */
};

struct faulty_disk {
	struct disk disk; /* first */
	sqlite3_vfs vfs, *system;
	pthread_mutex_t lock;

	int64_t room;		/* bytes that files may still grow by; -1: no end */
	int spare_syncs;	/* so many syncs succeed, and then */
	int fail_syncs;		/* so many fail with EIO */
	int64_t power;		/* writes and syncs until the power is cut; -1: never */
	bool dead;		/* it was: nothing is written any more */
	bool remembers;		/* what a power cut would leave: set it before the first file is opened */
	size_t sector;		/* a power cut leaves all or nothing of each; 512 */
	int syncs;		/* counted */
	struct disk_space says; /* if its size is not 0: how full it is said to be */
	void (*before_sync)(void *arg); /* a slow disk */
	void *arg;

	struct faulty_file files[FAULTY_FILES_MAX];
	struct faulty_file *by_fd[1024];
};

void faulty_disk_new(struct faulty_disk *d); /* a sound one */
void faulty_disk_free(struct faulty_disk *d);

/*
 * After the power was cut and all files were closed: they become what was synced, and of each write since
 * then some of its sectors, by chance. The power is back.
 */
void faulty_disk_restart(struct faulty_disk *d, uint64_t *seed);

#endif
