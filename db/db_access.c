/*
 * Who may use a database's files, and what became of them: permissions are the commonest fault of a box that
 * somebody set up by hand, so the words name the command that helps. See db.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db.h"

#define NAME_MAX_BYTES 64
#define SHARED_MODE    0660 /* that owner and group need to share a database */

/* The lock comes first: it is made first. */
static const char *const suffixes[] = {".lock", "", "-wal", "-shm"};
#define SUFFIXES (sizeof(suffixes) / sizeof(suffixes[0]))

static const char *user_name(uid_t id, char out[NAME_MAX_BYTES])
{
	struct passwd p, *found = NULL;
	char room[1024];

	if (getpwuid_r(id, &p, room, sizeof(room), &found) == 0 && found)
		snprintf(out, NAME_MAX_BYTES, "%s", found->pw_name);
	else
		snprintf(out, NAME_MAX_BYTES, "%u", id);
	return out;
}

static const char *group_name(gid_t id, char out[NAME_MAX_BYTES])
{
	struct group g, *found = NULL;
	char room[4096];

	if (getgrgid_r(id, &g, room, sizeof(room), &found) == 0 && found)
		snprintf(out, NAME_MAX_BYTES, "%s", found->gr_name);
	else
		snprintf(out, NAME_MAX_BYTES, "%u", id);
	return out;
}

static enum err denied(const char *file, bool writer, struct why *why)
{
	char user[NAME_MAX_BYTES], owner[NAME_MAX_BYTES], group[NAME_MAX_BYTES];
	const char *verb = writer ? "write" : "read", *name = user_name(geteuid(), user);
	struct stat st;

	if (errno == EROFS)
		return fail(why, ERR_DENIED, "%s: the disk is mounted read-only: see dmesg, then remount it",
			    file);
	if (stat(file, &st) != 0)
		return fail(why, ERR_DENIED, "%s: user %s may not get there: %s", file, name,
			    strerror(errno));
	user_name(st.st_uid, owner);
	group_name(st.st_gid, group);
	if (S_ISDIR(st.st_mode))
		return fail(why, ERR_DENIED,
			    "%s: user %s may not %s this folder (mode %04o of %s:%s): chown %s %s; chmod "
			    "2775 %s",
			    file, name, verb, st.st_mode & 07777, owner, group, name, file, file);
	if (writer)
		return fail(why, ERR_DENIED,
			    "%s: user %s may not write it (mode %04o of %s:%s): chown %s %s; chmod 0664 %s",
			    file, name, st.st_mode & 07777, owner, group, name, file, file);
	return fail(why, ERR_DENIED, "%s: user %s may not read it (mode %04o of %s:%s): be of group %s", file,
		    name, st.st_mode & 07777, owner, group, group);
}

static enum err check_one(const char *file, int how, bool writer, struct why *why)
{
	if (faccessat(AT_FDCWD, file, how, AT_EACCESS) == 0 || errno == ENOENT || errno == ENOTDIR)
		return ERR_OK;
	return errno == EACCES || errno == EPERM || errno == EROFS ? denied(file, writer, why) : ERR_OK;
}

/* What is not there is no matter of permissions: who opens it says so. */
enum err db_check_access(const char *path, bool writer, struct why *why)
{
	char file[DB_PATH_MAX + 8], folder[DB_PATH_MAX];
	enum err e;

	snprintf(folder, sizeof(folder), "%s", path);
	e = check_one(dirname(folder), writer ? W_OK | X_OK : X_OK, writer, why);
	for (size_t i = writer ? 0 : 1; i < SUFFIXES && !e; i++) {
		snprintf(file, sizeof(file), "%s%s", path, suffixes[i]);
		e = check_one(file, writer ? R_OK | W_OK : R_OK, writer, why);
	}
	return e;
}

bool db_in_place(const struct db *db)
{
	struct stat st;

	return stat(db->path, &st) == 0 && st.st_dev == db->device && st.st_ino == db->inode;
}

enum err db_check_files(const struct db *db, struct why *why)
{
	char file[DB_PATH_MAX + 8];
	struct stat st;

	if (!db_in_place(db))
		return fail(why, ERR_STATE,
			    "%s: the %s was moved or deleted while it was open: put it back, or restart this "
			    "program",
			    db->path, db->kind->what);
	for (size_t i = 1; i < SUFFIXES; i++) {
		snprintf(file, sizeof(file), "%s%s", db->path, suffixes[i]);
		if (stat(file, &st) == 0 && (st.st_mode & SHARED_MODE) != SHARED_MODE)
			return fail(why, ERR_DENIED,
				    "%s: its mode is %04o: it is still written, but others cannot read it "
				    "any more, nor this program after a restart; chmod 0664 %s",
				    file, st.st_mode & 07777, file);
	}
	return ERR_OK;
}
