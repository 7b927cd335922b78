/*
 * Prices that people set at this box, as events: its ledger knows them, not the catalog.
 */
#ifndef TILL_HISTORY_OWN_H
#define TILL_HISTORY_OWN_H

#include "ctl.h"
#include "shop_event.h"

struct history_own {
	struct arena arena; /* what the events point to */
	struct shop_event *at;
	size_t count, size;
};

/* Those of an article, the oldest first. Without a ledger there are none. CTL_FAILED after an error told. */
enum ctl_exit history_own_read(struct ctl *ctl, const char *sku, struct history_own *out) MUST_CHECK;
void history_own_free(struct history_own *h);

#endif
