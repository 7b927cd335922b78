/*
 * Carts by names, for the journal and for a change of catalog. Private to this folder.
 */
#ifndef TILL_CART_KEEP_H
#define TILL_CART_KEEP_H

#include "cart_store.h"
#include "digest.h"
#include "lane_parts.h"

/* A cart as it was: zeroed it is empty. Nothing in it is the cart's, so another thread may have it. */
struct cart_kept {
	struct arena arena;
	struct snapshot *snapshot;
	struct engine_cart view; /* in the snapshot's ids */
	struct kept_cart names;	 /* without lines, until cart_kept_lines; without result and bodies */
};
void cart_kept_free(struct cart_kept *k);

/* Takes a cart down in the place of what was there. False: memory is short. */
bool cart_keep(const struct cart *c, const struct shop *s, struct cart_kept *k);

/* Fills in names.lines: apart, since the scan's thread need not do it. False: memory is short. */
bool cart_kept_lines(struct cart_kept *k);

/*
 * A cart from its names, pinned to that catalog and priced; it has no id, is on no lane and in no channel
 * that has a name. NULL: a says why.
 */
struct cart *cart_from_kept(const struct kept_cart *k, const struct shop *shop, struct snapshot *s,
			    struct answer *a);

/* SHA-256 of its evaluation: two carts of one result cost the same, line by line and for the same reasons. */
enum err cart_result(const struct cart *c, struct digest *out) MUST_CHECK;

#endif
