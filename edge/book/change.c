/*
 * A later version of a snapshot, made from it and what changed. Pages without a change are shared, and so is
 * all that articles and prices refer to; promotions are compiled anew, if one of them changed. What would
 * move an index of articles is left to a whole build.
 */
#include <stdlib.h>
#include <string.h>

#include "change_parts.h"

#define BODY_MAX (4U << 20) /* CBOR of one record, as for the builder */
enum err change_rebuild(struct changing *g, const char *what, const char *name)
{
	return fail(g->why, ERR_STATE, "%s '%s' needs a whole build", what, name);
}
static bool keep_body(struct changing *g, struct kept_all *all, const char *id, const uint8_t *body,
		      size_t length)
{
	uint8_t *copy = arena_get(&g->arena, length);

	if (!copy)
		return false;
	memcpy(copy, body, length);
	all->at[all->count++] = (struct kept_named){id, {.body = copy, .length = length}};
	return true;
}

/* The promotions as they are, with room for as many more as there are changes. */
static bool open_promotions(struct changing *g, size_t changes)
{
	const struct catalog *c = g->old;
	struct kept_all *all = &g->promotions;

	if (all->at)
		return true;
	all->at = arena_get(&g->arena, (c->promotion_count + changes) * sizeof(*all->at));
	for (uint32_t i = 0; all->at && i < c->promotion_count; i++) {
		const struct promotion *p = &c->promotions[i];
		if (!keep_body(g, all, p->id, p->body, p->body_length))
			return false;
	}
	return all->at;
}

/* The same of rules and overrides, which lie in one array. */
static bool open_rules(struct changing *g, size_t changes)
{
	const struct catalog *c = g->old;

	if (g->rules.at)
		return true;
	g->rules.at = arena_get(&g->arena, (c->rule_count + changes) * sizeof(*g->rules.at));
	g->overrides.at = arena_get(&g->arena, (c->rule_count + changes) * sizeof(*g->overrides.at));
	if (!g->rules.at || !g->overrides.at)
		return false;
	for (uint32_t i = 0; i < c->rule_count; i++) {
		const struct price_rule *r = &c->rules[i];
		if (!keep_body(g, r->kind == RULE_OVERRIDE ? &g->overrides : &g->rules, r->id, r->body,
			       r->body_length))
			return false;
	}
	return true;
}

static uint32_t find_named(const struct kept_all *all, const char *id)
{
	uint32_t at = 0;

	while (at < all->count && strcmp(all->at[at].id, id) != 0)
		at++;
	return at;
}

/* Promotions of the old version stand by id; what came since is behind them. */
static uint32_t find_promotion(const struct changing *g, const char *id)
{
	uint32_t at = catalog_promotion(g->old, id);

	return at == CATALOG_NONE ? find_named(&g->promotions, id) : at;
}

static enum err encode(struct changing *g, const struct record *r, struct kept *out)
{
	struct buf encoded;
	enum err e;

	buf_init(&encoded, BODY_MAX);
	e = record_encode(r, &encoded);
	out->length = buf_length(&encoded);
	out->body = e ? NULL : arena_get(&g->arena, out->length);
	if (out->body)
		memcpy(out->body, buf_front(&encoded), out->length);
	buf_free(&encoded);
	return out->body ? ERR_OK : builder_no_memory(g->why);
}

static enum err edit_named(struct changing *g, const struct change *change, const char *id, uint32_t at,
			   struct kept_all *all)
{
	if (change->removed) {
		if (at < all->count)
			all->at[at].kept.body = NULL;
		return ERR_OK;
	}
	if (at == all->count)
		all->at[all->count++].id = id;
	return encode(g, &change->record, &all->at[at].kept);
}

static enum err edit_promotion(struct changing *g, const struct change *change, size_t changes)
{
	const char *id = change->record.as.promotion.id;

	if (!open_promotions(g, changes))
		return builder_no_memory(g->why);
	return edit_named(g, change, id, find_promotion(g, id), &g->promotions);
}

static enum err edit_rule(struct changing *g, const struct change *change, size_t changes)
{
	bool rule = change->record.type == RECORD_PRICE_RULE;
	const char *id = rule ? change->record.as.price_rule.id : change->record.as.override.id;
	struct kept_all *all = rule ? &g->rules : &g->overrides;

	if (!open_rules(g, changes))
		return builder_no_memory(g->why);
	return edit_named(g, change, id, find_named(all, id), all);
}

static const char *sku_of(const struct record *r)
{
	if (r->type == RECORD_PRICE)
		return r->as.price.sku;
	return r->type == RECORD_SIGNAL ? r->as.signal.sku : r->as.item.sku;
}

static enum err edit_item(struct changing *g, const struct change *change, uint32_t order)
{
	const char *sku = sku_of(&change->record);
	uint32_t item;

	if (catalog_find_sku(g->old, sku, &item))
		return change->removed ? ERR_OK : change_rebuild(g, "the new article", sku);
	if (change->removed && change->record.type == RECORD_ITEM)
		return change_rebuild(g, "taking away article", sku);
	g->edits[g->edit_count++] = (struct edit){.item = item, .order = order, .change = change};
	return ERR_OK;
}

static enum err sort_out(struct changing *g, const struct change *changes, size_t count)
{
	enum err e = ERR_OK;

	g->edits = arena_get(&g->arena, (count + 1) * sizeof(*g->edits));
	if (!g->edits)
		return builder_no_memory(g->why);
	for (size_t i = 0; i < count && !e; i++) {
		switch (changes[i].record.type) {
		case RECORD_ITEM:
		case RECORD_PRICE:
		case RECORD_SIGNAL:
			e = edit_item(g, &changes[i], (uint32_t)i);
			break;
		case RECORD_PROMOTION:
			e = edit_promotion(g, &changes[i], count);
			break;
		case RECORD_PRICE_RULE:
		case RECORD_OVERRIDE:
			e = edit_rule(g, &changes[i], count);
			break;
		case RECORD_COUPON:
		case RECORD_CUSTOMER:
		case RECORD_PLAN: /* in the database */
			break;
		case RECORD_BOOK:
		case RECORD_TAX:
		case RECORD_CATEGORY:
		case RECORD_PRICE_LIST:
		case RECORD_FLOOR:
		case RECORD_ZONE:
		case RECORD_EXCHANGE_RATE:
		case RECORD_LANDED_COST:
			e = change_rebuild(g, "a change of", record_schema(changes[i].record.type)->name);
			break;
		}
	}
	return e;
}

/* Those that were not taken away. */
static struct kept *left_of(struct changing *g, const struct kept_all *all, uint32_t *count)
{
	struct kept *kept = arena_get(&g->arena, (all->count + 1) * sizeof(*kept));

	*count = 0;
	for (uint32_t i = 0; kept && i < all->count; i++) {
		if (all->at[i].kept.body)
			kept[(*count)++] = all->at[i].kept;
	}
	return kept;
}

static enum err make_promotions(struct changing *g, struct part *old)
{
	struct kept *kept;
	struct arena *arena;
	uint32_t count;
	enum err e;

	if (!g->promotions.at) {
		g->made->promotions = part_ref(old);
		return ERR_OK;
	}
	g->made->promotions = part_new();
	kept = left_of(g, &g->promotions, &count);
	if (!kept || !g->made->promotions)
		return builder_no_memory(g->why);
	arena = &g->made->promotions->arena;
	e = promotions_make(&g->made->catalog, kept, count, false, arena, g->why);
	return e ? e : touch_make(&g->made->catalog, arena, g->why);
}

static enum err make_rules(struct changing *g, struct part *old)
{
	struct kept_rules kept;
	struct arena *arena;
	enum err e;

	if (!g->rules.at) {
		g->made->rules = part_ref(old);
		return ERR_OK;
	}
	g->made->rules = part_new();
	kept.rules = left_of(g, &g->rules, &kept.rule_count);
	kept.overrides = left_of(g, &g->overrides, &kept.override_count);
	if (!kept.rules || !kept.overrides || !g->made->rules)
		return builder_no_memory(g->why);
	arena = &g->made->rules->arena;
	e = rules_make(&g->made->catalog, &kept, false, arena, g->why);
	return e ? e : touch_make_rules(&g->made->catalog, arena, g->why);
}

/* Everything of base's, as a snapshot of its own, but for the promotions and rules. */
static enum err open_snapshot(struct changing *g, const struct snapshot *base, uint64_t version)
{
	const struct item_page **pages =
		calloc(base->catalog.page_count + 1u, sizeof(const struct item_page *));

	g->made = calloc(1, sizeof(*g->made));
	if (!g->made || !pages) {
		free(pages);
		return builder_no_memory(g->why);
	}
	atomic_init(&g->made->references, 1);
	for (uint32_t i = 0; i < base->catalog.page_count; i++)
		pages[i] = page_ref(base->pages[i]);
	g->made->catalog = base->catalog;
	g->made->catalog.version = version;
	g->made->catalog.pages = pages;
	g->made->pages = pages;
	g->made->base = part_ref(base->base);
	g->made->rates = base->rates;
	return ERR_OK;
}

enum err snapshot_change(struct snapshot *base, const struct change *changes, size_t count, uint64_t version,
			 struct snapshot **out, struct why *why)
{
	struct changing g = {.old = &base->catalog, .why = why};
	enum err e = open_snapshot(&g, base, version);

	if (!e)
		e = sort_out(&g, changes, count);
	if (!e)
		e = change_edit_pages(&g);
	if (!e)
		e = make_promotions(&g, base->promotions);
	if (!e)
		e = make_rules(&g, base->rules);
	arena_free(&g.arena);
	if (!e) {
		*out = g.made;
		return ERR_OK;
	}
	snapshot_unref(g.made);
	return e == ERR_MEMORY ? e : ERR_STATE;
}
