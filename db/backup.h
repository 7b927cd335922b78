/*
 * Copies of databases, made by SQLite itself: what is in the WAL is part of them. A copy is one file without
 * a WAL, complete as of one moment; and it is put back by copying into the database, never by renaming over
 * it: who has it open would go on with a WAL that belongs to the other.
 */
#ifndef TILL_BACKUP_H
#define TILL_BACKUP_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

typedef void backup_progress_fn(int64_t done, int64_t all, void *arg); /* pages */

/*
 * Copies the database, which may be written meanwhile, to a file that must not be there yet. One moment is
 * copied, however long it takes: the writer's WAL grows by what it writes until then.
 */
enum err backup_copy(const char *from, const char *to, backup_progress_fn *progress, void *arg,
		     struct why *why) MUST_CHECK;

/*
 * Copies a copy into a database, in one transaction; it is made if it is not there. The caller holds the
 * lock of its writer (db_lock). ERR_CORRUPT: `to` is no database that could be written into.
 */
enum err backup_put(const char *from, const char *to, backup_progress_fn *progress, void *arg,
		    struct why *why) MUST_CHECK;

/*
 * Moves a database that nobody may open any more out of the way, with its WAL: to PATH.aside-N, a name that
 * is not taken, which is left in *to.
 */
enum err backup_put_aside(const char *path, char *to, size_t size, struct why *why) MUST_CHECK;

#endif
