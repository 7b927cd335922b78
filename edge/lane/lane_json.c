/*
 * A lane for programs: carts and prices as members of a JSON object. docs/control.md shows them; line_json.c
 * has the line of a scan. Nothing here allocates but `price` and `explain`, which have an evaluation of their
 * own.
 */
#include "lane_parts.h"

#include "cart_json.h"
#include "civil.h"
#include "lane_json.h"
#include "reason_facts.h"
#include "records.h"

void json_totals(struct jsonw *w, const struct totals *t, unsigned exponent)
{
	jsonw_object(w, "totals");
	json_money(w, "list", t->list, exponent);
	json_money(w, "discount", t->discount, exponent);
	json_money(w, "net", t->net, exponent);
	json_money(w, "tax", t->tax, exponent);
	json_money(w, "total", t->total, exponent);
	jsonw_close(w);
}

static void write_instant(struct jsonw *w, const char *name, int64_t utc_s)
{
	char text[CIVIL_TEXT_MAX];

	jsonw_text_n(w, name, text, civil_format(utc_s, true, text));
}

void json_promotion(struct jsonw *w, const struct catalog *c, uint32_t promotion, const char *language)
{
	const struct promotion *p = &c->promotions[promotion];
	const struct label *label = promotion_label(p, language);

	if (label)
		jsonw_members(w, label->shown, label->shown_length);
	else
		jsonw_members(w, p->shown, p->shown_length);
}

void json_ends(struct jsonw *w, const struct catalog *c, uint32_t promotion, const struct engine_context *x)
{
	int64_t ends_s = promotion_ends_s(&c->promotions[promotion], x);

	if (ends_s != AMOUNT_NONE)
		write_instant(w, "ends", ends_s);
}

void json_article(struct jsonw *w, const struct catalog *c, uint32_t item)
{
	jsonw_text(w, "sku", catalog_sku(c, item));
	jsonw_text(w, "name", catalog_name(c, item));
	jsonw_text(w, "unit", record_units[catalog_item(c, item)->unit]);
}

static void write_coupons(struct jsonw *w, const struct cart *c)
{
	jsonw_array(w, "coupons");
	for (uint32_t i = 0; c && i < c->now.coupons; i++)
		jsonw_text(w, NULL, c->coupon[i]);
	jsonw_close(w);
}

void json_day(struct jsonw *w, const char *name, int64_t day)
{
	char text[CIVIL_TEXT_MAX];

	civil_format(day * 86400, false, text);
	jsonw_text_n(w, name, text, 10);
}

/* What the customer's plan brought, for who wants to pay with it. */
static void write_credit(struct jsonw *w, const struct lane *l)
{
	const struct customer *who = l->cart->now.customer;
	unsigned exponent = l->cart->catalog->settings.exponent;

	jsonw_object(w, "credit");
	json_money(w, "granted", who->credit, exponent);
	json_money(w, "left", credit_left(l->shop->uses, who), exponent);
	json_day(w, "to", who->credit_to);
	jsonw_close(w);
}

static void write_cart_head(struct jsonw *w, const struct lane *l)
{
	const struct cart *c = l->cart;

	jsonw_text(w, "lane", l->name);
	jsonw_text(w, "state", lane_state_name(lane_state(l)));
	jsonw_text(w, "cart", c ? c->id : NULL);
	jsonw_text(w, "customer", c && c->now.customer ? c->now.customer->id : NULL);
	if (c && c->now.customer && c->now.customer->credit_to)
		write_credit(w, l);
	write_coupons(w, c);
}

/* An idle lane has a cart without lines. */
static void write_no_lines(struct jsonw *w)
{
	jsonw_array(w, "lines");
	jsonw_close(w);
}

void lane_cart_json(struct lane *l, struct jsonw *w)
{
	struct engine_cart view;

	write_cart_head(w, l);
	if (!l->cart) {
		write_no_lines(w);
		return;
	}
	view = cart_view(l->cart, &l->cart->now);
	evaluation_to_json(l->cart->catalog, &view, &l->cart->now.result, l->language, w);
}

/* Evaluates apart from any cart, in the shop's scratch room. */
static enum err evaluate_apart(struct shop *s, const struct catalog *c, const struct engine_cart *cart,
			       struct engine_result *r)
{
	size_t size = engine_room_size(c, cart->count);
	void *room = shop_scratch(s, size);
	uint32_t bad;

	return room ? engine_evaluate(c, cart, room, size, r, &bad) : ERR_MEMORY;
}

void lane_explain_json(struct lane *l, struct jsonw *w)
{
	struct engine_result r;
	struct engine_cart view;

	write_cart_head(w, l);
	if (!l->cart) {
		write_no_lines(w);
		return;
	}
	view = cart_view(l->cart, &l->cart->now);
	view.context.every_reason = true;
	view.context.ranked = true;
	if (evaluate_apart(l->shop, l->cart->catalog, &view, &r))
		r = l->cart->now.result; /* memory is short: at least what the cart knows */
	evaluation_to_json(l->cart->catalog, &view, &r, l->language, w);
}

void lane_summary_json(const struct lane *l, struct jsonw *w)
{
	const struct cart *c = l->cart;

	jsonw_text(w, "lane", l->name);
	jsonw_text(w, "state", lane_state_name(lane_state(l)));
	jsonw_text(w, "cart", c ? c->id : NULL);
	jsonw_int(w, "lines", c ? c->now.count : 0);
	if (c)
		json_money(w, "total", c->now.result.totals.total, c->catalog->settings.exponent);
	else
		jsonw_null(w, "total");
}

void shop_suspended_json(const struct shop *s, struct jsonw *w)
{
	jsonw_array(w, "suspended");
	for (const struct cart *c = s->suspended; c; c = c->next_suspended) {
		jsonw_object(w, NULL);
		jsonw_text(w, "cart", c->id);
		jsonw_text(w, "lane", c->lane_name);
		jsonw_int(w, "lines", c->now.count);
		json_money(w, "total", c->now.result.totals.total, c->catalog->settings.exponent);
		write_instant(w, "since", c->suspended_s);
		jsonw_close(w);
	}
	jsonw_close(w);
}

/* Who, where and when hold: what keeps the promotion away, if anything, is in the cart. */
static bool holds(const struct verdict *v)
{
	switch (v->reason) {
	case REASON_APPLIED:
	case REASON_NEEDS_QUANTITY:
	case REASON_NEEDS_AMOUNT:
	case REASON_NEEDS_MEASURE:
	case REASON_NEEDS_NONE:
	case REASON_NOTHING_SELECTED:
	case REASON_OUTRANKED:
	case REASON_WORTH_ZERO:
	case REASON_MARGIN_BLOCKED:
		return true;
	case REASON_NOT_ACTIVE:
	case REASON_CLOCK_UNCERTAIN:
	case REASON_NOT_STARTED:
	case REASON_ENDED:
	case REASON_OUTSIDE_HOURS:
	case REASON_WRONG_STORE:
	case REASON_WRONG_CHANNEL:
	case REASON_WRONG_SEGMENT:
	case REASON_COUPON_MISSING:
	case REASON_WRONG_CUSTOMER:
	case REASON_WRONG_PLAN:
	case REASON_WRONG_ORDER:
	case REASON_USES_SPENT:
	case REASON_BUDGET_SPENT:
	case REASON_CUSTOMER_LIMIT:
		return false;
	}
	return false;
}

static void write_price(struct jsonw *w, const struct catalog *c, const struct engine_cart *one,
			const struct engine_result *r, const char *language)
{
	const struct line_result *line = &r->lines[0];

	json_article(w, c, one->lines[0].item);
	json_money(w, "price", line->unit_price, c->settings.exponent);
	jsonw_text(w, "list", line->price_list == CATALOG_NONE ? NULL : c->lists[line->price_list].id);
	price_origin_to_json(c, r, line, w);
	jsonw_text(w, "currency", c->settings.currency);
	jsonw_array(w, "promotions");
	for (uint32_t i = 0; i < r->verdict_count; i++) {
		const struct promotion *p = &c->promotions[r->verdicts[i].promotion];

		if (!holds(&r->verdicts[i]))
			continue;
		jsonw_object(w, NULL);
		json_promotion(w, c, r->verdicts[i].promotion, language);
		jsonw_text(w, "name", p->name);
		json_ends(w, c, r->verdicts[i].promotion, &one->context);
		jsonw_close(w);
	}
	jsonw_close(w);
}

void lane_price_json(struct lane *l, const char *code_or_sku, bool is_sku, struct answer *a, struct jsonw *w)
{
	struct engine_line line = {.quantity = QTY_ONE, .given = MONEY_NONE, .locked = MONEY_NONE};
	struct cart *open = lane_open_cart(l), *c = open;
	struct engine_result r;
	struct engine_cart one;
	enum err e;

	*a = (struct answer){0};
	if (!lane_find_article(l, code_or_sku, is_sku, &line, a))
		return;
	if (!c)
		c = cart_new(l->shop, l);
	if (!c) {
		refuse_memory(a);
		return;
	}
	one = cart_view(c, &c->now);
	if (line.given.minor == AMOUNT_NONE)
		line.locked = lane_lowest_shown(l, c->catalog, line.item);
	one.lines = &line;
	one.count = 1;
	e = evaluate_apart(l->shop, c->catalog, &one, &r);
	if (e)
		refuse_evaluation(a, e, c->catalog, &line);
	else
		write_price(w, c->catalog, &one, &r, l->language);
	if (!e)
		lane_note_shown(l, c->catalog, &line, &r, 0);
	if (c != open)
		cart_free(c);
}
