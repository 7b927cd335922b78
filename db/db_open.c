/*
 * Opening a database: lock, create, recognise, migrate, prepare. See db.h.
 *
 * A file is recognised before anything is written to it, so that somebody else's database stays as it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db.h"
#include "db_lock.h"
#include "wal_vfs.h"

#define FILE_MODE 0664 /* programs of the group share the files; WAL and shm take the mode over */

/*
 * A WAL grows to 4,000 pages (16 MiB) before a commit has to checkpoint; an idle writer does it earlier. The
 * file shrinks to that after a burst.
 */
static const char writer_pragmas[] = "PRAGMA foreign_keys = OFF;"
				     "PRAGMA wal_autocheckpoint = 4000;"
				     "PRAGMA journal_size_limit = 16777216;";
static const char reader_pragmas[] = "PRAGMA foreign_keys = OFF;"
				     "PRAGMA cache_size = -512;" /* KiB: what they want again is little */
				     "PRAGMA wal_autocheckpoint = 0;"
				     "PRAGMA query_only = ON;";

static enum err execute(struct db *db, const char *sql, const char *doing, struct why *why)
{
	int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? ERR_OK : db_failed(db, rc, doing, why);
}

static enum err ask(struct db *db, const char *sql, int64_t *out, struct why *why)
{
	sqlite3_stmt *s;
	int rc = sqlite3_prepare_v2(db->handle, sql, -1, &s, NULL);

	if (rc == SQLITE_OK) {
		rc = sqlite3_step(s);
		*out = rc == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
		sqlite3_finalize(s);
	}
	return rc == SQLITE_ROW ? ERR_OK : db_failed(db, rc, "opening", why);
}

/*
 * Not through SQLite, which would apply the umask. Only a file that is not there is opened here: closing a
 * descriptor of a database would drop the locks that this process has on it (fcntl(2)).
 */
static enum err create(const char *path, struct why *why)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);

	if (fd < 0 && errno == EEXIST)
		return ERR_OK;
	if (fd < 0)
		return fail(why, errno == EACCES ? ERR_DENIED : ERR_IO, "%s: %s", path, strerror(errno));
	(void)fchmod(fd, FILE_MODE);
	close(fd);
	return ERR_OK;
}

/* Writers alone checkpoint, and leave the WAL in place: a reader of another user could not make one. */
static enum err settle(struct db *db, bool writer, struct why *why)
{
	int yes = 1;

	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_timeout(db->handle, DB_BUSY_TIMEOUT_MS);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	if (!writer)
		sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	else if (sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_PERSIST_WAL, &yes) != SQLITE_OK)
		return db_failed(db, SQLITE_IOERR, "keeping the WAL", why);
	return execute(db, writer ? writer_pragmas : reader_pragmas, "opening", why);
}

static enum err prepare_one(struct db *db, const char *sql, sqlite3_stmt **out, struct why *why)
{
	int rc = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);

	return rc == SQLITE_OK ? ERR_OK : db_failed(db, rc, sql, why);
}

/* Migrations need these before there are tables that other statements speak of. */
static enum err prepare_transactions(struct db *db, bool writer, struct why *why)
{
	enum err e = prepare_one(db, writer ? "BEGIN IMMEDIATE" : "BEGIN", &db->begin, why);

	return e ? e : prepare_one(db, "COMMIT", &db->commit, why);
}

static enum err connect_to(struct db *db, const struct disk *disk, enum db_mode mode, struct why *why)
{
	bool writer = mode != DB_READER;
	int flags = SQLITE_OPEN_NOMUTEX | (writer ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
	const char *vfs = disk->vfs;
	struct stat st;
	int rc;

	if (!writer && stat(db->path, &st) && errno == ENOENT)
		return fail(why, ERR_NOT_FOUND, "%s: there is no %s yet", db->path, db->kind->what);
	if (mode == DB_WRITER_FULL) {
		if (wal_vfs_new(disk->vfs, &db->vfs))
			return fail(why, ERR_MEMORY, "%s: out of memory", db->path);
		vfs = wal_vfs_name(db->vfs);
	}
	rc = sqlite3_open_v2(db->path, &db->handle, flags, vfs);
	if (rc == SQLITE_OK && stat(db->path, &st) == 0) {
		db->device = st.st_dev;
		db->inode = st.st_ino;
	}
	if (rc == SQLITE_OK)
		return settle(db, writer, why);
	if (!db->handle)
		return fail(why, ERR_MEMORY, "%s: out of memory", db->path);
	if (sqlite3_system_errno(db->handle) == EACCES)
		rc = SQLITE_PERM;
	return db_failed(db, rc, "opening", why);
}

/* The version that this program knows: the last migration's. */
static int newest(const struct db_kind *kind)
{
	int version = 0;

	for (const struct db_migration *m = kind->migrations; m->version; m++)
		version = m->version;
	return version;
}

/* *version is 0 for an empty file. */
static enum err recognise(struct db *db, int64_t *version, struct why *why)
{
	const struct db_kind *kind = db->kind;
	int64_t id = 0, tables = 0;
	enum err e = ask(db, "PRAGMA application_id", &id, why);

	if (!e)
		e = ask(db, "PRAGMA user_version", version, why);
	if (!e)
		e = ask(db, "SELECT count(*) FROM sqlite_schema", &tables, why);
	if (e)
		return e;
	if (id == 0 && *version == 0 && tables == 0)
		return ERR_OK;
	if (id != kind->application_id)
		return fail(why, ERR_CORRUPT, "%s: not a %s of tilld (application id %08x, not %08x); %s",
			    db->path, kind->what, (unsigned)id, (unsigned)kind->application_id,
			    kind->way_out);
	if (*version > newest(kind))
		return fail(why, ERR_NEWER,
			    "%s: the %s is of version %lld, this program knows up to %d; update the program, "
			    "or %s",
			    db->path, kind->what, (long long)*version, newest(kind), kind->way_out);
	return ERR_OK;
}

static enum err apply(struct db *db, const struct db_migration *m, struct why *why)
{
	char mark[96];
	enum err e = db_begin(db, why);

	if (e)
		return e;
	snprintf(mark, sizeof(mark), "PRAGMA application_id = %d; PRAGMA user_version = %d",
		 db->kind->application_id, m->version);
	e = execute(db, m->sql, m->name, why);
	if (!e)
		e = execute(db, mark, m->name, why);
	if (!e)
		return db_commit(db, why);
	db_rollback(db);
	return e;
}

static enum err migrate(struct db *db, enum db_mode mode, int64_t version, struct why *why)
{
	enum err e;

	if (mode == DB_READER && version < newest(db->kind))
		return fail(why, ERR_STATE,
			    "%s: the %s is of version %lld, not yet %d: tilld brings it up to date when it "
			    "starts",
			    db->path, db->kind->what, (long long)version, newest(db->kind));
	if (mode == DB_READER)
		return ERR_OK;
	e = execute(db, "PRAGMA journal_mode = WAL", "switching to WAL", why);
	if (!e)
		e = execute(db,
			    mode == DB_WRITER_FULL ? "PRAGMA synchronous = FULL"
						   : "PRAGMA synchronous = NORMAL",
			    "opening", why);
	for (const struct db_migration *m = db->kind->migrations; m->version && !e; m++)
		if (m->version > version)
			e = apply(db, m, why);
	return e;
}

static enum err prepare(struct db *db, struct why *why)
{
	const struct db_kind *kind = db->kind;

	db->statements = calloc((size_t)kind->statement_count, sizeof(sqlite3_stmt *));
	if (!db->statements)
		return fail(why, ERR_MEMORY, "%s: out of memory", db->path);
	for (int i = 0; i < kind->statement_count; i++) {
		enum err e = prepare_one(db, kind->statements[i], &db->statements[i], why);

		if (e)
			return e;
	}
	return ERR_OK;
}

static enum err open_all(struct db *db, const struct disk *disk, enum db_mode mode, struct why *why)
{
	int64_t version = 0;
	enum err e = db_check_access(db->path, mode != DB_READER, why);

	if (!e && mode != DB_READER) {
		e = db_lock(db->path, &db->lock, why);
		if (!e)
			e = create(db->path, why);
	}
	if (!e)
		e = connect_to(db, disk, mode, why);
	if (!e)
		e = recognise(db, &version, why);
	if (!e)
		e = prepare_transactions(db, mode != DB_READER, why);
	if (!e)
		e = migrate(db, mode, version, why);
	return e ? e : prepare(db, why);
}

/*
 * SQLite counts its memory under a lock of the whole process, taken twice for each piece: a tenth of what an
 * insert costs. Nobody here asks. This is to be said before SQLite does anything; later it is refused, and
 * counting goes on.
 */
static void count_no_memory(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

enum err db_open_on(const struct disk *disk, const char *path, const struct db_kind *kind, enum db_mode mode,
		    struct db *out, struct why *why)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	enum err e;

	pthread_once(&once, count_no_memory);
	*out = (struct db){.kind = kind, .lock = -1};
	if (snprintf(out->path, sizeof(out->path), "%s", path) >= (int)sizeof(out->path))
		return fail(why, ERR_LIMIT, "%s: a path has at most %d bytes", path, DB_PATH_MAX - 1);
	e = open_all(out, disk, mode, why);
	if (e)
		db_close(out);
	return e;
}

enum err db_open(const char *path, const struct db_kind *kind, enum db_mode mode, struct db *out,
		 struct why *why)
{
	return db_open_on(&disk_system, path, kind, mode, out, why);
}

void db_close(struct db *db)
{
	for (int i = 0; db->statements && i < db->kind->statement_count; i++)
		sqlite3_finalize(db->statements[i]);
	free(db->statements);
	sqlite3_finalize(db->begin);
	sqlite3_finalize(db->commit);
	sqlite3_close(db->handle);
	wal_vfs_free(db->vfs);
	db_unlock(db->lock);
	*db = (struct db){.lock = -1};
}
