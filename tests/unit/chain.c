#include "chain.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void chain_add_body(struct chain *c, int64_t version, int64_t kind, struct bytes body)
{
	static const struct chain_place nothing;
	const struct chain_place *before = c->count > 0 ? &c->at[c->count - 1] : &nothing;
	struct chain_place *place = &c->at[c->count];
	size_t start = buf_length(&c->bytes);
	bool starts = kind == EVENT_START;
	const struct event_envelope e = {
		.version = version,
		.box = c->box,
		.segment = starts ? place->segment : before->segment,
		.sequence = starts ? 1 : before->sequence + 1,
		.kind = kind,
		.at_ms = 1795255200000 + c->salt,
		.previous = {before->hash.bytes, DIGEST_SIZE},
		.body = body,
	};
	enum err err = event_encode(&e, &c->bytes);

	assert(!err && c->count < CHAIN_MAX);
	(void)err;
	place->segment = e.segment;
	place->sequence = e.sequence;
	c->ends[++c->count] = buf_length(&c->bytes);
	event_hash(buf_front(&c->bytes) + start, buf_length(&c->bytes) - start, &place->hash);
}

static void add_start(struct chain *c, int64_t segment)
{
	const struct chain_place *before = c->count > 0 ? &c->at[c->count - 1] : NULL;
	const struct event_start start = {
		.previous_segment = before ? before->segment : 0,
		.previous_sequence = before ? before->sequence : 0,
		.program = "tilld 0.1.0",
	};
	struct cborw w;
	struct buf b;
	enum err e;

	buf_init(&b, 1024);
	cborw_begin(&w, &b);
	record_to_cbor(&event_start_schema, &start, &w);
	e = cborw_end(&w);
	assert(!e);
	(void)e;
	c->at[c->count].segment = segment;
	chain_add_body(c, EVENT_VERSION, EVENT_START, (struct bytes){buf_front(&b), buf_length(&b)});
	buf_free(&b);
}

void chain_new(struct chain *c, const char *box, int64_t salt)
{
	memset(c, 0, sizeof(*c));
	snprintf(c->box, sizeof(c->box), "%s", box);
	buf_init(&c->bytes, 8U << 20);
	c->salt = salt;
	add_start(c, 1);
}

void chain_free(struct chain *c)
{
	buf_free(&c->bytes);
}

void chain_add(struct chain *c, int64_t kind)
{
	static const uint8_t body[] = {0xa1, 1, 1};

	chain_add_body(c, EVENT_VERSION, kind, (struct bytes){body, sizeof(body)});
}

void chain_start(struct chain *c)
{
	add_start(c, c->at[c->count - 1].segment + 1);
}

void chain_restore(struct chain *c, size_t n, int64_t segment)
{
	c->count = n;
	buf_cut(&c->bytes, c->ends[n]);
	add_start(c, segment);
}

struct bytes chain_part(const struct chain *c, size_t first, size_t n)
{
	return (struct bytes){buf_front(&c->bytes) + c->ends[first], c->ends[first + n] - c->ends[first]};
}
