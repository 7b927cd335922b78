/*
 * Notes: events of the ledger that are neither sales nor bodies nor starts, such as returns, voids, coupons,
 * grants, overrides and approvals. Few a day beside sales, so a table finds them without reading the ledger:
 * by kind and by what they are about. What one says is its own module's; here it is bytes.
 *
 * A note may have an id that no other of its kind has. A repeat appends nothing and gets the first one, so
 * whoever did not hear the answer asks again.
 */
#ifndef TILL_LEDGER_NOTE_H
#define TILL_LEDGER_NOTE_H

#include "ledger.h"

struct ledger_note {
	enum event_kind kind; /* above EVENT_SALE */
	struct bytes body;    /* CBOR of the kind's struct; at most LEDGER_EVENT_MAX */
	const char *about;    /* what it is found by: an order, a code, a promotion, an article */
	const char *once;     /* its id; NULL: the same may be said again */
};

/*
 * Makes the body of a note from a record of its kind's schema, in the arena. ERR_INVALID names the field that
 * could not be read again; ERR_LIMIT: it is too large.
 */
enum err ledger_note_body(const struct schema *s, const void *record, struct arena *a, struct bytes *out,
			  struct why *why) MUST_CHECK;

/*
 * Appends within the open transaction, as ledger_append_sale does. ERR_EXISTS: there is one of that kind and
 * id; nothing was appended, and *position is where.
 */
enum err ledger_append_note(struct ledger *l, const struct ledger_note *note,
			    struct ledger_position *position, struct why *why) MUST_CHECK;

/* The note of that kind and id; its bytes are in the arena. ERR_NOT_FOUND. */
enum err ledger_find_note(struct ledger *l, enum event_kind kind, const char *once, struct arena *a,
			  struct event_envelope *out, struct ledger_position *position,
			  struct why *why) MUST_CHECK;

/*
 * Tells every note, oldest first: for folds, once, before the worker has the ledger. The event is valid
 * during the call. Ends with the first error that fn returns.
 */
typedef enum err ledger_note_fn(int64_t id, const struct event_envelope *event, void *arg, struct why *why);
enum err ledger_each_note(struct ledger *l, ledger_note_fn *fn, void *arg, struct why *why) MUST_CHECK;

/*
 * The next note about that thing after event *id, by a reader; the event is valid until the reader's next
 * call. Another thing may have the same key: the caller looks whether the event is about it. *id is moved.
 * ERR_NOT_FOUND: there is none.
 */
enum err ledger_reader_note(struct ledger_reader *r, const char *about, int64_t *id, struct ledger_event *out,
			    struct why *why) MUST_CHECK;

#endif
