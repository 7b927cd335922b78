/*
 * Goods for goods: what comes back is worked out first, what it comes to pays for the lane's cart, and both
 * go into the ledger in one transaction, or neither. What is left of the refund is paid out as a refund is;
 * what the cart costs besides is paid as a sale is.
 *
 * The return has an id of its own, made of the new order's unless one is given, so a repeat finds it and gets
 * the first answer.
 */
#include "sale_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"

size_t exchange_carry(const struct event_return *back, struct money total,
		      struct tender out[CART_TENDERS_MAX], struct money *sum)
{
	const struct sale_tender *from = back->tenders.at;
	size_t n = 0;

	*sum = MONEY_ZERO;
	for (size_t i = 0; i < back->tenders.count && n < CART_TENDERS_MAX; i++) {
		int64_t left = total.minor - sum->minor;
		struct money part = {from[i].amount.minor < left ? from[i].amount.minor : left};

		if (part.minor <= 0 || strcmp(from[i].method, TENDER_BASKET_CREDIT) == 0)
			continue;
		out[n++] = (struct tender){.method = from[i].method, .amount = part};
		sum->minor += part.minor;
	}
	return n;
}

void exchange_attach(struct sale_job *j)
{
	j->with = j->back->back;
	j->with.preview = false;
	j->with.exchange = j->order;
	j->with.expect = &j->back->back.done.refund;
	j->with.expect_number = j->back->back.done.number;
	j->job.back = &j->with;
}

static void show_return(struct sale_job *j)
{
	return_job_free(j->lane->returned);
	j->lane->returned = j->back;
	j->back = NULL;
}

/* Uses, budgets and codes of what came back are free again for the next cart. */
void exchange_taken(struct sale_job *j)
{
	j->lane->cart->back = NULL;
	if (uses_take_return(j->lane->shop->uses, &j->with.done))
		log_error("return %s: its uses are not counted before the next start", j->with.done.id);
	j->back->back.preview = false;
	j->back->job.position = j->with.position;
	show_return(j);
}

void exchange_taken_before(struct sale_job *j)
{
	j->back->job.result = ERR_EXISTS;
	show_return(j);
}

void exchange_refused(const struct sale_job *j, struct answer *a)
{
	refuse(a, REFUSED_NOT_RETURNABLE, "%s", j->job.why.text);
}

/* A return of that id is there already: then so is the order. */
static bool find_first(struct sale_job *j, struct answer *a)
{
	refuse(&j->refused, REFUSED_RETURN_INVALID, "id '%.64s' is that of a return which paid for nothing",
	       j->back->back.done.id);
	j->job.find = j->order;
	return sale_job_submit(j, a);
}

static bool same_currency(const struct sale_job *j, struct answer *a)
{
	const char *paid = j->back->back.done.currency, *now = j->lane->cart->catalog->settings.currency;

	return strcmp(paid, now) == 0 ||
	       refuse(a, REFUSED_NOT_RETURNABLE, "order %.64s was paid in %s, and this cart is in %s",
		      j->back->back.order, paid, now);
}

/*
 * The cart as it is paid: what the old goods had of limits is there for the new ones. Until that is durable
 * it is there for nobody else, since this cart holds it.
 */
static bool price(struct sale_job *j, struct cart *c, struct answer *a)
{
	const struct event_return *back = &j->back->back.done;

	if (back->promotions.count == 0 && !back->whole)
		return true;
	c->back = j->priced = back;
	return cart_reprice(c, a);
}

void exchange_unprice(struct sale_job *j)
{
	struct cart *c = j->lane->cart;
	struct answer a = {0};

	if (!c || !j->priced || c->back != j->priced)
		return; /* another exchange's, or none is under way */
	c->back = NULL;
	if (!cart_reprice(c, &a))
		log_warnx("lane %s: the cart holds more of limits than there is: %s", j->lane->name,
			  a.why.text);
}

/*
 * The cart that was on the lane when it was asked. Another one, taken up meanwhile, would be sold as the
 * order of the first, which would then pass for paid.
 */
static struct cart *cart_to_pay(const struct sale_job *j, struct answer *a)
{
	struct cart *c = lane_cart_to_pay(j->lane, a);

	if (!c || c->serial == j->serial)
		return c;
	refuse(a, REFUSED_NO_CART, "the cart left lane %s before it was known what comes back: ask again",
	       j->lane->name);
	return NULL;
}

static bool pay(struct sale_job *j, struct answer *a)
{
	struct tender tenders[2 * CART_TENDERS_MAX];
	struct cart *c = cart_to_pay(j, a);
	struct money sum;
	size_t n;

	if (!c || !same_currency(j, a) || !price(j, c, a))
		return false;
	n = exchange_carry(&j->back->back.done, c->now.result.totals.total, tenders, &sum);
	memcpy(tenders + n, j->given, j->given_count * sizeof(*tenders));
	if (j->preview) {
		struct lane *l = j->lane;

		show_return(j);
		j->done(l, &(struct answer){0}, j->arg);
		exchange_unprice(j);
		sale_job_free(j);
		return true;
	}
	return sale_job_pay(j, tenders, n + j->given_count, j->cashier, a);
}

/* What comes back is known; the lane has shown it as its own. */
static void worked_out(struct lane *l, const struct answer *answer, void *arg)
{
	struct sale_job *j = arg;
	struct answer a = *answer;

	if (a.refusal == REFUSED_NOT) {
		j->back = l->returned;
		l->returned = NULL;
		if (j->back->job.result == ERR_EXISTS ? find_first(j, &a) : pay(j, &a))
			return;
		exchange_unprice(j);
	}
	sale_job_answer(j, &a);
}

static bool copy_tenders(struct sale_job *j, const struct tender *tenders, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		j->given[i] = tenders[i];
		j->given[i].method = arena_text(&j->arena, tenders[i].method, strlen(tenders[i].method));
		if (!j->given[i].method)
			return false;
	}
	j->given_count = n;
	return true;
}

/* The new order is the cart's id if it is not said, which is known before it is paid. */
static bool prepare(struct sale_job *j, const char *order, const struct tender *tenders, size_t n,
		    const char *cashier, struct answer *a)
{
	struct cart *c = lane_open_cart(j->lane);

	j->serial = c ? c->serial : 0;
	if (!sale_job_take_names(j, order, cashier, a))
		return false;
	if (n > CART_TENDERS_MAX)
		return refuse(a, REFUSED_TENDER_INVALID, "a sale takes %d tenders at most", CART_TENDERS_MAX);
	if (!order) {
		c = lane_cart_to_pay(j->lane, a);
		if (!c)
			return false;
		memcpy(j->order, c->id, sizeof(j->order));
	}
	if (cashier)
		j->cashier = arena_text(&j->arena, cashier, strlen(cashier));
	return (copy_tenders(j, tenders, n) && (j->cashier || !cashier)) || refuse_memory(a);
}

void lane_exchange(struct lane *l, const struct goods_back *g, const char *order,
		   const struct tender *tenders, size_t n, lane_done_fn *done, void *arg)
{
	struct sale_job *j = calloc(1, sizeof(*j));
	struct goods_back goods = *g;
	char id[ORDER_ID_MAX + 16];
	struct answer a = {0};

	if (!j) {
		refuse_memory(&a);
		done(l, &a, arg);
		return;
	}
	*j = (struct sale_job){.lane = l, .exchange = true, .preview = g->preview, .done = done, .arg = arg};
	if (!prepare(j, order, tenders, n, g->cashier, &a)) {
		sale_job_answer(j, &a);
		return;
	}
	snprintf(id, sizeof(id), "%s/exchange", j->order);
	goods.id = g->id ? g->id : id;
	goods.preview = true;
	goods.method = NULL;
	lane_return(l, &goods, worked_out, j);
}
