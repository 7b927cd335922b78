/*
 * What the two sides of the journal share: the loop's (cart_journal.c), which takes copies of carts, and the
 * writer's thread (cart_journal_write.c), which puts them into carts.db. Not for the steps of a lane; they
 * include cart_journal.h.
 */
#ifndef TILL_CART_JOURNAL_PARTS_H
#define TILL_CART_JOURNAL_PARTS_H

#include <pthread.h>
#include <time.h>

#include "cart_journal.h"

/* A cart as the journal knows it. */
struct cart_note {
	char id[ORDER_ID_MAX + 1];
	struct cart *cart; /* NULL: it is gone */
	bool changed;
	struct cart_note *next_changed;

	/* under the lock */
	bool ready, gone;
	struct cart_note *next; /* ready; then, the writer's: to be dropped */
	struct cart_kept kept;
};

struct cart_journal {
	struct shop *shop;
	struct loop_timer *rest;
	bool resting, again; /* again: hand over, if only to try again what failed */
	struct cart_note *changed;
	struct cart_kept fresh; /* the copy being made */
	struct loop_wake *wake; /* it failed */
	struct loop_wake *alive;
	loop_fn *alive_fn;
	void *alive_arg;
	pthread_t thread;

	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct cart_note *ready, **ready_end;
	int64_t mark; /* every cart sold up to this event was handed over as gone; the loop alone sets it */
	bool stopping, broken;
	bool asked;	    /* for a sign of life */
	struct why trouble; /* why carts are not kept just now; "": they are */

	/* the writer's */
	char path[DB_PATH_MAX];
	struct cart_store *store; /* NULL: it has to be opened */
	struct cart_kept kept;
	struct cart_note *gone; /* to be dropped by the next commit */
	struct buf result;
	struct body_memo *memo;
	void *room;
	size_t room_size;
	bool failing; /* and the log was told */
	bool unsynced;
	struct timespec sync_at;
};

/* The writer's thread, until the journal is stopping and nothing is left. The argument is the journal. */
void *journal_write(void *journal);

/* Takes the next note's copy; its memory goes back with the one before. False: that cart is gone. Locked. */
bool journal_take_note(struct cart_journal *j);

/* The notes of carts that are gone, once they are dropped. The writer's. */
void journal_forget_gone(struct cart_journal *j);

void journal_note_free(struct cart_note *n);

#endif
