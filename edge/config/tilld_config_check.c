/*
 * Checks across sections. Values that were errors already are NULL or 0 here and are passed over: one
 * complaint about each is enough.
 */
#include <stdio.h>
#include <string.h>

#include "record.h"
#include "tilld_config.h"
#include "zone.h"

#define NAMES_MAX 64

struct check {
	const struct tilld_config *config;
	struct arena *arena;
	struct config_report *report;
};

/* Complains at the place where "[kind name] key" was set. */
static void complain(struct check *k, const char *kind, const char *name, const char *key, const char *text)
{
	char section[CONFIG_LINE_MAX];
	const char *file;
	int line;

	snprintf(section, sizeof(section), "%s %s", kind, name);
	config_where(k->report, section, key, &file, &line);
	config_complain(k->report, k->arena, file, line, "%s", text);
}

/* "x is unknown; did you mean y?", or the names there are. */
static void complain_unknown(struct check *k, const struct scanner_section *s, const char *key,
			     const char *typed, const char *const *known, size_t n)
{
	const char *near = nearest_name(typed, known, n);
	char text[512];
	size_t used = (size_t)snprintf(text, sizeof(text), "%s: '%.64s' is unknown", key, typed);

	if (near) {
		snprintf(text + used, sizeof(text) - used, ", did you mean '%s'?", near);
		complain(k, "scanner", s->name, key, text);
		return;
	}
	for (size_t i = 0; i < n && used < sizeof(text) - 1; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
					 i ? ", " : "; known: ", known[i]);
	complain(k, "scanner", s->name, key, text);
}

static void check_lane_of(struct check *k, const struct scanner_section *s)
{
	const char *known[NAMES_MAX];
	size_t n = 0;

	for (; n < k->config->lanes.count && n < NAMES_MAX; n++) {
		known[n] = tilld_config_lane(k->config, n)->name;
		if (s->lane && strcmp(known[n], s->lane) == 0)
			return;
	}
	if (s->lane)
		complain_unknown(k, s, "lane", s->lane, known, n);
}

static void check_transport(struct check *k, const struct scanner_section *s)
{
	const char *known[NAMES_MAX];
	size_t n = 0;

	if (s->transport == NULL || transport_find(s->transport))
		return;
	for (; n < NAMES_MAX && transports[n]; n++)
		known[n] = transports[n]->name;
	complain_unknown(k, s, "transport", s->transport, known, n);
}

static void check_profile(struct check *k, const struct scanner_section *s)
{
	const char *known[NAMES_MAX];
	size_t n = 0;

	if (s->profile == NULL || scanner_profile_find(s->profile))
		return;
	for (; n < NAMES_MAX && scanner_profiles[n].name; n++)
		known[n] = scanner_profiles[n].name;
	complain_unknown(k, s, "profile", s->profile, known, n);
}

static void check_framing(struct check *k, const struct scanner_section *s)
{
	struct scanner_config settings;

	if (s->profile == NULL || s->transport == NULL || scanner_profile_find(s->profile) == NULL)
		return;
	tilld_config_settings(s, &settings);
	if (settings.framing.suffix == SUFFIX_NONE && settings.framing.idle_ms == 0)
		complain(k, "scanner", s->name, "suffix",
			 "suffix: none needs an idle time, such as idle = 50ms");
}

/* One device, one scanner: two would each get a part of every scan. */
static void check_device(struct check *k, size_t i)
{
	const struct scanner_section *s = tilld_config_scanner(k->config, i);
	char text[512];

	for (size_t j = 0; j < i; j++) {
		const struct scanner_section *other = tilld_config_scanner(k->config, j);

		if (s->device == NULL || other->device == NULL || strcmp(s->device, other->device) != 0)
			continue;
		snprintf(text, sizeof(text), "device: %s is scanner %s's already", s->device, other->name);
		complain(k, "scanner", s->name, "device", text);
		return;
	}
}

static void check_scanners(struct check *k)
{
	for (size_t i = 0; i < k->config->scanners.count; i++) {
		const struct scanner_section *s = tilld_config_scanner(k->config, i);

		check_lane_of(k, s);
		check_transport(k, s);
		check_profile(k, s);
		check_framing(k, s);
		check_device(k, i);
	}
}

/* A lane is called by its name on the socket, where "*" means all. */
static void check_lanes(struct check *k)
{
	for (size_t i = 0; i < k->config->lanes.count; i++) {
		const char *name = tilld_config_lane(k->config, i)->name;
		const char *language = tilld_config_lane(k->config, i)->language;

		if (strcmp(name, "*") == 0)
			complain(k, "lane", name, "", "a lane may not be called '*': that means all of them");
		else if (strlen(name) > 32)
			complain(k, "lane", name, "", "a lane's name has at most 32 bytes");
		if (language && *language && !text_is_language(language))
			complain(k, "lane", name, "language",
				 "language: is no tag of a language, such as fr or pt-BR");
	}
}

static void check_templates(struct check *k, struct tilld_config *c)
{
	const struct template_section *all = c->templates.at;
	struct why why;
	bool whole = true;

	for (size_t i = 0; i < c->templates.count; i++) {
		if (all[i].pattern == NULL) {
			whole = false;
		} else if (gs1_template_parse(all[i].name, all[i].pattern, &c->gs1[i], &why) != ERR_OK) {
			complain(k, "template", all[i].name, "pattern", why.text);
			whole = false;
		}
	}
	for (size_t i = 1; whole && i < c->templates.count;
	     i++) { /* each against those before it, to name its line */
		if (gs1_templates_check(c->gs1, i + 1, &why) == ERR_OK)
			continue;
		complain(k, "template", all[i].name, "pattern", why.text);
		whole = false;
	}
}

static void check_zone(struct check *k, const char *zone)
{
	struct why why;
	const char *file;
	int line;

	if (zone == NULL || zone_check(zone, &why) == ERR_OK)
		return;
	config_where(k->report, "daemon", "zone", &file, &line);
	config_complain(k->report, k->arena, file, line, "zone: %s", why.text);
}

/* The rest of an address is looked at by who connects to it. */
static void check_hq(struct check *k)
{
	const struct config_words *uri = &k->config->hq.uri;
	const char *file;
	char text[512];
	int line;

	for (size_t i = 0; i < uri->count; i++) {
		if (strncmp(uri->at[i], "coaps://", 8) == 0 || strncmp(uri->at[i], "coaps+tcp://", 12) == 0)
			continue;
		snprintf(text, sizeof(text), "uri: '%.300s' begins with neither coaps+tcp:// nor coaps://",
			 uri->at[i]);
		config_where(k->report, "hq", "uri", &file, &line);
		config_complain(k->report, k->arena, file, line, "%s", text);
	}
}

void tilld_config_check(const char *path, struct tilld_config *c, struct arena *a,
			struct config_report *report)
{
	struct check k = {c, a, report};

	if (c->lanes.count == 0)
		config_complain(report, a, path, 0, "there is no lane: add a section such as [lane 1]");
	check_zone(&k, c->daemon.zone);
	check_hq(&k);
	check_lanes(&k);
	check_scanners(&k);
	check_templates(&k, c);
}
