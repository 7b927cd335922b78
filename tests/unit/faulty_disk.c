/*
 * A disk that fails. See faulty_disk.h.
 */
#include "faulty_disk_parts.h"

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

struct faulty_file *faulty_file_of(struct faulty_disk *d, const char *path)
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

int faulty_note_write(struct faulty_disk *d, struct faulty_file *f, int64_t at, const void *bytes, size_t n)
{
	int code;

	pthread_mutex_lock(&d->lock);
	code = note_write(d, f, at, bytes, n);
	pthread_mutex_unlock(&d->lock);
	return code;
}

int faulty_note_sync(struct faulty_disk *d, struct faulty_file *f)
{
	int code;

	if (d->before_sync)
		d->before_sync(d->arg);
	pthread_mutex_lock(&d->lock);
	code = note_sync(d, f);
	pthread_mutex_unlock(&d->lock);
	return code;
}

void faulty_note_delete(struct faulty_file *f)
{
	forget(f);
	resize(f, 0);
	f->size = 0;
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
	mine(d)->by_fd[fd] = faulty_file_of(mine(d), path);
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
	int code = faulty_note_write(mine(d), mine(d)->by_fd[fd], at, bytes, n);

	return code ? refuse(code) : pwrite(fd, bytes, n, at);
}

static int faulty_sync(const struct disk *d, int fd)
{
	int code = faulty_note_sync(mine(d), mine(d)->by_fd[fd]);

	return code ? refuse(code) : 0;
}

static int faulty_truncate(const struct disk *d, int fd, off_t n)
{
	int code = faulty_note_write(mine(d), mine(d)->by_fd[fd], n, NULL, 0);

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

void faulty_disk_new(struct faulty_disk *d)
{
	*d = (struct faulty_disk){.room = -1, .power = -1, .sector = 512};
	d->disk = (struct disk){.vfs = "faulty",
				.open = faulty_open,
				.close = faulty_close,
				.read = faulty_read,
				.write = faulty_write,
				.sync = faulty_sync,
				.allocate = faulty_allocate,
				.truncate = faulty_truncate,
				.space = faulty_space};
	pthread_mutex_init(&d->lock, NULL);
	faulty_vfs_register(d);
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
