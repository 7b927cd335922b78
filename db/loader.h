/*
 * The loader: the worker that reads catalog.db, so that the loop's thread never runs SQL. It builds
 * snapshots when the catalog's version moved, and looks up coupons and customers; everything comes back as
 * events of the loop.
 */
#ifndef TILL_LOADER_H
#define TILL_LOADER_H

#include "catalog_store.h"
#include "loop.h"
#include "override_set.h"

#define LOADER_QUEUE_MAX 256

struct loader;

/* A new snapshot (the callee owns the reference), or NULL and why it could not be had; the old one then stays
 * in use. */
typedef void loader_snapshot_fn(struct snapshot *s, const struct why *why, void *arg);

enum err loader_start(struct loop *loop, const char *path, loader_snapshot_fn *fn, void *arg,
		      struct loader **out) MUST_CHECK;
void loader_stop(struct loader *l); /* unanswered look-ups are answered with ERR_CLOSED */

/* Events that a new catalog brings (docs/events.md), a line of JSON each with its newline, told behind the
 * snapshot; the newest LOOK_EVENTS_MAX of a change. Before the loop turns. */
typedef void loader_event_fn(const char *line, size_t n, void *arg);
void loader_listen(struct loader *l, loader_event_fn *fn);

/*
 * Looks for a newer version: at start, on a doorbell, and each second by itself (one PRAGMA data_version).
 * What changed is put into the snapshot before, if that can be; else the catalog is read whole. A snapshot
 * comes 50 ms after the one before at the earliest, with all that changed until then.
 */
void loader_refresh(struct loader *l);

/*
 * The prices that people set at this box, all of them; the loader takes the set. They are in every snapshot
 * from the next one on, which comes as after loader_refresh, whether or not the catalog changed.
 */
void loader_overrides(struct loader *l, struct override_set *set);

/*
 * Answers once, on the loop's thread; the record is valid during the call, and NULL unless ERR_OK. ERR_STATE:
 * there is no price book. loader_find_x itself: ERR_LIMIT when LOADER_QUEUE_MAX look-ups have no answer yet.
 */
typedef void loader_coupon_fn(enum err e, const struct record_coupon *coupon, void *arg);

/* A customer, and the plans that the record names, the one that runs and the one that follows; id NULL: none.
 */
struct found_customer {
	struct record_customer record;
	struct record_plan plan, next;
};
typedef void loader_customer_fn(enum err e, const struct found_customer *customer, void *arg);
enum err loader_find_coupon(struct loader *l, const char *code, loader_coupon_fn *fn, void *arg) MUST_CHECK;
enum err loader_find_customer(struct loader *l, const char *id, loader_customer_fn *fn, void *arg) MUST_CHECK;

/* A change that waits (catalog_store_held); the same. */
typedef void loader_held_fn(enum err e, const struct held *held, void *arg);
enum err loader_find_held(struct loader *l, const char *id, loader_held_fn *fn, void *arg) MUST_CHECK;

#endif
