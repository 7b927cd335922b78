/*
 * Carts as somebody writes them, and how their names become the engine's numbers.
 */
#include "cart_json.h"

#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "gtin.h"
#include "records.h"
#include "zone.h"

#define DAY_S 86400

static const struct field line_fields[] = {
	FIELD(1, cart_line_record, sku, ID, .text = "The article; either this or gtin."),
	FIELD(2, cart_line_record, gtin, FIELD_OF(TEXT, 8, 14),
	      .text = "The code on its package; either this or sku."),
	FIELD(3, cart_line_record, quantity, FIELD_OF(QTY, 1, ENGINE_QUANTITY_MAX * 1000000LL),
	      .has_default = true, .absent = 1000000,
	      .text = "How much of it, in the article's unit: \"3\", \"0.754\"."),
	FIELD(4, cart_line_record, price, MONEY_FROM(0),
	      .text = "Price of one piece from its own label; from the price list if absent."),
	FIELD(5, cart_line_record, locked, MONEY_FROM(0),
	      .text = "The unit price is never above this one, which was shown before."),
	FIELD(6, cart_line_record, expires, .kind = FIELD_TIME,
	      .text = "The last day on which it may be sold, as its code says: \"2026-11-30\"."),
};
static const struct schema line_schema =
	SCHEMA("line", cart_line_record, line_fields, "An article in the cart.");

static const struct field shipping_fields[] = {
	FIELD(1, cart_shipping_record, method, ID, .required = true, .text = "How the goods are sent."),
	FIELD(2, cart_shipping_record, amount, MONEY_FROM(0), .required = true,
	      .text = "What that costs before promotions."),
};
static const struct schema shipping_schema =
	SCHEMA("shipping", cart_shipping_record, shipping_fields, "Sending the goods.");

static const struct field counter_fields[] = {
	FIELD(1, cart_counter_record, promotion, ID, .required = true, .text = "The promotion."),
	FIELD(2, cart_counter_record, uses_left, FIELD_OF(INT, 0, INT64_MAX),
	      .text = "Orders it may still apply to; as its limits say if absent."),
	FIELD(3, cart_counter_record, budget_left, MONEY_FROM(0),
	      .text = "What it may still give in all; as its limits say if absent."),
	FIELD(4, cart_counter_record, customer_uses, FIELD_OF(INT, 0, INT64_MAX), .has_default = true,
	      .absent = 0, .text = "Orders of this customer it has applied to so far."),
};
static const struct schema counter_schema =
	SCHEMA("counter", cart_counter_record, counter_fields, "What is left of a promotion's limits.");

static const struct field context_fields[] = {
	FIELD(1, cart_context_record, plan, ID, .text = "The customer's subscription."),
	FIELD(2, cart_context_record, order_number, FIELD_OF(INT, 1, 1000000000),
	      .text = "Which order of the customer's this is, the first being 1; not known if absent."),
	FIELD(3, cart_context_record, counters, .kind = FIELD_LIST, .of = &counter_schema, .max = 1000,
	      .text = "What is left of promotions' limits; once for each promotion."),
	FIELD(4, cart_context_record, clock_uncertain, .kind = FIELD_BOOL, .has_default = true, .absent = 0,
	      .text = "Whether nobody vouches for the clock that says when it is evaluated."),
};
static const struct schema context_schema =
	SCHEMA("context", cart_context_record, context_fields,
	       "What is known of the customer's orders, of limits and of the clock.");

static const struct field cart_fields[] = {
	FIELD(1, cart_record, id, ID, .text = "Any name; the result carries it too."),
	FIELD(2, cart_record, store, ID, .text = "The store, as price lists and promotions name it."),
	FIELD(3, cart_record, channel, ID, .text = "The channel; store if absent."),
	FIELD(4, cart_record, customer, ID, .text = "A customer of the book; a guest if absent."),
	FIELD(5, cart_record, segments, TEXTS(256), .text = "Segments, besides those of the customer."),
	FIELD(6, cart_record, coupons, TEXTS(ENGINE_COUPONS_MAX), .text = "Coupon codes handed in."),
	FIELD(7, cart_record, now, .kind = FIELD_TIME,
	      .text = "When it is evaluated; without a zone it is read on the store's clock."),
	FIELD(8, cart_record, zone, FIELD_OF(TEXT, 1, 64),
	      .text = "The store's time zone; the book's if absent."),
	FIELD(9, cart_record, lines, .kind = FIELD_LIST, .of = &line_schema, .required = true,
	      .max = ENGINE_LINES_MAX, .text = "What is in it, in the order of scanning."),
	FIELD(10, cart_record, shipping, STRUCT(shipping_schema),
	      .text = "Sending it; it is taken along if absent."),
	FIELD(11, cart_record, context, STRUCT(context_schema),
	      .text = "What is known of the customer, of limits and of the clock."),
	FIELD(30, cart_record, language, LANGUAGE,
	      .text = "Language of what the customer reads, such as fr or pt-BR; the book's if absent."),
};
const struct schema cart_schema =
	SCHEMA("cart", cart_record, cart_fields, "A cart, to be evaluated against a price book.");

static enum err no_memory(struct why *why)
{
	return fail(why, ERR_MEMORY, "out of memory");
}

static enum err find_sku(const struct catalog *c, const char *sku, uint32_t *item, struct why *why)
{
	if (catalog_find_sku(c, sku, item))
		return fail(why, ERR_NOT_FOUND, "sku: there is no article '%s'", sku);
	return ERR_OK;
}

static enum err find_gtin(const struct catalog *c, const char *text, uint32_t *item, struct why *why)
{
	uint64_t gtin;
	uint32_t found[2], count;
	enum err e = gtin_parse(text, &gtin, why);

	if (e) {
		why_prefix(why, "gtin: ");
		return e;
	}
	e = catalog_find_gtin(c, gtin, found, 2, &count);
	if (e == ERR_NOT_FOUND)
		return fail(why, e, "gtin: no article has '%s'", text);
	if (e)
		return fail(why, e, "gtin: '%s' is on %u articles, such as '%s' and '%s'; give the sku", text,
			    count, catalog_sku(c, found[0]), catalog_sku(c, found[1]));
	*item = found[0];
	return ERR_OK;
}

static enum err resolve_line(const struct catalog *c, const struct cart_line_record *in,
			     struct engine_line *out, struct why *why)
{
	out->quantity = in->quantity;
	out->given = in->price;
	out->locked = in->locked;
	out->expires = in->expires.seconds == AMOUNT_NONE ? 0 : (int32_t)(in->expires.seconds / DAY_S);
	if (in->sku && in->gtin)
		return fail(why, ERR_INVALID, "gtin: a line has an sku or a gtin, not both");
	if (in->sku)
		return find_sku(c, in->sku, &out->item, why);
	if (in->gtin)
		return find_gtin(c, in->gtin, &out->item, why);
	return fail(why, ERR_INVALID, "sku: missing; a line has an sku or a gtin");
}

static enum err resolve_lines(const struct catalog *c, const struct cart_record *in, struct arena *a,
			      struct engine_cart *out, struct why *why)
{
	const struct cart_line_record *from = in->lines.at;
	struct engine_line *lines = arena_get(a, (in->lines.count + 1) * sizeof(*lines));

	if (!lines)
		return no_memory(why);
	for (size_t i = 0; i < in->lines.count; i++) {
		enum err e = resolve_line(c, &from[i], &lines[i], why);
		if (e) {
			why_prefix(why, "lines[%zu].", i);
			return e;
		}
	}
	out->lines = lines;
	out->count = (uint32_t)in->lines.count;
	return ERR_OK;
}

/*
 * A civil time is the instant that shows it on the store's clock. Two steps settle the offset but for the
 * hour that a change of the clock skips or repeats, where either answer will do.
 */
static int64_t instant(struct stamp t)
{
	if (t.local != 1)
		return t.seconds;
	return t.seconds - zone_offset_s(t.seconds - zone_offset_s(t.seconds));
}

static enum err resolve_time(const struct catalog *c, const struct cart_record *in, int64_t default_now_s,
			     struct engine_context *out, struct why *why)
{
	enum err e = zone_use(in->zone ? in->zone : c->settings.zone, why);

	if (e) {
		why_prefix(why, "zone: ");
		return e;
	}
	out->now_s = in->now.seconds == AMOUNT_NONE ? default_now_s : instant(in->now);
	out->utc_offset_s = zone_offset_s(out->now_s);
	return ERR_OK;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Ascending, once each, without those that the book does not speak of: nothing depends on them. */
static struct ids tidy(uint32_t *ids, uint32_t count)
{
	uint32_t kept = 0;

	qsort(ids, count, sizeof(*ids), by_number);
	for (uint32_t i = 0; i < count; i++) {
		if (ids[i] != CATALOG_NONE && (kept == 0 || ids[kept - 1] != ids[i]))
			ids[kept++] = ids[i];
	}
	return (struct ids){.at = ids, .count = kept};
}

static enum err resolve_customer(const struct snapshot *s, const struct cart_record *in, struct arena *a,
				 struct engine_context *out, struct why *why)
{
	static const struct record_customer guest;
	const struct record_customer *customer = &guest;
	const struct names *names = &snapshot_catalog(s)->segments;
	uint32_t count = 0;

	if (in->customer && snapshot_find_customer(s, in->customer, &customer))
		return fail(why, ERR_NOT_FOUND, "customer: there is no customer '%s'", in->customer);
	uint32_t *ids = arena_get(a, (customer->segments.count + in->segments.count + 1) * sizeof(*ids));
	const char *plan = customer_plan(customer, out->now_s, out->utc_offset_s);
	if (!ids)
		return no_memory(why);
	for (size_t i = 0; i < customer->segments.count; i++)
		ids[count++] = catalog_id(names, ((const char *const *)customer->segments.at)[i]);
	for (size_t i = 0; i < in->segments.count; i++)
		ids[count++] = catalog_id(names, ((const char *const *)in->segments.at)[i]);
	if (plan)
		ids[count++] = catalog_id(names, plan);
	out->plan = plan;
	out->segments = count ? tidy(ids, count) : snapshot_catalog(s)->guests;
	return ERR_OK;
}

static enum err resolve_coupon(const struct snapshot *s, const char *code, int64_t now_s, uint32_t *out,
			       struct why *why)
{
	const struct record_coupon *coupon;

	if (snapshot_find_coupon(s, code, &coupon))
		return fail(why, ERR_NOT_FOUND, "there is no coupon '%s'", code);
	if (coupon->from.seconds != AMOUNT_NONE && now_s < instant(coupon->from))
		return fail(why, ERR_INVALID, "coupon '%s' is not valid yet", code);
	if (coupon->to.seconds != AMOUNT_NONE && now_s > instant(coupon->to))
		return fail(why, ERR_INVALID, "coupon '%s' is no longer valid", code);
	*out = catalog_promotion(snapshot_catalog(s), coupon->promotion);
	return ERR_OK;
}

static enum err resolve_coupons(const struct snapshot *s, const struct cart_record *in, struct arena *a,
				struct engine_context *out, struct why *why)
{
	const char *const *codes = in->coupons.at;
	uint32_t *ids = arena_get(a, (in->coupons.count + 1) * sizeof(*ids));

	if (!ids)
		return no_memory(why);
	for (size_t i = 0; i < in->coupons.count; i++) {
		enum err e = resolve_coupon(s, codes[i], out->now_s, &ids[i], why);
		if (e) {
			why_prefix(why, "coupons[%zu]: ", i);
			return e;
		}
	}
	out->coupons = tidy(ids, (uint32_t)in->coupons.count);
	return ERR_OK;
}

static int by_promotion(const void *a, const void *b)
{
	const struct counter *x = a, *y = b;

	return (x->promotion > y->promotion) - (x->promotion < y->promotion);
}

static enum err resolve_counters(const struct catalog *c, const struct list *in, struct arena *a,
				 struct engine_context *out, struct why *why)
{
	const struct cart_counter_record *from = in->at;
	struct counter *all = arena_get(a, (in->count + 1) * sizeof(*all));

	if (!all)
		return no_memory(why);
	for (size_t i = 0; i < in->count; i++) {
		all[i] = (struct counter){.promotion = catalog_promotion(c, from[i].promotion),
					  .uses_left = from[i].uses_left,
					  .budget_left = from[i].budget_left,
					  .customer_uses = from[i].customer_uses};
		if (all[i].promotion == CATALOG_NONE)
			return fail(why, ERR_NOT_FOUND,
				    "context.counters[%zu].promotion: there is no promotion '%s'", i,
				    from[i].promotion);
	}
	qsort(all, in->count, sizeof(*all), by_promotion);
	for (size_t i = 1; i < in->count; i++) {
		if (all[i - 1].promotion == all[i].promotion)
			return fail(why, ERR_INVALID, "context.counters: '%s' is there twice",
				    c->promotions[all[i].promotion].id);
	}
	out->counters = all;
	out->counter_count = (uint32_t)in->count;
	return ERR_OK;
}

static enum err resolve_context(const struct catalog *c, const struct cart_record *in, struct arena *a,
				struct engine_context *out, struct why *why)
{
	out->customer = in->customer;
	if (in->shipping) {
		out->shipping.method = in->shipping->method;
		out->shipping.amount = in->shipping->amount;
	}
	if (!in->context)
		return ERR_OK;
	if (in->context->plan)
		out->plan = in->context->plan;
	out->clock_uncertain = in->context->clock_uncertain == 1;
	out->order_number = in->context->order_number == AMOUNT_NONE ? 0 : in->context->order_number;
	return resolve_counters(c, &in->context->counters, a, out, why);
}

enum err cart_resolve(const struct snapshot *s, const struct cart_record *in, int64_t default_now_s,
		      struct arena *a, struct engine_cart *out, struct why *why)
{
	const struct catalog *c = snapshot_catalog(s);
	struct engine_context *x = &out->context;
	enum err e = record_check_texts(&cart_schema, in, why);

	memset(out, 0, sizeof(*out));
	x->store = in->store ? catalog_id(&c->stores, in->store) : CATALOG_NONE;
	x->channel = catalog_id(&c->channels, in->channel ? in->channel : "store");
	if (!e)
		e = resolve_lines(c, in, a, out, why);
	if (!e)
		e = resolve_time(c, in, default_now_s, x, why);
	if (!e)
		e = resolve_customer(s, in, a, x, why);
	if (!e)
		e = resolve_coupons(s, in, a, x, why);
	return e ? e : resolve_context(c, in, a, x, why);
}
