/*
 * A set of local overrides, and putting it into a snapshot. See override_set.h.
 */
#include "override_set.h"

#include <stdlib.h>

struct override_set {
	struct arena arena; /* what the records point to */
	struct record_override at[OVERRIDE_SET_MAX];
	size_t count;
};

struct override_set *override_set_new(void)
{
	return calloc(1, sizeof(struct override_set));
}

void override_set_free(struct override_set *set)
{
	if (!set)
		return;
	arena_free(&set->arena);
	free(set);
}

/* By way of its CBOR: every field, those of later too. */
enum err override_set_add(struct override_set *set, const struct record_override *o)
{
	struct record record = {.type = RECORD_OVERRIDE, .as.override = *o}, copy;
	const char *kept;
	struct buf buf;
	struct why why;
	enum err e;

	if (set->count == OVERRIDE_SET_MAX)
		return ERR_LIMIT;
	buf_init(&buf, 1U << 16);
	e = record_encode(&record, &buf);
	kept = e ? NULL : arena_text(&set->arena, (const char *)buf_front(&buf), buf_length(&buf));
	if (!e && !kept)
		e = ERR_MEMORY;
	if (!e)
		e = record_decode(RECORD_OVERRIDE, kept, buf_length(&buf), &set->arena, &copy, &why);
	buf_free(&buf);
	if (!e)
		set->at[set->count++] = copy.as.override;
	return e;
}

static void note(struct change *changes, size_t *count, const struct record_override *o, bool removed)
{
	changes[(*count)++] =
		(struct change){.removed = removed, .record = {.type = RECORD_OVERRIDE, .as.override = *o}};
}

enum err override_set_apply(const struct override_set *now, const struct override_set *before,
			    struct snapshot *base, struct snapshot **out, struct why *why)
{
	const struct catalog *c = snapshot_catalog(base);
	struct change *changes = calloc((size_t)2 * OVERRIDE_SET_MAX, sizeof(*changes));
	size_t count = 0;
	uint32_t item;
	enum err e;

	if (!changes)
		return fail(why, ERR_MEMORY, "out of memory");
	for (size_t i = 0; before && i < before->count; i++)
		note(changes, &count, &before->at[i], true);
	for (size_t i = 0; i < now->count; i++)
		if (catalog_find_sku(c, now->at[i].sku, &item) == ERR_OK)
			note(changes, &count, &now->at[i], false);
	e = snapshot_change(base, changes, count, c->version, out, why);
	free(changes);
	return e;
}
