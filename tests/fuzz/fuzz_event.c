/*
 * Ledger events and records from anybody's CBOR. The first byte says what the rest is:
 *
 *	0	a whole event
 *	1-3	the body of a start, body or sale event, in an envelope that is right
 *	4	an event's body of a kind that is not known here
 *	5-13	a record of one of the nine types
 *	else	any CBOR
 *
 * What is taken must be deterministic CBOR. Encoded again it has the same bytes, less what this version does
 * not know and defaults that were spelt out; once more, and nothing changes. Its JSON form is JSON.
 */
#include <assert.h>
#include <jansson.h>
#include <string.h>

#include "event.h"
#include "fuzz.h"

#define ROOM_MAX (8U << 20)

/* Decodes as one kind of thing, and encodes what came out. */
typedef enum err again_fn(const uint8_t *at, size_t n, int kind, struct arena *a, struct buf *out);

static enum err event_again(const uint8_t *at, size_t n, int kind, struct arena *a, struct buf *out)
{
	struct event_envelope e;
	enum err err = event_decode(at, n, a, &e, NULL);

	(void)kind;
	if (err)
		return err;
	assert(e.segment > 0 && e.sequence > 0 && e.previous.length == DIGEST_SIZE && e.body.length > 0);
	assert(event_encode(&e, out) == ERR_OK);
	return ERR_OK;
}

static enum err body_again(const uint8_t *at, size_t n, int kind, struct arena *a, struct buf *out)
{
	const struct schema *s = kind == EVENT_START ? &event_start_schema : &event_body_schema;
	union {
		struct event_start start;
		struct event_body body;
	} as;
	void *record = kind == EVENT_START ? (void *)&as.start : (void *)&as.body;
	struct cborr r = cborr_over(at, n);
	struct cborw w;
	enum err e = record_from_cbor(s, &r, a, record, NULL);

	if (e || r.at != r.end)
		return ERR_INVALID;
	cborw_begin(&w, out);
	record_to_cbor(s, record, &w);
	assert(cborw_end(&w) == ERR_OK);
	return ERR_OK;
}

static enum err sale_again(const uint8_t *at, size_t n, int kind, struct arena *a, struct buf *out)
{
	struct event_sale sale;
	enum err e = event_sale_decode((struct bytes){at, n}, a, &sale, NULL);

	(void)kind;
	if (!e)
		assert(event_sale_encode(&sale, a, out, NULL) == ERR_OK);
	return e;
}

static enum err record_again(const uint8_t *at, size_t n, int kind, struct arena *a, struct buf *out)
{
	struct record r;
	enum err e = record_decode((enum record_type)kind, at, n, a, &r, NULL);

	if (!e)
		assert(record_encode(&r, out) == ERR_OK && record_key(&r, a) != NULL);
	return e;
}

static bool equal(const struct buf *a, const void *at, size_t n)
{
	return buf_length(a) == n && memcmp(buf_front(a), at, n) == 0;
}

static void check_again(again_fn *again, const uint8_t *at, size_t n, int kind)
{
	struct arena arena = ARENA_EMPTY;
	struct buf once, twice;

	buf_init(&once, ROOM_MAX);
	buf_init(&twice, ROOM_MAX);
	if (again(at, n, kind, &arena, &once) == ERR_OK) {
		assert(cbor_check(at, n) == ERR_OK);
		assert(buf_length(&once) < n || equal(&once, at, n));
		assert(again(buf_front(&once), buf_length(&once), kind, &arena, &twice) == ERR_OK);
		assert(equal(&twice, buf_front(&once), buf_length(&once)));
	}
	buf_free(&once);
	buf_free(&twice);
	arena_free(&arena);
}

/* For people: one line that is a JSON object, or a reason. */
static void check_json(const uint8_t *event, size_t n)
{
	struct why why = {""};
	struct jsonw w;
	struct buf out;
	json_t *json;

	buf_init(&out, ROOM_MAX);
	jsonw_begin(&w, &out);
	if (event_to_json(event, n, &w, &why) != ERR_OK) {
		assert(why.text[0] != '\0');
	} else if (jsonw_end(&w) == ERR_OK) {
		json = json_loadb((const char *)buf_front(&out), buf_length(&out), JSON_REJECT_DUPLICATES,
				  NULL);
		assert(json_is_object(json) && memchr(buf_front(&out), '\n', buf_length(&out)) ==
						       buf_front(&out) + buf_length(&out) - 1);
		json_decref(json);
	} else {
		assert(n > ROOM_MAX / 16); /* nothing small grows that much */
	}
	buf_free(&out);
}

static void check_event(const uint8_t *event, size_t n)
{
	check_again(event_again, event, n, 0);
	check_json(event, n);
}

static void check_in_envelope(int64_t kind, const uint8_t *body, size_t n)
{
	static const uint8_t zeros[DIGEST_SIZE];
	const struct event_envelope e = {.version = EVENT_VERSION,
					 .box = "b",
					 .segment = 1,
					 .sequence = 1,
					 .kind = kind,
					 .at_ms = 1795255200000,
					 .previous = {zeros, sizeof(zeros)},
					 .body = {body, n}};
	struct buf event;

	buf_init(&event, ROOM_MAX);
	assert(event_encode(&e, &event) == ERR_OK);
	check_event(buf_front(&event), buf_length(&event));
	buf_free(&event);
}

/* Passing over an item and checking it are one judgement. */
static void check_cbor(const uint8_t *at, size_t n)
{
	struct cborr r = cborr_over(at, n);
	const uint8_t *item;
	size_t length;

	if (cborr_skip(&r, &item, &length) == ERR_OK) {
		assert(item == at && r.at == at + length && length <= n);
		assert(cbor_check(at, length) == ERR_OK && (length == n || cbor_check(at, n) != ERR_OK));
	} else {
		assert(r.at == at && cbor_check(at, n) != ERR_OK);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	int what;

	if (n < 2)
		return 0;
	what = bytes[0];
	bytes++;
	n--;
	check_cbor(bytes, n);
	if (what == 0)
		check_event(bytes, n);
	else if (what <= 4)
		check_in_envelope(what, bytes, n);
	if (what == EVENT_START || what == EVENT_BODY)
		check_again(body_again, bytes, n, what);
	else if (what == EVENT_SALE)
		check_again(sale_again, bytes, n, what);
	else if (what >= 5 && what < 5 + RECORD_TYPES)
		check_again(record_again, bytes, n, what - 5);
	return 0;
}
