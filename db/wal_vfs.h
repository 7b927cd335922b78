/*
 * A VFS above another one, for a writer that syncs each commit: it hands the frames of a WAL to the system in
 * one write where SQLite makes two of each page, one of 24 bytes and one of 4,096.
 *
 * Nothing is held back that somebody could miss: what was put together goes out before the WAL is synced,
 * read, measured or cut. SQLite tells other connections of a commit's frames after the sync that follows
 * them; so this is for `synchronous = FULL` alone.
 */
#ifndef TILL_WAL_VFS_H
#define TILL_WAL_VFS_H

#include "err.h"

struct wal_vfs;

/* Above the VFS of that name, NULL: SQLite's own. Free it when no file is open that was opened through it. */
enum err wal_vfs_new(const char *below, struct wal_vfs **out) MUST_CHECK;
void wal_vfs_free(struct wal_vfs *v); /* NULL is fine */

/* For sqlite3_open_v2. */
const char *wal_vfs_name(const struct wal_vfs *v);

#endif
