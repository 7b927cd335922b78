/*
 * SQLite as tilld uses it: one way to open a file, migrate it, prepare its statements and say what failed.
 *
 * Each file has one writing connection, which is also the only one that checkpoints; readers open read-only.
 * WAL mode throughout. A failed fsync is never retried: the writer reports ERR_IO and its owner ends the program. SQL text stays in this
 * folder: a registry of statements a store, prepared and finalised by one loop.
 */
#ifndef TILL_DB_H
#define TILL_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "money.h"

struct db_migration {
	int version;	  /* 1, 2, 3 ... */
	const char *name; /* the file it is from */
	const char *sql;
};

struct db_kind {
	const char *what;		     /* "catalog", "ledger": for messages */
	int32_t application_id;		     /* in the file's header, so that one is not taken for the other */
	const struct db_migration *migrations;
	int count;
	const char *const *statements; /* the registry; indexes are an enum of the store's own */
	int statement_count;
};

enum db_mode { DB_WRITER_FULL, DB_WRITER_NORMAL, DB_READER };

struct db {
	sqlite3 *handle;
	sqlite3_stmt **statements;
	const struct db_kind *kind;
	char path[256];
};

/*
 * Opens path; a writer creates and migrates it (each migration in a transaction, PRAGMA user_version). A file
 * of another kind, a newer version (ERR_NEWER) or a damaged one (ERR_CORRUPT) is refused, with the way out in why.
 */
enum err db_open(const char *path, const struct db_kind *kind, enum db_mode mode, struct db *out, struct why *why) MUST_CHECK;
void db_close(struct db *db);

/* The prepared statement, reset and unbound. */
sqlite3_stmt *db_statement(struct db *db, int which);

/* Steps a statement that gives no rows, and resets it. */
enum err db_run(struct db *db, sqlite3_stmt *s, struct why *why) MUST_CHECK;

/* Steps to the next row: ERR_OK, or ERR_NOT_FOUND at the end (and resets). */
enum err db_row(struct db *db, sqlite3_stmt *s, struct why *why) MUST_CHECK;

enum err db_begin(struct db *db, struct why *why) MUST_CHECK;  /* immediate for a writer */
enum err db_commit(struct db *db, struct why *why) MUST_CHECK; /* on failure the transaction is rolled back */
void db_rollback(struct db *db);

/* What SQLite says went wrong, as an enum err with the file and the way out in why. */
enum err db_failed(struct db *db, int rc, const char *doing, struct why *why);

#endif
