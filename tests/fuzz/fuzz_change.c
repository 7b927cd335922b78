/*
 * Files of changes from anybody, into the catalog.db of a small shop as `tillctl import --changes` takes
 * them. One that is refused leaves the catalog as it was. After one that is taken the catalog can be read
 * whole, and the daemon, which follows the change log instead, gets the same: the same articles, and the same
 * cart costs the same.
 */
#include "unit.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cart_json.h"
#include "catalog_store.h"
#include "fuzz.h"
#include "scratch.h"
#include "small_book.h"

#define NOON	     1792576800 /* 2026-10-21T10:00:00Z */
#define LINES_MAX    64
#define SEGMENTS_MAX 64

static struct shop {
	struct scratch scratch;
	char path[SCRATCH_PATH_MAX], book[SCRATCH_PATH_MAX], input[64];
	int fd; /* of the input, in memory */
	struct snapshot *base;
	bool changed; /* the catalog is no longer as it was */
} shop;

static void close_shop(void)
{
	snapshot_unref(shop.base);
	close(shop.fd);
	scratch_free(&shop.scratch);
}

static void write_book(void)
{
	FILE *f = fopen(shop.book, "we");

	assert(f);
	for (size_t i = 0; small_book[i]; i++)
		fprintf(f, "%s\n", small_book[i]);
	assert(fclose(f) == 0);
}

static struct catalog_store *reader(void)
{
	struct catalog_store *s = NULL;
	struct why why;

	if (catalog_store_open_reader(shop.path, &s, &why))
		fail_msg("%s", why.text);
	return s;
}

static struct snapshot *whole(struct catalog_store *s)
{
	struct snapshot *out = NULL;
	struct why why;

	if (catalog_store_load(s, &out, &why))
		fail_msg("what was taken does not make a catalog: %s", why.text);
	return out;
}

/* As it was at first, as its first version. */
static void start_over(void)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	struct why why;
	uint64_t version;

	for (size_t i = 0; i < COUNT(ends); i++) {
		char name[SCRATCH_PATH_MAX + 8];

		snprintf(name, sizeof(name), "%s%s", shop.path, ends[i]);
		(void)unlink(name);
	}
	if (catalog_import(shop.path, shop.book, NULL, NULL, NULL, &version, NULL, &why))
		fail_msg("%s", why.text);
	assert(version == 1);
	shop.changed = false;
}

static void open_shop(void)
{
	struct catalog_store *s;

	scratch_new(&shop.scratch);
	memcpy(shop.path, scratch_path(&shop.scratch, "catalog.db"), sizeof(shop.path));
	memcpy(shop.book, scratch_path(&shop.scratch, "book.jsonl"), sizeof(shop.book));
	shop.fd = memfd_create("changes", MFD_CLOEXEC);
	assert(shop.fd >= 0);
	snprintf(shop.input, sizeof(shop.input), "/proc/self/fd/%d", shop.fd);
	write_book();
	start_over();
	s = reader();
	shop.base = whole(s);
	catalog_store_close(s);
	atexit(close_shop);
}

/* A cart with each article, as one of all segments would pay it; ERR_INVALID: an article has no price. */
static enum err evaluate(const struct catalog *c, struct buf *out)
{
	uint32_t segments[SEGMENTS_MAX], segment_count = 0, count = 0, bad_line;
	struct engine_line lines[LINES_MAX];
	struct engine_cart cart;
	struct engine_result r;
	size_t size;
	void *room;
	enum err e;

	for (; count < c->item_count && count < LINES_MAX; count++)
		lines[count] = (struct engine_line){
			.item = count, .quantity = {3000000}, .given = MONEY_NONE, .locked = MONEY_NONE};
	for (; segment_count < c->segments.count && segment_count < SEGMENTS_MAX; segment_count++)
		segments[segment_count] = segment_count;
	cart = (struct engine_cart){.lines = lines,
				    .count = count,
				    .context = {.now_s = NOON,
						.store = CATALOG_NONE,
						.channel = CATALOG_NONE,
						.segments = {segments, segment_count}}};
	size = engine_room_size(c, cart.count);
	room = malloc(size);
	assert(room);
	e = engine_evaluate(c, &cart, room, size, &r, &bad_line);
	if (!e)
		assert(evaluation_to_cbor(c, &r, out) == ERR_OK);
	free(room);
	return e;
}

static void check_same(const struct catalog *a, const struct catalog *b)
{
	struct buf one, two;
	enum err first, second;

	buf_init(&one, 4U << 20);
	buf_init(&two, 4U << 20);
	assert(a->version == b->version && a->item_count == b->item_count && a->list_count == b->list_count);
	assert(a->promotion_count == b->promotion_count);
	for (uint32_t i = 0; i < a->item_count; i++) {
		assert(strcmp(catalog_sku(a, i), catalog_sku(b, i)) == 0);
		assert(strcmp(catalog_name(a, i), catalog_name(b, i)) == 0);
		assert(catalog_item(a, i)->cost.minor == catalog_item(b, i)->cost.minor);
		assert(catalog_item(a, i)->prices == catalog_item(b, i)->prices);
		for (uint32_t k = 0; k < catalog_item(a, i)->prices; k++) {
			assert(catalog_prices(a, i)[k].list == catalog_prices(b, i)[k].list);
			assert(catalog_prices(a, i)[k].price.minor == catalog_prices(b, i)[k].price.minor);
		}
	}
	first = evaluate(a, &one);
	second = evaluate(b, &two);
	assert(first == second);
	assert(buf_length(&one) == buf_length(&two));
	assert(buf_length(&one) == 0 || memcmp(buf_front(&one), buf_front(&two), buf_length(&one)) == 0);
	buf_free(&one);
	buf_free(&two);
}

static void check_taken(uint64_t version)
{
	struct catalog_store *s = reader();
	struct snapshot *loaded = whole(s), *followed = NULL;
	struct why why;
	enum err e = catalog_store_follow(s, shop.base, &followed, &why);

	assert(snapshot_catalog(loaded)->version == version);
	if (e && e != ERR_STATE)
		fail_msg("what was taken cannot be followed: %s", why.text);
	if (!e)
		check_same(snapshot_catalog(followed), snapshot_catalog(loaded));
	snapshot_unref(followed);
	snapshot_unref(loaded);
	catalog_store_close(s);
}

static void check_refused(const struct why *why)
{
	struct catalog_store *s = reader();
	struct why other;
	uint64_t version = 0;

	assert(why->text[0] && strlen(why->text) < sizeof(why->text));
	assert(catalog_store_version(s, &version, &other) == ERR_OK && version == 1);
	catalog_store_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct why why = {0};
	uint64_t version = 0;

	if (!shop.base)
		open_shop();
	if (shop.changed)
		start_over();
	assert(ftruncate(shop.fd, 0) == 0 && pwrite(shop.fd, bytes, n, 0) == (ssize_t)n);
	if (catalog_import_changes(shop.path, shop.input, NULL, NULL, NULL, &version, NULL, &why)) {
		check_refused(&why);
		return 0;
	}
	shop.changed = version > 1;
	check_taken(version);
	return 0;
}
