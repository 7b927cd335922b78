/*
 * Results as JSON: what `tillctl evaluate` prints and a lane shows. Amounts and quantities are decimal text.
 */
#include "cart_json.h"

#include "civil.h"
#include "landed.h"
#include "reason_facts.h"
#include "records.h"

#define DAY_S	    86400
#define DATE_LENGTH 10 /* of "2026-11-21T00:00:00" */

/* Writing one: what every part of it looks at. */
struct pen {
	const struct catalog *catalog;
	const struct engine_cart *cart;
	const struct engine_result *result;
	const char *language;
	struct jsonw *out;
};

static void put_money(const struct pen *p, const char *name, struct money m)
{
	unsigned exponent = p->catalog->settings.exponent;

	jsonw_decimal(p->out, name, m.minor, exponent, exponent);
}

static void put_time(const struct pen *p, const char *name, int64_t utc_s)
{
	char text[CIVIL_TEXT_MAX];

	civil_format(utc_s, true, text);
	jsonw_text(p->out, name, text);
}

static int64_t earlier(int64_t a, int64_t b)
{
	if (a == AMOUNT_NONE || b == AMOUNT_NONE)
		return a == AMOUNT_NONE ? b : a;
	return a < b ? a : b;
}

/* On the store's clock: the last second of the hours that local_s is in. */
static int64_t hours_end(const struct promotion *p, int64_t local_s)
{
	int64_t day = local_s - local_s % DAY_S, second = local_s % DAY_S, end = AMOUNT_NONE;

	for (uint32_t i = 0; i < p->hours_count; i++) {
		const struct hours *h = &p->hours[i];
		bool overnight = h->from > h->to;
		bool begun = second >= h->from, over = second > h->to;
		int64_t to = AMOUNT_NONE;

		if (overnight ? begun || !over : begun && !over)
			to = day + h->to + (overnight && begun ? DAY_S : 0);
		if (to != AMOUNT_NONE && (end == AMOUNT_NONE || to > end))
			end = to;
	}
	return end;
}

/* On the store's clock: the last second of the last weekday in a row. */
static int64_t weekdays_end(const struct promotion *p, int64_t local_s)
{
	int64_t midnight = local_s - local_s % DAY_S + DAY_S;
	unsigned weekday;

	if (!p->weekdays)
		return AMOUNT_NONE;
	weekday = civil_from_seconds(local_s).weekday - 1u;
	for (unsigned days = 1; days < 7; days++) {
		if (!(p->weekdays >> ((weekday + days) % 7) & 1))
			return midnight + (int64_t)(days - 1) * DAY_S - 1;
	}
	return AMOUNT_NONE;
}

int64_t promotion_ends_s(const struct promotion *p, const struct engine_context *x)
{
	int64_t local_s = x->now_s + x->utc_offset_s, end = p->window.to.seconds;
	int64_t local_end = p->hours_count ? hours_end(p, local_s) : weekdays_end(p, local_s);

	if (end != AMOUNT_NONE && p->window.to.local)
		end -= x->utc_offset_s;
	return earlier(end, local_end == AMOUNT_NONE ? AMOUNT_NONE : local_end - x->utc_offset_s);
}

static void put_discounts(const struct pen *p, const struct line_result *line)
{
	jsonw_array(p->out, "discounts");
	for (uint32_t i = 0; i < line->discounts; i++) {
		const struct discount *d = &p->result->discounts[line->first_discount + i];
		jsonw_object(p->out, NULL);
		jsonw_text(p->out, "promotion", p->catalog->promotions[d->promotion].id);
		put_money(p, "amount", d->amount);
		jsonw_close(p->out);
	}
	jsonw_close(p->out);
}

/* The price itself is below the margin floor: what it is, what it had to be, and the margin that it leaves.
 */
static void put_violation(const struct pen *p, const struct engine_line *in, const struct line_result *line)
{
	struct rate margin;

	if (line->least.minor <= line->list.minor)
		return;
	jsonw_object(p->out, "margin_violation");
	put_money(p, "amount", line->list);
	if (line->least.minor != AMOUNT_MAX)
		put_money(p, "least", line->least);
	if (!engine_margin(p->catalog, in->item, in->quantity, line->list, &margin))
		jsonw_decimal(p->out, "margin", margin.ppm, RATE_PERCENT_EXPONENT, 0);
	jsonw_decimal(p->out, "floor", line->floor.ppm, RATE_PERCENT_EXPONENT, 0);
	jsonw_close(p->out);
}

/* What the guard reckons its cost with may not be so any more. */
static void put_stale_rate(const struct pen *p, const struct engine_line *in)
{
	const struct engine_context *x = &p->cart->context;
	uint8_t place = catalog_item(p->catalog, in->item)->exchange;
	const struct exchange *rate = place ? &p->catalog->exchanges[place - 1] : NULL;

	if (!rate || !exchange_is_stale(rate, x->now_s, x->utc_offset_s))
		return;
	jsonw_object(p->out, "stale_rate");
	jsonw_text(p->out, "currency", rate->currency);
	if (rate->at.seconds != AMOUNT_NONE)
		put_time(p, "at", exchange_at_s(rate, x->utc_offset_s));
	jsonw_close(p->out);
}

static void put_step(const struct catalog *c, const struct price_step *s, struct jsonw *w)
{
	static const char *const names[] = {"rule", "bounds", "margin", "lock"};
	unsigned exponent = c->settings.exponent;

	jsonw_object(w, NULL);
	jsonw_text(w, "by", names[s->kind]);
	if (s->kind == STEP_RULE) {
		jsonw_text(w, "rule", c->rules[s->rule].id);
		jsonw_text(w, "kind", record_rule_kind(c->rules[s->rule].kind));
	}
	jsonw_decimal(w, "amount", s->amount.minor, exponent, exponent);
	jsonw_close(w);
}

void price_origin_to_json(const struct catalog *c, const struct engine_result *r,
			  const struct line_result *line, struct jsonw *w)
{
	unsigned exponent = c->settings.exponent;

	if (line->price_list != CATALOG_NONE)
		jsonw_text(w, "price_list", c->lists[line->price_list].id);
	if (line->volume.micro)
		jsonw_decimal(w, "volume", line->volume.micro, QTY_EXPONENT, 0);
	if (line->override != CATALOG_NONE)
		jsonw_text(w, "override", c->rules[line->override].id);
	if (line->steps == 0)
		return;
	jsonw_decimal(w, "base", line->base.minor, exponent, exponent);
	jsonw_array(w, "steps");
	for (uint32_t i = 0; i < line->steps; i++)
		put_step(c, &r->steps[line->first_step + i], w);
	jsonw_close(w);
}

static void put_expiry(const struct pen *p, const struct engine_line *line)
{
	char text[CIVIL_TEXT_MAX];

	if (!line->expires)
		return;
	civil_format((int64_t)line->expires * DAY_S, false, text);
	jsonw_text_n(p->out, "expires", text, DATE_LENGTH);
}

static void put_line(const struct pen *p, uint32_t i)
{
	const struct engine_line *in = &p->cart->lines[i];
	const struct line_result *line = &p->result->lines[i];

	jsonw_object(p->out, NULL);
	jsonw_int(p->out, "line", (int64_t)i + 1);
	jsonw_text(p->out, "sku", catalog_sku(p->catalog, in->item));
	jsonw_text(p->out, "name", catalog_name(p->catalog, in->item));
	jsonw_decimal(p->out, "quantity", in->quantity.micro, QTY_EXPONENT, 0);
	jsonw_text(p->out, "unit", record_units[catalog_item(p->catalog, in->item)->unit]);
	put_expiry(p, in);
	put_money(p, "unit_price", line->unit_price);
	price_origin_to_json(p->catalog, p->result, line, p->out);
	put_money(p, "list", line->list);
	put_money(p, "net", line->net);
	put_money(p, "tax", line->tax);
	put_discounts(p, line);
	put_violation(p, in, line);
	put_stale_rate(p, in);
	jsonw_close(p->out);
}

static void put_totals(const struct pen *p)
{
	const struct totals *t = &p->result->totals;

	jsonw_object(p->out, "totals");
	put_money(p, "list", t->list);
	put_money(p, "discount", t->discount);
	put_money(p, "net", t->net);
	put_money(p, "tax", t->tax);
	if (p->cart->context.shipping.method) {
		put_money(p, "shipping", t->shipping);
		put_money(p, "shipping_discount", t->shipping_discount);
	}
	put_money(p, "total", t->total);
	jsonw_close(p->out);
}

/* The numbers by which a promotion may go below the floor. */
static void put_compensation(const struct pen *p, uint32_t promotion)
{
	struct money without, with;

	if (engine_compensation(p->catalog, p->cart, p->result, promotion, &without, &with))
		return;
	jsonw_object(p->out, "compensates");
	jsonw_decimal(p->out, "uplift", p->catalog->promotions[promotion].uplift, QTY_EXPONENT, 0);
	put_money(p, "profit_without", without);
	put_money(p, "profit_with", with);
	jsonw_close(p->out);
}

static void put_applied(const struct pen *p, const struct verdict *v)
{
	const struct promotion *promotion = &p->catalog->promotions[v->promotion];
	int64_t ends_s = promotion_ends_s(promotion, &p->cart->context);

	jsonw_object(p->out, NULL);
	jsonw_text(p->out, "promotion", promotion->id);
	jsonw_text(p->out, "name", promotion->name);
	jsonw_text(p->out, "text", promotion_text(promotion, p->language));
	put_money(p, "amount", v->amount);
	if (v->cut.minor)
		put_money(p, "cut", v->cut);
	put_compensation(p, v->promotion);
	jsonw_int(p->out, "times", v->times);
	if (ends_s != AMOUNT_NONE)
		put_time(p, "ends", ends_s);
	jsonw_close(p->out);
}

void lacking_to_json(const struct catalog *c, const struct verdict *v, struct jsonw *w)
{
	const struct need *need;

	if (v->lacking == 0)
		return;
	need = &c->promotions[v->promotion].needs[v->need];
	switch (need->kind) {
	case NEED_AMOUNT:
		jsonw_decimal(w, "lacking", v->lacking, c->settings.exponent, c->settings.exponent);
		jsonw_text(w, "needs", "amount");
		break;
	case NEED_QUANTITY:
		jsonw_decimal(w, "lacking", v->lacking, 0, 0);
		jsonw_text(w, "needs", "quantity");
		break;
	case NEED_MEASURE:
		jsonw_decimal(w, "lacking", v->lacking, QTY_EXPONENT, 0);
		jsonw_text(w, "needs", record_units[need->unit]);
		break;
	}
}

static void put_rejected(const struct pen *p, const struct verdict *v)
{
	const struct promotion *promotion = &p->catalog->promotions[v->promotion];

	jsonw_object(p->out, NULL);
	jsonw_text(p->out, "promotion", promotion->id);
	jsonw_text(p->out, "name", promotion->name);
	jsonw_text(p->out, "label", promotion_text(promotion, p->language));
	reason_to_json(&(struct judged){p->catalog, &p->cart->context, v}, "text", p->out);
	lacking_to_json(p->catalog, v, p->out);
	if (v->by != CATALOG_NONE)
		jsonw_text(p->out, "by", p->catalog->promotions[v->by].id);
	if (v->alone.minor)
		put_money(p, "alone", v->alone);
	if (v->reason == REASON_MARGIN_BLOCKED) {
		put_money(p, "cut", v->cut);
		put_money(p, "allowed", v->allowed);
	}
	jsonw_close(p->out);
}

static const char *const reward_names[] = {
	[REWARD_SHIPPING] = "shipping", [REWARD_GIFT] = "gift",	    [REWARD_POINTS] = "points",
	[REWARD_CASHBACK] = "cashback", [REWARD_CREDIT] = "credit",
};

const char *reward_name(enum reward_kind kind)
{
	return reward_names[kind];
}

static void put_gift(const struct pen *p, const struct reward *r)
{
	const char *sku = p->catalog->promotions[r->promotion].gives[r->give].sku;
	uint32_t item;

	jsonw_text(p->out, "sku", sku);
	if (!catalog_find_sku(p->catalog, sku, &item))
		jsonw_text(p->out, "name", catalog_name(p->catalog, item));
}

/* Each kind has an amount, or is counted. */
void reward_to_json(const struct catalog *c, const struct reward *r, struct jsonw *w)
{
	const struct pen p = {.catalog = c, .out = w};

	jsonw_text(w, "kind", reward_names[r->kind]);
	if (r->kind == REWARD_GIFT)
		put_gift(&p, r);
	if (r->kind == REWARD_GIFT || r->kind == REWARD_POINTS)
		jsonw_int(w, "count", r->count);
	else
		put_money(&p, "amount", r->amount);
}

static void put_rewards(const struct pen *p)
{
	if (!p->result->reward_count)
		return;
	jsonw_array(p->out, "rewards");
	for (uint32_t i = 0; i < p->result->reward_count; i++) {
		const struct reward *r = &p->result->rewards[i];
		jsonw_object(p->out, NULL);
		jsonw_text(p->out, "promotion", p->catalog->promotions[r->promotion].id);
		reward_to_json(p->catalog, r, p->out);
		jsonw_close(p->out);
	}
	jsonw_close(p->out);
}

static void put_verdicts(const struct pen *p)
{
	const struct engine_result *r = p->result;

	jsonw_array(p->out, "applied");
	for (uint32_t i = 0; i < r->applied_count; i++)
		put_applied(p, &r->verdicts[i]);
	jsonw_close(p->out);
	jsonw_array(p->out, "rejected");
	for (uint32_t i = r->applied_count; i < r->verdict_count; i++)
		put_rejected(p, &r->verdicts[i]);
	jsonw_close(p->out);
}

static void put_ranked(const struct pen *p)
{
	const struct engine_result *r = p->result;

	jsonw_array(p->out, "ranked");
	for (uint32_t i = 0; i < r->verdict_count; i++) {
		const struct verdict *v = &r->verdicts[r->ranked[i]];

		jsonw_object(p->out, NULL);
		jsonw_text(p->out, "promotion", p->catalog->promotions[v->promotion].id);
		jsonw_bool(p->out, "applied", v->reason == REASON_APPLIED);
		put_money(p, "amount", v->reason ? v->alone : v->amount);
		jsonw_close(p->out);
	}
	jsonw_close(p->out);
}

void evaluation_to_json(const struct catalog *c, const struct engine_cart *cart,
			const struct engine_result *r, const char *language, struct jsonw *w)
{
	const struct pen p = {.catalog = c, .cart = cart, .result = r, .language = language, .out = w};

	jsonw_text(w, "currency", c->settings.currency);
	put_time(&p, "now", cart->context.now_s);
	jsonw_text(w, "policy", record_policies[c->settings.policy]);
	jsonw_int(w, "semantics", c->settings.semantics);
	jsonw_bool(w, "optimal", r->optimal);
	if (!r->optimal)
		put_money(&p, "gap", r->gap);
	jsonw_array(w, "lines");
	for (uint32_t i = 0; i < r->line_count; i++)
		put_line(&p, i);
	jsonw_close(w);
	put_totals(&p);
	put_verdicts(&p);
	if (r->ranked)
		put_ranked(&p);
	put_rewards(&p);
}
