/*
 * What the loader knows of catalog.db: the open reader, if there is one, and the snapshot it made last. Used
 * by the loader's thread alone; others include loader.h.
 *
 * The file may be missing, be replaced by hand, be damaged, and be there again a moment later. Whatever the
 * trouble, it is told once, and the file is looked at again: each second while there is none, ever more
 * seldom (LOOK_WAIT_MAX_S) when reading it failed.
 */
#ifndef TILL_LOADER_LOOK_H
#define TILL_LOADER_LOOK_H

#include <sys/types.h>

#include "catalog_store.h"
#include "override_set.h"

#define LOOK_WAIT_MAX_S	  32
#define LOOK_EVENTS_MAX	  256 /* told of one change: the newest */
#define LOOK_EVENTS_BYTES (1U << 20)

struct look {
	const char *path;
	struct catalog_store *store; /* NULL: there is none, or it could not be read */
	dev_t device;		     /* of the file that store has open */
	ino_t inode;
	struct snapshot *last;		/* loaded from this file; NULL: none yet */
	struct override_set *overrides; /* of this box, to be in every snapshot; NULL: none */
	struct override_set *within;	/* those that `last` has, if they are not the same any more */
	enum err trouble;		/* found last */
	struct why why, told;
	int wait_s, waited_s; /* calls that are passed over, one a second */
	struct buf events;    /* lines of JSON: what the new snapshot changed; the caller takes them */
	int64_t event_id;     /* of the last event that was read */
	bool events_known;
};

/*
 * Looks for a newer version; asked: because somebody rang, so at once. True when there is something to tell:
 * *out is a new snapshot, or NULL and look->why says why not.
 */
bool look_again(struct look *look, bool asked, struct snapshot **out);

/* From the next look on these are the box's overrides; it takes them. */
void look_take_overrides(struct look *look, struct override_set *set);
void look_close(struct look *look); /* the overrides stay */
void look_end(struct look *look);

#endif
