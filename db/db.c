/*
 * Statements, transactions and errors of an open database. See db.h.
 */
#include "db.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

sqlite3_stmt *db_statement(struct db *db, int which)
{
	sqlite3_stmt *s = db->statements[which];

	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
	return s;
}

enum err db_run(struct db *db, sqlite3_stmt *s, struct why *why)
{
	int rc = sqlite3_step(s);
	enum err e = rc == SQLITE_DONE || rc == SQLITE_ROW ? ERR_OK : db_failed(db, rc, "writing", why);

	sqlite3_reset(s);
	return e;
}

enum err db_row(struct db *db, sqlite3_stmt *s, struct why *why)
{
	int rc = sqlite3_step(s);
	enum err e;

	if (rc == SQLITE_ROW)
		return ERR_OK;
	e = rc == SQLITE_DONE ? ERR_NOT_FOUND : db_failed(db, rc, "reading", why);
	sqlite3_reset(s);
	return e;
}

enum err db_number(struct db *db, sqlite3_stmt *s, int64_t *out, struct why *why)
{
	enum err e = db_row(db, s, why);

	if (e == ERR_NOT_FOUND)
		return db_failed(db, SQLITE_CORRUPT, "reading a row that must be there", why);
	if (e)
		return e;
	*out = sqlite3_column_int64(s, 0);
	sqlite3_reset(s);
	return ERR_OK;
}

void db_bind_int(sqlite3_stmt *s, int at, int64_t value)
{
	int rc = sqlite3_bind_int64(s, at, value);

	assert(rc == SQLITE_OK);
	(void)rc;
}

void db_bind_text(sqlite3_stmt *s, int at, const char *text)
{
	int rc = sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC);

	assert(rc == SQLITE_OK);
	(void)rc;
}

void db_bind_bytes(sqlite3_stmt *s, int at, const void *bytes, size_t n)
{
	int rc = sqlite3_bind_blob64(s, at, n ? bytes : "", n, SQLITE_STATIC);

	assert(rc == SQLITE_OK);
	(void)rc;
}

const uint8_t *db_bytes(sqlite3_stmt *s, int column, size_t *length)
{
	const void *at = sqlite3_column_blob(s, column);

	*length = at ? (size_t)sqlite3_column_bytes(s, column) : 0;
	return at ? at : (const void *)"";
}

static enum err command(struct db *db, sqlite3_stmt *s, const char *doing, struct why *why)
{
	int rc = sqlite3_step(s);
	enum err e = rc == SQLITE_DONE ? ERR_OK : db_failed(db, rc, doing, why);

	sqlite3_reset(s);
	return e;
}

enum err db_begin(struct db *db, struct why *why)
{
	return command(db, db->begin, "beginning a transaction", why);
}

enum err db_commit(struct db *db, struct why *why)
{
	enum err e = command(db, db->commit, "committing", why);

	if (e)
		db_rollback(db);
	else
		db->full = false;
	return e;
}

void db_rollback(struct db *db)
{
	if (!sqlite3_get_autocommit(db->handle))
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

/*
 * SQLITE_ERROR on our own fixed statements means that a table or column is not what the version says: the
 * file is damaged. What is not listed is the system's "no".
 */
static const struct {
	int rc; /* primary result code */
	enum err e;
} meanings[] = {
	{SQLITE_ERROR, ERR_CORRUPT}, {SQLITE_CORRUPT, ERR_CORRUPT},   {SQLITE_NOTADB, ERR_CORRUPT},
	{SQLITE_BUSY, ERR_BUSY},     {SQLITE_LOCKED, ERR_BUSY},	      {SQLITE_NOMEM, ERR_MEMORY},
	{SQLITE_FULL, ERR_LIMIT},    {SQLITE_READONLY, ERR_DENIED},   {SQLITE_PERM, ERR_DENIED},
	{SQLITE_AUTH, ERR_DENIED},   {SQLITE_CONSTRAINT, ERR_EXISTS}, {SQLITE_TOOBIG, ERR_LIMIT},
};

static enum err meaning(int rc)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].rc == (rc & 0xff))
			return meanings[i].e;
	return ERR_IO;
}

static bool is_sync(int rc)
{
	return rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC;
}

/* A page of PATH-shm is made by a write of its own, whose ENOSPC SQLite calls an I/O error. A sync is final.
 */
static bool out_of_room(int rc, int code)
{
	if (is_sync(rc))
		return false;
	return (rc & 0xff) == SQLITE_FULL || code == ENOSPC || code == EDQUOT;
}

enum err db_failed(struct db *db, int rc, const char *doing, struct why *why)
{
	enum err e = meaning(rc);
	int code = e == ERR_IO ? sqlite3_system_errno(db->handle) : 0;
	const char *words = sqlite3_errcode(db->handle) ? sqlite3_errmsg(db->handle) : sqlite3_errstr(rc);

	if (e == ERR_CORRUPT)
		return fail(why, e, "%s: damaged %s (%s: %s); %s", db->path, db->kind->what, doing, words,
			    db->kind->way_out);
	if (out_of_room(rc, code)) {
		db->full = true;
		return fail(why, ERR_LIMIT, "%s: %s: the disk is full: free some space", db->path, doing);
	}
	if (is_sync(rc))
		return fail(why, e, "%s: %s: a sync failed: the disk did not take what was written", db->path,
			    doing);
	if (code)
		return fail(why, e, "%s: %s: %s: %s", db->path, doing, words, strerror(code));
	return fail(why, e, "%s: %s: %s", db->path, doing, words);
}
