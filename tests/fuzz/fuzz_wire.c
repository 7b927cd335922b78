/*
 * Messages of the link from anybody's CBOR. The first byte says which, by its place in wire_schemas.
 *
 * What is taken is deterministic CBOR. Encoded again it has the same bytes, less what this version does not
 * know and defaults that were spelt out; once more, and nothing changes. A signature by nobody is refused.
 */
#include <assert.h>
#include <string.h>

#include "fuzz.h"
#include "signed.h"

#define ROOM_MAX (8U << 20)

union any {
	struct wire_authority authority;
	struct wire_enrol enrol;
	struct wire_enrolled enrolled;
	struct wire_renew renew;
	struct wire_hello hello;
	struct wire_welcome welcome;
	struct wire_batch batch;
	struct wire_ack ack;
	struct wire_feed feed;
	struct wire_latest latest;
	struct wire_manifest manifest;
	struct wire_page page;
	struct wire_time time;
	struct wire_signed signed_message;
};

static enum err again(const struct schema *s, const uint8_t *at, size_t n, struct arena *a, struct buf *out)
{
	union any message;
	struct why why = {""};
	enum err e = wire_decode(s, at, n, a, &message, &why);

	if (e) {
		assert(why.text[0] != '\0');
		return e;
	}
	assert(s->size <= sizeof(message));
	e = wire_encode(s, &message, out, &why);
	assert(!e);
	return e;
}

static size_t pick(uint8_t byte)
{
	size_t count = 0;

	while (wire_schemas[count])
		count++;
	return count > 0 ? byte % count : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const struct schema *s = n > 0 ? wire_schemas[pick(bytes[0])] : NULL;
	struct arena a = ARENA_EMPTY;
	struct buf once, twice;

	if (!s)
		return 0;
	buf_init(&once, ROOM_MAX);
	buf_init(&twice, ROOM_MAX);
	if (again(s, bytes + 1, n - 1, &a, &once) == ERR_OK) {
		assert(cbor_check(bytes + 1, n - 1) == ERR_OK);
		assert(buf_length(&once) <= n - 1);
		assert(again(s, buf_front(&once), buf_length(&once), &a, &twice) == ERR_OK);
		assert(buf_length(&once) == buf_length(&twice) &&
		       memcmp(buf_front(&once), buf_front(&twice), buf_length(&once)) == 0);
	}
	buf_free(&once);
	buf_free(&twice);
	arena_free(&a);
	return 0;
}
