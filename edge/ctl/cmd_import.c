/*
 * tillctl import: a price book into catalog.db, or changes of the one that is there, wholly or not at all;
 * then the daemon, if it runs, takes it up.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog_store.h"
#include "ctl_note.h"
#include "held_view.h"
#include "screen.h"
#include "take_up.h"

struct meter {
	const char *file;
	bool shown;
};

static void progress(uint64_t done, uint64_t all, void *arg)
{
	struct meter *m = arg;

	m->shown = true;
	if (all > 0)
		fprintf(stderr, "\r%s: %3u %%", m->file, (unsigned)(done * 100 / all));
	else
		fprintf(stderr, "\r%s: %" PRIu64 " kB", m->file, done / 1000);
}

static void wipe(const struct meter *m)
{
	if (m->shown)
		fputs("\r\033[K", stderr);
}

static void print_counts(const uint64_t counts[RECORD_TYPES])
{
	static const char *const headers[] = {"<RECORD", ">COUNT"};
	struct table *t = table_new(headers, 2);

	for (int i = 0; i < RECORD_TYPES; i++) {
		if (counts[i] == 0)
			continue;
		table_cell(t, record_schema((enum record_type)i)->name);
		table_cell_int(t, (long long)counts[i]);
	}
	table_print(t);
}

static void print_changed(const struct catalog_changed *c)
{
	static const char *const headers[] = {"<RECORD", ">PUT", ">REMOVED"};
	struct table *t = table_new(headers, 3);
	bool any = false;

	for (int i = 0; i < RECORD_TYPES; i++) {
		if (c->put[i] == 0 && c->removed[i] == 0)
			continue;
		any = true;
		table_cell(t, record_schema((enum record_type)i)->name);
		table_cell_int(t, (long long)c->put[i]);
		table_cell_int(t, (long long)c->removed[i]);
	}
	if (any)
		table_print(t);
	else
		table_free(t);
	if (c->unchanged > 0)
		printf("Lines that said what was so already: %" PRIu64 "\n", c->unchanged);
}

static json_t *counts_json(const uint64_t counts[RECORD_TYPES])
{
	json_t *all = json_object();

	for (int i = 0; i < RECORD_TYPES; i++)
		json_object_set_new(all, record_schema((enum record_type)i)->name,
				    json_integer((json_int_t)counts[i]));
	return all;
}

/* What came of an import. */
struct imported {
	bool changes;			/* of a catalog; else a whole book */
	uint64_t counts[RECORD_TYPES];	/* of the book */
	struct catalog_changed changed; /* by the changes */
	uint64_t version;
	struct catalog_note note;
	struct catalog_hold hold;
	char reason[256];
	json_t *held;	    /* what of it was kept aside */
	size_t held_in_all; /* of earlier imports, too */
};

static void print_json(const struct imported *i, bool in_force)
{
	json_t *all = json_pack("{s:b, s:I, s:b}", "ok", 1, "version", (json_int_t)i->version, "in_force",
				in_force);

	if (i->changes) {
		json_object_set_new(all, "put", counts_json(i->changed.put));
		json_object_set_new(all, "removed", counts_json(i->changed.removed));
		json_object_set_new(all, "unchanged", json_integer((json_int_t)i->changed.unchanged));
	} else {
		json_object_set_new(all, "records", counts_json(i->counts));
	}
	json_object_set(all, "held", i->held);
	json_object_set_new(all, "held_in_all", json_integer((json_int_t)i->held_in_all));
	ctl_print(all);
}

static enum err run(const char *path, const char *file, book_progress_fn *progress_fn, struct meter *meter,
		    struct imported *out, struct why *why)
{
	if (out->changes)
		return catalog_import_changes(path, file, &out->note, progress_fn, meter, &out->version,
					      &out->changed, why);
	return catalog_import(path, file, &out->note, progress_fn, meter, &out->version, out->counts, why);
}

static void print(const struct imported *i, bool in_force, bool daemon)
{
	if (i->changes)
		print_changed(&i->changed);
	else
		print_counts(i->counts);
	printf("Catalog version %" PRIu64 "%s\n", i->version,
	       in_force ? " is in force: new carts are priced by it"
	       : daemon ? " is imported, but tilld has not taken it up: see its log"
			: " is imported; tilld does not run, and takes it up when it starts");
	held_show_import(i->held, i->held_in_all);
}

/* Where nobody may approve anything, nothing can wait for it. */
static void set_hold(const struct ctl *ctl, struct imported *i)
{
	i->hold = (struct catalog_hold){
		.change = ctl->change, .patience_s = ctl->patience_s, .login = ctl_login()};
	if (ctl->approvers)
		i->note.hold = &i->hold;
}

static bool read_held(const char *path, struct imported *i, struct why *why)
{
	json_t *all = held_read(path, 0, why);

	i->held_in_all = json_array_size(all);
	json_decref(all);
	i->held = all ? held_read(path, i->version, why) : NULL;
	return i->held != NULL;
}

static enum ctl_exit import(struct ctl *ctl)
{
	const char *path = ctl_database(ctl, "catalog.db");
	bool terminal = isatty(STDERR_FILENO) && !ctl->json, in_force = false, daemon;
	struct imported imported = {.changes = ctl_option(ctl, "changes") != NULL};
	struct meter meter = {.file = ctl->args[0]};
	struct why why = {0};
	enum err e;

	if (path == NULL)
		return CTL_USAGE;
	if (ctl->has_hq)
		return ctl_fail(CTL_FAILED,
				"this box has its catalog from headquarters ([hq] uri in %s): publish there "
				"('tillhub publish'); nothing was changed",
				ctl->config ? ctl->config : "tilld.conf");
	snprintf(imported.reason, sizeof(imported.reason), "import of %.200s", ctl->args[0]);
	if (!ctl_note(ctl, imported.reason, &imported.note))
		return CTL_USAGE;
	set_hold(ctl, &imported);
	umask(0002); /* the daemon reads it as another user of the group */
	e = run(path, ctl->args[0], terminal ? progress : NULL, &meter, &imported, &why);
	wipe(&meter);
	if (e != ERR_OK)
		return ctl_fail(CTL_FAILED, "%s; nothing was changed", why.text);
	if (!read_held(path, &imported, &why))
		return ctl_fail(CTL_FAILED, "imported, but what was kept aside cannot be read: %s", why.text);
	daemon = ctl_connect(ctl, true) == CTL_DONE;
	in_force = daemon && take_up(ctl, imported.version);
	if (ctl->json)
		print_json(&imported, in_force);
	else
		print(&imported, in_force, daemon);
	json_decref(imported.held);
	return CTL_DONE;
}

const struct ctl_command cmd_import = {
	.name = "import",
	.arguments = "FILE",
	.least = 1,
	.most = 1,
	.options = {{"changes", NULL, "FILE says what changes, and the rest stays"}, CTL_NOTE_OPTIONS},
	.text = "Replaces the catalog with a price book.",
	.more = "A file of JSON Lines ('-': standard input), taken as a whole or not at all. The daemon, if "
		"it runs,\ntakes it up at once; open carts keep the prices they have. What has to be "
		"approved first "
		"is kept aside\n('tillctl held'). docs/pricebook.md says what can be in it.",
	.example = "tillctl import book.jsonl\ntillctl import --changes prices-of-today.jsonl --reason "
		   "\"week 48\"",
	.run = import,
};
