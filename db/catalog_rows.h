/*
 * The rows of catalog.db as records, read ahead. Private to the catalog's files.
 *
 * A thread of its own reads rows in batches; decoding is done by whichever side has time for it: by the
 * reader while batches wait, else by the caller, who would have to wait. On two processors a catalog is built
 * in little more than half the time, whatever it is made of.
 */
#ifndef TILL_CATALOG_ROWS_H
#define TILL_CATALOG_ROWS_H

#include "catalog_parts.h"

struct rows;

/*
 * Kind after kind, each in the order of its keys, so that articles and their prices come in one order:
 * builders like that (book/intern.h). Customers are left out, and coupons but if asked for. The store's
 * connection is not the caller's until rows_stop.
 */
enum err rows_start(struct catalog_store *s, bool coupons, struct rows **out, struct why *why) MUST_CHECK;

/*
 * The next records, valid until the next call. ERR_NOT_FOUND: there are no more. Any other error is said of
 * the catalog, and is the last that comes.
 */
enum err rows_next(struct rows *r, const struct record **records, size_t *count, struct why *why) MUST_CHECK;

void rows_stop(struct rows *r);

#endif
