/*
 * The lock of a database's one writer: flock(2) on PATH.lock, which holds the writer's pid for people. The
 * system lets go of it when the process ends, however it ends; the file stays.
 */
#ifndef TILL_DB_LOCK_H
#define TILL_DB_LOCK_H

#include "err.h"

/* ERR_BUSY names the process that has it. */
enum err db_lock(const char *path, int *fd, struct why *why) MUST_CHECK;
void db_unlock(int fd); /* -1 is fine */

#endif
