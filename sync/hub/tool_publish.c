/*
 * tillhub publish, snapshot and grant: what goes down to the boxes.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

static void show_published(const struct tool *t, const json_t *answer)
{
	long long held = tool_int(answer, "held"), rejected = tool_int(answer, "rejected");

	(void)t;
	if (json_is_true(json_object_get(answer, "changed")))
		printf("version %lld: %lld record%s\n", tool_int(answer, "version"),
		       tool_int(answer, "records"), tool_int(answer, "records") == 1 ? "" : "s");
	else if (held + rejected)
		printf("version %lld as before\n", tool_int(answer, "version"));
	else
		printf("version %lld as before: all %lld records were so already\n",
		       tool_int(answer, "version"), tool_int(answer, "records"));
	if (rejected)
		printf("rejected before, and not published this time either: %lld\n", rejected);
	if (held)
		printf("kept aside until somebody else approves it: %lld; see tillhub held list\n", held);
	if (tool_int(answer, "lacking") > 0)
		printf("%lld boxes, such as %s, do not know %s: rules with that are inactive there until "
		       "they "
		       "are upgraded\n",
		       tool_int(answer, "lacking"), tool_text(answer, "lacking_box"),
		       tool_text(answer, "lacks"));
}

/* Standard input as a file that a hub can read. */
static enum tool_exit spool(char path[PATH_MAX])
{
	char bytes[65536];
	ssize_t n;
	int fd;

	snprintf(path, PATH_MAX, "/tmp/tillhub-XXXXXX");
	fd = mkstemp(path);
	if (fd < 0 || fchmod(fd, 0644) != 0)
		return tool_fail(TOOL_FAILED, "%s: cannot be made", path);
	while ((n = read(STDIN_FILENO, bytes, sizeof(bytes))) > 0) {
		if (write(fd, bytes, (size_t)n) != n) {
			n = -1;
			break;
		}
	}
	close(fd);
	return n == 0 ? TOOL_DONE : tool_fail(TOOL_FAILED, "standard input could not be read or kept");
}

static json_t *stores_of(const struct tool *t)
{
	json_t *stores = json_array();

	for (size_t i = 0; i < t->given_count; i++)
		if (strcmp(t->command->options[t->given[i].option].name, "store") == 0)
			json_array_append_new(stores, json_string(t->given[i].value));
	return stores;
}

static enum tool_exit publish(struct tool *t)
{
	bool from_input = strcmp(t->args[0], "-") == 0;
	char path[PATH_MAX];
	enum tool_exit code = TOOL_DONE;
	int64_t above;

	if (!tool_number(t, "above", 0, 0, &above))
		return TOOL_USAGE;
	if (from_input)
		code = spool(path);
	else if (!realpath(t->args[0], path))
		return tool_fail(TOOL_FAILED, "%s: there is no such file", t->args[0]);
	if (code == TOOL_DONE)
		code = tool_ask(t,
				json_pack("{s:s, s:s, s:b, s:o, s:I, s:s*, s:s*}", "do", "publish", "path",
					  path, "changes", tool_option(t, "changes") != NULL, "stores",
					  stores_of(t), "above", (json_int_t)above, "note",
					  tool_option(t, "note"), "by", tool_option(t, "by")),
				show_published);
	if (from_input)
		(void)unlink(path);
	return code;
}

const struct tool_command tool_publish = {
	.name = "publish",
	.arguments = "FILE",
	.least = 1,
	.most = 1,
	.options = {{"changes", NULL, false, "FILE is changes of the book (docs/pricebook.md), not a book"},
		    {"store", "STORE", true, "for this store alone; may be given more than once"},
		    {"note", "TEXT", false, "why, for the log"},
		    {"above", "VERSION", false, "number it higher than that: after a restore"},
		    {"by", "NAME", false, "who publishes it, if whoever runs this may speak for others"}},
	.text = "Publishes a price book, or changes of it.",
	.more = "It is checked as 'tillctl import' checks it, for every store that it reaches, and is in "
		"force\n"
		"whole or not at all. A book for one store parts it from the chain's; changes for one store "
		"go\n"
		"before the chain's. Where [roles] names somebody, what moves too far waits ('held list').\n"
		"To go back, publish the old book: it gets a new version. '-' reads "
		"standard\n"
		"input.",
	.example = "tillhub publish book.jsonl\ntillhub publish --changes --store S1 --note \"opening week\" "
		   "week.jsonl",
	.run = publish,
};

static void show_snapshot(const struct tool *t, const json_t *answer)
{
	printf("%s: version %lld for store %s, %lld records, pages: %lld\n", t->args[1],
	       tool_int(answer, "version"), t->args[0], tool_int(answer, "records"),
	       tool_int(answer, "pages"));
}

static enum tool_exit snapshot(struct tool *t)
{
	char path[PATH_MAX];

	if (mkdir(t->args[1], 0755) != 0 && access(t->args[1], W_OK) != 0)
		return tool_fail(TOOL_FAILED, "%s: cannot be written to", t->args[1]);
	if (!realpath(t->args[1], path))
		return tool_fail(TOOL_FAILED, "%s: there is no such folder", t->args[1]);
	return tool_ask(t, json_pack("{s:s, s:s, s:s}", "do", "snapshot", "store", t->args[0], "dir", path),
			show_snapshot);
}

const struct tool_command tool_snapshot = {
	.name = "snapshot",
	.arguments = "STORE DIR",
	.least = 2,
	.most = 2,
	.text = "Writes a store's catalog, signed, into a folder.",
	.more = "For a stick, or the inbox folder of a box that is offline: the same manifest and pages as\n"
		"over the network, with the same checks.",
	.example = "tillhub snapshot S1 /media/stick/catalog",
	.run = snapshot,
};

static void show_grant(const struct tool *t, const json_t *answer)
{
	printf("grant %lld of promotion %s to box %s\n", tool_int(answer, "number"), t->args[0], t->args[1]);
}

static enum tool_exit grant(struct tool *t)
{
	json_t *request;
	int64_t uses;

	if (!tool_number(t, "uses", 1, 0, &uses))
		return TOOL_USAGE;
	if ((uses > 0) == (tool_option(t, "amount") != NULL))
		return tool_fail(TOOL_USAGE, "one of --uses and --amount is needed");
	request = json_pack("{s:s, s:s, s:s, s:s*}", "do", "grant", "promotion", t->args[0], "box",
			    t->args[1], "amount", tool_option(t, "amount"));
	if (uses > 0)
		json_object_set_new(request, "uses", json_integer((json_int_t)uses));
	return tool_ask(t, request, show_grant);
}

const struct tool_command tool_grant = {
	.name = "grant",
	.arguments = "PROMOTION BOX",
	.least = 2,
	.most = 2,
	.options = {{"uses", "N", false, "uses that the box may spend"},
		    {"amount", "MONEY", false, "or money, in the currency of its store's book: 250.00"}},
	.text = "Gives a box a part of a promotion's budget.",
	.more = "It is recorded and travels to the box, which keeps it; nothing spends it yet.",
	.example = "tillhub grant summer box-1 --uses 100",
	.run = grant,
};
