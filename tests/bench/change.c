/*
 * A changed catalog, as the loader makes it: rounds of changes written to catalog.db by a writer and followed
 * by a reader, beside the whole build that the same reader would do otherwise. Every snapshot is asked for a
 * price that was changed. See tests/bench/change.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog_store.h"
#include "goods.h"
#include "measure.h"

/* Changes of a round: one price, a feed of 10,000 a minute in a second, in a twentieth of it, a promotion. */
enum round { ONE, SECOND, GULP, PROMOTION, ROUNDS };
static const struct {
	const char *metric;
	size_t prices;
	bool promotion;
} rounds[ROUNDS] = {
	[ONE] = {"one_price", 1, false},
	[SECOND] = {"prices_170", 170, false},
	[GULP] = {"prices_9", 9, false},
	[PROMOTION] = {"promotion", 0, true},
};

struct bench {
	const char *path;
	struct goods goods;
	struct catalog_store *writer, *reader;
	struct snapshot *snapshot;
	struct samples follow[ROUNDS], pages[ROUNDS], whole;
	uint64_t seed;
};

static void must(enum err e, const struct why *why)
{
	if (e)
		measure_fail("%s", why->text);
}

static void put_price(struct bench *b, const struct good *g, int64_t minor)
{
	const struct record r = {.type = RECORD_PRICE,
				 .as.price = {.list = GOODS_LIST, .sku = g->sku, .price = {minor}}};
	struct why why;

	must(catalog_store_put(b->writer, &r, &why), &why);
}

static void put_promotion(struct bench *b, int64_t minor)
{
	const struct record_give give = {.kind = GIVE_AMOUNT,
					 .percent = {AMOUNT_NONE},
					 .amount = {minor},
					 .per = AMOUNT_NONE,
					 RECORD_GIVE_REST};
	const struct record r = {
		.type = RECORD_PROMOTION,
		.as.promotion = {
			.id = "changed", .name = "changed", .status = PROMOTION_ACTIVE, .gives = {&give, 1}}};
	struct why why;

	must(catalog_store_put(b->writer, &r, &why), &why);
}

/* Puts other prices, and returns the last article that got one. */
static const struct good *write_round(struct bench *b, enum round round, int64_t minor)
{
	const struct good *g = NULL;
	uint64_t version;
	struct why why;

	must(catalog_store_begin(b->writer, false, &why), &why);
	for (size_t i = 0; i < rounds[round].prices; i++) {
		g = &b->goods.at[measure_random(&b->seed) % b->goods.count];
		put_price(b, g, minor);
	}
	if (rounds[round].promotion)
		put_promotion(b, minor);
	must(catalog_store_commit(b->writer, &version, &why), &why);
	return g;
}

static void check_price(const struct snapshot *s, const struct good *g, int64_t minor)
{
	const struct catalog *c = snapshot_catalog(s);
	uint32_t item;

	if (catalog_find_sku(c, g->sku, &item))
		measure_fail("%s: it is gone", g->sku);
	for (unsigned i = 0; i < catalog_item(c, item)->prices; i++)
		if (strcmp(c->lists[catalog_prices(c, item)[i].list].id, GOODS_LIST) == 0 &&
		    catalog_prices(c, item)[i].price.minor == minor)
			return;
	measure_fail("%s: its price was not changed", g->sku);
}

static uint32_t pages_copied(const struct catalog *before, const struct catalog *after)
{
	uint32_t copied = 0;

	for (uint32_t i = 0; i < after->page_count; i++)
		copied += before->pages[i] != after->pages[i];
	return copied;
}

static void follow(struct bench *b, enum round round, int64_t minor)
{
	const struct good *g = write_round(b, round, minor);
	struct snapshot *next;
	int64_t began = measure_now_ns();
	struct why why;

	must(catalog_store_follow(b->reader, b->snapshot, &next, &why), &why);
	samples_add(&b->follow[round], (double)(measure_now_ns() - began) / 1e3);
	samples_add(&b->pages[round], pages_copied(snapshot_catalog(b->snapshot), snapshot_catalog(next)));
	if (g)
		check_price(next, g, minor);
	snapshot_unref(b->snapshot);
	b->snapshot = next;
}

static void build_whole(struct bench *b)
{
	struct snapshot *s;
	int64_t began = measure_now_ns();
	struct why why;

	must(catalog_store_load(b->reader, &s, &why), &why);
	samples_add(&b->whole, (double)(measure_now_ns() - began) / 1e3);
	snapshot_unref(b->snapshot);
	b->snapshot = s;
}

int main(int argc, char **argv)
{
	static struct bench b = {.seed = 1};
	struct report r = {"change", argc == 5 && !strcmp(argv[4], "--json")};
	struct why why;
	long runs;

	if (argc < 4 || (argc == 5 && !r.json))
		measure_fail("usage: change CATALOG BOOK RUNS [--json]");
	b.path = argv[1];
	runs = strtol(argv[3], NULL, 10);
	goods_load(argv[2], &b.goods);
	must(catalog_store_open_writer(b.path, &b.writer, &why), &why);
	must(catalog_store_open_reader(b.path, &b.reader, &why), &why);
	for (long i = 0; i < runs; i++) {
		build_whole(&b);
		for (int64_t k = 0; k < 10; k++)
			for (enum round round = 0; round < ROUNDS; round++)
				follow(&b, round, 1 + i * 10 + k);
	}
	report_note(&r,
		    "%ld rounds; %zu articles on %u pages, %zu promotions; the floor is the whole build\n",
		    runs, b.goods.count, snapshot_catalog(b.snapshot)->page_count, b.goods.promotions);
	report_head(&r);
	report_rounds(&r, "whole", "us", &b.whole, NULL, NULL);
	for (enum round round = 0; round < ROUNDS; round++) {
		char pages[64];

		report_rounds(&r, rounds[round].metric, "us", &b.follow[round], &b.whole, NULL);
		snprintf(pages, sizeof(pages), "%s_pages", rounds[round].metric);
		report_rounds(&r, pages, "pages", &b.pages[round], NULL, NULL);
	}
	snapshot_unref(b.snapshot);
	catalog_store_close(b.reader);
	catalog_store_close(b.writer);
	goods_free(&b.goods);
	return 0;
}
