/*
 * What became of an event: removed, reordered, repeated or written anew. See ledger_walk.h.
 *
 * An event names the one before it by its hash, so wherever the right one stands now, it can be found; and an
 * event whose successor names it is what it was.
 */
#include "ledger_walk.h"

#include <stdio.h>
#include <string.h>

static bool names(const struct event_envelope *event, const struct digest *hash)
{
	return memcmp(event->previous.at, hash->bytes, DIGEST_SIZE) == 0;
}

/* The event, behind that id, which was chained to `hash`; *id is 0 if there is none. */
static enum err find_successor(struct walk *w, int64_t after, const struct digest *hash, int64_t *id,
			       struct why *why)
{
	struct event_envelope event;
	struct ledger_event raw;
	enum err e;

	*id = 0;
	while ((e = ledger_reader_next(w->reader, after, &raw, why)) == ERR_OK) {
		after = raw.id;
		arena_reset(&w->arena);
		if (event_decode(raw.bytes, raw.length, &w->arena, &event, why) || !names(&event, hash))
			continue;
		*id = raw.id;
		return ERR_OK;
	}
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err is_moved(struct walk *w, int64_t id, int64_t now, struct why *why)
{
	char what[100];

	snprintf(what, sizeof(what), "it stands in another place: it is event %lld now", (long long)now);
	return ledger_broken(w, FAULT_REORDERED, id, what, why);
}

/* By its numbers it is the next one: it was changed, or the event before it. Who is right is vouched for. */
static enum err find_rewritten(struct walk *w, int64_t id, const struct digest *hash, struct why *why)
{
	bool sound = id == w->mark.id && memcmp(hash->bytes, w->mark.hash.bytes, DIGEST_SIZE) == 0;
	int64_t successor = 0;
	enum err e = sound ? ERR_OK : find_successor(w, id, hash, &successor, why);

	if (e)
		return e;
	if ((!sound && !successor) || w->id == 0)
		return ledger_broken(w, FAULT_REWRITTEN, id,
				     "it was written anew: nothing is chained to it as it is", why);
	w->verdict->events--; /* it was taken for sound */
	return ledger_broken(w, FAULT_REWRITTEN, w->id,
			     "it was written anew: the event behind it is chained to what it was", why);
}

static bool is_behind(const struct ledger_position *at, const struct walk *w)
{
	return at->segment > w->at.segment || (at->segment == w->at.segment && at->sequence > w->at.sequence);
}

/* By the numbers it carries it is the next one; a segment's first says which it follows. */
static bool continues(struct walk *w, const struct event_envelope *event)
{
	struct cborr r = cborr_over(event->body.at, event->body.length);
	struct event_start start;
	struct why why;

	if (event->kind != EVENT_START)
		return event->segment == w->at.segment && event->sequence == w->at.sequence + 1;
	return !record_from_cbor(&event_start_schema, &r, &w->arena, &start, &why) &&
	       start.previous_segment == w->at.segment && start.previous_sequence == w->at.sequence;
}

enum err ledger_diagnose(struct walk *w, const struct event_envelope *event, const struct ledger_event *raw,
			 struct why *why)
{
	struct ledger_position at = {.segment = event->segment, .sequence = event->sequence};
	bool next = continues(w, event);
	int64_t id = raw->id, now;
	char what[150];
	enum err e;

	event_hash(raw->bytes, raw->length, &at.hash);
	e = find_successor(w, id, &w->at.hash, &now, why);
	if (e)
		return e;
	if (now)
		return is_moved(w, id, now, why);
	if (next)
		return find_rewritten(w, id, &at.hash, why);
	if (!is_behind(&at, w)) {
		snprintf(what, sizeof(what), "it is %lld/%lld, which was there already",
			 (long long)at.segment, (long long)at.sequence);
		return ledger_broken(w, FAULT_REPEATED, id, what, why);
	}
	snprintf(what, sizeof(what), "what was between %lld/%lld and %lld/%lld is missing before it",
		 (long long)w->at.segment, (long long)w->at.sequence, (long long)at.segment,
		 (long long)at.sequence);
	return ledger_broken(w, FAULT_REMOVED, id, what, why);
}

enum err ledger_diagnose_gap(struct walk *w, const struct ledger_event *raw, struct why *why)
{
	int64_t missing = w->id + 1, next = raw->id, now;
	char what[100];
	enum err e = find_successor(w, w->id, &w->at.hash, &now, why);

	if (e)
		return e;
	if (now && now != missing)
		return is_moved(w, missing, now, why);
	if (next == missing + 1)
		return ledger_broken(w, FAULT_REMOVED, missing, "it is missing", why);
	snprintf(what, sizeof(what), "it is missing, and all others up to event %lld", (long long)next - 1);
	return ledger_broken(w, FAULT_REMOVED, missing, what, why);
}
