/*
 * Price books from anybody: the input's lines go through the parser into the builder, as a file's do. A
 * record that passes its checks must also survive its CBOR form.
 */
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "fuzz.h"
#include "snapshot.h"

/* Encoded, decoded and encoded again: the same bytes, or the fuzzer has found something. */
static void check_cbor(const struct record *r, struct arena *a)
{
	struct buf once, twice;
	struct record again;
	struct why why;

	buf_init(&once, 1 << 20);
	buf_init(&twice, 1 << 20);
	if (!record_encode(r, &once)) {
		if (record_decode(r->type, buf_front(&once), buf_length(&once), a, &again, &why) ||
		    record_encode(&again, &twice) || buf_length(&once) != buf_length(&twice) ||
		    memcmp(buf_front(&once), buf_front(&twice), buf_length(&once)) != 0)
			abort();
	}
	buf_free(&once);
	buf_free(&twice);
}

/* One line; false ends the book. */
static bool add_line(struct builder *b, const char *line, size_t n, uint32_t number, unsigned *exponent)
{
	struct arena arena = ARENA_EMPTY;
	struct record record;
	struct why why;
	enum err e = record_parse_line(line, n, *exponent, &arena, &record, &why);

	if (!e) {
		check_cbor(&record, &arena);
		if (record.type == RECORD_BOOK)
			*exponent = book_exponent(&record.as.book);
		e = builder_add(b, &record, number, &why);
	}
	arena_free(&arena);
	return !e;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const char *at = (const char *)bytes, *end = at + n;
	struct snapshot *s = NULL;
	struct builder *b;
	struct why why;
	unsigned exponent = 0;
	bool ok = true;

	if (builder_new(true, &b))
		return 0;
	for (uint32_t number = 1; at < end && ok; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = newline ? (size_t)(newline - at) : (size_t)(end - at);
		ok = add_line(b, at, length, number, &exponent);
		at += length + (newline != NULL);
	}
	if (ok && !builder_finish(b, 1, &s, &why))
		snapshot_unref(s);
	builder_free(b);
	return 0;
}
