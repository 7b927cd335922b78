/*
 * What tillhub is told by its configuration file: one section, by the same machinery as tilld.conf
 * (base/config.h). Everything has a default, so a hub runs without a file.
 */
#ifndef TILL_HUB_CONFIG_H
#define TILL_HUB_CONFIG_H

#include "config.h"
#include "log.h"

#define HUB_CONFIG_PATH "/etc/tilld/tillhub.conf"
#define HUB_LISTEN_MAX	8

/* Who says what of changes of price that are published: see desk_hold.c. Nobody named: nothing waits. */
struct hub_roles {
	struct config_words pricing_manager, cfo, speak_for_others;
	int64_t change; /* per cent */
	int64_t patience_ms;
};

struct hub_config {
	const char *state_dir;
	struct config_words names;  /* of the hub, in its certificate */
	struct config_words listen; /* coaps+tcp:// and coaps:// */
	const char *enrol;	    /* where boxes enrol; "": nowhere */
	int64_t box_certificate_ms;
	int64_t log_level; /* index into error, warn, info, debug */
	struct hub_roles roles;
};

extern const struct section hub_sections[];
extern const size_t hub_section_count;

/*
 * Reads path and its drop-ins; NULL: HUB_CONFIG_PATH if it is there, else the defaults. As tilld_config_load:
 * every error is in the report.
 */
enum err hub_config_load(const char *path, struct hub_config *out, struct arena *a,
			 struct config_report *report) MUST_CHECK;
enum log_level hub_config_level(const struct hub_config *c);

#endif
