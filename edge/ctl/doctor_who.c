/*
 * Whose permissions count: the daemon's, not those of the person who asks. A running daemon is looked at;
 * else its user is taken to be the owner of the state directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "doctor.h"

const char *user_name(uid_t uid, char out[33])
{
	const struct passwd *p = getpwuid(uid);

	if (p)
		snprintf(out, 33, "%s", p->pw_name);
	else
		snprintf(out, 33, "%u", (unsigned)uid);
	return out;
}

const char *group_name(gid_t gid, char out[33])
{
	const struct group *g = getgrgid(gid);

	if (g)
		snprintf(out, 33, "%s", g->gr_name);
	else
		snprintf(out, 33, "%u", (unsigned)gid);
	return out;
}

static void add_group(struct who *who, gid_t gid)
{
	if (who->group_count < WHO_GROUPS_MAX)
		who->groups[who->group_count++] = gid;
}

/* "Groups:	20 998" of /proc/PID/status, proc(5). */
static void add_groups(struct who *who, const char *text)
{
	char *end;

	for (unsigned long gid = strtoul(text, &end, 10); end != text; gid = strtoul(text, &end, 10)) {
		add_group(who, (gid_t)gid);
		text = end;
	}
}

/* "Uid:	1000	998 ...": real, then effective, which counts. False: the line is another. */
static bool effective(const char *line, const char *label, unsigned *id)
{
	char *end;

	if (strncmp(line, label, strlen(label)) != 0)
		return false;
	(void)strtoul(line + strlen(label), &end, 10);
	*id = (unsigned)strtoul(end, NULL, 10);
	return true;
}

static bool look_at_process(struct who *who, pid_t pid)
{
	char path[64], line[4096];
	bool found = false;
	unsigned id;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		if (effective(line, "Uid:", &id)) {
			who->uid = id;
			found = true;
		} else if (effective(line, "Gid:", &id)) {
			add_group(who, id);
		} else if (strncmp(line, "Groups:", strlen("Groups:")) == 0) {
			add_groups(who, line + strlen("Groups:"));
		}
	}
	fclose(f);
	return found;
}

static void look_up(struct who *who, uid_t uid)
{
	const struct passwd *p = getpwuid(uid);
	gid_t groups[WHO_GROUPS_MAX];
	int n = WHO_GROUPS_MAX;

	who->uid = uid;
	if (!p || getgrouplist(p->pw_name, p->pw_gid, groups, &n) < 0)
		return;
	for (int i = 0; i < n; i++)
		add_group(who, groups[i]);
}

void who_find(struct who *who, pid_t daemon, const char *state_dir)
{
	struct stat st;

	*who = (struct who){0};
	if (daemon > 0 && look_at_process(who, daemon)) {
		who->how = "tilld's user";
	} else if (stat(state_dir, &st) == 0) {
		look_up(who, st.st_uid);
		who->how = "the owner of the state directory";
	} else {
		look_up(who, geteuid());
		who->how = "you";
	}
	user_name(who->uid, who->name);
}

bool who_may(const struct who *who, const struct stat *st, unsigned rwx)
{
	if (who->uid == 0)
		return true;
	if (st->st_uid == who->uid)
		return (st->st_mode >> 6 & rwx) == rwx;
	for (int i = 0; i < who->group_count; i++)
		if (who->groups[i] == st->st_gid)
			return (st->st_mode >> 3 & rwx) == rwx;
	return (st->st_mode & rwx) == rwx;
}

static bool become(const struct who *who)
{
	gid_t first = who->group_count ? who->groups[0] : (gid_t)who->uid;

	return setgroups((size_t)who->group_count, who->groups) == 0 && setresgid(first, first, first) == 0 &&
	       setresuid(who->uid, who->uid, who->uid) == 0;
}

/* Asked by a process that is that user. MAY_PERHAPS: this one cannot become it. */
static enum may ask_as(const struct who *who, const char *path, unsigned rwx)
{
	int status = 0;
	pid_t child;

	if (geteuid() == who->uid)
		return faccessat(AT_FDCWD, path, (int)rwx, AT_EACCESS) == 0 ? MAY : MAY_NOT;
	child = geteuid() == 0 ? fork() : -1;
	if (child == 0) {
		if (!become(who))
			_exit(MAY_PERHAPS);
		_exit(faccessat(AT_FDCWD, path, (int)rwx, AT_EACCESS) == 0 ? MAY : MAY_NOT);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return MAY_PERHAPS;
	return WEXITSTATUS(status) == MAY ? MAY : WEXITSTATUS(status) == MAY_NOT ? MAY_NOT : MAY_PERHAPS;
}

enum may who_may_use(const struct who *who, const char *path, const struct stat *st, unsigned rwx)
{
	enum may m = ask_as(who, path, rwx);

	if (m != MAY_PERHAPS || getxattr(path, "system.posix_acl_access", NULL, 0) > 0)
		return m;
	return who_may(who, st, rwx) ? MAY : MAY_NOT;
}

void doctor_perhaps(struct doctor *d, const char *about, const char *path)
{
	doctor_warn(d, about, "ask as root, with sudo",
		    "%s: has an access list, and only root can tell what it lets %s do", path, d->who.name);
}
