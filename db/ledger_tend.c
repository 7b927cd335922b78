/*
 * What the ledger needs besides appending: checkpoints, the mark in ledger.head, room on the disk, and an eye
 * on its files. See ledger.h.
 */
#include "ledger_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

#define LOOK_US		 1000000 /* between looks while there is work */
#define CHECKPOINT_PAGES 4000	 /* 16 MiB: the WAL is that large at most while no reader is in the way */
#define CHECKPOINT_IDLE	 256	 /* pages, 1 MiB: see checkpoint */
#define CHECKPOINT_STEP	 1000	 /* pages until the next try if one is */
#define WAL_LARGE	 ((int64_t)16 << 20)
#define MIB		 ((uint64_t)1 << 20)
#define LOW_BYTES	 (200 * MIB)
#define LOW_PART	 10 /* of the disk: less than LOW_BYTES on a small one */
#define CRITICAL_PART	 5  /* of low */

const char *ledger_space_name(enum ledger_space s)
{
	static const char *const names[] = {"ample", "low", "critical", "full"};

	return names[s];
}

const struct ledger_health *ledger_health(const struct ledger *l)
{
	return &l->health;
}

int ledger_on_commit(void *arg, sqlite3 *handle, const char *name, int pages)
{
	struct ledger *l = arg;

	(void)handle;
	(void)name;
	if (pages < l->wal_pages)
		l->checkpoint_at = 0; /* the WAL began anew */
	l->wal_pages = pages;
	l->wal_dirty = true;
	return SQLITE_OK;
}

bool ledger_release_reserve(struct ledger *l)
{
	if (!l->db.full || !reserve_release(&l->reserve))
		return false;
	log_warnx("%s: the disk is full: %lld MiB kept in reserve were given up", l->db.path,
		  (long long)(RESERVE_BYTES >> 20));
	return true;
}

void ledger_abandon(struct ledger *l)
{
	l->abandoned = true;
	db_abandon(&l->db);
}

/*
 * A checkpoint syncs both files, and the first commit of a WAL that begins anew syncs it twice: after each
 * lone tender that would be four syncs where one is needed.
 */
static enum err checkpoint(struct ledger *l, bool idle, struct why *why)
{
	int64_t limit = l->checkpoint_at ? l->checkpoint_at : CHECKPOINT_PAGES;
	enum err e;

	if (!l->wal_dirty || l->wal_pages < (idle ? CHECKPOINT_IDLE : limit))
		return ERR_OK;
	e = db_move_wal(&l->db, idle && db_wal_bytes(&l->db) > WAL_LARGE, &l->wal_left, why);
	if (e)
		return e;
	l->wal_dirty = l->wal_left > 0;
	l->checkpoint_at = l->wal_left > 0 ? l->wal_pages + CHECKPOINT_STEP : 0;
	return ERR_OK;
}

/* 0 when the disk will not say. */
static uint64_t low_limit(const struct disk_space *s)
{
	return s->size / LOW_PART < LOW_BYTES ? s->size / LOW_PART : LOW_BYTES;
}

static void look_at_disk(struct ledger *l, struct ledger_health *h)
{
	struct disk_space s = {0};
	uint64_t low;

	if (l->disk->space(l->disk, l->db.path, &s) != 0) {
		(void)fail(&h->disk, ERR_IO, "%s: how full the disk is cannot be found out: %s", l->db.path,
			   strerror(errno));
		return;
	}
	low = low_limit(&s);
	h->free_bytes = s.free;
	if (!l->reserve.held && s.free > (uint64_t)RESERVE_BYTES + low / CRITICAL_PART)
		reserve_hold(&l->reserve);
	if (l->reserve.held)
		l->db.full = false; /* there is room again, whether or not a sale has tried it */
	if (s.free < low)
		h->space = SPACE_LOW;
	if (s.free < low / CRITICAL_PART || !l->reserve.held)
		h->space = SPACE_CRITICAL;
	if (l->db.full)
		h->space = SPACE_FULL;
}

/* The numbers are rounded: the words change, and are logged again, at each step of 10 MiB only. */
static void name_space(const struct ledger *l, struct ledger_health *h)
{
	unsigned long long left = h->free_bytes / (10 * MIB) * 10;

	if (h->space == SPACE_FULL)
		(void)fail(&h->disk, ERR_LIMIT,
			   "%s: the disk is full: no sale can be written; free some space, and selling goes "
			   "on by itself",
			   l->db.path);
	else if (h->space == SPACE_CRITICAL)
		(void)fail(&h->disk, ERR_LIMIT,
			   "%s: the disk is nearly full (%llu MiB or little more are left): free some space "
			   "now, or selling stops",
			   l->db.path, left);
	else if (h->space == SPACE_LOW)
		(void)fail(&h->disk, ERR_LIMIT,
			   "%s: the disk runs full: about %llu MiB are left; free some space", l->db.path,
			   left);
}

static void look_at_wal(const struct ledger *l, struct ledger_health *h)
{
	char readers[200];

	h->wal_bytes = db_wal_bytes(&l->db);
	if (l->wal_left == 0 || h->wal_bytes <= WAL_LARGE)
		return;
	db_wal_readers(&l->db, readers, sizeof(readers));
	(void)fail(&h->wal, ERR_BUSY,
		   "%s-wal: a program that reads an old state for long keeps it from beginning anew, and it "
		   "grows: end %s",
		   l->db.path, readers[0] ? readers : "it");
}

static void name_loss(const struct ledger *l, struct ledger_health *h)
{
	if (!h->restored.is)
		return;
	if (h->restored.lost_segment)
		(void)fail(&h->loss, ERR_STATE,
			   "%s: restored or cut off: events up to %lld/%lld were lost before this start",
			   l->db.path, (long long)h->restored.lost_segment,
			   (long long)h->restored.lost_sequence);
	else
		(void)fail(&h->loss, ERR_STATE,
			   "%s: restored from a backup: what happened after it was made is not known here",
			   l->db.path);
}

static void tell(const char *what, const struct why *was, const struct why *is)
{
	if (strcmp(was->text, is->text) == 0)
		return;
	if (is->text[0])
		log_warnx("%s", is->text);
	else
		log_info("%s: in order again", what);
}

void ledger_look(struct ledger *l)
{
	struct ledger_health h = {.restored = l->restored};

	look_at_disk(l, &h);
	name_space(l, &h);
	look_at_wal(l, &h);
	name_loss(l, &h);
	if (!db_check_files(&l->db, &h.files))
		h.files = l->mark_failed ? l->mark_why : (struct why){0};
	tell("room on the disk", &l->health.disk, &h.disk);
	tell("ledger.db-wal", &l->health.wal, &h.wal);
	tell("the ledger's files", &l->health.files, &h.files);
	l->health = h;
	l->tended_us = clock_monotonic_us(l->clock);
}

enum err ledger_tend(struct ledger *l, bool idle, struct why *why)
{
	bool full = l->health.space == SPACE_FULL;
	enum err e;

	ledger_mark(l);
	e = checkpoint(l, idle, why);
	if (e && e != ERR_LIMIT)
		return e;
	if (!idle && full == l->db.full && clock_monotonic_us(l->clock) - l->tended_us < LOOK_US)
		return ERR_OK;
	ledger_look(l);
	if (l->mark_failed)
		return fail(why, l->mark_failed, "%s", l->mark_why.text);
	return head_file_sync(&l->head_file, why);
}
