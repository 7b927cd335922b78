/*
 * The table of tillhub's options, and the checks of what they say. See hub_config.h.
 */
#include "hub_config.h"

#include <unistd.h>

#include "authority.h"
#include "coaps.h"

#define AT(member) ((uint32_t)offsetof(struct hub_config, member))
#define DAY_MS	   INT64_C(86400000)
#define RESTART	   true

static const char *const levels[] = {"error", "warn", "info", "debug", NULL};

static const struct option options[] = {
	{"state_dir", OPTION_PATH, AT(state_dir), "/var/lib/tillhub", 1, 200, NULL,
	 "Folder of the log, what is folded from it, the CA and all keys. It is all of headquarters: back it "
	 "up.",
	 RESTART},
	{"names", OPTION_LIST, AT(names), "localhost", 1, AUTHORITY_HOSTS_MAX, NULL,
	 "Names by which boxes reach the hub. They are in its certificate when that is made; later ones take "
	 "'tillhub ca issue'.",
	 RESTART},
	{"listen", OPTION_LIST, AT(listen), "coaps+tcp://0.0.0.0:5684 coaps://0.0.0.0:5684", 1,
	 HUB_LISTEN_MAX, NULL, "Where boxes are heard: coaps+tcp (TLS) and coaps (DTLS), address and port.",
	 RESTART},
	{"enrol", OPTION_TEXT, AT(enrol), "coaps+tcp://0.0.0.0:5685", 0, 128, NULL,
	 "Where boxes without a certificate are heard, to enrol by a claim code; empty: nowhere.", RESTART},
	{"box_certificate", OPTION_DURATION, AT(box_certificate_ms), "365d", 3600000, 3650 * DAY_MS, NULL,
	 "How long a box's certificate is good. Boxes renew it in the last third.", RESTART},
	{"log_level", OPTION_CHOICE, AT(log_level), "info", 0, 0, levels,
	 "The least important messages that are still logged.", RESTART},
};

#define ROLE(member) ((uint32_t)offsetof(struct hub_roles, member))
#define USERS_MAX    64

static const struct option roles_options[] = {
	{"pricing_manager", OPTION_LIST, ROLE(pricing_manager), "", 0, USERS_MAX, NULL,
	 "Unix users who approve what others publish. Without one and without a cfo nothing waits.", RESTART},
	{"cfo", OPTION_LIST, ROLE(cfo), "", 0, USERS_MAX, NULL,
	 "Unix users who may approve prices below the margin floor.", RESTART},
	{"speak_for_others", OPTION_LIST, ROLE(speak_for_others), "", 0, USERS_MAX, NULL,
	 "Unix users of programs that serve several people: they name the person (--by).", RESTART},
	{"change", OPTION_INT, ROLE(change), "15", 0, 1000, NULL,
	 "A price that is published and is more than so many per cent above or below the last approved one "
	 "waits for approval.",
	 RESTART},
	{"patience", OPTION_DURATION, ROLE(patience_ms), "24h", 60000, 30 * DAY_MS, NULL,
	 "What nobody has approved in that time is void.", RESTART},
};

const struct section hub_sections[] = {
	{"hub", false, sizeof(struct hub_config), 0, 1, options, sizeof(options) / sizeof(options[0]),
	 "Headquarters."},
	{"roles", false, sizeof(struct hub_roles), AT(roles), 1, roles_options,
	 sizeof(roles_options) / sizeof(roles_options[0]), "Who approves changes of price."},
};
const size_t hub_section_count = sizeof(hub_sections) / sizeof(hub_sections[0]);

static void check_uri(const char *key, const char *text, struct arena *a, struct config_report *report)
{
	struct coaps_uri uri;
	struct why why = {""};
	const char *file;
	int line;

	if (coaps_uri_parse(text, &uri, &why) == ERR_OK)
		return;
	config_where(report, "hub", key, &file, &line);
	config_complain(report, a, file, line, "%s: %s", key, why.text);
}

enum err hub_config_load(const char *path, struct hub_config *out, struct arena *a,
			 struct config_report *report)
{
	enum err e;

	if (!path && access(HUB_CONFIG_PATH, F_OK) == 0)
		path = HUB_CONFIG_PATH;
	e = config_load(path, hub_sections, hub_section_count, out, a, report);
	if (e == ERR_IO || e == ERR_MEMORY)
		return e;
	for (size_t i = 0; i < out->listen.count; i++)
		check_uri("listen", out->listen.at[i], a, report);
	if (out->enrol && out->enrol[0])
		check_uri("enrol", out->enrol, a, report);
	return report->count > 0 ? ERR_INVALID : e;
}

enum log_level hub_config_level(const struct hub_config *c)
{
	static const enum log_level by_choice[] = {LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG};

	return by_choice[c->log_level];
}
