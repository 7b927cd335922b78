/*
 * A disk that fails, as SQLite sees it: a file is one of the system's VFS behind a header of our own.
 */
#include "faulty_disk_parts.h"

#include <errno.h>

#include "unit.h"

struct vfs_file {
	sqlite3_file base;
	struct faulty_disk *disk;
	struct faulty_file *file; /* NULL: one without a name */
};

static sqlite3_file *real(sqlite3_file *f)
{
	return (sqlite3_file *)((struct vfs_file *)f + 1);
}

static sqlite3_vfs *real_vfs(sqlite3_vfs *v)
{
	return ((struct faulty_disk *)v->pAppData)->system;
}

static int io_close(sqlite3_file *f)
{
	return real(f)->pMethods->xClose(real(f));
}

static int io_read(sqlite3_file *f, void *bytes, int n, sqlite3_int64 at)
{
	return real(f)->pMethods->xRead(real(f), bytes, n, at);
}

static int answer(int code, int otherwise)
{
	errno = code;
	return code == ENOSPC ? SQLITE_FULL : otherwise;
}

static int io_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 at)
{
	struct vfs_file *v = (struct vfs_file *)f;
	int code = v->file ? faulty_note_write(v->disk, v->file, at, bytes, (size_t)n) : 0;

	return code ? answer(code, SQLITE_IOERR_WRITE) : real(f)->pMethods->xWrite(real(f), bytes, n, at);
}

static int io_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	struct vfs_file *v = (struct vfs_file *)f;
	int code = v->file ? faulty_note_write(v->disk, v->file, n, NULL, 0) : 0;

	return code ? answer(code, SQLITE_IOERR_TRUNCATE) : real(f)->pMethods->xTruncate(real(f), n);
}

static int io_sync(sqlite3_file *f, int flags)
{
	struct vfs_file *v = (struct vfs_file *)f;
	int code = v->file ? faulty_note_sync(v->disk, v->file) : 0;

	(void)flags;
	return code ? answer(code, SQLITE_IOERR_FSYNC) : SQLITE_OK;
}

static int io_size(sqlite3_file *f, sqlite3_int64 *n)
{
	return real(f)->pMethods->xFileSize(real(f), n);
}

static int io_lock(sqlite3_file *f, int how)
{
	return real(f)->pMethods->xLock(real(f), how);
}

static int io_unlock(sqlite3_file *f, int how)
{
	return real(f)->pMethods->xUnlock(real(f), how);
}

static int io_reserved(sqlite3_file *f, int *out)
{
	return real(f)->pMethods->xCheckReservedLock(real(f), out);
}

/* The size hint would make a file longer behind our back. */
static int io_control(sqlite3_file *f, int op, void *arg)
{
	return op == SQLITE_FCNTL_SIZE_HINT ? SQLITE_OK : real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int io_sector(sqlite3_file *f)
{
	return real(f)->pMethods->xSectorSize(real(f));
}

static int io_device(sqlite3_file *f)
{
	return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int io_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
	return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}

static int io_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
	return real(f)->pMethods->xShmLock(real(f), at, n, flags);
}

static void io_shm_barrier(sqlite3_file *f)
{
	real(f)->pMethods->xShmBarrier(real(f));
}

static int io_shm_unmap(sqlite3_file *f, int delete_it)
{
	return real(f)->pMethods->xShmUnmap(real(f), delete_it);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = io_close,
	.xRead = io_read,
	.xWrite = io_write,
	.xTruncate = io_truncate,
	.xSync = io_sync,
	.xFileSize = io_size,
	.xLock = io_lock,
	.xUnlock = io_unlock,
	.xCheckReservedLock = io_reserved,
	.xFileControl = io_control,
	.xSectorSize = io_sector,
	.xDeviceCharacteristics = io_device,
	.xShmMap = io_shm_map,
	.xShmLock = io_shm_lock,
	.xShmBarrier = io_shm_barrier,
	.xShmUnmap = io_shm_unmap,
};

static int vfs_open(sqlite3_vfs *v, sqlite3_filename name, sqlite3_file *f, int flags, int *out)
{
	struct vfs_file *file = (struct vfs_file *)f;
	int rc = real_vfs(v)->xOpen(real_vfs(v), name, real(f), flags, out);

	*file = (struct vfs_file){.disk = v->pAppData};
	if (rc != SQLITE_OK)
		return rc;
	if (name)
		file->file = faulty_file_of(file->disk, name);
	f->pMethods = &methods;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *v, const char *name, int sync_folder)
{
	struct faulty_disk *d = v->pAppData;
	struct faulty_file *f = faulty_file_of(d, name);

	if (d->dead)
		return SQLITE_IOERR_DELETE;
	faulty_note_delete(f);
	return real_vfs(v)->xDelete(real_vfs(v), name, sync_folder);
}

static int vfs_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
	return real_vfs(v)->xAccess(real_vfs(v), name, flags, out);
}

static int vfs_path(sqlite3_vfs *v, const char *name, int n, char *out)
{
	return real_vfs(v)->xFullPathname(real_vfs(v), name, n, out);
}

static int vfs_random(sqlite3_vfs *v, int n, char *out)
{
	return real_vfs(v)->xRandomness(real_vfs(v), n, out);
}

static int vfs_sleep(sqlite3_vfs *v, int us)
{
	return real_vfs(v)->xSleep(real_vfs(v), us);
}

static int vfs_time(sqlite3_vfs *v, double *out)
{
	return real_vfs(v)->xCurrentTime(real_vfs(v), out);
}

static int vfs_error(sqlite3_vfs *v, int n, char *out)
{
	return real_vfs(v)->xGetLastError(real_vfs(v), n, out);
}

void faulty_vfs_register(struct faulty_disk *d)
{
	sqlite3_vfs *system = sqlite3_vfs_find(NULL);

	d->system = system;
	d->vfs = (sqlite3_vfs){.iVersion = 1,
			       .szOsFile = (int)sizeof(struct vfs_file) + system->szOsFile,
			       .mxPathname = system->mxPathname,
			       .zName = "faulty",
			       .pAppData = d,
			       .xOpen = vfs_open,
			       .xDelete = vfs_delete,
			       .xAccess = vfs_access,
			       .xFullPathname = vfs_path,
			       .xRandomness = vfs_random,
			       .xSleep = vfs_sleep,
			       .xCurrentTime = vfs_time,
			       .xGetLastError = vfs_error};
	assert_int_equal(sqlite3_vfs_register(&d->vfs, 0), SQLITE_OK);
}
