/*
 * Zones: which of them each store is in. The engine asks so for one store, the cart's.
 */
#include <stdlib.h>

#include "builder.h"

/* A store that is in a zone. */
struct member {
	uint32_t store, zone;
};

struct members {
	struct member *at;
	uint32_t count, size;
};

static bool add_zone(const struct builder *b, const struct record_zone *z, struct members *all)
{
	const char *const *stores = z->stores.at;
	uint32_t zone = b->zones.values[intern_find(&b->zones, z->id)];

	for (size_t i = 0; i < z->stores.count; i++) {
		if (!array_room(&all->at, &all->size, all->count, sizeof(*all->at)))
			return false;
		all->at[all->count++] = (struct member){
			.store = b->stores.values[intern_find(&b->stores, stores[i])], .zone = zone};
	}
	return true;
}

static int by_store(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->store != y->store)
		return x->store < y->store ? -1 : 1;
	return (x->zone > y->zone) - (x->zone < y->zone);
}

static bool lay_out(struct builder *b, const struct members *all)
{
	struct arena *a = &b->made->base->arena;
	struct catalog *c = &b->made->catalog;
	struct ids *of = arena_get(a, (c->stores.count + 1) * sizeof(*of));
	uint32_t *zones = arena_get(a, (all->count + 1) * sizeof(*zones));

	if (!of || !zones)
		return false;
	if (all->count)
		qsort(all->at, all->count, sizeof(*all->at), by_store);
	for (uint32_t i = 0; i < all->count; i++) {
		struct ids *store = &of[all->at[i].store];

		zones[i] = all->at[i].zone;
		if (store->count++ == 0)
			store->at = &zones[i];
	}
	c->zones_of = of;
	return true;
}

/* A zone that is spoken of and is not there would silently mean no store. */
static enum err check_named(const struct builder *b, struct why *why)
{
	const struct intern *kept = &b->kept[RECORD_ZONE].keys;

	for (uint32_t i = 0; i < b->zones.count && !b->partial; i++) {
		if (intern_find(kept, b->zones.names[i]) == CATALOG_NONE)
			return fail(why, ERR_NOT_FOUND,
				    "there is no zone '%s', which a price list, rule or override names",
				    b->zones.names[i]);
	}
	return ERR_OK;
}

enum err builder_make_zones(struct builder *b, struct why *why)
{
	const struct kept_list *kept = &b->kept[RECORD_ZONE];
	struct members all = {0};
	enum err e = check_named(b, why);

	for (uint32_t i = 0; i < kept->count && !e; i++) {
		struct record r;

		e = builder_decode(&kept->at[i], RECORD_ZONE, &b->arena, &r, why);
		if (!e && !add_zone(b, &r.as.zone, &all))
			e = builder_no_memory(why);
	}
	if (!e && b->zones.count && !lay_out(b, &all))
		e = builder_no_memory(why);
	free(all.at);
	return e;
}
