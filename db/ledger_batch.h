/*
 * Rows of events and of sales that were appended and are not in the database yet: kept in memory, and put
 * into the two tables by one statement each. A statement a row costs SQLite half as much again, and the
 * ledger's thread is what limits how many tenders there are a second.
 *
 * What is written is the same. Who reads either table on the writer's connection writes out first
 * (ledger_flush).
 */
#ifndef TILL_LEDGER_BATCH_H
#define TILL_LEDGER_BATCH_H

#include "buf.h"
#include "db.h"

#define LEDGER_BATCH_ROWS  512	       /* that wait at most */
#define LEDGER_BATCH_BYTES (512 << 10) /* of events; one more may come on top */

struct ledger_batch;

/* For an open database that has the tables. event_max: bytes that an event takes at most. */
enum err ledger_batch_new(struct db *db, size_t event_max, struct ledger_batch **out,
			  struct why *why) MUST_CHECK;

/* Before the database is closed. */
void ledger_batch_free(struct ledger_batch *b);

/* What is full has to be written out before more is added. */
bool ledger_batch_full(const struct ledger_batch *b);

/* Where the next event is encoded: behind those that wait. ledger_batch_event then takes it, from there on.
 */
struct buf *ledger_batch_buf(struct ledger_batch *b);
void ledger_batch_event(struct ledger_batch *b, int64_t id, size_t from, int64_t digest);
void ledger_batch_sale(struct ledger_batch *b, int64_t id, uint64_t order_key);

/* Writes all rows; after a failure as well none waits any more. */
enum err ledger_batch_write(struct ledger_batch *b, struct why *why) MUST_CHECK;

/* Forgets them. */
void ledger_batch_drop(struct ledger_batch *b);

#endif
