/*
 * Places by a quick hash of the bytes, one body each: whether it is the one is seen by comparing all of it,
 * so the quick hash need not be a good one. See body_memo.h.
 */
#include "body_memo.h"

#include <stdlib.h>
#include <string.h>

#define PLACES	  4096 /* a power of two */
#define BYTES_MAX 490  /* a longer body is hashed each time: few are */

struct place {
	uint8_t hash[BODY_HASH_SIZE];
	uint16_t length; /* 0: nothing yet */
	uint8_t type;
	uint8_t bytes[BYTES_MAX];
};

struct body_memo {
	struct place places[PLACES];
};

struct body_memo *body_memo_new(void)
{
	return calloc(1, sizeof(struct body_memo)); /* the system gives the pages when they are written */
}

void body_memo_free(struct body_memo *m)
{
	free(m);
}

/* Multiplies eight bytes at a time into the sum, by 2^64 over the golden ratio. */
static size_t place_of(enum record_type t, const uint8_t *at, size_t n)
{
	uint64_t sum = (uint64_t)t << 32 | n, word;

	for (; n > 0; at += sizeof(word)) {
		size_t step = n < sizeof(word) ? n : sizeof(word);

		word = 0;
		memcpy(&word, at, step);
		sum = (sum ^ word) * UINT64_C(0x9E3779B97F4A7C15);
		sum ^= sum >> 29;
		n -= step;
	}
	return (size_t)(sum >> 40) & (PLACES - 1);
}

void body_memo_hash(struct body_memo *m, enum record_type t, const void *cbor, size_t n,
		    uint8_t out[BODY_HASH_SIZE])
{
	struct place *p;

	if (!m || n == 0 || n > BYTES_MAX) {
		body_hash(t, cbor, n, out);
		return;
	}
	p = &m->places[place_of(t, cbor, n)];
	if (p->length != n || p->type != (uint8_t)t || memcmp(p->bytes, cbor, n) != 0) {
		body_hash(t, cbor, n, p->hash);
		p->length = (uint16_t)n;
		p->type = (uint8_t)t;
		memcpy(p->bytes, cbor, n);
	}
	memcpy(out, p->hash, BODY_HASH_SIZE);
}
