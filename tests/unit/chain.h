/*
 * A box's ledger as events alone, for tests of what takes them: each is chained to the one before as
 * db/event.h says. Nothing of the hub is in it.
 */
#ifndef TILL_CHAIN_H
#define TILL_CHAIN_H

#include "event.h"

#define CHAIN_MAX 4096

struct chain {
	char box[32];
	struct buf bytes; /* all events */
	size_t ends[CHAIN_MAX + 1];
	struct chain_place {
		int64_t segment, sequence;
		struct digest hash;
	} at[CHAIN_MAX];
	size_t count;
	int64_t salt; /* in each event's time: two chains of one box with other salts have other events */
};

/* Begins with the start of segment 1. */
void chain_new(struct chain *c, const char *box, int64_t salt);
void chain_free(struct chain *c);

/* One more event of that kind; its body is what a test does not care about. */
void chain_add(struct chain *c, int64_t kind);
/* One more event of that kind and version, with that body. */
void chain_add_body(struct chain *c, int64_t version, int64_t kind, struct bytes body);
/* A reboot: the start of the next segment. */
void chain_start(struct chain *c);
/* As from a backup that ends with the first n events: the rest is lost, and a segment begins there. */
void chain_restore(struct chain *c, size_t n, int64_t segment);

/* Events first to first + n - 1, one behind the other. */
struct bytes chain_part(const struct chain *c, size_t first, size_t n);

#endif
