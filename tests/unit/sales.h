/*
 * Sales as a lane would make them, for tests of the ledger: LINES articles of 2.49 each in one list, one
 * promotion, paid with a note of 50.00, with the extract of it all.
 */
#ifndef TILL_SALES_H
#define TILL_SALES_H

#include "ledger.h"

struct sale_kit {
	struct arena arena;
	struct event_sale sale;
	struct ledger_sale ledger;
};

/* A sale of articles "10000 + article" and up, one a line. 1 to 16 lines. */
void sale_kit_make(struct sale_kit *k, const char *order, size_t lines, unsigned article);
void sale_kit_free(struct sale_kit *k);

#endif
