/*
 * Look-ups in a catalog: articles by SKU and GTIN, over pages and collisions, names and promotions.
 */
#include "mini_catalog.h"

#include <stdio.h>
#include <string.h>

static void by_sku_over_pages(void **state)
{
	enum { MANY = 3 * ITEM_PAGE_ITEMS + 7 };
	struct mini *m = mini_new();
	const struct catalog *c;
	char sku[16];
	uint32_t item;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		snprintf(sku, sizeof(sku), "SKU-%d", i);
		mini_item(m, sku, i);
	}
	c = mini_finish(m);
	assert_int_equal(c->page_count, 4);
	for (uint32_t i = 0; i < MANY; i++) {
		snprintf(sku, sizeof(sku), "SKU-%u", i);
		assert_int_equal(catalog_find_sku(c, sku, &item), ERR_OK);
		assert_int_equal(item, i);
		assert_string_equal(catalog_sku(c, i), sku);
		assert_string_equal(catalog_name(c, i), sku);
		assert_int_equal(catalog_prices(c, i)->price.minor, i);
		assert_null(catalog_tags(c, i));
	}
	assert_int_equal(catalog_find_sku(c, "SKU-99999", &item), ERR_NOT_FOUND);
	assert_int_equal(catalog_find_sku(c, "SKU-", &item), ERR_NOT_FOUND);
	assert_int_equal(catalog_find_sku(c, "", &item), ERR_NOT_FOUND);
	mini_free(m);
}

static void by_gtin(void **state)
{
	enum { BEE, ANT, CAT, DOG };
	static const struct {
		uint64_t gtin;
		uint32_t size;
		enum err e;
		uint32_t count;
		uint32_t items[3];
	} rows[] = {
		/* GTIN, room for, error, how many in all, articles by SKU; 99 stands for "not written" */
		{4006381333931, 3, ERR_OK, 1, {DOG, 99, 99}},
		{5901234123457, 3, ERR_AMBIGUOUS, 3, {ANT, BEE, CAT}},
		{5901234123457, 2, ERR_AMBIGUOUS, 3, {ANT, BEE, 99}},
		{5901234123457, 1, ERR_AMBIGUOUS, 3, {ANT, 99, 99}},
		{5901234123457, 0, ERR_AMBIGUOUS, 3, {99, 99, 99}},
		{4006381333932, 3, ERR_NOT_FOUND, 0, {99, 99, 99}},
		{0, 3, ERR_NOT_FOUND, 0, {99, 99, 99}},
	};
	struct mini *m = mini_new();
	const struct catalog *c;

	(void)state;
	mini_item(m, "BEE", 1);
	mini_item(m, "ANT", 1);
	mini_item(m, "CAT", 1);
	mini_item(m, "DOG", 1);
	mini_gtin(m, 5901234123457, CAT);
	mini_gtin(m, 5901234123457, BEE);
	mini_gtin(m, 4006381333931, DOG);
	mini_gtin(m, 5901234123457, ANT);
	c = mini_finish(m);
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t items[3] = {99, 99, 99}, count = 77;

		assert_int_equal(catalog_find_gtin(c, rows[i].gtin, items, rows[i].size, &count), rows[i].e);
		assert_int_equal(count, rows[i].count);
		assert_memory_equal(items, rows[i].items, sizeof(items));
	}
	mini_free(m);
}

/* Any number of GTINs at 3/4 full or less, so that chains wrap round the end of the table. */
static void gtins_that_collide(void **state)
{
	struct mini *m = mini_new();
	const struct catalog *c;
	uint32_t item, count;

	(void)state;
	for (uint32_t i = 0; i < 300; i++) {
		mini_item(m, "same", 1);
		mini_gtin(m, 4000000000000 + i * UINT64_C(4096), i);
	}
	c = mini_finish(m);
	for (uint32_t i = 0; i < 300; i++) {
		assert_int_equal(catalog_find_gtin(c, 4000000000000 + i * UINT64_C(4096), &item, 1, &count),
				 ERR_OK);
		assert_int_equal(item, i);
		assert_int_equal(catalog_find_gtin(c, 4000000000001 + i * UINT64_C(4096), &item, 1, &count),
				 ERR_NOT_FOUND);
	}
	mini_free(m);
}

static void nothing_in_it(void **state)
{
	struct catalog empty = {.version = 1};
	uint32_t item, count;

	(void)state;
	assert_int_equal(catalog_find_gtin(&empty, 1, &item, 1, &count), ERR_NOT_FOUND);
	assert_int_equal(catalog_find_sku(&empty, "ALE", &item), ERR_NOT_FOUND);
	assert_int_equal(catalog_id(&empty.stores, "here"), CATALOG_NONE);
	assert_int_equal(catalog_promotion(&empty, "bogo"), CATALOG_NONE);
}

static void names_and_promotions(void **state)
{
	static const char *const stores[] = {"north", "south", "", "North"};
	static const struct names names = {stores, 4};
	static const char *const ids[] = {"a", "aa", "b", "c", "cc"};
	static const struct give give = {.kind = GIVE_PERCENT};
	struct mini *m = mini_new();
	const struct catalog *c;

	(void)state;
	for (uint32_t i = 0; i < COUNT(ids); i++) {
		struct promotion p = PROMOTION(ids[i], .gives = &give, .give_count = 1);

		mini_promotion(m, &p);
	}
	c = mini_finish(m);
	for (uint32_t i = 0; i < COUNT(ids); i++)
		assert_int_equal(catalog_promotion(c, ids[i]), i);
	assert_int_equal(catalog_promotion(c, ""), CATALOG_NONE);
	assert_int_equal(catalog_promotion(c, "ab"), CATALOG_NONE);
	assert_int_equal(catalog_promotion(c, "d"), CATALOG_NONE);
	for (uint32_t i = 0; i < COUNT(stores); i++)
		assert_int_equal(catalog_id(&names, stores[i]), i);
	assert_int_equal(catalog_id(&names, "nort"), CATALOG_NONE);
	mini_free(m);
}

/* Hashes are part of a contract between builder and look-up, on any machine: FNV-1a's published test vector.
 */
static void hashes(void **state)
{
	(void)state;
	assert_int_equal(catalog_hash_text(""), 0x811c9dc5 ^ 0x811c9dc5 >> 15);
	assert_int_equal(catalog_hash_text("foobar"), 0xbf9cf968 ^ 0xbf9cf968 >> 15);
	assert_int_equal(catalog_hash_gtin(0), 0);
	assert_int_not_equal(catalog_hash_gtin(1), catalog_hash_gtin(2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_sku_over_pages),	cmocka_unit_test(by_gtin),
		cmocka_unit_test(gtins_that_collide),	cmocka_unit_test(nothing_in_it),
		cmocka_unit_test(names_and_promotions), cmocka_unit_test(hashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
