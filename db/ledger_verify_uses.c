/*
 * The check of the table of uses: what it says has to be what the events before its mark add up to. See
 * ledger_walk.h.
 */
#include "ledger_uses.h"
#include "ledger_walk.h"

#include <stdio.h>

enum err ledger_walk_uses(struct walk *w, struct why *why)
{
	w->table = uses_new();
	w->fold = uses_new();
	if (!w->table || !w->fold)
		return fail(why, ERR_MEMORY, "out of memory");
	return ledger_reader_uses(w->reader, w->table, &w->uses_until, why);
}

static const char *kind_of(const struct use *e)
{
	static const char *const names[] = {[USE_PROMOTION] = "promotion",
					    [USE_CUSTOMER] = "customer",
					    [USE_BY_CUSTOMER] = "promotion, of a customer,",
					    [USE_COUPON] = "coupon",
					    [USE_CREDIT] = "basket credit of customer"};

	return names[e->kind];
}

static enum err compare(struct walk *w, int64_t id, struct why *why)
{
	const struct use *e = uses_differ(w->fold, w->table);
	char what[200];

	if (!e)
		return ERR_OK;
	snprintf(what, sizeof(what),
		 "up to it, the table of uses says something else of %s %.80s than the events do", kind_of(e),
		 e->key);
	return ledger_broken(w, FAULT_TABLE, id, what, why);
}

enum err ledger_walk_use(struct walk *w, const struct event_envelope *event, const struct event_sale *sale,
			 int64_t id, struct why *why)
{
	enum err e;

	if (id > w->uses_until)
		return ERR_OK;
	e = sale ? uses_take_sale(w->fold, sale) : uses_take_event(w->fold, event, &w->arena, why);
	if (e == ERR_INVALID)
		return ledger_broken(w, FAULT_UNREADABLE, id, "what it says of uses cannot be read", why);
	if (e)
		return fail(why, e, "out of memory");
	return id == w->uses_until ? compare(w, id, why) : ERR_OK;
}

void ledger_walk_end(struct walk *w)
{
	uses_free(w->table);
	uses_free(w->fold);
	arena_free(&w->arena);
}
