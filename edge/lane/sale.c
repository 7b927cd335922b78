/*
 * A paid cart as the ledger keeps it: what was sold and paid, and the extract of the catalog that decided it.
 */
#include "cart_json.h"
#include "cart_keep.h"

#include <string.h>

static bool copy_text(struct arena *arena, const char *text, const char **out)
{
	*out = text ? arena_text(arena, text, strlen(text)) : NULL;
	return *out || !text;
}

/* The code that unlocked it, and the token that the code came with. */
static bool add_coupon(const struct cart *c, uint32_t promotion, struct arena *arena,
		       struct sale_promotion *out)
{
	for (uint32_t i = 0; i < c->now.coupons; i++)
		if (c->coupon_of[i] == promotion)
			return copy_text(arena, c->coupon[i], &out->coupon) &&
			       copy_text(arena, c->claim[i].token, &out->token);
	return true;
}

/* What the fold of uses will count. */
static void add_limits(const struct cart *c, uint32_t promotion, struct sale_promotion *out)
{
	const struct limited *l = limits_find(c->limits, promotion);

	if (!l)
		return;
	out->counted = l->customer;
	out->grant = l->uses || l->budget ? l->use->grant : 0;
}

static enum err add_counters(const struct cart *c, struct arena *arena, struct event_sale *sale)
{
	uint32_t most = c->limits->count ? c->now.result.verdict_count : 0, n;
	struct counter *counters = arena_get(arena, most * sizeof(*counters) + 1);
	struct sale_counter *at = arena_get(arena, most * sizeof(*at) + 1);

	if (!counters || !at)
		return ERR_MEMORY;
	n = limits_judged(c, &c->now, counters);
	for (uint32_t i = 0; i < n; i++)
		at[i] = (struct sale_counter){c->catalog->promotions[counters[i].promotion].id,
					      counters[i].uses_left, counters[i].budget_left,
					      counters[i].customer_uses};
	sale->counters = (struct list){at, n};
	sale->order_number = c->now.order_number;
	return ERR_OK;
}

static enum err add_promotions(const struct cart *c, struct arena *arena, struct event_sale *sale)
{
	const struct engine_result *r = &c->now.result;
	struct sale_promotion *at = arena_get(arena, r->applied_count * sizeof(*at));

	if (!at)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < r->applied_count; i++) {
		const struct verdict *v = &r->verdicts[i];
		const struct promotion *p = &c->catalog->promotions[v->promotion];

		at[i] = (struct sale_promotion){.id = p->id, .amount = v->amount, .times = v->times};
		add_limits(c, v->promotion, &at[i]);
		if (p->coupon && !add_coupon(c, v->promotion, arena, &at[i]))
			return ERR_MEMORY;
	}
	sale->promotions = (struct list){at, r->applied_count};
	return ERR_OK;
}

/* The sale's promotions name the code that unlocked them: one each. */
static bool is_named(const struct event_sale *sale, const char *code)
{
	const struct sale_promotion *at = sale->promotions.at;

	for (size_t i = 0; i < sale->promotions.count; i++)
		if (at[i].coupon && !strcmp(at[i].coupon, code))
			return true;
	return false;
}

/* A promotion whose coupon is in the cart is judged otherwise than one whose coupon is missing. */
static enum err add_coupons(const struct cart *c, struct arena *arena, struct event_sale *sale)
{
	struct sale_coupon *at = arena_get(arena, c->now.coupons * sizeof(*at));
	size_t n = 0;

	if (!at)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < c->now.coupons; i++) {
		if (is_named(sale, c->coupon[i]))
			continue;
		at[n].promotion = c->catalog->promotions[c->coupon_of[i]].id;
		if (!copy_text(arena, c->coupon[i], &at[n++].code))
			return ERR_MEMORY;
	}
	sale->coupons = (struct list){at, n};
	return ERR_OK;
}

static int64_t applied_place(const struct engine_result *r, uint32_t promotion)
{
	uint32_t i = 0;

	while (r->verdicts[i].promotion != promotion)
		i++; /* who gives a discount is among the applied */
	return i;
}

static enum err add_rewards(const struct cart *c, struct arena *arena, struct event_sale *sale)
{
	const struct engine_result *r = &c->now.result;
	struct sale_reward *at = arena_get(arena, r->reward_count * sizeof(*at));

	if (!at)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < r->reward_count; i++) {
		const struct reward *from = &r->rewards[i];
		const struct give *give = &c->catalog->promotions[from->promotion].gives[from->give];

		at[i] = (struct sale_reward){.promotion = applied_place(r, from->promotion),
					     .kind = reward_name(from->kind),
					     .amount = from->amount,
					     .count = from->count,
					     .sku = from->kind == REWARD_GIFT ? give->sku : NULL};
	}
	sale->rewards = (struct list){at, r->reward_count};
	return ERR_OK;
}

static enum err add_discounts(const struct engine_result *r, const struct line_result *line,
			      struct arena *arena, struct list *out)
{
	struct sale_discount *at;

	if (!line->discounts)
		return ERR_OK;
	at = arena_get(arena, line->discounts * sizeof(*at));
	if (!at)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < line->discounts; i++) {
		const struct discount *d = &r->discounts[line->first_discount + i];

		at[i] = (struct sale_discount){applied_place(r, d->promotion), d->amount};
	}
	*out = (struct list){at, line->discounts};
	return ERR_OK;
}

static enum err add_lines(const struct cart *c, struct arena *arena, struct event_sale *sale)
{
	const struct engine_result *r = &c->now.result;
	struct sale_line *at = arena_get(arena, c->now.count * sizeof(*at));

	if (!at)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < c->now.count; i++) {
		const struct engine_line *line = &c->now.lines[i];
		const struct line_result *priced = &r->lines[i];
		enum err e;

		at[i] = (struct sale_line){
			.sku = catalog_sku(c->catalog, line->item),
			.quantity = line->quantity,
			.given = line->given,
			.locked = line->locked,
			.expires = line->expires,
			.unit_price = priced->unit_price,
			.list = priced->list,
			.net = priced->net,
			.tax = priced->tax,
			.override = priced->override == CATALOG_NONE ? NULL
								     : c->catalog->rules[priced->override].id,
		};
		e = add_discounts(r, priced, arena, &at[i].discounts);
		if (e)
			return e;
	}
	sale->lines = (struct list){at, c->now.count};
	return ERR_OK;
}

static enum err add_people(const struct cart *c, const char *cashier, struct arena *arena,
			   struct event_sale *sale)
{
	const struct customer *who = c->now.customer;
	const char **names;

	if (!copy_text(arena, cashier, &sale->cashier) ||
	    !copy_text(arena, who ? who->id : NULL, &sale->customer) ||
	    !copy_text(arena, who ? who->plan : NULL, &sale->plan))
		return ERR_MEMORY;
	if (!who || !who->segments.count)
		return ERR_OK;
	names = arena_get(arena, who->segments.count * sizeof(*names));
	if (!names)
		return ERR_MEMORY;
	for (size_t i = 0; i < who->segments.count; i++)
		if (!copy_text(arena, ((const char *const *)who->segments.at)[i], &names[i]))
			return ERR_MEMORY;
	sale->segments = (struct list){names, who->segments.count};
	return ERR_OK;
}

static enum err add_tenders(const struct payment *p, struct arena *arena, struct event_sale *sale)
{
	struct sale_tender *at = arena_get(arena, p->count * sizeof(*at));

	if (!at)
		return ERR_MEMORY;
	for (size_t i = 0; i < p->count; i++) {
		at[i].amount = p->tenders[i].amount;
		if (!copy_text(arena, p->tenders[i].method, &at[i].method))
			return ERR_MEMORY;
	}
	sale->tenders = (struct list){at, p->count};
	sale->change = p->change;
	sale->credit_to = p->credit_to;
	return ERR_OK;
}

static enum err add_extract(const struct cart *c, struct body_memo *memo, struct arena *arena,
			    struct ledger_sale *out)
{
	struct engine_cart view = cart_view(c, &c->now);
	struct extract all;
	enum err e = extract_take(c->catalog, &view, &c->now.result, memo, arena, &all);

	if (e)
		return e;
	out->bodies = all.bodies;
	out->body_count = all.count;
	return ERR_OK;
}

static enum err add_result(const struct cart *c, struct arena *arena, struct event_sale *sale)
{
	struct digest *digest = arena_get(arena, sizeof(*digest));

	if (!digest)
		return ERR_MEMORY;
	sale->result = (struct bytes){digest->bytes, DIGEST_SIZE};
	return cart_result(c, digest);
}

enum err sale_build(const struct lane *l, const struct cart *c, const char *order, const char *cashier,
		    const struct payment *p, struct arena *arena, struct event_sale *sale,
		    struct ledger_sale *out)
{
	const struct totals *t = &c->now.result.totals;
	enum err e;

	*sale = (struct event_sale){
		.order = order,
		.cart = strcmp(order, c->id) != 0 ? c->id : NULL,
		.lane = l->name,
		.store = l->shop->config->store,
		.channel = c->channel_name,
		.currency = c->catalog->settings.currency,
		.opened_ms = c->now_s * 1000,
		.utc_offset_s = c->utc_offset_s,
		.clock_uncertain = c->clock_uncertain,
		.catalog = (int64_t)c->catalog->version,
		.semantics = c->catalog->settings.semantics,
		.list = t->list,
		.discount = t->discount,
		.net = t->net,
		.tax = t->tax,
		.total = t->total,
	};
	*out = (struct ledger_sale){.sale = sale};
	e = add_people(c, cashier, arena, sale);
	if (!e)
		e = add_lines(c, arena, sale);
	if (!e)
		e = add_promotions(c, arena, sale);
	if (!e)
		e = add_coupons(c, arena, sale);
	if (!e)
		e = add_rewards(c, arena, sale);
	if (!e)
		e = add_counters(c, arena, sale);
	if (!e)
		e = add_tenders(p, arena, sale);
	if (!e)
		e = add_extract(c, l->shop->memo, arena, out);
	return e ? e : add_result(c, arena, sale);
}
