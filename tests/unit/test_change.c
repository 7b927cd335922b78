/*
 * Later versions of a snapshot: what they share with the one before, what they leave to a whole build, and
 * that after thousands of random changes they look and price like a whole build of the same records.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cart_json.h"
#include "change_model.h"

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
		lines[i] = (struct engine_line){.item = model_below(seed, ITEMS),
						.quantity = {(1 + model_below(seed, 3)) * INT64_C(1000000)},
						.given = MONEY_NONE,
						.locked = MONEY_NONE};
	char name[] = "segment001";
	name[9] = (char)('0' + model_below(seed, SEGMENTS + 1));
	*segment = catalog_id(&c->segments, name);
	return (struct engine_cart){
		.lines = lines,
		.count = LINES,
		.context = {.now_s = NOW,
			    .store = CATALOG_NONE,
			    .channel = CATALOG_NONE,
			    .segments = {segment, *segment != CATALOG_NONE},
			    .every_reason = model_below(seed, 2)},
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
	model_fill(&m, &seed);
	struct snapshot *s = model_build(&m, 1), *next;
	for (uint64_t version = 2; version < 2 + STEPS; version++) {
		size_t count = 1 + model_below(&seed, MOST);
		arena_reset(&arena);
		for (size_t i = 0; i < count; i++)
			changes[i] = model_step(&m, &seed, &arena);
		if (snapshot_change(s, changes, count, version, &next, &why))
			fail_msg("%s", why.text);
		if (model_below(&seed, 3) == 0)
			pin(&pinned[model_below(&seed, PINNED)], s, &seed);
		snapshot_unref(s);
		s = next;
		if (version % WHOLE_EVERY)
			continue;
		struct snapshot *w = model_build(&m, version);
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
	model_fill(&m, &seed);
	struct snapshot *s = model_build(&m, 1), *next;
	const struct catalog *c = snapshot_catalog(s);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct change changes[6] = {0};
		size_t count = 0;

		print_message("%s\n", rows[i].what);
		for (; rows[i].prices[count]; count++)
			changes[count].record = model_price(&m, rows[i].prices[count], 0, &arena);
		if (rows[i].promotion)
			changes[count++].record = model_promotion(&m, 1, &arena);
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
