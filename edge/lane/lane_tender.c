/*
 * Paying: the sale goes to the ledger's worker, and is answered when it is on the disk.
 *
 * An order given by the caller is the key of idempotency: whatever is wrong with a repeat of it (another
 * cart, no cart, too little money) it is answered with the first sale, since the caller may only have missed
 * the answer. So a refusal is not final before the ledger has been asked for the order.
 */
#include "sale_job.h"

#include <stdlib.h>
#include <string.h>

#include "lane_events.h"
#include "log.h"
#include "text.h"

#define CASHIER_MAX 64

void sale_job_free(struct sale_job *j)
{
	if (!j)
		return;
	arena_free(&j->job.arena);
	arena_free(&j->arena);
	snapshot_unref(j->snapshot);
	return_job_free(j->back);
	free(j);
}

/* Reads the sale again from what was written of it, which points to nobody's memory. */
void sale_job_let_go(struct sale_job *j)
{
	struct event_sale sale;
	struct why why;

	if (!j || !j->snapshot || j->job.result)
		return;
	if (event_sale_decode(j->job.sale.encoded.body, &j->arena, &sale, &why))
		return;
	j->sale = sale;
	snapshot_unref(j->snapshot);
	j->snapshot = NULL;
}

const struct event_sale *sale_job_sale(const struct sale_job *j, struct ledger_position *at, bool *repeated)
{
	*at = j->job.position;
	*repeated = j->job.result == ERR_EXISTS;
	return *repeated ? &j->job.first : &j->sale;
}

void sale_job_answer(struct sale_job *j, const struct answer *a)
{
	j->done(j->lane, a, j->arg);
	sale_job_free(j);
}

static void keep_receipt(struct sale_job *j)
{
	sale_job_free(j->lane->receipt);
	j->lane->receipt = j;
}

/* What the cart held is spent now. There is memory for it: uses_expect_sale. */
static void count_uses(const struct sale_job *j)
{
	struct shop *s = j->lane->shop;

	if (uses_take_sale(s->uses, &j->sale))
		log_error("order %s: its uses are not counted before the next start", j->order);
	shop_folded(s, j->job.id);
}

/* Durable: the cart is closed. */
static void sold(struct sale_job *j)
{
	struct lane *l = j->lane;
	struct answer a = {0};

	memcpy(a.cart, l->cart->id, sizeof(a.cart));
	if (j->exchange)
		exchange_taken(j);
	count_uses(j);
	lane_enter_state(l, l->cart, LANE_CLOSED);
	keep_receipt(j);
	j->done(l, &a, j->arg);
	lane_tell(l, LANE_TENDERED);
	if (j->exchange)
		lane_tell(l, LANE_RETURNED);
	alerts_after_sale(l, l->cart, j->order);
	lane_overrides_used(l, l->cart, j->order);
}

/* The order was sold before. A cart whose own id it is has been paid; any other stays as it was. */
static void sold_before(struct sale_job *j)
{
	struct lane *l = j->lane;
	struct cart *c = l->cart;
	struct answer a = {0};
	bool changed = false;

	if (c && !strcmp(c->id, j->order) && c->state == LANE_OPEN) {
		lane_enter_state(l, c, LANE_CLOSED);
		changed = true;
	}
	if (j->exchange)
		exchange_taken_before(j);
	keep_receipt(j);
	j->done(l, &a, j->arg);
	if (changed || j->snapshot)
		lane_tell(l, LANE_CART);
}

static void not_sold(struct sale_job *j)
{
	struct lane *l = j->lane;
	struct answer a = {0};
	bool changed = j->snapshot;

	if (j->job.result == ERR_NOT_FOUND && !j->snapshot) {
		a = j->refused;
	} else if (j->exchange && j->with.refused) {
		exchange_refused(j, &a);
	} else {
		refuse(&a, REFUSED_LEDGER, "the sale could not be written: %s",
		       *j->job.why.text ? j->job.why.text : err_name(j->job.result));
		log_warnx("lane %s: order %s: %s", l->name, j->order, a.why.text);
	}
	sale_job_answer(j, &a);
	if (changed)
		lane_tell(l, LANE_CART);
}

static void job_done(struct ledger_job *job)
{
	struct sale_job *j = job->arg;

	j->lane->shop->pending--;
	credit_let_go(&j->credit);
	if (job->result && j->snapshot)
		lane_enter_state(j->lane, j->lane->cart, LANE_OPEN);
	if (job->result && j->exchange)
		exchange_unprice(j);
	if (job->result == ERR_OK)
		sold(j);
	else if (job->result == ERR_EXISTS)
		sold_before(j);
	else
		not_sold(j);
}

bool sale_job_submit(struct sale_job *j, struct answer *a)
{
	j->job.done = job_done;
	j->job.arg = j;
	return shop_submit(j->lane->shop, &j->job, a);
}

struct cart *lane_cart_to_pay(struct lane *l, struct answer *a)
{
	struct cart *c = lane_need_cart(l, a);

	if (!c || c->now.count)
		return c;
	refuse(a, REFUSED_EMPTY_CART, "cart %s has no lines", c->id);
	return NULL;
}

/* The tenders against the total, basket credit among them. */
static bool settle(struct sale_job *j, const struct cart *c, const struct tender *tenders, size_t n,
		   struct payment *out, struct answer *a)
{
	struct tender with[CART_TENDERS_MAX];

	if (n <= CART_TENDERS_MAX && !credit_settle(j->lane, c, tenders, n, with, &j->credit, a))
		return false;
	if (!payment_settle(c->catalog, c->now.result.totals.total, n <= CART_TENDERS_MAX ? with : tenders, n,
			    out, a))
		return false;
	if (j->credit.use)
		out->credit_to = c->now.customer->credit_to;
	return true;
}

bool sale_job_pay(struct sale_job *j, const struct tender *tenders, size_t n, const char *cashier,
		  struct answer *a)
{
	struct cart *c = lane_cart_to_pay(j->lane, a);
	struct payment payment;
	enum err e;

	if (!c || !settle(j, c, tenders, n, &payment, a))
		return false;
	if (!*j->order)
		memcpy(j->order, c->id, sizeof(j->order));
	e = sale_build(j->lane, c, j->order, cashier, &payment, &j->arena, &j->sale, &j->job.sale);
	if (!e)
		e = uses_expect_sale(j->lane->shop->uses, &j->sale);
	if (e)
		return refuse(a, REFUSED_LEDGER, "the sale could not be put together: %s", err_name(e));
	j->snapshot = snapshot_ref(c->snapshot);
	if (j->exchange)
		exchange_attach(j);
	if (!sale_job_submit(j, a))
		return false;
	credit_hold(&j->credit);
	lane_enter_state(j->lane, c, LANE_TENDERING);
	lane_tell(j->lane, LANE_CART);
	return true;
}

/*
 * Asks whether the order that is being refused was sold before. If that cannot be asked, the answer is that:
 * any other would say that the order was not sold.
 */
static bool look_up(struct sale_job *j, struct answer *a)
{
	if (!*j->order || a->refusal == REFUSED_LEDGER)
		return false;
	j->refused = *a;
	*a = (struct answer){0};
	j->job.find = j->order;
	return sale_job_submit(j, a);
}

static bool text_fits(const char *text, size_t max)
{
	size_t n = text ? strlen(text) : 1;

	return n >= 1 && n <= max && (!text || text_is_utf8(text, n));
}

bool sale_job_take_names(struct sale_job *j, const char *order, const char *cashier, struct answer *a)
{
	if (!text_fits(order, ORDER_ID_MAX))
		return refuse(a, REFUSED_TENDER_INVALID, "an order's id is 1 to %d bytes of UTF-8",
			      ORDER_ID_MAX);
	if (!text_fits(cashier, CASHIER_MAX))
		return refuse(a, REFUSED_TENDER_INVALID, "a cashier is 1 to %d bytes of UTF-8", CASHIER_MAX);
	if (order)
		memcpy(j->order, order, strlen(order) + 1);
	return true;
}

void lane_tender(struct lane *l, const char *order, const struct tender *tenders, size_t n,
		 const char *cashier, lane_done_fn *done, void *arg)
{
	struct sale_job *j = calloc(1, sizeof(*j));
	struct answer a = {0};

	if (!j) {
		refuse(&a, REFUSED_LEDGER, "the box is out of memory: end other work on it and try again");
		done(l, &a, arg);
		return;
	}
	j->lane = l;
	j->done = done;
	j->arg = arg;
	if (!sale_job_take_names(j, order, cashier, &a)) {
		sale_job_answer(j, &a);
		return;
	}
	if (!sale_job_pay(j, tenders, n, cashier, &a) && !look_up(j, &a))
		sale_job_answer(j, &a);
} /* NOLINT(clang-analyzer-unix.Malloc): the worker has the job now, job_done gets it back */
