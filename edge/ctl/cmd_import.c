/*
 * tillctl import: a price book into catalog.db, or changes of the one that is there, wholly or not at all;
 * then the daemon, if it runs, takes it up.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "catalog_store.h"
#include "ctl_note.h"
#include "screen.h"

#define TAKE_UP_MS 10000 /* that it waits for the daemon to take the catalog up */
#define LOOK_MS	   20

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
	char reason[256];
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
	json_dumpf(all, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(all);
}

/* The version that the daemon's new carts get; 0: none, or it does not answer. */
static uint64_t version_in_force(struct ctl *ctl)
{
	json_t *request = json_pack("{s:s}", "verb", "status"), *answer;
	const char *line = ctl_send(ctl, request) ? "" : NULL;
	uint64_t version = 0;
	size_t n;

	json_decref(request);
	line = line ? ctl_read_line(ctl, &n) : NULL;
	answer = line ? json_loadb(line, n, 0, NULL) : NULL;
	if (answer)
		version = (uint64_t)int_of(json_object_get(answer, "catalog"), "version");
	json_decref(answer);
	return version;
}

/* Rings the doorbell and waits until the daemon has the catalog, so that the next scan finds it. */
static bool take_up(struct ctl *ctl, uint64_t version)
{
	json_t *request = json_pack("{s:s}", "verb", "refresh");
	bool sent = ctl_send(ctl, request);
	size_t n;

	json_decref(request);
	if (!sent || ctl_read_line(ctl, &n) == NULL)
		return false;
	for (int waited = 0; waited < TAKE_UP_MS; waited += LOOK_MS) {
		if (version_in_force(ctl) >= version)
			return true;
		nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
	}
	return false;
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
	umask(0002); /* the daemon reads it as another user of the group */
	e = run(path, ctl->args[0], terminal ? progress : NULL, &meter, &imported, &why);
	wipe(&meter);
	if (e != ERR_OK)
		return ctl_fail(CTL_FAILED, "%s; nothing was changed", why.text);
	daemon = ctl_connect(ctl, true) == CTL_DONE;
	in_force = daemon && take_up(ctl, imported.version);
	if (ctl->json)
		print_json(&imported, in_force);
	else
		print(&imported, in_force, daemon);
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
		"it runs,\ntakes it up at once; open carts keep the prices they have. docs/pricebook.md says "
		"what "
		"can be in it.",
	.example = "tillctl import book.jsonl\ntillctl import --changes prices-of-today.jsonl --reason "
		   "\"week 48\"",
	.run = import,
};
