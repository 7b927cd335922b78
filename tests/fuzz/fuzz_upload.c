/*
 * A batch of events from anybody's bytes, judged against an empty head, and against itself.
 *
 * What is taken as new is a chain: its events are read one by one, and cover the batch. Judged again once it
 * is held, it is a repeat; cut at any event, the rest continues the front.
 */
#include <assert.h>
#include <string.h>

#include "event.h"
#include "fuzz.h"
#include "upload.h"

static size_t count_events(struct bytes events)
{
	struct cborr r = cborr_over(events.at, events.length);
	struct digest whole, found;
	struct upload_event event;
	size_t n = 0;

	while (r.at < r.end) {
		enum err e = upload_next(&r, &event);

		assert(!e && cbor_check(event.whole.at, event.whole.length) == ERR_OK);
		event_hash(event.whole.at, event.whole.length, &whole);
		event_hash_found(event.whole.at, event.whole.length, event.body, &found);
		assert(memcmp(&whole, &found, sizeof(whole)) == 0);
		n++;
	}
	return n;
}

/* The front of the batch, up to n events. */
static struct bytes front_of(struct bytes events, size_t n)
{
	struct cborr r = cborr_over(events.at, events.length);
	struct upload_event event;

	for (; n > 0; n--) {
		enum err e = upload_next(&r, &event);

		assert(!e);
		(void)e;
	}
	return (struct bytes){events.at, (size_t)(r.at - events.at)};
}

static void check_cut(const char *box, struct bytes events, const struct upload *whole, size_t n)
{
	struct upload_head none = {0};
	struct bytes front = front_of(events, n),
		     rest = {front.at + front.length, events.length - front.length};
	struct upload first, second;

	assert(upload_judge(&none, box, front, &first, NULL) == ERR_OK);
	if (n == 0)
		return;
	assert(first.verdict == UPLOAD_NEW && (size_t)first.count == n);
	assert(upload_judge(&first.last, box, rest, &second, NULL) == ERR_OK);
	assert(rest.length == 0 || second.verdict == UPLOAD_NEW);
	assert(rest.length == 0 || memcmp(&second.last, &whole->last, sizeof(second.last)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const char box[] = "box-1";
	struct upload_head none = {0};
	struct bytes events = {bytes, n};
	struct upload u, again;
	struct why why = {""};
	enum err e = upload_judge(&none, box, events, &u, &why);

	assert(e == ERR_OK || e == ERR_INVALID || e == ERR_DENIED || e == ERR_MEMORY || e == ERR_LIMIT);
	assert(!e || why.text[0] != '\0');
	if (e || u.verdict != UPLOAD_NEW)
		return 0;
	assert(u.fresh.at == bytes && u.fresh.length == n && (size_t)u.count == count_events(events));
	assert(upload_judge(&u.last, box, events, &again, &why) == ERR_OK);
	assert(again.verdict == UPLOAD_REPEAT && again.repeated == u.count);
	check_cut(box, events, &u, n > 0 ? bytes[n - 1] % ((size_t)u.count + 1) : 0);
	return 0;
}
