/*
 * Verbs that wait for the loader or the ledger. By the time they are done their client may be gone; the
 * answer then goes nowhere, and what was done stays done.
 */
#include <stdio.h>

#include "verbs.h"

/* A cashier is the one who sees that the disk runs full. */
static void write_warning(const struct control *c, struct jsonw *w)
{
	struct why why;

	if (c->ledger && ledger_worker_disk_warning(c->ledger, &why))
		jsonw_text(w, "warning", why.text);
}

void pending_finish(struct pending *p, struct lane *l, const struct answer *a,
		    void (*members)(struct lane *l, struct jsonw *w), bool warns)
{
	struct jsonw w;

	if (a->refusal != REFUSED_NOT) {
		reply_refusal(&p->reply, a);
	} else if (reply_begin(&p->reply, &w)) {
		jsonw_bool(&w, "ok", true);
		members(l, &w);
		if (warns)
			write_warning(p->reply.control, &w);
		reply_end(&p->reply, &w);
	}
	pending_done(p);
}

static void cart_done(struct lane *l, const struct answer *a, void *arg)
{
	pending_finish(arg, l, a, lane_cart_json, false);
}

static void tender_done(struct lane *l, const struct answer *a, void *arg)
{
	pending_finish(arg, l, a, lane_receipt_json, true);
}

void verb_customer(struct request *r)
{
	struct pending *p = request_wait(r);

	if (p)
		lane_customer(r->lane, request_text(r, "customer"), cart_done, p);
}

void verb_coupon(struct request *r)
{
	struct pending *p = request_wait(r);

	if (p)
		lane_coupon(r->lane, request_text(r, "code"), request_text(r, "token"), cart_done, p);
}

/* One of "tenders": {"method": ..., "amount": ...}. */
static bool take_tender(const struct request *r, size_t i, const json_t *json, struct tender *out)
{
	const json_t *method = json_object_get(json, "method"), *amount = json_object_get(json, "amount");
	char name[48];

	if (!json_is_string(method) || json_object_size(json) != (amount ? 2U : 1U)) {
		reply_error(&r->reply, "bad_request",
			    "tenders[%zu]: needs 'method', may have 'amount', nothing else", i);
		return false;
	}
	snprintf(name, sizeof(name), "tenders[%zu].amount", i);
	out->method = json_string_value(method);
	return request_amount(r, amount, name, &out->amount);
}

static bool take_list(const struct request *r, const json_t *list, struct tender *out, size_t *n)
{
	*n = json_array_size(list);
	if (json_object_get(r->json, "method") || json_object_get(r->json, "amount")) {
		reply_error(&r->reply, "bad_request", "tenders: goes without 'method' and 'amount'");
		return false;
	}
	if (*n == 0 || *n > CART_TENDERS_MAX) {
		reply_error(&r->reply, "bad_request", "tenders: 1 to %d of them", CART_TENDERS_MAX);
		return false;
	}
	for (size_t i = 0; i < *n; i++)
		if (!take_tender(r, i, json_array_get(list, i), &out[i]))
			return false;
	return true;
}

bool request_tenders(const struct request *r, struct tender *out, size_t *n)
{
	const json_t *list = json_object_get(r->json, "tenders");

	if (list)
		return take_list(r, list, out, n);
	*n = 1;
	out->method = request_text(r, "method");
	if (out->method == NULL)
		out->method = "cash";
	return request_amount(r, json_object_get(r->json, "amount"), "amount", &out->amount);
}

void verb_tender(struct request *r)
{
	struct tender tenders[CART_TENDERS_MAX];
	struct pending *p;
	size_t n;

	if (!request_tenders(r, tenders, &n))
		return;
	p = request_wait(r);
	if (p)
		lane_tender(r->lane, request_text(r, "order"), tenders, n, request_text(r, "cashier"),
			    tender_done, p);
}
