/*
 * What the two ways of a snapshot share, that from headquarters (snapshot_load.c) and that by a folder of the
 * inbox (snapshot_inbox.c). Private to them; users include snapshot_load.h.
 */
#ifndef TILL_SNAPSHOT_LOAD_PARTS_H
#define TILL_SNAPSHOT_LOAD_PARTS_H

#include <pthread.h>

#include "page_folder.h"
#include "snapshot_load.h"

#define IN_FLIGHT   48 /* a page has some 15 kB: enough for a line that is fast and far */
#define REFUSED_MAX 16 /* of the inbox, that are remembered */

struct fetch {
	struct snapshot_load *load;
	bool used;
	size_t page;
};

/*
 * A set on its way into the catalog, on a thread of its own: a large one takes seconds. While it runs the
 * catalog's connection and all of this but `cancel` are the thread's.
 */
struct applying {
	struct snapshot_load *load;
	struct page_folder set;
	bool inbox;
	uint64_t state; /* of the inbox: which it is, and as of when */
	_Atomic bool cancel;
	uint64_t unknown;
	enum err e;
	struct why why;
};

struct refused {
	uint64_t state;
	int64_t at_us;
};

struct snapshot_load {
	struct uplink *u;
	struct loop_timer *timer;
	char parent[PAGE_FOLDER_PATH_MAX];
	bool wanted; /* until it is done */
	bool asking; /* for the manifest */
	bool has_set;
	struct page_folder set;
	uint8_t *got; /* a byte a page */
	size_t have, next, in_flight, bad;
	struct fetch fetches[IN_FLIGHT];
	int64_t told_us;
	uint64_t loaded; /* snapshots that were put into effect */
	struct why problem;
	struct refused refused[REFUSED_MAX]; /* the oldest makes room */
	unsigned refused_next;
	struct applying applying;
	struct loop_wake *applied;
	pthread_t thread;
	bool runs, ending;
};

/* Whether the set may go into this box's catalog: store and version. */
enum err snapshot_check_set(const struct snapshot_load *s, const struct page_folder *set,
			    struct why *why) MUST_CHECK;

/* Begins to apply it on a thread; takes the set. state: of a folder of the inbox, which it is. */
enum err snapshot_begin_apply(struct snapshot_load *s, struct page_folder *set, bool inbox, uint64_t state,
			      struct why *why) MUST_CHECK;

/* A folder in that state is refused: that is told once, and it is left alone for a while. */
void snapshot_refuse(struct snapshot_load *s, uint64_t state, const char *dir, const struct why *why);

#endif
