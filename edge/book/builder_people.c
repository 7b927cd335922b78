/*
 * Coupons and customers of a book that is read without a database. Sorted, to be found by bisection.
 */
#include <stdlib.h>
#include <string.h>

#include "builder.h"

static int by_code(const void *a, const void *b)
{
	return strcmp(((const struct record_coupon *)a)->code, ((const struct record_coupon *)b)->code);
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct record_customer *)a)->id, ((const struct record_customer *)b)->id);
}

/* A coupon that unlocks nothing is a mistake: of its code, or of the promotion that forgot to ask for one. */
static enum err check_coupon(const struct builder *b, const struct record_coupon *r, uint32_t line,
			     struct why *why)
{
	const struct catalog *c = &b->made->catalog;
	uint32_t at = catalog_promotion(c, r->promotion);

	if (at == CATALOG_NONE) {
		fail(why, ERR_NOT_FOUND, "promotion: there is no promotion '%s'", r->promotion);
		return builder_blame(why, ERR_NOT_FOUND, line, RECORD_COUPON, r->code);
	}
	if (!c->promotions[at].coupon) {
		fail(why, ERR_INVALID, "promotion: '%s' does not ask for a coupon; give it \"coupon\": true",
		     r->promotion);
		return builder_blame(why, ERR_INVALID, line, RECORD_COUPON, r->code);
	}
	return ERR_OK;
}

static enum err make_coupons(struct builder *b, struct why *why)
{
	const struct kept_list *kept = &b->kept[RECORD_COUPON];
	struct arena *arena = b->keep_people ? &b->made->base->arena : &b->arena;
	struct record_coupon *all = arena_get(arena, (kept->count + 1) * sizeof(*all));

	if (!all)
		return builder_no_memory(why);
	for (uint32_t i = 0; i < kept->count; i++) {
		struct record record;
		enum err e = builder_decode(&kept->at[i], RECORD_COUPON, arena, &record, why);
		if (!e)
			e = check_coupon(b, &record.as.coupon, kept->at[i].line, why);
		if (e)
			return e;
		all[i] = record.as.coupon;
	}
	if (!b->keep_people)
		return ERR_OK;
	qsort(all, kept->count, sizeof(*all), by_code);
	b->made->coupons = all;
	b->made->coupon_count = kept->count;
	return ERR_OK;
}

static enum err make_customers(struct builder *b, struct why *why)
{
	const struct kept_list *kept = &b->kept[RECORD_CUSTOMER];
	struct record_customer *all = arena_get(&b->made->base->arena, (kept->count + 1) * sizeof(*all));

	if (!all)
		return builder_no_memory(why);
	for (uint32_t i = 0; i < kept->count; i++) {
		struct record record;
		enum err e =
			builder_decode(&kept->at[i], RECORD_CUSTOMER, &b->made->base->arena, &record, why);
		if (e)
			return e;
		all[i] = record.as.customer;
	}
	qsort(all, kept->count, sizeof(*all), by_id);
	b->made->customers = all;
	b->made->customer_count = kept->count;
	return ERR_OK;
}

/* A way up leads up, and a way down down. All plans are there. */
static enum err check_ways(const struct builder *b, const int64_t *levels, const struct record_plan *p,
			   bool up, struct why *why)
{
	const struct list *ways = up ? &p->upgrades : &p->downgrades;
	const char *const *to = ways->at;

	for (size_t i = 0; i < ways->count; i++) {
		uint32_t at =
			b->kept[RECORD_PLAN].keys.values[intern_find(&b->kept[RECORD_PLAN].keys, to[i])];

		if (up ? levels[at] > p->level : levels[at] < p->level)
			continue;
		return fail(why, ERR_INVALID, "%s[%zu]: '%s' is not of a %s level",
			    up ? "upgrades" : "downgrades", i, to[i], up ? "higher" : "lower");
	}
	return ERR_OK;
}

static enum err check_levels(struct builder *b, struct why *why)
{
	const struct kept_list *kept = &b->kept[RECORD_PLAN];
	struct record *all = arena_get(&b->arena, kept->count * sizeof(*all) + 1);
	int64_t *levels = arena_get(&b->arena, kept->count * sizeof(*levels) + 1);
	enum err e;

	if (!all || !levels)
		return builder_no_memory(why);
	for (uint32_t i = 0; i < kept->count; i++) {
		e = builder_decode(&kept->at[i], RECORD_PLAN, &b->arena, &all[i], why);
		if (e)
			return e;
		levels[i] = all[i].as.plan.level;
	}
	for (uint32_t i = 0; i < kept->count; i++) {
		const struct record_plan *p = &all[i].as.plan;

		e = check_ways(b, levels, p, true, why);
		if (!e)
			e = check_ways(b, levels, p, false, why);
		if (e)
			return builder_blame(why, e, kept->at[i].line, RECORD_PLAN, p->id);
	}
	return ERR_OK;
}

/* Customers and plans speak of plans. */
enum err builder_check_plans(struct builder *b, struct why *why)
{
	const struct intern *plans = &b->kept[RECORD_PLAN].keys;

	if (b->partial)
		return ERR_OK;
	for (uint32_t i = 0; i < plans->count; i++) {
		if (plans->values[i] == CATALOG_NONE)
			return fail(why, ERR_NOT_FOUND,
				    "there is no plan '%s', which a customer or another plan names",
				    plans->names[i]);
	}
	return check_levels(b, why);
}

enum err builder_make_people(struct builder *b, struct why *why)
{
	enum err e = make_coupons(b, why);

	return e ? e : make_customers(b, why);
}
