/*
 * Opening an extract: a catalog of its records, and the cart in that catalog's numbers.
 */
#include <stdlib.h>

#include "builder.h"
#include "extract.h"

static enum err add_body(struct builder *b, const struct body *body, struct arena *a, struct why *why)
{
	struct record record;

	arena_reset(a);
	enum err e = record_decode(body->type, body->cbor, body->length, a, &record, why);
	return e ? e : builder_add(b, &record, 0, why);
}

enum err extract_open(const struct extract *e, struct snapshot **out, struct why *why)
{
	struct arena arena = ARENA_EMPTY;
	struct builder *b;
	enum err error = builder_new_partial(&b);

	if (error)
		return builder_no_memory(why);
	for (size_t i = 0; i < e->count && !error; i++) {
		error = add_body(b, &e->bodies[i], &arena, why);
		if (error)
			why_prefix(why, "body %zu: ", i);
	}
	if (!error)
		error = builder_finish(b, e->version, out, why);
	builder_free(b);
	arena_free(&arena);
	return error;
}

static uint32_t translate(const struct names *from, uint32_t id, const struct names *to)
{
	return id == CATALOG_NONE ? CATALOG_NONE : catalog_id(to, from->at[id]);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* A segment that the extract does not speak of decides nothing in it. */
static enum err cart_segments(const struct catalog *c, const struct ids *in, const struct catalog *to,
			      struct arena *a, struct ids *out)
{
	uint32_t *ids = arena_get(a, (in->count + 1) * sizeof(*ids)), count = 0;

	if (!ids)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < in->count; i++) {
		uint32_t id = translate(&c->segments, in->at[i], &to->segments);
		if (id != CATALOG_NONE)
			ids[count++] = id;
	}
	qsort(ids, count, sizeof(*ids), by_number);
	*out = (struct ids){.at = ids, .count = count};
	return ERR_OK;
}

/* A coupon's promotion is always judged, so it is in the extract. */
static enum err cart_coupons(const struct catalog *c, const struct ids *in, const struct catalog *to,
			     struct arena *a, struct ids *out)
{
	uint32_t *ids = arena_get(a, (in->count + 1) * sizeof(*ids));

	if (!ids)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < in->count; i++) {
		ids[i] = catalog_promotion(to, c->promotions[in->at[i]].id);
		if (ids[i] == CATALOG_NONE)
			return ERR_NOT_FOUND;
	}
	*out = (struct ids){.at = ids, .count = in->count};
	return ERR_OK;
}

/* What is left of a promotion that was not judged decides nothing. */
static enum err cart_counters(const struct catalog *c, const struct engine_context *in,
			      const struct catalog *to, struct arena *a, struct engine_context *out)
{
	struct counter *counters = arena_get(a, (in->counter_count + 1) * sizeof(*counters));

	if (!counters)
		return ERR_MEMORY;
	out->counters = counters;
	out->counter_count = 0;
	for (uint32_t i = 0; i < in->counter_count; i++) {
		struct counter *at = &counters[out->counter_count];

		*at = in->counters[i];
		at->promotion = catalog_promotion(to, c->promotions[in->counters[i].promotion].id);
		out->counter_count += at->promotion != CATALOG_NONE;
	}
	return ERR_OK;
}

static enum err cart_lines(const struct catalog *c, const struct engine_cart *cart, const struct catalog *to,
			   struct arena *a, struct engine_cart *out)
{
	struct engine_line *lines = arena_get(a, (cart->count + 1) * sizeof(*lines));

	if (!lines)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < cart->count; i++) {
		lines[i] = cart->lines[i];
		enum err e = catalog_find_sku(to, catalog_sku(c, cart->lines[i].item), &lines[i].item);
		if (e)
			return e;
	}
	out->lines = lines;
	out->count = cart->count;
	return ERR_OK;
}

enum err extract_cart(const struct catalog *c, const struct engine_cart *cart, const struct catalog *extract,
		      struct arena *a, struct engine_cart *out)
{
	const struct engine_context *x = &cart->context;

	*out = *cart;
	out->context.store = translate(&c->stores, x->store, &extract->stores);
	out->context.channel = translate(&c->channels, x->channel, &extract->channels);
	enum err e = cart_lines(c, cart, extract, a, out);
	if (!e)
		e = cart_segments(c, &x->segments, extract, a, &out->context.segments);
	if (!e)
		e = cart_coupons(c, &x->coupons, extract, a, &out->context.coupons);
	return e ? e : cart_counters(c, x, extract, a, &out->context);
}
