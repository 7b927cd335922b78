#include "page_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feed.h"

#define FILE_MAX_BYTES (WIRE_MESSAGE_MAX + 1024)
#define KEPT	       2

static enum err take_manifest(struct page_folder *s, const struct wire_manifest *m, struct why *why)
{
	s->pages = m->hashes.length / DIGEST_SIZE;
	if (m->hashes.length % DIGEST_SIZE || s->pages == 0 || s->pages > PAGE_FOLDER_PAGES_MAX)
		return fail(why, ERR_INVALID, "the manifest has no whole number of pages from 1 to %d",
			    PAGE_FOLDER_PAGES_MAX);
	s->hashes = calloc(s->pages, sizeof(*s->hashes));
	if (!s->hashes)
		return fail(why, ERR_MEMORY, "out of memory");
	memcpy(s->hashes, m->hashes.at, m->hashes.length);
	snprintf(s->store, sizeof(s->store), "%s", m->store);
	snprintf(s->cursor, sizeof(s->cursor), "%s", m->cursor);
	s->version = m->version;
	s->records = m->records;
	return ERR_OK;
}

enum err page_folder_read(struct page_folder *s, const struct trust *trust, const void *manifest, size_t n,
			  struct why *why)
{
	struct wire_signed message;
	struct wire_manifest m;
	struct arena arena = ARENA_EMPTY;
	enum err e = wire_decode(&wire_signed_schema, manifest, n, &arena, &message, why);

	*s = (struct page_folder){0};
	if (!e)
		e = wire_signed_check(trust, &message, WIRE_MANIFEST, why);
	if (!e)
		e = wire_decode(&wire_manifest_schema, message.payload.at, message.payload.length, &arena, &m,
				why);
	if (!e)
		e = take_manifest(s, &m, why);
	arena_free(&arena);
	if (e)
		why_prefix(why, "manifest: ");
	return e;
}

void page_folder_free(struct page_folder *s)
{
	free(s->hashes);
	*s = (struct page_folder){0};
}

static void path_of(const struct page_folder *s, size_t page, char out[PAGE_FOLDER_PATH_MAX + 32])
{
	snprintf(out, PAGE_FOLDER_PATH_MAX + 32, "%s/page-%05zu", s->dir, page);
}

static enum err read_file(const char *path, struct buf *out, struct why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;
	uint8_t *room;

	buf_take(out, buf_length(out));
	if (fd < 0)
		return fail(why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path, strerror(errno));
	room = buf_room(out, FILE_MAX_BYTES);
	if (room)
		n = read(fd, room, FILE_MAX_BYTES);
	close(fd);
	if (n < 0)
		return fail(why, ERR_IO, "%s: %s", path, room ? strerror(errno) : "out of memory");
	buf_grow(out, (size_t)n);
	return ERR_OK;
}

static enum err write_file(const char *path, const void *bytes, size_t n, struct why *why)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0664);
	ssize_t written = fd < 0 ? -1 : write(fd, bytes, n);
	enum err e = ERR_OK;

	if (written != (ssize_t)n)
		e = fail(why, ERR_IO, "%s: %s", path, written < 0 ? strerror(errno) : "no room on the disk");
	if (fd >= 0)
		close(fd);
	return e;
}

enum err page_folder_open(struct page_folder *s, const struct trust *trust, const char *dir, struct why *why)
{
	char path[PAGE_FOLDER_PATH_MAX + 32];
	struct buf bytes;
	enum err e;

	*s = (struct page_folder){0};
	buf_init(&bytes, FILE_MAX_BYTES + 16);
	snprintf(path, sizeof(path), "%s/manifest", dir);
	e = read_file(path, &bytes, why);
	if (!e)
		e = page_folder_read(s, trust, buf_front(&bytes), buf_length(&bytes), why);
	buf_free(&bytes);
	if (e)
		return e;
	snprintf(s->dir, sizeof(s->dir), "%s", dir);
	return ERR_OK;
}

enum err page_folder_make(struct page_folder *s, const char *parent, const void *manifest, size_t n,
			  struct why *why)
{
	char path[PAGE_FOLDER_PATH_MAX + 32];

	if (mkdir(parent, 02775) != 0 && errno != EEXIST)
		return fail(why, ERR_IO, "%s: %s", parent, strerror(errno));
	snprintf(s->dir, sizeof(s->dir), "%s/%" PRId64, parent, s->version);
	if (mkdir(s->dir, 02775) != 0 && errno != EEXIST)
		return fail(why, ERR_IO, "%s: %s", s->dir, strerror(errno));
	snprintf(path, sizeof(path), "%s/manifest", s->dir);
	return write_file(path, manifest, n, why);
}

bool page_folder_fits(const struct page_folder *s, size_t page, const void *bytes, size_t n)
{
	struct digest d;

	digest_of(bytes, n, &d);
	return page < s->pages && memcmp(d.bytes, s->hashes[page].bytes, sizeof(d.bytes)) == 0;
}

bool page_folder_has(const struct page_folder *s, size_t page)
{
	char path[PAGE_FOLDER_PATH_MAX + 32];
	struct buf bytes;
	struct why why;
	bool has;

	buf_init(&bytes, FILE_MAX_BYTES + 16);
	path_of(s, page, path);
	has = read_file(path, &bytes, &why) == ERR_OK &&
	      page_folder_fits(s, page, buf_front(&bytes), buf_length(&bytes));
	buf_free(&bytes);
	return has;
}

enum err page_folder_keep(const struct page_folder *s, size_t page, const void *bytes, size_t n,
			  struct why *why)
{
	char path[PAGE_FOLDER_PATH_MAX + 32];

	path_of(s, page, path);
	return write_file(path, bytes, n, why);
}

static enum err take_change(const struct wire_change *from, struct catalog_edit *edit, struct arena *a,
			    uint64_t *unknown, struct why *why)
{
	struct change c;
	bool strange;
	enum err e = feed_change(from, a, &c, &strange, why);

	if (e == ERR_NEWER) {
		++*unknown;
		return ERR_OK;
	}
	*unknown += strange;
	return e ? e : catalog_edit_take(edit, &c, why);
}

static enum err take_page(const struct page_folder *s, size_t page, struct catalog_edit *edit,
			  struct buf *bytes, struct arena *a, uint64_t *unknown, struct why *why)
{
	char path[PAGE_FOLDER_PATH_MAX + 32];
	const struct wire_change *all;
	struct wire_page p;
	enum err e;

	path_of(s, page, path);
	e = read_file(path, bytes, why);
	if (e)
		return e;
	if (!page_folder_fits(s, page, buf_front(bytes), buf_length(bytes)))
		return fail(why, ERR_CORRUPT, "%s: not the page that the manifest speaks of", path);
	arena_reset(a);
	e = wire_decode(&wire_page_schema, buf_front(bytes), buf_length(bytes), a, &p, why);
	if (!e && p.number != (int64_t)page)
		e = fail(why, ERR_INVALID, "it says that it is page %" PRId64, p.number);
	all = e ? NULL : p.changes.at;
	for (size_t i = 0; !e && i < p.changes.count; i++)
		e = take_change(&all[i], edit, a, unknown, why);
	if (e)
		why_prefix(why, "%s: ", path);
	return e;
}

enum err page_folder_apply(const struct page_folder *s, struct catalog_store *catalog,
			   const _Atomic bool *cancel, uint64_t *unknown, struct why *why)
{
	struct catalog_edit *edit;
	struct arena a = ARENA_EMPTY;
	struct buf bytes;
	uint64_t version;
	enum err e = catalog_edit_begin(catalog, true, (uint64_t)s->version, &edit, why);

	if (e)
		return e;
	*unknown = 0;
	buf_init(&bytes, FILE_MAX_BYTES + 16);
	for (size_t i = 0; i < s->pages && !e; i++)
		e = *cancel ? fail(why, ERR_CLOSED, "told to end")
			    : take_page(s, i, edit, &bytes, &a, unknown, why);
	buf_free(&bytes);
	arena_free(&a);
	if (!e)
		return catalog_edit_commit(edit, &version, NULL, why);
	catalog_edit_cancel(edit);
	return e;
}

static void remove_set(const char *parent, int64_t version)
{
	char dir[PAGE_FOLDER_PATH_MAX + 32], path[PAGE_FOLDER_PATH_MAX + 320];
	struct dirent *entry;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s/%" PRId64, parent, version);
	d = opendir(dir);
	while (d && (entry = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (entry->d_name[0] != '.')
			(void)unlink(path);
	}
	if (d)
		closedir(d);
	(void)rmdir(dir);
}

void page_folder_prune(const char *parent)
{
	int64_t newest[KEPT] = {0}, version;
	struct dirent *entry;
	DIR *d = opendir(parent);

	while (d && (entry = readdir(d)) != NULL) {
		version = strtoll(entry->d_name, NULL, 10);
		if (version > newest[0]) {
			newest[1] = newest[0];
			newest[0] = version;
		} else if (version > newest[1]) {
			newest[1] = version;
		}
	}
	if (d)
		rewinddir(d);
	while (d && (entry = readdir(d)) != NULL) {
		version = strtoll(entry->d_name, NULL, 10);
		if (version > 0 && version < newest[1])
			remove_set(parent, version);
	}
	if (d)
		closedir(d);
}
