/*
 * A backup as tillctl makes it: a folder with a copy of each database, and manifest.json, which is written
 * last: a folder without one is no backup.
 */
#ifndef TILL_BACKUP_SET_H
#define TILL_BACKUP_SET_H

#include "ctl.h"
#include "digest.h"
#include "ledger.h"

#define BACKUP_PATH_MAX 512
#define BACKUP_FILES	3

struct backup_file {
	const char *name; /* "ledger.db"; one of backup_names */
	int64_t bytes;
	struct digest digest;
};

struct backup_set {
	char folder[BACKUP_PATH_MAX - 32];
	char at[32]; /* when it was made, RFC 3339 */
	struct backup_file files[BACKUP_FILES];
	size_t count;
	struct ledger_verdict ledger; /* of the copy */
};

/* In the order of copying: the ledger last, so that nothing in the others is newer than it. */
extern const char *const backup_names[BACKUP_FILES];

void backup_path(const struct backup_set *s, const char *name, char out[BACKUP_PATH_MAX]);

/* Walks the chain of the copy of the ledger. */
enum err backup_verify_ledger(struct backup_set *s, struct why *why) MUST_CHECK;

/* Measures a file of the folder. */
enum err backup_measure(const struct backup_set *s, struct backup_file *f, struct why *why) MUST_CHECK;

/* The manifest, durable with all that the folder holds; and back, each file held against it. */
enum err backup_write_manifest(const struct backup_set *s, struct why *why) MUST_CHECK;
enum err backup_read(const char *folder, struct backup_set *out, struct why *why) MUST_CHECK;

/* A line about the progress on a terminal, one file at a time: backup_progress_fn with the file's name. */
void backup_show_progress(int64_t done, int64_t all, void *name);
void backup_wipe_progress(void);

/* The set as people see it, or as JSON with one more member if it has a name. */
void backup_print(const struct backup_set *s, const char *headline);
void backup_print_json(const struct backup_set *s, const char *name, const char *value);

#endif
