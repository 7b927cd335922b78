/*
 * tillctl approve and tillctl reject: what a second person says of a price that somebody set, or of a change
 * that an import held. The daemon knows who may say so and keeps it; what an import held is then put into the
 * catalog here, which is not the daemon's to write. Whoever breaks off in between says it once more.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "catalog_store.h"
#include "ctl.h"
#include "held_view.h"
#include "override_view.h"
#include "screen.h"
#include "take_up.h"

static enum ctl_exit settle(struct ctl *ctl, const json_t *answer, bool approved)
{
	const char *path = ctl_database(ctl, "catalog.db"), *id = text_of(answer, "id");
	const struct catalog_note note = {.user = text_of(answer, "decided_by"),
					  .reason = text_of(answer, "decision")};
	struct why why = {0};
	uint64_t version = 0;
	enum err e;

	if (path == NULL)
		return CTL_USAGE;
	umask(0002); /* as an import does */
	e = catalog_settle_held(path, id, approved, &note, &version, &why);
	if (e)
		return ctl_fail(CTL_FAILED,
				"%s is decided, but the catalog is as it was: %s; say it once more", id,
				why.text);
	if (!take_up(ctl, version))
		fprintf(stderr, "tillctl: tilld has not taken it up yet: see its log\n");
	if (ctl->json)
		return CTL_DONE;
	screen_text(id);
	printf(": %s by ", approved ? "approved" : "rejected");
	screen_text(note.user);
	if (approved)
		printf("; in force with catalog version %" PRIu64 ": new carts are priced by it\n", version);
	else
		puts("; what was in force stays so");
	return CTL_DONE;
}

static enum ctl_exit decide(struct ctl *ctl, const char *verb)
{
	const char *reason = ctl_option(ctl, "reason");
	enum ctl_exit code;
	json_t *request, *answer;

	if (strncmp(ctl->args[0], "import-", 7) != 0)
		return override_say(ctl, verb, ctl->args[0]);
	if (!reason)
		return ctl_fail(CTL_USAGE, "%s: needs --reason: the audit keeps it", verb);
	request = json_pack("{s:s, s:s, s:s}", "verb", verb, "override", ctl->args[0], "reason", reason);
	override_speak_for(ctl, request);
	code = ctl_ask(ctl, request, &answer);
	if (code != CTL_DONE)
		return code;
	code = settle(ctl, answer, strcmp(verb, "approve") == 0);
	json_decref(answer);
	return code;
}

static enum ctl_exit approve(struct ctl *ctl)
{
	return decide(ctl, "approve");
}

static enum ctl_exit reject(struct ctl *ctl)
{
	return decide(ctl, "reject");
}

const struct ctl_command cmd_approve = {
	.name = "approve",
	.arguments = "ID",
	.least = 1,
	.most = 1,
	.options = {{"reason", "TEXT", "why"}, {"by", "NAME", "for whom, if you may speak for others"}},
	.text = "Approves a price that was set, or a held import.",
	.more = "It takes a pricing manager or the cfo, below the margin floor the cfo, and never who set "
		"or\n"
		"imported it. What an import held ('tillctl held list') goes into the catalog.",
	.example = "tillctl approve box-1@3-7 --reason 'agreed with the supplier'\n"
		   "tillctl approve import-3j9k2a-7-1 --reason 'the new price list'",
	.run = approve,
};

const struct ctl_command cmd_reject = {
	.name = "reject",
	.arguments = "ID",
	.least = 1,
	.most = 1,
	.options = {{"reason", "TEXT", "why"}, {"by", "NAME", "for whom, if you may speak for others"}},
	.text = "Rejects a price that was set, or a held import.",
	.more = "An emergency that is rejected ends at once. What an import held stays out, and further "
		"imports\n"
		"that say the same do not ask again.",
	.example = "tillctl reject box-1@3-7 --reason 'the wrong article'",
	.run = reject,
};
