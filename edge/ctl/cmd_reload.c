/*
 * tillctl reload: the daemon reads its configuration anew, and this waits until it is in force.
 */
#include <stdio.h>

#include "ctl.h"
#include "screen.h"

static void show_list(const char *title, const json_t *list)
{
	const json_t *one;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	puts(title);
	json_array_foreach (list, i, one) {
		fputs("  ", stdout);
		screen_text(json_string_value(one));
		putchar('\n');
	}
}

static void show(const json_t *answer)
{
	const json_t *changed = json_object_get(answer, "changed"), *kept = json_object_get(answer, "kept"),
		     *restart = json_object_get(answer, "restart_needed");

	if (json_array_size(changed) + json_array_size(kept) + json_array_size(restart) == 0)
		puts("Nothing changed");
	show_list("Changed", changed);
	show_list("Kept as it was", kept);
	show_list("Takes a restart", restart);
}

static enum ctl_exit reload(struct ctl *ctl)
{
	return ctl_show(ctl, json_pack("{s:s}", "verb", "reload"), show);
}

const struct ctl_command cmd_reload = {
	.name = "reload",
	.arguments = "",
	.text = "Puts the changed configuration in force.",
	.more = "It is read and judged whole: any error leaves everything as it was, and all of them are "
		"told.\n"
		"What takes a restart is named and stays as it was.",
	.example = "tillctl reload",
	.run = reload,
};
