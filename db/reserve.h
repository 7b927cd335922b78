/*
 * ledger.reserve: room on the disk that is kept for the moment when there is none left. When a write finds
 * the disk full the file is given up, and the sales under way get through.
 */
#ifndef TILL_RESERVE_H
#define TILL_RESERVE_H

#include <stdbool.h>

#include "db.h"
#include "disk.h"

#define RESERVE_BYTES ((off_t)8 << 20)

struct reserve {
	const struct disk *disk;
	bool held;
	char path[DB_PATH_MAX];
};

/* Beside a ledger; nothing is taken yet. */
void reserve_init(struct reserve *r, const struct disk *disk, const char *ledger);

/* Takes the room; false (errno): the disk has not got it. */
bool reserve_hold(struct reserve *r);

/* Gives it up; false if there was nothing to give. */
bool reserve_release(struct reserve *r);

#endif
