/*
 * tillctl restore: puts a backup back, while tilld does not run. The ledger knows of it afterwards.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup.h"
#include "backup_set.h"
#include "db_lock.h"
#include "head_file.h"

struct restore {
	struct ctl *ctl;
	struct backup_set set;
	int locks[BACKUP_FILES];     /* by the set's files */
	char aside[BACKUP_PATH_MAX]; /* where a ledger that could not be read is now; "": there was none */
};

static enum err check_set(struct restore *r, struct why *why)
{
	enum err e = backup_read(r->ctl->args[0], &r->set, why);

	return e ? e : backup_verify_ledger(&r->set, why);
}

/* Whoever writes one of them holds its lock: tilld, or an import. */
static enum err lock_all(struct restore *r, struct why *why)
{
	for (size_t i = 0; i < r->set.count; i++) {
		const char *path = ctl_database(r->ctl, r->set.files[i].name);
		enum err e = path ? db_lock(path, &r->locks[i], why) : fail(why, ERR_INVALID, "no state_dir");

		if (e == ERR_BUSY)
			return fail(why, e, "%s; stop tilld first (systemctl stop tilld)", why->text);
		if (e)
			return e;
	}
	return ERR_OK;
}

static void unlock_all(const struct restore *r)
{
	for (size_t i = 0; i < BACKUP_FILES; i++)
		db_unlock(r->locks[i]);
}

/* Sales that are in the box's ledger and not in the backup would be gone: that has to be said twice. */
static enum err check_ledger(struct restore *r, struct ledger_reader *reader, struct why *why)
{
	struct ledger_event newest;
	enum err e = ledger_reader_newest(reader, &newest, why);

	if (e == ERR_NOT_FOUND || (!e && newest.id <= r->set.ledger.events))
		return ERR_OK;
	if (e || ctl_option(r->ctl, "force"))
		return e;
	return fail(why, ERR_EXISTS,
		    "the ledger of this box has %" PRId64 " events more than the backup: they would be lost; "
		    "'tillctl backup' it first, then restore with --force",
		    newest.id - r->set.ledger.events);
}

/* What cannot be read is kept, out of the way: somebody may still get something out of it. */
static enum err check_place(struct restore *r, struct why *why)
{
	const char *path = ctl_database(r->ctl, "ledger.db");
	struct ledger_reader *reader;
	enum err e = ledger_reader_open(path, &reader, why);

	if (e == ERR_CORRUPT || e == ERR_NEWER)
		return backup_put_aside(path, r->aside, sizeof(r->aside), why);
	if (e)
		return e == ERR_NOT_FOUND || e == ERR_STATE ? ERR_OK : e;
	e = check_ledger(r, reader, why);
	ledger_reader_close(reader);
	return e == ERR_CORRUPT ? backup_put_aside(path, r->aside, sizeof(r->aside), why) : e;
}

/* The others can be had again, or are of the day: a damaged one makes way. */
static enum err put(struct restore *r, const char *name, struct why *why)
{
	bool terminal = isatty(STDERR_FILENO) && !r->ctl->json;
	const char *path = ctl_database(r->ctl, name);
	char from[BACKUP_PATH_MAX], shown[16], aside[BACKUP_PATH_MAX];
	enum err e;

	snprintf(shown, sizeof(shown), "%s", name);
	backup_path(&r->set, name, from);
	e = backup_put(from, path, terminal ? backup_show_progress : NULL, shown, why);
	if (e == ERR_CORRUPT)
		e = backup_put_aside(path, aside, sizeof(aside), why);
	else
		aside[0] = '\0';
	if (!e && aside[0])
		e = backup_put(from, path, terminal ? backup_show_progress : NULL, shown, why);
	if (terminal)
		backup_wipe_progress();
	return e;
}

/* A restore is often root's; the daemon owns the folder, and has to own what is in it. */
static void give_away(struct restore *r)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
	char path[BACKUP_PATH_MAX], head[DB_PATH_MAX];
	struct stat st;

	if (geteuid() != 0 || stat(r->ctl->state_dir, &st) != 0)
		return;
	head_file_path(ctl_database(r->ctl, "ledger.db"), head);
	(void)!chown(head, st.st_uid, st.st_gid);
	for (size_t i = 0; i < r->set.count; i++)
		for (size_t k = 0; k < sizeof(suffixes) / sizeof(suffixes[0]); k++) {
			snprintf(path, sizeof(path), "%s%s", ctl_database(r->ctl, r->set.files[i].name),
				 suffixes[k]);
			(void)!chown(path, st.st_uid, st.st_gid);
		}
}

static enum err put_all(struct restore *r, struct why *why)
{
	enum err e = lock_all(r, why);

	if (!e)
		e = check_place(r, why);
	if (!e)
		e = ledger_mark_restored(ctl_database(r->ctl, "ledger.db"), &r->set.ledger, why);
	for (size_t i = 0; i < r->set.count && !e; i++)
		e = put(r, r->set.files[i].name, why);
	give_away(r);
	return e;
}

static enum ctl_exit restore(struct ctl *ctl)
{
	struct restore r = {.ctl = ctl, .locks = {-1, -1, -1}};
	struct why why = {0};
	enum err e;

	if (ctl_configure(ctl) != CTL_DONE)
		return CTL_USAGE;
	umask(0002);
	e = check_set(&r, &why);
	if (!e)
		e = put_all(&r, &why);
	unlock_all(&r);
	if (e)
		return ctl_fail(CTL_FAILED, "%s: %s", err_name(e), why.text);
	if (ctl->json) {
		backup_print_json(&r.set, "aside", r.aside[0] ? r.aside : NULL);
		return CTL_DONE;
	}
	backup_print(&r.set, "Restored:");
	if (r.aside[0])
		printf("The ledger that was there could not be read; it is %s now\n", r.aside);
	puts("Start tilld: the segment it begins says that the ledger was restored");
	return CTL_DONE;
}

const struct ctl_command cmd_restore = {
	.name = "restore",
	.arguments = "FOLDER",
	.least = 1,
	.most = 1,
	.options = {{"force", NULL, "also over a ledger with events that the backup lacks"}},
	.text = "Puts a backup back.",
	.more = "tilld must not run. The backup is verified first. What is in it is copied into the "
		"databases; a "
		"ledger that\ncannot be read is put aside under another name. The next start of tilld notes "
		"in the "
		"ledger what was lost.",
	.example = "systemctl stop tilld\ntillctl restore /mnt/usb/till-2026-11-21\nsystemctl start tilld",
	.run = restore,
};
