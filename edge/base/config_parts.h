/*
 * What the files that read, judge and fill configuration share. Not for users; they include config.h.
 */
#ifndef TILL_CONFIG_PARTS_H
#define TILL_CONFIG_PARTS_H

#include "config.h"

/* A section that stands in a file, once however often it does. */
struct config_seen {
	struct config_seen *next;
	const struct section *spec;
	const char *title; /* "lane 1" */
	const char *name;  /* "1"; "" for a single section */
	const char *file;  /* where it stands first */
	int line;
	const char *last_file; /* where it stood last */
	int last_line;
};

/* A value as it stands in a file. */
struct config_entry {
	struct config_entry *next;
	const struct config_seen *seen;
	const struct option *option;
	const char *value, *file;
	int line;
};

/* All that was read, in the order of reading: the last entry of an option is in force. */
struct config_files {
	const char *path;
	const struct section *sections;
	size_t count;
	struct arena *arena;
	struct config_report *report;
	struct config_seen *seen, **seen_end;
	struct config_entry *entries, **entries_end;
};

/* Reads one file into all; findings go to the report. ERR_IO if it cannot be read, ERR_MEMORY. */
enum err config_read_file(struct config_files *all, const char *path) MUST_CHECK;

/* Reads text as the option's kind into *at. The reason says what is wrong with it and what would be right. */
enum err config_read_value(const struct option *o, const char *text, struct arena *a, void *at,
			   struct why *why) MUST_CHECK;

/* "10min", "1500ms": the largest unit that divides it. Returns out. */
#define DURATION_TEXT_MAX 32
const char *config_format_duration(int64_t ms, char out[DURATION_TEXT_MAX]);

#endif
