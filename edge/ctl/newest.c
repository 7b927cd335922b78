/*
 * The newest events of a ledger. See newest.h.
 */
#include "newest.h"

static enum err find_last(struct ledger_reader *r, int64_t *last, struct why *why)
{
	struct ledger_event event = {0};
	enum err e = ledger_reader_newest(r, &event, why);

	*last = event.id;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* Walks the events after id, showing those that are wanted but the first `skip`; counts them. */
static enum err walk(const struct newest *n, struct ledger_reader *r, int64_t id, bool shown, int64_t skip,
		     int64_t *count, struct why *why)
{
	struct ledger_event event;
	enum err e = ERR_OK;

	*count = 0;
	while (e == ERR_OK && (e = ledger_reader_next(r, id, &event, why)) == ERR_OK) {
		id = event.id;
		if (n->is_wanted(&event, n->arg) && ++*count > skip && shown)
			e = n->show(&event, n->arg, why);
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err newest_show(struct ledger_reader *r, const struct newest *n, int64_t count, struct why *why)
{
	int64_t last, found = 0, window = count;
	enum err e = find_last(r, &last, why);

	if (e == ERR_OK)
		e = walk(n, r, last > window ? last - window : 0, false, 0, &found, why);
	while (e == ERR_OK && found < count && window < last) {
		window = window > last / 4 ? last : window * 4;
		e = walk(n, r, last - window, false, 0, &found, why);
	}
	if (e != ERR_OK)
		return e;
	return walk(n, r, last > window ? last - window : 0, true, found > count ? found - count : 0, &found,
		    why);
}
