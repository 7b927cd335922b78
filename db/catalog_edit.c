/*
 * Changes of a catalog that come one by one, from the feed or from the pages of a snapshot. See
 * catalog_store.h.
 */
#include <stdlib.h>

#include "catalog_changing.h"

struct catalog_edit {
	struct changing in;
	bool replacing; /* checked as a whole at the end, and not piece by piece */
	uint32_t taken;
};

static void edit_free(struct catalog_edit *e)
{
	arena_free(&e->in.kept);
	arena_free(&e->in.arena);
	free(e);
}

enum err catalog_edit_begin(struct catalog_store *s, bool replace, uint64_t at_least,
			    struct catalog_edit **out, struct why *why)
{
	struct catalog_edit *edit = calloc(1, sizeof(*edit));
	enum err e;

	if (!edit)
		return fail(why, ERR_MEMORY, "out of memory");
	e = catalog_store_begin(s, replace, why);
	if (e) {
		free(edit);
		return e;
	}
	edit->in.store = s;
	edit->in.file = "change";
	edit->in.end = &edit->in.puts;
	edit->replacing = replace;
	if (s->next < at_least)
		s->next = at_least;
	e = replace ? ERR_OK : changing_read_book(&edit->in, why);
	if (e) {
		catalog_edit_cancel(edit);
		return e;
	}
	*out = edit;
	return ERR_OK;
}

enum err catalog_edit_take(struct catalog_edit *edit, const struct change *c, struct why *why)
{
	edit->taken++;
	if (!edit->replacing)
		return changing_take(c, edit->taken, &edit->in, why);
	if (c->removed)
		return fail(why, ERR_INVALID, "a whole catalog has no removals");
	return catalog_store_put(edit->in.store, &c->record, why);
}

enum err catalog_edit_commit(struct catalog_edit *edit, uint64_t *version, struct catalog_changed *counts,
			     struct why *why)
{
	enum err e =
		edit->replacing ? catalog_store_check(edit->in.store, why) : changing_check(&edit->in, why);

	if (e)
		catalog_store_rollback(edit->in.store);
	else
		e = catalog_store_commit(edit->in.store, version, why);
	if (!e && counts)
		*counts = edit->in.counts;
	edit_free(edit);
	return e;
}

void catalog_edit_cancel(struct catalog_edit *edit)
{
	if (!edit)
		return;
	catalog_store_rollback(edit->in.store);
	edit_free(edit);
}
