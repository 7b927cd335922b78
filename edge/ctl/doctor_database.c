/*
 * The databases: of the right kind and version, readable, whole as far as a few seconds tell; and the end of
 * the ledger's chain, which is where a cut or a restored backup shows.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "db_examine.h"
#include "doctor.h"
#include "head_file.h"
#include "ledger.h"

#define PATIENCE_MS 3000
#define WAL_LARGE   67108864 /* four times what the writer lets it grow to */
#define TAIL_EVENTS 200
#define FUTURE_MS   300000 /* a clock may be set by so much without anybody's noticing */

static const struct {
	const char *file;
	const struct db_kind *kind;
	const char *absent; /* the fix when it is not there; "": it comes by itself */
} databases[] = {
	{"catalog.db", &catalog_kind, "tillctl import BOOK"},
	{"carts.db", &carts_kind, ""},
	{"ledger.db", &ledger_kind, ""},
};

/* What a permission stands in the way of is the asker's matter, not the daemon's. */
static void tell_refusal(struct doctor *d, const char *file, const char *absent, enum err e,
			 const struct why *why)
{
	if (e == ERR_NOT_FOUND && *absent)
		doctor_warn(d, file, absent, "there is none yet: nothing can be sold");
	else if (e == ERR_NOT_FOUND)
		doctor_ok(d, file, "there is none yet: tilld makes it");
	else if (e == ERR_DENIED)
		doctor_warn(d, file, "ask as root, with sudo, or be of the folder's group", "%s", why->text);
	else if (e == ERR_STATE)
		doctor_warn(d, file, "start tilld", "%s", why->text);
	else if (e == ERR_NEWER)
		doctor_fail(d, file, "install the program that wrote it, or a newer one", "%s", why->text);
	else
		doctor_fail(d, file,
			    "stop tilld, keep a copy of the file with its -wal and -shm, then do as it says; "
			    "docs/storage.md tells more",
			    "%s", why->text);
}

static void tell_findings(struct doctor *d, const char *file, const struct db_findings *f)
{
	if (f->damage.text[0]) {
		doctor_fail(d, file,
			    "stop tilld, keep a copy of the file, then do as it says; docs/storage.md tells "
			    "more",
			    "it is damaged: %s", f->damage.text);
		return;
	}
	doctor_ok(d, file, "%" PRId64 " KiB, %s", f->file_bytes / 1024,
		  f->whole ? "nothing wrong in it" : "nothing wrong in what could be looked at in 3 s");
	if (f->wal_bytes > WAL_LARGE)
		doctor_warn(d, file,
			    "end programs that keep it open (fuser -v FILE shows them); restart tilld",
			    "its WAL has %" PRId64 " MiB: a reader holds it up", f->wal_bytes >> 20);
}

void doctor_databases(struct doctor *d)
{
	for (size_t i = 0; i < sizeof(databases) / sizeof(databases[0]); i++) {
		const char *file = databases[i].file, *path = ctl_database(d->ctl, file);
		struct db_findings findings;
		struct why why = {0};
		enum err e = db_check_access(path, false, &why);

		if (e == ERR_OK)
			e = db_examine(path, databases[i].kind, PATIENCE_MS, &findings, &why);
		if (e == ERR_OK)
			tell_findings(d, file, &findings);
		else
			tell_refusal(d, file, databases[i].absent, e, &why);
	}
}

/* The last event that was looked at. */
struct tail {
	int64_t id, at_ms;
	struct digest hash;
};

/* One event against its digest and the event before it; the first of a tail has none to be held against. */
static enum err check_event(const struct ledger_event *raw, struct tail *tail, struct why *why)
{
	struct event_envelope event;
	struct arena a = ARENA_EMPTY;
	struct digest hash;
	enum err e = event_decode(raw->bytes, raw->length, &a, &event, why);

	event_hash(raw->bytes, raw->length, &hash);
	if (e == ERR_OK && event_check(&hash) != raw->check)
		e = fail(why, ERR_CORRUPT, "its bytes are not what was written");
	if (e == ERR_OK && tail->id > 0 && memcmp(event.previous.at, tail->hash.bytes, DIGEST_SIZE) != 0)
		e = fail(why, ERR_CORRUPT, "it does not continue the one before");
	if (e == ERR_OK)
		*tail = (struct tail){raw->id, event.at_ms, hash};
	else
		why_prefix(why, "event %" PRId64 ": ", raw->id);
	arena_free(&a);
	return e;
}

static enum err walk_tail(struct ledger_reader *r, struct tail *tail, struct why *why)
{
	struct ledger_event event;
	enum err e = ledger_reader_newest(r, &event, why);
	int64_t id = e == ERR_OK && event.id > TAIL_EVENTS ? event.id - TAIL_EVENTS : 0;

	while (e == ERR_OK && (e = ledger_reader_next(r, id, &event, why)) == ERR_OK) {
		id = event.id;
		e = check_event(&event, tail, why);
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

/* The mark is read before the ledger: the daemon may go on selling in between. */
static void tell_end(struct doctor *d, const struct tail *tail, const struct head_mark *mark)
{
	static const char lost[] =
		"look for the lost sales in the newest backup and on paper, then start tilld: it "
		"notes the loss and goes on";
	int64_t now_ms = clock_utc_ms(d->clock);

	if (mark->id > tail->id)
		doctor_fail(d, "", lost,
			    "the newest %" PRId64 " of %" PRId64 " events are gone: the ledger was cut "
			    "off, or is an older copy",
			    mark->id - tail->id, mark->id);
	else if (mark->id > 0 && mark->id == tail->id &&
		 memcmp(mark->hash.bytes, tail->hash.bytes, DIGEST_SIZE) != 0)
		doctor_fail(d, "", lost,
			    "event %" PRId64 " is not the one that ledger.head knows: it is another "
			    "copy of the ledger",
			    tail->id);
	else
		doctor_ok(d, "", "%" PRId64 " events, the newest chained to each other", tail->id);
	if (tail->at_ms > now_ms + FUTURE_MS)
		doctor_warn(d, "", "set the clock right, if it is behind: promotions begin and end by it",
			    "the newest event is of a time %" PRId64 " minutes ahead: the clock went back",
			    (tail->at_ms - now_ms) / 60000);
}

void doctor_ledger(struct doctor *d)
{
	const char *path = ctl_database(d->ctl, "ledger.db");
	struct head_mark mark = {0};
	struct tail tail = {0};
	struct ledger_reader *r;
	struct why why = {0};
	enum err e = head_file_read(&disk_system, path, &mark, &why);

	if (e == ERR_CORRUPT)
		doctor_warn(d, "ledger.head", "restart tilld, which writes it anew", "%s", why.text);
	if (e != ERR_OK)
		mark = (struct head_mark){0};
	if (access(path, F_OK) != 0) {
		if (mark.id > 0)
			doctor_fail(d, "", "restore it from a backup ('tillctl restore')",
				    "%s is gone: %" PRId64 " events were in it", path, mark.id);
		return;
	}
	if (ledger_reader_open(path, &r, &why) != ERR_OK)
		return; /* the check before has said why */
	e = walk_tail(r, &tail, &why);
	ledger_reader_close(r);
	if (e == ERR_OK)
		tell_end(d, &tail, &mark);
	else
		doctor_fail(d, "",
			    "'tillctl ledger verify' tells how much holds; stop tilld and restore a backup",
			    "%s", why.text);
}
