/*
 * tillctl import: a price book into catalog.db, wholly or not at all; then the daemon, if it runs, takes it
 * up.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "catalog_store.h"
#include "ctl.h"
#include "screen.h"

#define TAKE_UP_MS 10000 /* that it waits for the daemon to take the catalog up */
#define LOOK_MS	   20

struct meter {
	const char *book;
	bool shown;
};

static void progress(uint64_t done, uint64_t all, void *arg)
{
	struct meter *m = arg;

	m->shown = true;
	if (all > 0)
		fprintf(stderr, "\r%s: %3u %%", m->book, (unsigned)(done * 100 / all));
	else
		fprintf(stderr, "\r%s: %" PRIu64 " kB", m->book, done / 1000);
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

static void print_json(uint64_t version, const uint64_t counts[RECORD_TYPES], bool in_force)
{
	json_t *records = json_object();
	json_t *all = json_pack("{s:b, s:I, s:o, s:b}", "ok", 1, "version", (json_int_t)version, "records",
				records, "in_force", in_force);

	for (int i = 0; i < RECORD_TYPES; i++)
		json_object_set_new(records, record_schema((enum record_type)i)->name,
				    json_integer((json_int_t)counts[i]));
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

static enum ctl_exit import(struct ctl *ctl)
{
	const char *book = ctl->args[0], *path = ctl_database(ctl, "catalog.db");
	bool terminal = isatty(STDERR_FILENO) && !ctl->json, in_force = false, daemon;
	struct meter meter = {.book = book};
	uint64_t counts[RECORD_TYPES] = {0}, version = 0;
	struct why why = {0};
	enum err e;

	if (path == NULL)
		return CTL_USAGE;
	umask(0002); /* the daemon reads it as another user of the group */
	e = catalog_import(path, book, terminal ? progress : NULL, &meter, &version, counts, &why);
	wipe(&meter);
	if (e != ERR_OK)
		return ctl_fail(CTL_FAILED, "%s; nothing was changed", why.text);
	daemon = ctl_connect(ctl, true) == CTL_DONE;
	in_force = daemon && take_up(ctl, version);
	if (ctl->json) {
		print_json(version, counts, in_force);
		return CTL_DONE;
	}
	print_counts(counts);
	printf("Catalog version %" PRIu64 "%s\n", version,
	       in_force ? " is in force: new carts are priced by it"
	       : daemon ? " is imported, but tilld has not taken it up: see its log"
			: " is imported; tilld does not run, and takes it up when it starts");
	return CTL_DONE;
}

const struct ctl_command cmd_import = {
	.name = "import",
	.arguments = "BOOK",
	.least = 1,
	.most = 1,
	.text = "Replaces the catalog with a price book.",
	.more = "A file of JSON Lines ('-': standard input), taken as a whole or not at all. The daemon, if "
		"it runs,\ntakes it up at once; open carts keep the prices they have.",
	.example = "tillctl import book.jsonl",
	.run = import,
};
