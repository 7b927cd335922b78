/*
 * The model and its records. See change_model.h.
 */
#include "change_model.h"

#include <stdio.h>
#include <string.h>

static const char *text(struct arena *a, const char *prefix, unsigned n)
{
	char out[32];
	int length = snprintf(out, sizeof(out), "%s%03u", prefix, n);

	return arena_text(a, out, (size_t)length);
}

static const char *or_none(struct arena *a, const char *prefix, unsigned n)
{
	return n ? text(a, prefix, n) : NULL;
}

static struct list one(struct arena *a, const char *name)
{
	const char **at = arena_get(a, sizeof(*at));

	*at = name;
	return (struct list){at, 1};
}

/* A GTIN-12 of its own for each article. GS1 General Specifications 7.9: weights 3 and 1, from the left. */
static const char *gtin_of(unsigned i, struct arena *a)
{
	char digits[16];
	unsigned sum = 0;

	snprintf(digits, sizeof(digits), "2%06u0000", i);
	for (unsigned k = 0; k < 11; k++)
		sum += (unsigned)(digits[k] - '0') * (k % 2 ? 1 : 3);
	digits[11] = (char)('0' + (10 - sum % 10) % 10);
	return arena_text(a, digits, 12);
}

/* Every other article has a cost that waits. */
static struct money in_review(int64_t name)
{
	struct money cost = {3 * name};

	return name % 2 ? cost : MONEY_NONE;
}

static struct record item_record(const struct model *m, unsigned i, struct arena *a)
{
	const struct model_item *item = &m->items[i];
	const char **tags = arena_get(a, TAGS * sizeof(*tags));
	size_t count = 0;

	for (unsigned k = 0; k < TAGS; k++)
		if (item->tags >> k & 1)
			tags[count++] = text(a, "tag", k);
	return (struct record){
		.type = RECORD_ITEM,
		.as.item = {.sku = text(a, "SKU", i),
			    .name = text(a, "name", item->name),
			    .gtins = one(a, gtin_of(i, a)),
			    .tags = {count ? tags : NULL, count},
			    .category = or_none(a, "category", item->category),
			    .brand = or_none(a, "brand", item->brand),
			    .supplier = or_none(a, "supplier", item->supplier),
			    .tax = or_none(a, "tax", item->tax),
			    .cost = {item->name},
			    .logistics = MONEY_NONE,
			    .cost_in_review = in_review(item->name)},
	};
}

struct record model_price(const struct model *m, unsigned i, unsigned list, struct arena *a)
{
	return (struct record){.type = RECORD_PRICE,
			       .as.price = {.list = text(a, "list", list),
					    .sku = text(a, "SKU", i),
					    .price = {m->items[i].price[list]}}};
}

struct record model_promotion(const struct model *m, unsigned n, struct arena *a)
{
	const struct model_promotion *p = &m->promotions[n];
	struct record_selector *select = arena_get(a, sizeof(*select));
	struct record_terms *except = arena_get(a, sizeof(*except));
	struct record_give *give = arena_get(a, sizeof(*give));
	struct record_who *who = arena_get(a, sizeof(*who));
	struct record_stacking *stacking = arena_get(a, sizeof(*stacking));

	*give = (struct record_give){.kind = p->kind % 2,
				     .select = select,
				     .percent = {p->kind % 2 ? AMOUNT_NONE : 100000},
				     .amount = {p->kind % 2 ? 75 : AMOUNT_NONE},
				     .per = p->kind % 2 ? 1 : AMOUNT_NONE,
				     RECORD_GIVE_REST};
	select->price_from = select->price_to = MONEY_NONE;
	select->on_sale = select->discountable = AMOUNT_NONE;
	if (p->category)
		select->categories = one(a, text(a, "category", p->category));
	if (p->item)
		select->skus = one(a, text(a, "SKU", p->item));
	if (p->brand)
		select->brands = one(a, text(a, "brand", p->brand));
	if (p->tag) {
		except->tags = one(a, text(a, "tag", p->tag));
		select->except = except;
	}
	if (p->segment)
		who->segments = one(a, text(a, "segment", p->segment));
	*stacking = (struct record_stacking){.stackable = p->stackable, .priority = p->priority};
	return (struct record){
		.type = RECORD_PROMOTION,
		.as.promotion = {.id = text(a, "promotion", n),
				 .name = text(a, "promotion", n),
				 .status = PROMOTION_ACTIVE,
				 .who = p->segment ? who : NULL,
				 .gives = {give, 1},
				 .stacking = stacking},
	};
}

static void add(struct builder *b, struct record r)
{
	struct why why;

	if (builder_add(b, &r, 0, &why))
		fail_msg("%s", why.text);
}

/* What does not change: the book, taxes, categories, lists, and names that somebody always speaks of. */
static void add_frame(struct builder *b, struct arena *a)
{
	const struct stamp open = {.seconds = AMOUNT_NONE};

	add(b, (struct record){.type = RECORD_BOOK,
			       .as.book = {.id = "model", .currency = "EUR", .semantics = 1, .tax = 1}});
	for (unsigned i = 1; i <= 2; i++)
		add(b, (struct record){.type = RECORD_TAX,
				       .as.tax = {.id = text(a, "tax", i),
						  .rate = {INT64_C(70000) * i},
						  .amount = MONEY_NONE}});
	for (unsigned i = 1; i <= CATEGORIES; i++)
		add(b, (struct record){.type = RECORD_CATEGORY,
				       .as.category = {.id = text(a, "category", i),
						       .parent = or_none(a, "category", i / 2)}});
	for (unsigned i = 0; i < LISTS; i++) {
		struct record_price_list list = {
			.id = text(a, "list", i), .rank = i, .from = open, .to = open};
		if (i)
			list.segments = one(a, text(a, "segment", i));
		add(b, (struct record){.type = RECORD_PRICE_LIST, .as.price_list = list});
	}
}

struct snapshot *model_build(const struct model *m, uint64_t version)
{
	struct arena a = ARENA_EMPTY;
	struct snapshot *s;
	struct builder *b;
	struct why why;

	assert_int_equal(builder_new(false, &b), ERR_OK);
	add_frame(b, &a);
	for (unsigned i = 0; i < ITEMS; i++) {
		add(b, item_record(m, i, &a));
		for (unsigned list = 0; list < LISTS; list++)
			if (m->items[i].price[list] != AMOUNT_NONE)
				add(b, model_price(m, i, list, &a));
	}
	for (unsigned i = 0; i < PROMOTIONS; i++)
		if (m->promotions[i].there)
			add(b, model_promotion(m, i, &a));
	if (builder_finish(b, version, &s, &why))
		fail_msg("%s", why.text);
	builder_free(b);
	arena_free(&a);
	return s;
}

unsigned model_below(uint64_t *seed, unsigned n)
{
	return (unsigned)(seed_next(seed) >> 33) % n;
}

static void random_item(struct model_item *item, uint64_t *seed)
{
	item->name = model_below(seed, 1000);
	item->category = model_below(seed, CATEGORIES + 1);
	item->brand = model_below(seed, BRANDS + 1);
	item->supplier = model_below(seed, SUPPLIERS + 1);
	item->tags = model_below(seed, 1u << TAGS);
	item->tax = model_below(seed, 3);
}

static void random_promotion(struct model_promotion *p, uint64_t *seed)
{
	*p = (struct model_promotion){
		.there = true,
		.kind = model_below(seed, 2),
		.category = model_below(seed, 2) ? model_below(seed, CATEGORIES + 1) : 0,
		.item = model_below(seed, 3) == 0 ? model_below(seed, ITEMS) : 0,
		.brand = model_below(seed, 3) == 0 ? model_below(seed, BRANDS + 1) : 0,
		.tag = model_below(seed, 3) == 0 ? model_below(seed, TAGS) : 0,
		.segment = model_below(seed, 3) == 0 ? model_below(seed, SEGMENTS) : 0,
		.priority = model_below(seed, 3),
		.stackable = model_below(seed, 2),
	};
}

/* The first articles speak of every name there is, and never change. */
void model_fill(struct model *m, uint64_t *seed)
{
	*m = (struct model){0};
	for (unsigned i = 0; i < ITEMS; i++) {
		random_item(&m->items[i], seed);
		for (unsigned list = 0; list < LISTS; list++)
			m->items[i].price[list] =
				list && model_below(seed, 2) ? AMOUNT_NONE : model_below(seed, 5000);
		if (i <= CATEGORIES)
			m->items[i] = (struct model_item){.brand = i % (BRANDS + 1),
							  .supplier = i % (SUPPLIERS + 1),
							  .tags = (1u << TAGS) - 1,
							  .price = {100, AMOUNT_NONE, AMOUNT_NONE}};
	}
	for (unsigned i = 0; i < PROMOTIONS; i++)
		if (i < SEGMENTS) {
			random_promotion(&m->promotions[i], seed);
			m->promotions[i].segment = i;
		}
}

/* One random change, to the model and as a change. Promotions that keep segments alive stay. */
struct change model_step(struct model *m, uint64_t *seed, struct arena *a)
{
	unsigned i = CATEGORIES + 1 + model_below(seed, ITEMS - CATEGORIES - 1),
		 list = model_below(seed, LISTS);
	unsigned n = SEGMENTS + model_below(seed, PROMOTIONS - SEGMENTS), what = model_below(seed, 20);
	struct change c = {0};

	if (what == 0) {
		random_item(&m->items[i], seed);
		c.record = item_record(m, i, a);
	} else if (what == 1) {
		random_promotion(&m->promotions[n], seed);
		c.record = model_promotion(m, n, a);
	} else if (what == 2) {
		m->promotions[n].there = false;
		c = (struct change){true, model_promotion(m, n, a)};
	} else if (what < 6 && list) {
		m->items[i].price[list] = AMOUNT_NONE;
		c = (struct change){true, model_price(m, i, list, a)};
	} else {
		m->items[i].price[list] = model_below(seed, 5000);
		c.record = model_price(m, i, list, a);
	}
	return c;
}
