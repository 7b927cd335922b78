/*
 * Taking a decision again. See decision.h.
 */
#include "decision.h"

#include <stdlib.h>
#include <string.h>

#include "cart_json.h"

#define RESULT_MAX (8U << 20) /* bytes of an evaluation as CBOR */

void decision_room_free(struct decision_room *r)
{
	free(r->at);
	*r = (struct decision_room){0};
}

static uint32_t id_of(const struct names *names, const char *name)
{
	return name ? catalog_id(names, name) : CATALOG_NONE;
}

static enum err cart_lines(const struct event_sale *sale, const struct catalog *c, struct arena *a,
			   struct engine_cart *out, size_t *missing)
{
	const struct sale_line *from = sale->lines.at;
	struct engine_line *lines = arena_get(a, sale->lines.count * sizeof(*lines) + 1);

	if (!lines)
		return ERR_MEMORY;
	if (sale->lines.count > ENGINE_LINES_MAX)
		return ERR_LIMIT;
	for (size_t i = 0; i < sale->lines.count; i++) {
		*missing = i;
		lines[i] = (struct engine_line){
			.quantity = from[i].quantity,
			.given = from[i].given,
			.locked = from[i].locked,
			.expires = (int32_t)from[i].expires,
		};
		if (catalog_find_sku(c, from[i].sku, &lines[i].item))
			return ERR_NOT_FOUND;
	}
	out->lines = lines;
	out->count = (uint32_t)sale->lines.count;
	return ERR_OK;
}

static enum err cart_segments(const struct event_sale *sale, const struct catalog *c, struct arena *a,
			      struct engine_cart *out)
{
	const char *const *names = sale->segments.at;
	uint32_t *ids = arena_get(a, sale->segments.count * sizeof(*ids) + 1), n = 0;

	if (!ids)
		return ERR_MEMORY;
	for (size_t i = 0; i < sale->segments.count; i++) {
		ids[n] = catalog_id(&c->segments, names[i]);
		n += ids[n] != CATALOG_NONE;
	}
	out->context.segments = sale->segments.count ? (struct ids){ids, n} : c->guests;
	return ERR_OK;
}

static void unlock(const struct catalog *c, const char *promotion, uint32_t *ids, uint32_t *n)
{
	uint32_t id = catalog_promotion(c, promotion);

	for (uint32_t i = 0; i < *n; i++)
		if (ids[i] == id)
			return;
	ids[*n] = id;
	*n += id != CATALOG_NONE;
}

/* Coupons whose promotions applied stand with these, the others by themselves. */
static enum err cart_coupons(const struct event_sale *sale, const struct catalog *c, struct arena *a,
			     struct engine_cart *out)
{
	const struct sale_promotion *applied = sale->promotions.at;
	const struct sale_coupon *others = sale->coupons.at;
	size_t most = sale->promotions.count + sale->coupons.count;
	uint32_t *ids = arena_get(a, most * sizeof(*ids) + 1), n = 0;

	if (!ids)
		return ERR_MEMORY;
	for (size_t i = 0; i < sale->promotions.count; i++)
		if (applied[i].coupon)
			unlock(c, applied[i].id, ids, &n);
	for (size_t i = 0; i < sale->coupons.count; i++)
		unlock(c, others[i].promotion, ids, &n);
	out->context.coupons = (struct ids){ids, n};
	return ERR_OK;
}

/* Counters in the order of this catalog's promotions. */
static enum err cart_counters(const struct event_sale *sale, const struct catalog *c, struct arena *a,
			      struct engine_cart *out)
{
	const struct sale_counter *from = sale->counters.at;
	struct counter *counters = arena_get(a, sale->counters.count * sizeof(*counters) + 1);
	uint32_t n = 0, at;

	if (!counters)
		return ERR_MEMORY;
	for (size_t i = 0; i < sale->counters.count; i++) {
		uint32_t promotion = catalog_promotion(c, from[i].promotion);

		if (promotion == CATALOG_NONE)
			continue;
		for (at = n++; at > 0 && counters[at - 1].promotion > promotion; at--)
			counters[at] = counters[at - 1];
		counters[at] = (struct counter){promotion, from[i].uses_left, from[i].budget_left,
						from[i].customer_uses};
	}
	out->context.counters = counters;
	out->context.counter_count = n;
	return ERR_OK;
}

enum err decision_cart(const struct event_sale *sale, const struct catalog *c, struct arena *a,
		       struct engine_cart *out, size_t *missing)
{
	enum err e;

	*missing = 0;
	*out = (struct engine_cart){
		.context = {.now_s = sale->opened_ms / 1000,
			    .utc_offset_s = (int32_t)sale->utc_offset_s,
			    .store = id_of(&c->stores, sale->store),
			    .channel = id_of(&c->channels, sale->channel),
			    .customer = sale->customer,
			    .plan = sale->plan,
			    .order_number = sale->order_number,
			    .clock_uncertain = sale->clock_uncertain == 1},
	};
	e = cart_lines(sale, c, a, out, missing);
	if (!e)
		e = cart_segments(sale, c, a, out);
	if (!e)
		e = cart_coupons(sale, c, a, out);
	return e ? e : cart_counters(sale, c, a, out);
}

static enum err reserve(struct decision_room *r, const struct catalog *c, uint32_t lines)
{
	size_t size = engine_room_size(c, lines);
	void *grown;

	if (size <= r->size)
		return ERR_OK;
	grown = size == SIZE_MAX ? NULL : realloc(r->at, size);
	if (!grown)
		return ERR_MEMORY;
	r->at = grown;
	r->size = size;
	return ERR_OK;
}

enum err decision_evaluate(const struct catalog *c, const struct engine_cart *cart, struct decision_room *r,
			   struct engine_result *out, struct why *why)
{
	uint32_t bad = CATALOG_NONE;
	enum err e;

	if (reserve(r, c, cart->count))
		return fail(why, ERR_MEMORY, "out of memory");
	e = engine_evaluate(c, cart, r->at, r->size, out, &bad);
	if (!e)
		return ERR_OK;
	if (bad >= cart->count)
		return fail(why, e, "the cart cannot be priced: %s", err_name(e));
	return fail(why, e, "%s cannot be priced: %s", catalog_sku(c, cart->lines[bad].item),
		    e == ERR_NOT_FOUND ? "no price" : err_name(e));
}

enum err decision_open(const struct event_sale *sale, const struct extract *e, struct snapshot **out,
		       struct why *why)
{
	struct extract own = *e;
	enum err error;

	if (sale->semantics > ENGINE_SEMANTICS)
		return fail(why, ERR_NEWER, "it is of semantics %lld; this program knows up to %d",
			    (long long)sale->semantics, ENGINE_SEMANTICS);
	own.version = (uint64_t)sale->catalog;
	error = extract_open(&own, out, why);
	if (error)
		why_prefix(why, "extract: ");
	return error;
}

enum err decision_hash(const struct catalog *c, const struct engine_result *r, struct digest *out)
{
	struct buf encoded;
	enum err e;

	buf_init(&encoded, RESULT_MAX);
	e = evaluation_to_cbor(c, r, &encoded);
	if (!e)
		digest_of(buf_front(&encoded), buf_length(&encoded), out);
	buf_free(&encoded);
	return e;
}
