/*
 * Judging a batch of events. See upload.h. It runs once for each event that a chain of shops sells, so the
 * envelope is taken apart by hand; what may stand in it is event.c's table.
 */
#include "upload.h"

#include <string.h>

#include "event.h"

/* Keys of the envelope (db/event.c). */
enum { KEY_VERSION = 1, KEY_BOX, KEY_SEGMENT, KEY_SEQUENCE, KEY_KIND, KEY_AT, KEY_PREVIOUS, KEY_BODY };
#define KEYS_NEEDED 0xff /* bits of the eight above */

int upload_compare(int64_t a_segment, int64_t a_sequence, int64_t b_segment, int64_t b_sequence)
{
	if (a_segment != b_segment)
		return a_segment < b_segment ? -1 : 1;
	return a_sequence < b_sequence ? -1 : a_sequence > b_sequence;
}

static enum err take_int(struct cborr *r, int64_t least, int64_t *out)
{
	int small = cborr_short(r, CBOR_MAJOR_UINT);
	struct cbor_item item = {.value = small};
	enum err e = small < 0 ? cborr_expect(r, CBOR_KIND_INT, &item) : ERR_OK;

	*out = item.value;
	return e ? e : item.value < least ? ERR_INVALID : ERR_OK;
}

static enum err take_bytes(struct cborr *r, size_t least, size_t most, struct bytes *out)
{
	struct cbor_item item;
	enum err e = cborr_expect(r, CBOR_KIND_BYTES, &item);

	*out = (struct bytes){item.at, item.length};
	return e ? e : item.length < least || item.length > most ? ERR_INVALID : ERR_OK;
}

static enum err take_box(struct cborr *r, struct upload_event *out)
{
	struct cbor_item item;
	enum err e = cborr_expect(r, CBOR_KIND_TEXT, &item);

	out->box = item.at;
	out->box_length = item.length;
	return e ? e : item.length == 0 ? ERR_INVALID : ERR_OK;
}

static enum err take_member(struct cborr *r, int64_t key, struct upload_event *out)
{
	const uint8_t *at;
	size_t n;
	int64_t at_ms;

	switch (key) {
	case KEY_VERSION:
		return take_int(r, 1, &out->version);
	case KEY_BOX:
		return take_box(r, out);
	case KEY_SEGMENT:
		return take_int(r, 1, &out->segment);
	case KEY_SEQUENCE:
		return take_int(r, 1, &out->sequence);
	case KEY_KIND:
		return take_int(r, 1, &out->kind);
	case KEY_AT:
		return take_int(r, INT64_MIN, &at_ms);
	case KEY_PREVIOUS:
		return take_bytes(r, DIGEST_SIZE, DIGEST_SIZE, &out->previous);
	case KEY_BODY:
		return take_bytes(r, 1, SIZE_MAX, &out->body);
	default:
		return cborr_skip(r, &at, &n);
	}
}

enum err upload_next(struct cborr *r, struct upload_event *out)
{
	const uint8_t *start = r->at;
	struct cbor_item map;
	int64_t before = 0, key;
	unsigned seen = 0;
	enum err e = cborr_expect(r, CBOR_KIND_MAP, &map);

	for (; !e && map.value > 0; map.value--) {
		e = take_int(r, 1, &key);
		if (!e && key <= before)
			e = ERR_INVALID;
		if (!e)
			e = take_member(r, key, out);
		if (!e && key <= KEY_BODY)
			seen |= 1U << (key - 1);
		before = key;
	}
	if (!e && (seen != KEYS_NEEDED || !out->box || !out->previous.at))
		e = ERR_INVALID;
	out->whole = (struct bytes){start, (size_t)(r->at - start)};
	return e;
}

bool upload_is_known(const struct upload_event *event)
{
	return event->version <= EVENT_VERSION && event_kind_name(event->kind) != NULL;
}

static void hash_of(const struct upload_event *event, struct digest *out)
{
	event_hash_found(event->whole.at, event->whole.length, event->body, out);
}

/* What a segment's first event names as the one before it. */
static enum err read_start(const struct upload_event *event, struct upload_head *out, struct why *why)
{
	struct cborr r = cborr_over(event->body.at, event->body.length);
	struct arena a = ARENA_EMPTY;
	struct event_start start;
	enum err e = record_from_cbor(&event_start_schema, &r, &a, &start, why);

	if (!e) {
		out->segment = start.previous_segment;
		out->sequence = start.previous_sequence;
		memcpy(out->hash.bytes, event->previous.at, DIGEST_SIZE);
	} else {
		why_prefix(why, "the start of segment %lld: ", (long long)event->segment);
	}
	arena_free(&a);
	return e;
}

static bool is_chained(const struct upload_event *event, const struct upload_head *to)
{
	return memcmp(event->previous.at, to->hash.bytes, DIGEST_SIZE) == 0;
}

static enum upload_verdict verdict(enum upload_verdict v, const struct upload_event *event,
				   const struct upload_head *before, const char *words, struct why *why)
{
	(void)fail(why, ERR_STATE, "event %lld.%lld %s %lld.%lld", (long long)event->segment,
		   (long long)event->sequence, words, (long long)before->segment,
		   (long long)before->sequence);
	return v;
}

/* How an event stands to the one that should be before it: UPLOAD_NEW, GAP or FORK. */
static enum err judge_next(const struct upload_event *event, const struct upload_head *before,
			   struct upload *out, struct why *why)
{
	struct upload_head named = {0};
	enum err e;
	int order;

	out->verdict = UPLOAD_GAP;
	if (event->segment == before->segment) {
		order = event->sequence - 1 > before->sequence;
	} else if (event->sequence != 1 || event->kind != EVENT_START) {
		order = 1;
	} else {
		e = read_start(event, &named, why);
		if (e)
			return e;
		order = upload_compare(named.segment, named.sequence, before->segment, before->sequence);
	}
	if (order > 0) {
		verdict(UPLOAD_GAP, event, before, "does not continue what is held up to", why);
	} else if (order < 0) {
		out->verdict =
			verdict(UPLOAD_FORK, event, before,
				"continues from before the newest event that is held, a ledger that was "
				"restored or copied:",
				why);
		out->attach = named;
	} else if (!is_chained(event, before)) {
		out->verdict = verdict(UPLOAD_FORK, event, before, "does not have the hash of", why);
	} else {
		out->verdict = UPLOAD_NEW;
	}
	return ERR_OK;
}

/* Where a batch stands while it is walked. */
struct walk {
	const struct upload_head *head;
	const char *box;
	size_t box_length;
	struct upload_head before; /* the event before, in the batch */
	bool any;
	struct upload *out;
};

/* An event at or before the head. */
static enum err judge_held(struct walk *w, const struct upload_event *event, struct why *why)
{
	struct upload *out = w->out;
	int order = upload_compare(event->segment, event->sequence, w->head->segment, w->head->sequence);

	out->verdict = UPLOAD_REPEAT;
	out->repeated++;
	if (order == 0 && memcmp(out->last.hash.bytes, w->head->hash.bytes, DIGEST_SIZE) != 0)
		out->verdict = verdict(UPLOAD_FORK, event, w->head, "is another one than that held as", why);
	return ERR_OK;
}

static enum err judge_fresh(struct walk *w, const struct upload_event *event, struct why *why)
{
	struct upload *out = w->out;
	enum err e = ERR_OK;

	if (out->count == 0) {
		e = judge_next(event, w->head, out, why);
		out->fresh = (struct bytes){event->whole.at, 0};
		out->first_segment = event->segment;
		out->first_sequence = event->sequence;
	}
	out->fresh.length = (size_t)(event->whole.at + event->whole.length - out->fresh.at);
	out->count++;
	out->strange += !upload_is_known(event);
	return e;
}

static enum err judge_event(struct walk *w, const struct upload_event *event, struct why *why)
{
	struct upload *out = w->out;
	enum err e = ERR_OK;

	if (event->box_length != w->box_length || memcmp(event->box, w->box, w->box_length) != 0)
		return fail(why, ERR_DENIED, "event %lld.%lld is of another box, '%.*s'",
			    (long long)event->segment, (long long)event->sequence,
			    (int)(event->box_length < 64 ? event->box_length : 64), event->box);
	if (w->any &&
	    upload_compare(event->segment, event->sequence, w->before.segment, w->before.sequence) <= 0)
		return fail(why, ERR_INVALID, "event %lld.%lld comes behind %lld.%lld",
			    (long long)event->segment, (long long)event->sequence,
			    (long long)w->before.segment, (long long)w->before.sequence);
	if (w->any)
		e = judge_next(event, &w->before, out, why);
	if (e || (w->any && out->verdict != UPLOAD_NEW))
		return e;
	out->last.segment = event->segment;
	out->last.sequence = event->sequence;
	hash_of(event, &out->last.hash);
	if (upload_compare(event->segment, event->sequence, w->head->segment, w->head->sequence) <= 0)
		e = judge_held(w, event, why);
	else
		e = judge_fresh(w, event, why);
	w->before = out->last;
	w->any = true;
	return e;
}

enum err upload_judge(const struct upload_head *head, const char *box, struct bytes events,
		      struct upload *out, struct why *why)
{
	struct walk w = {.head = head, .box = box, .box_length = strlen(box), .out = out};
	struct cborr r = cborr_over(events.at, events.length);
	struct upload_event event = {0};
	enum err e;

	*out = (struct upload){.verdict = UPLOAD_REPEAT};
	while (r.at < r.end) {
		if (upload_next(&r, &event))
			return fail(why, ERR_INVALID, "there is no event at byte %zu of the batch",
				    events.length - (size_t)(r.end - event.whole.at));
		e = judge_event(&w, &event, why);
		if (e)
			return e;
		if (out->verdict == UPLOAD_GAP || out->verdict == UPLOAD_FORK)
			return ERR_OK;
	}
	return ERR_OK;
}

enum err upload_find(struct bytes events, int64_t segment, int64_t sequence, struct digest *out)
{
	struct cborr r = cborr_over(events.at, events.length);
	struct upload_event event = {0};

	while (r.at < r.end && !upload_next(&r, &event)) {
		if (event.segment == segment && event.sequence == sequence) {
			hash_of(&event, out);
			return ERR_OK;
		}
	}
	return ERR_NOT_FOUND;
}
