/*
 * Straight into catalog.db. See feed_sink.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "catalog_store.h"
#include "feed_sink.h"

struct feed_sink {
	struct catalog_store *store;
	struct box box;
	const struct goods *goods;
};

static void must(enum err e, const struct why *why)
{
	if (e)
		measure_fail("the writer of changes: %s", why->text);
}

struct feed_sink *feed_sink_open(struct feed *feed, const struct box *b, const struct goods *goods)
{
	struct feed_sink *s = measure_memory(1, sizeof(*s));
	char path[300];
	struct why why;

	(void)feed;
	s->goods = goods;
	snprintf(path, sizeof(path), "%s/catalog.db", b->dir);
	must(catalog_store_open_writer(path, &s->store, &why), &why);
	box_connect(b, &s->box);
	return s;
}

void feed_sink_write(struct feed_sink *s, const struct feed_change *changes, unsigned count)
{
	uint64_t version;
	struct why why;

	must(catalog_store_begin(s->store, false, &why), &why);
	for (unsigned i = 0; i < count; i++) {
		struct record record = {.type = RECORD_PRICE, .as.price.list = GOODS_LIST};

		record.as.price.sku = s->goods->at[changes[i].good].sku;
		record.as.price.price.minor = changes[i].price;
		must(catalog_store_put(s->store, &record, &why), &why);
	}
	must(catalog_store_commit(s->store, &version, &why), &why);
	json_decref(box_ask(&s->box, "refresh", ""));
}

void feed_sink_close(struct feed_sink *s)
{
	catalog_store_close(s->store);
	free(s);
}

void feed_sink_report(const struct feed *feed, const struct report *r)
{
	(void)feed, (void)r;
}
