/*
 * tilld.conf and a drop-in from anybody, through the daemon's own table of options and its checks. A form
 * feed in the input begins the drop-in. Either everything is right and within its bounds, or every error
 * names one of the two files, a line that it has, and a reason that a terminal can show.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "text.h"
#include "tilld_config.h"

struct place {
	char folder[32], main[64], drop_ins[96], drop_in[128];
};

static struct place place;

static void remove_place(void)
{
	unlink(place.main);
	unlink(place.drop_in);
	rmdir(place.drop_ins);
	rmdir(place.folder);
}

static void make_place(void)
{
	snprintf(place.folder, sizeof(place.folder), "/tmp/till-fuzz-XXXXXX");
	if (!mkdtemp(place.folder))
		abort();
	snprintf(place.main, sizeof(place.main), "%s/tilld.conf", place.folder);
	snprintf(place.drop_ins, sizeof(place.drop_ins), "%s.d", place.main);
	snprintf(place.drop_in, sizeof(place.drop_in), "%s/10-more.conf", place.drop_ins);
	if (mkdir(place.drop_ins, 0700) != 0)
		abort();
	atexit(remove_place);
}

/* Writes a file and says how many lines it has. */
static int write_file(const char *path, const uint8_t *bytes, size_t n)
{
	FILE *f = fopen(path, "wb");
	int lines = 1;

	if (!f || (n > 0 && fwrite(bytes, 1, n, f) != n) || fclose(f) != 0)
		abort();
	for (size_t i = 0; i < n; i++)
		lines += bytes[i] == '\n';
	return lines;
}

static bool is_shown_well(const char *text)
{
	for (const char *c = text; *c; c++)
		if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f)
			return false;
	return *text && text_is_utf8(text, strlen(text));
}

static void check_report(const struct config_report *r, const int lines[2])
{
	assert(r->count <= CONFIG_ERRORS_MAX && (r->dropped == 0 || r->count == CONFIG_ERRORS_MAX));
	for (size_t i = 0; i < r->count; i++) {
		const struct config_error *e = &r->errors[i];
		bool is_main = strcmp(e->file, place.main) == 0;

		assert(is_main || strcmp(e->file, place.drop_in) == 0);
		assert(e->line >= 0 && e->line <= lines[!is_main]);
		assert(is_shown_well(e->text));
	}
}

static void check_scanner(const struct tilld_config *c, const struct scanner_section *s)
{
	struct scanner_config settings;
	bool has_lane = false;

	for (size_t i = 0; i < c->lanes.count; i++)
		has_lane |= strcmp(tilld_config_lane(c, i)->name, s->lane) == 0;
	assert(has_lane && s->device[0] == '/');
	tilld_config_settings(s, &settings);
	assert(settings.transport && settings.line.baud > 0 && settings.repeat_ms <= 10000);
	assert(settings.framing.suffix != SUFFIX_NONE || settings.framing.idle_ms > 0);
}

static void check_good(const struct tilld_config *c)
{
	size_t box = strlen(c->daemon.box);
	struct why why;

	assert(box >= 1 && box <= 24 && c->daemon.state_dir[0] == '/');
	assert(strlen(c->daemon.control_socket) < 108 && c->daemon.control_socket[0] == '/');
	assert(c->lanes.count >= 1 && c->lanes.count <= TILLD_LANES_MAX);
	assert(c->scanners.count <= TILLD_SCANNERS_MAX && c->templates.count <= GS1_TEMPLATES_MAX);
	for (size_t i = 0; i < c->lanes.count; i++)
		assert(is_shown_well(tilld_config_lane(c, i)->name));
	for (size_t i = 0; i < c->scanners.count; i++)
		check_scanner(c, tilld_config_scanner(c, i));
	assert(gs1_templates_check(c->gs1, c->templates.count, &why) == ERR_OK);
	(void)tilld_config_level(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const uint8_t *feed = n ? memchr(bytes, '\f', n) : NULL;
	size_t first = feed ? (size_t)(feed - bytes) : n;
	struct arena arena = ARENA_EMPTY;
	struct tilld_config config;
	struct config_report report;
	int lines[2] = {0, 0};
	enum err e;

	if (place.folder[0] == '\0')
		make_place();
	lines[0] = write_file(place.main, bytes, first);
	if (feed)
		lines[1] = write_file(place.drop_in, feed + 1, n - first - 1);
	else
		unlink(place.drop_in);
	e = tilld_config_load(place.main, &config, &arena, &report);
	assert((e == ERR_OK) == (report.count == 0) && (e == ERR_OK || e == ERR_INVALID));
	check_report(&report, lines);
	if (!e)
		check_good(&config);
	arena_free(&arena);
	return 0;
}
