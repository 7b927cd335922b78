/*
 * Copies of databases. See backup.h.
 */
#include "backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db.h"

#define FILE_MODE  0664
#define STEP_PAGES 1024 /* between two words about the progress */
#define ASIDE_MAX  1000

static enum err failed(sqlite3 *h, const char *path, const char *doing, struct why *why)
{
	int rc = sqlite3_extended_errcode(h), primary = rc & 0xff;
	enum err e = ERR_IO;

	if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB)
		e = ERR_CORRUPT;
	else if (primary == SQLITE_FULL)
		e = ERR_LIMIT;
	else if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED)
		e = ERR_BUSY;
	return fail(why, e, "%s: %s: %s", path, doing,
		    e == ERR_LIMIT ? "the disk is full" : sqlite3_errmsg(h));
}

static enum err connect_to(const char *path, int flags, sqlite3 **out, struct why *why)
{
	int rc = sqlite3_open_v2(path, out, flags, NULL);

	if (!*out)
		return fail(why, ERR_MEMORY, "%s: out of memory", path);
	sqlite3_extended_result_codes(*out, 1);
	sqlite3_busy_timeout(*out, DB_BUSY_TIMEOUT_MS);
	return rc == SQLITE_OK ? ERR_OK : failed(*out, path, "opening", why);
}

static enum err execute(sqlite3 *h, const char *path, const char *sql, const char *doing, struct why *why)
{
	return sqlite3_exec(h, sql, NULL, NULL, NULL) == SQLITE_OK ? ERR_OK : failed(h, path, doing, why);
}

/* A transaction of the source's stays open: else the copy would begin anew at each commit of the writer. */
static enum err connect_source(const char *path, sqlite3 **out, struct why *why)
{
	enum err e = db_check_access(path, false, why);

	if (e)
		return e;
	if (access(path, F_OK) != 0)
		return fail(why, ERR_NOT_FOUND, "%s: %s", path, strerror(errno));
	e = connect_to(path, SQLITE_OPEN_READONLY, out, why);
	return e ? e : execute(*out, path, "BEGIN; SELECT count(*) FROM sqlite_schema", "reading", why);
}

/* As whoever owns the folder: a restore is often root's, and the daemon is not root. */
static enum err create(const char *path, bool new, struct why *why)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);

	if (fd < 0 && errno == EEXIST && !new)
		return ERR_OK;
	if (fd < 0)
		return fail(why, errno == EACCES ? ERR_DENIED : ERR_IO, "%s: %s", path, strerror(errno));
	(void)fchmod(fd, FILE_MODE);
	close(fd);
	return ERR_OK;
}

static enum err copy(sqlite3 *from, sqlite3 *to, const char *path, backup_progress_fn *progress, void *arg,
		     struct why *why)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	int rc;

	if (!b)
		return failed(to, path, "copying", why);
	do {
		rc = sqlite3_backup_step(b, STEP_PAGES);
		if (progress)
			progress(sqlite3_backup_pagecount(b) - sqlite3_backup_remaining(b),
				 sqlite3_backup_pagecount(b), arg);
	} while (rc == SQLITE_OK);
	rc = sqlite3_backup_finish(b);
	return rc == SQLITE_OK ? ERR_OK : failed(to, path, "copying", why);
}

enum err backup_copy(const char *from, const char *to, backup_progress_fn *progress, void *arg,
		     struct why *why)
{
	sqlite3 *source = NULL, *target = NULL;
	enum err e = connect_source(from, &source, why);

	if (!e)
		e = create(to, true, why);
	if (!e)
		e = connect_to(to, SQLITE_OPEN_READWRITE, &target, why);
	if (!e)
		e = copy(source, target, to, progress, arg, why);
	if (!e) /* one file, which can be read where nothing can be written */
		e = execute(target, to, "PRAGMA journal_mode = DELETE", "closing", why);
	sqlite3_close(target);
	sqlite3_close(source);
	return e;
}

/* The WAL stays when it is closed: a reader of another user could not make one. */
enum err backup_put(const char *from, const char *to, backup_progress_fn *progress, void *arg,
		    struct why *why)
{
	sqlite3 *source = NULL, *target = NULL;
	int yes = 1;
	enum err e = connect_source(from, &source, why);

	if (!e)
		e = db_check_access(to, true, why);
	if (!e)
		e = create(to, false, why);
	if (!e)
		e = connect_to(to, SQLITE_OPEN_READWRITE, &target, why);
	if (!e)
		e = execute(target, to, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", "opening",
			    why);
	if (!e && sqlite3_file_control(target, "main", SQLITE_FCNTL_PERSIST_WAL, &yes) != SQLITE_OK)
		e = failed(target, to, "keeping the WAL", why);
	if (!e)
		e = copy(source, target, to, progress, arg, why);
	sqlite3_close(target);
	sqlite3_close(source);
	return e;
}

/* The WAL first: a database without its WAL is old, a WAL without its database would spoil the next one. */
enum err backup_put_aside(const char *path, char *to, size_t size, struct why *why)
{
	static const char *const suffixes[] = {"-wal", "-shm", ""};
	char was[DB_PATH_MAX + 8], is[DB_PATH_MAX + 32];

	for (int n = 1; n < ASIDE_MAX; n++) {
		snprintf(to, size, "%s.aside-%d", path, n);
		if (access(to, F_OK) == 0)
			continue;
		for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
			snprintf(was, sizeof(was), "%s%s", path, suffixes[i]);
			snprintf(is, sizeof(is), "%.*s%s", DB_PATH_MAX + 16, to, suffixes[i]);
			if (rename(was, is) != 0 && errno != ENOENT)
				return fail(why, ERR_IO, "%s: to %s: %s", was, is, strerror(errno));
		}
		return ERR_OK;
	}
	return fail(why, ERR_LIMIT, "%s: %d old ones were put aside already", path, ASIDE_MAX - 1);
}
