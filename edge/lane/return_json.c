/*
 * The last return of a lane, as it is in the ledger or would be.
 */
#include "return_job.h"

#include "lane_json.h"
#include "reason_facts.h"

/* Names and texts are the catalog's of today, as on receipts. */
static void write_lines(struct jsonw *w, const struct catalog *c, const struct return_job *j,
			unsigned exponent)
{
	const struct return_line *at = j->back.done.lines.at;
	const struct sale_line *sold = j->back.sale.lines.at;

	jsonw_array(w, "lines");
	for (size_t i = 0; i < j->back.done.lines.count; i++) {
		const struct sale_line *line = &sold[at[i].line];
		uint32_t item;

		jsonw_object(w, NULL);
		jsonw_int(w, "line", at[i].line + 1);
		jsonw_text(w, "sku", line->sku);
		if (c && catalog_find_sku(c, line->sku, &item) == ERR_OK)
			jsonw_text(w, "name", catalog_name(c, item));
		jsonw_decimal(w, "quantity", at[i].quantity.micro, QTY_EXPONENT, 0);
		json_money(w, "net", at[i].net, exponent);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void write_promotion(struct jsonw *w, const struct catalog *c, const char *id, const char *language)
{
	uint32_t at = c ? catalog_promotion(c, id) : CATALOG_NONE;

	jsonw_text(w, "promotion", id);
	if (at != CATALOG_NONE)
		jsonw_text(w, "text", promotion_text(&c->promotions[at], language));
}

static void write_promotions(struct jsonw *w, const struct catalog *c, const struct event_return *r,
			     const char *language, unsigned exponent)
{
	const struct return_promotion *at = r->promotions.at;

	jsonw_array(w, "promotions");
	for (size_t i = 0; i < r->promotions.count; i++) {
		jsonw_object(w, NULL);
		write_promotion(w, c, at[i].id, language);
		json_money(w, "amount", at[i].amount, exponent);
		jsonw_int(w, "uses", at[i].uses);
		if (at[i].coupon)
			jsonw_text(w, "coupon", at[i].coupon);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void write_rewards(struct jsonw *w, const struct event_return *r, unsigned exponent)
{
	const struct return_reward *at = r->rewards.at;

	jsonw_array(w, "rewards");
	for (size_t i = 0; i < r->rewards.count; i++) {
		jsonw_object(w, NULL);
		jsonw_text(w, "promotion", at[i].promotion);
		jsonw_text(w, "kind", at[i].kind);
		if (at[i].count)
			jsonw_int(w, "count", at[i].count);
		else
			json_money(w, "amount", at[i].amount, exponent);
		if (at[i].sku) {
			jsonw_text(w, "sku", at[i].sku);
			jsonw_bool(w, "kept", at[i].kept);
		}
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void write_tenders(struct jsonw *w, const struct event_return *r, unsigned exponent)
{
	const struct sale_tender *at = r->tenders.at;

	jsonw_array(w, "tenders");
	for (size_t i = 0; i < r->tenders.count; i++) {
		jsonw_object(w, NULL);
		jsonw_text(w, "method", at[i].method);
		json_money(w, "amount", at[i].amount, exponent);
		jsonw_close(w);
	}
	jsonw_close(w);
}

static void write_amounts(struct jsonw *w, const struct event_return *r, unsigned exponent)
{
	jsonw_text(w, "currency", r->currency);
	json_money(w, "refund", r->refund, exponent);
	json_money(w, "tax", r->tax, exponent);
	json_money(w, "left", r->left, exponent);
	json_money(w, "price", r->price, exponent);
}

void lane_return_json(struct lane *l, struct jsonw *w)
{
	const struct return_job *j = l->returned;
	const struct catalog *c = shop_catalog(l->shop);
	const struct event_return *r;
	unsigned exponent;

	if (!j)
		return;
	r = &j->back.done;
	if (currency_exponent(r->currency, &exponent))
		return; /* of no book that this program could have read */
	jsonw_text(w, "return_id", r->id);
	jsonw_text(w, "order", r->order);
	jsonw_text(w, "kind", event_kind_name((int64_t)j->back.kind));
	jsonw_bool(w, "repeated", j->job.result == ERR_EXISTS);
	jsonw_bool(w, "preview", j->back.preview && j->job.result == ERR_OK);
	write_amounts(w, r, exponent);
	write_tenders(w, r, exponent);
	write_lines(w, c, j, exponent);
	write_promotions(w, c, r, l->language, exponent);
	write_rewards(w, r, exponent);
	if (j->back.preview && j->job.result == ERR_OK)
		return;
	jsonw_int(w, "segment", j->job.position.segment);
	jsonw_int(w, "sequence", j->job.position.sequence);
}
