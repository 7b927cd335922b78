/*
 * Keeping aside what of an import a second person has to look at first: see catalog_store.h, struct
 * catalog_hold. All records are in the open transaction already; what is held is put back. Private to the
 * catalog's files.
 */
#ifndef TILL_CATALOG_HOLD_H
#define TILL_CATALOG_HOLD_H

#include "catalog_events.h"
#include "judge.h"

struct holding {
	struct catalog_store *store;
	const struct catalog_hold *rules;
	const char *currency;
	struct arena arena;	   /* of all that follows */
	struct snapshot *snapshot; /* of what the import makes, for its floors; NULL: not wanted yet */
	bool costs;		   /* prices that are made of costs have to be made anew */
	bool by_hand;		   /* the snapshot is of what goes in, for prices set by hand */
	unsigned given;		   /* ids so far */
	struct buf record;	   /* of the one at hand */
};

/* Before an import commits: holds what its note says. Without a rule, or at the first import, nothing. */
enum err hold_changes(struct catalog_store *s, struct why *why) MUST_CHECK;

/*
 * One that changed; b as events_each_changed tells it. catalog_hold_price.c and catalog_hold_cost.c: what
 * they find too large they give to hold_keep, and the rest to hold_let_go.
 */
events_changed_fn hold_price, hold_item, hold_landed, hold_rate, hold_override;

/*
 * Keeps it: puts the record back to what it was, and the change, with what is said of it here, among those
 * that wait; *waits: false, since it was rejected before. wanted NULL: the change is but the amount.
 */
enum err hold_keep(struct holding *h, const char *key, const struct record *wanted, struct held *what,
		   bool *waits, struct why *why) MUST_CHECK;

/* What waits of that record does so no more. *had: something did. */
enum err hold_let_go(struct holding *h, enum record_type t, const char *key, bool *had,
		     struct why *why) MUST_CHECK;

/* Puts one of that id, type and key into the table. */
enum err held_put(struct catalog_store *s, const char *key, const struct held *h, struct why *why) MUST_CHECK;
/* ERR_NOT_FOUND: none of that record. */
enum err held_of(struct catalog_store *s, enum record_type t, const char *key, struct arena *a,
		 struct held *out, struct why *why) MUST_CHECK;
enum err held_drop(struct catalog_store *s, enum record_type t, const char *key, struct why *why) MUST_CHECK;

/* An event of it; decided_by and decision NULL: it was asked for. */
enum err held_tell(struct catalog_store *s, enum shop_event_type t, const struct held *h,
		   const char *decided_by, const char *decision, struct why *why) MUST_CHECK;

/* The last approved price, kept while it is not what is in force. ERR_NOT_FOUND: it is. */
enum err approved_of(struct catalog_store *s, const char *key, struct arena *a, struct record *out,
		     struct why *why) MUST_CHECK;
enum err approved_put(struct catalog_store *s, const char *key, const struct record *price,
		      struct why *why) MUST_CHECK;
enum err approved_drop(struct catalog_store *s, const char *key, struct why *why) MUST_CHECK;

/* Sets the cost of an article that waits for review; MONEY_NONE: none does. */
enum err hold_review(struct catalog_store *s, const char *sku, struct money cost, struct arena *a,
		     struct why *why) MUST_CHECK;

#endif
