/*
 * Pricing rules and overrides compiled: names to ids, defaults filled in, and sorted so that of each kind the
 * first usable one counts (price_rule.h).
 */
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "records_parts.h"

#define HOUR_S	  3600
#define K_DEFAULT 5 /* of the currency */

/* What scopes are made of, of either type. */
struct scope_record {
	struct stamp from, to;
	const struct list *segments, *channels, *stores, *zones, *lists;
};

/* Lists that an extract does not hold are lists that no article of it is in. */
static enum err make_lists(const struct compile *c, const struct list *names, struct ids *out)
{
	const char *const *at = names->at;
	uint32_t *ids = names->count ? arena_get(c->arena, names->count * sizeof(*ids)) : NULL;

	if (names->count && !ids)
		return builder_no_memory(c->why);
	for (size_t i = 0; i < names->count; i++) {
		ids[i] = find_list(c->catalog, at[i]);
		if (ids[i] == CATALOG_NONE && !c->partial)
			return fail(c->why, ERR_NOT_FOUND, "lists[%zu]: there is no price list '%s'", i,
				    at[i]);
		if (ids[i] == CATALOG_NONE)
			ids[i] = CATALOG_NONE - 1; /* nor that of an article without a list */
	}
	*out = (struct ids){.at = ids, .count = (uint32_t)names->count};
	return ERR_OK;
}

static enum err make_scope(const struct compile *c, const struct scope_record *r,
			   const struct rule_scope **out)
{
	const struct catalog *catalog = c->catalog;
	struct rule_scope *scope;
	enum err e;

	*out = NULL;
	if (r->from.seconds == AMOUNT_NONE && r->to.seconds == AMOUNT_NONE && !r->segments->count &&
	    !r->channels->count && !r->stores->count && !r->zones->count && !(r->lists && r->lists->count))
		return ERR_OK;
	scope = arena_get(c->arena, sizeof(*scope));
	if (!scope)
		return builder_no_memory(c->why);
	*out = scope;
	scope->window = builder_window(r->from, r->to);
	e = compile_ids(c, &catalog->segments, r->segments, "segments", &scope->segments);
	if (!e)
		e = compile_ids(c, &catalog->channels, r->channels, "channels", &scope->channels);
	if (!e)
		e = compile_ids(c, &catalog->stores, r->stores, "stores", &scope->stores);
	if (!e)
		e = compile_ids(c, &catalog->zones, r->zones, "zones", &scope->zones);
	return e || !r->lists ? e : make_lists(c, r->lists, &scope->lists);
}

static enum err make_steps(const struct compile *c, const struct record_price_rule *r, struct price_rule *out)
{
	const struct record_rule_step *from = r->steps.at;
	struct rule_step *steps =
		r->steps.count ? arena_get(c->arena, r->steps.count * sizeof(*steps)) : NULL;

	if (r->steps.count && !steps)
		return builder_no_memory(c->why);
	for (size_t i = 0; i < r->steps.count; i++) {
		int64_t at = from[i].days;

		if (from[i].below.micro != AMOUNT_NONE)
			at = from[i].below.micro;
		if (from[i].above.micro != AMOUNT_NONE)
			at = from[i].above.micro;
		steps[i] = (struct rule_step){.at = at, .rate = from[i].percent};
	}
	out->step = steps;
	out->steps = (uint32_t)r->steps.count;
	return ERR_OK;
}

static enum err make_demand(const struct compile *c, const struct record_price_rule *r,
			    struct price_rule *out)
{
	struct rule_demand *by = arena_get(c->arena, sizeof(*by));
	int64_t k = K_DEFAULT;

	if (!by)
		return builder_no_memory(c->why);
	for (unsigned i = 0; i < c->catalog->settings.exponent; i++)
		k *= 10;
	if (r->k.minor != AMOUNT_NONE)
		k = r->k.minor;
	*by = (struct rule_demand){
		.k = {k},
		.view = r->view,
		.cart = r->cart,
		.purchase = r->purchase,
		.half_life_s = r->half_life * HOUR_S,
	};
	out->by.demand = by;
	return ERR_OK;
}

static enum err make_age(const struct compile *c, const struct record_price_rule *r, struct price_rule *out)
{
	struct rule_age *by = arena_get(c->arena, sizeof(*by));

	if (!by)
		return builder_no_memory(c->why);
	*by = (struct rule_age){
		.beta = {r->beta.micro},
		.gamma = {r->gamma.micro},
		.least = r->least,
		.position = {r->position.micro},
		.days = r->t_days,
	};
	out->by.age = by;
	return ERR_OK;
}

static enum err make_season(const struct record_price_rule *r, struct price_rule *out)
{
	enum err e = record_day_of_year(r->days->from, &out->by.season.from);

	out->by.season.rate = r->percent;
	return e ? e : record_day_of_year(r->days->to, &out->by.season.to);
}

/* What one kind alone has. */
static enum err make_terms(const struct compile *c, const struct record_price_rule *r, struct price_rule *out)
{
	switch ((enum rule_kind)out->kind) {
	case RULE_DEMAND:
		return make_demand(c, r, out);
	case RULE_AGE:
		return make_age(c, r, out);
	case RULE_SEASON:
		return make_season(r, out);
	case RULE_COMPETITOR:
		out->by.target = r->target;
		return ERR_OK;
	case RULE_OVERRIDE:
	case RULE_SURGE:
	case RULE_OVERSTOCK:
	case RULE_STOCK:
	case RULE_EXPIRY:
		return make_steps(c, r, out);
	}
	return ERR_OK;
}

static enum err make_head(const struct compile *c, const char *id, const char *name, const struct kept *k,
			  struct price_rule *out)
{
	uint8_t *body = arena_get(c->arena, k->length);

	out->id = arena_text(c->arena, id, strlen(id));
	out->name = name ? arena_text(c->arena, name, strlen(name)) : out->id;
	if (!body || !out->id || !out->name)
		return builder_no_memory(c->why);
	memcpy(body, k->body, k->length);
	out->body = body;
	out->body_length = (uint32_t)k->length;
	return ERR_OK;
}

static enum err compile_rule(const struct compile *c, const struct record *record, const struct kept *k,
			     struct price_rule *out)
{
	const struct record_price_rule *r = &record->as.price_rule;
	const struct scope_record scope = {r->from,    r->to,	  &r->segments, &r->channels,
					   &r->stores, &r->zones, &r->lists};
	enum err e;

	*out = (struct price_rule){
		.kind = (uint8_t)(r->kind + RULE_SURGE),
		.box = r->origin == 1,
		.off = r->status != 0,
		.up = r->up,
		.down = r->down,
		.priority = c->catalog->settings.higher_first ? -r->priority : r->priority,
	};
	e = make_head(c, r->id, r->name, k, out);
	if (!e)
		e = make_scope(c, &scope, &out->scope);
	if (!e)
		e = compile_selector(c, r->select, "select", &out->on);
	return e ? e : make_terms(c, r, out);
}

/* An article of its own is a selector of one term. */
static enum err override_selector(const struct compile *c, const struct record_override *r,
				  struct selector *out)
{
	const struct record_selector one = {.skus = {.at = &r->sku, .count = 1},
					    .price_from = MONEY_NONE,
					    .price_to = MONEY_NONE,
					    .on_sale = AMOUNT_NONE,
					    .discountable = AMOUNT_NONE};

	if (!r->sku)
		return compile_selector(c, r->select, "select", out);
	return compile_selector(c, &one, "sku", out);
}

static enum err compile_override(const struct compile *c, const struct record *record, const struct kept *k,
				 struct price_rule *out)
{
	const struct record_override *r = &record->as.override;
	const struct scope_record scope = {r->from,    r->to,	  &r->segments, &r->channels,
					   &r->stores, &r->zones, NULL};
	enum err e;

	*out = (struct price_rule){
		.kind = RULE_OVERRIDE,
		.hold = r->hold == 1,
		.off = r->status != 0,
		.up = {AMOUNT_NONE},
		.down = {AMOUNT_NONE},
		.by.price = r->price,
		.priority = r->sku ? 0 : 1,
	};
	e = make_head(c, r->id, r->reason, k, out);
	if (!e)
		e = make_scope(c, &scope, &out->scope);
	return e ? e : override_selector(c, r, &out->on);
}

typedef enum err compile_fn(const struct compile *c, const struct record *r, const struct kept *k,
			    struct price_rule *out);

static enum err compile_all(const struct compile *c, enum record_type t, const struct kept *from,
			    uint32_t count, compile_fn *compile, struct price_rule *out)
{
	struct arena scratch = ARENA_EMPTY;
	enum err e = ERR_OK;

	for (uint32_t i = 0; i < count && !e; i++) {
		struct record r;

		arena_reset(&scratch);
		e = builder_decode(&from[i], t, &scratch, &r, c->why);
		if (e)
			break;
		e = compile(c, &r, &from[i], &out[i]);
		if (e && e != ERR_MEMORY)
			e = builder_blame(c->why, e, from[i].line, t,
					  t == RECORD_PRICE_RULE ? r.as.price_rule.id : r.as.override.id);
	}
	arena_free(&scratch);
	return e;
}

/* When an override began: the later one goes first. */
static int64_t began(const struct price_rule *r)
{
	return r->scope ? r->scope->window.from.seconds : AMOUNT_NONE;
}

static int by_turn(const void *a, const void *b)
{
	const struct price_rule *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->box != y->box)
		return x->box ? 1 : -1;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	if (x->kind == RULE_OVERRIDE && began(x) != began(y))
		return began(x) > began(y) ? -1 : 1;
	return strcmp(x->id, y->id);
}

enum err rules_make(struct catalog *c, const struct kept_rules *from, bool partial, struct arena *a,
		    struct why *why)
{
	uint32_t count = from->rule_count + from->override_count;
	struct price_rule *all = arena_get(a, (count + 1) * sizeof(*all));
	const struct compile each = {.catalog = c, .partial = partial, .arena = a, .why = why};
	enum err e;

	if (!all)
		return builder_no_memory(why);
	e = compile_all(&each, RECORD_PRICE_RULE, from->rules, from->rule_count, compile_rule, all);
	if (!e)
		e = compile_all(&each, RECORD_OVERRIDE, from->overrides, from->override_count,
				compile_override, all + from->rule_count);
	if (e)
		return e;
	qsort(all, count, sizeof(*all), by_turn);
	c->rules = all;
	c->rule_count = count;
	return ERR_OK;
}
