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
	struct intern *tables[] = {&b->skus,	 &b->brands,   &b->tags,  &b->suppliers,
				   &b->segments, &b->channels, &b->stores};
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		intern_free(tables[i]);
	free(b->items);
	free(b->prices);
	free(b->item_tags.at);
	free(b->item_gtins.at);
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

static bool intern_list(struct builder *b, const struct record_price_list *l)
{
	return intern_all(b, &b->segments, &l->segments) && intern_all(b, &b->channels, &l->channels) &&
	       intern_all(b, &b->stores, &l->stores);
}

enum err builder_add(struct builder *b, const struct record *r, uint32_t line, struct why *why)
{
	bool interned = true;

	if (r->type != RECORD_BOOK && b->kept[RECORD_BOOK].count == 0)
		return fail(why, ERR_STATE, "the first record of a price book is the 'book' itself");
	if (r->type == RECORD_ITEM)
		return builder_add_item(b, &r->as.item, line, why);
	if (r->type == RECORD_PRICE)
		return builder_add_price(b, &r->as.price, line, why);
	if (r->type == RECORD_PROMOTION)
		interned = intern_promotion(b, &r->as.promotion);
	if (r->type == RECORD_PRICE_LIST)
		interned = intern_list(b, &r->as.price_list);
	if (r->type == RECORD_FLOOR && r->as.floor.segment)
		interned = intern_add(&b->segments, &b->arena, r->as.floor.segment) != CATALOG_NONE;
	return interned ? keep(b, r, line, why) : builder_no_memory(why);
}

enum err builder_decode(const struct kept *k, enum record_type t, struct arena *a, struct record *out,
			struct why *why)
{
	return record_decode(t, k->body, k->length, a, out, why);
}

enum err builder_make_promotions(struct builder *b, struct why *why)
{
	const struct kept_list *kept = &b->kept[RECORD_PROMOTION];
	struct arena *arena = &b->made->promotions->arena;
	enum err e = promotions_make(&b->made->catalog, kept->at, kept->count, b->partial, arena, why);

	return e ? e : touch_make(&b->made->catalog, arena, why);
}

static bool open_snapshot(struct builder *b)
{
	b->made = calloc(1, sizeof(*b->made));
	if (!b->made)
		return false;
	atomic_init(&b->made->references, 1);
	b->made->base = part_new();
	b->made->promotions = part_new();
	return b->made->base && b->made->promotions;
}

enum err builder_finish(struct builder *b, uint64_t version, struct snapshot **out, struct why *why)
{
	static enum err (*const parts[])(struct builder *, struct why *) = {
		builder_make_settings,	 builder_make_names,  builder_make_taxes, builder_make_categories,
		builder_make_floors,	 builder_make_lists,  builder_make_items, builder_make_slots,
		builder_make_promotions, builder_make_people,
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
