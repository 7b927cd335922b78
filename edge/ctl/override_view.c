/*
 * An override for people. See override_view.h.
 */
#include "override_view.h"

#include <stdio.h>
#include <string.h>

#include "screen.h"
#include "view.h"

void override_speak_for(const struct ctl *ctl, json_t *request)
{
	const char *by = ctl_option(ctl, "by");

	if (by)
		json_object_set_new(request, "by", json_string(by));
}

enum ctl_exit override_say(struct ctl *ctl, const char *verb, const char *id)
{
	const char *reason = ctl_option(ctl, "reason");
	json_t *request;

	if (!reason)
		return ctl_fail(CTL_USAGE, "%s: needs --reason: the audit keeps it", ctl->command->name);
	request = json_pack("{s:s, s:s, s:s}", "verb", verb, "override", id, "reason", reason);
	override_speak_for(ctl, request);
	return ctl_show(ctl, request, override_show);
}

static void show_state(const json_t *o)
{
	const char *state = text_of(o, "state"), *needs = text_of(o, "needs");
	char when[32];

	if (strcmp(state, "pending") == 0)
		printf("waits for %s until %s\n",
		       strcmp(needs, "cfo") == 0 ? "the cfo" : "a pricing manager or the cfo",
		       view_time(text_of(o, "decide_until"), when));
	else if (strcmp(state, "emergency") == 0)
		printf("counts until %s; a pricing manager or the cfo has still to look at it\n",
		       view_time(text_of(o, "to"), when));
	else if (state[0])
		printf("counts until %s\n", view_time(text_of(o, "to"), when));
	else
		puts("does not count any more");
}

void override_show(const json_t *o)
{
	screen_text(text_of(o, "id"));
	if (text_of(o, "sku")[0])
		printf(": %s at %s %s, before %s", text_of(o, "sku"), text_of(o, "price"),
		       text_of(o, "currency"), text_of(o, "before"));
	if (text_of(o, "change")[0])
		printf(" (%s %%)", text_of(o, "change"));
	fputs(": ", stdout);
	show_state(o);
}
