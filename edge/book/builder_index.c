/*
 * The two hash indexes that a scan goes through: GTIN and SKU to article. Open addressing, linear.
 */
#include <string.h>

#include "builder.h"

/* A power of two at most 4/5 full: 100,000 keys fit 131,072 slots, and a hit takes under three probes. */
static uint32_t slots_for(uint32_t keys)
{
	uint32_t slots = 16;

	while (slots / 5 * 4 < keys)
		slots *= 2;
	return slots;
}

static bool make_sku_slots(struct builder *b)
{
	struct catalog *c = &b->made->catalog;
	uint32_t slots = slots_for(c->item_count),
		 *table = arena_get(&b->made->base->arena, slots * sizeof(*table));

	if (!table)
		return false;
	memset(table, 0xff, slots * sizeof(*table)); /* CATALOG_NONE */
	for (uint32_t i = 0; i < c->item_count; i++) {
		uint32_t at = catalog_hash_text(catalog_sku(c, i)) & (slots - 1);
		while (table[at] != CATALOG_NONE)
			at = (at + 1) & (slots - 1);
		table[at] = i;
	}
	c->sku_slots = table;
	c->sku_mask = slots - 1;
	return true;
}

/* A GTIN on two articles takes two slots: the lane then asks which one is meant. */
static bool make_gtin_slots(struct builder *b)
{
	struct catalog *c = &b->made->catalog;
	uint32_t slots = slots_for(b->item_gtins.count);
	struct gtin_slot *table = arena_get(&b->made->base->arena, slots * sizeof(*table));

	if (!table)
		return false;
	for (uint32_t i = 0; i < b->item_count; i++) {
		const struct raw_item *raw = &b->items[i];
		for (uint32_t k = 0; k < raw->gtins; k++) {
			uint64_t gtin = b->item_gtins.at[raw->first_gtin + k];
			uint32_t at = catalog_hash_gtin(gtin) & (slots - 1);
			while (table[at].gtin)
				at = (at + 1) & (slots - 1);
			table[at] = (struct gtin_slot){.gtin = gtin, .item = b->skus.values[raw->sku]};
		}
	}
	c->gtin_slots = table;
	c->gtin_mask = slots - 1;
	return true;
}

enum err builder_make_slots(struct builder *b, struct why *why)
{
	return make_sku_slots(b) && make_gtin_slots(b) ? ERR_OK : builder_no_memory(why);
}
