/*
 * The last sale of a lane, as it is in the ledger.
 */
#include "lane_parts.h"

#include <string.h>

#include "lane_json.h"
#include "reason_facts.h"

/* Names and texts are the catalog's of today: the ledger keeps what was paid, not how it was called. */
static void write_article(struct jsonw *w, const struct catalog *c, const char *sku)
{
	uint32_t item;

	if (c && catalog_find_sku(c, sku, &item) == ERR_OK)
		json_article(w, c, item);
	else
		jsonw_text(w, "sku", sku);
}

static void write_promotion(struct jsonw *w, const struct catalog *c, const char *id, const char *language)
{
	uint32_t at = c ? catalog_promotion(c, id) : CATALOG_NONE;

	jsonw_text(w, "promotion", id);
	if (at != CATALOG_NONE)
		jsonw_text(w, "text", promotion_text(&c->promotions[at], language));
}

static void write_discounts(struct jsonw *w, const struct catalog *c, const struct event_sale *sale,
			    const struct sale_line *line, const char *language, unsigned exponent)
{
	const struct sale_promotion *promotions = sale->promotions.at;
	const struct sale_discount *at = line->discounts.at;

	jsonw_array(w, "discounts");
	for (size_t i = 0; i < line->discounts.count; i++) {
		jsonw_object(w, NULL);
		if (at[i].promotion < (int64_t)sale->promotions.count)
			write_promotion(w, c, promotions[at[i].promotion].id, language);
		json_money(w, "amount", at[i].amount, exponent);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void write_lines(struct jsonw *w, const struct catalog *c, const struct event_sale *sale,
			const char *language, unsigned exponent)
{
	const struct sale_line *at = sale->lines.at;

	jsonw_array(w, "lines");
	for (size_t i = 0; i < sale->lines.count; i++) {
		jsonw_object(w, NULL);
		write_article(w, c, at[i].sku);
		jsonw_decimal(w, "quantity", at[i].quantity.micro, QTY_EXPONENT, 0);
		json_money(w, "unit_price", at[i].unit_price, exponent);
		json_money(w, "list", at[i].list, exponent);
		json_money(w, "net", at[i].net, exponent);
		write_discounts(w, c, sale, &at[i], language, exponent);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void write_applied(struct jsonw *w, const struct catalog *c, const struct event_sale *sale,
			  const char *language, unsigned exponent)
{
	const struct sale_promotion *at = sale->promotions.at;

	jsonw_array(w, "applied");
	for (size_t i = 0; i < sale->promotions.count; i++) {
		jsonw_object(w, NULL);
		write_promotion(w, c, at[i].id, language);
		json_money(w, "amount", at[i].amount, exponent);
		if (at[i].coupon)
			jsonw_text(w, "coupon", at[i].coupon);
		jsonw_close(w);
	}
	jsonw_close(w);
}

/* How it was paid, and what is left of basket credit that was among it. */
static void write_tenders(struct jsonw *w, const struct lane *l, const struct event_sale *sale,
			  unsigned exponent)
{
	const struct sale_tender *at = sale->tenders.at;
	const struct customer *who = l->cart ? l->cart->now.customer : NULL;

	jsonw_array(w, "tenders");
	for (size_t i = 0; i < sale->tenders.count; i++) {
		jsonw_object(w, NULL);
		jsonw_text(w, "method", at[i].method);
		json_money(w, "amount", at[i].amount, exponent);
		jsonw_close(w);
	}
	jsonw_close(w);
	if (!sale->credit_to)
		return;
	json_day(w, "credit_to", sale->credit_to);
	if (who && sale->customer && who->credit_to == sale->credit_to && !strcmp(who->id, sale->customer))
		json_money(w, "credit_left", credit_left(l->shop->uses, who), exponent);
}

void lane_receipt_json(struct lane *l, struct jsonw *w)
{
	const struct event_sale *sale;
	struct ledger_position at;
	unsigned exponent;
	bool repeated;

	if (!l->receipt)
		return;
	sale = sale_job_sale(l->receipt, &at, &repeated);
	if (currency_exponent(sale->currency, &exponent))
		return; /* of no book that this program could have read */
	jsonw_text(w, "order", sale->order);
	jsonw_bool(w, "repeated", repeated);
	jsonw_text(w, "currency", sale->currency);
	json_money(w, "total", sale->total, exponent);
	json_money(w, "tendered", (struct money){sale->total.minor + sale->change.minor}, exponent);
	json_money(w, "change", sale->change, exponent);
	write_tenders(w, l, sale, exponent);
	jsonw_int(w, "segment", at.segment);
	jsonw_int(w, "sequence", at.sequence);
	write_lines(w, shop_catalog(l->shop), sale, l->language, exponent);
	write_applied(w, shop_catalog(l->shop), sale, l->language, exponent);
	json_totals(w,
		    &(struct totals){.list = sale->list,
				     .discount = sale->discount,
				     .net = sale->net,
				     .tax = sale->tax,
				     .total = sale->total},
		    exponent);
}
