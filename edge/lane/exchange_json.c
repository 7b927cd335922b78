/*
 * The last exchange of a lane: what came back, what went out, and who owes whom what.
 */
#include "sale_job.h"

#include "lane_json.h"

/* What of the refund does not pay for the new goods. */
static void write_left(struct jsonw *w, const struct event_return *back, const struct tender *carried,
		       size_t n, unsigned exponent)
{
	const struct sale_tender *at = back->tenders.at;
	size_t k = 0;

	jsonw_array(w, "give_back");
	for (size_t i = 0; i < back->tenders.count; i++) {
		struct money left = at[i].amount;

		if (k < n && carried[k].method == at[i].method)
			left.minor -= carried[k++].amount.minor;
		if (left.minor == 0)
			continue;
		jsonw_object(w, NULL);
		jsonw_text(w, "method", at[i].method);
		json_money(w, "amount", left, exponent);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void write_amounts(struct jsonw *w, const struct event_return *back, struct money total,
			  unsigned exponent)
{
	struct tender carried[CART_TENDERS_MAX];
	struct money sum;
	size_t n = exchange_carry(back, total, carried, &sum);

	jsonw_text(w, "currency", back->currency);
	json_money(w, "refund", back->refund, exponent);
	json_money(w, "total", total, exponent);
	json_money(w, "to_pay", (struct money){total.minor - sum.minor}, exponent);
	json_money(w, "given_back", (struct money){back->refund.minor - sum.minor}, exponent);
	write_left(w, back, carried, n, exponent);
}

void lane_exchange_json(struct lane *l, struct jsonw *w)
{
	const struct return_job *back = l->returned;
	bool preview = back && back->back.preview && back->job.result == ERR_OK, repeated = false;
	struct ledger_position at;
	struct money total;
	unsigned exponent;

	if (!back || (preview ? !l->cart : !l->receipt) ||
	    currency_exponent(back->back.done.currency, &exponent))
		return;
	total = preview ? l->cart->now.result.totals.total : sale_job_sale(l->receipt, &at, &repeated)->total;
	jsonw_bool(w, "preview", preview);
	jsonw_bool(w, "repeated", repeated);
	write_amounts(w, &back->back.done, total, exponent);
	jsonw_object(w, "return");
	lane_return_json(l, w);
	jsonw_close(w);
	if (preview)
		return;
	jsonw_object(w, "sale");
	lane_receipt_json(l, w);
	jsonw_close(w);
}
