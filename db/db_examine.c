/*
 * SQLite's quick check with a limit of time: a ledger of years has gigabytes. See db_examine.h.
 */
#include "db_examine.h"

#include <stdio.h>
#include <sys/stat.h>

#include "clock.h"

#define STEPS_A_LOOK 10000 /* instructions of SQLite between two looks at the clock: well below a second */

static int is_late(void *arg)
{
	const int64_t *until_us = arg;

	return clock_monotonic_us(&clock_system) > *until_us;
}

/* The first row is "ok", or the first thing that is wrong. */
static int quick_check(struct db *db, struct why *damage)
{
	sqlite3_stmt *s;
	int rc = sqlite3_prepare_v2(db->handle, "PRAGMA quick_check(1)", -1, &s, NULL);
	const char *text;

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(s);
	text = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : NULL;
	if (text && sqlite3_stricmp(text, "ok") != 0)
		snprintf(damage->text, sizeof(damage->text), "%s; %s", text, db->kind->way_out);
	sqlite3_finalize(s);
	return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

enum err db_examine(const char *path, const struct db_kind *kind, int64_t patience_ms,
		    struct db_findings *out, struct why *why)
{
	int64_t until_us = clock_monotonic_us(&clock_system) + patience_ms * 1000;
	enum err e = ERR_OK;
	struct stat st;
	struct db db;
	int rc;

	*out = (struct db_findings){.whole = true};
	e = db_open(path, kind, DB_READER, &db, why);
	if (e)
		return e;
	out->file_bytes = stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
	out->wal_bytes = db_wal_bytes(&db);
	sqlite3_progress_handler(db.handle, STEPS_A_LOOK, is_late, &until_us);
	rc = quick_check(&db, &out->damage);
	if ((rc & 0xff) == SQLITE_INTERRUPT)
		out->whole = false;
	else if (rc != SQLITE_OK)
		e = db_failed(&db, rc, "looking through it", why);
	sqlite3_progress_handler(db.handle, 0, NULL, NULL);
	db_close(&db);
	return e;
}
