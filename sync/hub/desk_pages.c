/*
 * A store's catalog as pages in files. See desk.h. They can be made again at any time, so they are not
 * synced.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desk.h"
#include "signed.h"

#define RECORD_OVERHEAD 32 /* of a change around its record */
#define ROWS_MAX	4096

struct paging {
	struct page_set *set;
	struct arena arena; /* of the page at hand */
	struct wire_change changes[ROWS_MAX];
	size_t count, bytes;
	struct buf buf;
};

static enum err write_page(const struct paging *p, const char *dir, struct why *why)
{
	char path[DESK_PATH_MAX + 32];
	ssize_t n = (ssize_t)buf_length(&p->buf);
	bool good;
	int fd;

	snprintf(path, sizeof(path), "%s/page-%05zu", dir, p->set->count);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return fail(why, ERR_IO, "%s: %s", path, strerror(errno));
	good = write(fd, buf_front(&p->buf), (size_t)n) == n;
	good = close(fd) == 0 && good;
	return good ? ERR_OK : fail(why, ERR_IO, "%s: %s", path, strerror(errno));
}

static enum err end_page(struct paging *p, struct why *why)
{
	struct wire_page page;
	struct digest hash;
	enum err e;

	if (p->count == 0)
		return ERR_OK;
	wire_init(&wire_page_schema, &page);
	page.number = (int64_t)p->set->count;
	page.changes = (struct list){p->changes, p->count};
	buf_cut(&p->buf, 0);
	e = wire_encode(&wire_page_schema, &page, &p->buf, why);
	if (!e)
		e = write_page(p, p->set->dir, why);
	if (e)
		return e;
	digest_of(buf_front(&p->buf), buf_length(&p->buf), &hash);
	if (!buf_add(&p->set->hashes, hash.bytes, DIGEST_SIZE))
		return fail(why, ERR_LIMIT, "the catalog has too many pages for a manifest");
	p->set->bytes += (int64_t)buf_length(&p->buf);
	p->set->records += (int64_t)p->count;
	p->set->count++;
	p->count = p->bytes = 0;
	arena_reset(&p->arena);
	return ERR_OK;
}

static enum err take(const struct state_row *r, void *arg, struct why *why)
{
	struct paging *p = arg;
	struct wire_change *c;
	enum err e = ERR_OK;

	if (p->count == ROWS_MAX || p->bytes + r->cbor.length + RECORD_OVERHEAD > WIRE_PAGE_MAX)
		e = end_page(p, why);
	if (e)
		return e;
	c = &p->changes[p->count++];
	*c = (struct wire_change){.type = r->type, .version = AMOUNT_NONE};
	c->record.length = r->cbor.length;
	c->record.at = (const uint8_t *)arena_text(&p->arena, (const char *)r->cbor.at, r->cbor.length);
	p->bytes += r->cbor.length + RECORD_OVERHEAD;
	return c->record.at ? ERR_OK : fail(why, ERR_MEMORY, "out of memory");
}

/* The folder is there and has no pages in it. */
static enum err empty_folder(const char *dir, struct why *why)
{
	struct dirent *file;
	DIR *open_dir;

	if (mkdir(dir, 0755) != 0 && errno != EEXIST)
		return fail(why, ERR_IO, "%s: %s", dir, strerror(errno));
	open_dir = opendir(dir);
	if (!open_dir)
		return fail(why, ERR_IO, "%s: %s", dir, strerror(errno));
	while ((file = readdir(open_dir)) != NULL)
		if (strncmp(file->d_name, "page-", 5) == 0 || strcmp(file->d_name, "manifest") == 0)
			(void)unlinkat(dirfd(open_dir), file->d_name, 0);
	closedir(open_dir);
	return ERR_OK;
}

static enum err describe(struct desk *d, const char *store, struct page_set *set, struct why *why)
{
	struct state_catalog c;
	struct state_counters n;
	enum err e = state_catalog(d->state, store, &c, why);

	if (!e)
		e = state_counters(d->state, &n, why);
	if (!e && c.version == 0)
		e = fail(why, ERR_NOT_FOUND, "store %s has no catalog yet: nothing was published for it",
			 store);
	if (e)
		return e;
	memcpy(set->scope, c.scope, sizeof(set->scope));
	set->version = c.version;
	set->made_ms = clock_utc_ms(d->clock);
	/* Grants are in no snapshot: the feed tells all of them behind it. */
	snprintf(set->cursor, sizeof(set->cursor), "%lld.0", (long long)n.newest);
	return ERR_OK;
}

enum err desk_make_pages(struct desk *d, const char *store, const char *dir, struct page_set *out,
			 struct why *why)
{
	struct paging *p = calloc(1, sizeof(*p));
	enum err e;

	*out = (struct page_set){0};
	buf_init(&out->hashes, WIRE_EVENTS_MAX);
	if (!p)
		return fail(why, ERR_MEMORY, "out of memory");
	p->set = out;
	buf_init(&p->buf, WIRE_MESSAGE_MAX);
	snprintf(out->dir, sizeof(out->dir), "%s", dir);
	e = describe(d, store, out, why);
	if (!e)
		e = empty_folder(dir, why);
	if (!e)
		e = state_records(d->state, store, take, p, why);
	if (!e)
		e = end_page(p, why);
	arena_free(&p->arena);
	buf_free(&p->buf);
	free(p);
	if (e)
		page_set_free(out);
	return e;
}

void page_set_free(struct page_set *p)
{
	buf_free(&p->hashes);
	*p = (struct page_set){0};
}

enum err page_set_manifest(const struct page_set *p, const char *store, struct signer *signer,
			   struct buf *out, struct why *why)
{
	struct wire_manifest m;
	struct buf payload;
	enum err e;

	wire_init(&wire_manifest_schema, &m);
	m.store = store;
	m.version = p->version;
	m.cursor = p->cursor;
	m.records = p->records;
	m.bytes = p->bytes;
	m.hashes = (struct bytes){buf_front(&p->hashes), buf_length(&p->hashes)};
	m.made_ms = p->made_ms;
	buf_init(&payload, WIRE_MESSAGE_MAX);
	e = wire_encode(&wire_manifest_schema, &m, &payload, why);
	if (!e)
		e = signer_sign(signer, WIRE_MANIFEST,
				(struct bytes){buf_front(&payload), buf_length(&payload)}, out, why);
	buf_free(&payload);
	return e;
}
