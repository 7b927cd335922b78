/*
 * What the files of extract_take share. Private to them.
 */
#ifndef TILL_EXTRACT_PARTS_H
#define TILL_EXTRACT_PARTS_H

#include "body_memo.h"

struct taking {
	const struct catalog *catalog;
	const struct engine_cart *cart;
	const struct engine_result *result;
	struct body_memo *memo;
	struct arena *arena;
	struct buf encoded;
	uint32_t *items; /* of the cart, ascending, once each */
	uint32_t item_count;
	bool *taxes, *categories, *lists; /* which ones are needed */
	uint32_t *rules;		  /* that may move a price of them, ascending, once each */
	uint32_t rule_count;
	struct body *bodies;
	size_t count, size;
};

enum err extract_add(struct taking *t, const struct record *r) MUST_CHECK;

/* Names by their ids; NULL for CATALOG_NONE. Texts in the arena: false, memory is short. */
const char *extract_name(const struct names *names, uint32_t id);
bool extract_texts(struct taking *t, const struct names *names, const struct ids *ids, struct list *out);

/* extract_goods.c: articles, lists and prices; then their signals. */
enum err extract_priced(struct taking *t) MUST_CHECK;
enum err extract_signals(struct taking *t) MUST_CHECK;

#endif
