/*
 * tillctl doctor: what its checks share. A check is a small function that looks at one thing and tells what
 * it found, with the fix in a sentence; doctor.c has them in a table. None of them changes anything, and all
 * of them work with and without the daemon.
 */
#ifndef TILL_DOCTOR_H
#define TILL_DOCTOR_H

#include <sys/stat.h>
#include <sys/types.h>

#include "clock.h"
#include "ctl.h"
#include "tilld_config.h"

enum outcome { OUTCOME_OK, OUTCOME_WARN, OUTCOME_FAIL };

struct finding {
	enum outcome outcome;
	const char *check; /* "devices" */
	const char *about; /* "scanner front"; "": the whole */
	const char *text, *fix;
};

/* The user that the daemon is, or would be. */
#define WHO_GROUPS_MAX 128
struct who {
	uid_t uid;
	gid_t groups[WHO_GROUPS_MAX]; /* all of them */
	int group_count;
	char name[33];
	const char *how; /* how that is known: "tilld's user" */
};

#define FINDINGS_MAX 512

struct doctor {
	struct ctl *ctl;
	const struct clock *clock;
	struct tilld_config config;
	const char *config_path;
	bool configured; /* the configuration has no error */
	struct who who;
	pid_t daemon;  /* 0: none answers */
	json_t *lanes; /* its answer to `lanes`, or NULL */
	const char *check;
	struct finding findings[FINDINGS_MAX];
	size_t count;
};

/* Tells a finding; the fix of an ok is "". Texts are kept. */
void doctor_ok(struct doctor *d, const char *about, const char *fmt, ...) PRINTF_LIKE(3, 4);
void doctor_warn(struct doctor *d, const char *about, const char *fix, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
void doctor_fail(struct doctor *d, const char *about, const char *fix, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/* A text that stays as long as the doctor: fixes with names in them. */
const char *doctor_text(struct doctor *d, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* All checks, in their order. */
void doctor_run(struct doctor *d);

/* doctor_who.c */
void who_find(struct who *who, pid_t daemon, const char *state_dir);
bool who_may(const struct who *who, const struct stat *st, unsigned rwx); /* 4 read, 2 write, 1 search */

/*
 * Whether that user may use the file as the kernel judges it, which access lists and the folders above have a
 * say in. Only root and the user itself can find that out; others get what owner, group and mode say, unless
 * there is an access list.
 */
enum may { MAY, MAY_NOT, MAY_PERHAPS };
enum may who_may_use(const struct who *who, const char *path, const struct stat *st, unsigned rwx);
void doctor_perhaps(struct doctor *d, const char *about, const char *path); /* tells of MAY_PERHAPS */
const char *group_name(gid_t gid, char out[33]);
const char *user_name(uid_t uid, char out[33]);

/* The checks, by file. The first finds the configuration, the second the daemon: the others look at both. */
void doctor_config(struct doctor *d);
void doctor_control(struct doctor *d);	 /* doctor_control.c */
void doctor_state(struct doctor *d);	 /* doctor_state.c */
void doctor_databases(struct doctor *d); /* doctor_database.c */
void doctor_ledger(struct doctor *d);
void doctor_rates(struct doctor *d);   /* doctor_rates.c */
void doctor_devices(struct doctor *d); /* doctor_device.c */
void doctor_clock(struct doctor *d);   /* doctor_clock.c */
void doctor_disk(struct doctor *d);    /* doctor_disk.c */
void doctor_memory(struct doctor *d);

#endif
