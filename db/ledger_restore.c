/*
 * Noting beside a ledger that it is being put back. See ledger.h.
 */
#include "ledger_parts.h"

static enum err write_mark(const char *path, const struct head_mark *mark, struct why *why)
{
	struct head_file f;
	enum err e = head_file_open(&disk_system, path, &f, why);

	if (e)
		return e;
	e = head_file_write(&f, mark, why);
	if (!e)
		e = head_file_sync(&f, why);
	head_file_close(&f);
	return e;
}

/* How far the ledger was is kept if it is known here: it may be further than the backup. */
enum err ledger_mark_restored(const char *path, const struct ledger_verdict *backup, struct why *why)
{
	struct head_mark mark;
	enum err e = head_file_read(&disk_system, path, &mark, why);

	if (e && e != ERR_NOT_FOUND && e != ERR_CORRUPT)
		return e;
	if (e)
		mark = (struct head_mark){
			.id = backup->events,
			.segment = backup->at.segment,
			.sequence = backup->at.sequence,
			.hash = backup->at.hash,
			.unknown = true,
		};
	mark.restored = true;
	return write_mark(path, &mark, why);
}
