/*
 * One write a commit. See wal_vfs.h.
 *
 * Only files that are opened as a WAL are ours; all others are opened by the VFS below, which then is all
 * that SQLite sees of them. A write that fails is told where it is found out: at the sync of the same commit,
 * with the very error, so that a full disk stays a full disk.
 */
#include "wal_vfs.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * 120 KiB; a longer commit takes a write for each so many. SQLite's own VFS takes less than 128 KiB in one
 * (seekAndWriteFd in os_unix.c).
 */
#define TOGETHER_MAX 122880

struct wal_vfs {
	sqlite3_vfs vfs; /* first: SQLite gives it back */
	sqlite3_vfs *below;
	char name[32];
};

struct wal_file {
	sqlite3_file file;  /* first */
	sqlite3_file *real; /* in the same memory, behind this */
	uint8_t *bytes;	    /* not written yet: length of them, for that place */
	sqlite3_int64 at;
	int length;
};

static struct wal_file *ours(sqlite3_file *f)
{
	return (struct wal_file *)f;
}

static int write_out(struct wal_file *w)
{
	int n = w->length;

	w->length = 0;
	return n ? w->real->pMethods->xWrite(w->real, w->bytes, n, w->at) : SQLITE_OK;
}

static int wal_close(sqlite3_file *f)
{
	struct wal_file *w = ours(f);
	int written = write_out(w), closed = w->real->pMethods->xClose(w->real);

	free(w->bytes);
	w->bytes = NULL;
	return written ? written : closed;
}

static int wal_read(sqlite3_file *f, void *out, int n, sqlite3_int64 at)
{
	struct wal_file *w = ours(f);
	int rc = write_out(w);

	return rc ? rc : w->real->pMethods->xRead(w->real, out, n, at);
}

static int wal_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 at)
{
	struct wal_file *w = ours(f);
	int rc = SQLITE_OK;

	if (at != w->at + w->length || n > TOGETHER_MAX - w->length)
		rc = write_out(w);
	if (rc)
		return rc;
	if (n > TOGETHER_MAX)
		return w->real->pMethods->xWrite(w->real, bytes, n, at);
	if (w->length == 0)
		w->at = at;
	memcpy(w->bytes + w->length, bytes, (size_t)n);
	w->length += n;
	return SQLITE_OK;
}

static int wal_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	struct wal_file *w = ours(f);
	int rc = write_out(w);

	return rc ? rc : w->real->pMethods->xTruncate(w->real, n);
}

static int wal_sync(sqlite3_file *f, int flags)
{
	struct wal_file *w = ours(f);
	int rc = write_out(w);

	return rc ? rc : w->real->pMethods->xSync(w->real, flags);
}

static int wal_size(sqlite3_file *f, sqlite3_int64 *out)
{
	struct wal_file *w = ours(f);
	int rc = write_out(w);

	return rc ? rc : w->real->pMethods->xFileSize(w->real, out);
}

static int wal_lock(sqlite3_file *f, int level)
{
	return ours(f)->real->pMethods->xLock(ours(f)->real, level);
}

static int wal_unlock(sqlite3_file *f, int level)
{
	return ours(f)->real->pMethods->xUnlock(ours(f)->real, level);
}

static int wal_reserved(sqlite3_file *f, int *out)
{
	return ours(f)->real->pMethods->xCheckReservedLock(ours(f)->real, out);
}

static int wal_control(sqlite3_file *f, int op, void *arg)
{
	return ours(f)->real->pMethods->xFileControl(ours(f)->real, op, arg);
}

static int wal_sector(sqlite3_file *f)
{
	return ours(f)->real->pMethods->xSectorSize(ours(f)->real);
}

static int wal_device(sqlite3_file *f)
{
	return ours(f)->real->pMethods->xDeviceCharacteristics(ours(f)->real);
}

static const sqlite3_io_methods methods = {
	.iVersion = 1, /* a WAL is neither mapped nor does it have shared memory */
	.xClose = wal_close,
	.xRead = wal_read,
	.xWrite = wal_write,
	.xTruncate = wal_truncate,
	.xSync = wal_sync,
	.xFileSize = wal_size,
	.xLock = wal_lock,
	.xUnlock = wal_unlock,
	.xCheckReservedLock = wal_reserved,
	.xFileControl = wal_control,
	.xSectorSize = wal_sector,
	.xDeviceCharacteristics = wal_device,
};

static int open_wal(sqlite3_vfs *below, sqlite3_filename name, struct wal_file *w, int flags, int *out)
{
	int rc;

	*w = (struct wal_file){.real = (sqlite3_file *)(w + 1), .bytes = malloc(TOGETHER_MAX)};
	if (!w->bytes)
		return SQLITE_NOMEM;
	rc = below->xOpen(below, name, w->real, flags, out);
	if (rc == SQLITE_OK) {
		w->file.pMethods = &methods;
		return SQLITE_OK;
	}
	if (w->real->pMethods)
		(void)w->real->pMethods->xClose(w->real);
	free(w->bytes);
	return rc;
}

static int vfs_open(sqlite3_vfs *v, sqlite3_filename name, sqlite3_file *f, int flags, int *out)
{
	sqlite3_vfs *below = ((struct wal_vfs *)v)->below;

	if (flags & SQLITE_OPEN_WAL)
		return open_wal(below, name, ours(f), flags, out);
	return below->xOpen(below, name, f, flags, out);
}

enum err wal_vfs_new(const char *below, struct wal_vfs **out)
{
	struct wal_vfs *v = calloc(1, sizeof(*v));

	if (!v)
		return ERR_MEMORY;
	v->below = sqlite3_vfs_find(below);
	if (!v->below) {
		free(v);
		return ERR_NOT_FOUND;
	}
	v->vfs = *v->below; /* what is no file of ours it does itself, with its own pAppData */
	v->vfs.pNext = NULL;
	v->vfs.szOsFile = (int)sizeof(struct wal_file) + v->below->szOsFile;
	v->vfs.xOpen = vfs_open;
	snprintf(v->name, sizeof(v->name), "wal-%p", (void *)v); /* one for each */
	v->vfs.zName = v->name;
	if (sqlite3_vfs_register(&v->vfs, 0) != SQLITE_OK) {
		free(v);
		return ERR_MEMORY;
	}
	*out = v;
	return ERR_OK;
}

void wal_vfs_free(struct wal_vfs *v)
{
	if (!v)
		return;
	sqlite3_vfs_unregister(&v->vfs);
	free(v);
}

const char *wal_vfs_name(const struct wal_vfs *v)
{
	return v->name;
}
