/*
 * ledger.head: how far the ledger was written, told outside of it. What the ledger cannot know, that its own
 * end was cut off or that it is an older copy, is known from here.
 *
 * Two slots, a page apart, each with a generation and a checksum; the valid one of the higher generation
 * counts. Between two syncs only one of them is written, over and over: the other is on the disk whatever
 * happens to the first. The file never grows, and is never renamed.
 *
 * A mark is written after each commit and synced now and then. So it may be behind the ledger, by what was
 * sold since the last sync if the power went, and by nothing if only the program ended; it is never ahead.
 */
#ifndef TILL_HEAD_FILE_H
#define TILL_HEAD_FILE_H

#include <stdbool.h>

#include "db.h"
#include "digest.h"
#include "disk.h"

struct head_mark {
	int64_t id, segment, sequence; /* of the newest durable event; all 0: there is none */
	struct digest hash;
	bool restored; /* the ledger was put back from a backup, and no segment says so yet */
	bool unknown;  /* ... on a box that did not know how far it had been */
};

struct head_file {
	const struct disk *disk;
	int fd; /* -1: not open */
	unsigned slot;
	uint64_t generation;
	bool dirty; /* the slot was written since the last sync */
	char path[DB_PATH_MAX];
};

/* "ledger.head" beside "ledger.db". */
void head_file_path(const char *ledger, char out[DB_PATH_MAX]);

/*
 * The mark beside a ledger. ERR_NOT_FOUND: there is no file, or nothing in it yet; ERR_CORRUPT: neither slot
 * holds.
 */
enum err head_file_read(const struct disk *disk, const char *ledger, struct head_mark *out,
			struct why *why) MUST_CHECK;

/* Opens for writing, making it if it is not there. Marks then follow the one that is in it. */
enum err head_file_open(const struct disk *disk, const char *ledger, struct head_file *out,
			struct why *why) MUST_CHECK;
void head_file_close(struct head_file *f); /* without a sync */

enum err head_file_write(struct head_file *f, const struct head_mark *mark, struct why *why) MUST_CHECK;
enum err head_file_sync(struct head_file *f,
			struct why *why) MUST_CHECK; /* ERR_IO is final, as any failed sync */

#endif
