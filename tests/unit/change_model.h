/*
 * A model of a price book, of which both a change and a whole build are made.
 */
#ifndef TILL_CHANGE_MODEL_H
#define TILL_CHANGE_MODEL_H

#include "unit.h"

#include "small_book.h"

enum {
	ITEMS = 520,
	LISTS = 3,
	CATEGORIES = 5,
	BRANDS = 4,
	TAGS = 4,
	SUPPLIERS = 3,
	SEGMENTS = 3,
	PROMOTIONS = 12
};

struct model_item {
	unsigned name, category, brand, supplier, tags, tax; /* 0: none; tags: a bit each */
	int64_t price[LISTS];				     /* AMOUNT_NONE: none */
};

struct model_promotion {
	bool there;
	unsigned kind, category, item, brand, tag, segment, priority;
	bool stackable;
};

struct model {
	struct model_item items[ITEMS];
	struct model_promotion promotions[PROMOTIONS];
};

unsigned model_below(uint64_t *seed, unsigned n); /* a number below n */

/* A random book, and what it looks like as a snapshot of that version. */
void model_fill(struct model *m, uint64_t *seed);
struct snapshot *model_build(const struct model *m, uint64_t version);

/* Records as the model has them, in the arena. */
struct record model_price(const struct model *m, unsigned i, unsigned list, struct arena *a);
struct record model_promotion(const struct model *m, unsigned n, struct arena *a);

/* One random change, to the model and as a change, in the arena. */
struct change model_step(struct model *m, uint64_t *seed, struct arena *a);

#endif
