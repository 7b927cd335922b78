/*
 * Names to places. See names.h.
 */
#include "names.h"

#include <stdlib.h>
#include <string.h>

static int text_is(const void *text, const void *name)
{
	return strcmp(text, *(const char *const *)name);
}

static int category_is(const void *id, const void *category)
{
	return strcmp(id, ((const struct category *)category)->id);
}

static int tax_is(const void *id, const void *tax)
{
	return strcmp(id, ((const struct tax *)tax)->id);
}

uint32_t find_name(const struct names *names, const char *name)
{
	const char *const *found =
		names->count ? bsearch(name, names->at, names->count, sizeof(*names->at), text_is) : NULL;

	return found ? (uint32_t)(found - names->at) : CATALOG_NONE;
}

uint32_t find_category(const struct catalog *c, const char *id)
{
	const struct category *found = c->category_count ? bsearch(id, c->categories, c->category_count,
								   sizeof(*c->categories), category_is)
							 : NULL;

	return found ? (uint32_t)(found - c->categories) : CATALOG_NONE;
}

/* Place 0, "no tax", has the empty name and so stands first. */
uint32_t find_tax(const struct catalog *c, const char *id)
{
	const struct tax *found = bsearch(id, c->taxes, c->tax_count, sizeof(*c->taxes), tax_is);

	return found ? (uint32_t)(found - c->taxes) : CATALOG_NONE;
}

/* Lists stand by rank, and are few. */
uint32_t find_list(const struct catalog *c, const char *id)
{
	for (uint32_t i = 0; i < c->list_count; i++) {
		if (strcmp(c->lists[i].id, id) == 0)
			return i;
	}
	return CATALOG_NONE;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

enum err find_ids(const struct names *names, const struct list *texts, struct arena *a, struct ids *out,
		  struct why *why)
{
	const char *const *at = texts->at;
	uint32_t count = 0, *ids = texts->count ? arena_get(a, texts->count * sizeof(*ids)) : NULL;

	if (texts->count && !ids)
		return fail(why, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < texts->count; i++) {
		ids[i] = find_name(names, at[i]);
		if (ids[i] == CATALOG_NONE)
			return fail(why, ERR_NOT_FOUND, "'%s' is new to the catalog", at[i]);
	}
	if (ids)
		qsort(ids, texts->count, sizeof(*ids), by_number);
	for (size_t i = 0; i < texts->count; i++) {
		if (count == 0 || ids[count - 1] != ids[i])
			ids[count++] = ids[i];
	}
	*out = (struct ids){.at = ids, .count = count};
	return ERR_OK;
}
