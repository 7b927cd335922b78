/*
 * Sales for benchmarks, made by the lane's own code from a real catalog: carts of 1 to so many scans, paid in
 * cash, with the whole extract of their evaluation.
 */
#ifndef BENCH_TENDER_SALES_H
#define BENCH_TENDER_SALES_H

#include "event.h"
#include "ledger.h"

struct tender_sale {
	struct event_sale sale; /* its order is for each tender to fill in */
	struct ledger_sale whole;
};

#define TENDER_SCANS 15 /* at most: 8 on average */

struct shop;
struct tender_sales {
	struct tender_sale *at;
	size_t count;
	struct shop *shop;		/* of the lane */
	double lines, applied, coupons; /* of a sale, on average */
};

/*
 * Stays until the program ends, with the catalog that it points into. With a worker the shop grants itself
 * the limits of the book, and each cart is that of a known customer and redeems a coupon.
 */
void tender_sales_make(struct loop *loop, struct ledger_worker *worker, const char *book, size_t count,
		       unsigned most_scans, struct tender_sales *out);

#endif
