/*
 * What tilld is told by its configuration file. The options are a table (tilld_options.c), from which
 * parsing, checks, docs/configuration.md and the manual come; what they mean together is checked here: a
 * scanner names a lane there is, a profile and a transport that exist, no two take one device, and templates
 * do not overlap.
 */
#ifndef TILLD_CONFIG_H
#define TILLD_CONFIG_H

#include "config.h"
#include "gs1.h"
#include "log.h"
#include "scanner.h"

#define TILLD_CONFIG_PATH  "/etc/tilld/tilld.conf"
#define TILLD_LANES_MAX	   64
#define TILLD_SCANNERS_MAX 64
#define TILLD_HQ_URIS_MAX  8

struct daemon_section {
	const char *box, *store, *zone;
	const char *state_dir, *control_socket, *control_group;
	int64_t repin_after_ms;
	int64_t price_lock_ms;
	int64_t hold_suspended_ms;
	int64_t log_level; /* index into error, warn, info, debug */
};

struct roles_section {
	struct config_words supervisor, technician, pricing_manager, cfo;
	struct config_words speak_for_others;
	int64_t change; /* per cent */
	int64_t emergency_ms, patience_ms;
};

/* Headquarters: till-sync's. Without an address there is none, and the catalog is tillctl import's. */
struct hq_section {
	struct config_words uri; /* in order of preference */
	const char *name;	 /* that its certificate carries; "": the host of the address */
	int64_t poll_ms;
};

struct lane_section {
	const char *name;
	const char *channel;
	const char *language; /* "": the book's */
};

/* As written: what is left open is the profile's to say. tilld_config_scanner puts both together. */
struct scanner_section {
	const char *name;
	const char *lane, *device, *transport, *profile;
	int64_t baud, data_bits, parity, stop_bits, flow, suffix,
		prefix;	 /* choices; 0: as the profile says */
	int64_t idle_ms; /* 0: as the profile says */
	int64_t repeat_ms;
};

struct template_section {
	const char *name;
	const char *pattern;
};

struct tilld_config {
	struct daemon_section daemon;
	struct roles_section roles;
	struct hq_section hq;
	struct config_list lanes;		    /* struct lane_section */
	struct config_list scanners;		    /* struct scanner_section */
	struct config_list templates;		    /* struct template_section */
	struct gs1_template gs1[GS1_TEMPLATES_MAX]; /* the templates, compiled */
};

extern const struct section tilld_sections[];
extern const size_t tilld_section_count;

/*
 * Reads path and its drop-ins; nothing is opened for writing and nothing of the process changes. Strings live
 * in the arena. Every error is in the report; ERR_INVALID if there is one, ERR_IO if path cannot be read.
 */
enum err tilld_config_load(const char *path, struct tilld_config *out, struct arena *a,
			   struct config_report *report) MUST_CHECK;

/* Prints a report as "FILE:LINE: text" lines on stderr. */
void tilld_config_print(const struct config_report *report);

/*
 * What is there now and was not before, the other way round, or says something else: names in the order of
 * the files. Sections of one kind are compared by name; `fn` hears of each option that differs.
 */
enum tilld_change { TILLD_ADDED, TILLD_REMOVED, TILLD_CHANGED };
struct tilld_difference {
	enum tilld_change change;
	const struct section *section;
	const char *name;	     /* "" of a single section */
	const struct option *option; /* TILLD_CHANGED */
	const void *before, *after;  /* the section's struct; NULL where it is not */
};
typedef void tilld_difference_fn(const struct tilld_difference *d, void *arg);
void tilld_config_compare(const struct tilld_config *before, const struct tilld_config *after,
			  tilld_difference_fn *fn, void *arg);

/* The options that take a restart stay as they were: `after` says what is in force once it is reloaded. */
void tilld_config_keep(const struct tilld_config *before, struct tilld_config *after);

/* Two scanners' sections mean the same port, talking the same way; whom they scan for apart. */
bool tilld_scanner_same(const struct scanner_section *a, const struct scanner_section *b);

/* The one of that name; NULL: none. */
const struct lane_section *tilld_config_find_lane(const struct tilld_config *c, const char *name);
const struct scanner_section *tilld_config_find_scanner(const struct tilld_config *c, const char *name);

/* till-sync's socket, beside the control socket; false: its path does not fit. */
bool tilld_sync_socket(const char *control_socket, char *out, size_t size);

enum log_level tilld_config_level(const struct tilld_config *c);
const struct lane_section *tilld_config_lane(const struct tilld_config *c, size_t i);
const struct scanner_section *tilld_config_scanner(const struct tilld_config *c, size_t i);

/* A section's profile with what the section itself says; only for a configuration without errors. */
void tilld_config_settings(const struct scanner_section *s, struct scanner_config *out);

/* The checks across sections (tilld_config_check.c); fills out->gs1. */
void tilld_config_check(const char *path, struct tilld_config *c, struct arena *a,
			struct config_report *report);

#endif
