/*
 * tillctl override: prices that people set at this box. tillctl approve and reject (cmd_approve.c) say what
 * others think of them.
 */
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "override_view.h"
#include "screen.h"
#include "view.h"

static enum ctl_exit set(struct ctl *ctl)
{
	const char *price = ctl_option(ctl, "price"), *to = ctl_option(ctl, "to");
	const char *minutes = ctl_option(ctl, "minutes"), *reason = ctl_option(ctl, "reason");
	long long count = 0;
	json_t *request;

	if (ctl->arg_count < 2)
		return ctl_fail(CTL_USAGE, "override set: which article? override set SKU --price ...");
	if (!price || !reason || (to == NULL) == (minutes == NULL))
		return ctl_fail(CTL_USAGE,
				"override set: needs --price, --reason, and one of --to and --minutes");
	if (!ctl_count(ctl, "minutes", &count))
		return CTL_USAGE;
	request = json_pack("{s:s, s:s, s:s, s:s}", "verb", "override", "sku", ctl->args[1], "price", price,
			    "reason", reason);
	if (to)
		json_object_set_new(request, "to", json_string(to));
	else
		json_object_set_new(request, "minutes", json_integer(count));
	if (ctl_option(ctl, "emergency"))
		json_object_set_new(request, "emergency", json_true());
	override_speak_for(ctl, request);
	return ctl_show(ctl, request, override_show);
}

static enum ctl_exit end(struct ctl *ctl)
{
	if (ctl->arg_count < 2)
		return ctl_fail(CTL_USAGE, "override end: which one? see 'override list'");
	return override_say(ctl, "override_end", ctl->args[1]);
}

static void show_list(const json_t *answer)
{
	static const char *const headers[] = {"<OVERRIDE", "<STATE", "<ARTICLE", ">BEFORE",
					      ">PRICE",	   "<UNTIL", "<SET BY",	 "~REASON"};
	const json_t *one;
	struct table *t;
	char when[32];
	size_t i;

	if (json_array_size(json_object_get(answer, "overrides")) == 0) {
		puts("No price is set by hand, and none waits.");
		return;
	}
	t = table_new(headers, 8);
	json_array_foreach (json_object_get(answer, "overrides"), i, one) {
		bool waits = strcmp(text_of(one, "state"), "pending") == 0;

		table_cell(t, text_of(one, "id"));
		table_cell(t, text_of(one, "state"));
		table_cell(t, text_of(one, "sku"));
		table_cell(t, text_of(one, "before"));
		table_cell(t, text_of(one, "price"));
		table_cell(t, view_time(text_of(one, waits ? "decide_until" : "to"), when));
		table_cell(t, text_of(one, "by"));
		table_cell(t, text_of(one, "reason"));
	}
	table_print(t);
}

static enum ctl_exit override(struct ctl *ctl)
{
	const char *what = ctl->args[0];

	if (strcmp(what, "set") == 0)
		return set(ctl);
	if (strcmp(what, "end") == 0)
		return end(ctl);
	if (strcmp(what, "list") == 0)
		return ctl_show(ctl, json_pack("{s:s}", "verb", "overrides"), show_list);
	return ctl_fail(CTL_USAGE, "override: say 'set', 'list' or 'end', not '%s'", what);
}

const struct ctl_command cmd_override = {
	.name = "override",
	.arguments = "set SKU|list|end ID",
	.least = 1,
	.most = 2,
	.options = {{"price", "AMOUNT", "set: price of one unit"},
		    {"to", "TIME", "set: last moment, as 2026-11-21T18:00"},
		    {"minutes", "N", "set: instead of --to: so long from now"},
		    {"reason", "TEXT", "set, end: why"},
		    {"emergency", NULL, "set: counts at once, is looked at afterwards"},
		    {"by", "NAME", "for whom, if you may speak for others"}},
	.text = "Sets a price by hand, shows and ends those set.",
	.more = "A change of more than the box's limit (15 %) against the last approved price waits until\n"
		"another person approves it: 'tillctl approve'. Below the margin floor it takes the cfo.",
	.example = "tillctl override set 1001 --price 1.99 --minutes 120 --reason 'dented tins'\n"
		   "tillctl override list",
	.run = override,
};
