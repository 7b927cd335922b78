/*
 * tillctl held: what imports brought and somebody else has to approve first. tillctl approve and reject
 * (cmd_approve.c) decide it.
 */
#include <stdio.h>
#include <string.h>

#include "held_view.h"

static enum ctl_exit show(const struct ctl *ctl, const json_t *held)
{
	json_t *h;
	size_t i;

	json_array_foreach (held, i, h) {
		if (strcmp(text_of(h, "id"), ctl->args[1]) != 0)
			continue;
		if (ctl->json)
			ctl_print(json_incref(h));
		else
			held_show_one(h);
		return CTL_DONE;
	}
	return ctl_fail(CTL_FAILED, "nothing called %s waits: see 'held list'", ctl->args[1]);
}

static enum ctl_exit list(const struct ctl *ctl, json_t *held)
{
	if (ctl->json)
		ctl_print(json_pack("{s:b, s:O}", "ok", 1, "held", held));
	else
		held_show_list(held);
	return CTL_DONE;
}

static enum ctl_exit held(struct ctl *ctl)
{
	bool one = strcmp(ctl->args[0], "show") == 0;
	const char *path = ctl_database(ctl, "catalog.db");
	struct why why = {0};
	enum ctl_exit code;
	json_t *all;

	if (!one && strcmp(ctl->args[0], "list") != 0)
		return ctl_fail(CTL_USAGE, "held: say 'list' or 'show', not '%s'", ctl->args[0]);
	if (one != (ctl->arg_count == 2))
		return ctl_fail(CTL_USAGE,
				one ? "held show: which one? see 'held list'" : "held list takes no more");
	if (path == NULL)
		return CTL_USAGE;
	all = held_read(path, 0, &why);
	if (!all)
		return ctl_fail(CTL_FAILED, "%s", why.text);
	code = one ? show(ctl, all) : list(ctl, all);
	json_decref(all);
	return code;
}

const struct ctl_command cmd_held = {
	.name = "held",
	.arguments = "list|show [ID]",
	.least = 1,
	.most = 2,
	.text = "Shows what of imports waits for approval.",
	.more = "Prices that move too far against the last approved one or fall below the margin floor, and\n"
		"costs and exchange rates that leave their history: what they would replace stays in force.",
	.example = "tillctl held list\ntillctl approve import-3j9k2a-7-1 --reason 'the new list of the "
		   "supplier'",
	.run = held,
};
