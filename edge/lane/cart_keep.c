/*
 * A cart by names: what is kept of it in the journal, and a cart made again from that.
 *
 * Ids are those of one catalog; names outlive it. A cart is taken down as names and ids both, so that another
 * thread can price it once more from the one and write the other.
 */
#include "cart_keep.h"

#include <stdlib.h>
#include <string.h>

#include "cart_json.h"

#define RESULT_MAX \
	(8U << 20) /* bytes of an evaluation as CBOR: 512 lines and every promotion stay far below */

enum err cart_result(const struct cart *c, struct digest *out)
{
	struct buf encoded;
	enum err e;

	buf_init(&encoded, RESULT_MAX);
	e = evaluation_to_cbor(c->catalog, &c->now.result, &encoded);
	if (!e)
		digest_of(buf_front(&encoded), buf_length(&encoded), out);
	buf_free(&encoded);
	return e;
}

void cart_kept_free(struct cart_kept *k)
{
	snapshot_unref(k->snapshot);
	arena_free(&k->arena);
	*k = (struct cart_kept){0};
}

/* Copies into the arena; a NULL stays one. False: memory is short. */
static bool keep_text(struct arena *a, const char *text, const char **out)
{
	*out = text ? arena_text(a, text, strlen(text)) : NULL;
	return *out || !text;
}

static bool keep_bytes(struct arena *a, const void *from, size_t n, void *out)
{
	void *copy = arena_get(a, n + 1);

	if (!copy)
		return false;
	if (n)
		memcpy(copy, from, n);
	memcpy(out, &copy, sizeof(copy));
	return true;
}

static bool keep_people(struct cart_kept *k, const struct customer *who)
{
	const char *const *from;
	const char **texts;

	if (!who)
		return true;
	from = who->segments.at;
	texts = arena_get(&k->arena, who->segments.count * sizeof(*texts) + 1);
	if (!texts || !keep_text(&k->arena, who->id, &k->names.customer) ||
	    !keep_text(&k->arena, who->name, &k->names.customer_name) ||
	    !keep_text(&k->arena, who->plan, &k->names.plan))
		return false;
	for (size_t i = 0; i < who->segments.count; i++)
		if (!keep_text(&k->arena, from[i], &texts[i]))
			return false;
	k->names.segments = (struct list){texts, who->segments.count};
	k->names.credit = who->credit;
	k->names.credit_to = who->credit_to;
	return keep_bytes(&k->arena, k->view.context.segments.at,
			  k->view.context.segments.count * sizeof(uint32_t), &k->view.context.segments.at);
}

static bool keep_coupons(struct cart_kept *k, const struct cart *c)
{
	struct kept_coupon *coupons = arena_get(&k->arena, c->now.coupons * sizeof(*coupons) + 1);

	if (!coupons)
		return false;
	for (uint32_t i = 0; i < c->now.coupons; i++) {
		coupons[i].promotion = c->catalog->promotions[c->coupon_of[i]].id;
		coupons[i].uses = c->claim[i].uses;
		if (!keep_text(&k->arena, c->coupon[i], &coupons[i].code) ||
		    !keep_text(&k->arena, c->claim[i].token, &coupons[i].token))
			return false;
	}
	k->names.coupons = (struct list){coupons, c->now.coupons};
	return keep_bytes(&k->arena, c->unlocked, c->now.unlocked * sizeof(uint32_t),
			  &k->view.context.coupons.at);
}

/* By index for who prices the copy again, and by name. */
static bool keep_counters(struct cart_kept *k, const struct cart *c)
{
	size_t most = c->limits->count < c->now.result.verdict_count ? c->limits->count
								     : c->now.result.verdict_count;
	struct counter *counters = arena_get(&k->arena, most * sizeof(*counters) + 1);
	struct sale_counter *names = arena_get(&k->arena, most * sizeof(*names) + 1);
	uint32_t n;

	if (!counters || !names)
		return false;
	n = limits_judged(c, &c->now, counters);
	for (uint32_t i = 0; i < n; i++)
		names[i] = (struct sale_counter){c->catalog->promotions[counters[i].promotion].id,
						 counters[i].uses_left, counters[i].budget_left,
						 counters[i].customer_uses};
	k->view.context.counters = counters;
	k->view.context.counter_count = n;
	k->names.counters = (struct list){names, n};
	k->names.order_number = c->now.order_number;
	return true;
}

static bool keep_all(struct cart_kept *k, const struct cart *c, const struct shop *s)
{
	struct kept_cart *names = &k->names;

	return keep_text(&k->arena, c->id, &names->id) && keep_text(&k->arena, c->lane_name, &names->lane) &&
	       keep_text(&k->arena, s->config->store, &names->store) &&
	       keep_text(&k->arena, c->channel_name, &names->channel) && keep_people(k, c->now.customer) &&
	       keep_coupons(k, c) && keep_counters(k, c) &&
	       keep_bytes(&k->arena, c->now.lines, c->now.count * sizeof(*c->now.lines), &k->view.lines);
}

bool cart_keep(const struct cart *c, const struct shop *s, struct cart_kept *k)
{
	arena_reset(&k->arena);
	snapshot_unref(k->snapshot);
	k->snapshot = snapshot_ref(c->snapshot);
	k->view = cart_view(c, &c->now);
	k->names = (struct kept_cart){
		.opened_s = c->now_s,
		.utc_offset_s = c->utc_offset_s,
		.clock_uncertain = c->clock_uncertain,
		.suspended_s = c->state == LANE_SUSPENDED ? c->suspended_s : 0,
		.catalog = (int64_t)c->catalog->version,
	};
	return keep_all(k, c, s);
}

bool cart_kept_lines(struct cart_kept *k)
{
	const struct catalog *c = snapshot_catalog(k->snapshot);
	struct kept_line *lines = arena_get(&k->arena, k->view.count * sizeof(*lines) + 1);

	if (!lines)
		return false;
	for (uint32_t i = 0; i < k->view.count; i++) {
		const struct engine_line *line = &k->view.lines[i];

		lines[i] = (struct kept_line){catalog_sku(c, line->item), line->quantity, line->given,
					      line->locked, line->expires};
	}
	k->names.lines = (struct list){lines, k->view.count};
	return true;
}

static bool take_customer(struct cart *c, const struct kept_cart *k, struct answer *a)
{
	const struct record_customer who = {
		.id = k->customer, .name = k->customer_name, .plan = k->plan, .segments = k->segments};

	if (!k->customer)
		return true;
	c->customer = customer_copy(c->catalog, &who);
	c->next.customer = c->customer;
	if (!c->customer)
		return refuse_memory(a);
	c->customer->credit = k->credit;
	c->customer->credit_to = (int32_t)k->credit_to;
	return true;
}

static bool take_coupons(struct cart *c, const struct kept_cart *k, struct answer *a)
{
	const struct kept_coupon *coupons = k->coupons.at;

	for (size_t i = 0; i < k->coupons.count; i++) {
		uint32_t promotion = catalog_promotion(c->catalog, coupons[i].promotion);

		if (promotion == CATALOG_NONE)
			return refuse(a, REFUSED_UNKNOWN_COUPON, "there is no promotion %s",
				      coupons[i].promotion);
		if (!cart_note_coupon(
			    c, coupons[i].code, promotion,
			    &(struct coupon_claim){.uses = coupons[i].uses, .token = coupons[i].token}))
			return refuse_memory(a);
	}
	return true;
}

static bool take_lines(struct cart *c, const struct kept_cart *k, struct answer *a)
{
	const struct kept_line *from = k->lines.at;
	struct engine_line *lines;

	if (k->lines.count > CART_LINES_MAX)
		return refuse(a, REFUSED_CART_FULL, "it has more than %d lines", CART_LINES_MAX);
	if (!basket_reserve(&c->next, c->catalog, (uint32_t)k->lines.count))
		return refuse_memory(a);
	lines = c->next.lines;
	for (size_t i = 0; i < k->lines.count; i++) {
		lines[i] = (struct engine_line){
			.quantity = from[i].quantity,
			.given = from[i].given,
			.locked = from[i].locked,
			.expires = (int32_t)from[i].expires,
		};
		if (catalog_find_sku(c->catalog, from[i].sku, &lines[i].item))
			return refuse(a, REFUSED_UNKNOWN_CODE, "there is no article %s", from[i].sku);
	}
	c->next.count = (uint32_t)k->lines.count;
	return true;
}

/* What was left of limits when the cart was priced, not what is left now. */
static void take_counters(struct cart *c, const struct kept_cart *k)
{
	const struct sale_counter *from = k->counters.at;

	for (size_t i = 0; i < k->counters.count; i++) {
		uint32_t promotion = catalog_promotion(c->catalog, from[i].promotion);
		const struct limited *at = limits_find(c->limits, promotion);

		if (at)
			c->next.counters[at - c->limits->at] = (struct counter){
				promotion, from[i].uses_left, from[i].budget_left, from[i].customer_uses};
	}
	c->next.order_number = k->order_number;
}

static bool give_limits(struct cart *c, const struct shop *shop, struct answer *a)
{
	return shop_give_limits(shop, c) || refuse_memory(a);
}

static bool take_limits(struct cart *c, const struct kept_cart *k, struct answer *a)
{
	if (!limits_take_customer(c, &c->next))
		return refuse_memory(a);
	limits_fill(c, &c->next);
	take_counters(c, k);
	return true;
}

struct cart *cart_from_kept(const struct kept_cart *k, const struct shop *shop, struct snapshot *s,
			    struct answer *a)
{
	struct cart *c = calloc(1, sizeof(*c));

	if (!c) {
		refuse_memory(a);
		return NULL;
	}
	c->snapshot = snapshot_ref(s);
	c->catalog = snapshot_catalog(s);
	c->now_s = k->opened_s;
	c->utc_offset_s = (int32_t)k->utc_offset_s;
	c->clock_uncertain = k->clock_uncertain == 1;
	c->store = catalog_id(&c->catalog->stores, k->store);
	c->channel = catalog_id(&c->catalog->channels, k->channel);
	if (give_limits(c, shop, a) && take_customer(c, k, a) && take_coupons(c, k, a) &&
	    take_lines(c, k, a) && take_limits(c, k, a) && cart_take_draft(c, a))
		return c;
	cart_free(c);
	return NULL;
}
