/*
 * Looking things up in a catalog. Articles by hash, since a scan waits for them; promotions by bisection;
 * names one after another, since dictionaries that are asked at run time (segments, stores) are short.
 */
#include "catalog.h"

#include <string.h>

uint32_t catalog_hash_gtin(uint64_t gtin)
{
	gtin ^= gtin >> 33; /* finalizer of MurmurHash3: neighbouring numbers spread over all bits */
	gtin *= UINT64_C(0xff51afd7ed558ccd);
	gtin ^= gtin >> 33;
	gtin *= UINT64_C(0xc4ceb9fe1a85ec53);
	gtin ^= gtin >> 33;
	return (uint32_t)gtin;
}

uint32_t catalog_hash_text(const char *text)
{
	uint32_t hash = 2166136261; /* FNV-1a */

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619;
	return hash ^ hash >> 15; /* slots are picked by the low bits, which FNV mixes least */
}

const char *catalog_sku(const struct catalog *c, uint32_t item)
{
	return catalog_page(c, item)->text + catalog_item(c, item)->sku;
}

const char *catalog_name(const struct catalog *c, uint32_t item)
{
	return catalog_page(c, item)->text + catalog_item(c, item)->name;
}

/* Puts an article among the `kept` lowest by SKU, if it belongs there; returns how many are kept now. */
static uint32_t keep(const struct catalog *c, uint32_t item, uint32_t *items, uint32_t size, uint32_t kept)
{
	uint32_t at = kept;

	while (at > 0 && strcmp(catalog_sku(c, item), catalog_sku(c, items[at - 1])) < 0)
		at--;
	if (at == size)
		return kept;
	if (kept < size)
		kept++;
	memmove(items + at + 1, items + at, (kept - at - 1) * sizeof(*items));
	items[at] = item;
	return kept;
}

enum err catalog_find_gtin(const struct catalog *c, uint64_t gtin, uint32_t *items, uint32_t size,
			   uint32_t *count)
{
	uint32_t kept = 0;

	*count = 0;
	if (!gtin || !c->gtin_slots)
		return ERR_NOT_FOUND;
	for (uint32_t i = catalog_hash_gtin(gtin) & c->gtin_mask; c->gtin_slots[i].gtin;
	     i = (i + 1) & c->gtin_mask) {
		if (c->gtin_slots[i].gtin != gtin)
			continue;
		kept = keep(c, c->gtin_slots[i].item, items, size, kept);
		++*count;
	}
	if (!*count)
		return ERR_NOT_FOUND;
	return *count > 1 ? ERR_AMBIGUOUS : ERR_OK;
}

enum err catalog_find_sku(const struct catalog *c, const char *sku, uint32_t *item)
{
	if (!c->sku_slots)
		return ERR_NOT_FOUND;
	for (uint32_t i = catalog_hash_text(sku) & c->sku_mask; c->sku_slots[i] != CATALOG_NONE;
	     i = (i + 1) & c->sku_mask) {
		if (strcmp(catalog_sku(c, c->sku_slots[i]), sku) == 0) {
			*item = c->sku_slots[i];
			return ERR_OK;
		}
	}
	return ERR_NOT_FOUND;
}

uint32_t catalog_id(const struct names *names, const char *name)
{
	for (uint32_t i = 0; i < names->count; i++)
		if (strcmp(names->at[i], name) == 0)
			return i;
	return CATALOG_NONE;
}

uint32_t catalog_promotion(const struct catalog *c, const char *id)
{
	uint32_t from = 0, to = c->promotion_count;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;
		int order = strcmp(id, c->promotions[middle].id);

		if (order == 0)
			return middle;
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return CATALOG_NONE;
}
