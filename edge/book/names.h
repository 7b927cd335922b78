/*
 * Names to places, in a catalog whose parts stand in order. Private to edge/book.
 */
#ifndef TILL_NAMES_H
#define TILL_NAMES_H

#include "arena.h"
#include "catalog.h"
#include "record.h"

/* CATALOG_NONE: the catalog does not speak of it. */
uint32_t find_name(const struct names *names, const char *name);
uint32_t find_category(const struct catalog *c, const char *id);
uint32_t find_tax(const struct catalog *c, const char *id);
uint32_t find_list(const struct catalog *c, const char *id);

/*
 * Texts as ids of a dictionary, in the arena; ascending, once each. ERR_NOT_FOUND: the dictionary lacks one,
 * and why names it.
 */
enum err find_ids(const struct names *names, const struct list *texts, struct arena *a, struct ids *out,
		  struct why *why) MUST_CHECK;

#endif
