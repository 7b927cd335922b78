/*
 * Results as deterministic CBOR. Promotions and lists are named, not numbered, so that the bytes are the same
 *from the whole catalog and from an extract of it. Keys and places are for ever, as those of records are:
 *
 *	{1: [[unit_price, list, net, tax, price list or null, [[promotion, amount] ...],
 *	      base, override or null, volume, [[kind of step, rule or null, amount] ...]] ...],
 *	 2: [list, discount, net, tax, total],
 *	 3: [[promotion, reason code, amount, times, lacking, need, by or null, cut, allowed] ...],
 *	 4: gap,
 *	 5: [[promotion, give, kind, amount, count, sku or null] ...], only if there are rewards,
 *	 6: [shipping, discount of it], only if something is sent}
 */
#include <string.h>

#include "cart_json.h"
#include "cbor.h"

static void put_text(struct cborw *w, const char *text)
{
	cborw_text(w, text, strlen(text));
}

static void put_rule(const struct catalog *c, uint32_t rule, struct cborw *w)
{
	if (rule == CATALOG_NONE)
		cborw_null(w);
	else
		put_text(w, c->rules[rule].id);
}

static void put_origin(const struct catalog *c, const struct engine_result *r, const struct line_result *line,
		       struct cborw *w)
{
	cborw_int(w, line->base.minor);
	put_rule(c, line->override, w);
	cborw_int(w, line->volume.micro);
	cborw_array(w, line->steps);
	for (uint32_t i = 0; i < line->steps; i++) {
		const struct price_step *s = &r->steps[line->first_step + i];
		cborw_array(w, 3);
		cborw_int(w, s->kind);
		put_rule(c, s->rule, w);
		cborw_int(w, s->amount.minor);
	}
}

static void put_line(const struct catalog *c, const struct engine_result *r, const struct line_result *line,
		     struct cborw *w)
{
	cborw_array(w, 10);
	cborw_int(w, line->unit_price.minor);
	cborw_int(w, line->list.minor);
	cborw_int(w, line->net.minor);
	cborw_int(w, line->tax.minor);
	if (line->price_list == CATALOG_NONE)
		cborw_null(w);
	else
		put_text(w, c->lists[line->price_list].id);
	cborw_array(w, line->discounts);
	for (uint32_t i = 0; i < line->discounts; i++) {
		const struct discount *d = &r->discounts[line->first_discount + i];
		cborw_array(w, 2);
		put_text(w, c->promotions[d->promotion].id);
		cborw_int(w, d->amount.minor);
	}
	put_origin(c, r, line, w);
}

static void put_totals(const struct totals *t, struct cborw *w)
{
	cborw_array(w, 5);
	cborw_int(w, t->list.minor);
	cborw_int(w, t->discount.minor);
	cborw_int(w, t->net.minor);
	cborw_int(w, t->tax.minor);
	cborw_int(w, t->total.minor);
}

static void put_verdict(const struct catalog *c, const struct verdict *v, struct cborw *w)
{
	cborw_array(w, 9);
	put_text(w, c->promotions[v->promotion].id);
	put_text(w, reason_code(v->reason));
	cborw_int(w, v->amount.minor);
	cborw_int(w, v->times);
	cborw_int(w, v->lacking);
	cborw_int(w, v->need);
	if (v->by == CATALOG_NONE)
		cborw_null(w);
	else
		put_text(w, c->promotions[v->by].id);
	cborw_int(w, v->cut.minor);
	cborw_int(w, v->allowed.minor);
}

static void put_reward(const struct catalog *c, const struct reward *r, struct cborw *w)
{
	const struct promotion *p = &c->promotions[r->promotion];

	cborw_array(w, 6);
	put_text(w, p->id);
	cborw_int(w, r->give);
	put_text(w, reward_name(r->kind));
	cborw_int(w, r->amount.minor);
	cborw_int(w, r->count);
	if (r->kind == REWARD_GIFT)
		put_text(w, p->gives[r->give].sku);
	else
		cborw_null(w);
}

static void put_rewards(const struct catalog *c, const struct engine_result *r, struct cborw *w)
{
	if (!r->reward_count)
		return;
	cborw_int(w, 5);
	cborw_array(w, r->reward_count);
	for (uint32_t i = 0; i < r->reward_count; i++)
		put_reward(c, &r->rewards[i], w);
}

static void put_shipping(const struct engine_result *r, struct cborw *w)
{
	if (!r->ships)
		return;
	cborw_int(w, 6);
	cborw_array(w, 2);
	cborw_int(w, r->totals.shipping.minor);
	cborw_int(w, r->totals.shipping_discount.minor);
}

enum err evaluation_to_cbor(const struct catalog *c, const struct engine_result *r, struct buf *out)
{
	struct cborw w;

	cborw_begin(&w, out);
	cborw_map(&w, 4u + (r->reward_count > 0) + r->ships);
	cborw_int(&w, 1);
	cborw_array(&w, r->line_count);
	for (uint32_t i = 0; i < r->line_count; i++)
		put_line(c, r, &r->lines[i], &w);
	cborw_int(&w, 2);
	put_totals(&r->totals, &w);
	cborw_int(&w, 3);
	cborw_array(&w, r->verdict_count);
	for (uint32_t i = 0; i < r->verdict_count; i++)
		put_verdict(c, &r->verdicts[i], &w);
	cborw_int(&w, 4);
	cborw_int(&w, r->gap.minor);
	put_rewards(c, r, &w);
	put_shipping(r, &w);
	return cborw_end(&w);
}
