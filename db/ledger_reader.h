/*
 * What the reader and its check of the chain share. Not for users of the ledger; they include ledger.h.
 */
#ifndef TILL_LEDGER_READER_H
#define TILL_LEDGER_READER_H

#include "ledger_parts.h"

#define BATCH_EVENTS 256

struct batch_event {
	int64_t id, check;
	size_t offset, length; /* in the reader's bytes */
};

struct ledger_reader {
	struct db db;
	struct batch_event batch[BATCH_EVENTS];
	size_t count, next;
	struct buf bytes;

	struct body *bodies; /* by number - 1, as far as they were read; cbor NULL: not yet */
	size_t bodies_size;
	struct arena body_arena; /* what they point to */
	size_t body_bytes;
};

#endif
