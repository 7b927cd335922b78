/*
 * tillctl events: what changes of the catalog made of prices, promotions and subscriptions.
 */
#include <string.h>

#include "history.h"
#include "record.h"

static enum ctl_exit unknown(const char *name)
{
	const char *names[SHOP_EVENT_TYPES], *near;
	size_t n = 0;

	for (unsigned t = 1; t < SHOP_EVENT_TYPES; t++)
		names[n++] = shop_event_schema((enum shop_event_type)t)->name;
	near = nearest_name(name, names, n);
	if (near)
		return ctl_fail(CTL_USAGE, "there is no event '%s'; did you mean '%s'?", name, near);
	return ctl_fail(CTL_USAGE, "there is no event '%s'; 'tillctl schema' lists them under events/", name);
}

static enum ctl_exit events(struct ctl *ctl)
{
	struct event_query q = {.key = ctl_option(ctl, "of")};
	enum shop_event_type type;

	if (ctl->arg_count == 1) {
		if (shop_event_named(ctl->args[0], &type))
			return unknown(ctl->args[0]);
		q.type = type;
	}
	if (!history_last(ctl, &q.last))
		return CTL_USAGE;
	return history_show(ctl, &q, false);
}

const struct ctl_command cmd_events = {
	.name = "events",
	.arguments = "[EVENT]",
	.most = 1,
	.options = {{"of", "ID", "of that article, promotion, rule or customer alone"},
		    {"last", "N", "the newest N; default 20"}},
	.text = "Shows what changed: prices, promotions, plans.",
	.more = "What imports and changes of the catalog made, and of an article the prices that were set by "
		"hand "
		"at\nthis box; docs/events.md lists the events and their topics. 'tillctl subscribe "
		"--events' "
		"tells them as\nthey happen.",
	.example = "tillctl events\ntillctl events PriceChanged --of BRIE --json",
	.run = events,
};
