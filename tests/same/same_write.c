/*
 * same_write BOOK CARTS > FILE: a price book and carts, one a line, without their JSON, so that
 * `same_evaluate` can be built for machines for which there is no JSON library at hand. See tests/same/check.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cart_json.h"
#include "cbor.h"
#include "same.h"
#include "snapshot.h"

#define BODY_MAX (1U << 20)

static void put(uint8_t kind, const struct buf *body)
{
	uint32_t n = (uint32_t)buf_length(body);
	const uint8_t head[SAME_HEAD] = {kind, (uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16),
					 (uint8_t)(n >> 24)};

	fwrite(head, sizeof(head), 1, stdout);
	fwrite(buf_front(body), n, 1, stdout);
}

struct run {
	struct buf body;
	unsigned exponent;
};

static enum err write_record(const struct record *r, uint32_t line, void *arg, struct why *why)
{
	struct run *run = arg;

	(void)line;
	buf_cut(&run->body, 0);
	if (r->type == RECORD_BOOK)
		run->exponent = book_exponent(&r->as.book);
	if (record_encode(r, &run->body))
		return fail(why, ERR_LIMIT, "the record is too long");
	put((uint8_t)r->type, &run->body);
	return ERR_OK;
}

static enum err write_cart(struct run *run, const json_t *json, struct arena *a, struct why *why)
{
	const struct record_context context = {.exponent = run->exponent};
	struct cart_record cart;
	struct cborw w;
	enum err e = record_from_json(&cart_schema, json, NULL, &context, a, &cart, why);

	if (e)
		return e;
	buf_cut(&run->body, 0);
	cborw_begin(&w, &run->body);
	record_to_cbor(&cart_schema, &cart, &w);
	e = cborw_end(&w);
	if (!e)
		put(SAME_CART, &run->body);
	return e;
}

static enum err write_carts(struct run *run, FILE *f, struct why *why)
{
	json_error_t error;
	json_t *json;
	enum err e = ERR_OK;

	while (!e && (json = json_loadf(f, JSON_DISABLE_EOF_CHECK, &error)) != NULL) {
		struct arena arena = ARENA_EMPTY;

		e = write_cart(run, json, &arena, why);
		arena_free(&arena);
		json_decref(json);
	}
	return e;
}

int main(int argc, char **argv)
{
	struct run run = {0};
	struct why why = {0};
	FILE *carts = argc == 3 ? fopen(argv[2], "re") : NULL;

	if (!carts) {
		fprintf(stderr, "usage: same_write BOOK CARTS > FILE\n");
		return 2;
	}
	buf_init(&run.body, BODY_MAX);
	if (book_read(argv[1], write_record, NULL, &run, &why) || write_carts(&run, carts, &why)) {
		fprintf(stderr, "same_write: %s\n", why.text);
		return 1;
	}
	fclose(carts);
	buf_free(&run.body);
	return fflush(stdout) || ferror(stdout);
}
