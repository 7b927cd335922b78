/*
 * same_evaluate < FILE: builds the catalog, evaluates each cart, and writes the results as deterministic
 * CBOR. Whatever the compiler, its options and the width of a pointer, the bytes have to be the same. See
 * tests/same/check.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cart_json.h"
#include "cbor.h"
#include "same.h"
#include "snapshot.h"

#define BODY_MAX (1U << 20)

struct run {
	struct builder *builder;
	struct snapshot *snapshot;
	uint8_t body[BODY_MAX];
	struct buf result;
};

static void must(enum err e, const struct why *why)
{
	if (!e)
		return;
	fprintf(stderr, "same_evaluate: %s: %s\n", err_name(e), why ? why->text : "");
	exit(1);
}

static void add_record(struct run *r, enum record_type type, size_t n)
{
	struct arena arena = ARENA_EMPTY;
	struct record record;
	struct why why = {0};

	must(record_decode(type, r->body, n, &arena, &record, &why), &why);
	must(builder_add(r->builder, &record, 0, &why), &why);
	arena_free(&arena);
}

/* Every reason is judged too: more of the engine has to agree. */
static void evaluate(struct run *r, const struct engine_cart *cart)
{
	const struct catalog *c = snapshot_catalog(r->snapshot);
	size_t size = engine_room_size(c, cart->count);
	void *room = malloc(size);
	struct engine_result result;
	uint32_t bad_line;

	must(room ? engine_evaluate(c, cart, room, size, &result, &bad_line) : ERR_MEMORY, NULL);
	buf_cut(&r->result, 0);
	must(evaluation_to_cbor(c, &result, &r->result), NULL);
	fwrite(buf_front(&r->result), buf_length(&r->result), 1, stdout);
	free(room);
}

static void take_cart(struct run *r, size_t n)
{
	struct cborr in = cborr_over(r->body, n);
	struct arena arena = ARENA_EMPTY;
	struct cart_record record;
	struct engine_cart cart;
	struct why why = {0};

	if (!r->snapshot)
		must(builder_finish(r->builder, 1, &r->snapshot, &why), &why);
	must(record_from_cbor(&cart_schema, &in, &arena, &record, &why), &why);
	must(cart_resolve(r->snapshot, &record, 0, &arena, &cart, &why), &why);
	evaluate(r, &cart);
	cart.context.every_reason = true;
	evaluate(r, &cart);
	arena_free(&arena);
}

static size_t length_of(const uint8_t *head)
{
	size_t n = head[1] | (size_t)head[2] << 8 | (size_t)head[3] << 16 | (size_t)head[4] << 24;

	if (n <= BODY_MAX)
		return n;
	fprintf(stderr, "same_evaluate: a record of %zu bytes\n", n);
	exit(1);
}

int main(void)
{
	static struct run r;
	uint8_t head[SAME_HEAD];

	buf_init(&r.result, 1 << 20);
	must(builder_new(true, &r.builder), NULL);
	while (fread(head, sizeof(head), 1, stdin) == 1) {
		size_t n = length_of(head);

		if (fread(r.body, 1, n, stdin) != n)
			must(ERR_CORRUPT, NULL);
		if (head[0] == SAME_CART)
			take_cart(&r, n);
		else
			add_record(&r, (enum record_type)head[0], n);
	}
	snapshot_unref(r.snapshot);
	builder_free(r.builder);
	buf_free(&r.result);
	return fflush(stdout) || ferror(stdout);
}
