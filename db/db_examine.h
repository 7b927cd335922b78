/*
 * A database looked at from outside, by whoever wants to know whether it is sound: `tillctl doctor`. Nothing
 * is changed, and its writer is not held up.
 */
#ifndef TILL_DB_EXAMINE_H
#define TILL_DB_EXAMINE_H

#include "db.h"

extern const struct db_kind catalog_kind, carts_kind, ledger_kind;

struct db_findings {
	int64_t file_bytes, wal_bytes;
	bool whole;	   /* all of it was looked at; else the time was up before */
	struct why damage; /* "": none was found */
};

/*
 * Opens it as a reader of that kind, errors as db_open's, and lets SQLite look at its pages, patience_ms at
 * most.
 */
enum err db_examine(const char *path, const struct db_kind *kind, int64_t patience_ms,
		    struct db_findings *out, struct why *why) MUST_CHECK;

#endif
