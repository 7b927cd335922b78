/*
 * The file that says how far the ledger was written. See head_file.h.
 */
#include "head_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MODE 0664
#define SLOTS	  2
#define PAGE	  INT64_C(4096) /* a slot apart from the other: what tears one write does not reach the other */
#define FILE_SIZE (SLOTS * PAGE)

/* A slot: magic, five numbers, the hash, and the first 8 bytes of the SHA-256 of all before. Big endian. */
enum {
	GENERATION = 8,
	ID = 16,
	SEGMENT = 24,
	SEQUENCE = 32,
	FLAGS = 40,
	HASH = 48,
	CHECK = 80,
	SLOT_SIZE = 88
};
enum { FLAG_RESTORED = 1, FLAG_UNKNOWN = 2 };
static const uint8_t magic[8] = "TillHead"; /* without the NUL */

static void put(uint8_t *at, uint64_t value)
{
	for (int i = 7; i >= 0; i--, value >>= 8)
		at[i] = (uint8_t)value;
}

static uint64_t get(const uint8_t *at)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | at[i];
	return value;
}

static uint64_t checksum(const uint8_t slot[SLOT_SIZE])
{
	struct digest d;

	digest_of(slot, CHECK, &d);
	return get(d.bytes);
}

static void encode(const struct head_mark *m, uint64_t generation, uint8_t slot[SLOT_SIZE])
{
	memcpy(slot, magic, sizeof(magic));
	put(slot + GENERATION, generation);
	put(slot + ID, (uint64_t)m->id);
	put(slot + SEGMENT, (uint64_t)m->segment);
	put(slot + SEQUENCE, (uint64_t)m->sequence);
	put(slot + FLAGS, (m->restored ? FLAG_RESTORED : 0) | (m->unknown ? FLAG_UNKNOWN : 0));
	memcpy(slot + HASH, m->hash.bytes, DIGEST_SIZE);
	put(slot + CHECK, checksum(slot));
}

/* The slot's generation, from 1; 0: it does not hold. */
static uint64_t decode(const uint8_t slot[SLOT_SIZE], struct head_mark *out)
{
	uint64_t flags = get(slot + FLAGS);

	if (memcmp(slot, magic, sizeof(magic)) != 0 || get(slot + CHECK) != checksum(slot))
		return 0;
	*out = (struct head_mark){
		.id = (int64_t)get(slot + ID),
		.segment = (int64_t)get(slot + SEGMENT),
		.sequence = (int64_t)get(slot + SEQUENCE),
		.restored = flags & FLAG_RESTORED,
		.unknown = flags & FLAG_UNKNOWN,
	};
	memcpy(out->hash.bytes, slot + HASH, DIGEST_SIZE);
	return get(slot + GENERATION);
}

void head_file_path(const char *ledger, char out[DB_PATH_MAX])
{
	size_t n = strlen(ledger);

	if (n > 3 && strcmp(ledger + n - 3, ".db") == 0)
		n -= 3;
	if (n > DB_PATH_MAX - sizeof(".head"))
		n = DB_PATH_MAX - sizeof(".head");
	snprintf(out, DB_PATH_MAX, "%.*s.head", (int)n, ledger);
}

static enum err failed(const char *path, const char *doing, struct why *why)
{
	enum err e = errno == ENOENT ? ERR_NOT_FOUND : errno == EACCES ? ERR_DENIED : ERR_IO;

	if (errno == ENOSPC || errno == EDQUOT)
		e = ERR_LIMIT;
	return fail(why, e, "%s: %s: %s", path, doing, strerror(errno));
}

/* Reads both slots: the newest mark that holds, which slot it is in, and its generation (0: none holds). */
static enum err find(const struct disk *disk, int fd, const char *path, struct head_mark *out, unsigned *slot,
		     uint64_t *generation, struct why *why)
{
	static const uint8_t nothing[8];
	bool empty = true;

	*generation = 0;
	for (unsigned i = 0; i < SLOTS; i++) {
		uint8_t bytes[SLOT_SIZE] = {0};
		struct head_mark mark;
		uint64_t found;

		if (disk->read(disk, fd, bytes, sizeof(bytes), (off_t)i * PAGE) < 0)
			return failed(path, "reading", why);
		empty = empty && memcmp(bytes, nothing, sizeof(nothing)) == 0;
		found = decode(bytes, &mark);
		if (found <= *generation)
			continue;
		*out = mark;
		*slot = i;
		*generation = found;
	}
	if (*generation > 0)
		return ERR_OK;
	if (empty)
		return fail(why, ERR_NOT_FOUND, "%s: nothing in it yet", path);
	return fail(why, ERR_CORRUPT, "%s: damaged: how far the ledger was written is not known from it",
		    path);
}

enum err head_file_read(const struct disk *disk, const char *ledger, struct head_mark *out, struct why *why)
{
	char path[DB_PATH_MAX];
	uint64_t generation;
	unsigned slot;
	enum err e;
	int fd;

	head_file_path(ledger, path);
	fd = disk->open(disk, path, O_RDONLY, 0);
	if (fd < 0)
		return failed(path, "opening", why);
	e = find(disk, fd, path, out, &slot, &generation, why);
	disk->close(disk, fd);
	return e;
}

enum err head_file_open(const struct disk *disk, const char *ledger, struct head_file *out, struct why *why)
{
	struct head_mark mark;
	enum err e;

	*out = (struct head_file){.disk = disk};
	head_file_path(ledger, out->path);
	out->fd = disk->open(disk, out->path, O_RDWR | O_CREAT, FILE_MODE);
	if (out->fd < 0)
		return failed(out->path, "opening", why);
	(void)fchmod(out->fd, FILE_MODE); /* whatever the umask; only its owner can, and did */
	e = find(disk, out->fd, out->path, &mark, &out->slot, &out->generation, why);
	if (e == ERR_NOT_FOUND || e == ERR_CORRUPT)
		e = disk->allocate(disk, out->fd, FILE_SIZE) ? failed(out->path, "making room", why) : ERR_OK;
	if (e)
		head_file_close(out);
	return e;
}

void head_file_close(struct head_file *f)
{
	if (f->disk && f->fd >= 0)
		f->disk->close(f->disk, f->fd);
	f->fd = -1;
}

enum err head_file_write(struct head_file *f, const struct head_mark *mark, struct why *why)
{
	uint8_t slot[SLOT_SIZE];
	unsigned at = f->dirty ? f->slot : (f->slot + 1) % SLOTS;
	ssize_t n;

	encode(mark, f->generation + 1, slot);
	n = f->disk->write(f->disk, f->fd, slot, sizeof(slot), (off_t)at * PAGE);
	if (n < 0)
		return failed(f->path, "writing", why);
	if (n != sizeof(slot))
		return fail(why, ERR_LIMIT, "%s: written in part only", f->path);
	f->slot = at;
	f->generation++;
	f->dirty = true;
	return ERR_OK;
}

enum err head_file_sync(struct head_file *f, struct why *why)
{
	if (!f->dirty)
		return ERR_OK;
	if (f->disk->sync(f->disk, f->fd) != 0)
		return fail(why, ERR_IO, "%s: syncing: %s", f->path, strerror(errno));
	f->dirty = false;
	return ERR_OK;
}
