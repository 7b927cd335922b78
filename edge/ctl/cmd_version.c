/*
 * tillctl version: of tillctl, and of the daemon if one answers.
 */
#include <stdio.h>

#include "ctl.h"

static void show(const json_t *answer)
{
	printf("%s %s, protocol %lld, semantics %lld\n", text_of(answer, "program"),
	       text_of(answer, "version"), int_of(answer, "protocol"), int_of(answer, "semantics"));
}

static enum ctl_exit version(struct ctl *ctl)
{
	if (!ctl->json)
		puts("tillctl " TILL_VERSION);
	if (ctl_connect(ctl, !ctl->json) != CTL_DONE) {
		if (!ctl->json)
			puts("no tilld answers");
		return ctl->json ? CTL_NO_DAEMON : CTL_DONE;
	}
	return ctl_show(ctl, json_pack("{s:s}", "verb", "version"), show);
}

const struct ctl_command cmd_version = {
	.name = "version",
	.arguments = "",
	.text = "Shows the versions of tillctl and of the daemon.",
	.example = "tillctl version",
	.run = version,
};
