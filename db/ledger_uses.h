/*
 * The fold of uses (uses.h) kept in the ledger's own file, so that a start reads a table and some hundred
 * events instead of years of them.
 *
 * Whoever has the fold hands the entries that changed to the worker now and then (ledger_uses_take, a job
 * with `uses`): it writes them and the mark, which says up to which event they speak. What came after is read
 * from the events. The mark has that event's digest: if the ledger is not the one that it was made from, the
 * table is thrown away and made anew from the first event.
 */
#ifndef TILL_LEDGER_USES_H
#define TILL_LEDGER_USES_H

#include "ledger.h"
#include "uses.h"

/* Entries to be written, copied: the fold may change meanwhile. In the arena that it was taken with. */
struct ledger_uses {
	int64_t event; /* the newest that the fold has taken */
	struct use_row *rows;
	size_t count;
};

/*
 * So many events behind the mark the entries that changed are handed over, once no tender waits; with so many
 * in any case: a start reads them in 20 ms. An entry is written once however often it changed, so waiting for
 * more of them is less to write.
 */
#define LEDGER_USES_EVENTS 256
#define LEDGER_USES_MOST   2048

/* Copies what changed, and cleans it. ERR_MEMORY: nothing was, try later. */
enum err ledger_uses_take(struct uses *u, int64_t event, struct arena *a, struct ledger_uses *out) MUST_CHECK;

/* They could not be written: they have changed still. */
void ledger_uses_again(struct uses *u, const struct ledger_uses *taken);

/* Writes them, within the open transaction. */
enum err ledger_put_uses(struct ledger *l, const struct ledger_uses *uses, struct why *why) MUST_CHECK;

/*
 * The fold as of the newest event: the table, then the events after its mark. Once, before the worker has the
 * ledger. ERR_CORRUPT: an event cannot be read. *event: the newest that was taken.
 */
enum err ledger_load_uses(struct ledger *l, struct uses **out, int64_t *event, struct why *why) MUST_CHECK;

/* For a reader's walk: what the table says, and up to which event. */
enum err ledger_reader_uses(struct ledger_reader *r, struct uses *out, int64_t *event,
			    struct why *why) MUST_CHECK;

#endif
