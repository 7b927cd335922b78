/*
 * Sales for the tender benchmark, made by the lane's own code from a real catalog: carts of 1 to 15 scans, 8
 * on average, paid in cash, with the whole extract of their evaluation.
 */
#ifndef BENCH_TENDER_SALES_H
#define BENCH_TENDER_SALES_H

#include "event.h"
#include "ledger.h"

struct tender_sale {
	struct event_sale sale; /* its order is for each tender to fill in */
	struct ledger_sale whole;
};

struct tender_sales {
	struct tender_sale *at;
	size_t count;
	double lines, applied; /* of a sale, on average */
};

/* Stays until the program ends, with the catalog that it points into. */
void tender_sales_make(struct loop *loop, const char *book, size_t count, struct tender_sales *out);

#endif
