/*
 * The extract of a sale: bodies by number, price rows by line and list; and back. See event.h.
 *
 * A price record that says more than article, list and price (which a later version of the catalog may write)
 * is kept whole: what comes out must be the very bytes that went in.
 */
#include "ledger_parts.h"

#include <string.h>

#define PRICE_BYTES_MAX 4096

/* The sale's record of a price row, as a price record. */
static enum err compose(const struct event_sale *sale, const struct sale_price *p, struct record *out)
{
	const struct sale_line *lines = sale->lines.at;
	const char *const *lists = sale->price_lists.at;

	if ((uint64_t)p->line >= sale->lines.count || (uint64_t)p->list >= sale->price_lists.count)
		return ERR_INVALID;
	*out = (struct record){.type = RECORD_PRICE};
	out->as.price.list = lists[p->list];
	out->as.price.sku = lines[p->line].sku;
	out->as.price.price = p->price;
	return ERR_OK;
}

static bool says_the_same(const struct event_sale *sale, const struct sale_price *p, const struct body *b)
{
	struct record r;
	struct buf buf;
	bool same = false;

	buf_init(&buf, PRICE_BYTES_MAX);
	if (!compose(sale, p, &r) && !record_encode(&r, &buf))
		same = buf_length(&buf) == b->length && memcmp(buf_front(&buf), b->cbor, b->length) == 0;
	buf_free(&buf);
	return same;
}

/* The first line of the article, or the number of lines. */
static size_t line_of(const struct event_sale *sale, const char *sku)
{
	const struct sale_line *lines = sale->lines.at;
	size_t i = 0;

	while (i < sale->lines.count && strcmp(lines[i].sku, sku) != 0)
		i++;
	return i;
}

/* The place of a list among those seen so far, of which it becomes one. lists has room. */
static size_t list_of(struct event_sale *sale, const char **lists, const char *id)
{
	size_t i = 0;

	while (i < sale->price_lists.count && strcmp(lists[i], id) != 0)
		i++;
	if (i == sale->price_lists.count) {
		lists[i] = id;
		sale->price_lists.count++;
	}
	return i;
}

static enum err pack_price(struct event_sale *sale, const struct body *b, const char **lists, struct arena *a,
			   struct sale_price *out, struct why *why)
{
	size_t known = sale->price_lists.count;
	struct record r;
	enum err e = record_decode(RECORD_PRICE, b->cbor, b->length, a, &r, why);

	if (e) {
		why_prefix(why, "extract: price: ");
		return e;
	}
	*out = (struct sale_price){
		.line = (int64_t)line_of(sale, r.as.price.sku),
		.list = (int64_t)list_of(sale, lists, r.as.price.list),
		.price = r.as.price.price,
	};
	if (says_the_same(sale, out, b))
		return ERR_OK;
	sale->price_lists.count = known;
	*out = (struct sale_price){.price = MONEY_NONE, .cbor = {b->cbor, b->length}};
	return ERR_OK;
}

enum err ledger_pack_extract(const struct body *bodies, const int64_t *numbers, size_t count, struct arena *a,
			     struct event_sale *sale, struct why *why)
{
	struct sale_body *refs = arena_get(a, count * sizeof(*refs) + 1);
	struct sale_price *prices = arena_get(a, count * sizeof(*prices) + 1);
	const char **lists = arena_get(a, count * sizeof(*lists) + 1);

	if (!refs || !prices || !lists)
		return fail(why, ERR_MEMORY, "out of memory");
	sale->bodies = (struct list){refs, 0};
	sale->prices = (struct list){prices, 0};
	sale->price_lists = (struct list){lists, 0};
	for (size_t i = 0; i < count; i++) {
		enum err e;

		if (bodies[i].type != RECORD_PRICE) {
			refs[sale->bodies.count++].number = numbers[i];
			continue;
		}
		e = pack_price(sale, &bodies[i], lists, a, &prices[sale->prices.count++], why);
		if (e)
			return e;
	}
	return ERR_OK;
}

enum err ledger_unpack_price(const struct event_sale *sale, const struct sale_price *p, struct arena *a,
			     struct body *out, struct why *why)
{
	struct bytes cbor = p->cbor;
	struct record r;
	struct buf buf;

	if (!cbor.at) {
		if (compose(sale, p, &r))
			return fail(why, ERR_INVALID, "order '%s': a price of no line or list", sale->order);
		buf_init(&buf, PRICE_BYTES_MAX);
		if (!record_encode(&r, &buf))
			cbor.at = (const uint8_t *)arena_text(a, (const char *)buf_front(&buf),
							      buf_length(&buf));
		cbor.length = buf_length(&buf);
		buf_free(&buf);
		if (!cbor.at)
			return fail(why, ERR_MEMORY, "out of memory");
	}
	*out = (struct body){.type = RECORD_PRICE, .cbor = cbor.at, .length = cbor.length};
	body_hash(RECORD_PRICE, cbor.at, cbor.length, out->hash);
	return ERR_OK;
}
