/*
 * A tender on its way to the disk, then the lane's receipt; and, if goods come back with it, the exchange of
 * which it is the sale. Private to lane_tender.c, lane_exchange.c and exchange_json.c.
 */
#ifndef TILL_SALE_JOB_H
#define TILL_SALE_JOB_H

#include "lane_parts.h"
#include "return_job.h"

struct sale_job {
	struct ledger_job job;
	struct event_sale sale;
	struct arena arena;	   /* what the sale points to */
	struct snapshot *snapshot; /* so does this; NULL: only a look-up */
	struct lane *lane;
	char order[ORDER_ID_MAX + 1];
	struct credit_claim credit; /* held until the sale is durable or failed */
	struct answer refused;	    /* of a look-up: the answer if there is no such order */
	lane_done_fn *done;
	void *arg;

	/* Of an exchange. */
	bool exchange, preview;
	int64_t serial;			       /* of the cart that is to be paid; 0: there was none */
	struct return_job *back;	       /* what the goods that come back were worked out to come to */
	struct ledger_return with;	       /* the same, to be done with the sale */
	const struct event_return *priced;     /* with which the cart was priced, if that is another price */
	struct tender given[CART_TENDERS_MAX]; /* for what is due besides; text in arena */
	size_t given_count;
	const char *cashier;
};

/* lane_tender.c */
void sale_job_answer(struct sale_job *j, const struct answer *a); /* and frees it */
bool sale_job_submit(struct sale_job *j, struct answer *a);
bool sale_job_take_names(struct sale_job *j, const char *order, const char *cashier, struct answer *a);
bool sale_job_pay(struct sale_job *j, const struct tender *tenders, size_t n, const char *cashier,
		  struct answer *a);
struct cart *lane_cart_to_pay(struct lane *l, struct answer *a);

/* lane_exchange.c: as the sale is submitted; both are durable; both were so before; the return was refused.
 */
void exchange_attach(struct sale_job *j);
void exchange_taken(struct sale_job *j);
void exchange_unprice(struct sale_job *j); /* it was not done: the cart costs what it does without it */
void exchange_taken_before(struct sale_job *j);
void exchange_refused(const struct sale_job *j, struct answer *a);

/*
 * What of a refund pays for goods of that total, by the methods that it is paid out by: the first of them.
 * Basket credit goes back to where it came from. Their count; sum is what they come to.
 */
size_t exchange_carry(const struct event_return *back, struct money total,
		      struct tender out[CART_TENDERS_MAX], struct money *sum);

#endif
