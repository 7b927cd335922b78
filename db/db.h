/*
 * SQLite as tilld uses it: one way to open a file, migrate it, prepare its statements and say what failed.
 *
 * Each file has one writing connection, which is also the only one that checkpoints; readers open read-only.
 * WAL mode throughout. A failed fsync is never retried: the writer reports ERR_IO and its owner ends the
 * program. SQL text stays in this folder: a registry of statements a store, prepared and finalised by one
 * loop.
 */
#ifndef TILL_DB_H
#define TILL_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "disk.h"
#include "err.h"
#include "money.h"

/* Longest path of a database, with its NUL. */
#define DB_PATH_MAX 256

#define DB_BUSY_TIMEOUT_MS 2000 /* recovery after a crash holds others up for that long at most */

struct db_migration {
	int version;	  /* 1, 2, 3 ... */
	const char *name; /* the file it is from */
	const char *sql;
};

struct db_kind {
	const char *what;	/* "catalog", "ledger": for messages */
	const char *way_out;	/* what to do with a damaged one: "restore it from a backup" */
	int32_t application_id; /* in the file's header, so that one is not taken for the other */
	const struct db_migration *migrations; /* ended by version 0 */
	const char *const *statements;	       /* the registry; indexes are an enum of the store's own */
	int statement_count;
};

enum db_mode { DB_WRITER_FULL, DB_WRITER_NORMAL, DB_READER };

struct db {
	sqlite3 *handle;
	struct wal_vfs *vfs; /* of a writer that syncs each commit */
	sqlite3_stmt **statements;
	sqlite3_stmt *begin, *commit;
	const struct db_kind *kind;
	int lock;     /* a writer's descriptor of PATH.lock, else -1 */
	bool full;    /* the disk had no room for the last write; a commit that succeeds ends it */
	dev_t device; /* of the file that was opened, by whatever name it goes now */
	ino_t inode;
	char path[DB_PATH_MAX];
};

/*
 * Opens path; a writer creates it (0664) and migrates it, each migration in a transaction with its number in
 * PRAGMA user_version. A writer holds PATH.lock until db_close: ERR_BUSY names the process that has it. A
 * file of another kind or a damaged one (ERR_CORRUPT), and one of a newer version (ERR_NEWER), are refused,
 * with the way out in why. A reader gets ERR_NOT_FOUND while there is no file, ERR_STATE while its writer has
 * not migrated it. After a failure out holds nothing.
 */
enum err db_open(const char *path, const struct db_kind *kind, enum db_mode mode, struct db *out,
		 struct why *why) MUST_CHECK;
void db_close(struct db *db);

/* The same on another disk than the system's: tests. */
enum err db_open_on(const struct disk *disk, const char *path, const struct db_kind *kind, enum db_mode mode,
		    struct db *out, struct why *why) MUST_CHECK;

/*
 * Whether this process may use a database, which need not be there yet: ERR_DENIED names the first file or
 * folder in the way, its owner and mode, and the command that helps.
 */
enum err db_check_access(const char *path, bool writer, struct why *why) MUST_CHECK;

/* Whether the file that is open is still the one of that name. */
bool db_in_place(const struct db *db);

/*
 * What was done to the files of an open database since. ERR_STATE: the file has gone from its place, and what
 * is written is lost with the last who has it open. ERR_DENIED: nothing is lost, but others are locked out.
 */
enum err db_check_files(const struct db *db, struct why *why) MUST_CHECK;

/* The prepared statement, reset and unbound. */
sqlite3_stmt *db_statement(struct db *db, int which);

/* Steps a statement that gives no rows, and resets it. */
enum err db_run(struct db *db, sqlite3_stmt *s, struct why *why) MUST_CHECK;

/* Steps to the next row: ERR_OK, or ERR_NOT_FOUND at the end (and resets). */
enum err db_row(struct db *db, sqlite3_stmt *s, struct why *why) MUST_CHECK;

/* The only number of the only row of a statement. */
enum err db_number(struct db *db, sqlite3_stmt *s, int64_t *out, struct why *why) MUST_CHECK;

/*
 * Parameters from 1. Nothing is copied: bytes and text stay the caller's until the statement ran. Binding
 * without a copy cannot fail but by a wrong index, which is our own bug.
 */
void db_bind_int(sqlite3_stmt *s, int at, int64_t value);
void db_bind_text(sqlite3_stmt *s, int at, const char *text);
void db_bind_bytes(sqlite3_stmt *s, int at, const void *bytes, size_t n);

/* A BLOB column of the current row, valid until the statement moves on; never NULL, length may be 0. */
const uint8_t *db_bytes(sqlite3_stmt *s, int column, size_t *length);

enum err db_begin(struct db *db, struct why *why) MUST_CHECK;  /* immediate for a writer */
enum err db_commit(struct db *db, struct why *why) MUST_CHECK; /* on failure the transaction is rolled back */
void db_rollback(struct db *db);			       /* nothing happens outside a transaction */

/* Moves what the WAL holds into the file, as far as readers allow: a writer's, when it is idle. */
void db_checkpoint(struct db *db);

/*
 * The same for a writer that must not lose anything. empty: also cuts the WAL to nothing if no reader is on
 * it. *left is how many pages a reader held back. ERR_LIMIT: there was no room, and the WAL keeps them; any
 * other error is final: a sync failed.
 */
enum err db_move_wal(struct db *db, bool empty, int64_t *left, struct why *why) MUST_CHECK;

/* Bytes of PATH-wal. */
int64_t db_wal_bytes(const struct db *db);

/* The processes that read an old state, so that the WAL cannot begin anew: "tillctl (4711)", ...; "": none.
 */
void db_wal_readers(const struct db *db, char *out, size_t size);

/* After a failed sync: db_close leaves WAL and file as they are, for the next start to recover from. */
void db_abandon(struct db *db);

/*
 * What SQLite says went wrong, as an enum err with the file and the way out in why. A full disk is ERR_LIMIT:
 * unlike ERR_IO it can be survived.
 */
enum err db_failed(struct db *db, int rc, const char *doing, struct why *why);

#endif
