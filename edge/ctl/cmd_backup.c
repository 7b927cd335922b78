/*
 * tillctl backup: the box's databases into a folder, while tilld goes on writing them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backup.h"
#include "backup_set.h"
#include "civil.h"

#define FOLDER_MODE 0770 /* sales are nobody else's business */

/* A new folder, or one that holds nothing: rmdir(2) says so, and it is made anew. */
static enum err make_folder(const char *folder, struct why *why)
{
	if (rmdir(folder) != 0 && errno != ENOENT)
		return fail(why, ERR_EXISTS, "%s: %s; name a new folder", folder, strerror(errno));
	if (mkdir(folder, FOLDER_MODE) != 0)
		return fail(why, ERR_IO, "%s: %s", folder, strerror(errno));
	return ERR_OK;
}

static enum err copy_one(struct ctl *ctl, struct backup_set *s, const char *name, struct why *why)
{
	bool terminal = isatty(STDERR_FILENO) && !ctl->json;
	const char *from = ctl_database(ctl, name);
	char to[BACKUP_PATH_MAX], shown[16];
	enum err e;

	if (from == NULL)
		return fail(why, ERR_INVALID, "the configuration is wrong");
	snprintf(shown, sizeof(shown), "%s", name);
	backup_path(s, name, to);
	e = backup_copy(from, to, terminal ? backup_show_progress : NULL, shown, why);
	if (terminal)
		backup_wipe_progress();
	if (e)
		return e;
	s->files[s->count].name = name;
	return backup_measure(s, &s->files[s->count++], why);
}

/* A box that has sold nothing yet may lack the others, but it has a ledger. */
static enum err copy_all(struct ctl *ctl, struct backup_set *s, struct why *why)
{
	for (size_t i = 0; i < BACKUP_FILES; i++) {
		bool needed = strcmp(backup_names[i], "ledger.db") == 0;
		enum err e = copy_one(ctl, s, backup_names[i], why);

		if (e && (e != ERR_NOT_FOUND || needed))
			return e;
	}
	return ERR_OK;
}

static enum err take(struct ctl *ctl, struct backup_set *s, struct why *why)
{
	char at[CIVIL_TEXT_MAX];
	enum err e = make_folder(s->folder, why);

	civil_format(clock_utc_ms(&clock_system) / 1000, true, at);
	snprintf(s->at, sizeof(s->at), "%s", at);
	if (!e)
		e = copy_all(ctl, s, why);
	if (!e)
		e = backup_verify_ledger(s, why);
	return e ? e : backup_write_manifest(s, why);
}

static enum ctl_exit backup(struct ctl *ctl)
{
	struct backup_set s = {0};
	struct why why = {0};
	enum err e;

	if (ctl_configure(ctl) != CTL_DONE)
		return CTL_USAGE;
	if (snprintf(s.folder, sizeof(s.folder), "%s", ctl->args[0]) >= (int)sizeof(s.folder))
		return ctl_fail(CTL_USAGE, "a folder's name has at most %zu bytes", sizeof(s.folder) - 1);
	e = take(ctl, &s, &why);
	if (e == ERR_EXISTS)
		return ctl_fail(CTL_FAILED, "%s: %s", err_name(e), why.text);
	if (e != ERR_OK)
		return ctl_fail(CTL_FAILED, "%s; %s is no whole backup", why.text, s.folder);
	if (ctl->json)
		backup_print_json(&s, NULL, NULL);
	else
		backup_print(&s, "Copied and verified:");
	return CTL_DONE;
}

const struct ctl_command cmd_backup = {
	.name = "backup",
	.arguments = "FOLDER",
	.least = 1,
	.most = 1,
	.text = "Copies the databases into a new folder.",
	.more = "tilld may run meanwhile: each copy is complete as of one moment. The copy of the ledger is "
		"verified,\nand manifest.json says what the folder holds. 'tillctl restore' puts it back.",
	.example = "tillctl backup /mnt/usb/till-2026-11-21",
	.run = backup,
};
