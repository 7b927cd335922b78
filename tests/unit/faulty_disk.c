/*
 * A disk that fails. See faulty_disk.h.
 */
#include "faulty_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

struct faulty_write {
	struct faulty_write *next;
	int64_t at; /* of a truncation: the new size */
	size_t n;   /* 0: a truncation */
	uint8_t bytes[];
};

static void forget(struct faulty_file *f)
{
	while (f->first) {
		struct faulty_write *w = f->first;

		f->first = w->next;
		free(w);
	}
	f->end = &f->first;
}

static void resize(struct faulty_file *f, size_t n)
{
	uint8_t *p = realloc(f->durable, n + 1);

	assert_non_null(p);
	if (n > f->durable_size)
		memset(p + f->durable_size, 0, n - f->durable_size);
	f->durable = p;
	f->durable_size = n;
}

/* All of a write, or with a seed the sectors that chance picks. */
static void apply(struct faulty_file *f, const struct faulty_write *w, size_t sector, uint64_t *seed)
{
	if (w->n == 0 && !(seed && seed_next(seed) % 2))
		resize(f, (size_t)w->at);
	for (size_t done = 0, n; done < w->n; done += n) {
		size_t at = (size_t)w->at + done;

		n = sector - at % sector;
		if (n > w->n - done)
			n = w->n - done;
		if (seed && seed_next(seed) % 2)
			continue;
		if (at + n > f->durable_size)
			resize(f, at + n);
		memcpy(f->durable + at, w->bytes + done, n);
	}
}

static void load(struct faulty_file *f, bool contents)
{
	FILE *file = fopen(f->path, "rb");

	f->size = 0;
	if (!file)
		return;
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	f->size = ftell(file);
	if (contents) {
		resize(f, (size_t)f->size);
		rewind(file);
		assert_int_equal(fread(f->durable, 1, f->durable_size, file), f->durable_size);
	}
	fclose(file);
}

/* Called after it was opened. A file that is known keeps what is known of it. */
static struct faulty_file *file_of(struct faulty_disk *d, const char *path)
{
	for (size_t i = 0; i < FAULTY_FILES_MAX; i++) {
		struct faulty_file *f = &d->files[i];

		if (strcmp(f->path, path) == 0)
			return f;
		if (f->path[0])
			continue;
		snprintf(f->path, sizeof(f->path), "%s", path);
		f->end = &f->first;
		load(f, d->remembers);
		return f;
	}
	fail_msg("more than %d files", FAULTY_FILES_MAX);
	return NULL;
}

/* One more write or sync: false when there is no power for it. */
static bool powered(struct faulty_disk *d)
{
	if (d->power > 0)
		d->power--;
	else if (d->power == 0)
		d->dead = true;
	return !d->dead;
}

/* 0 or errno. The write that the power is cut in may be torn as those before it. */
static int note_write(struct faulty_disk *d, struct faulty_file *f, int64_t at, const void *bytes, size_t n)
{
	int64_t end = n ? at + (int64_t)n : at, growth = end - f->size;
	bool was_dead = d->dead;
	struct faulty_write *w;

	if (d->room >= 0 && growth > d->room)
		return ENOSPC;
	if (d->remembers && !was_dead) {
		w = malloc(sizeof(*w) + n);
		assert_non_null(w);
		*w = (struct faulty_write){.at = at, .n = n};
		if (n)
			memcpy(w->bytes, bytes, n);
		*f->end = w;
		f->end = &w->next;
	}
	if (!powered(d))
		return EIO;
	if (d->room >= 0 && (growth > 0 || n == 0))
		d->room -= growth;
	if (growth > 0 || n == 0)
		f->size = end;
	return 0;
}

/* What a failed sync was about is never written, though it can be read for as long as the power is on. */
static int note_sync(struct faulty_disk *d, struct faulty_file *f)
{
	d->syncs++;
	if (!powered(d))
		return EIO;
	if (d->fail_syncs > 0 && d->spare_syncs-- <= 0) {
		d->fail_syncs--;
		d->spare_syncs = 0;
		forget(f);
		return EIO;
	}
	for (const struct faulty_write *w = f->first; w; w = w->next)
		apply(f, w, d->sector, NULL);
	forget(f);
	return 0;
}

static int locked_write(struct faulty_disk *d, struct faulty_file *f, int64_t at, const void *bytes, size_t n)
{
	int code;

	pthread_mutex_lock(&d->lock);
	code = note_write(d, f, at, bytes, n);
	pthread_mutex_unlock(&d->lock);
	return code;
}

static int locked_sync(struct faulty_disk *d, struct faulty_file *f)
{
	int code;

	if (d->before_sync)
		d->before_sync(d->arg);
	pthread_mutex_lock(&d->lock);
	code = note_sync(d, f);
	pthread_mutex_unlock(&d->lock);
	return code;
}

/* As struct disk. The casts take the const off that the seam has for the sake of disk_system. */

static struct faulty_disk *mine(const struct disk *d)
{
	return (struct faulty_disk *)(uintptr_t)d; /* NOLINT(performance-no-int-to-ptr) */
}

static int refuse(int code)
{
	errno = code;
	return -1;
}

static int faulty_open(const struct disk *d, const char *path, int flags, mode_t mode)
{
	int fd = disk_system.open(&disk_system, path, flags, mode);

	if (fd < 0)
		return fd;
	assert_true((size_t)fd < COUNT(mine(d)->by_fd));
	mine(d)->by_fd[fd] = file_of(mine(d), path);
	return fd;
}

static void faulty_close(const struct disk *d, int fd)
{
	(void)d;
	close(fd);
}

static ssize_t faulty_read(const struct disk *d, int fd, void *bytes, size_t n, off_t at)
{
	(void)d;
	return pread(fd, bytes, n, at);
}

static ssize_t faulty_write(const struct disk *d, int fd, const void *bytes, size_t n, off_t at)
{
	int code = locked_write(mine(d), mine(d)->by_fd[fd], at, bytes, n);

	return code ? refuse(code) : pwrite(fd, bytes, n, at);
}

static int faulty_sync(const struct disk *d, int fd)
{
	int code = locked_sync(mine(d), mine(d)->by_fd[fd]);

	return code ? refuse(code) : 0;
}

static int faulty_truncate(const struct disk *d, int fd, off_t n)
{
	int code = locked_write(mine(d), mine(d)->by_fd[fd], n, NULL, 0);

	return code ? refuse(code) : ftruncate(fd, n);
}

static int faulty_allocate(const struct disk *d, int fd, off_t n)
{
	return mine(d)->by_fd[fd]->size >= n ? 0 : faulty_truncate(d, fd, n);
}

static int faulty_space(const struct disk *d, const char *path, struct disk_space *out)
{
	if (!mine(d)->says.size)
		return disk_system.space(&disk_system, path, out);
	*out = mine(d)->says;
	return 0;
}

/* As a VFS: a file of the system's VFS behind a header of our own. */

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
	int code = v->file ? locked_write(v->disk, v->file, at, bytes, (size_t)n) : 0;

	return code ? answer(code, SQLITE_IOERR_WRITE) : real(f)->pMethods->xWrite(real(f), bytes, n, at);
}

static int io_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	struct vfs_file *v = (struct vfs_file *)f;
	int code = v->file ? locked_write(v->disk, v->file, n, NULL, 0) : 0;

	return code ? answer(code, SQLITE_IOERR_TRUNCATE) : real(f)->pMethods->xTruncate(real(f), n);
}

static int io_sync(sqlite3_file *f, int flags)
{
	struct vfs_file *v = (struct vfs_file *)f;
	int code = v->file ? locked_sync(v->disk, v->file) : 0;

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
		file->file = file_of(file->disk, name);
	f->pMethods = &methods;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *v, const char *name, int sync_folder)
{
	struct faulty_disk *d = v->pAppData;
	struct faulty_file *f = file_of(d, name);

	if (d->dead)
		return SQLITE_IOERR_DELETE;
	forget(f);
	resize(f, 0);
	f->size = 0;
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

void faulty_disk_new(struct faulty_disk *d)
{
	sqlite3_vfs *system = sqlite3_vfs_find(NULL);

	*d = (struct faulty_disk){.system = system, .room = -1, .power = -1, .sector = 512};
	d->disk = (struct disk){.vfs = "faulty",
				.open = faulty_open,
				.close = faulty_close,
				.read = faulty_read,
				.write = faulty_write,
				.sync = faulty_sync,
				.allocate = faulty_allocate,
				.truncate = faulty_truncate,
				.space = faulty_space};
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
	pthread_mutex_init(&d->lock, NULL);
	assert_int_equal(sqlite3_vfs_register(&d->vfs, 0), SQLITE_OK);
}

void faulty_disk_free(struct faulty_disk *d)
{
	sqlite3_vfs_unregister(&d->vfs);
	for (size_t i = 0; i < FAULTY_FILES_MAX; i++) {
		forget(&d->files[i]);
		free(d->files[i].durable);
	}
	pthread_mutex_destroy(&d->lock);
}

static void write_back(const struct faulty_file *f)
{
	FILE *file = fopen(f->path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(f->durable, 1, f->durable_size, file), f->durable_size);
	assert_int_equal(fclose(file), 0);
}

void faulty_disk_restart(struct faulty_disk *d, uint64_t *seed)
{
	char shm[300];

	for (size_t i = 0; i < FAULTY_FILES_MAX && d->files[i].path[0]; i++) {
		struct faulty_file *f = &d->files[i];

		for (const struct faulty_write *w = f->first; w; w = w->next)
			apply(f, w, d->sector, seed);
		forget(f);
		f->size = (int64_t)f->durable_size;
		snprintf(shm, sizeof(shm), "%s-shm", f->path);
		(void)unlink(shm); /* memory of programs: gone with them */
		if (access(f->path, F_OK) == 0)
			write_back(f);
	}
	d->dead = false;
	d->power = -1;
}
