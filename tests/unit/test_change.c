/*
 * Later versions of a snapshot: what they share with the one before, what they leave to a whole build, and
 * that after thousands of random changes they look and price like a whole build of the same records.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cart_json.h"
#include "small_book.h"

#define NOW 1792576800 /* 2026-10-21T10:00:00Z */

/* An evaluation as CBOR, in out. */
static void evaluate(const struct catalog *c, const struct engine_cart *cart, struct buf *out)
{
	size_t size = engine_room_size(c, cart->count);
	struct engine_result r;
	uint32_t bad_line;
	void *room = malloc(size);

	assert_non_null(room);
	assert_int_equal(engine_evaluate(c, cart, room, size, &r, &bad_line), ERR_OK);
	buf_cut(out, 0);
	assert_int_equal(evaluation_to_cbor(c, &r, out), ERR_OK);
	free(room);
}

static void assert_same_bytes(const struct buf *a, const struct buf *b)
{
	assert_int_equal(buf_length(a), buf_length(b));
	assert_memory_equal(buf_front(a), buf_front(b), buf_length(a));
}

/* ---- a model of a book, of which both a change and a whole build are made ---- */

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
			    .cost_in_review = item->name % 2 ? (struct money){item->name * 3} : MONEY_NONE},
	};
}

static struct record price_record(const struct model *m, unsigned i, unsigned list, struct arena *a)
{
	return (struct record){.type = RECORD_PRICE,
			       .as.price = {.list = text(a, "list", list),
					    .sku = text(a, "SKU", i),
					    .price = {m->items[i].price[list]}}};
}

static struct record promotion_record(const struct model *m, unsigned n, struct arena *a)
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

static struct snapshot *whole(const struct model *m, uint64_t version)
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
				add(b, price_record(m, i, list, &a));
	}
	for (unsigned i = 0; i < PROMOTIONS; i++)
		if (m->promotions[i].there)
			add(b, promotion_record(m, i, &a));
	if (builder_finish(b, version, &s, &why))
		fail_msg("%s", why.text);
	builder_free(b);
	arena_free(&a);
	return s;
}

static unsigned below(uint64_t *seed, unsigned n)
{
	return (unsigned)(seed_next(seed) >> 33) % n;
}

static void random_item(struct model_item *item, uint64_t *seed)
{
	item->name = below(seed, 1000);
	item->category = below(seed, CATEGORIES + 1);
	item->brand = below(seed, BRANDS + 1);
	item->supplier = below(seed, SUPPLIERS + 1);
	item->tags = below(seed, 1u << TAGS);
	item->tax = below(seed, 3);
}

static void random_promotion(struct model_promotion *p, uint64_t *seed)
{
	*p = (struct model_promotion){
		.there = true,
		.kind = below(seed, 2),
		.category = below(seed, 2) ? below(seed, CATEGORIES + 1) : 0,
		.item = below(seed, 3) == 0 ? below(seed, ITEMS) : 0,
		.brand = below(seed, 3) == 0 ? below(seed, BRANDS + 1) : 0,
		.tag = below(seed, 3) == 0 ? below(seed, TAGS) : 0,
		.segment = below(seed, 3) == 0 ? below(seed, SEGMENTS) : 0,
		.priority = below(seed, 3),
		.stackable = below(seed, 2),
	};
}

/* The first articles speak of every name there is, and never change. */
static void fill(struct model *m, uint64_t *seed)
{
	*m = (struct model){0};
	for (unsigned i = 0; i < ITEMS; i++) {
		random_item(&m->items[i], seed);
		for (unsigned list = 0; list < LISTS; list++)
			m->items[i].price[list] = list && below(seed, 2) ? AMOUNT_NONE : below(seed, 5000);
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
static struct change step(struct model *m, uint64_t *seed, struct arena *a)
{
	unsigned i = CATEGORIES + 1 + below(seed, ITEMS - CATEGORIES - 1), list = below(seed, LISTS);
	unsigned n = SEGMENTS + below(seed, PROMOTIONS - SEGMENTS), what = below(seed, 20);
	struct change c = {0};

	if (what == 0) {
		random_item(&m->items[i], seed);
		c.record = item_record(m, i, a);
	} else if (what == 1) {
		random_promotion(&m->promotions[n], seed);
		c.record = promotion_record(m, n, a);
	} else if (what == 2) {
		m->promotions[n].there = false;
		c = (struct change){true, promotion_record(m, n, a)};
	} else if (what < 6 && list) {
		m->items[i].price[list] = AMOUNT_NONE;
		c = (struct change){true, price_record(m, i, list, a)};
	} else {
		m->items[i].price[list] = below(seed, 5000);
		c.record = price_record(m, i, list, a);
	}
	return c;
}

/* ---- comparing ---- */

static const char *named(const struct names *names, uint32_t id)
{
	return id == CATALOG_NONE ? "" : names->at[id];
}

static void assert_same_item(const struct catalog *c, const struct catalog *d, uint32_t i)
{
	const struct item *x = catalog_item(c, i), *y = catalog_item(d, i);
	uint32_t found = CATALOG_NONE;

	assert_string_equal(catalog_sku(c, i), catalog_sku(d, i));
	assert_string_equal(catalog_name(c, i), catalog_name(d, i));
	assert_int_equal(x->category, y->category);
	assert_string_equal(named(&c->brands, x->brand), named(&d->brands, y->brand));
	assert_string_equal(named(&c->suppliers, x->supplier), named(&d->suppliers, y->supplier));
	assert_int_equal(x->tax, y->tax);
	assert_int_equal(x->cost.minor, y->cost.minor);
	assert_int_equal(x->gtins, y->gtins);
	assert_int_equal(x->tags, y->tags);
	for (unsigned k = 0; k < x->tags; k++)
		assert_string_equal(c->tags.at[catalog_tags(c, i)[k]], d->tags.at[catalog_tags(d, i)[k]]);
	assert_int_equal(x->prices, y->prices);
	for (unsigned k = 0; k < x->prices; k++) {
		assert_int_equal(catalog_prices(c, i)[k].list, catalog_prices(d, i)[k].list);
		assert_int_equal(catalog_prices(c, i)[k].price.minor, catalog_prices(d, i)[k].price.minor);
	}
	assert_int_equal(catalog_find_sku(c, catalog_sku(d, i), &found), ERR_OK);
	assert_int_equal(found, i);
}

static void assert_same_catalog(const struct catalog *c, const struct catalog *d)
{
	assert_int_equal(c->version, d->version);
	assert_int_equal(c->item_count, d->item_count);
	assert_int_equal(c->promotion_count, d->promotion_count);
	for (uint32_t i = 0; i < c->item_count; i++)
		assert_same_item(c, d, i);
	for (uint32_t i = 0; i < c->promotion_count; i++) {
		assert_string_equal(c->promotions[i].id, d->promotions[i].id);
		assert_int_equal(c->promotions[i].body_length, d->promotions[i].body_length);
		assert_memory_equal(c->promotions[i].body, d->promotions[i].body,
				    c->promotions[i].body_length);
	}
}

enum { LINES = 8 };

/* The same cart against any version: articles have their places for good. */
static struct engine_cart random_cart(const struct catalog *c, struct engine_line lines[LINES],
				      uint32_t *segment, uint64_t *seed)
{
	for (unsigned i = 0; i < LINES; i++)
		lines[i] = (struct engine_line){.item = below(seed, ITEMS),
						.quantity = {(1 + below(seed, 3)) * INT64_C(1000000)},
						.given = MONEY_NONE,
						.locked = MONEY_NONE};
	char name[] = "segment001";
	name[9] = (char)('0' + below(seed, SEGMENTS + 1));
	*segment = catalog_id(&c->segments, name);
	return (struct engine_cart){
		.lines = lines,
		.count = LINES,
		.context = {.now_s = NOW,
			    .store = CATALOG_NONE,
			    .channel = CATALOG_NONE,
			    .segments = {segment, *segment != CATALOG_NONE},
			    .every_reason = below(seed, 2)},
	};
}

/* An old version that somebody still has, and what a cart cost by it. */
struct pinned {
	struct snapshot *snapshot;
	struct engine_line lines[LINES];
	struct buf paid;
};

static struct engine_cart guest_cart(const struct pinned *p)
{
	return (struct engine_cart){
		p->lines, LINES, {.now_s = NOW, .store = CATALOG_NONE, .channel = CATALOG_NONE}};
}

static void let_go(struct pinned *p)
{
	struct buf again;

	if (!p->snapshot)
		return;
	struct engine_cart cart = guest_cart(p);
	buf_init(&again, 1 << 20);
	evaluate(snapshot_catalog(p->snapshot), &cart, &again);
	assert_same_bytes(&again, &p->paid);
	buf_free(&again);
	buf_free(&p->paid);
	snapshot_unref(p->snapshot);
	*p = (struct pinned){0};
}

static void pin(struct pinned *p, struct snapshot *s, uint64_t *seed)
{
	uint32_t segment;

	let_go(p);
	p->snapshot = snapshot_ref(s);
	buf_init(&p->paid, 1 << 20);
	random_cart(snapshot_catalog(s), p->lines, &segment, seed);
	struct engine_cart cart = guest_cart(p);
	evaluate(snapshot_catalog(s), &cart, &p->paid);
}

static void assert_same_price(const struct catalog *c, const struct catalog *d, uint64_t *seed)
{
	uint64_t again = *seed;
	struct engine_line lines[LINES];
	struct buf x, y;
	uint32_t segment;

	buf_init(&x, 1 << 20);
	buf_init(&y, 1 << 20);
	struct engine_cart cart = random_cart(c, lines, &segment, seed);
	evaluate(c, &cart, &x);
	cart = random_cart(d, lines, &segment, &again);
	evaluate(d, &cart, &y);
	assert_same_bytes(&x, &y);
	buf_free(&x);
	buf_free(&y);
}

static void test_changes_are_a_whole_build(void **state)
{
	enum { STEPS = 3000, WHOLE_EVERY = 5, MOST = 8, PINNED = 5 };
	static struct model m;
	uint64_t seed = seed_start("changes_are_a_whole_build");
	struct pinned pinned[PINNED] = {0};
	struct arena arena = ARENA_EMPTY;
	struct change changes[MOST];
	struct why why;

	(void)state;
	fill(&m, &seed);
	struct snapshot *s = whole(&m, 1), *next;
	for (uint64_t version = 2; version < 2 + STEPS; version++) {
		size_t count = 1 + below(&seed, MOST);
		arena_reset(&arena);
		for (size_t i = 0; i < count; i++)
			changes[i] = step(&m, &seed, &arena);
		if (snapshot_change(s, changes, count, version, &next, &why))
			fail_msg("%s", why.text);
		if (below(&seed, 3) == 0)
			pin(&pinned[below(&seed, PINNED)], s, &seed);
		snapshot_unref(s);
		s = next;
		if (version % WHOLE_EVERY)
			continue;
		struct snapshot *w = whole(&m, version);
		assert_same_catalog(snapshot_catalog(s), snapshot_catalog(w));
		for (unsigned i = 0; i < 3; i++)
			assert_same_price(snapshot_catalog(s), snapshot_catalog(w), &seed);
		snapshot_unref(w);
	}
	snapshot_unref(s); /* the pinned ones outlive it */
	for (unsigned i = 0; i < PINNED; i++)
		let_go(&pinned[i]);
	arena_free(&arena);
}

/* ---- what is shared ---- */

static uint32_t pages_shared(const struct catalog *c, const struct catalog *d)
{
	uint32_t shared = 0;

	for (uint32_t i = 0; i < c->page_count; i++)
		shared += c->pages[i] == d->pages[i];
	return shared;
}

static void test_what_is_shared(void **state)
{
	/* ITEMS make three pages: SKU000 to 255, to 511, to 519. */
	static const struct {
		const char *what;
		unsigned prices[4]; /* articles whose price changes, up to a 0 */
		bool promotion, coupon;
		uint32_t shared;
	} rows[] = {
		{"nothing", {0}, false, false, 3},
		{"a price", {300}, false, false, 2},
		{"two prices of a page", {300, 301}, false, false, 2},
		{"prices of two pages", {300, 519, 511}, false, false, 1},
		{"a promotion", {0}, true, false, 3},
		{"both", {17}, true, false, 2},
		{"a coupon", {0}, false, true, 3},
	};
	static struct model m;
	uint64_t seed = 42;
	struct arena arena = ARENA_EMPTY;
	struct why why;

	(void)state;
	fill(&m, &seed);
	struct snapshot *s = whole(&m, 1), *next;
	const struct catalog *c = snapshot_catalog(s);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct change changes[6] = {0};
		size_t count = 0;

		print_message("%s\n", rows[i].what);
		for (; rows[i].prices[count]; count++)
			changes[count].record = price_record(&m, rows[i].prices[count], 0, &arena);
		if (rows[i].promotion)
			changes[count++].record = promotion_record(&m, 1, &arena);
		if (rows[i].coupon)
			changes[count++].record =
				(struct record){.type = RECORD_COUPON,
						.as.coupon = {.code = "C", .promotion = "promotion001"}};
		assert_int_equal(snapshot_change(s, changes, count, 2, &next, &why), ERR_OK);
		const struct catalog *d = snapshot_catalog(next);
		assert_int_equal(pages_shared(c, d), rows[i].shared);
		assert_int_equal(d->version, 2);
		assert_ptr_equal(d->gtin_slots, c->gtin_slots);
		assert_ptr_equal(d->sku_slots, c->sku_slots);
		assert_ptr_equal(d->categories, c->categories);
		assert_int_equal(d->promotions == c->promotions, !rows[i].promotion);
		snapshot_unref(next);
	}
	snapshot_unref(s);
	arena_free(&arena);
}

/* ---- what is not for a change ---- */

/* A line of a book as a change, in the arena. */
static struct change change_of(const char *line, bool removed, struct arena *a)
{
	struct change c = {.removed = removed};
	struct why why;

	if (record_parse_line(line, strlen(line), 2, a, &c.record, &why))
		fail_msg("%s: %s", line, why.text);
	return c;
}

static void test_left_to_a_whole_build(void **state)
{
	/* clang-format off */
	static const struct {
		bool removed;
		const char *line;
		enum err e;
	} rows[] = {
		/* taken away, record, error; of the small book */
		{false, "{\"type\":\"price\",\"list\":\"base\",\"sku\":\"PEN\",\"price\":\"3.00\"}", ERR_OK},
		{false, "{\"type\":\"price\",\"list\":\"base\",\"sku\":\"CAR\",\"price\":\"3.00\"}", ERR_STATE},
		{false, "{\"type\":\"price\",\"list\":\"sale\",\"sku\":\"PEN\",\"price\":\"3.00\"}", ERR_STATE},
		{true, "{\"type\":\"price\",\"list\":\"base\",\"sku\":\"CAR\",\"price\":\"3.00\"}", ERR_OK},
		{true, "{\"type\":\"price\",\"list\":\"sale\",\"sku\":\"PEN\",\"price\":\"3.00\"}", ERR_OK},
		{true, "{\"type\":\"price\",\"list\":\"app\",\"sku\":\"PEN\",\"price\":\"3.00\"}", ERR_OK},
		{false, "{\"type\":\"item\",\"sku\":\"PEN\",\"name\":\"P\",\"gtins\":[\"96385074\"]}", ERR_OK},
		{false, "{\"type\":\"item\",\"sku\":\"PEN\",\"name\":\"P\",\"gtins\":[\"00000096385074\"]}", ERR_OK},
		{false, "{\"type\":\"item\",\"sku\":\"PEN\",\"name\":\"P\"}", ERR_STATE},
		{false, "{\"type\":\"item\",\"sku\":\"PEN\",\"name\":\"P\",\"gtins\":[\"4006381333931\"]}", ERR_STATE},
		{false, "{\"type\":\"item\",\"sku\":\"PEN\",\"name\":\"P\",\"gtins\":[\"96385074\"],\"brand\":\"new\"}", ERR_STATE},
		{false, "{\"type\":\"item\",\"sku\":\"PEN\",\"name\":\"P\",\"gtins\":[\"96385074\"],\"tags\":[\"new\"]}", ERR_STATE},
		{false, "{\"type\":\"item\",\"sku\":\"PEN\",\"name\":\"P\",\"gtins\":[\"96385074\"],\"tax\":\"new\"}", ERR_STATE},
		{false, "{\"type\":\"item\",\"sku\":\"PEN\",\"name\":\"P\",\"gtins\":[\"96385074\"],\"category\":\"new\"}", ERR_STATE},
		{false, "{\"type\":\"item\",\"sku\":\"CAR\",\"name\":\"Car\"}", ERR_STATE},
		{true, "{\"type\":\"item\",\"sku\":\"PEN\",\"name\":\"P\"}", ERR_STATE},
		{true, "{\"type\":\"item\",\"sku\":\"CAR\",\"name\":\"Car\"}", ERR_OK},
		{false, "{\"type\":\"promotion\",\"id\":\"p\",\"name\":\"p\",\"gives\":[{\"kind\":\"percent\",\"percent\":5}]}", ERR_OK},
		{false, "{\"type\":\"promotion\",\"id\":\"p\",\"name\":\"p\",\"gives\":[{\"kind\":\"percent\",\"percent\":5,\"select\":{\"skus\":[\"CAR\"]}}]}", ERR_STATE},
		{false, "{\"type\":\"promotion\",\"id\":\"p\",\"name\":\"p\",\"gives\":[{\"kind\":\"percent\",\"percent\":5,\"select\":{\"brands\":[\"new\"]}}]}", ERR_STATE},
		{false, "{\"type\":\"promotion\",\"id\":\"p\",\"name\":\"p\",\"who\":{\"segments\":[\"new\"]},\"gives\":[{\"kind\":\"percent\",\"percent\":5}]}", ERR_STATE},
		{true, "{\"type\":\"promotion\",\"id\":\"p\",\"name\":\"p\",\"gives\":[{\"kind\":\"percent\",\"percent\":5}]}", ERR_OK},
		{false, "{\"type\":\"tax\",\"id\":\"vat\",\"rate\":\"20\"}", ERR_STATE},
		{false, "{\"type\":\"category\",\"id\":\"office\"}", ERR_STATE},
		{true, "{\"type\":\"price_list\",\"id\":\"app\"}", ERR_STATE},
		{false, "{\"type\":\"book\",\"id\":\"small\",\"currency\":\"EUR\"}", ERR_STATE},
		{true, "{\"type\":\"customer\",\"id\":\"17\"}", ERR_OK},
	};
	/* clang-format on */
	struct snapshot *s = small_snapshot(), *next = NULL;
	struct arena arena = ARENA_EMPTY;
	struct why why;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct change c = change_of(rows[i].line, rows[i].removed, &arena);

		why.text[0] = '\0';
		if (snapshot_change(s, &c, 1, 8, &next, &why) != rows[i].e)
			fail_msg("%s %s: %s", rows[i].removed ? "without" : "with", rows[i].line, why.text);
		if (rows[i].e == ERR_OK)
			snapshot_unref(next);
		else
			assert_true(why.text[0] != '\0');
	}
	snapshot_unref(s);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes_are_a_whole_build),
		cmocka_unit_test(test_what_is_shared),
		cmocka_unit_test(test_left_to_a_whole_build),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
