/*
 * catalog.db: what headquarters (or `tillctl import`) says. Records by type and key, each as the
 * CBOR it was published with and the version of the catalog that brought it. It can be had again, so losing
 * it costs a download, not money.
 *
 * One writer at a time, held by a lock file beside the database: till-sync, or `tillctl import` on a box
 * without headquarters. Replacing the whole content is one transaction; no file is ever renamed over another.
 */
#ifndef TILL_CATALOG_STORE_H
#define TILL_CATALOG_STORE_H

#include "db.h"
#include "held.h"
#include "records.h"
#include "shop_event.h"
#include "snapshot.h"

struct catalog_store;

/* ERR_BUSY: another program is the writer, named by its pid in why. */
enum err catalog_store_open_writer(const char *path, struct catalog_store **out, struct why *why) MUST_CHECK;
enum err catalog_store_open_reader(const char *path, struct catalog_store **out, struct why *why) MUST_CHECK;
void catalog_store_close(struct catalog_store *s);

/* Another connection has changed the database since the last call; true the first time. A reader's. */
enum err catalog_store_changed(struct catalog_store *s, bool *changed, struct why *why) MUST_CHECK;

/* Rises with each change; 0 before the first import. */
enum err catalog_store_version(struct catalog_store *s, uint64_t *version, struct why *why) MUST_CHECK;

/*
 * Writer: begin (empties the catalog if replace), put and remove records, then commit (which sets and returns
 * the next version) or rollback. What is put as it was already, or removed and was not there, is no change; a
 * transaction without any leaves the version as it was.
 *
 * Changes are logged, CATALOG_CHANGES_MAX of them: older ones are dropped with the commit. A replaced catalog
 * begins a new log.
 */
#define CATALOG_CHANGES_MAX 10000
enum err catalog_store_begin(struct catalog_store *s, bool replace, struct why *why) MUST_CHECK;
enum err catalog_store_put(struct catalog_store *s, const struct record *r, struct why *why) MUST_CHECK;
enum err catalog_store_remove(struct catalog_store *s, enum record_type t, const char *key,
			      struct why *why) MUST_CHECK;
uint64_t catalog_store_touched(const struct catalog_store *s); /* changes since begin */
enum err catalog_store_commit(struct catalog_store *s, uint64_t *version, struct why *why) MUST_CHECK;
void catalog_store_rollback(struct catalog_store *s);

/* Everything but the people, as a snapshot, read in one transaction. ERR_NOT_FOUND: no book has been imported
 * yet. */
enum err catalog_store_load(struct catalog_store *s, struct snapshot **out, struct why *why) MUST_CHECK;

/*
 * base, which was loaded from here, brought to what the catalog is now by the change log. ERR_STATE: load it
 * whole, for why says what reason; the log does not reach back to base, or snapshot_change cannot.
 */
enum err catalog_store_follow(struct catalog_store *s, struct snapshot *base, struct snapshot **out,
			      struct why *why) MUST_CHECK;

/* That everything in it, what the open transaction changed included, makes a valid catalog. why names the
 * record that does not. */
enum err catalog_store_check(struct catalog_store *s, struct why *why) MUST_CHECK;

/* All records of a type in the order of their keys; each is valid until fn returns. fn's own error ends it.
 */
typedef enum err catalog_record_fn(const struct record *r, void *arg, struct why *why);
enum err catalog_store_each(struct catalog_store *s, enum record_type t, catalog_record_fn *fn, void *arg,
			    struct why *why) MUST_CHECK;

/* A record by key; text in the arena. ERR_NOT_FOUND. */
enum err catalog_store_find(struct catalog_store *s, enum record_type t, const char *key, struct arena *a,
			    struct record *out, struct why *why) MUST_CHECK;
enum err catalog_store_coupon(struct catalog_store *s, const char *code, struct arena *a,
			      struct record_coupon *out, struct why *why) MUST_CHECK;
enum err catalog_store_customer(struct catalog_store *s, const char *id, struct arena *a,
				struct record_customer *out, struct why *why) MUST_CHECK;

/*
 * Who changes the catalog and why, for the events that the change makes; said before begin. Texts are the
 * caller's until the commit; NULL or 0: nothing is known, and the clock's time.
 */
struct catalog_hold;
struct catalog_note {
	const char *user, *reason;
	int64_t now_s;
	const struct catalog_hold *hold; /* what an import keeps aside; NULL: nothing */
};
void catalog_store_note(struct catalog_store *s, const struct catalog_note *note);

/*
 * Events that changes of the catalog made: PriceChanged and its like, the history of prices. A commit writes
 * them with what it changes, and drops what the book's price_history does not keep. The newest `last` after
 * an id are told in their order; ids rise. The event is valid until fn returns.
 */
struct event_query {
	const char *key; /* SKU, or id of a promotion, rule or customer; NULL: any */
	int64_t type;	 /* 0: any */
	int64_t after_id, last;
};
typedef enum err catalog_event_fn(int64_t id, const struct shop_event *e, void *arg, struct why *why);
enum err catalog_store_events(struct catalog_store *s, const struct event_query *q, catalog_event_fn *fn,
			      void *arg, struct why *why) MUST_CHECK;
enum err catalog_store_newest_event(struct catalog_store *s, int64_t *id, struct why *why) MUST_CHECK;

/*
 * Replaces the content of the catalog at path with a price book file, in one transaction; on any error
 * nothing has changed. counts, if not NULL, is the number of records by type.
 */
enum err catalog_import(const char *path, const char *book, const struct catalog_note *note,
			book_progress_fn *progress, void *arg, uint64_t *version,
			uint64_t counts[RECORD_TYPES], struct why *why) MUST_CHECK;

/*
 * Puts a file of changes into effect (docs/pricebook.md, "Changes"), in one transaction, if what comes out is
 * still a valid catalog; on any error nothing has changed. ERR_NOT_FOUND: there is no catalog to change.
 */
struct catalog_changed {
	uint64_t put[RECORD_TYPES], removed[RECORD_TYPES];
	uint64_t unchanged; /* lines that said what was so already */
};
enum err catalog_import_changes(const char *path, const char *file, const struct catalog_note *note,
				book_progress_fn *progress, void *arg, uint64_t *version,
				struct catalog_changed *counts, struct why *why) MUST_CHECK;

/*
 * What of an import waits for a second person, and is kept aside while the rest goes in (book/held.h): prices
 * that move by more than `change` against the last approved one or fall below the margin floor, and costs and
 * rates that leave their history. The first import is the beginning, and is all taken. Whatever an import
 * says anew of the same record takes the place of what waits; what was rejected stays out without asking
 * again.
 */
struct catalog_hold {
	struct rate change;
	int64_t patience_s; /* what nobody has approved in that time is void */
	const char *login;  /* Unix user who imports */
};

/* Those that are there, oldest first, void ones included; version: of the last import that said so. */
typedef enum err catalog_held_fn(const struct held *h, uint64_t version, void *arg, struct why *why);
enum err catalog_store_each_held(struct catalog_store *s, catalog_held_fn *fn, void *arg,
				 struct why *why) MUST_CHECK;
/* ERR_NOT_FOUND. Text in the arena. */
enum err catalog_store_held(struct catalog_store *s, const char *id, struct arena *a, struct held *out,
			    struct why *why) MUST_CHECK;

/*
 * What was said of one: approved goes into the catalog as a change would, rejected stays out. ERR_NOT_FOUND:
 * it has been settled, or another import took its place. note: who said so, and why.
 */
enum err catalog_settle_held(const char *path, const char *id, bool approved, const struct catalog_note *note,
			     uint64_t *version, struct why *why) MUST_CHECK;

/* Puts a customer's record in the place of the one that was seen. ERR_STATE: it is another one by now. */
enum err catalog_put_customer(const char *path, const struct record_customer *seen,
			      const struct record_customer *changed, const struct catalog_note *note,
			      uint64_t *version, struct why *why) MUST_CHECK;

/*
 * Changes on a store that is open for writing, change by change: begin, take any number, commit; all of it
 * in one transaction that is checked before it ends. replace: of a whole catalog, all of its records to be
 * put. The version is the next one, or at_least if that is higher. After a failed take only cancel; commit
 * ends the edit in any case. ERR_NOT_FOUND: there is no catalog to change.
 */
struct catalog_edit;
enum err catalog_edit_begin(struct catalog_store *s, bool replace, uint64_t at_least,
			    struct catalog_edit **out, struct why *why) MUST_CHECK;
enum err catalog_edit_take(struct catalog_edit *e, const struct change *c, struct why *why) MUST_CHECK;
enum err catalog_edit_commit(struct catalog_edit *e, uint64_t *version, struct catalog_changed *counts,
			     struct why *why) MUST_CHECK;
void catalog_edit_cancel(struct catalog_edit *e); /* NULL is fine */

#endif
