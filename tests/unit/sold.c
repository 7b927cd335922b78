/*
 * A sale made of an evaluation. See sold.h.
 */
#include "sold.h"

#include <stdio.h>
#include <string.h>

#include "cart_json.h"
#include "unit.h"

static int64_t place_of(const struct engine_result *r, uint32_t promotion)
{
	int64_t i = 0;

	while (r->verdicts[i].promotion != promotion)
		i++;
	return i;
}

static void add_lines(const struct catalog *c, const struct engine_cart *cart, const struct engine_result *r,
		      struct arena *a, struct event_sale *out)
{
	struct sale_line *lines = arena_get(a, (r->line_count + 1) * sizeof(*lines));

	for (uint32_t i = 0; i < r->line_count; i++) {
		const struct line_result *p = &r->lines[i];
		struct sale_discount *d = arena_get(a, (p->discounts + 1) * sizeof(*d));

		for (uint32_t k = 0; k < p->discounts; k++) {
			const struct discount *from = &r->discounts[p->first_discount + k];

			d[k] = (struct sale_discount){place_of(r, from->promotion), from->amount};
		}
		lines[i] = (struct sale_line){
			.sku = catalog_sku(c, cart->lines[i].item),
			.quantity = cart->lines[i].quantity,
			.given = cart->lines[i].given,
			.locked = cart->lines[i].locked,
			.unit_price = p->unit_price,
			.list = p->list,
			.net = p->net,
			.tax = p->tax,
			.discounts = {d, p->discounts},
		};
	}
	out->lines = (struct list){lines, r->line_count};
}

static const char *code_of(const struct engine_cart *cart, uint32_t promotion, const char *id,
			   struct arena *a)
{
	char code[80];

	for (uint32_t i = 0; i < cart->context.coupons.count; i++) {
		if (cart->context.coupons.at[i] != promotion)
			continue;
		snprintf(code, sizeof(code), "C-%s", id);
		return arena_text(a, code, strlen(code));
	}
	return NULL;
}

static void add_promotions(const struct catalog *c, const struct engine_cart *cart,
			   const struct engine_result *r, struct arena *a, struct event_sale *out)
{
	struct sale_promotion *at = arena_get(a, (r->applied_count + 1) * sizeof(*at));
	struct sale_reward *rewards = arena_get(a, (r->reward_count + 1) * sizeof(*rewards));

	for (uint32_t i = 0; i < r->applied_count; i++) {
		const struct verdict *v = &r->verdicts[i];
		const struct promotion *p = &c->promotions[v->promotion];

		at[i] = (struct sale_promotion){.id = p->id,
						.amount = v->amount,
						.times = v->times,
						.coupon = code_of(cart, v->promotion, p->id, a),
						.counted = p->customer_uses > 0};
	}
	for (uint32_t i = 0; i < r->reward_count; i++) {
		const struct reward *from = &r->rewards[i];
		const struct give *give = &c->promotions[from->promotion].gives[from->give];

		rewards[i] = (struct sale_reward){place_of(r, from->promotion), reward_name(from->kind),
						  from->amount, from->count,
						  from->kind == REWARD_GIFT ? give->sku : NULL};
	}
	out->promotions = (struct list){at, r->applied_count};
	out->rewards = (struct list){rewards, r->reward_count};
}

void sold_make(const struct catalog *c, const struct engine_cart *cart, const struct engine_result *r,
	       struct arena *a, struct event_sale *out)
{
	struct sale_tender *cash = arena_get(a, sizeof(*cash));
	struct digest *hash = arena_get(a, sizeof(*hash));

	*cash = (struct sale_tender){"cash", r->totals.total};
	assert_int_equal(decision_hash(c, r, hash), ERR_OK);
	*out = (struct event_sale){
		.order = "o-1",
		.lane = "1",
		.currency = c->settings.currency,
		.opened_ms = cart->context.now_s * 1000,
		.semantics = c->settings.semantics,
		.list = r->totals.list,
		.discount = r->totals.discount,
		.net = r->totals.net,
		.tax = r->totals.tax,
		.total = r->totals.total,
		.tenders = {cash, 1},
		.result = {hash->bytes, DIGEST_SIZE},
	};
	add_lines(c, cart, r, a, out);
	add_promotions(c, cart, r, a, out);
}
