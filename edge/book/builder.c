/*
 * The builder's frame: taking records in, and finishing part by part. See builder.h for how it works.
 */
#include "builder.h"

#include <stdlib.h>
#include <string.h>

#define ENCODED_MAX \
	(4U << 20) /* CBOR of one record: a line of JSON is shorter than this, and CBOR than JSON */

static enum err make_builder(bool keep_people, bool partial, struct builder **out)
{
	struct builder *b = calloc(1, sizeof(*b));

	if (!b)
		return ERR_MEMORY;
	b->keep_people = keep_people;
	b->partial = partial;
	buf_init(&b->encoded, ENCODED_MAX);
	*out = b;
	return ERR_OK;
}

enum err builder_new(bool keep_people, struct builder **out)
{
	return make_builder(keep_people, false, out);
}

enum err builder_new_partial(struct builder **out)
{
	return make_builder(false, true, out);
}

void builder_free(struct builder *b)
{
	if (!b)
		return;
	for (unsigned t = 0; t < RECORD_TYPES; t++) {
		free(b->kept[t].at);
		intern_free(&b->kept[t].keys);
	}
	struct intern *tables[] = {&b->skus,	 &b->brands,   &b->tags,   &b->suppliers,
				   &b->segments, &b->channels, &b->stores, &b->zones};
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		intern_free(tables[i]);
	free(b->items);
	free(b->prices);
	free(b->item_tags.at);
	free(b->item_gtins.at);
	free(b->breaks.at);
	buf_free(&b->encoded);
	arena_free(&b->arena);
	snapshot_unref(b->made);
	free(b);
}

enum err builder_no_memory(struct why *why)
{
	return fail(why, ERR_MEMORY, "out of memory");
}

enum err builder_blame(struct why *why, enum err e, uint32_t line, enum record_type t, const char *key)
{
	if (line > 0)
		why_prefix(why, "line %u: ", line);
	else
		why_prefix(why, "%s '%s': ", record_schema(t)->name, key);
	return e;
}

static enum err twice(const struct kept_list *list, const struct record *r, const char *key, struct why *why)
{
	uint32_t first = list->at[list->keys.values[intern_find(&list->keys, key)]].line;
	const char *type = record_schema(r->type)->name;

	if (r->type == RECORD_BOOK)
		return fail(why, ERR_EXISTS,
			    "a price book has one record of type 'book'; the first is on line %u", first);
	if (first == 0)
		return fail(why, ERR_EXISTS, "%s '%s' is there twice", type, key);
	return fail(why, ERR_EXISTS, "%s '%s' is there twice; the first is on line %u", type, key, first);
}

static enum err keep_body(struct builder *b, const struct record *r, struct kept *k, struct why *why)
{
	buf_cut(&b->encoded, 0);
	if (record_encode(r, &b->encoded))
		return fail(why, ERR_LIMIT, "the record is too large");
	k->length = buf_length(&b->encoded);
	k->body = arena_get(&b->arena, k->length);
	if (!k->body)
		return builder_no_memory(why);
	memcpy(k->body, buf_front(&b->encoded), k->length);
	return ERR_OK;
}

/* Books that leave people in the database are checked for them no further than their references. */
static bool is_forgotten(const struct builder *b, const struct record *r)
{
	return r->type == RECORD_CUSTOMER && !b->keep_people;
}

static enum err keep(struct builder *b, const struct record *r, uint32_t line, struct why *why)
{
	struct kept_list *list = &b->kept[r->type];
	struct kept k = {.line = line};

	if (is_forgotten(b, r))
		return ERR_OK;
	const char *key = record_key(r, &b->arena);
	uint32_t id = key ? intern_add(&list->keys, &b->arena, key) : CATALOG_NONE;
	if (id == CATALOG_NONE)
		return builder_no_memory(why);
	if (list->keys.values[id] != CATALOG_NONE)
		return twice(list, r, key, why);
	enum err e = keep_body(b, r, &k, why);
	if (e)
		return e;
	if (!array_room(&list->at, &list->size, list->count, sizeof(k)))
		return builder_no_memory(why);
	list->keys.values[id] = list->count;
	list->at[list->count++] = k;
	return ERR_OK;
}

static bool intern_all(struct builder *b, struct intern *t, const struct list *texts)
{
	const char *const *at = texts->at;

	for (size_t i = 0; i < texts->count; i++) {
		if (intern_add(t, &b->arena, at[i]) == CATALOG_NONE)
			return false;
	}
	return true;
}

static bool intern_terms(struct builder *b, const struct list *brands, const struct list *tags,
			 const struct list *suppliers)
{
	return intern_all(b, &b->brands, brands) && intern_all(b, &b->tags, tags) &&
	       intern_all(b, &b->suppliers, suppliers);
}

static bool intern_selector(struct builder *b, const struct record_selector *s)
{
	if (!s)
		return true;
	if (s->except && !intern_terms(b, &s->except->brands, &s->except->tags, &s->except->suppliers))
		return false;
	return intern_terms(b, &s->brands, &s->tags, &s->suppliers);
}

/* The free names a promotion speaks of get a number now, so that the dictionaries can be sorted before it is
 * compiled. */
static bool intern_promotion(struct builder *b, const struct record_promotion *p)
{
	const struct record_need *needs = p->needs.at;
	const struct record_give *gives = p->gives.at;

	for (size_t i = 0; i < p->needs.count; i++) {
		if (!intern_selector(b, needs[i].select))
			return false;
	}
	for (size_t i = 0; i < p->gives.count; i++) {
		const struct record_set_part *parts = gives[i].sets.at;
		if (!intern_selector(b, gives[i].select) || !intern_selector(b, gives[i].got))
			return false;
		for (size_t k = 0; k < gives[i].sets.count; k++) {
			if (!intern_selector(b, parts[k].select))
				return false;
		}
	}
	if (p->who && !intern_all(b, &b->segments, &p->who->segments))
		return false;
	return !p->where || (intern_all(b, &b->channels, &p->where->channels) &&
			     intern_all(b, &b->stores, &p->where->stores));
}

/* Whom and where a list, rule or override is for. */
static bool intern_scope(struct builder *b, const struct list *segments, const struct list *channels,
			 const struct list *stores, const struct list *zones)
{
	return intern_all(b, &b->segments, segments) && intern_all(b, &b->channels, channels) &&
	       intern_all(b, &b->stores, stores) && intern_all(b, &b->zones, zones);
}

static bool intern_list(struct builder *b, const struct record_price_list *l)
{
	return intern_scope(b, &l->segments, &l->channels, &l->stores, &l->zones);
}

static bool intern_rule(struct builder *b, const struct record_price_rule *r)
{
	return intern_selector(b, r->select) &&
	       intern_scope(b, &r->segments, &r->channels, &r->stores, &r->zones);
}

static bool intern_override(struct builder *b, const struct record_override *o)
{
	return intern_selector(b, o->select) &&
	       intern_scope(b, &o->segments, &o->channels, &o->stores, &o->zones);
}

static bool intern_zone(struct builder *b, const struct record_zone *z)
{
	return intern_add(&b->zones, &b->arena, z->id) != CATALOG_NONE &&
	       intern_all(b, &b->stores, &z->stores);
}

static bool intern_plan(struct builder *b, const char *id)
{
	return !id || intern_add(&b->kept[RECORD_PLAN].keys, &b->arena, id) != CATALOG_NONE;
}

/* Plans that somebody speaks of; whether they are there is seen in the end. */
static bool intern_plans(struct builder *b, const struct record *r)
{
	struct intern *plans = &b->kept[RECORD_PLAN].keys;

	if (r->type == RECORD_CUSTOMER)
		return intern_plan(b, r->as.customer.plan) &&
		       intern_plan(b, r->as.customer.next ? r->as.customer.next->plan : NULL);
	return intern_all(b, plans, &r->as.plan.upgrades) && intern_all(b, plans, &r->as.plan.downgrades);
}

static bool intern_record(struct builder *b, const struct record *r)
{
	switch (r->type) {
	case RECORD_PROMOTION:
		return intern_promotion(b, &r->as.promotion);
	case RECORD_PRICE_LIST:
		return intern_list(b, &r->as.price_list);
	case RECORD_PRICE_RULE:
		return intern_rule(b, &r->as.price_rule);
	case RECORD_OVERRIDE:
		return intern_override(b, &r->as.override);
	case RECORD_ZONE:
		return intern_zone(b, &r->as.zone);
	case RECORD_CUSTOMER:
	case RECORD_PLAN:
		return intern_plans(b, r);
	case RECORD_FLOOR:
		return !r->as.floor.segment ||
		       intern_add(&b->segments, &b->arena, r->as.floor.segment) != CATALOG_NONE;
	case RECORD_BOOK:
	case RECORD_TAX:
	case RECORD_CATEGORY:
	case RECORD_ITEM:
	case RECORD_PRICE:
	case RECORD_COUPON:
	case RECORD_SIGNAL:
	case RECORD_EXCHANGE_RATE:
	case RECORD_LANDED_COST:
		return true;
	}
	return true;
}

enum err builder_add(struct builder *b, const struct record *r, uint32_t line, struct why *why)
{
	if (r->type != RECORD_BOOK && b->kept[RECORD_BOOK].count == 0)
		return fail(why, ERR_STATE, "the first record of a price book is the 'book' itself");
	if (r->type == RECORD_ITEM)
		return builder_add_item(b, &r->as.item, line, why);
	if (r->type == RECORD_PRICE)
		return builder_add_price(b, &r->as.price, line, why);
	return intern_record(b, r) ? keep(b, r, line, why) : builder_no_memory(why);
}

enum err builder_decode(const struct kept *k, enum record_type t, struct arena *a, struct record *out,
			struct why *why)
{
	return record_decode(t, k->body, k->length, a, out, why);
}

enum err builder_find_kept(struct builder *b, enum record_type t, const char *key, struct record *out,
			   struct why *why)
{
	const struct kept_list *list = &b->kept[t];
	uint32_t id = intern_find(&list->keys, key);

	if (id == CATALOG_NONE || list->keys.values[id] == CATALOG_NONE)
		return ERR_NOT_FOUND;
	return builder_decode(&list->at[list->keys.values[id]], t, &b->arena, out, why);
}

enum err builder_make_promotions(struct builder *b, struct why *why)
{
	const struct kept_list *kept = &b->kept[RECORD_PROMOTION];
	struct arena *arena = &b->made->promotions->arena;
	enum err e = promotions_make(&b->made->catalog, kept->at, kept->count, b->partial, arena, why);

	return e ? e : touch_make(&b->made->catalog, arena, why);
}

enum err builder_make_rules(struct builder *b, struct why *why)
{
	const struct kept_list *rules = &b->kept[RECORD_PRICE_RULE], *overrides = &b->kept[RECORD_OVERRIDE];
	const struct kept_rules kept = {rules->at, overrides->at, rules->count, overrides->count};
	struct arena *arena = &b->made->rules->arena;
	enum err e = rules_make(&b->made->catalog, &kept, b->partial, arena, why);

	return e ? e : touch_make_rules(&b->made->catalog, arena, why);
}

static bool open_snapshot(struct builder *b)
{
	b->made = calloc(1, sizeof(*b->made));
	if (!b->made)
		return false;
	atomic_init(&b->made->references, 1);
	b->made->base = part_new();
	b->made->promotions = part_new();
	b->made->rules = part_new();
	return b->made->base && b->made->promotions && b->made->rules;
}

enum err builder_finish(struct builder *b, uint64_t version, struct snapshot **out, struct why *why)
{
	static enum err (*const parts[])(struct builder *, struct why *) = {
		builder_make_settings,	 builder_make_names,  builder_make_zones,      builder_make_taxes,
		builder_make_categories, builder_make_floors, builder_make_lists,      builder_make_costs,
		builder_make_items,	 builder_make_slots,  builder_make_promotions, builder_make_rules,
		builder_make_people,	 builder_check_plans,
	};
	enum err e = ERR_OK;

	if (!open_snapshot(b))
		return builder_no_memory(why);
	b->made->catalog.version = version;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !e; i++)
		e = parts[i](b, why);
	if (e)
		return e;
	*out = b->made;
	b->made = NULL;
	return ERR_OK;
}
