/*
 * Gives compiled: kind and target of the record to the engine's kinds, and what the give leaves open from the
 * book's settings.
 */
#include <string.h>

#include "compile.h"
#include "records_parts.h"

/* What the give does not say itself. Pieces are rewarded one by one, and a set as a whole. */
static enum amount_per per_of(const struct compile *c, const struct record_give *r)
{
	if (r->per != AMOUNT_NONE)
		return (enum amount_per)r->per;
	if (r->target == RECORD_TARGET_SETS)
		return PER_ONCE;
	if (r->target != RECORD_TARGET_GOODS && r->target != RECORD_TARGET_ORDER)
		return PER_UNIT;
	if (r->kind == RECORD_GIVE_AMOUNT)
		return r->spread ? PER_UNIT : c->catalog->settings.fixed_amount;
	return PER_ONCE;
}

static enum give_off off_of(const struct record_give *r)
{
	if (r->kind == RECORD_GIVE_AMOUNT)
		return OFF_AMOUNT;
	if (r->kind == RECORD_GIVE_PRICE)
		return OFF_TO_PRICE;
	if (r->amount.minor != AMOUNT_NONE)
		return OFF_AMOUNT;
	return r->price.minor != AMOUNT_NONE ? OFF_TO_PRICE : OFF_RATE;
}

/* Of gives on pieces, the engine's kind; of the others GIVE_TIERS says that the target decides nothing. */
static const enum give_kind on_targets[RECORD_TARGETS] = {
	[RECORD_TARGET_GOODS] = GIVE_TIERS,	[RECORD_TARGET_ORDER] = GIVE_TIERS,
	[RECORD_TARGET_GROUPS] = GIVE_UNITS,	[RECORD_TARGET_NTH] = GIVE_UNITS,
	[RECORD_TARGET_CHEAPEST] = GIVE_PICKED, [RECORD_TARGET_DEAREST] = GIVE_PICKED,
	[RECORD_TARGET_SETS] = GIVE_SETS,
};
static const enum give_kind of_kinds[RECORD_GIVE_KINDS] = {
	[RECORD_GIVE_PERCENT] = GIVE_PERCENT,	[RECORD_GIVE_AMOUNT] = GIVE_AMOUNT,
	[RECORD_GIVE_UNITS] = GIVE_UNITS,	[RECORD_GIVE_PRICE] = GIVE_PRICE,
	[RECORD_GIVE_SHIPPING] = GIVE_SHIPPING, [RECORD_GIVE_GIFT] = GIVE_GIFT,
	[RECORD_GIVE_POINTS] = GIVE_POINTS,	[RECORD_GIVE_CASHBACK] = GIVE_CASHBACK,
	[RECORD_GIVE_CREDIT] = GIVE_CREDIT,
};

static enum give_kind kind_of(const struct record_give *r)
{
	if (r->got)
		return GIVE_SETS;
	if (r->tiers.count > 0)
		return r->spread ? GIVE_STEPS : GIVE_TIERS;
	return on_targets[r->target] != GIVE_TIERS ? on_targets[r->target] : of_kinds[r->kind];
}

static struct money amount_of(const struct record_give *r)
{
	if (r->every.minor != AMOUNT_NONE)
		return r->every;
	if (r->price.minor != AMOUNT_NONE)
		return r->price;
	return r->amount.minor == AMOUNT_NONE ? MONEY_ZERO : r->amount;
}

static int64_t count_of(const struct record_give *r)
{
	if (r->points != AMOUNT_NONE)
		return r->points;
	return r->count == AMOUNT_NONE ? 1 : r->count;
}

static struct give make_give(const struct compile *c, const struct record_give *r)
{
	enum piece_order order =
		r->free == AMOUNT_NONE ? c->catalog->settings.free_unit : (enum piece_order)r->free;
	struct give g = {
		.kind = kind_of(r),
		.rate = r->percent.ppm == AMOUNT_NONE ? RATE_ONE : r->percent,
		.amount = amount_of(r),
		.per = per_of(c, r),
		.buy = r->buy,
		.get = r->get,
		.off = off_of(r),
		.order = order,
		.count = count_of(r),
		.unit = compile_unit(r->unit),
		.order_wide = r->target == RECORD_TARGET_ORDER,
	};

	if (r->target == RECORD_TARGET_NTH) {
		g.buy = r->count - 1;
		g.get = 1;
		g.order = CHEAPEST_FIRST; /* pieces stand dearest first, so the nth is the cheapest of n */
	}
	if (g.kind == GIVE_PICKED)
		g.order = r->target == RECORD_TARGET_CHEAPEST ? CHEAPEST_FIRST : DEAREST_FIRST;
	return g;
}

static enum err make_tiers(const struct compile *c, const struct record_give *r, struct give *out)
{
	const struct record_tier *from = r->tiers.at;
	struct tier *tiers;

	if (r->tiers.count == 0)
		return ERR_OK;
	tiers = arena_get(c->arena, r->tiers.count * sizeof(*tiers));
	if (!tiers)
		return builder_no_memory(c->why);
	for (size_t i = 0; i < r->tiers.count; i++) {
		tiers[i].rate = from[i].percent;
		tiers[i].amount = from[i].price.minor == AMOUNT_NONE ? from[i].amount : from[i].price;
		out->tier_kind = TIER_QUANTITY;
		tiers[i].from = from[i].from_quantity;
		if (from[i].from_amount.minor != AMOUNT_NONE) {
			out->tier_kind = TIER_AMOUNT;
			tiers[i].from = from[i].from_amount.minor;
		} else if (from[i].from_measure.micro != AMOUNT_NONE) {
			out->tier_kind = TIER_MEASURE;
			tiers[i].from = from[i].from_measure.micro;
		}
	}
	out->tiers = tiers;
	out->tier_count = (uint32_t)r->tiers.count;
	return ERR_OK;
}

/* What gives select that do not say it. */
static struct selector usual(const struct promotion *p)
{
	return p->need_count > 0 ? p->needs[0].of : (struct selector){0};
}

/* Nothing of what no promotion may touch; free of cost in a book without such articles. */
static void spare_fixed(const struct compile *c, struct selector *s)
{
	if (c->catalog->fixed_items)
		s->filters |= FILTER_DISCOUNTABLE;
}

static enum err make_sets(const struct compile *c, const struct record_give *r, const struct promotion *p,
			  struct give *out)
{
	const struct record_set_part *from = r->sets.at;
	struct set_part *parts = arena_get(c->arena, r->sets.count * sizeof(*parts));
	enum err e = ERR_OK;

	if (!parts)
		return builder_no_memory(c->why);
	for (size_t i = 0; i < r->sets.count && !e; i++) {
		parts[i] = (struct set_part){.count = from[i].quantity,
					     .order = DEAREST_FIRST,
					     .rewarded = from[i].rewarded == 1,
					     .of = usual(p)};
		if (from[i].select)
			e = compile_selector(c, from[i].select, "select", &parts[i].of);
		if (e && e != ERR_MEMORY)
			why_prefix(c->why, "sets[%zu].", i);
		if (parts[i].rewarded)
			spare_fixed(c, &parts[i].of);
	}
	if (e)
		return e;
	out->parts = parts;
	out->part_count = (uint32_t)r->sets.count;
	out->on = parts[0].of;
	return ERR_OK;
}

/*
 * Buy of these, get of those: sets of two parts. The dearest of those unless it is said, whatever the book
 * says of groups: else a cheaper one in the cart would take the place of the one that was free.
 */
static enum err make_got(const struct compile *c, const struct record_give *r, struct give *out)
{
	struct set_part *parts = arena_get(c->arena, 2 * sizeof(*parts));
	enum err e;

	if (!parts)
		return builder_no_memory(c->why);
	parts[0] = (struct set_part){.of = out->on, .count = r->buy, .order = DEAREST_FIRST};
	parts[1] = (struct set_part){.count = r->get, .order = DEAREST_FIRST, .rewarded = true};
	if (r->free == CHEAPEST_FIRST)
		parts[1].order = CHEAPEST_FIRST;
	e = compile_selector(c, r->got, "got", &parts[1].of);
	spare_fixed(c, &parts[1].of);
	out->parts = parts;
	out->part_count = 2;
	return e;
}

/* A name that the book does not have is of no consequence in an extract: a gift is no line. */
static enum err make_gift(const struct compile *c, const struct record_give *r, struct give *out)
{
	uint32_t item;

	if (!r->sku)
		return ERR_OK;
	if (!c->partial && catalog_find_sku(c->catalog, r->sku, &item))
		return fail(c->why, ERR_NOT_FOUND, "sku: there is no article '%s'", r->sku);
	out->sku = arena_text(c->arena, r->sku, strlen(r->sku));
	return out->sku ? ERR_OK : builder_no_memory(c->why);
}

static enum err compile_give(const struct compile *c, const struct record_give *r, const struct promotion *p,
			     struct give *out)
{
	enum err e = ERR_OK;

	*out = make_give(c, r);
	if (r->select)
		e = compile_selector(c, r->select, "select", &out->on);
	else if (!out->order_wide)
		out->on = usual(p);
	if (!e && r->sets.count > 0)
		e = make_sets(c, r, p, out);
	if (!e && r->got)
		e = make_got(c, r, out);
	else if (!e && r->sets.count == 0)
		spare_fixed(c, &out->on);
	if (!e)
		e = make_tiers(c, r, out);
	if (!e)
		e = compile_texts(c, &r->methods, &out->methods);
	return e ? e : make_gift(c, r, out);
}

enum err compile_gives(const struct compile *c, struct promotion *out)
{
	const struct record_give *from = c->record->gives.at;
	size_t count = c->record->gives.count;
	struct give *gives = arena_get(c->arena, count * sizeof(*gives));
	enum err e = ERR_OK;

	if (!gives)
		return builder_no_memory(c->why);
	for (size_t i = 0; i < count && !e; i++) {
		e = compile_give(c, &from[i], out, &gives[i]);
		if (e && e != ERR_MEMORY)
			why_prefix(c->why, "gives[%zu].", i);
	}
	out->gives = gives;
	out->give_count = (uint32_t)count;
	return e;
}
