/*
 * Events that catalog.db keeps, shown as a table or as lines of JSON.
 */
#ifndef TILL_HISTORY_H
#define TILL_HISTORY_H

#include "catalog_store.h"
#include "ctl.h"

/* prices: columns of price history, for one article; else what happened, in a sentence. */
enum ctl_exit history_show(struct ctl *ctl, const struct event_query *q, bool prices) MUST_CHECK;

/* --last N; false after an error that was told. */
bool history_last(const struct ctl *ctl, int64_t *last);

#endif
