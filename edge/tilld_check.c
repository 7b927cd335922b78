/*
 * Looking at a configuration without running it. See tilld_check.h.
 */
#include "tilld_check.h"

#include <inttypes.h>
#include <stdio.h>

#include "jsonw.h"
#include "tilld_args.h"
#include "tilld_config.h"

#define JSON_MAX 1048576

static const char *suffix_text(const struct scanner_config *s, char out[64])
{
	static const char *const names[] = {
		[SUFFIX_NONE] = "silence",
		[SUFFIX_CR] = "CR",
		[SUFFIX_LF] = "LF",
		[SUFFIX_CRLF] = "CR LF",
		[SUFFIX_ANY_EOL] = "CR or LF",
		[SUFFIX_TAB] = "tab",
		[SUFFIX_ETX] = "ETX",
	};

	if (s->framing.suffix == SUFFIX_NONE)
		snprintf(out, 64, "%" PRIu32 " ms of silence", s->framing.idle_ms);
	else
		snprintf(out, 64, "%s", names[s->framing.suffix]);
	return out;
}

/* "9600 8N1" */
static const char *line_text(const struct line_settings *line, char out[64])
{
	static const char parity[] = {[PARITY_NONE] = 'N', [PARITY_EVEN] = 'E', [PARITY_ODD] = 'O'};

	snprintf(out, 64, "%" PRId64 " %" PRId64 "%c%" PRId64, line->baud, line->data_bits,
		 parity[line->parity], line->stop_bits);
	return out;
}

static void print_scanner(const struct scanner_section *section)
{
	char line[64], suffix[64];
	struct scanner_config s;

	tilld_config_settings(section, &s);
	printf("  scanner %s: lane %s, %s, %s %s %s, a scan ends with %s\n", section->name, section->lane,
	       section->device, section->transport, section->profile, line_text(&s.line, line),
	       suffix_text(&s, suffix));
}

static void print(const char *path, const struct tilld_config *c)
{
	const struct template_section *templates = c->templates.at;

	printf("%s: nothing wrong; lanes: %zu, scanners: %zu, templates: %zu\n", path, c->lanes.count,
	       c->scanners.count, c->templates.count);
	printf("  box %s, store %s, zone %s\n", c->daemon.box, c->daemon.store, c->daemon.zone);
	printf("  databases in %s, control socket %s\n", c->daemon.state_dir, c->daemon.control_socket);
	for (size_t i = 0; i < c->lanes.count; i++)
		printf("  lane %s: channel %s\n", tilld_config_lane(c, i)->name,
		       tilld_config_lane(c, i)->channel);
	for (size_t i = 0; i < c->scanners.count; i++)
		print_scanner(tilld_config_scanner(c, i));
	for (size_t i = 0; i < c->templates.count; i++)
		printf("  template %s: %s\n", templates[i].name, templates[i].pattern);
}

static void write_options(struct jsonw *w, const struct section *spec, const void *at)
{
	char shown[CONFIG_SHOWN_MAX];

	for (size_t i = 0; i < spec->count; i++) {
		const struct option *o = &spec->options[i];

		if (o->kind == OPTION_TEXT || o->kind == OPTION_PATH)
			jsonw_text(w, o->key,
				   *(const char *const *)(const void *)((const char *)at + o->offset));
		else
			jsonw_text(w, o->key, config_show(o, at, shown));
	}
}

static void write_list(struct jsonw *w, const struct section *spec, const struct config_list *list)
{
	const char *at = list->at;

	jsonw_array(w, spec->name);
	for (size_t i = 0; i < list->count; i++, at += spec->size) {
		jsonw_object(w, NULL);
		jsonw_text(w, "name", *(const char *const *)(const void *)at);
		write_options(w, spec, at);
		jsonw_close(w);
	}
	jsonw_close(w);
}

/* The sections as the table has them, defaults filled in. */
static void write_sections(struct jsonw *w, const struct tilld_config *c)
{
	for (size_t i = 0; i < tilld_section_count; i++) {
		const struct section *spec = &tilld_sections[i];
		const void *at = (const char *)c + spec->offset;

		if (spec->named) {
			write_list(w, spec, at);
			continue;
		}
		jsonw_object(w, spec->name);
		write_options(w, spec, at);
		jsonw_close(w);
	}
}

static void write_errors(struct jsonw *w, const struct config_report *report)
{
	jsonw_array(w, "errors");
	for (size_t i = 0; i < report->count; i++) {
		jsonw_object(w, NULL);
		jsonw_text(w, "file", report->errors[i].file);
		jsonw_int(w, "line", report->errors[i].line);
		jsonw_text(w, "text", report->errors[i].text);
		jsonw_close(w);
	}
	jsonw_close(w);
	jsonw_int(w, "more_errors", (int64_t)report->dropped);
}

static int print_json(const char *path, const struct tilld_config *c, const struct config_report *report)
{
	struct buf out;
	struct jsonw w;
	enum err e;

	buf_init(&out, JSON_MAX);
	jsonw_begin(&w, &out);
	jsonw_object(&w, NULL);
	jsonw_bool(&w, "ok", report->count == 0);
	jsonw_text(&w, "config", path);
	if (report->count == 0)
		write_sections(&w, c);
	else
		write_errors(&w, report);
	jsonw_close(&w);
	e = jsonw_end(&w);
	if (e == ERR_OK)
		fwrite(buf_front(&out), 1, buf_length(&out), stdout);
	buf_free(&out);
	return e == ERR_OK && report->count == 0 ? EXIT_DONE : EXIT_CONFIG;
}

int tilld_check(const char *path, bool json)
{
	struct tilld_config config = {0};
	struct config_report report = {0};
	struct arena arena = ARENA_EMPTY;
	enum err e = tilld_config_load(path, &config, &arena, &report);
	int code = e == ERR_OK ? EXIT_DONE : EXIT_CONFIG;

	if (json)
		code = print_json(path, &config, &report);
	else if (e == ERR_OK)
		print(path, &config);
	else
		tilld_config_print(&report);
	arena_free(&arena);
	return fflush(stdout) == 0 ? code : EXIT_START;
}
