/*
 * extract_same BOOK CARTS: evaluates each cart of a file against the whole book and again against the extract
 * of that evaluation alone. The results must be the same bytes (docs/engine.md, "Extracts"); prints how many
 * were.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cart_json.h"
#include "evaluate_file.h"
#include "extract.h"

#define RESULT_MAX (1 << 20)

/* The cart evaluated against the extract's catalog, as CBOR. */
static enum err evaluate_again(const struct evaluation *e, const struct catalog *c, struct arena *a,
			       struct buf *out)
{
	size_t size = engine_room_size(c, e->cart->count);
	void *room = malloc(size);
	struct engine_cart moved;
	struct engine_result result;
	uint32_t bad_line;
	enum err rc = room ? extract_cart(e->catalog, e->cart, c, a, &moved) : ERR_MEMORY;

	if (!rc)
		rc = engine_evaluate(c, &moved, room, size, &result, &bad_line);
	if (!rc)
		rc = evaluation_to_cbor(c, &result, out);
	free(room);
	return rc;
}

static enum err compare(const struct evaluation *e, struct arena *a, struct buf *whole, struct buf *part,
			struct why *why)
{
	struct extract extract;
	struct snapshot *opened;
	enum err rc = evaluation_to_cbor(e->catalog, e->result, whole);

	if (!rc)
		rc = extract_take(e->catalog, e->cart, e->result, NULL, a, &extract);
	if (!rc)
		rc = extract_open(&extract, &opened, why);
	if (rc)
		return rc;
	rc = evaluate_again(e, snapshot_catalog(opened), a, part);
	snapshot_unref(opened);
	if (rc)
		return fail(why, rc, "the extract cannot be evaluated: %s", err_name(rc));
	if (buf_length(whole) != buf_length(part) ||
	    memcmp(buf_front(whole), buf_front(part), buf_length(whole)) != 0)
		return fail(why, ERR_CORRUPT, "the extract gives another result than the catalog");
	return ERR_OK;
}

static enum err check(const struct evaluation *e, void *arg, struct why *why)
{
	struct arena arena = ARENA_EMPTY;
	struct buf whole, part;
	unsigned *same = arg;
	enum err rc;

	buf_init(&whole, RESULT_MAX);
	buf_init(&part, RESULT_MAX);
	rc = compare(e, &arena, &whole, &part, why);
	if (!rc)
		(*same)++;
	buf_free(&whole);
	buf_free(&part);
	arena_free(&arena);
	return rc;
}

int main(int argc, char **argv)
{
	unsigned same = 0;
	struct why why = {0};

	if (argc != 3) {
		fprintf(stderr, "usage: extract_same BOOK CARTS\n");
		return 2;
	}
	for (int every_reason = 0; every_reason <= 1; every_reason++) {
		if (evaluate_files(argv[1], argv[2], AMOUNT_NONE, every_reason, check, &same, &why)) {
			fprintf(stderr, "extract_same: %s\n", why.text);
			return 1;
		}
	}
	printf("%u\n", same);
	return 0;
}
