/*
 * Extracts: of a catalog, the records that one evaluation could have seen, so that it can be done again when
 * the catalog is gone (docs/engine.md, "Extracts").
 *
 * An extract is a list of bodies: a record's type and its CBOR. Articles are without their GTINs: the cart
 * knows which article was meant. Bodies that many decisions share (articles, promotions, lists, taxes,
 * categories, the book) are meant to be kept once, by their hash: the first 16 bytes of SHA-256(type in one
 * byte, SHA-256(CBOR)). Price rows are small and change often, so they are kept with the decision.
 */
#ifndef TILL_EXTRACT_H
#define TILL_EXTRACT_H

#include "engine.h"
#include "records.h"
#include "snapshot.h"

#define BODY_HASH_SIZE 16

struct body {
	enum record_type type;
	const uint8_t *cbor;
	size_t length;
	uint8_t hash[BODY_HASH_SIZE];
};

struct extract {
	const struct body *bodies; /* sorted by type, then key; the book first */
	size_t count;
	uint64_t version; /* of the catalog it is of, and so of the one it is opened as; 0: unknown */
};

struct body_memo;

/*
 * What the evaluation of cart against c could have seen: its articles with all their price rows, the lists,
 * taxes and categories those name, the book, and every promotion with a verdict in r. In the arena. The memo
 * (body_memo.h) makes it cheaper for who takes many; NULL is fine.
 */
enum err extract_take(const struct catalog *c, const struct engine_cart *cart, const struct engine_result *r,
		      struct body_memo *memo, struct arena *a, struct extract *out) MUST_CHECK;

/* A catalog of the extract's records alone. */
enum err extract_open(const struct extract *e, struct snapshot **out, struct why *why) MUST_CHECK;

/*
 * The cart again, against the extract's catalog: article, store, channel, segment and promotion ids are
 * translated by name from c's to the extract's. In the arena.
 */
enum err extract_cart(const struct catalog *c, const struct engine_cart *cart, const struct catalog *extract,
		      struct arena *a, struct engine_cart *out) MUST_CHECK;

void body_hash(enum record_type t, const void *cbor, size_t n, uint8_t out[BODY_HASH_SIZE]);

#endif
